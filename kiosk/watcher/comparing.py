"""One try to recognise: a challenge, one person all along, and a decision."""

import logging
import secrets
from collections.abc import Callable
from typing import Final, assert_never

from kiosk.ports import FlashTold
from kiosk.visit.calls import Evidence
from kiosk.visit.events import (
    ChallengeChanged,
    Event,
    FaceAmbiguous,
    FaceRecognised,
    FaceStranger,
    LivenessFailed,
)
from kiosk.watcher.flashing import Flashing
from vision.face.cues import Cues
from vision.face.eye import Decision, Eye, Look
from vision.face.flash import FlashChallenge, drawn_colours
from vision.face.liveness import (
    MISSED_FRAMES,
    STARTS,
    STRAIGHT_DEGREES,
    Direction,
    LivenessResult,
    TurnChallenge,
)
from vision.matching import Ambiguous, Gallery, Recognised, Stranger, Template, Turn, average, operating_point
from vision.quality import Hint

GOOD_FRAMES: Final = 2  # a single frame can be an accident of light
KEPT_FRAMES: Final = 4
SAME_TURNED: Final = 0.36  # cosine, ahead with 20 to 60 degrees; docs/sight.md, whose head turned
FLASH: Final = "flash"
_LOG = logging.getLogger(__name__)
_CHANCE: Final = secrets.SystemRandom()


class Comparing:
    """Holds what it saw of a face until it has a ``result``; drop it then."""

    def __init__(
        self,
        look_id: str,
        gallery: Gallery,
        challenge: str,
        *,
        turn: Turn | None = None,
        post: Callable[[Event], object],
        show: Callable[[FlashTold], None],
    ) -> None:
        """Begin.

        Args:
            look_id: Of the visit's look.
            gallery: The candidates.
            challenge: ``none``, ``flash``, ``turn_left`` or ``turn_right``.
            turn: The rotation that the candidates went through.
            post: Where a change of the challenge goes.
            show: Where the screen's colours go.
        """
        self.look_id = look_id
        self.gallery = gallery
        self.result: Event | None = None
        self._kept_by = turn
        self._post = post
        self._show = show
        self._turn = None if challenge in {"none", FLASH} else TurnChallenge(Direction(challenge.removeprefix("turn_")))
        self._flashing = self._a_flashing() if challenge == FLASH else None
        self._cues = Cues()
        self._flash_starts = 0
        self._missed = 0
        self._liveness = LivenessResult.NOT_CHECKED
        self._share = 0.0
        self._good: list[tuple[Look, Template]] = []
        self._before: list[Template] = []  # looking ahead, ahead of the turn: who it is that turns

    def see(self, eye: Eye, look: Look) -> tuple[str, float]:
        """Take in one frame; return what the shopper may do, and how far it is (0..1)."""
        if self._flashing is not None:
            return self._see_flashed(eye, self._flashing, look)
        seen = self._template(eye, look)
        if self._turn is not None:
            self._follow(self._turn, look, seen)
        if self._liveness is LivenessResult.FAILED:
            self.result = LivenessFailed(self.look_id)
            return look.quality.hint.value, 0.0
        if self._turn is not None and self._liveness is not LivenessResult.PASSED:
            follows = look.face is not None and bool(self._before)
            hint = f"turn_{self._turn.direction.value}" if follows else look.quality.hint.value
            return hint, 0.9 * self._share
        # After a turn the face must be good again: what is compared is what turned.
        if look.is_good and seen is not None:
            self._good = _of_one_person([*self._good, (look, seen)])[-KEPT_FRAMES:]
            if len(self._good) >= GOOD_FRAMES:
                return self._decide(eye)
        return look.quality.hint.value, 0.9 * min(1.0, len(self._good) / GOOD_FRAMES)

    def shown(self, look_id: str, place: int, at_ns: int) -> None:
        """Take the page's word about a colour."""
        if self._flashing is not None:
            self._flashing.shown(look_id, place, at_ns)

    def end(self) -> None:
        """Leave no colour on the screen."""
        if self._flashing is not None:
            self._flashing.end()

    def _see_flashed(self, eye: Eye, flashing: Flashing, look: Look) -> tuple[str, float]:
        """Show colours to one good face and watch it answer; only good frames count, since only they tell who it is."""
        if not look.is_good or look.face is None:
            return self._see_nobody(flashing, look)
        self._missed = 0
        seen = eye.template_of([look])
        if self._good and not _is_same(self._good[0][1], seen):
            return self._flash_again(look)
        self._good = [*self._good[-KEPT_FRAMES + 1 :], (look, seen)]
        flashing.challenge.observe(look.frame, look.face)
        self._cues.observe(look.frame, look.face)
        flashing.tick(look.frame.captured_at_ns)
        if flashing.is_lost:
            return self._turn_instead()
        return self._judge(eye, flashing, look) if flashing.is_over else (FLASH, 0.9 * flashing.share)

    def _judge(self, eye: Eye, flashing: Flashing, look: Look) -> tuple[str, float]:
        match flashing.challenge.evidence().result:
            case LivenessResult.PASSED:
                against = [cue for cue in self._cues.seen() if cue.is_against]
                if against:
                    _LOG.info("a turn is asked for: %s", "; ".join(cue.reason for cue in against))
                    return self._turn_instead()
                self._liveness = LivenessResult.PASSED
                return self._decide(eye)
            case LivenessResult.FAILED:
                self.result = LivenessFailed(self.look_id)
                return look.quality.hint.value, 0.0
            case LivenessResult.NOT_CHECKED:
                return self._turn_instead()  # too bright, too few frames, or neither a head nor a sheet for sure
            case result:
                assert_never(result)

    def _see_nobody(self, flashing: Flashing, look: Look) -> tuple[str, float]:
        self._missed += 1
        if flashing.has_begun:
            flashing.tick(look.frame.captured_at_ns)
            if self._missed >= MISSED_FRAMES:
                return self._flash_again(look)
            if flashing.is_over or flashing.is_lost:
                return self._turn_instead()
        return look.quality.hint.value, 0.9 * flashing.share

    def _flash_again(self, look: Look) -> tuple[str, float]:
        """Begin anew, as for another face; not without end."""
        self.end()
        self._flash_starts += 1
        self._good, self._missed = [], 0
        self._flashing, self._cues = self._a_flashing(), Cues()
        if self._flash_starts >= STARTS:
            self.result = LivenessFailed(self.look_id)
        return look.quality.hint.value, 0.0

    def _turn_instead(self) -> tuple[str, float]:
        direction = _CHANCE.choice(list(Direction))
        self._turn, self._flashing, self._good = TurnChallenge(direction), None, []
        self._post(ChallengeChanged(self.look_id, f"turn_{direction.value}"))
        return f"turn_{direction.value}", 0.0

    def _a_flashing(self) -> Flashing:
        return Flashing(self.look_id, FlashChallenge(drawn_colours(_CHANCE)), self._show)

    def _template(self, eye: Eye, look: Look) -> Template | None:
        """Return who is in a frame, if that can be told: it is good, or turned so far that it counts as turned."""
        turned = self._turn is not None and look.face is not None and self._turn.is_turned(look.face)
        return eye.template_of([look]) if look.is_good or turned else None

    def _follow(self, challenge: TurnChallenge, look: Look, seen: Template | None) -> None:
        """Take a frame of a challenge: one person before, during and after the turn, or it begins anew.

        Somebody who turns their own head and then lifts a picture of somebody else would otherwise pay as the other.
        """
        starts = challenge.starts
        progress = challenge.observe(look.face)
        if challenge.starts == starts and seen is not None and not self._is_who_began(challenge, look, seen):
            progress = challenge.start_over()
        if progress.result is LivenessResult.PASSED and not self._before:
            progress = challenge.start_over()  # nobody knows who turned: every frame ahead of it was poor
        if challenge.starts != starts:
            self._good, self._before = [], []
        elif seen is not None and progress.result is LivenessResult.NOT_CHECKED and _is_ahead(look):
            self._before = [*self._before, seen][:KEPT_FRAMES]
        self._liveness, self._share = progress.result, progress.share

    def _is_who_began(self, challenge: TurnChallenge, look: Look, seen: Template) -> bool:
        if not self._before:
            return True
        turned = look.face is not None and challenge.is_turned(look.face)
        alike = float(average(self._before).vector @ seen.vector)
        return alike >= (SAME_TURNED if turned else operating_point(1).threshold)

    def _decide(self, eye: Eye) -> tuple[str, float]:
        if eye.sees_attack([look for look, _ in self._good]):
            self.result = LivenessFailed(self.look_id)
            return Hint.OK.value, 1.0
        if not len(self.gallery):
            self.result = FaceStranger(self.look_id)
            return Hint.OK.value, 1.0
        decision = eye.recognise([look for look, _ in self._good], self.gallery, turn=self._kept_by)
        match decision.outcome:
            case Recognised() as recognised:
                evidence = _evidence(recognised, decision, len(self.gallery), self._liveness)
                self.result = FaceRecognised(self.look_id, recognised.reference_id, evidence)
            case Ambiguous():
                self.result = FaceAmbiguous(self.look_id)
            case Stranger():
                self.result = FaceStranger(self.look_id)
            case _:
                assert_never(decision.outcome)
        return Hint.OK.value, 1.0


def _evidence(found: Recognised, decision: Decision, candidates: int, liveness: LivenessResult) -> Evidence:
    """Return how sure it was, on the scale that decided: cosines, or deviations where both models were heard."""
    point = decision.point
    fused = found.fused_score is not None
    return Evidence(
        score=round(found.score if found.fused_score is None else found.fused_score, 4),
        margin=round(found.margin, 4),
        threshold=round(point.fused_threshold if fused else point.threshold, 4),
        candidates=candidates,
        liveness="passed" if liveness is LivenessResult.PASSED else "not_checked",
    )


def _is_ahead(look: Look) -> bool:
    return look.is_good and abs(look.quality.yaw_degrees) <= STRAIGHT_DEGREES


def _is_same(one: Template, other: Template) -> bool:
    return float(one.vector @ other.vector) >= operating_point(1).threshold


def _of_one_person(good: list[tuple[Look, Template]]) -> list[tuple[Look, Template]]:
    """Return the looks at the newest person: somebody else stepping in begins anew."""
    _, newest = good[-1]
    return good if all(_is_same(newest, other) for _, other in good[:-1]) else good[-1:]

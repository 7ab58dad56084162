"""Faces in frames: compare one with a few opened references, or take captures for a new one.

Everything of a face lives here, in memory, for as long as one look lasts: candidates, opened references, templates. The
visit only ever hears of an opaque reference id, how sure the match was, or sealed bytes.
"""

import base64
import binascii
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, assert_never

from kiosk.ports import LookTold
from kiosk.visit.calls import Evidence
from kiosk.visit.effects import BeginCapture, BeginLook, DropFaces, ForgetReferences, LookEffect, TakeCapture
from kiosk.visit.events import (
    CaptureRefused,
    CaptureTaken,
    Event,
    FaceAmbiguous,
    FaceHinted,
    FaceRecognised,
    FaceSealed,
    FaceStranger,
    LivenessFailed,
)
from kiosk.visit.sight import Role
from kiosk.visit.values import Candidate
from models import SFACE, ModelId
from vision.errors import VisionError
from vision.face.eye import Eye, Look
from vision.face.liveness import STRAIGHT_DEGREES, Direction, LivenessResult, TurnChallenge
from vision.frame import Frame
from vision.matching import (
    Ambiguous,
    Gallery,
    Recognised,
    ReferenceId,
    SealKey,
    Stranger,
    Template,
    average,
    open_sealed,
    operating_point,
    seal,
)
from vision.quality import Hint

GOOD_FRAMES: Final = 2  # a single frame can be an accident of light
KEPT_FRAMES: Final = 4
MOST_ALIKE: Final = 0.995  # cosine; the same picture twice gives 1.0, and a mean of copies is no mean
APART_NS: Final = 600_000_000  # between captures: a head moves a little in it
HINT_STEP: Final = 0.1  # progress smaller than this is no news to the visit
STILL_FRAMES: Final = 3
SAME_TURNED: Final = 0.36  # cosine, ahead with 20 to 60 degrees; docs/sight.md, whose head turned
_LOG = logging.getLogger(__name__)


@dataclass(slots=True)
class _Comparing:
    """One try to recognise."""

    look_id: str
    gallery: Gallery
    challenge: TurnChallenge | None
    liveness: LivenessResult = LivenessResult.NOT_CHECKED
    share: float = 0.0
    good: list[tuple[Look, Template]] = field(default_factory=list)
    before: list[Template] = field(default_factory=list)  # looking ahead, ahead of the turn: who it is that turns
    told: tuple[str, float] = ("", 0.0)


@dataclass(slots=True)
class _Capturing:
    """One row of captures."""

    look_id: str
    reference_id: ReferenceId
    wanted: int
    armed: bool = False
    taken: list[Template] = field(default_factory=list)
    last_ns: int = 0
    told: tuple[str, float] = ("", 0.0)


class FaceBooth:
    """What the visit asked to be done with faces. Orders come from the loop's thread, frames from one camera's."""

    def __init__(
        self,
        open_eye: Callable[[], Eye],
        key: SealKey,
        post: Callable[[Event], object],
        tell: Callable[[LookTold], None],
    ) -> None:
        """Get ready.

        Args:
            open_eye: Opens what detects, judges and embeds; called once, by ``warm`` or at the first look.
            key: The store's key, which opens and seals references.
            post: Where results go.
            tell: Where the place of the face goes, for the page to draw.
        """
        self._open_eye = open_eye
        self._opened_eye: Eye | None = None
        self._opening = threading.Lock()
        self._key = key
        self._post = post
        self._tell = tell
        self._lock = threading.Lock()
        self._work: _Comparing | _Capturing | None = None

    @property
    def _eye(self) -> Eye:
        with self._opening:
            if self._opened_eye is None:
                self._opened_eye = self._open_eye()
            return self._opened_eye

    def warm(self) -> None:
        """Open the networks now, which takes over a second, rather than at the first look.

        Raises:
            ModelError: Weights are missing or not the right ones.
        """
        _ = self._eye

    @property
    def is_empty(self) -> bool:
        """Say whether nothing of a face is held."""
        return self._work is None

    def carry_out(self, effect: LookEffect) -> None:
        """Begin, arm, or forget; returns at once."""
        with self._lock:
            match effect:
                case BeginLook():
                    self._work = self._comparing(effect)
                case BeginCapture(look_id=look_id, reference_id=reference_id, wanted=wanted):
                    self._work = _Capturing(look_id, ReferenceId(reference_id), wanted)
                case TakeCapture(look_id=look_id):
                    if isinstance(self._work, _Capturing) and self._work.look_id == look_id:
                        self._work.armed = True
                case DropFaces():
                    self._work = None
                case ForgetReferences(reference_ids=forgotten):
                    if isinstance(self._work, _Comparing):
                        gone = [ReferenceId(one) for one in forgotten]
                        self._work.gallery = self._work.gallery.without(gone)
                case _:
                    assert_never(effect)

    def see(self, frame: Frame) -> None:
        """Look at one frame for whatever was asked for."""
        work = self._work
        if work is None:
            return  # the candidates are not here yet: the picture goes no further
        look = self._eye.look(frame)
        with self._lock:
            if self._work is not work:
                return  # dropped while we looked
            hint, progress = self._compare(work, look) if isinstance(work, _Comparing) else self._capture(work, look)
            if self._work is work and (hint != work.told[0] or abs(progress - work.told[1]) >= HINT_STEP):
                work.told = (hint, progress)
                self._post(FaceHinted(work.look_id, hint, progress))
        box = None if look.face is None else look.face.box.of_frame(frame.width_px, frame.height_px)
        self._tell(LookTold(Role.FACE, box, hint, progress))

    def see_still(self, frame: Frame) -> int:
        """Look at one still picture as at a few frames; a head turn cannot be seen in it. Return the faces in it."""
        for turn in range(STILL_FRAMES):
            self.see(Frame(frame.image, frame.captured_at_ns + turn))
        return len(self._eye.look(frame).faces)

    def _comparing(self, order: BeginLook) -> _Comparing:
        gallery = Gallery.of(SFACE, dict(self._opened(order.candidates)))
        return _Comparing(order.look_id, gallery, _challenge(order.challenge))

    def _opened(self, candidates: tuple[Candidate, ...]) -> list[tuple[ReferenceId, Template]]:
        opened: list[tuple[ReferenceId, Template]] = []
        for candidate in candidates:
            reference_id, model_id = ReferenceId(candidate.reference_id), ModelId(candidate.model_id)
            try:
                sealed = base64.b64decode(candidate.sealed, validate=True)
                template = open_sealed(sealed, self._key, reference_id, model_id)
            except (VisionError, binascii.Error) as problem:
                _LOG.warning("a reference does not open: %s", type(problem).__name__)
                continue
            if template.model_id == SFACE:
                opened.append((reference_id, template))
        return opened

    def _compare(self, work: _Comparing, look: Look) -> tuple[str, float]:
        seen = self._template(work, look)
        if work.challenge is not None:
            self._follow(work, work.challenge, look, seen)
        if work.liveness is LivenessResult.FAILED:
            self._finish(LivenessFailed(work.look_id))
            return look.quality.hint.value, 0.0
        if work.challenge is not None and work.liveness is not LivenessResult.PASSED:
            follows = look.face is not None and bool(work.before)
            hint = f"turn_{work.challenge.direction.value}" if follows else look.quality.hint.value
            return hint, 0.9 * work.share
        # After a turn the face must be good again: what is compared is what turned.
        if look.is_good and seen is not None:
            work.good = _of_one_person([*work.good, (look, seen)])[-KEPT_FRAMES:]
            if len(work.good) >= GOOD_FRAMES:
                self._decide(work)
                return Hint.OK.value, 1.0
        return look.quality.hint.value, 0.9 * min(1.0, len(work.good) / GOOD_FRAMES)

    def _template(self, work: _Comparing, look: Look) -> Template | None:
        """Return who is in a frame, if that can be told: it is good, or turned so far that it counts as turned."""
        turned = work.challenge is not None and look.face is not None and work.challenge.is_turned(look.face)
        return self._eye.template_of([look]) if look.is_good or turned else None

    def _follow(self, work: _Comparing, challenge: TurnChallenge, look: Look, seen: Template | None) -> None:
        """Take a frame of a challenge: one person before, during and after the turn, or it begins anew.

        Somebody who turns their own head and then lifts a picture of somebody else would otherwise pay as the other.
        """
        starts = challenge.starts
        progress = challenge.observe(look.face)
        if challenge.starts == starts and seen is not None and not _is_who_began(work, challenge, look, seen):
            progress = challenge.start_over()
        if progress.result is LivenessResult.PASSED and not work.before:
            progress = challenge.start_over()  # nobody knows who turned: every frame ahead of it was poor
        if challenge.starts != starts:
            work.good, work.before = [], []
        elif seen is not None and progress.result is LivenessResult.NOT_CHECKED and _is_ahead(look):
            work.before = [*work.before, seen][:KEPT_FRAMES]
        work.liveness, work.share = progress.result, progress.share

    def _decide(self, work: _Comparing) -> None:
        if not len(work.gallery):
            self._finish(FaceStranger(work.look_id))
            return
        decision = self._eye.recognise([look for look, _ in work.good], work.gallery)
        match decision.outcome:
            case Recognised(reference_id=reference_id, score=score, margin=lead):
                evidence = Evidence(
                    score=round(score, 4),
                    margin=round(lead, 4),
                    threshold=round(decision.point.threshold, 4),
                    candidates=len(work.gallery),
                    liveness="passed" if work.liveness is LivenessResult.PASSED else "not_checked",
                )
                self._finish(FaceRecognised(work.look_id, reference_id, evidence))
            case Ambiguous():
                self._finish(FaceAmbiguous(work.look_id))
            case Stranger():
                self._finish(FaceStranger(work.look_id))
            case _:
                assert_never(decision.outcome)

    def _capture(self, work: _Capturing, look: Look) -> tuple[str, float]:
        hint = look.quality.hint
        if not work.armed or hint is not Hint.OK or look.face is None:
            return hint.value, 0.5 if hint is Hint.OK else 0.0
        if look.frame.captured_at_ns - work.last_ns < APART_NS:
            return Hint.HOLD_STILL.value, 0.8
        # The second model and the mirrored face as well, or they could not help to find this person again later.
        template = self._eye.template_of([look], with_second=self._eye.has_second, flip=True)
        scores = [float(template.vector @ other.vector) for other in work.taken]
        if scores and min(scores) < operating_point(1).threshold:
            work.taken, work.armed = [], False
            self._post(CaptureRefused(work.look_id))
            return Hint.ONE_FACE_ONLY.value, 0.0
        if scores and max(scores) > MOST_ALIKE:
            return ("turn_left" if len(work.taken) % 2 else "turn_right"), 0.8
        work.taken.append(template)
        work.armed, work.last_ns = False, look.frame.captured_at_ns
        if len(work.taken) >= work.wanted:
            self._seal(work)
        else:
            self._post(CaptureTaken(work.look_id, len(work.taken)))
        return Hint.OK.value, 1.0

    def _seal(self, work: _Capturing) -> None:
        template = average(work.taken)
        sealed = base64.b64encode(seal(template, self._key, work.reference_id)).decode()
        self._finish(FaceSealed(work.look_id, template.model_id, sealed, len(work.taken)))

    def _finish(self, event: Event) -> None:
        """Tell the result and forget everything, without waiting to be told to."""
        self._work = None
        self._post(event)


def _challenge(name: str) -> TurnChallenge | None:
    return None if name == "none" else TurnChallenge(Direction(name.removeprefix("turn_")))


def _is_ahead(look: Look) -> bool:
    return look.is_good and abs(look.quality.yaw_degrees) <= STRAIGHT_DEGREES


def _is_who_began(work: _Comparing, challenge: TurnChallenge, look: Look, seen: Template) -> bool:
    if not work.before:
        return True
    turned = look.face is not None and challenge.is_turned(look.face)
    alike = float(average(work.before).vector @ seen.vector)
    return alike >= (SAME_TURNED if turned else operating_point(1).threshold)


def _of_one_person(good: list[tuple[Look, Template]]) -> list[tuple[Look, Template]]:
    """Return the looks at the newest person: somebody else stepping in begins anew."""
    _, newest = good[-1]
    threshold = operating_point(1).threshold
    if all(float(newest.vector @ other.vector) >= threshold for _, other in good[:-1]):
        return good
    return good[-1:]

"""Ask for a turn of the head, and see whether a head turns.

The nose stands out of a face: when a head turns it moves against the line of the eyes, and when a flat photograph is
turned it does not. Over at least eight frames the face must look straight ahead and then turn to the side that was
asked for, without a jump.

A head is also broadest when it looks ahead, and narrower the further it turns. A bent photograph that is swung until
its person seems to look ahead is narrow then, and broadest somewhere in between: it turns like a plane. And it is as
narrow as its nose says: of a paper mask that is worn, from which no nose stands out, the nose moves as far only when
the head is turned by twice as much, and the face is far narrower then.

What this stops: a printed photograph and a picture on a telephone, held still, moved, tilted or bent, and most paper
masks that are worn (``python -m vision.bench liveness`` tells how many). What it does *not* stop for sure: a photograph
bent and swung with skill, a film whose person happens to turn to the right side (one of two), a film or a computed face
that follows the request, a mask that has a nose.
It has not been tested after ISO/IEC 30107-3. It is one factor more, never the only one: the sum that a face alone may
spend stays small.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from vision.face.detect import Face
from vision.quality import breadth, pose

LEAST_FRAMES = 8
STRAIGHT_DEGREES = 12.0  # half of the press photographs lie within 10
STRAIGHT_FRAMES = 2
TURNED_DEGREES = 20.0  # towards the side; the other way it ends the challenge
CHANGED_DEGREES = 25.0  # since looking ahead; see the table in docs/sight.md for what bent photographs reach
TURNED_FRAMES = 2
BROAD_AHEAD = 0.89  # of the broadest; a real head filmed looking ahead 0.95 and more, swung photographs 0.87 and less
NARROWED = (
    0.96  # of the breadth ahead, while turned; 131 press photographs turned by 20 degrees and more: 0.83 on average
)
NARROWER_AT_MOST = 14.0  # degrees of turn that the breadth says beyond the nose; heads 6, paper masks worn 12 to 31
JUMP_DEGREES = 18.0  # between frames; a quick turn filmed at 12 frames a second took 15
LEAST_SHIFT = 0.5  # of its height; a face that is elsewhere in the next frame is another picture
MISSED_FRAMES = 5  # a third of a second without a face begins anew
STARTS = 3  # photographs that are swapped until one fits are not waited for
FRAMES_AT_MOST = 300  # 20 s at 15 frames a second


class Direction(StrEnum):
    """Which way the shopper is asked to turn: their own left or right."""

    LEFT = "left"
    RIGHT = "right"


class LivenessResult(StrEnum):
    """What is known; goes into the evidence of a payment as it is."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class TurnProgress:
    """How far a challenge is: ``share`` 0..1 for the screen, ``result`` ``NOT_CHECKED`` until it is decided."""

    share: float
    result: LivenessResult


class TurnChallenge:
    """One request to turn the head, to a side that the caller draws by lot.

    Holds numbers only, no picture. A failure stays: make a new one for another try. A pass holds while the same face
    stays in view; a jump or a lost face takes it back and begins anew, so that who turned cannot make room for a
    picture. Whose face it is this cannot tell: who compares must, and calls ``start_over`` when it is another's.
    """

    def __init__(self, direction: Direction) -> None:
        self.direction = direction
        self._result = LivenessResult.NOT_CHECKED
        self._seen = 0
        self._starts = 0
        self._missed = 0
        self._last: Face | None = None
        self._begin()

    def observe(self, face: Face | None) -> TurnProgress:
        """Take in the face of the next frame, or that there was none."""
        if self._result is not LivenessResult.FAILED:
            self._seen += 1
            self._result = self._judge(face)
        return TurnProgress(self._share(), self._result)

    def start_over(self) -> TurnProgress:
        """Begin anew, as for another face; fails once it was done ``STARTS`` times."""
        if self._result is not LivenessResult.FAILED:
            self._result = self._start_over()
        return TurnProgress(self._share(), self._result)

    @property
    def starts(self) -> int:
        """How often it began anew: what was seen before the latest of them counts for nothing."""
        return self._starts

    def is_turned(self, face: Face) -> bool:
        """Say whether the face looks to the side asked for, as far as counts."""
        return self._towards(face) >= TURNED_DEGREES

    def _begin(self) -> None:
        self._frames = self._straight = self._turned = 0
        self._reached_degrees = self._straight_degrees = 0.0
        self._ahead: list[float] = []
        self._aside: list[tuple[float, float]] = []
        self._breadths: list[float] = []
        self._last = None

    def _judge(self, face: Face | None) -> LivenessResult:
        if self._seen > FRAMES_AT_MOST:
            return LivenessResult.FAILED
        if face is None:
            return self._missed_face()
        self._missed = 0
        if self._last is not None and self._is_jump(self._last, face):
            return self._start_over()
        self._last = face
        return self._result if self._result is LivenessResult.PASSED else self._follow(face, self._towards(face))

    def _follow(self, face: Face, towards: float) -> LivenessResult:
        self._frames += 1
        self._breadths.append(breadth(face.landmarks))
        if abs(towards) <= STRAIGHT_DEGREES:
            self._ahead.append(self._breadths[-1])
            self._straight += 1
            self._straight_degrees += towards
        if self._straight < STRAIGHT_FRAMES:
            return LivenessResult.NOT_CHECKED
        if towards <= -TURNED_DEGREES:
            return LivenessResult.FAILED  # the other way: what a film does every second time
        # A photograph may show its person half turned, so that what counts is the change.
        changed = towards - self._straight_degrees / self._straight
        self._reached_degrees = max(self._reached_degrees, changed)
        if towards >= TURNED_DEGREES and changed >= CHANGED_DEGREES:
            self._turned += 1
            self._aside.append((self._breadths[-1], changed))
        is_done = self._turned >= TURNED_FRAMES and self._frames >= LEAST_FRAMES
        is_head = is_done and turns_like_a_head(self._ahead, self._aside, self._breadths)
        return LivenessResult.PASSED if is_head else LivenessResult.NOT_CHECKED

    def _missed_face(self) -> LivenessResult:
        self._missed += 1
        if self._missed == MISSED_FRAMES and self._frames:
            return self._start_over()
        return self._result

    def _start_over(self) -> LivenessResult:
        self._starts += 1
        self._begin()
        return LivenessResult.FAILED if self._starts >= STARTS else LivenessResult.NOT_CHECKED

    def _is_jump(self, before: Face, now: Face) -> bool:
        shift = abs(before.box.left + before.box.right - now.box.left - now.box.right) / 2
        turned = abs(self._towards(before) - self._towards(now))
        return turned > JUMP_DEGREES or shift > LEAST_SHIFT * before.box.height

    def _towards(self, face: Face) -> float:
        """Return degrees turned to the side asked for; a camera sees the shopper's left on its right."""
        yaw, _ = pose(face.landmarks)
        return yaw if self.direction is Direction.LEFT else -yaw

    def _share(self) -> float:
        if self._result is LivenessResult.PASSED:
            return 1.0
        straight = min(self._straight / STRAIGHT_FRAMES, 1.0) * 0.2
        turning = min(self._reached_degrees / CHANGED_DEGREES, 1.0) * 0.7
        return straight + max(turning, 0.0)


def turns_like_a_head(ahead: Sequence[float], aside: Sequence[tuple[float, float]], every: Sequence[float]) -> bool:
    """Say whether a face was broadest looking ahead and narrower when turned, by as much as its nose says.

    A swung sheet is not the one, and a sheet that is worn on a head not the other.

    Args:
        ahead: ``vision.quality.breadth`` in the frames that looked ahead, one or more.
        aside: The same in those that were turned far enough, one or more, each with the degrees that the nose says.
        every: In all frames.
    """
    broadest = float(np.quantile(every, 0.9))  # a landmark that slips in a frame is not the broadest
    straight = float(np.quantile(ahead, 0.25))  # all of what looks ahead is broad
    turned = float(np.median([each for each, _ in aside]))
    # The breadth falls with the cosine of the turn.
    beyond = [math.degrees(math.acos(min(each / straight, 1.0))) - degrees for each, degrees in aside]
    is_broad_ahead = straight >= BROAD_AHEAD * broadest
    return is_broad_ahead and turned <= NARROWED * straight and float(np.median(beyond)) <= NARROWER_AT_MOST

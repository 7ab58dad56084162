"""A head that turns, and things that only look like one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store import Store
from tests.vision.builders import a_face
from vision.face.detect import Face, FaceDetector
from vision.face.liveness import (
    FRAMES_AT_MOST,
    LEAST_FRAMES,
    Direction,
    LivenessResult,
    TurnChallenge,
    TurnProgress,
)
from vision.frame import Frame
from vision.quality import pose

PASSED, FAILED, OPEN = LivenessResult.PASSED, LivenessResult.FAILED, LivenessResult.NOT_CHECKED
TURN = [0, 0, 1, 3, 8, 14, 20, 27, 30, 31, 30]


def shown(faces: Iterable[Face | None], direction: Direction = Direction.LEFT) -> TurnProgress:
    challenge = TurnChallenge(direction)
    progress = TurnProgress(0.0, OPEN)
    for face in faces:
        progress = challenge.observe(face)
    return progress


def heads(yaws: Sequence[float], **facts: bool) -> list[Face]:
    return [a_face(yaw, **facts) for yaw in yaws]  # type: ignore[arg-type]  # only flat is passed on


@pytest.mark.parametrize("degrees", [-40, -20, 0, 10, 30])
@pytest.mark.parametrize("roll", [-25, 0, 15])
def test_angle_is_nearly_right_when_a_head_turns_however_it_leans(degrees: float, roll: float) -> None:
    yaw, _ = pose(a_face(degrees, roll_degrees=roll).landmarks)

    assert yaw == pytest.approx(degrees, abs=5)


@given(st.floats(-60, 60), st.floats(-30, 30))
def test_flat_picture_never_seems_turned_however_it_is_held(degrees: float, roll: float) -> None:
    yaw, _ = pose(a_face(degrees, flat=True, roll_degrees=roll).landmarks)

    assert abs(yaw) < 12


def test_challenge_is_passed_when_the_head_turns_as_asked() -> None:
    assert shown(heads(TURN)) == TurnProgress(1.0, PASSED)
    assert shown(heads([-yaw for yaw in TURN]), Direction.RIGHT).result is PASSED


def test_challenge_fails_when_the_head_turns_the_other_way() -> None:
    assert shown(heads([-yaw for yaw in TURN])).result is FAILED


def test_challenge_stays_open_when_the_head_keeps_still() -> None:
    assert shown(heads([1, 2, 0, -1] * 20)).result is OPEN


@given(st.lists(st.floats(-60, 60), max_size=80), st.sampled_from(Direction))
def test_photograph_never_passes_however_it_is_turned(yaws: list[float], direction: Direction) -> None:
    assert shown(heads(yaws, flat=True), direction).result is not PASSED


def test_challenge_is_not_passed_when_one_photograph_is_swapped_for_another() -> None:
    swapped = [0, 0, 0, 0, 0, 0, 0, 0, 35, 35, 35, 35]

    assert shown(heads(swapped)).result is OPEN
    assert shown(heads(swapped * 3)).result is FAILED


def test_challenge_is_not_passed_when_another_face_takes_over() -> None:
    straight, turned = heads([0] * 6 + [5, 10]), [a_face(yaw, at=(560, 240)) for yaw in (16, 24, 30, 30)]

    assert shown([*straight, *turned]).result is OPEN


def test_eight_frames_are_needed_when_a_head_turns_at_once() -> None:
    assert shown(heads([0, 0, 15, 28, 30])).result is OPEN
    assert LEAST_FRAMES == 8


def test_turn_begins_anew_when_the_face_was_away() -> None:
    away: list[Face | None] = [None] * 5

    assert shown([*heads([0] * 8), *away, *heads([25] * 8)]).result is OPEN
    assert shown([*heads([0] * 8), *away, *heads(TURN)]).result is PASSED


def test_blink_of_the_detector_is_forgiven_when_it_is_short() -> None:
    faces: list[Face | None] = [*heads(TURN[:6]), None, None, *heads(TURN[6:])]

    assert shown(faces).result is PASSED


def test_challenge_fails_when_nothing_happens_for_long() -> None:
    assert shown([None] * (FRAMES_AT_MOST + 1)).result is FAILED


def test_verdict_stays_when_frames_go_on() -> None:
    challenge = TurnChallenge(Direction.LEFT)
    for face in heads([-yaw for yaw in TURN]):
        challenge.observe(face)

    assert {challenge.observe(face).result for face in heads(TURN)} == {FAILED}


@given(st.lists(st.one_of(st.none(), st.floats(-60, 60)), max_size=60))
def test_share_stays_between_nothing_and_all_whatever_is_seen(yaws: list[float | None]) -> None:
    challenge = TurnChallenge(Direction.LEFT)

    for yaw in yaws:
        progress = challenge.observe(None if yaw is None else a_face(yaw))
        assert 0 <= progress.share <= 1
        assert (progress.share == 1) == (progress.result is PASSED)


def faces_of(clip: Path, weights: Store) -> list[Face | None]:
    detector, video = FaceDetector(weights), cv2.VideoCapture(str(clip))
    found: list[Face | None] = []
    while True:
        ok, image = video.read()
        if not ok:
            return found
        faces = detector.detect(Frame(np.asarray(image, dtype=np.uint8), 0))
        found.append(faces[0] if faces else None)


@pytest.mark.data
def test_real_head_passes_when_it_turns_to_its_left_and_not_when_asked_for_the_right(
    shared_data: Path, weights: Store
) -> None:
    faces = faces_of(shared_data / "faces/video/intel_head-pose-face-detection-female.mp4", weights)

    # The clip begins on one side; the challenge begins once she looks ahead.
    assert shown(faces, Direction.LEFT).result is PASSED
    assert shown(faces, Direction.RIGHT).result is FAILED


@pytest.mark.data
def test_real_head_stays_unchecked_when_it_looks_ahead(shared_data: Path, weights: Store) -> None:
    faces = faces_of(shared_data / "faces/video/intel_head-pose-face-detection-male.mp4", weights)

    assert shown(faces).result is OPEN

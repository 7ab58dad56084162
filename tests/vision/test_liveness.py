"""A head that turns, and things that only look like one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.store import Store
from tests.vision.builders import a_face
from vision.bench.liveness import subjects
from vision.bench.turning import WORN, a_turning_head, passes, worn
from vision.face.detect import Face, FaceDetector
from vision.face.liveness import (
    FRAMES_AT_MOST,
    LEAST_FRAMES,
    Direction,
    LivenessResult,
    TurnChallenge,
    TurnProgress,
    turns_like_a_head,
)
from vision.frame import Frame, Image
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


def test_challenge_stays_open_when_a_face_that_was_turned_already_turns_a_little_more() -> None:
    assert shown(heads([11, 11, 10, 11, 12, 14, 17, 20, 24, 28, 30])).result is OPEN


def test_eight_frames_are_needed_when_a_head_turns_at_once() -> None:
    assert shown(heads([0, 0, 15, 28, 30])).result is OPEN
    assert LEAST_FRAMES == 8


def test_turn_begins_anew_when_the_face_was_away() -> None:
    away: list[Face | None] = [None] * 5

    assert shown([*heads([0] * 8), *away, *heads([30] * 8)]).result is OPEN
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
def test_real_head_passes_when_it_turns_far_to_the_side_asked_for_and_fails_for_the_other(
    shared_data: Path, weights: Store
) -> None:
    faces = faces_of(shared_data / "faces/video/intel_head-pose-face-detection-female.mp4", weights)

    # The clip begins with her head to her right; played backwards up to where she looks ahead, she turns there.
    to_her_right = faces[10::-1]

    assert shown(to_her_right, Direction.RIGHT).result is PASSED
    assert shown(to_her_right, Direction.LEFT).result is FAILED


@pytest.mark.data
def test_real_head_is_asked_for_more_when_it_turns_a_little(shared_data: Path, weights: Store) -> None:
    faces = faces_of(shared_data / "faces/video/intel_head-pose-face-detection-female.mp4", weights)

    progress = shown(faces, Direction.LEFT)  # 24 degrees of the 25 asked for

    assert progress.result is OPEN
    assert 0.8 < progress.share < 1


@pytest.mark.data
def test_real_head_stays_unchecked_when_it_looks_ahead(shared_data: Path, weights: Store) -> None:
    faces = faces_of(shared_data / "faces/video/intel_head-pose-face-detection-male.mp4", weights)

    assert shown(faces).result is OPEN


def a_sheet(photo: Image, degrees: float) -> Image:
    """Return a 640x480 frame of a photograph 360 px wide, turned about its upright axis before a camera."""
    turn, far = np.radians(degrees), 3.0
    corners = np.array([(u, v) for v in (-0.5, 0.5) for u in (-0.5, 0.5)])
    depth = 1 + corners[:, 0] * np.sin(turn) / far
    seen = np.stack((corners[:, 0] * np.cos(turn) / depth, corners[:, 1] / depth), axis=1) * 360 + [320, 240]
    flat = (corners + 0.5) * [photo.shape[1], photo.shape[0]]
    warp = cv2.getPerspectiveTransform(flat.astype(np.float32), seen.astype(np.float32))
    return np.asarray(cv2.warpPerspective(photo, warp, (640, 480), borderValue=(120, 120, 120)), dtype=np.uint8)


@pytest.mark.data
def test_hardly_a_paper_mask_passes_when_its_wearer_turns_as_asked(shared_data: Path, weights: Store) -> None:
    detector = FaceDetector(weights)
    photos = subjects(shared_data / "faces/lfw_dev/images", 6, detector)[1]

    turns = [
        list(
            worn(photo, detector.detect(Frame(photo, 0))[0].landmarks, detector, angles=[s * a for a in WORN]).values()
        )
        for photo in photos
        for s in (1, -1)
    ]

    passed = [any(passes(faces, side) for side in Direction) for faces in turns]
    assert sum(passed) <= 1
    assert sum(face is not None for faces in turns for face in faces) > 0.8 * len(turns) * len(WORN)


@pytest.mark.parametrize(
    ("ahead", "aside", "every", "is_head"),
    [
        ([1.0, 1.02, 0.98], [(0.84, 27), (0.8, 33)], [1.0, 1.02, 0.98, 0.95, 0.9, 0.84, 0.8], True),
        (
            [0.62, 0.68, 0.74],
            [(0.75, 27), (0.74, 33)],
            [0.62, 0.68, 0.74, 0.8, 0.86, 0.88, 0.85, 0.75, 0.74],
            False,
        ),  # swung
        ([1.0, 1.0, 1.0], [(0.98, 27), (0.97, 33)], [1.0, 1.0, 1.0, 0.99, 0.98, 0.97], False),  # the nose alone moved
        ([1.0, 1.0, 1.0], [(0.7, 26), (0.66, 27)], [1.0, 1.0, 1.0, 0.9, 0.8, 0.7, 0.66], False),  # a mask without one
    ],
)
def test_only_a_head_is_broadest_ahead_and_as_narrow_aside_as_its_nose_says(
    ahead: list[float], aside: list[tuple[float, float]], every: list[float], *, is_head: bool
) -> None:
    assert turns_like_a_head(ahead, aside, every) is is_head


def test_challenge_stays_open_when_the_nose_moves_in_a_face_that_keeps_its_breadth() -> None:
    turned = heads(TURN)
    stretched = [replace(face, landmarks=face.landmarks.copy()) for face in turned]
    for yaw, face in zip(TURN, stretched, strict=True):
        middle = face.landmarks[:2].mean(axis=0)
        face.landmarks[:, 0] = middle[0] + (face.landmarks[:, 0] - middle[0]) / np.cos(np.radians(yaw))

    assert shown(turned).result is PASSED
    assert shown(stretched).result is OPEN


@pytest.mark.parametrize("direction", list(Direction))
def test_most_heads_pass_when_they_turn_as_asked(direction: Direction) -> None:
    chance = np.random.default_rng(4)

    met = [passes(a_turning_head(chance, direction), direction) for _ in range(100)]

    assert np.mean(met) >= 0.95


@pytest.mark.data
def test_photograph_of_a_person_never_passes_when_it_is_turned_before_the_camera(
    shared_data: Path, weights: Store
) -> None:
    detector = FaceDetector(weights)
    angles = [*range(0, 50, 5), *range(45, -50, -5)]
    for path in sorted((shared_data / "faces/lfw_dev/images").rglob("*_0001.jpg"))[::250]:
        photo = np.asarray(cv2.imread(str(path)), dtype=np.uint8)
        found = {angle: detector.detect(Frame(a_sheet(photo, angle), 0)) for angle in set(angles)}

        faces = [found[angle][0] if found[angle] else None for angle in angles]

        assert sum(face is not None for face in faces) >= LEAST_FRAMES
        assert shown(faces, Direction.LEFT).result is not PASSED
        assert shown(faces, Direction.RIGHT).result is not PASSED

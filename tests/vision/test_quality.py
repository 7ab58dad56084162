"""What the shopper is told."""

import cv2
import numpy as np
import pytest

from tests.vision.builders import a_face
from vision.face.detect import Face
from vision.frame import Box, Frame
from vision.quality import Hint, Quality, assess

GOOD = {"size_px": 190.0, "sharpness": 50.0, "brightness": 120.0, "faces": 1}


def noise(level: float, spread: float) -> Frame:
    grain = np.random.default_rng(2).normal(level, spread, (480, 640, 3))
    return Frame(np.clip(grain, 0, 255).astype(np.uint8), 0)


@pytest.mark.parametrize(
    ("facts", "hint"),
    [
        ({}, Hint.OK),
        ({"faces": 0}, Hint.NO_FACE),
        ({"faces": 2}, Hint.ONE_FACE_ONLY),
        ({"size_px": 63.0}, Hint.COME_CLOSER),
        ({"brightness": 20.0}, Hint.TOO_DARK),
        ({"yaw_degrees": -26.0}, Hint.FACE_CAMERA),
        ({"pitch": 0.70}, Hint.FACE_CAMERA),
        ({"sharpness": 7.0}, Hint.HOLD_STILL),
        ({"faces": 2, "brightness": 1.0}, Hint.ONE_FACE_ONLY),
        ({"yaw_degrees": 40.0, "sharpness": 1.0}, Hint.FACE_CAMERA),
    ],
)
def test_first_obstacle_is_named_when_a_picture_is_judged(facts: dict[str, float], hint: Hint) -> None:
    assert Quality(**(GOOD | facts)).hint is hint  # type: ignore[arg-type]  # the table gives any field by name


def test_nothing_is_measured_when_nobody_is_there() -> None:
    assert assess(noise(120, 30), []).hint is Hint.NO_FACE


def test_picture_is_good_when_one_sharp_level_face_is_near() -> None:
    assert assess(noise(120, 30), [a_face()]).hint is Hint.OK


def test_brightness_is_the_grey_level_of_the_face_when_judged() -> None:
    assert assess(noise(60, 0), [a_face()]).brightness == pytest.approx(60, abs=1)


@pytest.mark.parametrize("size", [(25, 1), (1, 25)])
def test_motion_is_seen_when_edges_of_one_direction_are_gone(size: tuple[int, int]) -> None:
    sharp = noise(120, 60)
    moved = Frame(np.asarray(cv2.blur(sharp.image, size), dtype=np.uint8), 0)

    assert assess(moved, [a_face()]).sharpness < assess(sharp, [a_face()]).sharpness / 20


def test_people_in_the_queue_do_not_count_when_they_are_half_as_near() -> None:
    def behind(height: float) -> Face:
        face = a_face()
        return Face(Box(500, 50, 60, height), face.landmarks, 0.9)

    assert assess(noise(120, 30), [a_face(), behind(80)]).faces == 1
    assert assess(noise(120, 30), [a_face(), behind(100)]).faces == 2


def test_eyes_on_one_another_count_as_turned_away_when_judged() -> None:
    face = a_face()
    landmarks = face.landmarks.copy()
    landmarks[1] = landmarks[0]

    assert assess(noise(120, 30), [Face(face.box, landmarks, 0.9)]).hint is Hint.FACE_CAMERA

"""Flashes that a head answers, and things that only look like one."""

import cv2
import numpy as np
import pytest

from tests.vision.attacks import Scene, Subject, answered, colours, filmed, subject
from tests.vision.builders import a_face
from vision.face.flash import LEAST_FRAMES, FlashChallenge
from vision.face.liveness import LivenessResult


@pytest.fixture(scope="module")
def somebody() -> Subject:
    """Return a drawn person: a little texture on mid grey, and the points of a level face."""
    noise = np.random.default_rng(2).integers(90, 170, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return subject(image, a_face().landmarks)


@pytest.mark.parametrize("scene", [Scene.HEAD, Scene.HEAD_NEAR_WALL])
def test_head_passes_when_it_answers_the_flashes(somebody: Subject, scene: Scene) -> None:
    evidence = answered(somebody, scene, seed=1)

    assert evidence.result is LivenessResult.PASSED
    assert evidence.fit > 0.9


@pytest.mark.parametrize("scene", [Scene.PRINT, Scene.CUT_OUT, Scene.REPLAY, Scene.REPLAY_FLASHED])
def test_attack_does_not_pass_when_the_screen_flashes(somebody: Subject, scene: Scene) -> None:
    assert answered(somebody, scene, seed=1).result is not LivenessResult.PASSED


def test_sheet_answers_as_much_beside_the_face_as_in_it(somebody: Subject) -> None:
    assert answered(somebody, Scene.PRINT, seed=3).background == pytest.approx(1, abs=0.15)


def test_nothing_is_proved_when_daylight_drowns_the_flashes(somebody: Subject) -> None:
    assert answered(somebody, Scene.HEAD, seed=1, strength=0.01).result is LivenessResult.NOT_CHECKED


def test_nothing_is_proved_when_few_frames_show_a_face(somebody: Subject) -> None:
    chance = np.random.default_rng(0)
    shown = colours(chance)
    challenge = FlashChallenge(shown)

    for number, (frame, face) in enumerate(filmed(somebody, Scene.HEAD, shown, chance)):
        challenge.observe(frame, face if number < LEAST_FRAMES - 1 else None, number)

    assert challenge.evidence().result is LivenessResult.NOT_CHECKED


def test_head_fails_when_it_answers_other_colours_than_were_asked_for(somebody: Subject) -> None:
    chance = np.random.default_rng(4)
    shown, asked = colours(chance), colours(chance)
    challenge = FlashChallenge(asked)

    for number, (frame, face) in enumerate(filmed(somebody, Scene.HEAD, shown, chance)):
        challenge.observe(frame, face, number)

    assert challenge.evidence().result is not LivenessResult.PASSED


@pytest.mark.parametrize("shown", [[], [(0.0, 0.0, 0.0)] * 24, [(0.0, 1.0, 0.5), (1.0, 0.0, 0.5)] * 12])
def test_colours_are_refused_when_they_ask_nothing(shown: list[tuple[float, float, float]]) -> None:
    with pytest.raises(ValueError, match="change"):
        FlashChallenge(shown)

"""Flashes that a head answers, and things that only look like one."""

import random
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.vision.builders import a_face
from vision.bench.attacks import HEADS, Scene, Studio, Subject, answered, subject
from vision.face.flash import (
    GAMMA,
    HEAD_RELIEF,
    HEAD_SHAPE,
    LEAST_FRAMES,
    SHEET_RELIEF,
    SHEET_SHAPE,
    SLOT_NS,
    FlashChallenge,
    FlashEvidence,
    drawn_colours,
)
from vision.face.liveness import LivenessResult

SHOWN = drawn_colours(random.Random(7))


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
    assert evidence.shape > HEAD_SHAPE


@pytest.mark.parametrize("scene", sorted(set(Scene) - HEADS))
def test_attack_does_not_pass_when_the_screen_flashes(somebody: Subject, scene: Scene) -> None:
    assert answered(somebody, scene, seed=1).result is not LivenessResult.PASSED


PASSED, FAILED, OPEN = LivenessResult.PASSED, LivenessResult.FAILED, LivenessResult.NOT_CHECKED


@pytest.mark.parametrize(
    ("relief", "shape", "result"),
    [
        (HEAD_RELIEF + 0.01, HEAD_SHAPE + 0.01, PASSED),
        (HEAD_RELIEF + 0.01, SHEET_SHAPE - 0.01, OPEN),  # uneven, and not as a head is: a face with its eyes cut open
        (SHEET_RELIEF - 0.01, HEAD_SHAPE + 0.01, OPEN),
        ((SHEET_RELIEF + HEAD_RELIEF) / 2, (SHEET_SHAPE + HEAD_SHAPE) / 2, OPEN),
        (SHEET_RELIEF - 0.01, SHEET_SHAPE - 0.01, FAILED),
    ],
)
def test_both_measures_are_asked_when_the_answer_is_judged(relief: float, shape: float, result: LivenessResult) -> None:
    sure = FlashEvidence(0.99, 0.15, 0.1, relief, LEAST_FRAMES, shape=shape)
    noisy = replace(sure, doubt=0.01, shape_doubt=1.0)

    assert sure.result is result
    assert noisy.result is OPEN


def test_sheet_answers_as_much_beside_the_face_as_in_it(somebody: Subject) -> None:
    assert answered(somebody, Scene.PRINT, seed=3).background == pytest.approx(1, abs=0.15)


def test_nothing_is_proved_when_daylight_drowns_the_flashes(somebody: Subject) -> None:
    assert answered(somebody, Scene.HEAD, seed=1, strength=0.01).result is LivenessResult.NOT_CHECKED


def test_nothing_is_proved_when_few_frames_show_a_face(somebody: Subject) -> None:
    challenge = FlashChallenge(SHOWN)
    studio = Studio(somebody, Scene.HEAD, np.random.default_rng(0))
    challenge.shown(0, 0)

    for number in range(LEAST_FRAMES - 1):
        challenge.observe(*studio.film(SHOWN[0], number))

    assert challenge.evidence().result is LivenessResult.NOT_CHECKED


def test_nothing_is_proved_when_the_screen_never_said_that_it_showed_anything(somebody: Subject) -> None:
    challenge = FlashChallenge(SHOWN)
    studio = Studio(somebody, Scene.HEAD, np.random.default_rng(0))

    for number in range(2 * LEAST_FRAMES):
        challenge.observe(*studio.film(SHOWN[number % len(SHOWN)], number))

    assert challenge.evidence() == FlashEvidence(0.0, 0.0, 1.0, 0.0, 0)


def test_nothing_is_proved_when_one_colour_alone_was_seen(somebody: Subject) -> None:
    challenge = FlashChallenge(SHOWN)
    studio = Studio(somebody, Scene.HEAD, np.random.default_rng(0))
    challenge.shown(0, 0)

    for number in range(2 * LEAST_FRAMES):
        challenge.observe(*studio.film(SHOWN[0], number))

    assert challenge.evidence().result is LivenessResult.NOT_CHECKED


def test_head_fails_when_it_answers_other_colours_than_were_asked_for(somebody: Subject) -> None:
    asked = drawn_colours(random.Random(40))

    assert answered(somebody, Scene.HEAD, seed=4, asked=asked).result is not LivenessResult.PASSED


@given(st.integers())
def test_colours_flash_no_more_than_three_times_a_second_and_never_in_saturated_red(seed: int) -> None:
    colours = drawn_colours(random.Random(seed))

    light = np.array(colours) ** GAMMA
    assert (light[:, 2] / light.sum(axis=1)).max() < 0.8
    assert 1e9 / (2 * SLOT_NS) <= 3
    assert [sorted(channel) for channel in zip(*colours, strict=True)] == [[0.45] * 5 + [1.0] * 5] * 3


@pytest.mark.parametrize("shown", [[], [(0.0, 0.0, 0.0)] * 24, [(0.0, 1.0, 0.5), (1.0, 0.0, 0.5)] * 12])
def test_colours_are_refused_when_they_ask_nothing(shown: list[tuple[float, float, float]]) -> None:
    with pytest.raises(ValueError, match="change"):
        FlashChallenge(shown)

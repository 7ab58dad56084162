"""Edges that move with a face and pixels that beat in it, on computed scenes; and heads, which have neither."""

import cv2
import numpy as np
import pytest

from tests.vision.builders import a_face
from vision.bench.attacks import Scene, Studio, Subject, subject
from vision.face.cues import BORDER_AT_MOST, LEAST_FRAMES, MOIRE_AT_MOST, PATCH_PX, Cues, moire
from vision.frame import Frame

GREY = (0.7, 0.7, 0.7)


@pytest.fixture(scope="module")
def somebody() -> Subject:
    """Return a drawn person: a little texture on mid grey, and the points of a level face."""
    noise = np.random.default_rng(2).integers(90, 170, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return subject(image, a_face().landmarks)


def scores(who: Subject, scene: Scene, seed: int, frames: int = LEAST_FRAMES) -> dict[str, float]:
    chance, cues = np.random.default_rng(seed), Cues()
    studio = Studio(who, scene, chance)
    for number in range(frames):
        cues.observe(*studio.film(GREY, number))
    return {cue.name: cue.score for cue in cues.seen()}


def test_edges_are_told_when_a_small_picture_is_held_up(somebody: Subject) -> None:
    telephones = [scores(somebody, Scene.REPLAY_SMALL, seed)["border"] for seed in range(4)]
    prints = [scores(somebody, Scene.PRINT_SMALL, seed)["border"] for seed in range(4)]

    assert np.median(telephones) > BORDER_AT_MOST
    assert max(prints) > BORDER_AT_MOST  # not all: a print may be as bright as what is behind it


def test_shelves_are_no_edges_when_they_stand_still_behind_a_head(somebody: Subject) -> None:
    told = [scores(somebody, Scene.HEAD, seed)["border"] for seed in range(6)]

    assert np.median(told) < BORDER_AT_MOST


def test_pixels_are_told_when_a_screen_beats_against_the_camera(somebody: Subject) -> None:
    played = [scores(somebody, Scene.REPLAY, seed)["moire"] for seed in range(4)]
    heads = [scores(somebody, Scene.HEAD, seed)["moire"] for seed in range(4)]

    assert max(played) > MOIRE_AT_MOST
    assert max(heads) < MOIRE_AT_MOST


def test_a_peak_stands_out_when_a_wave_is_added_to_noise() -> None:
    chance = np.random.default_rng(0)
    down, across = np.mgrid[0:PATCH_PX, 0:PATCH_PX]
    wave = 2 * np.cos(2 * np.pi * (across / 5 + down / 9))

    def spectra(added: float) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
        return [
            np.abs(np.fft.fftshift(np.fft.fft2(chance.normal(0, 2, down.shape) + added * wave))) ** 2 for _ in range(12)
        ]

    assert moire(spectra(0)) < 10
    assert moire(spectra(1)) > 100


def test_nothing_is_said_when_there_are_few_frames(somebody: Subject) -> None:
    assert scores(somebody, Scene.REPLAY_SMALL, 1, frames=LEAST_FRAMES - 1) == {}
    assert Cues().seen() == ()


def test_the_spectrum_is_not_asked_when_the_face_is_far() -> None:
    cues, face = Cues(), a_face()
    small = type(face)(type(face.box)(300, 220, PATCH_PX - 1, 100), face.landmarks, face.score)

    for number in range(LEAST_FRAMES):
        cues.observe(Frame(np.full((480, 640, 3), 120, dtype=np.uint8), number), small)

    assert [cue.name for cue in cues.seen()] == ["border"]
    assert not any(cue.is_against for cue in cues.seen())

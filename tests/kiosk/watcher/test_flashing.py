"""Colours over the screen, answered by drawn heads and sheets; the page is the test, the eye is scripted."""

import random

import cv2
import numpy as np
import pytest

from kiosk.ports import FlashTold
from kiosk.visit.effects import BeginLook, DropFaces
from kiosk.visit.events import ChallengeChanged, Event, FaceHinted, FaceRecognised, LivenessFailed
from kiosk.watcher.faces import FaceBooth
from tests.kiosk.watcher.test_faces import ADA, BEN, GOOD, KEY, ScriptedEye, a_candidate, a_vector
from tests.vision.builders import a_face
from vision.bench.attacks import FRAME_NS, Scene, Studio, Subject, subject
from vision.face.detect import Face
from vision.face.eye import Look
from vision.face.flash import Colour, drawn_colours
from vision.frame import Frame
from vision.quality import Quality


@pytest.fixture(scope="module")
def somebody() -> Subject:
    noise = np.random.default_rng(2).integers(90, 170, (12, 16, 3), dtype=np.uint8)
    image = np.asarray(cv2.resize(noise, (640, 480), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
    return subject(image, a_face().landmarks)


class StudioEye(ScriptedEye):
    """Finds the face where the studio put it."""

    face: Face | None = None

    def look(self, frame: Frame) -> Look:
        found = () if self.face is None else (self.face,)
        return Look(frame, found, GOOD if found else Quality(), self.face)


class Rig:
    """A booth before a scene, and a page that shows what it is told and says so."""

    def __init__(self, who: Subject, scene: Scene, *, strength: float = 0.15, page: bool = True) -> None:
        self.eye, self.page = StudioEye(), page
        self.studio = Studio(who, scene, np.random.default_rng(3), strength=strength)
        self.told: list[Event] = []
        self.shown: list[FlashTold] = []
        self.booth = FaceBooth(lambda: self.eye, lambda: KEY, self.told.append, lambda _: None, show=self.shown.append)
        self.now_ns = 10**9
        self.booth.carry_out(BeginLook("l", (a_candidate("ada", a_vector(ADA)),), "flash"))

    @property
    def results(self) -> list[Event]:
        return [event for event in self.told if not isinstance(event, FaceHinted)]

    @property
    def light(self) -> Colour:
        """What the screen throws now; it is dark until it flashes."""
        hexed = self.shown[-1].colour if self.shown else None
        if hexed is None:
            return (0.0, 0.0, 0.0)
        red, green, blue = (int(hexed[place : place + 2], 16) / 255 for place in (1, 3, 5))
        return (blue, green, red)

    def see(self, frames: int, *, face: bool = True) -> None:
        for _ in range(frames):
            self.now_ns += FRAME_NS
            frame, found = self.studio.film(self.light, self.now_ns)
            self.eye.face = found if face else None
            before = len(self.shown)
            self.booth.see(frame)
            if self.page and len(self.shown) > before and self.shown[-1].colour is not None:
                told = self.shown[-1]
                self.booth.flash_shown(told.look_id, told.place, self.now_ns + 1_000_000)
            if self.booth.is_empty:
                return


def test_the_head_is_named_as_alive_when_it_answers_the_screen(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD)

    rig.see(60)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised)
    assert found.evidence.liveness == "passed"
    assert rig.shown[-1].colour is None  # nothing stays on the screen
    assert len({told.place for told in rig.shown}) == 10


@pytest.mark.parametrize("scene", [Scene.PRINT, Scene.CUT_OUT, Scene.MASK])
def test_nobody_is_named_when_a_sheet_is_held_up(somebody: Subject, scene: Scene) -> None:
    rig = Rig(somebody, scene)

    rig.see(60)

    assert rig.results == [LivenessFailed("l")]


@pytest.mark.parametrize(("strength", "page"), [(0.005, True), (0.15, False)], ids=["too bright", "no page"])
def test_a_turn_is_asked_for_when_the_flashes_prove_nothing(somebody: Subject, strength: float, *, page: bool) -> None:
    rig = Rig(somebody, Scene.HEAD, strength=strength, page=page)

    rig.see(60)

    (changed,) = rig.results
    assert isinstance(changed, ChallengeChanged)
    assert changed.challenge in {"turn_left", "turn_right"}
    assert rig.shown[-1].colour is None


def test_the_row_begins_anew_when_another_face_takes_the_place_of_the_first(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD)
    rig.see(10)
    colours = [told.colour for told in rig.shown]
    assert len(colours) > 2

    rig.eye.person = BEN
    rig.see(1)

    assert rig.shown[-1].colour is None
    rig.eye.person = ADA
    rig.see(4)
    assert rig.shown[-1].place < 2  # a new row, from its beginning


def test_the_look_ends_when_faces_are_swapped_during_the_flashes_again_and_again(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD)

    for person in (ADA, BEN, ADA, BEN, ADA, BEN):
        rig.eye.person = person
        rig.see(3)

    assert rig.results == [LivenessFailed("l")]


def test_the_row_begins_anew_when_the_face_is_lost_during_it(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD)
    rig.see(8)

    rig.see(6, face=False)
    rig.see(60)

    (found,) = rig.results
    assert isinstance(found, FaceRecognised)


def test_no_colour_stays_when_the_look_is_dropped(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD)
    rig.see(5)

    rig.booth.carry_out(DropFaces())

    assert rig.shown[-1].colour is None
    rig.booth.flash_shown("l", 0, rig.now_ns)  # a word that comes late does nothing
    assert rig.booth.is_empty


def test_a_word_about_another_colour_is_passed_over_when_it_comes_late(somebody: Subject) -> None:
    rig = Rig(somebody, Scene.HEAD, page=False)
    rig.see(1)

    rig.booth.flash_shown("another look", 0, rig.now_ns)
    rig.booth.flash_shown("l", 7, rig.now_ns)
    rig.see(10)

    assert len(rig.shown) == 1  # it still waits for the first


def test_rows_differ_when_they_are_drawn_twice() -> None:
    assert drawn_colours(random.Random(1)) != drawn_colours(random.Random(2))

"""One camera for both roles (``face_camera=same``), with the watcher as the kiosk puts it together."""

from dataclasses import replace
from pathlib import Path

import cv2
import pytest

from kiosk.adapters.cameras import sources
from kiosk.ports import LookTold
from kiosk.visit.effects import BeginLook
from kiosk.visit.events import Approached, CameraChanged, CodeRead, Event
from kiosk.visit.sight import Role, Sees, sight
from kiosk.visit.states import State
from kiosk.visit.visit import Look, Visit
from kiosk.watcher import BarReader, CameraWatch, FaceBooth, Station
from kiosk.watcher.station import Looker
from kiosk.watcher.watch import Previews
from tests.kiosk.builders import at, shopping
from tests.kiosk.watcher.test_bars import drawn
from tests.kiosk.watcher.test_faces import KEY, ScriptedEye
from vision.face.eye import Look as Seen
from vision.frame import Frame

FRAMES = 12  # more than the vote over a code needs


class CountingEye(ScriptedEye):
    """Counts the frames in which a face was looked for."""

    def __init__(self) -> None:
        super().__init__()
        self.looked = 0

    def look(self, frame: Frame) -> Seen:
        self.looked += 1
        return super().look(frame)


class Rig:
    """The parts of ``kiosk.app`` from the camera to the events, turned by hand; a pack is in view all the time."""

    def __init__(self, folder: Path) -> None:
        cv2.imwrite(str(folder / "pack.png"), drawn("301762042200"))
        self.told: list[Event] = []
        self.looks: list[LookTold] = []
        self.pictures: dict[Role, list[bytes]] = {role: [] for role in Role}
        self.eye = CountingEye()
        self.visit: Visit = shopping()
        booth = FaceBooth(lambda: self.eye, lambda: KEY, self.told.append, self.looks.append)
        lookers: dict[Role, Looker] = {Role.SCAN: BarReader(self.told.append, self.looks.append), Role.FACE: booth}
        previews = Previews()
        (source,) = sources(f"folder:{folder}", "same")
        self.station = Station(
            source,
            sight=lambda: sight(self.visit),
            lookers=lookers,
            deliver=self.told.append,
            show=previews.show,
        )
        self.watch = CameraWatch(dict.fromkeys(source.roles, self.station), previews, booth, lambda: sight(self.visit))
        for role in Role:
            self.watch.watch(role, self.pictures[role].append)

    def look(self) -> None:
        """Let the camera see some frames in the visit's state."""
        for _ in range(FRAMES):
            self.station.turn()

    def read(self) -> list[CodeRead]:
        """Return the codes that were read so far."""
        return [event for event in self.told if isinstance(event, CodeRead)]


def looking() -> Visit:
    return at(State.LOOKING, look=Look("look-1"))


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path)


def test_only_bars_are_looked_for_when_somebody_shops(rig: Rig) -> None:
    rig.look()

    assert len(rig.read()) == 1
    assert rig.eye.looked == 0
    assert {look.role for look in rig.looks} == {Role.SCAN}
    assert rig.pictures[Role.FACE] == []
    assert rig.pictures[Role.SCAN]


def test_only_the_face_is_looked_for_when_it_was_tapped(rig: Rig) -> None:
    rig.visit = looking()
    rig.watch.carry_out(BeginLook("look-1", (), "none"))

    rig.look()

    assert rig.eye.looked > 0
    assert not [event for event in rig.told if isinstance(event, CodeRead | Approached)]
    assert {look.role for look in rig.looks} <= {Role.FACE}
    assert rig.pictures[Role.SCAN] == []


@pytest.mark.parametrize("state", [state for state in State if sight(at(state)).scan is not Sees.BARS])
def test_the_camera_is_closed_when_the_screen_looks_for_nothing(rig: Rig, state: State) -> None:
    rig.look()
    rig.visit = at(state)

    rig.station.turn()

    assert not rig.station.is_open
    assert rig.eye.looked == 0
    assert rig.told[-1] == CameraChanged("scan", "dark")


def test_the_camera_reads_codes_again_when_the_look_has_ended(rig: Rig) -> None:
    rig.visit = looking()
    rig.look()
    rig.visit = replace(looking(), look=Look("look-1", running=False))
    rig.station.turn()
    assert not rig.station.is_open
    faces = rig.eye.looked

    rig.visit = shopping()
    rig.look()

    assert len(rig.read()) == 1
    assert rig.eye.looked == faces

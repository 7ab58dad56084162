"""A camera is open exactly while something may be looked for; what may not be looked at goes no further."""

import time
from collections.abc import Callable

import numpy as np
import pytest

from kiosk.adapters.cameras import BrowserCamera, sources
from kiosk.ports import CameraOffError, Source
from kiosk.visit.events import CameraChanged, Event
from kiosk.visit.sight import Role, Sees, Sight
from kiosk.watcher.station import STALL_NS, Station
from vision.errors import CameraLostError, DecodersLostError, SourceUnknownError
from vision.frame import Frame

DARK = Sight(Sees.NOTHING, Sees.NOTHING)
BARS = Sight(Sees.BARS, Sees.NOTHING)
FACE = Sight(Sees.NOTHING, Sees.FACE)


def a_frame(at_ns: int = 0) -> Frame:
    return Frame(np.zeros((48, 64, 3), dtype=np.uint8), at_ns)


class Device:
    """A camera that counts."""

    def __init__(self, on_read: Callable[[], None] = lambda: None) -> None:
        self.opened = self.closed = self.reads = 0
        self.lost = False
        self._on_read = on_read

    def open(self) -> "Device":
        self.opened += 1
        return self

    def read(self) -> Frame | None:
        self.reads += 1
        self._on_read()
        if self.lost:
            raise CameraLostError("device:0", attempts=1)
        return a_frame(self.reads)

    def close(self) -> None:
        self.closed += 1


class Looker:
    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.stills = 0
        self.crashed = 0

    def see(self, frame: Frame) -> None:
        if self.crashed:
            raise DecodersLostError(self.crashed)
        self.frames.append(frame)

    def see_still(self, frame: Frame) -> int:
        self.stills += frame.width_px > 0
        return 1


class Rig:
    """One device for both roles, and a sight that the test moves."""

    def __init__(self) -> None:
        self.sight = DARK
        self.device = Device()
        self.lookers = {Role.SCAN: Looker(), Role.FACE: Looker()}
        self.told: list[Event] = []
        self.shown: list[Role] = []
        self.station = self.of(Source((Role.SCAN, Role.FACE), "device", self.device.open, None))

    def of(self, source: Source) -> Station:
        return Station(
            source,
            sight=lambda: self.sight,
            lookers=self.lookers,
            deliver=self.told.append,
            show=lambda role, _: self.shown.append(role),
        )

    def turn(self) -> None:
        self.station.wake()  # never wait in a test
        self.station.turn()


def test_the_device_is_not_opened_when_nothing_may_be_looked_for() -> None:
    rig = Rig()

    rig.turn()

    assert (rig.device.opened, rig.station.is_open) == (0, False)
    assert rig.told == [CameraChanged("scan", "dark"), CameraChanged("face", "dark")]


def test_each_role_gets_its_own_frames_when_one_device_serves_both() -> None:
    rig = Rig()

    rig.sight = BARS
    rig.turn()
    rig.sight = FACE
    rig.turn()
    rig.turn()

    assert len(rig.lookers[Role.SCAN].frames) == 1
    assert len(rig.lookers[Role.FACE].frames) == 2
    assert rig.shown == [Role.SCAN, Role.FACE, Role.FACE]
    assert CameraChanged("face", "on") in rig.told
    assert rig.told[-2:] == [CameraChanged("scan", "dark"), CameraChanged("face", "on")]


def test_the_device_is_closed_when_the_look_ends() -> None:
    rig = Rig()
    rig.sight = FACE
    rig.turn()

    rig.sight = DARK
    rig.turn()

    assert (rig.device.closed, rig.station.is_open) == (1, False)


def test_a_picture_goes_no_further_when_the_visit_moved_on_while_it_was_taken() -> None:
    rig = Rig()

    def moves_on() -> None:
        rig.sight = DARK

    rig.device = Device(on_read=moves_on)
    rig.station = rig.of(Source((Role.FACE,), "device", rig.device.open, None))
    rig.sight = FACE

    rig.turn()

    assert rig.device.reads == 1
    assert rig.lookers[Role.FACE].frames == []
    assert rig.shown == []


def test_the_camera_counts_as_lost_once_when_the_engines_crash_and_as_found_when_they_read_again() -> None:
    rig = Rig()
    rig.sight = BARS
    rig.turn()

    rig.lookers[Role.SCAN].crashed = 3
    rig.turn()
    rig.turn()
    rig.lookers[Role.SCAN].crashed = 0
    rig.turn()
    rig.turn()

    states = [event.state for event in rig.told if isinstance(event, CameraChanged) and event.role == "scan"]
    assert states == ["on", "lost", "on"]
    assert len(rig.lookers[Role.SCAN].frames) == 3


def test_the_camera_is_lost_and_found_when_a_cable_is_pulled_and_put_back() -> None:
    rig = Rig()
    rig.sight = BARS
    rig.device.lost = True
    rig.turn()
    rig.device.lost = False
    rig.turn()

    scan = [event.state for event in rig.told if isinstance(event, CameraChanged) and event.role == "scan"]
    assert scan == ["lost", "on"]


def test_a_still_is_refused_when_nothing_may_be_looked_for() -> None:
    rig = Rig()

    with pytest.raises(CameraOffError):
        rig.station.show_still(Role.SCAN, a_frame())


def test_a_still_is_looked_at_when_there_is_no_camera() -> None:
    rig = Rig()
    rig.station = rig.of(Source((Role.SCAN,), "none", BrowserCamera, None))
    rig.sight = BARS

    found = rig.station.show_still(Role.SCAN, a_frame())
    rig.turn()

    assert found.result(timeout=1) == 1
    assert rig.lookers[Role.SCAN].stills == 1


def test_a_waiting_still_is_dropped_when_the_visit_moved_on() -> None:
    rig = Rig()
    rig.sight = BARS
    found = rig.station.show_still(Role.SCAN, a_frame())

    rig.sight = DARK
    rig.turn()

    with pytest.raises(CameraOffError):
        found.result(timeout=1)
    assert rig.lookers[Role.SCAN].stills == 0


def test_only_the_newest_frame_is_read_when_the_page_lends_faster_than_we_look() -> None:
    lent = BrowserCamera()

    lent.put(a_frame(1))
    lent.put(a_frame(2))

    newest = lent.read()
    assert newest is not None
    assert newest.captured_at_ns == 2
    assert lent.read() is None


@pytest.mark.parametrize(
    ("scan", "face", "kinds"),
    [
        ("device:0", "same", [((Role.SCAN, Role.FACE), "device")]),
        ("browser", "same", [((Role.SCAN,), "browser"), ((Role.FACE,), "browser")]),
        ("none", "folder:pictures", [((Role.SCAN,), "none"), ((Role.FACE,), "device")]),
        ("browser", "none", [((Role.SCAN,), "browser"), ((Role.FACE,), "none")]),
    ],
)
def test_the_sources_are_those_of_the_settings_when_the_kiosk_starts(
    scan: str, face: str, kinds: list[tuple[tuple[Role, ...], str]]
) -> None:
    assert [(source.roles, source.kind) for source in sources(scan, face)] == kinds


def test_a_wrong_setting_is_told_when_the_kiosk_starts() -> None:
    with pytest.raises(SourceUnknownError):
        sources("device:front", "same")


def test_staff_are_told_when_a_driver_holds_a_read_up_and_again_when_frames_come() -> None:
    rig = Rig()
    rig.sight = BARS

    def hang() -> None:
        rig.station.check(time.monotonic_ns() + STALL_NS)

    rig.device = Device(hang)
    rig.station = rig.of(Source((Role.SCAN,), "device", rig.device.open, None))
    rig.station.turn()
    hang()  # nobody reads now

    states = [one.state for one in rig.told if isinstance(one, CameraChanged) and one.role == "scan"]
    assert states == ["lost", "on"]

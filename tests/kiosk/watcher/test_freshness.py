"""A camera whose picture stands still: told to staff, and no face is taken from it."""

import numpy as np
import pytest

from kiosk.adapters.cameras import sources
from kiosk.ports import Source
from kiosk.visit.events import CameraChanged
from kiosk.visit.sight import Role
from kiosk.watcher.freshness import FROZEN_FRAMES, FROZEN_NS, Freshness
from tests.kiosk.watcher.test_station import BARS, DARK, FACE, Device, Looker, Rig
from vision.frame import Frame

SECOND_NS = 1_000_000_000


class Sensor(Device):
    """Gives noise, or one picture for ever; a quarter of a second passes with each frame."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = False
        self._noise = np.random.default_rng(7)
        self._image = self._noise.integers(90, 110, (48, 64, 3), dtype=np.uint8)

    def read(self) -> Frame | None:
        self.reads += 1
        if not self.hangs:
            self._image = self._noise.integers(90, 110, (48, 64, 3), dtype=np.uint8)
        return Frame(self._image.copy(), self.reads * SECOND_NS // 4)


class SensorRig(Rig):
    """A sensor for both roles."""

    def __init__(self) -> None:
        super().__init__()
        self.sensor = Sensor()
        self.station = self.of(Source((Role.SCAN, Role.FACE), "device", self.sensor.open, None, repeats="never"))

    def read(self, seconds: int) -> None:
        for _ in range(seconds * 4):
            self.turn()

    def looked_at(self, role: Role) -> int:
        looker: Looker = self.lookers[role]
        return len(looker.frames)

    def states(self, role: Role) -> list[str]:
        return [one.state for one in self.told if isinstance(one, CameraChanged) and one.role == role.value]


def test_no_second_picture_of_a_face_is_looked_at_when_it_is_the_same_again() -> None:
    rig = SensorRig()
    rig.sight = FACE
    rig.read(1)
    rig.sensor.hangs = True

    rig.read(2)

    assert rig.looked_at(Role.FACE) == 4


def test_the_camera_is_frozen_when_one_picture_comes_for_five_seconds_and_on_when_it_moves_again() -> None:
    rig = SensorRig()
    rig.sight = BARS
    rig.read(1)
    rig.sensor.hangs = True
    rig.read(9)
    looked_at = rig.looked_at(Role.SCAN)
    rig.sensor.hangs = False
    rig.read(1)

    assert rig.states(Role.SCAN) == ["on", "frozen", "on"]
    assert looked_at <= (1 + 5) * 4  # what stands still for longer has nothing new on it
    assert rig.sensor.opened == 2  # opened anew once in the last four seconds: some drivers wake up by that


def test_nobody_is_looked_at_again_when_the_camera_was_frozen_before_it_went_dark() -> None:
    rig = SensorRig()
    rig.sight = FACE
    rig.sensor.hangs = True
    rig.read(6)
    rig.sight = DARK
    rig.turn()
    before = rig.looked_at(Role.FACE)

    rig.sight = FACE
    rig.read(2)

    assert rig.looked_at(Role.FACE) == before == 1
    assert rig.states(Role.FACE)[-2:] == ["dark", "frozen"]


def test_a_camera_is_not_frozen_when_its_driver_hands_out_one_picture_from_before_it_was_closed() -> None:
    freshness = Freshness()
    image = np.full((48, 64, 3), 7, dtype=np.uint8)
    freshness.is_new(Frame(image, 0))

    assert not freshness.is_new(Frame(image, 60 * SECOND_NS))
    assert not freshness.is_frozen(60 * SECOND_NS)
    assert all(not freshness.is_new(Frame(image, FROZEN_NS)) for _ in range(FROZEN_FRAMES - 1))
    assert freshness.is_frozen(FROZEN_NS)


def test_a_photograph_is_held_as_long_as_one_likes_when_a_folder_serves_as_camera() -> None:
    rig = SensorRig()
    rig.station = rig.of(Source((Role.FACE,), "device", rig.sensor.open, None))
    rig.sensor.hangs = True
    rig.sight = FACE

    rig.read(10)

    assert rig.looked_at(Role.FACE) == 40


def test_a_still_counter_is_read_on_and_a_still_face_is_not_when_a_camera_in_the_network_saves_bytes() -> None:
    rig = SensorRig()
    rig.station = rig.of(Source((Role.SCAN, Role.FACE), "device", rig.sensor.open, None, repeats="still"))
    rig.sensor.hangs = True
    rig.sight = BARS
    rig.read(10)
    rig.sight = FACE
    rig.read(6)

    assert (rig.looked_at(Role.SCAN), rig.states(Role.SCAN)) == (40, ["on", "dark", "frozen"])
    assert (rig.looked_at(Role.FACE), rig.states(Role.FACE)) == (1, ["dark", "on", "frozen"])


@pytest.mark.parametrize(
    ("setting", "repeats"),
    [("device:0", "never"), ("stream:rtsp://192.0.2.7/cam", "still"), ("folder:a", "always"), ("file:a.mp4", "always")],
)
def test_the_source_says_when_its_pictures_repeat_by_its_kind(setting: str, repeats: str) -> None:
    assert [source.repeats for source in sources(setting, "same")] == [repeats]

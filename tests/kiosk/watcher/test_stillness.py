"""Which frames of an idle camera are read: by a clock and pictures that the test gives."""

import numpy as np

from kiosk.watcher.stillness import STILL_NS, Stillness
from tests.kiosk.watcher.test_bars import drawn
from vision.frame import Frame, Image

STEP_NS = 66_000_000
SECOND = 15
COUNTER: Image = np.random.default_rng(3).integers(90, 160, (360, 640, 3), dtype=np.uint8)


class Rig:
    def __init__(self) -> None:
        self.stillness = Stillness()
        self.noise = np.random.default_rng(5)
        self.now_ns = 10**9

    def read(self, image: Image, frames: int, *, seen: bool = False) -> int:
        """Show so many frames, each with a sensor's noise; return how many are read."""
        found = 0
        for _ in range(frames):
            self.now_ns += STEP_NS
            noisy = np.clip(image.astype(np.int16) + self.noise.integers(-6, 7, image.shape, np.int16), 0, 255)
            found += self.stillness.is_worth_reading(Frame(noisy.astype(np.uint8), self.now_ns), seen=seen)
        return found


def test_a_counter_on_which_nothing_moves_is_read_twice_a_second() -> None:
    rig = Rig()
    assert rig.read(COUNTER, 5 * SECOND) == 5 * SECOND

    rig.read(COUNTER, SECOND)

    assert 3 <= rig.read(COUNTER, 2 * SECOND) <= 5


def test_every_frame_is_read_from_the_first_one_on_which_a_pack_is_seen() -> None:
    rig = Rig()
    rig.read(COUNTER, 8 * SECOND)

    assert rig.read(drawn("301762042200"), SECOND) == SECOND


def test_every_frame_is_read_as_long_as_a_code_is_in_view() -> None:
    rig = Rig()

    assert rig.read(COUNTER, 8 * SECOND, seen=True) == 8 * SECOND


def test_every_frame_is_read_for_as_long_as_a_vote_may_take_once_something_moved() -> None:
    rig = Rig()
    rig.read(COUNTER, 8 * SECOND)
    moved = COUNTER.copy()
    moved[150:210, 250:350] = 255

    assert rig.read(moved, STILL_NS // STEP_NS) == STILL_NS // STEP_NS

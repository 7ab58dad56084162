"""When somebody is told that their code cannot be read: by a clock and bars that the test gives."""

import cv2
import numpy as np
import pytest

from kiosk.watcher.unread import PATIENCE_NS, Unread
from tests.kiosk.watcher.test_bars import EMPTY, drawn
from vision.barcode.presence import shows_bars
from vision.frame import Frame, Image

STEP_NS = 100_000_000
IN_FOUR_SECONDS = PATIENCE_NS // STEP_NS


class Rig:
    def __init__(self) -> None:
        self.bars_in_view = False
        self.unread = Unread(lambda _frame: self.bars_in_view)
        self.now_ns = 0

    def pass_by(self, frames: int, *, seen: bool = False, read: bool = False) -> int:
        """Show so many frames; return how often the shopper was told."""
        told = 0
        for _ in range(frames):
            self.now_ns += STEP_NS
            told += self.unread.observe(Frame(EMPTY, self.now_ns), seen=seen, read=read)
        return told


def test_a_hint_comes_once_when_bars_stay_unread_for_four_seconds() -> None:
    rig = Rig()
    rig.bars_in_view = True

    assert rig.pass_by(IN_FOUR_SECONDS) == 0
    assert rig.pass_by(1 + 5 * IN_FOUR_SECONDS) == 1


def test_no_hint_comes_when_the_code_is_read_before() -> None:
    rig = Rig()
    rig.bars_in_view = True
    rig.pass_by(IN_FOUR_SECONDS // 2)

    rig.pass_by(1, seen=True, read=True)

    assert rig.pass_by(3 * IN_FOUR_SECONDS) == 0  # it lies there, and its bars may be turned away


def test_the_next_pack_has_four_seconds_of_its_own_when_the_one_before_left() -> None:
    rig = Rig()
    rig.bars_in_view = True
    rig.pass_by(2 * IN_FOUR_SECONDS)
    rig.bars_in_view = False
    rig.pass_by(20)

    rig.bars_in_view = True

    assert rig.pass_by(IN_FOUR_SECONDS) == 0
    assert rig.pass_by(8) == 1


def test_a_hint_comes_when_an_engine_makes_out_a_code_that_is_never_believed() -> None:
    rig = Rig()

    assert rig.pass_by(2 * IN_FOUR_SECONDS, seen=True) == 1


def test_nothing_is_said_when_nothing_is_in_view() -> None:
    assert Rig().pass_by(5 * IN_FOUR_SECONDS) == 0


def blurred(image: Image, sigma: float) -> Image:
    return cv2.GaussianBlur(image, (0, 0), sigma)  # type: ignore[return-value] # the same shape and type as what came


def turned(image: Image, degrees: float) -> Image:
    turn = cv2.getRotationMatrix2D((640, 360), degrees, 1.0)
    return cv2.warpAffine(image, turn, (1280, 720), borderValue=(255, 255, 255))  # type: ignore[return-value] # as above


@pytest.mark.parametrize("degrees", [0, 30, 90, 135])
def test_bars_are_noticed_when_they_are_blurred_and_turned(degrees: float) -> None:
    assert shows_bars(Frame(turned(blurred(drawn("301762042200"), 2.0), degrees), 0))


def test_no_bars_are_noticed_in_an_empty_scene_or_along_a_single_edge_or_in_noise() -> None:
    edge = EMPTY.copy()
    edge[:, 640:] = 0
    noise: Image = np.random.default_rng(7).integers(0, 256, (720, 1280, 3), dtype=np.uint8)

    assert not any(shows_bars(Frame(image, 0)) for image in (EMPTY, edge, noise))

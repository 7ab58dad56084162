"""Codes drawn by the test, shown to the reader as frames and as stills."""

from collections.abc import Callable

import numpy as np
import zxingcpp

from kiosk.ports import LookTold
from kiosk.visit.events import Approached, CodeRead, Event, StillHadNoCode
from kiosk.watcher.bars import BarReader
from vision.barcode.decode import Schedule
from vision.barcode.fence import FencedDecoder
from vision.frame import Frame, Image

STEP_NS = 66_000_000


def drawn(text: str, format_: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.EAN13) -> Image:
    """Return a 1280x720 picture with one code in its middle."""
    code = np.array(zxingcpp.create_barcode(text, format_).to_image(scale=4))
    picture = np.full((720, 1280, 3), 255, dtype=np.uint8)
    top, left = (720 - code.shape[0]) // 2, (1280 - code.shape[1]) // 2
    picture[top : top + code.shape[0], left : left + code.shape[1]] = code[..., None]
    return picture


EMPTY: Image = np.full((720, 1280, 3), 255, dtype=np.uint8)


class Rig:
    def __init__(self, fence: Callable[[Schedule], FencedDecoder] | None = None) -> None:
        self.told: list[Event] = []
        self.looks: list[LookTold] = []
        self.reader = BarReader(self.told.append, self.looks.append, fence=fence)
        self.now_ns = 10**9

    @property
    def codes(self) -> list[CodeRead]:
        return [event for event in self.told if isinstance(event, CodeRead)]

    def show(self, image: Image, frames: int) -> None:
        for _ in range(frames):
            self.now_ns += STEP_NS
            self.reader.see(Frame(image, self.now_ns))


def test_one_line_comes_of_one_presentation_when_a_pack_stays_in_view() -> None:
    rig = Rig()

    rig.show(drawn("301762042200"), 30)

    assert rig.told == [Approached(), CodeRead("3017620422003", "ean13")]
    assert any(look.box is not None for look in rig.looks)


def test_two_lines_come_when_the_pack_leaves_and_returns() -> None:
    rig = Rig()

    rig.show(drawn("301762042200"), 10)
    rig.show(EMPTY, 30)
    rig.show(drawn("301762042200"), 10)

    assert rig.codes == [CodeRead("3017620422003", "ean13")] * 2


def test_a_pack_left_in_view_is_no_new_line_when_the_camera_opens_again() -> None:
    rig = Rig()
    rig.show(drawn("301762042200"), 10)
    rig.now_ns += 60 * 10**9  # the camera was dark

    rig.show(drawn("301762042200"), 10)

    assert rig.codes == [CodeRead("3017620422003", "ean13")]


def test_another_pack_is_read_at_once_when_the_camera_opens_again() -> None:
    rig = Rig()
    rig.show(drawn("301762042200"), 10)
    rig.now_ns += 60 * 10**9

    rig.show(drawn("544900013148"), 10)

    assert [event.text for event in rig.told if isinstance(event, CodeRead)][1:] == ["5449000131485"]


def test_a_wallet_code_is_read_when_its_qr_is_shown() -> None:
    rig = Rig()

    rig.show(drawn("SESAME:W:12345678", zxingcpp.BarcodeFormat.QRCode), 3)

    assert rig.codes == [CodeRead("SESAME:W:12345678", "qr")]


def test_a_still_is_as_good_as_a_scan_when_it_shows_a_code() -> None:
    rig = Rig()

    found = rig.reader.see_still(Frame(drawn("301762042200"), rig.now_ns))

    assert found == 1
    assert rig.codes == [CodeRead("3017620422003", "ean13")]


def test_a_still_is_looked_at_in_vain_when_it_shows_no_code() -> None:
    rig = Rig()

    assert rig.reader.see_still(Frame(EMPTY, rig.now_ns)) == 0
    assert rig.told == [StillHadNoCode()]


def test_the_same_is_read_when_the_engines_stand_behind_a_fence() -> None:
    rig = Rig(fence=lambda schedule: FencedDecoder(schedule=schedule))

    rig.show(drawn("301762042200"), 4)
    found = rig.reader.see_still(Frame(drawn("544900013148"), rig.now_ns))
    rig.reader.close()

    assert found == 1
    assert rig.codes == [CodeRead("3017620422003", "ean13"), CodeRead("5449000131485", "ean13")]

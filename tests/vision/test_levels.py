"""What our own reader makes of bars that have run into one another."""

import cv2
import numpy as np
import pytest
import zxingcpp
from cv2.typing import MatLike
from hypothesis import given
from hypothesis import strategies as st

from tests.examples import examples
from tests.vision.builders import a_code
from vision.barcode.decode import Decoder
from vision.barcode.levels import Corners, read_levels
from vision.barcode.observation import Engine
from vision.frame import Frame, Grey, Image

SPREAD = "3017620422003"
SIDE_PX = 640


def a_photo(text: str = SPREAD, *, bar_px: float = 2.0, blur_bars: float = 0.0, degrees: float = 0.0) -> Image:
    """Return a grey card with a code in its middle, ``bar_px`` a bar, out of focus by a sigma in bars."""
    drawn = cv2.cvtColor(a_code(text, zxingcpp.BarcodeFormat.EAN13, scale=4), cv2.COLOR_BGR2GRAY)
    tight = drawn[60:-60, 60:-60]
    size = (round(tight.shape[1] * bar_px / 4), round(tight.shape[0] * bar_px / 4))
    card: MatLike = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    top, left = (SIDE_PX - size[1]) // 2, (SIDE_PX - size[0]) // 2
    card[top : top + size[1], left : left + size[0]] = cv2.resize(tight, size, interpolation=cv2.INTER_AREA)
    turn = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX / 2), degrees, 1)
    card = cv2.warpAffine(card, turn, (SIDE_PX, SIDE_PX), borderMode=cv2.BORDER_REPLICATE)
    if blur_bars:
        card = cv2.GaussianBlur(card, (0, 0), blur_bars * bar_px)
    printed = 40 + card.astype(np.float32) * (170 / 255) + np.random.default_rng(1).normal(0, 2, card.shape)
    return np.asarray(cv2.cvtColor(printed.clip(0, 255).astype(np.uint8), cv2.COLOR_GRAY2BGR), dtype=np.uint8)


def a_place(bar_px: float = 2.0, degrees: float = 0.0) -> Corners:
    """Return the corners of the middle of ``a_photo``, as a locator gives them: with some of the margins."""
    box = cv2.boxPoints(((SIDE_PX / 2, SIDE_PX / 2), (118 * bar_px, 45 * bar_px), -degrees))
    return np.asarray(box, dtype=np.float32)


def grey(image: Image) -> Grey:
    return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


@pytest.mark.parametrize("degrees", [0, 90, 175, 300])
@pytest.mark.parametrize(("bar_px", "blur_bars"), [(3.0, 0.3), (1.5, 0.6), (2.5, 0.75)])
def test_number_is_read_when_bars_run_into_one_another(bar_px: float, blur_bars: float, degrees: float) -> None:
    photo = grey(a_photo(bar_px=bar_px, blur_bars=blur_bars, degrees=degrees))

    read = read_levels(photo, a_place(bar_px, degrees))

    assert read is not None
    assert (read.digits, read.is_clear) == (SPREAD, True)
    assert read.length_px == pytest.approx(95 * bar_px, rel=0.1)


@pytest.mark.parametrize("first", range(10))
def test_first_digit_is_told_when_only_the_order_of_the_others_says_it(first: int) -> None:
    text = zxingcpp.create_barcode(f"{first}12345678901", zxingcpp.BarcodeFormat.EAN13).text

    read = read_levels(grey(a_photo(text, blur_bars=0.7)), a_place())

    assert read is not None
    assert (read.digits, read.is_clear) == (text, True)


@pytest.mark.parametrize("blur_bars", [0.5, 0.7, 0.9])
def test_nothing_breaks_when_the_place_begins_within_the_code(blur_bars: float) -> None:
    photo = grey(a_photo(bar_px=2.5, blur_bars=blur_bars))

    for bars in (*range(-40, -34), *range(34, 40)):
        read = read_levels(photo, a_place(2.5) + np.array([bars * 2.5, 0], np.float32))
        assert read is None or not read.is_clear or read.digits == SPREAD


@pytest.mark.parametrize(
    ("text", "left_px", "wide_px"),
    [("6530234977785", 376, 14), ("8657572420761", 277, 14)],
)
def test_number_is_not_clear_when_something_lies_over_some_of_its_digits(text: str, left_px: int, wide_px: int) -> None:
    photo = grey(a_photo(text, blur_bars=0.5))
    photo[:, left_px : left_px + wide_px] = 200

    read = read_levels(photo, a_place())

    assert read is None or not read.is_clear


def test_our_own_reader_is_asked_when_the_others_locate_and_do_not_read() -> None:
    blurred, sharp = (Frame(a_photo(bar_px=3.0, blur_bars=blur), 0) for blur in (0.7, 0.0))

    seen, others = Decoder().decode(blurred), Decoder().decode(sharp)

    assert {(one.engine, one.text) for one in seen} == {(Engine.LEVELS, SPREAD)}
    assert Engine.LEVELS not in {one.engine for one in others}


def test_number_is_not_clear_when_the_code_is_of_another_kind() -> None:
    kinds = {"ABC-1234567": zxingcpp.BarcodeFormat.Code128, "15400141288763": zxingcpp.BarcodeFormat.ITF14}
    for text, kind in kinds.items():
        drawn = grey(a_code(text, kind, scale=2))
        corners = np.array([[40, 60], [drawn.shape[1] - 40, 60], [drawn.shape[1] - 40, 120], [40, 120]], np.float32)

        read = read_levels(drawn, corners)

        assert read is None or not read.is_clear


@examples(30)
@given(seed=st.integers(0, 10_000), size=st.sampled_from([(1, 1), (40, 300), (240, 240), (3, 900)]), data=st.data())
def test_nothing_is_clear_and_nothing_raises_when_there_is_no_code(
    seed: int, size: tuple[int, int], data: st.DataObject
) -> None:
    chance = np.random.default_rng(seed)
    noise = chance.integers(0, 256, size, dtype=np.uint8)
    if data.draw(st.booleans(), label="stripes"):  # bars of any width: like a code, and none
        noise[:] = np.repeat(chance.integers(0, 2, size[1]), chance.integers(1, 5, size[1]))[: size[1]] * 200
    corners = data.draw(
        st.lists(st.tuples(st.integers(-50, 1000), st.integers(-50, 1000)), min_size=4, max_size=4), label="corners"
    )

    read = read_levels(noise, np.array(corners, np.float32))

    assert read is None or not read.is_clear

"""What the engines make of drawn symbols."""

import cv2
import numpy as np
import pytest
import zxingcpp

from tests.vision.builders import a_code
from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.decode import OBSERVATIONS_AT_MOST, Decoder, Schedule
from vision.barcode.observation import Engine, Symbology
from vision.barcode.still import read_still
from vision.frame import Frame, Image

F = zxingcpp.BarcodeFormat


def shown(image: Image, frames: int = 6) -> list[Accepted]:
    decoder, accepter = Decoder(), Accepter()
    taken: list[Accepted] = []
    for number in range(frames):
        frame = Frame(image, number * 66_000_000)
        taken += accepter.observe(decoder.decode(frame), frame.captured_at_ns)
    return taken


@pytest.mark.parametrize(
    ("text", "kind", "gs1", "symbology", "gtin"),
    [
        ("3017620422003", F.EAN13, False, Symbology.EAN13, "03017620422003"),
        ("96385074", F.EAN8, False, Symbology.EAN8, "00000096385074"),
        ("036000291452", F.UPCA, False, Symbology.EAN13, "00036000291452"),
        ("15400141288763", F.ITF14, False, Symbology.ITF14, "15400141288763"),
        ("(01)09521234543213(17)261122(10)AB", F.Code128, True, Symbology.GS1_128, "09521234543213"),
        ("(01)09521234543213(17)261122", F.DataBarExp, False, Symbology.DATABAR, "09521234543213"),
        ("(01)09521234543213", F.DataBarLtd, False, Symbology.DATABAR, "09521234543213"),
        ("(01)09521234543213(10)X", F.DataMatrix, True, Symbology.GS1_DATAMATRIX, "09521234543213"),
        ("https://example.com/01/09521234543213", F.QRCode, False, Symbology.QR, "09521234543213"),
        ("SESAME:W:12345678", F.QRCode, False, Symbology.QR, None),
    ],
)
def test_symbol_is_scanned_once_when_held_before_the_camera(
    text: str,
    kind: zxingcpp.BarcodeFormat,
    gs1: bool,  # noqa: FBT001 - a column of the table above
    symbology: Symbology,
    gtin: str | None,
) -> None:
    (code,) = shown(a_code(text, kind, gs1=gs1))

    assert code.symbology is symbology
    assert code.gtin14 == gtin


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_symbol_is_scanned_when_turned(turns: int) -> None:
    turned = np.ascontiguousarray(np.rot90(a_code("3017620422003", F.EAN13), turns))

    assert [code.text for code in shown(turned)] == ["3017620422003"]


def test_light_code_is_scanned_when_shown_on_a_dark_screen() -> None:
    dark = np.asarray(255 - a_code("SESAME:W:12345678", F.QRCode), dtype=np.uint8)

    assert [code.text for code in shown(dark)] == ["SESAME:W:12345678"]


def test_box_is_in_pixels_of_the_frame_when_the_picture_was_shrunk() -> None:
    canvas = np.full((1400, 2000, 3), 255, dtype=np.uint8)
    code = a_code("3017620422003", F.EAN13, scale=6)
    canvas[500 : 500 + code.shape[0], 900 : 900 + code.shape[1]] = code

    (taken,) = shown(canvas)

    # The drawing has a margin of 60 px, and the engines set their corners on the outermost bars.
    assert taken.box.left == pytest.approx(980, abs=45)
    assert taken.box.right == pytest.approx(900 + code.shape[1] - 60, abs=45)
    assert 500 < taken.box.top < taken.box.bottom < 500 + code.shape[0]


def test_nothing_is_scanned_when_the_frame_is_noise() -> None:
    noise = np.random.default_rng(3).integers(0, 255, (480, 640, 3), dtype=np.uint8)

    assert shown(noise) == []


def test_every_engine_answers_when_asked_thoroughly() -> None:
    # The detector of OpenCV wants some width.
    decoder = Decoder(schedule=Schedule.THOROUGH)

    seen = decoder.decode(Frame(a_code("3017620422003", F.EAN13, scale=5), 0))

    assert set(decoder.engines) >= {Engine.ZXING, Engine.OPENCV}
    assert {reading.text for reading in seen} == {"3017620422003"}
    assert Engine.ZXING in {reading.engine for reading in seen}


def test_pyzbar_is_asked_when_there_is_time_for_a_still_picture() -> None:
    frame = Frame(a_code("3017620422003", F.EAN13, scale=5), 0)
    live, thorough = Decoder(), Decoder(schedule=Schedule.THOROUGH)

    hasty = [one.engine for _ in range(4) for one in live.decode(frame)]
    careful = [one.engine for one in thorough.decode(frame)]

    assert Engine.PYZBAR not in hasty
    assert (Engine.PYZBAR in careful) is (Engine.PYZBAR in thorough.engines)


def test_small_code_is_read_when_the_frame_is_made_larger() -> None:
    drawn = a_code("3017620422003", F.EAN13, scale=4)
    tiny = np.asarray(cv2.resize(drawn, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA), dtype=np.uint8)

    seen = Decoder().decode(Frame(tiny, 0))

    assert {reading.text for reading in seen if reading.engine is Engine.ZXING} == {"3017620422003"}
    # Told in pixels of the frame: 95 bars of 1.2 px, whatever it was grown to.
    assert all(reading.length_px < 130 for reading in seen)


def test_short_code_is_read_only_when_the_shop_asks_for_it() -> None:
    frame = Frame(a_code("01234565", F.UPCE, scale=4), 0)

    assert Decoder().decode(frame) == ()
    assert {reading.text for reading in Decoder(upc_e=True).decode(frame)} == {"0012345000065"}


def test_observations_are_bounded_when_a_sheet_is_full_of_codes() -> None:
    code = a_code("SESAME:W:1", F.QRCode, scale=1)[45:-45, 45:-45]
    sheet = np.tile(code, (14, 14, 1))

    assert 0 < len(Decoder().decode(Frame(sheet, 0))) <= OBSERVATIONS_AT_MOST


def test_still_picture_is_read_as_carefully_as_a_live_pack_when_shown() -> None:
    taken = read_still(Frame(a_code("3017620422003", F.EAN13), 5))

    assert [code.text for code in taken] == ["3017620422003"]


def test_coupon_link_is_handed_on_and_other_links_are_not_when_shown() -> None:
    assert len(read_still(Frame(a_code("https://shop.example/c/Ab-12_x", F.QRCode), 0))) == 1
    assert read_still(Frame(a_code("https://shop.example/offers/Ab-12_x", F.QRCode), 0)) == ()


def test_long_label_is_read_in_one_frame_when_it_fills_the_picture() -> None:
    said = "(01)98898765432106(15)991231(3103)001750(10)12A(422)123(21)123456(423)012345678901"
    edge_to_edge = a_code(said, F.DataBarExp, scale=2)[60:-60, 60:-60]

    (code,) = shown(np.ascontiguousarray(edge_to_edge), frames=1)

    assert edge_to_edge.shape[1] > 900
    assert code.gtin14 == "98898765432106"
    # Looked at again by itself, and still told in pixels of the whole frame.
    assert code.box.right <= edge_to_edge.shape[1] + 1


def test_place_is_of_the_frame_when_a_label_is_looked_at_again() -> None:
    canvas = np.full((720, 1280, 3), 255, dtype=np.uint8)
    label = a_code("(01)09521234543213(17)261122", F.DataBarExp, scale=2)
    canvas[400 : 400 + label.shape[0], 600 : 600 + label.shape[1]] = label

    seen = Decoder().decode(Frame(canvas, 0))

    assert len(seen) >= 2
    assert all(one.box.left > 640 and one.box.top > 440 for one in seen)


def test_text_of_a_whole_page_is_read_and_not_believed_when_a_square_holds_it() -> None:
    page = Frame(a_code("https://shop.example/01/09521234543213?" + "x" * 600, F.QRCode), 0)

    seen = Decoder().decode(page)

    assert {len(one.text) for one in seen} == {639}
    assert Accepter().observe(seen, 0) == ()


@pytest.mark.parametrize("shade", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 1280), (720, 1), (3, 3), (720, 1280)])
def test_nothing_is_seen_when_the_frame_is_empty_or_of_a_strange_shape(shape: tuple[int, int], shade: int) -> None:
    blank = Frame(np.full((*shape, 3), shade, dtype=np.uint8), 0)

    assert Decoder(schedule=Schedule.THOROUGH).decode(blank) == ()

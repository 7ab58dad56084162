"""Ask three engines what symbols a frame shows.

zxing-cpp is the main engine and reads everything; pyzbar and OpenCV are witnesses for retail symbols only. On 925 hard
photographs pyzbar alone returned a wrong but well-formed product number 22 times; no engine is believed alone
(``debounce.py``).

Each frame is read at one scale by two engines, alternating: a smaller picture reads noisy and blurred codes better
and a larger one reads small codes, and the pair of frames costs what one would cost at both.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum

import cv2
import numpy as np
import zxingcpp

from vision.barcode.observation import TEXT_AT_MOST, Engine, Observation, Symbology
from vision.frame import Box, Frame, Grey

LARGE_PX, MIDDLE_PX, SMALL_PX = 1280, 960, 640  # longer side
INVERTED_EVERY = 4  # frames; light-on-dark QR codes on phones, at a third of the time again
OBSERVATIONS_AT_MOST = 64  # a frame full of codes is an attack or a mistake

_FORMATS = zxingcpp.BarcodeFormats(
    [
        zxingcpp.BarcodeFormat.EAN13,
        zxingcpp.BarcodeFormat.EAN8,
        zxingcpp.BarcodeFormat.UPCA,
        zxingcpp.BarcodeFormat.ITF,
        zxingcpp.BarcodeFormat.Code128,
        zxingcpp.BarcodeFormat.DataBar,
        zxingcpp.BarcodeFormat.DataBarLtd,
        zxingcpp.BarcodeFormat.DataBarExp,
        zxingcpp.BarcodeFormat.DataBarExpStk,
        zxingcpp.BarcodeFormat.QRCode,
        zxingcpp.BarcodeFormat.DataMatrix,
    ]
)
# UPC-E is left out: half a tilted EAN-13 reads as a well-formed UPC-E, and outside North America no pack carries one.

_BY_IDENTIFIER = {
    "]E0": Symbology.EAN13,
    "]E4": Symbology.EAN8,
    "]I0": Symbology.ITF14,
    "]I1": Symbology.ITF14,
    "]C0": Symbology.CODE128,
    "]C1": Symbology.GS1_128,
    "]e0": Symbology.DATABAR,
    "]d0": Symbology.DATAMATRIX,
    "]d1": Symbology.DATAMATRIX,
    "]d2": Symbology.GS1_DATAMATRIX,
    "]d8": Symbology.GS1_DATAMATRIX,
    "]Q0": Symbology.QR,
    "]Q1": Symbology.QR,
    "]Q2": Symbology.QR,
    "]Q3": Symbology.GS1_QR,
}

Reader = Callable[[Grey, float, int], list[Observation]]
"""A reader takes a grey picture, how many frame pixels one of its pixels is, and the frame's time."""


class Schedule(StrEnum):
    """How much to do for a frame."""

    ALTERNATING = "alternating"  # two engines a frame, taking turns; for live frames
    THOROUGH = "thorough"  # every engine at every scale; for a still picture


class Decoder:
    """The engines of this machine and whose turn it is. For one thread."""

    def __init__(self, *, schedule: Schedule = Schedule.ALTERNATING) -> None:
        self._schedule = schedule
        self._turn = 0
        self._zbar = _open_zbar()
        self._opencv = _open_opencv()

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Who takes part; pyzbar is absent where the library libzbar0 is not installed."""
        return (Engine.ZXING, Engine.OPENCV) if self._zbar is None else tuple(Engine)

    def decode(self, frame: Frame) -> tuple[Observation, ...]:
        """Return what the engines saw, believed or not, at most ``OBSERVATIONS_AT_MOST``."""
        grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        seen: list[Observation] = []
        for reader, longest_px in self._readers():
            picture, factor = _at_most(grey, longest_px)
            seen += reader(picture, factor, frame.captured_at_ns)
        self._turn += 1
        return tuple(observation for observation in seen if _is_sane(observation))[:OBSERVATIONS_AT_MOST]

    def _readers(self) -> Sequence[tuple[Reader, int]]:
        zbar = self._zbar
        witness: list[tuple[Reader, int]] = [] if zbar is None else [(zbar, SMALL_PX)]
        if self._schedule is Schedule.THOROUGH:
            return [(_zxing_inverted, MIDDLE_PX), (self._opencv, LARGE_PX), (_zxing, SMALL_PX), *witness]
        if self._turn % 2:
            return [(_zxing, SMALL_PX), *witness]
        zxing = _zxing_inverted if self._turn % INVERTED_EVERY == 0 else _zxing
        return [(zxing, MIDDLE_PX), (self._opencv, LARGE_PX)]


def _at_most(grey: Grey, longest_px: int) -> tuple[Grey, float]:
    longest = max(grey.shape)
    if longest <= longest_px:
        return grey, 1.0
    factor = longest / longest_px
    size = (max(round(grey.shape[1] / factor), 1), max(round(grey.shape[0] / factor), 1))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), dtype=np.uint8), factor


def _is_sane(observation: Observation) -> bool:
    return 0 < len(observation.text) <= TEXT_AT_MOST


def _zxing(picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
    return _read_zxing(picture, factor, captured_at_ns, inverted=False)


def _zxing_inverted(picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
    return _read_zxing(picture, factor, captured_at_ns, inverted=True)


def _read_zxing(picture: Grey, factor: float, captured_at_ns: int, *, inverted: bool) -> list[Observation]:
    found = zxingcpp.read_barcodes(picture, formats=_FORMATS, try_invert=inverted, text_mode=zxingcpp.TextMode.Plain)
    seen = []
    for code in found:
        symbology = _BY_IDENTIFIER.get(code.symbology_identifier)
        if symbology is None:
            continue
        corners = code.position
        points = [corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left]
        quad = np.array([(point.x, point.y) for point in points], dtype=np.float32)
        seen.append(
            _observed(Engine.ZXING, symbology, code.symbology_identifier, code.text, quad * factor, captured_at_ns)
        )
    return seen


def _open_zbar() -> Reader | None:
    try:
        from pyzbar import pyzbar  # noqa: PLC0415 - loads libzbar0, which a machine may lack
    except ImportError:
        return None
    # Named one by one: by default it also reads interleaved 2 of 5, which finds numbers in cut-off codes.
    symbols = [pyzbar.ZBarSymbol.EAN13, pyzbar.ZBarSymbol.EAN8, pyzbar.ZBarSymbol.UPCA]

    def read(picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
        seen = []
        for code in pyzbar.decode(picture, symbols=symbols):
            symbology, identifier = _retail(code.type)
            quad = np.array([(point.x, point.y) for point in code.polygon], dtype=np.float32)
            text = code.data.decode("ascii", "replace")
            seen.append(_observed(Engine.PYZBAR, symbology, identifier, text, quad * factor, captured_at_ns))
        return seen

    return read


def _open_opencv() -> Reader:
    detector = cv2.barcode.BarcodeDetector()

    def read(picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
        found, texts, kinds, quads = detector.detectAndDecodeWithType(picture)
        if not found:
            return []
        seen = []
        for text, kind, quad in zip(texts, kinds, quads, strict=True):
            if text and kind != "UPC_E":
                symbology, identifier = _retail(kind)
                corners = np.asarray(quad, dtype=np.float32)
                seen.append(_observed(Engine.OPENCV, symbology, identifier, text, corners * factor, captured_at_ns))
        return seen

    return read


def _retail(kind: str) -> tuple[Symbology, str]:
    return (Symbology.EAN8, "]E4") if kind.replace("_", "") == "EAN8" else (Symbology.EAN13, "]E0")


def _observed(
    engine: Engine,
    symbology: Symbology,
    identifier: str,
    text: str,
    corners: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    captured_at_ns: int,
) -> Observation:
    _, sides, _ = cv2.minAreaRect(corners)
    (left, top), (right, bottom) = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
    # UPC-A is an EAN-13 that begins with a zero; some engines leave it out.
    return Observation(
        engine=engine,
        symbology=symbology,
        symbology_id=identifier,
        text=text.zfill(13) if symbology is Symbology.EAN13 else text,
        box=Box(left, top, right - left, bottom - top),
        length_px=float(max(sides)),
        thickness_px=float(min(sides)),
        captured_at_ns=captured_at_ns,
    )

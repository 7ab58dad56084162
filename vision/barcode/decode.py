"""Ask three engines what symbols a frame shows.

zxing-cpp is the main engine and reads everything; pyzbar and OpenCV are witnesses for retail symbols only, and our own
reader (``levels.py``) looks where OpenCV locates bars that nobody reads. On 925 hard photographs pyzbar alone returned
a wrong but well-formed product number 22 times; one that is alone has to say the same often (``debounce.py``).

Frames alternate between two rows of passes: a smaller picture reads noisy and blurred codes better, a larger one reads
small codes, and one that is small itself is read at twice its size. OpenCV looks at every frame, since it reads blurred
bars that nobody else does, and may be believed alone when it says the same often enough (``debounce.py``). A DataBar
that one pass read is looked at again by itself, larger: a long one spoils at any smaller size.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import cv2
import numpy as np
import zxingcpp

from vision.barcode.levels import Corners, read_levels
from vision.barcode.observation import RETAIL, TEXT_AT_MOST, Engine, Observation, Symbology
from vision.frame import Box, Frame, Grey

LARGE_PX, MIDDLE_PX, SMALL_PX = 1280, 960, 640  # longer side
GROWN_AT_MOST = 2.0  # times; beyond, nothing new is seen
GROWN_AT_LEAST = 1.2  # times; below, it is nearly the picture itself
LOCATOR_PX = 256  # OpenCV looks for bars in a picture of this shorter side, a third of the time of its default, 512
AGAIN_SCALE = 1.5  # of a DataBar looked at again; a whole number would repeat the same pixels
AGAIN_MARGIN = 0.5  # of the shorter side of its place, around it: the corners lie within a stacked symbol
AGAIN_AT_MOST = 4  # a frame
LEVELS_AT_MOST = 1  # places a frame that our own reader looks at, 5 ms each
OBSERVATIONS_AT_MOST = 64  # a frame full of codes is an attack or a mistake

_DATABAR = [
    zxingcpp.BarcodeFormat.DataBar,
    zxingcpp.BarcodeFormat.DataBarLtd,
    zxingcpp.BarcodeFormat.DataBarExp,
    zxingcpp.BarcodeFormat.DataBarExpStk,
]
_LINES = [
    zxingcpp.BarcodeFormat.EAN13,
    zxingcpp.BarcodeFormat.EAN8,
    zxingcpp.BarcodeFormat.UPCA,
    zxingcpp.BarcodeFormat.ITF,
    zxingcpp.BarcodeFormat.Code128,
    *_DATABAR,
]
_SQUARES = [zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.DataMatrix]  # half the time of a frame, when searched
# Asked for only where a shop says so: half a tilted EAN-13 reads as a well-formed UPC-E, and outside North America no
# pack carries one.
_SHORT = [zxingcpp.BarcodeFormat.UPCE]

_WITH_ADD_ON = "]E3"
_EAN13_DIGITS = 13
_BY_IDENTIFIER = {
    "]E0": Symbology.EAN13,
    _WITH_ADD_ON: Symbology.EAN13,
    "]E4": Symbology.EAN8,
    "]I0": Symbology.ITF14,
    "]I1": Symbology.ITF14,
    "]C0": Symbology.CODE128,
    "]C1": Symbology.GS1_128,
    "]e0": Symbology.DATABAR,
    "]d0": Symbology.DATAMATRIX,
    "]d1": Symbology.DATAMATRIX,
    "]d4": Symbology.DATAMATRIX,  # names its character set
    "]d7": Symbology.DATAMATRIX,  # rectangular
    "]d2": Symbology.GS1_DATAMATRIX,
    "]d8": Symbology.GS1_DATAMATRIX,
    "]Q0": Symbology.QR,
    "]Q1": Symbology.QR,
    "]Q2": Symbology.QR,
    "]Q3": Symbology.GS1_QR,
}

Reader = Callable[[Grey, float, int], list[Observation]]
"""A reader takes a grey picture, how many frame pixels one of its pixels is, and the frame's time."""


class Looks(Protocol):
    """Whoever finds symbols in a frame."""

    def decode(self, frame: Frame) -> tuple[Observation, ...]:
        """Return what the engines saw in it."""
        ...


class Schedule(StrEnum):
    """How much to do for a frame."""

    ALTERNATING = "alternating"  # half of the passes a frame, taking turns; for live frames
    THOROUGH = "thorough"  # every engine at every scale; for a still picture


@dataclass(frozen=True, slots=True)
class _Pass:
    """One reader and the longer side of the picture that it gets; ``grows`` where a small one is made larger."""

    read: Reader
    longest_px: int
    grows: bool = False


class Decoder:
    """The engines of this machine and whose turn it is. For one thread."""

    def __init__(self, *, schedule: Schedule = Schedule.ALTERNATING, upc_e: bool = False) -> None:
        """Open the engines.

        Args:
            schedule: How much to do for a frame.
            upc_e: Read UPC-E as well, as shops in North America must.
        """
        lines = [*_LINES, *(_SHORT if upc_e else [])]
        everything = zxingcpp.BarcodeFormats([*lines, *_SQUARES])
        # The small pass already reads what a shrunk picture shows.
        inverted = _Pass(_open_zxing(everything, inverted=True, shrinks=False), MIDDLE_PX)
        small = _Pass(_open_zxing(everything), SMALL_PX)
        bars = _open_zxing(zxingcpp.BarcodeFormats([*lines, zxingcpp.BarcodeFormat.QRCode]), add_ons=True)
        self._again = _open_zxing(zxingcpp.BarcodeFormats(_DATABAR))
        middle, grown = _Pass(bars, MIDDLE_PX), _Pass(bars, LARGE_PX, grows=True)
        self._bars = _LocatedBars()
        opencv = _Pass(self._bars.read, LARGE_PX)
        # In live frames it brought 2 photographs of 274 beside our own reader, which takes no longer and brings 14.
        zbar = _open_zbar()
        witness = [] if zbar is None else [_Pass(zbar, SMALL_PX)]
        self._engines = tuple(one for one in Engine if one is not Engine.PYZBAR or zbar is not None)
        # Bars as large as can be in three frames of four, squares of light on dark in one, Data Matrix in two.
        rows = (
            (inverted, grown, opencv),
            (grown, opencv),
            (middle, grown, opencv),
            (small, opencv),
        )
        is_thorough = schedule is Schedule.THOROUGH
        self._rows = ((inverted, grown, small, opencv, *witness),) if is_thorough else rows
        self._turn = 0

    @property
    def engines(self) -> tuple[Engine, ...]:
        """Who takes part; pyzbar is absent where the library libzbar0 is not installed."""
        return self._engines

    def decode(self, frame: Frame) -> tuple[Observation, ...]:
        """Return what the engines saw, believed or not, at most ``OBSERVATIONS_AT_MOST``."""
        return self.decode_grey(grey_of(frame), frame.captured_at_ns)

    def decode_grey(self, grey: Grey, captured_at_ns: int) -> tuple[Observation, ...]:
        """Do the same for a picture without colours."""
        seen: list[Observation] = []
        for one in self._rows[self._turn % len(self._rows)]:
            picture, factor = _sized(grey, one.longest_px, grows=one.grows)
            seen += one.read(picture, factor, captured_at_ns)
        self._turn += 1
        seen += self._seen_again(grey, seen)
        if all(one.symbology not in RETAIL for one in seen):
            seen += self._bars.by_levels(seen, captured_at_ns)
        return tuple(observation for observation in seen if _is_sane(observation))[:OBSERVATIONS_AT_MOST]

    def _seen_again(self, grey: Grey, seen: Sequence[Observation]) -> list[Observation]:
        """Return second readings of the DataBars that were read once in this frame."""
        counts = Counter(one.text for one in seen if one.symbology is Symbology.DATABAR)
        once = [one for one in seen if one.symbology is Symbology.DATABAR and counts[one.text] == 1]
        found: list[Observation] = []
        for one in once[:AGAIN_AT_MOST]:
            picture, (left, top) = _cut(grey, one.box)
            large = cv2.resize(picture, None, fx=AGAIN_SCALE, fy=AGAIN_SCALE, interpolation=cv2.INTER_CUBIC)
            again = self._again(np.asarray(large, dtype=np.uint8), 1 / AGAIN_SCALE, one.captured_at_ns)
            found += [replace(two, box=two.box.moved(left, top)) for two in again if two.text == one.text]
        return found


def grey_of(frame: Frame) -> Grey:
    """Return the picture without colours, as the engines take it."""
    return np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _cut(grey: Grey, box: Box) -> tuple[Grey, tuple[int, int]]:
    """Return the place in the picture with a margin around it, and where it begins."""
    margin = AGAIN_MARGIN * min(box.width, box.height) + 1
    left, top = max(round(box.left - margin), 0), max(round(box.top - margin), 0)
    return grey[top : round(box.bottom + margin), left : round(box.right + margin)], (left, top)


def _sized(grey: Grey, longest_px: int, *, grows: bool) -> tuple[Grey, float]:
    """Return the picture at most so long, and how many of its own pixels one of the new ones is."""
    longest = max(grey.shape)
    growth = min(longest_px / longest, GROWN_AT_MOST if grows else 1.0)
    if 1 <= growth < GROWN_AT_LEAST:
        return grey, 1.0
    size = (max(round(grey.shape[1] * growth), 1), max(round(grey.shape[0] * growth), 1))
    how = cv2.INTER_AREA if growth < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(grey, size, interpolation=how), dtype=np.uint8), 1 / growth


def _is_sane(observation: Observation) -> bool:
    return 0 < len(observation.text) <= TEXT_AT_MOST


def _open_zxing(
    formats: zxingcpp.BarcodeFormats, *, inverted: bool = False, add_ons: bool = False, shrinks: bool = True
) -> Reader:
    extra = zxingcpp.EanAddOnSymbol.Read if add_ons else zxingcpp.EanAddOnSymbol.Ignore

    def read(picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
        found = zxingcpp.read_barcodes(
            picture,
            formats=formats,
            try_invert=inverted,
            try_downscale=shrinks,
            text_mode=zxingcpp.TextMode.Plain,
            ean_add_on_symbol=extra,
        )
        return [seen for code in found if (seen := _of_zxing(code, factor, captured_at_ns)) is not None]

    return read


def _of_zxing(code: zxingcpp.Barcode, factor: float, captured_at_ns: int) -> Observation | None:
    identifier, text, add_on = code.symbology_identifier, code.text, None
    symbology = _BY_IDENTIFIER.get(identifier)
    if symbology is None:
        return None
    if identifier == _WITH_ADD_ON:
        identifier, text, add_on = "]E0", text[:_EAN13_DIGITS], text[_EAN13_DIGITS:]
    corners = code.position
    points = [corners.top_left, corners.top_right, corners.bottom_right, corners.bottom_left]
    quad = np.array([(point.x, point.y) for point in points], dtype=np.float32)
    return _observed(Engine.ZXING, symbology, identifier, text, quad * factor, captured_at_ns, add_on=add_on)


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
            symbology, identifier = (Symbology.EAN8, "]E4") if code.type == "EAN8" else (Symbology.EAN13, "]E0")
            quad = np.array([(point.x, point.y) for point in code.polygon], dtype=np.float32)
            text = code.data.decode("ascii", "replace")
            seen.append(_observed(Engine.PYZBAR, symbology, identifier, text, quad * factor, captured_at_ns))
        return seen

    return read


class _LocatedBars:
    """OpenCV, which locates more bars than it reads, and our own reader for the rest."""

    def __init__(self) -> None:
        self._detector = cv2.barcode.BarcodeDetector()
        self._detector.setDownsamplingThreshold(LOCATOR_PX)
        self._unread: list[tuple[Grey, Corners, float]] = []
        self._rests = False

    def read(self, picture: Grey, factor: float, captured_at_ns: int) -> list[Observation]:
        """Return what OpenCV reads, and remember the places of what it does not."""
        self._unread = []
        # It says that nothing was found where it read nothing, and gives the places all the same.
        _, texts, kinds, quads = self._detector.detectAndDecodeWithType(picture)
        if quads is None:
            return []
        seen = []
        for text, kind, quad in zip(texts, kinds, quads, strict=True):
            corners = np.asarray(quad, dtype=np.float32)
            # Its short codes are noise: of 274 photographs it read an EAN-8 rightly in 8, and another one into 20.
            if text and kind not in {"UPC_E", "EAN_8"}:
                seen.append(_observed(Engine.OPENCV, Symbology.EAN13, "]E0", text, corners * factor, captured_at_ns))
            else:
                self._unread.append((picture, corners, factor))
        return seen

    def by_levels(self, seen: Sequence[Observation], captured_at_ns: int) -> list[Observation]:
        """Return what our own reader makes of the largest place of this frame where nobody else has read anything.

        After a look in vain it rests for a frame: much that OpenCV locates is print, or too far away for anybody.
        """
        if self._rests:
            self._rests = False
            return []
        places = [
            (_observed(Engine.LEVELS, Symbology.EAN13, "]E0", "", corners * factor, captured_at_ns), picture, corners)
            for picture, corners, factor in self._unread
        ]
        free = [one for one in places if all(one[0].box.overlap(other.box) == 0 for other in seen)]
        found = []
        for place, picture, corners in sorted(free, key=lambda one: -one[0].length_px)[:LEVELS_AT_MOST]:
            read = read_levels(picture, corners)
            if read is not None and read.is_clear:
                found.append(replace(place, text=read.digits))
            else:
                self._rests = True
        return found


def _observed(
    engine: Engine,
    symbology: Symbology,
    identifier: str,
    text: str,
    corners: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    captured_at_ns: int,
    *,
    add_on: str | None = None,
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
        add_on=add_on,
    )

"""How many photographed codes are read, and how many wrongly, beside pyzbar, zxing-cpp and OpenCV each alone.

Every photograph becomes six unsteady frames (``bursts.py``). Sésame decides over the burst. A peer is used as most
programs use it: full picture, every kind of symbol that it knows of those in the table, the first frame with an answer
wins. Times are CPU time a frame in the same run, so that the ratios hold on any machine.
"""

import re
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import zxingcpp
from pyzbar import pyzbar

from vision.barcode.debounce import Accepter
from vision.barcode.decode import Decoder
from vision.bench.bursts import Photo, burst_of, photos
from vision.bench.paper import a_parser, data_folder, existing_folder, new_figure, progress, table
from vision.errors import PictureUnreadableError
from vision.frame import Frame, Grey

FAMILIES = {
    "retail": ("EAN_13", "EAN_8", "UPC_A"),
    "qr": ("QR_CODE",),
    "databar": ("RSS_14", "RSS_EXPANDED", "RSS_EXPANDED_STACKED", "DATABAR_LIMITED"),
    "datamatrix": ("DATA_MATRIX",),
    "lines": ("ITF", "CODE_128"),
    "nothing": ("NONE", "CODABAR", "CODE_39", "UPC_E"),
}
"""Of the last family nothing may be read: no code, a cut-off one, or a kind that the shop does not take."""

_ANY_TEXT = re.compile(r".*", re.DOTALL)
_BOOK_PRICE = re.compile("019[12]")
_NUMBERS = frozenset({8, 12, 13, 14, 15, 18})  # digits of a product number, two with their add-on

Read = Callable[[Iterable[Frame]], list[str]]
"""A reader takes as much of a burst as it needs and returns what it believes."""


@dataclass
class Tally:
    """What one reader made of one family."""

    photographs: int = 0
    read: int = 0
    wrong: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0
    frames: int = 0

    @property
    def share(self) -> float:
        """Read, of all."""
        return self.read / max(self.photographs, 1)

    @property
    def frame_ms(self) -> float:
        """CPU time of one frame."""
        return 1000 * self.cpu_seconds / max(self.frames, 1)


def sesame(frames: Iterable[Frame]) -> list[str]:
    """Read as the kiosk does, with every free text taken, since the photographs' texts are not the shop's."""
    decoder, accepter = Decoder(), Accepter(free_text=_ANY_TEXT)
    return [code.text for frame in frames for code in accepter.observe(decoder.decode(frame), frame.captured_at_ns)]


def first_of(read: Callable[[Grey], list[str]]) -> Read:
    """Return a reader that believes the first frame with an answer."""

    def believed(frames: Iterable[Frame]) -> list[str]:
        for frame in frames:
            if said := read(np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)):
                return said
        return []

    return believed


def peers() -> dict[str, Read]:
    """Return the named peers, each alone."""
    symbols = [
        pyzbar.ZBarSymbol[name]
        for name in ("EAN13", "EAN8", "UPCA", "I25", "CODE128", "DATABAR", "DATABAR_EXP", "QRCODE")
    ]
    bars, squares = cv2.barcode.BarcodeDetector(), cv2.QRCodeDetector()

    def of_opencv(grey: Grey) -> list[str]:
        said = [text for text in bars.detectAndDecodeMulti(grey)[1] if text]
        return said or [text for text in squares.detectAndDecodeMulti(grey)[1] if text]

    return {
        "pyzbar": first_of(lambda grey: [_text(one.data) for one in pyzbar.decode(grey, symbols=symbols)]),
        "zxing-cpp": first_of(lambda grey: [one.text for one in zxingcpp.read_barcodes(grey, formats=_formats())]),
        "OpenCV": first_of(of_opencv),
    }


def _formats() -> zxingcpp.BarcodeFormats:
    kinds = zxingcpp.BarcodeFormat
    lines = [kinds.EAN13, kinds.EAN8, kinds.UPCA, kinds.ITF, kinds.Code128]
    databar = [kinds.DataBar, kinds.DataBarLtd, kinds.DataBarExp, kinds.DataBarExpStk]
    return zxingcpp.BarcodeFormats([*lines, *databar, kinds.QRCode, kinds.DataMatrix])


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def is_right(photo: Photo, said: str) -> bool:
    """Say whether a text is what the photograph shows, however the reader writes it."""
    truth = photo.truth
    if photo.format in FAMILIES["retail"]:
        return said[:13].zfill(14) == photo.gtin14
    if photo.format in FAMILIES["databar"]:
        return _bare(said).removeprefix("01") == _bare(truth).removeprefix("01")
    return _bare(said) == _bare(truth)


def _bare(text: str) -> str:
    return re.sub(r"\(([0-9]{2,4})\)", r"\1", text).replace("\x1d", "").replace("\r\n", "\n").strip()


def tally(readers: dict[str, Read], chosen: Sequence[Photo], words: str) -> dict[str, Tally]:
    """Have every reader read every photograph."""
    tallies = {name: Tally() for name in readers}
    for photo in progress(chosen, words):
        try:
            frames = burst_of(photo)
        except (OSError, PictureUnreadableError) as problem:
            _miss(tallies.values(), photo, str(problem))
            continue
        for name, read in readers.items():
            left, mine, begun = iter(frames), tallies[name], time.process_time()
            said = read(left)
            mine.cpu_seconds += time.process_time() - begun
            mine.frames += len(frames) - len(list(left))
            mine.photographs += 1
            _count(mine, photo, said)
    return tallies


def _miss(tallies: Iterable[Tally], photo: Photo, reason: str) -> None:
    """Count a photograph that cannot be opened as missed by everybody, and say why."""
    shown = f"{photo.corpus}/{photo.path.name}: {reason}"
    print(shown, flush=True)
    for one in tallies:
        one.photographs += 1
        one.missed.append(shown)


def _count(mine: Tally, photo: Photo, said: Sequence[str]) -> None:
    shown = f"{photo.corpus}/{photo.path.name}"
    if photo.format in FAMILIES["nothing"]:
        mine.wrong += [f"{shown}: {text}" for text in said]
        return
    is_read = any(is_right(photo, text) for text in said)
    mine.read += is_read
    if not is_read:
        mine.missed.append(shown)
    mine.wrong += [f"{shown}: {text}" for text in said if not is_right(photo, text) and not _is_beside(photo, text)]


def _is_beside(photo: Photo, said: str) -> bool:
    """Say whether it is a second, legitimate code: a book's price, or a lot number beside a product's own."""
    if photo.format not in FAMILIES["retail"]:
        return False
    is_number = said.isascii() and said.isdigit() and len(said) in _NUMBERS
    return not is_number or _BOOK_PRICE.match(said.zfill(14)) is not None


def run(arguments: Sequence[str]) -> None:
    """Print a row for each family and reader; draw them if asked."""
    parser = a_parser("barcodes", __doc__)
    parser.add_argument("folder", type=existing_folder, nargs="?", default=data_folder("barcodes"), help="%(default)s")
    parser.add_argument("--family", choices=FAMILIES, action="append", help="only these; may be repeated")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N photographs of a family")
    parser.add_argument("--alone", action="store_true", help="leave the peers out")
    parser.add_argument("--list", action="store_true", help="name what Sésame misses and what is wrong")
    chosen = parser.parse_args(arguments)
    try:
        every = photos(chosen.folder)
    except FileNotFoundError:
        parser.error(f"{chosen.folder} holds no index.csv with the columns path, expected_text, format, corpus")
    cv2.setNumThreads(1)
    readers: dict[str, Read] = {"Sésame": sesame, **({} if chosen.alone else peers())}
    results: dict[str, dict[str, Tally]] = {}
    for family in chosen.family or FAMILIES:
        shown = [photo for photo in every if photo.format in FAMILIES[family]][: chosen.sample]
        results[family] = tally(readers, shown, family)
        print(_family_table(family, results[family]), end="\n\n", flush=True)
        if chosen.list:
            ours = results[family]["Sésame"]
            print("\n".join([*(f"  missed {name}" for name in ours.missed), *(f"  WRONG {it}" for it in ours.wrong)]))
    if chosen.plot:
        draw(results, chosen.plot)


def _family_table(family: str, tallies: dict[str, Tally]) -> str:
    rows = [
        [name, f"{one.read}/{one.photographs}", f"{one.share:.1%}", str(len(one.wrong)), f"{one.frame_ms:.1f}"]
        for name, one in tallies.items()
    ]
    return table([family, "read", "", "wrong", "ms a frame"], rows)


def draw(results: dict[str, dict[str, Tally]], path: Path) -> None:
    """Draw what was read of each family, with the number of wrong reads above each bar."""
    figure = new_figure()
    axes = figure.subplots()
    families = [name for name in results if name != "nothing"]
    names = list(next(iter(results.values())))
    for place, name in enumerate(names):
        shares = [100 * results[family][name].share for family in families]
        bars = axes.bar(np.arange(len(families)) + 0.2 * place, shares, 0.18, label=name)
        axes.bar_label(bars, [f"{len(results[family][name].wrong)}" for family in families], fontsize=8)
    axes.set_xticks(np.arange(len(families)) + 0.3, families)
    axes.set_ylabel("read, % of photographs")
    axes.set_title("Six-frame bursts; above each bar the wrong reads")
    axes.legend(loc="lower right")
    figure.savefig(path)

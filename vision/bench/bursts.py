"""The burst protocol: a photograph becomes six frames of an unsteady hand."""

import csv
import hashlib
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.decode import Decoder
from vision.frame import Frame, Image
from vision.picture import decode_picture

FRAMES = 6
FRAME_NS = 66_666_667  # 15 frames a second
LONGEST_PX = 1280
RETAIL_FORMATS = frozenset({"EAN_13", "EAN_8", "UPC_A"})


@dataclass(frozen=True, slots=True)
class Photo:
    """A photograph and what is written beside it by whoever took it: empty where nothing may be read from it."""

    path: Path
    truth: str
    format: str
    corpus: str

    @property
    def gtin14(self) -> str:
        """The number beside a photograph of EAN or UPC, padded to 14 digits; add-ons are left out."""
        return self.truth[:13].zfill(14)

    def image(self) -> Image:
        """Return the photograph in colour.

        Raises:
            OSError: There is none.
            PictureUnreadableError: It is no picture, or too much of one; the reason is a sentence.
        """
        content = self.path.read_bytes()
        try:
            image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) if content else None
        except cv2.error:
            image = None
        # What OpenCV does not open is asked for the reason.
        return decode_picture(content, captured_at_ns=0).image if image is None else np.asarray(image, dtype=np.uint8)


def photos(folder: Path) -> list[Photo]:
    """Return every photograph of the set, in an order that is mixed and always the same.

    Raises:
        FileNotFoundError: The folder holds no ``index.csv`` (path, expected_text, format, corpus).
    """
    with (folder / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Photo(folder / row["path"], row["expected_text"], row["format"], row["corpus"])
            for row in csv.DictReader(file)
        ]
    return sorted(rows, key=lambda photo: hashlib.sha256(photo.path.name.encode() + photo.corpus.encode()).digest())


def burst(image: Image, seed: int) -> Iterator[Frame]:
    """Yield the photograph at 1280 px at most, then five times turned, scaled, dimmed and grainy."""
    scale = min(1.0, LONGEST_PX / max(image.shape[:2]))
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    steady = image if scale == 1.0 else np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
    chance = np.random.default_rng(seed)
    yield Frame(np.asarray(steady, dtype=np.uint8), 0)
    for number in range(1, FRAMES):
        turn = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), chance.uniform(-4, 4), chance.uniform(0.92, 1.06))
        moved = cv2.warpAffine(steady, turn, size, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        grain = chance.normal(0, 4, moved.shape[:2])[..., None]
        dimmed = np.clip(moved * chance.uniform(0.85, 1.12) + grain, 0, 255).astype(np.uint8)
        yield Frame(dimmed, number * FRAME_NS)


def burst_of(photo: Photo) -> list[Frame]:
    """Return the burst of a photograph, the same whenever it is asked for."""
    return list(burst(photo.image(), seed=zlib.crc32(photo.path.name.encode())))


def scanned(photo: Photo) -> Sequence[Accepted]:
    """Return what a fresh pair of decoder and accepter takes from the burst of one photograph."""
    decoder, accepter = Decoder(), Accepter()
    taken: list[Accepted] = []
    for frame in burst_of(photo):
        taken += accepter.observe(decoder.decode(frame), frame.captured_at_ns)
    return taken

"""Throw pictures at the decoders' front: ``python tests/proof/fuzz_sight.py SECONDS SEED [FOLDER]``.

Bytes of drawn codes are changed, cut and joined and go through ``decode_picture``; pixels are bent, tiled, stretched
and drowned and go to every engine at every scale, then to the accepter. Whatever is no ``PictureUnreadableError`` ends
the program; each case's seed and number are written before it, so that a crash names itself as well.
"""

import random
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402 - the project's own folders come first
import numpy as np  # noqa: E402 - as above
import zxingcpp  # noqa: E402 - as above

from tests.vision.builders import a_code  # noqa: E402 - as above
from vision.barcode.debounce import Accepter  # noqa: E402 - as above
from vision.barcode.decode import OBSERVATIONS_AT_MOST, Decoder, Schedule  # noqa: E402 - as above
from vision.errors import PictureUnreadableError  # noqa: E402 - as above
from vision.frame import Frame, Image  # noqa: E402 - as above
from vision.picture import decode_picture  # noqa: E402 - as above

F = zxingcpp.BarcodeFormat
MAX_PIXELS = 2_000_000
LONGEST_PX = 2000
SHAPES = ((1, 1), (1, 2000), (2000, 1), (3, 3), (2, 900), (31, 17), (480, 640), (720, 1280))


def drawings() -> list[Image]:
    """Return a symbol of each kind."""
    return [
        a_code("3017620422003", F.EAN13),
        a_code("96385074", F.EAN8),
        a_code("15400141288763", F.ITF14),
        a_code("(01)09521234543213(17)261122(10)AB", F.Code128, gs1=True),
        a_code("(01)98898765432106(15)991231(3103)001750(10)12A(422)123", F.DataBarExp, scale=2),
        a_code("(01)98898765432106(15)991231(3103)001750(10)12A(422)123", F.DataBarExpStk, scale=2),
        a_code("(01)09521234543213", F.DataBarLtd),
        a_code("(01)09521234543213(10)X", F.DataMatrix, gs1=True),
        a_code("SESAME:W:12345678", F.QRCode),
    ]


def bent(image: Image, dice: random.Random) -> Image:
    """Return the picture changed in one to three ways, or nothing but noise in a strange shape."""
    chance = np.random.default_rng(dice.getrandbits(64))
    if dice.random() < 0.1:
        return chance.integers(0, 256, (*dice.choice(SHAPES), 3), dtype=np.uint8)
    for _ in range(dice.randint(1, 3)):
        image = _changed(image, dice, chance)
        if max(image.shape[:2]) > LONGEST_PX:
            image = np.ascontiguousarray(image[:700, :1300])
    return image


def _changed(image: Image, dice: random.Random, chance: np.random.Generator) -> Image:  # noqa: PLR0911 - a table of cases
    height, width = image.shape[:2]
    match dice.randrange(8):
        case 0:
            return np.ascontiguousarray(np.rot90(image, dice.randrange(4)))
        case 1:
            size = (max(1, int(width * dice.uniform(0.02, 2))), max(1, int(height * dice.uniform(0.02, 2))))
            return np.asarray(cv2.resize(image, size), dtype=np.uint8)
        case 2:
            first, last = sorted(dice.sample(range(height + 1), 2))
            return np.ascontiguousarray(image[first:last])
        case 3:
            return np.asarray(np.clip(image + chance.normal(0, dice.uniform(1, 90), image.shape), 0, 255), np.uint8)
        case 4:
            return np.ascontiguousarray(np.tile(image, (dice.randint(1, 3), dice.randint(1, 3), 1)))
        case 5:
            shift = np.array([[1, dice.uniform(-1, 1), 0], [dice.uniform(-1, 1), 1, 0]], dtype=np.float32)
            return np.asarray(cv2.warpAffine(image, shift, (width, height)), dtype=np.uint8)
        case 6:
            return np.asarray(255 - image, dtype=np.uint8)
        case _:
            picked = chance.integers(0, 2, (max(height // 8, 1), max(width // 8, 1), 1), dtype=np.uint8)
            mask = cv2.resize(picked, (width, height), interpolation=cv2.INTER_NEAREST)
            return np.asarray(np.where(mask[..., None] > 0, image, dice.randrange(256)), dtype=np.uint8)


def broken(image: Image, dice: random.Random) -> bytes:
    """Return the picture as a file with bytes changed, cut, repeated or put in from another kind of file."""
    content = bytearray(cv2.imencode(dice.choice([".png", ".jpg", ".webp"]), image)[1].tobytes())
    for _ in range(dice.randint(0, 12)):
        place = dice.randrange(len(content))
        match dice.randrange(4):
            case 0:
                content[place] = dice.randrange(256)
            case 1:
                content[place : place + 2] = dice.choice([b"\xff\xff", b"\x00\x00", b"\x7f\xff", b"\xff\xc0"])
            case 2:
                del content[place : place + dice.randint(1, 40)]
            case _:
                content[place:place] = content[: dice.randint(1, 40)]
        if not content:
            return b"\0"
    return bytes(content)


def main(seconds: float, seed: int, folder: Path | None) -> None:
    """Run until the time is over and say how much was tried."""
    dice, drawn, until = random.Random(seed), drawings(), time.monotonic() + seconds
    decoders = (Decoder(), Decoder(schedule=Schedule.THOROUGH, upc_e=True))
    counts = {"pictures": 0, "refused files": 0, "read files": 0, "observations": 0, "accepted": 0}
    accepter, at_ns, case = Accepter(), 0, 0
    while time.monotonic() < until:
        case, at_ns = case + 1, at_ns + 66_000_000
        if folder is not None:
            (folder / "case").write_text(f"{seed} {case}")
        image = bent(dice.choice(drawn), dice)
        if dice.random() < 0.4:
            try:
                image = decode_picture(broken(image, dice), captured_at_ns=at_ns, max_pixels=MAX_PIXELS).image
                counts["read files"] += 1
            except PictureUnreadableError:
                counts["refused files"] += 1
                continue
        seen = dice.choice(decoders).decode(Frame(image, at_ns))
        assert len(seen) <= OBSERVATIONS_AT_MOST
        counts["pictures"] += 1
        counts["observations"] += len(seen)
        counts["accepted"] += len(accepter.observe(seen, at_ns))
    print(f"seed {seed}: {counts}")  # noqa: T201 - the figures are the point


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]) if len(sys.argv) > 3 else None)

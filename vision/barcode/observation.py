"""What one engine says it saw in one frame, and what kind of code that would be."""

import re
from dataclasses import dataclass
from enum import StrEnum

from vision.frame import Box

TEXT_AT_MOST = 4296  # characters: more than any symbol holds
SHOP_TEXT_AT_MOST = 512  # characters; every code is hostile input, and no code of a shop is longer


class Engine(StrEnum):
    """Who says so."""

    ZXING = "zxing"
    PYZBAR = "pyzbar"
    OPENCV = "opencv"
    LEVELS = "levels"  # our own (``levels.py``), for bars that the others locate and do not read


class Symbology(StrEnum):
    """Kinds of symbols, by what they carry. Values are the words used on the wire."""

    EAN13 = "ean13"  # UPC-A too, with its leading zero
    EAN8 = "ean8"
    ITF14 = "itf14"
    CODE128 = "code128"
    GS1_128 = "gs1_128"
    DATABAR = "databar"
    DATAMATRIX = "datamatrix"
    GS1_DATAMATRIX = "gs1_datamatrix"
    QR = "qr"
    GS1_QR = "gs1_qr"


RETAIL = frozenset({Symbology.EAN13, Symbology.EAN8})
GS1_DATA = frozenset({Symbology.GS1_128, Symbology.DATABAR, Symbology.GS1_DATAMATRIX, Symbology.GS1_QR})
MATRICES = frozenset({Symbology.DATAMATRIX, Symbology.GS1_DATAMATRIX, Symbology.QR, Symbology.GS1_QR})
"""Corrected by Reed-Solomon: one frame is proof enough."""

MODULES = {Symbology.EAN13: 95, Symbology.EAN8: 67}


@dataclass(frozen=True, slots=True)
class Observation:
    """One engine, one frame, one symbol.

    Attributes:
        text: As encoded, without brackets; GS1 separators stand as 0x1D.
        symbology_id: The AIM identifier, such as ``]E0``.
        box: In pixels of the full frame.
        length_px: The longer side of the symbol as it lies in the picture, at whatever angle.
        thickness_px: The shorter side of what the engine looked at.
        captured_at_ns: Of the frame.
        add_on: The two or five digits beside an EAN-13 (issue of a magazine, price of a book), where they were read.
    """

    engine: Engine
    symbology: Symbology
    symbology_id: str
    text: str
    box: Box
    length_px: float
    thickness_px: float
    captured_at_ns: int
    add_on: str | None = None


def gtin14(text: str, symbology: Symbology) -> str | None:
    """Return the 14-digit number that a symbol stands for, if it stands for one.

    EAN, UPC-A and ITF-14 are the number; GS1 data begins with (01); a QR may hold a GS1 Digital Link, or digits alone.
    """
    if symbology in _DIGITS:
        # The engines are not trusted with the length: asked for ITF-14 they hand out any even number of digits.
        return _checked(text) if len(text) == _DIGITS[symbology] else None
    if symbology in GS1_DATA:
        return _checked(text[2:16]) if text.startswith("01") and len(text) >= 16 else None  # noqa: PLR2004 - 2 + 14
    if symbology is Symbology.QR:
        link = _DIGITAL_LINK.match(text)
        return _checked(link.group(1)) if link else _checked(text)
    return None


def is_price_bearing(gtin: str) -> bool:
    """Say whether digits of the number may be a price or weight: prefixes 02 and 20 to 29 of an EAN-13."""
    return gtin.startswith("0") and (gtin[1:3] == "02" or gtin[1] == "2")


def is_coupon(gtin: str) -> bool:
    """Say whether the number is a bearer value: 981 to 984 and 99 are coupons, 980 refund receipts."""
    return gtin.startswith("0") and (gtin[1:3] == "99" or gtin[1:4] in {"980", "981", "982", "983", "984"})


def is_book_price(gtin: str) -> bool:
    """Say whether it is the second code of a Japanese book, which is no product: 191 and 192."""
    return gtin.startswith(("0191", "0192"))


_DIGITAL_LINK = re.compile(r"https?://[^\s?#]{1,200}?/(?:01|gtin)/(\d{8,14})(?:[/?#]|$)", re.ASCII | re.IGNORECASE)
_DIGITS = {Symbology.EAN13: 13, Symbology.EAN8: 8, Symbology.ITF14: 14}
_GTIN_LENGTHS = frozenset({8, 12, 13, 14})


def _checked(digits: str) -> str | None:
    if len(digits) not in _GTIN_LENGTHS or not (digits.isascii() and digits.isdigit()):
        return None
    padded = digits.zfill(14)
    # GS1 General Specifications 7.9: weights 3 and 1 from the left of 14 digits; the sum ends in 0.
    # checkout has its own: sight and prices know nothing of each other.
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(padded))
    return padded if total % 10 == 0 else None

"""A basket as text: what was laid into it, in one or several QR codes that need no network (SC11).

The text names goods, never amounts: whoever reads it prices them anew. It is not signed, as it is worth nothing: who
alters it has written a shopping list of their own. Each code carries a check of itself, all carry one of the whole.

The signs are those of a QR code's alphanumeric mode, which packs two of them into eleven bits.
"""

import hashlib
from base64 import b32decode, b32encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Self

from checkout.basket import Line
from checkout.errors import BasketTooLargeError, MalformedCodeError
from checkout.gtin import Gtin

PREFIX = "SESAME:H:"
MOST_PARTS = 9
"""One digit, and as many as somebody photographs before losing count."""
PART_BYTES = 200
"""320 signs: a QR code of 61 squares a side with medium correction, which a phone held at arm's length reads."""
MOST_QUANTITY = 999
"""What a store takes as one line."""
_ID_BYTES, _CHECK_BYTES = 5, 5
_CHECK_SIGNS = 4
_FIELDS = 5
_KINDS = 3
_RETAIL_DIGITS = 13
_MOST_TEXT = 128
GS1 = "gs1128"
"""The symbol that a label's code is read back as, where it is no number of the shop's own."""


class CarriedKind(IntEnum):
    """What an entry is."""

    PRODUCT = 0
    """A product by the shop's own key, so many pieces of it."""
    LABEL = 1
    """A code that was read and says more than the product: its weight or price."""
    COUPON = 2


@dataclass(frozen=True, slots=True)
class Carried:
    """One entry: a sku, the code of a label, or that of a coupon."""

    kind: CarriedKind
    text: str
    quantity: int = 1

    @property
    def symbology(self) -> str | None:
        """What a label was read from, in the words of :func:`checkout.codes.read_code`."""
        return None if self.kind is not CarriedKind.LABEL or len(self.text) <= _RETAIL_DIGITS else GS1


def carried_of(line: Line, exponent: int) -> Carried:
    """Return what of a line can be carried.

    A weight from a till's own scale cannot: the product goes without it, and is weighed again where it is read. Nor
    can a lot, which was looked at when the pack was read.

    Args:
        line: Of a basket.
        exponent: Decimals of the store's currency.
    """
    if not line.is_single:
        return Carried(CarriedKind.PRODUCT, line.sku, line.quantity)
    try:
        gtin = Gtin.parse(line.scanned_code)
    except MalformedCodeError:
        return Carried(CarriedKind.PRODUCT, line.sku, line.quantity)
    if gtin.is_in_store:
        return Carried(CarriedKind.LABEL, line.scanned_code)
    weight = "" if line.weight_g is None else f"3103{line.weight_g:06}"
    price = "" if line.price_minor is None else f"392{exponent}{line.price_minor}"
    return Carried(CarriedKind.LABEL, f"01{gtin.key14}{weight}{price}", line.quantity)


@dataclass(frozen=True, slots=True)
class BasketPart:
    """One code of a basket: which basket, which of how many, and its bytes."""

    id: str
    number: int
    of: int
    content: bytes

    @property
    def text(self) -> str:
        """What the code says, behind :data:`PREFIX`."""
        said = f"{self.id}.{self.number}.{self.of}.{_signs(self.content)}"
        return f"{said}.{_check(said)}"


def write_basket(store_id: str, entries: Sequence[Carried]) -> tuple[str, ...]:
    """Return the texts of the codes, in order.

    Raises:
        BasketTooLargeError: It needs more than :data:`MOST_PARTS` codes.

    Examples:
        >>> len(write_basket("demo", [Carried(CarriedKind.PRODUCT, "3017620422003", 2)]))
        1
    """
    body = bytearray(_text(store_id))
    for entry in entries:
        body += _number(entry.quantity * _KINDS + entry.kind) + _text(entry.text)
    pieces = [bytes(body[start : start + PART_BYTES]) for start in range(0, len(body), PART_BYTES)]
    if len(pieces) > MOST_PARTS:
        raise BasketTooLargeError(len(entries))
    name = _name(bytes(body))
    parts = (BasketPart(name, number, len(pieces), piece) for number, piece in enumerate(pieces, 1))
    return tuple(PREFIX + part.text for part in parts)


def read_part(text: str) -> BasketPart | None:
    """Read what stood behind :data:`PREFIX`; None for anything that :func:`write_basket` did not write."""
    fields = text.split(".")
    if len(fields) != _FIELDS or _check(text.rpartition(".")[0]) != fields[-1]:
        return None
    try:
        part = BasketPart(fields[0], int(fields[1]), int(fields[2]), _bytes(fields[3]))
    except ValueError:
        return None
    return part if part.text == text and 1 <= part.number <= part.of <= MOST_PARTS else None


@dataclass(frozen=True, slots=True)
class Gathering:
    """The codes of one basket that were read so far."""

    parts: tuple[BasketPart, ...] = ()

    def add(self, part: BasketPart) -> Self:
        """Return the gathering with a code: one of another basket begins anew, a known one changes nothing."""
        known = self.parts if self.parts and (self.id, self.of) == (part.id, part.of) else ()
        return type(self)(known if part in known else (*known, part))

    @property
    def id(self) -> str:
        """Which basket; empty before the first code."""
        return self.parts[0].id if self.parts else ""

    @property
    def of(self) -> int:
        """How many codes it has."""
        return self.parts[0].of if self.parts else 0

    @property
    def missing(self) -> tuple[int, ...]:
        """The numbers of the codes that were not read yet."""
        read = {part.number for part in self.parts}
        return tuple(number for number in range(1, self.of + 1) if number not in read)

    def basket(self) -> "BasketText":
        """Return what all codes say together.

        Raises:
            MalformedCodeError: Some are missing, or they are not of one basket after all.
        """
        body = b"".join(part.content for part in sorted(self.parts, key=lambda part: part.number))
        if not self.parts or self.missing or _name(body) != self.id:
            raise MalformedCodeError(self.id, "its codes do not belong together")
        return BasketText(self.id, *_read(self.id, body))


@dataclass(frozen=True, slots=True)
class BasketText:
    """A basket that was read whole: the id that its content gives it, the store it is for, and its entries."""

    id: str
    store_id: str
    entries: tuple[Carried, ...]


def _read(name: str, body: bytes) -> tuple[str, tuple[Carried, ...]]:
    entries: list[Carried] = []
    try:
        store_id, place = _take_text(body, 0)
        while place < len(body):
            told, place = _take_number(body, place)
            text, place = _take_text(body, place)
            entries.append(_entry(told, text))
    except (IndexError, ValueError) as problem:
        raise MalformedCodeError(name, "an entry is not as it should be") from problem
    return store_id, tuple(entries)


def _entry(told: int, text: str) -> Carried:
    quantity, kind = divmod(told, _KINDS)
    if not 1 <= quantity <= MOST_QUANTITY or not text.isprintable():
        raise ValueError(text)
    return Carried(CarriedKind(kind), text, quantity)


def _number(value: int) -> bytes:
    """Return a number in groups of seven bits, the lowest first."""
    found = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - what seven bits hold
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def _take_number(body: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while body[place] & 0x80:
        value |= (body[place] & 0x7F) << shift
        place, shift = place + 1, shift + 7
    return value | body[place] << shift, place + 1


def _text(text: str) -> bytes:
    """Return a text: digits as one number, which takes less than half, all else as it is.

    Raises:
        BasketTooLargeError: It is longer than any code of a shop.
    """
    if text.isascii() and text.isdigit():
        content = int(text).to_bytes(_bytes_for(len(text)), "big")
        return _number(len(text) << 1 | 1) + content
    content = text.encode()
    if len(content) > _MOST_TEXT:
        raise BasketTooLargeError(1)
    return _number(len(content) << 1) + content


def _take_text(body: bytes, place: int) -> tuple[str, int]:
    told, place = _take_number(body, place)
    length = told >> 1
    if length > _MOST_TEXT:
        raise ValueError(length)
    size = _bytes_for(length) if told & 1 else length
    content = body[place : place + size]
    text = f"{int.from_bytes(content, 'big'):0{length}}" if told & 1 else content.decode()
    if len(content) < size or (told & 1 and len(text) > length):
        raise ValueError(place)
    return text, place + size


def _bytes_for(digits: int) -> int:
    """Return how many bytes hold so many digits."""
    largest: int = 10**digits - 1
    return (largest.bit_length() + 7) // 8


def _name(body: bytes) -> str:
    return _signs(hashlib.sha256(body).digest()[:_ID_BYTES])


def _check(said: Iterable[str] | str) -> str:
    return _signs(hashlib.sha256("".join(said).encode()).digest()[:_CHECK_BYTES])[:_CHECK_SIGNS]


def _signs(content: bytes) -> str:
    return b32encode(content).decode().rstrip("=")


def _bytes(signs: str) -> bytes:
    return b32decode(signs + "=" * (-len(signs) % 8))

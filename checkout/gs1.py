"""GS1 element strings and Digital Links, as far as a till needs them.

Only the application identifiers of the table are read; a text with any other is not understood, never half understood.
A link is taken apart, never opened.

Source: GS1 General Specifications, section 3; GS1 Digital Link URI Syntax 1.4.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

from checkout.errors import MalformedCodeError
from checkout.gtin import Gtin
from checkout.money import ratio

GROUP_SEPARATOR = "\x1d"
_SIGNS = r"[!-\"%-?A-Z_a-z]"  # GS1 AI encodable character set 82, without the blank
_DIGITS = "[0-9]"


@dataclass(frozen=True, slots=True)
class _Ai:
    """An application identifier: its number, the signs of its value, and how many."""

    number: str
    signs: str
    low: int
    high: int

    @property
    def is_fixed(self) -> bool:
        return self.low == self.high


_TABLE = (
    _Ai("01", _DIGITS, 14, 14),  # the product
    _Ai("02", _DIGITS, 14, 14),  # what a case holds
    _Ai("10", _SIGNS, 1, 20),  # lot
    _Ai("11", _DIGITS, 6, 6),  # made on
    _Ai("13", _DIGITS, 6, 6),  # packed on
    _Ai("15", _DIGITS, 6, 6),  # best before
    _Ai("16", _DIGITS, 6, 6),  # sell by
    _Ai("17", _DIGITS, 6, 6),  # use by
    _Ai("21", _SIGNS, 1, 20),  # serial
    _Ai("30", _DIGITS, 1, 8),  # count of a variable item
    _Ai("37", _DIGITS, 1, 8),  # count of what a case holds
    *(_Ai(f"310{n}", _DIGITS, 6, 6) for n in range(6)),  # net weight in kg, n decimals
    *(_Ai(f"392{n}", _DIGITS, 1, 15) for n in range(4)),  # price of a variable item, n decimals
    # What follows says nothing to a till, and is known so that what stands beside it can be read.
    _Ai("20", _DIGITS, 2, 2),  # variant within a shop
    _Ai("22", _SIGNS, 1, 20),  # variant of the maker
    _Ai("235", _SIGNS, 1, 28),  # serial of a third party
    *(_Ai(number, _SIGNS, 1, 30) for number in ("240", "241", "250", "251", "400", "403", "90")),  # maker's own numbers
    *(_Ai(f"41{n}", _DIGITS, 13, 13) for n in range(8)),  # places
    _Ai("420", _SIGNS, 1, 20),  # where it is sent
    *(_Ai(number, _DIGITS, 3, 3) for number in ("422", "424", "425", "426")),  # countries
    _Ai("423", _DIGITS, 3, 15),  # countries of its parts
    _Ai("7003", _DIGITS, 10, 10),  # use by, to the minute: the label says the day in 17
    *(_Ai(f"71{n}", _SIGNS, 1, 20) for n in range(8)),  # numbers of national health services
    *(_Ai(f"9{n}", _SIGNS, 1, 90) for n in range(1, 10)),  # agreed between companies
)
_BY_NUMBER = {ai.number: ai for ai in _TABLE}
_LENGTHS = (2, 3, 4)  # digits of an identifier; none begins another

_WORDS = {"gtin": "01", "cpv": "22", "lot": "10", "ser": "21"}
"""Words that stood for identifiers in links before version 1.2; packs that carry them are still sold."""

_QUALIFIERS = re.compile("(22)?(10)?(21)?|235")
"""What may follow the product in a link's path, in this order; nowhere else."""

_NOT_IN_QUERY = frozenset({"01", "02", "10", "21", "22", "235", "37"})


@dataclass(frozen=True, slots=True)
class Elements:
    """What a GS1 code said, in the words of the shop.

    Attributes:
        grams: Net weight; a tenth of a gram is rounded half up.
        price_minor: Minor units of the store's currency.
        best_before: After it: a warning. ``use_by`` (the earlier of use-by and sell-by): after it, no sale.
    """

    gtin: Gtin
    lot: str | None = None
    serial: str | None = None
    grams: int | None = None
    price_minor: int | None = None
    pieces: int = 1
    best_before: date | None = None
    use_by: date | None = None


def read_elements(text: str, *, exponent: int) -> Elements:
    """Read ``(01)...(10)...`` or the raw form with group separators.

    Args:
        text: As the reader gave it, without symbology identifier.
        exponent: Decimals of the store's currency.

    Raises:
        MalformedCodeError: An unknown identifier, a value that does not fit it, a double, or no product.
    """
    pairs = _bracketed(text) if text.startswith("(") else _raw(text.removeprefix(GROUP_SEPARATOR))
    return _elements(text, list(pairs), exponent)


def read_link(text: str, *, exponent: int) -> Elements:
    """Read ``https://any.host/any/01/<gtin>/10/<lot>?17=<date>``.

    Raises:
        MalformedCodeError: It is no such link; an identifier is unknown, stands twice or in the wrong place, or has a
            value that does not fit it.
    """
    try:
        parts = urlsplit(text)
        query = parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)
    except ValueError as reason:
        raise MalformedCodeError(text, "it is no link") from reason
    steps = [_WORDS.get(step, step) for step in parts.path.split("/")]
    if parts.scheme not in {"http", "https"} or not parts.netloc or "01" not in steps:
        raise MalformedCodeError(text, "it is no link to a product")
    path = [unquote(step) for step in steps[steps.index("01") :]]
    if len(path) % 2:
        raise MalformedCodeError(text, "a step of the link lacks its value")
    pairs = list(zip(path[::2], path[1::2], strict=True))
    if _QUALIFIERS.fullmatch("".join(name for name, _ in pairs[1:])) is None:
        raise MalformedCodeError(text, "what follows the product is unknown or out of order")
    # A GTIN of 8, 12 or 13 digits is allowed in a link and filled up with zeros.
    pairs[0] = ("01", pairs[0][1].rjust(14, "0"))
    # Words in the query belong to whoever printed the link; numbers are GS1's.
    said = [(name, value) for name, value in query if name.isdecimal()]
    if any(name in _NOT_IN_QUERY for name, _ in said):
        raise MalformedCodeError(text, "an identifier of the path stands in the query")
    return _elements(text, pairs + said, exponent)


def expiry(digits: str) -> date:
    """Read YYMMDD; day 00 is the last of the month. The century is ours: no goods on a shelf are from 19YY.

    Raises:
        MalformedCodeError: There is no such day.
    """
    year, month, day = 2000 + int(digits[:2]), int(digits[2:4]), int(digits[4:])
    try:
        return date(year, month, day or calendar.monthrange(year, month)[1])
    except (ValueError, calendar.IllegalMonthError) as reason:
        raise MalformedCodeError(digits, "there is no such day") from reason


def _bracketed(text: str) -> Iterator[tuple[str, str]]:
    # A value may hold brackets of its own, so a new identifier begins only where known digits stand in brackets.
    pieces = re.split(r"\(([0-9]{2,4})\)", text)
    yield from zip(pieces[1::2], pieces[2::2], strict=True)


def _raw(text: str) -> Iterator[tuple[str, str]]:
    while text:
        ai = next((_BY_NUMBER[text[:n]] for n in _LENGTHS if text[:n] in _BY_NUMBER), None)
        if ai is None:
            raise MalformedCodeError(text, "it begins with an identifier that is not read here")
        rest = text[len(ai.number) :]
        value = rest[: ai.high] if ai.is_fixed else rest.split(GROUP_SEPARATOR, 1)[0]
        yield ai.number, value
        text = rest[len(value) :].removeprefix(GROUP_SEPARATOR)


def _elements(text: str, pairs: list[tuple[str, str]], exponent: int) -> Elements:
    found: dict[str, str] = {}
    for number, value in pairs:
        ai = _BY_NUMBER.get(number)
        if ai is None or re.fullmatch(f"{ai.signs}{{{ai.low},{ai.high}}}", value) is None:
            raise MalformedCodeError(text, f"({number}) is unknown or has a value that does not fit")
        if number in found:
            raise MalformedCodeError(text, f"({number}) stands twice")
        found[number] = value
    if (number14 := found.get("01") or found.get("02")) is None:
        raise MalformedCodeError(text, "it names no product")
    dates = [expiry(found[number]) for number in ("16", "17") if number in found]
    return Elements(
        gtin=Gtin.parse(number14),
        lot=found.get("10"),
        serial=found.get("21"),
        grams=_measure(found, "310", 3),
        price_minor=_measure(found, "392", exponent),
        pieces=int(found.get("30") or found.get("37") or 1),
        best_before=expiry(found["15"]) if "15" in found else None,
        use_by=min(dates, default=None),
    )


def _measure(found: dict[str, str], stem: str, digits: int) -> int | None:
    for decimals in range(6):
        if (value := found.get(f"{stem}{decimals}")) is not None:
            return ratio(int(value), 10**digits, 10**decimals)
    return None

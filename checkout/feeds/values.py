"""Single values from text. Each is read whole or refused; nothing is rounded, guessed or mended.

All of these raise :class:`BadValueError`.
"""

import html
import re
from datetime import datetime, timedelta, tzinfo

from checkout.errors import MalformedCodeError
from checkout.feeds.faults import BadValueError, FaultKind
from checkout.gtin import KEY_LENGTH, LENGTHS, Gtin
from checkout.money import Currency, ratio
from checkout.vat import VAT_TABLE, VatClass

LEAST_DIGITS = 6
"""A GTIN with fewer digits after its leading zeros is a PLU or a till's own number (2 663 real bad codes: 651 are)."""
MAX_TEXT = 500
"""Signs; the longest of 807 803 real names has 234."""
MAX_OWN_CODE = 32
LOST_SIGN = "\ufffd"
"""Unicode's sign for one that was lost."""

_EXPONENT = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-]?[0-9]+")
_DIGITS = re.compile(r"[0-9]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
_SIGNS = {"€": "EUR", "$": "USD", "¥": "", "￥": ""}  # ¥ is two currencies, so it proves nothing
_CURRENCY = re.compile(r"[A-Z]{3}|[€$¥￥]")
_CONTENT = re.compile(
    r"(?<![0-9.,])(?:([0-9]{1,3})\s*[x\u00d7*]\s*)?([0-9]{1,6})(?:[.,]([0-9]{1,3}))?\s*(kg|g|gr|l|cl|dl|ml)(?![a-z])",
    re.IGNORECASE,
)
_THOUSANDTHS = {"kg": 1_000_000, "g": 1000, "gr": 1000, "l": 1_000_000, "dl": 100_000, "cl": 10_000, "ml": 1000}


def read_gtin(text: str) -> Gtin:
    """Read a GTIN as an export holds it.

    Raises:
        BadValueError: CODE_ZEROS_LOST when leading zeros alone are missing, else what is wrong with it.
    """
    text = text.strip()
    if not text:
        raise BadValueError(FaultKind.CODE_EMPTY, "there is no code")
    if not (text.isascii() and text.isdigit()):
        if _EXPONENT.fullmatch(text):
            raise BadValueError(FaultKind.CODE_EXPONENT, "a spreadsheet wrote the code as a rounded number")
        raise BadValueError(FaultKind.CODE_SIGNS, "it has signs other than digits")
    digits = text.lstrip("0")
    if len(digits) < LEAST_DIGITS:
        raise BadValueError(FaultKind.CODE_TOO_SHORT, f"{len(digits)} digits after leading zeros are no GTIN")
    if len(digits) > KEY_LENGTH:
        raise BadValueError(FaultKind.CODE_TOO_LONG, f"it has {len(digits)} digits, a GTIN at most {KEY_LENGTH}")
    try:
        gtin = Gtin(digits.rjust(KEY_LENGTH, "0"))
    except MalformedCodeError as error:
        raise BadValueError(FaultKind.CODE_CHECK_DIGIT, error.problem) from error
    if len(text) not in LENGTHS:
        if len(text) > KEY_LENGTH:
            raise BadValueError(FaultKind.CODE_ZEROS_ADDED, f"it is filled up with zeros to {len(text)} digits")
        raise BadValueError(
            FaultKind.CODE_ZEROS_LOST, f"it has {len(text)} digits; with its leading zeros it would be {usual(gtin)}"
        )
    return gtin


def restored_gtin(text: str) -> Gtin:
    """Return the number of a code whose only fault is that leading zeros were lost."""
    return Gtin(text.strip().rjust(KEY_LENGTH, "0"))


def usual(gtin: Gtin) -> str:
    """Return the digits in their usual form: 8 for a GTIN-8, 13 for a piece, 14 for a case.

    Examples:
        >>> usual(Gtin.parse("012345678905")), usual(Gtin.parse("40170725"))
        ('0012345678905', '40170725')
    """
    if gtin.key14.startswith("000000"):
        return gtin.key14[6:]
    return gtin.ean13 or gtin.key14


def read_own_code(text: str) -> str:
    """Read a code that only this shop knows: a PLU number or a word."""
    if not text or len(text) > MAX_OWN_CODE or not text.isprintable() or " " in text:
        raise BadValueError(FaultKind.CODE_SIGNS, f"an own code has 1 to {MAX_OWN_CODE} signs and no blanks")
    return text


def read_text(text: str, longest: int = MAX_TEXT) -> str:
    """Return one line of plain text: blanks made single, nothing that is not for reading."""
    line = " ".join(text.split())
    if len(line) > longest:
        raise BadValueError(FaultKind.TOO_LONG, f"it has {len(line)} signs, at most {longest} fit")
    if not line.isprintable() and _CONTROL.search(line):
        raise BadValueError(FaultKind.CONTROL_SIGN, "it has a sign that is not for reading")
    return line


def without_controls(text: str) -> str:
    """Return the text with control signs, and signs that turn the direction of writing, as U+FFFD."""
    return text if text.isprintable() else _CONTROL.sub(LOST_SIGN, " ".join(text.split()))


def without_entities(text: str) -> str:
    """Return the text with ``&eacute;`` and the like as the signs that they stand for."""
    return html.unescape(text) if "&" in text else text


def read_price(text: str, unit: Currency, decimal: str = ".") -> int:
    """Read a price as minor units.

    Args:
        text: Digits with at most one decimal sign; blanks between thousands and a currency beside it may stand.
        unit: The shop's currency.
        decimal: ``.`` or ``,``. The other sign is refused: 1,234 would be read in two ways.

    Examples:
        >>> from checkout.money import EUR
        >>> read_price("1 234,50 €", EUR, ",")
        123450
    """
    plain = _BLANKS.sub("", text)
    for sign in _CURRENCY.findall(plain):
        check_currency(_SIGNS.get(sign, sign), unit)
        plain = plain.replace(sign, "", 1)
    if plain.startswith("-"):
        raise BadValueError(FaultKind.PRICE_NEGATIVE, "the price is negative")
    if _EXPONENT.fullmatch(plain):
        raise BadValueError(FaultKind.PRICE, "a spreadsheet wrote it with an exponent")
    other = "," if decimal == "." else "."
    if other in plain:
        raise BadValueError(FaultKind.PRICE_MARK, f"it has a {other!r} where decimals are parted by {decimal!r}")
    whole, _, decimals = plain.partition(decimal)
    if re.fullmatch(r"[0-9]{1,9}", whole) is None or (decimal in plain and not _DIGITS.fullmatch(decimals)):
        raise BadValueError(FaultKind.PRICE, "it is no price")
    kept, beyond = decimals[: unit.exponent], decimals[unit.exponent :]
    if beyond.strip("0"):
        raise BadValueError(FaultKind.PRICE_DECIMALS, f"{unit.code} has {unit.exponent} decimals")
    return int(whole + kept.ljust(unit.exponent, "0"))


def check_currency(code: str, unit: Currency) -> None:
    """Let pass the shop's own currency, or none named."""
    if code and code != unit.code:
        raise BadValueError(FaultKind.CURRENCY, f"it is in {code}, the shop sells in {unit.code}")


def read_whole(text: str, low: int, high: int) -> int:
    """Read a whole number from ``low`` to ``high``."""
    if _DIGITS.fullmatch(text) is None or len(text) > 10 or not low <= int(text) <= high:  # noqa: PLR2004 - enough for any bound
        raise BadValueError(FaultKind.NUMBER, f"it is no whole number from {low} to {high}")
    return int(text)


def read_moment(text: str, zone: tzinfo, form: str | None = None, *, is_last_day: bool = False) -> datetime:
    """Read a day or a moment.

    Args:
        text: ISO 8601, or as ``form`` says.
        zone: Of the shop; it counts where the text names none.
        form: Such as ``%d/%m/%Y``.
        is_last_day: A day alone then stands for its end, so that "until 31 December" holds on 31 December.
    """
    try:
        moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - the zone follows below
    except ValueError as error:
        raise BadValueError(FaultKind.DATE, "it is no date") from error
    is_day = "%H" not in form if form else len(text) <= len("2026-12-31")
    try:
        if is_day and is_last_day:
            moment += timedelta(days=1)
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    except OverflowError as error:
        raise BadValueError(FaultKind.DATE, "it is beyond the calendar") from error


def read_vat_class(text: str, country: str) -> VatClass:
    """Read one of our classes, or a rate such as ``5,5 %`` that the country has today.

    Only rows of the rate table without a last day count; a rate that two classes share names neither.
    """
    word = text.strip().lower().replace("-", "_").replace(" ", "_")
    if word in set(VatClass):
        return VatClass(word)
    if (rate := re.fullmatch(r"([0-9]{1,2})(?:[.,]([0-9]{1,2}))?\s*%?", text.strip())) is not None:
        rate_bp = int(rate[1]) * 100 + int((rate[2] or "").ljust(2, "0"))
        found = {row.vat_class for row in VAT_TABLE if (row.country, row.rate_bp, row.last) == (country, rate_bp, None)}
        if len(found) == 1:
            return found.pop()
    raise BadValueError(FaultKind.VAT_UNKNOWN, f"it is none of {', '.join(VatClass)}, and no rate of {country}")


def content_of(text: str) -> int | None:
    """Return the grams or millilitres that a pack says it holds; None when it says neither or is not sure.

    Of two units for one content (``16 fl oz (1 pt) 473 ml``) the metric one counts.

    Examples:
        >>> content_of("6 x 33 cl"), content_of("2,5 kg"), content_of("16 fl oz (1 pt) 473 ml"), content_of("12 oz")
        (1980, 2500, 473, None)
    """
    found = {
        ratio(
            int(count or 1) * (int(whole) * 1000 + int(decimals.ljust(3, "0"))), _THOUSANDTHS[unit.lower()], 1_000_000
        )
        for count, whole, decimals, unit in _CONTENT.findall(text)
    }
    return found.pop() or None if len(found) == 1 else None


def read_content(text: str) -> int:
    """Read a content that must be understood, such as ``500 g``."""
    if (content := content_of(text)) is None:
        raise BadValueError(FaultKind.NUMBER, "it names no content in g, kg, ml, cl or l")
    return content

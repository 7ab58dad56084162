"""VAT rates as dated rows with their source. A class belongs to the product; no category decides it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from checkout.errors import VatRateNotFoundError


class VatClass(StrEnum):
    """What kind of rate a product falls under; the country and the day make a number of it."""

    STANDARD = "standard"
    INTERMEDIATE = "intermediate"
    REDUCED = "reduced"
    SUPER_REDUCED = "super_reduced"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class VatRow:
    """One rate while it was law.

    Attributes:
        rate_bp: Basis points: 550 is 5.5 %.
        first: The first day.
        last: The last day, or None while it lasts.
        source: Where the rate stands.
    """

    country: str
    vat_class: VatClass
    rate_bp: int
    first: date
    last: date | None
    source: str


_CGI = "CGI art. 278 to 281 nonies; BOI-TVA-LIQ"
_LFR_2012 = "Loi 2012-1510 art. 68, from 2014-01-01"
_CN_2017 = "MoF and STA, Cai Shui [2017] 37"
_CN_2018 = "MoF and STA, Cai Shui [2018] 32"
_CN_2019 = "MoF, STA and GAC, Announcement 39 of 2019"
_OUTSIDE = "Deposits on returned packaging stay outside the tax"

VAT_TABLE = (
    VatRow("FR", VatClass.STANDARD, 1960, date(2000, 4, 1), date(2013, 12, 31), _CGI),
    VatRow("FR", VatClass.STANDARD, 2000, date(2014, 1, 1), None, _LFR_2012),
    VatRow("FR", VatClass.INTERMEDIATE, 700, date(2012, 1, 1), date(2013, 12, 31), _CGI),
    VatRow("FR", VatClass.INTERMEDIATE, 1000, date(2014, 1, 1), None, _LFR_2012),
    VatRow("FR", VatClass.REDUCED, 550, date(2000, 4, 1), None, _CGI),
    VatRow("FR", VatClass.SUPER_REDUCED, 210, date(2000, 4, 1), None, _CGI),
    VatRow("FR", VatClass.ZERO, 0, date(2000, 4, 1), None, _OUTSIDE),
    VatRow("CN", VatClass.STANDARD, 1700, date(2017, 7, 1), date(2018, 4, 30), _CN_2017),
    VatRow("CN", VatClass.STANDARD, 1600, date(2018, 5, 1), date(2019, 3, 31), _CN_2018),
    VatRow("CN", VatClass.STANDARD, 1300, date(2019, 4, 1), None, _CN_2019),
    VatRow("CN", VatClass.REDUCED, 1100, date(2017, 7, 1), date(2018, 4, 30), _CN_2017),
    VatRow("CN", VatClass.REDUCED, 1000, date(2018, 5, 1), date(2019, 3, 31), _CN_2018),
    VatRow("CN", VatClass.REDUCED, 900, date(2019, 4, 1), None, _CN_2019),
    VatRow("CN", VatClass.INTERMEDIATE, 600, date(2017, 7, 1), None, _CN_2017),
    VatRow("CN", VatClass.ZERO, 0, date(2017, 7, 1), None, _OUTSIDE),
)


def vat_rate_bp(country: str, vat_class: VatClass, *, on: date, table: Sequence[VatRow] = VAT_TABLE) -> int:
    """Return the rate of a class in basis points, as it was on that day in the shop's time zone.

    Raises:
        VatRateNotFoundError: No row covers the day; a rate is never guessed.

    Examples:
        >>> vat_rate_bp("FR", VatClass.REDUCED, on=date(2026, 3, 1))
        550
    """
    for row in table:
        in_time = row.first <= on and (row.last is None or on <= row.last)
        if row.country == country and row.vat_class == vat_class and in_time:
            return row.rate_bp
    raise VatRateNotFoundError(country, vat_class.value, on.isoformat())

"""Money in whole minor units, split without loss, rounded by a named rule.

There is no float and no decimal point inside: 12.40 EUR is ``Money(1240, EUR)``, 500 JPY is ``Money(500, JPY)``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import total_ordering
from typing import Self, assert_never

from checkout.errors import CurrencyMismatchError, MalformedMoneyError


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency of ISO 4217 and how many digits its minor unit has."""

    code: str
    exponent: int


EUR = Currency("EUR", 2)
CNY = Currency("CNY", 2)
JPY = Currency("JPY", 0)
USD = Currency("USD", 2)

CURRENCIES = {known.code: known for known in (EUR, CNY, JPY, USD)}
"""The currencies of the shops, by code. Source: ISO 4217 list one."""


class Rounding(StrEnum):
    """How a quotient becomes a whole number. All treat an amount and its refund alike: they round the magnitude."""

    HALF_UP = "half_up"
    HALF_DOWN = "half_down"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


def currency(code: str) -> Currency:
    """Look a currency up by its ISO 4217 code.

    Raises:
        MalformedMoneyError: The shops take no such currency.
    """
    if (known := CURRENCIES.get(code)) is None:
        raise MalformedMoneyError(code, f"the currency is none of {', '.join(CURRENCIES)}")
    return known


def ratio(minor: int, numerator: int, denominator: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """Return ``minor * numerator / denominator`` as a whole number.

    Args:
        minor: Any amount, also negative.
        numerator: Any number.
        denominator: A positive number.
        rounding: HALF_UP takes halves away from zero, DOWN goes towards zero, UP away from it.

    Examples:
        >>> ratio(1721, 85, 100), ratio(-5, 1, 2), ratio(5, 1, 2, Rounding.HALF_EVEN)
        (1463, -3, 2)
    """
    if denominator <= 0:
        raise MalformedMoneyError(str(denominator), "a denominator is positive")
    product = minor * numerator
    whole, rest = divmod(abs(product), denominator)
    match rounding:
        case Rounding.HALF_UP:
            up = 2 * rest >= denominator
        case Rounding.HALF_DOWN:
            up = 2 * rest > denominator
        case Rounding.HALF_EVEN:
            up = 2 * rest > denominator or (2 * rest == denominator and whole % 2 == 1)
        case Rounding.DOWN:
            up = False
        case Rounding.UP:
            up = rest > 0
        case _:
            assert_never(rounding)
    magnitude = whole + up
    return -magnitude if product < 0 else magnitude


def to_step(minor: int, step_minor: int) -> int:
    """Round an amount to the nearest multiple of the smallest coin, half up.

    Examples:
        >>> to_step(1944, 10), to_step(1953, 5)
        (1940, 1955)
    """
    return ratio(minor, 1, step_minor) * step_minor


class OddCents(StrEnum):
    """Who bears the cents of a split that do not come out even."""

    LARGEST = "largest"
    """The largest remainders, ties to the first."""
    FIRST = "first"
    LAST = "last"
    """The last share is what the others, each rounded half up, leave."""


def split_minor(minor: int, weights: Sequence[int], odd: OddCents = OddCents.LARGEST) -> tuple[int, ...]:
    """Share an amount by weight so that the shares sum to it exactly.

    Every share is rounded towards zero; the units left over go where ``odd`` says. Who weighs nothing bears nothing.

    Raises:
        MalformedMoneyError: A weight is negative, or nothing is there to weigh a non-zero amount with.

    Examples:
        >>> split_minor(299, [1, 1, 1]), split_minor(-10, [1, 2])
        ((100, 100, 99), (-3, -7))
        >>> split_minor(299, [1, 1, 1], OddCents.LAST)
        (100, 100, 99)
        >>> split_minor(100, [1, 1, 1], OddCents.LAST)
        (33, 33, 34)
    """
    if min(weights, default=0) < 0:
        raise MalformedMoneyError(str(list(weights)), "a weight is never negative")
    if (whole := sum(weights)) == 0:
        if minor:
            raise MalformedMoneyError(str(minor), "there is nothing to share it over")
        return (0,) * len(weights)
    magnitude = abs(minor)
    shares = [magnitude * weight // whole for weight in weights]
    if (spare := magnitude - sum(shares)) > 0:
        if odd is OddCents.LARGEST:
            # More remainders are above nothing than units are left, so who weighs nothing is never reached.
            rests = [magnitude * weight % whole for weight in weights]
            bearers = sorted(range(len(weights)), key=rests.__getitem__, reverse=True)
        else:
            bearers = [i for i, weight in enumerate(weights) if weight]
        if odd is OddCents.LAST:
            shares = _last_bears(magnitude, weights, whole, bearers[-1])
            spare = 0
        for i in bearers[:spare]:
            shares[i] += 1
    return tuple([-share for share in shares]) if minor < 0 else tuple(shares)


def _last_bears(magnitude: int, weights: Sequence[int], whole: int, last: int) -> list[int]:
    shares = [ratio(magnitude * weight, 1, whole) for weight in weights]
    shares[last] = 0
    # Many halves rounded up may leave the last less than nothing: then the ones before it give back, nearest first.
    over = sum(shares) - magnitude
    for i in reversed(range(last)):
        back = max(0, min(over, shares[i]))
        shares[i] -= back
        over -= back
    shares[last] = magnitude - sum(shares)
    return shares


@total_ordering
@dataclass(frozen=True, slots=True)
class Money:
    """An amount in whole minor units of one currency.

    Raises:
        MalformedMoneyError: ``minor`` is not a whole number.
        CurrencyMismatchError: Two currencies meet in one sum or comparison.

    Examples:
        >>> str(Money(1240, EUR) + Money(60, EUR))
        '13.00 EUR'
    """

    minor: int
    currency: Currency

    def __post_init__(self) -> None:
        # A float would slip through every sum unseen, so it is stopped at the door.
        if type(self.minor) is not int:
            raise MalformedMoneyError(repr(self.minor), "minor units are whole numbers")

    @classmethod
    def zero(cls, unit: Currency) -> Self:
        """Return nothing at all, in that currency."""
        return cls(0, unit)

    @classmethod
    def parse(cls, text: str, unit: Currency) -> Self:
        """Read ``12.40`` or ``-3``: digits, at most one point, no more decimals than the currency has.

        Raises:
            MalformedMoneyError: Anything else, a comma and an exponent included.
        """
        if (found := re.fullmatch(r"(-?)([0-9]{1,15})(?:\.([0-9]+))?", text)) is None:
            raise MalformedMoneyError(text, "it is not digits with at most one point")
        sign, whole, decimals = found[1], found[2], found[3] or ""
        if len(decimals) > unit.exponent:
            raise MalformedMoneyError(text, f"{unit.code} has {unit.exponent} decimals")
        minor = int(whole + decimals.ljust(unit.exponent, "0"))
        return cls(-minor if sign else minor, unit)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        digits = str(abs(self.minor)).rjust(self.currency.exponent + 1, "0")
        cut = len(digits) - self.currency.exponent
        decimals = f".{digits[cut:]}" if self.currency.exponent else ""
        return f"{'-' if self.minor < 0 else ''}{digits[:cut]}{decimals} {self.currency.code}"

    def times(self, count: int) -> "Money":
        """Return the amount ``count`` times."""
        return Money(self.minor * count, self.currency)

    def split(self, weights: Sequence[int]) -> "tuple[Money, ...]":
        """Share the amount by weight; see :func:`split_minor`."""
        return tuple(Money(share, self.currency) for share in split_minor(self.minor, weights))

    def _same(self, other: "Money") -> int:
        if other.currency is not self.currency and other.currency != self.currency:
            raise CurrencyMismatchError(self.currency.code, other.currency.code)
        return other.minor

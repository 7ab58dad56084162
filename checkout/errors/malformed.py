"""What could never be right."""

from dataclasses import dataclass
from typing import ClassVar

from checkout.errors.family import MalformedError


@dataclass(eq=False)
class MalformedCodeError(MalformedError):
    """A text is not the code that it claims to be."""

    text: str
    problem: str
    code: ClassVar[str] = "malformed_code"
    sentence: ClassVar[str] = "The code {text!r} cannot be right: {problem}."


@dataclass(eq=False)
class MalformedMoneyError(MalformedError):
    """An amount is not a whole number of minor units of a known currency."""

    given: str
    problem: str
    code: ClassVar[str] = "malformed_money"
    sentence: ClassVar[str] = "The amount {given!r} cannot be right: {problem}."


@dataclass(eq=False)
class CurrencyMismatchError(MalformedError):
    """Two currencies met in one sum."""

    expected: str
    given: str
    code: ClassVar[str] = "currency_mismatch"
    sentence: ClassVar[str] = "Amounts in {expected} and {given} do not add up without an exchange."


@dataclass(eq=False)
class QuantityOutOfRangeError(MalformedError):
    """A line cannot hold that many."""

    quantity: int
    low: int
    high: int
    code: ClassVar[str] = "quantity_out_of_range"
    sentence: ClassVar[str] = "A quantity of {quantity} is not between {low} and {high}."


@dataclass(eq=False)
class UnbalancedError(MalformedError):
    """Postings or shares do not sum to what they should."""

    expected_minor: int
    found_minor: int
    code: ClassVar[str] = "unbalanced"
    sentence: ClassVar[str] = "The parts sum to {found_minor} where {expected_minor} is due."


@dataclass(eq=False)
class MalformedRuleError(MalformedError):
    """A promotion, campaign or table was written down in a way that cannot work."""

    rule: str
    problem: str
    code: ClassVar[str] = "malformed_rule"
    sentence: ClassVar[str] = "The rule {rule!r} cannot work: {problem}."


@dataclass(eq=False)
class NotAProductError(MalformedError):
    """A coupon, wallet code, ticket or the like was held up where a product is asked for."""

    kind: str
    code: ClassVar[str] = "not_a_product"
    sentence: ClassVar[str] = "That is a {kind}, not a product."


@dataclass(eq=False)
class BasketTooLargeError(MalformedError):
    """More entries than codes on a screen can carry."""

    entries: int
    code: ClassVar[str] = "basket_too_large"
    sentence: ClassVar[str] = "{entries} entries do not fit into the codes that a phone carries."

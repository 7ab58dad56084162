"""A basket with prices: every cent of every line with the rule that moved it."""

from dataclasses import dataclass
from enum import StrEnum

from checkout.basket import Line
from checkout.catalog import Product
from checkout.label import Label
from checkout.money import Money


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one rule took off one line; the amount is below zero. A coupon's rule is its code."""

    rule_id: str
    label: Label
    amount: Money


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line with its price and all that was taken off.

    Attributes:
        unit_price_minor: Shelf price of a piece or a kilogram.
        gross: Before promotions.
        due: After all adjustments: ``gross`` plus their amounts.
        refers_to: For a deposit: the line that it belongs to.
    """

    line: Line
    product: Product
    unit_price_minor: int
    gross: Money
    adjustments: tuple[Adjustment, ...]
    due: Money
    vat_rate_bp: int
    refers_to: str | None = None

    @property
    def unit_dues(self) -> tuple[tuple[Money, int], ...]:
        """What each piece costs after all: amounts and how many pieces cost so much, the odd cents on the first."""
        low, odd = divmod(self.due.minor, self.line.quantity)
        dues = ((low + 1, odd), (low, self.line.quantity - odd))
        return tuple((Money(minor, self.due.currency), pieces) for minor, pieces in dues if pieces)


@dataclass(frozen=True, slots=True)
class VatLine:
    """The tax of one rate within the total: ``gross`` is ``net`` plus ``tax``."""

    rate_bp: int
    net: Money
    tax: Money
    gross: Money


class CouponOutcome(StrEnum):
    """What became of a coupon on this basket."""

    APPLIED = "applied"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """A coupon that was laid on the basket.

    Attributes:
        saved: Zero or more.
        reason: One sentence when it did not apply; ``reason_code`` is the refusal's code.
        facts: What the refusal knows, by name.
    """

    code: str
    campaign: str
    label: Label
    saved: Money
    state: CouponOutcome
    reason_code: str | None = None
    reason: str | None = None
    facts: tuple[tuple[str, object], ...] = ()


class Level(StrEnum):
    """Whether a problem stops the payment."""

    MEDIUM = "medium"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the shopper or staff should know before paying."""

    code: str
    line_id: str | None
    level: Level
    detail: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The nearest offer that is not reached, and what is missing: minor units, or pieces that it applies to."""

    rule_id: str
    label: Label
    short_minor: int
    short_units: int = 0


@dataclass(frozen=True, slots=True)
class RunnerUp:
    """The best that could be had without one of the rules that stand on the receipt.

    Attributes:
        rules: The promotions and coupons that would stand instead, by id.
        without: The rule that it does without.
    """

    rules: tuple[str, ...]
    without: str
    total: Money


@dataclass(frozen=True, slots=True)
class Quote:
    """A basket with prices.

    ``gross`` less ``saved`` is ``total``; the dues of the lines and the gross amounts of the VAT lines sum to it.

    Attributes:
        next_step: At most one; None when no offer is near.
        digest: SHA-256 (hex) over basket id, version, lines, totals and coupons; what an approval is bound to.
        emoji: The digest's first bytes for the eye.
        gap: What a better combination of offers could still save at most; nothing when this one is proven the best.
        tax_added: Tax on top of the dues, where shelf prices are without it; nothing elsewhere.
        cash_total: What is due in coins, rounded to the smallest one.
        runner_up: The second best combination, when it was asked for and offers were used.
    """

    lines: tuple[QuoteLine, ...]
    gross: Money
    saved: Money
    total: Money
    vat: tuple[VatLine, ...]
    coupons: tuple[AppliedCoupon, ...]
    problems: tuple[Problem, ...]
    next_step: NextStep | None
    digest: str
    emoji: tuple[str, str, str, str]
    gap: Money
    tax_added: Money
    cash_total: Money
    runner_up: RunnerUp | None = None

    @property
    def is_best(self) -> bool:
        """Whether the combination is proven the best for the shopper."""
        return not self.gap

    @property
    def blockers(self) -> tuple[Problem, ...]:
        """The problems that stop the payment."""
        return tuple(problem for problem in self.problems if problem.level is Level.CRITICAL)

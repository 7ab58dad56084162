"""Where shops differ in how they reckon: each difference by name, our choice as the default.

The defaults are the ones of this shop and of the law it sells under; docs/promotion-cases.md says which other systems
chose otherwise. One policy a store, stored with each ticket, so that an old ticket is recomputed as it was made.
"""

from dataclasses import dataclass
from enum import StrEnum

from checkout.errors import MalformedRuleError
from checkout.money import OddCents, Rounding
from checkout.promotions import FULL_BP


class Combining(StrEnum):
    """How several promotions meet on one receipt."""

    BEST = "best"
    """The combination that leaves the shopper the least to pay; a unit is taken once, basket cuts act on the rest."""
    IN_TURN = "in_turn"
    """One after another by priority, each on what the one before left; exclusive offers first, and then alone."""
    ONCE_IN_TURN = "once_in_turn"
    """One after another by priority; a unit that one has taken is out of reach for all that follow."""


class PriorityOrder(StrEnum):
    """Which number runs first."""

    HIGH_FIRST = "high_first"
    LOW_FIRST = "low_first"


class ShelfPrices(StrEnum):
    """How a price in the catalogue reads."""

    WITH_TAX = "with_tax"
    """Tax is inside, as shops must show it to people."""
    WITHOUT_TAX = "without_tax"
    """Tax is added to what is due; offers are reckoned without it."""
    TAXED_FIRST = "taxed_first"
    """Tax is added to each unit price, and offers, caps and thresholds are reckoned with it."""


class VatRounding(StrEnum):
    """Where tax is rounded. One policy a store; France accepts the first two."""

    PER_RATE = "per_rate"
    PER_LINE = "per_line"
    PER_UNIT = "per_unit"
    PER_ENTRY = "per_entry"
    """On each shelf price and on each discount as an entry of its own."""


@dataclass(frozen=True, slots=True)
class PricingPolicy:
    """One way of reckoning.

    Attributes:
        discount_rounding: Of percentages. HALF_DOWN is the same as rounding the price that is left half up.
        odd_cents: Which lines bear the cents of a spread discount that do not come out even.
        cash_step_minor: The smallest coin: what is paid in cash is rounded to it, half up.
        max_off_bp: The most that the offers and coupons of one receipt take off together, in basis points of what its
            goods cost on the shelf; marked-down shelf prices do not count. 10000 is no bound.
    """

    combining: Combining = Combining.BEST
    order: PriorityOrder = PriorityOrder.HIGH_FIRST
    discount_rounding: Rounding = Rounding.HALF_UP
    odd_cents: OddCents = OddCents.LARGEST
    shelf_prices: ShelfPrices = ShelfPrices.WITH_TAX
    vat_rounding: VatRounding = VatRounding.PER_RATE
    cash_step_minor: int = 1
    max_off_bp: int = FULL_BP

    def __post_init__(self) -> None:
        if self.cash_step_minor < 1:
            raise MalformedRuleError("policy", "the smallest coin is worth at least one minor unit")
        if not 0 <= self.max_off_bp <= FULL_BP:
            raise MalformedRuleError("policy", "max_off_bp is 0 to 10000 basis points")


DEFAULT_POLICY = PricingPolicy()

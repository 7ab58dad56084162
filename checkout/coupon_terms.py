"""What a coupon gives and asks for, which all coupons of a campaign have in common."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkout.coupon_conditions import NO_CONDITIONS, Conditions
from checkout.errors import (
    CouponExpiredError,
    CouponNotStartedError,
    MalformedRuleError,
)
from checkout.window import ALWAYS, Window


class Effect(StrEnum):
    """What a coupon takes off: minor units, or basis points of what its goods cost."""

    AMOUNT = "amount"
    PERCENT = "percent"


class Stacking(StrEnum):
    """What else may stand on the same receipt."""

    WITH_ALL = "with_all"
    ALONE = "alone"
    """No second coupon."""
    FULL_PRICE = "full_price"
    """Only goods that no promotion has made cheaper."""


FULL_BP = 10_000


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What a coupon gives and asks for.

    Attributes:
        value: Minor units for an amount, basis points (1000 is 10 %) for a percentage.
        min_basket_minor: What the goods it applies to must cost after promotions, bound inclusive.
        skus: Goods it applies to; with ``categories`` empty as well: all.
        categories: Categories it applies to.
        max_off_minor: The most that a percentage takes off.
        conditions: When, where and by whom it may be used.
        joint: Its joint category: coupons of one exclude each other, of different ones they go together; None is in
            none.
        priority: Which comes off first: the highest; of equals the soonest to end.
        max_per_basket: Coupons of its campaign on one receipt; None is without bound.
    """

    effect: Effect
    value: int
    min_basket_minor: int = 0
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    window: Window = ALWAYS
    stacking: Stacking = Stacking.WITH_ALL
    max_off_minor: int | None = None
    conditions: Conditions = NO_CONDITIONS
    joint: str | None = None
    priority: int = 0
    max_per_basket: int | None = None

    def __post_init__(self) -> None:
        if self.max_per_basket is not None and self.max_per_basket < 1:
            raise MalformedRuleError("coupon terms", "a basket takes at least one coupon of a campaign, or any number")
        if self.value <= 0 or (self.effect is Effect.PERCENT and self.value > FULL_BP):
            raise MalformedRuleError("coupon terms", f"{self.value} is no {self.effect.value} to take off")

    def fits(self, sku: str, category: str) -> bool:
        """Whether the coupon applies to such a product."""
        everything = not self.skus and not self.categories
        return everything or sku in self.skus or category in self.categories


def demand_in_time(name: str, window: Window, at: datetime) -> None:
    """Make sure that a moment lies in the time of a coupon or campaign.

    Raises:
        CouponNotStartedError: It has not come.
        CouponExpiredError: It is over.
    """
    if window.starts_at is not None and window.is_after(at):
        raise CouponNotStartedError(name, window.starts_at)
    if window.ends_at is not None and window.is_before(at):
        raise CouponExpiredError(name, window.ends_at)

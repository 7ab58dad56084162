"""What a rule says no to about coupons: their time, place, people, limits and money."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from checkout.errors.family import RefusedError


@dataclass(eq=False)
class CouponExpiredError(RefusedError):
    """Its time is over."""

    coupon: str
    expired_at: datetime
    code: ClassVar[str] = "coupon_expired"
    sentence: ClassVar[str] = "Coupon {coupon} ended at {expired_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponNotStartedError(RefusedError):
    """Its time has not come."""

    coupon: str
    starts_at: datetime
    code: ClassVar[str] = "coupon_not_started"
    sentence: ClassVar[str] = "Coupon {coupon} begins at {starts_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponLimitReachedError(RefusedError):
    """The campaign has given or redeemed as many as it may."""

    campaign: str
    limit: str
    allowed: int
    used: int
    left: int = 0
    opens_at: datetime | None = None
    """When there will be more; None when that is not known or never."""
    code: ClassVar[str] = "coupon_limit_reached"
    sentence: ClassVar[str] = "Campaign {campaign} has reached its limit of {allowed} ({limit}): {used} are taken."


@dataclass(eq=False)
class CouponBudgetSpentError(RefusedError):
    """The campaign's money is spent or set aside."""

    campaign: str
    budget_minor: int
    code: ClassVar[str] = "coupon_budget_spent"
    sentence: ClassVar[str] = "The budget of campaign {campaign}, {budget_minor} minor units, is spent or set aside."


@dataclass(eq=False)
class CouponRevokedError(RefusedError):
    """The shop took the coupon back."""

    coupon: str
    code: ClassVar[str] = "coupon_revoked"
    sentence: ClassVar[str] = "Coupon {coupon} was revoked."


@dataclass(eq=False)
class CouponNotApplicableError(RefusedError):
    """The basket does not meet the coupon's conditions."""

    coupon: str
    reason: str
    short_minor: int = 0
    """How much more its goods must cost, where that is what is missing."""
    code: ClassVar[str] = "coupon_not_applicable"
    sentence: ClassVar[str] = "Coupon {coupon} does not apply: {reason}."


@dataclass(eq=False)
class CouponOutOfHoursError(RefusedError):
    """It counts at other hours or on other days."""

    coupon: str
    opens_at: datetime
    code: ClassVar[str] = "coupon_out_of_hours"
    sentence: ClassVar[str] = "Coupon {coupon} counts again from {opens_at:%Y-%m-%d %H:%M %Z}."


@dataclass(eq=False)
class CouponConditionError(RefusedError):
    """It is for other stores or other people."""

    coupon: str
    condition: str
    asked: str
    next_step: str
    code: ClassVar[str] = "coupon_condition"
    sentence: ClassVar[str] = "Coupon {coupon} asks for {asked} ({condition}): {next_step}."


@dataclass(eq=False)
class CouponsPerBasketError(RefusedError):
    """The basket holds as many of a campaign, or in all, as it may."""

    coupon: str
    limit: str
    allowed: int
    code: ClassVar[str] = "coupons_per_basket"
    sentence: ClassVar[str] = "A basket takes {allowed} such coupons (per {limit}): keep {coupon} for the next one."


@dataclass(eq=False)
class NotCombinableError(RefusedError):
    """Two benefits exclude each other."""

    coupon: str
    other: str
    code: ClassVar[str] = "not_combinable"
    sentence: ClassVar[str] = "Coupon {coupon} cannot be used together with {other}."


@dataclass(eq=False)
class ShareCapError(RefusedError):
    """Shared as often or as deep as the campaign allows."""

    coupon: str
    limit: str
    allowed: int
    code: ClassVar[str] = "share_cap"
    sentence: ClassVar[str] = "Coupon {coupon} has reached its {limit} of {allowed}."


@dataclass(eq=False)
class OwnShareError(RefusedError):
    """Nobody claims what they shared themselves."""

    coupon: str
    code: ClassVar[str] = "own_share"
    sentence: ClassVar[str] = "Coupon {coupon} cannot be claimed by the one who shared it."

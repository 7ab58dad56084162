"""When, where and by whom a coupon may be used: what its terms ask for beside the goods."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from checkout.errors import CouponConditionError, CouponOutOfHoursError, MalformedRuleError, RefusedError

EVERY_DAY = frozenset(range(1, 8))
"""Monday is 1, Sunday 7."""
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class Hours:
    """A span of the day on some days of the week, on the clock of the store.

    The start belongs to it, the end does not. A span that ends before it starts goes on past midnight and belongs to
    the day on which it started.

    Attributes:
        opens: From when on.
        closes: Until when; midnight is the end of the day.
        days: Of the week, Monday is 1 and Sunday 7.
    """

    opens: time = MIDNIGHT
    closes: time = MIDNIGHT
    days: frozenset[int] = EVERY_DAY

    def __post_init__(self) -> None:
        if not self.days or not self.days <= EVERY_DAY:
            raise MalformedRuleError("hours", "days are 1 for Monday to 7 for Sunday, and there is at least one")
        if self.opens == self.closes != MIDNIGHT:
            raise MalformedRuleError("hours", "they end when they start; midnight to midnight is the whole day")
        if self.opens.tzinfo is not None or self.closes.tzinfo is not None:
            raise MalformedRuleError("hours", "they are on the clock of the store and name no time zone")

    def __contains__(self, at: datetime) -> bool:
        """Whether they are open; ``at`` is in the time zone of the store."""
        clock, today = at.time(), at.isoweekday()
        yesterday = (today - 2) % 7 + 1
        if self.closes == MIDNIGHT or self.opens < self.closes:
            return today in self.days and self.opens <= clock and (self.closes == MIDNIGHT or clock < self.closes)
        return (today in self.days and self.opens <= clock) or (yesterday in self.days and clock < self.closes)

    def next_opening(self, at: datetime) -> datetime:
        """Return when they open next after ``at``, which is in the time zone of the store.

        In the hour that the clock shows twice, it is the same of the two as ``at``.
        """
        opens = self.opens.replace(fold=at.fold)
        starts = [datetime.combine(at.date() + timedelta(days), opens, at.tzinfo) for days in range(8)]
        return next(start for start in starts if start > at and start.isoweekday() in self.days)


ALL_HOURS = Hours()


@dataclass(frozen=True, slots=True)
class Visit:
    """What the caller knows of whoever stands at the checkout.

    Attributes:
        store: Where.
        segments: The groups that the caller says the shopper is in.
        is_first_purchase: Whether they never bought here before; somebody without a name is not known to be new.
    """

    store: str | None = None
    segments: frozenset[str] = frozenset()
    is_first_purchase: bool = False


UNKNOWN_VISIT = Visit()


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a coupon asks for beside the goods; all of it must hold.

    Attributes:
        stores: Where it may be used; none named: everywhere.
        segments: The shopper is in one of them; none named: anybody.
        members_only: The shopper has given their name.
        first_purchase_only: The shopper never bought here before.
    """

    hours: Hours = ALL_HOURS
    stores: frozenset[str] = frozenset()
    segments: frozenset[str] = frozenset()
    members_only: bool = False
    first_purchase_only: bool = False

    def refusal(self, coupon: str, visit: Visit, *, member: bool, at: datetime) -> RefusedError | None:
        """Return why a coupon may not be used, with the next step; None when it may.

        Args:
            coupon: Its code.
            visit: Who stands where.
            member: Whether the shopper gave their name.
            at: Now, in the time zone of the store.
        """
        if self.stores and visit.store not in self.stores:
            named = ", ".join(sorted(self.stores))
            return CouponConditionError(coupon, "stores", named, f"use it in {named}")
        if self.members_only and not member:
            return CouponConditionError(coupon, "members_only", "a member", "say who you are")
        if self.segments and not self.segments & visit.segments:
            named = ", ".join(sorted(self.segments))
            return CouponConditionError(coupon, "segments", named, "remove it; the price stands without it")
        if self.first_purchase_only and not visit.is_first_purchase:
            asked = "a first purchase"
            return CouponConditionError(coupon, "first_purchase_only", asked, "give it to a friend who is new here")
        if at not in self.hours:
            return CouponOutOfHoursError(coupon, self.hours.next_opening(at))
        return None


NO_CONDITIONS = Conditions()

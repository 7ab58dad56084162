"""What shoppers give back to themselves: small, few, soon after, and nothing that a person should see first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

DAY = timedelta(days=1)
MONTH = timedelta(days=30)


class NeedsPerson(StrEnum):
    """Why a person decides instead."""

    AMOUNT = "amount"
    """More than one may give back at once, or within a day."""
    AGE = "age"
    """The ticket is old."""
    GOODS = "goods"
    """Something of it a person must see: an age on it, a weight, a warranty."""
    OFTEN = "often"
    """So many in a month are unusual."""


@dataclass(frozen=True, slots=True)
class OwnRefundPolicy:
    """How far shoppers decide alone.

    Attributes:
        most_minor: At once; 0: never.
        day_minor: Within 24 hours.
        days: After the purchase.
        in_month: So many within 30 days.
    """

    most_minor: int = 2_000
    day_minor: int = 2_000
    days: int = 14
    in_month: int = 3


@dataclass(frozen=True, slots=True)
class OwnRefund:
    """One that was given before, in minor units."""

    amount_minor: int
    at: datetime


def needs_person(
    policy: OwnRefundPolicy,
    *,
    amount_minor: int,
    bought_at: datetime,
    seen_goods: bool,
    before: Sequence[OwnRefund],
    at: datetime,
) -> NeedsPerson | None:
    """Say why a person decides about a refund, or None where the shopper may alone.

    Args:
        policy: The store's.
        amount_minor: What would go back.
        bought_at: When the ticket was issued.
        seen_goods: Whether something of it must be seen by a person.
        before: The shopper's own ones of the last 30 days, in any order.
        at: Now.
    """
    if seen_goods:
        return NeedsPerson.GOODS
    if at - bought_at > policy.days * DAY:
        return NeedsPerson.AGE
    today_minor = sum(one.amount_minor for one in before if at - one.at < DAY)
    if amount_minor > policy.most_minor or today_minor + amount_minor > policy.day_minor:
        return NeedsPerson.AMOUNT
    if sum(at - one.at < MONTH for one in before) >= policy.in_month:
        return NeedsPerson.OFTEN
    return None

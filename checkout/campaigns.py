"""Campaigns: who funds which coupons, how many, how they are passed on; and whether there is room for one more.

The table says what marketing may do; what is counted comes in as an argument.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from checkout.coupon_terms import CouponTerms, demand_in_time
from checkout.errors import (
    CouponBudgetSpentError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotStartedError,
    CouponRevokedError,
)
from checkout.label import Label
from checkout.transitions import TransitionTable


class CampaignState(StrEnum):
    """Where a campaign stands."""

    DRAFT = "draft"
    TEST = "test"
    LIVE = "live"
    PAUSED = "paused"
    ENDED = "ended"


class CampaignEvent(StrEnum):
    """What marketing does to a campaign."""

    TRY = "try"
    EDIT = "edit"
    LAUNCH = "launch"
    PAUSE = "pause"
    END = "end"


CAMPAIGN_TABLE = TransitionTable(
    name="campaign",
    start=CampaignState.DRAFT,
    rows={
        (CampaignState.DRAFT, CampaignEvent.TRY): CampaignState.TEST,
        (CampaignState.DRAFT, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.DRAFT, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.TEST, CampaignEvent.EDIT): CampaignState.DRAFT,
        (CampaignState.TEST, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.TEST, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.LIVE, CampaignEvent.PAUSE): CampaignState.PAUSED,
        (CampaignState.LIVE, CampaignEvent.END): CampaignState.ENDED,
        (CampaignState.PAUSED, CampaignEvent.LAUNCH): CampaignState.LIVE,
        (CampaignState.PAUSED, CampaignEvent.END): CampaignState.ENDED,
    },
)


class ShareMode(StrEnum):
    """A gift moves, a copy gives each friend one of their own, a pool does so for the first few."""

    GIFT = "gift"
    COPY = "copy"
    POOL = "pool"


class OnRefund(StrEnum):
    """What becomes of a used coupon when all goods that it made cheaper have come back."""

    RESTORE = "restore"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class CampaignLimits:
    """How far a campaign goes; None is without bound.

    Attributes:
        coupons: Coupons issued in all.
        per_person: Coupons one person may hold or have held.
        generations: How often a coupon may be passed on: 0 is not at all.
        width: Friends that one share reaches, for ``copy`` and ``pool``.
        per_day: Coupons issued on one day.
        per_store: Coupons set aside or used in one store.
        per_household: Coupons set aside or used by the people of one household.
    """

    coupons: int | None = None
    per_person: int | None = None
    generations: int = 3
    width: int | None = None
    per_day: int | None = None
    per_store: int | None = None
    per_household: int | None = None


@dataclass(frozen=True, slots=True)
class Campaign:
    """Who funds which coupons, how many, and how they are passed on."""

    id: str
    label: Label
    terms: CouponTerms
    budget_minor: int
    limits: CampaignLimits
    share_mode: ShareMode
    state: CampaignState = CampaignState.DRAFT
    on_refund: OnRefund = OnRefund.RESTORE

    def after(self, event: CampaignEvent) -> "Campaign":
        """Return the campaign one step on, or raise :class:`IllegalTransitionError`."""
        return replace(self, state=CAMPAIGN_TABLE.after(self.state, event))


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted where it is limited, read in the transaction that will change it.

    Attributes:
        issued: Coupons in all.
        of_person: Coupons that this person holds or has held.
        of_day: Coupons issued on this day.
        of_store: Coupons set aside or used in this store.
        of_household: Coupons set aside or used by this household.
        day_ends_at: When the next day begins.
    """

    issued: int = 0
    of_person: int = 0
    reserved_minor: int = 0
    spent_minor: int = 0
    of_day: int = 0
    of_store: int = 0
    of_household: int = 0
    day_ends_at: datetime | None = None


def may_issue(campaign: Campaign, counts: Counts, *, at: datetime) -> None:
    """Make sure that one more coupon may be issued.

    Raises:
        CouponNotStartedError: The campaign is a draft, or its time has not come.
        CouponRevokedError: The campaign is paused.
        CouponExpiredError: It has ended.
        CouponLimitReachedError: All were issued, or all of this day, or all that this person may have.
        CouponBudgetSpentError: Its money is spent or set aside.
    """
    window = campaign.terms.window
    match campaign.state:
        case CampaignState.DRAFT:
            raise CouponNotStartedError(campaign.id, window.starts_at or at)
        case CampaignState.PAUSED:
            raise CouponRevokedError(campaign.id)
        case CampaignState.ENDED:
            raise CouponExpiredError(campaign.id, window.ends_at or at)
        case CampaignState.TEST | CampaignState.LIVE:
            demand_in_time(campaign.id, window, at)
        case _:
            assert_never(campaign.state)
    limits = campaign.limits
    _within(campaign.id, "coupons", limits.coupons, counts.issued)
    _within(campaign.id, "per_person", limits.per_person, counts.of_person)
    _within(campaign.id, "per_day", limits.per_day, counts.of_day, counts.day_ends_at)
    may_spend(campaign, counts, 1)


def may_spend(campaign: Campaign, counts: Counts, cost_minor: int) -> None:
    """Make sure that the budget covers a redemption beside all that are spent or set aside.

    Raises:
        CouponBudgetSpentError: It does not.
    """
    if counts.spent_minor + counts.reserved_minor + cost_minor > campaign.budget_minor:
        raise CouponBudgetSpentError(campaign.id, campaign.budget_minor)


def may_use(campaign: Campaign, counts: Counts, cost_minor: int) -> None:
    """Make sure that one more coupon may be set aside, for a store and a household.

    Giving it back after a payment that was not made, or after a refund, opens its place again.

    Args:
        campaign: Whose coupon.
        counts: Of the store where it is used and the household that uses it.
        cost_minor: What it takes off, in minor units.

    Raises:
        CouponLimitReachedError: The store or the household has used all that it may.
        CouponBudgetSpentError: The budget does not cover it.
    """
    limits = campaign.limits
    _within(campaign.id, "per_store", limits.per_store, counts.of_store)
    _within(campaign.id, "per_household", limits.per_household, counts.of_household)
    may_spend(campaign, counts, cost_minor)


def _within(campaign: str, name: str, limit: int | None, used: int, opens_at: datetime | None = None) -> None:
    if limit is not None and used >= limit:
        raise CouponLimitReachedError(campaign, name, limit, used, opens_at=opens_at)

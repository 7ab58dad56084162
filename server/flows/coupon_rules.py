"""Campaigns and coupons as the rules of the shop see them, and how much room a campaign has for one more use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from checkout.campaigns import Campaign, CampaignLimits, CampaignState, Counts, OnRefund, ShareMode, may_use
from checkout.coupon_conditions import Conditions, Visit
from checkout.coupon_terms import CouponTerms, Effect, Stacking
from checkout.coupons import Coupon, CouponState
from checkout.errors import CouponExpiredError, CouponNotFoundError, CouponRevokedError, RefusedError
from checkout.label import Label
from checkout.window import Window
from server.flows.coupon_codes import read_coupon_code
from server.flows.coupon_terms import conditions_of
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow
from server.flows.segments import purchases_of, segment_of

PERCENT_BP = 100
"""A campaign is written in whole percent, the price in basis points."""


def campaign_of(row: CampaignRow) -> Campaign:
    """Return the campaign as the rules of the shop see it."""
    percent = row.effect_kind == Effect.PERCENT
    left_minor = row.budget_minor - row.reserved_minor - row.spent_minor
    return Campaign(
        id=row.campaign_id,
        label=label_of(row),
        terms=_terms(
            row.effect_kind,
            row.effect_value * PERCENT_BP if percent else row.effect_value,
            row.min_basket_minor,
            tuple(row.skus or ()),
            tuple(row.categories or ()),
            row.stacking,
            row.starts_at,
            row.ends_at,
            # A percentage never takes more off than the budget still has, so that the price shown can be kept.
            max(0, left_minor) if percent else None,
            conditions_of(row.conditions, by_person=row.limit_per_household is not None),
            row.joint,
            row.priority,
            row.max_per_basket,
        ),
        budget_minor=row.budget_minor,
        limits=_limits(
            coupons=row.limit_coupons,
            per_person=row.limit_per_person,
            generations=row.limit_generations,
            width=row.limit_width,
            per_store=row.limit_per_store,
            per_household=row.limit_per_household,
        ),
        share_mode=ShareMode(row.share_mode),
        state=CampaignState(row.state),
        on_refund=OnRefund(row.on_refund),
    )


@lru_cache(1024)
def _terms(  # noqa: PLR0913, PLR0917 - what a row says of terms; memories are quicker by place
    effect: str,
    value: int,
    min_basket_minor: int,
    skus: tuple[str, ...],
    categories: tuple[str, ...],
    stacking: str,
    starts_at: datetime,
    ends_at: datetime,
    max_off_minor: int | None,
    conditions: Conditions,
    joint: str | None,
    priority: int,
    max_per_basket: int | None,
) -> CouponTerms:
    return CouponTerms(
        effect=Effect(effect),
        value=value,
        min_basket_minor=min_basket_minor,
        skus=frozenset(skus),
        categories=frozenset(categories),
        stacking=Stacking(stacking),
        window=Window(starts_at, ends_at),
        max_off_minor=max_off_minor,
        conditions=conditions,
        joint=joint,
        priority=priority,
        max_per_basket=max_per_basket,
    )


_limits = lru_cache(1024)(CampaignLimits)


def demand_passed_on(campaign: CampaignRow) -> None:
    """Make sure that coupons of a campaign may be shared and claimed.

    Raises:
        CouponRevokedError: It is paused.
        CouponExpiredError: It has ended.
    """
    match CampaignState(campaign.state):
        case CampaignState.PAUSED:
            raise CouponRevokedError(campaign.campaign_id)
        case CampaignState.ENDED:
            raise CouponExpiredError(campaign.campaign_id, campaign.ends_at)
        case CampaignState.LIVE | CampaignState.DRAFT | CampaignState.TEST:
            return


def coupon_of(row: CouponRow, campaign: Campaign) -> Coupon:
    """Return the coupon as the rules of the shop see it."""
    return Coupon(
        code=row.code,
        campaign=row.campaign_id,
        label=campaign.label,
        terms=campaign.terms,
        holder=row.holder_phone_hash,
        state=CouponState(row.state),
        generation=row.generation,
        reserved_for=row.payment_id,
    )


def label_of(row: CampaignRow) -> Label:
    """Return the campaign's words."""
    return Label(fr=row.label["fr"], en=row.label["en"], zh=row.label["zh"])


def find(work: Work, code: str) -> tuple[CouponRow, CampaignRow]:
    """Return a coupon, however its code was typed, and its campaign.

    Raises:
        CouponNotFoundError: There is none.
    """
    row = work.coupons.get(read_coupon_code(code))
    campaign = work.campaigns.get(row.campaign_id) if row is not None else None
    if row is None or campaign is None:
        raise CouponNotFoundError(code)
    return row, campaign


@dataclass(frozen=True, slots=True)
class Bearer:
    """Who brings coupons, and where.

    Attributes:
        phone_hash: None for somebody who has not said who they are.
    """

    store_id: str
    phone_hash: str | None


def visit_of(work: Work, bearer: Bearer, coupons: Sequence[Coupon], *, at: datetime) -> Visit:
    """Return what coupons ask of whoever brings them; how often they bought is looked up only where one asks for it."""
    asked = [coupon.terms.conditions for coupon in coupons]
    if bearer.phone_hash is None or not any(each.segments or each.first_purchase_only for each in asked):
        return Visit(bearer.store_id)
    purchases = purchases_of(work, bearer.phone_hash, at=at)
    segment = segment_of(purchases)
    return Visit(
        bearer.store_id,
        segments=frozenset() if segment is None else frozenset({segment.value}),
        is_first_purchase=segment is None,
    )


def uses(work: Work, campaign: CampaignRow, bearer: Bearer) -> Counts:
    """Return what is counted where a coupon of a campaign would be used."""
    of_household = of_store = 0
    if campaign.limit_per_store is not None:
        of_store = work.campaigns.used_in(campaign.campaign_id, bearer.store_id)
    if campaign.limit_per_household is not None and bearer.phone_hash is not None:
        of_household = work.coupons.used_by(campaign.campaign_id, household_of(work, bearer.phone_hash))
    return Counts(
        reserved_minor=campaign.reserved_minor,
        spent_minor=campaign.spent_minor,
        of_store=of_store,
        of_household=of_household,
    )


def household_of(work: Work, phone_hash: str) -> Sequence[str]:
    """Return who lives with a person, themselves among them; whoever is in no household is one alone."""
    household_id = work.households.of(phone_hash)
    return [phone_hash] if household_id is None else work.households.people(household_id)


def over_limits(
    work: Work, coupons: Sequence[Coupon], saved: Mapping[str, int], bearer: Bearer
) -> tuple[str, RefusedError] | None:
    """Return the first coupon for which its campaign has no room after those before it, or None.

    Each alone is within its limits (`pricing_terms`); only several of one campaign can pass one together.
    """
    campaigns = [coupon.campaign for coupon in coupons]
    taken: dict[str, tuple[int, int]] = {}
    for coupon in coupons:
        minor = saved.get(coupon.code, 0)
        row = work.campaigns.get(coupon.campaign) if minor and campaigns.count(coupon.campaign) > 1 else None
        if row is None:
            continue
        count, cost_minor = taken.get(coupon.campaign, (0, 0))
        counts = uses(work, row, bearer)
        counts = replace(
            counts,
            of_store=counts.of_store + count,
            of_household=counts.of_household + count,
            reserved_minor=counts.reserved_minor + cost_minor,
        )
        try:
            may_use(campaign_of(row), counts, minor)
        except RefusedError as refusal:
            return coupon.code, refusal
        taken[coupon.campaign] = count + 1, cost_minor + minor
    return None

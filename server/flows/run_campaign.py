"""Campaigns: write one down, launch it, pause it, end it; each step as the table of `checkout.campaigns` allows.

Pausing stops giving, sharing and claiming; ending does so for good. Coupons that people hold stay good until their
date in both cases: a promise made is kept.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime

from checkout import Catalog
from checkout.campaigns import CAMPAIGN_TABLE, CampaignEvent, CampaignState, ShareMode
from checkout.coupon_terms import Effect, Stacking
from server.flows.coupon_rules import campaign_of
from server.flows.coupon_terms import NOTHING, Asked, faults
from server.flows.errors import FlowError
from server.flows.ports import Caller, Work
from server.flows.ports.campaigns import CampaignRow

MAX_PERCENT = 100
MAX_HOLDOUT = 50
"""More than half left out is no campaign any more."""
LOCALES = ("fr", "en", "zh")
SEVERE_SHARE = 2
"""A coupon that takes off more than half of the smallest basket it fits is taken for a slip (90 % for 9 %)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign as marketing writes it down."""

    campaign_id: str
    name: str
    label: Mapping[str, str]
    effect_kind: str
    effect_value: int
    min_basket_minor: int
    budget_minor: int
    limit_coupons: int
    limit_per_person: int
    limit_generations: int
    starts_at: datetime
    ends_at: datetime
    share_mode: str
    issue_on_ticket: bool
    launch: bool
    limit_per_day: int | None = None
    limit_width: int | None = None
    holdout_percent: int = 0
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stacking: str = "with_all"
    on_refund: str = "restore"
    asked: Asked = NOTHING
    joint: str | None = None
    priority: int = 0
    max_per_basket: int | None = None
    limit_per_store: int | None = None
    limit_per_household: int | None = None
    ticket_from_minor: int = 0


def demand_lead(budget_minor: int, *, alone_minor: int, roles: AbstractSet[str]) -> None:
    """Make sure that a budget is not larger than a marketer may launch alone.

    Raises:
        FlowError: `budget_needs_lead`.
    """
    if budget_minor > alone_minor and "marketing_lead" not in roles:
        detail = "A marketing lead launches a campaign of this size."
        raise FlowError("budget_needs_lead", detail, budget_minor=budget_minor, alone_minor=alone_minor)


def create_campaign(
    work: Work, plan: Plan, *, store_id: str, by: str, at: datetime, sold: Catalog | None = None
) -> CampaignRow:
    """Keep a campaign as a draft, and launch it when asked to; with `sold`, its goods must be there.

    Raises:
        FlowError: `campaign_malformed` with every field that must be mended, `campaign_exists`.
    """
    if problems := problems_of(work, plan, at=at, sold=sold):
        raise FlowError("campaign_malformed", f"{len(problems)} fields must be mended.", errors=problems)
    if work.campaigns.get(plan.campaign_id) is not None:
        raise FlowError("campaign_exists", "There is a campaign under this id already.")
    row = row_of(plan, store_id=store_id, by=by, at=at)
    work.campaigns.add(row)
    work.events.record(by, "campaign.created", row.campaign_id, at=at)
    if plan.launch:
        return step_campaign(work, row.campaign_id, CampaignEvent.LAUNCH, store_id=store_id, by=by, at=at)
    return row


def rewrite_campaign(
    work: Work, plan: Plan, *, store_id: str, by: str, at: datetime, sold: Catalog | None = None
) -> CampaignRow:
    """Write a draft anew.

    Raises:
        FlowError: `campaign_malformed` with every field that must be mended, `campaign_not_found`,
            `campaign_not_draft`.
    """
    before = work.campaigns.get(plan.campaign_id)
    if before is None or before.store_id != store_id:
        raise FlowError("campaign_not_found", "There is no such campaign.", campaign_id=plan.campaign_id)
    if problems := problems_of(work, plan, at=at, sold=sold):
        raise FlowError("campaign_malformed", f"{len(problems)} fields must be mended.", errors=problems)
    if not work.campaigns.rewrite(row_of(plan, store_id=store_id, by=by, at=at)):
        raise FlowError("campaign_not_draft", "Only a draft can be written anew.", state=before.state)
    work.events.tell(store_id, "campaign.changed", {"campaign_id": plan.campaign_id}, at=at)
    work.events.record(by, "campaign.rewritten", plan.campaign_id, at=at)
    return work.campaigns.get(plan.campaign_id) or before


def row_of(plan: Plan, *, store_id: str, by: str, at: datetime) -> CampaignRow:
    """Return the draft that a faultless plan makes."""
    row = CampaignRow(
        campaign_id=plan.campaign_id,
        store_id=store_id,
        name=plan.name.strip(),
        label={locale: plan.label[locale].strip() for locale in LOCALES},
        effect_kind=plan.effect_kind,
        effect_value=plan.effect_value,
        min_basket_minor=plan.min_basket_minor,
        budget_minor=plan.budget_minor,
        reserved_minor=0,
        spent_minor=0,
        limit_coupons=plan.limit_coupons,
        limit_per_person=plan.limit_per_person,
        limit_generations=plan.limit_generations,
        issued=0,
        share_mode=plan.share_mode,
        issue_on_ticket=plan.issue_on_ticket,
        state=CAMPAIGN_TABLE.start.value,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        created_by=by,
        created_at=at,
        limit_per_day=plan.limit_per_day,
        limit_width=plan.limit_width,
        holdout_percent=plan.holdout_percent,
        skus=plan.skus or None,
        categories=plan.categories or None,
        stacking=plan.stacking,
        on_refund=plan.on_refund,
        conditions=plan.asked.as_json(),
        joint=None if plan.joint is None else plan.joint.strip(),
        priority=plan.priority,
        max_per_basket=plan.max_per_basket,
        limit_per_store=plan.limit_per_store,
        limit_per_household=plan.limit_per_household,
        ticket_from_minor=plan.ticket_from_minor,
    )
    campaign_of(row)  # the rules of the shop have the last word on what a campaign can be
    return row


def problems_of(work: Work, plan: Plan, *, at: datetime, sold: Catalog | None = None) -> list[dict[str, str]]:
    """Return every field of a plan that must be mended, with the way out."""
    return _problems(plan, at) + faults(work, plan.asked) + _unsold(plan, sold)


def step_campaign(
    work: Work, campaign_id: str, event: CampaignEvent, *, store_id: str, by: str, at: datetime
) -> CampaignRow:
    """Launch, pause or end a campaign.

    Raises:
        FlowError: `campaign_not_found`; `campaign_over` for a launch after the end.
        IllegalTransitionError: It is not in a state for that; `allowed` names what can be done.
    """
    row = work.campaigns.get(campaign_id)
    if row is None or row.store_id != store_id:
        raise FlowError("campaign_not_found", "There is no such campaign.", campaign_id=campaign_id)
    after = CAMPAIGN_TABLE.after(CampaignState(row.state), event)
    if event is CampaignEvent.LAUNCH and row.ends_at <= at:
        raise FlowError("campaign_over", "Its last day has passed.", ended_at=row.ends_at)
    if not work.campaigns.move(campaign_id, row.state, after.value):
        # Somebody else was first: judge again by the state as it is now.
        now = work.campaigns.get(campaign_id) or row
        after = CAMPAIGN_TABLE.after(CampaignState(now.state), event)
        work.campaigns.move(campaign_id, now.state, after.value)
    work.events.tell(store_id, "campaign.changed", {"campaign_id": campaign_id}, at=at)
    work.events.record(by, f"campaign.{event.value}", campaign_id, at=at)
    return replace(row, state=after.value)


def _problems(plan: Plan, at: datetime) -> list[dict[str, str]]:
    percent = plan.effect_kind == Effect.PERCENT
    takes_minor = 0 if percent else plan.effect_value
    rows = [
        (not plan.name.strip(), "name", "it is empty", "Give it a name that your colleagues know."),
        (plan.effect_value <= 0, "effect.value", "it takes nothing off", "Choose at least 1."),
        (percent and plan.effect_value > MAX_PERCENT, "effect.value", "it is over 100 %", "Choose 1 to 100."),
        (plan.min_basket_minor < 0, "min_basket_minor", "it is below zero", "Choose 0 or more."),
        (
            takes_minor > 0 and plan.min_basket_minor < takes_minor * SEVERE_SHARE,
            "min_basket_minor",
            "the coupon would take off more than half of the smallest basket",
            f"Ask for a basket of at least {takes_minor * SEVERE_SHARE} minor units, or take less off.",
        ),
        (plan.budget_minor <= 0, "budget_minor", "there is no money in it", "Choose an amount."),
        (
            0 < plan.budget_minor < takes_minor,
            "budget_minor",
            "it does not suffice for a single coupon",
            f"Choose at least {takes_minor} minor units.",
        ),
        (plan.limit_coupons <= 0, "limits.coupons", "no coupon could be given", "Choose at least 1."),
        (plan.limit_per_person <= 0, "limits.per_person", "nobody could have one", "Choose at least 1."),
        (plan.limit_generations < 0, "limits.generations", "it is below zero", "Choose 0 for no sharing."),
        (plan.limit_per_day == 0, "limits.per_day", "no coupon could be given", "Choose at least 1, or none at all."),
        (plan.limit_per_store == 0, "limits.per_store", "nobody could use one", "Choose at least 1, or none at all."),
        (
            plan.limit_per_household == 0,
            "limits.per_household",
            "nobody could use one",
            "Choose at least 1, or none at all.",
        ),
        (plan.max_per_basket == 0, "max_per_basket", "no basket takes one", "Choose at least 1, or none at all."),
        (plan.joint is not None and not plan.joint.strip(), "joint", "it is empty", "Name the category, or none."),
        (
            plan.joint is not None and plan.stacking == Stacking.ALONE,
            "joint",
            "a coupon that stands alone excludes all others anyhow",
            "Take the joint category out, or let it go with others.",
        ),
        (plan.limit_width == 0, "limits.width", "nobody could claim", "Choose at least 1, or none at all."),
        (
            plan.share_mode == ShareMode.POOL and plan.limit_width is None,
            "limits.width",
            "a pool has no size",
            "Say how many friends one link reaches.",
        ),
        (
            not 0 <= plan.holdout_percent <= MAX_HOLDOUT,
            "holdout_percent",
            "it is no share to compare with",
            f"Choose 0 to {MAX_HOLDOUT}.",
        ),
        (plan.ends_at <= plan.starts_at, "ends_at", "it ends before it starts", "Choose a later day."),
        (plan.ends_at <= at, "ends_at", "it lies in the past", "Choose a day to come."),
    ]
    rows += [
        (not plan.label.get(locale, "").strip(), f"label.{locale}", "it is empty", "Say the offer in every language.")
        for locale in LOCALES
    ]
    return [{"field": field, "message": why, "fix": fix} for applies, field, why, fix in rows if applies]


def _unsold(plan: Plan, sold: Catalog | None) -> list[dict[str, str]]:
    """Name the goods and categories that no coupon could ever meet."""
    if sold is None or not (plan.skus or plan.categories):
        return []
    skus = {product.sku for product in sold.products}
    categories = {product.category for product in sold.products}
    wrong = [(f"skus.{i}", sku) for i, sku in enumerate(plan.skus) if sku not in skus]
    wrong += [(f"categories.{i}", name) for i, name in enumerate(plan.categories) if name not in categories]
    fix = "Take it out, or write it as the catalogue does."
    return [{"field": field, "message": f"nothing sold here is {name!r}", "fix": fix} for field, name in wrong]


def store_of(caller: Caller, home: str) -> str:
    """Return the store that a caller acts for: a device's own, for people the one that this server serves."""
    return caller.store_id or home

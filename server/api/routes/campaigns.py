"""Campaigns, for marketing: write one down, launch, pause, end, and watch the funnel."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from functools import partial
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from pydantic import Field

from checkout.campaigns import CampaignEvent
from server.api.dependencies import AsMarketer, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.people_json import campaign_json
from server.api.routes.enrolment import PhoneText
from server.api.schemas import Body, ClientId, DayOrInstant, Minor
from server.flows.campaign_words import conditions as in_words
from server.flows.coupon_terms import NOTHING, Asked
from server.flows.days import from_day, upto_day
from server.flows.ports import Caller, Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.run_campaign import (
    Plan,
    create_campaign,
    demand_lead,
    problems_of,
    rewrite_campaign,
    row_of,
    step_campaign,
)
from server.flows.segments import MIN_GROUP, sizes
from server.flows.spread import campaign_in, cut_branch, funnel, lift, open_campaign_link, preflight, tree, try_campaign

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])


Words = Annotated[str, Field(max_length=120)]
Count = Annotated[int, Field(ge=0, le=10**9)]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["09:00"])]


class Label(Body):
    """The offer in every language of the shop."""

    fr: Words
    en: Words
    zh: Words


class Effect(Body):
    """What is taken off: minor units, or whole percent."""

    kind: Literal["amount", "percent"]
    value: Minor


class Limits(Body):
    """How many in all, how many a person, how often passed on."""

    coupons: Count
    per_person: Count
    generations: Annotated[int, Field(ge=0, le=20)]
    per_day: Count | None = None
    width: Count | None = None
    per_store: Count | None = None
    """Coupons set aside or used in one store."""
    per_household: Count | None = None
    """Likewise by the people of one household; whoever is in none is one alone."""


class Conditions(Body):
    """What a coupon asks for beside the goods; all of it must hold. Hours are on the clock of the store."""

    opens: Clock = "00:00"
    closes: Clock = "00:00"
    """Midnight is the end of the day; before `opens` it is on the next day."""
    days: Annotated[list[int], Field(max_length=7, default_factory=lambda: [1, 2, 3, 4, 5, 6, 7])]
    """Monday is 1, Sunday 7."""
    stores: Annotated[list[Words], Field(max_length=500, default_factory=list)]
    """Where it may be used; none named: everywhere."""
    segments: Annotated[list[Words], Field(max_length=10, default_factory=list)]
    """Who may use it, as `GET /v1/campaigns/segments` names them; none named: anybody."""
    members_only: bool = False
    first_purchase_only: bool = False

    def asked(self) -> Asked:
        """Return it as the flow takes it."""
        return Asked(
            opens=time.fromisoformat(self.opens),
            closes=time.fromisoformat(self.closes),
            days=tuple(sorted(set(self.days))),
            stores=tuple(dict.fromkeys(self.stores)),
            segments=tuple(dict.fromkeys(self.segments)),
            members_only=self.members_only,
            first_purchase_only=self.first_purchase_only,
        )


class NewCampaign(Body):
    """A campaign as marketing writes it down."""

    campaign_id: ClientId
    name: Words
    label: Label
    effect: Effect
    min_basket_minor: Minor
    budget_minor: Minor
    limits: Limits
    starts_at: DayOrInstant
    ends_at: DayOrInstant
    """The last day belongs to it: it is over at midnight by the store's clock."""
    share_mode: Literal["gift", "copy", "pool"]
    issue_on_ticket: bool
    ticket_from_minor: Minor = 0
    """What a ticket must at least come to, after all discounts, for a coupon on it."""
    launch: bool = False
    holdout_percent: Annotated[int, Field(ge=1, le=50)] = 5
    """Of all people, who a draw keeps out: every figure has something to be compared with."""
    skus: Annotated[list[Words], Field(max_length=500, default_factory=list)]
    """Goods that the coupon applies to; together with no categories: all."""
    categories: Annotated[list[Words], Field(max_length=100, default_factory=list)]
    stacking: Literal["with_all", "alone", "full_price"] = "with_all"
    """`alone`: no second coupon on the receipt; `full_price`: not on goods that an offer has made cheaper."""
    on_refund: Literal["restore", "void"] = "restore"
    """What becomes of a used coupon when all goods that it made cheaper come back."""
    conditions: Conditions | None = None
    joint: Annotated[str, Field(max_length=64)] | None = None
    """Coupons of one joint category exclude each other, of different ones they go together."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """Which comes off first: the highest; of equals the soonest to end."""
    max_per_basket: Annotated[int, Field(ge=0, le=100)] | None = None

    def plan(self, zone: ZoneInfo) -> Plan:
        """Return it as the flow takes it; days are those of a clock."""
        return Plan(
            campaign_id=self.campaign_id,
            name=self.name,
            label=self.label.model_dump(),
            effect_kind=self.effect.kind,
            effect_value=self.effect.value,
            min_basket_minor=self.min_basket_minor,
            budget_minor=self.budget_minor,
            limit_coupons=self.limits.coupons,
            limit_per_person=self.limits.per_person,
            limit_generations=self.limits.generations,
            starts_at=from_day(self.starts_at, zone),
            ends_at=upto_day(self.ends_at, zone),
            share_mode=self.share_mode,
            issue_on_ticket=self.issue_on_ticket,
            ticket_from_minor=self.ticket_from_minor,
            launch=self.launch,
            limit_per_day=self.limits.per_day,
            limit_width=self.limits.width,
            holdout_percent=self.holdout_percent,
            skus=tuple(dict.fromkeys(self.skus)),
            categories=tuple(dict.fromkeys(self.categories)),
            stacking=self.stacking,
            on_refund=self.on_refund,
            asked=NOTHING if self.conditions is None else self.conditions.asked(),
            joint=self.joint,
            priority=self.priority,
            max_per_basket=self.max_per_basket,
            limit_per_store=self.limits.per_store,
            limit_per_household=self.limits.per_household,
        )


class Testers(Body):
    """Who tries a campaign."""

    phones: Annotated[list[PhoneText], Field(max_length=50)]


class NewLink(Body):
    """How many may claim through the shop's own link; nothing: as the campaign says."""

    width: Annotated[int, Field(ge=0, le=10**6)] | None = None


class Cut(Body):
    """Why a branch is cut, and whether unused coupons go too."""

    reason: Annotated[str, Field(min_length=1, max_length=200)]
    with_coupons: bool = False


@router.post("", status_code=201, dependencies=[NeedsKey])
async def create(request: Request, body: NewCampaign, house: TheHouse, who: AsMarketer) -> Response:
    """Write a campaign down, and launch it when asked to."""
    at = house.now()

    def flow(work: Work) -> Answer:
        shop = house.shop
        if body.launch:
            demand_lead(body.budget_minor, alone_minor=shop.row.limits.campaign_alone_minor, roles=who.roles)
        row = create_campaign(
            work, body.plan(shop.timezone), store_id=shop.store_id, by=who.subject, at=at, sold=shop.catalog
        )
        return Answer(201, campaign_json(row, work.campaigns.funnel(row.campaign_id, at=at)))

    return await once(request, who, flow)


@router.put("/{campaign_id}")
async def rewrite(campaign_id: str, body: NewCampaign, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Write a draft anew; `launch` says nothing here."""
    at = house.now()
    plan = replace(body.plan(house.shop.timezone), campaign_id=campaign_id)

    def flow(work: Work) -> dict[str, Any]:
        shop = house.shop
        row = rewrite_campaign(work, plan, store_id=shop.store_id, by=who.subject, at=at, sold=shop.catalog)
        return campaign_json(row, work.campaigns.funnel(row.campaign_id, at=at))

    return await house.database.write_async(flow)


@router.post(":preview")
async def preview(body: NewCampaign, house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Say in words what a campaign would ask for, and every field that must be mended. Nothing is kept."""
    at, shop = house.now(), house.shop
    plan = body.plan(shop.timezone)
    errors = await house.database.read_async(lambda work: problems_of(work, plan, at=at, sold=shop.catalog))
    says = None if errors else in_words(row_of(plan, store_id=shop.store_id, by="", at=at), shop.currency.code)
    return {"says": says, "errors": errors}


@router.get("/segments")
async def segments(house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Return the segments that a coupon can be for, with how many people are in them; fewer than 20 are not told."""
    at = house.now()
    found = await house.database.read_async(lambda work: sizes(work, at=at))
    return {"items": found, "smallest_group": MIN_GROUP}


@router.get("")
async def listed(house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Return all campaigns with their funnels, newest first."""
    at = house.now()

    def flow(work: Work) -> list[dict[str, Any]]:
        rows = work.campaigns.of(house.shop.store_id)
        return [campaign_json(row, work.campaigns.funnel(row.campaign_id, at=at)) for row in rows]

    return {"items": await house.database.read_async(flow)}


@router.post("/{campaign_id}:launch")
async def launch(campaign_id: str, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Let coupons be given, shared and claimed."""
    return await _step(house, who, campaign_id, CampaignEvent.LAUNCH)


@router.post("/{campaign_id}:pause")
async def pause(campaign_id: str, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Stop giving, sharing and claiming for a while; what people hold stays good."""
    return await _step(house, who, campaign_id, CampaignEvent.PAUSE)


@router.post("/{campaign_id}:end")
async def end(campaign_id: str, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Stop for good; what people hold stays good until its date."""
    return await _step(house, who, campaign_id, CampaignEvent.END)


@router.post("/{campaign_id}:edit")
async def edit(campaign_id: str, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Turn a campaign that was tried into a draft again."""
    return await _step(house, who, campaign_id, CampaignEvent.EDIT)


@router.post("/{campaign_id}:test")
async def try_it(campaign_id: str, body: Testers, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Try a draft with up to ten people, who get a coupon each; nobody else can have any."""
    at = house.now()
    phones = house.people.phones
    hashes = [phones.hash(phones.parse(each)) for each in body.phones]

    def flow(work: Work) -> dict[str, Any]:
        store_id = house.shop.store_id
        row, codes = try_campaign(work, campaign_id, hashes, store_id=store_id, by=who.subject, at=at)
        return campaign_json(row, work.campaigns.funnel(campaign_id, at=at)) | {"codes": codes}

    return await house.database.write_async(flow)


@router.post("/{campaign_id}:preflight")
async def before_launch(campaign_id: str, house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Say what a campaign would cost, by the tickets of the last 90 days. Nothing is changed."""
    return await _look(house, campaign_id, partial(preflight, at=house.now()))


@router.get("/{campaign_id}/funnel")
async def how_far(campaign_id: str, house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Return how far coupons came, by count and by people, how they spread and what a new customer cost."""
    return await _look(house, campaign_id, partial(funnel, at=house.now()))


@router.get("/{campaign_id}/tree")
async def how_wide(campaign_id: str, house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Return how a campaign spread, by generation and by branch; nobody is named."""
    return await _look(house, campaign_id, tree)


@router.get("/{campaign_id}/lift")
async def what_for(campaign_id: str, house: TheHouse, _who: AsMarketer) -> dict[str, Any]:
    """Return what a campaign changed, against those whom a draw left out."""
    return await _look(house, campaign_id, lift)


@router.post("/{campaign_id}/links", status_code=201, dependencies=[NeedsKey])
async def link(request: Request, campaign_id: str, body: NewLink, house: TheHouse, who: AsMarketer) -> Response:
    """Open a link of the shop's own, for a poster or a message."""
    at = house.now()

    def flow(work: Work) -> Answer:
        row = campaign_in(work, campaign_id, house.shop.store_id)
        made = open_campaign_link(work, row, width=body.width, by=who.subject, at=at)
        return Answer(201, {"token": made.token, "url": f"/c/{made.token}", "width": made.width})

    return await once(request, who, flow)


@router.post("/{campaign_id}/branches/{node}:revoke")
async def cut(campaign_id: str, node: str, body: Cut, house: TheHouse, who: AsMarketer) -> dict[str, Any]:
    """Close every link of a branch; with `with_coupons` its unused coupons are taken back too."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        row = campaign_in(work, campaign_id, house.shop.store_id)
        return cut_branch(work, row, node, with_coupons=body.with_coupons, reason=body.reason, by=who.subject, at=at)

    return await house.database.write_async(flow)


async def _look(house: House, campaign_id: str, ask: Callable[[Work, CampaignRow], dict[str, Any]]) -> dict[str, Any]:
    store_id = house.shop.store_id
    return await house.database.read_late_async(lambda work: ask(work, campaign_in(work, campaign_id, store_id)))


async def _step(house: House, who: Caller, campaign_id: str, event: CampaignEvent) -> dict[str, Any]:
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        row = step_campaign(work, campaign_id, event, store_id=house.shop.store_id, by=who.subject, at=at)
        if event is CampaignEvent.LAUNCH:
            demand_lead(row.budget_minor, alone_minor=house.shop.row.limits.campaign_alone_minor, roles=who.roles)
        return campaign_json(row, work.campaigns.funnel(campaign_id, at=at))

    return await house.database.write_async(flow)

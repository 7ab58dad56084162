"""What a campaign has done and would do: its funnel, how it spread, what it is worth, and what it might cost.

Every figure of worth has its control: people whom a draw left out of the campaign for as long as it runs.
"""

import math
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from checkout.campaigns import CampaignEvent, CampaignState, ShareMode
from checkout.coupon_terms import Effect
from checkout.coupons import CouponState
from server.flows.coupon_codes import new_coupon_code, new_node, new_share_token
from server.flows.coupons import issue
from server.flows.days import days_between, zone_of
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.ports.spread import Arm
from server.flows.run_campaign import step_campaign

MIN_GROUP = 20
"""Nothing is compared below it: chance alone would speak, and a person might be guessed."""
Z_95 = 1.96
"""The normal distribution's two-sided 95 %."""
NEWEST = 10_000
BRANCHES = 50
REPLAYED = timedelta(days=90)
ASSUMED_RATES = (0.05, 0.15, 0.30)
"""Of coupons given, how many are redeemed, where no campaign has shown it yet: low, likely, high (product.md 6.2)."""
ENOUGH = 100
ALARM = 3
"""A likely cost above so many times the usual is taken for a slip."""
MOST_TESTERS = 10


def campaign_in(work: Work, campaign_id: str, store_id: str) -> CampaignRow:
    """Return a campaign of a store.

    Raises:
        FlowError: `campaign_not_found`.
    """
    row = work.campaigns.get(campaign_id)
    if row is None or row.store_id != store_id:
        raise FlowError("campaign_not_found", "There is no such campaign.", campaign_id=campaign_id)
    return row


def funnel(work: Work, campaign: CampaignRow, *, at: datetime) -> dict[str, Any]:
    """Return how far coupons came, by count and by people, with what spreading and newcomers amount to."""
    steps = work.spread.steps(campaign.campaign_id, at=at)
    waits = work.spread.waits(campaign.campaign_id, limit=NEWEST)
    new = work.spread.new_customers(campaign.campaign_id)
    return {
        "campaign_id": campaign.campaign_id,
        "steps": [{"name": step.name, "count": step.count, "people": step.people} for step in steps],
        "k_factor": _k_factor(work, campaign),
        "cycle_seconds": round(median(waits)) if waits else None,
        "new_customers": new,
        "spent_minor": campaign.spent_minor,
        "cost_per_new_customer_minor": campaign.spent_minor // new if new else None,
    }


def tree(work: Work, campaign: CampaignRow) -> dict[str, Any]:
    """Return how the campaign spread: by generation, and the places from which most came. Nobody is named."""
    received = _received(work, campaign)
    found = {each.generation: each for each in work.spread.generations(campaign.campaign_id)}
    branches = work.spread.branches(campaign.campaign_id, limit=BRANCHES)
    return {
        "campaign_id": campaign.campaign_id,
        "limit_generations": campaign.limit_generations,
        "limit_width": campaign.limit_width,
        "generations": [
            {
                "generation": depth,
                "received": count,
                "redeemed": found[depth].redeemed if depth in found else 0,
                "k_factor": _ratio(received.get(depth + 1, 0), count),
            }
            for depth, count in sorted(received.items())
        ],
        "branches": [
            {
                "node": each.node,
                "parent_node": each.parent_node,
                "generation": max(0, each.generation),
                "children": each.children,
            }
            for each in branches
        ],
    }


def lift(work: Work, campaign: CampaignRow) -> dict[str, Any]:
    """Return what the campaign changed: those who received it less those whom the draw left out, with 95 % intervals.

    Both are counted from the moment of receiving, or of being drawn out, whatever they did with the coupon. The
    difference is None until each side has `MIN_GROUP` people.
    """
    received, left_out = work.spread.arms(campaign.campaign_id)
    told = min(received.people, left_out.people) >= MIN_GROUP
    return {
        "campaign_id": campaign.campaign_id,
        "holdout_percent": campaign.holdout_percent,
        "smallest_group": MIN_GROUP,
        "received": _arm_json(received),
        "held_out": _arm_json(left_out),
        "came_back": _difference(_share(received), _share(left_out)) if told else None,
        "spent_minor": _difference(_spend(received), _spend(left_out)) if told else None,
    }


def preflight(work: Work, campaign: CampaignRow, *, at: datetime) -> dict[str, Any]:
    """Return what a campaign would cost, by the tickets of the last 90 days and by campaigns before it."""
    past = work.spread.past(
        campaign.store_id,
        campaign.min_basket_minor,
        campaign.ticket_from_minor,
        since=at - REPLAYED,
        but=campaign.campaign_id,
    )
    days = days_between(campaign.starts_at, campaign.ends_at, zone_of(work, campaign.store_id))
    a_day = past.bringing / REPLAYED.days
    given = min(campaign.limit_coupons, round(a_day * days)) if campaign.issue_on_ticket else campaign.limit_coupons
    each_minor = campaign.effect_value
    if campaign.effect_kind == Effect.PERCENT:
        mean = past.reaching_minor / past.reaching if past.reaching else campaign.min_basket_minor
        each_minor = round(mean * campaign.effect_value / 100)
    shown = past.issued >= ENOUGH
    rate = past.redeemed / past.issued if shown else 0.0
    rates = (rate / 2, rate, min(1.0, rate * 2)) if shown else ASSUMED_RATES
    low, likely, high = (min(campaign.budget_minor, round(given * each * each_minor)) for each in rates)
    usual = round(median(past.spent_minor)) if past.spent_minor else None
    times = likely / usual if usual else None
    return {
        "campaign_id": campaign.campaign_id,
        "tickets": past.tickets,
        "days_replayed": REPLAYED.days,
        "reaching_share": _ratio(past.reaching, past.tickets),
        "coupons_given": given,
        "redemption_rate": {"low": rates[0], "likely": rates[1], "high": rates[2], "is_assumed": not shown},
        "cost_minor": {"low": low, "likely": likely, "high": high, "most": campaign.budget_minor},
        "usual_cost_minor": usual,
        "times_usual": None if times is None else round(times, 1),
        "is_alarming": times is not None and times > ALARM,
    }


def try_campaign(
    work: Work, campaign_id: str, testers: list[str], *, store_id: str, by: str, at: datetime
) -> tuple[CampaignRow, list[str]]:
    """Try a draft with a few people: each has one coupon, nobody else can have any.

    Returns:
        The campaign, and a coupon's code for each tester.

    Raises:
        FlowError: `campaign_malformed`: nobody, or too many; `campaign_not_found`.
        IllegalTransitionError: It is no draft.
    """
    people = sorted(set(testers))
    if not 0 < len(people) <= MOST_TESTERS:
        fault = {"field": "phones", "message": "nobody, or too many", "fix": f"Name 1 to {MOST_TESTERS} numbers."}
        raise FlowError("campaign_malformed", "1 field must be mended.", errors=[fault])
    step_campaign(work, campaign_id, CampaignEvent.TRY, store_id=store_id, by=by, at=at)
    work.campaigns.let_try(campaign_id, people)
    row = campaign_in(work, campaign_id, store_id)
    codes = [issue(work, row, code=new_coupon_code(), phone_hash=person, generation=0, at=at).code for person in people]
    return campaign_in(work, campaign_id, store_id), codes


def open_campaign_link(work: Work, campaign: CampaignRow, *, width: int | None, by: str, at: datetime) -> ShareRow:
    """Open a link of the shop's own, for a poster or a message: the first `width` who claim have a coupon each.

    It hangs from a coupon that nobody holds, is not counted, and can never be used.

    Raises:
        FlowError: `campaign_not_live`; `campaign_malformed` for a width below 1, or a gift, which only one could have.
    """
    if campaign.state != CampaignState.LIVE or campaign.ends_at <= at:
        raise FlowError("campaign_not_live", "Only a live campaign has links.", state=campaign.state)
    if campaign.share_mode == ShareMode.GIFT or (width is not None and width < 1):
        fault = {"field": "width", "message": "nobody could claim", "fix": "Choose at least 1, for a copy or a pool."}
        raise FlowError("campaign_malformed", "1 field must be mended.", errors=[fault])
    root = CouponRow(
        code=new_coupon_code(),
        campaign_id=campaign.campaign_id,
        holder_phone_hash=None,
        ticket_id=None,
        parent_token=None,
        generation=-1,
        state=CouponState.SHARED.value,
        payment_id=None,
        value_minor=None,
        issued_at=at,
        expires_at=campaign.ends_at,
        redeemed_at=None,
        node=new_node(),
    )
    work.coupons.add(root)
    wide = campaign.limit_width if width is None else width
    mode = campaign.share_mode
    link = ShareRow(new_share_token(), root.code, campaign.campaign_id, mode, 0, at, at, None, wide)
    work.shares.add(link)
    work.events.record(by, "campaign.link", campaign.campaign_id, at=at)
    return link


def cut_branch(
    work: Work, campaign: CampaignRow, node: str, *, with_coupons: bool, reason: str, by: str, at: datetime
) -> dict[str, int]:
    """Close every link of a branch; what friends claimed stays theirs, unless its unused coupons are taken back too.

    Raises:
        FlowError: `branch_not_found`.
    """
    done = work.spread.cut(campaign.campaign_id, node, with_coupons=with_coupons, at=at)
    if done is None:
        raise FlowError("branch_not_found", "There is no such place in the tree.")
    work.events.record(by, "campaign.cut", f"{campaign.campaign_id} {node}", at=at, reason=reason)
    work.events.tell(campaign.store_id, "campaign.changed", {"campaign_id": campaign.campaign_id}, at=at)
    return {"links_closed": done[0], "coupons_revoked": done[1]}


def _received(work: Work, campaign: CampaignRow) -> dict[int, int]:
    """Return how many received the campaign, by generation."""
    received = {each.generation: each.claims for each in work.spread.generations(campaign.campaign_id)}
    claims = sum(received.values())
    # A copy is a coupon more; a gift is the same coupon in other hands.
    roots = campaign.issued - (0 if campaign.share_mode == ShareMode.GIFT else claims)
    received[0] = received.get(0, 0) + roots
    return {depth: count for depth, count in received.items() if count or depth == 0}


def _k_factor(work: Work, campaign: CampaignRow) -> float | None:
    """Return how many friends each who may share has brought."""
    received = _received(work, campaign)
    may_share = sum(count for depth, count in received.items() if depth < campaign.limit_generations)
    return _ratio(sum(count for depth, count in received.items() if depth > 0), may_share)


def _ratio(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _arm_json(arm: Arm) -> dict[str, Any]:
    told = arm.people >= MIN_GROUP
    return {
        "people": arm.people,
        "came_back": arm.came_back if told else None,
        "spent_minor": arm.spent_minor if told else None,
    }


def _share(arm: Arm) -> tuple[float, float]:
    """Return the share of those who came back, and its variance."""
    share = arm.came_back / arm.people
    return share, share * (1 - share) / arm.people


def _spend(arm: Arm) -> tuple[float, float]:
    """Return what a person spent on average, and the variance of that."""
    mean = arm.spent_minor / arm.people
    return mean, max(0.0, arm.squares / arm.people - mean * mean) / (arm.people - 1)


def _difference(one: tuple[float, float], other: tuple[float, float]) -> dict[str, Any]:
    difference, spread = one[0] - other[0], Z_95 * math.sqrt(one[1] + other[1])
    low, high = difference - spread, difference + spread
    return {
        "difference": round(difference, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "is_more_than_chance": low > 0 or high < 0,
    }

"""What a campaign has done: funnel, tree, worth against a draw, cost before launch, and branches that are cut."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from checkout.errors import CouponRevokedError, IllegalTransitionError, ShareCapError
from server.db.database import Database
from server.flows.claim_coupon import Claimed, claim_coupon
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupon_rules import Bearer
from server.flows.coupons import issue, redeem, reserve
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.payments import PaymentRow
from server.flows.share_coupon import share_coupon
from server.flows.spread import (
    MIN_GROUP,
    campaign_in,
    cut_branch,
    funnel,
    lift,
    open_campaign_link,
    preflight,
    tree,
    try_campaign,
)
from tests.server.builders import NOON, an_id
from tests.server.people.builders import a_campaign, at_once

LATER = NOON + timedelta(hours=2)


def launched(database: Database, **facts: Any) -> CampaignRow:
    return database.write(lambda work: a_campaign(work, **facts))


def now(database: Database, campaign: CampaignRow) -> CampaignRow:
    return database.read(lambda work: campaign_in(work, campaign.campaign_id, "demo"))


def give(database: Database, campaign: CampaignRow, holder: str) -> str:
    return database.write(
        lambda work: issue(work, campaign, code=new_coupon_code(), phone_hash=holder, generation=0, at=NOON)
    ).code


def pass_on(database: Database, code: str, giver: str, takers: Sequence[str], *, at: datetime = LATER) -> list[str]:
    link = database.write(lambda work: share_coupon(work, code, phone_hash=giver, ticket_id=None, at=NOON))
    return [database.write(partial(claim, link.token, taker, at)).coupon.code for taker in takers]


def claim(token: str, taker: str, at: datetime, work: Work) -> Claimed:
    return claim_coupon(work, token, taker, at=at)


def use(database: Database, code: str, minor: int = 200) -> None:
    payment_id = an_id()
    database.write(lambda work: reserve(work, payment_id, [(code, minor)], Bearer("demo", None), NOON))
    database.write(lambda work: redeem(work, payment_id, NOON))


def paid(work: Work, phone_hash: str, minor: int, at: datetime) -> None:
    """Write down that somebody paid, without goods: only the row is looked at here."""
    payment = PaymentRow(
        an_id(),
        an_id(),
        "demo",
        "kiosk-1",
        an_id(),
        an_id(),
        "d" * 64,
        minor,
        "EUR",
        "p",
        "captured",
        "L",
        phone_hash,
        (),
        {},
        at,
        at,
    )
    work.payments.add(payment)


def steps(found: dict[str, Any]) -> dict[str, tuple[int, int | None]]:
    return {step["name"]: (step["count"], step["people"]) for step in found["steps"]}


def a_spread(database: Database) -> tuple[CampaignRow, dict[str, str]]:
    """Let ada pass a coupon to ben and cleo, and ben one to dan; ben and dan use theirs."""
    campaign = launched(database, limit_generations=2, limit_per_person=1)
    codes = {"ada": give(database, campaign, "ada"), "zoe": give(database, campaign, "zoe")}
    codes["ben"], codes["cleo"] = pass_on(database, codes["ada"], "ada", ["ben", "cleo"])
    (codes["dan"],) = pass_on(database, codes["ben"], "ben", ["dan"], at=NOON + timedelta(hours=4))
    for name in ("ben", "dan"):
        use(database, codes[name])
    return now(database, campaign), codes


def test_the_funnel_counts_coupons_and_people_when_a_campaign_has_spread(database: Database) -> None:
    campaign, _ = a_spread(database)
    database.write(lambda work: paid(work, "dan", 500, NOON - timedelta(days=9)))  # no newcomer

    found = database.read(lambda work: funnel(work, campaign, at=NOON))

    assert steps(found) == {
        "given": (5, 5),
        "sent": (2, 2),
        "seen": (0, None),
        "claimed": (3, 3),
        "redeemed": (2, 2),
        "expired": (0, 0),
        "revoked": (0, 0),
        "held_out": (0, 0),
    }
    assert found["k_factor"] == 0.75  # four may share: ada, zoe, ben, cleo; three friends came
    assert found["cycle_seconds"] == 7200
    assert (found["new_customers"], found["spent_minor"], found["cost_per_new_customer_minor"]) == (1, 400, 400)
    after = database.read(lambda work: funnel(work, campaign, at=campaign.ends_at))
    assert steps(after)["expired"] == (3, 3)


def test_the_tree_tells_generations_and_branches_and_nobody_when_it_is_asked_for(database: Database) -> None:
    campaign, codes = a_spread(database)

    found = database.read(lambda work: tree(work, campaign))

    rows = [(each["generation"], each["received"], each["redeemed"], each["k_factor"]) for each in found["generations"]]
    assert rows == [(0, 2, 0, 1.0), (1, 2, 1, 0.5), (2, 1, 1, 0.0)]
    assert [(each["generation"], each["children"]) for each in found["branches"]] == [(0, 2), (1, 1)]
    assert found["branches"][1]["parent_node"] == found["branches"][0]["node"]
    said = str(found)
    assert not any(secret in said for secret in (*codes.values(), *codes))


def test_a_gift_is_one_coupon_in_many_hands_when_the_tree_is_drawn(database: Database) -> None:
    campaign = launched(database, share_mode="gift", limit_generations=3)
    code = give(database, campaign, "ada")
    (code,) = pass_on(database, code, "ada", ["ben"])
    pass_on(database, code, "ben", ["cleo"])

    found = database.read(lambda work: tree(work, now(database, campaign)))

    assert [(each["generation"], each["received"]) for each in found["generations"]] == [(0, 1), (1, 1), (2, 1)]


@pytest.mark.parametrize("with_coupons", [True, False])
def test_only_a_branch_ends_when_it_is_cut(database: Database, *, with_coupons: bool) -> None:
    campaign, codes = a_spread(database)
    (eve,) = pass_on(database, codes["cleo"], "cleo", ["eve"])
    found = database.read(lambda work: work.coupons.get(codes["cleo"]))
    assert found is not None
    assert found.node is not None
    node = found.node

    done = database.write(
        lambda work: cut_branch(work, campaign, node, with_coupons=with_coupons, reason="a forum", by="marc", at=NOON)
    )

    assert done == {"links_closed": 1, "coupons_revoked": 2 if with_coupons else 0}
    states = {code: database.read(partial(state_of, code)) for code in (codes["cleo"], eve, codes["ada"])}
    cut = "revoked" if with_coupons else "issued"
    assert states == {codes["cleo"]: cut, eve: cut, codes["ada"]: "issued"}
    link = database.read(lambda work: work.shares.open_of(codes["ada"]))
    assert link is not None
    assert database.write(partial(claim, link.token, "fred", NOON)).coupon.state == "issued"
    with pytest.raises(FlowError) as told:
        database.write(
            lambda work: cut_branch(work, campaign, "nowhere", with_coupons=False, reason="x", by="marc", at=NOON)
        )
    assert told.value.code == "branch_not_found"


def state_of(code: str, work: Work) -> str:
    found = work.coupons.get(code)
    assert found is not None
    return found.state


def test_nobody_claims_any_more_when_their_branch_was_cut(database: Database) -> None:
    campaign, codes = a_spread(database)
    link = database.read(lambda work: work.shares.open_of(codes["ben"]))
    found = database.read(lambda work: work.coupons.get(codes["ada"]))
    assert link is not None
    assert found is not None
    node = found.node or ""

    database.write(lambda work: cut_branch(work, campaign, node, with_coupons=False, reason="x", by="marc", at=NOON))

    with pytest.raises(CouponRevokedError):
        database.write(partial(claim, link.token, "gus", NOON))


def test_the_shops_own_link_reaches_as_many_as_it_says_when_sixty_four_claim_at_once(database: Database) -> None:
    campaign = launched(database, limit_generations=0)
    link = database.write(lambda work: open_campaign_link(work, campaign, width=7, by="marc", at=NOON))

    done = at_once([partial(database.write, partial(claim, link.token, f"p{n}", NOON)) for n in range(64)])

    claimed = [each for each in done if isinstance(each, Claimed)]
    assert len(claimed) == 7
    assert {type(each) for each in done if not isinstance(each, Claimed)} == {ShareCapError}
    assert {each.coupon.generation for each in claimed} == {0}
    assert now(database, campaign).issued == 7
    assert steps(database.read(lambda work: funnel(work, now(database, campaign), at=NOON)))["given"] == (7, 7)


@pytest.mark.parametrize(
    ("facts", "width", "code"),
    [
        ({"launch": False}, 5, "campaign_not_live"),
        ({"share_mode": "gift"}, 5, "campaign_malformed"),
        ({}, 0, "campaign_malformed"),
    ],
)
def test_a_link_is_refused_when_nobody_could_claim_by_it(
    database: Database, facts: dict[str, Any], width: int, code: str
) -> None:
    campaign = launched(database, **facts)

    with pytest.raises(FlowError) as told:
        database.write(lambda work: open_campaign_link(work, campaign, width=width, by="marc", at=NOON))

    assert told.value.code == code


def test_what_the_campaign_changed_is_told_when_both_sides_are_large_enough(database: Database) -> None:
    campaign = launched(database, holdout_percent=5)
    database.write(lambda work: fill_arms(work, campaign, MIN_GROUP + 20))

    found = database.read(lambda work: lift(work, campaign))

    assert (found["received"]["people"], found["received"]["came_back"]) == (40, 30)
    assert (found["held_out"]["people"], found["held_out"]["came_back"]) == (40, 10)
    came = found["came_back"]
    assert (came["difference"], came["is_more_than_chance"]) == (0.5, True)
    assert came["low"] < 0.5 < came["high"]
    assert found["spent_minor"]["difference"] == 500.0


def test_nothing_is_compared_when_one_side_is_small(database: Database) -> None:
    campaign = launched(database, holdout_percent=5)
    database.write(lambda work: fill_arms(work, campaign, MIN_GROUP - 1))

    found = database.read(lambda work: lift(work, campaign))

    assert (found["came_back"], found["spent_minor"], found["held_out"]["came_back"]) == (None, None, None)


def fill_arms(work: Work, campaign: CampaignRow, people: int) -> None:
    """Give the campaign to some and leave as many out: 3 of 4 of the first return, 1 of 4 of the others."""
    for n in range(people):
        work.campaigns.note_held_out(campaign.campaign_id, f"out-{n}", at=NOON)
        issue(
            work,
            replace(campaign, holdout_percent=0),
            code=new_coupon_code(),
            phone_hash=f"in-{n}",
            generation=0,
            at=NOON,
        )
        paid(work, f"in-{n}", 9999, NOON - timedelta(days=1))  # before: not counted
        if n % 4:
            paid(work, f"in-{n}", 1000, LATER)
        else:
            paid(work, f"out-{n}", 1000, LATER)


def test_the_cost_is_told_before_launch_when_there_were_tickets(database: Database) -> None:
    for n in range(90):
        database.write(
            partial(paid, phone_hash=f"p{n}", minor=1500 if n % 3 else 500, at=NOON - timedelta(days=n % 80))
        )
    campaign = launched(database, launch=False, limit_coupons=100_000, budget_minor=10**9)

    found = database.read(lambda work: preflight(work, campaign, at=NOON))

    assert (found["tickets"], found["reaching_share"], found["coupons_given"]) == (90, 0.6667, 31)
    assert found["redemption_rate"]["is_assumed"] is True
    assert found["cost_minor"] == {"low": 310, "likely": 930, "high": 1860, "most": 10**9}
    assert (found["usual_cost_minor"], found["is_alarming"]) == (None, False)


def test_only_tickets_large_enough_count_as_coupons_when_the_cost_is_told(database: Database) -> None:
    for n in range(90):
        database.write(
            partial(paid, phone_hash=f"p{n}", minor=1500 if n % 3 else 500, at=NOON - timedelta(days=n % 80))
        )
    campaign = launched(database, launch=False, limit_coupons=100_000, budget_minor=10**9, ticket_from_minor=501)

    found = database.read(lambda work: preflight(work, campaign, at=NOON))

    assert (found["tickets"], found["coupons_given"]) == (90, 21)


def test_an_alarm_is_raised_when_a_campaign_would_cost_many_times_the_usual(database: Database) -> None:
    before = launched(database)
    use(database, give(database, before, "ada"))
    slip = launched(
        database, launch=False, issue_on_ticket=False, effect_value=5000, min_basket_minor=10_000, budget_minor=10**8
    )

    found = database.read(lambda work: preflight(work, slip, at=NOON))

    assert found["usual_cost_minor"] == 200
    assert found["is_alarming"] is True


def test_testers_have_a_coupon_each_and_the_draft_returns_when_a_campaign_is_tried(database: Database) -> None:
    campaign = launched(database, launch=False)

    row, codes = database.write(
        lambda work: try_campaign(
            work, campaign.campaign_id, ["ada", "ben", "ada"], store_id="demo", by="marc", at=NOON
        )
    )

    assert (row.state, len(codes), row.issued) == ("test", 2, 2)
    with pytest.raises(IllegalTransitionError):
        database.write(
            lambda work: try_campaign(work, campaign.campaign_id, ["x"], store_id="demo", by="marc", at=NOON)
        )
    for nobody in ([], [f"p{n}" for n in range(11)]):
        with pytest.raises(FlowError):
            database.write(partial(try_nobody, campaign.campaign_id, nobody))


def try_nobody(campaign_id: str, people: list[str], work: Work) -> object:
    return try_campaign(work, campaign_id, people, store_id="demo", by="marc", at=NOON)


def test_another_stores_campaign_is_nobodys_when_it_is_asked_for(database: Database) -> None:
    campaign = launched(database)

    with pytest.raises(FlowError) as told:
        database.read(lambda work: campaign_in(work, campaign.campaign_id, "another"))

    assert told.value.code == "campaign_not_found"

"""How far a coupon spreads, on both engines: pools, widths, days, the draw, and a tree without circles."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from checkout.errors import (
    CheckoutError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotStartedError,
    ShareCapError,
)
from checkout.holdout import is_held_out
from server.db import tables
from server.db.database import Database
from server.flows.claim_coupon import Claimed, claim_coupon
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupon_rules import Bearer
from server.flows.coupons import HeldOutError, issue, issue_on_ticket, pricing_terms
from server.flows.days import upto_day
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.run_campaign import create_campaign
from server.flows.share_coupon import link_state, open_link, share_coupon
from server.flows.spread import open_campaign_link
from tests.server.apps import open_shopfront
from tests.server.builders import NOON, an_id
from tests.server.people.builders import a_campaign, a_plan, at_once
from tests.server.stocked import a_small_store

THREADS = 64


def launched(database: Database, **facts: object) -> CampaignRow:
    return database.write(lambda work: a_campaign(work, **facts))


def a_coupon(work: Work, campaign: CampaignRow, holder: str | None = "ada") -> CouponRow:
    return issue(work, campaign, code=new_coupon_code(), phone_hash=holder, generation=0, at=NOON)


def a_link(database: Database, campaign: CampaignRow, holder: str = "ada") -> ShareRow:
    coupon = database.write(lambda work: a_coupon(work, campaign, holder))
    return database.write(lambda work: share_coupon(work, coupon.code, phone_hash=holder, ticket_id=None, at=NOON))


def claim(token: str, phone_hash: str, work: Work) -> Claimed:
    return claim_coupon(work, token, phone_hash, at=NOON)


def somebody(campaign: CampaignRow, *, held_out: bool) -> str:
    """Return a person whom the draw keeps out of a campaign, or does not."""
    names = (f"person-{n}" for n in range(100_000))
    percent = campaign.holdout_percent
    return next(name for name in names if is_held_out(campaign.campaign_id, name, percent) is held_out)


@pytest.mark.parametrize("mode", ["pool", "copy"])
def test_a_link_reaches_no_more_than_its_width_when_sixty_four_claim_at_once(database: Database, mode: str) -> None:
    campaign = launched(database, share_mode=mode, limit_width=9)
    link = a_link(database, campaign)

    done = at_once([partial(database.write, partial(claim, link.token, f"friend-{n}")) for n in range(THREADS)])

    assert Counter(type(each) for each in done) == {Claimed: 9, ShareCapError: THREADS - 9}
    share, coupon, now = database.read(lambda work: open_link(work, link.token))
    assert (share.claimed, now.issued) == (9, 10)
    assert database.read(lambda work: link_state(work, share, coupon, now, at=NOON)) == "used_up"


def test_no_day_gives_more_than_its_limit_when_sixty_four_ask_at_once(database: Database) -> None:
    campaign = launched(database, limit_per_day=7)

    done = at_once([partial(database.write, partial(give, campaign, f"person-{n}")) for n in range(THREADS)])

    given = [each for each in done if isinstance(each, CouponRow)]
    assert len(given) == 7
    refused = [each for each in done if not isinstance(each, CouponRow)]
    assert {(type(each), each.limit) for each in refused} == {(CouponLimitReachedError, "per_day")}
    now = database.read(lambda work: work.campaigns.get(campaign.campaign_id))
    assert now is not None
    assert now.issued == 7
    tomorrow = NOON + timedelta(days=1)
    next_day = database.write(
        lambda work: issue(work, now, code=new_coupon_code(), phone_hash="x", generation=0, at=tomorrow)
    )
    assert next_day.state == "issued"


@pytest.mark.parametrize(
    ("last", "next_at"),
    [
        ("2026-11-23T22:59:59+00:00", "2026-11-23T23:00:00+00:00"),
        ("2026-03-29T21:59:59+00:00", "2026-03-29T22:00:00+00:00"),  # 23 hours
        ("2026-10-25T22:59:59+00:00", "2026-10-25T23:00:00+00:00"),  # 25 hours
    ],
)
def test_a_day_of_a_campaign_is_the_stores_when_its_limit_is_reached(
    database: Database, last: str, next_at: str
) -> None:
    ends, begins = datetime.fromisoformat(last), datetime.fromisoformat(next_at)
    span = {"starts_at": ends - timedelta(days=9, hours=5), "ends_at": ends + timedelta(days=9)}
    campaign = database.write(lambda work: running(work, limit_per_day=2, at=ends, **span))

    def ask(person: str, at: datetime) -> CouponRow:
        return database.write(
            lambda work: issue(work, campaign, code=new_coupon_code(), phone_hash=person, generation=0, at=at)
        )

    ask("early", ends - timedelta(hours=22, minutes=59))  # of the same day, also on the shortest
    ask("late", ends)
    with pytest.raises(CouponLimitReachedError) as refusal:
        ask("too late", ends)

    assert refusal.value.opens_at == begins
    assert ask("next day", begins).state == "issued"


def test_a_coupon_is_good_to_the_end_of_its_last_day_when_the_store_has_not_closed_it_yet(database: Database) -> None:
    ends_at = upto_day(date(2026, 11, 23), ZoneInfo("Europe/Paris"))
    campaign = launched(database, ends_at=ends_at)
    code = database.write(lambda work: a_coupon(work, campaign)).code

    def terms(at: datetime) -> int:
        return len(database.read(lambda work: pricing_terms(work, [code], Bearer("demo", None), at)))

    assert terms(ends_at - timedelta.resolution) == 1  # a second before midnight there, 22:59 in UTC
    with pytest.raises(CouponExpiredError):
        terms(ends_at)


def running(work: Work, *, at: datetime, **facts: object) -> CampaignRow:
    return create_campaign(work, a_plan(**facts), store_id="demo", by="marc", at=at)


def give(campaign: CampaignRow, person: str, work: Work) -> CouponRow:
    return a_coupon(work, campaign, person)


def test_whoever_is_drawn_out_never_receives_a_campaign_when_it_is_given_or_shared(database: Database) -> None:
    campaign = launched(database, holdout_percent=20, issue_on_ticket=True)
    gifts = launched(database, holdout_percent=20, share_mode="gift", issue_on_ticket=False)
    out, friend = somebody(campaign, held_out=True), somebody(campaign, held_out=False)
    link = a_link(database, campaign, friend)
    gift = a_link(database, gifts, somebody(gifts, held_out=False))

    nothing = database.write(lambda work: issue_on_ticket(work, "demo", "ticket-1", out, NOON, paid_minor=1000))
    something = database.write(lambda work: issue_on_ticket(work, "demo", "ticket-2", friend, NOON, paid_minor=1000))
    with pytest.raises(HeldOutError):
        database.write(partial(claim, link.token, out))
    with pytest.raises(HeldOutError):
        database.write(partial(claim, gift.token, somebody(gifts, held_out=True)))

    assert nothing is None
    assert something is not None
    assert database.read(partial(held_by, campaign.campaign_id, out)) == 0
    with database.engine.connect() as connection:
        noted = connection.execute(select(tables.campaign_held_out.c.phone_hash)).scalars().all()
    assert noted == [out]
    assert database.read(lambda work: work.shares.get(gift.token)).claimed == 0  # type: ignore[union-attr] # it was opened above


def test_only_those_who_try_a_campaign_have_it_when_it_is_not_live(database: Database) -> None:
    campaign = launched(database, launch=False)
    tried = replace(campaign, campaign_id=an_id(), state="test", testers=["ada"])
    database.write(lambda work: work.campaigns.add(tried))

    database.write(lambda work: a_coupon(work, tried, "ada"))

    for stranger in ("ben", None):
        with pytest.raises(CouponNotStartedError):
            database.write(partial(give_to, tried, stranger))


def give_to(campaign: CampaignRow, person: str | None, work: Work) -> CouponRow:
    return a_coupon(work, campaign, person)


def test_every_field_is_named_when_a_pool_has_no_size(database: Database) -> None:
    plan = a_plan(share_mode="pool", limit_per_day=0, holdout_percent=51)

    with pytest.raises(FlowError) as told:
        database.write(lambda work: a_campaign(work, **{name: getattr(plan, name) for name in plan.__slots__}))

    fields = {row["field"] for row in told.value.facts["errors"]}
    assert fields == {"limits.width", "limits.per_day", "holdout_percent"}


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mode=st.sampled_from(["gift", "copy", "pool"]),
    width=st.integers(1, 3),
    deep=st.integers(0, 3),
    acts=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=25),
)
def test_the_tree_has_no_circle_and_no_cap_is_passed_when_friends_share_at_will(
    small_database: Database,
    mode: str,
    width: int,
    deep: int,
    acts: list[tuple[int, int]],
) -> None:
    campaign = launched(small_database, share_mode=mode, limit_width=width, limit_generations=deep, limit_per_person=5)
    small_database.write(lambda work: a_coupon(work, campaign, "p0"))

    for giver, taker in acts:
        with suppress(CheckoutError, FlowError):
            small_database.write(partial(pass_on, campaign.campaign_id, f"p{giver}", f"p{taker}"))

    table = tables.share_claim
    with small_database.engine.connect() as connection:
        edges = connection.execute(select(table).where(table.c.campaign_id == campaign.campaign_id)).all()
    depth = {edge.node: edge.generation for edge in edges}
    assert all(edge.generation <= deep for edge in edges)
    assert all(depth.get(edge.parent_node, 0) == edge.generation - 1 for edge in edges)
    assert all(edge.node != edge.parent_node for edge in edges)
    reached = Counter(edge.token for edge in edges)
    assert all(count <= (1 if mode == "gift" else width) for count in reached.values())
    if mode == "gift":
        held = [small_database.read(partial(held_by, campaign.campaign_id, f"p{p}")) for p in range(8)]
        assert sum(held) == 1  # a gift has exactly one holder (I7)


@pytest.fixture
def small_database(tmp_path: Path) -> Iterator[Database]:
    """Yield one SQLite database for all examples: the property is about the rules, the rush above about the engines."""
    url = a_small_store(tmp_path / "tree.db")
    opened = Database(url)
    yield opened
    opened.close()


def held_by(campaign_id: str, person: str, work: Work) -> int:
    return work.coupons.held_in(campaign_id, person)


def pass_on(campaign_id: str, giver: str, taker: str, work: Work) -> None:
    held = [each for each in work.coupons.held_by(giver) if each.campaign_id == campaign_id]
    if not held:
        return
    link = share_coupon(work, held[0].code, phone_hash=giver, ticket_id=None, at=NOON)
    claim_coupon(work, link.token, taker, at=NOON)


def test_an_offer_is_asked_for_by_its_tag_and_guesses_are_slowed_when_a_link_is_public(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")
    seeded = Database(url)
    begun = datetime.now(UTC)
    times = {"starts_at": begun - timedelta(days=1), "ends_at": begun + timedelta(days=1)}
    campaign = seeded.write(lambda work: a_campaign(work, **times))
    link = seeded.write(lambda work: open_campaign_link(work, campaign, width=5, by="marc", at=begun))
    seeded.close()

    async def story() -> None:
        async with open_shopfront(url, tmp_path) as front:
            first = await front.ask("GET", f"/v1/shares/{link.token}", token=None)
            again = await front.ask(
                "GET", f"/v1/shares/{link.token}", token=None, headers={"If-None-Match": first.headers["ETag"]}
            )
            assert (first.status_code, first.json()["state"], again.status_code) == (200, "open", 304)
            assert first.headers["Cache-Control"] == "public, max-age=5"
            guesses = [await front.ask("GET", f"/v1/shares/{'A' * 22}", token=None) for _ in range(12)]
            assert {each.status_code for each in guesses} == {404, 429}
            assert (await front.ask("GET", f"/v1/shares/{link.token}", token=None)).status_code == 200

    asyncio.run(story())

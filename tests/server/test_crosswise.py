"""Everything at once on the same people, coupons and funders: whoever waits crosswise is run again, and nobody is told.

On PostgreSQL many transactions really run side by side, from two processes' worth of connections; on SQLite they take
turns, and the same must come out.
"""

import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import func, select

from checkout import (
    EUR,
    PSP_SANDBOX,
    Money,
    Posting,
    Transfer,
    TransferKind,
    campaign_account,
    funder_account,
    main_account,
)
from checkout.errors import CheckoutError
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.capture import capture
from server.flows.check_out import whole_basket
from server.flows.claim_coupon import Claimed, claim_coupon
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.refund import Returned, refund
from server.flows.share_coupon import share_coupon, withdraw_share
from server.flows.shop import Shop, open_shop
from server.flows.top_up import Fact, FactKind, start_top_up, take_fact
from tests.server.builders import (
    KIOSK,
    NOON,
    NUTELLA,
    PASTA,
    Paying,
    a_basket,
    a_sale,
    a_shopper,
    an_approval,
    an_id,
    minted,
)
from tests.server.people.builders import a_campaign, at_once
from tests.server.test_ledger_late import waits_for_row

HANDS, ROUNDS = 8, 3
NAME = {"fr": "x", "en": "x", "zh": "x"}
FUNDERS = (FunderRow("state", NAME, 89, 600), FunderRow("shop", NAME, 11, 100_000))
"""The State runs dry on the way."""


@dataclass
class Hand:
    """One who buys for the same few people as all the others, returns, tops up, claims and shares."""

    door: Database
    shop: Shop
    people: Sequence[str]
    number: int
    codes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def act(self) -> None:
        for turn in range(ROUNDS):
            customer_id = self.people[(self.number + turn) % len(self.people)]
            for each in (self.buy, self.top_up):
                try:
                    await each(customer_id, whole=(self.number + turn) % 2 == 0)
                except (CheckoutError, FlowError) as refusal:
                    self.refused.append(refusal.code)

    async def buy(self, customer_id: str, *, whole: bool) -> None:
        coupons = tuple(self.codes[-1:])
        if whole:
            sale = await self.door.write_async(
                partial(a_sale, shop=self.shop, customer_id=customer_id, coupons=coupons)
            )
            paid = await self.door.settle_async(Paying(self.shop, sale))
        else:
            paid = await self.in_steps(customer_id, coupons)
        assert isinstance(paid, PaymentRow)
        assert paid.receipt is not None
        ticket_id = paid.receipt["ticket"]["ticket_id"]
        lines = await self.door.read_async(lambda work: [each["line_id"] for each in _ticket(work, ticket_id)["lines"]])
        if (coupon := paid.receipt["coupon"]) is not None:
            await self.pass_on(coupon["share_url"].removeprefix("/c/"), coupon["code"], ticket_id)
        returned = Returned(an_id(), ticket_id, {lines[0]: 1}, "damaged")
        await self.door.write_async(lambda work: refund(work, returned, store_id="demo", by="amal", at=NOON))

    async def in_steps(self, customer_id: str, coupons: tuple[str, ...]) -> PaymentRow:
        def prepare(work: Work) -> Any:
            basket_id = a_basket(work, self.shop, NUTELLA, PASTA)
            row = work.baskets.get(basket_id)
            assert row is not None
            work.baskets.put(replace(row, coupon_codes=coupons))
            return an_approval(work, self.shop, customer_id, basket_id)

        approved = await self.door.write_async(prepare)
        await self.door.write_async(
            lambda work: hold_payment(work, self.shop, approved, KIOSK, at=NOON, hold_seconds=180)
        )
        return await self.door.write_async(
            lambda work: capture(work, self.shop, approved.payment_id, minted(), at=NOON)
        )

    async def pass_on(self, token: str, code: str, ticket_id: str) -> None:
        share = partial(share_coupon, code=code, phone_hash=None, ticket_id=ticket_id, at=NOON)
        await self.door.write_async(share)
        with suppress(CheckoutError, FlowError):
            claimed = await self.door.write_async(
                partial(claim_coupon, token=token, phone_hash=f"friend {an_id()}", at=NOON)
            )
            self.codes.append(claimed.coupon.code)
        await self.door.write_async(partial(withdraw_share, token=token, phone_hash=None, ticket_id=ticket_id, at=NOON))

    async def top_up(self, customer_id: str, *, whole: bool) -> None:
        topup_id = an_id()

        def begin(work: Work) -> None:
            start = partial(start_top_up, work, amount_minor=500, currency_code="EUR", provider="sandbox", at=NOON)
            start(topup_id=topup_id, customer_id=customer_id)

        await self.door.write_async(begin)
        for kind in (FactKind.PAID, FactKind.REFUNDED) if whole else (FactKind.PAID,):
            fact = Fact(kind, f"{kind} {topup_id}", 500, "EUR", None, topup_id)
            await self.door.write_async(partial(take_fact, fact=fact, provider="sandbox", store_id="demo", at=NOON))


def _ticket(work: Work, ticket_id: str) -> dict[str, Any]:
    ticket = work.tickets.get(ticket_id)
    assert ticket is not None
    return ticket.body


def stocked(work: Work) -> tuple[Shop, CampaignRow, list[str]]:
    work.cashback.put(ProgrammeRow("demo", 500, 300_000, FUNDERS))
    terms = {"effect_value": 100, "min_basket_minor": 300, "budget_minor": 1500}
    campaign = a_campaign(work, limit_coupons=25, share_mode="copy", **terms)
    people = [a_shopper(work, balance_minor=100_000) for _ in range(3)]
    return open_shop(work, "demo"), campaign, people


def test_no_deadlock_is_told_when_sales_refunds_claims_and_top_ups_meet(doors: list[Database]) -> None:
    database = doors[0]
    shop, campaign, people = database.write(stocked)
    hands = [Hand(doors[n % len(doors)], shop, people, n) for n in range(HANDS)]

    async def all_at_once() -> None:
        await asyncio.gather(*(hand.act() for hand in hands))

    asyncio.run(all_at_once())

    sold, given_back = database.read(_rows)
    assert sold > HANDS * ROUNDS / 2, [hand.refused for hand in hands]
    assert given_back == sold
    books, now, taken = database.read(partial(_books, campaign_id=campaign.campaign_id))
    assert books.holds, str(books)
    assert now.reserved_minor == 0
    assert now.spent_minor == -taken["campaign"]
    assert now.issued <= now.limit_coupons
    spent = database.write(lambda work: dict(work.cashback.locked_spent("demo")))
    assert spent == {"state": -taken["state"], "shop": -taken["shop"]}
    assert all(spent[each.funder_id] <= each.budget_minor for each in FUNDERS)
    assert all(database.read(partial(_balance, each)) >= 0 for each in people)


def _balance(customer_id: str, work: Work) -> int:
    return work.ledger.balance_of(main_account(customer_id))


def _rows(work: UnitOfWork) -> tuple[int, int]:
    counted = (select(func.count()).select_from(table).scalar_subquery() for table in (tables.ticket, tables.refund))
    tickets, refunds = work.connection.execute(select(*counted)).one()
    return tickets, refunds


def _books(work: Work, campaign_id: str) -> tuple[Any, CampaignRow, dict[str, int]]:
    campaign = work.campaigns.get(campaign_id)
    assert campaign is not None
    taken = {each.funder_id: work.ledger.balance_of(funder_account(each.funder_id)) for each in FUNDERS}
    taken["campaign"] = work.ledger.balance_of(campaign_account(campaign_id))
    return work.ledger.verify(), campaign, taken


def held(work: Work, share_mode: str, many: int) -> list[str]:
    """Give Ada some coupons of one campaign and return their codes."""
    campaign = a_campaign(work, launch=True, share_mode=share_mode, limit_per_person=many)
    new = partial(issue, work, campaign, phone_hash="ada", generation=0, at=NOON)
    return [new(code=new_coupon_code()).code for _ in range(many)]


def shared(work: Work, code: str) -> ShareRow:
    return share_coupon(work, code, phone_hash="ada", ticket_id=None, at=NOON)


def test_one_link_is_opened_when_a_coupon_is_shared_by_eight_at_once(database: Database) -> None:
    for code in database.write(lambda work: held(work, "copy", 6)):
        links = at_once([partial(database.write, partial(shared, code=code)) for _ in range(8)])

        assert all(isinstance(link, ShareRow) for link in links), links
        assert len({link.token for link in links}) == 1


def test_a_gift_is_either_claimed_or_taken_back_when_both_are_asked_at_once(database: Database) -> None:
    gifts = database.write(lambda work: [shared(work, code) for code in held(work, "gift", 8)])
    for gift in gifts:
        claim = partial(claim_coupon, token=gift.token, phone_hash="ben", at=NOON)
        withdraw = partial(withdraw_share, token=gift.token, phone_hash="ada", ticket_id=None, at=NOON)
        claimed, back = at_once([partial(database.write, act) for act in (claim, withdraw)])

        won = isinstance(claimed, Claimed)
        assert won != isinstance(back, ShareRow), (claimed, back)
        coupon = database.read(lambda work: _of_link(work, gift.token))  # noqa: B023 - read at once
        assert (coupon.holder_phone_hash, coupon.state) == ("ben" if won else "ada", "issued")


def _of_link(work: Work, token: str) -> CouponRow:
    link = work.shares.get(token)
    assert link is not None
    coupon = work.coupons.get(link.coupon_code)
    assert coupon is not None
    return coupon


def test_the_second_is_told_whose_the_id_is_when_two_baskets_pay_under_one_at_once(
    database: Database, shop: Shop
) -> None:
    for _ in range(6):
        first, second = (database.write(lambda work: a_sale(work, shop, balance_minor=5000)) for _ in range(2))
        stolen = replace(second, approved=replace(second.approved, payment_id=first.approved.payment_id))
        outcomes = at_once(
            [partial(database.settle, [Paying(shop, sale)]) for sale in (first, stolen)],
        )

        kinds = sorted(type(outcome).__name__ for (outcome,) in outcomes)
        assert kinds == ["FlowError", "PaymentRow"], outcomes


def test_nobody_is_run_again_when_a_basket_is_opened_elsewhere_under_an_id_of_a_batch(
    doors: list[Database], shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """The batch waits for that basket with none of the outbox in its hand, which whoever opens it asks for last."""
    taken, other = (doors[0].write(lambda work: a_sale(work, shop)) for _ in range(2))
    is_open, may_end = threading.Event(), threading.Event()
    begun: list[str] = []

    def opens(work: UnitOfWork) -> None:
        begun.append("basket")
        work.baskets.add(whole_basket(shop, taken.whole, KIOSK, at=NOON))
        is_open.set()
        assert may_end.wait(60)
        work.events.tell("demo", "basket.opened", {}, at=NOON)

    with ThreadPoolExecutor(2) as hands:
        opening = hands.submit(doors[0].write, opens)
        assert is_open.wait(60)
        paying = hands.submit(doors[-1].settle, [Paying(shop, taken), Paying(shop, other)])
        while not doors[0].is_sqlite and not doors[0].read(waits_for_row):
            assert not paying.done()
        may_end.set()
        opening.result(60)
        refused, paid = paying.result(60)

    assert begun == ["basket"]
    assert "deadlock" not in caplog.text  # the batch is split for its own reason, and not for the other's
    assert isinstance(refused, FlowError)
    assert refused.code == "basket_exists"
    assert isinstance(paid, PaymentRow)


def test_a_read_sees_one_picture_when_money_moves_between_its_statements(database: Database) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=700))

    posting = Posting(PSP_SANDBOX, main_account(customer_id), Money(500, EUR))
    more = Transfer(an_id(), TransferKind.TOPUP, "test", (posting,))

    def look(work: Work) -> tuple[int, int]:
        before = work.ledger.balance_of(main_account(customer_id))
        database.write(lambda other: other.ledger.post([more], at=NOON))
        return before, work.ledger.entries_of(main_account(customer_id))[0].balance_minor

    assert database.read(look) == (700, 700)

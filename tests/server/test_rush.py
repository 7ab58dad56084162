"""64 at once on the last of everything, through batches, on both engines; on PostgreSQL from two processes' worth.

Whatever the order in which they come, the last one is given once, and what could not be had left nothing behind.
"""

import asyncio
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from checkout import PSP_SANDBOX, Money, Posting, Transfer, TransferKind, main_account
from checkout.campaigns import CampaignEvent
from checkout.errors import CheckoutError, InsufficientFundsError
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow
from server.flows.ports.payments import PaymentRow
from server.flows.run_campaign import step_campaign
from server.flows.shop import Shop
from server.flows.spread import cut_branch
from tests.server.builders import NOON, Paying, Sale, a_coupon, a_sale, a_shopper, an_id

RUSH = 64


def rush(doors: Sequence[Database], shop: Shop, sales: Sequence[Sale]) -> list[Any]:
    """Send all sales at once, spread over the doors; return the outcomes in their order."""

    async def through(door: Database, mine: Sequence[Sale]) -> list[Any]:
        asked = (door.settle_async(Paying(shop, sale)) for sale in mine)
        return await asyncio.gather(*asked, return_exceptions=True)

    with ThreadPoolExecutor(len(doors)) as threads:
        parts = [sales[n :: len(doors)] for n in range(len(doors))]
        running = [threads.submit(asyncio.run, through(door, mine)) for door, mine in zip(doors, parts, strict=True)]
        outcomes = [each.result() for each in running]
    return [outcomes[n % len(doors)][n // len(doors)] for n in range(len(sales))]


def campaign_of(database: Database, code: str) -> CampaignRow:
    def look(work: Work) -> CampaignRow:
        coupon = work.coupons.get(code)
        assert coupon is not None
        campaign = work.campaigns.get(coupon.campaign_id)
        assert campaign is not None
        return campaign

    return database.read(look)


def paid(outcomes: Sequence[object]) -> list[PaymentRow]:
    return [outcome for outcome in outcomes if isinstance(outcome, PaymentRow)]


def books_hold(database: Database) -> bool:
    return database.read(lambda work: work.ledger.verify()).holds


def issued(work: UnitOfWork, campaign: CampaignRow, count: int) -> list[str]:
    """Issue so many coupons that anybody may use, and return their codes."""
    return [
        issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=NOON).code for _ in range(count)
    ]


def test_one_of_64_redeems_when_all_hold_the_same_coupon(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    code = database.write(a_coupon)
    sales = database.write(lambda work: [a_sale(work, shop, coupons=(code,)) for _ in range(RUSH)])

    outcomes = rush(doors, shop, sales)

    assert len(paid(outcomes)) == 1
    assert campaign_of(database, code).spent_minor == 200
    assert books_hold(database)


def test_the_budget_is_never_passed_when_64_coupons_want_its_last_cents(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    code = database.write(lambda work: a_coupon(work, off_minor=200, budget_minor=3 * 200 + 199))
    campaign = campaign_of(database, code)

    def prepare(work: UnitOfWork) -> list[Sale]:
        return [a_sale(work, shop, coupons=(each,)) for each in issued(work, campaign, RUSH)]

    sales = database.write(prepare)

    outcomes = rush(doors, shop, sales)

    assert len(paid(outcomes)) == 3
    after = campaign_of(database, code)
    assert (after.spent_minor, after.reserved_minor) == (600, 0)
    assert books_hold(database)


def test_one_ticket_of_64_brings_the_last_coupon_when_all_are_paid_at_once(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    like = campaign_of(database, database.write(a_coupon))
    last = replace(like, campaign_id=an_id(), issue_on_ticket=True, limit_coupons=1, issued=0)
    database.write(lambda work: work.campaigns.add(last))
    sales = database.write(lambda work: [a_sale(work, shop) for _ in range(RUSH)])

    outcomes = rush(doors, shop, sales)

    receipts = [payment.receipt for payment in paid(outcomes)]
    assert len(receipts) == RUSH
    assert sum(receipt is not None and receipt["coupon"] is not None for receipt in receipts) == 1
    numbers = sorted(receipt["ticket"]["number"] for receipt in receipts if receipt)
    assert numbers == list(range(1, RUSH + 1))
    assert books_hold(database)


def test_a_campaign_counts_right_when_its_coupons_are_used_and_given_with_tickets_at_once(
    doors: list[Database], shop: Shop
) -> None:
    database, each, given = doors[0], RUSH // 2, 7
    code = database.write(lambda work: a_coupon(work, off_minor=200, budget_minor=5 * 200 + 199))
    campaign = campaign_of(database, code)

    def prepare(work: UnitOfWork) -> list[Sale]:
        codes = issued(work, campaign, each)
        more = update(tables.campaign).values(issue_on_ticket=True, limit_coupons=1 + each + given)
        work.connection.execute(more)
        return [a_sale(work, shop, coupons=coupons) for one in codes for coupons in ((one,), ())]

    sales = database.write(prepare)

    outcomes = rush(doors, shop, sales)

    after = campaign_of(database, code)
    receipts = [payment.receipt for payment in paid(outcomes)]
    assert len(receipts) == each + 5
    assert (after.spent_minor, after.reserved_minor) == (1000, 0)
    assert sum(receipt is not None and receipt["coupon"] is not None for receipt in receipts) == given
    assert after.issued == 1 + each + given
    count = select(func.count()).select_from(tables.coupon).where(tables.coupon.c.campaign_id == campaign.campaign_id)
    assert database.read(lambda work: work.connection.execute(count).scalar_one()) == after.issued
    assert books_hold(database)


def cut(work: UnitOfWork, campaign: CampaignRow) -> None:
    cut_branch(work, campaign, "a node", with_coupons=True, reason="a forum", by="marc", at=NOON)


def end(work: UnitOfWork, campaign: CampaignRow) -> None:
    step_campaign(work, campaign.campaign_id, CampaignEvent.END, store_id="demo", by="marc", at=NOON)


@pytest.mark.parametrize("withdraw", [cut, end])
def test_each_coupon_is_used_or_refused_when_its_campaign_is_withdrawn_in_the_rush(
    doors: list[Database], shop: Shop, withdraw: Callable[[UnitOfWork, CampaignRow], None]
) -> None:
    """Whoever pays and whoever withdraws has an outcome of the rules; neither hangs, and no lock is told of."""
    database = doors[0]
    campaign = campaign_of(database, database.write(lambda work: a_coupon(work, budget_minor=100_000)))

    def prepare(work: UnitOfWork) -> list[Sale]:
        codes = issued(work, campaign, RUSH)
        work.connection.execute(update(tables.coupon).values(node="a node"))
        return [a_sale(work, shop, coupons=(code,)) for code in codes]

    sales = database.write(prepare)
    tickets = select(func.count()).select_from(tables.ticket)

    with ThreadPoolExecutor(1) as hand:
        rushing = hand.submit(rush, doors, shop, sales)
        while not rushing.done() and not database.read(lambda work: work.connection.execute(tickets).scalar_one()):
            pass
        doors[-1].write(lambda work: withdraw(work, campaign))
        outcomes = rushing.result(120)

    refused = [outcome for outcome in outcomes if not isinstance(outcome, PaymentRow)]
    assert all(isinstance(each, CheckoutError | FlowError) for each in refused), refused
    after, used = campaign_of(database, sales[0].whole.coupon_codes[0]), len(paid(outcomes))
    assert used
    assert (after.spent_minor, after.reserved_minor) == (200 * used, 0)
    states = select(tables.coupon.c.state, func.count()).group_by(tables.coupon.c.state)
    now = dict(database.read(lambda work: [(state, count) for state, count in work.connection.execute(states)]))
    assert now.pop("redeemed") == used
    assert now == {"revoked" if withdraw is cut else "issued": RUSH - used + 1}
    assert books_hold(database)


def test_each_is_captured_once_when_64_repeat_and_reorder_eight_sales(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    eight = database.write(lambda work: [a_sale(work, shop) for _ in range(8)])
    again = [eight[(n * 5 + n // 8) % 8] for n in range(RUSH)]

    outcomes = rush(doors, shop, again)

    by_id: dict[str, set[str]] = {}
    for payment in paid(outcomes):
        assert payment.receipt is not None
        by_id.setdefault(payment.payment_id, set()).add(payment.receipt["ticket"]["ticket_id"])
    assert {len(tickets) for tickets in by_id.values()} == {1}
    assert len(by_id) == 8
    balances = [
        database.read(lambda work, sale=sale: work.ledger.balance_of(main_account(sale.customer_id)))  # type: ignore[misc] # plain types
        for sale in eight
    ]
    assert balances == [5000 - 399] * 8
    count = select(func.count()).select_from(tables.ticket)
    assert database.read(lambda work: work.connection.execute(count).scalar_one()) == 8


def test_every_snapshot_sums_to_zero_when_money_goes_round_in_a_ring(doors: list[Database], shop: Shop) -> None:
    database = doors[0]
    ring = [database.write(lambda work: a_shopper(work, balance_minor=300)) for _ in range(6)]
    unit, over = shop.currency, threading.Event()

    def pass_on(door: Database, n: int) -> None:
        debit, credit = main_account(ring[n % 6]), main_account(ring[(n + 1) % 6])
        transfer = Transfer(an_id(), TransferKind.GRANT, "ring", (Posting(debit, credit, Money(100, unit)),))
        with suppress(InsufficientFundsError):  # an empty wallet passes nothing on
            door.write(lambda work: work.ledger.post([transfer], at=NOON))

    def look(door: Database) -> list[tuple[int, int]]:
        seen = []
        while not over.is_set():
            seen.append(door.read(_sum_and_least))
        return seen

    with ThreadPoolExecutor(10) as threads:
        looking = [threads.submit(look, doors[-1]) for _ in range(2)]
        passing = [threads.submit(pass_on, doors[n % len(doors)], n) for n in range(120)]
        try:
            for each in passing:
                each.result()
        finally:
            over.set()  # or whoever looks would look for ever
        seen = [each for reader in looking for each in reader.result()]

    assert seen
    assert {total for total, _ in seen} == {6 * 300}
    assert min(least for _, least in seen) >= 0
    held = [database.read(lambda work, each=each: work.ledger.balance_of(main_account(each))) for each in ring]  # type: ignore[misc] # plain types
    assert sum(held) == 6 * 300
    assert database.read(lambda work: work.ledger.balance_of(PSP_SANDBOX)) == -6 * 300
    assert books_hold(database)


def _sum_and_least(work: UnitOfWork) -> tuple[int, int]:
    minor = tables.balance.c.balance_minor
    row = work.connection.execute(select(func.sum(minor), func.min(minor))).one()
    return int(row[0]), int(row[1])

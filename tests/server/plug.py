"""Pull the plug of a real server process in the middle of payments, again and again, and look what became of each."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from checkout import main_account
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.ports import Work
from server.flows.shop import Shop, open_shop
from tests.server.builders import (
    KIOSK_TOKEN,
    NUTELLA,
    a_basket,
    a_sale,
    a_shopper,
    an_approval,
    sale_body,
)
from tests.server.processes import START_SECONDS, ForkedServer
from tests.server.stocked import a_small_store

LONGEST_MS = 20
"""The plug falls at most so long, for each payment asked for, after the first, second ... has left its mark."""
PRICE_MINOR = 399
BALANCE_MINOR = 5000


@dataclass(frozen=True, slots=True)
class Outcome:
    """What many pulled plugs left behind.

    Attributes:
        payments: Asked for, each until it was answered.
        acknowledged: Answered before the plug fell; each must be there afterwards, word for word.
        unanswered: The answer never came; asked again, each must have exactly one outcome.
        between: Found between hold and post when the server started again.
    """

    payments: int
    acknowledged: int
    unanswered: int
    between: int

    def __str__(self) -> str:
        """Say it to a person."""
        return (
            f"{self.payments} payments: {self.acknowledged} acknowledged before the kill and kept, "
            f"{self.unanswered} lost their answer and got it when asked again, {self.between} died between steps"
        )


def a_payment(shop: Shop, work: Work) -> tuple[str, dict[str, Any]]:
    """Give a shopper money and a basket, and let them approve it for an hour: the plug is not their fault."""
    customer_id = a_shopper(work, balance_minor=BALANCE_MINOR)
    basket_id = a_basket(work, shop, NUTELLA)
    approved = an_approval(work, shop, customer_id, basket_id, at=datetime.now(UTC), seconds=3600)
    return customer_id, {name: getattr(approved, name) for name in approved.__slots__}


def a_whole_payment(shop: Shop, work: Work) -> tuple[str, dict[str, Any]]:
    """Give a shopper money and let them approve goods that come whole, for an hour as well."""
    sale = a_sale(work, shop, balance_minor=BALANCE_MINOR, at=datetime.now(UTC), seconds=3600)
    return sale.customer_id, sale_body(sale)


def pay(base: str, body: dict[str, Any]) -> httpx.Response | None:
    """Ask for a payment; None when the answer never came."""
    headers = {"Authorization": f"Bearer {KIOSK_TOKEN}", "Idempotency-Key": str(body["payment_id"])}
    try:
        path = "/v1/checkouts" if "lines" in body else "/v1/payments"
        return httpx.post(f"{base}{path}", json=body, headers=headers, timeout=30)
    except httpx.TransportError:
        return None


def pull_the_plug(folder: Path, *, rounds: int, at_once: int, seed: int) -> Outcome:
    """Kill a server `rounds` times under `at_once` payments each, and check all that must hold."""
    url = a_small_store(folder / "store.db")
    database = Database(url)
    shop = database.read(lambda work: open_shop(work, "demo"))
    chance = random.Random(seed)
    unanswered = between = 0
    server = ForkedServer(url, folder)
    try:
        for _ in range(rounds):
            asked = database.write(
                lambda work: [(a_payment, a_whole_payment)[n % 2](shop, work) for n in range(at_once)]
            )

            begun = database.read(count_payments) + chance.randrange(at_once + 1)
            delay = chance.random() * LONGEST_MS * at_once / 1000
            answers = send_and_kill(server, database, [body for _, body in asked], begun=begun, delay=delay)
            between += len(database.read(lambda work: work.payments.held_since(datetime.now(UTC), limit=at_once)))
            server = ForkedServer(url, folder)

            with ThreadPoolExecutor(at_once) as threads:
                again = list(threads.map(partial(pay, server.base), [body for _, body in asked]))
            for (customer_id, _), before, after in zip(asked, answers, again, strict=True):
                assert after is not None
                assert (after.status_code, after.json()["status"]) == (201, "captured")
                unanswered += before is None
                assert before is None or before.json() == after.json()
                left = database.read(partial(_balance, customer_id))
                assert left == BALANCE_MINOR - PRICE_MINOR
    finally:
        server.kill()
        report = database.read(lambda work: work.ledger.verify())
        next_number = database.write(lambda work: work.tickets.next_number("demo"))
        database.close()

    assert report.holds, str(report)
    assert next_number == rounds * at_once + 1
    payments = rounds * at_once
    return Outcome(payments, payments - unanswered, unanswered, between)


def send_and_kill(
    server: ForkedServer, database: Database, bodies: list[dict[str, Any]], *, begun: int, delay: float
) -> list[httpx.Response | None]:
    """Ask for payments all at once; when so many are begun, pull the plug a moment later. Return what was answered."""
    never = threading.Event()
    with ThreadPoolExecutor(len(bodies)) as threads:
        asked = [threads.submit(pay, server.base, body) for body in bodies]
        until = time.monotonic() + START_SECONDS
        while database.read(count_payments) < begun and time.monotonic() < until:
            never.wait(0.001)
        never.wait(delay)
        server.kill()
        return [each.result() for each in asked]


def count_payments(work: UnitOfWork) -> int:
    """Return how many payments have been begun."""
    return work.connection.execute(select(func.count()).select_from(tables.payment)).scalar_one()


def _balance(customer_id: str, work: Work) -> int:
    return work.ledger.balance_of(main_account(customer_id))

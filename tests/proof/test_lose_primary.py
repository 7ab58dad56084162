"""The primary dies under load and a standby takes over: no acknowledged payment is lost, each has one outcome.

A plain kill hardly tests replication, as the standby is microseconds behind; so the sender of the log is frozen half a
second before. The control without synchronous replication must lose payments then, or this proves nothing.
"""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from server.db import tables
from server.db.database import Database
from server.db.schema import upgrade
from server.db.unit_of_work import UnitOfWork
from server.flows.shop import Shop, open_shop
from tests.proof.pair import Pair, running_pair
from tests.server.builders import KIOSK_TOKEN, a_sale, sale_body, stock_small_shop
from tests.server.postgres import CannotRunError
from tests.server.processes import Server

SENDERS, SALES = 8, 500
BEFORE, FROZEN, AFTER = 60, 12, 30
"""Payments to wait for: before the sender is frozen, while it is (none comes where commits wait for the standby), and
after the standby has taken over."""
PATIENCE_SECONDS, FROZEN_SECONDS = 180.0, 1.5
"""A bound for a machine that hardly moves, and how long a synchronous primary is watched to acknowledge nothing."""
PROBE_SECONDS, PROBES = 0.1, 3


@dataclass
class Senders:
    """Clients that pay one sale after another and send the same again until it is answered."""

    servers: list[Server]
    waiting: list[dict[str, Any]]
    acknowledged: dict[str, tuple[float, float]] = field(default_factory=dict)
    """By payment: when the request that was answered was sent, and when its answer came."""
    refused: list[str] = field(default_factory=list)
    again: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, more: int, seconds: float) -> int:
        """Wait until so many more are acknowledged, or no longer than so many seconds; return how many it were."""
        before, until = len(self.acknowledged), time.monotonic() + seconds
        while len(self.acknowledged) < before + more and time.monotonic() < until:
            self.ended.wait(0.01)
        return len(self.acknowledged) - before

    def send_on(self, base: str) -> None:
        """Pay until told to end."""
        with httpx.Client(base_url=base, timeout=20) as http:
            while not self.ended.is_set() and self.waiting:
                body = self.waiting.pop()
                asked_at = time.monotonic()
                while (answer := self._ask(http, body)) is None:
                    if self.ended.wait(0.05):
                        return
                    asked_at = time.monotonic()
                if answer.status_code == 201:
                    self.acknowledged[body["payment_id"]] = asked_at, time.monotonic()
                else:
                    self.refused.append(answer.text)

    def _ask(self, http: httpx.Client, body: dict[str, Any]) -> httpx.Response | None:
        headers = {"Authorization": f"Bearer {KIOSK_TOKEN}", "Idempotency-Key": body["payment_id"]}
        try:
            answer = http.post("/v1/checkouts", json=body, headers=headers)
        except httpx.TransportError:
            answer = None
        if answer is None or answer.status_code in {409, 503}:
            self.again += 1
            return None
        return answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the death of a primary left.

    Attributes:
        before: Payments acknowledged before the kill.
        lost: Of all that were acknowledged, those that the new primary does not have.
        after: Acknowledged after it.
        back_seconds: From the kill to the first of these that was also asked for after it.
    """

    before: int
    after: int
    lost: int
    again: int
    back_seconds: float

    def __str__(self) -> str:
        """Say it to a person."""
        return (
            f"{self.before} payments acknowledged before the kill and {self.after} after it, {self.lost} lost, "
            f"{self.again} asked again, first new payment after {self.back_seconds:.1f} s"
        )


def lose_primary(folder: Path, pair: Pair, *, is_synchronous: bool) -> Outcome:
    """Pay, freeze, kill, promote, go on paying; count what is there in the end."""
    upgrade(pair.url)
    database = Database(pair.url)
    database.write(stock_small_shop)
    shop: Shop = database.read(lambda work: open_shop(work, "demo"))
    sales: list[dict[str, Any]] = []
    while len(sales) < SALES:
        sales += database.write(partial(_some_sales, shop))
    servers: list[Server] = []
    senders = Senders(servers, sales)
    try:
        servers += [Server(pair.url, folder)]  # one after the other, so that the first is ended if the second fails
        servers += [Server(pair.url, folder)]
        with ThreadPoolExecutor(SENDERS) as threads:
            running = [threads.submit(senders.send_on, servers[n % 2].base) for n in range(SENDERS)]
            early = senders.wait_for(BEFORE, PATIENCE_SECONDS)
            pair.freeze_sender()
            frozen = senders.wait_for(FROZEN, FROZEN_SECONDS if is_synchronous else PATIENCE_SECONDS)
            pair.kill_primary()
            killed_at = time.monotonic()
            threading.Event().wait(PROBE_SECONDS * PROBES)  # a watcher needs so many missed probes to be sure
            pair.promote()
            senders.wait_for(AFTER, PATIENCE_SECONDS)
            senders.ended.set()
            for each in running:
                each.result()
        left = Database(pair.url)
        there = left.read(_captured)
        report = left.read(lambda work: work.ledger.verify())
        left.close()
    finally:
        for server in servers:
            server.kill()
        database.close()
    assert report.holds, str(report)
    assert not senders.refused, f"{senders.refused[:3]}\n{(folder / 'server.log').read_text('utf-8')[-4000:]}"
    assert early >= BEFORE, f"{early} payments before the sender was frozen: this proves little"
    assert is_synchronous or frozen >= FROZEN, f"{frozen} payments while it was frozen: there is nothing to lose"
    times = senders.acknowledged.values()
    after = [answered_at for _, answered_at in times if answered_at > killed_at]
    anew = [answered_at for asked_at, answered_at in times if asked_at > killed_at]
    assert anew, "nobody was paid after the primary had died"
    lost = [each for each in senders.acknowledged if each not in there]
    return Outcome(len(times) - len(after), len(after), len(lost), senders.again, min(anew) - killed_at)


def _some_sales(shop: Shop, work: UnitOfWork) -> list[dict[str, Any]]:
    at = datetime.now(UTC)
    return [sale_body(a_sale(work, shop, at=at, seconds=3600)) for _ in range(100)]


def _captured(work: UnitOfWork) -> set[str]:
    payment = tables.payment
    return set(work.connection.execute(select(payment.c.payment_id).where(payment.c.status == "captured")).scalars())


def outcome_of(folder: Path, *, is_synchronous: bool) -> Outcome:
    """Run it once, where PostgreSQL can run."""
    try:
        with running_pair(is_synchronous=is_synchronous) as pair:
            return lose_primary(folder, pair, is_synchronous=is_synchronous)
    except CannotRunError as error:
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.mark.postgres
def test_no_acknowledged_payment_is_lost_when_the_primary_dies_and_a_synchronous_standby_takes_over(
    tmp_path: Path,
) -> None:
    outcome = outcome_of(tmp_path, is_synchronous=True)

    assert outcome.lost == 0
    sys.stdout.write(f"synchronous: {outcome}\n")


@pytest.mark.postgres
def test_payments_are_lost_when_the_standby_that_takes_over_was_not_waited_for(tmp_path: Path) -> None:
    outcome = outcome_of(tmp_path, is_synchronous=False)

    assert outcome.lost > 0, "the control loses nothing: the proof above could not fail"
    sys.stdout.write(f"asynchronous, as a control: {outcome}\n")

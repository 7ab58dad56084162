"""How many checkouts a store takes: ``python -m tests.bench.checkouts [sqlite] [postgresql] [--rounds 3]``.

A checkout is twelve lines of the demonstration's catalogue priced with its promotions, one coupon, a wallet, a ticket
and the check of the caller's role, over HTTP, with an fsync before the answer (SQLite `synchronous=FULL`, PostgreSQL
`synchronous_commit=on`). 64 clients in a process of their own share the machine with the server. `whole` sends
everything in one request (`POST /v1/checkouts`); `payment` is the second half of the two-step form, on baskets that lie
ready in the database. For PostgreSQL, `pgbench`'s TPC-B with 16 clients runs against the same server in the same round.

After each round the rows are counted and the books verified; a figure whose rows do not add up is not printed.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from itertools import product as pairs
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from checkout import PSP_SANDBOX, Money, Posting, Product, Transfer, TransferKind, Unit, main_account
from kiosk.visit.timed_ids import timed_id
from server.chance import new_id
from server.db import tables
from server.db.bulk import insert_facts
from server.db.database import Database
from server.db.schema import upgrade
from server.db.unit_of_work import UnitOfWork
from server.demo.stock import STORE, stock
from server.flows.check_out import Laid, Whole, price_whole
from server.flows.coupon_codes import new_coupon_code
from server.flows.ports import Caller
from server.flows.ports.campaigns import CampaignRow, CouponRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Authentication
from server.flows.shop import Shop, open_shop
from tests.bench.load import Outcome
from tests.conftest import ROOT
from tests.server.builders import a_device
from tests.server.postgres import Postgres, a_postgres
from tests.server.processes import Server

CLIENTS, LINES = 64, 12
TOKEN = "kiosk-token-of-the-benchmark"
BALANCE_MINOR = 1_000_000
OFF_MINOR = 200
PATHS = {"whole": "/v1/checkouts", "payment": "/v1/payments"}
TPCB_CLIENTS = 16
WARM_SECONDS = 120.0
"""A bound for the warm-up, which ends with its last checkout."""
FEW = 250
"""Rows prepared in one transaction."""


def main() -> None:
    """Measure what was asked for and print one line a round."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("engines", nargs="*", default=["sqlite", "postgresql"])
    asked.add_argument("--seconds", type=float, default=6.0)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--warm", type=int, default=1500, help="checkouts before each round, which are not measured")
    asked.add_argument("--most", type=int, default=9000, help="checkouts prepared for a round; it ends with the last")
    asked.add_argument("--forms", nargs="*", default=list(PATHS))
    asked.add_argument("--processes", type=int, nargs="*", default=[1, 2], help="how many share the port, in turn")
    told = asked.parse_args()
    for engine in told.engines:
        with a_place(engine) as place:
            for form, processes in pairs(told.forms, told.processes):
                rounds, ratios = [], []
                for _ in range(told.rounds):
                    tpcb = place.tpcb(told.seconds)
                    rate = measure(
                        place, form, seconds=told.seconds, warm=told.warm, most=told.most, processes=processes
                    )
                    rounds.append(rate)
                    ratios += [rate / tpcb] if tpcb else []
                ratio = f", {median(ratios):.2f} x TPC-B of the same round" if ratios else ""
                what = f"{engine} {form}, {processes} processes"
                print(f"{what}: median {median(rounds):.0f}/s of {len(rounds)} rounds{ratio}")


@dataclass(frozen=True, slots=True)
class Place:
    """A database with the demonstration's goods, on a real disk."""

    url: str
    folder: Path
    postgres: Postgres | None = None

    def tpcb(self, seconds: float) -> float | None:
        """Return what TPC-B does a second on the same server, prepared statements, 16 clients; None on SQLite."""
        if self.postgres is None:
            return None
        to = ("-h", "127.0.0.1", "-p", str(self.postgres.port), "-U", "sesame")
        run = self.postgres.programs.run
        if "pgbench" not in run("psql", *to, "-At", "-c", "SELECT datname FROM pg_database", "postgres"):
            run("createdb", *to, "pgbench")
            run("pgbench", *to, "-i", "-q", "-s", "20", "pgbench")
        words = run("pgbench", *to, "-c", "16", "-j", "1", "-M", "prepared", "-n", "-T", str(int(seconds)), "pgbench")
        rate = next(float(line.split()[2]) for line in words.splitlines() if line.startswith("tps"))
        print(f"  TPC-B: {rate:.0f}/s", flush=True)
        return rate


@contextmanager
def a_place(engine: str) -> Iterator[Place]:
    """Yield an empty database with the demonstration's goods."""
    with tempfile.TemporaryDirectory(prefix="sesame-bench-") as name:
        folder = Path(name)
        if engine == "sqlite":
            url = f"sqlite:///{folder / 'store.db'}"
            prepare_shop(url)
            yield Place(url, folder)
            return
        with a_postgres(fsync=True) as postgres:
            prepare_shop(postgres.url)
            yield Place(postgres.url, folder, postgres)


def prepare_shop(url: str) -> None:
    """Stock the shop and pair a kiosk."""
    upgrade(url)
    database = Database(url)
    database.write(lambda work: stock(work, at=datetime.now(UTC)))
    database.write(lambda work: a_device(work, "kiosk-1", TOKEN))
    database.close()


def measure(place: Place, form: str, *, seconds: float, warm: int, most: int, processes: int) -> float:
    """Prepare a round, warm the server up, drive it, check the rows, print it; return checkouts a second."""
    url, folder = place.url, place.folder
    database = Database(url)
    bodies = Preparer(database, form).bodies(warm + most)
    before = counted(database)
    server = Server(url, folder, processes=processes)
    try:
        warmed, _ = driven(server, form, bodies[:warm], folder, seconds=WARM_SECONDS)
        outcome, spent = driven(server, form, bodies[warm:], folder, seconds=seconds)
    finally:
        server.stop()
    acknowledged, earlier = outcome.statuses.get("201", 0), warmed.statuses.get("201", 0)
    after = counted(database)
    assert {name: after[name] - before[name] for name in after} == dict.fromkeys(after, acknowledged + earlier), after
    assert set(outcome.statuses) == {"201"}, (outcome.statuses, outcome.refused)
    report = database.read(lambda work: work.ledger.verify())
    assert report.holds, str(report)
    database.close()
    rate = acknowledged / outcome.seconds
    print(
        f"  {form}: {rate:.0f}/s, p50 {outcome.percentile(50):.0f} ms, p99 {outcome.percentile(99):.0f} ms, "
        f"{acknowledged} checkouts, server {spent / acknowledged * 1e6:.0f} us CPU each, "
        f"load average {os.getloadavg()[0]:.1f}",
        flush=True,
    )
    return rate


def driven(server: Server, form: str, bodies: Sequence[str], folder: Path, *, seconds: float) -> tuple[Outcome, float]:
    """Send bodies until they or the time run out; return what came back, and what the server used of the processors."""
    path = folder / "bodies"
    path.write_text("\n".join(bodies), encoding="utf-8")
    began = sum(map(cpu_seconds, server.pids))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "tests.bench.load", PATHS[form], str(path)),
            *(str(CLIENTS), str(seconds), TOKEN, str(server.port)),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
        timeout=seconds + 60,
    )
    spent = sum(map(cpu_seconds, server.pids)) - began
    return Outcome(**json.loads(done.stdout)), spent


def cpu_seconds(pid: int) -> float:
    """Return what a process has used of the processor."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def counted(database: Database) -> dict[str, int]:
    """Return how many of each row a checkout leaves exactly one of there are."""
    payment, coupon, approval = tables.payment, tables.coupon, tables.authentication
    queries = {
        "captured": select(func.count()).select_from(payment).where(payment.c.status == "captured"),
        "tickets": select(func.count()).select_from(tables.ticket),
        "exits": select(func.count()).select_from(tables.exit_token),
        "answers": select(func.count()).select_from(tables.idempotency),
        "coupons": select(func.count()).select_from(coupon).where(coupon.c.state == "redeemed"),
        "approvals": select(func.count()).select_from(approval).where(approval.c.used_at.is_not(None)),
        "numbers": select(func.coalesce(func.max(tables.ticket.c.number), 0)),
    }
    return database.read(
        lambda work: {name: work.connection.execute(query).scalar_one() for name, query in queries.items()}
    )


@dataclass
class Preparer:
    """Makes shoppers with money, coupons, and approvals of what a basket will cost."""

    database: Database
    form: str

    def __post_init__(self) -> None:
        self.shop: Shop = self.database.read(lambda work: open_shop(work, STORE.store_id))
        self.kiosk = Caller("kiosk", "kiosk-1", STORE.store_id)
        self.dice = random.Random(f"20261123 {counted(self.database)['captured']}")  # another one each round
        self.ids = ids_of_a_kiosk(self.dice)
        self.goods = [product for product in self.shop.catalog.products if self._is_plain(product)]

    def bodies(self, count: int) -> list[str]:
        """Return so many requests, each for a shopper of its own."""
        campaign_id = an_id_of_chance(self.dice)
        self.database.write(lambda work: work.campaigns.add(a_campaign(campaign_id, count)))
        made: list[str] = []
        while len(made) < count:
            few = min(FEW, count - len(made))
            made += self.database.write(partial(self._few, campaign_id, few))
        return made

    def _is_plain(self, product: Product) -> bool:
        is_sold = product.min_age is None and product.sale_stop is None and product.deposit_sku is None
        return is_sold and product.unit is Unit.EACH and product.sku in self.shop.code_of

    def _few(self, campaign_id: str, few: int, work: UnitOfWork) -> list[str]:
        at = datetime.now(UTC)
        shoppers = [an_id_of_chance(self.dice) for _ in range(few)]
        customers = [Customer(each, "Lina Durand", each, "5678", "no hash", 0, None, "fr", at) for each in shoppers]
        coupons = [self._coupon(campaign_id, at) for _ in shoppers]
        insert_facts(work.connection, tables.customer, customers)
        insert_facts(work.connection, tables.coupon, coupons)
        work.ledger.post([self._top_up(each) for each in shoppers], at=at)
        sales = [self._sale(work, shopper, coupon.code, at) for shopper, coupon in zip(shoppers, coupons, strict=True)]
        insert_facts(work.connection, tables.authentication, [approval for _, approval in sales])
        return [json.dumps(body) for body, _ in sales]

    def _sale(
        self, work: UnitOfWork, customer_id: str, coupon: str, at: datetime
    ) -> tuple[dict[str, Any], Authentication]:
        lines: list[dict[str, Any]] = [
            {
                "line_id": next(self.ids),
                "code": self.shop.code_of[product.sku],
                "quantity": self.dice.choice((1, 1, 1, 2)),
            }
            for product in self.dice.sample(self.goods, LINES)
        ]
        laid = tuple(Laid(line["line_id"], line["code"], quantity=line["quantity"]) for line in lines)
        whole = Whole(next(self.ids), laid, (coupon,))
        found = price_whole(work, self.shop, whole, self.kiosk, at=at)
        if self.form == "payment":
            work.baskets.add(found.row)
        quote = found.quote
        assert len(found.row.lines) == LINES
        assert [each.saved.minor for each in quote.coupons] == [OFF_MINOR]
        body: dict[str, Any] = {
            "payment_id": next(self.ids),
            "basket_id": whole.basket_id,
            "digest": quote.digest,
            "amount_minor": quote.total.minor,
            "payee": self.shop.payee,
            "authentication_id": new_id(),
        }
        approval = self._approval(body, customer_id, at)
        if self.form == "whole":
            body |= {"lines": lines, "coupons": [coupon]}
        return body, approval

    def _coupon(self, campaign_id: str, at: datetime) -> CouponRow:
        until = at + timedelta(days=30)
        return CouponRow(
            code=new_coupon_code(),
            campaign_id=campaign_id,
            holder_phone_hash=None,
            ticket_id=None,
            parent_token=None,
            generation=0,
            state="issued",
            payment_id=None,
            value_minor=None,
            issued_at=at,
            expires_at=until,
            redeemed_at=None,
        )

    def _top_up(self, customer_id: str) -> Transfer:
        posting = Posting(PSP_SANDBOX, main_account(customer_id), Money(BALANCE_MINOR, self.shop.currency))
        return Transfer(f"topup:{customer_id}", TransferKind.TOPUP, "bench", (posting,))

    def _approval(self, body: dict[str, Any], customer_id: str, at: datetime) -> Authentication:
        return Authentication(
            authentication_id=body["authentication_id"],
            customer_id=customer_id,
            kiosk_id=self.kiosk.subject,
            basket_id=body["basket_id"],
            digest=body["digest"],
            amount_minor=body["amount_minor"],
            payee=body["payee"],
            factors=("wallet_code", "pin"),
            evidence=None,
            step_up_reason=None,
            pin_at=at,
            made_at=at,
            expires_at=at + timedelta(hours=2),
            used_at=None,
        )


def an_id_of_chance(dice: random.Random) -> str:
    """Return an id whose neighbours in an index are strangers, as those are who pay at the same time."""
    return str(UUID(int=dice.getrandbits(128), version=4))


def ids_of_a_kiosk(dice: random.Random) -> Iterator[str]:
    """Yield ids as kiosks make them, those of later visits larger."""
    secret = UUID(an_id_of_chance(dice))
    for number in count(1):
        yield timed_id(datetime.now(UTC), secret, number)


def a_campaign(campaign_id: str, coupons: int) -> CampaignRow:
    """Return a live campaign that gives `OFF_MINOR` off, with money for all its coupons."""
    at = datetime.now(UTC)
    return CampaignRow(
        campaign_id=campaign_id,
        store_id=STORE.store_id,
        name="Bench",
        label={"fr": "2 € offerts", "en": "€2 off", "zh": "减2欧元"},
        effect_kind="amount",
        effect_value=OFF_MINOR,
        min_basket_minor=0,
        budget_minor=coupons * OFF_MINOR,
        reserved_minor=0,
        spent_minor=0,
        limit_coupons=coupons,
        limit_per_person=5,
        limit_generations=0,
        issued=coupons,
        share_mode="copy",
        issue_on_ticket=False,
        state="live",
        starts_at=at - timedelta(days=1),
        ends_at=at + timedelta(days=30),
        created_by="bench",
        created_at=at,
    )


if __name__ == "__main__":
    main()

"""Several server processes over one file: whoever writes has their turn, and each sale one outcome."""

import asyncio
import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from checkout.errors import CheckoutError, CouponRedeemedError, CouponReservedError
from server.db.database import Database
from server.db.engine import open_engine
from server.db.turns import TurnTaker, holder_of
from server.db.unit_of_work import UnitOfWork
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.shop import open_shop
from tests.server.builders import NOON, Paying, a_coupon, a_sale
from tests.server.stocked import a_small_store


@pytest.fixture(name="two")
def _two(tmp_path: Path) -> Iterator[tuple[Database, Database]]:
    """Two databases over one file, as two processes have them."""
    url = a_small_store(tmp_path / "store.db")
    with closing(Database(url)) as one, closing(Database(url)) as other:
        yield one, other


def is_taken(path: Path) -> bool:
    """Whether somebody has the turn to write."""
    turn = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(turn)
    return False


def test_a_turn_lasts_from_the_beginning_of_a_write_to_its_end_when_others_wait(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = Database(f"sqlite:///{path}")
    turn = Path(f"{path}-turn")

    while_read = database.read(lambda _: is_taken(turn))
    while_written = database.write(lambda _: is_taken(turn))
    with pytest.raises(ZeroDivisionError):
        database.write(lambda _: 1 // 0)

    assert (while_read, while_written, is_taken(turn)) == (False, True, False)
    with database.engine.connect() as connection:
        held = connection.connection.driver_connection
        assert isinstance(held, TurnTaker)
        assert held.turn is not None
        opened = held.turn
    database.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened)


def test_the_turn_is_left_when_a_transaction_ends_and_its_connection_is_kept(two: tuple[Database, Database]) -> None:
    one, other = two
    with one.engine.connect() as kept:
        for end in (kept.commit, kept.rollback):
            kept.exec_driver_sql("UPDATE store SET name = name")
            end()

            other.write(a_coupon)


@contextmanager
def hanging(database: Database) -> Iterator[None]:
    """Let a write of somebody else hang in the middle of its transaction."""
    begun, over = threading.Event(), threading.Event()

    def hang(work: Work) -> None:
        work.events.record("somebody", "hang", "here", at=NOON)
        begun.set()
        assert over.wait(60)

    thread = threading.Thread(target=database.write, args=(hang,))
    thread.start()
    assert begun.wait(60)
    try:
        yield
    finally:
        over.set()
        thread.join(60)


def refusal(outcome: object) -> str:
    return outcome.code if isinstance(outcome, FlowError) else repr(outcome)


def test_whoever_waits_too_long_is_refused_and_moves_nothing_when_another_write_hangs(
    two: tuple[Database, Database],
) -> None:
    one, _ = two
    shop = one.read(lambda work: open_shop(work, "demo"))
    sales = [one.write(lambda work: a_sale(work, shop)) for _ in range(60)]
    engine = open_engine(one.engine.url.render_as_string(), turn_seconds=0.5)
    with closing(Database(engine)) as waiting:
        with hanging(one):
            began = time.monotonic()
            refused = waiting.settle([Paying(shop, sale) for sale in sales])
            with pytest.raises(FlowError, match="longer than anybody waits") as told:
                waiting.write(a_coupon)
            waited = time.monotonic() - began
            kept = waiting.read(lambda work: [work.payments.get(sale.approved.payment_id) for sale in sales])

        paid = waiting.settle([Paying(shop, sale) for sale in sales])

    assert {refusal(outcome) for outcome in refused} == {"busy"}
    assert told.value.facts["retry_after_seconds"] == 1
    assert kept == [None] * 60
    assert 0.5 <= waited < 25  # the first waits, those behind it do not: not 61 times as long
    assert [type(outcome) for outcome in paid] == [PaymentRow] * 60
    assert one.read(lambda work: work.ledger.verify()).holds


def test_the_turn_is_free_when_whoever_gave_up_waiting_would_have_had_it(
    two: tuple[Database, Database], tmp_path: Path
) -> None:
    one, other = two
    engine = open_engine(one.engine.url.render_as_string(), turn_seconds=0.05)
    with closing(Database(engine)) as waiting:
        with hanging(one), pytest.raises(FlowError):
            waiting.write(a_coupon)
        for database in (other, one, waiting, other):
            database.write(a_coupon)

        assert not is_taken(tmp_path / "store.db-turn")


def test_a_write_is_refused_when_another_program_keeps_the_file_without_asking_for_a_turn(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")
    with closing(Database(url)) as database, closing(sqlite3.connect(tmp_path / "store.db")) as foreign:
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
        foreign.execute("BEGIN IMMEDIATE")
        with pytest.raises(FlowError) as told:
            database.write(a_coupon)
        foreign.rollback()

    assert told.value.code == "busy"


def test_the_process_that_hangs_is_named_when_somebody_asks_who_writes(two: tuple[Database, Database]) -> None:
    one, other = two
    with hanging(one):
        found = holder_of(other.engine, longer_than=0.0)
        soon = other.hung_writer()

    assert found is not None
    assert found.pid == os.getpid()
    assert soon is None  # it has only begun
    assert holder_of(other.engine, longer_than=0.0) is None


def test_the_file_alone_holds_what_was_written_when_its_log_is_carried_while_another_writes(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    database.write(lambda work: work.connection.exec_driver_sql("CREATE TABLE carried (name TEXT)"))

    def carry(work: UnitOfWork) -> None:
        work.connection.exec_driver_sql("INSERT INTO carried VALUES ('too late')")
        database.checkpoint()

    database.write(carry)

    alone = tmp_path / "alone.db"
    alone.write_bytes((tmp_path / "store.db").read_bytes())
    with closing(sqlite3.connect(alone)) as copied:
        assert copied.execute("SELECT * FROM carried").fetchall() == []
    database.close()


def test_each_sale_has_one_outcome_when_two_writers_settle_at_once(two: tuple[Database, Database]) -> None:
    one, other = two
    shop = one.read(lambda work: open_shop(work, "demo"))
    coupon = one.write(a_coupon)
    sales = [one.write(lambda work: a_sale(work, shop)) for _ in range(14)]
    rivals = [one.write(lambda work: a_sale(work, shop, coupons=(coupon,))) for _ in range(2)]

    async def at_once() -> list[object]:
        asked = [two[n % 2].settle_async(Paying(shop, sale)) for n, sale in enumerate([*sales, *rivals])]
        again = [two[n % 2].settle_async(Paying(shop, sale)) for n, sale in enumerate(sales[:4], start=1)]
        return list(await asyncio.gather(*asked, *again, return_exceptions=True))

    outcomes = asyncio.run(at_once())

    paid = [outcome for outcome in outcomes if isinstance(outcome, PaymentRow)]
    refused = [outcome for outcome in outcomes if not isinstance(outcome, PaymentRow)]
    assert [isinstance(each, CouponReservedError | CouponRedeemedError) for each in refused] == [True]
    tickets = {each.receipt["ticket"]["number"]: each.payment_id for each in paid if each.receipt}
    assert sorted(tickets) == list(range(1, 16))
    assert len(set(tickets.values())) == 15
    assert other.read(lambda work: work.ledger.verify()).holds


def test_a_foreseen_price_is_not_taken_when_its_coupon_was_stopped_meanwhile(two: tuple[Database, Database]) -> None:
    one, other = two
    shop = one.read(lambda work: open_shop(work, "demo"))
    coupon = one.write(a_coupon)
    sale = one.write(lambda work: a_sale(work, shop, coupons=(coupon,)))

    def stop(work: Work) -> None:
        row = work.coupons.get(coupon)
        assert row is not None
        assert work.coupons.move(coupon, "issued", "revoked")

    class Overtaken(Paying):
        def foresee(self, work: Work) -> None:
            super().foresee(work)
            other.write(stop)

    (outcome,) = one.settle([Overtaken(shop, sale)])

    assert isinstance(outcome, CheckoutError)
    assert one.read(lambda work: work.payments.get(sale.approved.payment_id)) is None


def test_a_fault_in_foreseeing_is_met_again_in_the_transaction_when_it_stays(two: tuple[Database, Database]) -> None:
    one, _ = two
    shop = one.read(lambda work: open_shop(work, "demo"))
    good, bad = (one.write(lambda work: a_sale(work, shop)) for _ in range(2))

    class Blind(Paying):
        def foresee(self, work: Work) -> None:  # noqa: ARG002 - it looks at nothing
            raise ZeroDivisionError

    outcomes = one.settle([Paying(shop, good), Blind(shop, replace(bad))])

    assert [type(each) for each in outcomes] == [PaymentRow, PaymentRow]

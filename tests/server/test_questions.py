"""What a transaction asks together, on both engines."""

import threading
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from server.db import tables
from server.db.batch import HELD_FUNDERS
from server.db.database import Database
from server.db.questions import Among, Question, ask, facts_of, rows_of, through
from server.db.unit_of_work import UnitOfWork
from server.flows.ports.campaigns import CampaignRow, CouponRow
from server.flows.ports.people import Customer
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from tests.server.builders import NOON, a_coupon, a_sale, an_id
from tests.server.test_ledger_late import waits_for_row

ANSWERS = rows_of(tables.idempotency, ("key", "status", "answer", "headers", "at"), "principal", "key")
NUMBERS = rows_of(tables.store, ("store_id", "next_ticket_number"), "store_id", lock=True)
HEADS = Question(select(tables.ledger_head.c.position).where(Among(tables.ledger_head.c.chain)).with_for_update())
COUPONS = facts_of(tables.coupon, CouponRow, "code")
CAMPAIGNS = through(tables.campaign, CampaignRow, "campaign_id", tables.coupon.c.code)
ODD = {"said": '100 % "sûr" \\ ?', "of": [1, 2.5, None, True], "large": 2**60}


def an_answer(principal: str, key: str, answer: object) -> dict[str, Any]:
    facts = {"principal": principal, "key": key, "request_hash": "0", "status": 201}
    return facts | {"answer": answer, "headers": {}, "at": NOON}


def test_values_are_as_they_were_written_when_several_tables_are_asked_together(database: Database) -> None:
    code = database.write(a_coupon)
    rows = [an_answer("kiosk:1", "b", ODD), an_answer("kiosk:1", "a", {}), an_answer("kiosk:2", "a", {})]
    database.write(lambda work: work.connection.execute(insert(tables.idempotency), rows))

    def look(work: UnitOfWork) -> list[list[Any]]:
        keys = [("kiosk:1", "b"), ("kiosk:1", "a"), ("kiosk:2", "b")]
        return ask(work.connection, ANSWERS.of(keys), COUPONS.of([code]), CAMPAIGNS.of([code]), COUPONS.of(()))

    answers, coupons, campaigns, none = database.read(look)

    assert answers == [("a", 201, {}, {}, NOON), ("b", 201, ODD, {}, NOON)]
    assert coupons == [database.read(lambda work: work.coupons.get(code))]
    assert campaigns == [database.read(lambda work: work.campaigns.get(coupons[0].campaign_id))]
    assert (campaigns[0].issue_on_ticket, campaigns[0].starts_at) == (False, NOON - timedelta(days=1))
    assert none == []


def test_whoever_approved_is_found_when_only_the_approval_is_known(database: Database, shop: Any) -> None:
    sale = database.write(lambda work: a_sale(work, shop))
    payers = through(tables.customer, Customer, "customer_id", tables.authentication.c.authentication_id, lock=True)

    def look(work: UnitOfWork) -> list[list[Any]]:
        return ask(work.connection, payers.of([sale.approved.authentication_id, an_id()]))

    ((payer,),) = database.write(look)

    assert payer.customer_id == sale.customer_id


def test_a_lock_is_taken_with_what_stands_then_and_none_behind_it_before_when_somebody_has_it(
    doors: list[Database],
) -> None:
    """Whoever holds the first row takes the second too: nobody else has it, and both numbers are the new ones."""
    holds, may_go_on = threading.Event(), threading.Event()
    begun: list[str] = []
    doors[0].write(lambda work: work.ledger.locked_head())

    def first(work: UnitOfWork) -> None:
        begun.append("first")
        work.connection.execute(update(tables.store).values(next_ticket_number=78))
        holds.set()
        assert may_go_on.wait(60)
        work.connection.execute(update(tables.ledger_head).values(position=9))

    seen: list[list[Any]] = []

    def second(work: UnitOfWork) -> None:
        begun.append("second")
        seen.extend(ask(work.connection, NUMBERS.of(["demo"]), HEADS.of(["main"])))

    threads = [threading.Thread(target=doors[0].write, args=(first,))]
    threads.append(threading.Thread(target=doors[-1].write, args=(second,)))
    threads[0].start()
    assert holds.wait(60)
    threads[1].start()
    while not doors[0].is_sqlite and not doors[0].read(waits_for_row):
        assert threads[1].is_alive()
    may_go_on.set()
    for each in threads:
        each.join(60)

    assert begun == ["first", "second"]  # nobody was run again
    assert seen == [[("demo", 78)], [(9,)]]


def test_funders_are_held_in_one_order_when_a_store_has_several(database: Database) -> None:
    """A batch and whoever takes goods back would else wait for each other crosswise."""
    named = [FunderRow(name, {"fr": name}, 1, 100) for name in ("state", "brand", "shop")]
    database.write(lambda work: work.cashback.put(ProgrammeRow("demo", 500, 300_000, tuple(named))))

    def hold(work: UnitOfWork) -> list[Any]:
        for way in () if database.is_sqlite else ("enable_indexscan", "enable_bitmapscan"):
            work.connection.exec_driver_sql(f"SET LOCAL {way} = off")  # which way it goes is PostgreSQL's to choose
        return ask(work.connection, HELD_FUNDERS.of(["demo"]))[0]

    funders = database.write(hold)

    assert [funder_id for _, funder_id, _, _ in funders] == ["brand", "shop", "state"]

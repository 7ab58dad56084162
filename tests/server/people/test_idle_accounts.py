"""Accounts that nobody uses are told of and closed a month later; money, use and a sign-in keep them; both engines."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from checkout.random_check import CheckOutcome
from server.__main__ import main
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.errors import FlowError
from server.flows.idle_accounts import NOTICE, Round, close_idle
from server.flows.log_in import find_shopper, log_in_shopper
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.checks import Check
from server.flows.ports.idle import IdleCount
from server.flows.ports.people import Customer
from server.flows.top_up import start_top_up
from tests.server.builders import NOON, an_id
from tests.server.people.builders import PIN, a_customer, a_face, a_number
from tests.server.stocked import a_small_store

YEARS = timedelta(days=1095)
LATER = NOON + YEARS + timedelta(days=1)
CLOSING = LATER + NOTICE


def one_round(database: Database, at: datetime) -> Round:
    return database.write(lambda work: close_idle(work, at - YEARS, store_id="demo", at=at, new_id=an_id))


def found(database: Database, customer: Customer) -> Customer:
    now = database.read(lambda work: work.customers.get(customer.customer_id))
    assert now is not None
    return now


def notices(work: UnitOfWork) -> list[str]:
    kinds = work.connection.execute(select(tables.outbox.c.kind, tables.outbox.c.body)).all()
    return [row.body["customer_id"] for row in kinds if row.kind == "account.closing"]


def test_an_account_without_money_is_closed_when_nobody_came_for_three_years_and_a_month(
    database: Database, people: People
) -> None:
    phone = a_number()
    customer = database.write(lambda work: a_customer(work, people, phone=phone))
    database.write(lambda work: a_face(work, customer))

    early = one_round(database, NOON + YEARS)
    told, again = one_round(database, LATER), one_round(database, CLOSING - timedelta(seconds=1))
    closed, after = one_round(database, CLOSING), one_round(database, CLOSING + NOTICE)

    assert (early, told, again) == (Round(0, 0, 0), Round(1, 0, 0), Round(0, 0, 0))
    assert (closed, after) == (Round(0, 1, 0), Round(0, 0, 0))
    assert database.read(notices) == [customer.customer_id]
    nobody = found(database, customer)
    assert (nobody.name, nobody.phone_last4, nobody.pin_hash) == ("", "----", "")
    assert nobody.phone_hash != customer.phone_hash
    assert database.read(lambda work: work.references.of(customer.customer_id)) == []
    assert database.read(lambda work: work.diary.of(customer.customer_id, limit=9)) == []
    with pytest.raises(FlowError, match="no account"):
        asyncio.run(find_shopper(database, people, phone, PIN, at=CLOSING))
    assert database.write(lambda work: a_customer(work, people, phone=phone)).phone_hash == customer.phone_hash


def checked(work: Work, customer: Customer) -> None:
    """Let a basket of somebody be looked at, and put right."""
    check = Check(an_id(), "demo", customer.phone_hash, 10_000, 0, (), "waiting", NOON)
    work.checks.put(check)
    work.checks.settle(check.basket_id, CheckOutcome.AMENDED, by="amal", at=NOON)


def test_what_checks_found_of_somebody_is_known_after_they_sign_in_and_nobodys_when_their_account_is_closed(
    database: Database, people: People
) -> None:
    phone = a_number()
    customer = database.write(lambda work: a_customer(work, people, phone=phone))
    database.write(lambda work: checked(work, customer))

    def found_of(phone_hash: str) -> list[CheckOutcome]:
        return list(database.read(lambda work: work.checks.outcomes_of(phone_hash, limit=3)))

    facts = {"token": an_id(), "at": NOON, "life": timedelta(hours=1)}
    asyncio.run(log_in_shopper(database, people, phone=phone, pin=PIN, **facts))  # type: ignore[arg-type] # facts by name
    signed_in = found_of(customer.phone_hash)
    for at in (LATER, CLOSING):
        one_round(database, at)

    assert signed_in == [CheckOutcome.AMENDED]  # else whoever is watched need only open their page
    assert found_of(customer.phone_hash) == found_of(found(database, customer).phone_hash) == []


def test_an_account_stays_when_there_is_money_in_it(database: Database, people: People) -> None:
    database.write(lambda work: a_customer(work, people, balance_minor=5))
    database.write(lambda work: a_customer(work, people))

    for at in (LATER, CLOSING):
        one_round(database, at)

    assert database.read(lambda work: work.idle_accounts.count(CLOSING - YEARS)) == IdleCount(0, 1, 5)


def test_a_notice_is_void_when_its_owner_signs_in_or_tops_up(database: Database, people: People) -> None:
    phone = a_number()
    first = database.write(lambda work: a_customer(work, people, phone=phone))
    second = database.write(lambda work: a_customer(work, people))
    assert one_round(database, LATER).told == 2

    def begin(work: Work) -> None:
        facts = {"customer_id": second.customer_id, "currency_code": "EUR", "provider": "sandbox"}
        start_top_up(work, topup_id=an_id(), amount_minor=500, at=LATER, **facts)

    login = {"phone": phone, "pin": PIN, "token": an_id()}
    asyncio.run(log_in_shopper(database, people, **login, at=LATER, life=timedelta(hours=1)))
    database.write(begin)

    assert one_round(database, CLOSING) == Round(0, 0, 1)
    assert found(database, first).seen_at == LATER
    assert replace(found(database, second)) == replace(second)


def test_the_command_counts_and_closes_when_it_is_asked(
    tmp_path: Path, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    url = a_small_store(tmp_path / "store.db")
    database = Database(url)
    long_ago = NOON - 2 * YEARS
    customer = database.write(lambda work: a_customer(work, people))
    update = tables.customer.update().values(created_at=long_ago)
    database.write(lambda work: work.connection.execute(update))
    database.close()

    assert main(["idle-accounts", "--database", url]) == 0
    counted = capsys.readouterr().out
    assert main(["idle-accounts", "--close", "--database", url]) == 0
    closed = capsys.readouterr().out

    assert counted == "not used for 1095 days: 1 without money, 0 with 0 minor units in all\n"
    assert closed.startswith("notices given: 1, taken back: 0, accounts closed: 0\n")
    assert customer.name

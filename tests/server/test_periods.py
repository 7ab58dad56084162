"""Months are sums of days and years of months; an archive proves it without a database (I11)."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Literal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.archive import archive, check_archive
from server.flows.close_day import close_day
from server.flows.close_period import close_period, period_faults
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.books import ClosingRow, PeriodRow
from server.flows.shop import Shop
from tests.server.builders import an_id
from tests.server.people.builders import at_once
from tests.server.test_books import a_sale

PARIS = ZoneInfo("Europe/Paris")
NEXT_YEAR = datetime(2027, 1, 10, 12, 0, tzinfo=UTC)
NIGHTS = (
    datetime(2026, 11, 20, 21, 0, tzinfo=UTC),
    datetime(2026, 11, 30, 23, 30, tzinfo=UTC),  # half past midnight in Paris: still the day before
    datetime(2026, 12, 24, 18, 0, tzinfo=UTC),
)


def sell_and_close(shop: Shop, at: datetime, work: Work) -> ClosingRow:
    a_sale(shop, work)
    return close_day(work, an_id(), store_id="demo", currency="EUR", by="nora", at=at)


def close(
    kind: Literal["month", "year"], period: str, work: Work, *, at: datetime = NEXT_YEAR, closing_id: str | None = None
) -> PeriodRow:
    return close_period(
        work, closing_id or an_id(), kind=kind, period=period, store_id="demo", zone=PARIS, by="nora", at=at
    )


@pytest.fixture
def books(database: Database, shop: Shop) -> Database:
    """Return books with three days in two months."""
    for night in NIGHTS:
        database.write(partial(sell_and_close, shop, night))
    return database


def faults(work: Work) -> list[str]:
    months, years = work.closings.periods("demo", "month"), work.closings.periods("demo", "year")
    return period_faults(work.closings.of("demo"), months, years)


def kept(work: Work) -> list[str]:
    return list(archive(work, "demo", at=NEXT_YEAR))


def test_months_and_a_year_add_up_when_they_are_closed_in_order(books: Database) -> None:
    days = books.read(lambda work: work.closings.of("demo"))

    november = books.write(partial(close, "month", "2026-11"))
    december = books.write(partial(close, "month", "2026-12"))
    year = books.write(partial(close, "year", "2026"))

    assert (november.body["first_part"], november.body["last_part"], december.body["first_part"]) == (1, 2, 3)
    assert november.body["total_minor"] == days[0].body["total_minor"] + days[1].body["total_minor"]
    assert year.body["total_minor"] == sum(day.body["total_minor"] for day in days)
    assert year.body["running_total_minor"] == days[-1].body["running_total_minor"]
    assert december.prev_hash == november.hash
    assert books.read(faults) == []
    _, found = check_archive(books.read(kept))
    assert found == []


@pytest.mark.parametrize(
    ("kind", "period", "code"),
    [
        ("month", "2026-12", "period_before_open"),
        ("year", "2026", "period_before_open"),
        ("month", "2026-10", "nothing_to_close"),
        ("month", "2027-01", "period_running"),
        ("year", "2027", "period_running"),
    ],
)
def test_no_period_is_closed_when_it_is_not_its_turn(
    books: Database, kind: Literal["month", "year"], period: str, code: str
) -> None:
    with pytest.raises(FlowError) as refused:
        books.write(partial(close, kind, period))

    assert refused.value.code == code
    assert books.read(lambda work: work.closings.periods("demo", kind)) == []


def test_one_month_is_closed_when_many_close_it_at_once(books: Database) -> None:
    told = at_once([partial(books.write, partial(close, "month", "2026-11")) for _ in range(4)])

    assert sorted(type(each).__name__ for each in told) == ["FlowError", "FlowError", "FlowError", "PeriodRow"]
    assert len(books.read(lambda work: work.closings.periods("demo", "month"))) == 1


def test_the_same_closing_is_answered_when_its_id_comes_again(books: Database) -> None:
    closing_id = an_id()
    first = books.write(partial(close, "month", "2026-11", closing_id=closing_id))

    assert books.write(partial(close, "month", "2026-11", closing_id=closing_id)) == first


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"total_minor": 1}, "does not add up"),
        ({"running_total_minor": 1}, "does not add up"),
        ({"first_part": 2}, "does not begin where the one before ends"),
    ],
)
def test_a_changed_month_is_found_when_the_books_are_verified(
    books: Database, change: dict[str, Any], fault: str
) -> None:
    november = books.write(partial(close, "month", "2026-11"))

    def forge(work: UnitOfWork) -> None:
        work.connection.execute(update(tables.period_closing).values(body=november.body | change))

    books.write(forge)

    found = books.read(faults)
    assert "month 2026-11 was changed after it was made" in found
    assert any(fault in each for each in found)


def test_one_month_is_proven_alone_when_its_archive_is_checked(books: Database) -> None:
    books.write(partial(close, "month", "2026-11"))
    december = books.write(partial(close, "month", "2026-12"))
    lines = books.read(lambda work: list(archive(work, "demo", at=NEXT_YEAR, period=december)))

    assert check_archive(lines) == (0, [])
    kinds = [json.loads(line)["kind"] for line in lines]
    assert kinds == ["archive", "ticket", "closing", "month", "end"]
    forged = [
        line.replace('"total_minor":', '"total_minor":1', 1) if '"kind":"ticket"' in line else line for line in lines
    ]
    assert any("does not add up" in each for each in check_archive(forged)[1])
    assert check_archive([line for line in lines if '"kind":"month"' not in line])[1][-2:] != []


def test_a_late_closing_belongs_to_the_month_before_when_it_is_made_at_night(books: Database) -> None:
    november = books.write(partial(close, "month", "2026-11", at=NIGHTS[1] + timedelta(days=2)))

    assert november.body["tickets"] == 2

"""What is posted late: the same books, the head of the chain taken after all other rows; both engines."""

import threading

import pytest

from checkout import EUR, PSP_SANDBOX, Money, Posting, Tender, Transfer, TransferKind, hold, main_account, post
from checkout.errors import InsufficientFundsError
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.ports import Work
from server.flows.shop import Shop
from tests.server.builders import NOON, Paying, a_sale, a_shopper, an_id


def money(minor: int) -> Money:
    return Money(minor, EUR)


def held(customer_id: str, minor: int) -> Transfer:
    return hold(an_id(), "pay-1", money(minor), [Tender(main_account(customer_id), money(minor))])


def test_the_books_are_as_if_each_was_posted_at_once_when_they_are_posted_late(database: Database) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    first = held(customer_id, 700)
    second = post(an_id(), "pay-1", first, store="demo")

    def both(work: UnitOfWork) -> tuple[int, int]:
        work.ledger.post([first], at=NOON)
        assert work.ledger.get(first.id) == first
        left = work.ledger.balance_of(main_account(customer_id))
        work.ledger.post([first, second], at=NOON)
        link = work.ledger.link(second.id)
        assert link is not None
        return left, link.position

    left, position = database.write(both, posts_late=True)

    assert (left, position) == (300, 3)
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == 300
    report = database.read(lambda work: work.ledger.verify())
    assert (report.holds, report.transfers) == (True, 3)


def test_nothing_is_posted_when_what_is_in_hand_is_more_than_there_is(database: Database) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))

    def twice(work: UnitOfWork) -> None:
        for _ in range(2):
            work.ledger.post([held(customer_id, 700)], at=NOON)

    with pytest.raises(InsufficientFundsError):
        database.write(twice, posts_late=True)
    assert database.read(lambda work: work.ledger.verify()).transfers == 1


def test_it_is_refused_at_the_end_when_somebody_else_took_the_money_meanwhile(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("nobody else writes meanwhile")
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))

    def overtaken(work: UnitOfWork) -> None:
        work.ledger.post([held(customer_id, 700)], at=NOON)
        other = threading.Thread(
            target=database.write, args=(lambda mine: mine.ledger.post([held(customer_id, 700)], at=NOON),)
        )
        other.start()
        other.join(60)
        assert not other.is_alive()  # the head was free all the time

    with pytest.raises(InsufficientFundsError):
        database.write(overtaken, posts_late=True)
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == 300


def test_the_head_is_taken_after_the_stores_number_when_a_whole_basket_runs_alone(
    doors: list[Database], shop: Shop
) -> None:
    if doors[0].is_sqlite:
        pytest.skip("SQLite has one writer: nobody waits crosswise")
    sale = doors[0].write(lambda work: a_sale(work, shop))
    has_number, may_go_on = threading.Event(), threading.Event()
    begun: list[str] = []

    class Alone(Paying):
        """A request that a batch cannot run."""

        def admit(self, work: Work) -> None:
            if type(work) is not UnitOfWork:
                raise ZeroDivisionError
            begun.append("sale")
            super().admit(work)

    def crosswise(work: UnitOfWork) -> None:
        """Take the store's number, then the head, as every sale does; wait in between."""
        begun.append("other")
        work.tickets.next_number("demo")
        has_number.set()
        assert may_go_on.wait(60)
        top_up = Transfer(an_id(), TransferKind.TOPUP, "test", (Posting(PSP_SANDBOX, main_account("x"), money(5)),))
        work.ledger.post([top_up], at=NOON)

    other = threading.Thread(target=doors[1].write, args=(crosswise,))
    other.start()
    assert has_number.wait(60)
    paying = threading.Thread(target=doors[0].settle, args=([Alone(shop, sale)],))
    paying.start()
    while not doors[0].read(waits_for_row):
        assert paying.is_alive()
    may_go_on.set()
    other.join(60)
    paying.join(60)

    assert sorted(begun) == ["other", "sale"]  # nobody was run again
    payment = doors[0].read(lambda work: work.payments.get(sale.approved.payment_id))
    assert payment is not None
    assert payment.status == "captured"


def waits_for_row(work: UnitOfWork) -> bool:
    query = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    return bool(work.connection.exec_driver_sql(query).scalar_one())

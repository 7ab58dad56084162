"""The ledger, on both engines: it never bends."""

import threading
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from checkout import EUR, PSP_SANDBOX, AccountId, Money, Posting, Transfer, TransferKind, main_account, sales_account
from checkout.errors import InsufficientFundsError
from server.db.database import Database
from tests.server.builders import NOON, an_id

ANNA, BEN, SHOP = main_account("anna"), main_account("ben"), sales_account("demo")


def a_transfer(*moves: tuple[AccountId, AccountId, int], transfer_id: str | None = None) -> Transfer:
    postings = tuple(Posting(debit, credit, Money(minor, EUR)) for debit, credit, minor in moves)
    return Transfer(transfer_id or an_id(), TransferKind.GRANT, "test", postings)


def post(database: Database, *transfers: Transfer) -> None:
    database.write(lambda work: work.ledger.post(transfers, at=NOON))


def balances(database: Database, accounts: Sequence[AccountId]) -> list[int]:
    return database.read(lambda work: [work.ledger.balance_of(account) for account in accounts])


def test_balances_fold_and_sum_to_zero_when_money_moves(database: Database) -> None:
    post(database, a_transfer((PSP_SANDBOX, ANNA, 1000)))

    post(database, a_transfer((ANNA, SHOP, 300), (ANNA, BEN, 200)))

    assert balances(database, [PSP_SANDBOX, ANNA, BEN, SHOP]) == [-1000, 500, 200, 300]
    report = database.read(lambda work: work.ledger.verify())
    assert (report.holds, report.transfers) == (True, 2)


def test_nothing_happens_when_an_account_would_go_below_zero(database: Database) -> None:
    post(database, a_transfer((PSP_SANDBOX, ANNA, 100)))

    with pytest.raises(InsufficientFundsError):
        post(database, a_transfer((ANNA, SHOP, 60)), a_transfer((ANNA, SHOP, 60)))

    assert balances(database, [ANNA, SHOP]) == [100, 0]


def test_money_moves_once_when_a_transfer_arrives_twice(database: Database) -> None:
    twice = a_transfer((PSP_SANDBOX, ANNA, 100))

    post(database, twice, twice)
    post(database, twice)

    assert balances(database, [ANNA]) == [100]
    assert database.read(lambda work: work.ledger.get(twice.id)) == twice


def test_entries_carry_the_balance_after_each_when_an_account_is_read(database: Database) -> None:
    post(database, a_transfer((PSP_SANDBOX, ANNA, 1000)))
    post(database, a_transfer((ANNA, SHOP, 300)))

    entries = database.read(lambda work: work.ledger.entries_of(ANNA))

    assert [(entry.amount_minor, entry.balance_minor) for entry in entries] == [(-300, 700), (1000, 1000)]


def test_pages_say_what_the_whole_says_when_an_account_is_read_from_a_place_on(database: Database) -> None:
    for minor in (1000, 500, 200):
        post(database, a_transfer((PSP_SANDBOX, ANNA, minor)))
        post(database, a_transfer((ANNA, SHOP, 100), (ANNA, SHOP, 50)))

    whole = database.read(lambda work: work.ledger.entries_of(ANNA))
    pages = [
        database.read(lambda work: work.ledger.entries_of(ANNA, below=place))  # noqa: B023 - read at once
        for place in (entry.position for entry in whole)
    ]

    assert len(whole) == 9
    assert pages == [[entry for entry in whole if entry.position < first.position] for first in whole]


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE posting SET amount_minor = amount_minor + 1 WHERE n = 0",
        "UPDATE balance SET balance_minor = balance_minor + 1",
        "DELETE FROM posting WHERE transfer_id = 'last'",
        "UPDATE transfer SET hash = 'x' WHERE position = 1",
        "UPDATE transfer SET kind = 'refund' WHERE position = 2",
    ],
)
def test_verify_notices_when_somebody_edits_the_tables(database: Database, harm: str) -> None:
    post(database, a_transfer((PSP_SANDBOX, ANNA, 1000)))
    post(database, a_transfer((ANNA, SHOP, 300), transfer_id="last"))

    with database.engine.begin() as connection:
        connection.execute(text(harm))

    assert not database.read(lambda work: work.ledger.verify()).holds


def test_last_cent_is_spent_once_when_eight_threads_want_it(database: Database) -> None:
    post(database, a_transfer((PSP_SANDBOX, ANNA, 1)))
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def spend() -> None:
        start.wait()
        try:
            post(database, a_transfer((ANNA, SHOP, 1)))
            outcomes.append("spent")
        except InsufficientFundsError:
            outcomes.append("refused")

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused"] * 7 + ["spent"]
    assert balances(database, [ANNA, SHOP]) == [0, 1]
    assert database.read(lambda work: work.ledger.verify()).holds


MOVES = st.lists(
    st.tuples(
        st.sampled_from([PSP_SANDBOX, ANNA, BEN, SHOP]), st.sampled_from([ANNA, BEN, SHOP]), st.integers(1, 50)
    ).filter(lambda move: move[0] != move[1]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=MOVES)
def test_ledger_holds_whatever_is_posted(database: Database, moves: list[tuple[AccountId, AccountId, int]]) -> None:
    for move in moves:
        try:
            post(database, a_transfer(move))
        except InsufficientFundsError:
            continue

    report = database.read(lambda work: work.ledger.verify())

    assert report.holds, str(report)
    assert min(balances(database, [ANNA, BEN])) >= 0

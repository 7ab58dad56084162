"""A wallet's movements, a page at a time: each once, transfers in one piece, whatever moves meanwhile; both engines."""

from checkout import EUR, PSP_SANDBOX, Money, Posting, Transfer, TransferKind, main_account, till_account
from server.db.database import Database
from server.flows.my_account import Movement, movements, my_account
from server.flows.people import People
from tests.server.builders import NOON, an_id
from tests.server.people.builders import a_customer
from tests.server.people.callers import shopper
from tests.server.people.served import Served

TRANSFERS = 7


def moved(database: Database, customer_id: str, *, pieces: int = 1) -> None:
    posting = Posting(PSP_SANDBOX, main_account(customer_id), Money(100, EUR))
    back = Posting(main_account(customer_id), till_account("demo"), Money(10, EUR))
    more = Transfer(an_id(), TransferKind.TOPUP, "test", (posting, *(back for _ in range(pieces - 1))))
    database.write(lambda work: work.ledger.post([more], at=NOON))


def test_every_movement_comes_once_when_pages_are_read_while_money_moves(database: Database, people: People) -> None:
    customer_id = database.write(lambda work: a_customer(work, people, balance_minor=0)).customer_id
    for _ in range(TRANSFERS):
        moved(database, customer_id, pieces=3)
    whole = database.read(lambda work: my_account(work, customer_id).movements)

    cursor: int | None = None
    pages: list[list[Movement]] = []
    while not pages or cursor is not None:
        page, cursor = database.read(lambda work: movements(work, customer_id, below=cursor, limit=4))  # noqa: B023 - read at once
        pages.append(page)
        moved(database, customer_id)

    assert [movement for page in pages for movement in page] == list(whole)
    assert {len(page) for page in pages} == {3}  # two whole transfers would be six: a page is at most four


def test_a_transfer_is_told_whole_when_it_is_longer_than_a_page(database: Database, people: People) -> None:
    customer_id = database.write(lambda work: a_customer(work, people, balance_minor=0)).customer_id
    for _ in range(2):
        moved(database, customer_id, pieces=3)
    whole = database.read(lambda work: my_account(work, customer_id).movements)

    first, cursor = database.read(lambda work: movements(work, customer_id, below=None, limit=1))
    second, end = database.read(lambda work: movements(work, customer_id, below=cursor, limit=1))

    assert first + second == list(whole)
    assert end is None


def test_the_first_page_ends_with_a_cursor_when_a_shopper_asks_for_few(served: Served) -> None:
    mine = shopper(served, "+33 1 99 00 61 23")
    for minor in (1000, 2000, 3000):
        done = mine.post("/v1/topups", {"topup_id": an_id(), "amount_minor": minor})
        assert done.status_code == 201, done.text

    first = mine.get("/v1/wallets/me/entries?limit=2").json()
    second = mine.get(f"/v1/wallets/me/entries?limit=2&cursor={first['next_cursor']}").json()

    assert [item["amount_minor"] for item in first["items"] + second["items"]] == [3000, 2000, 1000]
    assert [item["balance_minor"] for item in first["items"] + second["items"]] == [6000, 3000, 1000]
    assert second["next_cursor"] is None
    assert mine.get("/v1/wallets/me/entries?cursor=x").json()["code"] == "malformed_request"

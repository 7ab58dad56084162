"""A ticket that friends share, on both engines: each is asked for their lines, and never for more than it cost."""

from functools import partial

import pytest

from checkout.errors import LineNotFoundError
from server.db.database import Database
from server.flows.ask_money import decline
from server.flows.errors import FlowError
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.people import Customer
from server.flows.refund import Returned, refund
from server.flows.send_money import Person
from server.flows.share_ticket import Friend, Shared, share_ticket
from server.flows.shop import Shop
from tests.server.builders import NOON, NUTELLA, PASTA, an_id
from tests.server.people.builders import a_customer, at_once
from tests.server.test_wallet import bought

BEN, CHEN = Person("hash of ben", "1111"), Person("hash of chen", "2222")


@pytest.fixture
def lina(database: Database, people: People) -> Customer:
    return database.write(lambda work: a_customer(work, people, balance_minor=10_000))


@pytest.fixture
def ticket(database: Database, shop: Shop, lina: Customer) -> tuple[str, str, str]:
    """Return a ticket of 5.28 with its two lines, of 3.99 and 1.29."""
    receipt = database.write(lambda work: bought(work, shop, lina.customer_id, NUTELLA, PASTA)).receipt
    assert receipt is not None
    found = database.read(lambda work: work.tickets.get(receipt["ticket"]["ticket_id"]))
    assert found is not None
    first, second = (line["line_id"] for line in found.body["lines"])
    return found.ticket_id, first, second


def shared(
    ticket_id: str, lines: list[set[str]], kept: set[str], me: Customer, work: Work, *, split_id: str = ""
) -> Shared:
    friends = [Friend(person, frozenset(some)) for person, some in zip((BEN, CHEN), lines, strict=False)]
    return share_ticket(work, split_id or an_id(), ticket_id, friends, kept, me, at=NOON)


def refused(database: Database, ticket_id: str, lines: list[set[str]], me: Customer) -> str:
    with pytest.raises(FlowError) as error:
        database.write(partial(shared, ticket_id, lines, set(), me))
    return error.value.code


def test_each_friend_is_asked_for_their_lines_once_when_a_split_comes_twice(
    database: Database, lina: Customer, ticket: tuple[str, str, str]
) -> None:
    ticket_id, jar, pasta = ticket
    split = partial(shared, ticket_id, [{jar}, {jar, pasta}], {jar}, lina, split_id=an_id())

    first, second = (database.write(split) for _ in range(2))

    assert first == second
    assert [(row.amount_minor, row.ticket_id) for row in first.asked] == [(133, ticket_id), (133 + 129, ticket_id)]
    assert first.own_minor == 133
    assert first.asked[0].memo == "Sésame Démo · Magasin 12 · 1"


def test_a_ticket_is_never_asked_for_more_than_it_cost_when_it_is_shared_again_or_goods_come_back(
    database: Database, lina: Customer, ticket: tuple[str, str, str]
) -> None:
    ticket_id, jar, pasta = ticket
    asked = database.write(partial(shared, ticket_id, [{jar}], set(), lina)).asked[0]
    again = refused(database, ticket_id, [{jar}], lina)
    goods_back = Returned(an_id(), ticket_id, {pasta: 1}, "damaged")
    database.write(lambda work: refund(work, goods_back, store_id="demo", by="amal", at=NOON))
    gone = refused(database, ticket_id, [{pasta}], lina)
    ben = Customer("ben", "Ben", BEN.phone_hash, "1111", "x", 0, None, "fr", NOON)
    database.write(lambda work: decline(work, asked.request_id, ben, at=NOON))

    after = database.write(partial(shared, ticket_id, [{jar}, {jar}], set(), lina))

    assert (again, gone) == ("split_too_much", "split_empty")
    assert ([row.amount_minor for row in after.asked], after.own_minor) == ([199, 199], 1)


def test_one_of_16_splits_is_asked_for_when_all_come_at_once(
    database: Database, lina: Customer, ticket: tuple[str, str, str]
) -> None:
    ticket_id, jar, pasta = ticket

    done = at_once(
        [partial(database.write, partial(shared, ticket_id, [{jar, pasta}], set(), lina)) for _ in range(16)]
    )

    assert sum(isinstance(each, Shared) for each in done) == 1
    assert {each.code for each in done if isinstance(each, FlowError)} <= {"split_too_much", "too_many_requests"}


def test_nothing_is_asked_when_the_ticket_is_another_persons_or_has_no_such_line(
    database: Database, people: People, lina: Customer, ticket: tuple[str, str, str]
) -> None:
    other = database.write(lambda work: a_customer(work, people))

    assert refused(database, ticket[0], [{ticket[1]}], other) == "ticket_not_found"
    with pytest.raises(LineNotFoundError):
        database.write(partial(shared, ticket[0], [{"another line"}], set(), lina))

"""Shoppers give back to themselves what is small; a manager decides about the rest, and nothing goes back twice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from checkout import main_account
from checkout.own_refund import NeedsPerson, OwnRefundPolicy
from server.db.database import Database
from server.flows.capture import capture
from server.flows.change_basket import change_line
from server.flows.errors import FlowError
from server.flows.own_refund import ASKED_AT_MOST, Asked, refund_myself
from server.flows.pay import hold_payment
from server.flows.ports import Work
from server.flows.ports.books import RefundRow
from server.flows.ports.proofs import Session
from server.flows.ports.shelf import StoreLimits
from server.flows.refund import Returned
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import open_shopfront
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, a_basket, a_shopper, an_approval, an_id, minted
from tests.server.people.builders import at_once
from tests.server.test_attendance import log_of

pytestmark = pytest.mark.anyio
PAID_MINOR = 50_000


def a_ticket(work: Work, shop: Shop, customer_id: str, pieces: int = 10) -> tuple[str, str]:
    """Sell some jars of 3.99 to somebody; return the ticket and its line."""
    basket_id = a_basket(work, shop, NUTELLA, PASTA)
    line_id = work.baskets.get(basket_id).lines[0].line_id  # type: ignore[union-attr] # it was made a line above
    change_line(work, basket_id, KIOSK, line_id, pieces, version=None, at=NOON)
    approved = an_approval(work, shop, customer_id, basket_id)
    hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=180)
    receipt = capture(work, shop, approved.payment_id, minted(), at=NOON).receipt
    assert receipt is not None
    return receipt["ticket"]["ticket_id"], line_id


class Buyer:
    """Somebody with a ticket, and how they ask."""

    def __init__(self, database: Database, shop: Shop, pieces: int = 10) -> None:
        self.database = database
        self.shop = shop
        self.customer_id = database.write(partial(a_shopper, balance_minor=PAID_MINOR))
        self.ticket_id, self.line_id = database.write(lambda work: a_ticket(work, shop, self.customer_id, pieces))

    def back(self, pieces: int = 1, *, refund_id: str = "", at: datetime = NOON, who: str = "") -> RefundRow | Asked:
        returned = Returned(refund_id or an_id(), self.ticket_id, {self.line_id: pieces}, "damaged")
        return self.database.write(
            lambda work: refund_myself(work, self.shop, returned, who or self.customer_id, at=at)
        )

    def balance(self) -> int:
        return self.database.read(lambda work: work.ledger.balance_of(main_account(self.customer_id)))


@pytest.fixture
def buyer(database: Database, shop: Shop) -> Buyer:
    return Buyer(database, shop)


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(FlowError) as told:
        act()
    return told.value.code


def test_the_money_is_back_and_the_act_is_in_the_log_when_it_is_little(buyer: Buyer) -> None:
    before, refund_id = buyer.balance(), an_id()

    made, again = buyer.back(2, refund_id=refund_id), buyer.back(2, refund_id=refund_id)

    assert isinstance(made, RefundRow)
    assert (made, buyer.balance()) == (again, before + 2 * 399)
    assert made.body["tenders"] == [{"account": "main", "amount_minor": 798}]
    who = f"shopper:{buyer.customer_id}"
    assert log_of(buyer.database, "refund") == [(who, "refund", buyer.ticket_id, "damaged")]


@pytest.mark.parametrize(
    ("pieces", "days", "why"), [(6, 0, NeedsPerson.AMOUNT), (1, 15, NeedsPerson.AGE)], ids=["much", "late"]
)
def test_a_manager_is_asked_and_nothing_moves_when_it_is_more_or_later(
    buyer: Buyer, pieces: int, days: int, why: NeedsPerson
) -> None:
    before, refund_id, at = buyer.balance(), an_id(), NOON + timedelta(days=days)

    asked, again = buyer.back(pieces, refund_id=refund_id, at=at), buyer.back(pieces, refund_id=refund_id, at=at)

    assert isinstance(asked, Asked)
    assert (asked.why, asked, buyer.balance()) == (why, again, before)
    call = buyer.database.read(lambda work: work.interventions.get(refund_id))
    assert call is not None
    assert (call.type, call.state, call.detail["total_minor"]) == ("refund_approval", "open", pieces * 399)


def test_a_manager_is_asked_when_the_small_ones_of_a_day_or_a_month_are_many(database: Database, shop: Shop) -> None:
    buyer = Buyer(database, replace(shop, row=replace(shop.row, limits=StoreLimits(own_refund=SEVEN_A_DAY))))

    told = [buyer.back(1), buyer.back(1, at=NOON + timedelta(hours=23)), buyer.back(1, at=NOON + timedelta(hours=24))]
    often = buyer.back(1, at=NOON + timedelta(hours=48))

    assert [isinstance(one, RefundRow) for one in told] == [True, False, True]
    assert isinstance(often, Asked)
    assert often.why is NeedsPerson.OFTEN


SEVEN_A_DAY = OwnRefundPolicy(most_minor=700, day_minor=700, days=14, in_month=2)


def test_the_days_bound_holds_when_many_ask_at_once(database: Database, shop: Shop) -> None:
    buyer = Buyer(database, replace(shop, row=replace(shop.row, limits=StoreLimits(own_refund=SEVEN_A_DAY))))
    before = buyer.balance()

    told = at_once([partial(buyer.back, 1) for _ in range(6)])

    assert sorted(type(one).__name__ for one in told) == ["Asked"] * 5 + ["RefundRow"]
    assert buyer.balance() == before + 399


def test_nothing_goes_back_when_the_ticket_is_anothers_or_the_goods_are_gone(buyer: Buyer) -> None:
    other = buyer.database.write(partial(a_shopper, name="Ben Morel"))
    before = buyer.balance()

    assert refused(lambda: buyer.back(1, who=other)) == "ticket_not_found"
    assert refused(lambda: buyer.back(11)) == "refund_too_much"
    assert buyer.balance() == before


@pytest.mark.parametrize("word", ["min_age", "weight_g", "warranty_months"])
def test_a_manager_is_asked_when_a_person_must_see_the_goods(buyer: Buyer, word: str) -> None:
    def marked(work: Work) -> None:
        ticket = work.tickets.get(buyer.ticket_id)
        assert ticket is not None
        ticket.body["lines"][0][word] = 18
        held = replace(ticket, body=ticket.body)
        returned = Returned(an_id(), buyer.ticket_id, {buyer.line_id: 1}, "damaged")
        found = refund_myself(Seen(work, held), buyer.shop, returned, buyer.customer_id, at=NOON)  # type: ignore[arg-type] # a window on the transaction
        assert isinstance(found, Asked)
        assert found.why is NeedsPerson.GOODS

    buyer.database.write(marked)


class Seen:
    """A transaction in which one ticket reads otherwise: a ticket is never changed."""

    def __init__(self, work: Work, ticket: object) -> None:
        self._work = work
        self.tickets = self
        self._ticket = ticket

    def get(self, _ticket_id: str) -> object:
        return self._ticket

    def __getattr__(self, name: str) -> object:
        return getattr(self._work, name)


async def test_a_shopper_asks_and_a_manager_agrees_over_http(
    database: Database, database_url: str, shop: Shop, tmp_path: Path
) -> None:
    buyer = Buyer(database, shop, pieces=20)
    forever = NOON + timedelta(days=36500)
    for token, session in (
        ("buyer", Session("shopper", buyer.customer_id, ("shopper",), forever, an_id(), NOON)),
        ("amal", Session("staff", "amal", ("staff_assist", "staff_manager"), forever, an_id(), NOON)),
    ):
        database.write(partial(_let_in, token, session))
    patient = StoreLimits(own_refund=OwnRefundPolicy(days=36_500))  # the server's clock is today's
    database.write(lambda work: work.shelf.put_limits("demo", patient))
    before = buyer.balance()
    lines = [{"line_id": buyer.line_id, "quantity": 1}]
    body = {"refund_id": an_id(), "ticket_id": buyer.ticket_id, "lines": lines, "reason": "damaged"}
    large = body | {"refund_id": an_id(), "lines": [{"line_id": buyer.line_id, "quantity": 6}]}

    async with open_shopfront(database_url, tmp_path) as front:
        small = await front.ask("POST", "/v1/customers/me/refunds", body, token="buyer")
        asked = await front.ask("POST", "/v1/customers/me/refunds", large, token="buyer")
        twice = body | {"refund_id": an_id(), "lines": lines * 2}
        wrong = await front.ask("POST", "/v1/customers/me/refunds", twice, token="buyer")
        nobody = await front.ask("POST", "/v1/customers/me/refunds", body, token=None)
        listed = (await front.ask("GET", "/v1/requests", token="amal")).json()["items"]
        agreed = await front.ask("POST", f"/v1/requests/{large['refund_id']}:approve", token="amal")
        huge = body | {"refund_id": an_id(), "lines": [{"line_id": buyer.line_id, "quantity": 10}]}
        await front.ask("POST", "/v1/customers/me/refunds", huge, token="buyer")
        alone = await front.ask("POST", f"/v1/requests/{huge['refund_id']}:approve", token="amal")

    assert (small.status_code, small.json()["amount_minor"]) == (201, 399)
    assert (asked.status_code, asked.json()["why"], asked.json()["state"]) == (202, "amount", "waiting")
    assert (wrong.status_code, nobody.status_code) == (422, 401)
    assert [(each["amount_minor"], each["reason"]) for each in listed] == [(6 * 399, "damaged")]
    assert (agreed.status_code, buyer.balance()) == (200, before + 7 * 399)
    # Above what a manager decides alone a shopper is no second manager: it stays as it was.
    assert (alone.status_code, alone.json()["code"]) == (403, "second_person_needed")
    assert database.read(lambda work: work.requests.get(str(huge["refund_id"]))).state == "waiting"  # type: ignore[union-attr] # it was asked for above
    call = database.read(lambda work: work.interventions.get(str(large["refund_id"])))
    assert call is not None
    assert call.state == "cancelled"


def _let_in(token: str, session: Session, work: Work) -> None:
    work.sessions.open(token_hash(token), session)


def test_the_staff_are_not_flooded_when_somebody_asks_again_and_again(buyer: Buyer) -> None:
    late, first = NOON + timedelta(days=15), an_id()
    buyer.back(1, refund_id=first, at=late)
    for _ in range(ASKED_AT_MOST - 1):
        buyer.back(1, at=late)

    assert refused(lambda: buyer.back(1, at=late)) == "too_many_requests"
    assert isinstance(buyer.back(1, refund_id=first, at=late), Asked)  # what waits already may be asked for again
    waiting = buyer.database.read(lambda work: work.requests.waiting(limit=100))
    assert len(waiting) == ASKED_AT_MOST

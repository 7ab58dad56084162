"""Large refunds need two: one asks, another agrees, and nothing moves before."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from checkout import main_account
from server.db.database import Database
from server.flows.capture import capture
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.ports import Work
from server.flows.ports.proofs import Session
from server.flows.refund import Returned, refund
from server.flows.second_person import ask_second, decide
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import open_shopfront
from tests.server.builders import KIOSK, NOON, NUTELLA, a_basket, a_shopper, an_approval, an_id, minted
from tests.server.people.builders import at_once

pytestmark = pytest.mark.anyio


def a_ticket(work: Work, shop: Shop, pieces: int = 20) -> tuple[str, str, dict[str, int]]:
    """Sell some glasses and return customer, ticket, and everything that may come back."""
    customer_id = a_shopper(work, balance_minor=50_000)
    approved = an_approval(work, shop, customer_id, a_basket(work, shop, *[NUTELLA] * pieces))
    hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=180)
    receipt = capture(work, shop, approved.payment_id, minted(), at=NOON).receipt
    assert receipt is not None
    ticket = work.tickets.get(receipt["ticket"]["ticket_id"])
    assert ticket is not None
    return customer_id, ticket.ticket_id, {line["line_id"]: line["quantity"] for line in ticket.body["lines"]}


def test_the_parts_of_a_large_refund_need_two_when_they_come_one_by_one(database: Database, shop: Shop) -> None:
    customer_id, ticket_id, lines = database.write(lambda work: a_ticket(work, shop))
    (line_id,) = lines

    def give_back(pieces: int) -> object:
        returned = Returned(an_id(), ticket_id, {line_id: pieces}, "broken")
        return database.write(
            lambda work: refund(work, returned, store_id="demo", by="amal", at=NOON, alone_minor=5000)
        )

    give_back(12)
    with pytest.raises(FlowError) as refused:
        give_back(1)

    assert refused.value.code == "second_person_needed"
    assert database.read(lambda work: work.ledger.balance_of(main_account(customer_id))) == 50_000 - 8 * 399


def test_one_decides_when_many_do_at_once(database: Database) -> None:
    request_id = an_id()
    database.write(lambda work: ask_second(work, request_id, "refund", {}, by="amal", at=NOON))

    def act(who: str, *, is_approved: bool) -> Callable[[], object]:
        def run(work: Work) -> object:
            return decide(work, request_id, is_approved=is_approved, by=who, at=NOON)

        return partial(database.write, run)

    told = at_once([act("karim", is_approved=True), act("sacha", is_approved=False), act("amal", is_approved=True)])

    codes = sorted(each.code if isinstance(each, FlowError) else "decided" for each in told)
    assert codes == ["decided", "own_request", "request_decided"]


MANAGERS = {"amal": "token-of-amal", "karim": "token-of-karim"}


def _open(work: Work, *, token: str, session: Session) -> None:
    work.sessions.open(token_hash(token), session)


async def test_money_moves_once_when_a_second_manager_agrees(database: Database, shop: Shop, tmp_path: Path) -> None:
    customer_id, ticket_id, lines = database.write(lambda work: a_ticket(work, shop))
    for login, token in MANAGERS.items():
        session = Session("staff", login, ("staff_manager",), NOON.replace(year=NOON.year + 50))
        open_session = partial(_open, token=token, session=session)
        database.write(open_session)
    wanted = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in lines.items()]
    body = {"refund_id": an_id(), "ticket_id": ticket_id, "lines": wanted, "reason": "broken"}

    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), tmp_path) as front:
        asked = await front.ask("POST", "/v1/refunds", body, token=MANAGERS["amal"])
        balance_before = database.read(lambda work: work.ledger.balance_of(main_account(customer_id)))
        approve = f"/v1/requests/{body['refund_id']}:approve"
        own = await front.ask("POST", approve, token=MANAGERS["amal"])
        listed = await front.ask("GET", "/v1/requests", token=MANAGERS["karim"])
        agreed = await front.ask("POST", approve, token=MANAGERS["karim"])
        again = await front.ask("POST", approve, token=MANAGERS["karim"])

    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert (own.status_code, own.json()["code"]) == (403, "own_request")
    assert [(each["asked_by"], each["amount_minor"]) for each in listed.json()["items"]] == [("amal", 7980)]
    assert (agreed.status_code, agreed.json()["refund"]["amount_minor"]) == (200, 7980)
    assert again.json()["code"] == "request_decided"
    balance = database.read(lambda work: work.ledger.balance_of(main_account(customer_id)))
    assert (balance_before, balance) == (50_000 - 7980, 50_000)


async def test_a_manager_finds_a_ticket_by_its_number_with_what_can_still_come_back(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    _, ticket_id, lines = database.write(lambda work: a_ticket(work, shop, pieces=3))
    (line_id,) = lines
    returned = Returned(an_id(), ticket_id, {line_id: 1}, "broken")
    database.write(lambda work: refund(work, returned, store_id="demo", by="amal", at=NOON))
    number = database.read(lambda work: work.tickets.get(ticket_id)).number  # type: ignore[union-attr] # it was kept above
    session = Session("staff", "amal", ("staff_manager",), NOON.replace(year=NOON.year + 50))
    database.write(partial(_open, token=MANAGERS["amal"], session=session))
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), tmp_path) as front:
        found = await front.ask("GET", f"/v1/tickets?number={number}", token=MANAGERS["amal"])
        none = await front.ask("GET", f"/v1/tickets?number={number + 1}", token=MANAGERS["amal"])
        kiosk = await front.ask("GET", f"/v1/tickets?number={number}")

    assert (found.status_code, found.json()["ticket_id"], found.json()["ticket_number"]) == (200, ticket_id, number)
    assert [(each["quantity"], each["left"]) for each in found.json()["lines"]] == [(3, 2)]
    assert (none.status_code, none.json()["code"]) == (404, "ticket_not_found")
    assert kiosk.status_code == 403

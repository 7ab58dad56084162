"""Somebody leaves for good: paid out first, then nothing leads from their number to anything. Both engines."""

import asyncio
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from checkout import (
    Money,
    Posting,
    Transfer,
    TransferKind,
    cashback_account,
    funder_account,
    main_account,
    till_account,
)
from checkout.assertion import DEFAULT_STEP_UP
from checkout.money import currency
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.attend import Resolution, claim_call, resolve_call
from server.flows.close_account import ASKS, PENDING, ask_pay_out, close_account, left_in
from server.flows.enrol import enrol, prepare
from server.flows.errors import FlowError
from server.flows.household import invite
from server.flows.leave import ticket_of
from server.flows.log_in import log_in_shopper
from server.flows.peer_words import declare_adult
from server.flows.people import People
from server.flows.pins import prove_pin
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.ports.people import Customer
from server.flows.refund import Returned, refund
from server.flows.send_money import Person, Sending, cancel, send_money
from server.flows.settle_call import settle_call
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from server.flows.top_up import start_top_up
from tests.server.apps import open_shopfront
from tests.server.builders import NOON, PHONES, a_coupon, an_id
from tests.server.people.builders import PIN, a_customer, a_face, a_number, an_enrolment, at_once
from tests.server.test_merchants import sell

EUR = currency("EUR")


class Leaver:
    """Somebody with an account, who wants to leave."""

    def __init__(self, database: Database, shop: Shop, people: People, *, balance_minor: int = 0) -> None:
        self.database, self.shop = database, shop
        self.phone = a_number()
        self.customer = database.write(
            lambda work: a_customer(work, people, phone=self.phone, balance_minor=balance_minor)
        )
        self.customer_id = self.customer.customer_id

    def ask(self, payout_id: str | None = None, *, at: datetime = NOON) -> Intervention:
        name = payout_id or an_id()
        return self.database.write(
            lambda work: ask_pay_out(work, self.shop, self.customer_id, name, code="0417", at=at)
        )

    def hand_out(self, call: Intervention, amount_minor: int) -> None:
        how = Resolution(approved=True, reason="given", tender="cash", on_the_spot=True, amount_minor=amount_minor)

        def settled(work: Work, open_call: Intervention, told: Resolution) -> None:
            settle_call(work, self.shop, open_call, told, by="amal", at=NOON, pay=lambda *_: None)

        def flow(work: Work) -> None:
            claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON)
            resolve_call(work, call.intervention_id, how, store_id="demo", by="amal", at=NOON, settle=settled)

        self.database.write(flow)

    def close(self, gives_up_minor: int = 0, *, closing_id: str | None = None, at: datetime = NOON) -> None:
        name = closing_id or an_id()
        self.database.write(
            lambda work: close_account(work, self.shop, self.customer_id, name, gives_up_minor=gives_up_minor, at=at)
        )

    def refused(self, gives_up_minor: int = 0) -> tuple[str, dict[str, object]]:
        with pytest.raises(FlowError) as refusal:
            self.close(gives_up_minor)
        return refusal.value.code, refusal.value.facts

    def now(self) -> Customer:
        found = self.database.read(lambda work: work.customers.get(self.customer_id))
        assert found is not None
        return found

    def earn(self, minor: int) -> None:
        given = Posting(funder_account("brand"), cashback_account(self.customer_id), Money(minor, EUR))
        transfer = Transfer(an_id(), TransferKind.CASHBACK, "x", (given,))
        self.database.write(lambda work: work.ledger.post([transfer], at=NOON))


@pytest.fixture
def leaver(database: Database, shop: Shop, people: People) -> Leaver:
    return Leaver(database, shop, people)


def test_the_desk_hands_the_money_out_and_then_all_is_erased_when_somebody_leaves(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=1250)
    assert leaver.refused() == ("account_not_empty", {"balance_minor": 1250})

    call = leaver.ask()
    again = leaver.ask(call.intervention_id)
    leaver.hand_out(call, 1250)
    leaver.close()

    assert (call.type, call.detail["total_minor"], call.detail["sign"]) == ("pay_out", 1250, "0417")
    assert again.intervention_id == call.intervention_id
    wallet, till = (main_account(leaver.customer_id), till_account("demo"))
    assert [database.read(lambda work, one=one: work.ledger.balance_of(one)) for one in (wallet, till)] == [0, 1250]  # type: ignore[misc] # bound now
    nobody = leaver.now()
    assert (nobody.name, nobody.phone_last4, nobody.pin_hash) == ("", "----", "")
    with pytest.raises(FlowError, match="no such account"):
        leaver.close()


def test_the_till_hands_out_what_goes_back_when_goods_come_back_after_their_buyer_left(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=399)
    sold = sell(database, shop, customer_id=leaver.customer_id)
    leaver.close()
    ticket = (sold.receipt or {})["ticket"]
    kept = database.read(lambda work: ticket_of(work, ticket["ticket_id"]))
    lines = {line["line_id"]: line["quantity"] for line in kept.body["lines"]}
    back = Returned(an_id(), ticket["ticket_id"], lines, "damaged")

    made, again = (
        database.write(lambda work: refund(work, back, store_id="demo", by="amal", at=NOON)) for _ in range(2)
    )

    assert made.body["paid_out_minor"] == made.amount_minor == 399
    assert again.body == made.body
    wallet, till = (main_account(leaver.customer_id), till_account("demo"))
    assert [database.read(lambda work, one=one: work.ledger.balance_of(one)) for one in (wallet, till)] == [0, 399]  # type: ignore[misc] # bound now
    assert database.read(lambda work: work.ledger.verify()).holds


def test_nothing_is_handed_out_when_the_wallet_holds_another_amount_by_now(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=1250)
    call = leaver.ask()
    sell(database, shop, customer_id=leaver.customer_id)

    for amount_minor in (1250, 1250 - 399):
        with pytest.raises(FlowError) as refusal:
            leaver.hand_out(call, amount_minor)
        assert refusal.value.code == "amount_differs"

    assert database.read(lambda work: work.ledger.balance_of(till_account("demo"))) == 0


def test_the_balance_is_handed_out_once_when_two_calls_are_closed_at_once(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=500)
    calls = [leaver.ask(), leaver.ask()]

    def try_it(call: Intervention) -> str:
        try:
            leaver.hand_out(call, 500)
        except FlowError as refusal:
            return refusal.code
        return "given"

    assert sorted(at_once([partial(try_it, call) for call in calls])) == ["amount_differs", "given"]


def test_cashback_is_given_up_knowingly_when_somebody_leaves(leaver: Leaver) -> None:
    leaver.earn(120)

    assert leaver.refused() == ("account_changed", {"given_up_minor": 120})
    leaver.close(120)

    given_up = leaver.database.read(lambda work: work.ledger.balance_of(funder_account("given-up")))
    assert given_up == 120


def test_nobody_leaves_when_money_may_still_move(leaver: Leaver) -> None:
    facts = {"customer_id": leaver.customer_id, "currency_code": "EUR", "provider": "sandbox"}
    leaver.database.write(lambda work: start_top_up(work, topup_id=an_id(), amount_minor=500, at=NOON, **facts))

    assert leaver.refused()[0] == "account_busy"
    leaver.close(at=NOON + PENDING + timedelta(seconds=1))


def test_nobody_leaves_when_money_comes_back_while_it_is_asked_what_lies_there(
    doors: list[Database], shop: Shop, people: People
) -> None:
    if doors[0].is_sqlite:
        pytest.skip("nobody else writes meanwhile")
    leaver = Leaver(doors[0], shop, people, balance_minor=300)
    doors[0].write(lambda work: declare_adult(work, leaver.customer, at=NOON))
    order = Sending(an_id(), Person("hash of a number that nobody has", "0000"), Money(300, EUR), "")
    doors[0].write(lambda work: send_money(work, order, leaver.customer, proof=None, policy=DEFAULT_STEP_UP, at=NOON))
    assert leaver.refused() == ("account_busy", {})

    def closing(work: UnitOfWork) -> None:
        looks = work.idle_accounts.is_moving

        def is_moving(customer_id: str, *, since: datetime) -> bool:
            doors[1].write(lambda other: cancel(other, order.transfer_id, leaver.customer, at=NOON))
            return looks(customer_id, since=since)

        work.idle_accounts.is_moving = is_moving  # type: ignore[method-assign] # the other device is as quick as that
        close_account(work, shop, leaver.customer_id, an_id(), gives_up_minor=0, at=NOON)

    with pytest.raises(FlowError) as refusal:
        doors[0].write(closing)

    assert (refusal.value.code, refusal.value.facts) == ("account_not_empty", {"balance_minor": 300})


def test_no_session_is_opened_when_the_account_is_closed_while_the_pin_is_proven(
    leaver: Leaver, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def prove_and_leave(*given: Any, **more: Any) -> None:
        await prove_pin(*given, **more)
        leaver.close()  # on the other device

    monkeypatch.setattr("server.flows.log_in.prove_pin", prove_and_leave)
    by: dict[str, Any] = {"phone": leaver.phone, "pin": PIN, "token": "token", "at": NOON, "life": timedelta(hours=1)}

    with pytest.raises(FlowError) as refusal:
        asyncio.run(log_in_shopper(leaver.database, people, **by))

    assert refusal.value.code == "login_wrong"
    assert leaver.database.read(lambda work: work.callers.by_token(token_hash("token"), at=NOON)) is None


def test_no_top_up_begins_when_the_account_is_closed_already(leaver: Leaver) -> None:
    leaver.close()
    facts = {"customer_id": leaver.customer_id, "currency_code": "EUR", "provider": "sandbox"}

    with pytest.raises(FlowError) as refusal:
        leaver.database.write(lambda work: start_top_up(work, topup_id=an_id(), amount_minor=500, at=NOON, **facts))

    assert refusal.value.code == "shopper_unknown"


def test_no_face_is_kept_when_the_account_is_closed_while_the_pin_is_proven(leaver: Leaver, people: People) -> None:
    asked = an_enrolment(phone=leaver.phone)
    known = asyncio.run(prepare(leaver.database, people, asked, at=NOON))
    leaver.close()

    with pytest.raises(FlowError) as refusal:
        leaver.database.write(lambda work: enrol(work, asked, known, store_id="demo", at=NOON))

    assert refusal.value.code == "shopper_unknown"
    assert leaver.database.read(lambda work: work.references.of(leaver.customer_id)) == []


def test_nobody_leaves_for_a_day_when_a_pass_was_given(leaver: Leaver) -> None:
    old = NOON - timedelta(days=9)
    leaver.database.write(lambda work: work.offline.give_pass("p" * 32, leaver.customer_id, at=old))
    assert not leaver.database.read(lambda work: left_in(work, leaver.customer_id, at=NOON)).is_busy

    leaver.database.write(lambda work: work.offline.give_pass("p" * 32, leaver.customer_id, at=NOON))

    assert leaver.refused()[0] == "account_busy"


def test_the_desk_is_called_a_few_times_a_day_when_somebody_asks_and_asks(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=100)
    for _ in range(ASKS.allowed):
        leaver.ask()

    with pytest.raises(FlowError) as refusal:
        leaver.ask()

    assert refusal.value.code == "too_many_requests"
    with pytest.raises(FlowError) as nothing:
        Leaver(database, shop, people).ask()
    assert nothing.value.code == "pay_out_nothing"


def by_number(work: UnitOfWork, phone_hash: str) -> list[str]:
    """Return every column where a number is found."""
    columns = [
        one
        for table in tables.metadata.sorted_tables
        for one in table.c
        if one.name.endswith("phone_hash") or one.name == "used_by"
    ]
    rows = [(one, work.connection.execute(select(one).where(one == phone_hash)).first()) for one in columns]
    return [f"{one.table.name}.{one.name}" for one, row in rows if row is not None]


def test_no_row_holds_the_number_and_the_tickets_stay_when_somebody_has_left(
    database: Database, shop: Shop, people: People
) -> None:
    leaver = Leaver(database, shop, people, balance_minor=399)
    number = leaver.customer.phone_hash
    sold = sell(database, shop, customer_id=leaver.customer_id)
    database.write(lambda work: a_face(work, leaver.customer))
    database.write(lambda work: invite(work, PHONES, number, at=NOON, new_id=an_id))
    code = database.write(a_coupon)
    held = tables.coupon.update().where(tables.coupon.c.code == code).values(holder_phone_hash=number)
    database.write(lambda work: work.connection.execute(held))
    assert set(database.read(lambda work: by_number(work, number))) >= {
        "customer.phone_hash",
        "payment.phone_hash",
        "coupon.holder_phone_hash",
        "household_member.phone_hash",
    }
    left = database.read(lambda work: left_in(work, leaver.customer_id, at=NOON))

    leaver.close()

    assert left.coupons == 1
    assert database.read(lambda work: by_number(work, number)) == []
    payment = database.read(lambda work: work.payments.get(sold.payment_id))
    assert payment is not None
    assert (payment.payer, payment.amount_minor) == (None, 399)
    ticket = database.read(lambda work: work.tickets.get(str((payment.receipt or {})["ticket"]["ticket_id"])))
    assert ticket is not None
    assert database.read(lambda work: work.references.of(leaver.customer_id)) == []


def test_somebody_thought_of_leaving_when_a_table_has_the_hash_of_a_number() -> None:
    """Whoever adds a column of numbers says here, and in `IdleStore.close`, what becomes of it."""
    hashes = {
        f"{table.name}.{one.name}"
        for table in tables.metadata.sorted_tables
        for one in table.c
        if "phone_hash" in one.name
    }

    assert hashes == {
        "basket.member_phone_hash",
        "basket_check.phone_hash",
        "campaign_held_out.phone_hash",
        "coupon.holder_phone_hash",
        "credit_row.phone_hash",
        "customer.phone_hash",
        "household_member.phone_hash",
        "money_request.phone_hash",
        "payment.phone_hash",
        "peer_contact.phone_hash",  # stays: what others call somebody is theirs
        "peer_transfer.phone_hash",
        "phone_code.phone_hash",
        "purse.phone_hash",
        "share_claim.phone_hash",
    }


def answered(customer_id: str, work: Work) -> list[int]:
    """Return the status of each answer that is kept for somebody's phone."""
    assert isinstance(work, UnitOfWork)
    kept = tables.idempotency.c
    mine = select(kept.status).where(kept.principal == f"shopper:{customer_id}")
    return list(work.connection.execute(mine).scalars())


@pytest.mark.usefixtures("database")
def test_a_phone_leaves_over_http_and_its_receipt_stays_when_the_session_is_gone(
    database_url: str, tmp_path: Path
) -> None:
    async def leave() -> None:
        async with open_shopfront(database_url, tmp_path) as front:
            phone = {"customer_id": an_id(), "name": "Lina Durand", "phone": a_number(), "pin": PIN, "locale": "fr"}
            await front.ask("POST", "/v1/customers", phone, token=None)
            login = {"phone": phone["phone"], "pin": PIN}
            token = (await front.ask("POST", "/v1/shopper/sessions", login, token=None)).json()["token"]
            await front.ask("POST", "/v1/topups", {"topup_id": an_id(), "amount_minor": 500}, token=token)
            lies = (await front.ask("GET", "/v1/customers/me/leaving", token=token)).json()
            assert lies == {
                "balance_minor": 500, "given_up_minor": 0, "owed_minor": 0, "coupons": 0, "is_busy": False
            }  # fmt: skip
            closing = {"closing_id": an_id(), "pin": PIN, "gives_up_minor": 0}
            wrong = await front.ask("POST", "/v1/customers/me/closings", closing | {"pin": "9026"}, token=token)
            early = await front.ask("POST", "/v1/customers/me/closings", closing, token=token)
            assert [(one.status_code, one.json()["code"]) for one in (wrong, early)] == [
                (401, "pin_wrong"),
                (409, "account_not_empty"),
            ]
            asked = await front.ask("POST", "/v1/customers/me/payouts", {"payout_id": an_id(), "pin": PIN}, token=token)
            assert (asked.status_code, asked.json()["amount_minor"], len(asked.json()["code"])) == (201, 500, 4)
            given = Posting(main_account(phone["customer_id"]), till_account("demo"), Money(500, EUR))
            transfer = Transfer(an_id(), TransferKind.PAYOUT, "x", (given,))
            await front.house.database.write_async(lambda work: work.ledger.post([transfer], at=NOON))
            done = await front.ask("POST", "/v1/customers/me/closings", closing, token=token)
            after = await front.ask("GET", "/v1/customers/me", token=token)
            receipt = await front.ask("GET", f"/v1/erasures/{closing['closing_id']}", token=None)
            assert (done.status_code, after.status_code, receipt.json()) == (201, 401, done.json())
            answers = await front.house.database.read_async(partial(answered, phone["customer_id"]))
            assert answers == [201]  # of the closing itself, which is the receipt

    asyncio.run(leave())

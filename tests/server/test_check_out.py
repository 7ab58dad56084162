"""Whole baskets, settled many at a time, on both engines: the rules of the two steps, one outcome each."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from checkout import BasketState, campaign_account, main_account, sales_account
from checkout.errors import (
    AgeCheckRequiredError,
    AssertionUsedError,
    BasketChangedError,
    CheckoutError,
    CouponNotFoundError,
    CouponRedeemedError,
    CouponReservedError,
    InsufficientFundsError,
    ProductNotFoundError,
    StepUpRequiredError,
)
from server.api.idempotency import Answer
from server.api.routes.checkouts import Checkout, NewCheckout
from server.db import settler, tables
from server.db.database import Database
from server.flows.capture import capture
from server.flows.check_out import admit
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.ports import Caller, Work
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Consent
from server.flows.ports.proofs import Authentication, Session
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import (
    GATE_TOKEN,
    KIOSK,
    KIOSK_TOKEN,
    NOON,
    NUTELLA,
    PASTA,
    PHONES,
    WINE,
    Paying,
    Sale,
    a_basket,
    a_coupon,
    a_sale,
    a_shopper,
    an_approval,
    an_id,
    minted,
)
from tests.server.stocked import a_small_store


def sell(database: Database, shop: Shop, *codes: str, **facts: Any) -> Sale:
    return database.write(lambda work: a_sale(work, shop, *codes, **facts))


def settle(database: Database, shop: Shop, *sales: Sale) -> list[Any]:
    return database.settle([Paying(shop, sale) for sale in sales])


def balance(database: Database, customer_id: str) -> int:
    return database.read(lambda work: work.ledger.balance_of(main_account(customer_id)))


def ticket_of(database: Database, payment: PaymentRow) -> dict[str, Any]:
    assert payment.receipt is not None
    ticket = database.read(lambda work: work.tickets.get(payment.receipt["ticket"]["ticket_id"]))  # type: ignore[index] # asserted above
    assert ticket is not None
    return ticket.body


def alike(body: dict[str, Any], coupon: str) -> dict[str, Any]:
    """Return a ticket without what differs from sale to sale."""
    same: dict[str, Any] = json.loads(json.dumps(body).replace(coupon, "COUPON"))
    for line in same["lines"]:
        del line["line_id"]
    return {name: value for name, value in same.items() if name not in {"ticket_id", "number", "chain", "rules"}}


def count(database: Database, table: Any) -> int:
    query = select(func.count()).select_from(table)
    return int(database.read(lambda work: work.connection.execute(query).scalar_one()))


def shared(outcomes: Sequence[object], kind: type) -> int:
    return sum(isinstance(outcome, kind) for outcome in outcomes)


def test_a_whole_basket_leaves_what_two_steps_leave_when_it_is_paid(database: Database, shop: Shop) -> None:
    codes = (NUTELLA, PASTA, PASTA, PASTA)
    first, second = (database.write(a_coupon) for _ in range(2))
    sale = sell(database, shop, *codes, coupons=(first,))
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))

    (whole,) = settle(database, shop, sale)

    def steps(work: Work) -> PaymentRow:
        basket_id = a_basket(work, shop, *codes)
        row = work.baskets.get(basket_id)
        assert row is not None
        work.baskets.put(replace(row, coupon_codes=(second,)))
        approved = an_approval(work, shop, customer_id, basket_id)
        hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=180)
        return capture(work, shop, approved.payment_id, minted(), at=NOON)

    stepped = database.write(steps)
    assert alike(ticket_of(database, whole), first) == alike(ticket_of(database, stepped), second)
    assert balance(database, sale.customer_id) == balance(database, customer_id) == 5000 - whole.amount_minor
    assert (whole.status, whole.tenders) == ("captured", stepped.tenders)
    basket = database.read(lambda work: work.baskets.get(sale.whole.basket_id))
    assert basket is not None
    assert basket.state is BasketState.PAID
    coupon = database.read(lambda work: work.coupons.get(first))
    assert coupon is not None
    assert coupon.state == "redeemed"
    assert database.read(lambda work: work.ledger.balance_of(campaign_account(coupon.campaign_id))) == -200
    assert database.read(lambda work: work.ledger.verify()).holds


def test_numbers_have_no_gap_and_the_chain_holds_when_a_batch_has_refusals(database: Database, shop: Shop) -> None:
    good = [sell(database, shop) for _ in range(5)]
    poor = sell(database, shop, balance_minor=100)
    twice = sell(database, shop, coupons=(database.write(a_coupon),))
    other = sell(database, shop, coupons=twice.whole.coupon_codes)
    dear = replace(good[4], approved=replace(good[4].approved, amount_minor=1, payment_id=an_id()))

    outcomes = settle(database, shop, good[0], poor, good[1], dear, twice, other, *good[2:])

    assert isinstance(outcomes[1], InsufficientFundsError)
    assert isinstance(outcomes[3], BasketChangedError)
    assert isinstance(outcomes[5], CouponReservedError | CouponRedeemedError)
    paid = [outcome for outcome in outcomes if isinstance(outcome, PaymentRow)]
    numbers = [payment.receipt["ticket"]["number"] for payment in paid if payment.receipt]
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert database.write(lambda work: work.tickets.next_number("demo")) == 7
    assert balance(database, poor.customer_id) == 100
    assert count(database, tables.basket) == 6
    report = database.read(lambda work: work.ledger.verify())
    assert report.holds, str(report)


def test_the_first_outcome_comes_again_when_a_sale_is_repeated(database: Database, shop: Shop) -> None:
    sale = sell(database, shop)

    (first,) = settle(database, shop, sale)
    again = settle(database, shop, sale, sale)

    assert [each.receipt for each in again] == [first.receipt, first.receipt]
    assert balance(database, sale.customer_id) == 5000 - 399
    assert count(database, tables.ticket) == 1


def test_a_sale_is_captured_once_when_it_stands_twice_in_one_batch(database: Database, shop: Shop) -> None:
    sale = sell(database, shop)

    first, second = settle(database, shop, sale, sale)

    assert first.receipt == second.receipt
    assert count(database, tables.ticket) == 1


def test_both_pay_in_turn_when_one_customer_stands_twice_in_a_batch(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=500))
    sales = [sell(database, shop, customer_id=customer_id) for _ in range(2)]

    outcomes = settle(database, shop, *sales)

    assert (shared(outcomes, PaymentRow), shared(outcomes, InsufficientFundsError)) == (1, 1)
    assert balance(database, customer_id) == 101


def test_a_face_pays_so_often_and_no_more_when_its_sales_come_at_once(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    consent = Consent(an_id(), customer_id, FACE_PAYMENT, "2026-11-1", "fr", "kiosk", NOON, None)
    database.write(lambda work: work.consents.give(consent))
    sales = [sell(database, shop, customer_id=customer_id, factors=("face",)) for _ in range(8)]

    outcomes = settle(database, shop, *sales)

    assert shared(outcomes, PaymentRow) == shop.step_up.payments
    assert shared(outcomes, StepUpRequiredError) == 8 - shop.step_up.payments


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda sale: replace(sale, whole=replace(sale.whole, coupon_codes=("AAAA-BBBB-CCCC",))), CouponNotFoundError),
        (
            lambda sale: replace(
                sale, whole=replace(sale.whole, lines=(replace(sale.whole.lines[0], code="4006381333900"),))
            ),
            CheckoutError,
        ),
        (
            lambda sale: replace(
                sale, whole=replace(sale.whole, lines=(replace(sale.whole.lines[0], code=None, sku="none"),))
            ),
            ProductNotFoundError,
        ),
        (
            lambda sale: replace(sale, whole=replace(sale.whole, lines=(replace(sale.whole.lines[0], code=WINE),))),
            (BasketChangedError, AgeCheckRequiredError),
        ),
    ],
)
def test_nothing_moves_when_a_whole_basket_is_refused(
    database: Database, shop: Shop, change: Any, refusal: Any
) -> None:
    sale = sell(database, shop)

    (outcome,) = settle(database, shop, change(sale))

    assert isinstance(outcome, refusal)
    assert balance(database, sale.customer_id) == 5000
    assert count(database, tables.payment) == count(database, tables.basket) == 0


def test_an_approval_pays_once_when_two_payments_name_it(database: Database, shop: Shop) -> None:
    sale = sell(database, shop)
    other = replace(sale, approved=replace(sale.approved, payment_id=an_id()))
    third = replace(
        sale,
        approved=replace(sale.approved, payment_id=an_id()),
        whole=replace(sale.whole, basket_id=an_id()),
    )

    outcomes = settle(database, shop, sale, other, third)

    assert isinstance(outcomes[0], PaymentRow)
    assert isinstance(outcomes[1], FlowError)  # the basket is there already
    assert isinstance(outcomes[2], CheckoutError | FlowError)
    assert balance(database, sale.customer_id) == 5000 - 399
    (late,) = settle(database, shop, replace(sale, approved=replace(sale.approved, payment_id=an_id())))
    assert isinstance(late, FlowError | AssertionUsedError)


class Poison(Paying):
    """A request with a fault of ours in its second step."""

    def finish(self, work: Work) -> PaymentRow:
        super().finish(work)
        raise ZeroDivisionError


def test_the_others_are_paid_when_one_request_spoils_its_batch(database: Database, shop: Shop) -> None:
    sales = [sell(database, shop) for _ in range(7)]
    batch = [Paying(shop, sale) for sale in sales]
    batch[3] = Poison(shop, sales[3])

    outcomes = database.settle(batch)

    assert isinstance(outcomes[3], ZeroDivisionError)
    assert shared(outcomes, PaymentRow) == 6
    assert balance(database, sales[3].customer_id) == 5000
    assert database.write(lambda work: work.tickets.next_number("demo")) == 7
    assert database.read(lambda work: work.ledger.verify()).holds


def test_a_coupon_comes_with_each_ticket_and_no_more_when_a_campaign_runs_out(database: Database, shop: Shop) -> None:
    code = database.write(lambda work: a_coupon(work, budget_minor=1_000_000))
    issuing = database.read(lambda work: work.coupons.get(code))
    assert issuing is not None

    def print_on_tickets(work: Work) -> None:
        row = work.campaigns.get(issuing.campaign_id)
        assert row is not None
        campaign = replace(row, campaign_id=an_id(), issue_on_ticket=True, limit_coupons=3, issued=0)
        work.campaigns.add(campaign)

    database.write(print_on_tickets)
    sales = [sell(database, shop) for _ in range(5)]

    outcomes = settle(database, shop, *sales)

    given = [payment.receipt["coupon"] is not None for payment in outcomes if payment.receipt]
    assert given == [True, True, True, False, False]
    later = settle(database, shop, sell(database, shop))
    assert later[0].receipt["coupon"] is None


def test_many_are_settled_in_few_transactions_when_they_come_at_once(database: Database, shop: Shop) -> None:
    sales = [sell(database, shop) for _ in range(40)]

    async def all_at_once() -> list[PaymentRow]:
        return await asyncio.gather(*(database.settle_async(Paying(shop, sale)) for sale in sales))

    payments = asyncio.run(all_at_once())

    assert len({payment.receipt["ticket"]["number"] for payment in payments if payment.receipt}) == 40
    assert database.tally["settled"] == 40
    assert database.tally["alone"] == 0
    assert database.tally["batches"] < 20
    assert database.read(lambda work: work.ledger.balance_of(sales_account("demo"))) == 40 * 399
    assert database.read(lambda work: work.ledger.verify()).holds


class Meeting(Paying):
    """A sale in the midst of whose pricing another one comes in."""

    def __init__(self, shop: Shop, sale: Sale, comes: Callable[[], None]) -> None:
        super().__init__(shop, sale)
        self._comes = comes

    def foresee(self, work: Work) -> None:
        super().foresee(work)
        self._comes()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_comes_while_a_batch_is_priced_is_in_its_transaction_when_it_is_settled(
    database: Database, shop: Shop
) -> None:
    first, second = (sell(database, shop) for _ in range(2))

    async def one_behind_the_other() -> list[PaymentRow]:
        loop = asyncio.get_running_loop()
        joined: list[asyncio.Task[PaymentRow]] = []

        async def ask() -> None:
            joined.append(asyncio.create_task(database.settle_async(Paying(shop, second))))
            await asyncio.sleep(0)  # the task has its first turn: now the sale waits

        def comes() -> None:
            asyncio.run_coroutine_threadsafe(ask(), loop).result()

        earlier = await database.settle_async(Meeting(shop, first, comes))
        return [earlier, *await asyncio.gather(*joined)]

    payments = asyncio.run(one_behind_the_other())

    assert [payment.status for payment in payments] == ["captured", "captured"]
    assert database.tally == {"batches": 1, "settled": 2}


def test_a_sender_is_told_when_to_come_again_when_the_queue_is_full(
    database: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settler, "MOST_WAITING", 2)
    sales = [sell(database, shop) for _ in range(12)]

    async def all_at_once() -> list[Any]:
        asked = (database.settle_async(Paying(shop, sale)) for sale in sales)
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(all_at_once())

    busy = [outcome for outcome in outcomes if isinstance(outcome, FlowError)]
    assert busy
    assert {(error.code, error.facts["retry_after_seconds"]) for error in busy} == {("busy", 1)}
    paid = shared(outcomes, PaymentRow)
    assert paid + len(busy) == 12
    assert count(database, tables.ticket) == paid


def test_an_approval_that_is_over_pays_nothing_when_it_comes_late(database: Database, shop: Shop) -> None:
    sale = sell(database, shop)

    (outcome,) = database.settle([Paying(shop, sale, at=NOON + timedelta(minutes=5))])

    assert isinstance(outcome, CheckoutError)
    assert balance(database, sale.customer_id) == 5000


async def shown(front: Shopfront, *codes: str) -> dict[str, Any]:
    """Price a whole basket over HTTP and return the body that pays it, approved by a shopper with money."""
    basket = {"basket_id": an_id(), "lines": [{"line_id": an_id(), "code": code} for code in codes], "coupons": []}
    quoted = await front.ask("POST", "/v1/checkouts:quote", basket)
    assert quoted.status_code == 200, quoted.text
    found = quoted.json()
    seen = {"digest": found["digest"], "amount_minor": found["total_minor"], "payee": found["payee"]}
    body = basket | seen | {"payment_id": an_id(), "authentication_id": an_id()}

    def approve(work: Work) -> None:
        customer_id = a_shopper(work, balance_minor=5000)
        at = datetime.now(UTC)
        work.authentications.add(
            Authentication(
                authentication_id=str(body["authentication_id"]),
                customer_id=customer_id,
                kiosk_id="kiosk-1",
                basket_id=str(body["basket_id"]),
                **seen,
                factors=("wallet_code", "pin"),
                evidence=None,
                step_up_reason=None,
                pin_at=at,
                made_at=at,
                expires_at=at + timedelta(minutes=5),
                used_at=None,
            )
        )

    await front.house.database.write_async(approve)
    return body


def over_http(tmp_path: Path, act: Callable[[Shopfront], Coroutine[Any, Any, None]]) -> None:
    url = a_small_store(tmp_path / "store.db")

    async def run() -> None:
        async with open_shopfront(url, tmp_path) as front:
            await act(front)

    asyncio.run(run())


def test_the_ticket_can_be_read_when_a_whole_basket_is_paid_over_http(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        body = await shown(front, NUTELLA, PASTA)
        paid = await front.ask("POST", "/v1/checkouts", body)
        assert paid.status_code == 201, paid.text
        ticket = await front.ask("GET", f"/v1/tickets/{paid.json()['ticket']['ticket_id']}", token=None)
        assert [line["sku"] for line in ticket.json()["lines"]] == ["nutella", "pasta"]
        assert ticket.json()["trace_id"] == paid.headers["X-Trace-Id"]
        counted = (await front.ask("GET", "/metrics", token=None)).text
        assert 'sesame_answers_total{method="POST",route="/v1/checkouts",status="201"} 1.0' in counted
        again = await front.ask("GET", f"/v1/payments/{body['payment_id']}")
        assert again.json() == paid.json()

    over_http(tmp_path, act)


def test_nobody_sees_what_another_has_paid_when_a_phone_passes_on_before_the_answer(
    database: Database, shop: Shop
) -> None:
    lina, eve = [database.write(lambda work: a_shopper(work, balance_minor=5000)) for _ in range(2)]
    sale = database.write(lambda work: a_sale(work, shop, NUTELLA, customer_id=lina))
    [paid] = settle(database, shop, sale)

    def ask(who: str) -> PaymentRow:
        facts: dict[str, Any] = {"at": NOON, "hold_seconds": 60, "phones": PHONES}
        caller = Caller("shopper", who, "demo")
        return database.write(lambda work: admit(work, shop, sale.whole, sale.approved, caller, **facts))

    assert ask(lina).payment_id == paid.payment_id
    with pytest.raises(FlowError) as refusal:
        ask(eve)
    assert refusal.value.code == "payment_exists"


def test_a_repeated_request_is_answered_as_the_first_when_its_key_is_the_same(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        body = await shown(front, NUTELLA)
        first = await front.ask("POST", "/v1/checkouts", body, key="key-1")
        again = await front.ask("POST", "/v1/checkouts", body, key="key-1")
        other = await front.ask("POST", "/v1/checkouts", body | {"amount_minor": 1}, key="key-1")
        assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
        assert again.json() == first.json()
        assert again.headers["Idempotent-Replay"] == "true"
        assert other.json()["code"] == "idempotency_conflict"
        both = [front.ask("POST", "/v1/checkouts", await shown(front, PASTA), key="key-2") for _ in range(2)]
        codes = [answer.json().get("code") for answer in await asyncio.gather(*both)]
        assert "idempotency_in_flight" in codes

    over_http(tmp_path, act)


def test_both_get_the_one_answer_when_a_request_comes_again_in_its_batch_by_a_newer_token(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        at, database = datetime.now(UTC), cast("Database", front.house.database)
        renewed = Session("kiosk", "kiosk-1", (), at + timedelta(minutes=5))
        await database.write_async(lambda work: work.sessions.open(token_hash("renewed"), renewed))
        body = NewCheckout.model_validate(await shown(front, NUTELLA))
        both = [
            Checkout(front.house, body, token=token_hash(token), key="key-1", asked="same", minted=minted())
            for token in (KIOSK_TOKEN, "renewed")
        ]
        first, second = cast("list[Answer]", await asyncio.to_thread(database.settle, both))
        assert (first.status, second.status) == (201, 201)
        assert second.body == first.body

    over_http(tmp_path, act)


@pytest.mark.parametrize(
    ("token", "mend", "status", "code"),
    [
        (None, {}, 401, "unauthorized"),
        ("nobody", {}, 401, "kiosk_unknown"),
        (GATE_TOKEN, {}, 403, "forbidden_role"),
        (GATE_TOKEN, {"lines": 7}, 403, "forbidden_role"),
        (KIOSK_TOKEN, {"lines": 7}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"lines": []}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"lines": [{"line_id": an_id()}]}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"payment_id": "x"}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"unasked": 1}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"amount_minor": "5"}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"coupons": ["x"] * 11}, 422, "malformed_request"),
        (KIOSK_TOKEN, {"payee": "Somebody else"}, 409, "basket_changed"),
        (KIOSK_TOKEN, {"authentication_id": an_id()}, 404, "authentication_not_found"),
        (KIOSK_TOKEN, {"lines": [{"line_id": an_id(), "code": "SESAME:X:1"}]}, 422, "not_a_product"),
    ],
)
def test_a_problem_names_the_way_out_when_a_checkout_is_not_as_it_should_be(
    tmp_path: Path, token: str | None, mend: dict[str, Any], status: int, code: str
) -> None:
    async def act(front: Shopfront) -> None:
        body = await shown(front, NUTELLA)
        answer = await front.ask("POST", "/v1/checkouts", body | mend, token=token)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        assert answer.json()["hint"]
        assert await front.house.database.read_async(lambda work: work.payments.get(body["payment_id"])) is None

    over_http(tmp_path, act)


def test_a_body_that_breaks_off_is_told_so_when_it_is_no_json(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        headers = {"Authorization": f"Bearer {KIOSK_TOKEN}", "Idempotency-Key": "k"}
        answer = await front.client.post("/v1/checkouts", content=b'{"lines": [', headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")

    over_http(tmp_path, act)

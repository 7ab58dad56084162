"""Payments, on both engines: exactly once, exactly what was approved, or nothing at all."""

import asyncio
import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select, update

from checkout import BasketState, campaign_account, main_account, sales_account, till_account
from checkout.errors import (
    AgeCheckRequiredError,
    AssertionExpiredError,
    AssertionUsedError,
    BasketChangedError,
    CheckoutError,
    ExitTokenExpiredError,
    ExitTokenUsedError,
    HoldExpiredError,
    InsufficientFundsError,
    QuoteExpiredError,
)
from server.db import tables
from server.db.database import Database
from server.flows.basket_coupons import apply_coupon
from server.flows.baskets import find, view
from server.flows.capture import capture, give_back, payment_json
from server.flows.change_basket import quote_basket
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.desk import Seen, desk_detail, pay_at_desk
from server.flows.errors import FlowError
from server.flows.leave import Opened, open_gate, report_openings, ticket_of
from server.flows.pay import QUOTE_HOLDS, Approved, hold_payment
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.scan import scan
from server.flows.shop import Shop
from server.flows.sweep import sweep
from tests.server.builders import (
    KIOSK,
    NOON,
    NUTELLA,
    PASTA,
    WINE,
    a_basket,
    a_coupon,
    a_shopper,
    an_approval,
    an_id,
    minted,
)

SHOP = sales_account("demo")

ANY_KEY = Ed25519PrivateKey.generate().public_key()


def hold(database: Database, shop: Shop, approved: Approved, *, at: datetime = NOON) -> PaymentRow:
    return database.write(lambda work: hold_payment(work, shop, approved, KIOSK, at=at, hold_seconds=180))


def finish(database: Database, shop: Shop, payment_id: str, *, at: datetime = NOON) -> PaymentRow:
    return database.write(lambda work: capture(work, shop, payment_id, minted(), at=at))


def balances(database: Database, customer_id: str) -> tuple[int, int]:
    return database.read(lambda work: (work.ledger.balance_of(main_account(customer_id)), work.ledger.balance_of(SHOP)))


def ready(database: Database, shop: Shop, *codes: str, balance_minor: int = 5000) -> tuple[str, str, Approved]:
    """Return a shopper with money, a basket, and the shopper's approval of it."""
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=balance_minor))
    basket_id = database.write(lambda work: a_basket(work, shop, *(codes or (NUTELLA,))))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    return customer_id, basket_id, approved


def test_money_reaches_the_store_when_both_steps_are_made(database: Database, shop: Shop) -> None:
    customer_id, basket_id, approved = ready(database, shop)

    held = hold(database, shop, approved)
    between = balances(database, customer_id)
    payment = finish(database, shop, held.payment_id)

    assert (held.status, payment.status) == ("held", "captured")
    assert between == (4601, 0)
    assert balances(database, customer_id) == (4601, 399)
    row = database.read(lambda work: work.baskets.get(basket_id))
    assert row is not None
    assert (row.state, row.payment_id) == (BasketState.PAID, payment.payment_id)
    shown = payment_json(payment)
    assert (shown["tenders"], shown["balance_after_minor"]) == ([{"account": "main", "amount_minor": 399}], 4601)
    assert database.read(lambda work: work.ledger.verify()).holds


def test_ticket_repeats_what_was_approved_when_a_payment_is_captured(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop, PASTA, PASTA, PASTA, NUTELLA)
    payment = hold(database, shop, approved)

    captured = finish(database, shop, payment.payment_id)

    assert captured.receipt is not None
    ticket_id = captured.receipt["ticket"]["ticket_id"]
    body = database.read(lambda work: ticket_of(work, ticket_id)).body
    assert (body["number"], body["total_minor"], body["payee"]) == (1, 657, "Sésame Démo · Magasin 12")
    assert sum(line["due_minor"] for line in body["lines"]) == 657
    assert sum(each["gross_minor"] for each in body["vat"]) == 657
    link = database.read(lambda work: work.ledger.link(f"post:{payment.payment_id}"))
    assert link is not None
    assert body["chain"] == {"position": link.position, "hash": link.hash}


def test_first_answer_comes_again_when_the_same_payment_is_asked_twice(database: Database, shop: Shop) -> None:
    customer_id, _, approved = ready(database, shop)
    hold(database, shop, approved)
    first = finish(database, shop, approved.payment_id)

    again = hold(database, shop, approved)
    second = finish(database, shop, approved.payment_id)

    assert again.status == "captured"
    assert second == first
    assert balances(database, customer_id) == (4601, 399)


def test_other_payment_is_refused_when_it_uses_a_known_id(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)
    _, other_basket, other = ready(database, shop)

    with pytest.raises(FlowError) as caught:
        hold(
            database,
            shop,
            Approved(
                approved.payment_id,
                other_basket,
                other.digest,
                other.amount_minor,
                other.payee,
                other.authentication_id,
            ),
        )

    assert caught.value.code == "payment_exists"


def _add(work: Work, shop: Shop, basket_id: str) -> object:
    return scan(
        work,
        shop,
        basket_id,
        KIOSK,
        line_id=an_id(),
        code=PASTA,
        symbology=None,
        quantity=1,
        at=NOON,
        intervention_id=an_id(),
    )


def test_nothing_moves_when_the_basket_changed_after_the_approval(database: Database, shop: Shop) -> None:
    customer_id, basket_id, approved = ready(database, shop)
    database.write(lambda work: _add(work, shop, basket_id))

    with pytest.raises(BasketChangedError):
        hold(database, shop, approved)

    assert balances(database, customer_id) == (5000, 0)


@pytest.mark.parametrize("changes", [{"amount_minor": 1}, {"payee": "Somebody else"}, {"digest": "0" * 64}])
def test_nothing_moves_when_something_else_is_paid_than_was_approved(
    database: Database, shop: Shop, changes: dict[str, object]
) -> None:
    customer_id, _, approved = ready(database, shop)
    facts = {name: getattr(approved, name) for name in Approved.__slots__}

    with pytest.raises(CheckoutError):
        hold(database, shop, Approved(**(facts | changes)))

    assert balances(database, customer_id) == (5000, 0)


def test_approval_is_refused_when_its_minute_is_over(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)

    with pytest.raises(AssertionExpiredError):
        hold(database, shop, approved, at=NOON + timedelta(seconds=60))


def test_approval_is_refused_when_it_was_used_for_another_payment(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)
    database.write(lambda work: give_back(work, approved.payment_id, at=NOON))
    facts = {name: getattr(approved, name) for name in Approved.__slots__}

    with pytest.raises((AssertionUsedError, BasketChangedError)):
        hold(database, shop, Approved(**(facts | {"payment_id": an_id()})))


def test_wine_is_not_paid_when_nobody_has_looked_at_the_shopper(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop, WINE)

    with pytest.raises(AgeCheckRequiredError) as caught:
        hold(database, shop, approved)

    assert caught.value.min_age == 18


def test_wallet_stays_as_it_was_when_it_is_a_cent_short(database: Database, shop: Shop) -> None:
    customer_id, basket_id, approved = ready(database, shop, balance_minor=398)

    with pytest.raises(InsufficientFundsError) as caught:
        hold(database, shop, approved)

    assert caught.value.asked_minor - caught.value.held_minor == 1
    assert balances(database, customer_id) == (398, 0)
    row = database.read(lambda work: work.baskets.get(basket_id))
    assert row is not None
    assert row.state is BasketState.OPEN
    assert database.read(lambda work: work.authentications.get(approved.authentication_id)) is not None


def test_campaign_pays_the_store_when_a_coupon_took_something_off(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    code = database.write(a_coupon)
    database.write(lambda work: apply_coupon(work, basket_id, KIOSK, code, at=NOON))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))

    hold(database, shop, approved)
    finish(database, shop, approved.payment_id)

    coupon = database.read(lambda work: work.coupons.get(code))
    assert coupon is not None
    campaign = database.read(lambda work: work.campaigns.get(coupon.campaign_id))
    assert campaign is not None
    assert (approved.amount_minor, coupon.state) == (199, "redeemed")
    assert (campaign.reserved_minor, campaign.spent_minor) == (0, 200)
    assert balances(database, customer_id) == (4801, 399)
    spent = database.read(lambda work: work.ledger.balance_of(campaign_account(coupon.campaign_id)))
    assert spent == -200
    assert database.read(lambda work: work.ledger.verify()).holds


def test_a_ticket_says_nothing_of_the_till_when_an_older_version_had_held_its_payment(
    database: Database, shop: Shop
) -> None:
    _, basket_id, approved = ready(database, shop)
    held = hold(database, shop, approved)
    shown = database.read(lambda work: view(work, shop, find(work, basket_id), at=NOON)) | held.quote
    mine = tables.payment.c.payment_id == approved.payment_id
    database.write(lambda work: work.connection.execute(update(tables.payment).where(mine).values(quote=shown)))

    finish(database, shop, approved.payment_id)
    _, _, usual = ready(database, shop)
    hold(database, shop, usual)
    finish(database, shop, usual.payment_id)

    query = select(tables.ticket.c.body).order_by(tables.ticket.c.number)
    old, new = database.read(lambda work: work.connection.execute(query).scalars().all())
    assert {"kiosk_id", "basket_id", "digest"} <= shown.keys()
    assert old.keys() == new.keys()


def test_nothing_is_held_when_a_coupon_covers_everything(database: Database, shop: Shop) -> None:
    customer_id = database.write(a_shopper)
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    code = database.write(lambda work: a_coupon(work, off_minor=1000))
    database.write(lambda work: apply_coupon(work, basket_id, KIOSK, code, at=NOON))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))

    hold(database, shop, approved)
    payment = finish(database, shop, approved.payment_id)

    assert (payment.amount_minor, payment.tenders, payment.status) == (0, (), "captured")
    assert balances(database, customer_id) == (0, 399)


def test_everything_is_as_before_when_a_hold_is_given_back(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    code = database.write(a_coupon)
    database.write(lambda work: apply_coupon(work, basket_id, KIOSK, code, at=NOON))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    hold(database, shop, approved)

    database.write(lambda work: give_back(work, approved.payment_id, at=NOON))

    assert balances(database, customer_id) == (5000, 0)
    row = database.read(lambda work: work.baskets.get(basket_id))
    coupon = database.read(lambda work: work.coupons.get(code))
    assert row is not None
    assert coupon is not None
    assert (row.state, row.payment_id, coupon.state) == (BasketState.OPEN, None, "issued")
    with pytest.raises(FlowError) as caught:
        finish(database, shop, approved.payment_id)
    assert caught.value.code == "payment_ended"
    assert database.read(lambda work: work.ledger.verify()).holds


def test_hold_cannot_be_finished_when_its_time_is_over(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)

    with pytest.raises(HoldExpiredError):
        finish(database, shop, approved.payment_id, at=NOON + timedelta(seconds=180))


@pytest.mark.parametrize(
    ("seconds", "status", "left_minor"), [(5, "held", 4601), (11, "captured", 4601), (200, "voided", 5000)]
)
def test_sweeper_ends_a_hold_by_its_age_when_its_second_step_never_came(
    database: Database, shop: Shop, seconds: int, status: str, left_minor: int
) -> None:
    customer_id, _, approved = ready(database, shop)
    hold(database, shop, approved)

    for _ in range(2):  # a second round finds nothing to do
        asyncio.run(sweep(database, shop, minted, at=NOON + timedelta(seconds=seconds)))

    payment = database.read(lambda work: work.payments.get(approved.payment_id))
    assert payment is not None
    assert payment.status == status
    assert balances(database, customer_id)[0] == left_minor
    assert database.read(lambda work: work.ledger.verify()).holds


def test_numbers_have_no_gap_when_payments_fail_in_between(database: Database, shop: Shop) -> None:
    numbers = []
    for turn in range(4):
        _, _, approved = ready(database, shop)
        hold(database, shop, approved)
        if turn % 2:
            with pytest.raises(ZeroDivisionError):
                database.write(partial(_crash_after_capture, shop, approved.payment_id))
        receipt = finish(database, shop, approved.payment_id).receipt
        assert receipt is not None
        numbers.append(receipt["ticket"]["number"])

    assert numbers == [1, 2, 3, 4]


def _crash_after_capture(shop: Shop, payment_id: str, work: Work) -> None:
    capture(work, shop, payment_id, minted(), at=NOON)
    raise ZeroDivisionError


def test_basket_is_paid_once_when_eight_threads_pay_it(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    approvals = [database.write(lambda work: an_approval(work, shop, customer_id, basket_id)) for _ in range(8)]
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def pay(approved: Approved) -> None:
        start.wait()
        try:
            hold(database, shop, approved)
            outcomes.append(finish(database, shop, approved.payment_id).status)
        except FlowError as error:
            outcomes.append(error.code)

    threads = [threading.Thread(target=pay, args=(approved,)) for approved in approvals]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count("captured") == 1, outcomes
    assert set(outcomes) <= {"captured", "basket_paying", "basket_closed"}
    assert balances(database, customer_id) == (4601, 399)
    assert database.read(lambda work: work.ledger.verify()).holds


def test_ticket_is_written_once_when_retry_and_sweeper_meet(database: Database, shop: Shop) -> None:
    customer_id, _, approved = ready(database, shop)
    hold(database, shop, approved)
    start = threading.Barrier(6)
    receipts: list[object] = []

    def end() -> None:
        start.wait()
        receipts.append(finish(database, shop, approved.payment_id).receipt)

    threads = [threading.Thread(target=end) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 6
    assert all(receipt == receipts[0] for receipt in receipts)
    assert balances(database, customer_id) == (4601, 399)


def test_basket_is_paid_into_the_till_when_staff_take_cash(database: Database, shop: Shop) -> None:
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    detail = database.read(lambda work: desk_detail(work, shop, basket_id, KIOSK, at=NOON))
    seen = Seen(detail["digest"], detail["total_minor"])

    payment = database.write(
        lambda work: pay_at_desk(work, shop, basket_id, seen=seen, tender="cash", by="amal", at=NOON, minted=minted())
    )

    till = database.read(lambda work: work.ledger.balance_of(till_account("demo")))
    assert (payment.status, till) == ("captured", -399)
    assert payment_json(payment)["subject"] is None  # a screen thanks nobody by the name of "desk"
    assert payment.tenders == ({"account": "till", "tender": "cash", "amount_minor": 399},)
    kinds = [event.kind for event in database.read(lambda work: work.events.after(0))]
    assert kinds[-1] == "payment.captured"


def test_gate_opens_once_when_an_exit_code_is_shown_twice(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)
    receipt = finish(database, shop, approved.payment_id).receipt
    assert receipt is not None
    code = receipt["exit_code"]["code"]

    opened = database.write(
        lambda work: open_gate(work, code, store_id="demo", store_key=ANY_KEY, by="gate:gate-1", at=NOON)
    )

    assert opened.ticket_number == 1
    with pytest.raises(ExitTokenUsedError):
        database.write(
            lambda work: open_gate(work, code, store_id="demo", store_key=ANY_KEY, by="gate:gate-1", at=NOON)
        )


def test_gate_stays_shut_when_an_exit_code_is_too_old(database: Database, shop: Shop) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)
    receipt = finish(database, shop, approved.payment_id).receipt
    assert receipt is not None

    with pytest.raises(ExitTokenExpiredError):
        database.write(
            lambda work: open_gate(
                work,
                receipt["exit_code"]["code"],
                store_id="demo",
                store_key=ANY_KEY,
                by="gate:gate-1",
                at=NOON + timedelta(hours=1),
            )
        )


def test_the_second_coupon_takes_nothing_off_when_the_first_leaves_their_campaign_too_little(
    database: Database, shop: Shop
) -> None:
    def ready_basket(work: Work) -> tuple[str, str]:
        first = a_coupon(work, off_minor=200, budget_minor=350)
        coupon = work.coupons.get(first)
        campaign = None if coupon is None else work.campaigns.get(coupon.campaign_id)
        assert campaign is not None
        second = issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=NOON).code
        basket_id = a_basket(work, shop, NUTELLA, NUTELLA)
        for code in (first, second):
            apply_coupon(work, basket_id, KIOSK, code, at=NOON)
        return basket_id, a_shopper(work, balance_minor=9000)

    basket_id, customer_id = database.write(ready_basket)

    shown = database.read(lambda work: view(work, shop, find(work, basket_id), at=NOON))
    assert [(each["state"], each["saved_minor"]) for each in shown["coupons"]] == [
        ("applied", 200),
        ("not_applicable", 0),
    ]
    assert shown["coupons"][1]["reason_code"] == "coupon_budget_spent"
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))

    assert hold(database, shop, approved).amount_minor == 2 * 399 - 200


def test_price_is_shown_again_when_it_was_agreed_to_too_late(database: Database, shop: Shop) -> None:
    customer_id, basket_id, _ = ready(database, shop)
    database.write(lambda work: quote_basket(work, basket_id, KIOSK, at=NOON))
    late = NOON + QUOTE_HOLDS
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id, at=late))

    with pytest.raises(QuoteExpiredError):
        hold(database, shop, approved, at=late)

    assert balances(database, customer_id) == (5000, 0)
    database.write(lambda work: quote_basket(work, basket_id, KIOSK, at=late))
    assert hold(database, shop, approved, at=late).status == "held"


def test_a_pass_is_told_apart_when_two_gates_have_opened_for_it_without_a_network(
    database: Database, shop: Shop
) -> None:
    _, _, approved = ready(database, shop)
    hold(database, shop, approved)
    receipt = finish(database, shop, approved.payment_id).receipt
    assert receipt is not None
    opened = [Opened(receipt["exit_code"]["code"], NOON), Opened("SESAME:X:invented", NOON)]

    def report(gate: str) -> list[str]:
        return database.write(
            lambda work: report_openings(work, opened, store_id="demo", store_key=ANY_KEY, gate=gate, at=NOON)
        )

    assert report("gate:gate-1") == ["noted", "unknown"]
    assert report("gate:gate-1") == ["noted", "unknown"]
    assert report("gate:gate-2") == ["twice", "unknown"]

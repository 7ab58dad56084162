"""Cashback and restricted credit at the till, on both engines: who pays what, on what, and never more than promised."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from checkout import (
    EUR,
    PSP_SANDBOX,
    Money,
    Posting,
    Transfer,
    TransferKind,
    cashback_account,
    funder_account,
    main_account,
    voucher_account,
)
from checkout.errors import InsufficientFundsError
from server.db.database import Database
from server.flows.baskets import find, priced
from server.flows.capture import capture, give_back
from server.flows.cashback import demand_programme, earn, outlook, programme_malformed
from server.flows.close_account import GIVEN_UP, close_account
from server.flows.errors import FlowError
from server.flows.pay import Approved, hold_payment
from server.flows.ports import Work
from server.flows.ports.books import RefundRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.proofs import Session
from server.flows.ports.wallet import FunderRow, ProgrammeRow, PurseRow
from server.flows.purses import REISSUED_FOR, Means, means_of
from server.flows.refund import Returned, refund
from server.flows.shop import Shop, open_shop
from server.flows.tokens import token_hash
from tests.server.apps import open_shopfront
from tests.server.builders import (
    KIOSK,
    NOON,
    NUTELLA,
    PASTA,
    a_basket,
    a_shopper,
    an_approval,
    an_id,
    minted,
)
from tests.server.people.builders import at_once
from tests.server.stocked import a_small_store

THREADS = 16
STATE = FunderRow("state", {"fr": "l'État", "en": "the State", "zh": "国家"}, 89, 100_000)
MERCHANT = FunderRow("shop", {"fr": "le magasin", "en": "the shop", "zh": "商店"}, 11, 100_000)


def a_programme(work: Work, *, cap_minor: int = 300_000, funders: tuple[FunderRow, ...] = (STATE, MERCHANT)) -> Shop:
    """Give 5 % back, and return the shop that knows of it."""
    work.cashback.put(ProgrammeRow("demo", 500, cap_minor, funders))
    return open_shop(work, "demo")


def credit(work: Work, account: Any, minor: int) -> None:
    posting = Posting(PSP_SANDBOX, account, Money(minor, EUR))
    work.ledger.post([Transfer(an_id(), TransferKind.GRANT, "test", (posting,))], at=NOON)


def a_purse(work: Work, customer_id: str, minor: int, **facts: Any) -> str:
    """Give a shopper restricted credit."""
    customer = work.customers.get(customer_id)
    assert customer is not None
    purse = PurseRow(an_id(), None, customer.phone_hash, STATE.name, (), (), (), NOON + timedelta(days=1), minor, NOON)
    purse = replace(purse, **facts)
    work.purses.add(purse)
    credit(work, voucher_account(purse.purse_id), minor)
    return purse.purse_id


def bought(
    work: Work,
    shop: Shop,
    customer_id: str,
    *codes: str,
    cashback_minor: int = 0,
    at: datetime = NOON,
) -> PaymentRow:
    """Sell some goods to a shopper."""
    basket_id = a_basket(work, shop, *codes)
    approved = replace(an_approval(work, shop, customer_id, basket_id, at=at), cashback_minor=cashback_minor)
    hold_payment(work, shop, approved, KIOSK, at=at, hold_seconds=60)
    return capture(work, shop, approved.payment_id, minted(), at=at)


def approval(shop: Shop, customer_id: str, basket_id: str, work: Work) -> Approved:
    return an_approval(work, shop, customer_id, basket_id)


def hold(shop: Shop, approved: Approved, work: Work) -> PaymentRow:
    return hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=60)


def finish(shop: Shop, payment_id: str, work: Work) -> PaymentRow:
    return capture(work, shop, payment_id, minted(), at=NOON)


def got_in_2026(customer_id: str, work: Work) -> int:
    return work.cashback.got_in(customer_id, "demo", 2026)


def in_purse(purse_id: str, work: Work) -> int:
    return work.ledger.balance_of(voucher_account(purse_id))


def purses_now(database: Database, customer_id: str) -> tuple[int, int]:
    return database.read(
        lambda work: (
            work.ledger.balance_of(main_account(customer_id)),
            work.ledger.balance_of(cashback_account(customer_id)),
        )
    )


def spent(database: Database) -> dict[str, int]:
    programme = database.read(lambda work: work.cashback.programme("demo"))
    assert programme is not None
    return {funder.funder_id: funder.spent_minor for funder in programme.funders}


def ticket_body(work: Work, payment: PaymentRow) -> dict[str, Any]:
    assert payment.receipt is not None
    found = work.tickets.get(payment.receipt["ticket"]["ticket_id"])
    assert found is not None
    return found.body


def returned(work: Work, payment: PaymentRow, skus: tuple[str, ...], *, at: datetime = NOON) -> RefundRow:
    body = ticket_body(work, payment)
    lines = {line["line_id"]: line["quantity"] for line in body["lines"] if line["sku"] in skus}
    return refund(work, Returned(an_id(), body["ticket_id"], lines, "broken"), store_id="demo", by="amal", at=at)


def means(work: Work, shop: Shop, customer_id: str, *codes: str) -> Means:
    customer = work.customers.get(customer_id)
    assert customer is not None
    found = priced(work, shop, find(work, a_basket(work, shop, *codes)), at=NOON)
    return means_of(work, found, customer_id, customer.phone_hash, at=NOON, order=shop.rules.tender_order)


def test_the_receipt_says_who_paid_which_part_when_a_purchase_earns_cashback(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))

    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, NUTELLA, NUTELLA))

    told = (payment.receipt or {})["cashback"]
    assert (payment.amount_minor, told["total_minor"]) == (1197, 59)
    assert [(part["funder_id"], part["amount_minor"]) for part in told["parts"]] == [("state", 53), ("shop", 6)]
    assert told["left_this_year_minor"] == 300_000 - 59
    body = database.read(lambda work: ticket_body(work, payment))
    assert body["cashback"]["parts"][0]["name"]["en"] == "the State"
    assert "left_this_year_minor" not in body["cashback"]
    assert purses_now(database, customer_id) == (5000 - 1197, 59)
    assert spent(database) == {"state": 53, "shop": 6}
    assert database.read(lambda work: work.ledger.balance_of(funder_account("state"))) == -53
    assert database.read(lambda work: work.ledger.verify()).holds


def test_nothing_is_earned_when_the_desk_or_cashback_itself_pays(database: Database, shop: Shop) -> None:
    with_cashback = database.write(a_programme)
    customer_id = database.write(a_shopper)
    database.write(lambda work: credit(work, cashback_account(customer_id), 399))

    payment = database.write(lambda work: bought(work, with_cashback, customer_id, NUTELLA, cashback_minor=399))
    without = database.write(lambda work: earn(work, shop, payment, at=NOON))
    nobody = database.write(lambda work: earn(work, with_cashback, replace(payment, customer_id=None), at=NOON))

    assert (payment.receipt or {})["cashback"] is None
    assert payment.tenders == ({"account": "cashback", "amount_minor": 399},)
    assert purses_now(database, customer_id) == (0, 0)
    assert without == nobody == (None, None)


@pytest.mark.parametrize(("chosen", "drawn"), [(0, 0), (1, 1), (120, 120), (399, 399), (450, 399)])
def test_as_much_cashback_is_used_as_was_chosen_when_paying(
    database: Database, shop: Shop, chosen: int, drawn: int
) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    database.write(lambda work: credit(work, cashback_account(customer_id), 500))

    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, cashback_minor=chosen))

    assert purses_now(database, customer_id) == (1000 - 399 + drawn, 500 - drawn)
    assert sum(each["amount_minor"] for each in payment.tenders) == payment.amount_minor


def test_nothing_moves_when_more_cashback_is_chosen_than_there_is(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    database.write(lambda work: credit(work, cashback_account(customer_id), 50))

    with pytest.raises(InsufficientFundsError) as told:
        database.write(lambda work: bought(work, shop, customer_id, NUTELLA, cashback_minor=51))

    assert (told.value.asked_minor, told.value.held_minor) == (51, 50)
    assert purses_now(database, customer_id) == (1000, 50)


def test_the_same_payment_is_another_when_it_comes_with_another_choice_of_cashback(
    database: Database, shop: Shop
) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    database.write(lambda work: credit(work, cashback_account(customer_id), 500))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    approved = replace(approved, cashback_minor=120)

    def pay(work: Work, minor: int) -> PaymentRow:
        return hold_payment(work, shop, replace(approved, cashback_minor=minor), KIOSK, at=NOON, hold_seconds=60)

    first, again = (database.write(lambda work: pay(work, 120)) for _ in range(2))

    assert first == again
    with pytest.raises(FlowError) as told:
        database.write(lambda work: pay(work, 121))
    assert told.value.code == "payment_exists"


def test_restricted_credit_pays_only_what_it_allows_when_the_basket_holds_more(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 500, categories=("pasta",)))
    elsewhere = database.write(lambda work: a_purse(work, customer_id, 500, stores=("another",)))
    over = database.write(lambda work: a_purse(work, customer_id, 500, expires_at=NOON))

    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, PASTA))

    assert [(each["account"], each["amount_minor"]) for each in payment.tenders] == [("voucher", 129), ("main", 399)]
    assert payment.tenders[0]["name"]["en"] == "the State"
    left = {name: database.read(partial(in_purse, name)) for name in (purse_id, elsewhere, over)}
    assert left == {purse_id: 500 - 129, elsewhere: 500, over: 500}


def test_purses_pay_in_the_declared_order_when_all_of_them_can(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    late = database.write(lambda work: a_purse(work, customer_id, 100, expires_at=NOON + timedelta(days=9)))
    soon = database.write(lambda work: a_purse(work, customer_id, 100, expires_at=NOON + timedelta(days=2)))
    database.write(lambda work: credit(work, cashback_account(customer_id), 500))

    before = database.write(lambda work: means(work, shop, customer_id, NUTELLA))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, cashback_minor=150))

    assert [tender.account for tender in before.vouchers] == [voucher_account(soon), voucher_account(late)]
    assert (before.cashback_min_minor, before.cashback_max_minor, before.shortfall_minor) == (0, 199, 0)
    drawn = [(each["account"], each["amount_minor"]) for each in payment.tenders]
    assert drawn == [("voucher", 100), ("voucher", 100), ("cashback", 150), ("main", 49)]


def test_the_least_cashback_is_told_when_the_wallet_alone_falls_short(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=300))
    poor = database.write(lambda work: a_shopper(work, balance_minor=300))
    database.write(lambda work: credit(work, cashback_account(customer_id), 500))

    told = database.write(lambda work: means(work, shop, customer_id, NUTELLA))
    short = database.write(lambda work: means(work, shop, poor, NUTELLA))

    assert (told.cashback_min_minor, told.cashback_max_minor, told.shortfall_minor) == (99, 399, 0)
    assert (short.cashback_min_minor, short.cashback_max_minor, short.shortfall_minor) == (0, 0, 99)


def test_a_shopper_is_warned_before_paying_when_the_yearly_cap_is_near(database: Database) -> None:
    shop = database.write(partial(a_programme, cap_minor=60))
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=9000))

    before = database.read(lambda work: outlook(work, shop, customer_id, 399, at=NOON))
    first = database.write(lambda work: bought(work, shop, customer_id, *[NUTELLA] * 2))
    near = database.read(lambda work: outlook(work, shop, customer_id, 798, at=NOON))
    second = database.write(lambda work: bought(work, shop, customer_id, *[NUTELLA] * 2))
    third = database.write(lambda work: bought(work, shop, customer_id, *[NUTELLA] * 2))
    next_year = database.read(lambda work: outlook(work, shop, customer_id, 798, at=NOON + timedelta(days=60)))

    assert before is not None
    assert near is not None
    assert next_year is not None
    assert (before.earn_minor, before.left_this_year_minor, before.is_near_cap) == (19, 41, False)
    assert (near.earn_minor, near.left_this_year_minor, near.is_near_cap) == (21, 0, True)
    earned = [(each.receipt or {})["cashback"]["total_minor"] for each in (first, second, third)]
    assert earned == [39, 21, 0]
    assert purses_now(database, customer_id)[1] == 60
    assert next_year.earn_minor == 39


def test_a_funder_pays_what_is_left_when_its_budget_ends(database: Database) -> None:
    shop = database.write(partial(a_programme, funders=(replace(STATE, budget_minor=60), MERCHANT)))
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=9000))

    paid = [database.write(lambda work: bought(work, shop, customer_id, *[NUTELLA] * 3)) for _ in range(3)]

    parts = [
        {part["funder_id"]: part["amount_minor"] for part in (each.receipt or {})["cashback"]["parts"]} for each in paid
    ]
    assert parts == [{"state": 53, "shop": 6}, {"state": 7, "shop": 6}, {"shop": 6}]
    assert spent(database) == {"state": 60, "shop": 18}
    assert purses_now(database, customer_id)[1] == 78


def test_a_budget_below_what_is_spent_is_refused_when_its_funder_was_left_out_before(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=9000))
    database.write(lambda work: bought(work, shop, customer_id, *[NUTELLA] * 3))
    database.write(partial(a_programme, funders=(MERCHANT,)))
    wanted = ProgrammeRow("demo", 500, 300_000, (replace(STATE, budget_minor=20), MERCHANT))

    with pytest.raises(FlowError) as refused:
        database.write(lambda work: demand_programme(work, wanted, by="marc", at=NOON))

    assert [each["field"] for each in refused.value.facts["errors"]] == ["funders.0.budget_minor"]


def test_no_budget_and_no_cap_is_passed_when_many_pay_at_once(database: Database) -> None:
    shop = database.write(partial(a_programme, cap_minor=100, funders=(replace(STATE, weight=1, budget_minor=250),)))
    people = [database.write(lambda work: a_shopper(work, balance_minor=9000)) for _ in range(4)]
    held = []
    for n in range(THREADS):
        customer_id = people[n % len(people)]
        basket_id = database.write(lambda work: a_basket(work, shop, *[NUTELLA] * 2))
        approved = database.write(partial(approval, shop, customer_id, basket_id))
        database.write(partial(hold, shop, approved))
        held.append(approved.payment_id)

    done = at_once([partial(database.write, partial(finish, shop, each)) for each in held])

    assert [each.status for each in done] == ["captured"] * THREADS
    got = [purses_now(database, customer_id)[1] for customer_id in people]
    assert max(got) <= 100
    assert sum(got) == spent(database)["state"] == 250
    years = [database.read(partial(got_in_2026, each)) for each in people]
    assert years == got


def test_all_cashback_is_taken_back_when_all_goods_come_back_one_by_one(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, NUTELLA, PASTA))
    assert purses_now(database, customer_id) == (5000 - 927, 46)

    first = database.write(lambda work: returned(work, payment, ("nutella",)))
    last = database.write(lambda work: returned(work, payment, ("pasta",)))

    assert [each.body["cashback_back"]["total_minor"] for each in (first, last)] == [39, 7]
    assert purses_now(database, customer_id) == (5000, 0)
    assert spent(database) == {"state": 0, "shop": 0}
    assert database.read(lambda work: work.cashback.got_in(customer_id, "demo", 2026)) == 0
    assert database.read(lambda work: work.ledger.verify()).holds


def test_nothing_is_kept_back_for_cashback_that_its_owner_gave_up_when_leaving(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=927))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, NUTELLA, PASTA))
    database.write(lambda work: close_account(work, shop, customer_id, an_id(), gives_up_minor=46, at=NOON))

    def given_up() -> int:
        return database.read(lambda work: work.ledger.balance_of(funder_account(GIVEN_UP)))

    before = given_up() - 46
    first = database.write(lambda work: returned(work, payment, ("nutella",)))
    between = given_up() - before
    last = database.write(lambda work: returned(work, payment, ("pasta",)))

    assert [each.body["paid_out_minor"] for each in (first, last)] == [798, 129]
    assert (between, given_up() - before) == (7, 0)
    assert purses_now(database, customer_id) == (0, 0)
    assert spent(database) == {"state": 0, "shop": 0}
    assert database.read(lambda work: work.ledger.verify()).holds


def test_the_refund_is_less_by_the_cashback_that_was_spent_when_goods_come_back(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, NUTELLA))
    database.write(lambda work: bought(work, shop, customer_id, PASTA, cashback_minor=30))
    main_minor, cashback_minor = purses_now(database, customer_id)
    assert cashback_minor == 39 - 30 + 4

    made = database.write(lambda work: returned(work, payment, ("nutella",)))

    back = made.body["cashback_back"]
    assert back == {"total_minor": 39, "from_cashback_minor": 13, "from_wallet_minor": 26}
    assert purses_now(database, customer_id) == (main_minor + 798 - 26, 0)
    assert database.read(lambda work: work.ledger.verify()).holds


def test_restricted_credit_comes_back_restricted_and_good_for_a_while_when_it_was_over(
    database: Database, shop: Shop
) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 300))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA))
    later = NOON + timedelta(days=3)

    made = database.write(lambda work: returned(work, payment, ("nutella",), at=later))

    assert [(each["account"], each["amount_minor"]) for each in made.body["tenders"]] == [
        ("main", 99),
        ("voucher", 300),
    ]
    assert made.body["tenders"][1]["name"]["en"] == "the State"
    purse = database.read(lambda work: work.purses.get(purse_id))
    assert purse is not None
    assert purse.expires_at == later + REISSUED_FOR
    assert database.read(lambda work: work.ledger.balance_of(voucher_account(purse_id))) == 300


def test_credit_that_was_called_back_can_be_spent_when_what_it_paid_comes_back(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 300, batch_id="b"))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA))
    assert database.write(lambda work: work.purses.recall("b", at=NOON)) == [(purse_id, 0)]

    database.write(lambda work: returned(work, payment, ("nutella",)))
    again = database.write(lambda work: bought(work, shop, customer_id, NUTELLA))

    assert [(each["account"], each["amount_minor"]) for each in again.tenders] == [("voucher", 300), ("main", 99)]


def test_credit_that_was_called_back_can_be_spent_when_its_payment_is_given_back(
    database: Database, shop: Shop
) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 300, batch_id="b"))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    database.write(partial(hold, shop, approved))
    assert database.write(lambda work: work.purses.recall("b", at=NOON)) == [(purse_id, 0)]

    database.write(lambda work: give_back(work, approved.payment_id, at=NOON))
    again = database.write(lambda work: bought(work, shop, customer_id, NUTELLA))

    assert [(each["account"], each["amount_minor"]) for each in again.tenders] == [("voucher", 300), ("main", 99)]


def test_a_payment_that_fails_buys_no_time_when_its_credit_is_over_meanwhile(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 300))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    database.write(partial(hold, shop, approved))

    database.write(lambda work: give_back(work, approved.payment_id, at=NOON + timedelta(days=2)))

    purse = database.read(lambda work: work.purses.get(purse_id))
    assert purse is not None
    assert purse.expires_at == NOON + timedelta(days=1)


def test_every_purse_is_as_before_when_a_payment_is_given_back(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 100))
    database.write(lambda work: credit(work, cashback_account(customer_id), 50))
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA))
    approved = database.write(lambda work: an_approval(work, shop, customer_id, basket_id))
    approved = replace(approved, cashback_minor=50)
    database.write(lambda work: hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=60))

    database.write(lambda work: give_back(work, approved.payment_id, at=NOON))

    assert purses_now(database, customer_id) == (1000, 50)
    assert database.read(lambda work: work.ledger.balance_of(voucher_account(purse_id))) == 100


def test_a_programme_keeps_what_was_spent_when_it_is_written_anew(database: Database) -> None:
    shop = database.write(a_programme)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    database.write(lambda work: bought(work, shop, customer_id, NUTELLA))

    shop = database.write(partial(a_programme, funders=(replace(MERCHANT, weight=1, budget_minor=500),)))

    assert [funder.funder_id for funder in (shop.cashback.funders if shop.cashback else ())] == ["shop"]
    assert spent(database) == {"shop": 2}


def test_every_field_to_mend_is_named_when_a_programme_cannot_work() -> None:
    nobody = FunderRow("x", {"fr": "", "en": "", "zh": ""}, 0, -1)

    assert {row["field"] for row in programme_malformed(0, 0, ())} == {"rate_bp", "yearly_cap_minor", "funders"}
    assert {row["field"] for row in programme_malformed(500, 1, (nobody, nobody))} == {
        "funders",
        *(f"funders.{n}.{field}" for n in (0, 1) for field in ("name", "weight", "budget_minor")),
    }
    assert programme_malformed(500, 1, (STATE, MERCHANT)) == []


def test_the_programme_is_written_and_read_when_marketing_asks(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")
    seeded = Database(url)
    session = Session("staff", "marc", ("marketer",), datetime.now(UTC) + timedelta(hours=1))
    seeded.write(lambda work: work.sessions.open(token_hash("marketing"), session))
    seeded.close()
    names = {"fr": "l'État", "en": "the State", "zh": "国家"}
    funder = {"funder_id": an_id(), "name": names, "weight": 1, "budget_minor": 5000}
    wanted = {"rate_bp": 500, "yearly_cap_minor": 300_000, "funders": [funder]}

    async def talk() -> tuple[httpx.Response, httpx.Response]:
        async with open_shopfront(url, tmp_path) as front:
            assert (await front.ask("GET", "/v1/cashback", token=None)).json()["funders"] == []
            assert (await front.ask("PUT", "/v1/cashback", wanted)).status_code == 403  # a kiosk writes no budget

            written = await front.ask("PUT", "/v1/cashback", wanted, token="marketing")
            bad = await front.ask("PUT", "/v1/cashback", wanted | {"rate_bp": 0}, token="marketing")
            return written, bad

    written, bad = asyncio.run(talk())

    assert written.status_code == 200, written.text
    assert written.json()["funders"][0] == funder | {"spent_minor": 0}
    assert (bad.status_code, bad.json()["code"]) == (422, "cashback_malformed")
    assert bad.json()["errors"][0]["field"] == "rate_bp"


def test_a_gift_is_no_way_to_money_when_what_it_paid_comes_back(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    purse_id = database.write(lambda work: a_purse(work, customer_id, 500, categories=("pasta",)))
    payment = database.write(lambda work: bought(work, shop, customer_id, NUTELLA, PASTA))

    pasta = database.write(lambda work: returned(work, payment, ("pasta",)))
    nutella = database.write(lambda work: returned(work, payment, ("nutella",)))

    assert [(each["account"], each["amount_minor"]) for each in pasta.body["tenders"]] == [("voucher", 129)]
    assert [(each["account"], each["amount_minor"]) for each in nutella.body["tenders"]] == [("main", 399)]
    assert database.read(lambda work: work.ledger.balance_of(voucher_account(purse_id))) == 500


def test_both_gifts_pay_when_only_one_way_of_sharing_lets_them(database: Database, shop: Shop) -> None:
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=1000))
    wide = database.write(
        lambda work: a_purse(work, customer_id, 129, skus=("pasta", "nutella"), expires_at=NOON + timedelta(hours=1))
    )
    narrow = database.write(lambda work: a_purse(work, customer_id, 129, skus=("pasta",)))

    database.write(lambda work: bought(work, shop, customer_id, PASTA, NUTELLA))

    assert [database.read(partial(in_purse, each)) for each in (wide, narrow)] == [0, 0]

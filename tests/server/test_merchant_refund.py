"""A merchant gives back what their role may in a day; above it a manager agrees first. Both engines."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from checkout import main_account
from server.db.database import Database
from server.flows.days import begin_of, day_of, end_of
from server.flows.errors import FlowError
from server.flows.merchant_refund import OPEN_AT_MOST, Wanted, refund_as_merchant, sale_json
from server.flows.own_refund import Asked
from server.flows.ports import Caller, Work
from server.flows.ports.books import RefundRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.proofs import StaffMember
from server.flows.ports.shelf import StoreLimits
from server.flows.second_person import decide
from server.flows.shop import Shop
from tests.server.apps import Shopfront
from tests.server.builders import NOON, NUTELLA, Paying, a_coupon, a_sale, a_shopper, an_id
from tests.server.people.builders import at_once
from tests.server.test_attendance import log_of
from tests.server.test_ledger_late import waits_for_row
from tests.server.test_merchants import a_session, at_store, code_of, sell

pytestmark = pytest.mark.anyio
NOTHING_ALONE = StoreLimits(merchant_cashier_day_minor=0, merchant_owner_day_minor=0)
PRICE_MINOR, CASHIER_MINOR, OWNER_MINOR = 399, 1_000, 2_000
CASHIER = Caller("staff", "luc", "demo", frozenset({"merchant_cashier"}))
OWNER = Caller("staff", "ida", "demo", frozenset({"merchant_owner"}))


@dataclass
class Counter:
    """A counter that has sold some jars of 3.99, each on a ticket of its own, to one shopper."""

    database: Database
    shop: Shop
    sold: list[PaymentRow]

    def back(self, n: int, who: Caller = CASHIER, **facts: object) -> RefundRow | Asked:
        wanted = self.wanted(n, str(facts.get("refund_id") or an_id()))
        at = facts.get("at", NOON)
        return self.database.write(lambda work: refund_as_merchant(work, self.shop, wanted, who, at=at))  # type: ignore[arg-type] # a moment

    def wanted(self, n: int, refund_id: str) -> Wanted:
        return Wanted(refund_id, self.sold[n].payment_id, {self.line(n): 1}, "the jar was open")

    def line(self, n: int) -> str:
        return self.line_of(self.sold[n])

    def line_of(self, sold: PaymentRow) -> str:
        detail = self.database.read(lambda work: sale_json(work, self.shop, sold.payment_id, CASHIER, at=NOON))
        return str(detail["lines"][0]["line_id"])

    def left_minor(self, who: Caller = CASHIER) -> int:
        payment_id = self.sold[0].payment_id
        detail = self.database.read(lambda work: sale_json(work, self.shop, payment_id, who, at=NOON))
        return int(detail["refund_left_minor"])

    def balance(self) -> int:
        customer_id = str(self.sold[0].customer_id)
        return self.database.read(lambda work: work.ledger.balance_of(main_account(customer_id)))


def limited(shop: Shop) -> Shop:
    """Return the shop with small days."""
    caps: dict[str, Any] = {"merchant_cashier_day_minor": CASHIER_MINOR, "merchant_owner_day_minor": OWNER_MINOR}
    return replace(shop, row=replace(shop.row, limits=replace(shop.row.limits, **caps)))


@pytest.fixture
def counter(database: Database, shop: Shop) -> Counter:
    payer = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    return Counter(database, limited(shop), [sell(database, shop, customer_id=payer) for _ in range(6)])


def test_the_money_is_back_and_the_act_is_in_the_log_when_a_cashier_gives_back(counter: Counter) -> None:
    before = counter.balance()

    made = counter.back(0)

    assert isinstance(made, RefundRow)
    assert (made.amount_minor, made.made_by, counter.balance()) == (PRICE_MINOR, "luc", before + PRICE_MINOR)
    assert counter.left_minor() == CASHIER_MINOR - PRICE_MINOR
    (entry,) = log_of(counter.database, "refund")
    assert (entry[0], entry[3]) == ("luc", "the jar was open")


def test_a_manager_is_asked_and_nothing_moves_when_the_day_of_a_role_is_full(counter: Counter) -> None:
    made = [counter.back(n) for n in range(2)]
    before = counter.balance()

    asked = counter.back(2)
    by_owner = counter.back(3, OWNER)

    assert [type(each) for each in made] == [RefundRow, RefundRow]
    assert isinstance(asked, Asked)
    assert (asked.request.kind, asked.request.asked_by, asked.request.body["amount_minor"]) == ("refund", "luc", 399)
    assert isinstance(by_owner, RefundRow)  # their own day
    assert counter.balance() == before + PRICE_MINOR
    call = counter.database.read(lambda work: work.interventions.get(asked.request.request_id))
    assert call is not None
    assert (call.type, call.detail["total_minor"]) == ("refund_approval", PRICE_MINOR)


def test_the_day_begins_anew_when_the_stores_clock_passes_midnight(counter: Counter) -> None:
    zone = counter.shop.timezone
    today = day_of(NOON, zone)
    for n in range(2):
        counter.back(n, at=begin_of(today, zone))

    late = counter.back(2, at=end_of(today, zone) - timedelta.resolution)
    early = counter.back(3, at=end_of(today, zone))

    assert (type(late), type(early)) == (Asked, RefundRow)


def test_the_same_id_is_the_same_refund_or_request_when_it_comes_again(counter: Counter) -> None:
    refund_ids = [an_id() for _ in range(3)]
    first = [counter.back(n, refund_id=refund_id) for n, refund_id in enumerate(refund_ids)]
    before = counter.balance()

    again = [counter.back(n, refund_id=refund_id) for n, refund_id in enumerate(refund_ids)]
    asked_next_day = counter.back(2, refund_id=refund_ids[2], at=NOON + timedelta(days=1))

    assert [type(each) for each in again] == [RefundRow, RefundRow, Asked]
    assert again == first
    assert asked_next_day == first[2]  # what a manager decides about is nothing to be done alone
    assert counter.balance() == before
    with pytest.raises(FlowError) as refusal:
        counter.back(3, refund_id=refund_ids[0])
    assert refusal.value.code == "refund_exists"


def test_no_day_gives_back_more_when_one_cashier_asks_for_all_at_once(counter: Counter) -> None:
    counter.database.write(partial(_employ, "luc"))
    wanted = [counter.wanted(n, an_id()) for n in range(6)]

    def ask(one: Wanted, work: Work) -> RefundRow | Asked:
        return refund_as_merchant(work, counter.shop, one, CASHIER, at=NOON)

    done = at_once([partial(counter.database.write, partial(ask, one)) for one in wanted])

    assert sum(isinstance(each, RefundRow) for each in done) == CASHIER_MINOR // PRICE_MINOR
    assert sum(isinstance(each, Asked) for each in done) == 6 - CASHIER_MINOR // PRICE_MINOR


def test_no_cent_passes_a_day_when_two_colleagues_give_back_of_one_ticket_at_once(
    database: Database, shop: Shop
) -> None:
    """Of five for 19.93 the first three are 3.99, 3.99 and 3.98, the fourth 3.99 again."""
    shop = limited(shop)
    coupon = database.write(partial(a_coupon, off_minor=2))
    sale = database.write(lambda work: a_sale(work, shop, *[NUTELLA] * 5, coupons=(coupon,)))
    (sold,) = database.settle([Paying(shop, sale)])
    assert isinstance(sold, PaymentRow)
    counter = Counter(database, shop, [sold])
    for _ in range(2):
        counter.back(0, OWNER)
    limits = replace(shop.row.limits, merchant_cashier_day_minor=398)
    counter.shop = replace(shop, row=replace(shop.row, limits=limits))
    third, fourth = (counter.wanted(0, an_id()) for _ in range(2))
    is_given, may_end = threading.Event(), threading.Event()

    def by_owner(work: Work) -> None:
        refund_as_merchant(work, counter.shop, third, OWNER, at=NOON)
        is_given.set()
        assert may_end.wait(60)

    with ThreadPoolExecutor(2) as hands:
        first = hands.submit(database.write, by_owner)
        assert is_given.wait(60)
        second = hands.submit(
            database.write, lambda work: refund_as_merchant(work, counter.shop, fourth, CASHIER, at=NOON)
        )
        while not database.is_sqlite and not database.read(waits_for_row):
            assert not second.done()
        may_end.set()
        first.result(60)

    asked = second.result(60)
    assert isinstance(asked, Asked)
    assert asked.request.body["amount_minor"] == 399


def test_no_more_wait_for_a_manager_than_ten_when_a_cashier_asks_for_all_at_once(counter: Counter) -> None:
    counter.database.write(partial(_employ, "luc"))
    counter.shop = replace(counter.shop, row=replace(counter.shop.row, limits=NOTHING_ALONE))
    sold = sell(counter.database, counter.shop, customer_id=str(counter.sold[0].customer_id))
    wanted = [Wanted(an_id(), sold.payment_id, {counter.line_of(sold): 1}, f"jar {n}") for n in range(OPEN_AT_MOST + 3)]

    def ask(one: Wanted, work: Work) -> RefundRow | Asked | str:
        try:
            return refund_as_merchant(work, counter.shop, one, CASHIER, at=NOON)
        except FlowError as refusal:
            return f"{refusal.code} {refusal.facts}"

    def ask_all() -> list[RefundRow | Asked | str]:
        return at_once([partial(counter.database.write, partial(ask, one)) for one in wanted])

    first, again = ask_all(), ask_all()

    waits = [each for each in first if isinstance(each, Asked)]
    assert len(waits) == OPEN_AT_MOST
    assert {each for each in first if isinstance(each, str)} == {"refund_requests_open {'waiting': 10}"}
    assert [isinstance(each, Asked) for each in again] == [isinstance(each, Asked) for each in first]
    decided = waits[0].request.request_id
    counter.database.write(lambda work: decide(work, decided, is_approved=False, by="amal", at=NOON))
    assert sum(isinstance(each, Asked) for each in ask_all()) == OPEN_AT_MOST + 1  # the decided one is told as it was
    assert isinstance(counter.back(0, OWNER), Asked)  # each has their own


def _employ(login: str, work: Work) -> None:
    work.staff.put(StaffMember(login, "Luc", "no hash", ("merchant_cashier",), store_id="demo"))


def test_nothing_goes_back_twice_or_of_other_sales_when_it_is_asked_for(counter: Counter) -> None:
    counter.back(0)
    strange = Wanted(an_id(), an_id(), {an_id(): 1}, "somebody's else")

    codes = []
    for wanted in (counter.wanted(0, an_id()), strange):
        with pytest.raises(FlowError) as refusal:
            counter.database.write(
                lambda work, wanted=wanted: refund_as_merchant(work, counter.shop, wanted, CASHIER, at=NOON)  # type: ignore[misc] # bound now
            )
        codes.append(refusal.value.code)

    assert codes == ["refund_too_much", "payment_not_found"]


async def ask_back(front: Shopfront, sale: PaymentRow, token: str, *, store: str = "demo", **facts: object) -> Response:
    detail = await front.ask("GET", f"/v1/merchants/demo/sales/{sale.payment_id}", token=token)
    lines = detail.json().get("lines", [{"line_id": an_id()}])
    body = {
        "refund_id": an_id(),
        "payment_id": sale.payment_id,
        "lines": [{"line_id": lines[0]["line_id"], "quantity": 1}],
        "reason": "the jar was open",
    }
    return await front.ask("POST", f"/v1/merchants/{store}/refunds", body | facts, token=token)


async def test_a_manager_agrees_when_a_merchant_asked_for_more_over_http(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    payer = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    sold = [sell(database, shop, customer_id=payer) for _ in range(14)]
    cashier = database.write(lambda work: a_session(work, "luc", "merchant_cashier", store_id="demo"))
    manager = database.write(lambda work: a_session(work, "amal", "staff_manager"))
    async with at_store(database, tmp_path) as front:
        done = [await ask_back(front, sale, cashier) for sale in sold]
        asked = done[-1].json()
        own = await front.ask("POST", f"/v1/requests/{asked['request_id']}:approve", token=cashier)
        agreed = await front.ask("POST", f"/v1/requests/{asked['request_id']}:approve", token=manager)
        listed = (await front.ask("GET", "/v1/merchants/demo/sales?limit=1", token=cashier)).json()["items"]

    assert [answer.status_code for answer in done] == [201] * 12 + [
        202
    ] * 2  # 50.00 a day, until a store says otherwise
    assert {*done[0].json()} >= {"refund_id", "amount_minor", "tenders"}
    assert "ticket_id" not in done[0].text  # who holds it may read the ticket
    assert (own.status_code, code_of(own)) == (403, "forbidden_role")
    assert (agreed.status_code, agreed.json()["refund"]["amount_minor"]) == (200, PRICE_MINOR)
    assert listed[0]["refunded_minor"] == PRICE_MINOR
    row = database.read(lambda work: work.refunds.get(asked["request_id"]))
    assert row is not None
    assert row.made_by == "luc+amal"


async def test_a_clear_problem_is_told_when_a_merchant_asks_for_what_is_not_theirs(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    sale = sell(database, shop)
    theirs = database.write(lambda work: a_session(work, "eve", "merchant_owner", store_id="elsewhere"))
    mine = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    marketer = database.write(lambda work: a_session(work, "marc", "marketer"))
    async with at_store(database, tmp_path) as front:
        line = {"line_id": an_id(), "quantity": 1}
        answers = [
            await ask_back(front, sale, theirs),
            await ask_back(front, sale, mine, store="elsewhere"),
            await ask_back(front, sale, marketer),
            await ask_back(front, sale, mine, reason="x"),
            await ask_back(front, sale, mine, lines=[line, line]),
            await ask_back(front, sale, mine, lines=[line]),
            await ask_back(front, sale, mine, payment_id=an_id()),
        ]

    assert [(answer.status_code, code_of(answer)) for answer in answers] == [
        (404, "store_not_found"),
        (404, "store_not_found"),
        (403, "forbidden_role"),
        (422, "malformed_request"),
        (422, "malformed_request"),
        (422, "refund_line_unknown"),
        (404, "payment_not_found"),
    ]
    assert database.read(lambda work: work.refunds.of_payment(sale.payment_id)) == []

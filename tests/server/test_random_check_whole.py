"""A whole basket is drawn by the same rule: told with its price, refused when it is paid, looked at at a kiosk."""

from datetime import timedelta
from typing import Any

import pytest

from checkout.random_check import CheckOutcome, CheckPolicy
from server.db.database import Database
from server.flows.baskets import CHECK_WAITS, UNKEPT, show
from server.flows.change_basket import abandon_basket
from server.flows.check_out import Laid, Whole, admit, price_whole
from server.flows.counter_pay import Asked, pay_at_counter, tell
from server.flows.errors import FlowError
from server.flows.hand_over import suspend
from server.flows.pay import Approved
from server.flows.ports import Caller, Work
from server.flows.ports.checks import Check
from server.flows.random_check import owe_look
from server.flows.scan import open_basket, scan
from server.flows.shop import Shop
from tests.server.builders import KIOSK, NOON, NUTELLA, PHONES, Paying, Sale, a_sale, a_shopper, an_id, minted
from tests.server.test_attendance import refused
from tests.server.test_counters import a_counter
from tests.server.test_random_check import ALWAYS, SELDOM, filled, quoted, under

HALF = CheckPolicy(base_bp=5_000, trusted_bp=0, trusted_after=1)


@pytest.fixture
def half(shop: Shop) -> Shop:
    """Return a shop that looks at half of the baskets of whoever it does not know."""
    return under(shop, HALF)


def by_steps(database: Database, shop: Shop, basket_id: str) -> str:
    """Open a basket at the kiosk under an id, fill it, and return what is drawn when its price is asked for."""

    def flow(work: Work) -> None:
        open_basket(work, shop, basket_id, KIOSK, channel="kiosk", at=NOON)
        facts = {"symbology": None, "quantity": 1, "at": NOON}
        scan(work, shop, basket_id, KIOSK, line_id=an_id(), code=NUTELLA, intervention_id=an_id(), **facts)  # type: ignore[arg-type] # facts by name

    database.write(flow)
    return quoted(database, shop, basket_id).random_check


def test_a_whole_basket_of_a_kiosk_is_drawn_as_the_same_basket_by_steps_is_when_it_is_paid(
    database: Database, shop: Shop, half: Shop
) -> None:
    sales: list[Sale] = [database.write(lambda work: a_sale(work, shop, NUTELLA)) for _ in range(12)]

    outcomes = database.settle([Paying(half, sale) for sale in sales])

    stopped = [sale for sale, outcome in zip(sales, outcomes, strict=True) if isinstance(outcome, FlowError)]
    assert {outcome.code for outcome in outcomes if isinstance(outcome, FlowError)} == {"random_check"}
    assert 0 < len(stopped) < len(sales)
    kept = [database.read(lambda work, sale=sale: work.baskets.get(sale.whole.basket_id)) for sale in sales]  # type: ignore[misc] # bound now
    assert [row is None for row in kept] == [sale in stopped for sale in sales]
    assert {by_steps(database, half, sale.whole.basket_id) for sale in stopped} == {"waiting"}
    calls = database.read(lambda work: work.interventions.waiting(stopped[0].whole.basket_id))
    assert [call.type for call in calls] == ["random_check"]
    told = {whole.basket_id: told_of(database, half, whole, KIOSK) for whole in (goods() for _ in range(12))}
    assert told == {basket_id: by_steps(database, half, basket_id) in CHECK_WAITS for basket_id in told}


def told_of(database: Database, shop: Shop, whole: Whole, caller: Caller) -> bool:
    """Ask for the price of a whole basket as the route does, and return whether a look was told of."""
    found = database.read(lambda work: price_whole(work, shop, whole, caller, at=NOON, phones=PHONES))
    database.write(lambda work: owe_look(work, shop, PHONES, found.row, at=NOON))
    return [each["code"] for each in show(shop, found)["problems"]] == ["random_check"]


def a_phone(database: Database) -> tuple[Caller, str]:
    """Return a shopper's phone, and by what their wallet is known."""
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=5000))
    customer = database.read(lambda work: work.customers.get(customer_id))
    assert customer is not None
    return Caller("shopper", customer_id, "demo"), customer.phone_hash


def goods() -> Whole:
    return Whole(an_id(), (Laid(an_id(), NUTELLA),))


def pay(work: Work, shop: Shop, whole: Whole, caller: Caller) -> object:
    quote = price_whole(work, shop, whole, caller, at=NOON).quote
    approved = Approved(an_id(), whole.basket_id, quote.digest, quote.total.minor, shop.payee, an_id())
    return admit(work, shop, whole, approved, caller, at=NOON, hold_seconds=60, phones=PHONES)


def test_a_shoppers_phone_stays_drawn_when_it_asks_under_other_ids(database: Database, half: Shop) -> None:
    phones = [a_phone(database)[0] for _ in range(12)]

    told = [{told_of(database, half, goods(), phone) for _ in range(4)} for phone in phones]

    assert all(len(each) == 1 for each in told)
    assert {True, False} == set.union(*told)
    for phone, (is_drawn,) in zip(phones, told, strict=True):
        # A free one goes as far as its approval, which nobody has given.
        said = refused(lambda phone=phone: database.write(lambda work: pay(work, half, goods(), phone)))  # type: ignore[misc] # bound now
        assert (said == "random_check") == is_drawn


def test_a_shoppers_phone_stays_drawn_when_it_pays_a_cent_over_a_counter(database: Database, half: Shop) -> None:
    phones = [a_phone(database)[0] for _ in range(12)]

    def pay_a_cent(work: Work, phone: Caller) -> None:
        counter = a_counter(work, half)
        payer = work.customers.get(phone.subject)
        assert payer is not None
        told = tell(work, half, counter, basket_id := an_id(), 1, payer, phone, at=NOON)
        asked = Asked(an_id(), basket_id, told.found.quote.digest, 1, half.payee, 0, is_sure=True)
        facts: dict[str, Any] = {"minted": minted(), "at": NOON, "hold_seconds": 180, "life": timedelta(seconds=60)}
        pay_at_counter(work, half, counter, asked, payer, phone, **facts)

    def drawn(phone: Caller) -> bool:
        found = database.read(lambda work: price_whole(work, half, goods(), phone, at=NOON, phones=PHONES))
        return found.row.random_check == UNKEPT

    before = [drawn(phone) for phone in phones]
    for phone in phones:
        database.write(lambda work, phone=phone: pay_a_cent(work, phone))  # type: ignore[misc] # bound now

    assert set(before) == {True, False}
    assert [drawn(phone) for phone in phones] == before


def test_the_shopper_is_looked_at_at_a_kiosk_when_their_phone_was_told_of_a_look(
    database: Database, shop: Shop
) -> None:
    always, seldom = under(shop, ALWAYS), under(shop, SELDOM)
    me, whose = a_phone(database)
    first, second = goods(), goods()
    assert [told_of(database, always, whole, me) for whole in (first, second)] == [True, True]

    guest = quoted(database, seldom, filled(database, seldom))
    mine = quoted(database, seldom, filled(database, seldom, whose=whose))
    again = quoted(database, seldom, filled(database, seldom, whose=whose))

    assert (guest.random_check, mine.random_check, again.random_check) == ("free", "waiting", "free")
    checks = [database.read(lambda work, whole=whole: work.checks.get(whole.basket_id)) for whole in (first, second)]  # type: ignore[misc] # bound now
    assert [isinstance(check, Check) for check in checks] == [True, False]  # told twice, owed once


@pytest.mark.parametrize("leave", ["abandoned", "put aside"])
def test_a_look_is_owed_by_a_phone_when_its_shopper_left_a_basket_before_it(
    database: Database, shop: Shop, leave: str
) -> None:
    always, never = under(shop, ALWAYS), under(shop, SELDOM)
    me, whose = a_phone(database)
    other, _ = a_phone(database)
    basket_id = quoted(database, always, filled(database, always, whose=whose)).basket_id
    if leave == "abandoned":
        database.write(lambda work: abandon_basket(work, basket_id, KIOSK, at=NOON))
    else:
        database.write(lambda work: suspend(work, basket_id, KIOSK, "t" * 32, at=NOON))

    told = [told_of(database, never, goods(), who) for who in (me, other)]
    said = refused(lambda: database.write(lambda work: pay(work, never, goods(), me)))
    at_kiosk = quoted(database, never, filled(database, never, whose=whose))
    after = told_of(database, never, goods(), me)

    assert (told, said) == ([True, False], "random_check")
    assert (at_kiosk.random_check, after) == ("waiting", False)  # handed on to there, once


def test_a_phone_is_not_drawn_when_its_shopper_was_found_right_often_enough(database: Database, half: Shop) -> None:
    me, whose = a_phone(database)
    before = Check(an_id(), "demo", whose, 5_000, 0, (), "waiting", NOON)

    def agreed(work: Work) -> None:
        work.checks.put(before)
        work.checks.settle(before.basket_id, CheckOutcome.AGREED, by="amal", at=NOON)

    database.write(agreed)

    assert not told_of(database, half, goods(), me)


def test_what_a_look_came_to_stays_when_a_phone_asks_under_the_id_of_what_was_looked_at(
    database: Database, shop: Shop
) -> None:
    me, whose = a_phone(database)
    always = under(shop, ALWAYS)
    looked_at = quoted(database, always, filled(database, always, whose=whose)).basket_id
    database.write(lambda work: work.checks.settle(looked_at, CheckOutcome.AMENDED, by="amal", at=NOON))
    before = database.read(lambda work: work.checks.get(looked_at))

    assert told_of(database, always, Whole(looked_at, goods().lines), me)

    assert database.read(lambda work: work.checks.get(looked_at)) == before
    assert database.read(lambda work: work.checks.outcomes_of(whose, limit=1)) == [CheckOutcome.AMENDED]


def test_the_way_out_is_named_when_a_whole_basket_waits_for_a_look(shop: Shop, database: Database) -> None:
    me, _ = a_phone(database)
    always = under(shop, ALWAYS)

    said = {}
    for who in (me, KIOSK):
        with pytest.raises(FlowError) as refusal:
            database.write(lambda work, who=who: pay(work, always, goods(), who))  # type: ignore[misc] # bound now
        said[who.kind] = str(refusal.value)

    assert "scan them at a kiosk" in said["shopper"]
    assert "under this id" in said["kiosk"]
    row = database.read(lambda work: price_whole(work, always, goods(), me, at=NOON, phones=PHONES)).row
    assert (row.random_check, find_kept(database, row.basket_id)) == (UNKEPT, False)


def find_kept(database: Database, basket_id: str) -> bool:
    return database.read(lambda work: work.baskets.get(basket_id)) is not None

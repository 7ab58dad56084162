"""A random check: drawn once a basket, looked at by a person, and nothing is paid before."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from checkout import Line
from checkout.random_check import CheckOutcome, CheckPolicy
from server.db.database import Database
from server.flows.assist import amend_line
from server.flows.attend import Resolution, claim_call, resolve_call
from server.flows.attendance import Attendant
from server.flows.baskets import CHECK_WAITS, find, view
from server.flows.change_basket import abandon_basket, quote_basket
from server.flows.desk import Seen, pay_at_desk
from server.flows.hand_over import LIFE, leave_alone, resume, suspend
from server.flows.pay import Approved, hold_payment
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.checks import Check
from server.flows.ports.shelf import StoreLimits
from server.flows.random_check import OWED, change_own_line, draw, look_at_basket
from server.flows.settle_call import settle_call
from server.flows.shop import Shop
from tests.server.builders import COLA, KIOSK, NOON, NUTELLA, PASTA, PHONES, a_basket, an_id, minted
from tests.server.test_attendance import a_colleague, an_attendance, log_of, refused
from tests.server.test_baskets import STICKER, better

ALWAYS = CheckPolicy(base_bp=10_000, trusted_bp=0, watched_bp=10_000, trusted_after=2, lines=2)


def under(shop: Shop, policy: CheckPolicy) -> Shop:
    """Return the shop with this policy."""
    return replace(shop, row=replace(shop.row, limits=StoreLimits(check=policy)))


@pytest.fixture
def checking(shop: Shop) -> Shop:
    """Return a shop that looks at every basket of whoever it does not know."""
    return under(shop, ALWAYS)


def quoted(database: Database, shop: Shop, basket_id: str, *, by: Caller = KIOSK, at: datetime = NOON) -> BasketRow:
    """Ask for the price to pay, as the route does."""

    def flow(work: Work) -> BasketRow:
        return draw(work, shop, PHONES, quote_basket(work, basket_id, by, at=at), at=at, call_id=an_id())

    return database.write(flow)


def drawn(database: Database, shop: Shop, *codes: str) -> str:
    """Fill a basket and have its price asked for."""
    basket_id = database.write(lambda work: a_basket(work, shop, *(codes or (NUTELLA, PASTA, COLA))))
    quoted(database, shop, basket_id)
    return basket_id


def pay(work: Work, shop: Shop, basket_id: str) -> object:
    shown = view(work, shop, find(work, basket_id), at=NOON)
    approved = Approved(an_id(), basket_id, shown["digest"], shown["total_minor"], shop.payee, an_id())
    return hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=180)


def at_desk(database: Database, shop: Shop, basket_id: str) -> Callable[[], object]:
    def flow(work: Work) -> object:
        shown = view(work, shop, find(work, basket_id), at=NOON)
        seen = Seen(shown["digest"], shown["total_minor"])
        return pay_at_desk(work, shop, basket_id, seen=seen, tender="cash", by="amal", at=NOON, minted=minted())

    return lambda: database.write(flow)


def test_nobody_is_looked_at_when_the_store_has_set_nothing(database: Database, shop: Shop) -> None:
    basket_id = drawn(database, shop)

    row, check = database.read(lambda work: (find(work, basket_id), work.checks.get(basket_id)))

    assert (row.random_check, check) == ("undrawn", None)


def test_a_basket_is_paid_nowhere_when_somebody_has_yet_to_look(database: Database, checking: Shop) -> None:
    basket_id = drawn(database, checking)

    shown = database.read(lambda work: view(work, checking, find(work, basket_id), at=NOON))

    assert [(each["code"], each["level"]) for each in shown["problems"]] == [("random_check", "critical")]
    assert refused(lambda: database.write(lambda work: pay(work, checking, basket_id))) == "random_check"
    assert refused(at_desk(database, checking, basket_id)) == "random_check"


def test_the_draw_stays_and_one_call_is_made_when_the_price_is_asked_for_again(
    database: Database, checking: Shop
) -> None:
    basket_id = drawn(database, checking)
    first = database.read(lambda work: work.checks.get(basket_id))

    for _ in range(3):
        quoted(database, checking, basket_id)
    later = quoted(database, under(checking, replace(ALWAYS, base_bp=1)), basket_id)  # nor by another policy

    calls = database.read(lambda work: work.interventions.waiting(basket_id))
    assert isinstance(first, Check)
    assert database.read(lambda work: work.checks.get(basket_id)) == first
    assert (first.chance_bp, len(first.line_ids), later.random_check) == (10_000, 2, "waiting")
    assert [(call.type, len(call.detail["look"])) for call in calls] == [("random_check", 2)]
    assert [entry[1] for entry in log_of(database, "random_check.drawn")] == ["random_check.drawn"]


def test_a_basket_goes_free_for_good_when_its_roll_is_not_below_the_chance(database: Database, shop: Shop) -> None:
    basket_id = drawn(database, under(shop, CheckPolicy(base_bp=0, watched_bp=1)))

    again = quoted(database, under(shop, ALWAYS), basket_id)

    check = database.read(lambda work: work.checks.get(basket_id))
    assert (again.random_check, None if check is None else check.outcome) == ("free", "free")


@pytest.mark.parametrize("amended", [False, True])
def test_the_shopper_goes_on_when_a_colleague_has_looked_at_the_kiosk(
    database: Database,
    checking: Shop,
    amended: bool,  # noqa: FBT001 - a case of the test
) -> None:
    basket_id = drawn(database, checking)
    by = database.write(an_attendance)
    before = database.read(lambda work: find(work, basket_id))
    if amended:
        line_id, said = before.lines[1].line_id, "miscounted"
        database.write(lambda work: amend_line(work, basket_id, line_id, 2, reason=said, kiosk=KIOSK, by=by, at=NOON))
        assert refused(at_desk(database, checking, basket_id)) == "random_check"

    settled = database.write(lambda work: look_at_basket(work, basket_id, kiosk=KIOSK, by=by, at=NOON))

    word = "amended" if amended else "agreed"
    assert (settled.random_check, settled.version > before.version) == (word, True)  # so a new price and approval
    assert database.read(lambda work: work.interventions.waiting(basket_id)) == []
    check = database.read(lambda work: work.checks.get(basket_id))
    assert check is not None
    assert (check.outcome, check.settled_by, check.settled_at) == (word, "amal", NOON)
    assert [entry[:2] for entry in log_of(database, f"random_check.{word}")] == [("amal", f"random_check.{word}")]
    assert quoted(database, checking, basket_id).random_check == word
    at_desk(database, checking, basket_id)()
    assert refused(lambda: look_again(database, basket_id, by)) == "basket_closed"


def look_again(database: Database, basket_id: str, by: Attendant) -> BasketRow:
    return database.write(lambda work: look_at_basket(work, basket_id, kiosk=KIOSK, by=by, at=NOON))


def test_a_basket_is_drawn_again_when_it_has_doubled_since_the_price_was_asked_for(
    database: Database, shop: Shop, checking: Shop
) -> None:
    basket_id = drawn(database, under(shop, CheckPolicy(base_bp=0, watched_bp=1)), NUTELLA)
    line_id = database.read(lambda work: find(work, basket_id)).lines[0].line_id
    by = database.write(an_attendance)

    def asked_with(pieces: int) -> str:
        taken(database, checking, basket_id, line_id, pieces)
        return quoted(database, checking, basket_id).random_check

    assert (asked_with(1), asked_with(2)) == ("free", "waiting")
    look_again(database, basket_id, by)
    assert (asked_with(3), asked_with(4)) == ("agreed", "waiting")
    check = database.read(lambda work: work.checks.get(basket_id))
    assert check is not None
    assert (check.pieces, check.outcome, check.settled_at) == (4, "waiting", None)
    look_again(database, basket_id, by)
    seldom = under(shop, CheckPolicy(base_bp=0, watched_bp=1))
    taken(database, seldom, basket_id, line_id, 9)
    assert quoted(database, seldom, basket_id).random_check == "agreed"  # a draw that says no takes nothing back
    assert asked_with(17) == "agreed"


def looked_at(database: Database, shop: Shop, by: Attendant, outcome: str) -> tuple[str, Line]:
    """Have a drawn basket looked at, and amended where that is the outcome; return its id and a line left as it was."""
    basket_id = drawn(database, shop)
    amended, line = database.read(lambda work: find(work, basket_id)).lines[1:]
    if outcome == "amended":
        why = "miscounted"
        database.write(
            lambda work: amend_line(work, basket_id, amended.line_id, 2, reason=why, kiosk=KIOSK, by=by, at=NOON)
        )
    look_again(database, basket_id, by)
    return basket_id, line


@pytest.mark.parametrize("was", ["agreed", "amended"])
def test_somebody_looks_again_when_a_shopper_takes_out_what_was_looked_at(
    database: Database, checking: Shop, was: str
) -> None:
    by = database.write(an_attendance)
    basket_id, line = looked_at(database, checking, by, was)

    more = taken(database, checking, basket_id, line.line_id, 3)
    less = taken(database, checking, basket_id, line.line_id, 0)

    (call,) = database.read(lambda work: work.interventions.waiting(basket_id))
    name = checking.catalog.by_sku(line.sku).name
    assert (more.random_check, less.random_check in CHECK_WAITS) == (was, True)
    assert (call.type, call.detail["look"]) == ("random_check", [{"name": name, "quantity": 0}])
    assert refused(at_desk(database, checking, basket_id)) == "random_check"
    assert look_again(database, basket_id, by).random_check == was
    at_desk(database, checking, basket_id)()


def stickered(database: Database, shop: Shop, basket_id: str, code: str) -> BasketRow:
    """Show a second code on a pack that lies in the basket."""
    return database.write(lambda work: better(work, shop, basket_id, code))[0]


@pytest.mark.parametrize("was", ["agreed", "amended"])
def test_somebody_looks_again_when_a_sticker_changes_the_price_of_what_was_looked_at(
    database: Database, checking: Shop, was: str
) -> None:
    basket_id = drawn(database, checking, NUTELLA, NUTELLA, PASTA)
    by = database.write(an_attendance)
    if was == "amended":
        line = database.read(lambda work: find(work, basket_id)).lines[1]
        database.write(
            lambda work: amend_line(work, basket_id, line.line_id, 2, reason="miscounted", kiosk=KIOSK, by=by, at=NOON)
        )
    look_again(database, basket_id, by)

    lot_only = stickered(database, checking, basket_id, f"(01)0{NUTELLA}(10)L7")
    cheaper = stickered(database, checking, basket_id, STICKER)

    (call,) = database.read(lambda work: work.interventions.waiting(basket_id))
    assert (lot_only.random_check, cheaper.random_check in CHECK_WAITS) == (was, True)
    name = checking.catalog.by_sku(cheaper.lines[0].sku).name
    assert (call.type, call.detail["look"]) == ("random_check", [{"name": name, "quantity": 1}])
    assert refused(at_desk(database, checking, basket_id)) == "random_check"
    assert look_again(database, basket_id, by).random_check == was
    at_desk(database, checking, basket_id)()


def test_nobody_looks_again_when_a_stickered_pack_is_added_after_the_look(database: Database, checking: Shop) -> None:
    basket_id = drawn(database, checking, PASTA)
    by = database.write(an_attendance)
    look_again(database, basket_id, by)

    assert stickered(database, checking, basket_id, STICKER).random_check == "agreed"


def test_nobody_looks_again_when_the_basket_was_not_drawn(database: Database, shop: Shop) -> None:
    basket_id = drawn(database, under(shop, CheckPolicy(base_bp=0, watched_bp=1)))
    line_id = database.read(lambda work: find(work, basket_id)).lines[0].line_id

    assert taken(database, shop, basket_id, line_id, 0).random_check == "free"


def taken(database: Database, shop: Shop, basket_id: str, line_id: str, quantity: int) -> BasketRow:
    """Set a quantity as the shopper does."""
    change = partial(change_own_line, version=None, at=NOON, call_id=an_id())
    return database.write(lambda work: change(work, shop, basket_id, KIOSK, line_id, quantity))


def test_nothing_is_settled_when_no_check_was_drawn(database: Database, shop: Shop) -> None:
    basket_id = drawn(database, shop)
    by = database.write(an_attendance)

    assert refused(lambda: look_again(database, basket_id, by)) == "check_not_asked"


def test_the_shopper_goes_on_when_the_call_is_closed_on_the_staff_page(database: Database, checking: Shop) -> None:
    basket_id = drawn(database, checking)
    database.write(a_colleague)
    (call,) = database.read(lambda work: work.interventions.waiting(basket_id))

    def close(work: Work, *, on_the_spot: bool) -> object:
        claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON)
        said = Resolution(approved=True, reason="looked at", tender=None, on_the_spot=on_the_spot, amount_minor=None)

        def settle(inner: Work, _call: object, how: Resolution) -> None:
            settle_call(inner, checking, call, how, by="amal", at=NOON, pay=lambda *_: None)

        return resolve_call(work, call.intervention_id, said, store_id="demo", by="amal", at=NOON, settle=settle)

    assert refused(lambda: database.write(lambda work: close(work, on_the_spot=False))) == "must_be_on_the_spot"
    database.write(lambda work: close(work, on_the_spot=True))

    assert database.read(lambda work: find(work, basket_id)).random_check == "agreed"


def test_the_check_goes_along_when_the_basket_is_taken_to_another_kiosk(database: Database, checking: Shop) -> None:
    basket_id = drawn(database, checking)
    database.write(lambda work: suspend(work, basket_id, KIOSK, "t" * 32, at=NOON))
    assert database.read(lambda work: work.interventions.waiting(basket_id)) == []

    elsewhere = replace(KIOSK, subject="kiosk-2")
    row = database.write(lambda work: resume(work, checking, "t" * 32, elsewhere, at=NOON, new_id=an_id))

    (call,) = database.read(lambda work: work.interventions.waiting(basket_id))
    assert (row.random_check, call.type, call.kiosk_id) == ("waiting", "random_check", "kiosk-2")


def test_whoever_was_found_right_is_looked_at_less_when_their_wallet_is_shown(
    database: Database, checking: Shop
) -> None:
    somebody = "ab" * 32

    def once_more() -> BasketRow:
        basket_id = database.write(lambda work: a_basket(work, checking, NUTELLA))
        database.write(
            lambda work: work.baskets.put(replace(find(work, basket_id), is_member=True, member_phone_hash=somebody))
        )
        return quoted(database, checking, basket_id)

    def settle(row: BasketRow, outcome: CheckOutcome) -> None:
        database.write(lambda work: work.checks.settle(row.basket_id, outcome, by="amal", at=NOON))

    states = []
    for outcome in (CheckOutcome.AGREED, CheckOutcome.AGREED, None):
        row = once_more()
        states.append(row.random_check)
        if outcome is not None:
            settle(row, outcome)

    assert states == ["waiting", "waiting", "free"]


def left(database: Database, shop: Shop, *, at: datetime = NOON, whose: str | None = None) -> str:
    """Leave a basket of somebody that was drawn, while nobody has looked at it yet."""
    basket_id = filled(database, shop, whose=whose)
    quoted(database, shop, basket_id)
    database.write(lambda work: abandon_basket(work, basket_id, KIOSK, at=at))
    return basket_id


def filled(database: Database, shop: Shop, *, by: Caller = KIOSK, whose: str | None = None) -> str:
    """Fill a basket at a kiosk, of somebody whose wallet may be shown."""

    def flow(work: Work) -> str:
        basket_id = a_basket(work, shop, NUTELLA, PASTA)
        held = replace(find(work, basket_id), kiosk_id=by.subject, member_phone_hash=whose, is_member=whose is not None)
        work.baskets.put(held)
        return basket_id

    return database.write(flow)


ANA, BEN = "aa" * 32, "bb" * 32
SELDOM = CheckPolicy(base_bp=0, watched_bp=1)
ELSEWHERE = replace(KIOSK, subject="kiosk-2")


@pytest.mark.parametrize(
    ("first", "then", "where", "is_drawn"),
    [
        pytest.param(None, None, KIOSK, True, id="unknown, there"),
        pytest.param(ANA, None, KIOSK, True, id="wallet not shown again"),
        pytest.param(None, ANA, KIOSK, True, id="wallet shown only now"),
        pytest.param(ANA, ANA, ELSEWHERE, True, id="same shopper elsewhere"),
        pytest.param(ANA, BEN, KIOSK, False, id="another shopper"),
        pytest.param(ANA, None, ELSEWHERE, False, id="unknown elsewhere"),
        pytest.param(None, None, ELSEWHERE, False, id="unknown both, elsewhere"),
    ],
)
def test_the_check_is_handed_on_when_a_drawn_basket_is_left_and_scanned_anew(
    database: Database, checking: Shop, first: str | None, then: str | None, where: Caller, *, is_drawn: bool
) -> None:
    before = left(database, checking, whose=first)
    seldom = under(checking, SELDOM)
    basket_id = filled(database, seldom, by=where, whose=then)

    row = quoted(database, seldom, basket_id, by=where)
    after = quoted(database, seldom, filled(database, seldom, by=where, whose=then), by=where)

    check = database.read(lambda work: work.checks.get(basket_id))
    assert isinstance(check, Check)
    assert (row.random_check, check.chance_bp) == (("waiting", 10_000) if is_drawn else ("free", 0))
    assert after.random_check == "free"  # once: who comes next is drawn as everybody is
    handed_on = database.read(lambda work: find(work, before).random_check)
    assert handed_on == ("taken_over" if is_drawn else "waiting")


def test_nobody_has_the_check_of_another_when_a_drawn_basket_was_left_long_ago(
    database: Database, checking: Shop
) -> None:
    left(database, checking, at=NOON - OWED - timedelta(seconds=1))
    seldom = under(checking, SELDOM)

    row = quoted(database, seldom, filled(database, seldom))

    assert row.random_check == "free"


def test_nobody_has_the_check_of_another_when_the_left_basket_was_looked_at(database: Database, checking: Shop) -> None:
    basket_id = drawn(database, checking)
    by = database.write(an_attendance)
    database.write(lambda work: look_at_basket(work, basket_id, kiosk=KIOSK, by=by, at=NOON))
    database.write(lambda work: abandon_basket(work, basket_id, KIOSK, at=NOON))
    seldom = under(checking, SELDOM)

    row = quoted(database, seldom, filled(database, seldom))

    assert row.random_check == "free"


def test_the_check_is_handed_on_and_stays_when_a_drawn_basket_is_put_aside_and_scanned_anew(
    database: Database, checking: Shop
) -> None:
    basket_id = drawn(database, checking)
    database.write(lambda work: suspend(work, basket_id, KIOSK, "t" * 32, at=NOON))
    seldom = under(checking, SELDOM)

    anew = quoted(database, seldom, filled(database, seldom))
    after = quoted(database, seldom, filled(database, seldom))
    taken_up = database.write(lambda work: resume(work, seldom, "t" * 32, KIOSK, at=NOON, new_id=an_id))
    database.write(lambda work: abandon_basket(work, basket_id, KIOSK, at=NOON))
    again = quoted(database, seldom, filled(database, seldom))

    assert (anew.random_check, after.random_check) == ("waiting", "free")  # once, as of one that is left
    assert taken_up.random_check == "waiting"  # what lies in it has been seen by nobody
    assert again.random_check == "waiting"


@pytest.mark.parametrize("was", ["agreed", "amended"])
def test_the_check_is_handed_on_when_what_was_looked_at_is_changed_and_put_aside(
    database: Database, checking: Shop, was: str
) -> None:
    by = database.write(an_attendance)
    basket_id, line = looked_at(database, checking, by, was)
    taken(database, checking, basket_id, line.line_id, 0)
    database.write(lambda work: suspend(work, basket_id, KIOSK, "t" * 32, at=NOON))
    seldom = under(checking, SELDOM)

    anew = quoted(database, seldom, filled(database, seldom))
    after = quoted(database, seldom, filled(database, seldom))

    check = database.read(lambda work: work.checks.get(basket_id))
    assert (anew.random_check, after.random_check) == ("waiting", "free")
    assert check is not None
    assert (check.outcome, check.settled_by) == (was, "amal")  # what the look came to is still known of them
    taken_up = database.write(lambda work: resume(work, seldom, "t" * 32, KIOSK, at=NOON, new_id=an_id))
    assert taken_up.random_check in CHECK_WAITS
    assert look_again(database, basket_id, by).random_check == was


def test_nobody_has_the_check_of_another_when_the_code_of_a_drawn_basket_is_over(
    database: Database, checking: Shop
) -> None:
    basket_id = drawn(database, checking)
    database.write(lambda work: suspend(work, basket_id, KIOSK, "t" * 32, at=NOON))
    over = NOON + LIFE
    assert database.write(lambda work: leave_alone(work, at=over)) == 1
    seldom = under(checking, SELDOM)

    row = quoted(database, seldom, filled(database, seldom), at=over)

    assert row.random_check == "free"

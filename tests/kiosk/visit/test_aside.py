"""A basket that is put aside, and one that is taken up."""

from dataclasses import replace

import pytest

from checkout import BasketTextCode, Carried, CarriedKind, Gathering, read_code, read_part
from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import HandOver
from kiosk.visit.visit import Unsent, Visit, record_of, sure
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_coupon_on_it,
    a_line,
    a_store,
    a_visit,
    after,
    at,
    shopping,
    welcomed,
)

GIVEN = HandOver("SESAME:B:token", "/b/token", after(7200))


def call_of(effects: tuple[object, ...]) -> calls.Call:
    (effect,) = effects
    assert isinstance(effect, Ask)
    return effect.call


def read_whole(texts: tuple[str, ...]) -> tuple[Carried, ...]:
    gathering = Gathering()
    for text in texts:
        reading = read_code(text, "qr")
        assert isinstance(reading, BasketTextCode)
        gathering = gathering.add(sure(read_part(reading.part)))
    return gathering.basket().entries


def put_aside() -> tuple[Visit, calls.Call]:
    visit, effects = step(shopping(a_basket()), acts.PutAside(), NOON)
    return visit, call_of(effects)


def test_the_code_is_shown_and_nothing_puts_the_basket_away_when_it_was_put_aside() -> None:
    visit, asked = put_aside()
    visit, _ = step(visit, events.Answered(asked, GIVEN), NOON)

    assert (visit.state, visit.aside) == (State.ASIDE, GIVEN)
    gone, effects = step(visit, acts.NewVisit(), NOON)
    assert (gone.state, effects) == (State.WELCOME, ())


def test_the_basket_stays_on_the_screen_when_the_store_does_not_put_it_aside() -> None:
    visit, asked = put_aside()

    visit, effects = step(visit, events.Refused(asked, "basket_paying", {}), NOON)

    assert (visit.state, call_of(effects)) == (State.SHOPPING, calls.FetchBasket(sure(visit.basket_id)))


@pytest.mark.parametrize(
    "facts", [{"unsent": (Unsent("l", MILK),)}, {"basket": None}, {"basket": None, "online": False}]
)
def test_it_is_not_offered_when_a_line_is_on_its_way_or_nothing_is_in_it(facts: dict[str, object]) -> None:
    assert "put_aside" not in possible(at(State.SHOPPING, **facts))


def test_the_basket_itself_is_shown_when_the_store_is_away() -> None:
    deposit = a_line(line_id="line-1:deposit", sku="glass")
    basket = a_basket(lines=(a_line(), deposit), coupons=(a_coupon_on_it(),))
    visit = replace(shopping(basket), online=False, unsent=(Unsent("line-2", "2112345001500"),))

    visit, effects = step(visit, acts.PutAside(), NOON)

    given = sure(visit.aside)
    assert (visit.state, visit.basket, visit.basket_id, visit.unsent) == (State.ASIDE, None, None, ())
    left = call_of(effects)
    assert isinstance(left, calls.AbandonBasket)
    assert left.basket_id == "basket-1"
    assert read_whole(given.texts) == (
        Carried(CarriedKind.PRODUCT, "s-1", 2),
        Carried(CarriedKind.LABEL, "2112345001500"),
        Carried(CarriedKind.COUPON, "ABCD-EFGH"),
    )


def test_each_pack_is_carried_once_when_it_is_put_aside_before_its_own_answer_has_come() -> None:
    visit = replace(shopping(a_basket()), online=False)
    visit, effects = step(visit, acts.Scan("3017620422003"), NOON)
    scan = call_of(effects)
    assert isinstance(scan, calls.AddLine)
    lines = (a_line(), a_line(line_id=scan.key, sku="s-2"))
    reckoned = replace(a_basket(lines=lines, version=2), provisional=True, holds=(scan.key,))
    fetched = events.Provisional(calls.FetchBasket("basket-1"), events.BasketNow(reckoned))
    visit, _ = step(visit, fetched, NOON)

    aside, _ = step(visit, acts.PutAside(), NOON)

    assert screen_of(visit, 1)["waiting"] == []
    assert [entry.text for entry in read_whole(sure(aside.aside).texts)] == ["s-1", "s-2"]


def test_what_was_found_by_name_is_carried_by_its_own_key_when_nothing_can_be_priced() -> None:
    on_its_way = (Unsent("line-2", "s-9", quantity=3, by_sku=True),)
    visit = replace(shopping(a_basket()), online=False, unsent=on_its_way)

    visit, _ = step(visit, acts.PutAside(), NOON)

    assert read_whole(sure(visit.aside).texts)[1:] == (Carried(CarriedKind.PRODUCT, "s-9", 3),)


def test_a_colleague_is_named_when_a_basket_is_too_large_for_codes() -> None:
    lines = tuple(a_line(line_id=f"l-{place}", sku="x" * 120 + str(place)) for place in range(30))
    visit = replace(shopping(a_basket(lines=lines)), online=False)

    visit, effects = step(visit, acts.PutAside(), NOON)

    assert (visit.state, effects, sure(visit.notice).code) == (State.SHOPPING, (), "carried_too_large")


@pytest.mark.parametrize("given", [GIVEN, HandOver("", "", None, ("SESAME:H:X",))])
def test_the_codes_are_shown_again_when_the_kiosk_was_killed_before_the_shopper_was_done(given: HandOver) -> None:
    record = sure(record_of(at(State.ASIDE, aside=given, basket=None, basket_id=None)))

    visit, effects = step(a_visit(), events.Started(record, store=a_store()), NOON)

    assert (visit.state, visit.aside, visit.store) == (State.ASIDE, given, a_store())
    assert call_of(effects) == calls.FetchStore()
    visit, _ = step(visit, acts.NewVisit(), NOON)
    assert (visit.state, record_of(visit)) == (State.WELCOME, None)


def test_the_codes_wait_for_the_store_when_the_disk_does_not_know_where_the_kiosk_stands() -> None:
    record = sure(record_of(at(State.ASIDE, aside=GIVEN, basket=None, basket_id=None)))
    visit, _ = step(a_visit(), events.Started(record), NOON)
    assert (visit.state, record_of(visit)) == (State.OUT_OF_ORDER, record)

    visit, _ = step(visit, events.Answered(calls.FetchStore(), a_store()), NOON)

    assert (visit.state, visit.aside) == (State.ASIDE, GIVEN)


def test_a_basket_is_taken_up_when_its_code_is_shown_at_the_welcome() -> None:
    visit, effects = step(welcomed(), acts.Scan("SESAME:B:token"), NOON)
    asked = call_of(effects)
    assert isinstance(asked, calls.ResumeBasket)

    lines = (a_line(quantity=5), a_line(line_id="l2", weight_g=742))

    visit, _ = step(visit, events.Answered(asked, events.BasketNow(a_basket("theirs", lines=lines))), NOON)

    notice = sure(visit.notice)
    assert (visit.state, visit.basket_id, notice.code) == (State.SHOPPING, "theirs", "basket_taken_up")
    assert notice.facts["count"] == 6  # as the till and the staff's board count
    assert sure(record_of(visit)).basket_id == "theirs"


def test_nothing_is_said_when_the_phone_that_brought_the_basket_is_still_held_there() -> None:
    visit, effects = step(welcomed(), acts.Scan("SESAME:B:token"), NOON)
    asked = call_of(effects)
    assert isinstance(asked, calls.ResumeBasket)
    back, _ = step(visit, events.Answered(asked, events.BasketNow(a_basket("theirs"))), NOON)

    visit, effects = step(back, acts.Scan("SESAME:B:token"), NOON)

    assert (effects, visit.notice, visit.basket_id) == ((), None, "theirs")
    other, _ = step(visit, acts.Scan("SESAME:B:other"), NOON)
    assert sure(other.notice).code == "basket_open_already"


def test_an_open_basket_stays_when_another_ones_code_is_shown() -> None:
    visit, effects = step(shopping(a_basket()), acts.Scan("SESAME:B:token"), NOON)

    assert (effects, sure(visit.notice).code, visit.basket_id) == ((), "basket_open_already", "basket-1")


@pytest.mark.parametrize("code", ["handover_unknown", "handover_over", "handover_taken"])
def test_the_reason_is_said_when_a_code_leads_to_no_basket(code: str) -> None:
    visit, effects = step(welcomed(), acts.Scan("SESAME:B:token"), NOON)

    visit, _ = step(visit, events.Refused(call_of(effects), code, {}), NOON)

    assert (visit.state, sure(visit.notice).code, visit.taking_up) == (State.WELCOME, code, None)

"""A basket that is put aside, and one that is taken up."""

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import HandOver
from kiosk.visit.visit import Visit, record_of, sure
from tests.kiosk.builders import NOON, a_basket, after, at, shopping, welcomed

GIVEN = HandOver("SESAME:B:token", "/b/token", after(7200))


def call_of(effects: tuple[object, ...]) -> calls.Call:
    (effect,) = effects
    assert isinstance(effect, Ask)
    return effect.call


def put_aside() -> tuple[Visit, calls.Call]:
    visit, effects = step(shopping(a_basket()), acts.PutAside(), NOON)
    return visit, call_of(effects)


def test_the_code_is_shown_and_nothing_puts_the_basket_away_when_it_was_put_aside() -> None:
    visit, asked = put_aside()
    visit, _ = step(visit, events.Answered(asked, GIVEN), NOON)

    assert (visit.state, visit.aside, record_of(visit)) == (State.ASIDE, GIVEN, None)
    gone, effects = step(visit, acts.NewVisit(), NOON)
    assert (gone.state, effects) == (State.WELCOME, ())


def test_the_basket_stays_on_the_screen_when_the_store_does_not_put_it_aside() -> None:
    visit, asked = put_aside()

    visit, effects = step(visit, events.Refused(asked, "basket_paying", {}), NOON)

    assert (visit.state, call_of(effects)) == (State.SHOPPING, calls.FetchBasket(sure(visit.basket_id)))


@pytest.mark.parametrize("facts", [{"online": False}, {"basket": None}])
def test_it_is_not_offered_when_the_store_is_away_or_nothing_is_in_it(facts: dict[str, object]) -> None:
    assert "put_aside" not in possible(at(State.SHOPPING, **facts))


def test_a_basket_is_taken_up_when_its_code_is_shown_at_the_welcome() -> None:
    visit, effects = step(welcomed(), acts.Scan("SESAME:B:token"), NOON)
    asked = call_of(effects)
    assert isinstance(asked, calls.ResumeBasket)

    visit, _ = step(visit, events.Answered(asked, events.BasketNow(a_basket("theirs"))), NOON)

    assert (visit.state, visit.basket_id, sure(visit.notice).code) == (State.SHOPPING, "theirs", "basket_taken_up")
    assert sure(record_of(visit)).basket_id == "theirs"


def test_an_open_basket_stays_when_another_ones_code_is_shown() -> None:
    visit, effects = step(shopping(a_basket()), acts.Scan("SESAME:B:token"), NOON)

    assert (effects, sure(visit.notice).code, visit.basket_id) == ((), "basket_open_already", "basket-1")


@pytest.mark.parametrize("code", ["handover_unknown", "handover_over", "handover_taken"])
def test_the_reason_is_said_when_a_code_leads_to_no_basket(code: str) -> None:
    visit, effects = step(welcomed(), acts.Scan("SESAME:B:token"), NOON)

    visit, _ = step(visit, events.Refused(call_of(effects), code, {}), NOON)

    assert (visit.state, sure(visit.notice).code, visit.taking_up) == (State.WELCOME, code, None)

"""A basket that was drawn: said kindly, nothing paid meanwhile, and on it goes once somebody has looked."""

from dataclasses import replace

from kiosk.ui.screens import help_waits, screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.values import Basket, Problem
from kiosk.visit.visit import Visit
from tests.kiosk.builders import a_basket, an_attendant, asked, at, shopping, walked

DRAWN = Problem("random_check", "critical", None, "A colleague looks at a few of these goods first.")


def a_drawn_basket(*, version: int = 1) -> Basket:
    return a_basket(state="quoted", version=version, problems=(DRAWN,))


def in_review() -> Visit:
    """Return a visit that has just read that its basket was drawn."""
    visit, effects = walked(shopping(), acts.Review())
    visit, _ = walked(visit, events.Answered(asked(effects)[0], events.BasketNow(a_drawn_basket())))
    return visit


def said(visit: Visit) -> str:
    assert visit.notice is not None
    return visit.notice.code


def test_the_shopper_reads_why_and_cannot_pay_when_the_basket_was_drawn() -> None:
    visit = in_review()

    assert (visit.state, said(visit)) == (State.REVIEW, "random_check")
    assert "confirm" not in possible(visit)
    assert {"scan", "back", "attend"} < set(possible(visit))
    assert help_waits(visit)


def test_paying_is_open_again_under_a_new_price_when_somebody_has_looked() -> None:
    told = events.InterventionResolved("i-9", "random_check", "basket-1", "approved")
    visit, effects = walked(in_review(), told)
    (call,) = asked(effects)
    assert call == calls.FetchBasket("basket-1")

    looked_at = a_basket(version=2, digest="d2")
    visit, effects = walked(visit, events.Answered(call, events.BasketNow(looked_at)))
    assert (said(visit), asked(effects)) == ("random_check_done", [calls.QuoteBasket("basket-1")])
    visit, _ = walked(visit, events.Answered(asked(effects)[0], events.BasketNow(replace(looked_at, state="quoted"))))

    assert "confirm" in possible(visit)
    assert not help_waits(visit)


def test_a_colleague_ends_the_check_at_the_kiosk_when_they_have_looked() -> None:
    attended = at(State.STAFF, basket=a_drawn_basket(), attendant=an_attendant())
    assert screen_of(attended, 1)["panel"]["check"] is True

    visit, effects = walked(attended, acts.StaffChecked())

    (call,) = asked(effects)
    assert isinstance(call, calls.SettleCheck)
    assert (call.basket_id, call.attendance_id) == ("basket-1", "attendance-1")
    assert "staff_checked" not in possible(visit)  # one press is one question
    visit, _ = walked(visit, events.Answered(call, events.BasketNow(a_basket(version=2, digest="d2"))))
    assert (visit.state, said(visit)) == (State.STAFF, "random_check_done")
    assert "staff_checked" not in possible(visit)


def test_the_shopper_is_led_back_when_the_store_draws_between_the_price_and_the_payment() -> None:
    pay = calls.Pay("pay-1", calls.Approval("basket-1", "d1", 718, "Sésame Démo"), "auth-1")
    visit = at(State.PAYING, payment_id="pay-1", pay=pay)

    visit, effects = walked(visit, events.Refused(pay, "random_check", {}))

    assert (visit.state, said(visit)) == (State.REVIEW, "random_check")
    assert calls.QuoteBasket("basket-1") in asked(effects)

"""Bad paths as a shopper walks them at the kiosk, where the store has the last word."""

from dataclasses import replace

from kiosk.visit import acts, calls, events
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.visit import Visit
from tests.kiosk.builders import (
    a_basket,
    a_coupon_on_it,
    a_line,
    an_authentication,
    asked,
    at,
    shopping,
    walked,
)


def said(visit: Visit) -> str:
    assert visit.notice is not None
    return visit.notice.code


def test_the_new_total_is_agreed_to_anew_when_another_till_took_the_coupon_before_the_payment() -> None:
    with_coupon = a_basket(state="quoted", coupons=(a_coupon_on_it(),))
    auth = an_authentication(factors=("phone", "pin"))
    visit, effects = walked(at(State.CONFIRMING, basket=with_coupon, auth=auth), acts.Confirm())
    (pay,) = asked(effects)

    visit, effects = walked(visit, events.Refused(pay, "coupon_redeemed", {}))
    assert (visit.state, said(visit), visit.auth) == (State.REVIEW, "coupon_refused", None)
    assert visit.notice is not None
    assert visit.notice.facts["reason"] == "coupon_redeemed"
    fetch, quote = asked(effects)
    dearer = replace(a_basket(version=2, digest="d2"), state="quoted", coupons=(a_coupon_on_it(applied=False),))
    visit, _ = walked(visit, events.Answered(fetch, events.BasketNow(dearer)))
    visit, _ = walked(visit, events.Answered(quote, events.BasketNow(dearer)))

    assert visit.basket is not None
    assert [coupon.state for coupon in visit.basket.coupons] == ["not_applicable"]
    assert visit.auth is None  # what was approved before holds for nothing now
    assert "confirm" in possible(visit)


def test_the_rest_is_paid_without_a_word_about_the_person_when_an_age_was_refused() -> None:
    wine, milk = a_line(line_id="line-2", min_age=18), a_line()
    visit = shopping(a_basket(lines=(wine, milk), age_check="waiting"))

    told = events.InterventionResolved("i-9", "age_check", "basket-1", "refused")
    visit, effects = walked(visit, told)
    assert asked(effects) == [calls.FetchBasket("basket-1")]
    left = a_basket(version=2, digest="d2", lines=(milk,), age_check="refused")
    visit, _ = walked(visit, events.Answered(asked(effects)[0], events.BasketNow(left)))

    assert (said(visit), visit.notice.facts if visit.notice else None) == ("age_check_refused", {})
    assert "review" in possible(visit)

"""A visit from the review to the receipt: by face, code, PIN, or at the desk."""

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginLook, DropFaces
from kiosk.visit.possible import possible
from kiosk.visit.record import VisitRecord
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import Candidate
from kiosk.visit.visit import Look, record_of
from tests.kiosk.builders import (
    a_basket,
    a_line,
    a_payment,
    after,
    an_authentication,
    an_evidence,
    answered,
    asked,
    at,
    shopping,
    walked,
)


def test_the_face_camera_stays_shut_when_digits_are_not_given_yet() -> None:
    visit, _ = walked(shopping(), acts.Review())
    visit, _ = walked(visit, answered(calls.QuoteBasket("basket-1"), events.BasketNow(a_basket(state="quoted"))))

    visit, effects = walked(visit, acts.Confirm(), acts.ChooseMethod("face"))

    assert visit.state is State.DIGITS
    assert not effects


def test_the_receipt_shows_when_a_recognised_shopper_confirms() -> None:
    visit, effects = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    (fetch,) = asked(effects)
    found = events.Candidates((Candidate("ref-1", "sface", "AAAA"),))
    visit, effects = walked(visit, answered(fetch, found))
    (begin,) = effects
    assert isinstance(begin, BeginLook)

    visit, effects = walked(visit, events.FaceRecognised(begin.look_id, "ref-1", an_evidence()))
    call = asked(effects)[0]
    assert isinstance(call, calls.AuthenticateFace)
    assert (call.approval.digest, call.approval.amount_minor) == ("d1", 718)
    assert DropFaces() in effects
    visit, _ = walked(visit, answered(call, an_authentication(call.key)))
    assert visit.state is State.CONFIRMING
    visit, effects = walked(visit, acts.Confirm())
    (pay,) = asked(effects)
    assert isinstance(pay, calls.Pay)
    assert record_of(visit) == VisitRecord("basket-1", pay.key, "fr", paid_with=pay.authentication_id)
    visit, _ = walked(visit, answered(pay, a_payment(pay.key, "basket-1")))

    assert visit.state is State.RECEIPT
    assert visit.auth is None


def test_no_third_look_is_offered_when_two_looks_failed() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    visit, effects = walked(visit, events.FaceStranger(visit.look.look_id))
    assert visit.state is State.LOOKING
    assert DropFaces() in effects

    visit, _ = walked(visit, acts.LookAgain())
    assert visit.look is not None
    visit, _ = walked(visit, events.FaceStranger(visit.look.look_id))

    assert visit.state is State.METHOD
    assert visit.notice is not None
    assert visit.notice.code == "face_tries_over"  # not "try once more", which the page no longer offers
    visit, effects = walked(visit, acts.ChooseMethod("face"))
    assert visit.state is State.METHOD
    assert not effects


def test_nobody_is_named_when_two_accounts_are_too_close() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None

    visit, effects = walked(visit, events.FaceAmbiguous(visit.look.look_id))

    assert visit.state is State.CODE
    assert not asked(effects)
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("face_ambiguous", {})


def test_a_late_result_is_ignored_when_the_shopper_has_left_the_look() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    look_id = visit.look.look_id
    visit, effects = walked(visit, acts.Back())
    assert DropFaces() in effects

    visit, effects = walked(visit, events.FaceRecognised(look_id, "ref-1", an_evidence()))

    assert visit.state is State.METHOD
    assert not effects


def test_the_look_ends_when_its_time_is_over() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))

    visit, effects = step(visit, events.Ticked(), after(30))

    assert visit.face_failures == 1
    assert DropFaces() in effects
    assert visit.notice is not None
    assert visit.notice.code == "look_timeout"


@pytest.mark.parametrize("state", [State.METHOD, State.DIGITS, State.LOOKING, State.CODE, State.CONFIRMING])
def test_an_approval_is_void_when_the_basket_changes(state: State) -> None:
    visit = at(state, auth=an_authentication(), look=Look("l"))

    changed = a_basket(version=2, digest="d2", lines=(a_line(quantity=1, due_minor=399),))
    visit, effects = walked(visit, answered(calls.FetchBasket("basket-1"), events.BasketNow(changed)))

    assert (visit.state, visit.auth) == (State.REVIEW, None)
    assert calls.QuoteBasket("basket-1") in asked(effects)
    assert visit.notice is not None
    assert visit.notice.code == "basket_changed"


def test_nothing_is_voided_when_the_same_content_is_read_again() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication())

    same = events.BasketNow(a_basket(state="quoted", version=2))
    visit, effects = walked(visit, answered(calls.FetchBasket("basket-1"), same))

    assert visit.state is State.CONFIRMING
    assert not effects


def test_the_pin_is_asked_for_when_the_face_alone_does_not_do() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(step_up=True))
    assert "confirm" not in possible(visit)

    visit, effects = walked(visit, acts.GivePin("2718"))
    (call,) = asked(effects)
    visit, _ = walked(visit, answered(call, an_authentication(factors=("face", "pin"), step_up=True)))

    assert "confirm" in possible(visit)


def test_the_shortfall_shows_when_the_balance_does_not_do() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())

    visit, _ = walked(visit, events.Refused(asked(effects)[0], "insufficient_funds", {"shortfall_minor": 620}))

    assert visit.state is State.REVIEW
    assert visit.notice is not None
    assert visit.notice.facts == {"shortfall_minor": 620}


def test_the_approval_ends_when_its_time_is_over() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(expires_at=after(60)))

    visit, _ = step(visit, events.Ticked(), after(61))

    assert (visit.state, visit.auth) == (State.REVIEW, None)


def test_the_screen_says_do_not_pay_again_when_the_network_is_lost_while_paying() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())
    (pay,) = asked(effects)

    visit, effects = walked(visit, events.Unreached(pay, kept=True, waiting=1), events.Ticked())

    assert visit.state is State.PAYING
    assert not visit.online
    assert not effects


def test_the_code_panel_opens_prefilled_when_a_wallet_code_is_shown_in_the_review() -> None:
    visit, _ = walked(at(State.REVIEW), events.CodeRead("SESAME:W:12345678", "qr"))

    assert (visit.state, visit.wallet_code) == (State.CODE, "12345678")


def test_the_phone_number_is_sent_in_full_form_when_a_shopper_identifies() -> None:
    visit, effects = walked(at(State.CODE), acts.Identify(pin="2718", phone="06 12 34 56 78"))

    (call,) = asked(effects)
    assert isinstance(call, calls.AuthenticatePin)
    assert call.phone == "+33612345678"
    assert "2718" not in repr(call)
    assert "2718" not in repr(visit)


def test_the_shopper_stays_when_the_pin_is_wrong() -> None:
    visit, effects = walked(at(State.CODE), acts.Identify(pin="2718", phone="0612345678"))

    visit, _ = walked(visit, events.Refused(asked(effects)[0], "pin_wrong", {"attempts_left": 3}))

    assert visit.state is State.CODE
    assert visit.notice is not None
    assert visit.notice.facts == {"attempts_left": 3}
    assert "identify" in possible(visit)


def test_the_receipt_shows_when_a_colleague_takes_the_payment_at_the_desk() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)
    assert isinstance(call.detail["emoji"], list)

    visit, effects = walked(visit, events.PaymentCaptured("basket-1", "pay-7"))
    visit, _ = walked(visit, answered(asked(effects)[0], a_payment("pay-7", "basket-1", subject=None)))

    assert visit.state is State.RECEIPT


def test_the_review_returns_when_the_desk_refuses() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)

    visit, _ = walked(visit, events.InterventionResolved(call.key, "payment_at_desk", "basket-1", "refused"))

    assert visit.state is State.REVIEW
    assert visit.notice is not None
    assert visit.notice.code == "desk_refused"


@pytest.mark.parametrize(
    ("event", "left_for"),
    [
        (acts.Back(), State.METHOD),
        (acts.CancelVisit(), State.WELCOME),
        (answered(calls.FetchBasket("basket-1"), events.BasketNow(a_basket(version=9, digest="other"))), State.REVIEW),
    ],
)
def test_the_call_to_the_desk_is_taken_back_when_the_desk_is_left(event: events.Event, left_for: State) -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)

    visit, effects = walked(visit, event)

    assert visit.state is left_for
    (taken_back,) = [each for each in asked(effects) if isinstance(each, calls.CancelIntervention)]
    assert taken_back.intervention_id == call.key
    assert taken_back.key != call.key


def test_the_call_to_the_desk_stays_when_the_money_was_taken() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))

    visit, effects = walked(visit, answered(calls.FetchBasketPayment("basket-1"), a_payment("pay-7", "basket-1")))

    assert visit.state is State.RECEIPT
    assert not any(isinstance(each, calls.CancelIntervention) for each in asked(effects))


def test_the_outcome_is_asked_for_when_a_payment_was_answered_badly() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())
    (pay,) = asked(effects)

    visit, effects = walked(visit, events.Refused(pay, "not_as_agreed", {}))

    assert visit.state is State.CHECKING
    assert visit.payment_id == getattr(pay, "key", None)
    assert visit.notice is not None
    assert visit.notice.code == "unexpected"
    assert asked(effects) == [calls.FetchPayment(str(visit.payment_id))]

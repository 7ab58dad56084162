"""From the review to the receipt: who pays, by which way, and whether it happened."""

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from kiosk.visit import acts, by_pass, calls, events
from kiosk.visit.effects import BeginLook
from kiosk.visit.equipment import print_where_due
from kiosk.visit.joining import on_tested
from kiosk.visit.looking import begin_look
from kiosk.visit.outcome import Outcome, approval_of, ask, nothing
from kiosk.visit.phone import international
from kiosk.visit.possible import can_pay, face_offered
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Authentication, Detail, Payment
from kiosk.visit.visit import MAX_TRIES, Visit, sure

WALLET_PREFIX: Final = "SESAME:W:"


def on_method(visit: Visit, method: str, now: datetime) -> Outcome:
    """Begin one of the three equal ways to pay."""
    if method == "face":
        if not face_offered(visit):
            return nothing(visit.say("warn", "face_unavailable", now))
        return nothing(visit.turn(Turn.FACE))
    if method == "code":
        return nothing(visit.turn(Turn.CODE))
    visit, desk_id = visit.turn(Turn.DESK).fresh_id()
    basket = sure(visit.basket)
    detail: Detail = {"total_minor": basket.total_minor, "emoji": list(basket.emoji)}
    visit = replace(visit, desk_id=desk_id, asked_at=now)
    return visit, ask(calls.OpenIntervention(desk_id, "payment_at_desk", visit.basket_id, detail))


def on_look(visit: Visit, digits: str, now: datetime) -> Outcome:
    """Open the face camera for one try."""
    if visit.state is State.DIGITS:
        visit = visit.turn(Turn.LOOK)
    return begin_look(replace(visit, digits=digits), str(visit.basket_id), digits, now)


def on_challenge(visit: Visit, now: datetime) -> Outcome:
    """Go on with the challenge that the shopper chose; a look under way begins again with it."""
    if visit.look is None or not visit.look.running:
        return nothing(visit)
    if visit.state is State.ENROL_TEST:
        return begin_look(visit, None, sure(visit.enrolment).phone_last4, now)
    return on_look(visit, str(visit.digits), now)


def on_card(visit: Visit, card: str, now: datetime) -> Outcome:
    """Remember the face card that was shown, where a face may pay; the digits are asked for next, if they were not."""
    if visit.state in {State.REVIEW, State.METHOD} and can_pay(visit) and face_offered(visit):
        visit = visit.turn(Turn.FACE)
    if visit.state is not State.DIGITS:
        return nothing(visit.say("info", "face_card_later", now))
    return nothing(replace(visit, card=card).say("good", "face_card_seen", now))


def on_candidates(visit: Visit, found: events.Candidates) -> Outcome:
    """Let the watcher compare. No candidate at all is looked at as well, so that it shows like any stranger."""
    look = visit.look
    if visit.state not in {State.LOOKING, State.ENROL_TEST} or look is None or not look.running:
        return nothing(visit)
    return visit, (BeginLook(look.look_id, found.items, look.challenge, visit.card),)


def on_recognised(visit: Visit, event: events.FaceRecognised) -> Outcome:
    """Ask the store to accept who was recognised, for exactly this basket and amount."""
    look = sure(visit.look)
    visit, key = visit.fresh_id()
    call = calls.AuthenticateFace(key, approval_of(visit), event.reference_id, event.evidence)
    return replace(visit, auth_key=key, look=replace(look, running=False, hint="ok", progress=1.0)), ask(call)


def on_ambiguous(visit: Visit, now: datetime) -> Outcome:
    """Lead to the phone number and PIN: two accounts are too close, and neither is named."""
    return nothing(visit.turn(Turn.UNSURE).say("warn", "face_ambiguous", now))


def on_look_failed(visit: Visit, notice: str, now: datetime) -> Outcome:
    """Count a try that recognised nobody. After the last one, the other ways are offered."""
    if visit.state is State.ENROL_TEST:
        return on_tested(visit, None, now)
    look = sure(visit.look)
    visit = replace(visit, face_failures=visit.face_failures + 1)
    if visit.face_failures >= MAX_TRIES:
        return _no_third_look(visit.say("warn", "face_tries_over", now), notice)  # "once more" would be no true word
    visit = visit.say("warn", notice, now)
    return nothing(replace(visit, look=replace(look, running=False, hint="no_face", progress=0.0)))


def _no_third_look(visit: Visit, notice: str) -> Outcome:
    """Offer the other ways; tell whoever has these digits, who looked learns nothing, and accuse nobody."""
    told = ask(calls.TellRefusals(visit.digits)) if visit.digits and notice != "look_timeout" else ()
    if notice == "liveness_failed":
        visit, key = visit.fresh_id()
        told += ask(calls.OpenIntervention(key, "face_help", visit.basket_id))
    return visit.turn(Turn.FAILED), told


def on_identify(visit: Visit, act: acts.Identify, now: datetime) -> Outcome:
    """Ask the store who this is, by phone number or wallet code, with the PIN."""
    if not visit.online:
        return by_pass.on_identify(visit, act, now)
    phone = None
    wallet_code = act.wallet_code.removeprefix(WALLET_PREFIX) if act.wallet_code else None
    if wallet_code is None:
        phone = international(act.phone or "", visit.store.country if visit.store else "FR")
        if phone is None:
            return nothing(visit.say("warn", "phone_malformed", now))
    visit, key = visit.fresh_id()
    call = calls.AuthenticatePin(key, approval_of(visit), phone, wallet_code, act.pin)
    return replace(visit, auth_key=key), ask(call)


def on_not_me(visit: Visit, now: datetime) -> Outcome:
    """Block the face that was taken for another's, and say what happens next; after paying a colleague comes as well.

    Whoever came here by a number and a PIN mistyped the number: nothing is blocked.
    """
    if visit.state is State.RECEIPT:
        return _not_me_but_paid(visit, now)
    auth = sure(visit.auth)
    visit = visit.turn(Turn.NOT_ME)
    # What was theirs goes off the basket again; its review shows the price without it.
    theirs = () if auth.basket is None else ask(calls.LeaveWallet(str(visit.basket_id)))
    if "face" not in auth.factors:
        return visit, theirs
    visit, key = visit.fresh_id()
    visit = replace(visit, face_failures=MAX_TRIES).say("info", "not_me_blocked", now)
    return visit, ask(calls.StopFace(key, auth.authentication_id)) + theirs


def _not_me_but_paid(visit: Visit, now: datetime) -> Outcome:
    visit, key = visit.fresh_id()
    visit, help_id = visit.fresh_id()
    payment = sure(visit.payment)
    detail: Detail = {
        "total_minor": payment.amount_minor,
        "ticket_number": payment.ticket.number if payment.ticket else 0,
    }
    stop = calls.StopFace(key, sure(visit.paid_with))
    call = calls.OpenIntervention(help_id, "wrong_person", visit.basket_id, detail)
    return replace(visit, paid_with=None, help_id=help_id).say("info", "not_me_paid", now), ask(stop, call)


def on_pin(visit: Visit, pin: str) -> Outcome:
    """Add the PIN to what the face alone may not pay."""
    visit, key = visit.fresh_id()
    return replace(visit, auth_key=key), ask(calls.StepUp(key, sure(visit.auth).authentication_id, pin))


def on_authenticated(visit: Visit, call: calls.Call, auth: Authentication, now: datetime) -> Outcome:
    """Show the masked name and what would be paid, with their own prices and coupons where these are less."""
    if getattr(call, "key", None) != visit.auth_key or visit.auth_key is None:
        return nothing(visit)  # the shopper has gone another way meanwhile
    least = auth.purses.cashback_min_minor if auth.purses else 0
    if auth.basket is not None and auth.basket.basket_id == visit.basket_id:
        less_minor = sure(visit.basket).total_minor - auth.basket.total_minor
        visit = replace(visit, basket=auth.basket).say("good", "own_price", now, saved_minor=less_minor)
    visit = replace(visit, auth=auth, auth_key=None, cashback_minor=least)
    return nothing(visit if visit.state is State.CONFIRMING else visit.turn(Turn.IDENTIFIED))


def on_authentication_refused(visit: Visit, call: calls.Call, refused: events.Refused, now: datetime) -> Outcome:
    """Say what can be done, and nothing that would help somebody else to be taken for the shopper."""
    if getattr(call, "key", None) != visit.auth_key or visit.auth_key is None:
        return nothing(visit)
    visit = replace(visit, auth_key=None)
    basket_id = str(visit.basket_id)
    match refused.code:
        case "basket_changed":
            visit = visit.turn(Turn.VOID).say("warn", "basket_changed", now)
            return visit, ask(calls.FetchBasket(basket_id), calls.QuoteBasket(basket_id))
        case "assertion_expired" | "assertion_used" | "authentication_not_found":
            return visit.turn(Turn.VOID).say("warn", "assertion_expired", now), ask(calls.QuoteBasket(basket_id))
        case "pin_wrong":
            left = refused.facts.get("attempts_left", 0)
            return nothing(visit.say("warn", "pin_wrong", now, attempts_left=left))
        case "pin_locked":
            visit = visit.say("error", "pin_locked", now, until=refused.facts.get("until", ""))
            return nothing(visit.turn(Turn.FAILED))
        case "shopper_unknown" if visit.state is State.CODE:
            return nothing(visit.say("warn", "shopper_unknown", now))
        case "step_up_required" if visit.state is State.CODE:
            return nothing(visit.say("warn", "phone_pin_limit", now))  # the code of the phone goes further, right here
        case "too_many_requests":
            return nothing(visit.say("warn", "too_many_requests", now).turn(Turn.FAILED))
        case _ if visit.state is State.LOOKING:
            return on_look_failed(visit, "face_not_recognised", now)
        case _:
            return nothing(visit.say("error", "unexpected", now, code=refused.code))


def on_candidates_refused(visit: Visit, refused: events.Refused, now: datetime) -> Outcome:
    """Offer the other ways when the store will not name candidates."""
    if visit.state is State.ENROL_TEST:
        return on_tested(visit, None, now)
    if visit.state is not State.LOOKING:
        return nothing(visit)
    notice = "too_many_requests" if refused.code == "too_many_requests" else "face_unavailable"
    return nothing(visit.turn(Turn.FAILED).say("warn", notice, now))


def on_cashback(visit: Visit, cashback_minor: int) -> Outcome:
    """Use as much cashback as was chosen, within what this basket needs and can take."""
    if (auth := visit.auth) is None or (purses := auth.purses) is None:
        return nothing(visit)
    chosen = max(purses.cashback_min_minor, min(cashback_minor, purses.cashback_max_minor))
    return nothing(replace(visit, cashback_minor=chosen))


def on_confirm(visit: Visit) -> Outcome:
    """Pay. The payment's id is on disk before the request leaves, and every repeat carries it."""
    if visit.by_pass:
        return by_pass.on_confirm(visit)
    auth = sure(visit.auth)
    visit, payment_id = visit.fresh_id()
    call = calls.Pay(payment_id, approval_of(visit), auth.authentication_id, visit.cashback_minor)
    paid_with = auth.authentication_id if "face" in auth.factors else None
    return replace(visit.turn(Turn.PAY), payment_id=payment_id, paid_with=paid_with, asked_at=None), ask(call)


def on_payment(visit: Visit, payment: Payment, now: datetime) -> Outcome:
    """Show how a payment ended, if it is the one of this visit."""
    if payment.basket_id != visit.basket_id or visit.state not in {State.PAYING, State.CHECKING, State.DESK}:
        return nothing(visit)
    match payment.status:
        case "captured":
            # A payment of another id was made elsewhere, at the desk for one: by no face of ours.
            paid_with = visit.paid_with if payment.payment_id == visit.payment_id else None
            visit = visit.turn(Turn.CAPTURED)
            visit = replace(visit, payment=payment, payment_id=payment.payment_id, paid_with=paid_with, notice=None)
            return print_where_due(visit, now)
        case "held":
            return nothing(replace(visit, asked_at=now))  # the clock asks again until it is one or the other
        case "failed":
            return void(visit, now, "unexpected", code="payment_failed")
        case _:
            assert_never(payment.status)


def on_payment_refused(visit: Visit, refused: events.Refused, now: datetime) -> Outcome:
    """Return to the review with the reason: the store moved no money."""
    if visit.state not in {State.PAYING, State.CHECKING}:
        return nothing(visit)
    match refused.code:
        case "step_up_required" if visit.auth is not None and "pin" in visit.auth.factors:
            return void(visit, now, "phone_pin_limit")
        case "step_up_required" if visit.state is State.PAYING and visit.auth is not None:
            auth = replace(visit.auth, step_up_required=True, step_up_reason="amount_over_limit")
            visit = replace(visit.turn(Turn.NEED_PIN), auth=auth, payment_id=None, paid_with=None)
            return nothing(visit.say("info", "step_up_required", now))
        case "not_as_agreed" if visit.state is State.PAYING:
            # The store answered, but nobody knows what it did: nothing is taken back before it has been asked.
            visit = replace(visit.turn(Turn.CHECK), asked_at=now, asking=True).say(
                "error", "unexpected", now, code=refused.code
            )
            return visit, ask(calls.FetchPayment(str(visit.payment_id)))
        case "not_as_agreed":
            return nothing(visit)  # it is being asked about already
        case "insufficient_funds":
            return void(visit, now, "insufficient_funds", shortfall_minor=refused.facts.get("shortfall_minor", 0))
        case "basket_changed" | "quote_expired":
            return void(visit, now, "basket_changed")
        case "assertion_expired" | "assertion_used":
            return void(visit, now, "assertion_expired")
        case "age_check_required":
            return void(visit, now, "age_check_wait")
        case "random_check":
            return void(visit, now, "random_check")
        case code if code.startswith("coupon_"):
            return void(visit, now, "coupon_refused", code="", reason=code)
        case code:
            return void(visit, now, "unexpected", code=code)


def void(visit: Visit, now: datetime, notice: str, **facts: str | int) -> Outcome:
    """Take back what was agreed to, and ask for the price again."""
    visit = replace(visit.turn(Turn.VOID), payment_id=None, paid_with=None).say("warn", notice, now, **facts)
    basket_id = str(visit.basket_id)
    return visit, ask(calls.FetchBasket(basket_id), calls.QuoteBasket(basket_id))


def on_no_payment(visit: Visit, call: calls.FetchPayment | calls.FetchBasketPayment, now: datetime) -> Outcome:
    """Go on after the store said that there is no such payment."""
    if visit.state is not State.CHECKING:
        return nothing(visit)
    if isinstance(call, calls.FetchPayment):
        return visit, ask(calls.FetchBasketPayment(str(visit.basket_id)))
    basket_id = str(visit.basket_id)
    visit = replace(visit.turn(Turn.VOID), payment_id=None, paid_with=None)
    return visit.say("info", "basket_changed", now), ask(calls.FetchBasket(basket_id), calls.QuoteBasket(basket_id))


def on_captured(visit: Visit, event: events.PaymentCaptured) -> Outcome:
    """Fetch the receipt of a payment that the store announces for this basket."""
    if event.basket_id != visit.basket_id or visit.state is State.RECEIPT:
        return nothing(visit)
    if visit.can(Turn.CHECK) and visit.state is not State.PAYING:
        paid_with = visit.paid_with if event.payment_id == visit.payment_id else None
        visit = replace(visit.turn(Turn.CHECK), payment_id=event.payment_id, paid_with=paid_with)
    return visit, ask(calls.FetchPayment(event.payment_id))


def on_desk_resolved(visit: Visit, resolution: str, now: datetime) -> Outcome:
    """Go on after a colleague took the payment at the desk, or did not."""
    if resolution in {"approved", "gone"}:  # gone: the basket was paid or put away in another place
        return visit, ask(calls.FetchBasketPayment(str(visit.basket_id)))
    return void(visit, now, "desk_refused")

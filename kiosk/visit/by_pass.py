"""Paying without the store: by the pass on the shopper's phone and its PIN, within the store's floors."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import CheckPass, NoteSettled, RecallByPass, TakeByPass
from kiosk.visit.outcome import Outcome, approval_of, ask, nothing
from kiosk.visit.possible import can_pay, pass_offered
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Authentication, Detail, Payment
from kiosk.visit.visit import Visit, sure

DECIDE_SECONDS: Final = 60
FACTORS: Final = ("pass", "pin")


def on_pass(visit: Visit, token: str, now: datetime) -> Outcome:
    """Take the pass that was shown, where it may pay; the PIN is asked for next."""
    if visit.state in {State.REVIEW, State.METHOD} and can_pay(visit) and pass_offered(visit):
        visit = visit.turn(Turn.CODE)
    if visit.state is State.CODE and pass_offered(visit):
        return nothing(replace(visit, wallet_pass=token))
    return nothing(visit.say("info", "pass_later" if not visit.online else "pass_not_needed", now))


def on_identify(visit: Visit, act: acts.Identify, now: datetime) -> Outcome:
    """Have pass and PIN checked here."""
    if visit.wallet_pass is None:
        return nothing(visit.say("info", "pass_missing", now))
    visit, key = visit.fresh_id()
    check = CheckPass(key, approval_of(visit), str(visit.wallet_pass), act.pin)
    return replace(visit, auth_key=key), (check,)


def on_accepted(visit: Visit, event: events.PassAccepted, now: datetime) -> Outcome:
    """Show who pays what, once more."""
    if event.key != visit.auth_key or visit.state is not State.CODE:
        return nothing(visit)
    auth = Authentication(
        authentication_id=event.key,
        subject=event.subject,
        factors=FACTORS,
        step_up_required=False,
        step_up_reason=None,
        sufficient=True,
        shortfall_minor=0,
        expires_at=now + timedelta(seconds=DECIDE_SECONDS),
    )
    return nothing(replace(visit.turn(Turn.IDENTIFIED), auth=auth, auth_key=None, by_pass=True, cashback_minor=0))


def on_pass_refused(visit: Visit, event: events.PassRefused, now: datetime) -> Outcome:
    """Say why, and what can be done. After a wrong PIN the pass stays."""
    if event.key != visit.auth_key:
        return nothing(visit)
    visit = replace(visit, auth_key=None).say("warn", event.code, now, **event.facts)
    return nothing(visit if event.code == "pin_wrong" else replace(visit, wallet_pass=None))


def on_confirm(visit: Visit) -> Outcome:
    """Have the payment taken. Its id is on disk before, so that a killed kiosk knows what to look for."""
    basket, auth = sure(visit.basket), sure(visit.auth)
    approval, token = approval_of(visit), str(visit.wallet_pass)
    visit, payment_id = visit.fresh_id()
    visit, ticket_id = visit.fresh_id()
    take = TakeByPass(
        payment_id=payment_id,
        ticket_id=ticket_id,
        approval=approval,
        wallet_pass=token,
        subject=auth.subject,
        currency=basket.currency,
        age_verified=basket.age_check == "approved",
        lines=tuple(line.bought for line in basket.lines if not line.is_deposit),
    )
    return replace(visit.turn(Turn.PAY), payment_id=payment_id, asked_at=None), (take,)


def on_taken(visit: Visit, payment: Payment) -> Outcome:
    """Show the receipt. The basket that the store may have is put away: the sale brings its goods along."""
    if payment.payment_id != visit.payment_id or visit.state not in {State.PAYING, State.CHECKING}:
        return nothing(visit)
    visit, key = replace(visit.turn(Turn.CAPTURED), payment=payment, notice=None).fresh_id()
    return visit, ask(calls.AbandonBasket(key, str(visit.basket_id)))


def on_not_taken(visit: Visit, event: events.NotTakenByPass, now: datetime) -> Outcome:
    """Go back to the review: nothing was taken."""
    if event.payment_id != visit.payment_id or visit.state not in {State.PAYING, State.CHECKING}:
        return nothing(visit)
    visit = replace(visit.turn(Turn.VOID), payment_id=None, by_pass=False).say("warn", event.code, now, **event.facts)
    basket_id = str(visit.basket_id)
    return visit, ask(calls.FetchBasket(basket_id), calls.QuoteBasket(basket_id))


def recalled(visit: Visit) -> Outcome:
    """Ask the disk whether a payment was taken that a killed process had begun."""
    return replace(visit.turn(Turn.CHECK), by_pass=True), (RecallByPass(str(visit.payment_id)),)


def on_settled(visit: Visit, call: calls.SettleByPass) -> Outcome:
    """Note that the store has booked it; whoever paid has long gone."""
    return visit, (NoteSettled(call.key),)


def on_settling_refused(visit: Visit, call: calls.SettleByPass, code: str) -> Outcome:
    """Call somebody: a sale that the store will not book is kept here, and tried again at the next start."""
    visit, key = visit.fresh_id()
    detail: Detail = {"code": code, "number": call.sale.number, "agreed_minor": call.sale.amount_minor}
    return visit, ask(calls.OpenIntervention(key, "offline_check", None, detail))

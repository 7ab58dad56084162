"""What the store said, led to the part of the visit that asked."""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from kiosk.visit import aside, attending, by_pass, calls, equipment, events, joining, paying, resume, shopping
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.states import State, Turn
from kiosk.visit.values import (
    Attendant,
    Authentication,
    Consent,
    Enrolment,
    Erasure,
    HandOver,
    KioskTold,
    Payment,
    PhoneCode,
    StoreFacts,
    TicketBody,
)
from kiosk.visit.visit import Visit


def on_answered(visit: Visit, event: events.Answered, now: datetime, *, is_known: bool = False) -> Outcome:
    """Take an answer; ``is_known`` where the screen has shown before what it brings."""
    call = event.call
    if isinstance(call, calls.SettleByPass):
        return by_pass.on_settled(visit, call)
    match event.answer:
        case StoreFacts() as facts:
            return resume.on_store(visit, facts, now)
        case events.BasketNow(basket=basket) if isinstance(call, calls.ResumeBasket):
            return aside.on_taken_up(visit, call, basket, now)
        case HandOver() as given:
            return aside.on_code_given(visit, call, given)
        case events.BasketNow() as basket_now:
            return shopping.on_basket(visit, call, basket_now, now, is_known=is_known)
        case events.Products(items=items):
            return nothing(shopping.found(visit, call, items))
        case events.Candidates() as found:
            return paying.on_candidates(visit, found)
        case events.References() as page:
            return joining.on_references(visit, call, page)
        case Authentication() as auth:
            return paying.on_authenticated(visit, call, auth, now)
        case Payment() as payment:
            return paying.on_payment(visit, payment, now)
        case Consent() as consent:
            return joining.on_consent_text(visit, consent)
        case PhoneCode() as code:
            return joining.on_code_sent(visit, call, code)
        case events.Accepted() if isinstance(call, calls.ProvePhoneCode):
            return joining.on_proven(visit, call)
        case Enrolment() as enrolment:
            return joining.on_enrolled(visit, call, enrolment, now)
        case Erasure() as erasure:
            return joining.on_erased(visit, call, erasure, now)
        case TicketBody() as ticket:
            return equipment.on_ticket(visit, ticket)
        case Attendant() as attendant:
            return attending.on_attendant(visit, call, attendant, now)
        case KioskTold() as told:
            return nothing(attending.on_told(visit, told).say("good", "kiosk_told", now))
        case events.Accepted():
            return nothing(visit)
        case _:
            assert_never(event.answer)


def on_refused(visit: Visit, event: events.Refused, now: datetime) -> Outcome:
    """Take a no."""
    call = event.call
    if event.code in {"unauthorized", "kiosk_unknown", "kiosk_revoked", "signature_wrong"} and isinstance(
        call, calls.FetchStore
    ):
        return nothing(visit.turn(Turn.BREAK) if visit.can(Turn.BREAK) else replace(visit, reason=event.code))
    match call:
        case calls.FetchStore():
            return nothing(replace(visit, reason=event.code))
        case calls.AddLine() | calls.AddSku():
            if call.basket_id != visit.basket_id:
                return nothing(visit)
            return shopping.on_line_refused(visit, call, event, now)
        case calls.ResumeBasket():
            return aside.on_not_taken_up(visit, call, event, now)
        case calls.SuspendBasket(basket_id=basket_id):
            if basket_id != visit.basket_id:
                return nothing(visit)
            return visit.say("warn", "unexpected", now, code=event.code), ask(calls.FetchBasket(basket_id))
        case calls.ChangeQuantity() | calls.RemoveLine() | calls.ApplyCoupon() | calls.DropCoupon():
            if call.basket_id != visit.basket_id:
                return nothing(visit)
            return shopping.on_change_refused(visit, call, event, now)
        case calls.LeaveWallet(basket_id=basket_id):
            return visit, ask(calls.FetchBasket(basket_id)) if basket_id == visit.basket_id else ()
        case calls.ShowWallet():
            known = event.code == "wallet_code_unknown"
            return nothing(visit.say("warn", event.code if known else "unexpected", now, code=event.code))
        case calls.FetchBasket():
            return _basket_gone(visit, call, event, now)
        case calls.QuoteBasket(basket_id=basket_id):
            return visit, ask(calls.FetchBasket(basket_id)) if basket_id == visit.basket_id else ()
        case calls.CreateBasket(basket_id=basket_id) if visit.spare is not None and visit.spare.basket_id == basket_id:
            return nothing(replace(visit, spare=None))  # the first code opens another one, and tells if that fails too
        case calls.CreateBasket():
            return nothing(visit.say("error", "unexpected", now, code=event.code))
        case calls.FetchLoose():
            return nothing(visit)  # the search by words does without pictures
        case calls.SearchProducts() | calls.FetchConsent():
            return nothing(visit.say("error", "unexpected", now, code=event.code))
        case calls.FetchTicket():
            return nothing(equipment.not_printed(visit, "lost", now))
        case calls.FetchCandidates():
            return paying.on_candidates_refused(visit, event, now)
        case calls.FetchReferences():
            return joining.on_search_refused(visit, event, now)
        case calls.AuthenticateFace() | calls.AuthenticatePin() | calls.StepUp():
            return paying.on_authentication_refused(visit, call, event, now)
        case calls.Pay():
            return paying.on_payment_refused(visit, event, now) if call.key == visit.payment_id else nothing(visit)
        case calls.SettleByPass():
            return by_pass.on_settling_refused(visit, call, event.code)
        case calls.FetchPayment() | calls.FetchBasketPayment():
            return paying.on_no_payment(visit, call, now)
        case calls.AskPhoneCode():
            return joining.on_code_not_sent(visit, call, event, now)
        case calls.ProvePhoneCode():
            return joining.on_not_proven(visit, call, event, now)
        case calls.Enrol():
            return joining.on_enrolment_refused(visit, call, event, now)
        case calls.Erase():
            return joining.on_erasure_refused(visit, call, event, now)
        case calls.OpenIntervention():
            return _nobody_comes(visit, call, event, now)
        case (
            calls.OpenAttendance()
            | calls.AmendLine()
            | calls.SetPrice()
            | calls.LookAtAge()
            | calls.SettleCheck()
            | calls.TellKiosk()
        ):
            return attending.on_refused(visit, call, event, now)
        case (
            calls.AbandonBasket()
            | calls.AcknowledgeErasure()
            | calls.CancelIntervention()
            | calls.EndAttendance()
            | calls.StopFace()
            | calls.TellRefusals()
        ):
            return nothing(visit)  # it was gone, acknowledged, closed or told already; nothing is left to do
        case _:
            assert_never(call)


def _basket_gone(visit: Visit, call: calls.FetchBasket, event: events.Refused, now: datetime) -> Outcome:
    """End the visit of a basket that the store does not have, so that the next scan opens a new one."""
    if call.basket_id != visit.basket_id or visit.state is not State.SHOPPING:
        return nothing(visit)
    if visit.basket is not None and event.code != "basket_not_found":
        return nothing(visit)
    return nothing(visit.turn(Turn.END).anew(now).say("warn", "unexpected", now, code=event.code))


def _nobody_comes(visit: Visit, call: calls.OpenIntervention, event: events.Refused, now: datetime) -> Outcome:
    if call.key == visit.stuck_id and call.type == "payment_stuck":
        # A store that does not know this kind of call yet is asked for plain help.
        visit, key = visit.fresh_id()
        plain = calls.OpenIntervention(key, "help_requested", call.basket_id, call.detail)
        return replace(visit, stuck_id=key), ask(plain)
    if call.key == visit.help_id:
        return nothing(replace(visit, help_id=None).say("error", "unexpected", now, code=event.code))
    if call.key == visit.desk_id and visit.can(Turn.VOID):
        return paying.void(visit, now, "unexpected", code=event.code)
    return nothing(visit)


def on_unreached(visit: Visit, event: events.Unreached, now: datetime) -> Outcome:
    """Say that the store is out of reach; what is shown stays, what was written is repeated later with the same id."""
    if visit.online or visit.waiting != event.waiting:
        visit = replace(visit, online=False, waiting=event.waiting).say("warn", "offline", now, waiting=event.waiting)
    if event.kept:
        return nothing(visit)
    key = getattr(event.call, "key", None)
    match event.call:
        case calls.FetchStore() if visit.store_known is not None and visit.prices_of is not None:
            # The disk knows where this kiosk stands and what things cost: it sells on; the store confirms later.
            return resume.on_store(visit, visit.store_known, now)
        case calls.FetchStore():
            return nothing(replace(visit, reason="offline"))
        case calls.FetchCandidates() if visit.state is State.LOOKING:
            return nothing(visit.turn(Turn.FAILED))
        case calls.FetchCandidates() if visit.state is State.ENROL_TEST:
            return joining.on_tested(visit, None, now)
        case calls.AuthenticateFace() if key == visit.auth_key and visit.state is State.LOOKING:
            return nothing(replace(visit, auth_key=None).turn(Turn.FAILED))
        case calls.AuthenticatePin() | calls.StepUp() if key == visit.auth_key:
            return nothing(replace(visit, auth_key=None))
        case calls.AskPhoneCode() | calls.ProvePhoneCode() as code:
            return joining.on_code_unreached(visit, code, now)
        case calls.FetchTicket():
            return nothing(equipment.not_printed(visit, "offline", now))
        case calls.Erase() if key == visit.erasing:
            return nothing(replace(visit, erasing=None))
        case _:
            return nothing(visit)

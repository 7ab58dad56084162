"""A colleague at this kiosk: who they are, what they change in the basket, and closing the kiosk to shoppers.

Everything here is decided by the store. What somebody shows to prove who they are goes to it and stays nowhere; without
the store nobody is let in, and whoever was let in can only step back.
"""

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from kiosk.visit import acts, calls, events
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Attendant, KioskTold
from kiosk.visit.visit import Visit, sure

_KNOWN: Final = frozenset(
    {"badge_unknown", "staff_pin_wrong", "staff_pin_locked", "attendance_over", "own_request", "price_too_high"}
)
_ACTS = acts.StaffQuantity | acts.StaffPrice | acts.StaffAge | acts.StaffChecked | acts.StaffPause | acts.StaffOpen


def on_badge(visit: Visit, badge: str) -> Outcome:
    """Take a badge that was shown: of whoever steps up, or of the second person who is waited for."""
    if visit.staff_key is not None:
        return nothing(visit)
    if visit.staff_wants is not None and visit.attendant is not None:
        return _together(visit, badge=badge)
    if visit.attendant is None and (visit.state is State.STAFF or visit.can(Turn.ATTEND)):
        return _sign_in(visit, badge=badge)
    return nothing(visit)


def on_sign_in(visit: Visit, act: acts.StaffSignIn) -> Outcome:
    """Take a number and its PIN: of whoever steps up, or of the second person who is waited for."""
    if visit.attendant is None:
        return _sign_in(visit, number=act.number, pin=act.pin)
    return _together(visit, number=act.number, pin=act.pin)


def _sign_in(visit: Visit, *, badge: str | None = None, number: str | None = None, pin: str | None = None) -> Outcome:
    if visit.state is not State.STAFF:
        visit = visit.turn(Turn.ATTEND)
    visit, key = visit.fresh_id()
    return replace(visit, staff_key=key), ask(calls.OpenAttendance(key, calls.Proof(badge, number, pin)))


def _together(visit: Visit, *, badge: str | None = None, number: str | None = None, pin: str | None = None) -> Outcome:
    wanted = sure(visit.staff_wants)
    visit, key = visit.fresh_id()
    call = replace(wanted, key=key, second=calls.Proof(badge, number, pin))
    return replace(visit, staff_key=key), ask(call)


def on_attendant(visit: Visit, call: calls.Call, attendant: Attendant, now: datetime) -> Outcome:
    """Let the colleague act; one who comes when nobody waits for them is sent away again."""
    if visit.state is not State.STAFF or visit.attendant is not None or not isinstance(call, calls.OpenAttendance):
        return _ended(visit, attendant)
    return nothing(replace(visit, attendant=attendant).say("good", "staff_welcome", now, name=attendant.name))


def on_act(visit: Visit, act: _ACTS) -> Outcome:
    """Ask the store to do what the colleague wants done."""
    attendance_id = sure(visit.attendant).attendance_id
    basket_id = str(visit.basket_id)
    visit, key = visit.fresh_id()
    call: calls.StaffCall
    match act:
        case acts.StaffQuantity(line_id=line_id, quantity=quantity, reason=reason):
            call = calls.AmendLine(key, basket_id, attendance_id, line_id, quantity, reason)
        case acts.StaffPrice(line_id=line_id, pieces=pieces, price_minor=price_minor, reason=reason):
            call = calls.SetPrice(key, basket_id, attendance_id, line_id, pieces, price_minor, reason)
        case acts.StaffAge(approved=approved):
            call = calls.LookAtAge(key, basket_id, attendance_id, approved)
        case acts.StaffChecked():
            call = calls.SettleCheck(key, basket_id, attendance_id)
        case acts.StaffPause(reason=reason):
            call = calls.TellKiosk(key, sure(visit.store).kiosk_id, attendance_id, paused=True, reason=reason)
        case acts.StaffOpen():
            call = calls.TellKiosk(key, sure(visit.store).kiosk_id, attendance_id, paused=False)
        case _:
            assert_never(act)
    return replace(visit, staff_key=key, staff_wants=None), ask(call)


def on_refused(
    visit: Visit, call: calls.OpenAttendance | calls.StaffCall, refused: events.Refused, now: datetime
) -> Outcome:
    """Say why not; where a second person may help, wait for one."""
    if visit.state is not State.STAFF:
        return nothing(visit)
    code = refused.code
    if code == "second_person_needed" and isinstance(call, calls.SetPrice):
        visit = replace(visit, staff_wants=replace(call, second=None))
        facts = {"alone_minor": refused.facts.get("alone_minor", 0)}
        return nothing(visit.say("info" if call.second is None else "warn", "second_person_needed", now, **facts))
    if code == "attendance_over":
        visit = replace(visit, attendant=None, staff_wants=None)
    if code == "forbidden_role":
        return nothing(visit.say("warn", "staff_role", now))
    if code == "too_many_requests":
        return nothing(visit.say("warn", "staff_wait", now))
    if code == "price_too_high":
        return nothing(visit.say("warn", code, now, ceiling_minor=refused.facts.get("ceiling_minor", 0)))
    if code in _KNOWN:
        return nothing(visit.say("warn", code, now))
    visit = visit.say("warn", "unexpected", now, code=code)
    is_there = visit.basket_id is not None and not isinstance(call, calls.OpenAttendance | calls.TellKiosk)
    return visit, ask(calls.FetchBasket(str(visit.basket_id))) if is_there else ()


def heard(visit: Visit, call: calls.OpenAttendance | calls.StaffCall) -> Visit:
    """Note that a question of the colleague's has come back, whatever the answer."""
    return replace(visit, staff_key=None) if call.key == visit.staff_key else visit


def on_told(visit: Visit, told: KioskTold) -> Visit:
    """Note what staff tell this kiosk, from afar or standing here."""
    if visit.store is None or told.kiosk_id != visit.store.kiosk_id:
        return visit
    store = replace(visit.store, paused=told.paused, pause_reason=told.pause_reason, message=told.message)
    return replace(visit, store=store)


def opened_or_closed(visit: Visit) -> Visit:
    """Close a kiosk that is paused as soon as no shopper is at it, and open one that is paused no more."""
    is_paused = visit.store is not None and visit.store.paused
    if is_paused and visit.state is State.WELCOME:
        return visit.turn(Turn.PAUSE)
    if not is_paused and visit.state is State.PAUSED:
        return visit.turn(Turn.OPEN)
    return visit


def on_back(visit: Visit, now: datetime) -> Outcome:
    """Give up what a second person was waited for, or step back from the kiosk."""
    if visit.staff_wants is not None:
        return nothing(replace(visit, staff_wants=None))
    return step_back(visit, now)


def step_back(visit: Visit, now: datetime) -> Outcome:
    """Return the kiosk to the shopper, who begins again where the basket is; the store ends the attendance."""
    visit = replace(visit, touched_at=now, idle_left=None)
    return nothing(visit.turn(Turn.RETURN if visit.basket_id is not None else Turn.END))


def on_left(before: Visit, after: Visit) -> Outcome:
    """Tell the store that the colleague no longer stands here, whatever led away from them."""
    if before.attendant is None or after.state is State.STAFF:
        return nothing(after)
    return _ended(after, before.attendant)


def _ended(visit: Visit, attendant: Attendant) -> Outcome:
    visit, key = visit.fresh_id()
    return visit, ask(calls.EndAttendance(key, attendant.attendance_id))

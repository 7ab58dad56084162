"""Joining with the face, and having it forgotten again: as easy as joining was."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginCapture, TakeCapture
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.phone import international
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Consent, Enrolment, Erasure
from kiosk.visit.visit import Joining, Look, Visit, sure

_PIN: Final = re.compile(r"[0-9]{4,6}")  # the store knows more of weak PINs and has the last word
_RUNS: Final = ("0123456789", "9876543210")


def on_consent_text(visit: Visit, consent: Consent) -> Outcome:
    """Show the consent text, or show it again in another language."""
    if visit.state is State.ENROL_CONSENT:
        return nothing(replace(visit, joining=Joining(consent)))
    if not visit.can(Turn.JOIN):
        return nothing(visit)
    return nothing(replace(visit.turn(Turn.JOIN), joining=Joining(consent)))


def on_consent(visit: Visit, act: acts.GiveConsent, now: datetime) -> Outcome:
    """Go on only with both boxes ticked; nothing of a shopper under 15 is kept."""
    if not act.over_15:
        return nothing(visit.say("info", "too_young", now))
    if not act.given:
        return nothing(visit.say("info", "consent_missing", now))
    return nothing(replace(visit.turn(Turn.AGREE), joining=replace(sure(visit.joining), agreed=True)))


def on_details(visit: Visit, act: acts.GiveDetails, now: datetime) -> Outcome:
    """Check what was typed, field by field; then open the face camera."""
    joining = sure(visit.joining)
    name = " ".join(act.name.split())
    phone = international(act.phone, visit.store.country if visit.store else "FR")
    field, notice = _first_problem(name, phone, act.pin, act.pin_again)
    if notice or phone is None:
        visit = replace(visit, joining=replace(joining, problem_field=field))
        return nothing(visit.say("warn", notice, now))
    visit, look_id = visit.turn(Turn.DETAILED).fresh_id()
    visit, reference_id = visit.fresh_id()
    visit, enrolment_id = visit.fresh_id()
    joining = replace(
        joining,
        name=name,
        phone=phone,
        pin=act.pin,
        problem_field=None,
        reference_id=reference_id,
        enrolment_id=enrolment_id,
        sent=None,
    )
    visit = replace(visit, joining=joining, look=Look(look_id))
    return visit, (BeginCapture(look_id, reference_id, visit.rules.face_captures),)


def _first_problem(name: str, phone: str | None, pin: str, pin_again: str) -> tuple[str, str]:
    if len(name) < 2:  # noqa: PLR2004 - a name has at least a letter and another
        return "name", "name_missing"
    if phone is None:
        return "phone", "phone_malformed"
    if not _PIN.fullmatch(pin) or len(set(pin)) == 1 or any(pin in run for run in _RUNS):
        return "pin", "pin_weak"
    if pin != pin_again:
        return "pin_again", "pin_mismatch"
    return "", ""


def on_capture(visit: Visit) -> Outcome:
    """Take one capture, or send again what the store has not answered yet."""
    sent = sure(visit.joining).sent
    return visit, ask(sent) if sent is not None else (TakeCapture(sure(visit.look).look_id),)


def on_capture_taken(visit: Visit, taken: int, now: datetime) -> Outcome:
    """Count a good capture."""
    visit = replace(visit, look=replace(sure(visit.look), taken=taken, progress=0.0))
    return nothing(visit.say("good", "enrol_captured", now, taken=taken, wanted=visit.rules.face_captures))


def on_capture_refused(visit: Visit, now: datetime) -> Outcome:
    """Begin the captures afresh: they did not all show one person."""
    visit = replace(visit, look=replace(sure(visit.look), taken=0, progress=0.0))
    return nothing(visit.say("warn", "enrol_not_same_person", now))


def on_sealed(visit: Visit, event: events.FaceSealed) -> Outcome:
    """Send the sealed reference; the camera is done."""
    joining, look = sure(visit.joining), sure(visit.look)
    call = calls.Enrol(
        key=joining.enrolment_id,
        consent_version=joining.consent.version,
        consent_locale=joining.consent.locale,
        name=joining.name,
        phone=joining.phone,
        reference_id=joining.reference_id,
        model_id=event.model_id,
        sealed=event.sealed,
        captures=event.captures,
        pin=joining.pin,
    )
    look = replace(look, running=False, taken=event.captures, progress=1.0)
    return replace(visit, joining=replace(joining, sent=call), look=look), ask(call)


def on_enrolled(visit: Visit, call: calls.Call, enrolment: Enrolment, now: datetime) -> Outcome:
    """Show the receipt of the consent."""
    if visit.joining is None or visit.joining.sent != call:
        return nothing(visit)
    return nothing(replace(visit.turn(Turn.JOINED), enrolment=enrolment).say("good", "enrolled", now))


def on_enrolment_refused(visit: Visit, call: calls.Call, refused: events.Refused, now: datetime) -> Outcome:
    """Return to the field that the store could not take."""
    if visit.joining is None or visit.joining.sent != call:
        return nothing(visit)
    if refused.code in {"consent_missing", "too_young"}:
        visit = visit.turn(Turn.BACK).turn(Turn.BACK).say("warn", refused.code, now)
        return visit, ask(calls.FetchConsent(visit.locale))
    field, notice = {
        "phone_known": ("phone", "phone_known"),
        "malformed_phone": ("phone", "phone_malformed"),
        "phone_malformed": ("phone", "phone_malformed"),
        "pin_weak": ("pin", "pin_weak"),
        "pin_locked": ("pin", "pin_locked"),
    }.get(refused.code, (None, "unexpected"))
    joining = replace(sure(visit.joining), problem_field=field, sent=None)
    visit = replace(visit.turn(Turn.BACK), joining=joining)
    return nothing(visit.say("warn", notice, now, code=refused.code))


def on_withdrawal(visit: Visit, act: acts.ConfirmWithdrawal, now: datetime) -> Outcome:
    """Ask the store to forget a face."""
    phone = international(act.phone, visit.store.country if visit.store else "FR")
    if phone is None:
        return nothing(visit.say("warn", "phone_malformed", now))
    visit, key = visit.fresh_id()
    return replace(visit, erasing=key), ask(calls.Erase(key, phone, act.pin))


def on_erased(visit: Visit, call: calls.Call, erasure: Erasure, now: datetime) -> Outcome:
    """Show the receipt of the erasure."""
    if visit.state is not State.WITHDRAW or visit.erasing != getattr(call, "key", None):
        return nothing(visit)
    return nothing(replace(visit.turn(Turn.FORGOTTEN), erasing=None, erasure=erasure).say("good", "withdrawn", now))


def on_erasure_refused(visit: Visit, call: calls.Erase, refused: events.Refused, now: datetime) -> Outcome:
    """Say why nothing was forgotten."""
    if visit.erasing != call.key:
        return nothing(visit)
    visit = replace(visit, erasing=None)
    match refused.code:
        case "pin_wrong":
            return nothing(visit.say("warn", "pin_wrong", now, attempts_left=refused.facts.get("attempts_left", 0)))
        case "pin_locked":
            return nothing(visit.say("error", "pin_locked", now, until=refused.facts.get("until", "")))
        case "shopper_unknown":
            return nothing(visit.say("warn", "shopper_unknown", now))
        case code:
            return nothing(visit.say("error", "unexpected", now, code=code))

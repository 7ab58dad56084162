"""Joining with the face, once the number is proven, and having it forgotten again: as easy as joining was."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from checkout import weakness_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginCapture, SearchAlike, TakeCapture
from kiosk.visit.looking import begin_look
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.phone import international
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Consent, Enrolment, Erasure, PhoneCode
from kiosk.visit.visit import Joining, Look, Visit, sure

MOST_ALIKE: Final = 64  # what the store takes with one enrolment


def on_consent_text(visit: Visit, consent: Consent) -> Outcome:
    """Show the consent text, or show it again in another language; not to a shopper who has gone on meanwhile."""
    if visit.state is State.ENROL_CONSENT:
        return nothing(replace(visit, joining=Joining(consent)))
    if not visit.wants_to_join or not visit.can(Turn.JOIN):
        return nothing(visit)
    return nothing(replace(visit.turn(Turn.JOIN), joining=Joining(consent), wants_to_join=False))


def on_consent(visit: Visit, act: acts.GiveConsent, now: datetime) -> Outcome:
    """Go on only with both boxes ticked; nothing of a shopper under 15 is kept."""
    if not act.over_15:
        return nothing(visit.say("info", "too_young", now))
    if not act.given:
        return nothing(visit.say("info", "consent_missing", now))
    return nothing(replace(visit.turn(Turn.AGREE), joining=replace(sure(visit.joining), agreed=True)))


def on_details(visit: Visit, act: acts.GiveDetails, now: datetime) -> Outcome:
    """Check what was typed, field by field; then have the number proven, or open the face camera."""
    joining = sure(visit.joining)
    name = " ".join(act.name.split())
    phone = international(act.phone, visit.store.country if visit.store else "FR")
    field, notice = _first_problem(name, phone, act.pin, act.pin_again)
    if notice or phone is None:
        visit = replace(visit, joining=replace(joining, problem_field=field))
        return nothing(visit.say("warn", notice, now))
    if phone != joining.phone:  # what was shown of another number says nothing about this one
        joining = replace(joining, code=None, code_key="", is_proving=False, proven=None)
    joining = replace(joining, name=name, phone=phone, pin=act.pin, problem_field=None, own_key=act.own_key)
    visit = replace(visit, joining=joining)
    if sure(visit.store).phone_codes != "required" or joining.proven is not None:
        return _begin_captures(visit)
    visit = visit.turn(Turn.PROVE)
    if joining.code_key or (joining.code is not None and now < joining.code.expires_at):
        return nothing(visit)  # it is on its way already
    return ask_code(visit)


def _begin_captures(visit: Visit) -> Outcome:
    visit, look_id = visit.turn(Turn.DETAILED).fresh_id()
    visit, reference_id = visit.fresh_id()
    visit, enrolment_id = visit.fresh_id()
    joining = replace(
        sure(visit.joining),
        reference_id=reference_id,
        enrolment_id=enrolment_id,
        sealed=None,
        alike=(),
        sent=None,
    )
    visit = replace(visit, joining=joining, look=Look(look_id))
    return visit, (BeginCapture(look_id, reference_id, visit.rules.face_captures, joining.own_key),)


def ask_code(visit: Visit) -> Outcome:
    """Have a code sent to the number; the one before holds until it is there."""
    visit, key = visit.fresh_id()
    joining = replace(sure(visit.joining), code_key=key)
    return replace(visit, joining=joining), ask(calls.AskPhoneCode(key, joining.phone, visit.locale))


def on_code_sent(visit: Visit, call: calls.Call, code: PhoneCode) -> Outcome:
    """Wait for what the shopper reads on their phone."""
    if (joining := _asking(visit, call)) is None:
        return nothing(visit)
    return nothing(replace(visit, joining=replace(joining, code=code, code_key="", is_proving=False)))


def on_code_not_sent(visit: Visit, call: calls.AskPhoneCode, refused: events.Refused, now: datetime) -> Outcome:
    """Say why no code goes out; one that was sent before still holds."""
    if (joining := _asking(visit, call)) is None:
        return nothing(visit)
    visit = replace(visit, joining=replace(joining, code_key=""))
    match refused.code:
        case "too_many_requests":
            seconds = int(refused.facts.get("retry_after_seconds", 60))
            return nothing(visit.say("info", "phone_code_wait", now, minutes=-(-seconds // 60)))  # never too early
        case "malformed_phone" if visit.state is State.ENROL_CODE:
            visit = replace(visit.turn(Turn.BACK), joining=replace(joining, code_key="", problem_field="phone"))
            return nothing(visit.say("warn", "phone_malformed", now))
        case code:
            return nothing(visit.say("warn", "phone_code_not_sent", now, code=code))


def on_code_typed(visit: Visit, typed: str) -> Outcome:
    """Have the store look at what was typed."""
    joining = replace(sure(visit.joining), is_proving=True)
    code_id = sure(joining.code).phone_code_id
    return replace(visit, joining=joining), ask(calls.ProvePhoneCode(code_id, typed))


def on_proven(visit: Visit, call: calls.ProvePhoneCode) -> Outcome:
    """Open the face camera: the number is theirs."""
    if (joining := _proving(visit, call)) is None:
        return nothing(visit)
    joining = replace(joining, is_proving=False, proven=call.phone_code_id)
    visit = replace(visit, joining=joining)
    return _begin_captures(visit) if visit.state is State.ENROL_CODE else nothing(visit)


def on_not_proven(visit: Visit, call: calls.ProvePhoneCode, refused: events.Refused, now: datetime) -> Outcome:
    """Say how many tries are left, or that another code is needed."""
    if (joining := _proving(visit, call)) is None:
        return nothing(visit)
    if refused.code == "phone_code_over":
        joining = replace(joining, code=None)
    visit = replace(visit, joining=replace(joining, is_proving=False))
    match refused.code:
        case "phone_code_wrong":
            left = refused.facts.get("attempts_left", 0)
            return nothing(visit.say("warn", "phone_code_wrong", now, attempts_left=left))
        case "phone_code_over":
            return nothing(visit.say("warn", "phone_code_over", now))
        case code:
            return nothing(visit.say("warn", "unexpected", now, code=code))


def on_code_unreached(visit: Visit, call: calls.AskPhoneCode | calls.ProvePhoneCode, now: datetime) -> Outcome:
    """Say that a number cannot be proven without the store; the buttons ask again."""
    joining = _asking(visit, call) if isinstance(call, calls.AskPhoneCode) else _proving(visit, call)
    if joining is None:
        return nothing(visit)
    visit = replace(visit, joining=replace(joining, code_key="", is_proving=False))
    return nothing(visit.say("warn", "phone_code_offline", now))


def _asking(visit: Visit, call: calls.Call) -> Joining | None:
    joining = visit.joining
    is_ours = joining is not None and isinstance(call, calls.AskPhoneCode) and joining.code_key == call.key
    return joining if is_ours else None


def _proving(visit: Visit, call: calls.ProvePhoneCode) -> Joining | None:
    joining = visit.joining
    if joining is None or joining.code is None or joining.code.phone_code_id != call.phone_code_id:
        return None
    return joining if joining.is_proving else None


def _first_problem(name: str, phone: str | None, pin: str, pin_again: str) -> tuple[str, str]:
    if len(name) < 2:  # noqa: PLR2004 - a name has at least a letter and another
        return "name", "name_missing"
    if phone is None:
        return "phone", "phone_malformed"
    if weakness_of(pin, phone_last4=phone[-4:]) is not None:
        return "pin", "pin_weak"
    if pin != pin_again:
        return "pin_again", "pin_mismatch"
    return "", ""


def on_capture(visit: Visit) -> Outcome:
    """Take one capture, or ask again for what the store has not answered yet."""
    joining = sure(visit.joining)
    if joining.sent is not None:
        return visit, ask(joining.sent)
    if joining.is_searching:
        return visit, ask(calls.FetchReferences(joining.asked_after))
    return visit, (TakeCapture(sure(visit.look).look_id),)


def on_capture_taken(visit: Visit, taken: int, now: datetime) -> Outcome:
    """Count a good capture."""
    visit = replace(visit, look=replace(sure(visit.look), taken=taken, progress=0.0))
    return nothing(visit.say("good", "enrol_captured", now, taken=taken, wanted=visit.rules.face_captures))


def on_capture_refused(visit: Visit, now: datetime) -> Outcome:
    """Begin the captures afresh: they did not all show one person."""
    visit = replace(visit, look=replace(sure(visit.look), taken=0, progress=0.0))
    return nothing(visit.say("warn", "enrol_not_same_person", now))


def on_sealed(visit: Visit, event: events.FaceSealed) -> Outcome:
    """Search those on file for somebody alike; the camera is done."""
    joining, look = sure(visit.joining), sure(visit.look)
    look = replace(look, running=False, taken=event.captures, progress=1.0)
    joining = replace(joining, sealed=event, asked_after="", alike=())
    return replace(visit, joining=joining, look=look, card=event.card), ask(calls.FetchReferences(""))


def on_references(visit: Visit, call: calls.Call, page: events.References) -> Outcome:
    """Have the newcomer compared with a page of those on file."""
    joining = visit.joining
    if joining is None or not joining.is_searching or call != calls.FetchReferences(joining.asked_after):
        return nothing(visit)
    look_id = sure(joining.sealed).look_id
    return replace(visit, joining=replace(joining, next_after=page.next)), (SearchAlike(look_id, page.items),)


def on_alike(visit: Visit, event: events.AlikeFound) -> Outcome:
    """Note who is alike; ask for the next page, or send what was sealed when there is none."""
    joining = visit.joining
    if joining is None or not joining.is_searching or sure(joining.sealed).look_id != event.look_id:
        return nothing(visit)
    alike = sorted((*joining.alike, *event.alike), key=lambda one: -one.score)[:MOST_ALIKE]
    joining = replace(joining, alike=tuple(alike))
    if joining.next_after is not None:
        joining = replace(joining, asked_after=joining.next_after)
        return replace(visit, joining=joining), ask(calls.FetchReferences(joining.asked_after))
    call = _enrolment(joining)
    return replace(visit, joining=replace(joining, sent=call)), ask(call)


def on_search_refused(visit: Visit, refused: events.Refused, now: datetime) -> Outcome:
    """Say that it did not go on; the button asks again."""
    notice = "too_many_requests" if refused.code == "too_many_requests" else "unexpected"
    return nothing(visit.say("warn", notice, now, code=refused.code))


def _enrolment(joining: Joining) -> calls.Enrol:
    event = sure(joining.sealed)
    return calls.Enrol(
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
        mode="sealed" if joining.own_key else "gallery",
        look_alikes=joining.alike,
        phone_code_id=joining.proven,
    )


def on_enrolled(visit: Visit, call: calls.Call, enrolment: Enrolment, now: datetime) -> Outcome:
    """Show the receipt of the consent."""
    if visit.joining is None or visit.joining.sent != call:
        return nothing(visit)
    visit = replace(visit.turn(Turn.JOINED), enrolment=enrolment, own_reference=visit.joining.reference_id)
    return nothing(visit.say("good", "enrolled", now))


def on_test(visit: Visit, now: datetime) -> Outcome:
    """Look for the one who has just joined, exactly as at a payment, and pay nothing."""
    visit, asked = begin_look(replace(visit.turn(Turn.TEST), tested=""), None, sure(visit.enrolment).phone_last4, now)
    return visit, asked


def on_tested(visit: Visit, event: events.FaceRecognised | events.FaceAmbiguous | None, now: datetime) -> Outcome:
    """Show whether the one who has just joined was recognised. None: nobody was."""
    right = isinstance(event, events.FaceRecognised) and event.reference_id == visit.own_reference
    visit = replace(visit.turn(Turn.TESTED), tested="recognised" if right else "not")
    return nothing(visit.say("good" if right else "warn", "test_recognised" if right else "test_not", now))


def on_enrolment_refused(visit: Visit, call: calls.Call, refused: events.Refused, now: datetime) -> Outcome:
    """Return to the field that the store could not take."""
    if visit.joining is None or visit.joining.sent != call:
        return nothing(visit)
    if refused.code in {"consent_missing", "too_young"}:
        visit = visit.turn(Turn.BACK).turn(Turn.BACK).say("warn", refused.code, now)
        return visit, ask(calls.FetchConsent(visit.locale))
    if refused.code == "phone_unproven":  # this kiosk was not told yet, or the proof has lain too long
        joining = replace(sure(visit.joining), code=None, proven=None, sealed=None, alike=(), sent=None)
        visit, asked = ask_code(replace(visit.turn(Turn.PROVE), joining=joining))
        return visit.say("info", "phone_unproven", now), asked
    field, notice = {
        "phone_known": ("phone", "phone_known"),
        "malformed_phone": ("phone", "phone_malformed"),
        "phone_malformed": ("phone", "phone_malformed"),
        "pin_weak": ("pin", "pin_weak"),
        "pin_locked": ("pin", "pin_locked"),
        "face_key_changed": (None, "face_key_changed"),
    }.get(refused.code, (None, "unexpected"))
    joining = replace(sure(visit.joining), problem_field=field, sealed=None, alike=(), sent=None)
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

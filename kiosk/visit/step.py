"""The whole of what the kiosk decides: ``step(visit, event, now)`` returns the next visit and the effects."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from kiosk.visit import (
    acts,
    aside,
    attending,
    by_pass,
    calls,
    equipment,
    events,
    joining,
    paying,
    resume,
    shopping,
    texts,
    unseen,
    without_shop,
)
from kiosk.visit.answers import on_answered, on_refused, on_unreached
from kiosk.visit.cameras import on_camera
from kiosk.visit.clock import leave, on_tick
from kiosk.visit.effects import DropFaces, ForgetReferences
from kiosk.visit.foreseeing import on_foreseen
from kiosk.visit.outcome import ActNotPossibleError, Outcome, ask, nothing
from kiosk.visit.possible import possible
from kiosk.visit.sight import holds_faces
from kiosk.visit.states import BARS, BOUND, CARDED, FACES, JOINING, TESTING, State, Turn
from kiosk.visit.values import RANDOM_CHECK, KioskTold
from kiosk.visit.visit import Visit

_LOOKED_AT = frozenset({"age_check", RANDOM_CHECK})
"""Calls whose end changes the basket."""


def step(visit: Visit, event: events.Event, now: datetime) -> Outcome:
    """Return the visit after the event, and what must be done about it, in order.

    Args:
        visit: As it is.
        event: What happened.
        now: Aware UTC.

    Raises:
        ActNotPossibleError: The act is not offered in this state.
    """
    after, effects = _decide(visit, event, now)
    if holds_faces(visit) and not holds_faces(after):
        effects = (*effects, DropFaces())  # whatever ended the look, nothing of a face outlives it
    if visit.desk_id is not None and after.state not in {State.DESK, State.CHECKING, State.RECEIPT}:
        # Nobody may take money for a total that the shopper has left; a call that was closed stays as it was closed.
        after, key = after.fresh_id()
        effects = (*effects, *ask(calls.CancelIntervention(key, visit.desk_id)))
    after, left = attending.on_left(visit, after)
    after = attending.opened_or_closed(after)
    return _tidied(_timed(after, now)), effects + left


def _timed(visit: Visit, now: datetime) -> Visit:
    """Note since when money may be moving, and forget it with the answer."""
    if visit.state not in {State.PAYING, State.CHECKING}:
        return visit if visit.money_since is None else replace(visit, money_since=None, stuck_id=None)
    return visit if visit.money_since is not None else replace(visit, money_since=now)


def _tidied(visit: Visit) -> Visit:
    """Forget what the state has no use for: digits, approvals, and what a joining shopper typed."""
    state = visit.state
    if state not in FACES and visit.look is not None:
        visit = replace(visit, look=None)
    if state not in {State.DIGITS, State.LOOKING} and visit.digits is not None:
        visit = replace(visit, digits=None)
    if state not in {State.LOOKING, State.CODE, State.CONFIRMING} and visit.auth_key is not None:
        visit = replace(visit, auth_key=None)
    if state not in {State.CONFIRMING, State.PAYING} and visit.auth is not None:
        visit = replace(visit, auth=None)
    if state not in CARDED and visit.card is not None:
        visit = replace(visit, card=None)
    if state not in TESTING and visit.own_reference is not None:
        visit = replace(visit, own_reference=None, tested="")
    if state not in {State.CODE, State.CONFIRMING} and visit.wallet_pass is not None:
        visit = replace(visit, wallet_pass=None)
    if state not in {State.CONFIRMING, State.PAYING, State.CHECKING, State.RECEIPT} and visit.by_pass:
        visit = replace(visit, by_pass=False)
    if state is not State.CODE and visit.wallet_code is not None:
        visit = replace(visit, wallet_code=None)
    if state is not State.DESK and visit.desk_id is not None:
        visit = replace(visit, desk_id=None)
    if state not in JOINING and visit.joining is not None:
        visit = replace(visit, joining=None)
    if state is not State.SEARCH and (visit.query or visit.hits or visit.category):
        visit = replace(visit, query="", hits=(), category="")
    if state is not State.SEARCH and visit.weighing is not None:
        visit = replace(visit, weighing=None)
    if state is not State.STAFF and (visit.attendant or visit.staff_key or visit.staff_wants):
        visit = replace(visit, attendant=None, staff_key=None, staff_wants=None)
    return visit


def _decide(visit: Visit, event: events.Event, now: datetime) -> Outcome:
    match event:
        case events.Started():
            return resume.on_started(visit, event, now)
        case events.Ticked():
            return on_tick(visit, now)
        case events.CodeRead(text=text, symbology=symbology, same_pack=same_pack):
            if visit.state not in BARS:
                return nothing(visit)
            return texts.on_code(_touched(visit, now), text, symbology, now, same_pack=same_pack)
        case events.Approached():
            return shopping.on_approach(visit, now)
        case events.CodeUnreadable():
            return texts.on_unreadable(visit, now)
        case events.StillHadNoCode():
            return nothing(visit.say("warn", "code_misread", now))
        case events.FaceHinted():
            return _hinted(visit, event)
        case (
            events.FaceRecognised()
            | events.FaceAmbiguous()
            | events.FaceStranger()
            | events.LivenessFailed()
            | events.CaptureTaken()
            | events.CaptureRefused()
            | events.FaceSealed()
            | events.AlikeFound()
            | events.ChallengeChanged()
        ):
            return _seen(visit, event, now)
        case events.FaceOutOfOrder():
            visit = replace(visit, face_works=False)
            if visit.state in FACES:
                visit = visit.turn(Turn.FAILED if visit.can(Turn.FAILED) else Turn.BACK)
                visit = visit.say("warn", "face_unavailable", now)
            return nothing(visit)
        case events.CameraChanged():
            return on_camera(visit, event, now)
        case events.DeviceChanged():
            return equipment.on_device(visit, event)
        case events.Weighed():
            return shopping.on_weighed(_touched(visit, now), event, now)
        case events.WeighingFailed():
            return equipment.on_no_weight(visit, event, now)
        case events.Printed() | events.PrintFailed():
            return equipment.on_printed(visit, event, now)
        case events.Answered():
            is_known = shopping.is_shown(visit, event.call)
            outcome = on_answered(_heard(_reached(visit), event.call), event, now, is_known=is_known)
            return _caught_up(unseen.made_up(outcome, event))
        case events.Provisional():
            return unseen.made_up(without_shop.on_provisional(visit, event, now), event)
        case events.Foreseen():
            return unseen.made_up(on_foreseen(visit, event, now), event)
        case events.ProvisionalRefusal(call=call, code=code, facts=facts):
            return on_refused(_heard(visit, call), events.Refused(call, code, facts), now)
        case events.CatalogueNow(as_of=as_of):
            return nothing(replace(visit, prices_of=as_of))
        case events.CatalogueRefused():
            return without_shop.on_catalogue_refused(visit, event)
        case events.Refused():
            return _caught_up(on_refused(_heard(_reached(visit), event.call), event, now))
        case events.Unreached():
            return on_unreached(visit if event.kept else _heard(visit, event.call), event, now)
        case events.ShopBack():
            return _back_online(visit, now)
        case events.BasketChangedElsewhere():
            return _changed_elsewhere(visit, event)
        case events.InterventionResolved():
            return _resolved(visit, event, now)
        case events.PaymentCaptured():
            return paying.on_captured(visit, event)
        case KioskTold() as told:
            return nothing(attending.on_told(visit, told))
        case events.PassAccepted():
            return by_pass.on_accepted(visit, event, now)
        case events.PassRefused():
            return by_pass.on_pass_refused(visit, event, now)
        case events.TakenByPass(payment=payment):
            return by_pass.on_taken(visit, payment)
        case events.NotTakenByPass():
            return by_pass.on_not_taken(visit, event, now)
        case events.OfflineRoom(left_minor=left_minor):
            return nothing(replace(visit, offline_minor=left_minor))
        case events.FaceErased(erasure_id=erasure_id, reference_ids=reference_ids):
            visit, key = visit.fresh_id()
            return visit, (ForgetReferences(reference_ids), *ask(calls.AcknowledgeErasure(key, erasure_id)))
        case _:
            offered = possible(visit)
            if event.act not in offered:
                raise ActNotPossibleError(event.act, visit.state.value, offered)
            waits = visit.wants_to_join and isinstance(event, acts.ChooseLocale | acts.Stay)
            return _act(replace(_touched(visit, now), notice=None, wants_to_join=waits), event, now)


def _touched(visit: Visit, now: datetime) -> Visit:
    return replace(visit, touched_at=now, idle_left=None)


def _heard(visit: Visit, call: calls.Call) -> Visit:
    """Note that a question has come back, whatever the answer."""
    if isinstance(call, calls.ChangeQuantity | calls.AddLine | calls.AddSku):
        return shopping.settled(visit, call)
    if isinstance(call, calls.OpenAttendance | calls.StaffCall):
        return attending.heard(visit, call)
    repeated = isinstance(call, calls.FetchStore | calls.FetchPayment | calls.FetchBasketPayment)
    return replace(visit, asking=False) if repeated and visit.asking else visit


def _changed_elsewhere(visit: Visit, event: events.BasketChangedElsewhere) -> Outcome:
    basket = visit.basket
    if event.basket_id != visit.basket_id or (basket is not None and event.version <= basket.version):
        return nothing(visit)
    if visit.unsent or visit.wanted:
        return nothing(replace(visit, changed_to=event.version))  # most likely by us, and the answer is on its way
    return visit, ask(calls.FetchBasket(event.basket_id))


def _caught_up(outcome: Outcome) -> Outcome:
    """Read the basket where somebody else changed it while our own changes were on their way."""
    visit, effects = outcome
    if not visit.changed_to or visit.unsent or visit.wanted:
        return outcome
    is_behind = visit.basket is None or visit.basket.version < visit.changed_to
    visit = replace(visit, changed_to=0)
    if not is_behind or visit.basket_id is None:
        return visit, effects
    return visit, effects + ask(calls.FetchBasket(visit.basket_id))


def _reached(visit: Visit) -> Visit:
    return visit if visit.online else replace(visit, online=True)


def _act(visit: Visit, act: acts.Act, now: datetime) -> Outcome:
    match act:
        case acts.ChooseLocale(locale=locale):
            visit = replace(visit, locale=locale)
            is_joining = visit.wants_to_join or visit.state is State.ENROL_CONSENT
            return visit, ask(calls.FetchConsent(locale)) if is_joining else ()
        case acts.Scan(code=code):
            return texts.on_code(visit, code, None, now)
        case acts.OpenSearch():
            visit, effects = shopping.on_approach(visit, now)
            return visit.turn(Turn.SEARCH), effects + ask(calls.FetchLoose())
        case acts.SearchFor(query=query):
            words = query.strip()
            visit = replace(visit, query=query, hits=(), category="")
            return visit, ask(calls.SearchProducts(words)) if words else ()
        case acts.OpenCategory(category=category):
            return nothing(replace(visit, query="", hits=(), category=category))
        case acts.Pick(sku=sku):
            return shopping.on_pick(visit, sku, now)
        case acts.SetQuantity() | acts.AddPieces() | acts.TakeOut() | acts.LeaveCoupon():
            return shopping.on_line_act(visit, act)
        case acts.UseCoupon(code=code, instead=instead):
            return shopping.lay_coupon(visit, code.strip().removeprefix("SESAME:C:"), now, instead=instead)
        case acts.Review():
            return visit.turn(Turn.REVIEW), ask(calls.QuoteBasket(str(visit.basket_id)))
        case acts.Back():
            return _back(visit, now)
        case acts.ChooseMethod(method=method):
            return paying.on_method(visit, method, now)
        case acts.GiveDigits(digits=digits):
            return paying.on_look(visit, digits, now)
        case acts.ChooseChallenge(challenge=challenge):
            return paying.on_challenge(replace(visit, challenge=challenge), now)
        case acts.LookAgain():
            return paying.on_look(visit, str(visit.digits), now)
        case acts.TestFace():
            return joining.on_test(visit, now)
        case acts.Confirm():
            return nothing(visit.turn(Turn.CHOOSE)) if visit.state is State.REVIEW else paying.on_confirm(visit)
        case acts.UseCashback(cashback_minor=cashback_minor):
            return paying.on_cashback(visit, cashback_minor)
        case acts.NotMe():
            return paying.on_not_me(visit, now)
        case acts.Identify():
            return paying.on_identify(visit, act, now)
        case acts.GivePin(pin=pin):
            return paying.on_pin(visit, pin)
        case acts.AskHelp():
            visit, key = visit.fresh_id()
            call = calls.OpenIntervention(key, "help_requested", visit.basket_id, {"screen": visit.state.value})
            return replace(visit, help_id=key).say("good", "help_on_the_way", now), ask(call)
        case acts.NewVisit() if visit.state in (State.ENROL_DONE, State.WITHDRAWN):
            gone, effects = leave(visit, now)
            return replace(gone, locale=visit.locale), effects  # who has just joined now scans, in their language
        case acts.CancelVisit() | acts.NewVisit():
            return leave(visit, now)
        case acts.StartEnrolment():
            return replace(visit, wants_to_join=True), ask(calls.FetchConsent(visit.locale))
        case acts.GiveConsent():
            return joining.on_consent(visit, act, now)
        case acts.GiveDetails():
            return joining.on_details(visit, act, now)
        case acts.GivePhoneCode(code=code):
            return joining.on_code_typed(visit, code)
        case acts.ResendCode():
            return joining.ask_code(visit)
        case acts.Capture():
            return joining.on_capture(visit)
        case acts.StartWithdrawal():
            return nothing(visit.turn(Turn.WITHDRAW))
        case acts.ConfirmWithdrawal():
            return joining.on_withdrawal(visit, act, now)
        case acts.PutAside():
            return aside.on_put_aside(visit, now)
        case acts.PrintReceipt():
            return equipment.on_print(visit)
        case acts.Attend():
            return nothing(visit.turn(Turn.ATTEND))
        case acts.StaffSignIn():
            return attending.on_sign_in(visit, act)
        case (
            acts.StaffQuantity()
            | acts.StaffPrice()
            | acts.StaffAge()
            | acts.StaffChecked()
            | acts.StaffPause()
            | acts.StaffOpen()
        ):
            return attending.on_act(visit, act)
        case acts.Stay() | acts.ShareSeen():
            return nothing(visit)
        case _:
            assert_never(act)


def _back(visit: Visit, now: datetime) -> Outcome:
    if visit.state is State.STAFF:
        return attending.on_back(visit, now)
    if visit.can(Turn.RETURN) and visit.basket_id is not None:
        return nothing(visit.turn(Turn.RETURN))
    if visit.can(Turn.BACK) and not (visit.state is State.SEARCH and visit.basket_id is None):
        return nothing(visit.turn(Turn.BACK))
    return leave(visit, now)


def _hinted(visit: Visit, event: events.FaceHinted) -> Outcome:
    look = visit.look
    if look is None or not look.running or look.look_id != event.look_id:
        return nothing(visit)
    return nothing(replace(visit, look=replace(look, hint=event.hint, progress=event.progress)))


_Seen = (
    events.FaceRecognised
    | events.FaceAmbiguous
    | events.FaceStranger
    | events.LivenessFailed
    | events.CaptureTaken
    | events.CaptureRefused
    | events.FaceSealed
    | events.AlikeFound
    | events.ChallengeChanged
)


def _seen(visit: Visit, event: _Seen, now: datetime) -> Outcome:
    """Take a result of the watcher, unless the shopper has gone on and the look is not ours any more."""
    look = visit.look
    if isinstance(event, events.AlikeFound):
        return joining.on_alike(visit, event)
    if look is None or not look.running or look.look_id != event.look_id:
        return nothing(visit)
    match event:
        case events.ChallengeChanged(challenge=challenge):
            until = now + timedelta(seconds=visit.rules.look_timeout_seconds)
            return nothing(replace(visit, look=replace(look, challenge=challenge, until=until)))
        case events.FaceRecognised() | events.FaceAmbiguous() if visit.state is State.ENROL_TEST:
            return joining.on_tested(visit, event, now)
        case events.FaceRecognised():
            return paying.on_recognised(visit, event)
        case events.FaceAmbiguous():
            return paying.on_ambiguous(visit, now)
        case events.FaceStranger():
            return paying.on_look_failed(visit, "face_not_recognised", now)
        case events.LivenessFailed():
            return paying.on_look_failed(visit, "liveness_failed", now)
        case events.CaptureTaken(taken=taken):
            return joining.on_capture_taken(visit, taken, now)
        case events.CaptureRefused():
            return joining.on_capture_refused(visit, now)
        case events.FaceSealed():
            return joining.on_sealed(visit, event)
        case _:
            assert_never(event)


def _back_online(visit: Visit, now: datetime) -> Outcome:
    """Say that the store answers again, and read what may have changed while it did not."""
    if visit.online:
        return nothing(visit)
    visit = replace(visit, online=True, waiting=0).say("good", "online_again", now)
    if visit.basket_id is None or visit.state in {State.PAYING, State.CHECKING, State.RECEIPT}:
        return nothing(visit)
    bound = visit.state is State.REVIEW or visit.state in BOUND
    refresh = calls.QuoteBasket if bound else calls.FetchBasket
    return visit, ask(refresh(visit.basket_id))


def _resolved(visit: Visit, event: events.InterventionResolved, now: datetime) -> Outcome:
    if event.intervention_id == visit.help_id:
        return nothing(replace(visit, help_id=None).say("good", "help_done", now))
    if visit.state is State.DESK and event.intervention_id == visit.desk_id:
        return paying.on_desk_resolved(visit, event.resolution, now)
    parked = next((one for one in visit.parked if one.call_id == event.intervention_id), None)
    if parked is not None:
        return shopping.on_looked_up(visit, parked, event.resolution, now)
    if event.basket_id is not None and event.basket_id == visit.basket_id and event.type in _LOOKED_AT:
        return visit, ask(calls.FetchBasket(event.basket_id))
    return nothing(visit)

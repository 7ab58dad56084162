"""What passing time does: warnings, ends of tries and approvals, and the questions that are asked again."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from kiosk.visit import attending, calls
from kiosk.visit.effects import Effect
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.paying import on_look_failed
from kiosk.visit.states import PATIENT, State, Turn
from kiosk.visit.values import Detail
from kiosk.visit.visit import Visit, case_number

NOTICE_SECONDS: Final = 12.0  # long enough to read two short sentences aloud
ASK_AGAIN_SECONDS: Final = 3.0
STUCK_AFTER: Final = timedelta(minutes=2)  # product 6.4: the alarm of a stuck payment
GIVEN_UP_SECONDS: Final = 30.0  # a question without any answer for so long was lost on the way
_WITHOUT_BASKET = frozenset({State.WELCOME, State.RECEIPT, State.ASIDE})


def on_tick(visit: Visit, now: datetime) -> Outcome:
    """Do the first thing that is due."""
    if visit.notice is not None and now - visit.notice.at >= timedelta(seconds=NOTICE_SECONDS):
        visit = replace(visit, notice=None)
    if visit.spare is not None and visit.spare.is_stale(now):
        spare = visit.spare.basket_id
        visit, key = replace(visit, spare=None).fresh_id()
        return visit, ask(calls.AbandonBasket(key, spare))
    if visit.money_since is not None and visit.stuck_id is None and now - visit.money_since >= STUCK_AFTER:
        return _call_for(visit)
    if visit.by_pass and visit.state in {State.CHECKING, State.PAYING}:
        return nothing(visit)  # the disk of this kiosk answers, and at once
    if visit.state in {State.OUT_OF_ORDER, State.CHECKING, State.DESK, State.PAYING}:
        return _ask_again(visit, now)
    if visit.state is State.CONFIRMING and visit.auth is not None and now >= visit.auth.expires_at:
        visit = visit.turn(Turn.VOID).say("warn", "assertion_expired", now)
        return visit, ask(calls.QuoteBasket(str(visit.basket_id)))
    look = visit.look
    if (
        visit.state in {State.LOOKING, State.ENROL_TEST}
        and look is not None
        and look.running
        and look.until
        and now >= look.until
    ):
        return on_look_failed(visit, "look_timeout", now)
    return _idle(visit, now)


def _call_for(visit: Visit) -> Outcome:
    """Call a colleague to a payment without an end; the questions to the store go on meanwhile."""
    visit, key = visit.fresh_id()
    detail: Detail = {"screen": visit.state.value, "case": case_number(visit)}
    if visit.basket is not None:
        detail |= {"total_minor": visit.basket.total_minor, "emoji": list(visit.basket.emoji)}
    return replace(visit, stuck_id=key), ask(calls.OpenIntervention(key, "payment_stuck", visit.basket_id, detail))


def _ask_again(visit: Visit, now: datetime) -> Outcome:
    # One question at a time: without a network they would otherwise queue up faster than they fail.
    pause = timedelta(seconds=GIVEN_UP_SECONDS if visit.asking else ASK_AGAIN_SECONDS)
    if visit.asked_at is not None and now - visit.asked_at < pause:
        return nothing(visit)
    asked = replace(visit, asked_at=now, asking=True)
    if visit.state is State.OUT_OF_ORDER:
        return asked, ask(calls.FetchStore())
    if visit.state is State.DESK:
        return asked, ask(calls.FetchBasketPayment(str(visit.basket_id)))
    if visit.state is State.CHECKING and visit.payment_id is None:
        return asked, ask(calls.FetchBasketPayment(str(visit.basket_id)))
    if visit.state is State.CHECKING or (visit.state is State.PAYING and visit.asked_at is not None):
        return asked, ask(calls.FetchPayment(str(visit.payment_id)))
    return nothing(visit)  # paying: the request itself is repeated until it is answered


def _idle(visit: Visit, now: datetime) -> Outcome:
    if visit.state in PATIENT or visit.auth_key is not None:
        return nothing(visit)
    if visit.state is State.WELCOME and visit.locale == visit.rules.locale and not visit.gathering.parts:
        return nothing(visit)
    quiet = (now - visit.touched_at).total_seconds() - visit.rules.idle_seconds
    if quiet < 0:
        return nothing(visit)
    if visit.state is State.STAFF:
        # Nobody may find a kiosk that a colleague has left open; the shopper's own time begins again.
        return attending.step_back(visit.say("info", "staff_left", now), now)
    left = max(0, visit.rules.idle_answer_seconds - int(quiet))
    if left > 0 and visit.state is not State.WELCOME:
        return nothing(visit if visit.idle_left == left else replace(visit, idle_left=left))
    return leave(visit, now, told=visit.state not in _WITHOUT_BASKET)


def leave(visit: Visit, now: datetime, *, told: bool = False) -> Outcome:
    """Put the visit away: the basket is abandoned unless it was paid, and nothing of the shopper stays."""
    effects: tuple[Effect, ...] = ()
    if visit.basket_id is not None and visit.state is not State.RECEIPT:
        basket_id = visit.basket_id
        visit, key = visit.fresh_id()
        effects = ask(calls.AbandonBasket(key, basket_id))
    if visit.state is not State.WELCOME:
        visit = visit.turn(Turn.END)
    visit = visit.anew(now)
    return (visit.say("info", "visit_over", now) if told else visit), effects

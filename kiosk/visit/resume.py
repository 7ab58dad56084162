"""From a start to the screen that was there before: at once where the disk knows it, else when the store answers."""

from dataclasses import replace
from datetime import datetime

from kiosk.visit import by_pass, calls, events
from kiosk.visit.foreseeing import reckoned_instead
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.record import LastSeen, VisitRecord
from kiosk.visit.shopping import on_its_way
from kiosk.visit.states import State, Turn
from kiosk.visit.values import StoreFacts
from kiosk.visit.visit import Visit


def on_started(visit: Visit, event: events.Started, now: datetime) -> Outcome:
    """Ask the store who we are, and show meanwhile what was shown before, if a visit was open."""
    record, seen = event.record, event.seen
    locale = record.locale if record is not None else visit.rules.locale
    visit = replace(visit, record=record, locale=locale, asked_at=now, store_known=event.store)
    if record is None:
        return visit, ask(calls.FetchStore())
    if record.aside is not None and event.store is not None:
        visit, _ = _return(replace(visit, store=event.store), record, now)
        return visit, ask(calls.FetchStore())
    for call in event.unsent:
        if call.basket_id == record.basket_id:
            visit = on_its_way(visit, call)
    if seen is None or seen.basket.basket_id != record.basket_id:
        return visit, ask(calls.FetchStore())
    visit, effects = _return(_as_seen(visit, seen), record, now)
    return visit, ask(calls.FetchStore()) + effects


def on_store(visit: Visit, facts: StoreFacts, now: datetime) -> Outcome:
    """Open for shoppers, or return to the visit that was open when the process last ended."""
    visit = replace(visit, store=facts)
    if visit.state is not State.OUT_OF_ORDER:
        return nothing(visit)
    if visit.record is None:
        return nothing(replace(visit, asked_at=now, touched_at=now, reason="").turn(Turn.OPEN))
    return _return(visit, visit.record, now)


def _as_seen(visit: Visit, seen: LastSeen) -> Visit:
    return replace(visit, store=seen.store, basket=seen.basket, unsent=reckoned_instead(visit.unsent, seen.basket))


def _return(visit: Visit, record: VisitRecord, now: datetime) -> Outcome:
    visit = replace(visit, record=None, asked_at=now, touched_at=now, reason="")
    if record.aside is not None:
        return nothing(replace(visit, aside=record.aside).turn(Turn.PUT_ASIDE))
    visit = replace(visit, basket_id=record.basket_id, payment_id=record.payment_id, paid_with=record.paid_with)
    if record.by_pass:
        return by_pass.recalled(visit)
    if record.payment_id is None:
        return _on_the_way(visit.turn(Turn.RESUME), record)
    fetches = ask(calls.FetchBasket(record.basket_id), calls.FetchPayment(record.payment_id))
    return visit.turn(Turn.CHECK), fetches


def _on_the_way(visit: Visit, record: VisitRecord) -> Outcome:
    """Return to the panel that was shown; one that shows amounts needs the basket that was shown with them."""
    fetch, quote = calls.FetchBasket(record.basket_id), calls.QuoteBasket(record.basket_id)
    if visit.basket is None:
        return visit, ask(fetch)
    match record.screen:
        case State.REVIEW:
            return visit.turn(Turn.REVIEW), ask(quote)
        case State.METHOD:
            return visit.turn(Turn.REVIEW).turn(Turn.CHOOSE), ask(quote)
        case State.DESK:
            return replace(visit.turn(Turn.REVIEW).turn(Turn.DESK), desk_id=record.desk_id), ask(fetch)
        case _:
            return visit, ask(fetch)

"""A tap for one more, or one less, of what the shopper saw, while a scan before it was not on the screen yet.

A quantity is sent as a number. One that was reckoned without a scan which the store hears of first would swallow that
pack. Where it turns out that the scan joined the same line, the quantity is sent again with its pieces in it.
"""

from dataclasses import replace

from kiosk.visit import calls, events
from kiosk.visit.outcome import Outcome, ask
from kiosk.visit.shopping import on_its_way
from kiosk.visit.visit import Wanted


def made_up(outcome: Outcome, event: events.Answered | events.Provisional | events.Foreseen) -> Outcome:
    """Return the outcome of news about a scan, with the quantity that a tap before it had to leave out."""
    visit, effects = outcome
    call, line_id = event.call, _line_of(event)
    if not isinstance(call, calls.AddLine | calls.AddSku) or (isinstance(call, calls.AddLine) and call.same_pack):
        return outcome
    short = next((one for one in visit.wanted if one.line_id == line_id and call.key in one.unseen), None)
    if short is None:
        return outcome
    others = tuple(one for one in visit.wanted if one is not short)
    left = tuple(key for key in short.unseen if key != call.key)
    visit, key = visit.fresh_id()
    if short.quantity == 0:  # the line goes, and the pack with it: it comes back as a line of its own
        visit = replace(visit, wanted=(*others, replace(short, unseen=left)))
        again = replace(call, key=key)
        return on_its_way(visit, again), effects + ask(again)
    wanted = Wanted(short.line_id, short.quantity + call.quantity, key, left)
    change = calls.ChangeQuantity(key, call.basket_id, wanted.line_id, wanted.quantity)
    return replace(visit, wanted=(*others, wanted)), effects + ask(change)


def _line_of(event: events.Answered | events.Provisional | events.Foreseen) -> str | None:
    if isinstance(event, events.Foreseen):
        return event.line_id
    return event.answer.line_id if isinstance(event.answer, events.BasketNow) else None

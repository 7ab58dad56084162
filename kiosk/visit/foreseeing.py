"""A scan on the screen before the store has answered: its line as the signed catalogue has it, its sum still to come.

The store's answer takes its place within a moment, as a rule; where it is slow, a shopper sees and hears all the same
that the pack was read, and does not show it again.
"""

from dataclasses import replace
from datetime import datetime

from kiosk.visit import calls, events
from kiosk.visit.outcome import Outcome, nothing
from kiosk.visit.values import Basket, Line
from kiosk.visit.visit import Unsent, Visit


def on_foreseen(visit: Visit, event: events.Foreseen, now: datetime) -> Outcome:
    """Show a line that the store has not answered yet, and let it be heard."""
    call, basket = event.call, visit.basket
    mine = next((one for one in visit.unsent if one.key == call.key), None)
    if mine is None or mine.told or basket is None or basket.basket_id != call.basket_id:
        return nothing(visit)
    known = next((line for line in lines_shown(visit) if line.line_id == event.line_id), None)
    if known is None and not event.lines:
        return nothing(visit)  # it joins a line that is not there any more: only the store knows
    if basket.provisional:
        told = replace(mine, told=True)  # what this kiosk reckoned holds it already
    else:
        told = replace(mine, told=True, joins=event.line_id, lines=event.lines)
    wanted = tuple(
        replace(one, quantity=one.quantity + call.quantity)
        if one.line_id == event.line_id and call.key not in one.unseen
        else one
        for one in visit.wanted
    )
    visit = replace(visit, unsent=tuple(told if one is mine else one for one in visit.unsent), wanted=wanted)
    last = visit.last_scan
    if known is not None and known.quantity == 1 and last is not None and last.line_id == known.line_id:
        visit = visit.say("info", "two_of_it", now, name=known.name)
    code = call.code if isinstance(call, calls.AddLine) else call.sku
    return nothing(visit.flash("added", code, event.line_id))


def lines_shown(visit: Visit) -> tuple[Line, ...]:
    """Return the basket's lines with what was foreseen among them, marked as provisional."""
    lines = () if visit.basket is None else visit.basket.lines
    for one in visit.unsent if visit.online else ():
        if one.lines:
            here = {line.line_id for line in lines}
            lines = (*lines, *(line for line in one.lines if line.line_id not in here))
        elif one.joins:
            lines = tuple(
                replace(line, quantity=line.quantity + one.quantity, provisional=True)
                if line.line_id == one.joins
                else line
                for line in lines
            )
    return lines


def reckoned_instead(unsent: tuple[Unsent, ...], basket: Basket) -> tuple[Unsent, ...]:
    """Return what is on its way beside a basket that this kiosk reckoned: nothing foreseen, and what it counts in."""
    return tuple(replace(one, lines=(), joins="", shown=one.shown or one.key in basket.holds) for one in unsent)

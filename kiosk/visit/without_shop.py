"""Shopping on without the store, with what this kiosk reckoned itself."""

from dataclasses import replace
from datetime import datetime

from kiosk.visit import calls, events
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.shopping import found, is_shown, take_basket
from kiosk.visit.visit import Visit


def on_provisional(visit: Visit, event: events.Provisional, now: datetime) -> Outcome:
    """Show what this kiosk reckoned; the question stays open until the store has answered it."""
    call = event.call
    match event.answer:
        case events.Products(items=items):
            return nothing(found(visit, call, items))
        case events.BasketNow(basket=basket, line_id=line_id):
            visit, effects = take_basket(visit, basket, now, ours=True, call=call)
            if visit.basket is basket and isinstance(call, calls.AddLine | calls.AddSku):
                is_known = is_shown(visit, call)
                unsent = (replace(one, shown=True, told=True) if one.key == call.key else one for one in visit.unsent)
                visit = replace(visit, unsent=tuple(unsent))
                if not is_known:
                    code = call.code if isinstance(call, calls.AddLine) else call.sku
                    visit = visit.flash("added", code, line_id)
            if visit.basket is basket and isinstance(call, calls.ChangeQuantity):
                visit = replace(visit, wanted=tuple(one for one in visit.wanted if one.key != call.key))
            return visit, effects
        case _:
            return nothing(visit)


def on_catalogue_refused(visit: Visit, event: events.CatalogueRefused) -> Outcome:
    """Tell the staff; shoppers go on at the prices that the store signed before."""
    visit, key = visit.fresh_id()
    return visit, ask(calls.OpenIntervention(key, "catalogue_refused", None, {"reason": event.reason}))

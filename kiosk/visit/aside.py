"""A basket that moves: put aside here under a code, or taken up here by one."""

from dataclasses import replace
from datetime import datetime

from checkout import Carried, CarriedKind, carried_of, currency, write_basket
from checkout.errors import BasketTooLargeError
from kiosk.visit import calls, events
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.states import State, Turn
from kiosk.visit.values import Basket, HandOver
from kiosk.visit.visit import Unsent, Visit, sure


def on_put_aside(visit: Visit, now: datetime) -> Outcome:
    """Ask the store for a code; the basket stays on the screen until there is one. Without it the basket is text."""
    if not visit.online:
        return _as_text(visit, now)
    visit, key = visit.fresh_id()
    return visit, ask(calls.SuspendBasket(key, str(visit.basket_id)))


def _as_text(visit: Visit, now: datetime) -> Outcome:
    """Show the basket itself as codes, and put it away here: from now on the goods travel with the shopper."""
    store, basket = sure(visit.store), sure(visit.basket)
    exponent = currency(basket.currency).exponent
    entries = [carried_of(line.bought, exponent) for line in basket.lines if not line.is_deposit]
    entries += [_on_its_way(one) for one in visit.unsent if not one.shown]
    entries += [Carried(CarriedKind.COUPON, coupon.code) for coupon in basket.coupons]
    try:
        texts = write_basket(store.store_id, entries)
    except BasketTooLargeError:
        return nothing(visit.say("warn", "carried_too_large", now))
    visit, key = visit.fresh_id()
    abandon = ask(calls.AbandonBasket(key, basket.basket_id))
    visit = replace(visit.turn(Turn.PUT_ASIDE), aside=HandOver("", "", None, texts), basket_id=None, basket=None)
    return replace(visit, unsent=(), wanted=(), notice=None), abandon


def _on_its_way(one: Unsent) -> Carried:
    return Carried(CarriedKind.PRODUCT if one.by_sku else CarriedKind.LABEL, one.code, one.quantity)


def on_code_given(visit: Visit, call: calls.Call, given: HandOver) -> Outcome:
    """Show the code. The basket is no longer ours: nothing that ends this visit may put it away."""
    if not isinstance(call, calls.SuspendBasket) or call.basket_id != visit.basket_id or not visit.can(Turn.PUT_ASIDE):
        return nothing(visit)
    return nothing(replace(visit.turn(Turn.PUT_ASIDE), aside=given, basket_id=None, basket=None))


def on_basket_code(visit: Visit, text: str, now: datetime) -> Outcome:
    """Take a basket up, where none is open here."""
    if visit.taken_up == (text, visit.basket_id):
        return nothing(visit)
    if visit.state is not State.WELCOME or visit.basket_id is not None:
        return nothing(visit.say("info", "basket_open_already", now))
    visit, key = visit.fresh_id()
    return replace(visit, taking_up=key), ask(calls.ResumeBasket(key, text))


def on_taken_up(visit: Visit, call: calls.ResumeBasket, basket: Basket, now: datetime) -> Outcome:
    """Go on with a basket from elsewhere. One that comes when the shopper has begun another is put aside by itself."""
    if call.key != visit.taking_up or not visit.can(Turn.TAKE_UP) or visit.basket_id is not None:
        return nothing(visit)
    spare = visit.spare
    visit = replace(
        visit.turn(Turn.TAKE_UP),
        basket_id=basket.basket_id,
        basket=basket,
        spare=None,
        taking_up=None,
        taken_up=(call.code, basket.basket_id),
    )
    visit = visit.say("good", "basket_taken_up", now, count=basket.pieces)
    if spare is not None:
        visit, key = visit.fresh_id()
        return visit, ask(calls.AbandonBasket(key, spare.basket_id))
    return nothing(visit)


def on_not_taken_up(visit: Visit, call: calls.ResumeBasket, event: events.Refused, now: datetime) -> Outcome:
    """Say why a code leads to no basket."""
    if call.key != visit.taking_up:
        return nothing(visit)
    return nothing(replace(visit, taking_up=None).say("warn", event.code, now))

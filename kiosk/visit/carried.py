"""A basket that came as text: its codes are gathered, and what they say is laid into the basket here, once each."""

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from checkout import BasketText, Carried, CarriedKind, Gathering, read_part
from checkout.errors import MalformedCodeError
from kiosk.visit import calls
from kiosk.visit.effects import Effect
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.shopping import begun, on_its_way, with_basket
from kiosk.visit.visit import Visit

REMEMBERED: Final = 20
"""Baskets as text that one visit remembers to have laid in; the ids of their lines hold for any number."""


def on_part(visit: Visit, text: str, now: datetime) -> Outcome:
    """Take one code of a basket; with the last of them everything is laid in."""
    part = read_part(text)
    if part is None:
        return nothing(visit.say("warn", "code_misread", now))
    if part.id in visit.laid:
        return nothing(visit.say("info", "carried_again", now))
    visit = replace(visit, gathering=visit.gathering.add(part))
    gathering = visit.gathering
    if gathering.missing:
        missing = ", ".join(map(str, gathering.missing))
        return nothing(visit.say("info", "carried_part", now, number=part.number, of=part.of, missing=missing))
    visit = replace(visit, gathering=Gathering())
    try:
        basket = gathering.basket()
    except MalformedCodeError:
        return nothing(visit.say("warn", "carried_broken", now))
    if visit.store is None or basket.store_id != visit.store.store_id:
        return nothing(visit.say("warn", "carried_elsewhere", now))
    return _lay(visit, basket, now)


def _lay(visit: Visit, basket: BasketText, now: datetime) -> Outcome:
    visit, opening = with_basket(begun(visit), now)
    basket_id = str(visit.basket_id)
    effects: list[Effect] = list(opening)
    for place, entry in enumerate(basket.entries):
        # The id follows from what was read: a second reading, also after a crash, is the same line and adds nothing.
        call = _call(entry, str(uuid5(NAMESPACE_OID, f"{basket_id}/{basket.id}/{place}")), basket_id)
        if not isinstance(call, calls.ApplyCoupon):
            visit = on_its_way(visit, call)
        effects += ask(call)
    visit = replace(visit, laid=(*visit.laid, basket.id)[-REMEMBERED:])
    return visit.say("good", "carried_laid", now, count=len(basket.entries)), tuple(effects)


def _call(entry: Carried, key: str, basket_id: str) -> calls.AddSku | calls.AddLine | calls.ApplyCoupon:
    match entry.kind:
        case CarriedKind.PRODUCT:
            return calls.AddSku(key, basket_id, entry.text, quantity=entry.quantity)
        case CarriedKind.LABEL:
            return calls.AddLine(key, basket_id, entry.text, entry.symbology, entry.quantity)
        case CarriedKind.COUPON:
            return calls.ApplyCoupon(key, basket_id, entry.text)

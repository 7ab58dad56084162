"""Lines and coupons: from what is put into a basket to the basket on the screen."""

from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from kiosk.visit import acts, calls, events
from kiosk.visit.differences import differences
from kiosk.visit.equipment import begin_weighing
from kiosk.visit.foreseeing import lines_shown, reckoned_instead
from kiosk.visit.outcome import Outcome, ask, nothing
from kiosk.visit.states import BOUND, State, Turn
from kiosk.visit.values import Basket, SearchHit
from kiosk.visit.visit import Parked, Spare, Unsent, Visit, Wanted

MOST_PIECES: Final = 999  # what the store takes as one line
REMEMBERED_UNKNOWN: Final = 20  # one call for a colleague per unknown code, and not without end
SHOPPING: Final = frozenset({State.WELCOME, State.SHOPPING, State.SEARCH, State.REVIEW})
"""Where goods may come into the basket."""


def begun(visit: Visit) -> Visit:
    """Return the visit with its basket in view."""
    return visit if visit.state is State.SHOPPING else visit.turn(Turn.SHOP)


def on_approach(visit: Visit, now: datetime) -> Outcome:
    """Open a basket ahead of the first code: a second of a shopper's hand hides what the store needs for it."""
    if visit.state is not State.WELCOME or visit.basket_id is not None or visit.spare is not None or not visit.online:
        return nothing(visit)
    visit, basket_id = visit.fresh_id()
    return replace(visit, spare=Spare(basket_id, now)), ask(calls.CreateBasket(basket_id))


def with_basket(visit: Visit, now: datetime) -> Outcome:
    """Return the visit with a basket id, and the call that opens the basket where that was not asked for yet."""
    if visit.basket_id is not None:
        return nothing(visit)
    spare = visit.spare
    if spare is not None and not spare.is_stale(now):
        return nothing(replace(visit, basket_id=spare.basket_id, basket=_empty(visit, spare.basket_id), spare=None))
    visit, basket_id = visit.fresh_id()
    return replace(visit, basket_id=basket_id, basket=_empty(visit, basket_id)), ask(calls.CreateBasket(basket_id))


def _empty(visit: Visit, basket_id: str) -> Basket | None:
    """Return what the first line is shown in until the store has opened the basket; older than its every answer."""
    store = visit.store
    if store is None:
        return None
    return Basket(
        basket_id=basket_id,
        state="open",
        version=0,
        currency=store.currency,
        payee=store.payee,
        lines=(),
        coupons=(),
        problems=(),
        gross_minor=0,
        saved_minor=0,
        total_minor=0,
        next_step=None,
        digest="",
        emoji=(),
        age_check="not_needed",
    )


def lay_coupon(visit: Visit, code: str, now: datetime, *, instead: bool = False) -> Outcome:
    """Lay a coupon on the basket, opening one if this is the first thing shown."""
    if visit.state in {State.WELCOME, State.SEARCH}:
        visit = visit.turn(Turn.SHOP)
    visit, opening = with_basket(visit, now)
    visit, key = visit.fresh_id()
    return visit, opening + ask(calls.ApplyCoupon(key, str(visit.basket_id), code, instead))


def found(visit: Visit, call: calls.Call, items: tuple[SearchHit, ...]) -> Visit:
    """Show what a search found, unless another one was begun since, or keep what has no bar code."""
    if isinstance(call, calls.FetchLoose):
        return replace(visit, loose=items)
    is_asked = isinstance(call, calls.SearchProducts) and call.query == visit.query.strip()
    return replace(visit, hits=items) if is_asked else visit


def on_pick(visit: Visit, sku: str, now: datetime) -> Outcome:
    """Take a product that was found by words; what is sold by weight is weighed first."""
    hit = next((hit for hit in visit.hits + visit.loose if hit.sku == sku), None)
    if hit is not None and hit.is_weighed:
        return begin_weighing(visit, hit, now)
    return _add_sku(visit, sku, None if hit is None else hit.name, now)


def on_weighed(visit: Visit, event: events.Weighed, now: datetime) -> Outcome:
    """Put what was weighed into the basket, unless the shopper has gone on."""
    weighing = visit.weighing
    if weighing is None or weighing.weigh_id != event.weigh_id:
        return nothing(visit)
    return _add_sku(replace(visit, weighing=None, notice=None), weighing.sku, weighing.name, now, weight_g=event.grams)


def _add_sku(visit: Visit, sku: str, name: str | None, now: datetime, *, weight_g: int | None = None) -> Outcome:
    visit, opening = with_basket(visit.turn(Turn.SHOP), now)
    visit, line_id = visit.fresh_id()
    call = calls.AddSku(line_id, str(visit.basket_id), sku, weight_g)
    return on_its_way(visit, call, name), opening + ask(call)


def on_line_act(visit: Visit, act: acts.SetQuantity | acts.AddPieces | acts.TakeOut | acts.LeaveCoupon) -> Outcome:
    """Change what is already in the basket."""
    unseen: tuple[str, ...] = ()
    if isinstance(act, acts.AddPieces):
        unseen = tuple(one.key for one in visit.unsent if not one.is_seen)
        known = quantity_of(visit, act.line_id)
        if not known:
            return nothing(visit)  # the line is gone, or is about to go: a tap that came late
        act = acts.SetQuantity(act.line_id, min(MOST_PIECES, max(0, known + act.pieces)))
    visit, key = visit.fresh_id()
    basket_id = str(visit.basket_id)
    match act:
        case acts.SetQuantity(line_id=line_id, quantity=quantity):
            others = tuple(wanted for wanted in visit.wanted if wanted.line_id != line_id)
            visit = replace(visit, wanted=(*others, Wanted(line_id, quantity, key, unseen)))
            return visit, ask(calls.ChangeQuantity(key, basket_id, line_id, quantity))
        case acts.TakeOut(line_id=line_id):
            return visit, ask(calls.RemoveLine(key, basket_id, line_id))
        case acts.LeaveCoupon(code=code):
            return visit, ask(calls.DropCoupon(key, basket_id, code))
        case _:
            assert_never(act)


def quantity_of(visit: Visit, line_id: str) -> int | None:
    """Return the quantity that a line will have once every question is answered; None where it is unknown."""
    for wanted in visit.wanted:
        if wanted.line_id == line_id:
            return wanted.quantity
    return next((line.quantity for line in lines_shown(visit) if line.line_id == line_id), None)


def on_its_way(visit: Visit, call: calls.AddLine | calls.AddSku, name: str | None = None) -> Visit:
    """Remember a product until the store has answered, by the name that the basket shows for the same code."""
    code = call.code if isinstance(call, calls.AddLine) else call.sku
    lines = visit.basket.lines if visit.basket is not None else ()
    name = name or next((line.name for line in lines if code in {line.code, line.sku}), None)
    by_sku = isinstance(call, calls.AddSku)
    return replace(visit, unsent=(*visit.unsent, Unsent(call.key, code, name, call.quantity, by_sku)))


def is_shown(visit: Visit, call: calls.Call) -> bool:
    """Say whether the screen showed a product before the store heard of it: its answer is no news then."""
    key = getattr(call, "key", None)
    return any(one.key == key and one.told for one in visit.unsent)


def settled(visit: Visit, call: calls.ChangeQuantity | calls.AddLine | calls.AddSku) -> Visit:
    """Forget that a question was on its way, once it has come back."""
    wanted = tuple(one for one in visit.wanted if one.key != call.key)
    unsent = tuple(one for one in visit.unsent if one.key != call.key)
    return replace(visit, wanted=wanted, unsent=unsent)


def on_basket(
    visit: Visit, call: calls.Call, now_is: events.BasketNow, now: datetime, *, is_known: bool = False
) -> Outcome:
    """Show a basket that a call of ours brought, and say what the call did, unless ``is_known`` already."""
    visit, effects = take_basket(visit, now_is.basket, now, ours=not isinstance(call, calls.FetchBasket), call=call)
    if visit.basket is not now_is.basket or is_known:
        return visit, effects
    match call:
        case calls.AddLine(code=code, same_pack=True):
            visit = _bettered(visit, now_is, now).flash("added", code, now_is.line_id)
        case calls.AddLine(code=code):
            visit = _twice(visit, now_is, now).flash("added", code, now_is.line_id)
        case calls.AddSku(sku=sku):
            visit = visit.flash("added", sku, now_is.line_id)
        case calls.ChangeQuantity(quantity=quantity) if quantity > 0:
            visit = visit.say("info", "quantity_changed", now, quantity=quantity)
        case calls.ChangeQuantity() | calls.RemoveLine():
            visit = visit.say("info", "line_removed", now)
        case calls.AmendLine(quantity=quantity) if quantity > 0:
            visit = visit.say("info", "quantity_changed", now, quantity=quantity)
        case calls.AmendLine():
            visit = visit.say("info", "line_removed", now)
        case calls.SetPrice():
            visit = replace(visit, staff_wants=None).say("good", "price_set", now)
        case calls.ShowWallet():
            visit = _told_of_member(visit, now_is.basket, now)
        case calls.ApplyCoupon(code=code):
            visit = _coupon_flash(visit, now_is.basket, code, now)
        case _:
            pass
    return visit, effects


def _told_of_member(visit: Visit, basket: Basket, now: datetime) -> Visit:
    """Say what showing the wallet has brought: the prices of members, and coupons that count by themselves."""
    counting = [coupon for coupon in basket.coupons if coupon.state == "applied"]
    if not counting:
        return visit.say("good", "member_prices", now)
    saved = sum(coupon.saved_minor for coupon in counting)
    return visit.say("good", "member_coupons", now, count=len(counting), saved_minor=saved)


def _twice(visit: Visit, now_is: events.BasketNow, now: datetime) -> Visit:
    """Mention that one product was read twice in a row: it may be two, or one pack that passed the camera again."""
    last = visit.last_scan
    line = next((line for line in now_is.basket.lines if line.line_id == now_is.line_id), None)
    if line is None or line.quantity != 2 or last is None or last.line_id != line.line_id:  # noqa: PLR2004 - two of it
        return visit
    return visit.say("info", "two_of_it", now, name=line.name)


def _bettered(visit: Visit, now_is: events.BasketNow, now: datetime) -> Visit:
    """Say that what a sticker says holds, in place of the price on the shelf: one pack, one line."""
    line = next((line for line in now_is.basket.lines if line.line_id == now_is.line_id), None)
    if line is None or line.label_price_minor is None:
        return visit
    return visit.say("good", "sticker_counts", now, name=line.name, price_minor=line.label_price_minor)


def _coupon_flash(visit: Visit, basket: Basket, code: str, now: datetime) -> Visit:
    for coupon in basket.coupons:
        if coupon.code == code and coupon.state == "not_applicable":
            reason = coupon.reason_code or "coupon_not_applicable"
            return visit.flash("refused", code).say("warn", "coupon_refused", now, code=code, reason=reason)
    return visit.flash("coupon", code).say("good", "coupon_applied", now, code=code)


def take_basket(visit: Visit, basket: Basket, now: datetime, *, ours: bool, call: calls.Call | None = None) -> Outcome:
    """Make a basket the one on the screen.

    A change of its content after somebody began to say who pays voids that: the shopper sees the new total and is asked
    again. An older version than the one shown is ignored, as answers may overtake each other.
    """
    known = visit.basket
    if basket.basket_id != visit.basket_id or _is_older(basket, known):
        return nothing(visit)
    is_told = known is not None and known.provisional and not basket.provisional
    if known is not None and is_told:  # what differs is said there; a sign of its own the store's basket always has
        visit = _store_has_spoken(visit, known, basket, now, call)
    if visit.state in {State.PAYING, State.RECEIPT, State.CHECKING}:
        return _while_money_moves(visit, basket)
    changed = known is not None and basket.digest != known.digest
    noticed = _check_notice(_age_notice(visit, basket, now), basket, now)
    is_told |= noticed is not visit  # why it changed says more than that it changed
    visit = replace(noticed, basket=basket)
    if basket.provisional:
        visit = replace(visit, unsent=reckoned_instead(visit.unsent, basket))
    if basket.state == "paid":
        return _already_paid(visit)
    if basket.state == "abandoned":
        return nothing(visit.turn(Turn.END)) if visit.can(Turn.END) else nothing(visit)
    if changed and (visit.state in BOUND or visit.state is State.DESK):
        visit = visit.turn(Turn.VOID)
        if not isinstance(call, calls.LeaveWallet):  # there the shopper was told already whose it was not
            visit = visit.say("warn", "basket_changed", now)
        return visit, ask(calls.QuoteBasket(basket.basket_id))
    if visit.state is State.REVIEW:
        return _in_review(
            visit, basket, now, told=changed and not ours and not is_told, asked=isinstance(call, calls.QuoteBasket)
        )
    return nothing(visit)


def _is_older(basket: Basket, known: Basket | None) -> bool:
    """Say whether a basket comes too late. What the store says always goes before what this kiosk reckoned."""
    if known is None or (known.provisional and not basket.provisional):
        return False
    return basket.version < known.version


def _store_has_spoken(visit: Visit, reckoned: Basket, said: Basket, now: datetime, call: calls.Call | None) -> Visit:
    """Tell where the store's basket is not what was shown: its answer holds, and nobody pays it unseen."""
    asked_for = {one.key for one in visit.unsent}
    if isinstance(call, calls.AddLine | calls.AddSku):
        asked_for.add(call.key)
    found = differences(reckoned, said, frozenset(asked_for))
    visit = replace(visit, differences=found)
    if not found:
        return visit
    return visit.say("warn", "store_differs", now, before_minor=reckoned.total_minor, after_minor=said.total_minor)


def _in_review(visit: Visit, basket: Basket, now: datetime, *, told: bool, asked: bool) -> Outcome:
    if not basket.lines:
        return nothing(visit.turn(Turn.BACK))
    if told:
        visit = visit.say("warn", "basket_changed", now)
    if basket.state == "open" and not asked:
        return visit, ask(calls.QuoteBasket(basket.basket_id))
    return nothing(visit)


def _while_money_moves(visit: Visit, basket: Basket) -> Outcome:
    """Keep the first sight of a basket after a restart; otherwise the payment alone decides what is shown next."""
    return nothing(replace(visit, basket=basket) if visit.basket is None else visit)


def _already_paid(visit: Visit) -> Outcome:
    if visit.can(Turn.CHECK):
        visit = visit.turn(Turn.CHECK)
    return visit, ask(calls.FetchBasketPayment(str(visit.basket_id)))


def _age_notice(visit: Visit, basket: Basket, now: datetime) -> Visit:
    before = visit.basket.age_check if visit.basket is not None else "not_needed"
    if basket.age_check == before:
        return visit
    match basket.age_check:
        case "waiting":
            return visit.say("info", "age_check_wait", now)
        case "approved":
            return visit.say("good", "age_check_approved", now)
        case "refused":
            return visit.say("info", "age_check_refused", now)
        case "not_needed":
            return visit
        case _:
            assert_never(basket.age_check)


def _check_notice(visit: Visit, basket: Basket, now: datetime) -> Visit:
    """Say kindly that this basket was drawn to be looked at, and that it is done."""
    before = visit.basket is not None and visit.basket.is_being_checked
    if before is basket.is_being_checked:
        return visit
    return visit.say("good", "random_check_done", now) if before else visit.say("info", "random_check", now)


def on_line_refused(
    visit: Visit, call: calls.AddLine | calls.AddSku, refused: events.Refused, now: datetime
) -> Outcome:
    """Say why a product did not come into the basket; the basket itself stays as it is."""
    code = call.code if isinstance(call, calls.AddLine) else call.sku
    match refused.code:
        case "product_not_found":
            return _unknown(visit.flash("unknown", code).say("warn", "unknown_code", now, code=code), code)
        case "malformed_code":
            return nothing(visit.flash("misread", code).say("warn", "code_misread", now, code=code))
        case "not_a_product":
            return nothing(visit.flash("refused", code).say("warn", "not_a_product", now))
        case "weight_missing":
            return nothing(visit.flash("refused", code).say("warn", "scale_missing", now, name=code))
        case "sale_stop" | "recalled":
            facts = {"code": code, "detail": str(refused.facts.get("detail", ""))}
            visit = visit.flash("refused", code).say("warn", "sale_stop", now, **facts)
            is_second = isinstance(call, calls.AddLine) and call.same_pack
            return _without_pack(visit, str(refused.facts.get("sku", ""))) if is_second else nothing(visit)
        case _:
            visit = visit.flash("refused", code).say("warn", "unexpected", now, code=refused.code)
            return visit, ask(calls.FetchBasket(call.basket_id))


def _without_pack(visit: Visit, sku: str) -> Outcome:
    """Take out what the first code of a pack put in, since its second one says that it may not be sold."""
    lines = visit.basket.lines if visit.basket is not None else ()
    plain = [line for line in lines if line.sku == sku and set(line.bought.told) == {None}]
    if not plain:
        return nothing(visit)
    return on_line_act(visit, acts.AddPieces(plain[-1].line_id, -1))


def _unknown(visit: Visit, code: str) -> Outcome:
    if code in visit.unknown_codes or len(visit.unknown_codes) >= REMEMBERED_UNKNOWN:
        return nothing(visit)
    visit, key = replace(visit, unknown_codes=(*visit.unknown_codes, code)).fresh_id()
    visit = replace(visit, parked=(*visit.parked, Parked(code, key)))
    return visit, ask(calls.OpenIntervention(key, "unknown_item", visit.basket_id, {"code": code}))


def on_looked_up(visit: Visit, parked: Parked, resolution: str, now: datetime) -> Outcome:
    """Put an item into the basket that a colleague has taught the shop, or say that it is not sold."""
    visit = replace(
        visit,
        parked=tuple(one for one in visit.parked if one is not parked),
        unknown_codes=tuple(code for code in visit.unknown_codes if code != parked.code),
    )
    if resolution != "approved" or visit.state not in SHOPPING or visit.basket_id is None:
        return nothing(visit.say("info", "item_set_aside", now, code=parked.code))
    visit, line_id = visit.fresh_id()
    call = calls.AddLine(line_id, str(visit.basket_id), parked.code, None)
    return on_its_way(visit, call).say("good", "item_learnt", now, code=parked.code), ask(call)


def on_change_refused(visit: Visit, call: calls.Call, refused: events.Refused, now: datetime) -> Outcome:
    """Say why a change of the basket did not happen, and read the basket again."""
    if isinstance(call, calls.ApplyCoupon):
        if refused.code == "coupon_not_found" and call.code.isdecimal():
            # Bars that GS1 keeps for coupons, yet no coupon of ours: to the shopper it is the number of an item.
            return nothing(visit.flash("unknown", call.code).say("warn", "unknown_code", now, code=call.code))
        visit = visit.flash("refused", call.code)
        return nothing(visit.say("warn", "coupon_refused", now, code=call.code, reason=refused.code))
    visit = visit.say("warn", "unexpected", now, code=refused.code)
    return visit, ask(calls.FetchBasket(str(visit.basket_id)))

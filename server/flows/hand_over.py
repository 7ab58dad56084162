"""Put a basket aside under a code, and take it up again at any kiosk of the store (SC11, BP8).

Whoever shows the code has the basket, as whoever holds a full trolley does. So it holds once and not for long, and a
person who was seen to be old enough is looked at again where the basket turns up.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from checkout import (
    BASKET_TABLE,
    BasketCode,
    BasketEvent,
    BasketState,
    Carried,
    CarriedKind,
    carried_of,
    read_code,
    write_basket,
)
from checkout.errors import BasketTooLargeError
from server.flows.age import call_for_age, needs_look
from server.flows.baskets import lock_to_change, put_away, tell_changed
from server.flows.check_out import Whole, check_coupons, row_of_sender
from server.flows.errors import FlowError
from server.flows.intervene import close_calls
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.handovers import Handover
from server.flows.random_check import call_again, let_go
from server.flows.shop import Shop
from server.flows.tokens import token_hash

LIFE = timedelta(hours=2)
"""Long enough to fetch what was forgotten and to queue elsewhere; frozen goods keep no longer."""
PREFIX = "SESAME:B:"
AT_ONCE = 100


def suspend(work: Work, basket_id: str, caller: Caller, token: str, *, at: datetime) -> tuple[BasketRow, datetime]:
    """Put a basket aside under a code.

    Args:
        work: One transaction.
        basket_id: One of the caller's.
        caller: The kiosk.
        token: Chance that nobody guesses; it is kept as a hash.
        at: Now.

    Returns:
        The basket, and when the code is over.

    Raises:
        FlowError: `basket_not_found`, `basket_closed`, `basket_paying`, `basket_empty`.
    """
    row = lock_to_change(work, basket_id, caller)
    if not row.lines:
        raise FlowError("basket_empty", "There is nothing in it to take along.")
    is_open = BASKET_TABLE.after(row.state, BasketEvent.CHANGE)  # a quote that was shown no longer holds
    aside = replace(row, state=BASKET_TABLE.after(is_open, BasketEvent.SUSPEND), version=row.version + 1, updated_at=at)
    work.baskets.put(aside)
    work.handovers.add(Handover(token_hash(token), basket_id, at + LIFE))
    tell_changed(work, aside, at=at)
    close_calls(work, basket_id, at=at)
    return aside, at + LIFE


def leave_whole(
    work: Work, shop: Shop, whole: Whole, caller: Caller, token: str, *, at: datetime
) -> tuple[BasketRow, datetime]:
    """Keep what a phone has gathered under a code, for any till of the store.

    It names goods and coupons, never prices; whose basket it is says the session of whoever sends it, so a look that a
    shopper owes (`random_check`) is had where their basket is taken up.

    Args:
        work: One transaction.
        shop: As it stands at the moment.
        whole: Under an id that the store has made: of an id from outside nobody knows what hangs on it.
        caller: A shopper, or a guest.
        token: As `suspend`.
        at: Now.

    Returns:
        The basket, and when the code is over.

    Raises:
        CheckoutError: See `whole_basket`; or a coupon can not be used at all.
        FlowError: `too_many_coupons`.
    """
    row = row_of_sender(work, shop, whole, caller, at=at)
    check_coupons(work, row, at)
    aside = replace(row, state=BASKET_TABLE.after(row.state, BasketEvent.SUSPEND))
    work.baskets.add(aside)
    work.handovers.add(Handover(token_hash(token), aside.basket_id, at + LIFE))
    return aside, at + LIFE


def waiting_basket(work: Work, code: str, *, at: datetime) -> BasketRow:
    """Return the basket that a code stands for, without taking it.

    Raises:
        FlowError: `handover_unknown`, `handover_over`, `handover_taken`.
    """
    found = _handover(work, code, at=at)
    if found.taken_by is not None:
        raise _taken()
    return _row(work, found.basket_id)


def texts_of(shop: Shop, row: BasketRow) -> list[str]:
    """Return a basket as the codes that a kiosk without a network reads; none where it is too large for them."""
    entries = [carried_of(line, shop.currency.exponent) for line in row.lines]
    entries += [Carried(CarriedKind.COUPON, code) for code in row.coupon_codes]
    try:
        return list(write_basket(row.store_id, entries))
    except BasketTooLargeError:
        return []


def resume(work: Work, shop: Shop, code: str, caller: Caller, *, at: datetime, new_id: Callable[[], str]) -> BasketRow:
    """Take a basket up again at this kiosk. The kiosk that has taken it may ask once more and gets the same basket.

    Raises:
        FlowError: `handover_unknown`, `handover_over`, `handover_taken`, `basket_closed`.
    """
    found = _handover(work, code, at=at)
    row = _row(work, found.basket_id)
    if found.taken_by is not None:
        if found.taken_by != caller.subject or row.kiosk_id != caller.subject:
            raise _taken()
        return row
    if row.store_id != shop.store_id:
        raise FlowError("handover_unknown", "This code belongs to no basket of this shop.")
    if row.state is not BasketState.SUSPENDED:
        raise FlowError("basket_closed", f"This basket is {row.state}.", state=row.state.value)
    here = replace(
        row,
        state=BASKET_TABLE.after(row.state, BasketEvent.RESUME),
        kiosk_id=caller.subject,
        version=row.version + 1,
        age_check="refused" if row.age_check == "refused" else "not_needed",
        age_checked_for=None,
        updated_at=at,
    )
    here = _called(work, shop, here, at=at, new_id=new_id)
    work.baskets.put(here)
    call_again(work, shop, here, at=at, call_id=new_id())
    work.handovers.take(found.code_hash, by=caller.subject, at=at)
    tell_changed(work, here, at=at)
    return here


def leave_alone(work: Work, *, at: datetime) -> int:
    """Put away the baskets whose code is over; return how many."""
    baskets = work.handovers.left_alone(at, limit=AT_ONCE)
    for basket_id in baskets:
        row = work.baskets.locked(basket_id)
        if row is not None and row.state is BasketState.SUSPENDED:
            put_away(work, let_go(row), at=at)
        work.handovers.forget(basket_id)
    return len(baskets)


def _called(work: Work, shop: Shop, row: BasketRow, *, at: datetime, new_id: Callable[[], str]) -> BasketRow:
    """Call a person for the highest age that the basket asks for, if it asks for any."""
    restricted = [(line, product) for line in row.lines if (product := shop.catalog.by_sku(line.sku)).min_age]
    if not restricted:
        return row
    line, product = max(restricted, key=lambda pair: pair[1].min_age or 0)
    if not needs_look(work, row, product):
        return row
    call_for_age(work, row, line, product, at=at, intervention_id=new_id())
    return replace(row, age_check="waiting")


def _handover(work: Work, code: str, *, at: datetime) -> Handover:
    reading = read_code(code)
    token = reading.id if isinstance(reading, BasketCode) else code.strip()
    found = work.handovers.locked(token_hash(token))
    if found is None:
        raise FlowError("handover_unknown", "This code belongs to no basket of this shop.")
    if at >= found.expires_at:
        raise FlowError("handover_over", "The basket was put away: its code was over.")
    return found


def _row(work: Work, basket_id: str) -> BasketRow:
    if (row := work.baskets.locked(basket_id)) is None:
        raise FlowError("handover_unknown", "This code belongs to no basket of this shop.")
    return row


def _taken() -> FlowError:
    return FlowError("handover_taken", "Another kiosk has taken this basket.")

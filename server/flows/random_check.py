"""A random check: drawn once a basket when its price is asked for, settled by a person who stands there.

What was drawn is kept with the chance and the roll, so that anybody with the store's key can draw it again. Nothing
accuses anybody: a basket that was put right is another version, priced and approved anew, as after any change. What a
shopper takes out after a person has looked is looked at again: else it could be shown, and then left unpaid.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from checkout import BasketState
from checkout.random_check import CheckOutcome, lines_to_see, roll_of
from server.flows.attendance import Attendant
from server.flows.baskets import CHECK_WAITS, keep, lock_to_change
from server.flows.change_basket import change_line
from server.flows.errors import FlowError
from server.flows.intervene import cancel_call, open_intervention
from server.flows.phone import PhoneBook
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.checks import Check
from server.flows.shop import Shop

CALL = "random_check"
UNDRAWN, FREE, WAITING, AMENDING = "undrawn", "free", "waiting", "amending"
SETTLED = frozenset(CheckOutcome)


def draw(work: Work, shop: Shop, phones: PhoneBook, row: BasketRow, *, at: datetime, call_id: str) -> BasketRow:
    """Draw whether a locked basket is looked at, once; a basket that was drawn stays as it was."""
    policy = shop.row.limits.check
    if row.random_check != UNDRAWN or not row.lines or policy.is_off:
        return row
    known = row.member_phone_hash
    outcomes = () if known is None else work.checks.outcomes_of(known, limit=max(1, policy.trusted_after))
    chance_bp, keyed = policy.chance_bp(outcomes), phones.keyed(CALL, row.basket_id)
    roll = roll_of(keyed)
    is_drawn = roll < chance_bp
    seen = lines_to_see(keyed, [line.line_id for line in row.lines], policy.lines) if is_drawn else ()
    row = replace(row, random_check=WAITING if is_drawn else FREE)
    work.checks.add(Check(row.basket_id, row.store_id, known, chance_bp, roll, seen, row.random_check, at))
    work.baskets.put(row)
    if is_drawn:
        work.events.record(CALL, "random_check.drawn", row.basket_id, at=at, reason=f"{roll} < {chance_bp}")
        _call(work, shop, row, _seen(row, seen), at=at, call_id=call_id)
    return row


def call_again(work: Work, shop: Shop, row: BasketRow, *, at: datetime, call_id: str) -> None:
    """Call somebody to a basket that was taken elsewhere before its check: it goes along."""
    if row.random_check in CHECK_WAITS and (check := work.checks.get(row.basket_id)) is not None:
        _call(work, shop, row, _seen(row, check.line_ids), at=at, call_id=call_id)


def change_own_line(  # noqa: PLR0913 - the facts of one act, each by name
    work: Work,
    shop: Shop,
    basket_id: str,
    caller: Caller,
    line_id: str,
    quantity: int,
    *,
    version: int | None,
    at: datetime,
    call_id: str,
) -> BasketRow:
    """Set a line's quantity as its shopper does; of what a person has looked at, somebody sees the less of it.

    Raises:
        CheckoutError: As `change_line`.
        FlowError: As `change_line`.
    """
    before = lock_to_change(work, basket_id, caller, version=version)
    row = change_line(work, basket_id, caller, line_id, quantity, version=version, at=at)
    line = next(line for line in before.lines if line.line_id == line_id)
    if before.random_check not in SETTLED or quantity >= line.quantity:
        return row
    # What was found once stays found.
    row = replace(row, random_check=AMENDING if before.random_check == CheckOutcome.AMENDED else WAITING)
    work.baskets.put(row)
    work.events.record(CALL, "random_check.again", basket_id, at=at, reason=f"{line.sku} {line.quantity} -> {quantity}")
    _call(work, shop, row, [(line.sku, quantity)], at=at, call_id=call_id)
    return row


def _seen(row: BasketRow, line_ids: Sequence[str]) -> list[tuple[str, int]]:
    return [(line.sku, line.quantity) for line in row.lines if line.line_id in line_ids]


def _call(
    work: Work, shop: Shop, row: BasketRow, seen: Sequence[tuple[str, int]], *, at: datetime, call_id: str
) -> None:
    """Call somebody to products and how many of each should be there."""
    look = [{"name": shop.catalog.by_sku(sku).name, "quantity": quantity} for sku, quantity in seen]
    open_intervention(
        work,
        intervention_id=call_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        basket_id=row.basket_id,
        line_id=None,
        kind=CALL,
        detail={"look": look},
        at=at,
    )


def note_amended(work: Work, row: BasketRow) -> BasketRow:
    """Remember that somebody put a basket right while it was looked at."""
    if row.random_check != WAITING:
        return row
    row = replace(row, random_check=AMENDING)
    work.baskets.put(row)
    return row


def settle_check(work: Work, basket_id: str, *, by: str, at: datetime) -> BasketRow | None:
    """Write down that a person has looked; the shopper goes on.

    Returns:
        The basket as it is now; None when there is nothing left to look at.
    """
    row = work.baskets.locked(basket_id)
    if row is None or row.random_check not in CHECK_WAITS or row.state not in {BasketState.OPEN, BasketState.QUOTED}:
        return None
    outcome = CheckOutcome.AMENDED if row.random_check == AMENDING else CheckOutcome.AGREED
    work.checks.settle(basket_id, outcome, by=by, at=at)
    for call in work.interventions.waiting(basket_id):
        if call.type == CALL:
            cancel_call(work, call, at=at)
    return keep(work, row, replace(row, random_check=outcome.value), at=at)


def look_at_basket(work: Work, basket_id: str, *, kiosk: Caller, by: Attendant, at: datetime) -> BasketRow:
    """Settle the check of a basket as somebody who stands before it.

    Raises:
        FlowError: `check_not_asked`: nothing was drawn, or it was settled.
    """
    row = lock_to_change(work, basket_id, kiosk)
    settled = settle_check(work, row.basket_id, by=by.member.login, at=at)
    if settled is None:
        raise FlowError("check_not_asked", "Nobody waits for a look at this basket.")
    work.events.record(by.member.login, f"{CALL}.{settled.random_check}", basket_id, at=at, reason="at the kiosk")
    return settled

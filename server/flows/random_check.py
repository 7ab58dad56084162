"""A random check: drawn when a basket's price is asked for and when it has doubled since, settled by a person there.

What was drawn is kept with the chance and the roll, so that anybody with the store's key can draw it again. Nothing
accuses anybody: a basket that was put right is another version, priced and approved anew, as after any change. What a
shopper takes out after a person has looked is looked at again, and so is a sticker that they show then: else goods
could be shown, and then left unpaid or paid at another price. A basket that is left while somebody is yet to look hands
its check on: to the next one there, or of the same shopper anywhere. So does one that is put aside, which keeps it too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from checkout import BasketState, Line
from checkout.random_check import WHOLE_BP, CheckOutcome, lines_to_see, roll_of
from server.flows.attendance import Attendant
from server.flows.baskets import CHECK_WAITS, UNKEPT, keep, lock_to_change
from server.flows.change_basket import change_line
from server.flows.errors import FlowError
from server.flows.intervene import cancel_call, open_intervention
from server.flows.phone import PhoneBook
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.checks import WAITING, Check
from server.flows.shop import Shop

CALL = "random_check"
UNDRAWN, FREE, AMENDING = "undrawn", "free", "amending"
SETTLED = frozenset(CheckOutcome)
GROWN = 2
"""Times the pieces that lay in it when it was drawn: who fetches what they forgot is not drawn again."""
OWED = timedelta(minutes=15)
"""How long a check is handed on after its basket was left: enough to scan it all anew."""


def draw(work: Work, shop: Shop, phones: PhoneBook, row: BasketRow, *, at: datetime, call_id: str) -> BasketRow:
    """Draw whether a locked basket is looked at; asked again it stays as it was, until it holds twice as much.

    Else whoever asks for the price of a first product would know that nobody looks at the others.
    """
    policy, pieces = shop.row.limits.check, sum(line.quantity for line in row.lines)
    before = None if row.random_check == UNDRAWN else work.checks.get(row.basket_id)
    has_grown = before is None or pieces >= GROWN * max(1, before.pieces)
    if row.random_check in CHECK_WAITS or not pieces or policy.is_off or not has_grown:
        return row
    known = row.member_phone_hash
    outcomes = () if known is None else work.checks.outcomes_of(known, limit=max(1, policy.trusted_after))
    chance_bp, keyed = policy.chance_bp(outcomes), phones.keyed(CALL, _word(row, None if before is None else pieces))
    if before is None and work.checks.take_over(row.store_id, row.kiosk_id, known, left_since=at - OWED):
        chance_bp = WHOLE_BP
    roll = roll_of(keyed)
    if roll < chance_bp:
        state = _unsettled(row.random_check)
        seen = lines_to_see(keyed, [line.line_id for line in row.lines], policy.lines)
        check = Check(row.basket_id, row.store_id, known, chance_bp, roll, seen, WAITING, at, pieces=pieces)
    else:
        state, seen = (FREE, ()) if before is None else (row.random_check, before.line_ids)
        check = Check(row.basket_id, row.store_id, known, chance_bp, roll, (), FREE, at, pieces=pieces)
        check = check if before is None else replace(before, chance_bp=chance_bp, roll=roll, pieces=pieces)
    work.checks.put(check)
    if state == row.random_check:
        return row
    row = replace(row, random_check=state)
    work.baskets.put(row)
    if state in CHECK_WAITS:
        work.events.record(CALL, "random_check.drawn", row.basket_id, at=at, reason=f"{roll} < {chance_bp}")
        _call(work, shop, row, _seen(row, seen), at=at, call_id=call_id)
    return row


def _word(row: BasketRow, pieces: int | None) -> str:
    return row.basket_id if pieces is None else f"{row.basket_id} {pieces}"


def draw_whole(work: Work, shop: Shop, phones: PhoneBook, row: BasketRow) -> BasketRow:
    """Return a whole basket as one that waits for a look, where it is drawn. Nothing is written.

    What nobody has on disk must not hang on what its sender may choose. So a shopper's own phone is drawn by who they
    are and how often they have bought, and stays so until they have paid at a kiosk; what a kiosk brings is drawn by
    the id that it made, as the same basket is when it is opened there. Whoever left a basket before its look is not
    rid of it by paying with their phone.
    """
    if shop.row.limits.check.is_off:
        return row
    known = row.member_phone_hash
    if known is not None and work.checks.is_owed(row.store_id, known, since=row.created_at - OWED):
        return replace(row, random_check=UNKEPT)
    chance_bp, roll = _whole_draw(work, shop, phones, row)
    return replace(row, random_check=UNKEPT) if roll < chance_bp else row


def owe_look(work: Work, shop: Shop, phones: PhoneBook, row: BasketRow, *, at: datetime) -> None:
    """Keep that a shopper was told of a look at what their phone holds: they have it with their next basket here.

    Their phone names the basket: under the name of one that was drawn before, nothing of that is written over.
    """
    known = row.member_phone_hash
    if row.random_check != UNKEPT or known is None or work.checks.get(row.basket_id) is not None:
        return
    if work.checks.is_owed(row.store_id, known, since=at - OWED):
        return
    chance_bp, roll = _whole_draw(work, shop, phones, row)
    pieces = sum(line.quantity for line in row.lines)
    work.checks.put(Check(row.basket_id, row.store_id, known, chance_bp, roll, (), WAITING, at, pieces=pieces))
    work.events.record(CALL, "random_check.drawn", row.basket_id, at=at, reason=f"{roll} < {chance_bp}, on a phone")


def _whole_draw(work: Work, shop: Shop, phones: PhoneBook, row: BasketRow) -> tuple[int, int]:
    """Return how likely a look at a whole basket is, and what it rolls."""
    policy, known = shop.row.limits.check, row.member_phone_hash
    if known is None:
        return policy.chance_bp(()), roll_of(phones.keyed(CALL, row.basket_id))
    outcomes = work.checks.outcomes_of(known, limit=max(1, policy.trusted_after))
    # What is paid over a counter is paid on the phone, for a cent if somebody likes: it would roll anew.
    bought = work.payments.purchases(known, since=row.created_at, at_counters=False).ever
    return policy.chance_bp(outcomes), roll_of(phones.keyed(CALL, f"{known} {bought}"))


def call_again(work: Work, shop: Shop, row: BasketRow, *, at: datetime, call_id: str) -> None:
    """Call somebody to a basket that was taken elsewhere before its check: it goes along, and is owed once more."""
    if row.random_check in CHECK_WAITS and (check := work.checks.get(row.basket_id)) is not None:
        if check.is_handed_on:
            work.checks.put(replace(check, is_handed_on=False))
        _call(work, shop, row, _seen(row, check.line_ids), at=at, call_id=call_id)


def let_go(row: BasketRow) -> BasketRow:
    """Return a basket that nobody took up in time as one that owes nobody a look: its shopper left long ago."""
    return replace(row, random_check=FREE) if row.random_check in CHECK_WAITS else row


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
    row = replace(row, random_check=_unsettled(before.random_check))
    work.baskets.put(row)
    work.events.record(CALL, "random_check.again", basket_id, at=at, reason=f"{line.sku} {line.quantity} -> {quantity}")
    _call(work, shop, row, [(line.sku, quantity)], at=at, call_id=call_id)
    return row


def see_sticker(
    work: Work, shop: Shop, before: BasketRow, changed: BasketRow, *, at: datetime, call_id: str
) -> BasketRow:
    """Have somebody see a second code that makes what they have looked at another price, as a sticker does.

    What is new in the basket is not looked at: it was added after the look, as anything else is.
    """
    if before.random_check not in SETTLED:
        return changed
    known = {line.sku for line in before.lines}
    stuck = [sku for sku, *_ in (_labels(changed.lines) - _labels(before.lines)).elements() if sku in known]
    if not stuck:
        return changed
    changed = replace(changed, random_check=_unsettled(before.random_check))
    work.events.record(CALL, "random_check.again", before.basket_id, at=at, reason=f"{' '.join(stuck)} stickered")
    _call(work, shop, changed, [(sku, 1) for sku in stuck], at=at, call_id=call_id)
    return changed


def _labels(lines: Iterable[Line]) -> Counter[tuple[str, int | None, int | None]]:
    """Count the pieces that cost what their label says."""
    return Counter((line.sku, line.weight_g, line.price_minor) for line in lines if line.is_single)


def _unsettled(outcome: str) -> str:
    """Return how a check is that waits once more; what was found once stays found."""
    return AMENDING if outcome == CheckOutcome.AMENDED else WAITING


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

"""A person looks at the shopper, once per basket and age, before goods with an age on them are paid."""

from dataclasses import replace
from datetime import datetime

from checkout import BasketState, Line, Product
from server.flows.baskets import basket_of, keep
from server.flows.intervene import cancel_call, open_intervention
from server.flows.ports import BasketRow, Work
from server.flows.ports.help import Intervention
from server.flows.shop import Shop


def call_for_age(
    work: Work, row: BasketRow, line: Line, product: Product, *, at: datetime, intervention_id: str
) -> None:
    """Call a member of staff to the kiosk."""
    open_intervention(
        work,
        intervention_id=intervention_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        basket_id=row.basket_id,
        line_id=line.line_id,
        kind="age_check",
        detail={"product": product.name, "min_age": product.min_age},
        at=at,
    )


def needs_look(work: Work, row: BasketRow, product: Product) -> bool:
    """Tell whether a person has yet to be called for a product that goes into a basket."""
    if product.min_age is None or row.age_check == "refused":
        return False
    if row.age_check == "waiting":  # somebody comes; for an age that nobody was called for, somebody else is told
        return product.min_age > max((_age_of(call) for call in _waiting(work, row.basket_id)), default=0)
    return row.age_check == "not_needed" or product.min_age > (row.age_checked_for or 0)


def settle_age_check(
    work: Work, shop: Shop, basket_id: str, *, min_age: int, approved: bool, by: str, at: datetime
) -> BasketRow | None:
    """Write down what the person saw: approved goods stay, refused ones leave the basket.

    A yes covers goods up to `min_age`; where the basket holds others, their own call goes on waiting.

    Returns:
        The basket as it is now; None when it is closed or gone, where there is nothing left to decide.
    """
    row = work.baskets.locked(basket_id)
    if row is None or row.state not in {BasketState.OPEN, BasketState.QUOTED}:
        return None
    work.baskets.note_age_check(basket_id, by=by, at=at)
    if approved:
        seen = max(min_age, row.age_checked_for or 0)
        needed = max((shop.catalog.by_sku(line.sku).min_age or 0 for line in row.lines), default=0)
        _end_calls(work, basket_id, seen, at=at)
        state = "approved" if needed <= seen else "waiting"
        return keep(work, row, replace(row, age_check=state, age_checked_for=seen), at=at)
    _end_calls(work, basket_id, None, at=at)
    basket = basket_of(row)
    for line in row.lines:
        if shop.catalog.by_sku(line.sku).min_age is not None:
            basket = basket.remove(line.line_id)
    return keep(work, row, replace(row, age_check="refused", lines=basket.lines), at=at)


def _end_calls(work: Work, basket_id: str, seen: int | None, *, at: datetime) -> None:
    """End the other calls that an answer has settled: those up to the age that was seen, or all where it is None."""
    for call in _waiting(work, basket_id):
        if seen is None or _age_of(call) <= seen:
            cancel_call(work, call, at=at)


def _waiting(work: Work, basket_id: str) -> list[Intervention]:
    return [call for call in work.interventions.waiting(basket_id) if call.type == "age_check"]


def _age_of(call: Intervention) -> int:
    return int(call.detail.get("min_age") or 0)

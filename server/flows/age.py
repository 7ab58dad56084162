"""A person looks at the shopper, once per basket, before goods with an age on them are paid."""

from dataclasses import replace
from datetime import datetime

from checkout import BasketState, Line, Product
from server.flows.baskets import basket_of, keep
from server.flows.intervene import open_intervention
from server.flows.ports import BasketRow, Work
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


def settle_age_check(
    work: Work, shop: Shop, basket_id: str, *, approved: bool, by: str, at: datetime
) -> BasketRow | None:
    """Write down what the person saw: approved goods stay, refused ones leave the basket.

    Returns:
        The basket as it is now; None when it is closed or gone, where there is nothing left to decide.
    """
    row = work.baskets.locked(basket_id)
    if row is None or row.state not in {BasketState.OPEN, BasketState.QUOTED}:
        return None
    work.baskets.note_age_check(basket_id, by=by, at=at)
    if approved:
        return keep(work, row, replace(row, age_check="approved"), at=at)
    basket = basket_of(row)
    for line in row.lines:
        if shop.catalog.by_sku(line.sku).min_age is not None:
            basket = basket.remove(line.line_id)
    return keep(work, row, replace(row, age_check="refused", lines=basket.lines), at=at)

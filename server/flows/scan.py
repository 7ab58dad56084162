"""Open a basket and put things into it: by what was scanned, or by what was picked from the list."""

from dataclasses import replace
from datetime import datetime

from checkout import Basket, BasketState, Line, Unit, check_sale, is_same_line
from server.flows.age import call_for_age, needs_look
from server.flows.baskets import basket_of, keep, lock_to_change
from server.flows.days import day_of
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.random_check import see_sticker
from server.flows.shop import Shop


def open_basket(work: Work, shop: Shop, basket_id: str, caller: Caller, *, channel: str, at: datetime) -> BasketRow:
    """Open an empty basket at a kiosk.

    Raises:
        FlowError: `basket_exists`: the id is taken.
    """
    if work.baskets.get(basket_id) is not None:
        raise FlowError("basket_exists", f"There is a basket {basket_id} already.", basket_id=basket_id)
    row = BasketRow(
        basket_id=basket_id,
        store_id=shop.store_id,
        kiosk_id=caller.subject,
        channel=channel,
        state=BasketState.OPEN,
        version=1,
        currency=shop.currency.code,
        lines=(),
        coupon_codes=(),
        age_check="not_needed",
        payment_id=None,
        created_at=at,
        updated_at=at,
    )
    work.baskets.add(row)
    return row


def scan(  # noqa: PLR0913 - the facts of one scan, each by name
    work: Work,
    shop: Shop,
    basket_id: str,
    caller: Caller,
    *,
    line_id: str,
    code: str,
    symbology: str | None,
    quantity: int,
    same_pack: bool = False,
    at: datetime,
    intervention_id: str,
) -> tuple[BasketRow, str]:
    """Put what was scanned into the basket.

    A second code on a pack (``same_pack``: the sticker of a markdown, bars beside a periodical's) betters the line that
    the first one made.

    Returns:
        The basket, and the id of the line that holds the product now (the first one's, where it was merged).

    Raises:
        ProductNotFoundError: The shop does not sell it.
        MalformedCodeError: A digit is wrong.
        SaleStopError: It may not be sold now.
        RecalledError: This lot was called back.
        NotAProductError: A coupon, wallet code or the like was held up.
        FlowError: `basket_closed`, `age_check_refused`, ...
    """
    on = day_of(at, shop.timezone)
    line = shop.reader.line(code, symbology, line_id=line_id, quantity=quantity, on=on)
    return put(work, shop, basket_id, caller, line, same_pack=same_pack, at=at, intervention_id=intervention_id)


def pick(  # noqa: PLR0913 - the facts of one choice, each by name
    work: Work,
    shop: Shop,
    basket_id: str,
    caller: Caller,
    *,
    line_id: str,
    sku: str,
    quantity: int,
    weight_g: int | None = None,
    at: datetime,
    intervention_id: str,
) -> tuple[BasketRow, str]:
    """Put a product chosen from the list into the basket; see `scan`.

    ``weight_g`` are the grams of what is sold by weight; a weight of anything else is left out.

    Raises:
        FlowError: Also `weight_missing`: it is sold by weight, and nobody weighed it.
    """
    product = shop.catalog.by_sku(sku)
    if product.unit is Unit.KG and weight_g is None:
        raise FlowError("weight_missing", f"{product.name} is sold by weight.", sku=product.sku)
    code = shop.code_of.get(sku, "")
    line = Line(line_id, product.sku, quantity, code, weight_g if product.unit is Unit.KG else None)
    return put(work, shop, basket_id, caller, line, at=at, intervention_id=intervention_id)


def put(
    work: Work,
    shop: Shop,
    basket_id: str,
    caller: Caller,
    line: Line,
    *,
    same_pack: bool = False,
    at: datetime,
    intervention_id: str,
) -> tuple[BasketRow, str]:
    """Put a line into the basket, and call a person where the product asks for one."""
    product = shop.catalog.by_sku(line.sku)
    check_sale(product, line)
    row = lock_to_change(work, basket_id, caller)
    if product.min_age is not None and row.age_check == "refused":
        raise FlowError("age_check_refused", f"The age check for {product.name} was not passed.", sku=product.sku)
    before = basket_of(row)
    basket = before.better(line) if same_pack else before.add(line)
    changed = replace(row, lines=basket.lines)
    if needs_look(work, row, product):
        changed = replace(changed, age_check="waiting")
        call_for_age(work, row, line, product, at=at, intervention_id=intervention_id)
    elif same_pack:
        changed = see_sticker(work, shop, row, changed, at=at, call_id=intervention_id)
    return keep(work, row, changed, at=at), _touched(before, basket, line)


def _touched(before: Basket, after: Basket, line: Line) -> str:
    """Return which line holds what was scanned: the last that changed, or the one that it was merged into before."""
    changed = [one.line_id for one in after if one not in before.lines]
    holding = [one.line_id for one in after if one.line_id == line.line_id or is_same_line(one, line)]
    same = [one.line_id for one in after if one.sku == line.sku]
    return next(iter((*reversed(changed), *holding, *reversed(same))), line.line_id)

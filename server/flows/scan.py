"""Open a basket and put things into it: by what was scanned, or by what was picked from the list."""

from dataclasses import replace
from datetime import datetime

from checkout import BasketState, Gtin, Line, Product, ProductCode, Unit, WeighedCode
from checkout.errors import RecalledError, SaleStopError
from server.flows.age import call_for_age, needs_look
from server.flows.baskets import basket_of, keep, lock_to_change
from server.flows.errors import FlowError
from server.flows.look_up import by_gtin, read_product
from server.flows.ports import BasketRow, Caller, Work
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
    at: datetime,
    intervention_id: str,
) -> tuple[BasketRow, str]:
    """Put what was scanned into the basket.

    Returns:
        The basket, and the id of the line that holds the product now (the first one's, where it was merged).

    Raises:
        ProductNotFoundError: The shop does not sell it.
        MalformedCodeError: A digit is wrong.
        SaleStopError: It may not be sold now.
        RecalledError: This lot was called back.
        FlowError: `not_a_product`, `basket_closed`, `age_check_refused`, ...
    """
    line = _line(shop, line_id, code, symbology, quantity, at=at)
    return put(work, shop, basket_id, caller, line, at=at, intervention_id=intervention_id)


def pick(  # noqa: PLR0913 - the facts of one choice, each by name
    work: Work,
    shop: Shop,
    basket_id: str,
    caller: Caller,
    *,
    line_id: str,
    sku: str,
    quantity: int,
    at: datetime,
    intervention_id: str,
) -> tuple[BasketRow, str]:
    """Put a product chosen from the list into the basket; see `scan`."""
    line = Line(line_id, shop.catalog.by_sku(sku).sku, quantity, scanned_code=shop.code_of.get(sku, ""))
    return put(work, shop, basket_id, caller, line, at=at, intervention_id=intervention_id)


def put(
    work: Work, shop: Shop, basket_id: str, caller: Caller, line: Line, *, at: datetime, intervention_id: str
) -> tuple[BasketRow, str]:
    """Put a line into the basket, and call a person where the product asks for one."""
    product = shop.catalog.by_sku(line.sku)
    _check_sale(product, line)
    row = lock_to_change(work, basket_id, caller)
    if product.min_age is not None and row.age_check == "refused":
        raise FlowError("age_check_refused", f"The age check for {product.name} was not passed.", sku=product.sku)
    basket = basket_of(row).add(line)
    changed = replace(row, lines=basket.lines)
    if needs_look(work, row, product):
        changed = replace(changed, age_check="waiting")
        call_for_age(work, row, line, product, at=at, intervention_id=intervention_id)
    touched = next(
        (known.line_id for known in basket if known.line_id == line.line_id or _is_same(known, line)), line.line_id
    )
    return keep(work, row, changed, at=at), touched


def _line(shop: Shop, line_id: str, text: str, symbology: str | None, quantity: int, *, at: datetime) -> Line:
    catalog = shop.catalog
    match read_product(catalog, text, symbology):
        case ProductCode() as code:
            product = by_gtin(catalog, code.gtin, text)
            if code.use_by is not None and code.use_by < at.astimezone(shop.timezone).date():
                raise SaleStopError(product.sku, f"its use-by date was {code.use_by.isoformat()}")
            pieces = quantity * code.pieces * catalog.pieces(code.gtin)
            shown = _shown(code.gtin)
            if code.grams is None and code.price_minor is None:
                return Line(line_id, product.sku, pieces, shown, lot=code.lot)
            return _single(Line(line_id, product.sku, quantity, shown, code.grams, code.price_minor, code.lot), product)
        case WeighedCode() as label:
            product = by_gtin(catalog, label.lookup, text)
            if label.pieces is not None:
                return Line(line_id, product.sku, label.pieces, text.strip())
            if label.grams is None and label.price_minor is None and product.unit is Unit.KG:
                raise FlowError("weight_missing", f"The label of {product.name} carries no weight.", sku=product.sku)
            return _single(Line(line_id, product.sku, quantity, text.strip(), label.grams, label.price_minor), product)
        case own:
            product = catalog.by_code(str(own))
            return Line(line_id, product.sku, quantity * catalog.pieces(str(own)), str(own))


def _single(line: Line, product: Product) -> Line:
    """Return the line of a label; a weight without a price per kilogram means nothing and is left out."""
    return replace(line, weight_g=None) if line.weight_g is not None and product.unit is not Unit.KG else line


def _shown(gtin: Gtin) -> str:
    return gtin.ean13 or gtin.key14


def _check_sale(product: Product, line: Line) -> None:
    if product.sale_stop is not None:
        raise SaleStopError(product.sku, product.sale_stop)
    if line.lot is not None and line.lot in product.recalled_lots:
        raise RecalledError(product.sku, line.lot)


def _is_same(known: Line, line: Line) -> bool:
    return known.sku == line.sku and known.lot == line.lot and not (known.is_single or line.is_single)

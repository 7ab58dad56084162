"""From a text that was read to the line it makes of a basket: the same for a server and for a kiosk without one."""

from dataclasses import replace
from datetime import date

from checkout.basket import Line
from checkout.catalog import ALL_LOTS, Catalog, Product, Unit
from checkout.codes import FR_TABLE, CodeTable, ProductCode, Reading, UnknownCode, WeighedCode, WhyUnknown, read_code
from checkout.errors import (
    MalformedCodeError,
    NotAProductError,
    ProductNotFoundError,
    RecalledError,
    SaleStopError,
)
from checkout.gtin import Gtin

MAX_PLAIN = 65_536
"""Codes remembered: a shop's whole range fits, and beyond it the memory starts anew."""
KINDS = {
    "CouponCode": "coupon",
    "WalletCode": "wallet_code",
    "BasketCode": "basket",
    "BasketTextCode": "basket",
    "TicketCode": "ticket",
    "ExitCode": "exit_code",
    "WalletPassCode": "wallet_code",
    "ShareLink": "share_link",
}


def read_product(
    catalog: Catalog, text: str, symbology: str | None = None, table: CodeTable = FR_TABLE
) -> ProductCode | WeighedCode | str:
    """Tell which product code a text is; a text stands for the shop's own codes (PLU numbers, words).

    Raises:
        MalformedCodeError: A digit is wrong, or the text has strange signs.
        ProductNotFoundError: No row of the code table knows it.
        NotAProductError: A coupon, wallet code, ticket, exit code or link was held up.
    """
    if text.strip() in catalog:
        return text.strip()
    reading: Reading = read_code(text, symbology, table)
    match reading:
        case ProductCode() | WeighedCode():
            return reading
        case UnknownCode(shown, WhyUnknown.WRONG_DIGIT):
            raise MalformedCodeError(shown, "its check digit is wrong")
        case UnknownCode(shown, WhyUnknown.TOO_LONG | WhyUnknown.STRANGE_SIGNS as reason):
            raise MalformedCodeError(shown, reason.value.replace("_", " "))
        case UnknownCode(shown):
            raise ProductNotFoundError(shown)
        case _:
            raise NotAProductError(KINDS[type(reading).__name__])


def product_of(catalog: Catalog, text: str, symbology: str | None = None, table: CodeTable = FR_TABLE) -> Product:
    """Return the product that a text leads to.

    Raises:
        MalformedCodeError: See `read_product`.
        ProductNotFoundError: The shop does not sell it.
        NotAProductError: It is something else of ours.
    """
    match read_product(catalog, text, symbology, table):
        case ProductCode(gtin=gtin) | WeighedCode(lookup=gtin):
            return by_gtin(catalog, gtin, text)
        case own:
            return catalog.by_code(str(own))


def by_gtin(catalog: Catalog, gtin: Gtin, text: str) -> Product:
    """Return the product under a global number; where there is none, the error names the text that was read."""
    try:
        return catalog.by_code(gtin)
    except ProductNotFoundError as error:
        raise ProductNotFoundError(text.strip()) from error


def line_of(
    catalog: Catalog,
    text: str,
    symbology: str | None = None,
    *,
    line_id: str,
    quantity: int = 1,
    on: date,
    table: CodeTable = FR_TABLE,
) -> Line:
    """Return the line that a scan puts into a basket.

    Args:
        catalog: What the shop sells now.
        text: As read or typed.
        symbology: The reader's word for the symbol; None when typed.
        line_id: Made by whoever scanned.
        quantity: How many scans this stands for.
        on: The day in the shop's time zone: what is past its use-by date is not sold.
        table: The store's settings for reading codes.

    Raises:
        ProductNotFoundError: The shop does not sell it.
        MalformedCodeError: A digit is wrong.
        NotAProductError: It is something else of ours.
        SaleStopError: It is past its use-by date.
    """
    reading = read_product(catalog, text, symbology, table)
    return _made(catalog, reading, text, line_id=line_id, quantity=quantity, on=on)


class Reader:
    """Reads the codes of one shop as `line_of` does, and remembers those that always make the same line.

    Args:
        catalog: What the shop sells.
        table: The store's settings for reading codes.
    """

    def __init__(self, catalog: Catalog, table: CodeTable = FR_TABLE) -> None:
        self._catalog = catalog
        self._table = table
        self._plain: dict[tuple[str, str | None], tuple[str, int, str]] = {}

    def line(self, text: str, symbology: str | None = None, *, line_id: str, quantity: int = 1, on: date) -> Line:
        """Return the line that a scan puts into a basket; see :func:`line_of`, whose errors these are."""
        if (known := self._plain.get((text, symbology))) is not None:
            sku, pieces, shown = known
            return Line(line_id, sku, quantity * pieces, shown)
        reading = read_product(self._catalog, text, symbology, self._table)
        line = _made(self._catalog, reading, text, line_id=line_id, quantity=quantity, on=on)
        if _is_plain(reading):
            if len(self._plain) >= MAX_PLAIN:
                self._plain.clear()
            self._plain[text, symbology] = line.sku, line.quantity // quantity, line.scanned_code
        return line


def _is_plain(reading: ProductCode | WeighedCode | str) -> bool:
    """Whether a code names nothing but its product: no lot, weight, price or date."""
    if isinstance(reading, ProductCode):
        return not reading.says_more
    return isinstance(reading, str)


def _made(
    catalog: Catalog,
    reading: ProductCode | WeighedCode | str,
    text: str,
    *,
    line_id: str,
    quantity: int,
    on: date,
) -> Line:
    match reading:
        case ProductCode() as code:
            product = by_gtin(catalog, code.gtin, text)
            if code.use_by is not None and code.use_by < on:
                raise SaleStopError(product.sku, f"its use-by date was {code.use_by.isoformat()}")
            pieces = quantity * code.pieces * catalog.pieces(code.gtin)
            shown = code.gtin.ean13 or code.gtin.key14
            if code.grams is None and code.price_minor is None:
                return Line(line_id, product.sku, pieces, shown, lot=code.lot, issue=code.issue)
            line = Line(line_id, product.sku, quantity, shown, code.grams, code.price_minor, code.lot, code.issue)
            return _single(line, product)
        case WeighedCode() as label:
            product = by_gtin(catalog, label.lookup, text)
            if label.pieces is not None:
                return Line(line_id, product.sku, label.pieces, text.strip())
            return _single(Line(line_id, product.sku, quantity, text.strip(), label.grams, label.price_minor), product)
        case own:
            product = catalog.by_code(str(own))
            return Line(line_id, product.sku, quantity * catalog.pieces(str(own)), str(own))


def check_sale(product: Product, line: Line) -> None:
    """Refuse what may not be sold now, at the scan and not at the payment (SC7, SC8).

    Raises:
        SaleStopError: The product is stopped.
        RecalledError: This lot, or every lot, was called back.
    """
    if product.sale_stop is not None:
        raise SaleStopError(product.sku, product.sale_stop)
    if ALL_LOTS in product.recalled_lots:
        raise RecalledError(product.sku, ALL_LOTS)
    if line.lot is not None and line.lot in product.recalled_lots:
        raise RecalledError(product.sku, line.lot)


def is_same_line(known: Line, scanned: Line) -> bool:
    """Say whether a basket merges the two."""
    return known.merges_with(scanned)


def _single(line: Line, product: Product) -> Line:
    """Return the line of a label; a weight without a price per kilogram means nothing and is left out."""
    return replace(line, weight_g=None) if line.weight_g is not None and product.unit is not Unit.KG else line

"""Exports of two web shops and of Odoo, as rows of the flat products table: all rules of :mod:`goods` hold for them.

Shopify: a blank or repeated handle is the same product; each row with a price is a variant. WooCommerce: a variation
takes the tax class of its parent. Odoo: headings as people or as programs read them; a row that only goes on with a
list of the one above is left out. None knows a VAT class of ours by name: the mapping says it, or the shop does.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dictionary

from checkout.feeds.cells import Feed, Plan, lay_over, with_words
from checkout.feeds.faults import Fault, LeftOut, shown
from checkout.feeds.goods import read_rows, spoken_facts
from checkout.feeds.mapping import AS_IT_IS, Mapping
from checkout.feeds.records import Terms
from checkout.feeds.table import Row, Sheet, read_sheet

SHOPIFY = {
    "sku": ("Variant SKU", "SKU"),
    "code": ("Variant Barcode", "Barcode"),
    "name": ("Title",),
    "brand": ("Vendor",),
    "category": ("Type", "Product Category", "Product category"),
    "price": ("Variant Price", "Price"),
    "pack": (),
    "vat_class": (),
    "currency": (),
    "min_age": (),
    "demo_price": (),
}
WOOCOMMERCE = {
    "sku": ("SKU",),
    "code": ("GTIN, UPC, EAN, or ISBN", "GTIN", "EAN"),
    "name": ("Name",),
    "brand": ("Brands", "Brand"),
    "category": ("Categories",),
    "price": ("Regular price",),
    "sale_price": ("Sale price",),
    "sale_from": ("Date sale price starts",),
    "sale_until": ("Date sale price ends",),
    "vat_class": ("Tax class",),
    "pack": (),
    "currency": (),
    "min_age": (),
    "demo_price": (),
}
ODOO = {
    "sku": ("Internal Reference", "default_code"),
    "code": ("Barcode", "barcode"),
    "name": ("Name", "name", "Display Name", "display_name"),
    "category": ("Product Category", "categ_id", "Product Category/Display Name", "categ_id/name"),
    "price": ("Sales Price", "Public Price", "lst_price", "list_price"),
    "unit": ("Unit of Measure", "Unit", "uom_id", "uom_id/name"),
    "vat_class": ("Sales Taxes", "Customer Taxes", "taxes_id", "taxes_id/name"),
    "currency": ("Currency", "currency_id"),
    "brand": (),
    "pack": (),
    "min_age": (),
    "demo_price": (),
}
_ODOO_WORDS = {
    "unit": {"": "each", "Units": "each", "Unit(s)": "each", "Unité(s)": "each", "Unités": "each"},
    # The taxes of its French chart of accounts, as they are named since version 15.
    "vat_class": {"20% G": "standard", "10% G": "intermediate", "5.5% G": "reduced", "2.1% G": "super_reduced"},
}
_NOT_SOLD = frozenset({"false", "0", "no", "faux"})
_WOO_WORDS = {"vat_class": {"": "standard", "standard": "standard", "reduced-rate": "reduced", "zero-rate": "zero"}}
_REQUIRED = (("sku", "code"), ("name",), ("price",))
_HANDLES = ("handle", "url handle")
_INHERITED = ("handle", "url handle", "title", "vendor", "type", "product category", "status")
_SOLD_APART = {
    "variable": "the variations are sold",
    "grouped": "its parts are sold",
    "external": "it is sold elsewhere",
}

Prepared = Iterator[Row | Fault | LeftOut]
Names = Dictionary[str, int]
"""Headings in small letters to their place."""


def read_shopify(chunks: Iterable[bytes], terms: Terms, mapping: Mapping = AS_IT_IS) -> Feed:
    """Read a product export of Shopify."""
    return _read(chunks, terms, mapping, SHOPIFY, _variants)


def read_woocommerce(chunks: Iterable[bytes], terms: Terms, mapping: Mapping = AS_IT_IS) -> Feed:
    """Read a product export of WooCommerce; a sale price without dates is the price, one with dates holds then."""
    return _read(chunks, terms, with_words(mapping, _WOO_WORDS), WOOCOMMERCE, _variations)


def read_odoo(chunks: Iterable[bytes], terms: Terms, mapping: Mapping = AS_IT_IS) -> Feed:
    """Read a product export of Odoo, with its headings for people (English) or its technical names."""
    return _read(chunks, terms, with_words(mapping, _ODOO_WORDS), ODOO, _articles)


def _read(
    chunks: Iterable[bytes],
    terms: Terms,
    mapping: Mapping,
    aliases: Dictionary[str, tuple[str, ...]],
    prepare: Callable[[Sheet, Names, Plan], Prepared],
) -> Feed:
    sheet = read_sheet(chunks, encoding=mapping.encoding, delimiter=mapping.delimiter, is_quoted=mapping.is_quoted)
    plan = sheet if isinstance(sheet, Fault) else lay_over(sheet.header, mapping, terms, aliases, _REQUIRED)
    if isinstance(sheet, Fault) or isinstance(plan, Fault):
        return Feed(frozenset(), iter((plan,)) if isinstance(plan, Fault) else iter(()))
    names = {name.casefold(): i for i, name in enumerate(sheet.header)}
    rows = read_rows(prepare(sheet, names, plan), plan, "products")
    return Feed(spoken_facts(plan), rows, lists_prices=plan.speaks_of("sale_price"))


def _variants(sheet: Sheet, names: Names, plan: Plan) -> Prepared:
    handle = next((names[name] for name in _HANDLES if name in names), None)
    inherited = [names[name] for name in _INHERITED if name in names]
    options = [names[f"option{n} value"] for n in (1, 2, 3) if f"option{n} value" in names]
    first: list[str] = []
    for row in sheet.rows:
        if isinstance(row, Fault):
            yield row
            continue
        cells = row.cells
        for field in ("sku", "code"):
            if (place := plan.places.get(field)) is not None:
                cells[place] = cells[place].removeprefix("'")  # keeps a spreadsheet from making a number of it
        if handle is not None and first and cells[handle] in ("", first[handle]):
            for place in inherited:
                cells[place] = cells[place] or first[place]
        else:
            first = list(cells)
        yield _variant(row, names, plan, options)


def _variant(row: Row, names: Names, plan: Plan, options: list[int]) -> Row | LeftOut:
    cells = row.cells
    status = cells[names["status"]].lower() if "status" in names else "active"
    if status != "active":
        return LeftOut(row.line, f"its status is {shown(status) or 'empty'}")
    if not any(cells[plan.places[field]].strip() for field in ("sku", "code", "price") if field in plan.places):
        return LeftOut(row.line, "it is only a picture")
    chosen = [cells[place] for place in options if cells[place] not in ("", "Default Title")]
    if chosen and "name" in plan.places:
        cells[plan.places["name"]] += f" - {' / '.join(chosen)}"
    return row


def _articles(sheet: Sheet, names: Names, plan: Plan) -> Prepared:
    sold = next((names[name] for name in ("can be sold", "sales", "sale_ok") if name in names), None)
    for row in sheet.rows:
        if isinstance(row, Fault):
            yield row
        elif not any(
            row.cells[plan.places[field]].strip() for field in ("sku", "code", "name") if field in plan.places
        ):
            yield LeftOut(row.line, "it goes on with the row above")
        elif sold is not None and row.cells[sold].strip().casefold() in _NOT_SOLD:
            yield LeftOut(row.line, "it cannot be sold")
        else:
            yield row


def _variations(sheet: Sheet, names: Names, _plan: Plan) -> Prepared:
    taxes: dict[str, str] = {}

    def cell(row: Row, name: str, otherwise: str = "") -> str:
        return row.cells[names[name]].strip() if name in names else otherwise

    for row in sheet.rows:
        if isinstance(row, Fault):
            yield row
            continue
        kind = cell(row, "type", "simple").lower()
        tax = cell(row, "tax class")
        if "variable" in kind:
            taxes |= {key: tax for key in (cell(row, "sku"), f"id:{cell(row, 'id')}") if key}
        if tax == "parent" and "tax class" in names:
            row.cells[names["tax class"]] = taxes.get(cell(row, "parent"), tax)
        if (why := next((why for word, why in _SOLD_APART.items() if word in kind), None)) is not None:
            yield LeftOut(row.line, why)
        elif cell(row, "published", "1") != "1":
            yield LeftOut(row.line, "it is not published")
        else:
            yield row

"""The shop's own tables as files, in the form that :mod:`goods` reads: what goes out comes in the same."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO

from checkout.catalog import CodeRow, Product
from checkout.errors import MalformedCodeError
from checkout.gtin import Gtin
from checkout.money import Currency, Money

PRODUCT_COLUMNS = (
    "sku",
    "name",
    "brand",
    "pack",
    "category",
    "unit",
    "net_content",
    "price",
    "currency",
    "vat_class",
    "min_age",
    "sale_stop",
    "deposit_sku",
    "demo_price",
    "warranty_months",
)
CODE_COLUMNS = ("code", "sku", "pieces", "kind")
_FORMULA = ("=", "+", "-", "@")


def export_products(products: Iterable[Product], unit: Currency) -> Iterator[str]:
    """Yield ``products.csv`` line by line, with its heading."""
    yield _line(PRODUCT_COLUMNS)
    for product in products:
        yield _line(
            (
                product.sku,
                product.name,
                product.brand,
                product.pack,
                product.category,
                product.unit.value,
                "" if product.net_content is None else f"{product.net_content} g",
                str(Money(product.unit_price_minor, unit)).split(" ", maxsplit=1)[0],
                unit.code,
                product.vat_class.value,
                "" if product.min_age is None else product.min_age,
                product.sale_stop or "",
                product.deposit_sku or "",
                "yes" if product.demo_price else "no",
                "" if product.warranty_months is None else product.warranty_months,
            )
        )


def export_codes(codes: Iterable[CodeRow]) -> Iterator[str]:
    """Yield ``codes.csv`` line by line, with its heading."""
    yield _line(CODE_COLUMNS)
    for row in codes:
        yield _line((row.code, row.sku, row.pieces, "gtin" if _is_gtin(row.code) else "own"))


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run the text instead of showing it."""
    return text.startswith(_FORMULA)


def _is_gtin(code: str) -> bool:
    try:
        Gtin.parse(code)
    except MalformedCodeError:
        return False
    return True


def _line(values: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerow(values)
    return out.getvalue()

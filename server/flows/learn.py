"""Learn a product once, from what a colleague reads off its shelf label: every kiosk sells it from then on (SC6)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout import CodeRow, Product, ProductCode, UnknownCode, VatClass, WhyUnknown, read_code
from checkout.catalog import key_of
from checkout.errors import MalformedCodeError
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.shop import Shop


@dataclass(frozen=True, slots=True)
class ShelfLabel:
    """What a colleague read.

    Attributes:
        code: As the kiosk read it.
        unit_price_minor: For one piece, in minor units, tax included.
        min_age: Years a buyer must have; None for nearly everything.
    """

    code: str
    name: str
    unit_price_minor: int
    vat_class: VatClass
    brand: str = ""
    pack: str = ""
    category: str = ""
    min_age: int | None = None


def learn_product(work: Work, shop: Shop, label: ShelfLabel, *, by: str, at: datetime) -> Product:
    """Put a product into the shop, and tell kiosks and phones of it.

    Two colleagues who learn the same code make one product: the second is told whose it is.

    Raises:
        MalformedCodeError: A digit is wrong, or it is no code of a product: learning it would sell anything.
        FlowError: `code_known`: it leads to a product already.
    """
    code = label.code.strip()
    match read_code(code, table=shop.code_table):
        case ProductCode(gtin=gtin):
            shown, key = gtin.ean13 or gtin.key14, gtin.key14
        case UnknownCode(text, WhyUnknown.NO_ROW) if text.isascii() and text.replace("-", "").isalnum():
            shown = key = text[:32]  # the shop's own words and short numbers
        case _:
            raise MalformedCodeError(code, "it is no code of a product")
    if (known := work.shelf.sku_of(key_of(shown))) is not None:
        raise FlowError("code_known", f"This code leads to {known} already.", scanned_code=shown, sku=known)
    product = Product(
        sku=f"learnt-{key}",
        name=label.name,
        brand=label.brand,
        pack=label.pack,
        unit_price_minor=label.unit_price_minor,
        vat_class=label.vat_class,
        category=label.category,
        min_age=label.min_age,
        demo_price=shop.demo_prices,
    )
    work.shelf.add_product(product, CodeRow(shown, product.sku))
    work.events.tell(shop.store_id, "catalogue.changed", {"import_id": None, "sku": product.sku}, at=at)
    price = f"{label.unit_price_minor} {shop.currency.code}"
    work.events.record(by, "product.learnt", product.sku, at=at, reason=price)
    return product


def suggestion(work: Work, code: str) -> dict[str, Any]:
    """Return what suppliers and open data know of a code, for the colleague who reads the label; never a price."""
    known = work.shelf.reference(key_of(code))
    if known is None:
        return {}
    return {"product": {"name": known.name, "brand": known.brand, "pack": known.pack}, "vat_class": known.vat_class}

"""A small signed shop for the tests of a kiosk without its store."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkout import CodeRow, Head, PriceRow, Product, ShopFacts, Tables, Unit, VatClass, digest_of_tables, tables_of
from kiosk.offline.catalogue import Catalogue, checked
from kiosk.ports import CatalogueDocument
from tests.kiosk.builders import MILK, NOON

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
SHOP = ShopFacts("demo", "Sésame Démo", "Sésame Démo · Magasin 12", "EUR", "FR", "Europe/Paris", demo_prices=True)
COLA, WINE, STOPPED = "5449000000996", "3183280003286", "4006381333931"
OFFER = {
    "id": "three",
    "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"},
    "benefit": {"kind": "n_for_m", "match": {"skus": ["milk"]}, "take": 3, "pay": 2},
}


def a_product(sku: str, minor: int, **facts: Any) -> Product:
    facts = {"name": sku.title(), "brand": "B", "pack": "500 g", "vat_class": VatClass.REDUCED} | facts
    return Product(sku=sku, unit_price_minor=minor, **facts)


PRODUCTS = (
    a_product("milk", 300),
    a_product("cola", 150, deposit_sku="glass"),
    a_product("glass", 15, vat_class=VatClass.ZERO),
    a_product("wine", 649, vat_class=VatClass.STANDARD, min_age=18),
    a_product("pears", 229, unit=Unit.KG, pack=""),
    a_product("stopped", 500, sale_stop="it may contain glass"),
)
CODES = (
    CodeRow(MILK, "milk"),
    CodeRow(COLA, "cola"),
    CodeRow(WINE, "wine"),
    CodeRow(STOPPED, "stopped"),
    CodeRow("2112345000008", "pears"),
)


def a_shop(*, number: int = 7, made_at: datetime = NOON, shop: ShopFacts = SHOP, **facts: Any) -> CatalogueDocument:
    """Return a whole catalogue as the store sends it."""
    parts: dict[str, Any] = {"products": PRODUCTS, "codes": CODES, "prices": (), "promotions": [OFFER]} | facts
    return signed(tables_of(shop, **parts), number=number, made_at=made_at)


def signed(
    tables: Tables, *, number: int = 7, made_at: datetime = NOON, key: Ed25519PrivateKey = KEY
) -> CatalogueDocument:
    store_id = str(tables["shop"]["store_id"])
    head = Head(store_id, number, made_at.isoformat(), digest_of_tables(tables))
    document = {
        "head": {"store_id": store_id, "number": number, "made_at": head.made_at, "digest": head.digest},
        "signature": base64.b64encode(key.sign(head.signed)).decode(),
        "since": None,
        "put": tables,
        "gone": {},
    }
    over_the_wire: CatalogueDocument = json.loads(json.dumps(document))
    return over_the_wire


def a_catalogue(**facts: Any) -> Catalogue:
    return checked(a_shop(**facts), key=KEY.public_key(), store_id="demo")


def a_sale_price(minor: int, *, hours: float = 1) -> PriceRow:
    return PriceRow("milk", "", NOON, NOON + timedelta(hours=hours), minor)

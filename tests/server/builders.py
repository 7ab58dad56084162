"""Builders with sensible defaults for the store server's tests."""

from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from checkout import CodeRow, Product, Unit, VatClass
from server.flows.ports import Caller, StoreRow, Work
from server.flows.tokens import token_hash

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
KIOSK = Caller("kiosk", "kiosk-1", "demo")
KIOSK_TOKEN = "kiosk-token-of-the-tests"
GATE_TOKEN = "gate-token-of-the-tests"
_ids = count(1)


def an_id() -> str:
    """Return an id that no other call returns."""
    return str(UUID(int=next(_ids) + (4 << 76) + (8 << 60)))


def a_product(sku: str, price: int, **facts: Any) -> Product:
    """Return a product that costs `price` minor units."""
    facts = {"name": sku.title(), "brand": "Brand", "pack": "500 g", "vat_class": VatClass.REDUCED} | facts
    return Product(sku=sku, unit_price_minor=price, **facts)


NUTELLA = "3017620422003"
WINE = "3183280003286"
PASTA = "3038350013804"
COLA = "5449000000996"

PRODUCTS = (
    a_product("nutella", 399, name="Nutella", pack="400 g"),
    a_product("wine", 649, pack="75 cl", vat_class=VatClass.STANDARD, min_age=18, category="alcohol"),
    a_product("pasta", 129, category="pasta"),
    a_product("cola", 150, pack="33 cl", deposit_sku="deposit"),
    a_product("deposit", 15, vat_class=VatClass.ZERO),
    a_product("apples", 250, unit=Unit.KG, pack=""),
    a_product("stopped", 500, sale_stop="it may contain glass"),
)
CODES = (
    CodeRow(NUTELLA, "nutella"),
    CodeRow(WINE, "wine"),
    CodeRow(PASTA, "pasta"),
    CodeRow(COLA, "cola"),
    CodeRow("2112345000008", "apples"),
    CodeRow("4011", "apples"),
    CodeRow("4006381333931", "stopped"),
)
PASTA_OFFER = {
    "id": "pasta-3-for-2",
    "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"},
    "benefit": {"kind": "n_for_m", "match": {"categories": ["pasta"]}, "take": 3, "pay": 2},
}


def stock_small_shop(work: Work) -> None:
    """Fill the shop of the tests: seven products, one promotion, a kiosk and a gate."""
    work.shelf.put_store(StoreRow("demo", "Test", "Sésame Démo · Magasin 12", "EUR", "FR", "Europe/Paris", True))  # noqa: FBT003 - a row, column by column
    work.shelf.put_products(PRODUCTS, CODES)
    work.shelf.put_promotions([PASTA_OFFER])
    work.callers.pair("kiosk-1", "demo", "Kiosk 1", token_hash(KIOSK_TOKEN))
    work.callers.pair("kiosk-2", "demo", "Kiosk 2", token_hash(KIOSK_TOKEN + "2"))
    work.callers.pair("gate-1", "demo", "Gate", token_hash(GATE_TOKEN), kind="gate")

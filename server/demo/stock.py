"""Fill the store of the demonstration. Doing it twice leaves what doing it once does."""

import csv
import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from checkout import CodeRow, Product, Unit, VatClass, net_content
from checkout.promotion_rows import demand_promotions
from server.flows.ports import StoreRow, Work

HERE = Path(__file__).parent
STORE = StoreRow(
    store_id="demo",
    name="Sésame Démo",
    payee="Sésame Démo · Magasin 12",
    currency="EUR",
    country="FR",
    timezone="Europe/Paris",
    demo_prices=True,
)
FALLBACK = (
    ("3017620422003", "demo-1", "Nutella", "Ferrero", "400 g", "spreads", "399", "reduced", "", ""),
    ("3274080005003", "demo-2", "Eau de source", "Cristaline", "1,5 l", "water", "45", "reduced", "", ""),
    ("3038350013804", "demo-3", "Spaghetti", "Panzani", "500 g", "pasta", "129", "reduced", "", ""),
    ("3183280003286", "demo-4", "Vin rouge", "Démo", "75 cl", "alcohol", "649", "standard", "18", ""),
)
"""Four products for a shop whose list was not delivered: enough to see that everything works."""
COLUMNS = (
    "code",
    "sku",
    "name",
    "brand",
    "pack",
    "category",
    "unit_price_minor",
    "vat_class",
    "min_age",
    "deposit_sku",
)


def stock(work: Work, folder: Path = HERE, *, at: datetime) -> tuple[int, bool]:
    """Put the store, its products and promotions into the database.

    Returns:
        How many products there are now, and whether they came from the list (else from the fallback).
    """
    work.shelf.put_store(STORE)
    table = folder / "products.csv"
    listed = table.is_file()
    products, codes = (
        read_products(table, folder / "loose.csv")
        if listed
        else parse(dict(zip(COLUMNS, row, strict=True)) for row in FALLBACK)
    )
    promotions: list[dict[str, Any]] = json.loads((folder / "promotions.json").read_text("utf-8"))
    demand_promotions(promotions)  # a rule that cannot work is found here, not at the first sale
    before = (work.shelf.products(), work.shelf.promotions())
    work.shelf.put_products(products, codes)
    work.shelf.put_promotions(promotions)
    if (work.shelf.products(), work.shelf.promotions()) != before:
        work.events.tell(STORE.store_id, "catalogue.changed", {"import_id": None}, at=at)  # a running server reads it
    return len(products), listed


def read_products(*tables: Path) -> tuple[list[Product], list[CodeRow]]:
    """Read lists of products, one a row; one that is not there is empty."""
    rows: list[dict[str, str]] = []
    for table in tables:
        if table.is_file():
            with table.open(encoding="utf-8", newline="") as lines:
                rows.extend(csv.DictReader(lines))
    return parse(rows)


def parse(rows: Iterable[dict[str, str]]) -> tuple[list[Product], list[CodeRow]]:
    """Make products and codes of rows; a code or sku that comes again is left out, the first stands."""
    products: dict[str, Product] = {}
    codes: dict[str, CodeRow] = {}
    for row in rows:
        content = net_content(row["pack"])
        product = Product(
            sku=row["sku"],
            name=row["name"],
            brand=row["brand"],
            pack=row["pack"],
            unit_price_minor=int(row["unit_price_minor"]),
            vat_class=VatClass(row["vat_class"]),
            category=row["category"],
            unit=Unit(row.get("unit") or "each"),
            net_content=content[0] if content else None,
            min_age=int(row["min_age"]) if row["min_age"] else None,
            deposit_sku=row["deposit_sku"] or None,
            demo_price=True,
        )
        products.setdefault(product.sku, product)
        if row["code"]:
            codes.setdefault(row["code"], CodeRow(row["code"], product.sku))
    return list(products.values()), list(codes.values())

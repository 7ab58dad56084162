"""How large the travelling catalogue is, and what it costs both ends: `python tests/bench/catalogue_travel.py [SIZES]`.

The goods are made up from the demo's names, so that they shrink as real ones do; one in ten has a price window.
"""

import base64
import csv
import gzip
import json
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: E402 - our folders come first

from checkout import CodeRow, Head, PriceRow, Product, ShopFacts, VatClass, digest_of_tables, tables_of  # noqa: E402 - as above
from checkout.gtin import check_digit  # noqa: E402 - as above
from kiosk.offline.catalogue import checked  # noqa: E402 - as above

Result = TypeVar("Result")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SHOP = ShopFacts("demo", "Demo", "Demo", "EUR", "FR", "Europe/Paris", demo_prices=True)


def timed(words: str, act: Callable[[], Result]) -> Result:
    """Do it, and say how long it took."""
    began = time.perf_counter()
    result = act()
    print(f"    {words:<44} {(time.perf_counter() - began) * 1000:>9.0f} ms")
    return result


def some_goods(count: int) -> tuple[list[Product], list[CodeRow], list[PriceRow]]:
    """Return so many products with a code each, and a price window for one in ten."""
    chance = random.Random(20261123)
    with (ROOT / "server/demo/products.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    words = [word for row in rows for word in row["name"].split()]
    products, codes, prices = [], [], []
    for number in range(count):
        row = rows[number % len(rows)]
        name = row["name"] if number < len(rows) else " ".join(chance.choices(words, k=4))
        payload = f"3{number:011d}"
        sku = f"p{number}"
        minor = chance.randrange(45, 4000)
        products.append(
            Product(sku, name, row["brand"], row["pack"], minor, VatClass(row["vat_class"]), row["category"])
        )
        codes.append(CodeRow(payload + check_digit(payload), sku))
        if number % 10 == 0:
            prices.append(PriceRow(sku, "", NOON, NOON + timedelta(days=7), max(1, minor - 20)))
    return products, codes, prices


def main(sizes: list[int]) -> None:
    """Measure and print."""
    key = Ed25519PrivateKey.generate()
    for size in sizes:
        products, codes, prices = some_goods(size)
        print(f"{size} products, {len(codes)} codes, {len(prices)} price windows")
        tables = timed("tables", lambda: tables_of(SHOP, products, codes, prices, []))  # noqa: B023 - called at once
        digest = timed("digest", lambda: digest_of_tables(tables))  # noqa: B023 - as above
        head = Head("demo", 1, NOON.isoformat(), digest)
        document = {
            "head": {"store_id": "demo", "number": 1, "made_at": head.made_at, "digest": digest},
            "signature": base64.b64encode(key.sign(head.signed)).decode(),
            "since": None,
            "put": tables,
            "gone": {},
        }
        plain = timed("JSON", lambda: json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode())  # noqa: B023 - as above
        packed = timed("gzip", lambda: gzip.compress(plain, 6, mtime=0))  # noqa: B023 - as above
        told = timed("kiosk: unpack", lambda: json.loads(gzip.decompress(packed)))  # noqa: B023 - as above
        held = timed("kiosk: check and read", lambda: checked(told, key=key.public_key(), store_id="demo"))  # noqa: B023 - as above
        timed("kiosk: goods at the prices of now", lambda: held.assortment.catalog_at(NOON))  # noqa: B023 - as above
        print(f"    whole {len(plain) / 1e6:.2f} MB, on the wire {len(packed) / 1e6:.2f} MB")


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]] or [10_000])

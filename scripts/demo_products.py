"""Make server/demo/products.csv from open files: `python scripts/demo_products.py FULL.csv NAMES.csv.gz CODES.txt`.

FULL and NAMES are exports of Open Food Facts (ODbL 1.0): GTIN, name, brand, quantity, category tags; GTIN and name.
CODES lists GTIN-13s that must be among the products where a name for them is known (packs that tests photograph).

No usable source holds a real GTIN with its real price, so **prices are made here** from the kind of product and the
digits of its code, the same at every run, and each row is sold as a demonstration price. VAT classes and ages follow
the kind and are, likewise, for demonstration: in a shop a person or a supplier's feed sets them.
"""

import csv
import gzip
import hashlib
import html
import re
import sys
from pathlib import Path
from typing import NamedTuple

from checkout.gtin import Gtin

TARGET = Path(__file__).resolve().parent.parent / "server" / "demo" / "products.csv"
WANTED = 2600
"""Enough for a shop that feels stocked, small enough to keep in the tree (a quarter of a megabyte)."""
LONGEST_NAME = 60


class Kind(NamedTuple):
    """What a product of a category costs about, and under which rules it is sold in the demonstration."""

    tag: str
    category: str
    low_minor: int
    high_minor: int
    vat_class: str = "reduced"
    min_age: int | None = None


# First match wins, so the narrow stand before the wide. Rates: French law as in docs (confectionery, most chocolate,
# alcohol, pet food and household goods at the standard rate, other food reduced).
KINDS = (
    Kind("non-alcoholic-beers", "soft-drinks", 199, 699),
    Kind("beers", "alcohol", 149, 899, "standard", 18),
    Kind("wines", "alcohol", 349, 1999, "standard", 18),
    Kind("alcoholic-beverages", "alcohol", 599, 2499, "standard", 18),
    Kind("pet-food", "pets", 99, 1999, "standard"),
    Kind("non-food-products", "household", 149, 1299, "standard"),
    Kind("chocolate-spreads", "chocolate", 199, 599, "standard"),
    Kind("chocolates", "chocolate", 149, 499, "standard"),
    Kind("chocolate-candies", "chocolate", 149, 499, "standard"),
    Kind("confectioneries", "confectionery", 99, 399, "standard"),
    Kind("candies", "confectionery", 99, 399, "standard"),
    Kind("honeys", "honey", 349, 1199),
    Kind("waters", "water", 39, 149),
    Kind("sodas", "soft-drinks", 89, 349),
    Kind("fruit-juices", "juice", 149, 449),
    Kind("juices-and-nectars", "juice", 149, 449),
    Kind("hot-beverages", "hot-drinks", 149, 599),
    Kind("teas", "hot-drinks", 149, 599),
    Kind("coffees", "hot-drinks", 199, 899),
    Kind("plant-milks", "milk", 129, 299),
    Kind("milks", "milk", 89, 219),
    Kind("yogurts", "yogurt", 99, 399),
    Kind("cheeses", "cheese", 169, 699),
    Kind("butters", "butter", 189, 399),
    Kind("dairies", "dairy", 99, 399),
    Kind("biscuits", "biscuits", 99, 399),
    Kind("cakes", "biscuits", 149, 499),
    Kind("breads", "bread", 99, 349),
    Kind("breakfast-cereals", "cereals", 199, 499),
    Kind("pastas", "pasta", 79, 299),
    Kind("rices", "rice", 129, 449),
    Kind("pizzas", "pizza", 249, 599),
    Kind("frozen-foods", "frozen", 199, 799),
    Kind("meals", "ready-meals", 249, 699),
    Kind("meats", "meat", 249, 1299),
    Kind("fishes", "fish", 249, 1199),
    Kind("seafood", "fish", 249, 1199),
    Kind("salty-snacks", "snacks", 99, 349),
    Kind("sauces", "sauces", 129, 449),
    Kind("condiments", "sauces", 99, 399),
    Kind("vegetable-oils", "oil", 249, 1199),
    Kind("soups", "soups", 149, 399),
    Kind("canned-foods", "tins", 89, 399),
    Kind("spreads", "spreads", 199, 599),
    Kind("fruits", "fruit", 149, 499),
    Kind("vegetables-based-foods", "vegetables", 99, 399),
    Kind("legumes", "vegetables", 99, 349),
    Kind("desserts", "desserts", 129, 449),
    Kind("beverages", "soft-drinks", 99, 399),
    Kind("fruits-and-vegetables-based-foods", "vegetables", 99, 399),
    Kind("sweet-snacks", "biscuits", 99, 399),
    Kind("snacks", "snacks", 99, 349),
    Kind("cereals-and-potatoes", "cereals", 99, 399),
    Kind("fats", "oil", 199, 899),
    Kind("groceries", "grocery", 99, 499),
)
OTHER = Kind("", "grocery", 129, 499)


def kind_of(tags: str) -> Kind:
    """Return the first kind whose tag is among `tags`."""
    present = {tag.split(":", 1)[-1] for tag in tags.split(",")}
    return next((kind for kind in KINDS if kind.tag in present), OTHER)


def price_minor(code: str, kind: Kind) -> int:
    """Return a price that looks like a price (ends in 5 or 9), always the same for one code."""
    chance = int.from_bytes(hashlib.sha256(code.encode()).digest()[:4]) / 2**32
    rough = round(kind.low_minor + (kind.high_minor - kind.low_minor) * chance**2)
    return max(9, rough - rough % 10 + (9 if rough % 2 else 5))


def tidy(text: str) -> str:
    """Return one short line of plain text: entities and doubled spaces gone."""
    return re.sub(r"\s+", " ", html.unescape(text)).strip()[:LONGEST_NAME].strip()


def pack_of(quantity: str) -> str:
    """Return the quantity; none where it is a serving that stands in the place of the pack (below 5 g or ml)."""
    return "" if re.fullmatch(r"[0-4](\.\d+)? (g|ml)", quantity) else quantity


def row_of(code: str, name: str, brand: str, pack: str, tags: str) -> dict[str, str | int]:
    """Return one row of the file."""
    kind = kind_of(tags)
    return {
        "code": code,
        "sku": f"off-{code}",
        "name": name,
        "brand": brand,
        "pack": pack_of(pack),
        "category": kind.category,
        "unit_price_minor": price_minor(code, kind),
        "vat_class": kind.vat_class,
        "min_age": kind.min_age or "",
        "deposit_sku": "",
    }


def main(full: str, names: str, codes: str) -> int:
    """Write the file and say how many rows it has."""
    rows: dict[str, dict[str, str | int]] = {}
    wanted = {Gtin.parse(line.strip()).key14 for line in Path(codes).read_text().split() if line.strip()}
    with gzip.open(names, "rt", encoding="utf-8", newline="") as opened:
        for row in csv.DictReader(opened):
            # A number that another shop gave to its own goods is nobody's bar code here.
            if row["gtin"].zfill(14) in wanted and tidy(row["name"]) and not Gtin.parse(row["gtin"]).is_in_store:
                rows[row["gtin"]] = row_of(row["gtin"], tidy(row["name"]), "", "", "")
    found = len(rows)
    with Path(full).open(encoding="utf-8", newline="") as opened:
        complete = [
            row
            for row in csv.DictReader(opened)
            if all(tidy(row[field]) for field in ("name", "brand", "quantity", "categories_tags"))
            and not row["gtin"].startswith("02")
            and Gtin.parse(row["gtin"]).is_in_store is False
        ]
    # What is sold in France first, then by code: the same choice at every run.
    complete.sort(key=lambda row: ("france" not in row["countries"].lower(), row["gtin"]))
    for row in complete:
        if len(rows) >= WANTED:
            break
        brand = tidy(row["brand"].split(",")[0])
        rows.setdefault(
            row["gtin"], row_of(row["gtin"], tidy(row["name"]), brand, tidy(row["quantity"]), row["categories_tags"])
        )
    with TARGET.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.DictWriter(opened, fieldnames=list(next(iter(rows.values()))), lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(rows.values(), key=lambda row: str(row["code"])))
    print(f"{len(rows)} products, {found} of {len(wanted)} wanted codes had a name -> {TARGET.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))

"""A catalogue that travels: all that pricing needs as plain tables, with one digest for the whole.

A server writes the tables and signs the head; a kiosk or a phone keeps them and prices with the same rules. A later
version travels as the rows that changed; whoever applies them must arrive at the digest that was signed.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from checkout.catalog import Catalog, CodeRow, Product, Unit
from checkout.errors import CheckoutError, MalformedRuleError
from checkout.promotion_rows import demand_promotions
from checkout.promotions import Promotion
from checkout.store_rules import DEFAULT_RULES, StoreRules
from checkout.vat import VAT_TABLE, VatClass, VatRow

Tables = Mapping[str, Mapping[str, object]]
"""Table, key, row as JSON: ``shop``, ``products``, ``codes``, ``prices``, ``promotions``, ``vat``."""

_SETS = frozenset({"recalled_lots"})
_DEFAULTS = {one.name: one.default for one in fields(Product)}


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What a product costs in a group of stores (the empty text: in all) during a window."""

    sku: str
    price_group: str
    starts_at: datetime
    ends_at: datetime | None
    unit_price_minor: int
    member_price_minor: int | None = None


@dataclass(frozen=True, slots=True)
class ShopFacts:
    """The store as shoppers and receipts name it, and whose prices hold there."""

    store_id: str
    name: str
    payee: str
    currency: str
    country: str
    timezone: str
    demo_prices: bool
    price_group: str = ""


@dataclass(frozen=True, slots=True)
class Assortment:
    """All that a shop sells, now and as far as it is planned."""

    shop: ShopFacts
    products: tuple[Product, ...]
    codes: tuple[CodeRow, ...]
    prices: tuple[PriceRow, ...]
    promotions: tuple[Promotion, ...]
    vat: tuple[VatRow, ...] = VAT_TABLE
    rules: StoreRules = DEFAULT_RULES

    def catalog_at(self, at: datetime) -> Catalog:
        """Return the goods at their prices of a moment.

        Raises:
            MalformedRuleError: A sku or code stands twice or leads nowhere.
        """
        now = prices_at(self.prices, self.shop.price_group, at=at)
        priced = (replace(each, unit_price_minor=now.get(each.sku, each.unit_price_minor)) for each in self.products)
        return Catalog(priced, self.codes)

    def next_change_at(self, after: datetime) -> datetime | None:
        """Return when the next price begins or ends; None when none will."""
        edges = [edge for row in self.prices for edge in (row.starts_at, row.ends_at)]
        return min((edge for edge in edges if edge is not None and edge > after), default=None)


def prices_at(rows: Iterable[PriceRow], price_group: str, *, at: datetime) -> dict[str, int]:
    """Return the price of each sku at a moment, where a row holds.

    The group goes before all stores, and of its windows the one that began last.
    """
    held = [
        row
        for row in rows
        if row.price_group in {"", price_group} and row.starts_at <= at and (row.ends_at is None or at < row.ends_at)
    ]
    return {row.sku: row.unit_price_minor for row in sorted(held, key=lambda row: (row.price_group, row.starts_at))}


def tables_of(
    shop: ShopFacts,
    products: Iterable[Product],
    codes: Iterable[CodeRow],
    prices: Iterable[PriceRow],
    promotions: Iterable[Mapping[str, object]],
    *,
    vat: Iterable[VatRow] = VAT_TABLE,
    rules: StoreRules = DEFAULT_RULES,
) -> Tables:
    """Return the tables of a shop; promotions as the JSON that they were written in."""
    facts: dict[str, object] = {one.name: getattr(shop, one.name) for one in fields(ShopFacts)}
    facts["rules"] = rules.as_json()
    return {
        "shop": facts,
        "products": {product.sku: _product_row(product) for product in products},
        "codes": {row.code: [row.sku, row.pieces] for row in codes},
        "prices": {f"{row.sku}|{row.price_group}|{row.starts_at.isoformat()}": _price_row(row) for row in prices},
        "promotions": {str(body["id"]): dict(body) for body in promotions},
        "vat": {
            f"{row.country}|{row.vat_class.value}|{row.first.isoformat()}": [
                row.country,
                row.vat_class.value,
                row.rate_bp,
                row.first.isoformat(),
                None if row.last is None else row.last.isoformat(),
                row.source,
            ]
            for row in vat
        },
    }


def assortment_of(tables: Tables) -> Assortment:
    """Return the shop that tables describe.

    Raises:
        MalformedRuleError: A row is not as it should be; nothing of the tables is used then.
    """
    rows: Any = tables  # JSON: another shape raises, which is told below
    try:
        facts = dict(rows["shop"])
        rules = StoreRules.demand(facts.pop("rules"))
        return Assortment(
            ShopFacts(**facts),
            tuple(_product(sku, row) for sku, row in rows["products"].items()),
            tuple(CodeRow(code, *row) for code, row in rows["codes"].items()),
            tuple(_price(row) for row in rows["prices"].values()),
            demand_promotions(rows["promotions"].values()),
            tuple(_vat(row) for row in rows["vat"].values()),
            rules,
        )
    except CheckoutError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MalformedRuleError("catalogue", f"a row is not as agreed ({error})") from error


def digest_of_tables(tables: Tables) -> str:
    """Return SHA-256 over all rows, sorted by table and key."""
    digest = hashlib.sha256()
    for table in sorted(tables):
        for key in sorted(tables[table]):
            digest.update(_plain([table, key, tables[table][key]]))
            digest.update(b"\n")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed: whose catalogue, which version, when it was made, and the digest of its rows."""

    store_id: str
    number: int
    made_at: str
    digest: str

    @property
    def version(self) -> str:
        """The name of the version: its number, and the beginning of its digest."""
        return f"{self.number}-{self.digest[:16]}"

    @property
    def signed(self) -> bytes:
        """The bytes that the store's key signs."""
        return b"sesame-catalogue-1\n" + _plain([self.store_id, self.number, self.made_at, self.digest])


@dataclass(frozen=True, slots=True)
class Change:
    """From one version to a later one: rows that are new or other, and rows that are gone."""

    put: Tables
    gone: Mapping[str, Sequence[str]]

    @property
    def size(self) -> int:
        """How many rows differ."""
        return sum(map(len, self.put.values())) + sum(map(len, self.gone.values()))


def change_between(old: Tables, new: Tables) -> Change:
    """Return what leads from one version to another; tables without a difference are left out."""
    put = {
        table: {key: row for key, row in rows.items() if key not in old.get(table, {}) or old[table][key] != row}
        for table, rows in new.items()
    }
    gone = {table: [key for key in rows if key not in new.get(table, {})] for table, rows in old.items()}
    return Change({table: rows for table, rows in put.items() if rows}, {t: keys for t, keys in gone.items() if keys})


def apply_change(old: Tables, change: Change) -> Tables:
    """Return the tables after a change."""
    after = {table: dict(rows) for table, rows in old.items()}
    for table, keys in change.gone.items():
        for key in keys:
            after.get(table, {}).pop(key, None)
    for table, rows in change.put.items():
        after.setdefault(table, {}).update(rows)
    return after


def _plain(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _product_row(product: Product) -> dict[str, object]:
    row: dict[str, object] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(product, name)
        if name != "sku" and value != default:
            row[name] = sorted(value) if name in _SETS else value
    return row


def _product(sku: str, row: Any) -> Product:  # noqa: ANN401 - JSON; another shape raises, which the caller tells
    told = dict(row)
    told["vat_class"] = VatClass(told["vat_class"])
    told["unit"] = Unit(told.get("unit", Unit.EACH))
    told["recalled_lots"] = frozenset(told.get("recalled_lots", ()))
    return Product(sku=sku, **told)


def _price_row(row: PriceRow) -> list[object]:
    ends = None if row.ends_at is None else row.ends_at.isoformat()
    return [row.sku, row.price_group, row.starts_at.isoformat(), ends, row.unit_price_minor, row.member_price_minor]


def _price(row: Any) -> PriceRow:  # noqa: ANN401 - JSON; another shape raises, which the caller tells
    sku, group, starts, ends, minor, member = row
    ends_at = None if ends is None else datetime.fromisoformat(ends)
    return PriceRow(sku, group, datetime.fromisoformat(starts), ends_at, minor, member)


def _vat(row: Any) -> VatRow:  # noqa: ANN401 - JSON; another shape raises, which the caller tells
    country, vat_class, rate_bp, first, last, source = row
    until = None if last is None else date.fromisoformat(last)
    return VatRow(country, VatClass(vat_class), rate_bp, date.fromisoformat(first), until, source)

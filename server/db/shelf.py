"""What is sold: the store, its products, their codes, and the promotions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, or_, select, update

from checkout import CodeRow, PriceRow, Product, StoreRules, Unit, VatClass
from server.db import tables
from server.db.insert_new import insert_new
from server.flows.ports import StoreRow
from server.flows.ports.shelf import PriceNow, ReferenceRow, StoreLimits


class ShelfStore:
    """Read and replace what is sold."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def store(self, store_id: str) -> StoreRow | None:
        """Return the store."""
        row = self._connection.execute(select(tables.store).where(tables.store.c.store_id == store_id)).one_or_none()
        if row is None:
            return None
        return StoreRow(
            row.store_id,
            row.name,
            row.payee,
            row.currency,
            row.country,
            row.timezone,
            bool(row.demo_prices),
            StoreRules.demand(row.rules),
            StoreLimits.of(row.limits or {}),
        )

    def put_store(self, store: StoreRow) -> None:
        """Add the store, or change its words; its ticket numbers go on, and its rules as well."""
        facts = {
            "name": store.name,
            "payee": store.payee,
            "currency": store.currency,
            "country": store.country,
            "timezone": store.timezone,
            "demo_prices": store.demo_prices,
        }
        if not insert_new(self._connection, tables.store, store_id=store.store_id, **facts):
            self._connection.execute(
                update(tables.store).where(tables.store.c.store_id == store.store_id).values(**facts)
            )

    def put_rules(self, store_id: str, rules: StoreRules) -> bool:
        """Let other rules hold in a store; False when there is no such store."""
        changed = update(tables.store).where(tables.store.c.store_id == store_id).values(rules=rules.as_json())
        return self._connection.execute(changed).rowcount == 1

    def put_limits(self, store_id: str, limits: StoreLimits) -> None:
        """Let other limits hold in a store."""
        changed = update(tables.store).where(tables.store.c.store_id == store_id).values(limits=limits.as_json())
        self._connection.execute(changed)

    def products(self) -> tuple[tuple[Product, ...], tuple[CodeRow, ...]]:
        """Return all products and codes."""
        lots: dict[str, set[str]] = {}
        for recall in self._connection.execute(select(tables.recalled_lot)):
            lots.setdefault(recall.sku, set()).add(recall.lot)
        products = tuple(
            Product(
                sku=row.sku,
                name=row.name,
                brand=row.brand,
                pack=row.pack,
                unit_price_minor=row.unit_price_minor,
                vat_class=VatClass(row.vat_class),
                category=row.category,
                unit=Unit(row.unit),
                net_content=row.net_content,
                min_age=row.min_age,
                sale_stop=row.sale_stop,
                recalled_lots=frozenset(lots.get(row.sku, ())),
                deposit_sku=row.deposit_sku,
                demo_price=bool(row.demo_price),
                warranty_months=row.warranty_months,
            )
            for row in self._connection.execute(select(tables.product).order_by(tables.product.c.sku))
        )
        codes = tuple(
            CodeRow(row.code, row.sku, row.quantity) for row in self._connection.execute(select(tables.product_code))
        )
        return products, codes

    def put_products(self, products: Sequence[Product], codes: Sequence[CodeRow]) -> None:
        """Replace all products and codes."""
        self._connection.execute(delete(tables.product_code))
        self._connection.execute(delete(tables.product))
        rows = [_row(product) for product in products]
        if rows:
            self._connection.execute(insert(tables.product), rows)
        if codes:
            self._connection.execute(
                insert(tables.product_code),
                [{"code": row.code, "sku": row.sku, "quantity": row.pieces} for row in codes],
            )

    def sku_of(self, key: str) -> str | None:
        """Return the product under a code's key; codes stand in the tables as they are printed."""
        held = tables.product_code
        return self._connection.execute(select(held.c.sku).where(held.c.code.in_(_spellings(key)))).scalars().first()

    def add_product(self, product: Product, code: CodeRow) -> None:
        """Add one product with its code."""
        self._connection.execute(insert(tables.product), [_row(product)])
        row = {"code": code.code, "sku": code.sku, "quantity": code.pieces}
        self._connection.execute(insert(tables.product_code), [row])

    def reference(self, key: str) -> ReferenceRow | None:
        """Return what others know of a code's key, or None."""
        held = tables.product_reference
        row = self._connection.execute(select(held).where(held.c.code.in_(_spellings(key)))).first()
        return None if row is None else ReferenceRow(row.name, row.brand, row.pack, row.vat_class)

    def prices_at(self, price_group: str, *, at: datetime) -> dict[str, PriceNow]:
        """Return the prices of a group of stores at a moment, where they are not the product's own."""
        held = tables.price
        rows = self._connection.execute(
            select(held)
            .where(held.c.price_group.in_(("", price_group)), held.c.starts_at <= at)
            .where(or_(held.c.ends_at.is_(None), held.c.ends_at > at))
            .order_by(held.c.price_group, held.c.starts_at)
        )
        # The group goes before all stores, and of its windows the one that began last: later rows replace earlier ones.
        return {row.sku: PriceNow(row.unit_price_minor, row.member_price_minor) for row in rows}

    def prices(self, price_group: str) -> tuple[PriceRow, ...]:
        """Return every price row of a group of stores and of all stores, past and to come."""
        held = tables.price
        rows = self._connection.execute(
            select(held)
            .where(held.c.price_group.in_(("", price_group)))
            .order_by(held.c.sku, held.c.price_group, held.c.starts_at)
        )
        return tuple(
            PriceRow(row.sku, row.price_group, row.starts_at, row.ends_at, row.unit_price_minor, row.member_price_minor)
            for row in rows
        )

    def next_price_at(self, price_group: str, *, after: datetime) -> datetime | None:
        """Return when the next price of a group of stores begins or ends; None when none will."""
        held = tables.price
        edges = [
            self._connection.execute(
                select(func.min(edge)).where(held.c.price_group.in_(("", price_group)), edge > after)
            ).scalar_one()
            for edge in (held.c.starts_at, held.c.ends_at)
        ]
        return min((edge for edge in edges if edge is not None), default=None)

    def promotions(self) -> tuple[dict[str, Any], ...]:
        """Return the active promotions as the JSON that they were written in, by id."""
        held = tables.promotion
        rows = self._connection.execute(select(held.c.body).where(held.c.active).order_by(held.c.promotion_id))
        return tuple(row.body for row in rows)

    def put_promotions(self, promotions: Sequence[dict[str, Any]]) -> None:
        """Replace all promotions."""
        self._connection.execute(delete(tables.promotion))
        if promotions:
            self._connection.execute(
                insert(tables.promotion),
                [{"promotion_id": body["id"], "body": body, "active": True} for body in promotions],
            )

    def size(self) -> int:
        """Return the number of products."""
        return self._connection.execute(select(func.count()).select_from(tables.product)).scalar_one()


def _row(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "brand": product.brand,
        "pack": product.pack,
        "category": product.category,
        "unit": product.unit.value,
        "net_content": product.net_content,
        "unit_price_minor": product.unit_price_minor,
        "vat_class": product.vat_class.value,
        "min_age": product.min_age,
        "sale_stop": product.sale_stop,
        "deposit_sku": product.deposit_sku,
        "demo_price": product.demo_price,
        "warranty_months": product.warranty_months,
    }


def _spellings(key: str) -> set[str]:
    """Return how a code's key may stand in a table: as 14 digits, or shorter without the zeros in front."""
    return {key, *(key[start:] for start in (1, 2, 6) if len(key) == 14 and key[:start] == "0" * start)}  # noqa: PLR2004 - a GTIN's key

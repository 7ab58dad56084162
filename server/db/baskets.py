"""Baskets, each one row: its lines are read and written whole."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from checkout import BasketState, Line
from server.db import tables
from server.flows.ports import BasketRow


class BasketStore:
    """Keep baskets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, basket_id: str) -> BasketRow | None:
        """Return a basket."""
        return self._one(basket_id, lock=False)

    def locked(self, basket_id: str) -> BasketRow | None:
        """Return a basket that no other transaction changes before this one ends.

        SQLite renders no FOR UPDATE: there, the whole transaction is alone from its beginning.
        """
        return self._one(basket_id, lock=True)

    def add(self, basket: BasketRow) -> None:
        """Keep a new basket."""
        self._connection.execute(insert(tables.basket).values(created_at=basket.created_at, **basket_facts(basket)))

    def put(self, basket: BasketRow) -> None:
        """Keep the basket as it is now; the caller holds its lock."""
        held = tables.basket
        self._connection.execute(
            update(held).where(held.c.basket_id == basket.basket_id).values(**basket_facts(basket))
        )

    def unused_since(self, before: datetime, *, limit: int) -> list[str]:
        """Return open baskets that nothing was ever put into, oldest first."""
        held = tables.basket
        query = (
            select(held.c.basket_id)
            # Written as the index has it, so that both engines use it.
            .where(text("state = 'open' AND version = 1"), held.c.updated_at < before)
            .order_by(held.c.updated_at)
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def note_age_check(self, basket_id: str, *, by: str, at: datetime) -> None:
        """Write down who looked and when."""
        held = tables.basket
        self._connection.execute(
            update(held).where(held.c.basket_id == basket_id).values(age_checked_by=by, age_checked_at=at)
        )

    def _one(self, basket_id: str, *, lock: bool) -> BasketRow | None:
        query = select(tables.basket).where(tables.basket.c.basket_id == basket_id)
        row = self._connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else basket_of_row(row)


def basket_facts(basket: BasketRow) -> dict[str, Any]:
    """Return a basket by its columns, without when it was opened."""
    return {
        "basket_id": basket.basket_id,
        "store_id": basket.store_id,
        "kiosk_id": basket.kiosk_id,
        "channel": basket.channel,
        "state": basket.state.value,
        "version": basket.version,
        "currency": basket.currency,
        "lines": [
            {
                "line_id": line.line_id,
                "sku": line.sku,
                "quantity": line.quantity,
                "scanned_code": line.scanned_code,
                "weight_g": line.weight_g,
                "price_minor": line.price_minor,
                "lot": line.lot,
                "issue": line.issue,
            }
            for line in basket.lines
        ],
        "coupon_codes": list(basket.coupon_codes),
        "age_check": basket.age_check,
        "payment_id": basket.payment_id,
        "updated_at": basket.updated_at,
        "is_member": basket.is_member,
        "age_checked_for": basket.age_checked_for,
        "member_phone_hash": basket.member_phone_hash,
        "kept_codes": list(basket.kept_codes),
        "random_check": basket.random_check,
    }


def basket_of_row(row: Row[Any]) -> BasketRow:
    """Return a row as the flows know it."""
    return BasketRow(
        basket_id=row.basket_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        channel=row.channel,
        state=BasketState(row.state),
        version=row.version,
        currency=row.currency,
        lines=tuple(Line(**line) for line in row.lines),
        coupon_codes=tuple(row.coupon_codes),
        age_check=row.age_check,
        payment_id=row.payment_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        is_member=bool(row.is_member),
        age_checked_for=row.age_checked_for,
        member_phone_hash=row.member_phone_hash,
        kept_codes=tuple(row.kept_codes or ()),
        random_check=row.random_check,
    )

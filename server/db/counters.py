"""Counters in SQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, Select, insert, select, update

from server.db.insert_new import insert_new
from server.db.tables import counter_code, counter_payment, merchant
from server.flows.ports.counters import CounterPayment, CounterRow, MerchantRow

_SEEN = (merchant.c.store_id, merchant.c.picture_sha256, merchant.c.suspended_at, merchant.c.suspended_why)
"""All but the picture, which only its own address sends."""


class CounterStore:
    """Keep codes, pictures, and what was paid by codes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def code(self, code_id: str) -> CounterRow | None:
        """Return a code, also one that was withdrawn."""
        found = self._connection.execute(select(counter_code).where(counter_code.c.code_id == code_id))
        return None if (row := found.one_or_none()) is None else _counter(row)

    def codes(self, store_id: str) -> Sequence[CounterRow]:
        """Return the codes of a store that are in force, oldest first."""
        query = (
            select(counter_code)
            .where(counter_code.c.store_id == store_id, counter_code.c.withdrawn_at.is_(None))
            .order_by(counter_code.c.made_at, counter_code.c.code_id)
        )
        return [_counter(row) for row in self._connection.execute(query)]

    def add_code(self, row: CounterRow) -> None:
        """Keep a new code."""
        self._connection.execute(insert(counter_code).values(**asdict(row)))

    def withdraw(self, code_id: str, *, by: str, at: datetime) -> bool:
        """Let a code pay nobody from now on; False when it was withdrawn before."""
        live = (counter_code.c.code_id == code_id, counter_code.c.withdrawn_at.is_(None))
        gone = update(counter_code).where(*live).values(withdrawn_at=at, withdrawn_by=by)
        return self._connection.execute(gone).rowcount == 1

    def merchant(self, store_id: str) -> MerchantRow:
        """Return what a store is as a merchant."""
        return self._merchant(store_id, select(*_SEEN).where(merchant.c.store_id == store_id))

    def lock_merchant(self, store_id: str) -> MerchantRow:
        """Return the same; nobody else changes it before this transaction ends."""
        insert_new(self._connection, merchant, store_id=store_id)
        return self._merchant(store_id, select(*_SEEN).where(merchant.c.store_id == store_id).with_for_update())

    def suspend(self, store_id: str, why: str | None, *, by: str, at: datetime) -> None:
        """Suspend a merchant whose row is locked, or with no reason let it go on."""
        since, who = (None, None) if why is None else (at, by)
        put = update(merchant).where(merchant.c.store_id == store_id)
        self._connection.execute(put.values(suspended_at=since, suspended_by=who, suspended_why=why))

    def picture(self, store_id: str) -> bytes | None:
        """Return the picture of a store, JPEG."""
        found = select(merchant.c.picture).where(merchant.c.store_id == store_id)
        kept = self._connection.execute(found).scalar_one_or_none()
        return None if kept is None else bytes(kept)

    def put_picture(self, store_id: str, picture: bytes | None, sha256: str | None) -> None:
        """Keep a picture in place of the one before; the row is locked."""
        put = update(merchant).where(merchant.c.store_id == store_id)
        self._connection.execute(put.values(picture=picture, picture_sha256=sha256))

    def note(self, payment: CounterPayment) -> None:
        """Write down that a payment came by a code."""
        self._connection.execute(insert(counter_payment).values(**asdict(payment)))

    def payment(self, payment_id: str) -> CounterPayment | None:
        """Return what was written down of a payment."""
        query = select(counter_payment).where(counter_payment.c.payment_id == payment_id)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else CounterPayment(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def last_amounts(self, store_id: str, *, limit: int) -> Sequence[int]:
        """Return what was paid at a store's counters last, newest first, in minor units."""
        query = (
            select(counter_payment.c.amount_minor)
            .where(counter_payment.c.store_id == store_id)
            .order_by(counter_payment.c.paid_at.desc())
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def _merchant(
        self, store_id: str, query: Select[tuple[str, str | None, datetime | None, str | None]]
    ) -> MerchantRow:
        row = self._connection.execute(query).one_or_none()
        return MerchantRow(store_id) if row is None else MerchantRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name


def _counter(row: Row[tuple[object, ...]]) -> CounterRow:
    return CounterRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

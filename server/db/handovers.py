"""Codes of suspended baskets, by their hashes."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from server.db.tables import handover
from server.flows.ports.handovers import Handover


class HandoverStore:
    """Keep codes of suspended baskets."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, fresh: Handover) -> None:
        """Keep a new one; an older one of the same basket is void from now on."""
        self.forget(fresh.basket_id)
        self._connection.execute(
            insert(handover).values(code_hash=fresh.code_hash, basket_id=fresh.basket_id, expires_at=fresh.expires_at)
        )

    def locked(self, code_hash: str) -> Handover | None:
        """Return one that no other transaction takes before this one ends."""
        query = select(handover).where(handover.c.code_hash == code_hash).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else Handover(row.code_hash, row.basket_id, row.expires_at, row.taken_by)

    def take(self, code_hash: str, *, by: str, at: datetime) -> None:
        """Write down who took the basket; the caller holds the lock."""
        self._connection.execute(
            update(handover).where(handover.c.code_hash == code_hash).values(taken_by=by, taken_at=at)
        )

    def left_alone(self, at: datetime, *, limit: int) -> tuple[str, ...]:
        """Return baskets whose code is over and that nobody took, the oldest first."""
        over = select(handover.c.basket_id).where(handover.c.expires_at <= at, handover.c.taken_by.is_(None))
        return tuple(self._connection.scalars(over.order_by(handover.c.expires_at).limit(limit)))

    def forget(self, basket_id: str) -> None:
        """Drop what is kept of a basket that is left."""
        self._connection.execute(delete(handover).where(handover.c.basket_id == basket_id))

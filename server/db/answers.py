"""Answers kept under the key of their request, in the transaction of the change that they report."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select, update

from server.db import tables
from server.db.insert_new import insert_new
from server.flows.ports import StoredAnswer

CLAIMED = 0
"""The status of a key whose answer is not there yet; no other transaction ever sees it."""


class AnswerStore:
    """Keep answers by caller and key."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, caller: str, key: str) -> StoredAnswer | None:
        """Return the answer kept under a key."""
        held = tables.idempotency
        row = self._connection.execute(select(held).where(held.c.principal == caller, held.c.key == key)).one_or_none()
        return None if row is None else StoredAnswer(row.request_hash, row.status, row.answer, row.headers)

    def claim(self, caller: str, key: str, request_hash: str, *, at: datetime) -> StoredAnswer | None:
        """Take a key for this transaction: None when it is ours now, else the answer that is there already.

        The unique key makes the other transaction wait for ours on PostgreSQL; on SQLite there is only one at a time.
        """
        taken = insert_new(
            self._connection,
            tables.idempotency,
            principal=caller,
            key=key,
            request_hash=request_hash,
            status=CLAIMED,
            answer=None,
            headers={},
            at=at,
        )
        return None if taken else self.find(caller, key)

    def keep(self, caller: str, key: str, *, status: int, body: object, headers: Mapping[str, str]) -> None:
        """Put the answer under the claimed key."""
        held = tables.idempotency
        self._connection.execute(
            update(held)
            .where(held.c.principal == caller, held.c.key == key)
            .values(status=status, answer=body, headers=dict(headers))
        )

    def forget(self, before: datetime) -> int:
        """Drop the answers kept before an instant and return how many."""
        return self._connection.execute(delete(tables.idempotency).where(tables.idempotency.c.at < before)).rowcount

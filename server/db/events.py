"""The outbox (events written with the change that they tell of) and the audit log."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from server.db import tables
from server.db.bulk import Sheet
from server.flows.ports.events import Event


class EventStore:
    """Append to the outbox and the audit log; read the outbox from a known event on."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._told: list[dict[str, Any]] = []

    def tell(self, store_id: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
        """Leave an event that goes out if, and only if, this transaction commits."""
        self._told.append({"store_id": store_id, "kind": kind, "body": dict(body), "at": at})

    def flush(self) -> bool:
        """Write the events down, as the last thing before the commit; return whether there are any (`Sheet.tell`)."""
        told, self._told = self._told, []
        sheet = Sheet(self._connection)
        sheet.tell(told)
        sheet.write()
        return bool(told)

    def after(self, event_id: int, *, limit: int = 500) -> list[Event]:
        """Return the events that follow `event_id`, oldest first."""
        rows = self._connection.execute(
            select(tables.outbox)
            .where(tables.outbox.c.event_id > event_id)
            .order_by(tables.outbox.c.event_id)
            .limit(limit)
        )
        return [Event(row.event_id, row.store_id, row.kind, row.body) for row in rows]

    def happened(self, kinds: frozenset[str], *, after: int) -> bool:
        """Whether an event of one of the kinds follows `after`."""
        held = tables.outbox
        query = select(held.c.event_id).where(held.c.event_id > after, held.c.kind.in_(sorted(kinds))).limit(1)
        return self._connection.execute(query).first() is not None

    def newest(self) -> int:
        """Return the id of the newest event, 0 before the first."""
        newest = self._connection.execute(
            select(tables.outbox.c.event_id).order_by(tables.outbox.c.event_id.desc()).limit(1)
        )
        return newest.scalar() or 0

    def newest_of(self, kinds: frozenset[str]) -> int:
        """Return the id of the newest event of these kinds, 0 before the first."""
        held = tables.outbox
        query = select(held.c.event_id).where(held.c.kind.in_(sorted(kinds))).order_by(held.c.event_id.desc()).limit(1)
        return self._connection.execute(query).scalar() or 0

    def record(self, who: str, act: str, subject: str, *, at: datetime, reason: str | None = None) -> None:
        """Write down a privileged act. Nothing ever changes or removes such a row."""
        self._connection.execute(
            insert(tables.audit_log).values(at=at, who=who, act=act, subject=subject, reason=reason)
        )

"""Bounds on tries, in SQL: a row for each key, with the moments that count."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from server.db.insert_new import insert_new
from server.db.tables import EPOCH, tried

MICROSECOND = timedelta(microseconds=1)


class BoundStore:
    """Remember when something was tried. Rows are locked in the order of their keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, keys: Sequence[str], *, allowed: int, span: timedelta, at: datetime) -> timedelta | None:
        """Count a try under every key; or under none, and return how long until all of them have room again."""
        for key in sorted(keys):
            insert_new(self._connection, tried, key_hash=key, moments=[], ends_at=at + span)
        now, since = (at - EPOCH) // MICROSECOND, (at - span - EPOCH) // MICROSECOND
        held = {key: [moment for moment in moments if moment > since] for key, moments in self._locked(keys).items()}
        # The oldest that must go before there is room again: the newest `allowed` are what counts.
        full = [sorted(moments)[-allowed] for moments in held.values() if len(moments) >= allowed]
        if full:
            return (max(full) - since) * MICROSECOND
        for key, moments in held.items():
            self._put(key, [*moments, now], at + span)
        return None

    def take_back(self, keys: Sequence[str], *, at: datetime) -> None:
        """Take back a try that was counted at this moment."""
        counted = (at - EPOCH) // MICROSECOND
        for key, moments in self._locked(keys).items():
            if counted in moments:
                moments.remove(counted)
                self._put(key, moments, None)

    def forget(self, before: datetime) -> int:
        """Drop what does not count any more, and return how many keys that were."""
        return self._connection.execute(delete(tried).where(tried.c.ends_at < before)).rowcount

    def _locked(self, keys: Sequence[str]) -> dict[str, list[int]]:
        query = select(tried.c.key_hash, tried.c.moments).where(tried.c.key_hash.in_(keys))
        rows = self._connection.execute(query.order_by(tried.c.key_hash).with_for_update())
        return {row.key_hash: list(row.moments) for row in rows}

    def _put(self, key: str, moments: list[int], ends_at: datetime | None) -> None:
        later = {} if ends_at is None else {"ends_at": ends_at}
        self._connection.execute(update(tried).where(tried.c.key_hash == key).values(moments=moments, **later))

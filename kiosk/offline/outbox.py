"""Writes on disk before they are sent, in order, until the store has answered them (SQLite, every commit synced)."""

import sqlite3
import threading
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from kiosk.visit.calls import KeptWrite

AT_MOST: Final = 200  # lines that one visit without network can hold; beyond it the kiosk says so
_WRITES: Final[TypeAdapter[KeptWrite]] = TypeAdapter(Annotated[KeptWrite, Field(discriminator="kind")])
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    call TEXT -- NULL: the body holds a PIN or a face, so only its id is here
)
"""


class SqliteOutbox:
    """The writes of one kiosk. Any thread may call it; one at a time gets in."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute(_SCHEMA)
        # Ids without a body belong to requests of the process before: nobody waits for their answers any more.
        self._db.execute("DELETE FROM outbox WHERE call IS NULL")
        self._waiting = int(self._db.execute("SELECT count(*) FROM outbox").fetchone()[0])

    def append(self, call: KeptWrite) -> bool:
        """Put a write on disk; return False where the outbox is full. A write that is there already stays."""
        with self._lock:
            if self._waiting >= AT_MOST:
                return False
            body = _WRITES.dump_json(call).decode()
            added = self._db.execute("INSERT OR IGNORE INTO outbox (key, call) VALUES (?, ?)", (call.key, body))
            self._waiting += added.rowcount
            return True

    def pending(self) -> tuple[KeptWrite, ...]:
        """Return the writes that wait for an answer, the oldest first."""
        with self._lock:
            rows = self._db.execute("SELECT key, call FROM outbox WHERE call IS NOT NULL ORDER BY seq").fetchall()
        writes: list[KeptWrite] = []
        for key, body in rows:
            try:
                writes.append(_WRITES.validate_json(body))
            except ValidationError:
                self.settle(key)  # written by another version that knew other calls: it can never be sent
        return tuple(writes)

    def settle(self, key: str) -> None:
        """Forget a write that was answered."""
        with self._lock:
            # Not synced by itself: if the machine loses it, the write is repeated, which its id makes harmless.
            self._db.execute("PRAGMA synchronous=NORMAL")
            gone = self._db.execute("DELETE FROM outbox WHERE key = ? RETURNING call", (key,)).fetchall()
            self._db.execute("PRAGMA synchronous=FULL")
            self._waiting -= sum(1 for (call,) in gone if call is not None)

    def note(self, key: str) -> None:
        """Put the id of a call on disk whose body must not lie there."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO outbox (key, call) VALUES (?, NULL)", (key,))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

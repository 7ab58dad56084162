"""Writes on disk before they are sent, in order, until the store has answered them (SQLite, every commit synced)."""

import threading
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from kiosk.synced_file import open_synced
from kiosk.visit.calls import KeptWrite, SettleByPass

AT_MOST: Final = 200  # lines that one visit without network can hold; beyond it the kiosk says so
_WRITES: Final[TypeAdapter[KeptWrite]] = TypeAdapter(Annotated[KeptWrite, Field(discriminator="kind")])
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    call TEXT -- NULL: the body holds a PIN or a face, so only its id is here
)
"""
_TAKEN_SCHEMA = """
CREATE TABLE IF NOT EXISTS taken (
    series TEXT NOT NULL,
    number INTEGER NOT NULL,
    payment_id TEXT NOT NULL UNIQUE,
    pass_id TEXT NOT NULL,
    amount_minor INTEGER NOT NULL,
    at_s INTEGER NOT NULL,
    hash TEXT NOT NULL,
    call TEXT NOT NULL,
    payment TEXT NOT NULL, -- what the screen shows of it
    is_settled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (series, number)
)
"""
_TRIES_SCHEMA = "CREATE TABLE IF NOT EXISTS pin_try (pass_id TEXT PRIMARY KEY, wrong INTEGER NOT NULL, at_s INTEGER)"
_CLOCK_SCHEMA = "CREATE TABLE IF NOT EXISTS clock (one INTEGER PRIMARY KEY CHECK (one = 1), at_s INTEGER NOT NULL)"


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment that was taken without the store, as it lies on disk; ``at_s`` is seconds since 1970."""

    series: str
    number: int
    payment_id: str
    pass_id: str
    amount_minor: int
    at_s: int
    hash: str


class SqliteOutbox:
    """The writes of one kiosk. Any thread may call it; one at a time gets in."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = open_synced(path)
        for schema in (_SCHEMA, _TAKEN_SCHEMA, _TRIES_SCHEMA, _CLOCK_SCHEMA):
            self._db.execute(schema)
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

    def take(self, taken: Taken, call: SettleByPass, payment: bytes) -> bool:
        """Put a payment without the store on disk, with the write that tells the store: both, or neither.

        Returns:
            False where the outbox is full; nothing is taken then.
        """
        with self._lock:
            if self._waiting >= AT_MOST:
                return False
            body = _WRITES.dump_json(call).decode()
            row = (*astuple(taken), body, payment.decode())
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.execute(f"INSERT INTO taken VALUES ({', '.join('?' * len(row))}, 0)", row)  # noqa: S608 - marks
                self._db.execute("INSERT INTO outbox (key, call) VALUES (?, ?)", (call.key, body))
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            self._waiting += 1
            return True

    def taken(self) -> tuple[Taken, ...]:
        """Return the payments without the store that may still count, by series and number."""
        names = ", ".join(one.name for one in fields(Taken))
        with self._lock:
            rows = self._db.execute(f"SELECT {names} FROM taken ORDER BY series, number").fetchall()  # noqa: S608 - names
        return tuple(Taken(*row) for row in rows)

    def unsettled(self) -> frozenset[str]:
        """Return the ids of those that the store has not booked."""
        with self._lock:
            rows = self._db.execute("SELECT payment_id FROM taken WHERE NOT is_settled").fetchall()
        return frozenset(key for (key,) in rows)

    def taken_payment(self, payment_id: str) -> bytes | None:
        """Return what was shown of a payment without the store, or None where it was not taken."""
        with self._lock:
            row = self._db.execute("SELECT payment FROM taken WHERE payment_id = ?", (payment_id,)).fetchone()
        return None if row is None else row[0].encode()

    def settled(self, payment_id: str, *, before_s: int) -> None:
        """Note that the store has booked a payment; drop old ones, but not the last number of a series."""
        with self._lock:
            self._db.execute("UPDATE taken SET is_settled = 1 WHERE payment_id = ?", (payment_id,))
            self._db.execute(
                "DELETE FROM taken WHERE is_settled AND at_s < ? AND number < "
                "(SELECT max(number) FROM taken AS newer WHERE newer.series = taken.series)",
                (before_s,),
            )

    def bring_back(self) -> None:
        """Put payments that the store has not booked among the writes again: an earlier process was refused."""
        with self._lock:
            added = self._db.execute(
                "INSERT OR IGNORE INTO outbox (key, call) SELECT payment_id, call FROM taken WHERE NOT is_settled"
            )
            self._waiting += added.rowcount

    def charge_try(self, pass_id: str, *, at_s: int, most: int, span_s: int) -> int | None:
        """Count a try of a PIN before it is made; return how many are left after it, None where none was left."""
        with self._lock:
            row = self._db.execute("SELECT wrong, at_s FROM pin_try WHERE pass_id = ?", (pass_id,)).fetchone()
            wrong = 0 if row is None or at_s - row[1] >= span_s else int(row[0])
            if wrong >= most:
                return None
            self._db.execute("INSERT OR REPLACE INTO pin_try VALUES (?, ?, ?)", (pass_id, wrong + 1, at_s))
            return most - wrong - 1

    def clear_tries(self, pass_id: str) -> None:
        """Forget the tries of a pass: its PIN was right."""
        with self._lock:
            self._db.execute("DELETE FROM pin_try WHERE pass_id = ?", (pass_id,))

    def latest_s(self) -> int:
        """Return the latest moment that this kiosk has seen, in seconds since 1970."""
        with self._lock:
            row = self._db.execute("SELECT at_s FROM clock").fetchone()
        return 0 if row is None else int(row[0])

    def saw(self, at_s: int) -> None:
        """Remember a moment as the latest."""
        with self._lock:
            self._db.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", (at_s,))

    def note(self, key: str) -> None:
        """Put the id of a call on disk whose body must not lie there."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO outbox (key, call) VALUES (?, NULL)", (key,))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

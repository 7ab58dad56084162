"""Which exit passes have opened this gate: on disk before it opens, told to the store when there is a network."""

import threading
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from kiosk.synced_file import open_synced

AT_ONCE: Final = 100
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent (
    nonce TEXT PRIMARY KEY,
    code TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    expires_at_s INTEGER NOT NULL,
    told INTEGER NOT NULL
)
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """One opening that the store has yet to hear of; ``opened_at`` is RFC 3339 in UTC."""

    nonce: str
    code: str
    opened_at: str


class SpentPasses:
    """The memory of one gate (SQLite, every commit synced)."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._db = open_synced(path)
        self._db.execute(_SCHEMA)

    def has(self, nonce: str) -> bool:
        """Say whether a pass has opened this gate before."""
        with self._lock:
            return self._db.execute("SELECT 1 FROM spent WHERE nonce = ?", (nonce,)).fetchone() is not None

    def spend(self, nonce: str, code: str, *, at: datetime, expires_at_s: int, told: bool) -> bool:
        """Note that a pass opens the gate now; False when it did before. On disk when this returns."""
        row = (nonce, code, at.isoformat(), expires_at_s, told)
        with self._lock:
            return self._db.execute("INSERT OR IGNORE INTO spent VALUES (?, ?, ?, ?, ?)", row).rowcount == 1

    def untold(self) -> tuple[Spent, ...]:
        """Return openings that the store has yet to hear of, oldest first, a hundred at most."""
        with self._lock:
            rows = self._db.execute(
                "SELECT nonce, code, opened_at FROM spent WHERE NOT told ORDER BY opened_at LIMIT ?", (AT_ONCE,)
            ).fetchall()
        return tuple(Spent(*row) for row in rows)

    def told(self, nonce: str) -> None:
        """Note that the store has heard of an opening."""
        with self._lock:
            self._db.execute("UPDATE spent SET told = 1 WHERE nonce = ?", (nonce,))

    def forget(self, before_s: int) -> None:
        """Drop passes that are too old to open anything, once the store knows of them."""
        with self._lock:
            self._db.execute("DELETE FROM spent WHERE told AND expires_at_s < ?", (before_s,))

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

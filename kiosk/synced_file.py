"""A SQLite file that a power cut leaves as its last commit did."""

import sqlite3
from pathlib import Path


def open_synced(path: Path) -> sqlite3.Connection:
    """Open a file, or make it with the folders above it; every commit is synced.

    Any thread may use the connection, where its owner lets one at a time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    opened = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    opened.execute("PRAGMA journal_mode=WAL")
    opened.execute("PRAGMA synchronous=FULL")
    return opened

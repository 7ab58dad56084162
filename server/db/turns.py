"""Writers of one SQLite file take turns, in whichever process they are: who waits is woken, and nobody polls.

SQLite has one writer and lets the others ask again after ever longer pauses: two processes that write all the time
spend most of it asleep. A lock on a file beside the database (`flock`) puts them in a row instead. It is only there to
be quick: SQLite's own lock decides, and a process that ends in whatever way leaves its turn.
"""

import fcntl
import os
import sqlite3

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

SUFFIX = "-turn"
"""What the name of the file beside a database ends with."""


class TurnTaker(sqlite3.Connection):
    """A connection whose turn ends with its transaction, however long somebody keeps the connection after it."""

    turn: int | None = None

    def open_turn(self, path: str) -> None:
        """Open the file anew: a lock is of the opening, so threads of one process wait for each other as well."""
        self.turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take_turn(self) -> None:
        """Wait until nobody else writes."""
        if self.turn is not None:
            fcntl.flock(self.turn, fcntl.LOCK_EX)

    def commit(self) -> None:
        """Commit, then let the next one write. What fails to commit is rolled back, and leaves then."""
        super().commit()
        self._leave()

    def rollback(self) -> None:
        """Roll back, then let the next one write."""
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        """Close the connection and its turn."""
        super().close()
        if self.turn is not None:
            os.close(self.turn)
            self.turn = None

    def _leave(self) -> None:
        if self.turn is not None:
            fcntl.flock(self.turn, fcntl.LOCK_UN)


def take_turns(engine: Engine, path: str) -> None:
    """Give each connection of an engine (made of `TurnTaker`s) the file that its turn is a lock on."""

    @event.listens_for(engine, "connect")
    def _open(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if isinstance(connection, TurnTaker):
            connection.open_turn(path)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes; on a connection without turns this does nothing."""
    held = connection.connection.driver_connection
    if isinstance(held, TurnTaker):
        held.take_turn()

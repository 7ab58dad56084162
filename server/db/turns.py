"""Writers of one SQLite file take turns, in whichever process they are: who waits is woken, and nobody polls.

SQLite has one writer and lets the others ask again after ever longer pauses: two processes that write all the time
spend most of it asleep. A lock on a file beside the database (`flock`) puts them in a row instead. It is only there to
be quick: SQLite's own lock decides, and a process that ends in whatever way leaves its turn.
"""

import fcntl
import os

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

TURN = "turn"
SUFFIX = "-turn"
"""What the name of the file beside a database ends with."""


def take_turns(engine: Engine, path: str) -> None:
    """Give each connection of an engine the file that its turn is a lock on; it leaves its turn with the pool."""

    @event.listens_for(engine, "connect")
    def _open(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        # Each connection opens the file anew: a lock is of the opening, so threads of one process wait as well.
        record.info[TURN] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @event.listens_for(engine, "checkin")
    def _leave(_connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        if (turn := record.info.get(TURN)) is not None:
            fcntl.flock(turn, fcntl.LOCK_UN)

    @event.listens_for(engine, "close")
    def _close(_connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        if (turn := record.info.pop(TURN, None)) is not None:
            os.close(turn)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes; on a connection without turns this does nothing."""
    if (turn := connection.info.get(TURN)) is not None:
        fcntl.flock(turn, fcntl.LOCK_EX)

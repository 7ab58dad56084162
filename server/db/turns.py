"""Writers of one SQLite file take turns, in whichever process they are: who waits is woken, and nobody polls.

SQLite has one writer and lets the others ask again after ever longer pauses: two processes that write all the time
spend most of it asleep. A lock on a file beside the database (`flock`) puts them in a row instead. It is only there to
be quick: SQLite's own lock decides, and a process that ends in whatever way leaves its turn.

One that hangs with its turn keeps it. So nobody waits for longer than a while: whoever does is told to come again, and
those behind them are told so at once, until the turn is free. The file says which process has it and since when.
"""

import fcntl
import os
import sqlite3
import time
from dataclasses import dataclass
from threading import Event, Lock, Thread

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from server.flows.errors import FlowError

SUFFIX = "-turn"
"""What the name of the file beside a database ends with."""
WAIT_SECONDS = 10.0
"""As long as SQLite waits for its own lock. The longest write of ours, an import's swap, takes less than a second."""
RETRY_SECONDS = 1
SAID = 40
"""Bytes of the file: who holds the turn since when, filled up with blanks."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the turn: a process of this machine, and for how long."""

    pid: int
    seconds: float


class Turns:
    """The turn to write one file, as the connections of this process ask for it."""

    def __init__(self, path: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._path = path
        self._wait_seconds = wait_seconds
        self._left: Line | None = None
        """Who gave up last. As long as they would still be waiting, nobody begins to."""
        self._locked_until = 0.0

    def open(self) -> int:
        """Open the file anew: a lock is of the opening, so threads of one process wait for each other as well."""
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, opened: int) -> int:
        """Wait until nobody else writes; return the opening that has the turn, which may be another.

        Raises:
            FlowError: `busy`: somebody has had it for too long, or writes without asking for it.
        """
        if time.monotonic() < self._locked_until:
            raise _busy()
        if not _locks(opened, fcntl.LOCK_EX):
            if self._left is not None and self._left.is_standing:
                raise _busy()  # whoever was in front has waited long enough for all
            line = Line(self.open())
            if not line.wait(self._wait_seconds):
                self._left = line
                raise _busy()
            os.close(opened)
            opened = line.opened
        os.pwrite(opened, f"{os.getpid()} {time.monotonic():.3f}".ljust(SAID).encode(), 0)
        return opened

    def locked_out(self) -> FlowError:
        """Note that somebody keeps SQLite's own lock without the turn, and return what whoever asked is told."""
        self._locked_until = time.monotonic() + RETRY_SECONDS
        return _busy()

    def holder(self) -> Holder | None:
        """Return who has the turn now, in whichever process; None when nobody has."""
        opened = self.open()
        try:
            if _locks(opened, fcntl.LOCK_SH):
                return None
            pid, since = os.pread(opened, SAID, 0).split()
        except ValueError:
            return None  # it was taken this moment for the first time, or by somebody who says nothing
        finally:
            os.close(opened)
        return Holder(int(pid), max(0.0, time.monotonic() - float(since)))


class Line:
    """Standing in line for the turn: `flock` knows no limit of time, so a thread of its own waits in it."""

    def __init__(self, opened: int) -> None:
        self.opened = opened
        self.is_standing = True
        self._is_left = False
        self._moved = Event()
        self._guard = Lock()
        Thread(target=self._stand, name="db-turn", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait until it is our turn; False when it was not for so long: then the turn is left as soon as it comes."""
        self._moved.wait(seconds)
        with self._guard:
            self._is_left = self.is_standing
        return not self._is_left

    def _stand(self) -> None:
        fcntl.flock(self.opened, fcntl.LOCK_EX)
        with self._guard:
            self.is_standing = False
            if self._is_left:
                os.close(self.opened)  # and with it the turn
        self._moved.set()


class TurnTaker(sqlite3.Connection):
    """A connection whose turn ends with its transaction, however long somebody keeps the connection after it."""

    turn: int | None = None
    _turns: Turns | None = None

    def open_turn(self, turns: Turns) -> None:
        """Ask for turns from now on."""
        self._turns, self.turn = turns, turns.open()

    def take_turn(self) -> None:
        """Wait until nobody else writes.

        Raises:
            FlowError: `busy`.
        """
        if self._turns is not None and self.turn is not None:
            self.turn = self._turns.take(self.turn)

    def locked_out(self) -> FlowError:
        """Let nobody here wait for SQLite's own lock for a moment, as somebody has it without the turn."""
        return _busy() if self._turns is None else self._turns.locked_out()

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


def take_turns(engine: Engine, turns: Turns) -> None:
    """Let each connection of an engine (made of `TurnTaker`s) ask for its turn before it writes."""

    @event.listens_for(engine, "connect")
    def _open(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if isinstance(connection, TurnTaker):
            connection.open_turn(turns)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else writes; on a connection without turns this does nothing.

    Raises:
        FlowError: `busy`.
    """
    held = connection.connection.driver_connection
    if isinstance(held, TurnTaker):
        held.take_turn()


def locked_out(connection: Connection, error: OperationalError) -> FlowError | None:
    """Return what whoever wants to write is told when somebody has SQLite's own lock; None for another fault."""
    held = connection.connection.driver_connection
    is_busy = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return held.locked_out() if is_busy and isinstance(held, TurnTaker) else None


def holder_of(engine: Engine, *, longer_than: float = WAIT_SECONDS) -> Holder | None:
    """Return who has been writing for more seconds than anybody waits; None when all goes on."""
    path = engine.url.database
    if engine.dialect.name != "sqlite" or not path:
        return None
    held = Turns(f"{path}{SUFFIX}").holder()
    return held if held is not None and held.seconds > longer_than else None


def _locks(opened: int, how: int) -> bool:
    try:
        fcntl.flock(opened, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _busy() -> FlowError:
    return FlowError("busy", "Another write takes longer than anybody waits.", retry_after_seconds=RETRY_SECONDS)

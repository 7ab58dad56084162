"""A disk that may lose what was not synced: every write of SQLite is noted, so that a power cut can be tried anywhere.

Below is SQLite as `apsw` brings it, and above are the server's own statements: `server.db` runs unchanged over a
connection that speaks as the standard driver does. The model of the disk is the usual one: a sync is honest, and of
the writes since the last sync of a file any may be there, in any mixture, torn at 512 bytes.
"""

import random
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apsw
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.pool import QueuePool

from server.db.engine import prepare_sqlite

SECTOR = 512


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done to a file: bytes written, the file cut to a length, or all made durable."""

    file: str
    kind: str
    offset: int = 0
    data: bytes = b""


class LossyDisk(apsw.VFS):
    """Passes everything on to the real files, and remembers it."""

    def __init__(self, name: str) -> None:
        self.acts: list[Act] = []
        self.name = name
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - SQLite's name
        """Open a file that notes what is done to it."""
        return NotedFile(self.acts, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802, FBT001 - SQLite's name and signature
        """Delete a file; SQLite syncs the folder where it matters."""
        self.acts.append(Act(Path(filename).name, "delete"))
        super().xDelete(filename, syncdir)

    def after(self, upto: int, chance: random.Random, before: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return what stands on the disk, where `before` stood, when the power went after so many acts."""
        durable = {file: bytearray(held) for file, held in before.items()}
        pending: dict[str, list[Act]] = {}
        for act in self.acts[:upto]:
            match act.kind:
                case "sync":
                    for earlier in pending.pop(act.file, []):
                        _do(durable, earlier)
                case "delete":
                    durable.pop(act.file, None)
                    pending.pop(act.file, None)
                case _:
                    pending.setdefault(act.file, []).append(act)
        share = chance.choice((0.0, 0.1, 0.5, 0.9, 1.0))  # of what was not synced: nothing, some, all of it
        for acts in pending.values():
            for part in (part for act in acts for part in _torn(act)):
                if chance.random() < share:
                    _do(durable, part)
        return {file: bytes(held) for file, held in durable.items()}


class NotedFile(apsw.VFSFile):
    """One file of the lossy disk."""

    def __init__(self, acts: list[Act], name: Any, flags: list[int]) -> None:
        self._acts = acts
        path = name if isinstance(name, str) or name is None else name.filename()
        self._name = Path(path or "temporary").name
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - SQLite's name
        """Write, and note it."""
        self._acts.append(Act(self._name, "write", offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - SQLite's name
        """Cut, and note it."""
        self._acts.append(Act(self._name, "cut", newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - SQLite's name
        """Make durable what was written so far: from here on no cut takes it."""
        super().xSync(flags)
        self._acts.append(Act(self._name, "sync"))


def _torn(act: Act) -> Iterator[Act]:
    if act.kind != "write":
        yield act
        return
    for start in range(0, len(act.data), SECTOR):
        yield Act(act.file, "write", act.offset + start, act.data[start : start + SECTOR])


def _do(held: dict[str, bytearray], act: Act) -> None:
    file = held.setdefault(act.file, bytearray())
    if act.kind == "cut":
        del file[act.offset :]
        return
    if len(file) < act.offset:
        file.extend(bytes(act.offset - len(file)))
    file[act.offset : act.offset + len(act.data)] = act.data


@contextmanager
def lossy_engine(path: Path, *, synchronous: str) -> Iterator[tuple[Engine, LossyDisk]]:
    """Yield the server's engine over a lossy disk. One connection holds the file alone, as a log in memory wants it."""
    disk = LossyDisk(f"lossy-{path.parent.name}-{synchronous}")
    flags = apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE

    def connect() -> "Driver":
        opened = apsw.Connection(str(path), flags=flags, vfs=disk.name)
        opened.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        return Driver(opened)

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=1, max_overflow=0)
    prepare_sqlite(engine)

    @event.listens_for(engine, "connect")
    def _weaken(connection: Any, _record: object) -> None:
        connection.cursor().execute(f"PRAGMA synchronous={synchronous}")

    try:
        yield engine, disk
    finally:
        engine.dispose()


class Driver:
    """An `apsw` connection that answers as `sqlite3`'s does, as far as the server asks."""

    def __init__(self, opened: apsw.Connection) -> None:
        self.opened = opened
        self.isolation_level: str | None = None

    def cursor(self) -> "Cursor":
        """Return a cursor."""
        return Cursor(self.opened)

    def commit(self) -> None:
        """Commit what is open."""
        if not self.opened.getautocommit():
            _translated(lambda: self.opened.execute("COMMIT").fetchall())

    def rollback(self) -> None:
        """Roll back what is open."""
        if not self.opened.getautocommit():
            self.opened.execute("ROLLBACK").fetchall()

    def create_function(self, *_facts: object, **_more: object) -> None:
        """Leave out the functions that SQLAlchemy adds: the server uses none."""

    def close(self) -> None:
        """Close."""
        self.opened.close()


class Cursor:
    """A cursor of a `Driver`; every statement is run to its end at once."""

    arraysize = 1

    def __init__(self, opened: apsw.Connection) -> None:
        self._opened = opened
        self._rows: list[tuple[Any, ...]] = []
        self.description: tuple[Any, ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, sql: str, given: Sequence[Any] = ()) -> "Cursor":
        """Run one statement."""
        self._rows = _translated(lambda: self._run(sql, given))
        self.rowcount = -1 if self.description else self._opened.changes()
        self.lastrowid = self._opened.last_insert_rowid()
        return self

    def executemany(self, sql: str, rows: Sequence[Sequence[Any]]) -> "Cursor":
        """Run one statement for each row."""
        count = 0
        for row in rows:
            self.execute(sql, row)
            count += self.rowcount
        self.rowcount = count
        return self

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        rows, self._rows = self._rows, []
        return rows

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """Return the next rows."""
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def close(self) -> None:
        """Let go of the rows."""
        self._rows = []

    def _run(self, sql: str, given: Sequence[Any]) -> list[tuple[Any, ...]]:
        cursor = self._opened.cursor()

        def look(running: Any, _sql: str, _given: object) -> bool:
            named = running.get_description()
            self.description = tuple((name, None, None, None, None, None, None) for name, _ in named) or None
            return True

        cursor.exec_trace = look
        return list(cursor.execute(sql, tuple(given)))


def _translated(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except apsw.ConstraintError as error:
        raise sqlite3.IntegrityError(str(error)) from error
    except apsw.Error as error:
        raise sqlite3.OperationalError(str(error)) from error

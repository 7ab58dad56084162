"""Many rows of one table in one statement, in the words of each engine; no object of the ORM or of Core per row.

Each statement is put into words once. On SQLite the driver is asked directly, as Core's part of a statement costs more
there than the statement; its errors come as they are. On PostgreSQL what is written together is one statement.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import cache
from operator import attrgetter
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, Integer, Table

from server.db.tables import EPOCH, Instant, outbox
from server.flows.written import Written

Row = Mapping[str, Any]
"""A row by the names of its columns, as the flows know it: aware datetimes, JSON as values."""
OUTBOX_TURN = 0x5E5A3E
"""The number of PostgreSQL's advisory lock on the end of the outbox: no other is taken anywhere."""
MICROSECOND = timedelta(microseconds=1)


class Sheet:
    """What a transaction writes down together.

    On SQLite each part is written at once. On PostgreSQL they wait for `write` and are one statement of many parts, as
    each statement is a round trip, in which whoever wants the same rows waits. Its parts see nothing of each other: no
    row may be written by two of them.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self._parts: list[tuple[str, tuple[object, ...], int, Exception | None]] = []
        self._has_events = False

    def tell(self, rows: Sequence[Row]) -> None:
        """Insert events into the outbox; the last of all.

        Listeners read on from the newest number they know, so numbers must become visible in their order. On
        PostgreSQL two commits may pass each other: a lock that is held from the numbers to the commit keeps them in
        line. It is taken when all other parts are written, and with that whatever these had to wait for.
        """
        self.insert_rows(outbox, rows)
        self._has_events = bool(rows)

    def insert_rows(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows that all name the same columns.

        Raises:
            IntegrityError: A key is there already; nothing of the statement has happened then.
        """
        if rows:
            names = tuple(rows[0])
            self.insert_values(table, names, [tuple([row[name] for name in names]) for row in rows])

    def insert_facts(self, table: Table, rows: Sequence[Any]) -> None:
        """Insert values of one dataclass whose fields are columns."""
        if rows:
            kind: Any = type(rows[0])  # so that it may be a key
            names = _names_of(kind)
            read = reader(*names)
            self.insert_values(table, names, [read(row) for row in rows])

    def insert_values(self, table: Table, names: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows as `insert_rows` does, given by their values in the order of the names."""
        if not rows:
            return
        # Column by column, as most of them are stored as they are.
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        # What has its text goes as it is; on PostgreSQL beside the one JSON text that holds all else.
        apart = (
            ()
            if self._is_sqlite
            else tuple([name for name, value in zip(names, rows[0], strict=True) if isinstance(value, Written)])
        )
        for place, encode in _encoders(table, names, apart, is_sqlite=self._is_sqlite):
            columns[place] = [encode(value) for value in columns[place]]
        if self._is_sqlite:
            written = list(zip(*columns, strict=True))
            self._connection.connection.cursor().executemany(_sqlite_insert(table, names), written)
        else:
            by_name = dict(zip(names, columns, strict=True))
            texts = [by_name.pop(name) for name in apart]
            rest = [dict(zip(by_name, row, strict=True)) for row in zip(*by_name.values(), strict=True)]
            given = (to_json(rest).decode(), *texts)
            self._parts.append((_postgres_insert(table, names, apart), given, len(rows), None))

    def update(self, statement: str, rows: Sequence[tuple[Any, ...]], or_else: Exception) -> None:
        """Run one update, or an INSERT of a SELECT, for each tuple of texts and whole numbers.

        Args:
            statement: With a WHERE, and a mark (`?`) for each value; whole numbers are cast, as texts they come.
            rows: No two of them meet the same row.
            or_else: Raised when one of them met no row; on PostgreSQL by `write`.
        """
        if not rows:
            return
        if self._is_sqlite:
            cursor = self._connection.connection.cursor()
            cursor.executemany(statement, rows)
            if cursor.rowcount != len(rows):
                raise or_else
        else:
            self._parts.append((_postgres_update(statement), (to_json(rows).decode(),), len(rows), or_else))

    def write(self) -> None:
        """Write down what waits."""
        parts, self._parts = self._parts, []
        if not parts:
            return
        statements = tuple([statement for statement, _, _, _ in parts])
        told = _postgres_all(statements, has_events=self._has_events)
        found = self._connection.exec_driver_sql(told, tuple([each for _, given, _, _ in parts for each in given]))
        for met, (_, _, count, or_else) in zip(found.one(), parts, strict=True):
            if or_else is not None and met != count:
                raise or_else


def insert_facts(connection: Connection, table: Table, rows: Sequence[Any]) -> None:
    """Insert values of one dataclass by themselves; see `Sheet`."""
    sheet = Sheet(connection)
    sheet.insert_facts(table, rows)
    sheet.write()


@cache
def _names_of(kind: Any) -> tuple[str, ...]:  # noqa: ANN401 - any dataclass
    return tuple(field.name for field in fields(kind))


@cache
def reader(*names: str) -> Callable[[Any], tuple[Any, ...]]:
    """Return what reads several fields of a value at once, in the order of their names."""
    return attrgetter(*names)


def micros(moment: datetime) -> int:
    """Return an instant as it is stored."""
    return (moment - EPOCH) // MICROSECOND


def _as_json(value: object) -> str:
    return value.text if isinstance(value, Written) else to_json(value).decode()


def _as_instant(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def _encoder(column: Column[Any]) -> Callable[[Any], object] | None:
    if isinstance(column.type, JSON):
        return _as_json if not column.nullable else lambda value: None if value is None else _as_json(value)
    return _as_instant if isinstance(column.type, Instant) else None


@cache
def _encoders(
    table: Table, names: tuple[str, ...], apart: tuple[str, ...], *, is_sqlite: bool
) -> Sequence[tuple[int, Callable[[Any], object]]]:
    """Return the places of the columns that are not handed over as they are, and how each is written."""
    as_texts = {name for name in names if isinstance(table.c[name].type, JSON)} if is_sqlite else apart
    found = [
        (place, _encoder(table.c[name]))
        for place, name in enumerate(names)
        if name in as_texts or isinstance(table.c[name].type, Instant)
    ]
    return [(place, encode) for place, encode in found if encode is not None]


@cache
def _sqlite_insert(table: Table, names: tuple[str, ...]) -> str:
    marks = ", ".join("?" * len(names))
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of our own tables


@cache
def _postgres_insert(table: Table, names: tuple[str, ...], apart: tuple[str, ...]) -> str:
    """One plan, however many rows. Arrays of texts come in binary: else the driver escapes each quote in Python."""
    whole = [name for name in names if name not in apart]
    rows = f"json_to_recordset(%s::json) AS ({', '.join(f'{name} {_type_of(table.c[name])}' for name in whole)})"
    parts, given = [rows, *["unnest(%b::text[])"] * len(apart)], ", ".join((*whole, *apart))
    source = f"ROWS FROM ({', '.join(parts)}) AS given ({given})"
    values = ", ".join(f"{name}::json" if name in apart else name for name in names)
    return f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {values} FROM {source}"  # noqa: S608 - likewise


@cache
def _postgres_update(statement: str) -> str:
    """Run the same statement on rows that come as arrays in one JSON text."""
    head, tail = _numbered(statement).split(" WHERE ", 1)
    return f"{head} FROM json_array_elements(%s::json) AS given (row) WHERE {tail}"


def _numbered(statement: str) -> str:
    first, *rest = statement.split("?")
    return first + "".join(f"(given.row ->> {place}){text}" for place, text in enumerate(rest))


@cache
def _postgres_all(statements: tuple[str, ...], *, has_events: bool) -> str:
    """Return one statement of many, which tells how many rows each has written; events wait for all before them."""
    parts = [f"part_{place} AS ({each} RETURNING 1)" for place, each in enumerate(statements)]
    counts = [f"(SELECT count(*) FROM part_{place})" for place in range(len(statements))]  # noqa: S608 - numbers
    if has_events:
        before = " AND ".join(f"{count} >= 0" for count in counts[:-1]) or "true"
        turn = f"turn AS MATERIALIZED (SELECT pg_advisory_xact_lock({OUTBOX_TURN}) WHERE {before})"
        events = f"{statements[-1]} WHERE EXISTS (SELECT FROM turn)"
        parts[-1:] = [turn, f"part_{len(statements) - 1} AS ({events} RETURNING 1)"]
    return f"WITH {', '.join(parts)} SELECT {', '.join(counts)}"


def _type_of(column: Column[Any]) -> str:
    if isinstance(column.type, JSON):
        return "json"
    if isinstance(column.type, Boolean):
        return "boolean"
    return "bigint" if isinstance(column.type, BigInteger | Integer | Instant) else "text"

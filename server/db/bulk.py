"""Many rows of one table in one statement, in the words of each engine; no object of the ORM or of Core per row."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from pydantic_core import to_json
from sqlalchemy import JSON, BigInteger, Boolean, Column, Connection, Integer, Table

from server.db.tables import EPOCH, Instant

Row = Mapping[str, Any]
"""A row by the names of its columns, as the flows know it: aware datetimes, JSON as values."""
MICROSECOND = timedelta(microseconds=1)


def insert_rows(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Insert rows that all name the same columns.

    Raises:
        IntegrityError: A key is there already; nothing of the statement has happened then.
    """
    if not rows:
        return
    names = tuple(rows[0])
    if connection.dialect.name == "sqlite":
        statement, encoders = _sqlite_insert(table, names)
        values = [tuple([encode(row[name]) for name, encode in encoders]) for row in rows]
        connection.exec_driver_sql(statement, values)
        return
    statement, encoders = _postgres_insert(table, names)
    connection.exec_driver_sql(statement, tuple([encode(row[name]) for row in rows] for name, encode in encoders))


def update_rows(connection: Connection, statement: str, rows: Sequence[tuple[Any, ...]]) -> bool:
    """Run one update with positional marks (`?`) for each tuple; False when one of them met no row."""
    if not rows:
        return True
    text = statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
    return connection.exec_driver_sql(text, list(rows)).rowcount == len(rows)


def micros(moment: datetime) -> int:
    """Return an instant as it is stored."""
    return (moment - EPOCH) // MICROSECOND


def _as_json(value: object) -> str:
    return to_json(value).decode()


def _as_instant(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def _as_is(value: object) -> object:
    return value


Encoders = Sequence[tuple[str, Callable[[Any], object]]]


def _encoder(column: Column[Any]) -> Callable[[Any], object]:
    if isinstance(column.type, JSON):
        return _as_json if not column.nullable else lambda value: None if value is None else _as_json(value)
    return _as_instant if isinstance(column.type, Instant) else _as_is


@cache
def _sqlite_insert(table: Table, names: tuple[str, ...]) -> tuple[str, Encoders]:
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names of our own tables
    return statement, [(name, _encoder(table.c[name])) for name in names]


@cache
def _postgres_insert(table: Table, names: tuple[str, ...]) -> tuple[str, Encoders]:
    """One array a column: one statement to plan and one round trip, however many rows."""
    arrays = ", ".join(f"%s::{_array_of(table.c[name])}[]" for name in names)
    given = ", ".join(f"given.{name}{'::json' if isinstance(table.c[name].type, JSON) else ''}" for name in names)
    listed = ", ".join(names)
    statement = f"INSERT INTO {table.name} ({listed}) SELECT {given} FROM unnest({arrays}) AS given ({listed})"  # noqa: S608 - likewise
    return statement, [(name, _encoder(table.c[name])) for name in names]


def _array_of(column: Column[Any]) -> str:
    if isinstance(column.type, Boolean):
        return "boolean"
    return "bigint" if isinstance(column.type, BigInteger | Integer | Instant) else "text"

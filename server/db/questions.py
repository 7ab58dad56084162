"""What a transaction asks together: on PostgreSQL one statement and one round trip, whatever the number of questions.

A question is a SELECT of Core that is put into words once and given to the driver directly, as Core's part of a
statement costs more than the statement. On PostgreSQL the rows of each come as one JSON text: eight questions of 24
keys take a third of our time that eight statements took, and half of the database's.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import Any, NamedTuple

from pydantic_core import from_json, to_json
from sqlalchemy import JSON, Boolean, Column, ColumnElement, Connection, Select, Table, bindparam, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from server.db.bulk import micros
from server.db.tables import EPOCH, Instant

_POSTGRES: Dialect = postgresql.psycopg.dialect(paramstyle="format")  # type: ignore[no-untyped-call] # SQLAlchemy's
_SQLITE: Dialect = sqlite.dialect()
KEYS = "keys"
"""What the keys of a question are named, unless it says otherwise."""


class Among(ColumnElement[bool]):
    """Whether columns have the values of one of the keys that are given; an array, which an index is asked for."""

    inherit_cache = False

    def __init__(self, *columns: Column[Any]) -> None:
        self.columns = columns


@compiles(Among, "postgresql")
def _in_array(among: Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - handed on
    names = ", ".join(compiler.process(each, **more) for each in among.columns)
    keys = compiler.process(bindparam(KEYS, required=False), **more)
    if len(among.columns) == 1:
        return f"{names} = ANY ({keys}::text[])"
    values = ", ".join(f"value ->> {place}" for place in range(len(among.columns)))
    return f"({names}) IN (SELECT {values} FROM json_array_elements({keys}::json))"  # noqa: S608 - numbers


@compiles(Among, "sqlite")
def _in_json(among: Among, compiler: SQLCompiler, **more: Any) -> str:  # noqa: ANN401 - handed on
    names = ", ".join(compiler.process(each, **more) for each in among.columns)
    several = len(among.columns) > 1
    values = ", ".join(f"value ->> {place}" for place in range(len(among.columns))) if several else "value"
    return f"({names}) IN (SELECT {values} FROM json_each({compiler.process(bindparam(KEYS, required=False), **more)}))"  # noqa: S608 - numbers


class Asked(NamedTuple):
    """A question with what it is asked for."""

    question: "Question"
    given: dict[str, Any]


@dataclass(frozen=True, eq=False)
class Question:
    """A SELECT in the words of both engines.

    Attributes:
        query: With `Among` for the keys, ordered by them where it locks.
        made: What each row is made into.
    """

    query: Select[Any]
    made: Callable[..., Any] = field(default=lambda *values: values)

    def of(self, keys: Collection[Any], **more: datetime | str) -> Asked:
        """Return it with keys, texts or tuples of texts, and the values of other parameters."""
        return Asked(self, {KEYS: sorted(keys), **more})

    @property
    def locks(self) -> bool:
        """Whether nobody else may change the rows before the transaction ends."""
        return self.query._for_update_arg is not None  # noqa: SLF001 - told nowhere else

    @cached_property
    def on_sqlite(self) -> "Words":
        """The question as SQLite is asked."""
        return _words(self.query, _SQLITE)

    def rows(self, found: Sequence[Sequence[Any]], *, is_sqlite: bool) -> list[Any]:
        """Return what rows are made into, from their values as they are stored."""
        if not found:
            return []
        columns: list[Sequence[Any]] = list(zip(*found, strict=True))
        for place, decode in self._decoders_of_sqlite if is_sqlite else self._decoders:
            columns[place] = [None if value is None else decode(value) for value in columns[place]]
        return [self.made(*row) for row in zip(*columns, strict=True)]

    @cached_property
    def _decoders(self) -> Sequence[tuple[int, Callable[[Any], object]]]:
        kinds = [column.type for column in self.query.selected_columns]
        return [(place, _as_moment) for place, kind in enumerate(kinds) if isinstance(kind, Instant)]

    @cached_property
    def _decoders_of_sqlite(self) -> Sequence[tuple[int, Callable[[Any], object]]]:
        kinds = [column.type for column in self.query.selected_columns]
        texts = [(place, from_json) for place, kind in enumerate(kinds) if isinstance(kind, JSON)]
        claims = [(place, bool) for place, kind in enumerate(kinds) if isinstance(kind, Boolean)]
        return [*self._decoders, *texts, *claims]


class Words(NamedTuple):
    """A statement with the names of its values in their order, and those that never change."""

    text: str
    names: tuple[str, ...]
    fixed: dict[str, Any]


def rows_of(table: Table, names: Sequence[str], *by: str, lock: bool = False) -> Question:
    """Return the question for some columns of the rows with some keys, in the order of these, as locks are taken."""
    return Question(_select(table, names, by, lock=lock))


def facts_of(table: Table, kind: Callable[..., Any], by: str, *, lock: bool = False) -> Question:
    """Return the question for rows with some keys as values of a dataclass whose fields are columns."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type] # a dataclass
    return Question(_select(table, names, (by,), lock=lock), kind)


def through(table: Table, kind: Callable[..., Any], by: str, key: Column[Any], *, lock: bool = False) -> Question:
    """Return the question for rows that rows of another table name in a column of the same name."""
    names = [each.name for each in fields(kind)]  # type: ignore[arg-type] # a dataclass
    named = select(key.table.c[by]).where(Among(key))
    query = select(*(table.c[name] for name in names)).where(table.c[by].in_(named)).order_by(table.c[by])
    return Question(query.with_for_update() if lock else query, kind)


def ask(connection: Connection, *asked: Asked) -> list[list[Any]]:
    """Return the rows of each question.

    On PostgreSQL all see the same commits, as one statement does, except for rows that are locked: these are read as
    they stand when their turn has come. Locks are taken in the order of the questions.

    Args:
        connection: In a transaction.
        asked: The questions; those without any key have no rows.
    """
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        found = []
        for question, given in asked:
            words = question.on_sqlite
            told = given | {KEYS: to_json(given[KEYS]).decode()}
            rows = cursor.execute(words.text, _values(words, told)).fetchall() if given[KEYS] else ()
            found.append(question.rows(rows, is_sqlite=True))
        return found
    whole, parts = _postgres_together(tuple([question for question, _ in asked]))
    values: list[Any] = []
    for words, (_, given) in zip(parts, asked, strict=True):
        keys = given[KEYS]
        several = keys and not isinstance(keys[0], str)
        values += _values(words, given | {KEYS: to_json(keys).decode()} if several else given)
    row = connection.exec_driver_sql(whole, tuple(values)).one()
    return [
        question.rows(() if rows is None else from_json(rows), is_sqlite=False)
        for (question, _), rows in zip(asked, row, strict=True)
    ]


def _select(table: Table, names: Sequence[str], by: Sequence[str], *, lock: bool) -> Select[Any]:
    keys = [table.c[name] for name in by]
    query = select(*(table.c[name] for name in names)).where(Among(*keys)).order_by(*keys)
    return query.with_for_update() if lock else query


@cache
def _postgres_together(questions: tuple[Question, ...]) -> tuple[str, Sequence[Words]]:
    """Return one statement of several questions; one that locks begins when the one before it has all its rows."""
    parts, listed, after = [], [], None
    for place, question in enumerate(questions):
        query = question.query
        if question.locks:
            query = query if after is None else query.where(text(after))
            after = f"(SELECT true FROM asked_{place})"  # noqa: S608 - a number
        words = _words(query, _POSTGRES)
        names = ", ".join(f"found.{column.name}" for column in query.selected_columns)
        rows = f"SELECT json_agg(json_build_array({names}))::text AS rows FROM ({words.text}) AS found"  # noqa: S608 - names of our own tables
        parts.append(f"asked_{place} AS MATERIALIZED ({rows})")
        listed.append(words)
    shown = ", ".join(f"(SELECT rows FROM asked_{place})" for place in range(len(questions)))  # noqa: S608 - numbers
    return f"WITH {', '.join(parts)} SELECT {shown}", listed


def _words(query: Select[Any], dialect: Dialect) -> Words:
    compiled = query.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    return Words(compiled.string, tuple(compiled.positiontup or ()), dict(compiled.params))


def _values(words: Words, given: dict[str, Any]) -> list[Any]:
    told = {name: micros(value) if isinstance(value, datetime) else value for name, value in given.items()}
    return [told[name] if name in told else words.fixed[name] for name in words.names]


def _as_moment(stored: int) -> datetime:
    return EPOCH + timedelta(microseconds=stored)

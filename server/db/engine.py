"""Open one of the two engines with the settings that money needs."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from server.db.turns import SUFFIX, WAIT_SECONDS, Turns, TurnTaker, locked_out, take_turn, take_turns

MOST_LOG_PAGES = 16_000
"""A commit carries SQLite's log into the file only if it has grown so far (64 MiB): `Database.checkpoint` does it
before, outside any turn to write."""


def open_engine(url: str, *, turn_seconds: float = WAIT_SECONDS) -> Engine:
    """Return an engine for SQLite (one file, write-ahead log, fsync at each commit) or PostgreSQL.

    A URL of PostgreSQL may name several hosts (`postgresql+psycopg://user@/name?host=a:5432&host=b:5432&
    target_session_attrs=read-write`): then each new connection looks for the one that takes writes.

    SQLite transactions begin immediately: two that both read and then write would otherwise meet in the middle, and one
    would fail after its work was done. `synchronous=FULL` costs nothing measurable under group commit, and NORMAL loses
    acknowledged sales on a power cut.

    Args:
        url: The database.
        turn_seconds: How long a write to SQLite waits for others before it is refused (`FlowError` `busy`).
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        # Nobody waits for a row for ever: the waiter gives up, and its transaction is run again from the beginning. A
        # server that hangs in the middle of one loses its connection, and with that the rows that it keeps.
        patience = "-c lock_timeout=4000 -c statement_timeout=20000 -c idle_in_transaction_session_timeout=30000"
        # What is paid for is in memory or on flash; the default, for turning disks, reads whole tables for 24 rows.
        connect_args = {"connect_timeout": 5, "options": f"{patience} -c random_page_cost=1.1"}
        return create_engine(url, pool_size=8, max_overflow=0, pool_pre_ping=True, connect_args=connect_args)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"check_same_thread": False, "timeout": 10, "factory": TurnTaker})
    prepare_sqlite(engine)
    if parsed.database:
        take_turns(engine, Turns(f"{parsed.database}{SUFFIX}", wait_seconds=turn_seconds))
    return engine


def prepare_sqlite(engine: Engine) -> None:
    """Give an engine for SQLite what money needs; whatever driver it connects by."""

    @event.listens_for(engine, "connect")
    def _set_up(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.isolation_level = None  # SQLAlchemy's own BEGIN below, not the driver's deferred one
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "secure_delete=ON",
            f"wal_autocheckpoint={MOST_LOG_PAGES}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("read_only"):
            connection.exec_driver_sql("BEGIN")
        else:
            take_turn(connection)
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            except OperationalError as error:
                if (busy := locked_out(connection, error)) is not None:
                    raise busy from error
                raise


GONE = frozenset({"57P01", "57P02", "57P03", "08000", "08001", "08003", "08004", "08006", "25006", "72000"})
"""Answers of a PostgreSQL that shuts down, starts, cannot be reached, or has become a standby."""


CROWDED = frozenset({"40001", "40P01", "55P03", "57014"})
"""Answers of a PostgreSQL to whoever waited for others too long, or met them crosswise, more often than we try."""


def is_crowded(error: Exception) -> bool:
    """Tell whether nothing is wrong but that others were in the way: nothing was changed, and it may be asked again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in CROWDED


def is_gone(error: Exception) -> bool:
    """Tell whether an error means that the database is away for now, and not that it refuses something.

    Whether the transaction was committed is unknown then: whoever asks again does so under the same key.
    """
    if not isinstance(error, DBAPIError) or isinstance(error.orig, sqlite3.Error):
        return False
    code = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or code in GONE or (code is None and isinstance(error, OperationalError))

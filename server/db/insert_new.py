"""Insert a row unless its key is taken: the one statement that both engines spell in their own dialect."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, **values: Any) -> bool:  # noqa: ANN401 - column values
    """Insert the row and return True, or return False when any unique key is already there.

    On PostgreSQL this waits for a transaction that is just inserting the same key, so the answer is final.
    """
    if connection.dialect.name == "sqlite":
        return connection.execute(sqlite.insert(table).values(**values).on_conflict_do_nothing()).rowcount == 1
    return connection.execute(postgresql.insert(table).values(**values).on_conflict_do_nothing()).rowcount == 1

"""Insert a row unless its key is taken: the one statement that both engines spell in their own dialect."""

from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


def insert_new(connection: Connection, table: Table, **values: Any) -> bool:  # noqa: ANN401 - column values
    """Insert the row and return True, or return False when any unique key is already there.

    On PostgreSQL this waits for a transaction that is just inserting the same key, so the answer is final.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing()
    # SQLAlchemy forgets an INSERT's row count unless told to keep it, and would say -1.
    return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount == 1

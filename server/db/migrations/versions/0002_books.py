"""The books: refunds, closings, members at the till.

A fresh database has all of it from 0001, which follows `tables.py`; one that was made before gets what it lacks.
"""

from alembic import op
from sqlalchemy import Column, inspect

from server.db.tables import metadata

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns that are not there."""
    connection = op.get_bind()
    known = inspect(connection)
    there = {name: {column["name"] for column in known.get_columns(name)} for name in known.get_table_names()}
    for table in metadata.sorted_tables:
        if table.name not in there:
            table.create(connection)
            continue
        for column in table.columns:
            if column.name not in there[table.name]:
                kind, default = column.type, column.server_default
                op.add_column(table.name, Column(column.name, kind, nullable=column.nullable, server_default=default))

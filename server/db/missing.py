"""Add to a database the tables and columns of `tables/` that it lacks; what is there stays as it is."""

from hashlib import sha256

from alembic import op
from sqlalchemy import Column, inspect
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from server.db.tables import metadata


def add_missing() -> None:
    """Create the tables that are not there and add the columns that a table was made without, inside a migration."""
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
        indexed = {index["name"] for index in known.get_indexes(table.name)}
        for index in table.indexes:
            if index.name not in indexed:
                index.create(connection)


def shape() -> str:
    """Return what `tables/` looks like, short: the newest migration has it, so that no change comes without one."""
    dialect = sqlite.dialect()
    tables = [str(CreateTable(table).compile(dialect=dialect)) for table in metadata.sorted_tables]
    indexes = [
        str(CreateIndex(index).compile(dialect=dialect)) for table in metadata.sorted_tables for index in table.indexes
    ]
    return sha256("".join(sorted(tables + indexes)).encode()).hexdigest()[:16]

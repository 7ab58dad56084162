"""Temporary tables where an import waits until all of it is known. They are of one connection and vanish with it.

Filling them takes no lock on what is sold: on SQLite they live in a file of their own.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, Integer, MetaData, String, Table, Text, insert

_temporary = MetaData()


def _table(name: str, *columns: Column[Any]) -> Table:
    return Table(name, _temporary, *columns, prefixes=["TEMPORARY"])


def _facts() -> tuple[Column[Any], ...]:
    return (
        Column("sku", String(64), nullable=False, primary_key=False),
        Column("name", Text),
        Column("brand", Text),
        Column("pack", Text),
        Column("category", Text),
        Column("unit", String(8)),
        Column("net_content", Integer),
        Column("unit_price_minor", BigInteger),
        Column("vat_class", String(32)),
        Column("min_age", Integer),
        Column("sale_stop", Text),
        Column("deposit_sku", String(64)),
        Column("demo_price", Boolean),
        Column("warranty_months", Integer),
    )


stage_product = _table("stage_product", Column("line", BigInteger), *_facts())
stage_code = _table(
    "stage_code",
    Column("line", BigInteger),
    Column("code", String(32)),
    Column("sku", String(64)),
    Column("quantity", Integer),
)
stage_price = _table(
    "stage_price",
    Column("line", BigInteger),
    Column("sku", String(64)),
    Column("code", String(32)),
    Column("price_group", String(64)),
    Column("starts_at", BigInteger),
    Column("ends_at", BigInteger),
    Column("unit_price_minor", BigInteger),
    Column("member_price_minor", BigInteger),
)
stage_recall = _table(
    "stage_recall",
    Column("line", BigInteger),
    Column("sku", String(64)),
    Column("code", String(32)),
    Column("lot", String(64)),
)
stage_reference = _table(
    "stage_reference",
    Column("line", BigInteger),
    Column("code", String(32)),
    Column("name", Text),
    Column("brand", Text),
    Column("pack", Text),
    Column("category", Text),
    Column("net_content", Integer),
    Column("vat_class", String(32)),
    Column("vat_is_certain", Boolean),
    Column("is_in_store", Boolean),
    Column("source", String(16)),
)
stage_priced = _table("stage_priced", Column("sku", String(64)))
"""The products that a price list names."""
stage_refused = _table("stage_refused", Column("line", BigInteger))
wanted_product = _table("wanted_product", Column("line", BigInteger), *_facts())
"""The products as they shall be: what the file says, laid over what the shop had."""

KEYS = {
    stage_product: ("sku",),
    stage_code: ("code",),
    stage_price: ("sku", "price_group", "starts_at"),
    stage_recall: ("sku", "lot"),
    stage_reference: ("code",),
    wanted_product: ("sku",),
}


def create(connection: Connection) -> None:
    """Make the tables, empty."""
    _temporary.create_all(connection, checkfirst=False)


def fill(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows whose values stand in the order of the columns; the fastest way that each engine has."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(str(insert(table).compile(connection)), list(rows))
        return
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table.name} FROM STDIN") as copy:  # type: ignore[attr-defined] # psycopg's own cursor
        for row in rows:
            copy.write_row(row)


def index(connection: Connection, tables: Iterable[Table]) -> None:
    """Index the tables by their keys, once they are full."""
    for table in tables:
        made = Index(f"by_key_{table.name}", *(table.c[name] for name in KEYS[table]))
        made.create(connection)
        table.indexes.discard(made)
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ANALYZE {table.name}")  # nobody else measures a temporary table

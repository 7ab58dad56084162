"""A database of an earlier release is brought up to date with what it holds."""

from pathlib import Path

from sqlalchemy import inspect, text

from server.db.database import Database
from server.db.schema import upgrade
from tests.server.builders import stock_small_shop


def test_an_older_database_gets_what_it_lacks_when_a_server_starts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    database = Database(url)
    database.write(stock_small_shop)
    with database.engine.begin() as connection:
        for change in (
            "ALTER TABLE basket DROP COLUMN is_member",
            "DROP TABLE refund",
            "DROP TABLE closing",
            "UPDATE alembic_version SET version_num = '0001'",
        ):
            connection.execute(text(change))

    upgrade(url)

    known = inspect(database.engine)
    assert "is_member" in {column["name"] for column in known.get_columns("basket")}
    assert {"refund", "closing"} <= set(known.get_table_names())
    assert database.read(lambda work: work.shelf.size()) == 7
    database.close()

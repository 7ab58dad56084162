"""Fixtures for the store server: both engines, a stocked shop, an application with clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, exists, literal, select, text, union_all

from server.db.database import Database
from server.db.schema import upgrade
from server.db.tables import metadata
from server.flows.shop import Shop, open_shop
from tests.server.builders import stock_small_shop
from tests.server.postgres import CannotRunError, running_postgres
from tests.server.stocked import an_empty_store


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the URL of a real PostgreSQL, started once."""
    try:
        with running_postgres() as url:
            yield url
    except CannotRunError as error:
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.fixture(scope="session")
def migrated_postgres_url(postgres_url: str) -> str:
    """Return the URL of one database with the newest schema: making one costs a second, emptying one a few ms."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE tried"))
    engine.dispose()
    url = postgres_url.rsplit("/", 1)[0] + "/tried"
    upgrade(url)
    return url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the newest schema, once per engine."""
    if request.param == "sqlite":
        yield an_empty_store(tmp_path / "store.db")
        return
    url = request.getfixturevalue("migrated_postgres_url")
    yield url
    empty(url)


END_OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def empty(url: str) -> None:
    """End what a test left open in a PostgreSQL database, and take every row out of it, numbers begun anew."""
    engine = create_engine(url)
    rows = (
        select(literal(name)).where(exists(select(1).select_from(table))) for name, table in metadata.tables.items()
    )
    with engine.begin() as connection:
        connection.execute(text(END_OTHERS))
        filled = list(connection.scalars(union_all(*rows)))
        if filled:
            connection.execute(text(f"TRUNCATE {', '.join(filled)} RESTART IDENTITY CASCADE"))
    engine.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Yield a database with a small stocked shop, on both engines."""
    opened = Database(database_url)
    opened.write(stock_small_shop)
    yield opened
    opened.close()


@pytest.fixture
def doors(database: Database) -> Iterator[list[Database]]:
    """Yield what a rush comes through: one process's worth of connections on SQLite, two on PostgreSQL."""
    if database.is_sqlite:
        yield [database]
        return
    second = Database(database.engine.url.render_as_string(hide_password=False))
    yield [database, second]
    second.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """Return the small shop."""
    return database.read(lambda work: open_shop(work, "demo"))

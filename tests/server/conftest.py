"""Fixtures for the store server: both engines, a stocked shop, an application with clients."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from server.db.database import Database
from server.db.schema import upgrade
from server.flows.shop import Shop, open_shop
from tests.server.builders import stock_small_shop
from tests.server.postgres import CannotRunError, running_postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Yield the URL of a real PostgreSQL, started once."""
    try:
        with running_postgres() as url:
            yield url
    except CannotRunError as error:
        pytest.skip(f"no PostgreSQL here: {error}")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database with the newest schema, once per engine."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'store.db'}"
        upgrade(url)
        yield url
        return
    base: str = request.getfixturevalue("postgres_url")
    name = f"t{abs(hash(str(tmp_path))):x}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    url = base.rsplit("/", 1)[0] + f"/{name}"
    upgrade(url)
    yield url
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Yield a database with a small stocked shop, on both engines."""
    opened = Database(database_url)
    opened.write(stock_small_shop)
    yield opened
    opened.close()


@pytest.fixture
def shop(database: Database) -> Shop:
    """Return the small shop."""
    return database.read(lambda work: open_shop(work, "demo"))

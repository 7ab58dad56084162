"""What may be late is read from a copy of the database, everything else never, and a copy that is away stops nobody."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.db.database import Database
from tests.server.builders import a_shopper
from tests.server.postgres import free_port
from tests.server.stocked import a_small_store, an_empty_store


@pytest.fixture
def copied(tmp_path: Path) -> Iterator[tuple[Database, str]]:
    """Yield a database with a copy that lags: somebody is here who is not there yet."""
    here, there = a_small_store(tmp_path / "here.db"), an_empty_store(tmp_path / "there.db")
    opened = Database(here, copy_url=there)
    yield opened, opened.write(a_shopper)
    opened.close()


def test_a_late_read_sees_the_copy_and_any_other_sees_what_was_written(copied: tuple[Database, str]) -> None:
    database, customer_id = copied

    late = database.read_late(lambda work: work.customers.get(customer_id))
    now = database.read(lambda work: work.customers.get(customer_id))

    assert late is None
    assert now is not None


@pytest.mark.postgres
def test_the_database_itself_answers_when_its_copy_is_away(migrated_postgres_url: str) -> None:
    away = f"postgresql+psycopg://sesame@127.0.0.1:{free_port()}/nothing"
    database = Database(migrated_postgres_url, copy_url=away)
    try:
        assert database.read_late(lambda work: work.shelf.size()) == database.read(lambda work: work.shelf.size())
    finally:
        database.close()

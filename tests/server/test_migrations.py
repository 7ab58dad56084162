"""A database of an earlier release is brought up to date with what it holds."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from runpy import run_path

from sqlalchemy import inspect, text

from server.db.database import Database
from server.db.missing import shape
from server.db.schema import upgrade
from tests.conftest import ROOT
from tests.server.builders import NOON, stock_small_shop


def as_before(database: Database, *changes: str) -> None:
    """Take a database back to what an earlier release left."""
    with database.engine.begin() as connection:
        for change in changes:
            connection.execute(text(change))


def test_an_older_database_gets_what_it_lacks_when_a_server_starts(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    database = Database(url)
    database.write(stock_small_shop)
    as_before(
        database,
        "ALTER TABLE basket DROP COLUMN is_member",
        "DROP TABLE refund",
        "DROP TABLE closing",
        "UPDATE alembic_version SET version_num = '0001'",
    )

    upgrade(url)

    known = inspect(database.engine)
    assert "is_member" in {column["name"] for column in known.get_columns("basket")}
    assert {"refund", "closing"} <= set(known.get_table_names())
    assert database.read(lambda work: work.shelf.size()) == 7
    database.close()


def test_tries_are_counted_when_a_database_of_before_the_bounds_is_opened(database_url: str) -> None:
    database = Database(database_url)
    as_before(
        database,
        "DROP TABLE tried",
        "ALTER TABLE staff DROP COLUMN store_id",
        "ALTER TABLE session DROP COLUMN store_id",
        "UPDATE alembic_version SET version_num = '0005'",
    )

    assert upgrade(database_url) == "0008"

    span = timedelta(minutes=5)
    counted = database.write(lambda work: work.bounds.count(["key"], allowed=1, span=span, at=NOON))
    known = inspect(database.engine)
    added = {name: {column["name"] for column in known.get_columns(name)} for name in ("staff", "session")}
    database.close()
    assert counted is None
    assert all("store_id" in columns for columns in added.values())


def test_a_draw_is_kept_with_its_pieces_when_a_database_of_before_them_is_opened(database_url: str) -> None:
    database = Database(database_url)
    as_before(
        database,
        (
            "INSERT INTO basket_check (basket_id, store_id, chance_bp, roll, line_ids, outcome, drawn_at) "
            "VALUES ('old', 'demo', 1, 2, '[]', 'free', 0)"
        ),
        "ALTER TABLE basket_check DROP COLUMN pieces",
        "UPDATE alembic_version SET version_num = '0006'",
    )

    assert upgrade(database_url) == "0008"

    old = database.read(lambda work: work.checks.get("old"))
    assert old is not None
    new = replace(old, basket_id="new", pieces=12)
    database.write(lambda work: work.checks.put(new))
    kept = database.read(lambda work: work.checks.get("new"))
    database.close()
    assert (old.pieces, kept) == (0, new)


def test_tickets_bring_coupons_when_a_database_of_before_their_amount_is_opened(database_url: str) -> None:
    database = Database(database_url)
    as_before(
        database,
        "ALTER TABLE campaign DROP COLUMN ticket_from_minor",
        "DROP TABLE counter_code",
        "DROP INDEX ix_basket_unlooked",
        "CREATE INDEX ix_basket_unlooked ON basket (updated_at) WHERE state = 'abandoned'",
        "UPDATE alembic_version SET version_num = '0007'",
    )

    assert upgrade(database_url) == "0008"

    known = inspect(database.engine)
    looked = next(each for each in known.get_indexes("basket") if each["name"] == "ix_basket_unlooked")
    there = known.get_table_names()
    found = database.read(lambda work: work.campaigns.on_ticket("demo", at=NOON))
    database.close()
    assert found == []
    assert "counter_code" in there
    assert "suspended" in str(next(iter(looked["dialect_options"].values())))


def test_the_newest_migration_knows_the_tables_when_they_were_changed() -> None:
    newest = max((ROOT / "server/db/migrations/versions").glob("0*.py"))

    assert run_path(str(newest))["SHAPE"] == shape(), "write a migration for what was changed, with this SHAPE"


def test_nothing_is_written_and_the_migrations_stay_unread_when_a_database_is_as_it_should_be(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    before = (tmp_path / "store.db").stat().st_mtime_ns
    looks = (
        "import sys; from server.db.schema import upgrade; "
        f"print(upgrade({url!r}), sorted({{'alembic', 'mako'}} & sys.modules.keys()))"
    )

    told = subprocess.run([sys.executable, "-c", looks], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout == "0008 []\n"
    assert (tmp_path / "store.db").stat().st_mtime_ns == before


def test_kiosks_lose_their_tokens_when_a_database_of_before_the_keys_is_opened(database_url: str) -> None:
    database = Database(database_url)
    as_before(
        database,
        "DROP TABLE kiosk",
        (
            "CREATE TABLE kiosk (kiosk_id VARCHAR(64) NOT NULL, store_id VARCHAR(64) NOT NULL, name TEXT NOT NULL, "
            "kind VARCHAR(16) DEFAULT 'kiosk' NOT NULL, token_hash VARCHAR(64) NOT NULL, state JSON, "
            "last_seen_at BIGINT, revoked_at BIGINT, CONSTRAINT pk_kiosk PRIMARY KEY (kiosk_id), "
            "CONSTRAINT uq_kiosk_token_hash UNIQUE (token_hash))"
        ),
        "INSERT INTO kiosk (kiosk_id, store_id, name, token_hash) VALUES ('old', 'demo', 'Old', 'hash')",
        "UPDATE alembic_version SET version_num = '0003'",
    )

    upgrade(database_url)
    database.write(stock_small_shop)

    known = {column["name"] for column in inspect(database.engine).get_columns("kiosk")}
    old = database.read(lambda work: work.devices.get("old"))
    database.close()
    assert "token_hash" not in known
    assert old is not None
    assert old.public_key is None

"""Bring a database to the newest schema, with Alembic's numbered migrations."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, column, inspect, select, table

from server.db.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"
_version = table("alembic_version", column("version_num"))


def upgrade(url: str) -> str:
    """Apply what is missing and return the newest revision. Safe to call at each start.

    Where nothing is missing, as at nearly every start, Alembic is not even loaded: 10 MB and a third of a second.
    """
    newest = max(file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py"))
    engine = open_engine(url)
    try:
        if _revision(engine) != newest:
            _migrate(engine)
    finally:
        engine.dispose()
    return newest


def _revision(engine: Engine) -> str | None:
    """Return where a database stands; None before its first migration."""
    options: dict[str, Any] = {"read_only": True} if engine.dialect.name == "sqlite" else {}
    with engine.connect().execution_options(**options) as connection:
        if not inspect(connection).has_table(_version.name):
            return None
        return connection.execute(select(_version.c.version_num)).scalar_one_or_none()


def _migrate(engine: Engine) -> None:
    from alembic import command  # noqa: PLC0415 - see `upgrade`
    from alembic.config import Config  # noqa: PLC0415 - likewise

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

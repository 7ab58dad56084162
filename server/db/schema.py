"""Bring a database to the newest schema, with Alembic's numbered migrations."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from server.db.engine import open_engine

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str) -> str:
    """Apply what is missing and return the newest revision. Safe to call at each start."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = open_engine(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
    return ScriptDirectory.from_config(config).get_current_head() or "nothing"

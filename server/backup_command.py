"""Copy the store's memory while it serves, and put a copy back; what was copied is verified before it counts.

SQLite copies itself page by page while others read and write. PostgreSQL has programs of its own for this, which know
more than we do: the commands are printed. Keys are copied apart, since a backup with its keys tells phone numbers.
"""

import argparse
import shutil
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from server.db.database import Database
from server.db.schema import upgrade
from server.db.turns import SUFFIX
from server.flows.ports import Report
from server.settings import Settings

KEYS = ("pepper.key", "signing.key")
PAGES_AT_ONCE = 1_000
"""Copied between two breaths, so that a sale never waits long."""
WITH_POSTGRES = """PostgreSQL copies itself with its own programs:
  pg_dump --format=custom --file=store.dump "$SESAME_DATABASE"        a copy of the moment
  pg_restore --clean --if-exists --dbname="$SESAME_DATABASE" store.dump   put it back
  python -m server verify                                             check the books afterwards
For a copy that is never more than seconds old, archive its log (pg_basebackup, archive_command)."""


def add_commands(
    command: Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser],
) -> None:
    """Add `backup` and `restore` to the server's commands."""
    save = command("backup", backup, "copy the store's memory while it serves, and verify the copy")
    save.add_argument("--out", type=Path, required=True, help="the file for the copy")
    save.add_argument("--keys", type=Path, help="a folder for copies of the keys; keep it apart from the other")
    back = command("restore", restore, "put a copy in the place of the store's memory; stop the server first")
    back.add_argument("--from", dest="source", type=Path, required=True, help="a file that backup has made")


def backup(settings: Settings, asked: argparse.Namespace) -> int:
    """Copy the database and, apart, the keys."""
    held = _file_of(settings)
    if held is None:
        print(WITH_POSTGRES)
        return 2
    if not held.is_file():
        return _refuse(f"There is no database at {held.name}.")
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    fresh: Path = asked.out.with_name(f"{asked.out.name}.part")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(held)) as source, closing(sqlite3.connect(fresh)) as copy:
        source.backup(copy, pages=PAGES_AT_ONCE)
    fresh.chmod(0o600)
    report = _check(fresh)
    if not report.holds:
        return _refuse(f"The copy does not hold and was left as {fresh.name}: {report}")
    fresh.replace(asked.out)
    if asked.keys is not None:
        _copy_keys(settings.var_dir, asked.keys)
    print(f"{asked.out.name}: {report}")
    return 0


def restore(settings: Settings, asked: argparse.Namespace) -> int:
    """Put a copy in place; what was there is kept beside it under the time of now."""
    held = _file_of(settings)
    if held is None:
        print(WITH_POSTGRES)
        return 2
    if not asked.source.is_file():
        return _refuse(f"There is no file {asked.source.name}.")
    held.parent.mkdir(parents=True, exist_ok=True)
    fresh = held.with_name(f"{held.name}.part")
    shutil.copyfile(asked.source, fresh)
    fresh.chmod(0o600)
    try:
        report = _check(fresh)
    except sqlite3.DatabaseError as error:
        fresh.unlink()
        return _refuse(f"{asked.source.name} is no copy of a store: {error}")
    if not report.holds:
        fresh.unlink()
        return _refuse(f"{asked.source.name} does not hold: {report}")
    if held.exists():
        aside = held.with_name(f"{held.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
        for part in ("", "-wal", "-shm"):
            old = held.with_name(held.name + part)
            if old.exists():
                old.replace(aside.with_name(aside.name + part))
        print(f"what was there is kept as {aside.name}")
    fresh.replace(held)
    print(f"{held.name} is back: {report}")
    return 0


def _file_of(settings: Settings) -> Path | None:
    url = make_url(settings.database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


def _check(file: Path) -> Report:
    """Verify the books of a copy.

    Raises:
        sqlite3.DatabaseError: It is no database, or damaged.
    """
    with closing(sqlite3.connect(file)) as opened:
        (word,) = opened.execute("PRAGMA integrity_check").fetchone()
        if word != "ok":
            raise sqlite3.DatabaseError(word)
    url = f"sqlite:///{file}"
    upgrade(url)
    database = Database(url)
    try:
        return database.read(lambda work: work.ledger.verify())
    finally:
        database.scrub()
        database.close()
        for part in ("-wal", "-shm", SUFFIX):
            file.with_name(file.name + part).unlink(missing_ok=True)


def _copy_keys(var_dir: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in KEYS:
        if (var_dir / name).exists():
            target = folder / name
            target.touch(0o600)
            target.write_bytes((var_dir / name).read_bytes())


def _refuse(words: str) -> int:
    print(words, file=sys.stderr)
    return 1

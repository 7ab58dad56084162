"""`python -m server import-promotions`: read the offers of the shop from a file, all of them or none."""

import argparse
import json
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from checkout.promotion_rows import read_promotions
from server.db.database import Database
from server.db.schema import upgrade
from server.flows.ports import Work
from server.settings import Settings

READ, FAULTY = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command may be told."""
    parser.add_argument("file", type=Path, help="JSON: a list of promotions; TOML: [[promotion]] tables")
    parser.add_argument("--dry-run", action="store_true", help="read and report, change nothing")


def run_promotions(settings: Settings, asked: argparse.Namespace) -> int:
    """Replace the offers of the shop by those of a file, or name every fault in it and change nothing."""
    try:
        rows = rows_of(asked.file)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{asked.file.name} cannot be read: {error}\n")
        return FAULTY
    promotions, faults = read_promotions(rows)
    if faults:
        told = [f"{fault.rule}: {fault.field}: {fault.message}: {fault.fix}" for fault in faults]
        sys.stderr.write("\n".join([*told, f"{len(faults)} faults; nothing was changed\n"]))
        return FAULTY
    if asked.dry_run:
        sys.stdout.write(f"{len(promotions)} promotions are sound; nothing was changed\n")
        return READ
    written = json.loads(json.dumps(rows, default=datetime.isoformat))  # a TOML moment is kept as text

    def put(work: Work) -> None:
        work.shelf.put_promotions(written)
        work.events.tell(settings.store_id, "catalogue.changed", {"import_id": None}, at=datetime.now(UTC))

    upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        database.write(put)
    finally:
        database.close()
    sys.stdout.write(f"{len(promotions)} promotions hold from now on\n")
    return READ


def rows_of(file: Path) -> list[object]:
    """Return the rows of a file, unchecked.

    Raises:
        OSError: It cannot be opened.
        ValueError: It is no JSON list and no TOML with ``[[promotion]]`` tables.
    """
    text = file.read_text("utf-8")
    rows = tomllib.loads(text).get("promotion") if file.suffix == ".toml" else json.loads(text)
    if not isinstance(rows, list):
        raise ValueError("write a JSON list, or TOML with [[promotion]] tables")  # noqa: TRY004 - wrong text, no bug
    return rows

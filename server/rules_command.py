"""`python -m server store-rules`: show what the store set for itself, or set it anew from a file."""

import argparse
import json
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from checkout import StoreRules, read_store_rules
from server.db.database import Database
from server.db.schema import upgrade
from server.flows.ports import Work
from server.settings import Settings

DONE, FAULTY = 0, 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command may be told."""
    parser.add_argument("file", type=Path, nargs="?", help="JSON as this command shows it; without it nothing is set")
    parser.add_argument("--dry-run", action="store_true", help="read and report, change nothing")


def run_rules(settings: Settings, asked: argparse.Namespace) -> int:
    """Show the rules of the store, or replace them by those of a file; name every fault in it and change nothing."""
    rules = None
    if asked.file is not None:
        try:
            rules, faults = read_store_rules(json.loads(asked.file.read_text("utf-8")))
        except (OSError, ValueError) as error:
            sys.stderr.write(f"{asked.file.name} cannot be read: {error}\n")
            return FAULTY
        if faults:
            told = [f"{fault.field or 'the file'}: {fault.message}: {fault.fix}" for fault in faults]
            sys.stderr.write("\n".join([*told, f"{len(faults)} faults; nothing was changed\n"]))
            return FAULTY
        if asked.dry_run:
            sys.stdout.write("the rules are sound; nothing was changed\n")
            return DONE
    upgrade(settings.database_url)
    database = Database(settings.database_url)
    try:
        now = database.write(partial(_rules_now, settings.store_id, rules, datetime.now(UTC)))
    finally:
        database.close()
    if now is None:
        sys.stderr.write(f"There is no store {settings.store_id!r} yet. Fill it first: python -m server demo-data\n")
        return FAULTY
    sys.stdout.write(json.dumps(now.as_json(), indent=2) + "\n")
    return DONE


def _rules_now(store_id: str, rules: StoreRules | None, at: datetime, work: Work) -> StoreRules | None:
    if rules is None:
        row = work.shelf.store(store_id)
        return None if row is None else row.rules
    if not work.shelf.put_rules(store_id, rules):
        return None
    work.events.tell(store_id, "store.changed", {}, at=at)
    return rules

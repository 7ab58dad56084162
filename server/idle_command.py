"""`python -m server idle-accounts`: count what nobody has used for years, and with `--close` do a round."""

import argparse
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from server.db.database import Database
from server.db.schema import upgrade
from server.flows.idle_accounts import close_idle
from server.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what the command may be told."""
    parser.add_argument("--close", action="store_true", help="give notices and close what was given one a month ago")


def run_idle(settings: Settings, asked: argparse.Namespace) -> int:
    """Say how much lies idle; an account with money in it is never closed."""
    upgrade(settings.database_url)
    database, at = Database(settings.database_url), datetime.now(UTC)
    before = at - timedelta(days=settings.account_idle_days)
    try:
        if asked.close:
            done = database.write(
                lambda work: close_idle(work, before, store_id=settings.store_id, at=at, new_id=lambda: str(uuid4()))
            )
            sys.stdout.write(f"notices given: {done.told}, taken back: {done.kept}, accounts closed: {done.closed}\n")
            database.scrub()
        idle = database.read(lambda work: work.idle_accounts.count(before))
    finally:
        database.close()
    sys.stdout.write(
        f"not used for {settings.account_idle_days} days: {idle.empty} without money, "
        f"{idle.with_money} with {idle.money_minor} minor units in all\n"
    )
    return 0

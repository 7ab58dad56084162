"""Let the first people in: `python -m server add-staff LOGIN NAME --role admin`; they add the others on the pages."""

import argparse
import sys
from datetime import UTC, datetime
from typing import get_args

from server.api.routes.crew import Role
from server.db.database import Database
from server.db.schema import upgrade
from server.flows.coupon_codes import new_coupon_code
from server.flows.crew import add_member
from server.flows.errors import FlowError
from server.flows.pins import Secrets
from server.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is asked for."""
    parser.add_argument("login", help="what they type, such as amal")
    parser.add_argument("name", help="what others call them")
    parser.add_argument("--role", action="append", required=True, choices=get_args(Role), help="once for each role")


def add_staff(settings: Settings, asked: argparse.Namespace) -> int:
    """Add somebody who works here and tell the password, once."""
    upgrade(settings.database_url)
    database, password = Database(settings.database_url), new_coupon_code().lower()
    hashed = Secrets().hasher.hash(password)
    roles, at = tuple(asked.role), datetime.now(UTC)
    try:
        database.write(
            lambda work: add_member(
                work, asked.login, asked.name, roles, hashed, store_id=settings.store_id, by="command line", at=at
            )
        )
    except FlowError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        database.close()
    print(f"{asked.login} may sign in with this password and then adds a second factor: {password}")
    return 0

"""Ask a real server whatever its description allows, and what it does not, as somebody; with schemathesis."""

import re
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from server.db.database import Database
from server.flows.ports import Report, Work
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from tests.server.builders import KIOSK_TOKEN, NOON, a_shopper
from tests.server.processes import Server
from tests.server.stocked import a_small_store

FOREVER = NOON.replace(year=NOON.year + 50)
STAFF = (
    "staff_assist",
    "staff_manager",
    "marketer",
    "marketing_lead",
    "finance",
    "sponsor_admin",
    "merchant_owner",
    "admin",
)
SENDERS = {"kiosk": KIOSK_TOKEN, "staff": "staff-token", "shopper": "shopper-token", "guest": None}
CHECKS = [
    "--checks=all",
    # A rule of the shop refuses what no schema can tell apart: a PIN in a row, a coupon that is over, a check digit.
    # And what hangs on a new thing need not be there with it: a basket's payment is not found before somebody has paid.
    "--exclude-checks=positive_data_acceptance,ensure_resource_availability",
    "--exclude-path-regex=/events$",  # it never ends
]
CALM = ["--no-color", "--warnings=off", "--generation-database=none", "--no-shrink", "--continue-on-failure"]


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """What came of it.

    Attributes:
        told: The program's own words.
        log: The end of the server's.
        operations: How many addresses were asked.
        cases: How many requests were made up.
    """

    is_clean: bool
    told: str
    log: str
    operations: int
    cases: int
    books: Report


def fuzz(folder: Path, who: str, extent: list[str], *, seconds: int) -> Fuzzed:
    """Ask as a kiosk, as staff of every role, as a shopper with money, or without a token.

    Args:
        folder: For the store.
        who: One of `SENDERS`.
        extent: How much is asked, as the program takes it.
        seconds: When it must be over, whatever happens.
    """
    url = a_small_store(folder / "store.db")
    database = Database(url)
    customer_id = database.write(lambda work: a_shopper(work, balance_minor=10_000))
    for kind, subject, roles in (("staff", "amal", STAFF), ("shopper", customer_id, ())):
        session = Session(kind, subject, roles, FOREVER, f"session-{kind}", NOON, store_id="demo" if roles else "")
        database.write(partial(_let_in, f"{kind}-token", session))
    server = Server(url, folder)
    token = SENDERS[who]
    program = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{server.base}/openapi.json"]
    sender = [] if token is None else ["-H", f"Authorization: Bearer {token}"]
    try:
        done = subprocess.run(
            [*program, *CHECKS, *CALM, *sender, *extent],
            capture_output=True,
            text=True,
            cwd=folder,
            timeout=seconds,
            check=False,
        )
    finally:
        server.kill()
        books = database.read(lambda work: work.ledger.verify())
        database.close()
    tested, cases = (re.search(pattern, done.stdout) for pattern in (r"Tested: +([0-9]+)", r"([0-9]+) generated"))
    return Fuzzed(
        is_clean=done.returncode == 0,
        told=done.stdout[-8000:] + done.stderr[-1000:],
        log=(folder / "server.log").read_text()[-2000:],
        operations=int(tested[1]) if tested else 0,
        cases=int(cases[1]) if cases else 0,
        books=books,
    )


def _let_in(token: str, session: Session, work: Work) -> None:
    work.sessions.open(token_hash(token), session)

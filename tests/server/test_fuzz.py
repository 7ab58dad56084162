"""Requests that nobody would send: whatever comes in, the store never breaks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from server.db.database import Database
from server.db.schema import upgrade
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from tests.server.builders import KIOSK_TOKEN, NOON, stock_small_shop
from tests.server.processes import Server

SECONDS = 15
SHOPPER_TOKEN = "shopper-token-of-the-tests"
STAFF_TOKEN = "staff-token-of-the-tests"


@pytest.mark.parametrize("token", [KIOSK_TOKEN, STAFF_TOKEN])
def test_no_request_breaks_the_store_when_they_are_drawn_at_random(tmp_path: Path, token: str) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    upgrade(url)
    database = Database(url)
    database.write(stock_small_shop)
    session = Session("staff", "amal", ("staff_assist", "staff_manager", "marketer"), NOON.replace(year=NOON.year + 50))
    database.write(lambda work: work.sessions.open(token_hash(STAFF_TOKEN), session))
    server = Server(url, tmp_path)
    program = [str(Path(sys.executable).with_name("schemathesis"))]
    schema = f"{server.base}/openapi.json"
    choices = ["--checks", "not_a_server_error", "--max-time", str(SECONDS), "--exclude-path-regex", "/events$"]
    calm = ["--no-color", "--warnings", "off", "--generation-database", "none", "--no-shrink", "--continue-on-failure"]
    headers = ["-H", f"Authorization: Bearer {token}"]

    try:
        done = subprocess.run(
            [*program, "run", schema, *choices, *calm, *headers],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=180,
            check=False,
        )
    finally:
        server.kill()
        report = database.read(lambda work: work.ledger.verify())
        database.close()

    assert done.returncode == 0, done.stdout[-6000:] + (tmp_path / "server.log").read_text()[-4000:]
    tested = re.search(r"Tested: +([0-9]+)", done.stdout)
    assert tested is not None
    assert int(tested[1]) > 40, done.stdout[-2000:]
    assert report.holds, str(report)

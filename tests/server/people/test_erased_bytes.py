"""What was erased stands in no file, and what was measured of a face goes with it."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from server.db.database import Database
from server.db.schema import upgrade
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.forget import erase
from server.flows.ports import Work
from server.flows.ports.people import Consent, Reference
from server.flows.ports.proofs import Authentication
from server.settings import Settings
from tests.server.builders import KIOSK, NOON, a_shopper, an_id, stock_small_shop

SEALED = b"SEALED-TEMPLATE-" + bytes(range(256)) * 8


def files_with_it(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if SEALED[:60] in each.read_bytes()]


def a_face_and_its_use(work: Work) -> str:
    stock_small_shop(work)
    customer_id = a_shopper(work)
    work.consents.give(Consent(an_id(), customer_id, FACE_PAYMENT, "v", "fr", "kiosk", NOON, None))
    work.references.add(Reference(an_id(), customer_id, "m", SEALED, 3, NOON, None))
    facts = (an_id(), customer_id, KIOSK.subject, an_id(), "d" * 64, 100, "Shop", ("face",))
    work.authentications.add(Authentication(*facts, {"score": 0.6}, None, None, NOON, NOON, NOON))
    return customer_id


def test_no_file_holds_a_face_when_it_was_erased(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/store.db"
    upgrade(url)
    database = Database(url)
    try:
        customer_id = database.write(a_face_and_its_use)
        database.scrub()
        assert files_with_it(tmp_path) == ["store.db"]

        database.write(lambda work: erase(work, customer_id, erasure_id=an_id(), store_id="demo", at=NOON))
        database.scrub()

        assert files_with_it(tmp_path) == []
        (used,) = database.read(lambda work: work.authentications.of_customer(customer_id))
        assert (used.evidence, used.factors) == (None, ("face",))
    finally:
        database.close()


def test_the_log_is_scrubbed_when_somebody_else_has_just_carried_it_into_the_file(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/store.db")
    try:
        database.write(lambda work: work.connection.exec_driver_sql("CREATE TABLE erased (name TEXT)"))
        # Another process holds SQLite's lock of those who carry: byte 121 of the log's index.
        holds = (
            "import fcntl, sys; f = open(sys.argv[1], 'r+b'); fcntl.lockf(f, fcntl.LOCK_EX, 1, 121); print(); input()"
        )
        command = [sys.executable, "-c", holds, f"{tmp_path}/store.db-shm"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdin is not None
            assert other.stdout is not None
            other.stdout.readline()
            with database.engine.connect() as connection:
                asked = connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
                assert asked.fetchone()[0] == 1  # it is refused at once
            scrubs = threading.Thread(target=database.scrub)
            scrubs.start()
            other.stdin.close()
            scrubs.join()

        assert (tmp_path / "store.db-wal").stat().st_size == 0
    finally:
        database.close()


def test_a_server_does_not_start_when_it_would_keep_faces_longer_than_the_consent_says() -> None:
    with pytest.raises(ValidationError):
        Settings(retention_days=366)

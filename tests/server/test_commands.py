"""The commands that a person types."""

from pathlib import Path

import pytest

from server.__main__ import main
from server.db.database import Database
from server.flows.tokens import token_hash
from tests.server.builders import NOON


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a database that is not there yet, in a folder that the commands are told of."""
    found = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("SESAME_SERVER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_SERVER_DATABASE_URL", found)
    return found


def test_second_time_changes_nothing_when_the_demo_is_filled_twice(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo-data"]) == 0
    first, logins = capsys.readouterr().out, (tmp_path / "demo-logins.txt").read_text()

    assert main(["demo-data"]) == 0

    assert "amal" in first
    assert "amal" not in capsys.readouterr().out
    assert (tmp_path / "demo-logins.txt").read_text() == logins
    database = Database(url)
    assert database.read(lambda work: work.shelf.size()) >= 4
    database.close()


def test_token_opens_the_door_and_is_private_when_a_kiosk_is_paired(url: str, tmp_path: Path) -> None:
    assert main(["pair-kiosk", "Caisse É 1", "--out", str(tmp_path / "keys" / "token")]) == 0

    file = tmp_path / "keys" / "token"
    database = Database(url)
    caller = database.read(lambda work: work.callers.by_token(token_hash(file.read_text().strip()), at=NOON))
    database.close()
    assert caller is not None
    assert (caller.kind, caller.subject, caller.store_id) == ("kiosk", "caisse-e-1", "demo")
    assert file.stat().st_mode & 0o077 == 0


def test_verify_says_that_the_ledger_holds_when_it_does(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["demo-data"])

    assert main(["verify", "--database", url]) == 0

    assert "the chain is whole" in capsys.readouterr().out


def test_server_does_not_start_when_the_store_was_never_filled(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--database", url]) == 1

    assert "demo-data" in capsys.readouterr().err

"""The commands that a person types."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.__main__ import main
from server.db.database import Database
from server.flows.shop import open_shop
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


SOUND = """[[promotion]]
id = "week-end"
label = { fr = "Fin de semaine", en = "Week-end", zh = "周末" }
starts_at = 2026-03-06T00:00:00+01:00
benefit = { kind = "basket_cut", cut = "percent", value = 500 }
"""


def offers_of(url: str) -> list[str]:
    database = Database(url)
    found = database.read(lambda work: [body["id"] for body in work.shelf.promotions()])
    database.close()
    return found


def test_offers_are_replaced_when_their_file_is_sound(url: str, tmp_path: Path) -> None:
    main(["demo-data"])
    file = tmp_path / "offers.toml"
    file.write_text(SOUND)

    assert main(["import-promotions", str(file), "--dry-run"]) == 0
    assert "week-end" not in offers_of(url)
    assert main(["import-promotions", str(file)]) == 0

    assert offers_of(url) == ["week-end"]
    database = Database(url)
    (offer,) = database.read(lambda work: open_shop(work, "demo")).promotions
    database.close()
    assert offer.window.starts_at == datetime(2026, 3, 5, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("offers.toml", SOUND.replace("value", "vale"), "week-end: benefit.vale: no such field"),
        ("offers.toml", "promotion = [", "cannot be read"),
        ("offers.json", "{}", "write a JSON list"),
    ],
)
def test_no_offer_changes_when_their_file_has_a_fault(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    main(["demo-data"])
    before = offers_of(url)
    file = tmp_path / name
    file.write_text(text)

    assert main(["import-promotions", str(file)]) == 1

    assert told in capsys.readouterr().err
    assert offers_of(url) == before


def test_server_names_field_and_way_out_when_a_stored_offer_is_broken(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["demo-data"])
    database = Database(url)
    database.write(lambda work: work.shelf.put_promotions([{"id": "odd", "benefit": {"kind": "gift"}}]))
    database.close()

    assert main(["run"]) == 1

    told = capsys.readouterr().err
    assert "'odd'" in told
    assert "import-promotions" in told

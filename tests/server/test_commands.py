"""The commands that a person types."""

import os
import shutil
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from kiosk.__main__ import main as kiosk_main
from kiosk.adapters.http_shop import open_client
from kiosk.adapters.pairing import read_identity
from kiosk.adapters.sign_in import SignIn
from scripts.demo import prepare
from server.__main__ import main
from server.db.database import Database
from server.db.engine import open_engine
from server.db.schema import upgrade
from server.flows.ports.proofs import StaffMember
from server.flows.shop import open_shop
from tests.server.processes import Server


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a database that is not there yet, in a folder that the commands are told of."""
    found = f"sqlite:///{tmp_path / 'store.db'}"
    monkeypatch.setenv("SESAME_SERVER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_SERVER_DATABASE_URL", found)
    return found


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a demonstration that was filled once for all."""
    folder = tmp_path_factory.mktemp("demonstration")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SESAME_SERVER_VAR_DIR", str(folder))
        patch.setenv("SESAME_SERVER_DATABASE_URL", f"sqlite:///{folder / 'store.db'}")
        assert main(["demo-data"]) == 0
    return folder


@pytest.fixture
def demo_url(url: str, filled: Path, tmp_path: Path) -> str:
    """Return the URL of a database with the demonstration in it, in the folder that the commands are told of."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return url


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


def test_a_login_stays_on_the_list_when_a_later_release_brings_another(url: str, tmp_path: Path) -> None:
    upgrade(url)
    database = Database(url)
    database.write(lambda work: work.staff.put(StaffMember("zoe", "Zoé", "-", ("staff_assist",), "")))
    database.close()
    path = tmp_path / "demo-logins.txt"
    gone = "Amal (attendant)   amal   word-of-a-store-that-is-gone\nTom (attendant)   tom   word-of-nobody\n"
    path.write_text(f"Zoé (attendant)   zoe   kept-word\n\nnotes\n{gone}")

    assert main(["demo-data"]) == 0

    rows = [line.split()[-2:] for line in path.read_text().splitlines()]
    assert ["zoe", "kept-word"] in rows
    assert [login for login, _ in rows].count("amal") == 1
    assert not {"word-of-a-store-that-is-gone", "word-of-nobody"} & {word for _, word in rows}
    assert path.stat().st_mode & 0o777 == 0o600


def test_logins_are_left_to_the_announcement_when_the_demo_stocks_its_store(
    url: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    prepare({**os.environ, "SESAME_SERVER_DATABASE_URL": url, "SESAME_SERVER_VAR_DIR": str(tmp_path)})

    assert "amal" in (tmp_path / "demo-logins.txt").read_text()
    assert "amal" not in capfd.readouterr().out


def test_a_kiosk_is_let_in_and_shut_out_when_it_is_paired_and_revoked(
    demo_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["pair-kiosk", "Caisse É 1", "--out", str(tmp_path / "code")]) == 0
    server = Server(demo_url, tmp_path)
    monkeypatch.setenv("SESAME_KIOSK_SERVER_URL", server.base)
    monkeypatch.setenv("SESAME_KIOSK_IDENTITY_FILE", str(tmp_path / "kiosk" / "identity.json"))
    code = (tmp_path / "code").read_text().strip()

    try:
        assert kiosk_main(["pair", code]) == 0
        with open_client(server.base, SignIn(read_identity(tmp_path / "kiosk" / "identity.json"))) as client:
            let_in = client.get("/v1/kiosks/me")
            assert main(["revoke", "caisse-e-1"]) == 0
            shut_out = client.get("/v1/kiosks/me")
    finally:
        server.kill()

    who = {"kiosk_id": "caisse-e-1", "name": "Caisse É 1", "store_id": "demo", "paused": False}
    assert {name: let_in.json()[name] for name in who} == who
    assert (shut_out.status_code, shut_out.json()["code"]) == (403, "kiosk_revoked")
    assert (tmp_path / "code").stat().st_mode & 0o077 == 0


def test_no_code_is_made_when_a_name_has_no_latin_letter(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pair-kiosk", "收银台", "--database", url]) == 2

    assert "Latin" in capsys.readouterr().err


def test_verify_says_that_the_ledger_holds_when_it_does(demo_url: str, capsys: pytest.CaptureFixture[str]) -> None:

    assert main(["verify", "--database", demo_url]) == 0

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


def test_offers_are_replaced_when_their_file_is_sound(demo_url: str, tmp_path: Path) -> None:
    file = tmp_path / "offers.toml"
    file.write_text(SOUND)

    assert main(["import-promotions", str(file), "--dry-run"]) == 0
    assert "week-end" not in offers_of(demo_url)
    assert main(["import-promotions", str(file)]) == 0

    assert offers_of(demo_url) == ["week-end"]
    database = Database(demo_url)
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
    demo_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str, told: str
) -> None:
    before = offers_of(demo_url)
    file = tmp_path / name
    file.write_text(text)

    assert main(["import-promotions", str(file)]) == 1

    assert told in capsys.readouterr().err
    assert offers_of(demo_url) == before


def test_server_names_field_and_way_out_when_a_stored_offer_is_broken(
    demo_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    database = Database(demo_url)
    database.write(lambda work: work.shelf.put_promotions([{"id": "odd", "benefit": {"kind": "gift"}}]))
    database.close()

    assert main(["run"]) == 1

    told = capsys.readouterr().err
    assert "'odd'" in told
    assert "import-promotions" in told


def test_command_says_so_and_changes_nothing_when_another_write_takes_too_long(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    upgrade(url)
    holder = open_engine(url)
    monkeypatch.setattr("server.db.database.open_engine", partial(open_engine, turn_seconds=0.1))

    with holder.begin():
        code = main(["demo-data"])
    holder.dispose()

    assert code == 1
    assert "Another write takes longer" in capsys.readouterr().err
    assert not (tmp_path / "demo-logins.txt").exists()

"""A copy of the store's memory is whole, is verified, and comes back without losing what was there."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.__main__ import main
from server.db.database import Database
from server.flows.shop import open_shop
from server.keys import load_pepper, load_signing_key
from tests.server.builders import a_shopper
from tests.server.stocked import a_small_store


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a store in which one shopper has money."""
    file = tmp_path / "store.db"
    monkeypatch.setenv("SESAME_SERVER_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_SERVER_DATABASE_URL", f"sqlite:///{file}")
    database = Database(a_small_store(file))
    database.write(lambda work: a_shopper(work, balance_minor=5_000))
    database.close()
    load_pepper(tmp_path)
    load_signing_key(tmp_path)
    return file


def transfers(file: Path) -> int:
    database = Database(f"sqlite:///{file}")
    found = database.read(lambda work: sum(1 for _ in work.ledger.chain()))
    database.close()
    return found


def test_the_copy_is_whole_when_the_store_is_written_meanwhile(store: Path, tmp_path: Path) -> None:
    database = Database(f"sqlite:///{store}")
    shop = database.read(lambda work: open_shop(work, "demo"))
    database.write(lambda work: a_shopper(work, balance_minor=1_000))  # still in the log of the open database

    assert main(["backup", "--out", str(tmp_path / "safe" / "copy.db"), "--keys", str(tmp_path / "keys")]) == 0

    database.write(lambda work: a_shopper(work, balance_minor=1_000))
    database.close()
    assert shop.store_id == "demo"
    assert (transfers(tmp_path / "safe" / "copy.db"), transfers(store)) == (2, 3)
    assert (tmp_path / "safe" / "copy.db").stat().st_mode & 0o077 == 0
    assert (tmp_path / "keys" / "pepper.key").read_bytes() == load_pepper(tmp_path)
    assert [path.name for path in (tmp_path / "safe").iterdir() if "part" in path.name] == []


def test_the_memory_of_then_is_back_when_a_copy_is_restored(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy.db"
    main(["backup", "--out", str(copy)])
    database = Database(f"sqlite:///{store}")
    database.write(lambda work: a_shopper(work, balance_minor=1_000))
    database.close()

    assert main(["restore", "--from", str(copy)]) == 0

    assert transfers(store) == 1
    (aside,) = [path for path in tmp_path.glob("store.db.before-*") if not path.name.endswith(("-wal", "-shm"))]
    assert transfers(aside) == 2
    assert "the chain is whole" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["nonsense", "forged", "missing"])
def test_nothing_is_replaced_when_a_copy_does_not_hold(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: str
) -> None:
    copy = tmp_path / "copy.db"
    main(["backup", "--out", str(copy)])
    if damage == "nonsense":
        copy.write_bytes(b"no database at all" * 300)
    elif damage == "missing":
        copy.unlink()
    else:
        with closing(sqlite3.connect(copy)) as opened, opened:
            opened.execute("UPDATE posting SET amount_minor = amount_minor + 1")
    before = store.read_bytes()
    capsys.readouterr()

    assert main(["restore", "--from", str(copy)]) == 1

    assert store.read_bytes() == before
    assert "copy.db" in capsys.readouterr().err


def test_the_way_is_told_when_the_memory_is_postgresql(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:9/none"

    assert main(["backup", "--database", url, "--out", str(tmp_path / "copy")]) == 2

    assert "pg_dump" in capsys.readouterr().out

"""``python -m kiosk setup``, from a camera that sees a manager's screen to the files on disk."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from kiosk.__main__ import main
from kiosk.offline.catalogue import CatalogueFile
from kiosk.settings import read_settings
from kiosk.setup.pairing_code import PREFIX, code_before
from tests.kiosk.builders import an_identity
from tests.kiosk.serving import serving
from tests.kiosk.test_app import a_store_server


@pytest.fixture
def screen(tmp_path: Path) -> Path:
    """Return a folder with one picture: a manager's screen that shows a pairing code."""
    folder = tmp_path / "screen"
    folder.mkdir()
    bars = [
        [255 * (not dark) for dark in row] for row in segno.make(f"{PREFIX}7KQ2-9DXM", micro=False).matrix_iter(8, 4)
    ]
    picture = np.full((720, 1280), 200, np.uint8)
    code = np.array(bars, np.uint8)
    picture[100 : 100 + code.shape[0], 300 : 300 + code.shape[1]] = code
    cv2.imwrite(str(folder / "one.png"), picture)
    return folder


def test_the_pairing_code_is_read_off_a_managers_screen(screen: Path) -> None:
    assert code_before(f"folder:{screen}?hold_ms=10", seconds=20) == "7KQ2-9DXM"


def test_no_code_is_found_when_the_camera_sees_none(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    assert code_before(f"folder:{empty}?hold_ms=10", seconds=0.3) is None


def test_a_paired_kiosk_gets_its_report_and_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    app = a_store_server()
    app.get("/health")(lambda: {"ok": True})
    with serving(app) as address:
        for name, value in {
            "SERVER_URL": f"http://{address}",
            "IDENTITY_FILE": str(an_identity(tmp_path)),
            "VAR_DIR": str(tmp_path / "var"),
            "SCAN_CAMERA": "none",
            "FACE_CAMERA": "none",
            "PRINTER": "file:/dev/no-such-printer",
        }.items():
            monkeypatch.setenv(f"SESAME_KIOSK_{name}", value)
        ended = main(["setup", "--write", str(tmp_path / "out")])

    told = capsys.readouterr().out
    rows = {row.split()[1]: row.split()[0] for row in told.splitlines() if row.split()[0] in {"right", "mend", "none"}}
    assert (rows["server"], rows["pairing"], rows["printer"], rows["scale"]) == ("right", "right", "mend", "none")
    assert ended == 1
    assert read_settings(tmp_path / "out" / "kiosk.toml").printer == "file:/dev/no-such-printer"
    assert main(["setup", "--write", str(tmp_path / "out")]) == 2
    assert "--force" in capsys.readouterr().err


def test_setup_says_why_when_the_store_does_not_take_the_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SESAME_KIOSK_IDENTITY_FILE", str(tmp_path / "identity.json"))

    assert main(["setup", "--server-url", "http://127.0.0.1:9", "--code", "7KQ2-9DXM"]) == 1
    assert "No store answers" in capsys.readouterr().err


def test_a_wrong_setting_of_a_device_ends_the_start_with_an_example(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SESAME_KIOSK_IDENTITY_FILE", str(an_identity(tmp_path)))
    monkeypatch.setenv("SESAME_KIOSK_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_KIOSK_SCAN_CAMERA", "none")
    monkeypatch.setenv("SESAME_KIOSK_FACE_CAMERA", "none")
    monkeypatch.setenv("SESAME_KIOSK_PRINTER", "paper")

    assert main(["run"]) == 2
    assert "network:" in capsys.readouterr().err


@pytest.mark.parametrize("taken", [True, False])
def test_the_key_of_the_store_before_is_forgotten_when_a_new_store_takes_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, taken: bool
) -> None:
    app = FastAPI()
    paired = {"kiosk_id": "kiosk-1", "kind": "kiosk", "name": "Caisse 1", "store_id": "north"}
    refusal = {"code": "pairing_code_unknown", "detail": "No.", "hint": "Ask a manager."}
    app.post("/v1/kiosks:pair")(lambda: JSONResponse(paired if taken else refusal, 201 if taken else 404))
    before = Ed25519PrivateKey.generate().public_key()
    CatalogueFile(tmp_path).keep_key(before.public_bytes_raw())
    monkeypatch.setenv("SESAME_KIOSK_VAR_DIR", str(tmp_path))
    monkeypatch.setenv("SESAME_KIOSK_IDENTITY_FILE", str(tmp_path / "identity.json"))

    with serving(app) as address:
        monkeypatch.setenv("SESAME_KIOSK_SERVER_URL", f"http://{address}")
        ended = main(["pair", "7KQ2-9DXM"])

    assert (ended, CatalogueFile(tmp_path).key()) == ((0, None) if taken else (ended, before))

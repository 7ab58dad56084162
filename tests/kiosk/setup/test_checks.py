"""Each check says what is wrong, and what to do, with the real adapter behind it."""

import os
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.adapters.devices.printer import IDLE
from kiosk.settings import Settings
from kiosk.setup import checks
from kiosk.setup.report import Finding, Verdict, told
from tests.kiosk.serving import serving
from tests.kiosk.test_app import a_store_server
from vision.frame import Frame


def settings(tmp_path: Path, **chosen: object) -> Settings:
    facts = {"var_dir": tmp_path, "scan_camera": "none", "face_camera": "none", **chosen}
    return Settings(**facts)  # type: ignore[arg-type]  # a builder takes any setting


def a_frame(level: int, width: int = 1280, *, printed: bool = True) -> Frame:
    picture = np.full((720, width, 3), level, np.uint8)
    if printed:
        for left in range(0, width, 8):
            picture[:, left : left + 3] = max(0, level - 60)
    return Frame(picture, 0)


@pytest.mark.parametrize(
    ("frame", "verdict", "fix"),
    [
        (a_frame(120), Verdict.RIGHT, ""),
        (a_frame(20), Verdict.MEND, "too dark"),
        (a_frame(250, printed=False), Verdict.MEND, "too bright"),
        (a_frame(120, 640), Verdict.LOOK, "1280 px"),
        (a_frame(120, printed=False), Verdict.LOOK, "focus"),
    ],
    ids=["right", "dark", "bright", "small", "blurred"],
)
def test_a_camera_is_judged_by_its_pictures(frame: Frame, verdict: Verdict, fix: str) -> None:
    finding = checks.judged("item camera", [frame])

    assert finding.verdict is verdict
    assert fix in finding.fix


def test_a_camera_is_looked_through_when_it_is_set(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "one.png"), a_frame(120).image)

    finding = checks.check_scan_camera(settings(tmp_path, scan_camera=f"folder:{folder}?hold_ms=10"))

    assert finding.verdict is Verdict.RIGHT
    assert "1280 x 720" in finding.found


def test_a_camera_that_is_not_there_is_told_with_where_to_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CAMERA_SECONDS", 0.2)

    finding = checks.check_scan_camera(settings(tmp_path, scan_camera="device:63"))

    assert (finding.verdict, "video" in finding.fix) == (Verdict.MEND, True)


def test_the_server_answers_and_the_clocks_agree_when_the_store_is_there(tmp_path: Path) -> None:
    app = a_store_server()
    app.get("/health")(lambda: {"ok": True})
    with serving(app) as address:
        here = settings(tmp_path, server_url=f"http://{address}")

        found = checks.check_server(here)

    assert [(one.what, one.verdict) for one in found] == [("server", Verdict.RIGHT), ("clock", Verdict.RIGHT)]


class _SlowClock(BaseHTTPRequestHandler):
    """A store whose clock is two days behind."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) - 2 * 24 * 3600)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_clock_is_to_be_mended_when_it_is_days_apart(tmp_path: Path) -> None:
    with HTTPServer(("127.0.0.1", 0), _SlowClock) as store:
        threading.Thread(target=store.handle_request, daemon=True).start()
        _, clock = checks.check_server(settings(tmp_path, server_url=f"http://127.0.0.1:{store.server_port}"))

    assert clock.verdict is Verdict.MEND
    assert int(clock.found.split()[0]) >= 2 * 24 * 3600 - 5


def test_the_way_out_is_told_when_no_store_answers(tmp_path: Path) -> None:
    here = settings(tmp_path, server_url="http://127.0.0.1:9")

    server, clock = checks.check_server(here)

    assert (server.verdict, "network" in server.fix) == (Verdict.MEND, True)
    assert clock.verdict is Verdict.LOOK


def test_a_key_that_others_may_read_is_to_be_mended(tmp_path: Path) -> None:
    key = tmp_path / "device.json"
    here = settings(tmp_path, identity_file=key)
    assert checks.check_pairing(here).verdict is Verdict.MEND
    key.write_text("{}")
    key.chmod(0o644)
    assert "chmod 600" in checks.check_pairing(here).fix
    key.chmod(0o600)
    assert checks.check_pairing(here).verdict is Verdict.RIGHT


@pytest.mark.parametrize("device", ["scanner", "scale", "printer", "lamp"])
def test_a_device_is_to_be_mended_when_it_is_not_there(tmp_path: Path, device: str) -> None:
    check = getattr(checks, f"check_{device}")
    absent = {"printer": "file:/dev/no-such", "lamp": "led:no-such"}.get(device, "serial:/dev/no-such")

    assert check(settings(tmp_path)).verdict is Verdict.NONE
    assert check(settings(tmp_path, **{device: absent})).verdict is Verdict.MEND


def test_every_setting_that_names_nothing_is_told_beside_the_others(tmp_path: Path) -> None:
    named = dict.fromkeys(("scanner", "scale", "printer", "lamp"), "nonsense:1")
    here = settings(tmp_path, server_url="http://127.0.0.1:9", scan_camera="device:x", **named)

    found = {one.what: one for one in checks.check_all(here)}

    wrong = ["item camera", "scanner", "scale", "printer", "lamp"]
    assert [found[what].fix for what in wrong] == ["Mend the setting."] * len(wrong)
    assert found["disk"].verdict is Verdict.RIGHT


def test_a_test_line_is_printed_when_the_printer_is_there(tmp_path: Path) -> None:
    paper = tmp_path / "lp0"
    os.mkfifo(paper)
    reader = os.open(paper, os.O_RDONLY | os.O_NONBLOCK)
    try:
        finding = checks.check_printer(settings(tmp_path, printer=f"file:{paper}"))
        printed = os.read(reader, 4096)
    finally:
        os.close(reader)

    assert finding.verdict is Verdict.RIGHT
    assert "é à ç €".encode("cp858") in printed


def test_the_way_out_is_known_when_a_printer_stops_for_any_reason() -> None:
    assert set(checks.WHAT_STOPS_IT) == IDLE


def test_the_report_counts_what_is_to_be_mended() -> None:
    report = told([Finding("disk", Verdict.RIGHT, "9 GiB"), Finding("server", Verdict.MEND, "away", "Start it.")])

    assert report.splitlines() == [
        "right  disk    9 GiB",
        "mend   server  away",
        "               -> Start it.",
        "2 things looked at, 1 to mend.",
    ]

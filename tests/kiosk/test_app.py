"""The whole kiosk put together: real threads, real server, real disk; only the store is a plain web server."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from kiosk.__main__ import main
from kiosk.app import assemble
from kiosk.settings import Settings
from kiosk.visit.states import State
from kiosk.visit.visit import Visit
from tests.kiosk.builders import MILK, a_basket, a_line, a_store, an_identity
from tests.kiosk.serving import serving


def a_store_server() -> FastAPI:
    """Return a store that knows itself and one basket."""
    app = FastAPI()
    lines: list[str] = []

    @app.post("/v1/device-challenges")
    def challenge() -> dict[str, str]:
        return {"challenge": "words"}

    @app.post("/v1/device-sessions")
    def session() -> dict[str, object]:
        return {"token": "token", "expires_in_seconds": 900}

    @app.get("/v1/kiosks/me")
    def me() -> dict[str, str]:
        return {"kiosk_id": "kiosk-1", "name": "Caisse 1", "store_id": "demo"}

    @app.get("/v1/stores/demo")
    def store() -> dict[str, object]:
        return {**asdict(a_store()), "name": "Sésame Démo"}

    @app.api_route("/v1/baskets{rest:path}", methods=["GET", "POST"])
    async def basket(rest: str, request: Request) -> Response:
        body = await request.json() if request.method == "POST" and not rest.endswith(":quote") else {}
        basket_id = body.get("basket_id") or rest.strip("/").split("/")[0].split(":")[0]
        if rest.endswith("/lines") and body["line_id"] not in lines:
            lines.append(body["line_id"])
        shown = a_basket(
            basket_id,
            version=1 + len(lines),
            digest=f"d{len(lines)}",
            lines=tuple(a_line(line_id=line_id) for line_id in lines),
        )
        return JSONResponse(asdict(shown), headers={"X-Line-Id": lines[-1]} if lines else {})

    return app


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    with serving(a_store_server()) as address:
        yield Settings(
            server_url=f"http://{address}",
            identity_file=an_identity(tmp_path),
            var_dir=tmp_path / "kiosk",
            store_key_file=tmp_path / "store.key",
            scan_camera="none",
            face_camera="none",
        )


def run_until(settings: Settings, act: dict[str, str] | None, arrived: str) -> Visit:
    """Run a whole kiosk, send one act to its page, and return the visit that ``arrived`` describes."""
    kiosk = assemble(settings)
    there = threading.Event()
    ready = threading.Event()

    def watch(visit: Visit, _: int) -> None:
        if visit.state is State.WELCOME or visit.basket is not None:
            ready.set()
        if visit.state.value == arrived and visit.basket is not None and visit.basket.lines:
            there.set()

    kiosk.loop.listen(watch)
    with serving(kiosk.app) as address:
        assert ready.wait(60)
        if act is not None:
            assert httpx.post(f"http://{address}/acts", json=act).status_code == 202
        assert there.wait(60)
        assert httpx.get(f"http://{address}/screen").json()["panel"]["name"] == arrived
    return kiosk.loop.visit


def test_the_same_basket_is_shown_when_the_whole_kiosk_starts_again(settings: Settings) -> None:
    first = run_until(settings, {"act": "scan", "code": MILK}, "shopping")

    again = run_until(settings, None, "shopping")

    assert first.basket_id == again.basket_id
    assert again.basket is not None
    assert len(again.basket.lines) == 1


def test_the_last_screen_is_shown_when_the_kiosk_starts_again_without_a_network(settings: Settings) -> None:
    first = run_until(settings, {"act": "scan", "code": MILK}, "shopping")
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        unreachable = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    kiosk = assemble(settings.model_copy(update={"server_url": unreachable}))
    away = threading.Event()
    kiosk.loop.listen(lambda visit, _seq: None if visit.online else away.set())

    with serving(kiosk.app) as address:
        assert away.wait(60)
        screen = httpx.get(f"http://{address}/screen").json()

    assert screen["panel"]["name"] == "shopping"
    assert screen["shop"] == "offline"
    assert [line["line_id"] for line in screen["basket"]["lines"]] == [
        line.line_id for line in (first.basket.lines if first.basket else ())
    ]


def test_the_way_out_is_told_when_the_kiosk_is_not_paired(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SESAME_KIOSK_IDENTITY_FILE", str(tmp_path / "nothing"))

    assert main(["run"]) == 2

    assert "python -m kiosk pair" in capsys.readouterr().err


def test_the_setting_is_named_when_it_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SESAME_KIOSK_LIVENESS", "magic")

    assert main(["run"]) == 2

    assert "SESAME_KIOSK_LIVENESS" in capsys.readouterr().err

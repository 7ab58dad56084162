"""How the built pages go out over the wire."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from server.web.pages import pages

SCRIPT = "console.log('the same words again');" * 200


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "shell-abc.js").write_text(SCRIPT)
    app = FastAPI()
    (tmp_path / "claim.html").write_text('<!doctype html>\n<html lang="fr"></html>')
    (tmp_path / "assets" / "icon-abc.svg").write_text("<svg/>")
    (tmp_path / "go-worker.js").write_text("addEventListener")
    app.include_router(pages(tmp_path, lambda _: {"zone": "Europe/Paris", "store": 'a "shop"'}))
    return app


def test_a_page_says_whose_it_is_and_on_whose_clock_when_it_is_sent(app: FastAPI) -> None:
    answer = _get(app, "/c/some-token")

    assert '<html data-zone="Europe/Paris" data-store="a &quot;shop&quot;" lang="fr">' in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def _get(app: FastAPI, path: str, accept: str = "gzip, br") -> httpx.Response:
    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://store") as client:
            return await client.get(path, headers={"Accept-Encoding": accept})

    # In a thread of its own: the browser of the other tests keeps a loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, ask()).result()


def test_script_is_sent_small_when_the_browser_takes_gzip(app: FastAPI) -> None:
    answer = _get(app, "/assets/shell-abc.js")

    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) < len(SCRIPT) / 10
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == SCRIPT


def test_script_is_sent_as_it_is_when_the_browser_takes_no_gzip(app: FastAPI) -> None:
    answer = _get(app, "/assets/shell-abc.js", accept="identity")

    assert "content-encoding" not in answer.headers
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.text == SCRIPT


def test_what_a_phone_keeps_by_name_is_asked_for_anew_when_it_is_sent(app: FastAPI) -> None:
    told = {path: _get(app, path) for path in ("/go-worker.js", "/go-icon.svg", "/go.webmanifest")}

    assert [answer.status_code for answer in told.values()] == [200, 200, 404]
    assert told["/go-worker.js"].headers["content-type"].startswith("text/javascript")
    assert told["/go-icon.svg"].headers["content-type"] == "image/svg+xml"
    assert {answer.headers["cache-control"] for answer in list(told.values())[:2]} == {"no-cache"}


def test_page_says_how_to_build_it_when_it_is_not_built(app: FastAPI) -> None:
    answer = _get(app, "/staff")

    assert answer.status_code == 503
    assert "scripts/webbuild.py" in answer.text

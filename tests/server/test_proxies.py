"""Whose tries are counted when reverse proxies stand in front: what they say is believed, what others say is not."""

import asyncio
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from pydantic import ValidationError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from server.api.dependencies import address_of
from server.settings import Settings


def seen(peer: str, forwarded: list[str], trusted: str = "10.0.0.0/8,127.0.0.1/32") -> str:
    """Return whom the server takes a request for, that comes from a peer with these headers, line by line."""
    app = FastAPI()

    @app.get("/")
    async def whom(request: Request) -> str:
        return address_of(request)

    settings = Settings(trusted_proxies=trusted)  # type: ignore[arg-type] # as the environment gives it
    behind = ProxyHeadersMiddleware(app, list(settings.trusted_proxies))  # type: ignore[arg-type] # one ASGI for another

    async def ask() -> str:
        transport = httpx.ASGITransport(behind, client=(peer, 40_000))  # type: ignore[arg-type] # likewise
        async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
            lines = [("X-Forwarded-For", line) for line in forwarded]
            return str((await client.get("/", headers=lines)).json()).removeprefix("address:")

    return asyncio.run(ask())


@pytest.mark.parametrize(
    ("peer", "forwarded", "whom"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["1.2.3.4", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["10.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("2001:db8:1:2:3:4:5:6", [], "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff:4:5:6", [], "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", [], "203.0.113.7"),
        ("127.0.0.1", ["nonsense"], "nonsense"),
    ],
)
def test_the_rightmost_stranger_is_counted_when_a_header_names_many(peer: str, forwarded: list[str], whom: str) -> None:
    assert seen(peer, forwarded) == whom


def test_no_header_is_believed_when_no_proxy_is_trusted() -> None:
    assert seen("127.0.0.1", ["198.51.100.1"], trusted="") == "127.0.0.1"


@pytest.mark.parametrize("wrong", ["proxy.example", "10.0.0.1/8", "10.0.0.0/8;127.0.0.1", "*"])
def test_the_setting_is_refused_when_it_is_no_network(
    wrong: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SESAME_SERVER_TRUSTED_PROXIES", wrong)

    with pytest.raises(ValidationError, match="trusted_proxies"):
        Settings(var_dir=tmp_path)

"""An application in the test's own process, with clients that speak to it without a network."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx
from fastapi import FastAPI

from server.api.house import House
from server.app import create_app
from server.settings import Settings
from tests.server.builders import KIOSK_TOKEN, an_id


@dataclass(frozen=True, slots=True)
class Shopfront:
    """A running application and a client."""

    app: FastAPI
    client: httpx.AsyncClient

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        token: str | None = KIOSK_TOKEN,
        key: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Send one request, as the kiosk unless said otherwise; a POST or PUT gets a new key unless one is given."""
        sent = dict(headers or {})
        if token is not None:
            sent["Authorization"] = f"Bearer {token}"
        if method in {"POST", "PUT"}:
            sent["Idempotency-Key"] = key or an_id()
        return await self.client.request(method, path, json=body, headers=sent)

    async def basket(self, *codes: str) -> str:
        """Open a basket, scan into it, and return its id."""
        basket_id = an_id()
        opened = await self.ask("POST", "/v1/baskets", {"basket_id": basket_id})
        assert opened.status_code == 201, opened.text
        for code in codes:
            line = {"line_id": an_id(), "code": code}
            added = await self.ask("POST", f"/v1/baskets/{basket_id}/lines", line)
            assert added.status_code == 200, added.text
        return basket_id


@contextlib.asynccontextmanager
async def open_shopfront(database_url: str, var_dir: Path) -> AsyncIterator[Shopfront]:
    """Start the application on a database that is stocked already."""
    settings = Settings(
        database_url=database_url, var_dir=var_dir, staff_second_factor="offered", phone_codes="offered"
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
            yield Shopfront(app, client)

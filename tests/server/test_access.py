"""Every route as every role: what the table in docs/access.md says is what the server does."""

import asyncio
import re
from pathlib import Path

import pytest
from fastapi import APIRouter
from httpx import Response

from scripts.draw_access import PAGE, drawn
from server.api.access import KINDS, ROLES, Access, UnguardedError, table
from server.api.description import operations
from server.api.routes import ROUTERS
from server.db.database import Database
from server.flows.ports import Work
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON, a_device, a_shopper, an_id
from tests.server.people.builders import some_people
from tests.server.stocked import a_small_store

ROWS = list(table(route for router in ROUTERS for route in router.routes))
FOREVER = NOON.replace(year=NOON.year + 50)
PARTS = {"kiosk_id": "kiosk-1", "store_id": "elsewhere", "login": "amal"}
"""What stands for a part of an address; for any other an id that nobody has."""


def test_the_page_is_as_drawn_when_routes_have_changed() -> None:
    assert drawn() == PAGE.read_text("utf-8"), "run: PYTHONPATH=. python scripts/draw_access.py, and read the diff"


def test_a_route_is_refused_when_it_asks_nobody_who_they_are() -> None:
    router = APIRouter()

    @router.get("/v1/secrets")
    async def secrets() -> str:
        return "all of them"

    with pytest.raises(UnguardedError, match="/v1/secrets"):
        list(table(router.routes))


def let_in(work: Work, role: str) -> str | None:
    """Open a session of a role and return its token."""
    if role == "guest":
        return None
    token = an_id()
    if role in {"kiosk", "gate"}:
        a_device(work, f"{role}-1", token, kind="kiosk" if role == "kiosk" else "gate")
        return token
    kind = "shopper" if role == "shopper" else "staff"
    subject = a_shopper(work) if role == "shopper" else f"{role}-login"
    roles = () if role in KINDS else (role,)
    work.sessions.open(token_hash(token), Session(kind, subject, roles, FOREVER, an_id(), NOON))
    return token


def is_let_in(answer: Response) -> bool:
    """Whether the door opened; what the room then says is not asked here."""
    assert answer.status_code != 500, answer.text
    if not answer.content or answer.status_code not in {401, 403}:
        return True
    return answer.json()["code"] not in {"forbidden_role", "unauthorized", "kiosk_unknown"}


def test_each_route_lets_in_whom_the_table_says_when_every_role_asks(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")
    database = Database(url)
    wrong: list[str] = []

    async def ask(front: Shopfront, row: Access, role: str, body: object) -> None:
        token = await front.house.database.write_async(lambda work: let_in(work, role))
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda part: PARTS.get(part[1], an_id()), row.path)
        answer = await front.ask(row.method, path, body, token=token)
        if is_let_in(answer) != (role in row.roles):
            wrong.append(f"{role}: {row.method} {row.path} -> {answer.status_code} {answer.text[:120]}")

    async def story() -> None:
        async with open_shopfront(url, tmp_path) as front:
            front.house.people = some_people()
            bodies = {
                (path, verb.upper()): content["application/json"]["example"]
                for path, verb, operation in operations(front.app.openapi())
                if (content := operation.get("requestBody", {}).get("content", {})).get("application/json")
            }
            for row in ROWS:
                for role in ROLES:
                    await ask(front, row, role, bodies.get((row.path.replace(":path}", "}"), row.method)))

    asyncio.run(story())
    database.close()

    assert len(ROWS) > 60
    assert wrong == []


def test_the_public_is_told_to_wait_when_one_address_asks_without_end(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")

    async def story() -> tuple[Response, Response, Response]:
        async with open_shopfront(url, tmp_path) as front:
            for _ in range(front.house.people.passers.allowed):
                last = await front.ask("GET", "/v1/exit-keys", token=None)
            refused = await front.ask("GET", "/v1/exit-keys", token=None)
            return last, refused, await front.ask("GET", "/v1/exit-keys")

    last, refused, kiosk = asyncio.run(story())

    assert (last.status_code, refused.status_code, kiosk.status_code) == (200, 429, 200)
    assert refused.json()["code"] == "too_many_requests"
    assert int(refused.headers["Retry-After"]) > 0

"""The description of the API: every address is told, every example fits, and the page needs no other host."""

import re
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from server.api.access import table
from server.api.description import operations
from server.api.routes import ROUTERS
from server.app import create_app
from server.db.database import Database
from server.settings import Settings
from tests.server.apps import open_shopfront

APP = create_app(Settings())
ROWS = list(table(route for router in ROUTERS for route in router.routes))


def bodies() -> list[APIRoute]:
    routes = [route for router in ROUTERS for route in router.routes]
    return [route for route in routes if isinstance(route, APIRoute) and route.body_field]


@pytest.mark.parametrize("route", bodies(), ids=lambda route: str(route.path))
def test_the_example_is_accepted_when_its_own_address_reads_it(route: APIRoute) -> None:
    assert route.methods
    assert route.body_field
    verb = next(iter(route.methods)).lower()
    content = APP.openapi()["paths"][route.path][verb]["requestBody"]["content"]["application/json"]

    kind: type = route.body_field.field_info.annotation  # type: ignore[assignment] # a body is always of a type here
    TypeAdapter(kind).validate_python(content["example"])


def test_a_token_is_demanded_in_words_when_and_only_when_the_door_demands_one() -> None:
    open_doors = {(row.path, row.method.lower()) for row in ROWS if "guest" in row.roles}

    told = {
        (path, verb) for path, verb, operation in operations(APP.openapi()) if {} in operation.get("security", [{}])
    }

    assert told == {(path.replace(":path}", "}"), verb) for path, verb in open_doors}


def test_a_key_is_demanded_in_words_when_the_door_demands_one() -> None:
    keys = [
        each
        for _, _, operation in operations(APP.openapi())
        for each in operation.get("parameters", ())
        if each["name"] == "Idempotency-Key"
    ]

    assert len(keys) > 30
    assert all(each["required"] and each["schema"]["minLength"] for each in keys)


@pytest.mark.anyio
async def test_every_address_stands_on_the_page_when_it_is_asked_for(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)

    async with open_shopfront(url, tmp_path) as front:
        page = (await front.client.get("/docs")).text

    for path, verb, operation in operations(APP.openapi()):
        assert f'id="{operation["operationId"]}"' in page, (verb, path)
        assert "default" in operation["responses"]
    assert len(operations(APP.openapi())) > 50


@pytest.mark.anyio
async def test_nothing_is_loaded_from_elsewhere_when_the_page_is_shown(database: Database, tmp_path: Path) -> None:
    url = database.engine.url.render_as_string(hide_password=False)

    async with open_shopfront(url, tmp_path) as front:
        answer = await front.client.get("/docs")

    assert not re.search(r'<script|<img|<link|(?:src|href|action)="(?:https?:)?//|url\(|//cdn', answer.text)
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")

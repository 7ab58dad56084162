"""What a store sets for itself: asked for by one admin, agreed to by another, in force at once, and in the log."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.configure import default_config_json
from server.flows.ports import Work
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON, an_id

Story = Callable[["Office"], Awaitable[None]]
FOREVER = NOON.replace(year=NOON.year + 50)


class Office:
    """Two admins and a manager, and how they ask."""

    def __init__(self, front: Shopfront) -> None:
        self.front = front

    async def put(self, who: str, wanted: dict[str, Any], **facts: Any) -> httpx.Response:
        body = wanted | {"request_id": an_id(), "reason": "fewer thefts"} | facts
        return await self.front.ask("PUT", "/v1/config", body, token=who)

    async def now(self) -> dict[str, Any]:
        answer = await self.front.ask("GET", "/v1/config", token="ana")
        assert answer.status_code == 200, answer.text
        held: dict[str, Any] = answer.json()
        assert held.pop("defaults") == default_config_json()
        return held

    async def decide(self, who: str, request_id: str, verb: str = "approve") -> httpx.Response:
        return await self.front.ask("POST", f"/v1/requests/{request_id}:{verb}", token=who)


@pytest.fixture
def tell(database: Database, database_url: str, tmp_path: Path) -> Callable[[Story], None]:
    """Return what runs a story in the office, on either engine."""
    for login, role in (("ana", "admin"), ("bo", "admin"), ("amal", "staff_manager")):
        session = Session("staff", login, (role,), FOREVER, an_id(), NOON)
        database.write(partial(_let_in, login, session))

    async def run(story: Story) -> None:
        async with open_shopfront(database_url, tmp_path) as front:
            await story(Office(front))

    return lambda story: asyncio.run(run(story))


Tell = Callable[[Story], None]


def _let_in(login: str, session: Session, work: Work) -> None:
    work.sessions.open(token_hash(login), session)


def lower(held: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return {"rules": held["rules"] | {"max_off_bp": 5000}, "limits": held["limits"] | limits}


def test_other_settings_hold_when_a_second_admin_agrees_and_not_before(tell: Tell, database: Database) -> None:
    async def story(office: Office) -> None:
        before = await office.now()
        asked = await office.put("ana", lower(before, single_minor=3000, single_unchecked_minor=1000))
        assert asked.status_code == 202, asked.text
        request_id = asked.json()["request_id"]
        assert {each["field"] for each in asked.json()["changes"]} == {
            "rules.max_off_bp",
            "limits.single_minor",
            "limits.single_unchecked_minor",
        }
        assert await office.now() == before
        own, not_theirs = await office.decide("ana", request_id), await office.decide("amal", request_id)
        assert (own.json()["code"], not_theirs.json()["code"]) == ("own_request", "forbidden_role")
        assert (await office.front.ask("GET", "/v1/requests", token="amal")).json()["items"] == []

        agreed = await office.decide("bo", request_id)

        assert agreed.status_code == 200, agreed.text
        assert agreed.json()["config"]["limits"]["single_minor"] == 3000
        await office.front.house.reread_shop()
        assert (await office.now())["rules"]["max_off_bp"] == 5000
        assert office.front.house.shop.step_up.single_minor == 3000
        shown = (await office.front.ask("GET", "/v1/stores/demo", token=None)).json()
        assert shown["face_only_limit_minor"] == 3000
        assert (await office.decide("bo", request_id)).json()["code"] == "request_decided"

    tell(story)
    told = database.read(_logged)
    assert [(who, act) for who, act, _ in told] == [("ana+bo", "config.changed")] * 3
    assert all(reason.endswith("fewer thefts") for _, _, reason in told)


def _logged(work: UnitOfWork) -> list[tuple[str, str, str]]:
    log = tables.audit_log
    rows = work.connection.execute(select(log.c.who, log.c.act, log.c.reason).where(log.c.act == "config.changed"))
    return [(row.who, row.act, row.reason) for row in rows]


def test_nothing_is_changed_when_something_else_holds_by_then_or_the_second_says_no(tell: Tell) -> None:
    async def story(office: Office) -> None:
        before = await office.now()
        first, second, third = [
            (await office.put("ana", lower(before, payments=payments))).json()["request_id"] for payments in (1, 2, 3)
        ]
        assert (await office.decide("bo", first, "refuse")).json()["state"] == "refused"
        assert (await office.decide("bo", second)).status_code == 200
        late = await office.decide("bo", third)
        await office.front.house.reread_shop()

        assert (late.status_code, late.json()["code"]) == (409, "config_changed")
        assert (await office.now())["limits"]["payments"] == 2
        same = await office.put("bo", await office.now())
        assert same.json()["code"] == "config_unchanged"

    tell(story)


@pytest.mark.parametrize(
    ("rules", "limits", "fields"),
    [
        ({}, {"single_minor": 5001}, ["limits.single_minor"]),
        ({}, {"sum_minor": 15001, "payments": 6}, ["limits.sum_minor", "limits.payments"]),
        ({}, {"single_minor": 1000}, ["limits.single_unchecked_minor"]),
        ({}, {"phone_pin_single_minor": 40_000}, ["limits.phone_pin_single_minor"]),
        ({}, {"merchant_cashier_day_minor": 20_001}, ["limits.merchant_cashier_day_minor"]),
        ({}, {"merchant_owner_day_minor": 100_001}, ["limits.merchant_owner_day_minor"]),
        ({"tender_order": ["main", "main", "voucher"]}, {}, ["rules.tender_order"]),
        ({"layouts": ["30IIIIIWWWWWC"]}, {}, ["rules.layouts.0"]),
    ],
)
def test_every_field_is_named_when_settings_cannot_hold(
    tell: Tell, rules: dict[str, Any], limits: dict[str, Any], fields: list[str]
) -> None:
    async def story(office: Office) -> None:
        held = await office.now()
        refused = await office.put("ana", {"rules": held["rules"] | rules, "limits": held["limits"] | limits})

        assert (refused.status_code, refused.json()["code"]) == (422, "config_malformed"), refused.text
        assert [each["field"] for each in refused.json()["errors"]] == fields
        assert all("most" in each for each in refused.json()["errors"] if each["field"].startswith("limits."))

    tell(story)


def test_every_default_is_told_and_can_be_asked_for(tell: Tell) -> None:
    async def story(office: Office) -> None:
        held = await office.now()
        other = (await office.put("ana", lower(held, single_minor=3000, single_unchecked_minor=1000))).json()
        assert (await office.decide("bo", other["request_id"])).status_code == 200
        told = (await office.front.ask("GET", "/v1/config", token="ana")).json()["defaults"]

        back = await office.put("ana", told)

        assert back.status_code == 202, back.text
        assert (await office.decide("bo", back.json()["request_id"])).json()["config"] == told

    tell(story)

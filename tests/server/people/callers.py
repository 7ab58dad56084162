"""Who asks the store over HTTP, and the bodies that they send."""

import asyncio
from base64 import b64encode
from typing import Any

import httpx

from server.flows.ports.proofs import StaffMember
from tests.server.builders import an_id
from tests.server.people.builders import CHEAP, PIN
from tests.server.people.served import Served

SEALED = b64encode(b"sealed bytes").decode()


class Caller:
    """Asks as somebody, with a fresh key unless one is given."""

    def __init__(self, served: Served, token: str | None = None) -> None:
        self.client = served.http
        self.headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    def post(self, path: str, body: dict[str, Any] | None = None, *, key: str | None = None) -> httpx.Response:
        headers = self.headers | {"Idempotency-Key": key or an_id()}
        return self.client.post(path, json=body or {}, headers=headers)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path, headers=self.headers)


def shopper(served: Served, phone: str, name: str = "Lina Durand") -> Caller:
    opened = Caller(served).post(
        "/v1/customers", {"customer_id": an_id(), "name": name, "phone": phone, "pin": PIN, "locale": "fr"}
    )
    assert opened.status_code == 201, opened.text
    return log_in(served, phone)


def log_in(served: Served, phone: str) -> Caller:
    session = served.http.post("/v1/shopper/sessions", json={"phone": phone, "pin": PIN})
    assert session.status_code == 201, session.text
    return Caller(served, session.json()["token"])


def staff(served: Served, login: str, *roles: str) -> Caller:
    member = StaffMember(login, login.title(), CHEAP.hasher.hash("correct horse"), roles)
    asyncio.run(served.house.database.write_async(lambda work: work.staff.put(member)))
    session = served.http.post("/v1/staff/sessions", json={"login": login, "password": "correct horse"})
    assert session.status_code == 201, session.text
    return Caller(served, session.json()["token"])


def enrolment(phone: str, **facts: Any) -> dict[str, Any]:
    body: dict[str, Any] = {
        "enrolment_id": an_id(),
        "consent": {"purpose": "face_payment", "version": "2026-11-2", "locale": "fr", "given": True},
        "over_15": True,
        "name": "Lina Durand",
        "phone": phone,
        "pin": PIN,
        "reference": {"reference_id": an_id(), "model_id": "m", "sealed": SEALED, "captures": 3},
    }
    return body | facts


def fill(kiosk: Caller, *codes: str, quantity: int = 1) -> dict[str, Any]:
    basket_id = an_id()
    assert kiosk.post("/v1/baskets", {"basket_id": basket_id, "channel": "kiosk"}).status_code == 201
    for code in codes:
        line_id = an_id()
        body = {"line_id": line_id, "code": code, "symbology": None, "quantity": quantity}
        assert kiosk.post(f"/v1/baskets/{basket_id}/lines", body, key=line_id).status_code == 200
    basket: dict[str, Any] = kiosk.post(f"/v1/baskets/{basket_id}:quote").json()
    return basket


def approval_of(basket: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return {
        "authentication_id": an_id(),
        "basket_id": basket["basket_id"],
        "digest": basket["digest"],
        "amount_minor": basket["total_minor"],
        "payee": basket["payee"],
    } | facts


def payment_of(basket: dict[str, Any], authentication_id: str) -> dict[str, Any]:
    return {
        "payment_id": an_id(),
        "basket_id": basket["basket_id"],
        "digest": basket["digest"],
        "amount_minor": basket["total_minor"],
        "payee": basket["payee"],
        "authentication_id": authentication_id,
    }

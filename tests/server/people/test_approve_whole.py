"""Baskets that come whole, approved at a kiosk or by shoppers on their own phone, and paid; over HTTP."""

from typing import Any

import pytest

from tests.server.builders import NUTELLA, PASTA, an_id
from tests.server.people.builders import PIN, a_number
from tests.server.people.callers import Caller, approval_of, enrolment, log_in, payment_of, shopper
from tests.server.people.served import Served


@pytest.fixture
def me(served: Served) -> Caller:
    """Return a shopper with money, on their phone."""
    return a_rich_shopper(served)


def a_rich_shopper(served: Served) -> Caller:
    caller = shopper(served, a_number())
    assert caller.post("/v1/topups", {"topup_id": an_id(), "amount_minor": 50_000}).status_code == 201
    return caller


def goods(*codes: str, quantity: int = 1) -> dict[str, Any]:
    lines = [{"line_id": an_id(), "code": code, "quantity": quantity} for code in codes]
    return {"basket_id": an_id(), "lines": lines}


def shown(caller: Caller, whole: dict[str, Any]) -> dict[str, Any]:
    quoted = caller.post("/v1/checkouts:quote", whole)
    assert quoted.status_code == 200, quoted.text
    basket: dict[str, Any] = quoted.json()
    return basket


def approval(basket: dict[str, Any], whole: dict[str, Any], **facts: Any) -> dict[str, Any]:
    return approval_of(basket, lines=whole["lines"]) | facts


def test_a_shopper_pays_on_their_phone_when_they_approve_what_it_showed(me: Caller) -> None:
    whole = goods(NUTELLA, PASTA)
    basket = shown(me, whole)

    approved = me.post("/v1/authentications", approval(basket, whole, method="pin", pin=PIN))
    assert approved.status_code == 201, approved.text
    checkout = payment_of(basket, approved.json()["authentication_id"]) | {"lines": whole["lines"]}
    paid = me.post("/v1/checkouts", checkout)
    again = me.post("/v1/checkouts", checkout | {"payment_id": an_id()})

    assert approved.json()["factors"] == ["phone", "pin"]
    assert paid.status_code == 201, paid.text
    assert paid.json()["amount_minor"] == basket["total_minor"]
    assert again.json()["code"] == "basket_exists"
    assert me.get("/v1/customers/me").json()["balance_minor"] == 50_000 - basket["total_minor"]


def test_nobody_pays_with_an_approval_when_it_was_given_on_another_phone(served: Served, me: Caller) -> None:
    thief = a_rich_shopper(served)
    whole = goods(NUTELLA)
    basket = shown(me, whole)
    approved = me.post("/v1/authentications", approval(basket, whole, method="pin", pin=PIN)).json()

    taken = thief.post("/v1/checkouts", payment_of(basket, approved["authentication_id"]) | {"lines": whole["lines"]})

    assert (taken.status_code, taken.json()["code"]) == (409, "assertion_mismatch")
    assert me.get("/v1/customers/me").json()["balance_minor"] == 50_000


def test_a_kiosk_pays_a_basket_that_it_gathered_alone_when_code_and_pin_approve_it(me: Caller, kiosk: Caller) -> None:
    whole = goods(NUTELLA)
    basket = shown(kiosk, whole)
    code = me.post("/v1/wallets/me/codes").json()["code"]

    approved = kiosk.post("/v1/authentications", approval(basket, whole, method="pin", wallet_code=code, pin=PIN))
    assert approved.status_code == 201, approved.text
    checkout = payment_of(basket, approved.json()["authentication_id"]) | {"lines": whole["lines"]}

    assert kiosk.post("/v1/checkouts", checkout).status_code == 201


def test_the_pin_is_added_with_the_goods_when_a_face_pays_a_whole_basket_over_fifty(
    served: Served, kiosk: Caller
) -> None:
    phone = a_number("7777")
    body = enrolment(phone)
    assert kiosk.post("/v1/enrolments", body).status_code == 201
    log_in(served, phone).post("/v1/topups", {"topup_id": an_id(), "amount_minor": 50_000})
    whole = goods(NUTELLA, quantity=13)
    basket = shown(kiosk, whole)
    face = {"score": 0.7, "margin": None, "threshold": 0.4, "candidates": 1, "liveness": "passed"}
    facts = {"method": "face", "reference_id": body["reference"]["reference_id"], "evidence": face}
    approved = kiosk.post("/v1/authentications", approval(basket, whole, **facts)).json()
    assert approved["step_up_reason"] == "amount_over_limit"
    to_step_up = f"/v1/authentications/{approved['authentication_id']}:step-up"

    without = kiosk.post(to_step_up, {"pin": PIN})
    others = kiosk.post(to_step_up, {"pin": PIN, "lines": goods(PASTA)["lines"]})
    stepped = kiosk.post(to_step_up, {"pin": PIN, "lines": whole["lines"]})

    assert (without.json()["code"], others.json()["code"]) == ("basket_not_found", "basket_changed")
    assert stepped.json()["factors"] == ["face", "pin"]
    checkout = payment_of(basket, approved["authentication_id"]) | {"lines": whole["lines"]}
    assert kiosk.post("/v1/checkouts", checkout).status_code == 201


@pytest.mark.parametrize(
    ("facts", "status", "code", "fields"),
    [
        ({"method": "pin", "pin": "9999"}, 401, "pin_wrong", []),
        ({"method": "pin", "pin": PIN, "phone": a_number()}, 422, "malformed_request", ["phone"]),
        ({"method": "pin", "pin": PIN, "wallet_code": "12345678"}, 422, "malformed_request", ["phone"]),
        ({"method": "pin", "pin": PIN, "lines": None}, 422, "malformed_request", ["lines"]),
        ({"method": "pin", "pin": PIN, "lines": None, "coupons": ["X"]}, 422, "malformed_request", ["body"]),
        ({"method": "pin", "pin": PIN, "lines": goods(PASTA)["lines"]}, 409, "basket_changed", []),
        ({"method": "pin", "pin": PIN, "amount_minor": 1}, 409, "basket_changed", []),
        ({"method": "pin", "pin": PIN, "coupons": ["AAAA-BBBB-CCCC"]}, 404, "coupon_not_found", []),
    ],
)
def test_a_phone_is_told_the_way_out_when_it_approves_what_it_may_not(
    me: Caller, facts: dict[str, Any], status: int, code: str, fields: list[str]
) -> None:
    whole = goods(NUTELLA)

    refused = me.post("/v1/authentications", approval(shown(me, whole), whole, **facts))

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (status, code), refused.text
    assert [each["field"] for each in problem["errors"]] == fields
    assert problem["hint"]


def test_a_phone_may_not_speak_for_a_face_when_it_claims_to_have_seen_one(me: Caller) -> None:
    whole = goods(NUTELLA)
    face = {"score": 0.7, "margin": None, "threshold": 0.4, "candidates": 1, "liveness": "passed"}
    body = approval(shown(me, whole), whole, method="face", reference_id=an_id(), evidence=face)

    refused = me.post("/v1/authentications", body)

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["method"]


def test_a_phone_and_a_pin_go_no_further_than_at_a_kiosk_when_the_basket_is_dear(me: Caller) -> None:
    whole = goods(NUTELLA, quantity=38)
    basket = shown(me, whole)
    assert basket["total_minor"] > 15_000

    refused = me.post("/v1/authentications", approval(basket, whole, method="pin", pin=PIN))

    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")


def test_a_kiosk_names_whose_pin_it_is_when_it_asks(kiosk: Caller) -> None:
    whole = goods(NUTELLA)

    refused = kiosk.post("/v1/authentications", approval(shown(kiosk, whole), whole, method="pin", pin=PIN))

    assert refused.status_code == 422
    assert [each["field"] for each in refused.json()["errors"]] == ["phone"]

"""The people side as kiosks, phones and staff see it: one story a test, over HTTP."""

import asyncio
import json
from hashlib import sha256
from typing import Any

import pytest

from server.db import tables
from server.db.database import Database
from tests.server.builders import NUTELLA, PASTA, WINE, an_id
from tests.server.people.builders import PIN, a_number
from tests.server.people.callers import (
    SEALED,
    Caller,
    approval_of,
    enrolment,
    fill,
    log_in,
    payment_of,
    shopper,
    staff,
)
from tests.server.people.served import Served


def test_face_pays_and_is_forgotten_when_its_owner_enrols_pays_and_withdraws(
    served: Served, kiosk: Caller, public: Caller
) -> None:
    text = public.get("/v1/consents/face_payment?locale=en").json()
    phone = a_number("4321")
    enrolled = kiosk.post("/v1/enrolments", enrolment(phone, consent=consent(text["version"])))
    assert enrolled.status_code == 201, enrolled.text
    assert enrolled.json()["masked"] == "L*** D."
    me = log_in(served, phone)
    assert me.post("/v1/topups", {"topup_id": an_id(), "amount_minor": 2000}).json()["balance_minor"] == 2000
    basket = fill(kiosk, NUTELLA)
    found = kiosk.post("/v1/identify/candidates", {"digits": "4321", "basket_id": basket["basket_id"]}).json()
    assert [each["sealed"] for each in found["candidates"]] == [SEALED]

    face = {"score": 0.7, "margin": None, "threshold": 0.4, "candidates": 1, "liveness": "passed"}
    reference_id = found["candidates"][0]["reference_id"]
    approval = kiosk.post(
        "/v1/authentications", approval_of(basket, method="face", reference_id=reference_id, evidence=face)
    )
    assert approval.status_code == 201, approval.text
    assert approval.json() | {"expires_at": ""} == {
        "authentication_id": approval.json()["authentication_id"],
        "subject": "L*** D.",
        "factors": ["face"],
        "step_up_required": False,
        "step_up_reason": None,
        "basket": None,
        "sufficient": True,
        "shortfall_minor": 0,
        "balance_visible": False,
        "purses": {"voucher_minor": 0, "cashback_min_minor": 0, "cashback_max_minor": 0},
        "cashback": None,
        "face_left": {"payments": 5, "sum_minor": 15000},
        "expires_at": "",
    }
    paid = kiosk.post("/v1/payments", payment_of(basket, approval.json()["authentication_id"]))
    assert paid.status_code == 201, paid.text
    assert paid.json()["balance_after_minor"] == 2000 - 399

    erasure_id = an_id()
    unproven = [me.post("/v1/erasures", {"erasure_id": erasure_id} | pin) for pin in ({}, {"pin": "9999"})]
    assert [each.json()["code"] for each in unproven] == ["malformed_request", "pin_wrong"]
    receipt = me.post("/v1/erasures", {"erasure_id": erasure_id, "pin": PIN})
    assert receipt.status_code == 201
    assert receipt.json()["references"] == 1
    assert {each["kiosk_id"] for each in receipt.json()["kiosks"]} == {"kiosk-1", "kiosk-2"}
    assert kiosk.post(f"/v1/erasures/{erasure_id}/acknowledgements").status_code == 204
    told = {
        each["kiosk_id"]: each["acknowledged_at"] for each in public.get(f"/v1/erasures/{erasure_id}").json()["kiosks"]
    }
    assert told["kiosk-1"] is not None
    assert told["kiosk-2"] is None
    again = kiosk.post("/v1/identify/candidates", {"digits": "4321", "basket_id": basket["basket_id"]})
    assert again.json() == {"candidates": []}
    kept = me.get("/v1/customers/me/export").json()
    assert [each["ticket_id"] for each in kept["tickets"]] == [paid.json()["ticket"]["ticket_id"]]
    assert kept["access"][0]["used_at"] is not None
    assert kept["access"][0]["kiosk_id"] == "kiosk-1"
    assert "sealed" not in str(kept)
    page = me.get("/v1/customers/me").json()
    assert page["face"] == {"enrolled": False, "since": None, "frozen_at": None}
    assert page["consents"][0]["withdrawn_at"] is not None
    assert [(each["kind"], each["label"], each["amount_minor"], each["ticket_url"]) for each in page["entries"]] == [
        ("payment", basket["payee"], -399, paid.json()["ticket"]["url"]),
        ("topup", "", 2000, None),
    ]


def consent(version: str) -> dict[str, Any]:
    return {"purpose": "face_payment", "version": version, "locale": "en", "given": True}


def test_code_and_pin_pay_when_no_face_is_enrolled(served: Served, kiosk: Caller) -> None:
    me = shopper(served, a_number())
    me.post("/v1/topups", {"topup_id": an_id(), "amount_minor": 1000})
    basket = fill(kiosk, NUTELLA)
    code = me.post("/v1/wallets/me/codes").json()
    assert code["text"] == f"SESAME:W:{code['code']}"

    body = approval_of(basket, method="pin", wallet_code=code["code"], pin=PIN)
    approval = kiosk.post("/v1/authentications", body)
    assert approval.json()["factors"] == ["wallet_code", "pin"]
    paid = kiosk.post("/v1/payments", payment_of(basket, approval.json()["authentication_id"]))

    assert paid.status_code == 201, paid.text
    other = fill(kiosk, NUTELLA)
    second = kiosk.post("/v1/authentications", approval_of(other, method="pin", wallet_code=code["code"], pin=PIN))
    assert second.status_code == 404
    assert second.json()["code"] == "wallet_code_unknown"


def test_a_hit_is_told_no_more_when_a_kiosk_has_guessed_ten_wallet_codes(served: Served, kiosk: Caller) -> None:
    code = shopper(served, a_number()).post("/v1/wallets/me/codes").json()["code"]
    wrong = next(text for text in ("00000000", "00000001") if text != code)
    basket = fill(kiosk, NUTELLA)
    member = f"/v1/baskets/{basket['basket_id']}:member"

    guesses = [kiosk.post(member, {"wallet_code": wrong}).status_code for _ in range(10)]
    hit = kiosk.post(member, {"wallet_code": code})
    paid = kiosk.post("/v1/authentications", approval_of(basket, method="pin", wallet_code=code, pin=PIN))

    assert guesses == [404] * 10
    assert [(each.status_code, each.json()["code"]) for each in (hit, paid)] == [(429, "too_many_requests")] * 2


def test_a_face_pays_on_and_its_owner_reads_what_they_agreed_to_when_there_is_a_newer_text(
    served: Served, kiosk: Caller, public: Caller
) -> None:
    phone = a_number("7531")
    assert kiosk.post("/v1/enrolments", enrolment(phone)).status_code == 201
    agreed_before = tables.consent.update().values(version="2026-11-1")
    database = served.house.database
    assert isinstance(database, Database)
    with database.engine.begin() as connection:
        connection.execute(agreed_before)
    basket = fill(kiosk, NUTELLA)

    found = kiosk.post("/v1/identify/candidates", {"digits": "7531", "basket_id": basket["basket_id"]})
    joining = kiosk.post("/v1/enrolments", enrolment(a_number(), consent=consent("2026-11-1")))
    agreed = public.get("/v1/consents/face_payment?version=2026-11-1").json()
    newest = public.get("/v1/consents/face_payment").json()
    unknown = public.get("/v1/consents/face_payment?version=2020-1-1")

    assert len(found.json()["candidates"]) == 1
    assert (joining.status_code, joining.json()["code"]) == (403, "consent_missing")
    assert (agreed["version"], newest["version"]) == ("2026-11-1", "2026-11-2")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "consent_text_unknown")


def test_the_pin_is_asked_once_more_when_a_face_pays_over_fifty(served: Served, kiosk: Caller) -> None:
    phone = a_number("7777")
    kiosk.post("/v1/enrolments", enrolment(phone))
    log_in(served, phone).post("/v1/topups", {"topup_id": an_id(), "amount_minor": 50_000})
    basket = fill(kiosk, NUTELLA, quantity=13)
    found = kiosk.post("/v1/identify/candidates", {"digits": "7777", "basket_id": basket["basket_id"]}).json()
    face = {"score": 0.7, "margin": None, "threshold": 0.4, "candidates": 1, "liveness": "passed"}
    body = approval_of(basket, method="face", reference_id=found["candidates"][0]["reference_id"], evidence=face)
    approval = kiosk.post("/v1/authentications", body).json()
    assert (approval["step_up_required"], approval["step_up_reason"]) == (True, "amount_over_limit")
    refused = kiosk.post("/v1/payments", payment_of(basket, approval["authentication_id"]))
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up_required")

    wrong = kiosk.post(f"/v1/authentications/{approval['authentication_id']}:step-up", {"pin": "9999"})
    right = kiosk.post(f"/v1/authentications/{approval['authentication_id']}:step-up", {"pin": PIN})

    assert (wrong.status_code, wrong.json()["attempts_left"]) == (401, 4)
    assert right.json()["factors"] == ["face", "pin"]
    assert right.json()["step_up_required"] is False
    assert kiosk.post("/v1/payments", payment_of(basket, approval["authentication_id"])).status_code == 201


def test_a_coupon_travels_when_it_comes_with_a_ticket_and_is_shared_claimed_and_redeemed(
    served: Served, kiosk: Caller, public: Caller
) -> None:
    marketer = staff(served, "marc", "marketer")
    plan = {
        "campaign_id": an_id(),
        "name": "Autumn",
        "label": {"fr": "2 € offerts", "en": "€2 off", "zh": "减 2"},
        "effect": {"kind": "amount", "value": 200},
        "min_basket_minor": 1000,
        "budget_minor": 10_000,
        "limits": {"coupons": 100, "per_person": 2, "generations": 3},
        "starts_at": "2026-01-01",
        "ends_at": "2035-12-31",
        "share_mode": "copy",
        "issue_on_ticket": True,
        "launch": True,
    }
    made = marketer.post("/v1/campaigns", plan)
    assert made.status_code == 201, made.text
    spans = made.json()["starts_at"], made.json()["ends_at"]
    assert spans == ("2025-12-31T23:00:00.000Z", "2035-12-31T23:00:00.000Z")  # the store's midnights
    for never in ("2035-02-30", "0001-01-01", "9999-12-31"):
        wrong = marketer.post("/v1/campaigns", plan | {"campaign_id": an_id(), "ends_at": never})
        assert (wrong.status_code, wrong.json()["code"]) in {
            (422, "malformed_request"),
            (422, "days_malformed"),
            (422, "campaign_malformed"),
        }
    for _ in range(6):  # one in twenty is held out by chance and gets no coupon; nobody is six times
        ada = shopper(served, a_number())
        ada.post("/v1/topups", {"topup_id": an_id(), "amount_minor": 5000})
        paid = pay_by_code(kiosk, ada, fill(kiosk, NUTELLA))
        if paid["coupon"] is not None:
            break
    url = paid["coupon"]["share_url"]
    token = url.rsplit("/", 1)[1]

    offer = public.get(f"/v1/shares/{token}").json()
    assert (offer["state"], offer["mode"]) == ("open", "copy")
    assert public.post(f"/v1/shares/{token}:opened").status_code == 204
    for _ in range(6):  # likewise
        ben = a_number()
        mine, key = {"claim_id": an_id(), "phone": ben}, an_id()
        claimed = public.post(f"/v1/shares/{token}/claims", mine, key=key)
        if claimed.json().get("code") != "coupon_held_out":
            break
    assert claimed.status_code == 201, claimed.text
    again = public.post(f"/v1/shares/{token}/claims", mine, key=key)
    assert again.json() == claimed.json()
    stranger = public.post(f"/v1/shares/{token}/claims", {"claim_id": an_id(), "phone": ben})
    assert stranger.json()["code"] == "coupon_already_claimed"
    assert claimed.json()["coupon"]["code"] not in stranger.text
    coupon = claimed.json()["coupon"]
    assert public.get(f"/v1/coupons/{coupon['code'].lower()}").json()["state"] == "issued"
    basket = fill(kiosk, NUTELLA, NUTELLA, NUTELLA)
    with_coupon = kiosk.post(f"/v1/baskets/{basket['basket_id']}/coupons", {"code": coupon["code"]}).json()
    assert with_coupon["total_minor"] == 3 * 399 - 200
    pay_by_code(kiosk, ada, kiosk.post(f"/v1/baskets/{basket['basket_id']}:quote").json())

    after = kiosk.get(f"/v1/baskets/{basket['basket_id']}").json()
    assert (after["state"], after["total_minor"]) == ("paid", 3 * 399 - 200)
    seen = marketer.get("/v1/campaigns").json()["items"][0]
    assert seen["funnel"] == {"issued": 3, "shared": 1, "opened": 1, "claimed": 1, "redeemed": 1, "expired": 0}
    assert (seen["reserved_minor"], seen["spent_minor"]) == (0, 200)
    assert served.http.get("/health").status_code == 200


def pay_by_code(kiosk: Caller, payer: Caller, basket: dict[str, Any]) -> dict[str, Any]:
    code = payer.post("/v1/wallets/me/codes").json()["code"]
    body = approval_of(basket, method="pin", wallet_code=code, pin=PIN)
    approval = kiosk.post("/v1/authentications", body)
    assert approval.status_code == 201, approval.text
    paid = kiosk.post("/v1/payments", payment_of(basket, approval.json()["authentication_id"]))
    assert paid.status_code == 201, paid.text
    answer: dict[str, Any] = paid.json()
    return answer


def test_one_of_the_staff_settles_an_age_check_when_two_reach_for_it(served: Served, kiosk: Caller) -> None:
    amal, nour = staff(served, "amal", "staff_assist"), staff(served, "nour", "staff_assist")
    basket = fill(kiosk, WINE)
    call = amal.get("/v1/interventions?state=open").json()["items"][0]
    assert (call["type"], call["on_the_spot"]) == ("age_check", True)
    path = f"/v1/interventions/{call['intervention_id']}"

    taken = amal.post(f"{path}:claim").json()
    assert (taken["claimed_by"], taken["claimed_by_name"]) == ("amal", "Amal")
    late = nour.post(f"{path}:claim")
    assert (late.status_code, late.json()["by"]) == (409, "amal")
    assert nour.post(f"{path}:resolve", {"resolution": "approved"}).json()["code"] == "intervention_taken"
    afar = amal.post(f"{path}:resolve", {"resolution": "approved", "method": "remote"})
    assert afar.json()["code"] == "must_be_on_the_spot"
    done = amal.post(f"{path}:resolve", {"resolution": "approved", "reason": "card seen"})

    assert done.json()["state"] == "resolved"
    assert kiosk.get(f"/v1/baskets/{basket['basket_id']}").json()["age_check"] == "approved"


def test_the_desk_pays_a_basket_when_the_staff_take_cash(served: Served, kiosk: Caller) -> None:
    amal = staff(served, "amal", "staff_assist")
    basket = fill(kiosk, NUTELLA)
    intervention_id = an_id()
    detail = {"total_minor": basket["total_minor"], "emoji": basket["emoji"]}
    body = {
        "intervention_id": intervention_id,
        "type": "payment_at_desk",
        "basket_id": basket["basket_id"],
        "detail": detail,
    }
    glued = body | {"detail": detail | {"emoji": "".join(basket["emoji"])}}
    assert kiosk.post("/v1/interventions", glued).json()["code"] == "malformed_request"
    assert kiosk.post("/v1/interventions", body).status_code == 201
    path = f"/v1/interventions/{intervention_id}"
    amal.post(f"{path}:claim")
    assert amal.post(f"{path}:resolve", {"resolution": "approved"}).json()["code"] == "tender_missing"

    unsaid = amal.post(f"{path}:resolve", {"resolution": "approved", "tender": "cash"})
    assert unsaid.json()["code"] == "amount_missing"
    paid = {"resolution": "approved", "tender": "cash", "amount_minor": 399}

    done = amal.post(f"{path}:resolve", paid)

    assert done.status_code == 200, done.text
    assert kiosk.get(f"/v1/baskets/{basket['basket_id']}").json()["state"] == "paid"
    assert kiosk.get(f"/v1/baskets/{basket['basket_id']}/payment").json()["status"] == "captured"


def call_to_desk(kiosk: Caller, basket: dict[str, Any], **detail: Any) -> str:
    body = {"intervention_id": an_id(), "type": "payment_at_desk", "basket_id": basket["basket_id"], "detail": detail}
    made = kiosk.post("/v1/interventions", body)
    assert made.status_code == 201, made.text
    return f"/v1/interventions/{made.json()['intervention_id']}"


def test_the_desk_takes_no_money_for_a_basket_when_it_grew_after_the_call(served: Served, kiosk: Caller) -> None:
    amal = staff(served, "amal", "staff_assist")
    basket = fill(kiosk, PASTA)
    path = call_to_desk(kiosk, basket, total_minor=1)  # what a kiosk says of the amount counts for nothing
    assert amal.post(f"{path}:claim").json()["detail"]["total_minor"] == 129
    line = {"line_id": an_id(), "code": NUTELLA, "quantity": 1}
    kiosk.post(f"/v1/baskets/{basket['basket_id']}/lines", line)

    late = amal.post(f"{path}:resolve", {"resolution": "approved", "tender": "cash", "amount_minor": 129})
    assert (late.status_code, late.json()["code"]) == (409, "basket_changed")
    assert kiosk.get(f"/v1/baskets/{basket['basket_id']}").json()["state"] == "open"
    (call,) = amal.get("/v1/interventions?state=claimed").json()["items"]
    assert (call["claimed_by"], call["detail"]["total_minor"]) == ("amal", 129 + 399)
    now = {"resolution": "approved", "tender": "cash", "amount_minor": 129 + 399}
    assert amal.post(f"{path}:resolve", now | {"amount_minor": 129}).json()["code"] == "basket_changed"

    done = amal.post(f"{path}:resolve", now)

    assert done.status_code == 200, done.text
    assert kiosk.get(f"/v1/baskets/{basket['basket_id']}/payment").json()["amount_minor"] == 129 + 399


def test_a_call_is_gone_when_its_basket_is_left_or_its_kiosk_takes_it_back(served: Served, kiosk: Caller) -> None:
    amal = staff(served, "amal", "staff_assist")
    left, kept = fill(kiosk, WINE), fill(kiosk, NUTELLA)
    path = call_to_desk(kiosk, kept)
    assert len(amal.get("/v1/interventions?state=open").json()["items"]) == 2

    kiosk.post(f"/v1/baskets/{left['basket_id']}:abandon")
    gone = kiosk.post(f"{path}:cancel").json()

    assert amal.get("/v1/interventions?state=open").json()["items"] == []
    assert (gone["state"], gone["resolution"]) == ("resolved", "gone")
    assert kiosk.post(f"{path}:cancel").json()["resolution"] == "gone"
    assert amal.post(f"{path}:claim").json()["code"] == "intervention_taken"


def test_the_newest_call_is_first_when_a_store_has_many(served: Served, kiosk: Caller) -> None:
    amal = staff(served, "amal", "staff_assist")
    opened = [call_to_desk(kiosk, fill(kiosk, NUTELLA)) for _ in range(3)]

    listed = amal.get("/v1/interventions?state=open").json()["items"]

    assert {f"/v1/interventions/{call['intervention_id']}" for call in listed} == set(opened)
    assert [call["opened_at"] for call in listed] == sorted((call["opened_at"] for call in listed), reverse=True)


def test_the_board_shows_a_kiosk_when_it_says_how_it_is(served: Served, kiosk: Caller) -> None:
    amal = staff(served, "amal", "staff_assist")
    state = {
        "screen": "shopping",
        "locale": "fr",
        "basket_id": None,
        "items": 2,
        "total_minor": 798,
        "emoji": ["🍎"],
        "devices": {"scan_camera": "on"},
        "since": "2026-11-20T11:00:00Z",
    }

    said = served.http.put("/v1/kiosks/kiosk-1/state", json=state, headers=kiosk.headers)
    foreign = served.http.put("/v1/kiosks/kiosk-2/state", json=state, headers=kiosk.headers)

    assert said.status_code == 204, said.text
    assert foreign.status_code == 403
    seen = {each["kiosk_id"]: each for each in amal.get("/v1/kiosks").json()["items"]}
    assert (seen["kiosk-1"]["online"], seen["kiosk-1"]["state"]["screen"]) == (True, "shopping")
    assert (seen["kiosk-2"]["online"], seen["kiosk-2"]["state"]) == (False, None)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/kiosks"),
        ("GET", "/v1/campaigns"),
        ("GET", "/v1/interventions"),
        ("POST", "/v1/identify/candidates"),
        ("POST", "/v1/authentications"),
        ("POST", "/v1/enrolments"),
        ("GET", "/v1/customers/me"),
        ("POST", "/v1/wallets/me/codes"),
        ("POST", "/v1/topups"),
    ],
)
def test_the_public_is_turned_away_when_it_asks_for_what_has_a_role(served: Served, method: str, path: str) -> None:
    answer = served.http.request(
        method, path, headers={"Idempotency-Key": an_id()}, json={} if method == "POST" else None
    )

    assert answer.status_code == 401
    assert answer.json()["code"] == "unauthorized"


def test_marketing_is_turned_away_when_it_asks_for_the_board_or_the_calls(served: Served) -> None:
    marketer = staff(served, "marc", "marketer")

    answers = [marketer.get(path) for path in ("/v1/kiosks", "/v1/interventions", "/v1/customers/me")]

    assert [(each.status_code, each.json()["code"]) for each in answers] == [(403, "forbidden_role")] * 3


def test_refusals_name_the_field_and_the_way_out_when_something_is_malformed(kiosk: Caller, public: Caller) -> None:
    body = {"customer_id": an_id(), "name": "Lina", "phone": "12", "pin": "2718", "locale": "fr"}
    short = public.post("/v1/customers", body | {"phone": "0612"})
    weak = public.post("/v1/customers", body | {"phone": a_number(), "pin": "1234"})
    young = kiosk.post("/v1/enrolments", enrolment(a_number(), over_15=False))
    stale = kiosk.post("/v1/enrolments", enrolment(a_number(), consent=consent("2020-1-1")))

    assert (short.status_code, short.json()["errors"][0]["field"]) == (422, "phone")
    assert (weak.status_code, weak.json()["code"]) == (422, "pin_weak")
    assert (young.status_code, young.json()["code"]) == (403, "too_young")
    assert (stale.status_code, stale.json()["version"]) == (403, "2026-11-2")
    for answer in (short, weak, young, stale):
        assert answer.json()["hint"]
        assert answer.headers["content-type"] == "application/problem+json"


def test_the_same_top_up_is_credited_once_when_it_is_sent_twice(served: Served) -> None:
    me = shopper(served, a_number())
    body = {"topup_id": an_id(), "amount_minor": 1500}

    first, replay = (me.post("/v1/topups", body, key=body["topup_id"]) for _ in range(2))  # type: ignore[arg-type] # the id is a text
    other_key = me.post("/v1/topups", body)

    assert first.json() == replay.json()
    assert replay.headers["Idempotent-Replay"] == "true"
    assert other_key.json()["balance_minor"] == 1500
    assert me.get("/v1/customers/me").json()["balance_minor"] == 1500


def test_references_come_to_a_kiosk_alone_when_it_searches_for_look_alikes(served: Served, kiosk: Caller) -> None:
    first = enrolment(a_number())
    kiosk.post("/v1/enrolments", first)
    alike = [{"reference_id": first["reference"]["reference_id"], "score": 0.55}]
    second = enrolment(a_number())
    answer = kiosk.post("/v1/enrolments", second | {"reference": second["reference"] | {"look_alikes": alike}})

    listed = kiosk.get("/v1/references?limit=1").json()
    others = [kiosk.get(f"/v1/references?limit=1&after={listed['next']}").json()]
    while others[-1]["next"]:
        others.append(kiosk.get(f"/v1/references?limit=1&after={others[-1]['next']}").json())

    found = [each for page in (listed, *others) for each in page["references"]]
    assert answer.json()["look_alike"] is True
    likeness = {each["reference_id"]: each["likeness"] for each in found}
    assert [likeness[one["reference"]["reference_id"]] for one in (first, second)] == [0.55, 0.55]
    assert Caller(served).get("/v1/references").status_code == 401


def test_candidates_are_refused_with_a_time_when_a_kiosk_asks_an_eleventh_time(kiosk: Caller) -> None:
    bodies = [{"digits": f"{number:04d}", "basket_id": an_id()} for number in range(11)]

    answers = [kiosk.post("/v1/identify/candidates", body) for body in bodies]

    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 300


def test_a_session_ends_when_its_owner_leaves(served: Served) -> None:
    me = shopper(served, a_number())

    left = served.http.delete("/v1/shopper/sessions/current", headers=me.headers)

    assert left.status_code == 204
    assert me.get("/v1/customers/me").status_code == 401


def test_a_stored_request_cannot_be_guessed_when_it_carried_a_pin(served: Served, public: Caller) -> None:
    key, phone = an_id(), a_number()
    body = {"customer_id": an_id(), "name": "Lina", "phone": phone, "pin": PIN, "locale": "fr"}
    assert public.post("/v1/customers", body, key=key).status_code == 201

    stored = asyncio.run(served.house.database.read_async(lambda work: work.answers.find("public", key)))

    assert stored is not None
    plain = f"POST /v1/customers\n{json.dumps(body, sort_keys=True)}".encode()
    assert stored.request_hash != sha256(plain).hexdigest()
    assert PIN not in json.dumps(stored.body)
    assert phone not in json.dumps(stored.body)

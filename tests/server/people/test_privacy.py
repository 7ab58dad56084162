"""What a privacy officer sees, and what only a marketing lead launches."""

from typing import cast

from server.db.database import Database
from server.flows.close_account import close_account
from tests.server.builders import an_id
from tests.server.people.builders import PIN, a_number
from tests.server.people.callers import Caller, enrolment, log_in, staff
from tests.server.people.served import Served


def test_a_privacy_officer_sees_consents_and_erasures_and_is_seen_when_they_look(served: Served, kiosk: Caller) -> None:
    phone = a_number()
    enrolled = kiosk.post("/v1/enrolments", enrolment(phone)).json()
    me = log_in(served, phone)
    erased = me.post("/v1/erasures", {"erasure_id": an_id(), "pin": PIN}).json()
    officer = staff(served, "odile", "privacy_officer")

    counted = officer.get("/v1/privacy/consents").json()["items"]
    told = officer.get("/v1/privacy/erasures").json()
    receipts = told["items"]
    person = officer.get(f"/v1/privacy/customers/{enrolled['customer_id']}")
    nobody = officer.get(f"/v1/privacy/customers/{an_id()}")

    assert [(each["given"], each["withdrawn"], each["in_force"]) for each in counted] == [(1, 1, 0)]
    assert [(each["customer_id"], each["erasure_id"]) for each in receipts] == [
        (enrolled["customer_id"], erased["erasure_id"])
    ]
    assert receipts[0]["kiosks"][0]["acknowledged_at"] is None
    assert receipts[0]["kiosks"][0]["name"]
    assert not told["more"]
    assert person.json()["consents"][0]["withdrawn_at"] is not None
    assert set(person.json()) == {"customer_id", "consents", "diary"}
    assert nobody.status_code == 404
    assert me.get("/v1/customers/me/diary").json()["items"][0]["act"] == "inspected"
    assert officer.get("/v1/closings").json()["code"] == "forbidden_role"


def test_a_closed_account_is_nobody_and_no_diary_begins_anew_when_the_officer_looks(served: Served) -> None:
    gone, house = an_id(), served.house
    database = cast("Database", house.database)
    opened = {"customer_id": gone, "name": "Lina Durand", "phone": a_number(), "pin": PIN, "locale": "fr"}
    assert served.http.post("/v1/customers", json=opened, headers={"Idempotency-Key": an_id()}).status_code == 201
    database.write(lambda work: close_account(work, house.shop, gone, an_id(), gives_up_minor=0, at=house.now()))
    officer = staff(served, "odile", "privacy_officer")

    answer = officer.get(f"/v1/privacy/customers/{gone}")

    assert (answer.status_code, answer.json()["code"]) == (404, "shopper_unknown")
    assert database.read(lambda work: work.diary.of(gone, limit=9)) == []


def a_plan(budget_minor: int, *, launch: bool) -> dict[str, object]:
    return {
        "campaign_id": an_id(),
        "name": "Autumn",
        "label": {"fr": "x", "en": "x", "zh": "x"},
        "effect": {"kind": "amount", "value": 200},
        "min_basket_minor": 1000,
        "budget_minor": budget_minor,
        "limits": {"coupons": 10, "per_person": 1, "generations": 1},
        "starts_at": "2026-11-01T00:00:00Z",
        "ends_at": "2030-11-01T00:00:00Z",
        "share_mode": "copy",
        "issue_on_ticket": False,
        "launch": launch,
    }


def test_a_lead_launches_what_is_larger_than_a_marketer_may_alone(served: Served) -> None:
    marketer, lead = staff(served, "marc", "marketer"), staff(served, "lea", "marketing_lead")
    large = a_plan(100_001, launch=False)

    small = marketer.post("/v1/campaigns", a_plan(100_000, launch=True))
    at_once = marketer.post("/v1/campaigns", a_plan(100_001, launch=True))
    drafted = marketer.post("/v1/campaigns", large)
    alone = marketer.post(f"/v1/campaigns/{large['campaign_id']}:launch")
    launched = lead.post(f"/v1/campaigns/{large['campaign_id']}:launch")

    assert (small.status_code, drafted.status_code) == (201, 201), small.text + drafted.text
    assert [(each.status_code, each.json()["code"]) for each in (at_once, alone)] == [(403, "budget_needs_lead")] * 2
    assert launched.json()["state"] == "live"

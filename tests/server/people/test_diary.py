"""Nobody looks at a shopper's data unseen, and no kiosk keeps silent about a deleted face."""

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from checkout.errors import PinWrongError
from server.db.database import Database
from server.flows.attend import Resolution, claim_call, resolve_call
from server.flows.diary import FACE_COMPARED, PIN_REFUSED, SHOWN, TELL, refused_lately
from server.flows.errors import FlowError
from server.flows.forget import CONFIRM_WITHIN, acknowledge, call_for_silent, erase
from server.flows.log_in import find_shopper
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.ports.people import Customer, DiaryRow
from tests.server.builders import KIOSK, NOON, an_id
from tests.server.people.builders import a_customer, a_face, a_number
from tests.server.people.served import Served


def erased(work: Work, customer: Customer) -> str:
    """Erase a face that two kiosks have been told of, and return the receipt's id."""
    a_face(work, customer)
    return erase(work, customer.customer_id, erasure_id=an_id(), store_id="demo", at=NOON).erasure_id


def calls(work: Work) -> list[tuple[str, str]]:
    return sorted((call.type, call.kiosk_id) for call in work.interventions.of("demo", "open", limit=9))


def test_a_refused_pin_stands_in_the_diary_when_somebody_tries_anothers_number(
    database: Database, people: People
) -> None:
    phone = a_number()
    customer = database.write(lambda work: a_customer(work, people, phone=phone))

    with pytest.raises(PinWrongError):
        asyncio.run(find_shopper(database, people, phone, "9999", at=NOON, where=KIOSK.name))

    (line,) = database.read(lambda work: work.diary.of(customer.customer_id, limit=9))
    assert (line.act, line.where, line.at) == (PIN_REFUSED, "kiosk:kiosk-1", NOON)


def test_old_tries_are_no_news_and_new_ones_are_all_counted_however_many_lines_came_since(
    database: Database, people: People
) -> None:
    who = database.write(lambda work: a_customer(work, people)).customer_id

    def flow(work: Work) -> int:
        for at in (NOON - TELL, NOON - TELL / 2, NOON):
            work.diary.write(DiaryRow(who, at, PIN_REFUSED, "page"))
        for _ in range(SHOWN):
            work.diary.write(DiaryRow(who, NOON, FACE_COMPARED, "kiosk"))
        return refused_lately(work, who, at=NOON)

    assert database.write(flow) == 2


def test_a_person_is_called_once_when_a_kiosk_does_not_confirm_an_erasure(database: Database, people: People) -> None:
    customer = database.write(lambda work: a_customer(work, people))
    erasure_id = database.write(lambda work: erased(work, customer))
    database.write(lambda work: acknowledge(work, erasure_id, "kiosk-2", at=NOON))
    early, late = NOON + CONFIRM_WITHIN, NOON + CONFIRM_WITHIN + timedelta(seconds=1)

    assert database.write(lambda work: call_for_silent(work, at=early)) == 0
    assert database.write(lambda work: call_for_silent(work, at=late)) == 1
    assert database.write(lambda work: call_for_silent(work, at=late)) == 1

    assert database.read(calls) == [("erasure_unconfirmed", "kiosk-1")]


def test_the_oldest_receipt_that_a_kiosk_has_not_confirmed_comes_first(database: Database, people: People) -> None:
    def flow(work: Work) -> list[str]:
        silent = erased(work, a_customer(work, people))
        done = erased(work, a_customer(work, people))
        erase(work, a_customer(work, people).customer_id, erasure_id=an_id(), store_id="demo", at=NOON)  # no face
        for kiosk in work.kiosks.of("demo"):
            acknowledge(work, done, kiosk.kiosk_id, at=NOON)
        assert [each.erasure_id for each in work.erasures.of_faces(limit=9)] == [silent, done]
        assert [each.erasure_id for each in work.erasures.of_faces(limit=1)] == [silent]
        for kiosk in work.kiosks.of("demo"):
            assert work.devices.revoke(kiosk.kiosk_id, at=NOON)
        (_, left) = sorted(work.erasures.of_faces(limit=9), key=lambda each: each.erasure_id == silent)
        assert all(each.shut_out_at == NOON and each.name for each in left.kiosks)
        return [each.erasure_id for each in work.erasures.of_faces(limit=9)]

    assert len(database.write(flow)) == 2


def test_it_needs_somebody_on_the_spot_when_an_erasure_is_not_confirmed(database: Database, people: People) -> None:
    customer = database.write(lambda work: a_customer(work, people))
    database.write(lambda work: erased(work, customer))
    database.write(partial(call_for_silent, at=NOON + 2 * CONFIRM_WITHIN))
    (call, _) = database.read(lambda work: work.interventions.of("demo", "open", limit=9))
    database.write(lambda work: claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON))

    def settle(_work: Work, _call: Intervention, _how: Resolution) -> None:
        """Let nothing follow."""

    from_afar = Resolution(approved=True, reason="started anew", tender=None, on_the_spot=False)
    with pytest.raises(FlowError) as refused:
        database.write(
            lambda work: resolve_call(
                work, call.intervention_id, from_afar, store_id="demo", by="amal", at=NOON, settle=settle
            )
        )
    assert refused.value.code == "must_be_on_the_spot"


def test_the_shopper_reads_who_looked_when_a_kiosk_has_compared_their_face(served: Served, people: People) -> None:
    del people
    phone, pin = a_number("4242"), "2718"
    opened = {"customer_id": an_id(), "name": "Lina Durand", "phone": phone, "pin": pin, "locale": "fr"}
    headers = {"Idempotency-Key": an_id()}
    assert served.http.post("/v1/customers", json=opened, headers=headers).status_code == 201
    token = served.http.post("/v1/shopper/sessions", json={"phone": phone, "pin": pin}).json()["token"]
    mine = {"Authorization": f"Bearer {token}"}
    served.http.get("/v1/customers/me/export", headers=mine)

    diary = served.http.get("/v1/customers/me/diary", headers=mine).json()

    assert [line["act"] for line in diary["items"]] == ["export"]
    assert diary["refused_lately"] == 0

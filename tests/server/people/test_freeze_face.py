"""A face that was taken for somebody else's pays nothing until its owner says so; both engines."""

from datetime import timedelta
from typing import Any

import pytest

from checkout.assertion import DEFAULT_STEP_UP
from checkout.errors import AssertionExpiredError, ConsentMissingError
from server.db.database import Database
from server.flows.authenticate import Shown, authenticate_face, authenticate_pin, use_assertion
from server.flows.diary import FACE_FROZEN, FACE_REFUSED, FACE_THAWED, refused_lately
from server.flows.errors import FlowError
from server.flows.freeze_face import NOT_ME_WITHIN, freeze, not_me, refused_looks, thaw
from server.flows.narrow import candidates
from server.flows.ports.people import Customer, Reference
from server.flows.shop import Shop
from tests.server.builders import KIOSK, KIOSK_TOKEN, NOON, NUTELLA, an_id
from tests.server.people.builders import MINUTE, a_basket_shown, a_number, evidence
from tests.server.people.callers import Caller, enrolment, log_in
from tests.server.people.served import Served


def approved_by_face(database: Database, shop: Shop, reference: Reference) -> Shown:
    screen = database.write(lambda work: a_basket_shown(work, shop, NUTELLA))
    database.write(
        lambda work: authenticate_face(
            work, shop, screen, reference.reference_id, evidence(), kiosk=KIOSK, at=NOON, life=MINUTE
        )
    )
    return screen


def diary(database: Database, customer: Customer) -> list[str]:
    return [row.act for row in database.read(lambda work: work.diary.of(customer.customer_id, limit=9))]


def test_the_face_pays_nothing_when_somebody_else_was_shown_its_name(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, reference = enrolled
    screen = approved_by_face(database, shop, reference)

    assert database.write(lambda work: not_me(work, screen.authentication_id, kiosk=KIOSK, at=NOON))

    assert database.read(lambda work: candidates(work, customer.phone_last4)) == []
    with pytest.raises(ConsentMissingError):
        approved_by_face(database, shop, reference)
    facts: dict[str, Any] = {"kiosk_id": "kiosk-1", "at": NOON, "policy": DEFAULT_STEP_UP, "payee": screen.payee}
    facts |= {"basket_id": screen.basket_id, "digest": screen.digest, "amount_minor": screen.amount_minor}
    with pytest.raises(AssertionExpiredError):  # what was approved a moment ago is over too
        database.write(lambda work: use_assertion(work, screen.authentication_id, **facts))
    assert diary(database, customer) == [FACE_FROZEN]
    assert database.read(lambda work: work.references.of(customer.customer_id)) == [reference]  # nothing is forgotten


def test_number_and_pin_pay_as_before_when_the_face_is_blocked(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, _ = enrolled
    database.write(lambda work: freeze(work, customer.customer_id, by="customer", where="page", at=NOON))
    screen = database.write(lambda work: a_basket_shown(work, shop, NUTELLA))

    approval = database.write(
        lambda work: authenticate_pin(work, shop, screen, customer, code_hash=None, kiosk=KIOSK, at=NOON, life=MINUTE)
    )

    assert approval.shortfall_minor == 0


def test_the_face_pays_again_when_its_owner_says_so(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, reference = enrolled
    database.write(lambda work: freeze(work, customer.customer_id, by="customer", where="page", at=NOON))

    database.write(lambda work: thaw(work, customer.customer_id, at=NOON + MINUTE))

    approved_by_face(database, shop, reference)
    assert diary(database, customer) == [FACE_THAWED, FACE_FROZEN]
    with pytest.raises(FlowError) as refused:
        database.write(lambda work: thaw(work, customer.customer_id, at=NOON + MINUTE))
    assert refused.value.code == "face_not_frozen"


def test_no_face_is_blocked_when_the_word_comes_late_or_twice_or_of_another_way_to_pay(
    database: Database, shop: Shop, enrolled: tuple[Customer, Reference]
) -> None:
    customer, reference = enrolled
    by_face = approved_by_face(database, shop, reference)
    by_pin = database.write(lambda work: a_basket_shown(work, shop, NUTELLA))
    database.write(
        lambda work: authenticate_pin(work, shop, by_pin, customer, code_hash=None, kiosk=KIOSK, at=NOON, life=MINUTE)
    )
    late = NOON + NOT_ME_WITHIN + timedelta(seconds=1)

    assert not database.write(lambda work: not_me(work, by_pin.authentication_id, kiosk=KIOSK, at=NOON))
    assert not database.write(lambda work: not_me(work, by_face.authentication_id, kiosk=KIOSK, at=late))
    assert database.write(lambda work: not_me(work, by_face.authentication_id, kiosk=KIOSK, at=NOON))
    assert not database.write(lambda work: not_me(work, by_face.authentication_id, kiosk=KIOSK, at=NOON))
    with pytest.raises(FlowError):
        database.write(lambda work: not_me(work, an_id(), kiosk=KIOSK, at=NOON))


def test_everybody_behind_the_digits_reads_that_somebody_looked_in_vain(
    database: Database, enrolled: tuple[Customer, Reference]
) -> None:
    customer, _ = enrolled

    told = database.write(lambda work: refused_looks(work, customer.phone_last4, where="Kiosk 1", at=NOON))

    assert told >= 1
    rows = database.read(lambda work: work.diary.of(customer.customer_id, limit=9))
    assert [(row.act, row.where) for row in rows] == [(FACE_REFUSED, "Kiosk 1")]
    assert database.read(lambda work: refused_lately(work, customer.customer_id, at=NOON)) == 1


def test_a_shopper_blocks_and_unblocks_their_face_over_http(served: Served) -> None:
    phone = a_number()
    kiosk = Caller(served, KIOSK_TOKEN)
    assert kiosk.post("/v1/enrolments", enrolment(phone)).status_code == 201
    owner = log_in(served, phone)

    blocked = owner.post("/v1/customers/me/face:freeze")
    wrong = owner.post("/v1/customers/me/face:thaw", {"pin": "9026"})
    paying_again = owner.post("/v1/customers/me/face:thaw", {"pin": enrolment(phone)["pin"]})

    assert blocked.json()["face"]["frozen_at"] is not None
    assert (wrong.status_code, wrong.json()["code"]) == (401, "pin_wrong")
    assert paying_again.json()["face"] == blocked.json()["face"] | {"frozen_at": None}
    assert (
        owner.post("/v1/customers/me/face:thaw", {"pin": enrolment(phone)["pin"]}).json()["code"] == "face_not_frozen"
    )

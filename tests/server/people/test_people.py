"""Accounts, PINs, enrolment, forgetting, calls and top-ups as flows, on both engines."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from checkout.errors import PinLockedError, PinWrongError
from server.db.database import Database
from server.flows.attend import Resolution, claim_call, resolve_call
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.enrol import Enrolled, Enrolment, LookAlike, enrol, prepare
from server.flows.errors import FlowError
from server.flows.forget import SWEEP, acknowledge, erase, forget_idle, receipt_of
from server.flows.intervene import open_intervention
from server.flows.log_in import log_in_shopper, log_in_staff
from server.flows.people import People
from server.flows.pins import LOCK, prove_pin
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.ports.people import Customer, Erasure
from server.flows.ports.proofs import StaffMember
from server.flows.sessions import NewSession
from server.flows.tokens import token_hash
from server.flows.top_up import SandboxProvider, start_top_up, take_fact
from tests.server.builders import NOON, an_id
from tests.server.people.builders import CHEAP, PIN, a_customer, a_face, a_number, an_enrolment, at_once

DAY = timedelta(days=1)


def customer_in(database: Database, people: People, **facts: Any) -> Customer:
    return database.write(lambda work: a_customer(work, people, **facts))


def try_pin(database: Database, customer: Customer, pin: str, *, at: datetime = NOON) -> None:
    asyncio.run(prove_pin(database, CHEAP, customer, pin, clock=lambda: at))


def enrol_now(database: Database, people: People, asked: Enrolment, *, at: datetime = NOON) -> Enrolled:
    customer = asyncio.run(prepare(database, people, asked, at=at))
    return database.write(lambda work: enrol(work, asked, customer, store_id="demo", at=at))


def test_the_pin_is_locked_for_a_quarter_of_an_hour_when_five_were_wrong(database: Database, people: People) -> None:
    customer = customer_in(database, people)
    left = []
    for _ in range(4):
        with pytest.raises(PinWrongError) as wrong:
            try_pin(database, customer, "9999")
        left.append(wrong.value.tries_left)
    with pytest.raises(PinLockedError):
        try_pin(database, customer, "9999")

    with pytest.raises(PinLockedError) as locked:
        try_pin(database, customer, PIN)

    assert left == [4, 3, 2, 1]
    assert locked.value.until == NOON + LOCK
    with pytest.raises(PinWrongError) as fresh:
        try_pin(database, customer, "9999", at=NOON + LOCK)
    assert fresh.value.tries_left == 4


def test_the_count_begins_again_when_the_pin_was_right(database: Database, people: People) -> None:
    customer = customer_in(database, people)
    for _ in range(3):
        with pytest.raises(PinWrongError):
            try_pin(database, customer, "9999")

    try_pin(database, customer, PIN)

    with pytest.raises(PinWrongError) as wrong:
        try_pin(database, customer, "9999")
    assert wrong.value.tries_left == 4


def test_no_more_than_five_pins_are_compared_when_forty_are_tried_at_once(database: Database, people: People) -> None:
    customer = customer_in(database, people)

    outcomes = at_once([partial(try_pin, database, customer, f"{number:04d}") for number in range(40)])

    counted = Counter(type(each) for each in outcomes)
    assert counted == {PinWrongError: 4, PinLockedError: 36}


def test_an_unknown_number_is_answered_like_a_wrong_pin_when_somebody_logs_in(
    database: Database, people: People
) -> None:
    phone = a_number()
    customer_in(database, people, phone=phone)

    def log_in(number: str, pin: str) -> str:
        asking = log_in_shopper(
            database, people, phone=number, pin=pin, token=an_id(), at=NOON, life=timedelta(hours=1)
        )
        try:
            return asyncio.run(asking).name
        except FlowError as error:
            return f"{error.code} {error.detail} {error.facts}"

    assert log_in(phone, PIN) == "L*** D."
    assert log_in(phone, "9999") == log_in(a_number(), PIN)


def test_nobody_learns_who_has_an_account_when_they_try_until_the_lock(database: Database, people: People) -> None:
    real, absent = a_number(), a_number()
    customer_in(database, people, phone=real)
    database.write(lambda work: work.staff.put(StaffMember("amal", "Amal", CHEAP.hasher.hash("right"), ("admin",))))

    def code_of(asking: Coroutine[Any, Any, Any]) -> str:
        try:
            asyncio.run(asking)
        except (FlowError, PinLockedError) as error:
            return error.code
        raise AssertionError("a wrong secret opened")

    def shopper(number: str) -> str:
        life = timedelta(hours=1)
        return code_of(log_in_shopper(database, people, phone=number, pin="9999", token=an_id(), at=NOON, life=life))

    def staff(login: str) -> str:
        session = NewSession(an_id(), an_id(), timedelta(hours=1), "a browser")
        facts: dict[str, Any] = {"login": login, "password": "wrong", "code": None, "session": session, "at": NOON}
        return code_of(log_in_staff(database, people, **facts, needs_factor=False))

    told = [[act(name) for _ in range(7)] for act, name in ((shopper, real), (shopper, absent))]
    told += [[staff(name) for _ in range(7)] for name in ("amal", "nobody")]

    assert told[:2] == [["login_wrong"] * 4 + ["pin_locked"] * 3] * 2
    assert told[2:] == [["login_wrong"] * 4 + ["login_locked"] * 3] * 2


def test_staff_are_locked_out_when_five_passwords_were_wrong(database: Database, people: People) -> None:
    member = StaffMember("amal", "Amal", CHEAP.hasher.hash("right"), ("staff_assist",))
    database.write(lambda work: work.staff.put(member))

    def log_in(password: str, token: str) -> str:
        session = NewSession(token, an_id(), timedelta(hours=1), "a browser")
        asking = log_in_staff(
            database,
            people,
            login="amal",
            password=password,
            code=None,
            session=session,
            at=NOON,
            needs_factor=False,
        )
        try:
            return asyncio.run(asking).name
        except FlowError as error:
            return error.code

    outcomes = [log_in("right", "first"), *(log_in("wrong", "none") for _ in range(5)), log_in("right", "second")]

    assert outcomes == ["Amal", *["login_wrong"] * 4, "login_locked", "login_locked"]
    caller = database.read(lambda work: work.callers.by_token(token_hash("first"), at=NOON))
    assert caller is not None
    assert (caller.kind, caller.subject, caller.roles) == ("staff", "amal", frozenset({"staff_assist"}))


def test_consent_and_reference_arrive_together_when_somebody_enrols(database: Database, people: People) -> None:
    enrolled = enrol_now(database, people, an_enrolment(phone=a_number("4321")))

    def look(work: Work) -> tuple[object, ...]:
        customer_id = enrolled.customer.customer_id
        consent = work.consents.live(customer_id, FACE_PAYMENT)
        return (
            len(work.references.of(customer_id)),
            consent and consent.version,
            work.references.uncovered(FACE_PAYMENT),
        )

    assert database.read(look) == (1, "2026-11-2", 0)
    assert enrolled.customer.phone_last4 == "4321"


def test_neither_consent_nor_reference_stays_when_an_enrolment_fails_half_way(
    database: Database, people: People
) -> None:
    first = an_enrolment()
    enrol_now(database, people, first)
    clash = an_enrolment(reference_id=first.reference_id)

    with pytest.raises(FlowError) as refused:
        enrol_now(database, people, clash)

    assert refused.value.code == "enrolment_exists"
    number = people.phones.hash(people.phones.parse(clash.phone))
    assert database.read(lambda work: work.customers.by_phone(number)) is None
    assert database.read(lambda work: work.consents.of(clash.enrolment_id)) == []


def test_the_old_face_is_erased_and_announced_when_its_owner_enrols_again(database: Database, people: People) -> None:
    first = an_enrolment()
    customer = enrol_now(database, people, first).customer
    second = an_enrolment(phone=first.phone)

    again = enrol_now(database, people, second, at=NOON + DAY)

    assert again.customer.customer_id == customer.customer_id
    references = database.read(lambda work: work.references.of(customer.customer_id))
    assert [each.reference_id for each in references] == [second.reference_id]
    told = [event.body for event in database.read(lambda work: work.events.after(0)) if event.kind == "face.erased"]
    assert [each["reference_ids"] for each in told] == [[first.reference_id]]
    assert database.read(lambda work: work.references.uncovered(FACE_PAYMENT)) == 0


def test_one_reference_remains_when_one_person_enrols_many_times_at_once(database: Database, people: People) -> None:
    phone = a_number()
    customer = enrol_now(database, people, an_enrolment(phone=phone)).customer

    def again() -> Enrolled:
        asked = an_enrolment(phone=phone)
        return database.write(lambda work: enrol(work, asked, customer, store_id="demo", at=NOON))

    at_once([again] * 6)

    assert len(database.read(lambda work: work.references.of(customer.customer_id))) == 1
    assert database.read(lambda work: work.references.uncovered(FACE_PAYMENT)) == 0


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"over_15": False}, "too_young"),
        ({"given": False}, "consent_missing"),
        ({"version": "2025-1-1"}, "consent_missing"),
        ({"phone": "0612"}, "malformed_phone"),
        ({"pin": "0000"}, "pin_weak"),
        ({"name": " \t"}, "name_missing"),
    ],
)
def test_an_enrolment_is_refused_when_something_is_missing(
    database: Database, people: People, facts: dict[str, Any], code: str
) -> None:
    with pytest.raises(FlowError) as refused:
        enrol_now(database, people, an_enrolment(**facts))

    assert refused.value.code == code


def test_nobody_enrols_on_another_account_when_they_do_not_know_its_pin(database: Database, people: People) -> None:
    first = an_enrolment()
    enrol_now(database, people, first)

    with pytest.raises(FlowError) as refused:
        enrol_now(database, people, an_enrolment(phone=first.phone, pin="8642"))

    assert refused.value.code == "phone_known"


def test_one_account_is_opened_when_many_open_it_at_once(database: Database, people: People) -> None:
    phone = a_number()

    outcomes = at_once([lambda: customer_in_or_known(database, people, phone)] * 8)

    assert Counter(outcomes) == {True: 1, False: 7}


def customer_in_or_known(database: Database, people: People, phone: str) -> bool:
    number = people.phones.parse(phone)
    customer = Customer(an_id(), "A", people.phones.hash(number), number.last4, "x", 0, None, "fr", NOON)
    return database.write(lambda work: work.customers.add(customer))


def test_both_are_flagged_when_a_newcomer_looks_like_somebody_on_file(database: Database, people: People) -> None:
    first, second, far = (an_enrolment() for _ in range(3))
    for one in (first, far):
        enrol_now(database, people, one)
    gone = LookAlike(an_id(), 0.9)

    enrolled = enrol_now(database, people, replace(second, look_alikes=(LookAlike(first.reference_id, 0.61), gone)))
    nearer = enrol_now(
        database, people, an_enrolment(look_alikes=(LookAlike(first.reference_id, 0.45, pin_always=False),))
    )

    assert (enrolled.look_alike, nearer.look_alike) == (True, False)

    def flags(work: Work) -> list[tuple[float | None, bool]]:
        found = [work.references.live(one.reference_id, FACE_PAYMENT) for one in (first, second, far)]
        return [(one.likeness, one.pin_always) for one in found if one is not None]

    assert database.read(flags) == [(0.61, True), (0.61, True), (None, False)]


def test_nobody_looks_like_themselves_when_they_enrol_again(database: Database, people: People) -> None:
    before = an_enrolment()
    enrol_now(database, people, before)
    again = replace(
        before, enrolment_id=an_id(), reference_id=an_id(), look_alikes=(LookAlike(before.reference_id, 0.9),)
    )

    assert not enrol_now(database, people, again).look_alike


def test_the_gallery_comes_in_pages_without_what_shoppers_seal_themselves(database: Database, people: People) -> None:
    open_ones = [an_enrolment() for _ in range(3)]
    for one in (*open_ones, an_enrolment(mode="sealed")):
        enrol_now(database, people, one)

    def pages(work: Work) -> list[list[str]]:
        found: list[list[str]] = [[""]]
        while found[-1]:
            page = work.references.gallery(FACE_PAYMENT, after=found[-1][-1], limit=2)
            found.append([one.reference_id for one in page])
        return found[1:-1]

    assert [len(page) for page in database.read(pages)] == [2, 1]
    assert sorted(one for page in database.read(pages) for one in page) == sorted(one.reference_id for one in open_ones)


def test_an_erasure_is_complete_and_the_same_when_it_is_asked_for_twice(database: Database, people: People) -> None:
    customer = customer_in(database, people)
    reference = database.write(lambda work: a_face(work, customer))
    erasure_id = an_id()

    def forget() -> Erasure:
        return database.write(
            lambda work: erase(work, customer.customer_id, erasure_id=erasure_id, store_id="demo", at=NOON)
        )

    first, second = forget(), forget()

    assert first == second
    assert first.reference_ids == (reference.reference_id,)
    assert database.read(lambda work: work.references.of(customer.customer_id)) == []
    assert database.read(lambda work: work.consents.live(customer.customer_id, FACE_PAYMENT)) is None
    told = [event for event in database.read(lambda work: work.events.after(0)) if event.kind == "face.erased"]
    assert len(told) == 1
    stranger = customer_in(database, people)
    with pytest.raises(FlowError):
        database.write(lambda work: erase(work, stranger.customer_id, erasure_id=erasure_id, store_id="demo", at=NOON))


def test_a_receipt_shows_the_first_confirmation_when_a_kiosk_confirms_twice(database: Database, people: People) -> None:
    customer = customer_in(database, people)
    database.write(lambda work: a_face(work, customer))
    receipt = database.write(
        lambda work: erase(work, customer.customer_id, erasure_id=an_id(), store_id="demo", at=NOON)
    )
    for later in (timedelta(seconds=2), timedelta(seconds=9)):
        database.write(partial(acknowledge, erasure_id=receipt.erasure_id, kiosk_id="kiosk-1", at=NOON + later))

    seen = database.read(lambda work: receipt_of(work, receipt.erasure_id))

    assert [(each.kiosk_id, each.acknowledged_at) for each in seen.kiosks] == [
        ("kiosk-1", NOON + timedelta(seconds=2)),
        ("kiosk-2", None),
    ]
    with pytest.raises(FlowError):
        database.write(partial(acknowledge, erasure_id=receipt.erasure_id, kiosk_id="kiosk-9", at=NOON))


def test_faces_are_forgotten_when_nobody_used_them_for_a_year(database: Database, people: People) -> None:
    year_ago = NOON - timedelta(days=365)

    def enrol_all(work: Work) -> tuple[str, ...]:
        old, used, fresh = (a_customer(work, people) for _ in range(3))
        a_face(work, old, at=year_ago - DAY)
        a_face(work, used, at=year_ago - DAY, used_at=NOON - DAY)
        a_face(work, fresh, at=NOON - DAY)
        return old.customer_id, used.customer_id, fresh.customer_id

    old, used, fresh = database.write(enrol_all)

    forgotten = database.write(lambda work: forget_idle(work, year_ago, store_id="demo", at=NOON))

    kept = [bool(database.read(partial(_references, customer_id=each))) for each in (old, used, fresh)]
    assert (forgotten, kept) == (1, [False, True, True])
    assert database.write(lambda work: forget_idle(work, year_ago, store_id="demo", at=NOON)) == 0
    assert SWEEP > 1


def _references(work: Work, customer_id: str) -> object:
    return work.references.of(customer_id)


def a_call(database: Database, kind: str = "help_requested") -> Intervention:
    return database.write(
        lambda work: open_intervention(
            work,
            intervention_id=an_id(),
            store_id="demo",
            kiosk_id="kiosk-1",
            basket_id=None,
            line_id=None,
            kind=kind,
            detail={},
            at=NOON,
        )
    )


def test_one_takes_a_call_when_many_reach_for_it_at_once(database: Database) -> None:
    call = a_call(database)

    def take(by: str) -> Intervention:
        return database.write(lambda work: claim_call(work, call.intervention_id, store_id="demo", by=by, at=NOON))

    outcomes = at_once([partial(take, f"staff-{number}") for number in range(16)])

    winners = [each for each in outcomes if isinstance(each, Intervention)]
    losers = [each for each in outcomes if isinstance(each, FlowError)]
    assert (len(winners), len(losers)) == (1, 15)
    assert {each.facts["by"] for each in losers} == {winners[0].claimed_by}
    assert take(str(winners[0].claimed_by)).state == "claimed"


def test_what_follows_happens_once_when_a_call_is_closed_many_times_at_once(database: Database) -> None:
    call = a_call(database, "age_check")
    database.write(lambda work: claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON))

    def settle(work: Work, closed: Intervention, _how: Resolution) -> None:
        work.events.record("amal", "settled", closed.intervention_id, at=NOON)
        work.events.tell("demo", "settled", {}, at=NOON)

    def close() -> Intervention:
        resolution = Resolution(approved=True, reason="", tender=None, on_the_spot=True)
        return database.write(
            lambda work: resolve_call(
                work, call.intervention_id, resolution, store_id="demo", by="amal", at=NOON, settle=settle
            )
        )

    outcomes = at_once([close] * 8)

    assert Counter(type(each) for each in outcomes) == {Intervention: 1, FlowError: 7}
    told = Counter(event.kind for event in database.read(lambda work: work.events.after(0)))
    assert (told["settled"], told["intervention.resolved"]) == (1, 1)


def test_a_call_stays_open_when_what_follows_from_it_is_refused(database: Database) -> None:
    call = a_call(database, "payment_at_desk")
    database.write(lambda work: claim_call(work, call.intervention_id, store_id="demo", by="amal", at=NOON))

    def settle(*_facts: object) -> None:
        raise FlowError("basket_empty", "There is nothing to pay.")

    resolution = Resolution(approved=True, reason="", tender="cash", on_the_spot=True, amount_minor=129)
    with pytest.raises(FlowError):
        database.write(
            lambda work: resolve_call(
                work, call.intervention_id, resolution, store_id="demo", by="amal", at=NOON, settle=settle
            )
        )

    now = database.read(lambda work: work.interventions.get(call.intervention_id))
    assert now is not None
    assert now.state == "claimed"


def test_a_wallet_is_credited_once_when_the_notice_comes_many_times_at_once(database: Database, people: People) -> None:
    customer = customer_in(database, people)
    start = partial(start_top_up, customer_id=customer.customer_id, currency_code="EUR", provider="sandbox", at=NOON)
    started = database.write(lambda work: start(work, topup_id=an_id(), amount_minor=2500))
    paid = SandboxProvider().begin(started.topup_id, started.amount_minor, started.currency, back_url="").paid
    assert paid is not None
    take = partial(take_fact, fact=paid, provider="sandbox", store_id="demo", at=NOON)

    at_once([lambda: database.write(take)] * 12)

    assert database.read(lambda work: work.ledger.balance_of(f"main:{customer.customer_id}")) == 2500
    assert database.read(lambda work: work.ledger.verify()).holds


@pytest.mark.parametrize("amount_minor", [0, 99, 50_001])
def test_a_top_up_is_refused_when_its_amount_is_out_of_range(
    database: Database, people: People, amount_minor: int
) -> None:
    customer = customer_in(database, people)

    with pytest.raises(FlowError) as refused:
        database.write(
            lambda work: start_top_up(
                work,
                topup_id=an_id(),
                customer_id=customer.customer_id,
                amount_minor=amount_minor,
                currency_code="EUR",
                provider="sandbox",
                at=NOON,
            )
        )

    assert refused.value.code == "topup_out_of_range"

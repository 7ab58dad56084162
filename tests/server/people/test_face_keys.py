"""The key that faces are kept under and its change in one step, on both engines: names and bytes, no faces."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypedDict

import pytest

from server.db.database import Database
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.enrol import Enrolment, enrol
from server.flows.errors import FlowError
from server.flows.face_keys import ALLOWED_FOR, allow, announce, begin, demand_in_force, finish, lay_ready
from server.flows.forget import erase
from server.flows.people import People
from server.flows.ports import Work
from server.flows.ports.face_keys import KeptAnew, Wrap
from server.flows.ports.people import Customer, Reference
from server.flows.shop import Shop
from tests.server.builders import NOON, an_id
from tests.server.people.builders import a_customer, a_face, an_enrolment, at_once

OLD, NEW, THIRD = "0" * 32, "1" * 32, "2" * 32


class Facts(TypedDict):
    """Who asks, and when."""

    store_id: str
    kiosk_id: str
    at: datetime


HERE: Facts = {"store_id": "demo", "kiosk_id": "kiosk-1", "at": NOON}
ELSEWHERE: Facts = {"store_id": "demo", "kiosk_id": "kiosk-2", "at": NOON}


def refused(act: Callable[[], object]) -> str:
    with pytest.raises(FlowError) as caught:
        act()
    return caught.value.code


def a_face_under(work: Work, people: People, key_id: str = OLD) -> Reference:
    face = a_face(work, a_customer(work, people))
    laid = KeptAnew(face.reference_id, f"model@{key_id}", face.sealed)
    work.face_keys.stage([laid])
    work.face_keys.take_staged()
    return face


def all_anew(work: Work, key_id: str) -> None:
    found = work.references.gallery(FACE_PAYMENT, after="", limit=1000)
    part = [KeptAnew(one.reference_id, f"model@{key_id}", b"anew " + one.sealed) for one in found]
    lay_ready(work, key_id, part, **HERE)


@pytest.fixture
def salted(database: Database, shop: Shop, people: People) -> bytes:
    """Bring a key with two faces under it, and let the first kiosk change it; return the salt."""
    assert shop.store_id == "demo"
    first = database.write(lambda work: announce(work, people.phones.keyed, OLD, **HERE))
    database.write(lambda work: [a_face_under(work, people) for _ in range(2)])
    database.write(lambda work: allow(work, "kiosk-1", store_id="demo", by="amal", reason="a stolen kiosk", at=NOON))
    return first.salt


def test_the_first_kiosks_key_is_in_force_until_a_face_is_kept_when_others_bring_theirs(
    database: Database, shop: Shop, people: People
) -> None:
    keyed = people.phones.keyed
    first = database.write(lambda work: announce(work, keyed, OLD, **HERE))
    again = database.write(lambda work: announce(work, keyed, OLD, **HERE))
    other = database.write(lambda work: announce(work, keyed, NEW, **HERE))
    database.write(lambda work: a_face_under(work, people, NEW))

    assert shop.store_id == "demo"
    assert again == first
    assert (other.key_id, len(other.salt), other.wraps) == (NEW, 32, ())
    assert other.salt != first.salt
    assert refused(lambda: database.write(lambda work: announce(work, keyed, OLD, **HERE))) == "face_key_unknown"
    on_file = database.read(lambda work: work.face_keys.get("demo"))
    assert on_file is not None
    assert other.salt not in on_file.salt_sealed


def test_all_is_kept_anew_and_each_kiosk_gets_the_key_when_a_change_is_put_in_force(
    database: Database, salted: bytes, people: People
) -> None:
    keyed = people.phones.keyed
    wraps = [Wrap("kiosk-1", OLD, NEW, b"for the first"), Wrap("kiosk-2", OLD, NEW, b"for the second")]
    begun = database.write(lambda work: begin(work, keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    assert [one.sealed for one in database.read(everybody)] == [b"sealed"] * 2  # not yet

    moved = database.write(lambda work: finish(work, NEW, wraps, **HERE))

    assert moved == 2
    assert {(one.model_id, one.sealed) for one in database.read(everybody)} == {(f"model@{NEW}", b"anew sealed")}
    assert [one.device_id for one in begun.kiosks] == ["kiosk-1", "kiosk-2"]
    told = database.write(lambda work: announce(work, keyed, OLD, **ELSEWHERE))
    assert told.wraps == (wraps[1],)
    assert (told.key_id, told.salt) == (NEW, begun.salt)
    assert begun.salt != salted
    (event,) = [one for one in database.read(lambda work: work.events.after(0)) if one.kind == "face_key.changed"]
    assert event.body == {"key_id": NEW}


def test_a_kiosk_comes_to_the_key_step_by_step_when_it_missed_a_change(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted

    def change(work: Work, before: str, after: str) -> None:
        allow(work, "kiosk-1", store_id="demo", by="amal", reason="a stolen kiosk", at=NOON)
        begin(work, people.phones.keyed, before, after, **HERE)
        all_anew(work, after)
        finish(work, after, [Wrap("kiosk-2", before, after, after.encode())], **HERE)

    database.write(lambda work: change(work, OLD, NEW))
    database.write(lambda work: change(work, NEW, THIRD))

    told = database.write(lambda work: announce(work, people.phones.keyed, OLD, **ELSEWHERE))

    assert [(one.from_key_id, one.to_key_id) for one in told.wraps] == [(OLD, NEW), (NEW, THIRD)]
    assert told.key_id == THIRD


def test_nothing_has_changed_when_the_last_step_is_cut_off(database: Database, salted: bytes, people: People) -> None:
    class PowerCutError(Exception):
        """The machine is off."""

    def cut(work: Work) -> None:
        finish(work, NEW, [], **HERE)
        raise PowerCutError

    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    before = database.read(everybody)

    with pytest.raises(PowerCutError):
        database.write(cut)

    assert database.read(everybody) == before
    told = database.write(lambda work: announce(work, people.phones.keyed, OLD, **HERE))
    assert (told.key_id, told.salt, told.wraps) == (OLD, salted, ())


def test_the_change_waits_for_the_rest_when_somebody_joined_meanwhile(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted
    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    database.write(lambda work: a_newcomer(work, people, OLD))

    with pytest.raises(FlowError) as caught:
        database.write(lambda work: finish(work, NEW, [], **HERE))

    assert (caught.value.code, caught.value.facts["missing"]) == ("face_key_incomplete", 1)
    database.write(lambda work: all_anew(work, NEW))
    assert database.write(lambda work: finish(work, NEW, [], **HERE)) == 3


def test_whoever_leaves_is_in_neither_gallery_when_a_change_is_under_way(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted
    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    leaving, staying = database.read(everybody)

    database.write(lambda work: erase(work, leaving.customer_id, erasure_id=an_id(), store_id="demo", at=NOON))

    assert database.write(lambda work: finish(work, NEW, [], **HERE)) == 1
    assert [one.reference_id for one in database.read(everybody)] == [staying.reference_id]


def test_a_face_sealed_by_its_owner_stays_as_it_is_when_the_key_changes(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted
    asked, customer = database.write(lambda work: somebody(work, people))
    own = replace(asked, mode="sealed", model_id="model")
    database.write(lambda work: enrol(work, own, customer, store_id="demo", at=NOON))
    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    theirs = KeptAnew(own.reference_id, "model@x", b"something else")
    database.write(lambda work: lay_ready(work, NEW, [theirs], **HERE))

    database.write(lambda work: finish(work, NEW, [], **HERE))

    (kept,) = database.read(lambda work: work.references.of(customer.customer_id))
    assert (kept.model_id, kept.sealed) == ("model", own.sealed)


def test_who_may_and_when_is_asked_when_the_key_is_to_change(database: Database, salted: bytes, people: People) -> None:
    assert salted
    keyed = people.phones.keyed
    late: Facts = {"store_id": "demo", "kiosk_id": "kiosk-1", "at": NOON + ALLOWED_FOR}

    def asked(before: str, after: str, facts: Facts = HERE) -> str:
        return refused(lambda: database.write(lambda work: begin(work, keyed, before, after, **facts)))

    assert asked(OLD, NEW, facts=ELSEWHERE) == "face_key_not_allowed"
    assert asked(OLD, NEW, facts=late) == "face_key_not_allowed"
    assert asked(THIRD, NEW) == "face_key_changed"
    assert asked(OLD, OLD) == "face_key_changed"
    database.write(lambda work: begin(work, keyed, OLD, NEW, **HERE))
    for act in (
        lambda: database.write(lambda work: lay_ready(work, THIRD, [], **HERE)),
        lambda: database.write(lambda work: finish(work, THIRD, [], **HERE)),
    ):
        assert refused(act) == "face_key_changed"

    def let(kiosk_id: str) -> str:
        return refused(
            lambda: database.write(
                lambda work: allow(work, kiosk_id, store_id="demo", by="amal", reason="a stolen kiosk", at=NOON)
            )
        )

    assert (let("gate-1"), let("nobody")) == ("kiosk_not_found",) * 2


def test_a_manager_is_told_when_no_kiosk_has_brought_a_key_yet(database: Database, shop: Shop) -> None:
    assert refused(
        lambda: database.write(
            lambda work: allow(work, "kiosk-1", store_id=shop.store_id, by="amal", reason="a stolen kiosk", at=NOON)
        )
    ) == ("face_key_missing")


def test_permission_is_used_up_when_the_key_was_changed(database: Database, salted: bytes, people: People) -> None:
    assert salted
    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))
    database.write(lambda work: finish(work, NEW, [], **HERE))

    again = refused(lambda: database.write(lambda work: begin(work, people.phones.keyed, NEW, THIRD, **HERE)))

    assert again == "face_key_not_allowed"


def test_a_kiosk_with_an_old_key_is_told_when_it_asks_or_keeps(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted
    database.read(lambda work: demand_in_force(work, "demo", OLD))
    database.read(lambda work: demand_in_force(work, "demo", None))  # a kiosk that says nothing opens nothing either

    asked = refused(lambda: database.read(lambda work: demand_in_force(work, "demo", NEW)))
    kept = refused(lambda: database.write(lambda work: a_newcomer(work, people, NEW)))
    plain = refused(lambda: database.write(lambda work: a_newcomer(work, people, "")))

    assert (asked, kept, plain) == ("face_key_changed",) * 3


def test_nobody_is_left_under_the_old_key_when_people_join_while_it_changes(
    database: Database, salted: bytes, people: People
) -> None:
    assert salted
    database.write(lambda work: begin(work, people.phones.keyed, OLD, NEW, **HERE))
    database.write(lambda work: all_anew(work, NEW))

    outcomes = at_once(
        [
            lambda: database.write(lambda work: finish(work, NEW, [], **HERE)),
            *[lambda: database.write(lambda work: a_newcomer(work, people, OLD)) for _ in range(6)],
        ]
    )

    kept = {one.model_id for one in database.read(everybody)}
    changed, *joined = outcomes
    if isinstance(changed, FlowError):
        assert changed.code == "face_key_incomplete"
        assert f"model@{NEW}" not in kept
    else:
        assert kept == {f"model@{NEW}"}
        assert {one.code for one in joined if isinstance(one, FlowError)} == {"face_key_changed"}


def everybody(work: Work) -> list[Reference]:
    return list(work.references.gallery(FACE_PAYMENT, after="", limit=1000))


def somebody(work: Work, people: People) -> tuple[Enrolment, Customer]:
    return an_enrolment(sealed=b"by a card"), a_customer(work, people)


def a_newcomer(work: Work, people: People, key_id: str) -> None:
    asked = an_enrolment(model_id=f"model@{key_id}" if key_id else "model")
    enrol(work, asked, a_customer(work, people), store_id="demo", at=NOON)

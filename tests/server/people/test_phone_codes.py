"""A number is proven by a code that was sent to it: bounded, once, for whoever asked, and nobody learns of accounts."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from sqlalchemy import inspect, select

from server.db import tables
from server.db.database import Database
from server.flows.errors import FlowError
from server.flows.people import People
from server.flows.phone import Phone
from server.flows.phone_codes import (
    AGAIN_AFTER,
    HOUR,
    KEPT,
    LIFE,
    PER_HOUR,
    PROOF_LIFE,
    TRIES,
    WORDS,
    Proof,
    Tried,
    ask_code,
    demand_right,
    new_phone_code,
    try_code,
    worded,
)
from server.flows.ports import Work
from server.providers.http_messages import HttpMessenger
from server.settings import Settings
from tests.server.builders import NOON, an_id
from tests.server.people.builders import PIN, a_number, at_once
from tests.server.people.callers import Caller, enrolment
from tests.server.people.served import Served

CODE = "482913"
OTHER = "000000"


@pytest.fixture
def ask(database: Database, people: People) -> Callable[..., str]:
    """Return how a code is asked for; it returns the code's id."""

    def asked(phone: str, *, at: datetime = NOON, per_day: int = 1000, by: str = "kiosk:kiosk-1") -> str:
        phone_code_id = an_id()
        number = people.phones.parse(phone)

        def flow(work: Work) -> None:
            facts = {"phone_code_id": phone_code_id, "asked_by": by, "code": CODE}
            ask_code(work, people.phones, number, **facts, per_day=per_day, at=at)

        database.write(flow)
        return phone_code_id

    return asked


@pytest.fixture
def tried(database: Database, people: People) -> Callable[..., Tried]:
    """Return how a code is tried."""

    def one(phone_code_id: str, code: str = CODE, *, at: datetime = NOON, by: str = "kiosk:kiosk-1") -> Tried:
        return database.write(
            lambda work: try_code(work, people.phones, phone_code_id, code, asked_by=by, at=at),
        )

    return one


def refusal(act: Callable[[], object]) -> FlowError:
    with pytest.raises(FlowError) as caught:
        act()
    return caught.value


def test_a_number_is_proven_once_when_its_code_is_typed(
    database: Database, people: People, ask: Callable[..., str], tried: Callable[..., Tried]
) -> None:
    phone = a_number()
    hashed = people.phones.hash(people.phones.parse(phone))
    phone_code_id = ask(phone)
    proof = Proof(phone_code_id, "kiosk:kiosk-1", is_needed=True)

    before = refusal(lambda: database.write(lambda work: proof.use(work, hashed, at=NOON)))
    wrong, right, again = tried(phone_code_id, OTHER), tried(phone_code_id), tried(phone_code_id)
    database.write(lambda work: proof.use(work, hashed, at=NOON))
    twice = refusal(lambda: database.write(lambda work: proof.use(work, hashed, at=NOON)))

    assert (wrong.is_right, wrong.left) == (False, TRIES - 1)
    assert (right.is_right, again.is_right) == (True, True)
    assert (before.code, twice.code) == ("phone_unproven", "phone_unproven")


def test_five_tries_are_five_when_a_hundred_come_at_once(ask: Callable[..., str], tried: Callable[..., Tried]) -> None:
    phone_code_id = ask(a_number())

    guesses = at_once([partial(tried, phone_code_id, f"{n:06d}") for n in range(20)])

    assert sum(each.left is not None for each in guesses) == TRIES
    assert not tried(phone_code_id).is_right
    over = refusal(lambda: demand_right(tried(phone_code_id)))
    assert over.code == "phone_code_over"


@pytest.mark.parametrize(
    ("by", "later"),
    [("kiosk:kiosk-2", timedelta()), ("public", timedelta()), ("kiosk:kiosk-1", LIFE)],
)
def test_a_code_is_worth_nothing_when_somebody_else_types_it_or_its_time_is_over(
    ask: Callable[..., str], tried: Callable[..., Tried], by: str, later: timedelta
) -> None:
    phone_code_id = ask(a_number())

    assert tried(phone_code_id, at=NOON + later, by=by) == Tried(is_right=False, left=None)


def test_a_proof_is_of_one_number_one_caller_and_a_quarter_of_an_hour_when_it_is_used(
    database: Database, people: People, ask: Callable[..., str], tried: Callable[..., Tried]
) -> None:
    phone = a_number()
    hashed = people.phones.hash(people.phones.parse(phone))
    phone_code_id = ask(phone)
    assert tried(phone_code_id).is_right

    def use(hash_: str, by: str, at: datetime) -> None:
        proof = Proof(phone_code_id, by, is_needed=False)
        database.write(lambda work: proof.use(work, hash_, at=at))

    others = people.phones.hash(people.phones.parse(a_number()))
    for facts in (
        (others, "kiosk:kiosk-1", NOON),
        (hashed, "kiosk:kiosk-2", NOON),
        (hashed, "kiosk:kiosk-1", NOON + PROOF_LIFE),
    ):
        assert refusal(partial(use, *facts)).code == "phone_unproven"
    use(hashed, "kiosk:kiosk-1", NOON + PROOF_LIFE - timedelta(seconds=1))


def test_messages_are_bounded_when_one_number_or_the_whole_store_asks_too_often(ask: Callable[..., str]) -> None:
    phone = a_number()
    moments = [NOON + n * AGAIN_AFTER for n in range(PER_HOUR)]
    ask(phone, at=moments[0])
    soon = refusal(lambda: ask(phone, at=moments[0] + timedelta(seconds=1)))
    for at in moments[1:]:
        ask(phone, at=at)

    many = refusal(lambda: ask(phone, at=moments[-1] + AGAIN_AFTER))
    spent = refusal(lambda: ask(a_number(), at=NOON + HOUR, per_day=PER_HOUR))

    assert (soon.code, soon.facts["retry_after_seconds"]) == ("too_many_requests", 29)
    assert many.code == "too_many_requests"
    assert many.facts["retry_after_seconds"] == (moments[0] + HOUR - moments[-1] - AGAIN_AFTER).total_seconds()
    assert spent.code == "messages_spent"
    ask(phone, at=NOON + HOUR)


def test_an_id_is_of_one_code_when_it_is_asked_with_again(database: Database, people: People) -> None:
    number, phone_code_id = people.phones.parse(a_number()), an_id()

    def flow(at: datetime, work: Work) -> None:
        facts = {"phone_code_id": phone_code_id, "asked_by": "public", "code": CODE}
        ask_code(work, people.phones, number, **facts, per_day=9, at=at)

    database.write(partial(flow, NOON))

    assert refusal(lambda: database.write(partial(flow, NOON + HOUR))).code == "phone_code_exists"


def test_nothing_kept_tells_number_or_code_when_the_table_is_read(database: Database, ask: Callable[..., str]) -> None:
    phone = a_number()
    ask(phone)

    (row,) = database.read(lambda work: work.connection.execute(select(tables.phone_code)).all())
    text = " ".join(str(value) for value in row)

    assert phone[1:] not in text
    assert CODE not in text
    database.write(lambda work: work.phone_codes.forget(NOON + KEPT))
    assert database.read(lambda work: work.connection.execute(select(tables.phone_code)).all()) == []
    assert "phone_code" in inspect(database.engine).get_table_names()


def test_codes_are_six_digits_and_messages_short_when_they_are_drawn_and_worded() -> None:
    codes = {new_phone_code() for _ in range(50)}

    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert len(codes) > 45
    assert all(CODE in worded(CODE, locale) for locale in WORDS)
    assert len(worded(CODE, "zh")) <= 70, "one message of the alphabet that Chinese needs"
    assert len(worded(CODE, "fr")) <= 160


@pytest.fixture
def strict(served: Served) -> Served:
    """Return a store that wants numbers proven, as stores do."""
    served.house.settings = served.house.settings.model_copy(update={"phone_codes": "required"})
    return served


def code_for(caller: Caller, phone: str) -> dict[str, Any]:
    answer = caller.post("/v1/phone-codes", {"phone_code_id": an_id(), "phone": phone, "locale": "fr"})
    assert answer.status_code == 201, answer.text
    asked: dict[str, Any] = answer.json()
    return asked


def a_person(phone: str, **facts: Any) -> dict[str, Any]:
    return {"customer_id": an_id(), "name": "Lina", "phone": phone, "pin": PIN, "locale": "fr"} | facts


def test_an_account_is_opened_when_the_number_is_proven_and_not_before(strict: Served, public: Caller) -> None:
    phone = a_number()
    assert public.post("/v1/customers", a_person(phone)).json()["code"] == "phone_unproven"
    asked = code_for(public, phone)
    named = {"phone_code_id": asked["phone_code_id"]}
    early = public.post("/v1/customers", a_person(phone, **named))
    wrong = "000000" if asked["sandbox_code"] != "000000" else "000001"

    refused = public.post(f"/v1/phone-codes/{asked['phone_code_id']}:prove", {"code": wrong})
    proven = public.post(f"/v1/phone-codes/{asked['phone_code_id']}:prove", {"code": asked["sandbox_code"]})
    stolen = public.post("/v1/customers", a_person(a_number(), **named))
    opened = public.post("/v1/customers", a_person(phone, **named))
    again = public.post("/v1/customers", a_person(phone, **named))

    assert (early.status_code, early.json()["code"]) == (403, "phone_unproven")
    assert (refused.status_code, refused.json()["attempts_left"]) == (401, TRIES - 1)
    assert (proven.status_code, proven.json()["proven"]) == (200, True)
    assert stolen.json()["code"] == "phone_unproven"
    assert opened.status_code == 201, opened.text
    assert again.json()["code"] == "phone_unproven"
    assert asked["masked_phone"] == f"*** {phone[-4:]}"
    assert strict.house.messenger.is_sandbox


def test_nobody_learns_whether_a_number_has_an_account_when_codes_are_asked_for(
    strict: Served, public: Caller, kiosk: Caller
) -> None:
    known, unknown = a_number(), a_number()
    with_code, strict.house.settings = strict.house.settings, Settings(phone_codes="offered")
    assert public.post("/v1/customers", a_person(known)).status_code == 201
    strict.house.settings = with_code

    for_both = [code_for(public, phone) for phone in (known, unknown)]
    opened = [public.post("/v1/customers", a_person(phone)).json() for phone in (known, unknown)]
    enrolled = [kiosk.post("/v1/enrolments", enrolment(phone, pin="9182")).json() for phone in (known, unknown)]

    assert {frozenset(each) for each in for_both} == {frozenset(for_both[0])}
    assert {each["code"] for each in opened + enrolled} == {"phone_unproven"}


def test_a_face_is_enrolled_at_the_kiosk_that_proved_the_number_when_numbers_are_to_be_proven(
    strict: Served, kiosk: Caller
) -> None:
    phone = a_number()
    asked = code_for(kiosk, phone)
    body = enrolment(phone, phone_code_id=asked["phone_code_id"])
    kiosk.post(f"/v1/phone-codes/{asked['phone_code_id']}:prove", {"code": asked["sandbox_code"]})

    elsewhere = Caller(strict, "kiosk-token-of-the-tests2").post("/v1/enrolments", body)
    here = kiosk.post("/v1/enrolments", body)

    assert elsewhere.json()["code"] == "phone_unproven"
    assert here.status_code == 201, here.text


def test_one_message_goes_out_when_the_same_request_comes_twice(strict: Served, public: Caller) -> None:
    body = {"phone_code_id": an_id(), "phone": a_number(), "locale": "en"}

    first, again = (public.post("/v1/phone-codes", body, key="k1") for _ in range(2))
    soon = public.post("/v1/phone-codes", body | {"phone_code_id": an_id()})

    assert first.json() == again.json()
    assert again.headers["Idempotent-Replay"] == "true"
    assert (soon.status_code, soon.json()["code"]) == (429, "too_many_requests")
    assert 0 < int(soon.headers["Retry-After"]) <= AGAIN_AFTER.seconds
    assert strict.http.get("/health").status_code == 200


class Gateway:
    """A gateway for messages on a loopback port."""

    def __init__(self, status: int) -> None:
        gateway = self
        self.got: list[tuple[str, dict[str, str]]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.got.append((self.headers["Authorization"], body))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_said: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    opened = Gateway(getattr(request, "param", 202))
    yield opened
    opened.server.shutdown()
    opened.server.server_close()


def test_the_code_stands_in_the_message_alone_when_a_gateway_carries_it(
    strict: Served, public: Caller, gateway: Gateway
) -> None:
    strict.house.messenger = HttpMessenger(gateway.url, "key-1")
    phone = a_number()

    asked = code_for(public, phone)

    ((key, message),) = gateway.got
    code = re.findall("[0-9]{6}", message["text"])[0]
    assert (key, message["to"]) == ("Bearer key-1", phone)
    assert asked["sandbox_code"] is None
    proven = public.post(f"/v1/phone-codes/{asked['phone_code_id']}:prove", {"code": code})
    assert proven.status_code == 200


@pytest.mark.parametrize("gateway", [500], indirect=True)
def test_the_sender_is_told_to_ask_again_when_the_gateway_refuses(
    strict: Served, public: Caller, gateway: Gateway
) -> None:
    strict.house.messenger = HttpMessenger(gateway.url, "key-1")

    refused = public.post("/v1/phone-codes", {"phone_code_id": an_id(), "phone": a_number(), "locale": "fr"})

    assert (refused.status_code, refused.json()["code"]) == (503, "message_not_sent")
    assert len(gateway.got) == 1


def test_a_dead_gateway_is_the_same_refusal_when_nobody_listens() -> None:
    gateway = Gateway(200)
    gateway.server.shutdown()
    gateway.server.server_close()

    failed = refusal(lambda: HttpMessenger(gateway.url, "k").send(Phone("+33612345678"), "words"))

    assert failed.code == "message_not_sent"
    assert "612345678" not in str(failed)

"""Kiosks and gates by key pairs: paired once, let in by a signature, shut out at once."""

import asyncio
from base64 import b64encode
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import Response

from server.db.database import Database
from server.flows.devices import PAIRING_LIFE, device_id_of, invite, pair, signed_words
from server.flows.errors import FlowError
from server.flows.hearing import Hearing
from server.flows.people import People
from server.flows.ports.devices import Device
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import GATE_TOKEN, KIOSK_TOKEN, NOON
from tests.server.people.builders import at_once

MANAGER = "manager-token-of-the-tests"
pytestmark = pytest.mark.anyio


def public_of(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def add_manager(database: Database) -> None:
    session = Session("staff", "amal", ("staff_manager",), NOON.replace(year=NOON.year + 50))
    database.write(lambda work: work.sessions.open(token_hash(MANAGER), session))


async def paired(front: Shopfront, key: Ed25519PrivateKey, name: str = "Kiosk 9", kind: str = "kiosk") -> str:
    """Pair a device over the wire and return its id."""
    made = await front.ask("POST", "/v1/pairing-codes", {"kind": kind, "name": name}, token=MANAGER)
    assert made.status_code == 201, made.text
    body = {"code": made.json()["code"], "public_key": b64encode(public_of(key)).decode()}
    answer = await front.ask("POST", "/v1/kiosks:pair", body, token=None)
    assert answer.status_code == 201, answer.text
    kiosk_id: str = answer.json()["kiosk_id"]
    return kiosk_id


async def signed(front: Shopfront, key: Ed25519PrivateKey, kiosk_id: str) -> dict[str, str]:
    """Ask for a challenge and return it, signed."""
    asked = await front.ask("POST", "/v1/device-challenges", {"kiosk_id": kiosk_id}, token=None)
    words = asked.json()["challenge"]
    signature = b64encode(key.sign(signed_words(kiosk_id, words))).decode()
    return {"kiosk_id": kiosk_id, "challenge": words, "signature": signature}


async def let_in(front: Shopfront, body: dict[str, str]) -> Response:
    return await front.ask("POST", "/v1/device-sessions", body, token=None)


def code_of(answer: Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    code: str = answer.json()["code"]
    return code


async def test_a_kiosk_works_when_it_was_paired_and_has_signed(database: Database, tmp_path: Path) -> None:
    add_manager(database)
    key = Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        kiosk_id = await paired(front, key)
        session = await let_in(front, await signed(front, key, kiosk_id))

        me = await front.ask("GET", "/v1/kiosks/me", token=session.json()["token"])

    assert session.json()["expires_in_seconds"] == 900
    assert {name: me.json()[name] for name in ("kiosk_id", "name", "store_id", "paused")} == {
        "kiosk_id": "kiosk-9",
        "name": "Kiosk 9",
        "store_id": "demo",
        "paused": False,
    }


async def test_a_signature_opens_once_when_it_is_replayed(database: Database, tmp_path: Path) -> None:
    add_manager(database)
    key = Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        body = await signed(front, key, await paired(front, key))
        first = await let_in(front, body)

        again = await let_in(front, body)

    assert first.status_code == 201
    assert (again.status_code, code_of(again)) == (401, "challenge_over")


@pytest.mark.parametrize("forgery", ["signature", "challenge", "subject", "unpaired"])
async def test_nobody_is_let_in_when_something_is_forged(database: Database, tmp_path: Path, forgery: str) -> None:
    add_manager(database)
    key = Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        kiosk_id = await paired(front, key)
        body = await signed(front, Ed25519PrivateKey.generate() if forgery == "signature" else key, kiosk_id)
        if forgery == "challenge":
            end, _, rest = body["challenge"].partition(".")
            body["challenge"] = f"{int(end) + 3600}.{rest}"
        elif forgery == "subject":
            body["kiosk_id"] = "kiosk-1"
        elif forgery == "unpaired":
            body = await signed(front, key, "kiosk-of-nobody")

        answer = await let_in(front, body)

    expected = {"signature": "signature_wrong", "unpaired": "kiosk_unknown"}.get(forgery, "challenge_over")
    assert (answer.status_code, code_of(answer)) == (401, expected)


async def test_a_device_is_shut_out_at_once_when_it_is_revoked(database: Database, tmp_path: Path) -> None:
    add_manager(database)
    key = Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        kiosk_id = await paired(front, key)
        token = (await let_in(front, await signed(front, key, kiosk_id))).json()["token"]
        heard: asyncio.Queue[bytes | None] = asyncio.Queue()
        await front.house.hub.listen(Hearing("demo", None, kiosk_id), None, heard.put).begin()
        assert await heard.get() == b"retry: 1000\n\n"

        revoked = await front.ask("POST", f"/v1/kiosks/{kiosk_id}:revoke", {"reason": "stolen"}, token=MANAGER)

        assert revoked.status_code == 204
        assert code_of(await front.ask("GET", "/v1/kiosks/me", token=token)) == "kiosk_unknown"
        assert code_of(await let_in(front, await signed(front, key, kiosk_id))) == "kiosk_revoked"
        while (frame := await asyncio.wait_for(heard.get(), 20)) is not None:
            assert b"device.paired" in frame  # it was told of a moment before the stream began


async def test_the_old_key_is_worthless_when_the_device_is_paired_again(database: Database, tmp_path: Path) -> None:
    add_manager(database)
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        kiosk_id = await paired(front, old)
        token = (await let_in(front, await signed(front, old, kiosk_id))).json()["token"]
        assert await paired(front, new) == kiosk_id

        assert code_of(await front.ask("GET", "/v1/kiosks/me", token=token)) == "kiosk_unknown"
        assert code_of(await let_in(front, await signed(front, old, kiosk_id))) == "signature_wrong"
        assert (await let_in(front, await signed(front, new, kiosk_id))).status_code == 201


@pytest.mark.parametrize("token", [KIOSK_TOKEN, GATE_TOKEN, None])
async def test_no_code_is_made_when_it_is_not_a_manager_who_asks(
    database: Database, tmp_path: Path, token: str | None
) -> None:
    async with open_shopfront(url_of(database), tmp_path) as front:
        answer = await front.ask("POST", "/v1/pairing-codes", {"kind": "kiosk", "name": "Mine"}, token=token)

    assert code_of(answer) == ("unauthorized" if token is None else "forbidden_role")


async def test_a_gate_opens_and_prices_nothing_when_it_is_let_in(database: Database, tmp_path: Path) -> None:
    add_manager(database)
    key = Ed25519PrivateKey.generate()
    async with open_shopfront(url_of(database), tmp_path) as front:
        gate_id = await paired(front, key, "Gate 2", "gate")
        token = (await let_in(front, await signed(front, key, gate_id))).json()["token"]

        gate = await front.ask("POST", "/v1/exit-tokens:use", {"code": "SESAME:X:nothing"}, token=token)
        basket = await front.ask("GET", "/v1/kiosks/me", token=token)

    assert code_of(gate) == "exit_token_unknown"
    assert code_of(basket) == "forbidden_role"


def test_one_key_is_paired_when_many_use_the_same_code_at_once(database: Database, people: People) -> None:
    code = database.write(
        lambda work: invite(work, people.phones.keyed, "Kiosk 9", "kiosk", store_id="demo", by="amal", at=NOON)
    ).code
    keys = [public_of(Ed25519PrivateKey.generate()) for _ in range(4)]

    def act(key: bytes) -> Device:
        return database.write(lambda work: pair(work, people.phones.keyed, code, key, at=NOON))

    told = at_once([partial(act, key) for key in keys])

    assert sorted(type(each).__name__ for each in told) == ["Device", "FlowError", "FlowError", "FlowError"]
    device = database.read(lambda work: work.devices.get("kiosk-9"))
    assert device is not None
    assert device.public_key in keys


def test_the_same_device_is_answered_when_its_key_asks_again_with_its_code(database: Database, people: People) -> None:
    code = database.write(
        lambda work: invite(work, people.phones.keyed, "Kiosk 9", "kiosk", store_id="demo", by="amal", at=NOON)
    ).code
    key = public_of(Ed25519PrivateKey.generate())
    first = database.write(lambda work: pair(work, people.phones.keyed, code, key, at=NOON))

    again = database.write(lambda work: pair(work, people.phones.keyed, code.lower().replace("-", ""), key, at=NOON))

    assert again == first


@pytest.mark.parametrize("case", ["late", "unknown", "short", "taken"])
def test_no_key_is_paired_when_code_or_key_will_not_do(database: Database, people: People, case: str) -> None:
    keyed = people.phones.keyed
    code = database.write(
        lambda work: invite(work, keyed, "Kiosk 9", "kiosk", store_id="demo", by="amal", at=NOON)
    ).code
    known = database.read(lambda work: work.devices.get("kiosk-1"))
    assert known is not None
    assert known.public_key is not None
    key = {"short": b"short", "taken": known.public_key}.get(case, public_of(Ed25519PrivateKey.generate()))
    at = NOON + PAIRING_LIFE if case == "late" else NOON + timedelta(minutes=1)

    with pytest.raises(FlowError) as refused:
        database.write(lambda work: pair(work, keyed, "0000-0000" if case == "unknown" else code, key, at=at))

    assert refused.value.code == {"short": "malformed_request", "taken": "device_key_known"}.get(
        case, "pairing_code_unknown"
    )


def test_the_id_is_plain_when_a_name_is_not() -> None:
    assert device_id_of("Caisse É 1") == "caisse-e-1"
    with pytest.raises(FlowError):
        device_id_of("收银台")


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)

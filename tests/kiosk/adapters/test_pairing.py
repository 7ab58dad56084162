"""A kiosk's own key: made once, kept private, paired by a code, and proven again and again."""

import threading
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from kiosk.adapters.http_shop import HttpShop, open_client
from kiosk.adapters.pairing import IdentityFileError, PairingError, pair, read_identity
from kiosk.adapters.sign_in import SignIn
from kiosk.ports import ShopRefusedError, ShopUnreachableError
from kiosk.visit import calls
from tests.kiosk.builders import an_identity
from tests.kiosk.serving import serving


class Doorkeeper:
    """A store that lets one device in by its key, and knows its newest token alone."""

    def __init__(self) -> None:
        self.key: Ed25519PublicKey | None = None
        self.kind = "kiosk"
        self.sessions = 0
        self.lasts = 900
        self.refusal: tuple[int, str] | None = None
        self.loses_the_answer = False
        self.app = FastAPI()
        self.app.post("/v1/kiosks:pair")(self.pair)
        self.app.post("/v1/device-challenges")(self.challenge)
        self.app.post("/v1/device-sessions")(self.session)
        self.app.get("/v1/baskets/{basket_id}")(self.basket)
        self.app.get("/wrong-pin")(self.wrong_pin)

    async def pair(self, request: Request) -> Response:
        body = await request.json()
        if self.refusal is not None:
            return self.refuse()
        self.key = Ed25519PublicKey.from_public_bytes(b64decode(body["public_key"]))
        if self.loses_the_answer:
            return Response("lost", 502)
        return JSONResponse({"kiosk_id": "kiosk-1", "kind": self.kind, "name": "Caisse 1", "store_id": "demo"}, 201)

    async def challenge(self) -> Response:
        return JSONResponse({"challenge": "words", "expires_at": "2026-11-02T12:00:00Z"}, 201)

    async def session(self, request: Request) -> Response:
        body = await request.json()
        if self.refusal is not None:
            return self.refuse()
        assert self.key is not None
        self.key.verify(b64decode(body["signature"]), b"sesame-device-session-1\nkiosk-1\nwords")
        self.sessions += 1
        return JSONResponse({"token": f"token-{self.sessions}", "expires_in_seconds": self.lasts}, 201)

    async def basket(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer token-{self.sessions}":
            return JSONResponse({"code": "kiosk_unknown"}, 401)
        return JSONResponse({"code": "basket_not_found"}, 404)

    async def wrong_pin(self) -> Response:
        return JSONResponse({"code": "pin_wrong"}, 401)

    def refuse(self) -> Response:
        assert self.refusal is not None
        status, code = self.refusal
        return JSONResponse({"code": code, "detail": "No.", "hint": "Ask a manager."}, status)


@pytest.fixture
def store() -> Iterator[tuple[Doorkeeper, str]]:
    keeper = Doorkeeper()
    with serving(keeper.app) as address:
        yield keeper, f"http://{address}"


def test_the_key_is_private_and_proven_when_a_kiosk_is_paired(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    file = tmp_path / "keys" / "identity.json"

    name = pair(url, "7KQ2-9DXM", file)

    assert name == "Caisse 1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(file.parent.iterdir()) == [file]
    with open_client(url, SignIn(read_identity(file))) as client, pytest.raises(ShopRefusedError) as refusal:
        HttpShop(client).perform(calls.FetchBasket("b-1"))
    assert refusal.value.code == "basket_not_found"
    assert keeper.sessions == 1


def test_the_same_key_is_shown_again_when_the_first_answer_was_lost(
    store: tuple[Doorkeeper, str], tmp_path: Path
) -> None:
    keeper, url = store
    keeper.loses_the_answer = True
    with pytest.raises(PairingError):
        pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    first, keeper.loses_the_answer = keeper.key, False

    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")

    assert first is not None
    assert keeper.key is not None
    assert keeper.key.public_bytes_raw() == first.public_bytes_raw()


def test_the_old_key_stays_when_the_store_refuses_a_new_pairing(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    file = an_identity(tmp_path)
    before = file.read_bytes()
    keeper.refusal = (404, "pairing_code_unknown")

    with pytest.raises(PairingError, match="Ask a manager") as refused:
        pair(url, "WRONG-ONE", file)

    assert refused.value.code == "pairing_code_unknown"
    assert file.read_bytes() == before


def test_a_gates_code_pairs_no_kiosk_when_it_is_typed_here(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    keeper.kind = "gate"

    with pytest.raises(PairingError, match="for a gate"):
        pair(url, "7KQ2-9DXM", tmp_path / "identity.json")

    assert not (tmp_path / "identity.json").exists()


@pytest.mark.parametrize("taken", [None, (409, "device_key_known")])
def test_another_key_is_made_when_the_first_belongs_to_another_device(
    store: tuple[Doorkeeper, str], tmp_path: Path, taken: tuple[int, str] | None
) -> None:
    keeper, url = store
    keeper.kind, keeper.refusal = "gate", taken
    for _ in range(1 if taken is None else 2):  # a key of before is there, then it is refused
        with pytest.raises(PairingError):
            pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    left = sorted(tmp_path.iterdir())
    keeper.kind, keeper.refusal = "kiosk", None

    pair(url, "04RA-7KQ2", tmp_path / "identity.json")

    assert left == []
    assert read_identity(tmp_path / "identity.json").kiosk_id == "kiosk-1"


def test_the_way_out_is_named_when_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(PairingError, match="No store answers"):
        pair("http://127.0.0.1:9", "7KQ2-9DXM", tmp_path / "identity.json")


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (None, 0o600, "not paired"),
        ("{}", 0o600, "holds no key"),
        ('{"private_key": "AAAA", "kiosk_id": "k"}', 0o600, "holds no key"),
        ("as it is", 0o644, "chmod 600"),
    ],
)
def test_the_file_is_refused_with_words_when_it_cannot_be_used(
    tmp_path: Path, content: str | None, mode: int, words: str
) -> None:
    file = tmp_path / "identity.json"
    if content == "as it is":
        file = an_identity(tmp_path)
    elif content is not None:
        file.write_text(content)
    if file.exists():
        file.chmod(mode)

    with pytest.raises(IdentityFileError, match=words):
        read_identity(file)


def test_one_session_serves_all_when_many_threads_ask_at_once(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    auth = SignIn(read_identity(tmp_path / "identity.json"))
    codes: list[str] = []

    def ask() -> None:
        with open_client(url, auth) as client:
            codes.append(client.get("/v1/baskets/b").json()["code"])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert codes == ["basket_not_found"] * 4
    assert keeper.sessions == 1


def test_the_session_is_renewed_when_two_thirds_of_it_are_over(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    now = [0.0]
    with open_client(url, SignIn(read_identity(tmp_path / "identity.json"), lambda: now[0])) as client:
        client.get("/v1/baskets/b")
        now[0] = 599.0
        client.get("/v1/baskets/b")
        before = keeper.sessions
        now[0] = 601.0
        client.get("/v1/baskets/b")

    assert (before, keeper.sessions) == (1, 2)


def test_the_device_signs_again_when_its_token_is_not_known_any_more(
    store: tuple[Doorkeeper, str], tmp_path: Path
) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    with open_client(url, SignIn(read_identity(tmp_path / "identity.json"))) as client:
        client.get("/v1/baskets/b")
        keeper.sessions += 5  # the store has forgotten the token

        answer = client.get("/v1/baskets/b")

    assert answer.json()["code"] == "basket_not_found"


def test_no_signature_is_asked_for_when_a_401_is_about_something_else(
    store: tuple[Doorkeeper, str], tmp_path: Path
) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    with open_client(url, SignIn(read_identity(tmp_path / "identity.json"))) as client:
        answer = client.get("/wrong-pin")

    assert answer.json()["code"] == "pin_wrong"
    assert keeper.sessions == 1


def test_the_refusal_is_told_when_the_device_was_shut_out(store: tuple[Doorkeeper, str], tmp_path: Path) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    keeper.refusal = (403, "kiosk_revoked")

    with (
        open_client(url, SignIn(read_identity(tmp_path / "identity.json"))) as client,
        pytest.raises(ShopRefusedError) as refusal,
    ):
        HttpShop(client).perform(calls.FetchBasket("b-1"))

    assert refusal.value.code == "kiosk_revoked"


def test_a_write_stays_on_disk_when_the_store_lets_nobody_in_just_now(
    store: tuple[Doorkeeper, str], tmp_path: Path
) -> None:
    keeper, url = store
    pair(url, "7KQ2-9DXM", tmp_path / "identity.json")
    keeper.refusal = (429, "too_many_requests")

    with open_client(url, SignIn(read_identity(tmp_path / "identity.json"))) as client:
        with pytest.raises(ShopUnreachableError):
            HttpShop(client).perform(calls.FetchBasket("b-1"))
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/v1/baskets/b")

"""A gate opens once for a real pass, with a network or without one, and for nothing else."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from checkout import ExitPass, Grant, ProvisionalExit
from checkout.signed_text import signs
from kiosk.adapters.spent_passes import SpentPasses
from kiosk.gate import Gate, KeysMissingError, StoreKeys, Verdict, serve, store_keys

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
KEYS = StoreKeys("demo", (b64encode(KEY.public_key().public_bytes_raw()).decode(),))


class Store:
    """Answers like a store, or not at all."""

    def __init__(self) -> None:
        self.is_away = False
        self.refusal: tuple[int, object] | None = None
        self.asked: list[str] = []
        self.reported: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.is_away:
            raise httpx.ConnectError("away")
        self.asked.append(request.url.path)
        if request.url.path == "/v1/exit-keys":
            return httpx.Response(200, json={"store_id": "demo", "keys": list(KEYS.keys)})
        if request.url.path == "/v1/exit-tokens:report":
            self.reported.append(request.content)
            return httpx.Response(200, json={"outcomes": ["noted"]})
        if self.refusal is not None:
            return httpx.Response(self.refusal[0], json=self.refusal[1])
        return httpx.Response(200, json={"ticket_number": 7})


class Entrance:
    """A gate with its store, its memory and its clock."""

    def __init__(self, folder: Path) -> None:
        self.store = Store()
        self.now = NOON
        self.spent = SpentPasses(folder / "spent.sqlite")
        self.client = httpx.Client(base_url="http://store", transport=httpx.MockTransport(self.store))
        self.gate = Gate(self.client, KEYS, self.spent, lambda: self.now)


@pytest.fixture
def entrance(tmp_path: Path) -> Iterator[Entrance]:
    made = Entrance(tmp_path)
    yield made
    made.client.close()
    made.spent.close()


def a_pass(nonce: str = "n1", *, store_id: str = "demo", key: Ed25519PrivateKey = KEY, minutes: int = 60) -> str:
    shown = ExitPass(store_id, 7, int((NOON + timedelta(minutes=minutes)).timestamp()), nonce)
    return f"SESAME:X:{shown.token(key.sign(shown.words()))}"


def test_the_store_decides_when_it_is_there(entrance: Entrance) -> None:
    assert entrance.gate.show(a_pass()) == Verdict("", 7)

    entrance.store.refusal = (409, {"code": "exit_token_used"})

    assert entrance.gate.show(a_pass("n2")) == Verdict("exit_token_used", 7)


@pytest.mark.parametrize("is_away", [False, True])
def test_it_opens_once_when_the_same_pass_is_shown_twice(entrance: Entrance, *, is_away: bool) -> None:
    entrance.store.is_away = is_away
    first = entrance.gate.show(a_pass())

    second = entrance.gate.show(a_pass())

    assert (first.opens, first.is_offline) == (True, is_away)
    assert second.code == "exit_token_used"


@pytest.mark.parametrize(
    ("code", "refusal"),
    [
        (a_pass(key=Ed25519PrivateKey.generate()), "exit_token_unknown"),
        (a_pass(store_id="other"), "exit_token_unknown"),
        (a_pass(minutes=0), "exit_token_expired"),
        ("SESAME:X:invented", "exit_token_unknown"),
        ("3017620422003", "exit_token_unknown"),
        (a_pass().replace("SESAME:X:1", "SESAME:X:2"), "exit_token_unknown"),
    ],
)
def test_it_stays_shut_when_a_pass_is_not_good_and_nobody_can_be_asked(
    entrance: Entrance, code: str, refusal: str
) -> None:
    entrance.store.is_away = True

    assert entrance.gate.show(code).code == refusal


@pytest.mark.parametrize("answer", [(502, {}), (503, "not ready")])
def test_it_decides_by_itself_when_the_store_is_broken(entrance: Entrance, answer: tuple[int, object]) -> None:
    entrance.store.refusal = answer

    assert entrance.gate.show(a_pass()) == Verdict("", 7, is_offline=True)


def test_it_stays_shut_when_the_store_says_no_without_words(entrance: Entrance) -> None:
    entrance.store.refusal = (403, [])

    assert entrance.gate.show(a_pass()).code == "exit_token_unknown"


def test_openings_are_told_once_when_the_network_comes_back(entrance: Entrance) -> None:
    entrance.store.is_away = True
    entrance.gate.show(a_pass())
    entrance.gate.tell()
    entrance.store.is_away = False

    entrance.gate.tell()
    entrance.gate.tell()

    (told,) = entrance.store.reported
    assert a_pass().encode() in told
    assert b"2026-11-20T11:00:00+00:00" in told


def test_a_pass_is_forgotten_when_it_is_too_old_and_told(entrance: Entrance) -> None:
    entrance.store.is_away = True
    entrance.gate.show(a_pass())
    entrance.store.is_away = False
    entrance.now = NOON + timedelta(hours=2)

    entrance.gate.tell()

    assert not entrance.spent.has("n1")
    assert entrance.gate.show(a_pass()).code == "exit_token_expired"


def test_what_was_opened_is_known_when_the_gate_starts_again(entrance: Entrance, tmp_path: Path) -> None:
    entrance.store.is_away = True
    entrance.gate.show(a_pass())

    again = SpentPasses(tmp_path / "spent.sqlite")

    assert again.has("n1")
    assert len(again.untold()) == 1
    again.close()


def test_the_keys_of_before_serve_when_the_store_is_away(entrance: Entrance, tmp_path: Path) -> None:
    kept = tmp_path / "exit-keys.json"
    entrance.store.is_away = True
    with pytest.raises(KeysMissingError):
        store_keys(entrance.client, kept)
    entrance.store.is_away = False
    assert store_keys(entrance.client, kept) == KEYS
    entrance.store.is_away = True

    assert store_keys(entrance.client, kept) == KEYS


def test_each_line_is_answered_when_a_scanner_types(entrance: Entrance) -> None:
    said: list[str] = []

    serve(entrance.gate, [a_pass() + "\n", "\n", "nonsense\n"], said.append)

    assert said == ["OPEN 7", "CLOSED exit_token_unknown"]


def a_provisional(
    nonce: str = "p1", *, store: Ed25519PrivateKey = KEY, kiosk: Ed25519PrivateKey | None = None, minutes: int = 30
) -> str:
    own = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    until = int((NOON + timedelta(minutes=minutes)).timestamp())
    granted = Grant("demo", "kiosk-1", signs(own.public_key().public_bytes_raw()), until + 3600)
    way_out = ProvisionalExit(3, until, nonce)
    grant = granted.token(store.sign(granted.words()))
    return f"SESAME:X:{way_out.token((kiosk or own).sign(way_out.words()), grant)}"


def test_a_kiosk_that_the_store_lets_sign_opens_it_once_when_all_are_cut_off(entrance: Entrance) -> None:
    entrance.store.is_away = True

    said = [entrance.gate.show(a_provisional()) for _ in range(2)]

    assert said == [Verdict("", 3, is_offline=True), Verdict("exit_token_used", 3)]
    entrance.store.is_away = False
    entrance.gate.tell()
    assert len(entrance.store.reported) == 1


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        (a_provisional(store=Ed25519PrivateKey.generate()), Verdict("exit_token_unknown")),
        (a_provisional(kiosk=Ed25519PrivateKey.generate()), Verdict("exit_token_unknown")),
        (a_provisional(minutes=-1), Verdict("exit_token_expired", 3)),
        (a_provisional().replace(".G.", ".H."), Verdict("exit_token_unknown")),
    ],
)
def test_it_stays_shut_when_store_or_kiosk_did_not_sign_or_it_is_over(
    entrance: Entrance, code: str, verdict: Verdict
) -> None:
    entrance.store.is_away = True

    assert entrance.gate.show(code) == verdict

"""Every state of a visit x every fault: the same screen within five seconds, the truth from the store, one outcome."""

import json
import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.e2e.colleague import Colleague
from tests.e2e.stack import Stack, get_json

CODE = "0000105000219"
"""A pack of tea for 1.69: cheap, so that one shopper stays below what number and PIN may pay in a day."""
PHONE = "+33199005678"
PATIENCE_SECONDS = 60.0
GLANCE_SECONDS = 2.0
SAME_SCREEN_SECONDS = 5.0

OTHER_CODE = "0000105000196"
WINE = "0031259015477"
"""Sold from 18 years: somebody looks at the shopper first."""

Screen = dict[str, Any]
WAY: dict[str, tuple[dict[str, Any], ...]] = {
    "welcome": (),
    "shopping": ({"act": "scan", "code": CODE},),
    "search": ({"act": "scan", "code": CODE}, {"act": "open_search"}),
    "review": ({"act": "scan", "code": CODE}, {"act": "review"}),
}
WAY["method"] = (*WAY["review"], {"act": "confirm"})
WAY["digits"] = (*WAY["method"], {"act": "choose_method", "method": "face"})
WAY["looking"] = (*WAY["digits"], {"act": "digits", "digits": "0000"})
WAY["code"] = (*WAY["method"], {"act": "choose_method", "method": "code"})
WAY["confirming"] = (*WAY["code"], {"act": "identify", "phone": PHONE, "pin": "PIN"})
WAY["desk"] = (*WAY["method"], {"act": "choose_method", "method": "desk"})
WAY["paying"] = WAY["confirming"]
WAY["receipt"] = (*WAY["confirming"], {"act": "confirm"})
WAY["enrol_consent"] = (*WAY["shopping"], {"act": "enrol"})
WAY["withdraw"] = ({"act": "withdraw"},)
WAY["enrol_details"] = (*WAY["enrol_consent"], {"act": "consent", "given": True, "over_15": True})
WAY["withdrawn"] = (*WAY["withdraw"], {"act": "withdraw_confirm", "phone": PHONE, "pin": "PIN"})
WAY["enrol_code"] = WAY["enrol_capture"] = WAY["enrol_done"] = WAY["enrol_test"] = WAY["enrol_details"]
WAY["age"] = (*WAY["shopping"], {"act": "scan", "code": WINE})
WAY["staff"] = (*WAY["shopping"], {"act": "attend"})
WAY["paused"] = WAY["out_of_order"] = WAY["welcome"]
WAY["aside"] = (*WAY["shopping"], {"act": "put_aside"})
WAY["carried"] = WAY["shopping"]
BY_PASS = ("pass code", "pass confirming", "pass paying", "pass receipt")
"""The states of a payment without the store: reached with a cut wire, and booked once when it is whole again."""
for _state in BY_PASS:
    WAY[_state] = WAY["shopping"]
STATES = tuple(WAY)
BY_FACE = ("enrol_done", "enrol_test")
"""The states that nobody reaches without photographs of a face."""
PANEL = {
    "paying": "confirming",
    "carried": "shopping",
    "age": "shopping",
    **dict.fromkeys(("enrol_code", "enrol_capture", *BY_FACE), "enrol_details"),
    "paused": "welcome",
    "out_of_order": "welcome",
    **dict.fromkeys(BY_PASS, "shopping"),
}
"""Where the way to a state ends, where that is not the state: what follows needs more than acts."""
FAULTS = ("kill kiosk", "kill server", "cut network", "repeat request")
BACK_TO = {
    "search": "shopping",
    "digits": "method",
    "looking": "method",
    "code": "method",
    "confirming": "method",
    "enrol_consent": "shopping",
    "enrol_details": "shopping",
    "enrol_code": "shopping",
    "enrol_capture": "shopping",
    "enrol_done": "shopping",
    "enrol_test": "shopping",
    "withdrawn": "welcome",
    "age": "shopping",
    "staff": "shopping",
    "withdraw": "welcome",
    "carried": "aside",
}
"""Where a killed kiosk returns to; all others to the same screen. Who was about to pay is nobody's to keep."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What became of one visit.

    Attributes:
        seconds: From the fault until the screen was there again, for a kiosk from its start on.
        screen: Which screen that was.
        paid: Payments of the basket in the end, or -1 where there was nothing to pay.
    """

    state: str
    fault: str
    seconds: float
    screen: str
    paid: int

    @property
    def holds(self) -> bool:
        """Whether it is what it must be."""
        return self.seconds < SAME_SCREEN_SECONDS and self.paid in {-1, 1}


class Shopper:
    """Drives the kiosk as its page does, and knows nothing else."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._pin = stack.logins[PHONE]

    def act(self, act: dict[str, Any]) -> int:
        """Send one act; return the status."""
        body = json.dumps({**act, "pin": self._pin} if act.get("pin") == "PIN" else act).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._stack.kiosk.url}/acts", body, headers)  # noqa: S310 - our own loopback
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code

    def glance(self, is_there: Callable[[Screen], bool], seconds: float = GLANCE_SECONDS) -> tuple[bool, Screen]:
        """Look until the screen is as it should be, for a while; return whether it was, and what was seen last."""
        until = time.monotonic() + seconds
        screen: Screen = {}
        while time.monotonic() < until:
            try:
                screen = get_json(f"{self._stack.kiosk.url}/screen")
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                screen = {}
            if screen and is_there(screen):
                return True, screen
            time.sleep(0.02)
        return False, screen

    def wait(self, is_there: Callable[[Screen], bool], what: str) -> Screen:
        """Wait for a screen and return it."""
        found, screen = self.glance(is_there, PATIENCE_SECONDS)
        if found:
            return screen
        told = json.dumps({name: screen.get(name) for name in ("panel", "notice", "shop", "waiting", "basket")})
        raise AssertionError(f"no {what}; the screen was {told[:1500]}")

    def panel(self, *names: str) -> Screen:
        """Wait for one of these panels."""
        return self.wait(lambda screen: screen["panel"]["name"] in names, f"panel {names}")

    def go(self, way: tuple[dict[str, Any], ...]) -> None:
        """Do the acts of a way one after the other, each as soon as the screen offers it."""
        for act in way:
            self.wait(lambda screen, name=act["act"]: name in screen["possible"], act["act"])  # type: ignore[misc] # bound now
            assert self.act(act) == 202, act


def reach(stack: Stack, shopper: Shopper, state: str) -> None:
    """Bring a fresh visit to a state."""
    shopper.panel("welcome")
    shopper.wait(lambda screen: screen["shop"] == "online", "store")
    shopper.go(WAY[state])
    shopper.panel(PANEL.get(state, state))
    if state in {"shopping", "carried", "age", *BY_PASS}:
        shopper.wait(lambda screen: bool(screen["basket"] and screen["basket"]["lines"]), "line")
    if state == "carried":
        carry(stack, shopper)
    if state in BY_PASS:
        go_by_pass(stack, shopper, state)
    if state in BEYOND_ACTS:
        BEYOND_ACTS[state](stack, shopper)


def prove(_stack: Stack, shopper: Shopper) -> None:
    """Say who joins, with a number that nobody has used yet, and be asked for the code that was sent there."""
    pin = "482915"
    phone = f"+331990{uuid4().int % 10**5:05}"
    shopper.go(({"act": "details", "name": "Lou", "phone": phone, "pin": pin, "pin_again": pin},))
    shopper.panel("enrol_code")


def stand_before(stack: Stack, shopper: Shopper) -> None:
    """Show the code that was sent, and be asked for a picture."""
    prove(stack, shopper)
    sent = shopper.wait(lambda screen: bool(screen["panel"].get("sandbox_code")), "code")
    shopper.go(({"act": "phone_code", "code": sent["panel"]["sandbox_code"]},))
    shopper.panel("enrol_capture")


def join(stack: Stack, shopper: Shopper) -> None:
    """Have as many pictures taken as are wanted."""
    stand_before(stack, shopper)
    for number, photograph in enumerate(stack.photographs, start=1):
        stack.face.show(photograph)
        shopper.go(({"act": "capture"},))
        shopper.wait(
            lambda screen, number=number: (  # type: ignore[misc] # bound now
                screen["panel"]["name"] == "enrol_done" or screen["panel"].get("taken") == number
            ),
            f"picture {number}",
        )
    shopper.panel("enrol_done")
    stack.face.clear()


def try_face(stack: Stack, shopper: Shopper) -> None:
    """Join, and be looked for while nobody is there."""
    join(stack, shopper)
    shopper.go(({"act": "test_face"},))
    shopper.panel("enrol_test")


def wait_for_age(_stack: Stack, shopper: Shopper) -> None:
    """Have something in the basket that somebody must look at the shopper for."""
    shopper.wait(lambda screen: screen["basket"]["age_check"] == "waiting", "age check")


def step_up(stack: Stack, shopper: Shopper) -> None:
    """Be a colleague before the kiosk."""
    shopper.go(({"act": "scan", "code": Colleague(stack).badge()},))
    shopper.wait(lambda screen: "staff_quantity" in screen["possible"], "colleague who may act")


def pause(stack: Stack, shopper: Shopper) -> None:
    """Have the kiosk closed from afar."""
    Colleague(stack).close(closed=True)
    shopper.panel("paused")


def forget_store(stack: Stack, shopper: Shopper) -> None:
    """Start the kiosk without a store, and without what its disk knows of one."""
    assert stack.wire is not None
    stack.kiosk.kill()
    stack.wire.cut()
    (Path(stack.kiosk.environment["SESAME_KIOSK_VAR_DIR"]) / "store.json").unlink()
    stack.kiosk.start()
    shopper.panel("out_of_order")


BEYOND_ACTS: dict[str, Callable[[Stack, Shopper], None]] = {
    "enrol_code": prove,
    "enrol_capture": stand_before,
    "enrol_done": join,
    "enrol_test": try_face,
    "age": wait_for_age,
    "staff": step_up,
    "paused": pause,
    "out_of_order": forget_store,
}
"""What brings a visit to a state, once its acts are done."""


def carry(stack: Stack, shopper: Shopper) -> None:
    """Put two goods aside as codes, without the store."""
    assert stack.wire is not None
    on_disk(stack, shopper, "catalogue.json.gz")
    stack.wire.cut()
    shopper.go(({"act": "scan", "code": OTHER_CODE},))
    shopper.wait(lambda screen: screen["shop"] == "offline" and len(screen["basket"]["lines"]) == 2, "two lines")
    shopper.go(({"act": "put_aside"},))
    assert shopper.panel("aside")["panel"]["texts"]


def on_disk(stack: Stack, shopper: Shopper, name: str) -> None:
    """Wait until the kiosk has kept what it needs without the store: it is fetched a moment after the first screen."""
    kept = Path(stack.kiosk.environment["SESAME_KIOSK_VAR_DIR"]) / name
    shopper.wait(lambda _: kept.exists(), name)


def fill_purse(stack: Stack, amount_minor: int) -> str:
    """Have the shopper's page put money into the purse, over a wire of its own; return its token."""
    token = str(
        post_json(stack, "/v1/shopper/sessions", {"phone": PHONE, "pin": stack.logins[PHONE]})["token"],
    )
    post_json(stack, "/v1/topups", {"topup_id": str(uuid4()), "amount_minor": amount_minor}, token)
    return token


def a_pass(stack: Stack) -> str:
    """Have the shopper's page make a pass."""
    token = fill_purse(stack, 2000)
    return str(post_json(stack, "/v1/wallets/me/offline-passes", {"pin": stack.logins[PHONE]}, token)["code"])


def post_json(stack: Stack, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    """Send one request to the store past the kiosk's wire."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
    headers |= {"Authorization": f"Bearer {token}"} if token else {}
    request = urllib.request.Request(f"{stack.server.url}{path}", json.dumps(body).encode(), headers)  # noqa: S310 - our own loopback
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - as above
        found: dict[str, Any] = json.loads(answer.read())
        return found


def go_by_pass(stack: Stack, shopper: Shopper, state: str) -> None:
    """Go towards a payment without the store, up to a state of it."""
    assert stack.wire is not None
    code = a_pass(stack)
    on_disk(stack, shopper, "offline.json")  # fetched a moment after the first prices
    stack.wire.cut()
    shopper.go(({"act": "scan", "code": OTHER_CODE},))
    shopper.wait(lambda screen: screen["shop"] == "offline" and len(screen["basket"]["lines"]) == 2, "two lines")
    shopper.go(({"act": "review"}, {"act": "confirm"}))
    shopper.wait(lambda screen: bool(screen["panel"].get("by_pass")), "a way to pay without the store")
    shopper.go(({"act": "choose_method", "method": "code"}, {"act": "scan", "code": code}))
    if state == "pass code":
        shopper.panel("code")
        return
    shopper.go(({"act": "identify", "pin": "PIN"},))
    shopper.panel("confirming")
    if state == "pass receipt":
        shopper.go(({"act": "confirm"},))
        shopper.panel("receipt")


def strike(stack: Stack, shopper: Shopper, state: str, fault: str) -> tuple[float, Screen]:
    """Let the fault happen in a state; return how long the screen was gone or wrong, and the screen then."""
    wire = stack.wire
    assert wire is not None
    mend: Callable[[], None] = wire.mend
    if state == "paying" and fault != "repeat request":
        wire.cut()  # the payment is on its way, and nobody knows whether it arrived
        shopper.act({"act": "confirm"})
        shopper.panel("paying")
    if state == "pass paying":
        shopper.act({"act": "confirm"})  # nobody knows whether it is on the disk yet
    match fault:
        case "kill kiosk":
            stack.kiosk.kill()
            wire.mend()
            began = time.monotonic()
            stack.kiosk.start()
            allowed = back_to(state)
        case "kill server":
            stack.server.kill()
            began = time.monotonic()
            allowed = same_or_over(state)
            mend = partial(_start_again, stack)
        case "cut network":
            wire.cut()
            began = time.monotonic()
            allowed = same_or_over(state)
        case _:
            began = time.monotonic()
            allowed = _repeat(stack, shopper, state)
    screen = shopper.panel(*allowed)
    took = time.monotonic() - began
    mend()
    return took, screen


def back_to(state: str) -> set[str]:
    """Return the screens that a killed kiosk may return to."""
    found: dict[str, set[str]] = {
        "paying": {"checking", "receipt"},
        "receipt": {"checking", "receipt"},
        "pass receipt": {"receipt"},
        # The store is there again: its price is another than the provisional one, and nobody is bound by that.
        "pass code": {"method", "review"},
        "pass confirming": {"method", "review"},
        "pass paying": {"receipt", "review"},  # taken or not, as its disk says
        "out_of_order": {"welcome"},
    }
    return found.get(state, {BACK_TO.get(state, state)})


def same_or_over(state: str) -> set[str]:
    """Return the screens that a visit may show when only the store is away; a look needs it and ends."""
    found: dict[str, set[str]] = {
        "looking": {"looking", "method"},
        "paying": {"paying", "checking", "receipt"},
        "carried": {"aside"},
        "age": {"shopping"},
        "enrol_test": {"enrol_test", "enrol_done"},
        "pass paying": {"paying", "receipt"},
    }
    return found.get(state, {state.removeprefix("pass ")})


def _start_again(stack: Stack) -> None:
    assert stack.wire is not None
    stack.wire.mend()
    stack.server.start()


def _repeat(stack: Stack, shopper: Shopper, state: str) -> set[str]:
    """Lose the answer to what this state asks of the store, so that the kiosk must ask again."""
    assert stack.wire is not None
    if state == "out_of_order":  # its own question who it is goes on by itself
        asked = stack.wire.lose_answer_to(b"GET /v1/kiosks/me")
        stack.wire.mend()
        assert asked.wait(PATIENCE_SECONDS)
        return {"welcome"}
    questions: dict[str, tuple[bytes, dict[str, Any]]] = {
        "welcome": (b"POST /v1/baskets", {"act": "scan", "code": CODE}),
        "shopping": (b"/lines", {"act": "scan", "code": OTHER_CODE}),
        "search": (b"/v1/products", {"act": "search", "query": "tea"}),
        "review": (b":quote", {"act": "back"}),
        "confirming": (b"POST /v1/payments", {"act": "confirm"}),
        "paying": (b"POST /v1/payments", {"act": "confirm"}),
    }
    words, act = questions.get(state, (b"PUT /v1/kiosks", {"act": "choose_locale", "locale": "en"}))
    lost = stack.wire.lose_answer_to(words)
    assert shopper.act(act) == 202, act
    if state == "review":
        shopper.panel("shopping")
        shopper.go(({"act": "review"},))
    if state in questions:
        assert lost.wait(PATIENCE_SECONDS), f"nothing was asked in {state}"
    after = {"welcome": {"shopping"}, "confirming": {"paying", "checking", "receipt"}}
    return after.get(state, same_or_over(state))


def finish(stack: Stack, shopper: Shopper) -> int:
    """Go on from whatever is shown to a paid ticket; return how many payments the basket has, -1 without a basket."""
    shopper.wait(lambda screen: screen["shop"] == "online" and not screen["waiting"], "store")
    screen = shopper.wait(lambda screen: screen["panel"]["name"] not in {"paying", "checking", "out_of_order"}, "rest")
    if screen["panel"]["name"] == "aside":
        screen = take_up(shopper, screen["panel"])
    if screen["panel"]["name"] == "paused":
        Colleague(stack).close(closed=False)
        screen = shopper.panel("welcome")
    if screen["basket"] is not None and screen["basket"]["age_check"] == "waiting":
        screen = leave_wine(stack, shopper)
    if screen["panel"]["name"] in {"enrol_consent", "withdraw", "withdrawn", "welcome"} and screen["basket"] is None:
        if screen["panel"]["name"] != "welcome":
            shopper.go(({"act": "new_visit" if screen["panel"]["name"] == "withdrawn" else "back"},))
        shopper.panel("welcome")
        return -1
    until = time.monotonic() + 2 * PATIENCE_SECONDS
    while time.monotonic() < until:
        screen = shopper.wait(lambda screen: screen["panel"]["name"] not in {"paying", "checking"}, "rest")
        name = screen["panel"]["name"]
        if name == "receipt":
            break
        act: dict[str, Any] = {
            "shopping": {"act": "review"},
            "review": {"act": "confirm"},
            "method": {"act": "choose_method", "method": "code"},
            "code": {"act": "identify", "phone": PHONE, "pin": "PIN"},
            "confirming": {"act": "confirm"},
        }.get(name, {"act": "back"})
        if act["act"] in screen["possible"]:
            shopper.act(act)
        # An answer that came late may have led back here meanwhile: whoever stands there presses again.
        shopper.glance(lambda screen, name=name: screen["panel"]["name"] != name)  # type: ignore[misc] # bound now
    screen = shopper.panel("receipt")
    paid = payments_of(stack, screen["basket"]["basket_id"])
    shopper.go(({"act": "new_visit"},))
    return paid


def leave_wine(stack: Stack, shopper: Shopper) -> Screen:
    """Be told by a colleague that one is too young for what is in the basket; the rest is there to be paid."""

    colleague = Colleague(stack)

    def is_gone(screen: Screen) -> bool:
        colleague.refuse_ages()  # the call may come a moment after its basket
        return screen["basket"] is not None and len(screen["basket"]["lines"]) == 1

    return shopper.wait(is_gone, "basket without wine")


def take_up(shopper: Shopper, given: Screen) -> Screen:
    """Go on with a basket that was put aside, by the codes that the screen gave; each is read twice."""
    shopper.go(({"act": "new_visit"},))
    shopper.panel("welcome")
    for code in given["texts"] or [given["code"]]:
        for _ in range(2):
            shopper.go(({"act": "scan", "code": code},))
    lines = 2 if given["texts"] else 1
    return shopper.wait(
        lambda screen: (
            screen["panel"]["name"] == "shopping"
            and screen["shop"] == "online"
            and screen["basket"] is not None
            and not screen["basket"]["provisional"]
            and [line["quantity"] for line in screen["basket"]["lines"]] == [1] * lines
        ),
        f"{lines} lines of one piece",
    )


def finish_by_pass(stack: Stack, shopper: Shopper, before: int) -> int:
    """Leave with the receipt, or pay with the store where nothing was taken; return the payments that were made."""
    shopper.wait(lambda screen: screen["shop"] == "online", "store")
    screen = shopper.wait(lambda screen: screen["panel"]["name"] not in {"paying", "checking"}, "rest")
    if screen["panel"]["name"] == "receipt":
        shopper.go(({"act": "new_visit"},))
    else:
        finish(stack, shopper)
    until = time.monotonic() + PATIENCE_SECONDS
    while all_payments(stack) == before and time.monotonic() < until:
        time.sleep(0.05)  # the kiosk tells the store in its own time
    # One more visit goes the whole way to the store and back: whatever waited on the kiosk's disk was sent before it.
    reach(stack, shopper, "shopping")
    finish(stack, shopper)
    return all_payments(stack) - before - 1


def all_payments(stack: Stack) -> int:
    """Return how many payments the store has captured."""
    path = stack.server.environment["SESAME_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        return int(database.execute("SELECT count(*) FROM payment WHERE status = 'captured'").fetchone()[0])


def payments_of(stack: Stack, basket_id: str) -> int:
    """Return how many captured payments the store's own tables hold for a basket."""

    path = stack.server.environment["SESAME_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as database:
        query = "SELECT count(*) FROM payment WHERE basket_id = ? AND status = 'captured'"
        return int(database.execute(query, (basket_id,)).fetchone()[0])


def run(stack: Stack, state: str, fault: str) -> Cell:
    """Do one visit with one fault."""
    shopper = Shopper(stack)
    before = all_payments(stack)
    reach(stack, shopper, state)
    seconds, screen = strike(stack, shopper, state, fault)
    paid = finish_by_pass(stack, shopper, before) if state in BY_PASS else finish(stack, shopper)
    return Cell(state, fault, seconds, str(screen["panel"]["name"]), paid)


def table(cells: list[Cell]) -> str:
    """Return the matrix as people read it."""
    rows = [f"{'state':<14}" + "".join(f"{fault:>24}" for fault in FAULTS)]
    found = {(cell.state, cell.fault): cell for cell in cells}
    for state in STATES:
        told = []
        for fault in FAULTS:
            cell = found.get((state, fault))
            told.append("" if cell is None else f"{cell.screen} {cell.seconds:.1f} s, paid {max(cell.paid, 0)}")
        rows.append(f"{state:<14}" + "".join(f"{one:>24}" for one in told))
    return "\n".join(rows)

"""Every state of a visit x every fault: the same screen within five seconds, the truth from the store, one outcome."""

import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.e2e.colleague import Colleague
from tests.e2e.shopper import CODE, PATIENCE_SECONDS, PHONE, Screen, Shopper
from tests.e2e.stack import Stack
from tests.e2e.ways import BY_PASS, OTHER_CODE, STATES, reach

SAME_SCREEN_SECONDS = 5.0
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

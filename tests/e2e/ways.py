"""How a visit is brought to each of its states, by acts and by what a colleague, a phone or a cut wire adds."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.e2e.colleague import Colleague
from tests.e2e.shopper import CODE, PHONE, Shopper
from tests.e2e.stack import Stack

OTHER_CODE = "0000105000196"
WINE = "0031259015477"
"""Sold from 18 years: somebody looks at the shopper first."""

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

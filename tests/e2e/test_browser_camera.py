"""A kiosk without cameras of its own: the page lends the browser's, a person may refuse, and a still serves as well."""

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.axe import violations
from tests.e2e import drawn, people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack, open_shop

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
NOUGAT = "3343001113322"  # lies before the browser's camera in all these tests
KONJAC = "5200300110613"  # on stills and from the keypad
MIB = 1 << 20
# Keeps what the page got from the browser, so that a test can see whether the camera's light would burn.
KEEP_STREAMS = """() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.asked = [];
  window.streams = [];
  navigator.mediaDevices.getUserMedia = async (wish) => {
    window.asked.push(wish);
    const stream = await ask(wish);
    window.streams.push(stream);
    return stream;
  };
}"""
# A slow camera: the first picture comes when the test says so.
HOLD_PICTURES = """() => {
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = async function () {
    if (window.release === undefined) await new Promise((resolve) => (window.release = resolve));
    return play.call(this);
  };
}"""
LIVE_TRACKS = "window.streams.flatMap((one) => one.getTracks()).filter((one) => one.readyState === 'live').length"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a running store and a kiosk whose cameras are the browser's."""
    stack = open_shop(tmp_path_factory.mktemp("shop"), scan_camera="browser", face_camera="same")
    yield stack
    stack.stop()


@pytest.fixture(scope="module")
def browser(start_chromium: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a Chromium with a camera before which one pack lies; a page still has to be allowed to use it."""
    folder = tmp_path_factory.mktemp("before-the-camera")
    seen = jpeg(folder, NOUGAT)
    film = folder / "film.mjpeg"  # JPEGs one after another, played round and round
    film.write_bytes(seen * 3)
    chromium = start_chromium("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    yield chromium
    chromium.close()


@pytest.fixture(autouse=True)
def new_visit(shop: Stack) -> Iterator[None]:
    """Leave the kiosk at its welcome screen, for whoever comes next."""
    yield
    for name in (
        "new_visit",
        "cancel_visit",
        "back",
        "back",
        "back",
    ):  # those that the screen does not offer do nothing
        act(shop, name)
    assert shop.screen()["panel"]["name"] == "welcome"


def jpeg(folder: Path, code: str) -> bytes:
    """Return a photograph of a drawn pack."""
    seen = cv2.imread(str(drawn.pack(folder, code, "Sesame")))
    assert seen is not None
    return cv2.imencode(".jpg", seen)[1].tobytes()


def act(shop: Stack, name: str, **fields: Any) -> httpx.Response:
    """Do one act at the kiosk."""
    return httpx.post(f"{shop.kiosk.url}/acts", json={"act": name, **fields})


def post_still(
    shop: Stack, content: bytes | Iterator[bytes], *, role: str = "scan", headers: dict[str, str] | None = None
) -> httpx.Response:
    """Send one photograph to the kiosk."""
    return httpx.post(f"{shop.kiosk.url}/cameras/{role}/pictures", content=content, headers=headers, timeout=20)


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    """Return what a problem document says: status, code and reason."""
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    assert body["hint"]
    return body["status"], body["code"], body.get("reason")


def open_kiosk(open_page: OpenPage, shop: Stack, *, allowed: bool, script: str = "() => {}") -> Page:
    """Open the kiosk's page as somebody who allows the camera, or does not."""
    page = open_page("about:blank")
    page.context.grant_permissions(["camera"] if allowed else [], origin=shop.kiosk.url)
    page.add_init_script(f"({KEEP_STREAMS})(); ({script})()")
    page.goto(shop.kiosk.url)
    return page


def says(page: Page, words: str) -> None:
    """See that one of the lamps in the footer says so."""
    expect(page.locator(".cameras").get_by_text(words, exact=True)).to_be_visible()


def wait_until(page: Page, claim: str) -> None:
    """Wait until the page makes a claim true; the page's own rules forbid what `wait_for_function` would do."""
    within = "new Promise((_, fail) => setTimeout(() => fail(new Error('not within 15 s')), 15000))"
    seen = f"new Promise((done) => {{ const look = () => ({claim}) ? done() : setTimeout(look, 20); look(); }})"
    page.evaluate(f"Promise.race([{seen}, {within}])")


def see_dark(page: Page) -> None:
    """See that the page uses no camera, and tells."""
    says(page, "Item camera: off")
    says(page, "Face camera: off")
    wait_until(page, f"{LIVE_TRACKS} === 0")


def wait_until_seen(shop: Stack, looks: int) -> None:
    """Wait until the kiosk found bars in so many more frames."""
    with httpx.stream("GET", f"{shop.kiosk.url}/events", timeout=20) as events:
        for row in events.iter_lines():
            if row.startswith("data:") and '"box"' in row:
                told = json.loads(row.removeprefix("data:"))
                looks -= told["role"] == "scan" and told["box"] is not None
            if looks <= 0:
                return


def test_pack_becomes_a_line_when_it_lies_before_the_browsers_camera(shop: Stack, open_page: OpenPage) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=True)

    expect(people.line_of(kiosk, "Nougat")).to_be_visible()

    expect(kiosk.locator(".camera.scan[data-seen=true]")).to_be_visible()
    says(kiosk, "Item camera: reads bar codes only")
    says(kiosk, "Face camera: off")
    assert shop.screen()["cameras"] == [
        {"role": "scan", "state": "browser", "sees": "bars", "lend": True},
        {"role": "face", "state": "browser", "sees": "nothing", "lend": False},
    ]
    assert kiosk.evaluate(LIVE_TRACKS) == 1
    assert kiosk.evaluate("window.asked.map((wish) => [wish.audio, wish.video.facingMode])") == [[False, "environment"]]

    # Where digits are typed the camera reads the code of a face card; the pack that lay there is not sold twice.
    people.to_methods(kiosk)
    people.press(kiosk, "With my face")
    says(kiosk, "Item camera: reads bar codes only")
    says(kiosk, "Face camera: off")
    people.press(kiosk, "Back")
    wait_until_seen(shop, looks=8)
    [line] = shop.screen()["basket"]["lines"]
    assert (line["quantity"], line["code"]) == (1, NOUGAT)


def test_shopper_is_told_when_the_camera_goes_away(shop: Stack, open_page: OpenPage) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=True)
    expect(kiosk.locator(".camera.scan[data-seen=true]")).to_be_visible()

    kiosk.evaluate("window.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")  # as when it is unplugged

    expect(kiosk.locator(".camera-words")).to_contain_text("Type the code instead")
    says(kiosk, "Item camera: not answering")
    expect(kiosk.locator(".cameras [data-active=true]")).to_have_count(0)
    wait_until(kiosk, f"{LIVE_TRACKS} === 0")


def test_nothing_is_sent_when_the_camera_opens_too_late(shop: Stack, open_page: OpenPage) -> None:
    sockets: list[str] = []
    kiosk = open_kiosk(open_page, shop, allowed=True, script=HOLD_PICTURES)
    kiosk.on("websocket", lambda opened: sockets.append(opened.url))
    wait_until(kiosk, "window.release !== undefined")
    people.press(kiosk, "Forget my face")
    see_dark(kiosk)

    kiosk.evaluate("window.release()")
    people.press(kiosk, "Back")

    # The next camera is lent by one line to the kiosk; the one that came too late opened none.
    says(kiosk, "Item camera: reads bar codes only")
    wait_until(kiosk, "window.asked.length === 2")
    wait_until(kiosk, f"{LIVE_TRACKS} === 1")
    expect(kiosk.locator(".camera.scan[data-seen=true]")).to_be_visible()
    assert len(sockets) == 1


def test_only_the_face_camera_is_lent_when_somebody_joins(shop: Stack, open_page: OpenPage) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=False)
    people.press(kiosk, "Pay with my face")
    for box in (kiosk.get_by_role("checkbox").first, kiosk.get_by_role("checkbox").last):
        box.check()
    people.press(kiosk, "I agree, continue")
    kiosk.get_by_label("First and last name").fill("Zoe Petit")
    kiosk.get_by_label("Phone number").fill("+33644556677")
    kiosk.get_by_label("Choose a PIN").fill("6183")
    kiosk.get_by_label("The PIN once more").fill("6183")
    people.press(kiosk, "Continue")
    see_dark(kiosk)  # a number that is not theirs opens no camera
    kiosk.context.grant_permissions(["camera"], origin=shop.kiosk.url)  # who refused once may think again

    people.prove(kiosk)

    says(kiosk, "Face camera: on")
    says(kiosk, "Item camera: off")
    expect(kiosk.locator(".camera.face[data-seen=true]")).to_be_visible()
    expect(kiosk.get_by_text("Put your face in the oval")).to_be_visible()  # the kiosk looks, and sees a pack
    assert kiosk.evaluate(LIVE_TRACKS) == 1
    assert kiosk.evaluate("window.asked.map((wish) => wish.video.facingMode)") == ["environment", "user"]
    people.press(kiosk, "Back")
    see_dark(kiosk)


def test_typed_code_serves_when_the_camera_is_refused(shop: Stack, open_page: OpenPage) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=False)

    expect(kiosk.locator(".camera-words")).to_have_text(
        "The browser was not allowed to use the camera. Type the code instead, or allow the camera in the address bar."
    )
    says(kiosk, "Item camera: not answering")
    expect(kiosk.locator(".cameras [data-active=true]")).to_have_count(0)
    assert kiosk.evaluate("[window.asked.length, window.streams.length]") == [1, 0]
    people.press(kiosk, "Type a code")
    kiosk.get_by_label("Digits under the bar code").fill(KONJAC)
    kiosk.get_by_role("button", name="Add", exact=True).click()

    expect(people.line_of(kiosk, "Konjac")).to_be_visible()
    expect(kiosk.locator(".camera-words")).to_contain_text("Type the code instead")
    people.to_methods(kiosk)


def test_still_becomes_a_line_when_it_is_sent(shop: Stack, open_page: OpenPage, tmp_path: Path) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=False)

    answer = post_still(shop, jpeg(tmp_path, KONJAC))

    assert answer.status_code == 202
    assert answer.json()["found"] == 1
    expect(people.line_of(kiosk, "Konjac")).to_be_visible()


def test_reason_is_told_when_a_still_is_not_looked_at(shop: Stack, tmp_path: Path) -> None:
    whole = jpeg(tmp_path, KONJAC)
    wide = np.zeros((5_000, 5_001, 3), np.uint8)
    bodies = {
        "nothing": b"",
        "a text": b"this is no picture",
        "cut off": whole[: len(whole) // 2],
        "too many pixels": cv2.imencode(".png", wide)[1].tobytes(),
        "too many bytes": whole + bytes(8 * MIB),
    }

    told = {name: refusal(post_still(shop, body)) for name, body in bodies.items()}
    told["too many bytes, in pieces"] = refusal(post_still(shop, (bytes(MIB) for _ in range(9))))
    told["by the dark camera"] = refusal(post_still(shop, whole, role="face"))
    told["by no camera"] = refusal(post_still(shop, whole, role="door"))
    told["from another page"] = refusal(post_still(shop, whole, headers={"Origin": "http://elsewhere.example"}))

    assert told == {
        "nothing": (422, "picture_unreadable", "empty"),
        "a text": (422, "picture_unreadable", "unknown_format"),
        "cut off": (422, "picture_unreadable", "damaged"),
        "too many pixels": (413, "picture_too_large", "too_many_pixels"),
        "too many bytes": (413, "picture_too_large", None),
        "too many bytes, in pieces": (413, "picture_too_large", None),
        "by the dark camera": (409, "camera_off", None),
        "by no camera": (422, "malformed_act", None),
        "from another page": (403, "foreign_origin", None),
    }
    assert shop.screen()["basket"] is None


def test_kiosk_goes_on_when_an_upload_breaks_off(shop: Stack, open_page: OpenPage, tmp_path: Path) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=False)
    whole = jpeg(tmp_path, KONJAC)
    address = httpx.URL(shop.kiosk.url)
    head = f"POST /cameras/scan/pictures HTTP/1.1\r\nHost: {address.host}\r\nContent-Length: {len(whole)}\r\n\r\n"

    with socket.create_connection((address.host, address.port or 80)) as sender:
        sender.sendall(head.encode() + whole[: len(whole) // 2])

    assert post_still(shop, whole).status_code == 202  # the next one is looked at
    expect(people.line_of(kiosk, "Konjac")).to_be_visible()
    assert [line["quantity"] for line in shop.screen()["basket"]["lines"]] == [1]
    assert "Traceback" not in shop.kiosk.log.read_text()


def test_axe_finds_nothing_when_the_kiosk_is_live(shop: Stack, open_page: OpenPage) -> None:
    kiosk = open_kiosk(open_page, shop, allowed=True)
    says(kiosk, "Item camera: reads bar codes only")
    act(shop, "scan", code=KONJAC)
    found: dict[str, list[str]] = {}
    expect(people.line_of(kiosk, "Konjac")).to_be_visible()

    found["shopping"] = violations(kiosk, best_practice=True)
    people.press(kiosk, "Check and pay")
    pay = kiosk.get_by_role("button", name=re.compile("^Pay €"))
    expect(pay).to_be_visible()
    found["review"] = violations(kiosk, best_practice=True)
    pay.click()
    expect(kiosk.get_by_role("heading", name="How would you like to pay?")).to_be_visible()
    found["method"] = violations(kiosk, best_practice=True)

    assert found == {"shopping": [], "review": [], "method": []}


def test_axe_finds_nothing_when_the_stores_pages_are_live(shop: Stack, open_page: OpenPage) -> None:
    page = open_page(shop.server.url, PHONE)
    found: dict[str, list[str]] = {}

    for path in ("/", "/me", "/staff", "/marketing"):
        page.goto(f"{shop.server.url}{path}")
        page.get_by_role("heading").first.wait_for()
        found[path] = violations(page)
    people.open_account(page, shop, name="Ana Roux", phone="+33622334455", pin="5937")
    expect(page.get_by_text("Balance").first).to_be_visible()
    found["/me, signed in"] = violations(page)
    people.staff_sign_in(page, shop, "amal", "/staff")
    expect(page.get_by_text("Kiosk 1").first).to_be_visible()
    found["/staff, signed in"] = violations(page)
    page = open_page(shop.server.url, PHONE)
    people.staff_sign_in(page, shop, "marc", "/marketing")
    expect(page.get_by_role("button", name="New campaign")).to_be_visible()
    found["/marketing, signed in"] = violations(page)

    assert [(path, rules) for path, rules in found.items() if rules] == []

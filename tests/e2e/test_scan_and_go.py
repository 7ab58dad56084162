"""Shoppers who scan in the aisle with their own phone, and pay there or finish at a till, network or none."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import httpx
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Browser, Locator, Page, Route, expect

from server.demo.people import SHOPPER_PHONE
from tests.axe import violations
from tests.e2e import drawn, people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack
from tests.server.builders import an_id

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]
PACKS = {"3343001113322": "Nougat", "5200300110613": "Konjac", "0023627190046": "Clover Honey"}
NARROW = {"width": 320, "height": 640}
EACH_SHOWN = 45  # pictures of each pack: a second and a half, then the others
# A phone whose browser reads bars by itself: it sees what the test says.
READS_BY_ITSELF = """() => {
  window.shown = [];
  window.BarcodeDetector = class {
    static async getSupportedFormats() { return ["ean_13", "ean_8"]; }
    async detect() { return window.shown.map((rawValue) => ({ rawValue, format: "ean_13" })); }
  };
}"""


HOLD_APPROVAL = """() => {
  const ask = window.fetch;
  window.fetch = async (address, init) => {
    if (String(address).endsWith("/v1/authentications")) await new Promise((done) => (window.goOn = done));
    return ask(address, init);
  };
}"""


@pytest.fixture(scope="module")
def browser(start_chromium: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a Chromium before whose camera one pack follows the other, round and round."""
    folder = tmp_path_factory.mktemp("before-the-camera")
    film = folder / "film.mjpeg"
    with film.open("wb") as opened:
        for code, name in PACKS.items():
            seen = cv2.imread(str(drawn.pack(folder, code, name)))
            assert seen is not None
            opened.write(cv2.imencode(".jpg", seen)[1].tobytes() * EACH_SHOWN)
    chromium = start_chromium("--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}")
    yield chromium
    chromium.close()


def a_phone(
    open_page: OpenPage, shop: Stack, *, viewport: dict[str, int] = PHONE, camera: bool = True, script: str = "() => {}"
) -> Page:
    page = open_page("about:blank", viewport)
    page.context.grant_permissions(["camera"] if camera else [], origin=shop.server.url)
    page.add_init_script(f"({script})()")
    page.goto(f"{shop.server.url}/go")
    return page


def line(page: Page, name: str) -> Locator:
    return page.get_by_role("list", name="Your basket").get_by_role("listitem").filter(has_text=name)


def shown_code(page: Page) -> str:
    """Read the QR code off the screen, as a till's camera would."""
    picture = page.locator("img.qr").first
    expect(picture).to_be_visible()
    bytes_ = np.frombuffer(picture.screenshot(), np.uint8)
    [found] = zxingcpp.read_barcodes(cv2.imdecode(bytes_, cv2.IMREAD_COLOR))
    assert found.text == picture.get_attribute("data-text")
    return found.text


@pytest.fixture
def client(shop: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=shop.server.url, timeout=30) as opened:
        yield opened


def sign_in(client: httpx.Client, phone: str, pin: str) -> None:
    token = client.post("/v1/shopper/sessions", json={"phone": phone, "pin": pin}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"


def wide_enough(page: Page) -> bool:
    """Whether nothing goes beyond the side of the screen, and what is pressed is 48 px high."""
    small = """[...document.querySelectorAll('main button, main .button, main input, main summary')]
        .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 47.5).length"""
    fits = page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    return bool(fits) and page.evaluate(small) == 0


def come_back(page: Page, phone: str, pin: str) -> None:
    """Open the page again after its tab was closed, and sign in to see what became of a payment."""
    page.evaluate("sessionStorage.clear()")
    page.reload()
    page.unroute("**/v1/checkouts")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("textbox", name="PIN").fill(pin)
    page.get_by_role("button", name="Sign in").last.click()


def somebody_else(page: Page, shop: Stack) -> tuple[list[str], bool]:
    """Have another shopper sign in while a payment is under way: they learn nothing of it but that it is not theirs."""
    phone, pin = "+33655667799", "9157"
    beside = page.context.new_page()
    people.open_account(beside, shop, name="Ines Roy", phone=phone, pin=pin)
    expect(beside.get_by_text("Balance").first).to_be_visible()
    beside.close()
    come_back(page, phone, pin)
    expect(page.get_by_role("alert")).to_contain_text("begun with another account")
    return violations(page), wide_enough(page)


def test_the_shopper_leaves_with_one_payment_when_its_answer_was_lost(
    shop: Stack, open_page: OpenPage, picture: Picture, client: httpx.Client
) -> None:
    phone, pin = "+33655667788", "4826"
    page = a_phone(open_page, shop)
    broken: dict[str, Any] = {}

    expect(page.get_by_role("heading", name="Magasin 12")).to_be_visible()
    picture(page, "go-door")
    people.press(page, "Start scanning")
    for name in PACKS.values():
        expect(line(page, name)).to_be_visible(timeout=40_000)
    picture(page, "go-scan")
    broken["scan"] = violations(page), wide_enough(page)
    page.get_by_role("link", name="Finish").click()
    page.get_by_role("link", name="Pay €").click()

    people.press(page, "Open an account")
    page.get_by_label("First and last name").fill("Noa Petit")
    page.get_by_label("Phone number").fill(phone)
    page.get_by_label("Choose a PIN").fill(pin)
    page.get_by_label("The same PIN again").fill(pin)
    people.press(page, "Open the account")
    page.get_by_label("Code from the message").fill(people.code_shown(page))
    people.press(page, "Open the account")

    expect(page.get_by_role("heading", name="Check and pay")).to_be_visible()
    page.get_by_label("PIN").fill(pin)
    picture(page, "go-pay")
    broken["pay"] = violations(page), wide_enough(page)
    people.press(page, "Pay €")
    expect(page.get_by_role("alert")).to_contain_text("is missing in your account")
    sign_in(client, phone, pin)
    key = {"Idempotency-Key": an_id()}
    client.post("/v1/topups", json={"topup_id": an_id(), "amount_minor": 50_000}, headers=key).raise_for_status()

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/v1/checkouts", lose)
    page.get_by_label("PIN").fill(pin)
    people.press(page, "Pay €")
    expect(page.get_by_text("The store does not answer")).to_be_visible()
    page.unroute("**/v1/checkouts")
    page.route("**/v1/checkouts", lambda route: route.abort())  # else the page, asking again, is told meanwhile
    broken["another"] = somebody_else(page, shop)
    come_back(page, phone, pin)

    expect(page.get_by_role("heading", name="Paid: €")).to_be_visible()
    assert shown_code(page).startswith("SESAME:X:")
    picture(page, "go-exit")
    broken["paid"] = violations(page), wide_enough(page)
    [paid] = [entry for entry in client.get("/v1/customers/me").json()["entries"] if entry["kind"] == "payment"]
    assert page.get_by_role("link", name="See the receipt").get_attribute("href") == paid["ticket_url"]
    assert f"{-paid['amount_minor'] / 100:.2f}" in page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name="See the receipt").click()
    for name in PACKS.values():
        expect(page.get_by_text(name).first).to_be_visible()
    assert broken == dict.fromkeys(broken, ([], True))


def test_the_payment_is_made_when_the_same_shopper_has_the_page_open_twice(shop: Stack, open_page: OpenPage) -> None:
    pin = shop.logins[SHOPPER_PHONE]
    page = a_phone(open_page, shop, camera=False)
    people.press(page, "Start scanning")
    people.press(page, "No code, or it does not read")
    page.get_by_label("Digits under the bars").fill("3343001113322")
    people.press(page, "Search or add")
    page.get_by_role("link", name="Finish").click()
    page.get_by_role("link", name="Pay €").click()
    page.get_by_label("Phone number").fill(SHOPPER_PHONE)
    page.get_by_role("textbox", name="PIN").fill(pin)
    page.get_by_role("button", name="Sign in").last.click()
    expect(page.get_by_role("heading", name="Check and pay")).to_be_visible()
    with page.context.expect_page() as opened:
        page.evaluate("void window.open('/go')")  # with the same session
    twin = opened.value
    expect(twin.get_by_text("Signed in as")).to_be_visible()
    page.evaluate(HOLD_APPROVAL)

    page.get_by_label("PIN").fill(pin)
    people.press(page, "Pay €")

    expect(twin.get_by_role("heading", name="Paying")).to_be_visible()
    page.evaluate("window.goOn()")
    for one in (page, twin):
        expect(one.get_by_role("heading", name="Paid: €")).to_be_visible()


def test_a_till_takes_the_basket_up_when_the_network_went_while_it_was_filled(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    page = a_phone(open_page, shop, viewport=NARROW, script=READS_BY_ITSELF)
    kept = "async () => (await caches.match('/go')) !== undefined && (await caches.keys()).includes('sesame-shelf')"
    broken: dict[str, Any] = {}
    people.press(page, "Start scanning")
    page.evaluate("window.shown = ['3343001113322']")
    expect(line(page, "Nougat").get_by_text("€1.39")).to_be_visible()
    page.evaluate("window.shown = []")
    page.evaluate(
        f"(async () => {{ while (!(await ({kept})())) await new Promise((done) => setTimeout(done, 50)); }})()"
    )

    page.context.set_offline(True)
    page.reload()
    expect(line(page, "Nougat")).to_be_visible()
    page.evaluate("window.shown = ['5200300110613']")
    expect(line(page, "Konjac").get_by_text("provisional")).to_be_visible()
    page.evaluate("window.shown = []")
    people.press(page, "No code, or it does not read")
    page.get_by_label("Digits under the bars").fill("clover hon")
    people.press(page, "Search or add")
    page.get_by_role("list", name="Found").get_by_role("button", name="Super A").or_(
        page.get_by_role("list", name="Found").get_by_role("button", name="Clover Honey")
    ).first.click()
    expect(line(page, "Clover Honey")).to_be_visible()
    people.press(page, "One more: Konjac")
    expect(page.get_by_text("The store does not answer. Go on scanning")).to_be_visible()
    picture(page, "go-offline")
    broken["offline"] = violations(page), wide_enough(page)
    page.get_by_role("link", name="Finish").click()
    expect(page.get_by_role("link", name="Pay €")).to_have_count(0)
    broken["finish"] = violations(page), wide_enough(page)
    page.get_by_role("link", name="Show my basket").click()
    text = shown_code(page)
    picture(page, "go-codes")
    broken["codes"] = violations(page), wide_enough(page)

    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    people.type_code(kiosk, text)

    expect(people.line_of(kiosk, "Clover Honey")).to_be_visible()
    lines = {each["name"]: each["quantity"] for each in shop.screen()["basket"]["lines"]}
    assert sorted(lines.values()) == [1, 1, 2]
    assert (
        page.evaluate("performance.getEntriesByType('resource').filter((one) => one.name.includes('reader')).length")
        == 0
    )
    assert broken == dict.fromkeys(broken, ([], True))


def test_a_till_takes_the_basket_up_when_a_guest_shows_its_code(shop: Stack, open_page: OpenPage) -> None:
    page = a_phone(open_page, shop, camera=False)
    people.press(page, "Start scanning")
    expect(page.get_by_text("The browser was not allowed to use the camera")).to_be_visible()
    expect(page.locator(".bar .sum")).to_have_text("Total (0)€0.00")
    people.press(page, "No code, or it does not read")
    for code in ("3343001113322", "4000417025005"):
        page.get_by_label("Digits under the bars").fill(code)
        people.press(page, "Search or add")
        expect(page.locator(".last")).not_to_contain_text("…")
    expect(page.get_by_text("The shop does not know this code")).to_be_visible()
    page.get_by_role("link", name="Finish").click()
    page.get_by_role("link", name="Show my basket").click()
    code = shown_code(page)

    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    people.type_code(kiosk, code)

    expect(kiosk.get_by_text("Your basket is back").first).to_be_visible()
    expect(people.line_of(kiosk, "Nougat")).to_be_visible()
    expect(page.get_by_role("heading", name="A till has your basket")).to_be_visible(timeout=30_000)


def test_the_shopper_is_shown_the_way_to_the_lower_price_when_one_rises_and_what_is_left_of_a_budget(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    page = a_phone(open_page, shop, viewport=NARROW, camera=False)
    broken: dict[str, Any] = {}

    def cheaper(route: Route) -> None:
        quote = route.fetch().json()
        for each in quote["lines"]:
            each["unit_price_minor"] -= 10
        route.fulfill(json=quote)

    def add(code: str) -> None:
        page.get_by_label("Digits under the bars").fill(code)
        people.press(page, "Search or add")

    people.press(page, "Start scanning")
    people.press(page, "Set a budget")
    page.get_by_label("How much do you want to spend?").fill("nothing")
    people.press(page, "Set it")
    expect(page.get_by_text("Type an amount above zero")).to_be_visible()
    page.get_by_label("How much do you want to spend?").fill("2,00")
    broken["budget"] = violations(page), wide_enough(page)
    people.press(page, "Set it")
    people.press(page, "No code, or it does not read")
    page.route("**/v1/checkouts:quote", cheaper)  # what the store said before its price rose
    add("3343001113322")
    expect(page.locator(".left")).to_contain_text("€0.61 left of €2.00")
    expect(page.get_by_text("when you scanned it")).to_have_count(0)
    page.unroute("**/v1/checkouts:quote")
    people.press(page, "One more: Nougat")

    expect(line(page, "Nougat").get_by_text("€1.29 when you scanned it")).to_be_visible()
    expect(page.locator(".left")).to_contain_text("€0.78 more than your €2.00")
    picture(page, "go-dearer")
    broken["scan"] = violations(page), wide_enough(page)
    page.get_by_role("link", name="Finish").click()
    expect(page.get_by_text("The lower one is due to you")).to_be_visible()
    expect(page.get_by_role("link", name="Pay €2.78 here")).to_be_visible()
    picture(page, "go-dearer-finish")
    broken["finish"] = violations(page), wide_enough(page)
    page.get_by_role("link", name="Show my basket").first.click()
    expect(page.get_by_text("show this to a colleague at the till")).to_be_visible()
    expect(page.get_by_text("€1.29 before, €1.39 now")).to_be_visible()
    assert broken == dict.fromkeys(broken, ([], True))


def test_a_phone_comes_in_by_the_sign_when_a_manager_prints_it(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    staff = open_page(shop.server.url)
    people.staff_sign_in(staff, shop, "amal", "/staff")
    people.press(staff, "Manage")
    address = staff.get_by_role("link", name="Open the sign, A4").get_attribute("href")
    page = open_page(f"{shop.server.url}{address}", NARROW)

    code = page.get_by_role("img", name="QR code that opens scan & go")
    expect(code).to_be_visible()
    picture(page, "go-sign")
    page.evaluate("document.querySelector('img.qr').decode()")
    seen = cv2.imdecode(np.frombuffer(code.screenshot(), np.uint8), cv2.IMREAD_COLOR)
    [found] = zxingcpp.read_barcodes(seen)
    paper = page.pdf(prefer_css_page_size=True)

    assert (violations(page), wide_enough(page)) == ([], True)
    assert paper.count(b"/Type /Page\n") == 1
    assert b"/MediaBox [0 0 594" in paper or b"/MediaBox [0 0 595" in paper
    page.goto(found.text)
    expect(page.get_by_role("button", name="Start scanning")).to_be_visible()
    expect(page.get_by_text("belongs to another store")).to_have_count(0)

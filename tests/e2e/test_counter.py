"""A merchant's code on the counter: printed, scanned with a phone, paid with a PIN, seen and heard by the merchant."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, Route, expect

from server.demo.people import SHOPPER_PHONE
from tests.axe import violations
from tests.e2e import people
from tests.e2e.stack import Stack, get_json
from tests.web.store.builders import sideways_px, small_targets

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]
SMALL_PHONE = {"width": 320, "height": 640}
EAR = "() => { globalThis.heard = []; speechSynthesis.speak = (said) => heard.push([said.text, said.lang]) }"


def is_usable(page: Page, *, colours: bool = True) -> None:
    """See that everybody can use a page as it stands, on a narrow phone as well; its colours where they are new."""
    assert violations(page, best_practice=True, colours=colours) == []
    assert sideways_px(page) == 0
    assert small_targets(page) == []


def pictures_on(part: Locator) -> str:
    """Return the pictures of a payment on a page."""
    return part.locator(".emoji").inner_text()


def a_code(merchant: Page, name: str) -> str:
    """Make a code, look at its page as it is printed, and return what its QR code says."""
    merchant.get_by_label("Name of the counter").fill(name)
    people.press(merchant, "Make the code")
    merchant.get_by_role("button", name=f"Print the code of {name}").click()
    expect(merchant.get_by_role("article", name=f"Page for the counter {name}")).to_be_visible()
    [link] = people.qr_texts(merchant)
    return link


def sign_in(phone: Page, stack: Stack) -> None:
    phone.get_by_label("Phone number").fill(SHOPPER_PHONE)
    phone.get_by_role("textbox", name="PIN").fill(stack.logins[SHOPPER_PHONE])
    phone.get_by_role("button", name="Sign in").last.click()


def picture_of_print(merchant: Page, picture: Picture) -> None:
    """See that a poster fills one page of A5."""
    merchant.emulate_media(media="print")
    picture(merchant, "merchant-poster")
    sheet = merchant.pdf(prefer_css_page_size=True)
    merchant.emulate_media(media="screen")
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
    box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", sheet)
    assert box is not None
    assert [round(float(side)) for side in box.groups()] == pytest.approx([420, 595], abs=1)  # A5 in points


def order(phone: Page, stack: Stack, picture: Picture) -> Locator:
    """Scan, sign in, type 12.40 and pay; return the proof."""
    shown = phone.get_by_role("img", name="Picture of")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == [960, 600]
    expect(phone.get_by_text("Boulangerie")).to_be_visible()
    is_usable(phone)
    picture(phone, "counter-face")
    sign_in(phone, stack)
    field = phone.get_by_label("Amount in EUR")
    field.fill("12.4O")
    people.press(phone, "Continue")
    expect(phone.get_by_text("Write an amount from €0.01")).to_be_visible()
    is_usable(phone, colours=False)
    field.fill("12.40")
    people.press(phone, "Continue")
    expect(phone.get_by_role("heading", name="€12.40")).to_be_focused()
    expect(phone.get_by_text("You earn €0.62. The merchant will see: Lina D.")).to_be_visible()
    is_usable(phone)
    picture(phone, "counter-agree")
    phone.get_by_label("Your PIN").fill(stack.logins[SHOPPER_PHONE])
    people.press(phone, "Pay €12.40")
    paid = phone.get_by_role("region", name="Paid: €12.40")
    expect(paid).to_be_visible()
    return paid


def test_a_merchant_sees_and_hears_a_payment_when_their_printed_code_is_scanned(
    shop: Stack, open_page: OpenPage, picture: Picture, tmp_path: Path
) -> None:
    front = tmp_path / "shop-front.png"
    Image.linear_gradient("L").resize((1200, 900)).convert("RGB").save(front)
    merchant = open_page(shop.server.url)
    people.staff_sign_in(merchant, shop, "luc", "/merchant")
    expect(merchant.get_by_text("Live")).to_be_visible()
    merchant.evaluate(EAR)
    people.press(merchant, "Sound")

    # The merchant shows a picture, makes a code and prints its page.
    plain = a_code(merchant, "Boulangerie")
    picture(merchant, "merchant-poster-plain")
    people.press(merchant, "Back to the sales")
    merchant.get_by_label("Choose a picture").set_input_files(front)
    expect(merchant.get_by_role("img", name="The picture of your shop")).to_be_visible()
    merchant.get_by_role("button", name="Print the code of Boulangerie").click()
    [link] = people.qr_texts(merchant)
    assert link == plain
    is_usable(merchant)
    picture_of_print(merchant, picture)
    people.press(merchant, "Back to the sales")
    is_usable(merchant, colours=False)

    # Any phone opens it: whose shop it is comes before anything that is asked.
    phone = open_page(link, SMALL_PHONE)
    paid = order(phone, shop, picture)
    since = time.perf_counter()

    # The merchant sees and hears it, with the same pictures.
    told = merchant.get_by_role("status").filter(has_text="Paid: €12.40, Lina D.")
    expect(told).to_be_visible()
    print(f"the merchant saw it {time.perf_counter() - since:.2f} s after the payer")  # noqa: T201 - the measured figure
    assert pictures_on(told) == pictures_on(paid)
    assert merchant.evaluate("heard") == [["€12.40, Lina D.", "en-GB"]]
    expect(paid).to_contain_text("New balance: €87.60")
    expect(paid).to_contain_text("Earned: €0.62 = €0.55 the State (demo) + €0.07 the shop")
    is_usable(phone)
    is_usable(merchant)
    picture(phone, "counter-paid")
    picture(merchant, "merchant-counter")

    # Whoever loads the page again sees the same payment, and pays none.
    phone.reload()
    expect(paid).to_be_visible()
    expect(merchant.locator(".sales li").filter(has_text="Boulangerie")).to_have_count(1)
    for language in ("中文", "Français"):
        phone.get_by_role("button", name=language).click()
        picture(phone, f"counter-paid-{phone.locator('html').get_attribute('lang')}")
    phone.get_by_role("button", name="English").click()
    phone.get_by_role("link", name="See the ticket").click()
    expect(phone.get_by_text("Paid at the counter Boulangerie")).to_be_visible()
    assert get_json(f"{shop.server.url}/health")["ledger_drift_minor"] == 0


def test_a_code_says_so_when_it_was_withdrawn_or_is_not_the_stores(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    merchant = open_page(shop.server.url)
    people.staff_sign_in(merchant, shop, "luc", "/merchant")
    link = a_code(merchant, "Terrasse")
    people.press(merchant, "Back to the sales")
    phone = open_page(link, SMALL_PHONE)
    expect(phone.get_by_text("Terrasse")).to_be_visible()

    merchant.get_by_role("button", name="Withdraw the code of Terrasse").click()
    merchant.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(merchant.get_by_role("button", name="Print the code of Terrasse")).to_have_count(0)
    phone.reload()

    expect(phone.get_by_role("heading", name="This code is no longer good")).to_be_visible()
    is_usable(phone)
    picture(phone, "counter-withdrawn")
    phone.goto(f"{link[:-6]}AAAAAA")
    expect(phone.get_by_role("heading", name="Do not pay with this code")).to_be_visible()
    is_usable(phone, colours=False)
    picture(phone, "counter-wrong")


def test_nobody_pays_when_a_manager_has_suspended_the_counters(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    merchant, staff = open_page(shop.server.url), open_page(shop.server.url)
    people.staff_sign_in(merchant, shop, "luc", "/merchant")
    link = a_code(merchant, "Poissonnerie")
    phone = open_page(link, SMALL_PHONE)
    sign_in(phone, shop)
    phone.get_by_label("Amount in EUR").fill("5")
    people.press(phone, "Continue")
    people.staff_sign_in(staff, shop, "amal", "/staff")
    people.press(staff, "Manage")

    staff.get_by_role("button", name="Suspend").click()
    staff.get_by_label("Reason").fill("the contract has ended")
    staff.get_by_role("dialog", name="Suspend payments at counters?").get_by_role("button", name="Suspend").click()
    expect(staff.get_by_text("the contract has ended")).to_be_visible()
    picture(staff, "staff-counters")
    phone.get_by_label("Your PIN").fill("0000")
    people.press(phone, "Pay €5.00")

    expect(phone.get_by_role("heading", name="Nobody can pay here for now")).to_be_visible()
    is_usable(phone, colours=False)
    picture(phone, "counter-suspended")
    staff.get_by_role("button", name="Resume").click()
    expect(staff.get_by_text("Customers pay the store by the codes on its counters.")).to_be_visible()
    phone.reload()
    expect(phone.get_by_label("Amount in EUR")).to_be_visible()


def test_one_payment_is_made_when_the_answer_is_lost_and_the_code_scanned_again(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    merchant = open_page(shop.server.url)
    people.staff_sign_in(merchant, shop, "luc", "/merchant")
    a_code(merchant, "Marché")
    people.press(merchant, "Back to the sales")
    merchant.get_by_role("button", name="Ask for an amount, Marché").click()
    merchant.get_by_label("Amount", exact=True).fill("3,50")
    people.press(merchant, "Show the code")
    expect(merchant.get_by_text("This code asks for €3.50.")).to_be_visible()
    picture(merchant, "merchant-ask")
    link = merchant.get_by_label("Link").input_value()
    phone = open_page(link, SMALL_PHONE)
    sign_in(phone, shop)
    people.press(phone, "Continue")

    def lose(route: Route) -> None:
        route.fetch()  # the store has paid it, and nobody hears of it
        route.abort()

    phone.route("**/payments", lose)
    phone.get_by_label("Your PIN").fill(shop.logins[SHOPPER_PHONE])
    people.press(phone, "Pay €3.50")
    expect(phone.get_by_text("The answer was lost")).to_be_visible()
    again = phone.context.new_page()
    again.goto(link)
    sign_in(again, shop)

    expect(again.get_by_role("region", name="Paid: €3.50")).to_be_visible()
    people.press(merchant, "Close")
    merchant.get_by_role("button", name="Withdraw the code of Marché").click()
    merchant.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(merchant.get_by_role("button", name="Withdraw the code of Marché")).to_have_count(0)
    again.reload()
    expect(again.get_by_role("region", name="Paid: €3.50")).to_be_visible()  # and not that nothing was taken
    people.press(again, "Pay again")
    expect(again.get_by_role("heading", name="This code is no longer good")).to_be_visible()
    expect(merchant.locator(".sales li").filter(has_text="Marché")).to_have_count(1)


def pay_by_the_api(phone: Page, link: str, pin: str, minor: int) -> None:
    """Pay as the page does, without its screens."""
    paid = phone.evaluate(
        """async ([token, pin, minor]) => {
            const signed = JSON.parse(sessionStorage.getItem("sesame.shopper")).token;
            const ask = async (path, body) => (await fetch(`/v1/counters/${token}${path}`, {
                method: "POST",
                headers: {
                    "Content-Type": "application/json", Authorization: `Bearer ${signed}`,
                    "Idempotency-Key": crypto.randomUUID(),
                },
                body: JSON.stringify(body),
            })).json();
            const basket_id = crypto.randomUUID();
            const { digest, payee } = await ask(":quote", { basket_id, amount_minor: minor });
            return ask("/payments", {
                payment_id: crypto.randomUUID(), basket_id, digest, payee, amount_minor: minor, pin,
            });
        }""",
        [link.rsplit("/", 1)[1], pin, minor],
    )
    assert paid["status"] == "captured", paid


def test_an_amount_is_asked_about_and_cashback_chosen_when_it_is_far_above_what_is_usual(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    merchant = open_page(shop.server.url)
    people.staff_sign_in(merchant, shop, "luc", "/merchant")
    link = a_code(merchant, "Journaux")
    phone = open_page(link, SMALL_PHONE)
    sign_in(phone, shop)
    field = phone.get_by_label("Amount in EUR")
    expect(field).to_be_visible()
    for _ in range(5):
        pay_by_the_api(phone, link, shop.logins[SHOPPER_PHONE], 120)

    field.fill("149")
    people.press(phone, "Continue")
    expect(phone.get_by_text(re.compile("is missing: nothing was taken"))).to_be_visible()
    is_usable(phone)
    picture(phone, "counter-short")
    people.press(phone, "Change the amount")
    field.fill("151")
    people.press(phone, "Continue")
    expect(phone.get_by_role("alert")).to_contain_text("A number and a PIN do not go that far")
    field.fill("12.00")
    people.press(phone, "Continue")
    asked = phone.get_by_role("dialog", name="€12.00, is that right?")
    expect(asked).to_be_visible()
    is_usable(phone)
    picture(phone, "counter-unusual")
    asked.get_by_role("button", name="Yes, €12.00").click()
    slider = phone.get_by_label("Cashback to use")
    expect(asked).to_be_hidden()  # a dialog that closes hands the focus back
    slider.press("End")
    expect(slider).to_have_value(slider.get_attribute("max") or "")
    most = slider.get_attribute("aria-valuetext") or ""
    expect(phone.get_by_text(f"Cashback to use: {most}")).to_be_visible()
    is_usable(phone, colours=False)
    picture(phone, "counter-cashback")
    phone.get_by_label("Your PIN").fill(shop.logins[SHOPPER_PHONE])
    people.press(phone, "Pay €12.00")

    expect(phone.get_by_role("region", name="Paid: €12.00")).to_be_visible()
    sale = merchant.locator(".sales li").first
    expect(sale).to_contain_text("€12.00")
    expect(sale).to_contain_text("Cashback + Wallet")

"""The page of a shared coupon: offer first, then a phone number, then the coupon."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.web.store.mock_store import MockStore

pytestmark = pytest.mark.e2e


def _claim(page: Page, phone: str) -> None:
    page.goto("/c/open-gift")
    page.get_by_role("button", name="Take this coupon").click()
    page.get_by_label("Phone number").fill(phone)
    page.get_by_role("button", name="Keep it for me").click()


def test_nothing_is_asked_when_the_offer_opens(page: Page, store: MockStore) -> None:
    page.goto("/c/open-gift")

    expect(page.get_by_role("heading", name="€2 off your shopping")).to_be_visible()
    expect(page.get_by_text("From €10.00, once, until 6 December 2026.")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    assert store.opened == ["open-gift"]


def test_coupon_shows_as_qr_and_text_when_a_phone_number_is_given(page: Page, store: MockStore) -> None:
    _claim(page, "06 12 34 56 78")

    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    expect(page.get_by_text("WXYZ-2345", exact=True)).to_be_visible()
    qr = page.get_by_role("img", name="QR code of the coupon WXYZ-2345")
    assert "SESAME%3AC%3AWXYZ-2345" in str(qr.get_attribute("src"))
    assert qr.evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 0
    assert store.holders == {"open-gift": "+33612345678"}


def test_number_is_asked_again_when_it_is_none(page: Page, store: MockStore) -> None:
    _claim(page, "12 34")

    field = page.get_by_label("Phone number")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("Write the number with its country")).to_be_visible()
    assert store.holders == {}


def test_second_friend_reads_kind_words_and_a_way_out_when_a_gift_is_gone(page: Page, store: MockStore) -> None:
    store.holders["open-gift"] = "+33600000000"

    _claim(page, "+33 6 12 34 56 78")

    expect(page.get_by_role("heading", name="Already taken")).to_be_visible()
    expect(page.get_by_role("link", name="Open my account")).to_be_visible()
    expect(page.get_by_text("it is on the phone you took it with")).to_be_visible()
    expect(page.get_by_role("button", name="That is me: show it again")).to_have_count(0)


def test_the_phone_that_took_a_coupon_shows_it_again_when_its_link_is_opened_again(
    page: Page, store: MockStore
) -> None:
    _claim(page, "0612345678")
    expect(page.get_by_text("WXYZ-2345", exact=True)).to_be_visible()
    assert len(store.acts) == 1

    page.goto("/c/open-gift")
    page.get_by_role("button", name="That is me: show it again").click()
    page.get_by_label("Phone number").fill("0612345678")
    page.get_by_role("button", name="Keep it for me").click()

    expect(page.get_by_text("WXYZ-2345", exact=True)).to_be_visible()


def test_only_the_card_is_printed_on_a6_when_the_coupon_prints(page: Page, store: MockStore) -> None:
    _claim(page, "0612345678")
    page.get_by_role("heading", name="It is yours").wait_for()
    assert store.holders

    page.emulate_media(media="print")

    expect(page.get_by_role("button", name="Print it (A6)")).to_be_hidden()
    expect(page.locator(".shell > header")).to_be_hidden()
    expect(page.get_by_text("WXYZ-2345", exact=True)).to_be_visible()
    pdf = page.pdf(prefer_css_page_size=True)
    # A6 is 105 x 148 mm, that is 297.6 x 419.5 points; one page, whatever the browser's own default.
    assert pdf.count(b"/Type /Page\n") == 1
    box = pdf.split(b"/MediaBox [")[1].split(b"]")[0].split()
    assert (round(float(box[2])), round(float(box[3]))) == (298, 420)


def test_same_act_is_sent_again_when_the_answer_was_lost(context: BrowserContext, store: MockStore) -> None:
    page = context.new_page()
    keys: list[str] = []
    assert store.holders == {}

    def lose_the_first(route: object) -> None:
        assert hasattr(route, "request")
        keys.append(route.request.headers["idempotency-key"])
        route.abort() if len(keys) == 1 else route.continue_()  # type: ignore[attr-defined] # a playwright Route

    page.route("**/claims", lose_the_first)

    _claim(page, "0612345678")

    expect(page.get_by_role("heading", name="It is yours")).to_be_visible()
    assert len(keys) == 2
    assert len(set(keys)) == 1

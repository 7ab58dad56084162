"""What a colleague presses at the kiosk: a line, a reason, and only then the act; by hand and by keyboard alike."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.axe import violations
from tests.web import looking
from tests.web.builders import every_screen
from tests.web.mock_kiosk import MockKiosk

pytestmark = pytest.mark.e2e


def pick(page: Page, kiosk: MockKiosk, line: str, locale: str = "en") -> None:
    """Show the colleague's panel and choose a line on it."""
    looking.show(page, kiosk, every_screen(locale)["staff"])
    page.get_by_role("button", name=re.compile(line)).click()


def test_a_line_is_taken_out_only_with_a_reason_when_a_colleague_sets_it_to_none(page: Page, kiosk: MockKiosk) -> None:
    pick(page, kiosk, "Lait")
    fewer = page.get_by_role("button", name="One fewer")
    fewer.click()
    fewer.click()
    take_out = page.get_by_role("button", name="Take the line out")
    expect(take_out).to_be_disabled()

    page.get_by_role("button", name="Damaged").click()
    take_out.click()

    sent = kiosk.wait_for_act("staff_quantity")
    assert sent == {"act": "staff_quantity", "line_id": "line-1", "quantity": 0, "reason": "damaged"}
    expect(page.get_by_role("heading", name="Hello Amal Benali")).to_be_visible()


def test_fewer_and_more_stand_in_one_row_when_a_colleague_counts(page: Page, kiosk: MockKiosk) -> None:
    pick(page, kiosk, "Lait")

    boxes = [one.bounding_box() for one in page.get_by_role("group", name="Quantity").get_by_role("button").all()]

    assert len({box["y"] for box in boxes if box}) == 1
    assert len(boxes) == 2
    expect(page.get_by_text("2 × €")).to_be_visible()


def test_a_price_is_set_by_keyboard_alone_when_a_colleague_types_it(page: Page, kiosk: MockKiosk) -> None:
    looking.show(page, kiosk, every_screen("en")["staff"])
    page.get_by_role("button", name=re.compile("Comté")).press("Enter")
    page.get_by_role("button", name="Price").press("Enter")
    page.get_by_role("button", name="One fewer").press("Enter")
    page.get_by_role("button", name="Shelf label").press(" ")
    page.keyboard.type("150")
    expect(page.get_by_role("status", name="New price")).to_have_text("€1.50")

    page.get_by_role("button", name="Set to €1.50").press("Enter")

    sent = kiosk.wait_for_act("staff_price")
    assert sent == {
        "act": "staff_price",
        "line_id": "line-4",
        "pieces": 1,
        "price_minor": 150,
        "reason": "shelf_label",
    }


def test_number_and_pin_leave_the_screen_when_they_are_sent(page: Page, kiosk: MockKiosk) -> None:
    looking.show(page, kiosk, every_screen("en")["staff_sign_in"])
    page.get_by_label("Number").fill("0427")
    page.get_by_label("PIN").fill("270482")

    page.get_by_role("button", name="Continue").click()

    assert kiosk.wait_for_act("staff_sign_in") == {"act": "staff_sign_in", "number": "0427", "pin": "270482"}
    expect(page.get_by_label("PIN")).to_have_value("")


def test_a_kiosk_is_closed_with_its_reason_when_a_colleague_says_so(page: Page, kiosk: MockKiosk) -> None:
    looking.show(page, kiosk, every_screen("en")["staff"])

    page.get_by_role("button", name="Close this kiosk").click()
    page.get_by_role("button", name="Repair").click()

    assert kiosk.wait_for_act("staff_pause") == {"act": "staff_pause", "reason": "repair"}


@pytest.mark.parametrize("locale", ["fr", "en", "zh"])
def test_the_pages_of_a_line_read_well_and_are_reached_when_a_colleague_opens_them(
    page: Page, kiosk: MockKiosk, locale: str
) -> None:
    pick(page, kiosk, "Comté", locale)
    wrong = [*violations(page), *looking.out_of_reach(page)]
    page.locator(".tabs button").nth(1).click()
    wrong += [*violations(page), *looking.out_of_reach(page)]

    assert wrong == []

"""A colleague at a kiosk: the badge off a phone before the item camera, what they change, and what is written down."""

import re
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack
from tests.e2e.test_staff_and_marketing import WINE, first_of

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]


def log_of(shop: Stack, basket_id: str) -> list[tuple[str, str, str]]:
    """Return who did what to a basket, and why, as the store has written it down."""
    file = shop.server.environment["SESAME_SERVER_DATABASE_URL"].removeprefix("sqlite:///")
    with sqlite3.connect(file) as store:
        query = "SELECT who, act, reason FROM audit_log WHERE subject = ? ORDER BY audit_id"
        return list(store.execute(query, (basket_id,)))


def hold_badge(kiosk: Page, staff: Page, shop: Stack, folder: Path) -> None:
    """Hold the badge that the phone shows before the item camera."""
    people.press(staff, "My badge")
    badge = staff.get_by_role("img", name="QR code of your badge")
    expect(badge).to_be_visible()
    shown = folder / "badge.png"
    badge.screenshot(path=shown)
    shop.scan.show(shown)
    expect(kiosk.get_by_role("heading", name=re.compile("^Hello Amal"))).to_be_visible()
    shop.scan.clear()
    people.press(staff, "Close")


def test_a_colleague_mends_a_basket_at_the_kiosk_and_the_shopper_pays_what_is_left(
    shop: Stack, open_page: OpenPage, picture: Picture, tmp_path: Path
) -> None:
    kiosk, staff = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    people.staff_sign_in(staff, shop, "amal", "/staff")
    honey, yogurt = first_of("honey"), first_of("yogurt")
    for code, name in ((honey["code"], honey["name"]), (yogurt["code"], yogurt["name"]), (WINE, "Beaujolais")):
        people.type_code(kiosk, code)
        expect(people.line_of(kiosk, name)).to_be_visible()
    basket_id = shop.screen()["basket"]["basket_id"]
    hold_badge(kiosk, staff, shop, tmp_path)

    # The age is seen, one price is set, one line is taken out.
    people.press(kiosk, "Yes, I have seen it")
    expect(kiosk.get_by_text("All checked, thank you").first).to_be_visible()
    kiosk.get_by_role("button", name=honey["name"]).click()
    people.press(kiosk, "Price")
    people.press(kiosk, "Shelf label")
    people.key_in(kiosk, "150")
    picture(kiosk, "kiosk-staff-price")
    people.press(kiosk, "Set to €1.50")
    expect(kiosk.get_by_role("button", name=honey["name"])).to_contain_text("€1.50")
    kiosk.get_by_role("button", name=yogurt["name"]).click()
    people.press(kiosk, "One fewer")
    people.press(kiosk, "Damaged")
    people.press(kiosk, "Take the line out")
    expect(kiosk.get_by_role("button", name=yogurt["name"])).to_have_count(0)
    picture(kiosk, "kiosk-staff")
    people.press(kiosk, "Done")

    # The shopper goes on with the basket as it is now; the store knows who did what, and why.
    expect(people.line_of(kiosk, honey["name"])).to_contain_text("€1.50")
    people.to_methods(kiosk)
    assert {line["sku"] for line in shop.screen()["basket"]["lines"]} >= {honey["sku"]}
    assert [(who, act) for who, act, _ in log_of(shop, basket_id)] == [
        ("amal", "age_check.approved"),
        ("amal", "set_price"),
        ("amal", "void_line"),
    ]
    assert log_of(shop, basket_id)[1][2].startswith(f"shelf_label: 1 x {honey['sku']}")


def test_a_kiosk_that_is_closed_from_afar_stays_closed_until_somebody_opens_it(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    kiosk, staff = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    people.staff_sign_in(staff, shop, "amal", "/staff")
    people.press(staff, "Message or close: Kiosk 1")
    dialog = staff.get_by_role("dialog")

    dialog.get_by_role("button", name="Cleaning").click()
    dialog.get_by_label("Message on its screen").fill("Back at two")
    dialog.get_by_role("button", name="Show it").click()

    expect(kiosk.get_by_role("heading", name="This kiosk is closed")).to_be_visible()
    expect(kiosk.get_by_text("Back at two")).to_be_visible()
    picture(kiosk, "kiosk-paused")
    dialog.get_by_role("button", name="Open it again").click()
    dialog.get_by_label("Message on its screen").fill("")
    dialog.get_by_role("button", name="Take it off").click()
    expect(kiosk.get_by_role("heading", name="Scan your first item")).to_be_visible()
    expect(kiosk.get_by_text("Back at two")).to_have_count(0)

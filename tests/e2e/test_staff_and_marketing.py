"""The people around the kiosk: an attendant who checks an age and takes a payment, and marketing with a campaign."""

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import drawn, people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import ROOT, Stack, get_json

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]

WINE = "0031259015477"  # sold from 18 years


def test_promotion_shows_what_it_changed_when_packs_are_held_before_the_camera(
    shop: Stack, open_page: OpenPage, picture: Picture, tmp_path: Path
) -> None:
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)
    pasta = first_of("pasta")
    others = [first_of(category) for category in ("honey", "yogurt")]

    for product in (*others, pasta):
        shop.scan.show(drawn.pack(tmp_path, product["code"], "Sesame"))
        expect(people.line_of(kiosk, product["name"])).to_be_visible()
    for pieces in (2, 3):
        kiosk.get_by_role("button", name=f"One {pasta['name']} more").click()
        expect(people.line_of(kiosk, pasta["name"]).get_by_text(str(pieces), exact=True)).to_be_visible()

    expect(people.line_of(kiosk, pasta["name"])).to_contain_text("Pasta: 3 for 2")
    basket = shop.screen()["basket"]
    line = next(line for line in basket["lines"] if line["sku"] == pasta["sku"])
    assert line["due_minor"] == 2 * line["unit_price_minor"]
    assert sum(line["due_minor"] for line in basket["lines"]) == basket["total_minor"]
    shown = picture(kiosk, "kiosk-basket")
    if os.environ.get("SESAME_KEEP_PICTURES"):  # `make pictures`: the README's own
        (ROOT / "docs" / "pictures" / "kiosk.png").write_bytes(shown.read_bytes())
    shop.scan.clear()


def test_unknown_code_is_said_and_the_product_found_by_name(shop: Stack, open_page: OpenPage, picture: Picture) -> None:
    kiosk = open_page(shop.kiosk.url)
    people.begin(kiosk)

    people.type_code(kiosk, "4006381333931")
    expect(kiosk.get_by_text("We do not know this one yet").first).to_be_visible()
    picture(kiosk, "kiosk-unknown")
    people.press(kiosk, "No bar code?")
    kiosk.get_by_label("Name or brand").fill("honey")

    kiosk.get_by_role("button", name=re.compile("^Add .*[Hh]oney")).first.click()
    expect(kiosk.get_by_role("listitem").filter(has_text=re.compile("honey", re.IGNORECASE))).to_have_count(1)
    expect(kiosk.get_by_role("heading", name="Your basket")).to_be_visible()


def test_age_item_waits_for_an_attendant_who_then_takes_the_payment(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    kiosk, staff = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    people.staff_sign_in(staff, shop, "amal", "/staff")
    people.type_code(kiosk, WINE)
    expect(people.line_of(kiosk, "Beaujolais")).to_be_visible()
    expect(kiosk.get_by_text("A colleague comes to check an age").first).to_be_visible()

    # The attendant sees the call and the basket within a moment, and says yes.
    call = staff.get_by_role("listitem").filter(has_text="Age check")
    expect(call).to_be_visible()
    picture(staff, "staff-age-check")
    call.get_by_role("button", name="I take this").click()
    call.get_by_role("button", name="18 or older").click()
    expect(kiosk.get_by_text("All checked, thank you").first).to_be_visible()

    # The shopper chooses to pay with a colleague, who takes the money.
    people.to_methods(kiosk)
    people.press(kiosk, "With a colleague")
    call = staff.get_by_role("listitem").filter(has_text="Payment at the desk")
    call.get_by_role("button", name="I take this").click()
    call.get_by_text("Cash", exact=True).click()
    picture(staff, "staff-desk")
    call.get_by_role("button", name=re.compile("received$")).click()
    expect(kiosk.get_by_role("heading", name="Paid:")).to_be_visible()
    picture(kiosk, "kiosk-receipt-desk")
    assert get_json(f"{shop.server.url}/health")["ledger_drift_minor"] == 0


def test_marketing_makes_a_campaign_after_mending_a_wrong_field(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    page = open_page(shop.server.url)
    people.staff_sign_in(page, shop, "marc", "/marketing")
    people.press(page, "New campaign")
    page.get_by_label("Name for the team").fill("Winter soups")
    for language in ("French", "English", "Chinese"):
        page.get_by_label(f"In {language}").fill("1 € off soups")
    page.get_by_label("Amount off, in euros").fill("-3")
    page.get_by_label("From a basket of, in euros").fill("5")
    page.get_by_label("Budget, in euros").fill("50")
    page.get_by_label("Coupons at most").fill("40")

    people.press(page, "Save and launch")
    expect(page.get_by_text("Write an amount above zero").first).to_be_visible()
    page.get_by_label("Amount off, in euros").fill("1")
    people.press(page, "Save and launch")

    expect(page.get_by_role("heading", name="Winter soups")).to_be_visible()
    picture(page, "marketing-campaigns")


def first_of(category: str) -> dict[str, str]:
    """Return the first product of the demo store in a category."""
    with (ROOT / "server/demo/products.csv").open(encoding="utf-8", newline="") as opened:
        return next(row for row in csv.DictReader(opened) if row["category"] == category)

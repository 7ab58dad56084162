"""A basket leaves one till on a phone and goes on at a till; paper comes when it is asked for."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack
from tests.e2e.test_staff_and_marketing import first_of

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
Picture = Callable[[Page, str], Path]


def test_a_basket_goes_on_at_a_till_when_the_phone_shows_its_code(
    shop: Stack, open_page: OpenPage, picture: Picture
) -> None:
    kiosk, phone = open_page(shop.kiosk.url), open_page(shop.server.url, PHONE)
    people.begin(kiosk)
    honey = first_of("honey")
    people.type_code(kiosk, honey["code"])
    expect(people.line_of(kiosk, honey["name"])).to_be_visible()
    basket_id = shop.screen()["basket"]["basket_id"]

    people.press(kiosk, "Take it along")
    expect(kiosk.get_by_role("heading", name="Your basket waits for you")).to_be_visible()
    picture(kiosk, "kiosk-aside")
    given = shop.screen()["panel"]
    people.press(kiosk, "Done")

    phone.goto(shop.server.url + given["url"])
    expect(phone.get_by_role("heading", name="Your basket")).to_be_visible()
    expect(phone.get_by_role("listitem").filter(has_text=honey["name"])).to_be_visible()
    picture(phone, "phone-basket")

    people.begin(kiosk)
    people.type_code(kiosk, given["code"])
    expect(kiosk.get_by_text("Your basket is back").first).to_be_visible()
    assert shop.screen()["basket"]["basket_id"] == basket_id
    phone.reload()
    expect(phone.get_by_text("A till has taken it")).to_be_visible()

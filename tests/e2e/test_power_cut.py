"""The plug is pulled in the middle of a payment: whatever happens, exactly one outcome, and the shopper sees it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.stack import Stack, get_json

pytestmark = pytest.mark.e2e

OpenPage = Callable[..., Page]
MEI = {"name": "Mei Tan", "phone": "+33611223344", "pin": "4826"}
NOUGAT = "3343001113322"
BACK_WITHIN_MS = 60_000


def scan(kiosk: Page) -> None:
    """Begin a visit with one product."""
    people.begin(kiosk)
    people.type_code(kiosk, NOUGAT)
    expect(people.line_of(kiosk, "Nougat")).to_be_visible()


def to_confirmation(kiosk: Page) -> None:
    """Go from the basket as far as the button that pays."""
    people.to_methods(kiosk)
    people.pay_with_pin(kiosk, phone=MEI["phone"], pin=MEI["pin"])
    expect(kiosk.get_by_text("M*** T.")).to_be_visible()


@pytest.mark.parametrize("victim", ["server", "kiosk"])
def test_one_outcome_is_left_when_a_process_is_killed_while_paying(
    shop: Stack, open_page: OpenPage, victim: str
) -> None:
    phone = open_page(shop.server.url, PHONE)
    if victim == "server":  # the first round opens the account
        people.open_account(phone, shop, **MEI)
        people.top_up(phone)
    kiosk = open_page(shop.kiosk.url)
    scan(kiosk)
    to_confirmation(kiosk)
    due = people.panel(shop)["amount_minor"]

    kiosk.get_by_role("button", name=re.compile("^Pay €")).click(no_wait_after=True)
    service = getattr(shop, victim)
    service.kill()
    service.start()

    # Either the tap was heard and is carried to its end, or it was not and the basket waits as it was: then once more.
    paid = kiosk.get_by_role("heading", name="Paid:")
    basket = kiosk.get_by_role("button", name="Check and pay")
    review = kiosk.get_by_role("heading", name="All right so far?")
    methods = kiosk.get_by_role("heading", name="How would you like to pay?")
    expect(paid.or_(basket).or_(review).or_(methods)).to_be_visible(timeout=BACK_WITHIN_MS)
    if not paid.is_visible():
        if methods.is_visible():
            people.press(kiosk, "Back")
            expect(review).to_be_visible()
        if review.is_visible():
            people.press(kiosk, "Back")
        to_confirmation(kiosk)
        people.confirm(kiosk, shop, MEI["pin"])
    receipt: Any = people.panel(shop)
    assert receipt["amount_minor"] == due
    rounds = {"server": 1, "kiosk": 2}[victim]
    assert receipt["balance_after_minor"] == 5000 - rounds * due
    assert receipt["ticket_number"] == rounds
    assert get_json(f"{shop.server.url}/health")["ledger_drift_minor"] == 0
    assert "chain" in shop.verify()

"""A till loses its store: a pass photographed before and its PIN pay all the same, once, and the ticket comes after."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.matrix import all_payments
from tests.e2e.shopper import Shopper
from tests.e2e.stack import Stack, open_shop
from tests.e2e.test_staff_and_marketing import first_of
from tests.e2e.ways import OTHER_CODE

pytestmark = pytest.mark.e2e

MEI = {"name": "Mei Chen", "phone": "+33655443322", "pin": "8264"}
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a shop whose kiosk may be cut off."""
    stack = open_shop(tmp_path_factory.mktemp("pass"), wired=True)
    yield stack
    stack.stop()


def test_a_pass_and_its_pin_pay_once_when_the_till_has_lost_its_store(wired: Stack, open_page: OpenPage) -> None:
    assert wired.wire is not None
    phone, kiosk = open_page(wired.server.url, PHONE), open_page(wired.kiosk.url)
    people.open_account(phone, wired, **MEI)
    people.top_up(phone)
    phone.get_by_label("Your PIN").fill(MEI["pin"])
    people.press(phone, "Make the pass")
    expect(phone.get_by_text(re.compile("Pays up to"))).to_be_visible()
    [code] = [text for text in people.qr_texts(phone) if text.startswith("SESAME:O:")]
    before = all_payments(wired)
    honey = first_of("honey")

    people.begin(kiosk)
    people.type_code(kiosk, honey["code"])
    expect(people.line_of(kiosk, honey["name"])).to_be_visible()
    granted = Path(wired.kiosk.environment["SESAME_KIOSK_VAR_DIR"]) / "offline.json"
    Shopper(wired).wait(lambda _: granted.exists(), "grant")  # fetched a moment after the first prices
    wired.wire.cut()
    people.type_code(kiosk, OTHER_CODE)
    expect(kiosk.get_by_text(re.compile("network is away|Offline")).first).to_be_visible()
    people.to_methods(kiosk)
    people.press(kiosk, "With the pass on my phone")
    expect(kiosk.get_by_role("heading", name="Pay by pass")).to_be_visible()
    people.type_code(kiosk, code)
    expect(kiosk.get_by_text("Your pass was read.").first).to_be_visible()
    kiosk.get_by_role("textbox", name="PIN").fill("1357")
    people.press(kiosk, "Go on to confirm")
    # Whoever types before the answer is there, types into a field that it empties.
    expect(kiosk.get_by_text(re.compile("That PIN is not right")).first).to_be_visible()
    expect(kiosk.get_by_role("textbox", name="PIN")).to_have_value("")
    kiosk.get_by_role("textbox", name="PIN").fill(MEI["pin"])
    people.press(kiosk, "Go on to confirm")
    kiosk.get_by_role("button", name=re.compile("^Pay €")).click()

    expect(kiosk.get_by_text(re.compile("This is provisional"))).to_be_visible()
    receipt = people.panel(wired)
    assert all_payments(wired) == before  # nothing has reached the store yet
    wired.wire.mend()
    phone.goto(wired.server.url + receipt["ticket_url"])
    expect(_reloaded_until_there(phone)).to_be_visible()
    assert all_payments(wired) == before + 1
    assert receipt["exit_code"]


def _reloaded_until_there(phone: Page) -> Locator:
    """Reload the ticket's page until the store has booked it: the kiosk tells it in its own time."""
    ticket = phone.locator(".paper")
    for _ in range(60):
        if ticket.count():
            break
        phone.reload()
        phone.wait_for_load_state("networkidle")
    return ticket

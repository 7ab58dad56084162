"""Presses that come too fast, twice or too late, in Chromium before a kiosk that really decides."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from kiosk.visit import calls
from kiosk.visit.states import State
from kiosk.visit.visit import Visit
from tests.kiosk.builders import a_basket, a_line, an_authentication, at, shopping
from tests.web.acting_kiosk import ActingKiosk

pytestmark = pytest.mark.e2e

# Both presses in one task of the page: nothing is drawn and no answer comes between them.
PRESS_TWICE = "button => { button.click(); button.click(); }"


class Till:
    """A page and the kiosk behind it."""

    def __init__(self, kiosk: ActingKiosk, page: Page) -> None:
        self.kiosk = kiosk
        self.page = page

    def asked(self, kind: type[Any]) -> list[Any]:
        """Return the calls of one kind that reached the shop, in order."""
        return [call for call in self.kiosk.shop.seen if isinstance(call, kind)]

    def press_twice(self, name: str, arrived: str) -> None:
        """Press the same place again as soon as the next panel is there; no time passes on the page's own clock."""
        box = self.page.get_by_role("button", name=name).bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        self.page.clock.pause_at(self.page.evaluate("Date.now()") / 1000 + 1)
        self.page.mouse.click(x, y)
        expect(self.page.locator(".frame")).to_have_attribute("data-panel", arrived)
        self.page.mouse.click(x, y)
        self.page.clock.resume()


@pytest.fixture
def till(browser: Browser, tmp_path: Path, request: pytest.FixtureRequest) -> Any:
    kiosk = ActingKiosk(request.param, tmp_path)
    with kiosk.running() as url:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.clock.install()  # it goes as ever, until a test stops it
        page.goto(url)
        page.locator(".frame").wait_for()
        yield Till(kiosk, page)
        page.close()


def hold(until: threading.Event) -> None:
    assert until.wait(60)


def one_line() -> Visit:
    return shopping(a_basket(lines=(a_line(quantity=1, gross_minor=399, due_minor=399),)))


def confirming() -> Visit:
    later = datetime.now(UTC) + timedelta(hours=1)  # the page counts the seconds by its own clock
    return at(State.CONFIRMING, auth=an_authentication(factors=("phone", "pin"), expires_at=later))


@pytest.mark.parametrize("till", [one_line()], indirect=True)
def test_two_taps_are_two_pieces_when_nothing_is_drawn_between_them(till: Till) -> None:
    till.page.get_by_role("button", name="Un Pâte à tartiner de plus").evaluate(PRESS_TWICE)

    expect(till.page.locator(".quantity .count")).to_have_text("3")
    expect(till.page.locator(".amounts.awaited")).to_have_count(0)
    assert [call.quantity for call in till.asked(calls.ChangeQuantity)] == [2, 3]
    assert till.kiosk.shop.baskets["basket-1"].lines[0].quantity == 3


@pytest.mark.parametrize("till", [one_line()], indirect=True)
def test_pieces_add_up_when_the_shop_is_slow_to_answer(till: Till) -> None:
    answer_now = threading.Event()
    till.kiosk.shop.before = lambda: hold(answer_now)
    more = till.page.get_by_role("button", name="Un Pâte à tartiner de plus")

    for wanted in ("2", "3", "4"):
        more.click()
        expect(till.page.locator(".quantity .count")).to_have_text(wanted)
    expect(till.page.locator(".amounts.awaited")).to_have_count(1)
    answer_now.set()

    expect(till.page.locator(".amounts.awaited")).to_have_count(0)
    expect(till.page.locator(".quantity .count")).to_have_text("4")
    expect(till.page.locator(".amounts .due")).to_contain_text("15,96")


@pytest.mark.parametrize("till", [confirming()], indirect=True)
def test_one_payment_is_asked_for_when_pay_is_pressed_twice(till: Till) -> None:
    till.page.get_by_role("button", name="Payer 7,18").evaluate(PRESS_TWICE)

    expect(till.page.locator(".frame")).to_have_attribute("data-panel", "receipt")
    assert len(till.asked(calls.Pay)) == 1


@pytest.mark.parametrize(
    ("till", "button", "arrived"),
    [
        (one_line(), "Vérifier et payer", "review"),
        (at(State.REVIEW), "Payer 7,18", "method"),
        (confirming(), "Payer 7,18", "receipt"),
    ],
    indirect=["till"],
)
def test_the_next_panel_waits_for_a_press_of_its_own_when_a_button_is_pressed_twice(
    till: Till, button: str, arrived: str
) -> None:
    seen: list[str] = []
    till.kiosk.loop.listen(lambda visit, _seq: seen.append(visit.state.value))

    till.press_twice(button, arrived)

    expect(till.page.locator("main:not([data-settling])")).to_have_count(1)
    assert till.kiosk.loop.visit.state.value == arrived, seen

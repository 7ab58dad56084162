"""The built kiosk page in a real browser, before a kiosk process that only shows."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from scripts.webbuild import build
from tests.web.builders import every_screen
from tests.web.mock_kiosk import MockKiosk, Served

# A pretend camera, whose permission prompt answers itself: what lending needs.
FAKE_CAMERA = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]


@pytest.fixture(scope="session")
def browser(start_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    build()
    browser = start_chromium(*FAKE_CAMERA)
    yield browser
    browser.close()


@pytest.fixture
def kiosk() -> MockKiosk:
    return MockKiosk(every_screen("fr")["welcome"])


@pytest.fixture
def page(browser: Browser, kiosk: MockKiosk) -> Iterator[Page]:
    with Served(kiosk.app) as served:
        # Without motion: what is looked at stands still, however long the looking takes.
        context = browser.new_context(
            viewport={"width": 1280, "height": 800}, permissions=["camera"], reduced_motion="reduce"
        )
        page = context.new_page()
        page.goto(served.url)
        page.locator(".frame").wait_for()
        yield page
        context.close()

"""Real Chromium over a real shop."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.stack import ROOT, Stack, open_shop

PHONE = {"width": 390, "height": 844}
KIOSK = {"width": 1280, "height": 800}
PICTURES = ROOT / "var" / "pictures"
"""Screenshots of each run, to be looked at; the README's own is made by one test and kept in docs/pictures."""


FAILED = pytest.StashKey[bool]()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Return a running store and kiosk with folders for cameras."""
    for page in (ROOT / "kiosk/ui/web/dist/index.html", ROOT / "server/web/dist"):
        if not page.exists():
            pytest.fail(f"{page.relative_to(ROOT)} is not built: run `python scripts/webbuild.py`")
    stack = open_shop(tmp_path_factory.mktemp("shop"))
    yield stack
    stack.stop()


@pytest.fixture(scope="session")
def browser(start_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    """Return Debian's Chromium."""
    chromium = start_chromium()
    yield chromium
    chromium.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember on the test whether its body failed, so that the pages can be photographed as they stood."""
    report = yield
    if report.when == "call" and report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Return a way to open a page as a person of its own; a page with errors fails the test."""
    contexts: list[Any] = []
    errors: list[str] = []

    def opener(url: str, viewport: dict[str, int] = KIOSK) -> Page:
        # Without motion: what is looked at and pressed stands still, however long a busy machine takes.
        context = browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")  # type: ignore[arg-type] # a plain dict serves
        contexts.append(context)
        context.set_default_timeout(15_000)
        page: Page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{url}: {error}"))
        page.goto(url)
        return page

    yield opener
    for number, context in enumerate(contexts):
        if request.node.stash.get(FAILED, False):
            PICTURES.mkdir(parents=True, exist_ok=True)
            context.pages[0].screenshot(path=PICTURES / f"failed-{request.node.name[:60]}-{number}.png")
        context.close()
    assert not errors


@pytest.fixture
def picture() -> Callable[[Page, str], Path]:
    """Return a way to keep a screenshot: `picture(page, "kiosk-basket")`."""
    PICTURES.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> Path:
        path = PICTURES / f"{name}.png"
        page.screenshot(path=path, animations="disabled")
        return path

    return take

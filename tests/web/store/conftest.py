"""A browser and a mock store for the pages of `server/web`."""

import threading
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page

from tests.web.store.mock_store import DIST, MockStore, create_app


class Served:
    """The mock store behind a port of its own, first day again on each `fresh`."""

    def __init__(self) -> None:
        self.store = MockStore()
        self.store.reset()
        self._server = uvicorn.Server(
            uvicorn.Config(create_app(self.store), port=0, log_level="error", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> str:
        """Serve and return the base URL once the port is open."""
        ready = threading.Event()
        startup = self._server.startup

        async def started(sockets: object = None) -> None:
            await startup(sockets)  # type: ignore[arg-type] # the server's own argument, passed on as it came
            ready.set()

        self._server.startup = started  # type: ignore[method-assign] # the only moment at which uvicorn knows its port
        self._thread.start()
        assert ready.wait(60)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """End the server and wait for it."""
        self._server.should_exit = True
        self._thread.join(5)


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[Served, str]]:
    if not (DIST / "claim.html").exists():
        pytest.fail("server/web/dist is not built: run `python scripts/webbuild.py`")
    server = Served()
    url = server.start()
    yield server, url
    server.stop()


@pytest.fixture(scope="session")
def browser(start_chromium: Callable[..., Browser]) -> Iterator[Browser]:
    browser = start_chromium()
    yield browser
    browser.close()


@pytest.fixture
def store(served: tuple[Served, str]) -> MockStore:
    served[0].store.reset()
    return served[0].store


@pytest.fixture
def context(browser: Browser, served: tuple[Served, str]) -> Iterator[BrowserContext]:
    """A visitor with a small phone who reads English."""
    context = browser.new_context(
        base_url=served[1], viewport={"width": 375, "height": 760}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, store: MockStore) -> Page:
    assert store.kiosks
    return context.new_page()

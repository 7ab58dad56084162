"""What pages are told: the newest screen, whole, and where something is seen. A slow page skips to the newest."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from kiosk.ports import FlashTold, LookTold
from kiosk.trace import reached
from kiosk.ui.screens import screen_of
from kiosk.visit.sight import Role
from kiosk.visit.visit import Visit

PING_SECONDS = 15.0


@dataclass(slots=True, eq=False)
class _Page:
    """One listening page: its event loop, and what it has not been told yet (at most one of each kind)."""

    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    screen: tuple[Visit, int] | None = None
    looks: dict[str, LookTold] = field(default_factory=dict)
    flash: FlashTold | None = None


class News:
    """Screens and looks on their way to the pages; ``show`` and ``tell`` may be called from any thread."""

    def __init__(self, visit: Visit) -> None:
        self._newest = (visit, 0)
        self._pages: tuple[_Page, ...] = ()
        self.shown = threading.Event()  # once a page was given a screen

    def show(self, visit: Visit, seq: int) -> None:
        """Take a new screen."""
        self._newest = (visit, seq)
        for page in self._pages:
            _call(page, partial(self._fill_screen, page, (visit, seq)))

    def tell(self, look: LookTold) -> None:
        """Take a new look; one not told yet of the same camera is replaced."""
        for page in self._pages:
            _call(page, partial(self._fill_look, page, look))

    def flash(self, told: FlashTold) -> None:
        """Take a new colour for the screen; one not told yet is replaced."""
        for page in self._pages:
            _call(page, partial(self._fill_flash, page, told))

    async def lines(self) -> AsyncIterator[str]:
        """Yield the event stream of one page, beginning with the newest screen."""
        page = _Page(asyncio.get_running_loop())
        self._pages = (*self._pages, page)
        before: dict[str, Any] = {}
        told: dict[Role, LookTold] = {}
        self._fill_screen(page, self._newest)  # after it is listed: a change in between is told, not lost
        try:
            while True:
                try:
                    async with asyncio.timeout(PING_SECONDS):  # `wait_for` may forget that it was cancelled
                        await page.woken.wait()
                except TimeoutError:
                    yield ": ping\n\n"
                    continue
                page.woken.clear()
                screen, page.screen = page.screen, None
                looks, page.looks = page.looks, {}
                flash, page.flash = page.flash, None
                if flash is not None:  # first of all: it is timed
                    yield f"event: flash\ndata: {_dump(asdict(flash))}\n\n"
                if screen is not None and (drawn := _drawn(*screen, before)) is not None:
                    before, told = drawn, {}  # a page forgets looks with the panel that they were for
                    seq = drawn["seq"]
                    yield f"id: {seq}\nevent: screen\ndata: {_dump(drawn)}\n\n"
                    reached("drawn", str(seq))
                    self.shown.set()
                for look in looks.values():
                    if look == told.get(look.role):
                        continue
                    told[look.role] = look
                    yield f"event: look\ndata: {_dump({**asdict(look), 'role': look.role.value})}\n\n"
        finally:
            self._pages = tuple(other for other in self._pages if other is not page)

    @staticmethod
    def _fill_screen(page: _Page, screen: tuple[Visit, int]) -> None:
        page.screen = screen
        page.woken.set()

    @staticmethod
    def _fill_flash(page: _Page, told: FlashTold) -> None:
        page.flash = told
        page.woken.set()

    @staticmethod
    def _fill_look(page: _Page, look: LookTold) -> None:
        page.looks[look.role.value] = look
        page.woken.set()


def _call(page: _Page, fill: Callable[[], None]) -> None:
    try:
        page.loop.call_soon_threadsafe(fill)
    except RuntimeError:
        return  # that page's server is going down


def _drawn(visit: Visit, seq: int, before: dict[str, Any]) -> dict[str, Any] | None:
    """Return the screen, or None where a page shows the same already: much that a visit knows is on no screen."""
    drawn = screen_of(visit, seq)
    return None if drawn == {**before, "seq": seq} else drawn


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

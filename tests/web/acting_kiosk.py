"""A kiosk that really decides: the loop, the disk and the page as they are, before a shop in memory."""

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.loop import Loop
from kiosk.offline.outbox import SqliteOutbox
from kiosk.offline.replay import ShopWorker
from kiosk.ports import CameraOffError
from kiosk.ui.news import News
from kiosk.ui.server import House, build
from kiosk.visit.effects import Ask
from kiosk.visit.events import Event
from kiosk.visit.sight import Role
from kiosk.visit.visit import Visit
from tests.kiosk.builders import NOON
from tests.kiosk.fakes import FakeShop, MemoryOfOne, a_clock
from tests.web.mock_kiosk import Served


class NoCameras:
    """A kiosk whose cameras are all away."""

    def watch(self, _role: Role, _show: object) -> object:
        return lambda: None

    def lend(self, role: Role, _jpeg: bytes) -> None:
        raise CameraOffError(role)

    def show_picture(self, role: Role, _content: bytes) -> "Future[int]":
        raise CameraOffError(role)


class ActingKiosk:
    """The parts of a kiosk that a page's acts go through."""

    def __init__(self, visit: Visit, folder: Path) -> None:
        self.shop = FakeShop()
        if visit.basket is not None:
            self.shop.baskets[visit.basket.basket_id] = visit.basket
        visit = replace(visit, locale="fr")
        self.news = News(visit)
        self.events: list[Event] = []
        self._worker = ShopWorker(self.shop, SqliteOutbox(folder / "outbox.sqlite"), self._deliver)
        self.loop = Loop(
            visit, memory=MemoryOfOne(), clock=a_clock(NOON), ask_shop=self._ask, carry_out=lambda _effect: None
        )
        self.loop.listen(self.news.show)
        self.app = build(House(self.loop, NoCameras(), self.news))  # type: ignore[arg-type]  # it watches nothing

    def _ask(self, effect: Ask) -> None:
        assert self._worker.submit(effect.call)

    def _deliver(self, event: Event) -> None:
        self.loop.deliver(event)

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve it; yield its address."""
        self.loop.start()
        self._worker.start()
        try:
            with Served(self.app) as served:
                yield served.url
        finally:
            self._worker.stop()
            self.loop.stop()

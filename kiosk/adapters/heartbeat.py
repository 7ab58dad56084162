"""Tell the store what this kiosk shows: at once on a change, and every ten seconds anyway."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import httpx

from kiosk.visit.visit import Visit

EVERY_SECONDS: Final = 10.0
NOT_FASTER_SECONDS: Final = 0.3  # a row of scans is one news
_LOG = logging.getLogger(__name__)


def state_of(visit: Visit, since: datetime) -> dict[str, object]:
    """Return what the store's board shows of a visit: nothing about a person.

    Args:
        visit: As it is.
        since: When its screen last changed; aware UTC.
    """
    basket = visit.basket
    return {
        "screen": visit.state.value,
        "locale": visit.locale,
        "basket_id": visit.basket_id,
        "items": basket.pieces if basket else 0,
        "total_minor": basket.total_minor if basket else 0,
        "emoji": list(basket.emoji) if basket else [],
        "devices": {f"{role}_camera": _device(state) for role, state in visit.cameras} | dict(visit.devices),
        "since": since.isoformat().replace("+00:00", "Z"),
    }


def _device(state: str) -> str:
    return "off" if state in {"dark", "none"} else state


class Heartbeat:
    """One thread; only the newest state is ever sent."""

    def __init__(self, client: httpx.Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._clock = clock
        self._newest: Visit | None = None
        self._since: tuple[str, datetime] | None = None
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def show(self, visit: Visit) -> None:
        """Take a new state; returns at once."""
        if self._since is None or self._since[0] != visit.state.value:
            self._since = (visit.state.value, self._clock())
        self._newest = visit
        self._changed.set()

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Tell no more."""
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def beat(self) -> bool:
        """Send the newest state once; return whether the store took it."""
        visit = self._newest
        if visit is None or visit.store is None or self._since is None:
            return False
        try:
            state = state_of(visit, self._since[1])
            response = self._client.put(f"/v1/kiosks/{visit.store.kiosk_id}/state", json=state)
        except httpx.HTTPError as problem:
            _LOG.info("heartbeat: %s", type(problem).__name__)
            return False
        return response.is_success

    def _run(self) -> None:
        while not self._ended.is_set():
            self._changed.wait(EVERY_SECONDS)
            self._changed.clear()
            if not self._ended.is_set():
                self.beat()
                self._ended.wait(NOT_FASTER_SECONDS)

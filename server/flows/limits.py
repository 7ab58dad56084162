"""A sliding window: at most so many in so long, counted in this process.

One web process writes one store (SQLite allows no second), so a count in memory is a count of all. Past one machine
the window moves into the database; until then it costs no write.
"""

import math
from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from threading import Lock

from server.flows.errors import FlowError

MAX_KEYS = 20_000
"""Keys kept at once; the one unused for longest is dropped first, so that memory has a bound."""


class SlidingWindow:
    """At most `allowed` acts in any `span`, for each key."""

    def __init__(self, allowed: int, span: timedelta) -> None:
        self.allowed = allowed
        self.span = span
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()
        self._lock = Lock()

    def take(self, *keys: str, at: datetime) -> None:
        """Count one act under every key, or under none.

        Raises:
            FlowError: `too_many_requests`, with the whole seconds until the next is allowed.
        """
        with self._lock:
            seen = self._with_room(keys, at)
            for past in seen:
                past.append(at)

    def demand(self, *keys: str, at: datetime) -> None:
        """Make sure that every key has an act left, and count none.

        Raises:
            FlowError: As `take`.
        """
        with self._lock:
            self._with_room(keys, at)

    def _with_room(self, keys: Sequence[str], at: datetime) -> list[deque[datetime]]:
        seen = [self._recent(key, at) for key in keys]
        waits = [past[0] + self.span - at for past in seen if len(past) >= self.allowed]
        if waits:
            seconds = max(1, math.ceil(max(waits).total_seconds()))
            raise FlowError(
                "too_many_requests",
                f"At most {self.allowed} tries in {int(self.span.total_seconds() // 60)} minutes.",
                retry_after_seconds=seconds,
            )
        return seen

    def _recent(self, key: str, at: datetime) -> deque[datetime]:
        past = self._seen.setdefault(key, deque(maxlen=self.allowed))
        self._seen.move_to_end(key)
        while past and past[0] <= at - self.span:
            past.popleft()
        while len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)
        return past

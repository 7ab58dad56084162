"""Sliding windows: at most so many in so long.

Tries at what can be guessed, and what is dear to answer, are counted in the database (`Bound`): exactly, and by all
servers of a shop together. How often one address may ask at all is a bound on the work of one process, and is counted
in its memory, as it costs no write (`SlidingWindow`).
"""

import logging
import math
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from checkout.errors import CheckoutError
from server.flows.errors import FlowError
from server.flows.ports import Database, Work
from server.flows.tokens import token_hash

log = logging.getLogger(__name__)

MAX_KEYS = 20_000
"""Keys kept at once; the one unused for longest is dropped first, so that memory has a bound."""


@dataclass(frozen=True, slots=True)
class Bound:
    """At most `allowed` acts in any `span`, for each key; the keys of another name are others."""

    name: str
    allowed: int
    span: timedelta

    async def take(self, database: Database, *keys: str, at: datetime) -> None:
        """Count one act under every key, or under none, in a transaction of its own.

        Raises:
            FlowError: `too_many_requests`, with the whole seconds until the next is allowed.
        """
        await database.write_async(lambda work: self.count(work, *keys, at=at))

    def count(self, work: Work, *keys: str, at: datetime) -> None:
        """`take` in the transaction of what is asked for, which counts if that commits.

        Raises:
            FlowError: As `take`.
        """
        wait = work.bounds.count(self._hashes(keys), allowed=self.allowed, span=self.span, at=at)
        if wait is not None:
            raise _too_many(self.allowed, self.span, wait)

    @asynccontextmanager
    async def guess(
        self, database: Database, key: str, *, at: datetime, wrong: Collection[str] | None = None
    ) -> AsyncIterator[None]:
        """Let somebody try what they may have guessed: counted before it is looked at, taken back if it was right.

        So many at once have no more tries than one after another, and who has none left learns nothing of a hit. Where
        the database is too busy to take a try back, it stays counted until its time is over: what was tried has its
        outcome already, and a refusal in its place would be untrue.

        Args:
            database: Where tries are counted.
            key: Whose tries they are.
            at: The moment.
            wrong: The codes of refusals that say that it was wrong; all, if None.

        Raises:
            FlowError: As `take`.
        """
        await self.take(database, key, at=at)
        try:
            yield
        except (FlowError, CheckoutError) as error:
            if wrong is not None and error.code not in wrong:
                await self._take_back(database, key, at=at)
            raise
        await self._take_back(database, key, at=at)

    async def _take_back(self, database: Database, key: str, *, at: datetime) -> None:
        try:
            await database.write_async(lambda work: work.bounds.take_back(self._hashes([key]), at=at))
        except FlowError as error:
            log.warning("a try under %s stays counted: %s", self.name, error)

    def _hashes(self, keys: Sequence[str]) -> list[str]:
        return [token_hash(f"{self.name} {key}") for key in keys]


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

    def _with_room(self, keys: Sequence[str], at: datetime) -> list[deque[datetime]]:
        seen = [self._recent(key, at) for key in keys]
        waits = [past[0] + self.span - at for past in seen if len(past) >= self.allowed]
        if waits:
            raise _too_many(self.allowed, self.span, max(waits))
        return seen

    def _recent(self, key: str, at: datetime) -> deque[datetime]:
        past = self._seen.setdefault(key, deque(maxlen=self.allowed))
        self._seen.move_to_end(key)
        while past and past[0] <= at - self.span:
            past.popleft()
        while len(self._seen) > MAX_KEYS:
            self._seen.popitem(last=False)
        return past


def _too_many(allowed: int, span: timedelta, wait: timedelta) -> FlowError:
    seconds = max(1, math.ceil(wait.total_seconds()))
    detail = f"At most {allowed} tries in {int(span.total_seconds() // 60)} minutes."
    return FlowError("too_many_requests", detail, retry_after_seconds=seconds)

"""What waits is settled together: one transaction for all that has queued while the last one was committed.

No timer: who comes alone is settled alone at once, and the more come, the larger the batches. The queue has a bound,
beyond which a sender is told when to come again.
"""

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Engine

from server.db.batch import ALONE, NotSharedError, foresee_batch, settle_batch
from server.db.batch_memory import StaleError
from server.db.engine import is_gone
from server.flows.errors import FlowError
from server.flows.ports import Together, Work

log = logging.getLogger(__name__)

Result = TypeVar("Result")

MOST = 128
"""Requests of one transaction: beyond, latency grows and nothing is gained (measured on both engines)."""
JOIN = 6
"""Who came while a batch was priced joins it, so many at a time: each step puts the batch off by a few milliseconds."""
MOST_WAITING = 1024
"""About two seconds of work on a small machine."""
TRIES = 4
"""A batch that others were faster than is begun anew so often, and then each of its requests runs alone."""
LOST_SECONDS = 10.0
"""How long a batch waits for a database that went away: a standby takes over in less."""
LOST_PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request and who waits for it."""

    request: Together[Any]
    loop: asyncio.AbstractEventLoop
    answer: "asyncio.Future[Any]"


class Settler:
    """Settles requests in batches.

    Args:
        engine: The database.
        threads: Where batches run. SQLite: the one writer's thread, so that plain writes take their turn between.
        at_once: How many batches may be under way; SQLite has one writer, PostgreSQL gains by two to four.
        alone: Runs a flow in a transaction of its own.
        told: Called after a commit that left events.
    """

    def __init__(
        self,
        engine: Engine,
        threads: Executor,
        *,
        at_once: int,
        alone: Callable[[Callable[[Work], Any]], Any],
        told: Callable[[], None],
    ) -> None:
        self._engine = engine
        self._threads = threads
        self._at_once = at_once
        self._alone = alone
        self._told = told
        self._queue: deque[Waiting] = deque()
        self._running = 0
        self.tally: Counter[str] = Counter()
        """How many `batches`, requests `settled` in them and `alone`, and batches begun anew (`again`) there were."""
        self._lock = Lock()

    async def settle(self, request: Together[Result]) -> Result:
        """Settle a request together with those that wait.

        Raises:
            FlowError: `busy`.
        """
        loop = asyncio.get_running_loop()
        waiting = Waiting(request, loop, loop.create_future())
        with self._lock:
            if len(self._queue) >= MOST_WAITING:
                raise FlowError("busy", f"{MOST_WAITING} requests wait already.", retry_after_seconds=1)
            self._queue.append(waiting)
            if self._running < self._at_once:
                self._running += 1
                self._threads.submit(self._take_turn)
        result: Result = await waiting.answer
        return result

    def _take_turn(self) -> None:
        """Settle what waits now, and line up again behind other writes when more has come."""
        if batch := self._gather():
            outcomes = self._settle([each.request for each in batch])
            batch[0].loop.call_soon_threadsafe(_answer, batch, outcomes)
        with self._lock:
            if self._queue:
                self._threads.submit(self._take_turn)
            else:
                self._running -= 1

    def _gather(self) -> list[Waiting]:
        """Take what waits and price it, with who came meanwhile.

        Answers let all their senders ask again at once, and the first of them would else hold the turn alone: a whole
        commit for one, while the others are priced only when it has ended.
        """
        batch = fresh = self._take(MOST)
        while fresh and self._foresee([each.request for each in fresh]):
            fresh = self._take(min(JOIN, MOST - len(batch)))
            batch = batch + fresh
        return batch

    def _take(self, most: int) -> list[Waiting]:
        with self._lock:
            return [self._queue.popleft() for _ in range(min(most, len(self._queue)))]

    def settle_now(self, requests: Sequence[Together[Any]]) -> list[object]:
        """Settle requests and return for each what it returned or the exception that it ended with; all is durable."""
        self._foresee(requests)
        return self._settle(requests)

    def _settle(self, requests: Sequence[Together[Any]]) -> list[object]:
        until = time.monotonic() + LOST_SECONDS
        left = list(range(len(requests)))
        outcomes: list[object] = [ALONE] * len(requests)
        tries = TRIES
        while left and tries:
            try:
                with self._engine.begin() as connection:
                    found, told = settle_batch(connection, [requests[n] for n in left])
            except NotSharedError as error:
                left.pop(error.place)
                tries -= 1
            except StaleError:
                self.tally["again"] += 1
                tries -= 1
            except Exception as error:  # noqa: BLE001 - whichever request it came from is found by splitting
                if is_gone(error):
                    if time.monotonic() > until:
                        return [error] * len(requests)
                    # The same ids again: what was committed and not answered is found and answered now.
                    self.tally["again"] += 1
                    time.sleep(LOST_PAUSE_SECONDS)
                    continue
                return self._split(requests, error)
            else:
                if told:
                    self._told()
                self.tally["batches"] += 1
                self.tally["settled"] += sum(outcome is not ALONE for outcome in found)
                for n, outcome in zip(left, found, strict=True):
                    outcomes[n] = outcome
                break
        return [self._run_alone(requests[n]) if outcome is ALONE else outcome for n, outcome in enumerate(outcomes)]

    def _foresee(self, requests: Sequence[Together[Any]]) -> bool:
        """Keep what needs no lock out of the transaction, and say whether that went well.

        On SQLite all other writers wait for it, on PostgreSQL those who use coupons of the same campaign or number
        tickets of the same store.
        """
        try:
            with self._engine.connect().execution_options(read_only=True) as connection, connection.begin():
                foresee_batch(connection, requests)
        except Exception:  # whoever it came from meets it again in the transaction, and there it is told apart
            log.exception("a batch of %d was not foreseen", len(requests))
            return False
        return True

    def _split(self, requests: Sequence[Together[Any]], error: Exception) -> list[object]:
        """Halve a batch that failed as a whole: one that spoils it ends alone, with its own error."""
        if len(requests) == 1:
            return [self._run_alone(requests[0])]
        log.warning("a batch of %d is split: %s", len(requests), error)
        middle = len(requests) // 2
        return self._settle(requests[:middle]) + self._settle(requests[middle:])

    def _run_alone(self, request: Together[Any]) -> object:
        def both(work: Work) -> object:
            request.admit(work)
            return request.finish(work)

        self.tally["alone"] += 1
        try:
            return self._alone(both)
        except Exception as error:  # noqa: BLE001 - it is handed to whoever asked
            return error


def _answer(batch: Sequence[Waiting], outcomes: Sequence[object]) -> None:
    """Let everybody go on; whoever left meanwhile has their outcome under their key."""
    for waiting, outcome in zip(batch, outcomes, strict=True):
        if waiting.answer.done():
            continue
        if isinstance(outcome, Exception):
            waiting.answer.set_exception(outcome)
        else:
            waiting.answer.set_result(outcome)

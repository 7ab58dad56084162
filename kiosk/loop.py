"""One thread owns the visit: it takes an event, steps, saves, carries out the effects, and tells who listens."""

import logging
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from kiosk.ports import Clock, VisitMemory
from kiosk.trace import reached
from kiosk.visit.effects import Ask, DeviceEffect, LookEffect, PurseEffect
from kiosk.visit.events import Event, Ticked
from kiosk.visit.outcome import ActNotPossibleError
from kiosk.visit.step import step
from kiosk.visit.visit import Visit, record_of

EVENTS_AT_MOST: Final = 256  # far above what a shopper and two cameras make in the time of one step
TICK_SECONDS: Final = 0.25
_LOG = logging.getLogger(__name__)

Listener = Callable[[Visit, int], None]


@dataclass(frozen=True, slots=True)
class _Posted:
    event: Event
    answer: "Future[int] | None"


class Loop:
    """The visit and its queue. ``post`` and ``ask`` may be called from any thread."""

    def __init__(
        self,
        visit: Visit,
        *,
        memory: VisitMemory,
        clock: Clock,
        ask_shop: Callable[[Ask], None],
        carry_out: Callable[[LookEffect | DeviceEffect | PurseEffect], None],
    ) -> None:
        self._visit = visit
        self._seq = 0
        self._memory = memory
        self._saved = memory.load()
        self._clock = clock
        self._ask_shop = ask_shop
        self._carry_out = carry_out
        self._queue: queue.Queue[_Posted] = queue.Queue(EVENTS_AT_MOST)
        self._listeners: tuple[Listener, ...] = ()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="visit", daemon=True)

    @property
    def visit(self) -> Visit:
        """The visit as it is now; a value, so any thread may read it."""
        return self._visit

    @property
    def seq(self) -> int:
        """Grows with each change of the visit."""
        return self._seq

    def listen(self, listener: Listener) -> None:
        """Call ``listener`` with the visit and its seq after each change, from the loop's thread."""
        self._listeners = (*self._listeners, listener)

    def post(self, event: Event) -> bool:
        """Hand over an event; return False, and drop it, where too many wait."""
        try:
            self._queue.put_nowait(_Posted(event, None))
        except queue.Full:
            _LOG.warning("event dropped: %s", type(event).__name__)
            return False
        return True

    def deliver(self, event: Event) -> None:
        """Hand over an event that must not be lost; wait where too many do."""
        while not self._ended.is_set():
            try:
                self._queue.put(_Posted(event, None), timeout=TICK_SECONDS)
            except queue.Full:
                continue
            return

    def ask(self, event: Event) -> "Future[int]":
        """Hand over an act and return the seq to come.

        Raises:
            queue.Full: Too many events wait.
        """
        answer: Future[int] = Future()
        self._queue.put_nowait(_Posted(event, answer))
        return answer

    def start(self) -> None:
        """Begin to take events."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more events; returns when the one under way is done."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def take(self, event: Event) -> int:
        """Do one step. The loop's own thread does this; a test may, when the thread is not started.

        Raises:
            ActNotPossibleError: The act is not offered now.
        """
        reached("taken", type(event).__name__)
        before = self._visit
        after, effects = step(before, event, self._clock())
        record = record_of(after)
        if record != self._saved:
            self._memory.save(record)  # ids are on disk before any effect carries them away
            self._saved = record
            reached("saved")
        if after != before:
            self._visit = after
            self._seq += 1
        for effect in effects:
            if isinstance(effect, Ask):
                self._ask_shop(effect)
            else:
                self._carry_out(effect)
        if after != before:
            for listener in self._listeners:
                listener(after, self._seq)
            reached("told", type(event).__name__)
        return self._seq

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                posted = self._queue.get(timeout=TICK_SECONDS)
            except queue.Empty:
                posted = _Posted(Ticked(), None)
            self._take_safely(posted)

    def _take_safely(self, posted: _Posted) -> None:
        try:
            seq = self.take(posted.event)
        except ActNotPossibleError as refusal:
            if posted.answer is not None:
                posted.answer.set_exception(refusal)
        except Exception as problem:  # noqa: BLE001 - logged, and told to whoever asked
            # A bug in one step must not take the kiosk from the next shopper; the visit stays as it was before it.
            _LOG.exception("step failed on %s", type(posted.event).__name__)
            if posted.answer is not None:
                posted.answer.set_exception(problem)
        else:
            if posted.answer is not None:
                posted.answer.set_result(seq)

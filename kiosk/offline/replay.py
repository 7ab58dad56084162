"""Send calls to the store in order, off the loop's thread; repeat writes with the same id until they are answered."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kiosk.offline.meanwhile import Meanwhile
from kiosk.offline.till import LocalTill
from kiosk.ports import Outbox, Shop, ShopAnsweredBadlyError, ShopRefusedError, ShopUnreachableError
from kiosk.trace import reached
from kiosk.visit.calls import Call, CreateBasket, FetchStore, KeptWrite, OpenIntervention, SecretWrite
from kiosk.visit.events import Answered, BasketNow, Event, Refused, ShopBack, Unreached

CALLS_AT_MOST: Final = 64
TRIES: Final = 3  # for a call that somebody waits for; a write on disk is tried until the store answers
BAD_ANSWERS: Final = 5  # to one write, over some seven seconds; then it is given up, so that the others go on
NOT_AS_AGREED: Final = "not_as_agreed"
FIRST_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 4.0
_LOG = logging.getLogger(__name__)


class ShopWorker:
    """One thread and one bounded queue. Answers come back through ``deliver``."""

    def __init__(
        self,
        shop: Shop,
        outbox: Outbox,
        deliver: Callable[[Event], None],
        *,
        till: LocalTill | None = None,
        first_pause_seconds: float = FIRST_PAUSE_SECONDS,
    ) -> None:
        """Get ready.

        Args:
            shop: The store.
            outbox: Writes on disk.
            deliver: Where answers go.
            till: Hears what the store says, and adds to it what is still on its way.
            first_pause_seconds: Between two tries of a write; doubles up to 4 s.
        """
        self._shop = shop
        self._till = till
        self.meanwhile: Meanwhile | None = None
        self._tried: set[str] = set()
        self._taken_back: set[str] = set()
        self._tries = threading.Lock()
        self._outbox = outbox
        self._deliver = deliver
        self._first_pause = first_pause_seconds
        self._pause = first_pause_seconds
        self._queue: queue.Queue[Call] = queue.Queue(CALLS_AT_MOST)
        self._ended = threading.Event()
        self._online = True
        self._bad_answers = ("", 0)  # which write is answered badly, and how often
        self._count_again_at = 0.0  # monotonic seconds
        self._try_again_at = 0.0  # likewise
        self._thread = threading.Thread(target=self._run, name="shop", daemon=True)

    @property
    def is_online(self) -> bool:
        """Whether the store answered last."""
        return self._online

    def submit(self, call: Call) -> bool:
        """Take a call over; return False where too many wait already. A write is on disk when this returns."""
        if not self._note(call):
            return False
        try:
            self._queue.put_nowait(call)
        except queue.Full:
            if not isinstance(call, KeptWrite):
                if self.meanwhile is not None:
                    self.meanwhile.forget(call)
                return False  # a write is sent with the others that lie on disk
        return True

    def _note(self, call: Call) -> bool:
        def keep() -> bool:
            return not isinstance(call, KeptWrite) or self._outbox.append(call)

        return keep() if self.meanwhile is None else self.meanwhile.note(call, keep)

    def withdraw(self, key: str) -> bool:
        """Take a write back that was never tried; return False where the store may have heard of it."""
        with self._tries:
            if key in self._tried:
                return False
            self._taken_back.add(key)
        self._outbox.settle(key)
        return True

    def start(self) -> None:
        """Begin to send, first of all what an earlier process left."""
        self._thread.start()

    def stop(self) -> None:
        """Send no more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        waiting = bool(self._outbox.pending())
        while not self._ended.is_set():
            try:
                call = self._queue.get(timeout=self._pause if waiting or not self._online else 0.5)
            except queue.Empty:
                if waiting:
                    waiting = not self.flush()
                elif not self._online:
                    self.knock()
                continue
            self._carry_out(call)
            waiting = bool(self._outbox.pending())

    def perform(self, call: Call) -> None:
        """Do one call: what waits on disk goes first, so that the store sees everything in order."""
        if isinstance(call, KeptWrite) and not self._outbox.append(call):
            self._deliver(Unreached(call, kept=False, waiting=len(self._outbox.pending())))
            return
        self._carry_out(call)

    def _carry_out(self, call: Call) -> None:
        if isinstance(call, KeptWrite):
            is_patient = not isinstance(call, OpenIntervention)
            if is_patient and not self._online and time.monotonic() < self._try_again_at:
                # It lies on disk. A store that was away a moment ago is not asked for each scan: that takes seconds.
                self._deliver(Unreached(call, kept=True, waiting=len(self._outbox.pending())))
                return
            self.flush(asked=call)
            return
        if not self.flush():
            self._deliver(Unreached(call, kept=False, waiting=len(self._outbox.pending())))
            return
        if isinstance(call, SecretWrite):
            self._outbox.note(call.key)
            self._ask(call)
            self._outbox.settle(call.key)
        else:
            self._ask(call)

    def flush(self, *, asked: KeptWrite | None = None) -> bool:
        """Send what is on disk, in order; return whether nothing waits any more."""
        for write in self._outbox.pending():
            if not self._may_try(write.key):
                continue
            try:
                event = self._once(write)
            except ShopUnreachableError as problem:
                if isinstance(problem, ShopAnsweredBadlyError) and self._is_given_up(write):
                    self._settle(write, Refused(write, NOT_AS_AGREED, {}))
                    continue
                self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
                self._away()
                told = asked if asked is not None else write
                self._deliver(Unreached(told, kept=True, waiting=len(self._outbox.pending())))
                if not isinstance(write, OpenIntervention):
                    self._call_for_help()
                return False
            self._settle(write, event)
        return True

    def knock(self) -> None:
        """Ask whether the store is there again, though nobody waits for an answer: the screen says that it is away."""
        try:
            self._shop.perform(FetchStore())
        except ShopRefusedError:
            self._reached()
        except ShopUnreachableError:
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
        else:
            self._reached()

    def _settle(self, write: KeptWrite, event: Answered | Refused) -> None:
        # Told first and forgotten after: a crash between the two repeats the write, which its id makes harmless.
        self._reached()
        self._tell(event)
        self._outbox.settle(write.key)
        with self._tries:
            self._tried.discard(write.key)

    def _tell(self, event: Answered | Refused) -> None:
        if self._till is not None and isinstance(event, Answered) and isinstance(event.answer, BasketNow):
            self._till.hear(event.call, event.answer.basket)
            whole = self._till.complete(event.answer.basket)
            event = replace(event, answer=replace(event.answer, basket=whole))
        if self.meanwhile is not None:
            self.meanwhile.forget(event.call)
        self._deliver(event)

    def _may_try(self, key: str) -> bool:
        with self._tries:
            if key in self._taken_back:
                self._taken_back.discard(key)
                return False
            self._tried.add(key)
            return True

    def _away(self) -> None:
        self._online = False
        self._try_again_at = time.monotonic() + self._pause
        if self.meanwhile is not None:
            self.meanwhile.hurry()

    def _is_given_up(self, write: KeptWrite) -> bool:
        """Count a bad answer; say whether there were so many that the write must not hold up the others any longer.

        A store without a network is waited for without end. One that is there and breaks over a single write would
        otherwise stop every later one for good.
        """
        key, seen = self._bad_answers
        seen = seen if key == write.key else 0
        now = time.monotonic()
        if seen and now < self._count_again_at:
            return False  # quick taps ask again at once; a store that stumbled gets its time all the same
        self._bad_answers = (write.key, seen + 1)
        self._count_again_at = now + min(self._pause * 2, LONGEST_PAUSE_SECONDS) * 0.9
        if seen + 1 < BAD_ANSWERS:
            return False
        _LOG.error("a write is given up after %d bad answers: %s %s", BAD_ANSWERS, write.kind, write.key)
        return True

    def _call_for_help(self) -> None:
        """Send calls for a colleague past what is stuck, unless the store has not even heard of their basket."""
        waiting = self._outbox.pending()
        unheard = {write.basket_id for write in waiting if isinstance(write, CreateBasket)}
        for write in waiting:
            if not isinstance(write, OpenIntervention) or write.basket_id in unheard:
                continue
            try:
                event = self._once(write)
            except ShopUnreachableError:
                return
            self._deliver(event)
            self._outbox.settle(write.key)

    def _ask(self, call: Call) -> None:
        pause = self._first_pause
        for tries_left in reversed(range(TRIES)):
            try:
                event = self._once(call)
            except ShopUnreachableError:
                if tries_left and not self._ended.wait(pause):
                    pause *= 2
                    continue
                self._away()
                self._deliver(Unreached(call, kept=False, waiting=len(self._outbox.pending())))
                return
            self._reached()
            self._tell(event)
            return

    def _once(self, call: Call) -> Answered | Refused:
        try:
            reached("sent", type(call).__name__)
            answer = self._shop.perform(call)
            reached("answered", type(call).__name__)
            return Answered(call, answer)
        except ShopRefusedError as refusal:
            if refusal.retry:
                raise ShopUnreachableError(refusal.code) from refusal
            return Refused(call, refusal.code, refusal.facts)

    def _reached(self) -> None:
        self._pause = self._first_pause
        if not self._online:
            self._online = True
            self._deliver(ShopBack())

"""Answer in the store's place while it does not: at once when it is known to be away, else after a moment."""

import threading
import time
from collections.abc import Callable
from typing import Final

from kiosk.offline.till import ANSWERABLE, LocalTill
from kiosk.ports import ShopRefusedError
from kiosk.visit.calls import AddLine, AddSku, Call
from kiosk.visit.events import Event, Provisional, ProvisionalRefusal

PATIENCE_SECONDS: Final = 0.8  # a store that is there answers in 0.1 s; after a second a shopper scans again


class Meanwhile:
    """One thread. ``note`` and ``forget`` may be called from any thread and never wait for the loop."""

    def __init__(
        self,
        till: LocalTill,
        post: Callable[[Event], bool],
        withdraw: Callable[[str], bool],
        is_online: Callable[[], bool],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """Get ready.

        Args:
            till: Who reckons.
            post: Where answers go; it may drop one, as the store's own answer will come.
            withdraw: Takes a write back that was never tried; says whether it did.
            is_online: Whether the store answered last.
            patience_seconds: How long a store that was there is waited for.
        """
        self._till = till
        self._post = post
        self._withdraw = withdraw
        self._is_online = is_online
        self._patience = patience_seconds
        self._open: dict[Call | str, tuple[Call, float]] = {}
        self._scanned: list[AddLine | AddSku] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._run, name="meanwhile", daemon=True)

    def note(self, call: Call, keep: Callable[[], bool]) -> bool:
        """Remember a call that is on its way to the store from the moment that ``keep`` has put it on disk.

        Both under one lock: whatever lies on disk may be sent and answered by another thread at once, and an answer
        that came before the note would leave one that nobody forgets.

        Returns:
            What ``keep`` returned; nothing is remembered where that is False.
        """
        if not isinstance(call, ANSWERABLE):
            return keep()
        is_online = self._is_online()
        due = time.monotonic() + (self._patience if is_online else 0.0)
        with self._changed:
            if not keep():
                return False
            self._open[_name(call)] = (call, due)
            if is_online and isinstance(call, AddLine | AddSku):
                self._scanned.append(call)
            self._changed.notify()
        return True

    def forget(self, call: Call) -> None:
        """Forget a call that the store has answered; nothing is said in its place afterwards."""
        if isinstance(call, ANSWERABLE):
            with self._changed:
                self._open.pop(_name(call), None)

    def hurry(self) -> None:
        """Answer everything now: the store was found to be away."""
        with self._changed:
            self._open = {key: (call, 0.0) for key, (call, _) in self._open.items()}
            self._changed.notify()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        with self._changed:
            self._ended = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def answer_due(self, now: float) -> None:
        """Foresee what was scanned, and answer what is due."""
        with self._changed:
            scanned, self._scanned = self._scanned, []
            for scan in scanned:
                if scan.key in self._open and (foreseen := self._till.foresee(scan)) is not None:
                    self._post(foreseen)
            for key, (call, due) in list(self._open.items()):
                if due <= now:
                    del self._open[key]
                    self._answer(call)

    def _answer(self, call: Call) -> None:
        # Under the lock, so that what the store says next is also heard next.
        try:
            answer = self._till.answer(call)
        except ShopRefusedError as refusal:
            key = getattr(call, "key", None)
            if key is None or self._withdraw(key):
                self._post(ProvisionalRefusal(call, refusal.code, refusal.facts))
            return
        if answer is not None:
            self._post(Provisional(call, answer))

    def _run(self) -> None:
        while not self._ended:
            self.answer_due(time.monotonic())
            with self._changed:
                due = min((due for _, due in self._open.values()), default=None)
                if not self._scanned and not self._ended:
                    # Whoever notes a call, or finds the store away, wakes this.
                    self._changed.wait(None if due is None else max(0.0, due - time.monotonic()))


def _name(call: Call) -> Call | str:
    """Return what tells a call from others: its id, which outlives the disk, or the question itself."""
    key: str | None = getattr(call, "key", None)
    return call if key is None else key

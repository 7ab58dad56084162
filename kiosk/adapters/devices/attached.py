"""A device that may come and go: opened when it is needed, closed when it fails, tried again with growing patience."""

import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Final, Generic, Protocol, TypeVar

from kiosk.visit.events import DeviceChanged

FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
_LOG = logging.getLogger(__name__)


class DeviceLostError(Exception):
    """The device does not answer; it is tried again later."""


class Closable(Protocol):
    """What can be let go of."""

    def close(self) -> None:
        """Let go of the device."""


D = TypeVar("D", bound=Closable)
R = TypeVar("R")


class Attached(Generic[D]):
    """Keeps one device open. For one thread; only the news of its state go elsewhere."""

    def __init__(
        self,
        name: str,
        open_device: Callable[[], D],
        tell: Callable[[DeviceChanged], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Get ready; nothing is opened yet.

        Args:
            name: What staff know it by: ``printer``, ``scale``, ``scanner``, ``lamp``.
            open_device: Opens it; raises OSError or DeviceLostError where it is not there.
            tell: Takes each change of its state.
            clock: Seconds that only grow.
        """
        self.name = name
        self._open = open_device
        self._tell = tell
        self._clock = clock
        self._device: D | None = None
        self._pause = FIRST_PAUSE_SECONDS
        self._not_before = 0.0
        self._state = ""

    def device(self) -> D:
        """Return the open device; open it where it is time to try again.

        Raises:
            DeviceLostError: It is not there, or was not a moment ago.
        """
        if self._device is not None:
            return self._device
        if self._clock() < self._not_before:
            raise DeviceLostError(f"{self.name}: tried a moment ago")
        try:
            self._device = self._open()
        except (OSError, DeviceLostError) as problem:
            self.lost(problem)
            raise DeviceLostError(f"{self.name}: {problem}") from problem
        self._pause = FIRST_PAUSE_SECONDS
        self.say("on")
        return self._device

    def use(self, act: Callable[[D], R]) -> R:
        """Do something with the device and return what came of it; one that breaks over it is lost.

        Raises:
            DeviceLostError: It is not there, or has just gone; what was asked of it may be done in part.
        """
        device = self.device()
        try:
            return act(device)
        except OSError as problem:
            self.lost(problem)
            raise DeviceLostError(f"{self.name}: {problem}") from problem

    @property
    def seconds_to_wait(self) -> float:
        """How long until it is worth trying again."""
        return max(0.0, self._not_before - self._clock())

    def lost(self, problem: Exception) -> None:
        """Close what failed, and wait twice as long as last time before it is tried again."""
        if self._state != "lost":
            _LOG.warning("%s is lost: %s", self.name, problem)
        self.close()
        self._not_before = self._clock() + self._pause
        self._pause = min(LONGEST_PAUSE_SECONDS, self._pause * 2)
        self.say("lost")

    def say(self, state: str) -> None:
        """Tell a state, once."""
        if state != self._state:
            self._state = state
            self._tell(DeviceChanged(self.name, state))

    def close(self) -> None:
        """Let go of the device; a device that fails while it is closed is closed."""
        device, self._device = self._device, None
        if device is not None:
            try:
                device.close()
            except Exception as problem:  # noqa: BLE001 - whatever it says, it is let go
                _LOG.info("%s: closing said %s", self.name, problem)


class DeviceThread(ABC, Generic[D]):
    """The one thread that uses a device, from the start of the kiosk to its end."""

    def __init__(self, attached: Attached[D]) -> None:
        self._attached = attached
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=attached.name, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End and let go."""
        self._ended.set()
        self.wake()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        self._attached.close()

    @abstractmethod
    def turn(self) -> None:
        """Wait for the next thing to do, no longer than some seconds, and do it."""

    def wake(self) -> None:
        """End the waiting of the turn under way."""

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self.turn()
            except Exception as problem:  # noqa: BLE001 - no driver may end the thread: the device would be gone for good
                _LOG.exception("%s", self._attached.name)
                self._attached.lost(problem)
                self._ended.wait(self._attached.seconds_to_wait)

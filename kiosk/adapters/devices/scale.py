"""A counter scale that speaks Mettler Toledo 8217: send ``W``, get a weight in kilograms or a status.

The wire, from the maker's programmer's guide: a weight is STX, digits with a point, ``N`` where a tare was taken off,
CR; a status is STX, ``?``, one byte, CR, where bit 0 means moving and bit 1 over capacity. The real line is 7E1 at 9600
baud.
"""

import contextlib
import re
import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from kiosk.adapters.devices.address import Address, read_address
from kiosk.adapters.devices.attached import Attached, DeviceLostError, DeviceThread
from kiosk.adapters.devices.serial_line import check_line, open_line
from kiosk.visit.effects import Weigh
from kiosk.visit.events import DeviceChanged, Event, Weighed, WeighingFailed

EXAMPLES: Final = "serial:/dev/ttyUSB0?baud=9600&framing=7E1"
SETTLE_SECONDS: Final = 8.0  # how long a shopper may take to put it down and let go
ASK_AGAIN_SECONDS: Final = 0.15
LOOK_UP_SECONDS: Final = 5.0
_ANSWER_BYTES: Final = 32
_WEIGHT: Final = re.compile(rb"\x02(\d{1,3})\.(\d{3})(N?)\r")
_STATUS: Final = re.compile(rb"\x02\?(.)\r", re.DOTALL)
_MOVING: Final = 0b1
_OVER: Final = 0b10


class ScaleBusyError(Exception):
    """No weight now; ``reason`` is ``moving``, ``over``, ``tared`` or ``not_ready``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Scale(Protocol):
    """A scale."""

    def grams(self) -> int:
        """Return the weight that lies on it, in grams; 0 for nothing.

        Raises:
            ScaleBusyError: It moves, it is too much, or a tare was taken off.
            OSError: The scale is lost.
        """

    def close(self) -> None:
        """Let go of it."""


class Scale8217:
    """One scale on a serial line."""

    def __init__(self, address: Address) -> None:
        self._line = open_line(address)

    def grams(self) -> int:
        """Ask once; see `Scale`."""
        self._line.reset_input_buffer()
        self._line.write(b"W")
        answer = self._line.read_until(b"\r", _ANSWER_BYTES)
        if (weight := _WEIGHT.search(answer)) is not None:
            if weight[3]:
                raise ScaleBusyError("tared")  # nobody looks on: what was taken off could be goods
            return int(weight[1]) * 1000 + int(weight[2])
        if (status := _STATUS.search(answer)) is not None:
            bits = status[1][0]
            raise ScaleBusyError("moving" if bits & _MOVING else "over" if bits & _OVER else "not_ready")
        raise OSError(f"the scale answered {answer!r}")

    def close(self) -> None:
        """Close the line."""
        self._line.close()


def scale_opener(setting: str) -> Callable[[], Scale] | None:
    """Return what opens the scale of a setting, or None where there is none.

    Raises:
        AddressUnknownError: The setting names no scale.
    """
    address = read_address(setting, kinds=("serial",), examples=EXAMPLES)
    if address is None:
        return None
    check_line(address)
    return lambda: Scale8217(address)


class ScaleThread(DeviceThread[Scale]):
    """Weighs when it is asked to, one thing at a time; the newest question counts."""

    def __init__(
        self,
        open_scale: Callable[[], Scale],
        deliver: Callable[[Event], object],
        tell: Callable[[DeviceChanged], object],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(Attached("scale", open_scale, tell, clock=clock))
        self._deliver = deliver
        self._clock = clock
        self._asked = threading.Condition()
        self._newest: Weigh | None = None

    def weigh(self, effect: Weigh) -> None:
        """Take a question; returns at once."""
        with self._asked:
            self._newest = effect
            self._asked.notify()

    def wake(self) -> None:
        """End the waiting for a question."""
        with self._asked:
            self._asked.notify()

    def answer(self, effect: Weigh) -> None:
        """Weigh until the pan is still and not empty, and tell the weight or why there is none."""
        reason, until = "empty", self._clock() + SETTLE_SECONDS
        while self._clock() < until and not self._ended.is_set() and self._newest is None:
            try:
                grams = self._attached.use(lambda scale: scale.grams())
            except ScaleBusyError as busy:
                reason = busy.reason
            except DeviceLostError:
                reason = "lost"
                break
            else:
                if grams > 0:
                    self._deliver(Weighed(effect.weigh_id, grams))
                    return
                reason = "empty"
            self._ended.wait(ASK_AGAIN_SECONDS)
        self._deliver(WeighingFailed(effect.weigh_id, reason))

    def turn(self) -> None:
        """Answer the newest question; where none comes, ask a scale that nobody needs: staff see its state first."""
        with self._asked:
            if self._newest is None and not self._ended.is_set():
                self._asked.wait(LOOK_UP_SECONDS)
            effect, self._newest = self._newest, None
        if effect is not None:
            self.answer(effect)
            return
        with contextlib.suppress(DeviceLostError, ScaleBusyError):
            self._attached.use(lambda scale: scale.grams())

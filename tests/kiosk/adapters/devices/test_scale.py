"""A scale on a pseudo-terminal that answers as the maker's guide says."""

import os
import pty
import threading
import tty
from collections.abc import Callable, Iterator

import pytest

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.devices.scale import ScaleThread, scale_opener
from kiosk.visit.effects import Weigh
from kiosk.visit.events import DeviceChanged, Event, Weighed, WeighingFailed
from tests.kiosk.adapters.devices.waiting import wait_for

KILOGRAMS = b"\x0200.412\r"
AFTER_TARE = b"\x0200.410N\r"
EMPTY = b"\x0200.000\r"
MOVING = b"\x02?\x01\r"
OVER = b"\x02?\x02\r"

Rig = Callable[..., list[Event]]


@pytest.fixture
def rig() -> Iterator[Rig]:
    """Return a way to weigh with a scale that gives these answers, the last one for ever; no answer is silence."""
    scale, kiosk = pty.openpty()
    tty.setraw(kiosk)
    ended = threading.Event()
    threads: list[threading.Thread] = []
    under_test: list[ScaleThread] = []

    def weighed(*answers: bytes) -> list[Event]:
        def serve() -> None:
            left = list(answers)
            while not ended.is_set() and os.read(scale, 1) == b"W":
                answer = left.pop(0) if len(left) > 1 else left[0]
                if answer:
                    os.write(scale, answer)

        threads.append(threading.Thread(target=serve, daemon=True))
        threads[-1].start()
        told: list[Event] = []
        opener = scale_opener(f"serial:{os.ttyname(kiosk)}?framing=8N1")
        assert opener is not None
        times = iter(range(10_000))
        thread = ScaleThread(opener, told.append, told.append, clock=lambda: next(times) * 0.8)
        under_test.append(thread)
        thread.answer(Weigh("w-1"))
        return told

    yield weighed
    ended.set()
    os.write(kiosk, b"W")  # wakes the fake, which then ends
    for thread in threads:
        thread.join(timeout=60)
    os.close(scale)
    os.close(kiosk)


def test_the_weight_is_told_in_grams_when_the_scale_is_still(rig: Rig) -> None:
    assert rig(KILOGRAMS) == [DeviceChanged("scale", "on"), Weighed("w-1", 412)]


def test_no_weight_is_taken_when_a_tare_was_taken_off_which_could_be_goods(rig: Rig) -> None:
    assert rig(AFTER_TARE)[-1] == WeighingFailed("w-1", "tared")


def test_the_weight_is_told_once_still_when_the_scale_moves_at_first(rig: Rig) -> None:
    assert rig(MOVING, MOVING, EMPTY, KILOGRAMS)[-1] == Weighed("w-1", 412)


@pytest.mark.parametrize(
    ("answer", "reason"), [(EMPTY, "empty"), (MOVING, "moving"), (OVER, "over"), (b"", "lost"), (b"garbage\r", "lost")]
)
def test_the_reason_is_told_when_there_is_no_weight(rig: Rig, answer: bytes, reason: str) -> None:
    assert rig(answer)[-1] == WeighingFailed("w-1", reason)


def test_staff_are_told_when_the_scale_is_not_there() -> None:
    told: list[Event] = []
    opener = scale_opener("serial:/dev/no-such-scale")
    assert opener is not None
    thread = ScaleThread(opener, told.append, told.append)
    thread.start()
    thread.weigh(Weigh("w-2"))
    wait_for(lambda: WeighingFailed("w-2", "lost") in told)
    thread.stop()

    assert DeviceChanged("scale", "lost") in told


@pytest.mark.parametrize("setting", ["serial:/dev/ttyUSB0?framing=9X1", "serial:/dev/ttyUSB0?baud=fast"])
def test_a_framing_is_refused_with_an_example_before_anything_starts_when_it_is_none(setting: str) -> None:
    with pytest.raises(AddressUnknownError, match="Write"):
        scale_opener(setting)

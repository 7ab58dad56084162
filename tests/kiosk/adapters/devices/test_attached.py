"""A device that may come and go."""

from kiosk.adapters.devices.attached import Attached, DeviceThread
from kiosk.visit.events import DeviceChanged
from tests.kiosk.adapters.devices.waiting import wait_for


class Device:
    def close(self) -> None:
        """Let go."""


class Breaking(DeviceThread[Device]):
    """A device whose driver throws what nobody expects, once."""

    def __init__(self, told: list[DeviceChanged]) -> None:
        self.turns = 0
        super().__init__(Attached("printer", Device, told.append))

    def turn(self) -> None:
        self.turns += 1
        self._attached.device()
        if self.turns == 1:
            raise ValueError("a driver with a bug")
        self._ended.wait(60)


def test_device_is_told_lost_and_comes_back_when_its_driver_throws_what_nobody_expects() -> None:
    told: list[DeviceChanged] = []
    thread = Breaking(told)

    thread.start()
    wait_for(lambda: len(told) == 3)
    thread.stop()

    assert [one.state for one in told] == ["on", "lost", "on"]

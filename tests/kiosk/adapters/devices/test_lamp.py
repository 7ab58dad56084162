"""A lamp, in a folder that looks as the kernel's does."""

from pathlib import Path

import pytest

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.devices.lamp import open_lamp


def test_the_lamp_is_half_lit_while_somebody_waits_and_dark_after(tmp_path: Path) -> None:
    led = tmp_path / "kiosk-lamp"
    led.mkdir()
    (led / "max_brightness").write_text("255\n")
    lamp = open_lamp("led:kiosk-lamp", tmp_path)
    assert lamp is not None

    lamp.show(waiting=True)
    lit = (led / "brightness").read_text()
    lamp.close()

    assert (lit, (led / "brightness").read_text()) == ("127", "0")


@pytest.mark.parametrize("setting", ["led:../mem", "led:.hidden", "gpio:17", "led:"])
def test_a_setting_is_refused_when_it_is_no_lamps_name(setting: str, tmp_path: Path) -> None:
    with pytest.raises(AddressUnknownError):
        open_lamp(setting, tmp_path)


def test_a_lamp_that_is_not_there_is_an_error_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="max_brightness"):
        open_lamp("led:absent", tmp_path)

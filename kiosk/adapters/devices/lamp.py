"""A lamp for staff, through the kernel's LED class (a stack light on GPIO shows up there).

Discreet by default: off while all is well, a steady half light while a colleague is waited for. Nothing blinks, nothing
is red, and no shopper stands in a spotlight.
"""

from pathlib import Path
from typing import Final

from kiosk.adapters.devices.address import AddressUnknownError, read_address

EXAMPLES: Final = "led:kiosk-lamp (a name below /sys/class/leds)"
LEDS: Final = Path("/sys/class/leds")
SHARE_WHILE_WAITING: Final = 2  # half of what it can


class Lamp:
    """One light-emitting diode, by name."""

    def __init__(self, folder: Path) -> None:
        self._brightness = folder / "brightness"
        self._most = int((folder / "max_brightness").read_text(encoding="ascii"))
        self._lit: bool | None = None

    def show(self, *, waiting: bool) -> None:
        """Light it while somebody waits for a colleague; written only when that changes. Raises OSError."""
        if waiting == self._lit:
            return
        level = max(1, self._most // SHARE_WHILE_WAITING) if waiting else 0
        self._brightness.write_text(str(level), encoding="ascii")
        self._lit = waiting

    def close(self) -> None:
        """Put it out. Raises OSError."""
        self.show(waiting=False)


def open_lamp(setting: str, leds: Path = LEDS) -> Lamp | None:
    """Return the lamp of a setting, or None where there is none.

    Raises:
        AddressUnknownError: The setting names no lamp.
        OSError: The kernel has no such lamp.
        ValueError: What it says of itself is no number.
    """
    address = read_address(setting, kinds=("led",), examples=EXAMPLES)
    if address is None:
        return None
    if "/" in address.place or address.place.startswith("."):
        raise AddressUnknownError(setting, "a lamp is a name, no path", EXAMPLES)
    return Lamp(leds / address.place)

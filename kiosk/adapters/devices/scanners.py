"""Hand scanners: on a serial line, or as a keyboard that the kernel shows (HID). Their texts become scans.

A scanner that types into the page needs none of this; it is for those that must not depend on the page's focus.
"""

import contextlib
import fcntl
import os
import select
import struct
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from kiosk.adapters.devices.address import Address, read_address
from kiosk.adapters.devices.attached import Attached, DeviceLostError, DeviceThread
from kiosk.adapters.devices.serial_line import check_line, open_line
from kiosk.visit.events import CodeRead, DeviceChanged, Event

EXAMPLES: Final = "serial:/dev/ttyACM0?baud=9600 or hid:/dev/input/by-id/usb-Scanner-event-kbd"
LONGEST_TEXT: Final = 512  # what an act may carry; a longer one is noise on the line
_WAIT_SECONDS: Final = 0.2
_ENDS: Final = b"\r\n"


class Scanner(Protocol):
    """A source of texts."""

    def texts(self) -> Iterator[str]:
        """Return the texts that came since, waiting a moment for the first. Raises OSError when it is lost."""

    def close(self) -> None:
        """Let go of it."""


class SerialScanner:
    """Texts that end with a carriage return, a line feed, or both."""

    def __init__(self, address: Address) -> None:
        self._line = open_line(address)
        self._rest = b""

    def texts(self) -> Iterator[str]:
        """Yield each whole text; what is not ended yet waits for its end."""
        self._rest += self._line.read(max(1, self._line.in_waiting))
        while (end := min((self._rest.find(sign) for sign in _ENDS if sign in self._rest), default=-1)) >= 0:
            text, self._rest = self._rest[:end], self._rest[end + 1 :]
            if text:
                yield text.decode("utf-8", "replace")
        if len(self._rest) > LONGEST_TEXT:
            self._rest = b""

    def close(self) -> None:
        """Close the line."""
        self._line.close()


# The kernel's input_event on a 64-bit machine: seconds, microseconds, type, code, value (linux/input.h).
_INPUT_EVENT: Final = struct.Struct("@llHHi")
_EV_KEY: Final = 1
_DOWN: Final = 1
_UP: Final = 0
_EVIOCGRAB: Final = 0x40044590  # _IOW('E', 0x90, int)
_SHIFTS: Final = frozenset({42, 54})
_ENTERS: Final = frozenset({28, 96})
# Key codes of linux/input-event-codes.h on a US keyboard, which scanners type by default.
_PLAIN: Final = {
    **dict(zip(range(2, 12), "1234567890", strict=True)),
    **dict(zip(range(16, 26), "qwertyuiop", strict=True)),
    **dict(zip(range(30, 39), "asdfghjkl", strict=True)),
    **dict(zip(range(44, 51), "zxcvbnm", strict=True)),
    12: "-",
    13: "=",
    26: "[",
    27: "]",
    39: ";",
    40: "'",
    41: "`",
    43: "\\",
    51: ",",
    52: ".",
    53: "/",
    57: " ",
}
_SHIFTED: Final = dict(zip("1234567890-=[];'`\\,./", '!@#$%^&*()_+{}:"~|<>?', strict=True))


class HidScanner:
    """A scanner that the kernel shows as a keyboard; it is grabbed, so that its keys reach nobody else."""

    def __init__(self, address: Address) -> None:
        self._file = os.open(address.place, os.O_RDONLY | os.O_NONBLOCK)
        with contextlib.suppress(OSError):  # a pipe that replays recorded keys has nothing to grab
            fcntl.ioctl(self._file, _EVIOCGRAB, 1)
        self._typed = ""
        self._shift = False
        self._rest = b""

    def texts(self) -> Iterator[str]:
        """Yield each text that ended with Enter."""
        ready, _, _ = select.select([self._file], [], [], _WAIT_SECONDS)
        if not ready:
            return
        read = os.read(self._file, _INPUT_EVENT.size * 64)
        if not read:
            raise OSError("the device is gone")
        self._rest += read
        whole = len(self._rest) - len(self._rest) % _INPUT_EVENT.size
        events, self._rest = self._rest[:whole], self._rest[whole:]
        for _, _, kind, key, value in _INPUT_EVENT.iter_unpack(events):
            if kind != _EV_KEY:
                continue
            if key in _SHIFTS:
                self._shift = value != _UP
            elif value == _DOWN and key in _ENTERS:
                text, self._typed = self._typed, ""
                if text:
                    yield text
            elif value == _DOWN and (sign := _PLAIN.get(key)) is not None:
                typed = _SHIFTED.get(sign, sign.upper()) if self._shift else sign
                self._typed = (self._typed + typed)[-LONGEST_TEXT:]

    def close(self) -> None:
        """Let go of the keyboard."""
        os.close(self._file)


def scanner_opener(setting: str) -> Callable[[], Scanner] | None:
    """Return what opens the scanner of a setting, or None where there is none.

    Raises:
        AddressUnknownError: The setting names no scanner.
    """
    address = read_address(setting, kinds=("serial", "hid"), examples=EXAMPLES)
    if address is None:
        return None
    if address.kind == "serial":
        check_line(address)
    return lambda: SerialScanner(address) if address.kind == "serial" else HidScanner(address)


class ScannerThread(DeviceThread[Scanner]):
    """Reads one scanner as long as the kiosk runs, and tells each text as a scan."""

    def __init__(
        self,
        open_scanner: Callable[[], Scanner],
        deliver: Callable[[Event], object],
        tell: Callable[[DeviceChanged], object],
    ) -> None:
        super().__init__(Attached("scanner", open_scanner, tell))
        self._deliver = deliver

    def turn(self) -> None:
        """Read once; a scanner that is lost is waited for."""
        try:
            self._attached.use(self._read)
        except DeviceLostError:
            self._ended.wait(self._attached.seconds_to_wait)

    def _read(self, scanner: Scanner) -> None:
        for text in scanner.texts():
            self._deliver(CodeRead(text.strip(), None))

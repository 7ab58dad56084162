"""A serial line, with its framing as a setting: 9600 baud and 8N1 unless the address says otherwise."""

from typing import Final

import serial

from kiosk.adapters.devices.address import Address, AddressUnknownError

READ_SECONDS: Final = 0.2  # a thread that waits on the line looks up this often
_FRAMING: Final = 3  # 8N1: bits, parity, stop bits


def check_line(address: Address) -> tuple[str, int]:
    """Return framing and baud of an address like ``serial:/dev/ttyUSB0?baud=9600&framing=7E1``.

    Raises:
        AddressUnknownError: Either is none.
    """
    framing = address.options.get("framing", "8N1").upper()
    if len(framing) != _FRAMING or framing[0] not in "5678" or framing[1] not in "NEOMS" or framing[2] not in "12":
        raise AddressUnknownError(address.place, f"framing={framing} is none", "framing=8N1 or framing=7E1")
    return framing, address.number("baud", 9600)


def open_line(address: Address) -> serial.Serial:
    """Open the line of an address.

    Raises:
        AddressUnknownError: See `check_line`.
        OSError: The port is not there, or refuses the framing (pyserial's SerialException is an OSError).
    """
    framing, baud = check_line(address)
    return serial.Serial(
        address.place,
        baudrate=baud,
        bytesize=int(framing[0]),
        parity=framing[1],
        stopbits=int(framing[2]),
        timeout=READ_SECONDS,
        write_timeout=1.0,
    )

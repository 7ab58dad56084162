"""Scanners on a pseudo-terminal and on a pipe that replays the kernel's own records."""

import os
import pty
import struct
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.devices.attached import Attached, DeviceLostError
from kiosk.adapters.devices.scanners import ScannerThread, scanner_opener
from kiosk.visit.events import CodeRead, DeviceChanged, Event
from tests.kiosk.adapters.devices.waiting import wait_for


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """Return the scanner's end of a serial line, and the path of the kiosk's end."""
    scanner, kiosk = pty.openpty()
    tty.setraw(kiosk)
    yield scanner, os.ttyname(kiosk)
    os.close(scanner)
    os.close(kiosk)


def key(code: int, value: int) -> bytes:
    return struct.pack("@llHHi", 0, 0, 1, code, value)


def typed(*codes: int) -> bytes:
    return b"".join(key(code, 1) + key(code, 0) for code in codes)


def heard(setting: str, *, texts: int, feed: int | None = None, sent: bytes = b"") -> list[Event]:
    """Run a scanner's thread until it told so many texts."""
    told: list[Event] = []
    opener = scanner_opener(setting)
    assert opener is not None
    thread = ScannerThread(opener, told.append, told.append)
    thread.start()
    try:
        wait_for(lambda: DeviceChanged("scanner", "on") in told)
        if feed is not None:
            os.write(feed, sent)
        wait_for(lambda: sum(isinstance(event, CodeRead) for event in told) >= texts)
    finally:
        thread.stop()
    return told


def test_each_text_is_a_scan_when_a_serial_scanner_ends_them_in_its_own_way(line: tuple[int, str]) -> None:
    scanner, path = line

    told = heard(f"serial:{path}", texts=3, feed=scanner, sent=b"3017620422003\r96385074\r\n\r\n]C101034531200000\n")

    assert [event.text for event in told if isinstance(event, CodeRead)] == [
        "3017620422003",
        "96385074",
        "]C101034531200000",
    ]


def test_a_text_is_one_scan_when_its_bytes_come_in_two_parts(line: tuple[int, str]) -> None:
    scanner, path = line
    told: list[Event] = []
    opener = scanner_opener(f"serial:{path}")
    assert opener is not None
    thread = ScannerThread(opener, told.append, told.append)
    thread.turn()  # opens the line, which forgets what it heard before
    for part in (b"30176204", b"22003\r"):
        os.write(scanner, part)
        for _ in part:
            thread.turn()
    thread.stop()

    assert told[-1] == CodeRead("3017620422003", None)


def test_digits_and_letters_are_read_when_a_keyboard_scanner_types_with_shift(tmp_path: Path) -> None:
    pipe = tmp_path / "event3"
    os.mkfifo(pipe)
    keys = typed(4, 11, 2) + key(42, 1) + typed(30) + key(42, 0) + typed(30, 53) + typed(28)
    feed = os.open(pipe, os.O_RDWR)
    try:
        told = heard(f"hid:{pipe}", texts=1, feed=feed, sent=keys)
    finally:
        os.close(feed)

    assert CodeRead("301Aa/", None) in told


def test_the_scanner_is_told_lost_and_comes_back_when_it_is_unplugged(tmp_path: Path) -> None:
    told: list[DeviceChanged] = []
    now = [0.0]
    there = tmp_path / "there"

    class Device:
        def close(self) -> None:
            pass

    def opened() -> Device:
        there.stat()
        return Device()

    scanner = Attached("scanner", opened, told.append, clock=lambda: now[0])
    for second in (0.0, 0.1, 0.6, 0.7):
        now[0] = second
        with pytest.raises(DeviceLostError):
            scanner.device()
    there.touch()
    now[0] = 10.0
    scanner.device()
    scanner.lost(OSError("unplugged"))

    assert [change.state for change in told] == ["lost", "on", "lost"]
    assert scanner.seconds_to_wait == pytest.approx(0.5)


@pytest.mark.parametrize(
    "setting", ["usb:1", "serial:", "serial", "hid:/dev/input/event3?grab", "/dev/ttyACM0"], ids=str
)
def test_a_setting_is_refused_with_an_example_when_it_names_no_scanner(setting: str) -> None:
    with pytest.raises(AddressUnknownError, match=r"serial:/dev/ttyACM0"):
        scanner_opener(setting)


def test_a_framing_is_refused_before_anything_starts_when_a_scanner_has_none_such() -> None:
    with pytest.raises(AddressUnknownError, match="framing"):
        scanner_opener("serial:/dev/ttyACM0?framing=9X1")


def test_there_is_no_scanner_when_the_setting_says_none() -> None:
    assert scanner_opener("none") is None

"""A printer behind a socket: what it would put on paper, and what happens when it cannot."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from kiosk.adapters.devices.address import AddressUnknownError
from kiosk.adapters.devices.printer import PrinterThread, drawn, is_printable, printer_opener, set_row
from kiosk.ports import SlipRow
from kiosk.ui.slip import slip_of
from kiosk.visit.events import DeviceChanged, Event, Printed, PrintFailed
from tests.kiosk.adapters.devices.waiting import wait_for
from tests.kiosk.builders import a_ticket_body

ASKED = re.compile(rb"\x10\x04([\x01\x02\x04])")  # DLE EOT: how it is, why it does not print, its paper
ALL_WELL = {b"\x01": b"\x12", b"\x02": b"\x12", b"\x04": b"\x12"}


@dataclass
class FakePrinter:
    """Keeps every byte, and answers what it is asked."""

    listening: socket.socket
    answers: dict[bytes, bytes] = field(default_factory=lambda: dict(ALL_WELL))
    received: bytearray = field(default_factory=bytearray)

    def serve(self) -> None:
        while True:
            try:
                line, _ = self.listening.accept()
            except OSError:
                return
            with line:
                while read := line.recv(65536):
                    self.received += read
                    for asked in ASKED.findall(read):
                        line.sendall(self.answers[asked])

    @property
    def setting(self) -> str:
        host, port = self.listening.getsockname()
        return f"network:{host}?port={port}"


@pytest.fixture
def printer() -> Iterator[FakePrinter]:
    fake = FakePrinter(socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=fake.serve, daemon=True)
    thread.start()
    yield fake
    fake.listening.shutdown(socket.SHUT_RDWR)
    fake.listening.close()
    thread.join(timeout=60)


def printing(setting: str, told: list[Event]) -> PrinterThread:
    opener = printer_opener(setting)
    assert opener is not None
    return PrinterThread(opener, told.append, told.append)


def test_name_price_euro_and_code_are_on_the_paper_when_a_french_receipt_is_printed(printer: FakePrinter) -> None:
    told: list[Event] = []
    thread = printing(printer.setting, told)
    thread.start()
    thread.print("job-1", slip_of(a_ticket_body(), "fr", server_url="http://shop", timezone="Europe/Paris"))
    wait_for(lambda: Printed("job-1") in told)
    thread.stop()

    paper = bytes(printer.received)
    assert "2 x Pâte à tartiner".encode("cp858") in paper
    assert "7,17 €".encode("cp858") in paper
    assert b"http://shop/t/t-1" in paper
    assert told[0] == DeviceChanged("printer", "on")


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({b"\x04": b"\x72"}, "paper_out"),
        ({b"\x01": b"\x1a", b"\x02": b"\x16"}, "cover_open"),
        ({b"\x01": b"\x1a"}, "stopped"),
    ],
)
def test_nothing_is_printed_and_the_shopper_is_told_why_when_the_printer_would_not_print(
    printer: FakePrinter, answers: dict[bytes, bytes], state: str
) -> None:
    printer.answers |= answers
    told: list[Event] = []
    thread = printing(printer.setting, told)
    thread.print("job-1", (SlipRow("Pain"),))
    thread.turn()
    thread.stop()

    assert told[1:] == [DeviceChanged("printer", state), PrintFailed("job-1", state)]
    assert b"Pain" not in printer.received


def test_the_printer_is_told_lost_when_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        host, port = closed.getsockname()
    told: list[Event] = []
    thread = printing(f"network:{host}?port={port}", told)
    thread.print("job-1", (SlipRow("Pain"),))
    thread.turn()
    thread.stop()

    assert told == [DeviceChanged("printer", "lost"), PrintFailed("job-1", "lost")]


def test_a_row_is_drawn_when_the_printers_signs_do_not_do() -> None:
    row = SlipRow("巧克力 œuf", "7,17 €")

    assert is_printable("Pâte 7,17 €")
    assert not is_printable(row.left)
    black = drawn(row, 42).histogram()[0]
    assert black > drawn(SlipRow("", "7,17 €"), 42).histogram()[0] > 0


def test_a_long_name_goes_on_below_when_the_amount_needs_its_place() -> None:
    rows = set_row(SlipRow("Grand pot de pâte à tartiner aux noisettes", "12,40 €"), 32).split("\n")

    assert all(len(row) <= 32 for row in rows)
    assert rows[-1].endswith("12,40 €")
    assert "".join(rows).replace(" ", "").startswith("Grandpotdepâteàtartinerauxnoisettes")


@pytest.mark.parametrize("setting", ["usb:04b8", "network:", "printer"])
def test_a_setting_is_refused_with_an_example_when_it_names_no_printer(setting: str) -> None:
    with pytest.raises(AddressUnknownError, match="network:"):
        printer_opener(setting)


@pytest.mark.parametrize(
    "setting", ["network:192.0.2.7?port=x", "network:192.0.2.7?columns=x", "serial:/dev/ttyUSB2?framing=9X1"]
)
def test_an_option_is_refused_before_anything_starts_when_it_is_no_number_or_framing(setting: str) -> None:
    with pytest.raises(AddressUnknownError, match="Write"):
        printer_opener(setting)


def test_the_thread_ends_at_once_when_it_waits_for_a_slip(printer: FakePrinter) -> None:
    told: list[Event] = []
    thread = printing(printer.setting, told)
    thread.start()
    wait_for(lambda: DeviceChanged("printer", "on") in told)

    thread.stop()  # gives up waiting before the next look at the paper is due

    assert "printer" not in {running.name for running in threading.enumerate()}

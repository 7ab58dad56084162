"""A receipt printer that speaks ESC/POS: over the network, a serial line, or the kernel's own ``/dev/usb/lp``.

Most printers have a code page with the euro sign (CP858) and none with Chinese or ``œ``. A row whose signs are not all
in it is drawn with a font and sent as a picture: slower, and right.
"""

import contextlib
import os
import queue
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from PIL import Image, ImageDraw, ImageFont

from kiosk.adapters.devices.address import Address, read_address
from kiosk.adapters.devices.attached import Attached, DeviceLostError, DeviceThread
from kiosk.adapters.devices.serial_line import check_line, open_line
from kiosk.ports import Slip, SlipRow
from kiosk.visit.events import DeviceChanged, Event, Printed, PrintFailed

EXAMPLES: Final = "network:192.0.2.7?port=9100, serial:/dev/ttyUSB2?baud=19200 or file:/dev/usb/lp0"
COLUMNS: Final = 42  # what an 80 mm printer sets in its font A; narrower ones say columns=32
DOTS_A_COLUMN: Final = 12
ROW_DOTS: Final = 30
PORT: Final = 9100
SLIPS_AT_MOST: Final = 4
LOOK_UP_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 3.0
CODE_PAGE: Final = "CP858"
FONTS: Final = (
    Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
    Path("/usr/share/fonts/truetype/noto/NotoSansMono-Regular.ttf"),
)
# DLE EOT n, which a printer answers at once, whatever it does: 1 how it is, 2 why it does not print, 4 its paper.
PRINTER_STATUS: Final = b"\x10\x04\x01"
CAUSE_STATUS: Final = b"\x10\x04\x02"
PAPER_STATUS: Final = b"\x10\x04\x04"
_OFFLINE: Final = 0b0000_1000
_COVER_OPEN: Final = 0b0000_0100
_PAPER_NEAR_END: Final = 0b0000_1100
_PAPER_END: Final = 0b0110_0000
IDLE: Final = frozenset({"paper_out", "cover_open", "stopped"})
"""States in which a printer takes bytes and prints none."""


class PrinterIdleError(Exception):
    """The printer is there and does not print; ``state`` is one of ``IDLE``."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class Printer(Protocol):
    """A printer of slips."""

    def state(self) -> str:
        """Return ``on``, ``paper_low``, or one of ``IDLE``. Raises OSError where it does not answer."""

    def print(self, slip: Slip) -> None:
        """Print and cut.

        Raises:
            PrinterIdleError: It does not print now; nothing was printed.
            OSError: The printer is lost; some of it may be on paper.
        """

    def close(self) -> None:
        """Let go of it."""


class _Line(Protocol):
    def send(self, content: bytes) -> None: ...

    def ask(self, question: bytes) -> bytes: ...

    def close(self) -> None: ...


class EscposPrinter:
    """One printer. python-escpos sets the bytes; they leave over a line of our own, which notices when it breaks."""

    def __init__(self, address: Address) -> None:
        self._columns = address.number("columns", COLUMNS)
        self._line = _open_line(address)
        self._answers = address.kind != "file"  # the kernel's line printer has no way back

    def state(self) -> str:
        """Ask how it is; see `Printer`."""
        if not self._answers:
            return "on"
        paper = self._asked(PAPER_STATUS)
        if paper & _PAPER_END:
            return "paper_out"
        if self._asked(PRINTER_STATUS) & _OFFLINE:
            return "cover_open" if self._asked(CAUSE_STATUS) & _COVER_OPEN else "stopped"
        return "paper_low" if paper & _PAPER_NEAR_END else "on"

    def _asked(self, question: bytes) -> int:
        answer = self._line.ask(question)
        if not answer:
            raise OSError("the printer does not answer")
        return answer[0]

    def print(self, slip: Slip) -> None:
        """Print a slip; see `Printer`."""
        if (state := self.state()) in IDLE:
            raise PrinterIdleError(state)
        self._line.send(set_slip(slip, self._columns))

    def close(self) -> None:
        """Close the line."""
        self._line.close()


def set_slip(slip: Slip, columns: int) -> bytes:
    """Return the bytes that print and cut a slip."""
    # Only where something is printed: it reads the abilities of every printer there is, half a second of each start.
    from escpos.printer import Dummy  # noqa: PLC0415 - as above

    setter = Dummy()
    setter.charcode(CODE_PAGE)
    for row in slip:
        # set_with_default forgets the row before; plain set would leave double height on.
        setter.set_with_default(align=row.align, bold=row.bold, double_height=row.large, double_width=row.large)
        if row.qr:
            setter.qr(row.left, size=6, native=True)
        elif is_printable(row.left + row.right):
            setter.text(set_row(row, columns) + "\n")
        else:
            setter.image(drawn(row, columns))
    setter.cut()
    return bytes(setter.output)


class _NetworkLine:
    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), timeout=ANSWER_SECONDS)

    def send(self, content: bytes) -> None:
        self._socket.sendall(content)

    def ask(self, question: bytes) -> bytes:
        self._socket.sendall(question)
        return self._socket.recv(1)

    def close(self) -> None:
        self._socket.close()


class _SerialLine:
    def __init__(self, address: Address) -> None:
        self._line = open_line(address)
        self._line.timeout = ANSWER_SECONDS
        self._line.write_timeout = None  # a long receipt takes a slow line its time

    def send(self, content: bytes) -> None:
        self._line.write(content)

    def ask(self, question: bytes) -> bytes:
        self._line.reset_input_buffer()
        self._line.write(question)
        return bytes(self._line.read(1))

    def close(self) -> None:
        self._line.close()


class _FileLine:
    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_WRONLY)  # never made: a printer that is not there is not a file

    def send(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            left = left[os.write(self._file, left) :]

    def ask(self, question: bytes) -> bytes:
        raise OSError(f"nothing answers {question!r} here")

    def close(self) -> None:
        os.close(self._file)


def _open_line(address: Address) -> _Line:
    match address.kind:
        case "network":
            return _NetworkLine(address.place, address.number("port", PORT))
        case "serial":
            return _SerialLine(address)
        case _:
            return _FileLine(address.place)


def is_printable(text: str) -> bool:
    """Say whether the printer's code page has every sign."""
    try:
        text.encode(CODE_PAGE)
    except UnicodeEncodeError:
        return False
    return True


def set_row(row: SlipRow, columns: int) -> str:
    """Return a row as wide as the paper: left and right apart; a left side that is too long goes on below."""
    width = columns // 2 if row.large else columns
    if not row.right:
        return row.left
    room = width - len(row.right) - 1
    lines = [row.left[start : start + room] for start in range(0, max(1, len(row.left)), room)]
    return "\n".join((*lines[:-1], f"{lines[-1]:<{room}} {row.right}"))


def drawn(row: SlipRow, columns: int) -> Image.Image:
    """Return a row as a black-on-white picture, columns x 12 dots wide."""
    font = _font(ROW_DOTS - 8)
    picture = Image.new("1", (columns * DOTS_A_COLUMN, ROW_DOTS), 1)
    pen = ImageDraw.Draw(picture)
    right = pen.textlength(row.right, font=font)
    left = row.left
    while left and pen.textlength(left, font=font) > picture.width - right - DOTS_A_COLUMN:
        left = left[:-1]
    start = (picture.width - pen.textlength(left, font=font)) / 2 if row.align == "center" else 0
    pen.text((start, 0), left, font=font, fill=0)
    pen.text((picture.width - right, 0), row.right, font=font, fill=0)
    return picture


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    for path in FONTS:
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


def printer_opener(setting: str) -> Callable[[], Printer] | None:
    """Return what opens the printer of a setting, or None where there is none.

    Raises:
        AddressUnknownError: The setting names no printer.
    """
    address = read_address(setting, kinds=("network", "serial", "file"), examples=EXAMPLES)
    if address is None:
        return None
    address.number("columns", COLUMNS)
    if address.kind == "serial":
        check_line(address)
    elif address.kind == "network":
        address.number("port", PORT)
    return lambda: EscposPrinter(address)


class PrinterThread(DeviceThread[Printer]):
    """Prints one slip after the other; a slip that fails is told and not printed again by itself."""

    def __init__(
        self,
        open_printer: Callable[[], Printer],
        deliver: Callable[[Event], object],
        tell: Callable[[DeviceChanged], object],
    ) -> None:
        super().__init__(Attached("printer", open_printer, tell))
        self._deliver = deliver
        self._slips: queue.Queue[tuple[str, Slip] | None] = queue.Queue(SLIPS_AT_MOST)
        self._look_up_in = 0.0  # at the start at once: staff see a printer without paper before a shopper does

    def print(self, job_id: str, slip: Slip) -> None:
        """Take a slip; returns at once, and tells the end as an event."""
        try:
            self._slips.put_nowait((job_id, slip))
        except queue.Full:
            self._deliver(PrintFailed(job_id, "busy"))

    def wake(self) -> None:
        """End the waiting for a slip; where slips wait, it does not wait."""
        with contextlib.suppress(queue.Full):
            self._slips.put_nowait(None)

    def turn(self) -> None:
        """Print the next slip; where none comes, ask the printer how it is."""
        try:
            job = self._slips.get(timeout=self._look_up_in)
        except queue.Empty:
            with contextlib.suppress(DeviceLostError):
                self._attached.say(self._attached.use(lambda printer: printer.state()))
        else:
            if job is not None:
                self._deliver(self._printed(*job))
        self._look_up_in = self._attached.seconds_to_wait or LOOK_UP_SECONDS

    def _printed(self, job_id: str, slip: Slip) -> Event:
        try:
            self._attached.use(lambda printer: printer.print(slip))
        except PrinterIdleError as idle:
            self._attached.say(idle.state)
            return PrintFailed(job_id, idle.state)
        except DeviceLostError:
            return PrintFailed(job_id, "lost")
        return Printed(job_id)

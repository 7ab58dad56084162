"""Printer, scale and scanner against emupos, a simulator of such devices on the wire that is none of ours."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from kiosk.adapters.devices.printer import PrinterThread, printer_opener
from kiosk.adapters.devices.scale import ScaleThread, scale_opener
from kiosk.adapters.devices.scanners import ScannerThread, scanner_opener
from kiosk.ui.slip import slip_of
from kiosk.visit.effects import Weigh
from kiosk.visit.events import CodeRead, DeviceChanged, Event, Printed, PrintFailed, Weighed, WeighingFailed
from tests.kiosk.adapters.devices.waiting import wait_for
from tests.kiosk.builders import a_ticket_body

EMUPOS = Path(__file__).parents[4] / "var" / "simulators" / "bin" / "emupos"
PATIENCE_SECONDS = 60.0  # a loaded machine is slow, not wrong
SHOP = """schema: 1
api: {{ host: 127.0.0.1, port: {api} }}
devices:
  - {{ id: front, type: printer, profile: epson-tm-t20iii, receipts_dir: receipts,
      connections: [{{ tcp: {{ port: {printer} }} }}, {{ serial: {{ pty: true }} }}] }}
  - {{ id: deli, type: scale, profile: toledo8217-15kg, connections: [{{ serial: {{ pty: true }} }}] }}
  - {{ id: lane, type: scanner, mode: serial, suffix: enter, connections: [{{ serial: {{ pty: true }} }}] }}
"""


@dataclass
class Simulator:
    """The devices, and the hands that touch them."""

    folder: Path
    api: int
    printer: int
    client: httpx.Client
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it answers."""
        environment = {**os.environ, "TMPDIR": str(self.folder)}
        program = [str(EMUPOS), "run", "--config", "emupos.yaml"]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(program, cwd=self.folder, env=environment, stdout=log, stderr=log)
        wait_for(self._answers, seconds=PATIENCE_SECONDS)

    def kill(self) -> None:
        """Pull every plug."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def do(self, method: str, path: str, **body: object) -> httpx.Response:
        """Touch a device."""
        url = f"http://127.0.0.1:{self.api}/api/v1{path}"
        return self.client.request(method, url, json=body or None).raise_for_status()

    def line(self, device: str) -> str:
        """Return the setting of a device on a serial line."""
        return f"serial:{self.folder / 'emupos' / device}"

    def receipts(self) -> int:
        """Return how many receipts the printer has cut off, or held as done."""
        return len(self.do("GET", "/devices/front/receipts").json())

    def paper(self) -> str:
        """Return the newest receipt as text."""
        return self.do("GET", "/devices/front/receipts/latest/text").text

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "log").read_text()
        try:
            return self.do("GET", "/health").is_success
        except httpx.TransportError:
            return False


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """Return running devices; those that a test has changed are put right by it."""
    if not EMUPOS.exists():
        pytest.skip("simulated devices are not here: they need Python 3.13, then scripts/bootstrap.sh dev")
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        api, printer = (int(found.getsockname()[1]) for found in (one, other))
    with httpx.Client(timeout=PATIENCE_SECONDS, verify=False) as client:  # noqa: S501 - loopback, without TLS
        simulated = Simulator(tmp_path_factory.mktemp("devices"), api, printer, client)
        (simulated.folder / "emupos.yaml").write_text(SHOP.format(api=simulated.api, printer=simulated.printer))
        simulated.start()
        yield simulated
        simulated.kill()


Printing = Callable[[str], tuple[PrinterThread, list[Event]]]


@pytest.fixture
def printing() -> Iterator[Printing]:
    """Return what begins the thread of a printer."""
    begun: list[PrinterThread] = []

    def begin(setting: str) -> tuple[PrinterThread, list[Event]]:
        opener = printer_opener(setting)
        assert opener is not None
        told: list[Event] = []
        begun.append(PrinterThread(opener, told.append, told.append))
        begun[-1].start()
        return begun[-1], told

    yield begin
    for thread in begun:
        thread.stop()


@pytest.mark.parametrize("wire", ["network", "serial"])
def test_amounts_code_and_cut_are_on_the_paper_when_another_program_reads_our_bytes(
    simulator: Simulator, printing: Printing, wire: str
) -> None:
    before = simulator.receipts()
    over_network = f"network:127.0.0.1?port={simulator.printer}"
    thread, told = printing(over_network if wire == "network" else simulator.line("front"))

    thread.print("job-1", slip_of(a_ticket_body(), "fr", server_url="http://shop", timezone="Europe/Paris"))
    wait_for(lambda: Printed("job-1") in told, seconds=PATIENCE_SECONDS)
    wait_for(lambda: simulator.receipts() == before + 1, seconds=PATIENCE_SECONDS)

    paper = simulator.paper()
    rows = [" ".join(row.split()) for row in paper.splitlines()]
    assert {"2 x Pâte à tartiner 7,18 €", "Lot de deux -1,00 €", "TOTAL 7,17 €", "[qr http://shop/t/t-1]"} <= {*rows}
    assert simulator.do("GET", "/devices/front/receipts").json()[0]["boundary"] == "cut"


def test_chinese_is_drawn_and_the_code_stays_a_code_when_the_printer_has_no_such_signs(
    simulator: Simulator, printing: Printing
) -> None:
    before = simulator.receipts()
    thread, _ = printing(f"network:127.0.0.1?port={simulator.printer}")

    thread.print("job-1", slip_of(a_ticket_body(), "zh", server_url="http://shop", timezone="Europe/Paris"))
    wait_for(lambda: simulator.receipts() == before + 1, seconds=PATIENCE_SECONDS)

    paper = simulator.paper()
    assert "[image 504x30]" in paper
    assert "[qr http://shop/t/t-1]" in paper


@pytest.mark.parametrize(
    ("fault", "state"), [("paper-out", "paper_out"), ("cover-open", "cover_open"), ("offline", "stopped")]
)
def test_nothing_is_sent_and_the_reason_told_when_the_printer_has_a_fault(
    simulator: Simulator, printing: Printing, fault: str, state: str
) -> None:
    before = simulator.receipts()
    simulator.do("PUT", f"/devices/front/faults/{fault}")
    thread, told = printing(f"network:127.0.0.1?port={simulator.printer}")
    thread.print("job-1", slip_of(a_ticket_body(), "fr", server_url="http://shop", timezone="Europe/Paris"))
    wait_for(lambda: PrintFailed("job-1", state) in told, seconds=PATIENCE_SECONDS)
    simulator.do("DELETE", f"/devices/front/faults/{fault}")

    thread.print("job-2", slip_of(a_ticket_body(), "fr", server_url="http://shop", timezone="Europe/Paris"))
    wait_for(lambda: Printed("job-2") in told, seconds=PATIENCE_SECONDS)
    wait_for(lambda: simulator.receipts() == before + 1, seconds=PATIENCE_SECONDS)

    assert DeviceChanged("printer", state) in told


def weighed(simulator: Simulator) -> Event:
    """Weigh once with a new thread."""
    opener = scale_opener(simulator.line("deli"))
    assert opener is not None
    told: list[Event] = []
    times = iter(range(10_000))
    thread = ScaleThread(opener, told.append, told.append, clock=lambda: next(times) * 2.0)  # few questions, no waiting
    thread.answer(Weigh("w-1"))
    thread.stop()
    return told[-1]


@pytest.mark.parametrize(
    ("grams", "stable", "told"),
    [
        (410, True, Weighed("w-1", 410)),
        (0, True, WeighingFailed("w-1", "empty")),
        (900, False, WeighingFailed("w-1", "moving")),
        (16_000, True, WeighingFailed("w-1", "over")),
        (-20, True, WeighingFailed("w-1", "not_ready")),
    ],
)
def test_the_weight_or_why_there_is_none_is_told_when_the_scale_is_none_of_ours(
    simulator: Simulator, grams: int, *, stable: bool, told: Event
) -> None:
    simulator.do("PUT", "/devices/deli/weight", grams=grams, stable=stable)

    assert weighed(simulator) == told


def test_no_weight_is_taken_when_the_scale_took_a_tare_off(simulator: Simulator) -> None:
    simulator.do("PUT", "/devices/deli/weight", grams=500, stable=True)
    wait_for(lambda: _is_still(simulator), seconds=PATIENCE_SECONDS)
    simulator.do("POST", "/devices/deli/tare")
    simulator.do("PUT", "/devices/deli/weight", grams=910, stable=True)
    wait_for(lambda: _is_still(simulator), seconds=PATIENCE_SECONDS)

    told = weighed(simulator)

    simulator.do("PUT", "/devices/deli/weight", grams=0, stable=True)
    assert told == WeighingFailed("w-1", "tared")


def _is_still(simulator: Simulator) -> bool:
    return bool(simulator.do("GET", "/devices/deli").json()["state"]["stable"])


def test_each_code_is_read_and_the_scanner_comes_back_when_it_is_unplugged_between_two(simulator: Simulator) -> None:
    opener = scanner_opener(simulator.line("lane"))
    assert opener is not None
    told: list[Event] = []
    thread = ScannerThread(opener, told.append, told.append)
    thread.start()
    try:
        wait_for(lambda: DeviceChanged("scanner", "on") in told, seconds=PATIENCE_SECONDS)
        simulator.do("POST", "/devices/lane/scans", data="3017620422003", countdown_seconds=0)
        wait_for(lambda: CodeRead("3017620422003", None) in told, seconds=PATIENCE_SECONDS)
        simulator.kill()
        wait_for(lambda: DeviceChanged("scanner", "lost") in told, seconds=PATIENCE_SECONDS)
        simulator.start()
        wait_for(lambda: told.count(DeviceChanged("scanner", "on")) == 2, seconds=PATIENCE_SECONDS)
        simulator.do("POST", "/devices/lane/scans", data="96385074", countdown_seconds=0)
        wait_for(lambda: CodeRead("96385074", None) in told, seconds=PATIENCE_SECONDS)
    finally:
        thread.stop()

    assert [event.text for event in told if isinstance(event, CodeRead)] == ["3017620422003", "96385074"]

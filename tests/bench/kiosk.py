"""The kiosk beside its bars: a real store, a real kiosk, a folder for a camera, and Chromium for a screen.

``python -m tests.bench.kiosk [PACKS] [LOOKS] [RESTARTS] [VISITS]`` prints one table. A scan lasts from the frame that
shows the pack to the painted line, stage by stage (``stages.py``). A killed kiosk is begun again at once; its page is
left open, as in a shop, and has to come back by itself. A look lasts from the press that turns the face camera on to
the painted name, of a photograph that was not enrolled, without a challenge: flashes add the seconds that they last.
Times are on the wall, so the load stands beside them; processor time and memory are counted over all processes of the
kiosk, and of the browser.

Without shared photographs of faces the rows of the face are left out.
"""

import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.bench.processes import cpu_seconds, family, memory_mib, named
from tests.bench.rows import Row, head, say, tell
from tests.bench.stages import PAINTED, SETTLED, WATCH, Scan, rows_of
from tests.e2e import people
from tests.e2e.conftest import PHONE
from tests.e2e.drawn import pack
from tests.e2e.stack import ROOT, Stack, open_shop

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
FACES = Path(os.environ.get("SESAME_SHARED_DATA", ROOT.parent / "shared" / "data")) / "faces" / "johns"
LINA = {"name": "Lina Durand", "phone": "+33612345678", "pin": "7391"}
ITEMS = 12
IDLE_SECONDS = 20.0
EAN_13 = 13
GONE_MS = 1500  # longer than the same code counts once, so that each showing is a scan


class Bench:
    """A running shop and the page of its kiosk."""

    def __init__(self, stack: Stack, browser: Browser) -> None:
        self.stack = stack
        self.browser = browser
        self.page = browser.new_page(base_url=stack.kiosk.url, viewport={"width": 1280, "height": 800}, locale="en-GB")
        self.page.set_default_timeout(60_000)
        self.open()

    def open(self) -> None:
        """Load the page and watch what it paints."""
        self.page.goto("/")
        self.page.locator(".frame").wait_for()
        self.page.evaluate(WATCH)

    @property
    def kiosk(self) -> list[int]:
        """Every process of the kiosk."""
        assert self.stack.kiosk.process is not None
        return list(family(self.stack.kiosk.process.pid))

    @property
    def chromium(self) -> list[int]:
        """Every process of the browser."""
        return named(os.getpid(), "chromium")

    def painted(self, since_ms: float, panel: str, lines: int = 0) -> dict[str, float]:
        """Wait until that panel, with so many lines at least, was painted after an instant; return when."""
        found = self.page.wait_for_function(PAINTED, arg=[since_ms, panel, lines])
        return dict(found.json_value())

    def scan(self, picture: Path) -> Scan:
        """Hold one pack before the camera until the store has answered."""
        began = time.time() * 1000
        self.stack.scan.show(picture)
        line = self.painted(began, "shopping", 1)
        settled = self.page.wait_for_function(SETTLED, arg=began).json_value()["painted"]
        self.stack.scan.clear()
        self.page.wait_for_timeout(GONE_MS)
        return Scan(began, line["at"], line["painted"], settled)

    def look(self, photograph: Path) -> float:
        """From a basket to the name on the confirmation; return the milliseconds from the press to the painted name."""
        people.to_methods(self.page)
        people.press(self.page, "With my face")
        expect(self.page.get_by_role("heading", name="Last 4 digits of your phone")).to_be_visible()
        people.key_in(self.page, LINA["phone"][-4:])
        self.stack.face.show(photograph)
        go = self.page.get_by_role("button", name="Turn the camera on")
        expect(go).to_be_enabled()
        began = time.time() * 1000
        go.click()
        taken = self.painted(began, "confirming")["painted"] - began
        self.stack.face.clear()
        return taken

    def restart(self) -> tuple[float, float]:
        """Kill the kiosk; return the seconds until it answers, and until its open page shows the basket again."""
        self.stack.kiosk.kill()
        began = time.monotonic()
        self.page.locator(".lost").wait_for()
        self.stack.kiosk.start()
        answered = time.monotonic() - began
        self.page.locator(".lost").wait_for(state="detached")
        self.page.locator(".frame[data-panel=shopping] .line").first.wait_for()
        return answered, time.monotonic() - began

    def end_visit(self) -> None:
        """Put the visit away, so that the next pack opens a basket."""
        people.begin(self.page)
        self.page.wait_for_timeout(500)  # what the end of the visit changed has been painted


def idle(pids: Callable[[], list[int]]) -> float:
    """Return the percentage of one core that processes use while nobody shops."""
    before, began = cpu_seconds(pids()), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return 100 * (cpu_seconds(pids()) - before) / (time.monotonic() - began)


def enrol(bench: Bench, photographs: Sequence[Path]) -> None:
    """Let somebody join with their face, and give them money."""
    people.begin(bench.page)
    people.enrol(bench.page, bench.stack.face, list(photographs), **LINA)
    people.press(bench.page, "Done")
    phone = bench.browser.new_page(viewport=PHONE, locale="en-GB")  # type: ignore[arg-type] # a plain dict serves
    people.sign_in(phone, bench.stack, phone=LINA["phone"], pin=LINA["pin"])
    for _ in range(4):
        people.press(phone, "€50")
        phone.get_by_role("status").filter(has_text="€50.00").wait_for()
    phone.close()


def visit(bench: Bench, codes: Sequence[str], photograph: Path) -> float:
    """Scan twelve items and pay by face; return the seconds."""
    people.begin(bench.page)
    began = time.monotonic()
    for number in range(1, ITEMS + 1):
        people.type_code(bench.page, codes[number % len(codes)])
        expect(bench.page.locator(".basket-head .chip")).to_have_text(f"{number} item{'s'[: number > 1]}")
    bench.look(photograph)
    people.confirm(bench.page, bench.stack, LINA["pin"])
    return time.monotonic() - began


def measure(
    bench: Bench, pictures: Sequence[Path], codes: Sequence[str], looks: int, restarts: int, visits: int
) -> None:
    """Measure and print."""
    bench.page.wait_for_timeout(3000)  # the weights are open by then
    begin_mib = (memory_mib(bench.kiosk), memory_mib(bench.chromium))
    first: list[Scan] = []
    later: list[Scan] = []
    cpu = Row("processor time of the kiosk for one pack in view", "", "ms")
    for _ in range(visits):
        first.append(bench.scan(pictures[0]))
        bench.end_visit()
    first.append(bench.scan(pictures[0]))
    for picture in pictures[1:]:
        before = cpu_seconds(bench.kiosk)
        later.append(bench.scan(picture))
        cpu.values.append(1000 * (cpu_seconds(bench.kiosk) - before))
    say("the first pack of a visit:")
    tell(*rows_of(bench.stack.kiosk.log, first))
    say("each pack after it:")
    tell(*rows_of(bench.stack.kiosk.log, later), cpu)
    answers = Row("killed kiosk to its page answering", "< 5", "s")
    shows = Row("killed kiosk to the same basket on the screen", "< 5", "s")
    for _ in range(restarts):
        one, other = bench.restart()
        answers.values.append(one)
        shows.values.append(other)
    tell(answers, shows)
    tap = Row("face tap to painted decision", "< 1500 p95", "ms")
    whole = Row(f"{ITEMS} items by scanner, paid by face and PIN", "< 60", "s")
    if FACES.is_dir():
        shots = sorted((FACES / row["path"] for row in identities() if row["identity"] == "John_Salley"), key=str)
        enrol(bench, shots[:3])
        for number in range(looks):
            people.begin(bench.page)
            people.type_code(bench.page, codes[0])
            bench.page.locator(".line").first.wait_for()
            tap.values.append(bench.look(shots[3 + number % (len(shots) - 3)]))
        whole.values += [visit(bench, codes, shots[5]) for _ in range(max(1, visits))]
    tell(tap, whole)
    people.begin(bench.page)
    idling, together = Row("an idle kiosk, of one core", "< 10 %", "%"), Row("... and its browser", "", "%")
    idling.values.append(idle(lambda: bench.kiosk))
    together.values.append(idling.values[0] + idle(lambda: bench.chromium))
    tell(idling, together)
    end_mib = (memory_mib(bench.kiosk), memory_mib(bench.chromium))
    for name, begin, end in zip(("kiosk", "browser"), begin_mib, end_mib, strict=True):
        say(f"memory of the {name:<39} {'flat':>12}      {begin:8.0f} -> {end:.0f}  MiB")


def identities() -> list[dict[str, str]]:
    """Return the rows of the photographs of faces."""
    with (FACES / "identities.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def main(packs: int, looks: int, restarts: int, visits: int) -> None:
    """Open a shop and measure it."""
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the shop opens")
    head()
    expect.set_options(timeout=60_000)  # a loaded machine is slow, not wrong
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        stack = open_shop(folder, trace="true")
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        try:
            with (ROOT / "server/demo/products.csv").open(encoding="utf-8", newline="") as opened:
                rows = [row for row in csv.DictReader(opened) if len(row["code"]) == EAN_13 and not row["min_age"]]
            codes = [row["code"] for row in rows[:packs]]
            pictures = [pack(folder, code, "Pack") for code in codes]
            measure(Bench(stack, browser), pictures, codes, looks, restarts, visits)
        finally:
            browser.close()
            stack.stop()


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [12, 12, 5, 3][len(numbers) :]))

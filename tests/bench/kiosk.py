"""The kiosk beside its bars: a real store, a real kiosk, a folder for a camera, and Chromium for a screen.

``python -m tests.bench.kiosk [PACKS] [LOOKS] [RESTARTS] [VISITS]`` prints one table. A pack is in view from the moment
its picture is moved into the folder; its line is painted once the browser has drawn the frame after the one in which
the line came. A look lasts from the press that turns the face camera on to the painted name, of a photograph that was
not enrolled, without a challenge: flashes add the seconds that they last. Times are on the wall, so the load stands
beside them; processor time and memory are counted over all processes of the kiosk, and of the browser.

Without shared photographs of faces the rows of the face are left out.
"""

import csv
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

from tests.bench.processes import cpu_seconds, family, memory_mib, named
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

# Notes when each change of the lines, of their quantities or of the panel was painted.
WATCH = """() => {
  window.painted = [];
  let told = '';
  const look = () => {
    const now = [document.querySelector('.frame')?.dataset.panel,
      ...[...document.querySelectorAll('.line')].map(one => one.innerText)].join('|');
    if (now === told) return;
    told = now;
    const panel = now.split('|')[0];
    requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push([Date.now(), panel])));
  };
  const all = {childList: true, subtree: true, characterData: true, attributes: true};
  new MutationObserver(look).observe(document.body, all);
  look();
}"""


@dataclass(slots=True)
class Row:
    """One line of the table: what was measured, against which bar, and the values."""

    what: str
    bar: str
    unit: str
    values: list[float] = field(default_factory=list)

    def shown(self) -> str:
        """Return the line."""
        ordered = sorted(self.values)
        if not ordered:
            return f"{self.what:<46} {self.bar:>12}  not measured"
        p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
        figures = " ".join(f"{value:8.1f}" for value in (statistics.median(ordered), p95, ordered[-1]))
        return f"{self.what:<46} {self.bar:>12} {len(ordered):>4} {figures}  {self.unit}"


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

    def painted(self, since_ms: float, panel: str) -> float:
        """Wait until something was painted on that panel after an instant; return the milliseconds between."""
        script = "([since, panel]) => window.painted.find(([at, on]) => at >= since && on === panel)?.[0]"
        self.page.wait_for_function(script, arg=[since_ms, panel])
        return float(self.page.evaluate(script, [since_ms, panel])) - since_ms

    def scan(self, picture: Path) -> float:
        """Hold one pack before the camera; return the milliseconds until its line was painted."""
        began = time.time() * 1000
        self.stack.scan.show(picture)
        taken = self.painted(began, "shopping")
        self.stack.scan.clear()
        self.page.wait_for_timeout(GONE_MS)
        return taken

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
        taken = self.painted(began, "confirming")
        self.stack.face.clear()
        return taken

    def restart(self) -> tuple[float, float]:
        """Kill the kiosk; return the seconds until it answers, and until its page shows the basket again."""
        self.stack.kiosk.kill()
        began = time.monotonic()
        self.stack.kiosk.start()
        answered = time.monotonic() - began
        self.open()
        self.page.locator(".frame[data-panel=shopping] .line").first.wait_for()
        return answered, time.monotonic() - began

    def end_visit(self) -> None:
        """Put the visit away, so that the next pack opens a basket."""
        people.begin(self.page)
        self.page.wait_for_timeout(500)  # what the end of the visit changed has been painted


def say(words: str) -> None:
    print(words, flush=True)


def tell(*rows: Row) -> None:
    """Print what was measured, with the load at its end: a later step that fails takes nothing back."""
    for row in rows:
        say(row.shown())
    say(f"{'(load)':<46} {os.getloadavg()[0]:>12.1f}")


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
    first = Row("pack to painted line, first of a visit", "< 150 p95", "ms")
    later = Row("pack to painted line, each after it", "< 150 p95", "ms")
    cpu = Row("... processor time of the kiosk for one pack", "", "ms")
    for _ in range(visits):
        first.values.append(bench.scan(pictures[0]))
        bench.end_visit()
    first.values.append(bench.scan(pictures[0]))
    for picture in pictures[1:]:
        before = cpu_seconds(bench.kiosk)
        later.values.append(bench.scan(picture))
        cpu.values.append(1000 * (cpu_seconds(bench.kiosk) - before))
    tell(first, later, cpu)
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
        say(f"memory of the {name:<33} {'flat':>12}      {begin:8.0f} -> {end:.0f}  MiB")


def identities() -> list[dict[str, str]]:
    """Return the rows of the photographs of faces."""
    with (FACES / "identities.csv").open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def main(packs: int, looks: int, restarts: int, visits: int) -> None:
    """Open a shop and measure it."""
    say(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the shop opens")
    say(f"{'what':<46} {'bar':>12} {'n':>4} {'p50':>8} {'p95':>8} {'most':>8}")
    expect.set_options(timeout=60_000)  # a loaded machine is slow, not wrong
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        stack = open_shop(folder)
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

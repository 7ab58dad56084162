"""From a pack before the camera to its painted line, from a killed kiosk to the same screen, and an idle kiosk's CPU.

``python tests/bench/kiosk_scan.py [PACKS] [RESTARTS] [VISITS]`` runs a real store and a real kiosk as processes, with a
folder for a camera and Chromium for a screen. A pack is in view from the moment its picture is moved into the folder;
its line is painted once the browser has drawn the frame after the one in which the line came. The first pack of a
visit, with which the basket opens, is counted apart.
"""

import csv
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402 - the project's own folders come first

from tests.e2e.drawn import pack  # noqa: E402 - as above
from tests.e2e.stack import Stack, open_shop  # noqa: E402 - as above

CHROMIUM_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
IDLE_SECONDS = 20.0
EAN_13 = 13
GONE_SECONDS = 1.5  # longer than the same code counts once, so that each showing is a scan

# Notes when each change of the lines, their quantities or the total was painted.
WATCH = """() => {
  window.painted = [];
  let told = '';
  const look = () => {
    const now = [...document.querySelectorAll('.line')].map(one => one.innerText).join('|');
    if (now === told) return;
    told = now;
    requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push(Date.now())));
  };
  new MutationObserver(look).observe(document.body, {childList: true, subtree: true, characterData: true});
}"""


def shown(milliseconds: list[float]) -> str:
    """Return the figures in one line."""
    ordered = sorted(milliseconds)
    p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    return f"n {len(ordered)}  p50 {statistics.median(ordered):.0f} ms  p95 {p95:.0f} ms  most {ordered[-1]:.0f} ms"


def scan(stack: Stack, page: Page, picture: Path) -> float:
    """Hold one pack before the camera; return the milliseconds until it was painted."""
    before = page.evaluate("window.painted.length")
    began = time.time() * 1000
    stack.scan.show(picture)
    page.wait_for_function("count => window.painted.length > count", arg=before)
    painted = page.evaluate("count => window.painted[count]", before)
    stack.scan.clear()
    page.wait_for_timeout(GONE_SECONDS * 1000)
    return float(painted - began)


def restart(stack: Stack, page: Page) -> tuple[float, float]:
    """Kill the kiosk; return the seconds until it answers, and until its page shows the basket again."""
    stack.kiosk.kill()
    began = time.monotonic()
    stack.kiosk.start()
    answered = time.monotonic() - began
    page.goto(stack.kiosk.url)
    page.locator(".frame[data-panel=shopping] .line").first.wait_for()
    return answered, time.monotonic() - began


def idle(stack: Stack) -> float:
    """Return the share of one core that the kiosk uses while nobody shops."""
    assert stack.kiosk.process is not None
    stat = Path(f"/proc/{stack.kiosk.process.pid}/stat")

    def used() -> float:
        user, system = stat.read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    before, began = used(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (used() - before) / (time.monotonic() - began)


def cancel(page: Page) -> None:
    """End the visit, so that the next pack opens a basket."""
    page.request.post("/acts", data={"act": "cancel_visit"})
    page.locator(".frame[data-panel=welcome]").wait_for()
    page.wait_for_timeout(500)  # what the end of the visit changed has been painted


def main(packs: int, restarts: int, visits: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        stack = open_shop(folder)
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM_ARGUMENTS)
        try:
            with (ROOT / "server/demo/products.csv").open(encoding="utf-8", newline="") as opened:
                rows = [row for row in csv.DictReader(opened) if len(row["code"]) == EAN_13 and not row["min_age"]]
            pictures = [pack(folder, row["code"], "Pack") for row in rows[:packs]]
            page = browser.new_page(base_url=stack.kiosk.url, viewport={"width": 1280, "height": 800})
            page.goto("/")
            page.locator(".frame[data-panel=welcome]").wait_for()
            page.wait_for_timeout(3000)  # the weights are open by then
            print(f"an idle kiosk uses {idle(stack):.0%} of a core")
            page.evaluate(WATCH)
            first: list[float] = []
            for _ in range(visits):
                first.append(scan(stack, page, pictures[0]))
                cancel(page)
            first.append(scan(stack, page, pictures[0]))
            print(f"frame to painted line, first pack of a visit: {shown(first)}")
            later = [scan(stack, page, picture) for picture in pictures[1:]]
            print(f"frame to painted line, each pack after it:    {shown(later)}")
            times = [restart(stack, page) for _ in range(restarts)]
            for name, seconds in zip(("answers", "shows the basket"), zip(*times, strict=True), strict=True):
                print(f"killed to {name}: {shown([1000 * one for one in seconds])}")
        finally:
            browser.close()
            stack.stop()


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    main(*(numbers + [12, 3, 3][len(numbers) :]))

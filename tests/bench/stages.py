"""Where the time between a camera's frame and the painted line goes: the kiosk's trace beside what the page notes.

The kiosk writes when it reached each stage (``kiosk/trace.py``), the page when its document changed and when that was
painted; one machine's clock serves both. A line counts as painted once the browser has begun the second frame after
the change: the first one is on the screen by then.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.trace import TRACE
from tests.bench.rows import Row

NS = 1_000_000

# Notes when each change of the panel, of the lines or of their quantities was in the document, and painted.
WATCH = """() => {
  const now = () => performance.timeOrigin + performance.now();
  window.painted = [];
  let told = '';
  const look = () => {
    const panel = document.querySelector('.frame')?.dataset.panel;
    const lines = [...document.querySelectorAll('.line')].map(one => one.innerText);
    const text = [panel, ...lines, document.querySelector('.awaited') !== null].join('|');
    if (text === told) return;
    told = text;
    const awaited = document.querySelector('.awaited') !== null;
    const change = {panel, lines: lines.length, awaited, at: now()};
    requestAnimationFrame(() => requestAnimationFrame(() => window.painted.push({...change, painted: now()})));
  };
  const all = {childList: true, subtree: true, characterData: true, attributes: true};
  new MutationObserver(look).observe(document.body, all);
  look();
}"""

PAINTED = """([since, panel, lines]) => window.painted.find(
  one => one.at >= since && one.panel === panel && one.lines >= lines)"""
SETTLED = "since => window.painted.find(one => one.at >= since && one.lines > 0 && !one.awaited)"


@dataclass(frozen=True, slots=True)
class Scan:
    """One pack, in wall-clock ms: in view, its line in the document, painted, and the store's word painted."""

    began: float
    changed: float
    painted: float
    settled: float


@dataclass(frozen=True, slots=True)
class _Mark:
    stage: str
    about: str
    at: float  # wall-clock milliseconds


_STEPS = (
    ("captured", "-", "decoded", "-", "frame read to engines' answer"),
    ("decoded", "-", "accepted", "-", "... until it is believed: frames that agree"),
    ("accepted", "-", "taken", "CodeRead", "... to the visit's thread"),
    ("taken", "CodeRead", "told", "CodeRead", "... visit, disk, outbox"),
    ("told", "CodeRead", "told", "Foreseen", "... foreseen by the signed catalogue"),
)


def marks_of(log: Path) -> list[_Mark]:
    """Return what a kiosk's trace holds."""
    offset_ns = time.time_ns() - time.monotonic_ns()
    words = [line.split() for line in log.read_text(errors="replace").splitlines() if f" {TRACE}: " in line]
    return [_Mark(one[-3], one[-2], (int(one[-1]) + offset_ns) / NS) for one in words]


def rows_of(log: Path, scans: Sequence[Scan]) -> list[Row]:
    """Return the table: each stage by itself, and from the frame to the painted line."""
    marks = marks_of(log)
    camera = Row("in view to frame read (the folder's own pace)", "", "ms")
    steps = {name: Row(name, "", "ms") for *_, name in _STEPS}
    page = Row("... to the page's document", "", "ms")
    paint = Row("... painted", "", "ms")
    whole = Row("frame read to painted line", "< 150 p95", "ms")
    store = Row("frame read to the store's own line painted", "", "ms")
    for scan in scans:
        here = [one for one in marks if scan.began <= one.at <= scan.settled]
        at = {(one.stage, one.about): one.at for one in reversed(here)}  # the first of each
        captured = at.get(("captured", "-"))
        if captured is None:
            continue
        camera.values.append(captured - scan.began)
        for before, of, after, what, name in _STEPS:
            if (before, of) in at and (after, what) in at:
                steps[name].values.append(at[after, what] - at[before, of])
        begun = at.get(("told", "Foreseen"), at.get(("told", "Answered")))
        if begun is not None:
            page.values.append(scan.changed - begun)
        paint.values.append(scan.painted - scan.changed)
        whole.values.append(scan.painted - captured)
        store.values.append(scan.settled - captured)
    return [camera, *steps.values(), page, paint, whole, store]

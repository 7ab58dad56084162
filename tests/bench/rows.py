"""Lines of a table of measurements: what, against which bar, how often, the middle, the 95th of 100, and the most."""

import os
import statistics
from dataclasses import dataclass, field


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
            return f"{self.what:<52} {self.bar:>12}  not measured"
        p95 = ordered[max(0, round(0.95 * len(ordered)) - 1)]
        figures = " ".join(f"{value:8.1f}" for value in (statistics.median(ordered), p95, ordered[-1]))
        return f"{self.what:<52} {self.bar:>12} {len(ordered):>4} {figures}  {self.unit}"


def say(words: str) -> None:
    """Print at once."""
    print(words, flush=True)


def head() -> None:
    """Print what the columns are."""
    say(f"{'what':<52} {'bar':>12} {'n':>4} {'p50':>8} {'p95':>8} {'most':>8}")


def tell(*rows: Row) -> None:
    """Print what was measured, with the load at its end: a later step that fails takes nothing back."""
    for row in rows:
        say(row.shown())
    say(f"{'(load)':<52} {os.getloadavg()[0]:>12.1f}")

"""What this process has answered, for Prometheus: counts and durations by address, and how the house stands.

Written by hand because it is thirty lines of a stable text format; addresses are templates, so that no id, code or
token of anybody becomes a label.

Source: Prometheus text exposition format 0.0.4.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping

BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Up to what a shopper notices, and one beyond; the 150 ms that a payment may take lie between two of them."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Counters of one process. Only the event loop touches them, so they need no lock."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str, int]] = Counter()
        self._durations: dict[tuple[str, str], list[int]] = {}
        self._seconds: dict[tuple[str, str], float] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        self._answers[method, route, status] += 1
        counts = self._durations.setdefault((method, route), [0] * (len(BOUNDS_SECONDS) + 1))
        counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self._seconds[method, route] = self._seconds.get((method, route), 0.0) + seconds

    def text(self, gauges: Mapping[str, int]) -> str:
        """Return everything in the text format; `gauges` are added as they are."""
        lines = ["# TYPE sesame_answers_total counter"]
        lines += [
            f'sesame_answers_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            for (method, route, status), count in sorted(self._answers.items())
        ]
        lines.append("# TYPE sesame_answer_seconds histogram")
        for (method, route), counts in sorted(self._durations.items()):
            labels = f'method="{method}",route="{route}"'
            below = 0
            for bound, count in zip((*BOUNDS_SECONDS, "+Inf"), counts, strict=True):
                below += count
                lines.append(f'sesame_answer_seconds_bucket{{{labels},le="{bound}"}} {below}')
            lines.append(f"sesame_answer_seconds_sum{{{labels}}} {self._seconds[method, route]:.6f}")
            lines.append(f"sesame_answer_seconds_count{{{labels}}} {below}")
        for name, value in sorted(gauges.items()):
            lines += [f"# TYPE sesame_{name} gauge", f"sesame_{name} {value}"]
        return "\n".join(lines) + "\n"

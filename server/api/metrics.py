"""What this process has answered, for Prometheus: counts and durations by address, and how the house stands.

Addresses are templates, so that no id, code or token of anybody becomes a label.
"""

from collections.abc import Mapping

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

BOUNDS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
"""Up to what a shopper notices, and one beyond; the 150 ms that a payment may take lie between two of them."""
CONTENT_TYPE = CONTENT_TYPE_LATEST


class Metrics:
    """Counters of one process, in a registry of their own: two applications in one process do not mix."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call] # untyped there; when a series began is of no use here
        self._registry = CollectorRegistry()
        labels = ("method", "route")
        self._answers = Counter("sesame_answers", "Answers given.", (*labels, "status"), registry=self._registry)
        self._seconds = Histogram(
            "sesame_answer_seconds", "How long answers took.", labels, buckets=BOUNDS_SECONDS, registry=self._registry
        )
        self._gauges: dict[str, Gauge] = {}
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer."""
        key = method, route, status
        if (known := self._known.get(key)) is None:
            known = self._known[key] = self._answers.labels(*key), self._seconds.labels(method, route)
        answers, durations = known
        answers.inc()
        durations.observe(seconds)

    def text(self, gauges: Mapping[str, int]) -> str:
        """Return everything in the text format; `gauges` are added as they are."""
        for name, value in gauges.items():
            if name not in self._gauges:
                self._gauges[name] = Gauge(f"sesame_{name}", name.replace("_", " "), registry=self._registry)
            self._gauges[name].set(value)
        return generate_latest(self._registry).decode()

"""CPU time of an act: a busy machine tells nearly the same, and only the ratios travel to other machines."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of CPU time: the best of many runs, and the middle one."""

    best_ms: float
    median_ms: float


def spent(act: Callable[[], object], *, runs: int = 15) -> Spent:
    """Run an act often."""
    return in_turn({"": act}, runs=runs)[""]


def in_turn(acts: Mapping[str, Callable[[], object]], *, runs: int = 15) -> dict[str, Spent]:
    """Run several acts one after the other, again and again, so that what else goes on meets all of them alike.

    Each runs twice and the second time counts: none finds the caches full of another one's data.
    """
    times: dict[str, list[float]] = {name: [] for name in acts}
    for _ in range(runs):
        for name, act in acts.items():
            act()
            begun = time.process_time()
            act()
            times[name].append(1000 * (time.process_time() - begun))
    return {name: Spent(min(each), statistics.median(each)) for name, each in times.items()}

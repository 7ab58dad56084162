"""What one whole basket costs the processor, step by step: ``python -m tests.bench.settling [sqlite|postgresql]``.

No network, one thread: requests are read, priced ahead, settled in one transaction and answered in batches, as the
server does it, so that neither other threads nor clients stand between. The time is the thread's own; of each step the
lowest fifth of its batches counts, which other work on the machine has disturbed the least. `wait` is what settling
took beside it: for the disk, or for the database's processes; `theirs` is what these used of the processor.
"""

import argparse
import asyncio
import cProfile
import gc
import os
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pstats import Stats
from statistics import mean
from typing import TypeVar, cast

from server.__main__ import GC_THRESHOLD
from server.api.house import House
from server.api.idempotency import Answer
from server.api.routes.checkouts import Checkout, NewCheckout
from server.app import open_house
from server.db.database import Database
from server.flows.tokens import token_hash
from server.settings import Settings
from tests.bench.checkouts import TOKEN, Place, Preparer, a_place

Result = TypeVar("Result")
ASKED = "0" * 64
"""What stands for the hash of a request's body."""
SHOWN = 60
"""Functions of a profile."""


@dataclass
class Clock:
    """Adds up what each step took, a checkout, in microseconds."""

    batch: int
    postmaster: int | None = None
    steps: dict[str, list[float]] = field(default_factory=dict)

    def time(self, step: str, act: Callable[[], Result]) -> Result:
        """Do one step of a batch."""
        began, at, theirs = time.thread_time(), time.perf_counter(), used_by_children(self.postmaster)
        done = act()
        spent, passed = time.thread_time() - began, time.perf_counter() - at
        self._note(step, spent)
        self._note(f"wait of {step}", passed - spent)
        self._note(f"theirs of {step}", used_by_children(self.postmaster) - theirs)
        return done

    def _note(self, step: str, seconds: float) -> None:
        self.steps.setdefault(step, []).append(seconds / self.batch * 1e6)

    def lowest(self, step: str) -> float:
        """Return the mean of the lowest fifth; 0 for a step that is not taken."""
        found = sorted(self.steps.get(step, [0.0]))
        return mean(found[: max(1, len(found) // 5)])


def main() -> None:
    """Print one line an engine."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("engines", nargs="*", default=["sqlite"])
    asked.add_argument("--batch", type=int, default=24)
    asked.add_argument("--count", type=int, default=3600, help="checkouts; the first third is not measured")
    asked.add_argument("--profile", choices=("foresee", "settle"), help="say which functions a step spends its time in")
    told = asked.parse_args()
    for engine in told.engines:
        with a_place(engine) as place:
            bodies = prepared(place, told.count)
            gc.set_threshold(*GC_THRESHOLD)
            profile = cProfile.Profile(time.thread_time) if told.profile else None
            clock = asyncio.run(settled(bodies, Clock(told.batch, postmaster_of(place)), told.profile, profile))
        steps = {step: clock.lowest(step) for step in ("read", "foresee", "settle", "answer")}
        whole, wait, theirs = sum(steps.values()), clock.lowest("wait of settle"), clock.lowest("theirs of settle")
        print(
            f"{engine}, batches of {told.batch}: {whole:.0f} us a checkout; "
            + ", ".join(
                f"{step} {us:.0f}" for step, us in (*steps.items(), ("beside it wait", wait), ("theirs", theirs))
            )
        )
        if profile is not None:
            Stats(profile).sort_stats("tottime").print_stats(SHOWN)


def postmaster_of(place: Place) -> int | None:
    """Return the process whose children PostgreSQL's are; None on SQLite."""
    if place.postgres is None:
        return None
    return int((place.postgres.home / "data" / "postmaster.pid").read_text("ascii").split()[0])


def used_by_children(parent: int | None) -> float:
    """Return what a process's children have used of the processor, in seconds."""
    if parent is None:
        return 0.0
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    return sum(int(Path(f"/proc/{child}/schedstat").read_text("ascii").split()[0]) for child in children) / 1e9


def prepared(place: Place, count: int) -> list[str]:
    """Return the bodies of so many requests; the environment then names the place."""
    database = Database(place.url)
    bodies = Preparer(database, "whole").bodies(count)
    database.close()
    os.environ.update(SESAME_SERVER_VAR_DIR=str(place.folder), SESAME_SERVER_DATABASE_URL=place.url)
    return bodies


async def settled(bodies: Sequence[str], clock: Clock, step: str | None, profile: cProfile.Profile | None) -> Clock:
    """Settle them all; only what comes after the first third is timed."""
    async with open_house(Settings()) as house:
        warm = Clock(clock.batch)
        for begin in range(0, len(bodies), clock.batch):
            few = bodies[begin : begin + clock.batch]
            is_warm = begin > len(bodies) // 3
            settle(house, few, clock if is_warm else warm, step, profile if is_warm else None)
    return clock


def settle(house: House, few: Sequence[str], clock: Clock, step: str | None, profile: cProfile.Profile | None) -> None:
    """Settle one batch."""
    settler = cast("Database", house.database)._settler
    token = token_hash(TOKEN)

    def profiled(name: str, act: Callable[[], Result]) -> Result:
        return act() if profile is None or name != step else profile.runcall(act)

    requests = clock.time(
        "read",
        lambda: [
            Checkout(
                house,
                NewCheckout.model_validate_json(body),
                token=token,
                key=secrets.token_hex(16),
                asked=ASKED,
                minted=house.mint(secrets.token_hex(16)),
            )
            for body in few
        ],
    )
    clock.time("foresee", lambda: profiled("foresee", lambda: settler._foresee(requests)))
    outcomes = clock.time("settle", lambda: profiled("settle", lambda: settler._settle(requests)))
    answers = [outcome for outcome in outcomes if isinstance(outcome, Answer)]
    assert len(answers) == len(few), outcomes
    clock.time("answer", lambda: [answer.response() for answer in answers])


if __name__ == "__main__":
    main()

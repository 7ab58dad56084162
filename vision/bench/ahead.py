"""Portraits made by several processes ahead of a run, into the file of those kept."""

import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2

from models import Store
from vision.bench.paper import progress
from vision.bench.portraits import Painter

_painters: list[Painter] = []  # of a process, one


def paint_ahead(paths: Iterable[Path], weights: Path, kept: Path, *, with_second: bool, jobs: int) -> None:
    """Make portraits of photographs that have none yet; what goes wrong with one is told when it is asked for.

    Args:
        paths: The photographs.
        weights: Where the weights lie.
        kept: Where portraits are kept.
        with_second: By the second model as well.
        jobs: Processes; each takes a core and 200 MB.
    """
    # Spawned, not forked: the runtimes of this process have threads, which a fork would leave behind locked.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (weights, kept, with_second)) as pool:
        waiting = [pool.submit(_paint, path) for path in sorted(set(paths))]
        for done in progress(waiting, f"portraits, {jobs} processes"):
            done.result()


def _begin(weights: Path, kept: Path, with_second: bool) -> None:  # noqa: FBT001 - an executor calls by place
    os.environ["TQDM_DISABLE"] = "1"  # the bar is that of the first process
    cv2.setNumThreads(1)
    _painters.append(Painter(Store(weights), with_second=with_second, kept=kept))


def _paint(path: Path) -> None:
    _painters[0].gallery([path], "")

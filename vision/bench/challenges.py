"""Challenges of computed people before a computed camera, by one process or by several."""

import multiprocessing
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np

from vision.bench.attacks import EYES_PX, Scene, Subject, filmed
from vision.bench.paper import progress
from vision.face.cues import Cues
from vision.face.flash import FlashEvidence
from vision.face.liveness import LivenessResult

USUAL_LIGHT = 0.15

People = Mapping[float, Sequence[Subject]]
"""By how far apart their eyes are in the picture, px."""
_Task = tuple["Trial", int]
_people: dict[float, Sequence[Subject]] = {}  # of a process of its own


@dataclass(frozen=True, slots=True)
class Trial:
    """A scene, the screen's light in it against all other light, and how far apart the eyes are, px."""

    scene: Scene
    light: float = USUAL_LIGHT
    eyes_px: float = EYES_PX
    people: int | None = None  # at most; everybody by default


@dataclass(frozen=True, slots=True)
class Tried:
    """One challenge: what the flashes say, and the words of the cues that speak against a face."""

    evidence: FlashEvidence
    against: tuple[str, ...]

    @property
    def result(self) -> LivenessResult:
        """What the kiosk makes of both: who would pass and has a cue against them is asked for a turn."""
        said = self.evidence.result
        return LivenessResult.NOT_CHECKED if said is LivenessResult.PASSED and self.against else said

    @classmethod
    def of(cls, evidence: FlashEvidence, cues: Cues) -> "Tried":
        """Put both together."""
        return cls(evidence, tuple(cue.name for cue in cues.seen() if cue.is_against))


@dataclass(frozen=True, slots=True)
class Seen:
    """What a row of challenges of one kind brought."""

    tried: tuple[Tried, ...]

    def __len__(self) -> int:
        return len(self.tried)

    def share(self, result: LivenessResult) -> float:
        """Return how many of them ended so."""
        return sum(one.result is result for one in self.tried) / len(self.tried)

    def speaks(self, name: str) -> float:
        """Return in how many a cue spoke against a face."""
        return sum(name in one.against for one in self.tried) / len(self.tried)

    def median(self, name: str) -> float:
        """Return the middle of one of the measures."""
        return float(np.median([getattr(one.evidence, name) for one in self.tried]))


def tried(people: People, trials: Sequence[Trial], *, jobs: int = 1) -> dict[Trial, Seen]:
    """Return what one challenge of each person says, for each trial; the same whatever ``jobs`` is.

    Args:
        people: Everybody who is tried.
        trials: What they are tried in.
        jobs: Processes; each takes a core and 200 MB.
    """
    tasks = [(trial, place) for trial in trials for place in range(len(_of(people, trial)))]
    said: dict[Trial, list[Tried]] = {trial: [] for trial in trials}
    for (trial, _), one in zip(tasks, _carried_out(people, tasks, jobs), strict=True):
        said[trial].append(one)
    return {trial: Seen(tuple(each)) for trial, each in said.items()}


def _carried_out(people: People, tasks: Sequence[_Task], jobs: int) -> Iterator[Tried]:
    if jobs == 1:
        for trial, place in progress(tasks, "challenges"):
            yield _one(_of(people, trial)[place], trial, place)
        return
    # Spawned, not forked: the runtimes of this process have threads, which a fork would leave behind locked.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), _begin, (dict(people),)) as pool:
        waiting = [pool.submit(_by_place, task) for task in tasks]
        for done in progress(waiting, f"challenges, {jobs} processes"):
            yield done.result()


def _of(people: People, trial: Trial) -> Sequence[Subject]:
    return people[trial.eyes_px][: trial.people]


def _begin(people: dict[float, Sequence[Subject]]) -> None:
    os.environ["TQDM_DISABLE"] = "1"  # the bar is that of the first process
    cv2.setNumThreads(1)
    _people.update(people)


def _by_place(task: _Task) -> Tried:
    trial, place = task
    return _one(_of(_people, trial)[place], trial, place)


def _one(who: Subject, trial: Trial, seed: int) -> Tried:
    return Tried.of(*filmed(who, trial.scene, seed, strength=trial.light))

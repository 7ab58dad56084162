"""Who is enrolled, asked for, or a stranger: everybody each, in every draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from models import SFACE
from vision.bench.portraits import Portrait
from vision.bench.rates import Floats
from vision.matching import Template, average

CAPTURES = 3

Owners = npt.NDArray[np.int64]
People = Mapping[str, Sequence[Portrait]]
Second = Literal["never", "grey", "always"]


@dataclass(frozen=True, slots=True)
class Way:
    """What is done at the enrolment and at the look."""

    words: str
    flip: bool = True
    second: Second = "never"
    frames: int = 1
    weighed: bool = False
    flip_look: bool = False


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw.

    Attributes:
        names: Those who are asked for.
        references: Theirs, in that order.
        probes: Looks at them.
        owners: ``(P,)``; of each probe the place of its reference.
        rounds: Two: others who are enrolled as well, and as many strangers; then the other way round.
    """

    names: tuple[str, ...]
    references: list[Template]
    probes: list[Template]
    owners: Owners
    rounds: tuple[tuple[list[Template], list[Template]], ...]

    def by_person(self, of_probes: Floats) -> Floats:
        """Return the means ``(N, ...)`` of what was seen of each person's probes ``(P, ...)``."""
        return np.stack([of_probes[self.owners == owner].mean(axis=0) for owner in range(len(self.names))])


def drawn(people: People, way: Way, chance: np.random.Generator, *, least: int) -> Draw:
    """Draw who has which photograph enrolled.

    Args:
        people: All, with their photographs.
        way: How they are enrolled and looked at.
        chance: Decides.
        least: Captures without which nobody is asked for; ``CAPTURES`` are taken where there are as many.
    """
    many = {name: seen for name, seen in people.items() if len(seen) >= least + way.frames}
    single = [seen[0] for name, seen in people.items() if name not in many and seen]
    references: list[Template] = []
    probes: list[Template] = []
    owners: list[int] = []
    for owner, seen in enumerate(many.values()):
        order = [seen[place] for place in chance.permutation(len(seen)).tolist()]
        taken = min(CAPTURES, len(order) - way.frames)
        references.append(enrolled(order[:taken], way))
        rest = order[taken:]
        for start in range(0, len(rest) - way.frames + 1, way.frames):
            probes.append(average([one.template(flip=way.flip_look) for one in rest[start : start + way.frames]]))
            owners.append(owner)
    mixed = [single[place] for place in chance.permutation(len(single)).tolist()]
    halves = mixed[::2], mixed[1::2]
    rounds = tuple(
        ([enrolled([one], way) for one in others], [one.template(flip=way.flip_look) for one in unknown])
        for others, unknown in (halves, halves[::-1])
    )
    return Draw(tuple(many), references, probes, np.array(owners), rounds)


def enrolled(portraits: Sequence[Portrait], way: Way) -> Template:
    """Return what the kiosk keeps of several photographs."""
    one = average([portrait.template(flip=way.flip) for portrait in portraits])
    if not way.weighed:
        return one
    weights = np.array([float(portrait.plain @ portrait.mirrored) for portrait in portraits])
    summed = np.maximum(weights, 0.01) @ np.stack([portrait.template(flip=way.flip).vector for portrait in portraits])
    return Template(SFACE, np.asarray(summed / np.linalg.norm(summed), dtype=np.float32), second=one.second)

"""Three captures enrolled, as at a kiosk: who is missed where few strangers are named.

Everybody with photographs to spare is enrolled with up to three in each draw and asked for with the others. Everybody
else stands in the gallery with one photograph in one round, and is a stranger in the other; whoever is enrolled is a
stranger as well, once, with their own reference taken out. So each person is known and a stranger in every draw. Misses
are counted by person, not by photograph, and intervals are those of as many trials as there are people (Wilson, 95 %):
photographs of one person are alike, and more of them prove little more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models import SFACE, card
from vision.bench.as_shipped import print_as_shipped
from vision.bench.draws import CAPTURES, Owners, People, Way, drawn
from vision.bench.paper import progress, table
from vision.bench.portraits import Painter, people_in
from vision.bench.rates import Floats, wilson
from vision.matching import Template, operating_point
from vision.matching.matcher import FIRST_WEIGHT, GREY_BELOW, joined

SETS = ("lfw_dev", "johns", "bbt", "orl")
STUDIO = "orl"  # grey, small and even: easier than photographs of the press
DRAWS = 12
RATES = (0.003, 0.01, 0.03)

WAYS = (
    Way("one frame", flip=False),
    Way("mirrored at enrolment"),
    Way("  and at the look", flip_look=True),
    Way("  captures weighed by likeness to their mirror image", weighed=True),
    Way("  second model in the grey band", second="grey"),
    Way("  both models always", second="always"),
    Way("mirrored at enrolment and at the look, two frames", flip_look=True, frames=2),
    Way("mirrored, two frames", frames=2),
    Way("  second model in the grey band (the kiosk)", second="grey", frames=2),
    Way("  both models always", second="always", frames=2),
)


def print_enrolled(folder: Path, painter: Painter) -> None:
    """Print misses at fixed shares of strangers named, and those at the thresholds that the kiosk uses."""
    photos = {
        f"{each}/{name}": paths
        for each in SETS
        if (folder / each / "identities.csv").is_file()
        for name, paths in people_in(folder / each).items()
    }
    seen = painter.gallery((path for paths in photos.values() for path in paths), "enrolled")
    people = {name: [seen[path] for path in paths if path in seen] for name, paths in photos.items()}
    has_second = all(one.second is not None for one in seen.values())
    rows = []
    for way in progress([way for way in WAYS if has_second or way.second == "never"], "enrolled"):
        three, fewer = missed(people, way, least=CAPTURES), missed(people, way, least=1)
        press = np.array([not name.startswith(STUDIO) for name in three.names])
        low, high = wilson(three.rates[0], three.count)
        rows.append(
            [
                way.words,
                *(f"{share:.2%}" for share in three.rates),
                f"{low:.1%} to {high:.1%}",
                str(three.count),
                f"{three.shares[press, 0].mean():.2%} ({press.sum()})",
                f"{fewer.rates[0]:.2%} ({fewer.count})",
            ]
        )
    head = [f"{CAPTURES} captures, {DRAWS} draws", *(f"{rate:.1%}" for rate in RATES), "95 % at 0.3 %", "people"]
    print("FNIR at FPIR 0.3, 1 and 3 %; then at 0.3 %: of the press alone; with 1 to 3 captures (people)")
    print(table([*head, "press", "1 to 3"], rows), end="\n\n", flush=True)
    print_as_shipped(people, WAYS[-2] if has_second else WAYS[-3])


@dataclass(frozen=True, slots=True)
class Missed:
    """``shares`` is ``(P, R)``: of each person's looks those that are missed, at each rate of strangers named."""

    names: tuple[str, ...]
    shares: Floats

    @property
    def count(self) -> int:
        """How many people were asked for."""
        return len(self.names)

    @property
    def rates(self) -> list[float]:
        """FNIR at each rate, every person weighing alike."""
        return [float(share) for share in self.shares.mean(axis=0)]


def missed(people: People, way: Way, *, least: int, draws: int = DRAWS) -> Missed:
    """Return who is missed how often.

    Args:
        people: All, with their photographs.
        way: How they are enrolled and looked at.
        least: Captures below which nobody is enrolled for being asked for; at most ``CAPTURES`` are taken.
        draws: How often it is drawn anew which photographs are enrolled, and who else.
    """
    shares = []
    for seed in range(draws):
        draw = drawn(people, way, np.random.default_rng(seed), least=least)
        strangers: list[Floats] = []
        best: list[Floats] = []
        for others, unknown in draw.rounds:
            kept = [*draw.references, *others]
            best.append(_best_if_right(scored(draw.probes, kept, way), draw.owners))
            strangers.append(scored(unknown, kept, way).max(axis=1))
        strangers.append(_without_themselves(scored(draw.probes, kept, way), draw.owners))
        thresholds = np.quantile(np.concatenate(strangers), [1 - rate for rate in RATES], method="higher")
        lost = (np.stack(best)[..., None] <= thresholds).mean(axis=0)  # (rounds, probes, R) -> (probes, R)
        shares.append(draw.by_person(lost))
    return Missed(draw.names, np.mean(shares, axis=0))


def scored(probes: Sequence[Template], kept: Sequence[Template], way: Way) -> Floats:
    """Return the score ``(P, N)`` of each probe with each that is kept.

    In the grey band on the scale of cosines: whoever passes by the second model passes at the threshold that they would
    have needed from the first.
    """
    scores = np.asarray(
        np.stack([one.vector for one in probes]) @ np.stack([one.vector for one in kept]).T, dtype=float
    )
    if way.second == "never":
        return scores
    mine, theirs = _seconds(probes), _seconds(kept)
    squares = (mine**2).sum(axis=1)[:, None] + (theirs**2).sum(axis=1) - 2 * mine @ theirs.T
    both = joined(scores, np.sqrt(np.maximum(squares, 0)))
    if way.second == "always":
        return both
    point, sd = operating_point(len(kept)), card(SFACE).impostor_sd
    assert sd is not None  # noqa: S101 - the card of the first model states it
    saved = point.threshold + (both - point.fused_threshold) * sd / FIRST_WEIGHT
    return np.asarray(np.maximum(scores, np.minimum(scores + GREY_BELOW, saved)), dtype=np.float64)


def _seconds(templates: Sequence[Template]) -> Floats:
    return np.asarray(np.stack([one.second for one in templates if one.second is not None]), dtype=np.float64)


def _best_if_right(scores: Floats, owners: Owners) -> Floats:
    """Return the best score of each probe, and one that never passes where it is somebody else's."""
    return np.asarray(np.where(scores.argmax(axis=1) == owners, scores.max(axis=1), -np.inf), dtype=np.float64)


def _without_themselves(scores: Floats, owners: Owners) -> Floats:
    """Return how near each person, by their first probe, comes to anybody else."""
    scores[np.arange(len(owners)), owners] = -np.inf
    _, firsts = np.unique(owners, return_index=True)
    return np.asarray(scores[firsts].max(axis=1), dtype=np.float64)

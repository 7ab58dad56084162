"""Who is missed and how many strangers are named at the very thresholds that the kiosk uses."""

from collections.abc import Iterable, Sequence

import numpy as np

from models import SFACE
from vision.bench.draws import CAPTURES, Draw, People, Way, drawn
from vision.bench.many import MARGIN
from vision.bench.paper import progress, table
from vision.bench.rates import Flags, wilson
from vision.matching import (
    Gallery,
    Outcome,
    Recognised,
    ReferenceId,
    Template,
    fuse,
    identify,
    is_doubtful,
    operating_point,
)

DRAWS = 4
FEW = 10  # candidates: what four digits leave of a hundred thousand shoppers


def print_as_shipped(people: People, way: Way) -> None:
    """Print a row for few candidates, drawn anew for each look, and one for everybody."""
    rows = []
    for few in (FEW, None):
        shares, named, strangers, candidates = [], 0, 0, FEW
        for seed in progress(range(DRAWS), "as shipped"):
            chance = np.random.default_rng(seed)
            draw = drawn(people, way, chance, least=CAPTURES)
            for others, unknown in draw.rounds:
                kept = [*draw.references, *others]
                candidates = few or len(kept)
                shares.append(draw.by_person(np.where(_right(draw, kept, way, few, chance), 0.0, 1.0)))
                named += _named(unknown, kept, way, few, chance)
                strangers += len(unknown)
        missed = np.mean(shares, axis=0)
        low, high = wilson(float(missed.mean()), len(missed))
        from_, to = wilson(named / strangers, strangers // DRAWS)
        rows.append(
            [
                f"{candidates} candidates",
                f"{operating_point(candidates).threshold:.3f}",
                f"{missed.mean():.2%}",
                f"{low:.1%} to {high:.1%} ({len(missed)})",
                f"{named / strangers:.2%}",
                f"{from_:.2%} to {to:.2%} ({strangers // DRAWS:,})",
            ]
        )
    head = ["thresholds of the kiosk", "cosine", "missed", "95 % (people)", "strangers named", "95 % (strangers)"]
    print(table(head, rows), end="\n\n", flush=True)


def _right(draw: Draw, kept: Sequence[Template], way: Way, few: int | None, chance: np.random.Generator) -> Flags:
    """Return which probes ``(P,)`` are taken for their owner."""
    everybody = _gallery(kept, range(len(kept)))
    right = []
    for probe, owner in zip(draw.probes, draw.owners.tolist(), strict=True):
        gallery = everybody
        if few is not None:
            others = [place for place in chance.choice(len(kept), few, replace=False).tolist() if place != owner]
            gallery = _gallery(kept, [owner, *others[: few - 1]])
        outcome = _said(probe, gallery, way)
        right.append(isinstance(outcome, Recognised) and outcome.reference_id == str(owner))
    return np.array(right)


def _named(
    unknown: Sequence[Template], kept: Sequence[Template], way: Way, few: int | None, chance: np.random.Generator
) -> int:
    """Return how many of these strangers are taken for anybody."""
    everybody = _gallery(kept, range(len(kept)))

    def candidates() -> Gallery:
        return everybody if few is None else _gallery(kept, chance.choice(len(kept), few, replace=False).tolist())

    return sum(isinstance(_said(probe, candidates(), way), Recognised) for probe in unknown)


def _said(probe: Template, gallery: Gallery, way: Way) -> Outcome:
    """Decide as the kiosk does."""
    point = operating_point(len(gallery))
    outcome = identify(probe, gallery, threshold=point.threshold, margin=MARGIN)
    if way.second == "never" or not is_doubtful(outcome, point):
        return outcome
    return fuse(probe, gallery, point=point, margin=MARGIN)


def _gallery(kept: Sequence[Template], places: Iterable[int]) -> Gallery:
    return Gallery.of(SFACE, {ReferenceId(str(place)): kept[place] for place in places})

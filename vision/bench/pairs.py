"""The same person or not: pairs of photographs, in folds."""

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from vision.bench.pair_files import Pair
from vision.bench.paper import new_figure, table
from vision.bench.portraits import Painter, Portrait
from vision.bench.rates import (
    Flags,
    Floats,
    best_threshold,
    det_curve,
    equal_error,
    folded_accuracy,
    true_accepts,
    worst,
)
from vision.frame import Vector
from vision.matching.matcher import fused_scores

NAMED_AT_MOST = 20
BINS = 60

Way = Callable[[Portrait, Portrait], float]


def print_pairs(pairs: Sequence[Pair], painter: Painter, plot: Path | None) -> None:
    """Print how often each way of comparing is right; draw its errors and its scores if asked.

    A photograph that cannot be read, or that shows no face, is named, and its pairs count as wrong.
    """
    seen = painter.gallery((path for pair in pairs for path in (pair.left, pair.right)), "pairs")
    _print_lost(pairs, painter.lost)
    if not seen:
        return
    same, folds = np.array([pair.same for pair in pairs]), np.array([pair.fold for pair in pairs])
    there = np.array([pair.left in seen and pair.right in seen for pair in pairs])
    scores = {name: worst(same) for name in _ways(seen)}
    for name, way in _ways(seen).items():
        scores[name][there] = [way(seen[p.left], seen[p.right]) for p, met in zip(pairs, there, strict=True) if met]
    rows = []
    for name, each in scores.items():
        folded = folded_accuracy(each, same, folds)
        rows.append(
            [
                name,
                f"{folded.accuracy:.2%}",
                f"{folded.error:.2%}",
                f"{folded.threshold:.3f}",
                f"{equal_error(each, same):.2%}",
                *(f"{true_accepts(each, same, rate):.2%}" for rate in (1e-2, 1e-3)),
            ]
        )
    count = f"{same.sum():,} same, {(~same).sum():,} other, {len(np.unique(folds))} folds"
    print(table([f"pairs: {count}", "right", "s.e.", "threshold", "EER", "TAR at 1e-2", "1e-3"], rows), end="\n\n")
    if plot:
        draw(scores, same, plot)


def _print_lost(pairs: Sequence[Pair], lost: Mapping[Path, str]) -> None:
    mine = {path: why for pair in pairs for path in (pair.left, pair.right) if (why := lost.get(path)) is not None}
    if not mine:
        return
    for path, why in islice(sorted(mine.items()), NAMED_AT_MOST):
        print(f"{path.parent.name}/{path.name} {why}")
    if len(mine) > NAMED_AT_MOST:
        print(f"... and {len(mine) - NAMED_AT_MOST} more photographs")
    spoilt = sum(pair.left in mine or pair.right in mine for pair in pairs)
    print(f"{spoilt} of {len(pairs)} pairs hold one of these {len(mine)} photographs and count as wrong\n")


def _ways(seen: Mapping[Path, Portrait]) -> dict[str, Way]:
    def first(one: Portrait, other: Portrait) -> float:
        return float(one.plain @ other.plain)

    def first_mirrored(one: Portrait, other: Portrait) -> float:
        return float(one.template(flip=True).vector @ other.template(flip=True).vector)

    def second(one: Portrait, other: Portrait) -> float:
        return -float(np.linalg.norm(_second(one) - _second(other)))

    def both(one: Portrait, other: Portrait) -> float:
        return float(fused_scores([first(one, other)], _second(one), _second(other)[None])[0])

    def both_mirrored(one: Portrait, other: Portrait) -> float:
        mine, theirs = _second(one, flip=True), _second(other, flip=True)
        return float(fused_scores([first_mirrored(one, other)], mine, theirs[None])[0])

    ways: dict[str, Way] = {"SFace": first, "SFace, mirrored too": first_mirrored}
    if all(portrait.second is not None for portrait in seen.values()):
        ways |= {"face_recognition (dlib)": second, "both": both, "both, mirrored too": both_mirrored}
    return ways


def _second(portrait: Portrait, *, flip: bool = False) -> Vector:
    assert portrait.second is not None  # noqa: S101 - the caller has seen to it
    assert portrait.second_mirrored is not None  # noqa: S101 - likewise
    mean = (portrait.second + portrait.second_mirrored) / 2 if flip else portrait.second
    return np.asarray(mean, dtype=np.float32)


def draw(scores: Mapping[str, Floats], same: Flags, path: Path) -> None:
    """Draw the DET curves down to half a pair, and how the scores of both kinds lie beside the threshold."""
    figure = new_figure(12, 5)
    curves, heaps = figure.subplots(1, 2)
    least_passed, least_refused = 0.5 / float((~same).sum()), 0.5 / float(same.sum())
    for name, each in scores.items():
        passed, refused = det_curve(each, same)
        curves.plot(np.maximum(passed, least_passed), np.maximum(refused, least_refused), label=name)
    curves.set(
        xscale="log",
        yscale="log",
        xlim=(least_passed, 1),
        ylim=(least_refused, 1),
        xlabel=f"false accepts, of {(~same).sum():,} pairs of two people",
        ylabel=f"false rejects, of {same.sum():,} pairs of one",
        title="DET (the axes end at half a pair)",
    )
    curves.grid(alpha=0.3)
    curves.legend(fontsize=8)
    name, each = list(scores.items())[-1]
    there = np.isfinite(each)
    bins = np.linspace(each[there].min(), each[there].max(), BINS)
    for kind, shown in (("one person", each[same & there]), ("two people", each[~same & there])):
        heaps.hist(shown, bins=bins, density=True, alpha=0.6, label=kind)
    heaps.axvline(best_threshold(each, same), color="black", linewidth=1, label="best threshold")
    heaps.set(xlabel=f"score, {name}", ylabel="density", title="Scores")
    heaps.legend(fontsize=8)
    figure.savefig(path)

"""Error rates of scores, the words of which are those of ISO/IEC 19795-1."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Folded:
    """Accuracy, the mean of all folds, and its standard error; shares 0..1."""

    accuracy: float
    error: float


def folded_accuracy(scores: Floats, same: Flags, folds: npt.NDArray[np.int64]) -> Folded:
    """Return the share decided right, both kinds weighing alike; a threshold of all other folds, judged on each one."""
    right: list[float] = []
    for fold in np.unique(folds):
        known, asked = folds != fold, folds == fold
        threshold = best_threshold(scores[known], same[known])
        right.append(_balanced(scores[asked], same[asked], threshold))
    return Folded(float(np.mean(right)), float(np.std(right, ddof=1) / np.sqrt(len(right))) if len(right) > 1 else 0.0)


def best_threshold(scores: Floats, same: Flags) -> float:
    """Return the middle of the widest threshold that decides most rightly, both kinds weighing alike."""
    order = np.sort(scores)
    edges = np.concatenate(([order[0] - 1e-6], (order[1:] + order[:-1]) / 2, [order[-1] + 1e-6]))
    genuine, impostors = np.sort(scores[same]), np.sort(scores[~same])
    passed = 1 - np.searchsorted(genuine, edges) / len(genuine)
    refused = np.searchsorted(impostors, edges) / len(impostors)
    balanced = (passed + refused) / 2
    best = np.flatnonzero(balanced >= balanced.max() - 1e-12)
    return float((edges[best[0]] + edges[best[-1]]) / 2)


def equal_error(scores: Floats, same: Flags) -> float:
    """Return the rate at which as many impostors pass as people are refused."""
    edges = np.unique(scores)
    genuine, impostors = np.sort(scores[same]), np.sort(scores[~same])
    refused = np.searchsorted(genuine, edges) / len(genuine)
    passed = 1 - np.searchsorted(impostors, edges) / len(impostors)
    return float(np.maximum(refused, passed).min())


def true_accepts(scores: Floats, same: Flags, rate: float) -> float:
    """Return the share of people who pass at the threshold that a share of ``rate`` of impostors reaches."""
    impostors = np.sort(scores[~same])
    threshold = impostors[min(int(np.ceil(len(impostors) * (1 - rate))), len(impostors) - 1)]
    return float((scores[same] > threshold).mean())


def det_curve(scores: Floats, same: Flags) -> tuple[Floats, Floats]:
    """Return false accepts and false rejects at every threshold, for a plot."""
    edges = np.unique(scores)
    passed = 1 - np.searchsorted(np.sort(scores[~same]), edges) / (~same).sum()
    refused = np.searchsorted(np.sort(scores[same]), edges) / same.sum()
    return passed, refused


def _balanced(scores: Floats, same: Flags, threshold: float) -> float:
    said = scores >= threshold
    parts = [said[same].mean()] if same.any() else []
    parts += [(~said[~same]).mean()] if (~same).any() else []
    return float(np.mean(parts))

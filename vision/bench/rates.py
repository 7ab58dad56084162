"""Error rates of scores, the words of which are those of ISO/IEC 19795-1."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Folded:
    """Accuracy, the mean of all folds, its standard error (shares 0..1), and the mean of the thresholds chosen."""

    accuracy: float
    error: float
    threshold: float


def folded_accuracy(scores: Floats, same: Flags, folds: npt.NDArray[np.int64]) -> Folded:
    """Return the share decided right, both kinds weighing alike; a threshold of all other folds, judged on each one."""
    right: list[float] = []
    thresholds: list[float] = []
    for fold in np.unique(folds):
        known, asked = folds != fold, folds == fold
        thresholds.append(best_threshold(scores[known], same[known]))
        right.append(_balanced(scores[asked], same[asked], thresholds[-1]))
    error = float(np.std(right, ddof=1) / np.sqrt(len(right))) if len(right) > 1 else 0.0
    return Folded(float(np.mean(right)), error, float(np.mean(thresholds)))


def worst(same: Flags) -> Floats:
    """Return what a pair scores that could not be compared: always the wrong thing, at any threshold."""
    return np.where(same, -np.inf, np.inf)


def best_threshold(scores: Floats, same: Flags) -> float:
    """Return the middle of the widest gap in which a threshold decides most rightly, both kinds weighing alike."""
    there = np.isfinite(scores)
    genuine, impostors = np.sort(scores[there & same]), np.sort(scores[there & ~same])
    order = np.unique(scores[there])
    edges = np.concatenate(([order[0] - 1e-6], (order[1:] + order[:-1]) / 2, [order[-1] + 1e-6]))
    below = np.concatenate(([order[0] - 2e-6], order))  # edge i lies between below[i] and below[i + 1]
    passed = 1 - np.searchsorted(genuine, edges) / len(genuine)
    refused = np.searchsorted(impostors, edges) / len(impostors)
    balanced = (passed + refused) / 2
    best = balanced >= balanced.max() - 1e-12
    runs = np.split(np.flatnonzero(best), np.flatnonzero(np.diff(np.flatnonzero(best)) > 1) + 1)
    above = np.append(order, order[-1] + 2e-6)
    widest = max(runs, key=lambda run: float(above[run[-1]] - below[run[0]]))
    return float((above[widest[-1]] + below[widest[0]]) / 2)


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


def wilson(share: float, trials: int) -> tuple[float, float]:
    """Return between what a share of so many trials lies, 95 %.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
    """
    z = 1.96
    middle = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * float(np.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)))
    return max(middle - half, 0.0), min(middle + half, 1.0)

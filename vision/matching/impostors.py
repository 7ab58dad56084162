"""How alike different people look to the model, as this store has seen it.

Whenever somebody is recognised, every other candidate was an impostor, and their scores are counted. The histogram
holds counts only: no face, no person, no time can be told from it. It grows in a file of the kiosk and sets the
threshold.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from models import ModelId
from vision.errors import HistogramMalformedError

BINS = 400  # of 0.005 each, from -1 to 1
ENOUGH_BEYOND = (
    10  # impostors beyond a threshold before its rate is believed; the bound below is then 1.7 times the rate
)
LEAST_PAIRS = 10_000
PER_DECADE = 0.05  # cosine; how far the tail of impostors moves for a tenth of them (LFW, 29.6 million pairs)
_VERSION = 1


@dataclass(frozen=True, slots=True, eq=False)
class ImpostorHistogram:
    """Scores of different people: ``counts`` is ``(BINS,)`` int64, the lowest first."""

    model_id: ModelId
    counts: npt.NDArray[np.int64]

    @classmethod
    def empty(cls, model_id: ModelId) -> "ImpostorHistogram":
        """Return one that has seen nobody."""
        return cls(model_id, np.zeros(BINS, dtype=np.int64))

    @property
    def pairs(self) -> int:
        """How many comparisons it has seen."""
        return int(self.counts.sum())

    def grown(self, scores: npt.NDArray[np.float32]) -> "ImpostorHistogram":
        """Return it with these cosines ``(N,)`` counted."""
        places = np.clip(((scores.astype(np.float64) + 1) / 2 * BINS).astype(np.int64), 0, BINS - 1)
        return ImpostorHistogram(self.model_id, self.counts + np.bincount(places, minlength=BINS))

    def threshold(self, rate: float, *, at_least: float) -> float | None:
        """Return the least cosine that at most ``rate`` of impostors reach, on the safe side.

        Safe: the upper end of what the count allows (95 %, Poisson) must be below the rate. Where so rare a rate cannot
        be told yet, the rarest one that can is carried on by ``PER_DECADE``.

        Args:
            rate: Share of impostors, 0..1.
            at_least: Never less than this cosine.

        Returns:
            None while fewer than ``LEAST_PAIRS`` were seen.
        """
        if self.pairs < LEAST_PAIRS:
            return None
        beyond = self.counts[::-1].cumsum()[::-1]  # (BINS,): impostors in this bin or above
        safe = (beyond + 1.645 * np.sqrt(beyond + 1.0) + 1.35) / self.pairs  # (BINS,), falling
        told = beyond >= ENOUGH_BEYOND
        within = np.nonzero(told & (safe <= rate))[0]
        if len(within):
            edge, decades = int(within[0]), 0.0
        else:
            edge = int(np.nonzero(told)[0][-1])
            decades = max(math.log10(safe[edge] / rate), 0.0)
        return max(edge / BINS * 2 - 1 + PER_DECADE * decades, at_least)

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        text = json.dumps({"version": _VERSION, "model_id": self.model_id, "counts": self.counts.tolist()})
        beside = path.with_suffix(".new")
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)

    @classmethod
    def load(cls, path: Path, model_id: ModelId) -> "ImpostorHistogram":
        """Return the histogram of a file; an empty one where there is no file, or one of another model.

        Raises:
            HistogramMalformedError: The file holds something else.
        """
        if not path.exists():
            return cls.empty(model_id)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            counts = np.array(content["counts"], dtype=np.int64)
            version, of = content["version"], content["model_id"]
        except (ValueError, KeyError, TypeError, OverflowError) as problem:
            raise HistogramMalformedError(f"{path.name} holds no histogram.") from problem
        if version != _VERSION or counts.shape != (BINS,) or (counts < 0).any():
            raise HistogramMalformedError(f"{path.name} holds no histogram of this version.")
        return cls(model_id, counts) if of == model_id else cls.empty(model_id)

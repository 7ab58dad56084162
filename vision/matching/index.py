"""All templates of a store, searched one by one: exact, up to a million.

An approximate index would save half a millisecond at a shop's size and lose customers: measured on nearly even
templates, a graph index found the right one of 100 000 in 58 to 65 of 100 searches. Two forms: ``FLOAT`` gives the
scores of ``identify``, ``BYTE`` takes a quarter of the memory and a third of the time. Both read every row once, at
nearly the speed at which the memory gives it (``python -m vision.bench index`` measures both in one run).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import numpy as np
import numpy.typing as npt
import simsimd

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.gallery import ReferenceId
from vision.matching.template import Template

BLOCK_ROWS = 32_768  # their scores (256 kB) stay in the second cache until they are scaled and the best are taken
SMALL_ROWS = 20_000  # so many floats fit the caches, and there NumPy's product takes 0.08 ms, simsimd's 0.11
TAKEN_ONE_BY_ONE = (
    16  # of a block: usually 1 to 3 are near enough, and a search for the next takes a sixth of one for all
)
_LEVELS = 127.0


class Form(StrEnum):
    """How a template is kept."""

    FLOAT = "float"  # 4 bytes a number; scores are those of ``identify``
    BYTE = "byte"  # 1 byte a number and a scale a row: a score is off by 0.005 at most, for the row alone was rounded


@dataclass(frozen=True, slots=True)
class Hit:
    """One of the two nearest; ``score`` is a cosine."""

    reference_id: ReferenceId
    score: float


class TemplateIndex:
    """Templates of one model that come and go. For one thread.

    Memory: ``bytes_held``; rows are kept a quarter ahead of need, so that a newcomer costs no copy of everything.
    """

    def __init__(self, model_id: ModelId, dimension: int, *, form: Form = Form.FLOAT, capacity: int = 1024) -> None:
        """Start empty, with room for ``capacity`` templates of ``dimension`` numbers each."""
        self.model_id = model_id
        self.form = form
        self._ids: list[ReferenceId] = []
        self._places: dict[ReferenceId, int] = {}
        kind = np.float32 if form is Form.FLOAT else np.int8
        self._rows: npt.NDArray[np.float32 | np.int8] = np.zeros((max(capacity, 1), dimension), dtype=kind)
        self._scales = np.zeros(len(self._rows) if form is Form.BYTE else 0, dtype=np.float32)
        self._small = np.empty(SMALL_ROWS, dtype=np.float32)  # where the scores of few are written, search after search

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, reference_id: ReferenceId) -> bool:
        return reference_id in self._places

    @property
    def bytes_held(self) -> int:
        """Bytes of all rows, those in reserve as well; the ids come on top."""
        return int(self._rows.nbytes + self._scales.nbytes)

    def put(self, reference_id: ReferenceId, template: Template) -> None:
        """Add a template, or replace the one under this id.

        Raises:
            ModelMismatchError: It is of another model.
        """
        if template.model_id != self.model_id:
            raise ModelMismatchError(expected=self.model_id, found=template.model_id)
        place = self._places.get(reference_id)
        if place is None:
            place = len(self._ids)
            self._make_room(place + 1)
            self._ids.append(reference_id)
            self._places[reference_id] = place
        self._write(place, template.vector)

    def remove(self, reference_id: ReferenceId) -> None:
        """Forget a template at once: the next search does not see it and its numbers are overwritten.

        Unknown ids are no error. The last row moves into the gap.
        """
        place = self._places.pop(reference_id, None)
        if place is None:
            return
        last = len(self._ids) - 1
        moved = self._ids.pop()
        if place != last:
            self._rows[place] = self._rows[last]
            self._ids[place] = moved
            self._places[moved] = place
        self._rows[last] = 0
        if self.form is Form.BYTE:
            self._scales[place] = self._scales[last]
            self._scales[last] = 0

    def nearest(self, probe: Template) -> tuple[Hit, ...]:
        """Return the two nearest templates, the nearest first; fewer where there are fewer.

        Raises:
            ModelMismatchError: The probe is of another model.
        """
        if probe.model_id != self.model_id:
            raise ModelMismatchError(expected=self.model_id, found=probe.model_id)
        if not self._ids:
            return ()
        near = self._near(probe.vector)
        if self.form is Form.BYTE:
            near = self._again([row for _, row in near], probe.vector)
        near.sort(key=_best_first)
        return tuple(Hit(self._ids[row], score) for score, row in near[:2])

    def _near(self, probe: npt.NDArray[np.float32]) -> list[tuple[float, int]]:
        """Return scores and rows of some, among whom the two nearest are.

        In bytes the probe is rounded as well. That moves no score by more than the length of what was rounded away
        (Cauchy and Schwarz; a row is of unit length to within a hundredth): whoever is that near counts.
        """
        count, slack, at_most = len(self._ids), 0.0, 2
        asked: npt.NDArray[np.float32 | np.int8] = probe
        if self.form is Form.BYTE:
            levels, scale = _rounded(probe)
            # In units of the probe's scale, which then need not be multiplied with every score.
            asked, at_most = levels, TAKEN_ONE_BY_ONE
            slack = 2.02 * float(np.linalg.norm(probe - levels * scale)) / float(scale)
        near: list[tuple[float, int]] = []
        second = first = -math.inf  # the best scores so far
        for start in range(0, count, BLOCK_ROWS):
            scores = self._scored(asked, slice(start, min(start + BLOCK_ROWS, count)))
            for _ in range(at_most):
                place = int(scores.argmax())
                score = float(scores[place])
                if score < second - slack or score == -math.inf:  # nobody near, or nobody, is left
                    break
                near.append((score, start + place))
                first, second = max(first, score), max(second, min(first, score))
                scores[place] = -math.inf
            else:
                if slack:  # many are alike
                    more = np.flatnonzero(scores >= second - slack)
                    near += zip(scores[more].tolist(), (start + more).tolist(), strict=True)
        return near

    def _scored(self, asked: npt.NDArray[np.float32 | np.int8], place: slice) -> npt.NDArray[np.floating]:
        """Return the scores of a block, which are the caller's to change; in bytes without the probe's scale."""
        if self.form is Form.FLOAT and len(self._ids) <= SMALL_ROWS:
            return np.dot(self._rows[place], asked, out=self._small[place])  # (n, D) @ (D,) -> (n,)
        # One with many: a tenth quicker than ``cdist``. Never with ``out=``: simsimd 6.5.16 then gives back a None that
        # it does not own, and Python ends.
        # Of bytes simsimd gives doubles; anything else costs a conversion of each.
        wide: Literal["float32", "float64"] = "float32" if self.form is Form.FLOAT else "float64"
        scores = np.asarray(simsimd.dot(asked[None], self._rows[place], out_dtype=wide))
        if self.form is Form.BYTE:
            scores *= self._scales[place]
        return scores

    def _again(self, rows: list[int], probe: npt.NDArray[np.float32]) -> list[tuple[float, int]]:
        """Return the scores of stored bytes with the probe as it is."""
        scores = self._rows[rows].astype(np.float32) @ probe * self._scales[rows]
        return list(zip(scores.tolist(), rows, strict=True))

    def _write(self, place: int, vector: npt.NDArray[np.float32]) -> None:
        if self.form is Form.FLOAT:
            self._rows[place] = vector
            return
        self._rows[place], self._scales[place] = _rounded(vector)

    def _make_room(self, needed: int) -> None:
        if needed <= len(self._rows):
            return
        grown = max(needed, len(self._rows) * 5 // 4)
        rows = np.zeros((grown, self._rows.shape[1]), dtype=self._rows.dtype)
        rows[: len(self._rows)] = self._rows
        self._rows[:] = 0  # the old copy must not outlive a later removal
        self._rows = rows
        if self.form is Form.BYTE:
            scales = np.zeros(grown, dtype=np.float32)
            scales[: len(self._scales)] = self._scales
            self._scales = scales


def _rounded(vector: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], np.float32]:
    """Return a vector as whole numbers from -127 to 127, and what one of them is worth."""
    scale = np.float32(np.abs(vector).max() / _LEVELS)
    return np.rint(vector / scale).astype(np.int8), scale


def _best_first(scored: tuple[float, int]) -> tuple[float, int]:
    """Order by score; of equals the one that stands first."""
    score, row = scored
    return -score, row

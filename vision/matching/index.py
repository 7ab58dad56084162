"""All templates of a store, searched one by one: exact, up to a million.

An approximate index would save half a millisecond at a shop's size and lose customers: measured on nearly even
templates, a graph index found the right one of 100 000 in 58 to 65 of 100 searches. Two forms: ``FLOAT`` gives the
scores of ``identify``, ``BYTE`` takes a quarter of the memory and a third of the time. Both read every row once, at
nearly the speed at which the memory gives it (``python -m vision.bench index`` measures both in one run).
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import simsimd

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.gallery import ReferenceId
from vision.matching.template import Template

BLOCK_ROWS = 65_536  # their scores (256 kB) stay in the second cache until they are scaled
SMALL_ROWS = 20_000  # so many floats fit the caches, and there NumPy's product takes 0.08 ms, simsimd's 0.13
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
        scores = self._scores(probe.vector)  # (N,)
        places = _top_two(scores)
        if self.form is Form.BYTE:
            places = self._settled(probe.vector, scores, float(scores[places[1]]))
        hits = tuple(Hit(self._ids[place], float(scores[place])) for place in places)
        return hits[: len(self._ids)]

    def _scores(self, probe: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return all cosines ``(N,)``; in bytes those of the rounded probe, which ``_settled`` puts right."""
        count = len(self._ids)
        if self.form is Form.FLOAT and count <= SMALL_ROWS:
            return np.asarray(self._rows[:count] @ probe, dtype=np.float32)  # (N, D) @ (D,) -> (N,)
        scores = np.empty(count, dtype=np.float32)
        asked, scale = (probe, np.float32(1)) if self.form is Form.FLOAT else _rounded(probe)
        for start in range(0, count, BLOCK_ROWS):
            place = slice(start, min(start + BLOCK_ROWS, count))
            # Never with ``out=``: simsimd 6.5.16 then gives back a None that it does not own, and Python ends.
            product = np.asarray(simsimd.cdist(asked[None], self._rows[place], metric="dot", out_dtype="float32"))[0]
            if self.form is Form.FLOAT:
                scores[place] = product
            else:
                np.multiply(product, self._scales[place] * scale, out=scores[place])
        return scores

    def _settled(
        self, probe: npt.NDArray[np.float32], scores: npt.NDArray[np.float32], second: float
    ) -> tuple[int, int]:
        """Return the two nearest rows by the probe as it is, given the scores of the rounded one.

        Rounding moves no score by more than the length of what was rounded away (Cauchy and Schwarz; a row is of unit
        length to within a hundredth). Whoever is that near to the second place is scored again, in ``scores``.
        """
        levels, scale = _rounded(probe)
        slack = 1.01 * float(np.linalg.norm(probe - levels * scale)) + 1e-6
        near = np.flatnonzero(scores >= second - 2 * slack)
        scores[near] = (self._rows[near] @ probe) * self._scales[near]
        first, runner_up = _top_two(scores[near])
        return int(near[first]), int(near[runner_up])

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


def _top_two(scores: npt.NDArray[np.float32]) -> tuple[int, int]:
    """Return the places of the two largest, the same one twice where there is one; of equals the first."""
    first = int(scores.argmax())
    best = scores[first]
    scores[first] = -np.inf
    second = int(scores.argmax())
    scores[first] = best
    return first, second if len(scores) > 1 else first

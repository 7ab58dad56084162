"""All templates of a store, searched one by one: exact, up to a million.

An approximate index would save half a millisecond at a shop's size and lose customers: measured on nearly even
templates, a graph index found the right one of 100 000 in 58 to 65 of 100 searches. Two forms: ``FLOAT`` gives the
scores of ``identify``, ``BYTE`` takes a quarter of the memory and a third of the time. Both read every template once,
at nearly the speed at which the memory gives it (``python -m vision.bench index`` measures both in one run).
"""

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.gallery import ReferenceId
from vision.matching.kept_rows import ByteRows, FloatColumns, Vector
from vision.matching.template import Template

TAKEN_ONE_BY_ONE = (
    16  # of a block: usually 1 to 3 are near enough, and a search for the next takes a sixth of one for all
)


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

    Memory: ``bytes_held``, in blocks of 8 MB (floats) or 17 MB (bytes); the ids come on top.
    """

    def __init__(self, model_id: ModelId, dimension: int, *, form: Form = Form.FLOAT) -> None:
        """Start empty, for templates of ``dimension`` numbers each."""
        self.model_id = model_id
        self.form = form
        self._ids: list[ReferenceId] = []
        self._places: dict[ReferenceId, int] = {}
        self._kept: FloatColumns | ByteRows = FloatColumns(dimension) if form is Form.FLOAT else ByteRows(dimension)

    def __len__(self) -> int:
        return len(self._ids)

    def __contains__(self, reference_id: ReferenceId) -> bool:
        return reference_id in self._places

    @property
    def bytes_held(self) -> int:
        """Bytes of all templates, those yet to come as far as there is room for them; the ids come on top."""
        return self._kept.bytes_held

    def put(self, reference_id: ReferenceId, template: Template) -> None:
        """Add a template, or replace the one under this id.

        Raises:
            ModelMismatchError: It is of another model.
        """
        if template.model_id != self.model_id:
            raise ModelMismatchError(expected=self.model_id, found=template.model_id)
        place = self._places.get(reference_id, len(self._ids))
        self._kept.write(place, template.vector)
        if place == len(self._ids):
            self._ids.append(reference_id)
            self._places[reference_id] = place

    def remove(self, reference_id: ReferenceId) -> None:
        """Forget a template at once: the next search does not see it and its numbers are overwritten.

        Unknown ids are no error. The last template moves into the gap.
        """
        place = self._places.pop(reference_id, None)
        if place is None:
            return
        last = len(self._ids) - 1
        moved = self._ids.pop()
        if place != last:
            self._kept.move(last, place)
            self._ids[place] = moved
            self._places[moved] = place
        self._kept.wipe(last)

    def nearest(self, probe: Template) -> tuple[Hit, ...]:
        """Return the two nearest templates, the nearest first; fewer where there are fewer.

        Of equals the one that stands first.

        Raises:
            ModelMismatchError: The probe is of another model.
        """
        if probe.model_id != self.model_id:
            raise ModelMismatchError(expected=self.model_id, found=probe.model_id)
        near = self._near(probe.vector)
        scores = self._kept.again(near, probe.vector)
        best = sorted(zip(near, scores, strict=True), key=_best_first)[:2]
        return tuple(Hit(self._ids[place], score) for place, score in best)

    def _near(self, probe: Vector) -> list[int]:
        """Return the places of some, among whom the two nearest are."""
        asked, slack = self._kept.asked(probe)
        at_most = TAKEN_ONE_BY_ONE if slack else 2
        near: list[int] = []
        second = first = -math.inf  # the best scores so far
        for start, scores in self._kept.scores(asked, len(self._ids)):
            for _ in range(at_most):
                place = int(scores.argmax())
                score = float(scores[place])
                if score < second - slack or score == -math.inf:  # nobody near, or nobody, is left
                    break
                near.append(start + place)
                first, second = max(first, score), max(second, min(first, score))
                scores[place] = -math.inf
            else:
                if slack:  # many are alike
                    near += (start + np.flatnonzero(scores >= second - slack)).tolist()
        return near


def _best_first(placed: tuple[int, float]) -> tuple[float, int]:
    place, score = placed
    return -score, place

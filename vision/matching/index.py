"""All templates of a store, searched one by one: exact, up to a million.

An approximate index would save half a millisecond at a shop's size and lose customers: measured on nearly even
templates, a graph index found the right one of 100 000 in 58 to 65 of 100 searches. Two forms: ``FLOAT`` gives the
scores of ``identify``, ``BYTE`` takes a fifth of the memory. Both scan one byte a number, at nearly the speed at which
the memory gives it (``python -m vision.bench index`` measures both in one run), and score those again whom that leaves.
"""

from collections.abc import Mapping
from enum import StrEnum
from itertools import count
from threading import Lock
from typing import NamedTuple

import numpy as np

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.gallery import ReferenceId
from vision.matching.kept_columns import ByteColumns, FloatsBehind, Vector
from vision.matching.template import Template

AT_ONCE = 2048  # templates that are rounded together, in 3 MB
NOBODY = -(1 << 30)  # less than any product: of somebody who is taken out
ONE_BY_ONE = 4  # of a block are looked for; where more are as near, all products are gone through once for the rest


class Form(StrEnum):
    """How a template is kept."""

    FLOAT = "float"  # 4 bytes a number and the byte that is scanned; scores are those of ``identify``
    BYTE = "byte"  # 1 byte a number and a scale a row: a score is off by 0.005 at most, for the row alone was rounded


class Hit(NamedTuple):
    """One of the two nearest; ``score`` is a cosine."""

    reference_id: ReferenceId
    score: float


class TemplateIndex:
    """Templates of one model that come and go. Several threads may use it: one waits for the other.

    Memory: ``bytes_held``, which is 132 bytes a template of 128 numbers, 644 with floats, and up to a twentieth
    more for the next to come (of floats, 8 MB); the ids come on top.
    """

    def __init__(self, model_id: ModelId, dimension: int, *, form: Form = Form.FLOAT) -> None:
        """Start empty, for templates of ``dimension`` numbers each."""
        self.model_id = model_id
        self.form = form
        self._ids: list[ReferenceId] = []
        self._places: dict[ReferenceId, int] = {}
        self._kept = FloatsBehind(dimension) if form is Form.FLOAT else ByteColumns(dimension)
        self._lock = Lock()

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
        self.put_all({reference_id: template})

    def put_all(self, templates: Mapping[ReferenceId, Template]) -> None:
        """Add many templates, or replace those under these ids; ten times quicker than one by one.

        Raises:
            ModelMismatchError: One is of another model; then none is added.
        """
        for template in templates.values():
            if template.model_id != self.model_id:
                raise ModelMismatchError(expected=self.model_id, found=template.model_id)
        with self._lock:
            fresh = [reference_id for reference_id in templates if reference_id not in self._places]
            for reference_id in templates.keys() - set(fresh):
                self._kept.write(self._places[reference_id], templates[reference_id].vector[None])
            for begin in range(0, len(fresh), AT_ONCE):
                some = fresh[begin : begin + AT_ONCE]
                self._kept.write(len(self._ids), np.stack([templates[reference_id].vector for reference_id in some]))
                self._places.update(zip(some, count(len(self._ids)), strict=False))  # counting has no end
                self._ids += some

    def remove(self, reference_id: ReferenceId) -> None:
        """Forget a template at once: the next search does not see it and its numbers are overwritten.

        Unknown ids are no error. The last template moves into the gap.
        """
        with self._lock:
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
        with self._lock:
            scored = self._kept.again(self._near(probe.vector), probe.vector)
            scored.sort(reverse=True)
            return tuple([Hit(self._ids[-minus], score) for score, minus in scored[:2]])

    def _near(self, probe: Vector) -> list[int]:
        """Return the places of a few among whom the two nearest are."""
        slack = self._kept.ask(probe)
        near: list[tuple[int, int]] = []  # product and place
        first = second = NOBODY + 1 + slack  # the best products so far; nobody is as near as the second less the slack
        for start, products in self._kept.products(len(self._ids)):
            for _ in range(ONE_BY_ONE):
                best = products.argmax()
                most = products.item(best)
                if most < second - slack:
                    break
                products[best] = NOBODY
                near.append((most, start + best.item()))
                if most > first:
                    first, second = most, first
                elif most > second:
                    second = most
            else:
                left = (products >= second - slack).nonzero()[0]
                near += zip(products[left].tolist(), (start + left).tolist(), strict=True)
        least = second - slack
        return [place for product, place in near if product >= least]

"""The references that a probe is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import NewType

import numpy as np
import numpy.typing as npt

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.template import Template, Vector

ABOVE_LOOK_ALIKE = (
    0.10  # cosine; another picture of a twin may be closer by that much (the pair that was met: 0.54, 0.75)
)
FLOOR_AT_MOST = 0.90  # of the same person's photographs one in a hundred is as close: they have their code and PIN

ReferenceId = NewType("ReferenceId", str)


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """References of one model, side by side.

    Attributes:
        vectors: ``(N, D)`` float32; row i belongs to ``reference_ids[i]``, as in all that follows.
        seconds: The second model's vectors, where there are any.
        lifts: ``(N,)`` float32; what is asked of each beyond the threshold (``Template.lift``).
        floors: ``(N,)`` float32; what is asked of each at least, whatever the threshold: above its nearest look-alike.
    """

    model_id: ModelId
    reference_ids: tuple[ReferenceId, ...]
    vectors: npt.NDArray[np.float32]
    seconds: tuple[Vector | None, ...]
    lifts: npt.NDArray[np.float32]
    floors: npt.NDArray[np.float32]

    @classmethod
    def of(
        cls,
        model_id: ModelId,
        references: Mapping[ReferenceId, Template],
        *,
        likeness: Mapping[ReferenceId, float] = MappingProxyType({}),
    ) -> "Gallery":
        """Lay references side by side.

        Args:
            model_id: Of all of them.
            references: The people.
            likeness: Of those who were flagged at enrolment, the score of the person who looks most like them
                (``look_alikes``). That person may not be among the candidates, and must not pass for them.

        Raises:
            ModelMismatchError: One of them is of another model.
        """
        for template in references.values():
            if template.model_id != model_id:
                raise ModelMismatchError(expected=model_id, found=template.model_id)
        rows = [template.vector for template in references.values()]
        vectors = np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)
        return cls(
            model_id,
            tuple(references),
            vectors,
            tuple(template.second for template in references.values()),
            np.array([template.lift for template in references.values()], dtype=np.float32),
            np.array([_floor(likeness.get(reference_id)) for reference_id in references], dtype=np.float32),
        )

    def __len__(self) -> int:
        return len(self.reference_ids)

    def without(self, forgotten: Iterable[ReferenceId]) -> "Gallery":
        """Return the gallery without some references; unknown ones are no error."""
        gone = set(forgotten)
        kept = [index for index, reference_id in enumerate(self.reference_ids) if reference_id not in gone]
        return Gallery(
            self.model_id,
            tuple(self.reference_ids[index] for index in kept),
            self.vectors[kept],
            tuple(self.seconds[index] for index in kept),
            self.lifts[kept],
            self.floors[kept],
        )


def _floor(likeness: float | None) -> float:
    return -1.0 if likeness is None else min(likeness + ABOVE_LOOK_ALIKE, FLOOR_AT_MOST)

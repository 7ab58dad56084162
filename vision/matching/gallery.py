"""The references that a probe is compared with."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NewType

import numpy as np
import numpy.typing as npt

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.template import Template, Vector

ReferenceId = NewType("ReferenceId", str)


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """References of one model: ``vectors`` is ``(N, D)`` float32, row i belongs to ``reference_ids[i]``."""

    model_id: ModelId
    reference_ids: tuple[ReferenceId, ...]
    vectors: npt.NDArray[np.float32]
    seconds: tuple[Vector | None, ...]

    @classmethod
    def of(cls, model_id: ModelId, references: Mapping[ReferenceId, Template]) -> "Gallery":
        """Lay references side by side.

        Raises:
            ModelMismatchError: One of them is of another model.
        """
        for template in references.values():
            if template.model_id != model_id:
                raise ModelMismatchError(expected=model_id, found=template.model_id)
        rows = [template.vector for template in references.values()]
        vectors = np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)
        return cls(model_id, tuple(references), vectors, tuple(template.second for template in references.values()))

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
        )

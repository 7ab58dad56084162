"""Templates, galleries and pictures for the tests of sight."""

from collections.abc import Mapping

import numpy as np

from models import SFACE, ModelId
from vision.matching import Gallery, ReferenceId, SealKey, Template
from vision.matching.template import Vector

ADA, BEN, CY = ReferenceId("ada"), ReferenceId("ben"), ReferenceId("cy")
KEY = SealKey(bytes(range(32)))


def a_vector(*leading: float, size: int = 8) -> Vector:
    """Return a unit vector that begins with these numbers; what is missing goes into the last place."""
    rest = max(0.0, 1.0 - sum(value * value for value in leading)) ** 0.5
    values = [*leading, *[0.0] * (size - len(leading) - 1), rest]
    vector = np.array(values, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def a_template(*leading: float, model_id: ModelId = SFACE, second: Vector | None = None) -> Template:
    """Return a template whose vector begins with these numbers."""
    return Template(model_id, a_vector(*leading), second=second)


def a_probe(second: Vector | None = None) -> Template:
    """Return the face along the first axis: the cosine to ``a_template(x)`` is x."""
    return a_template(1.0, second=second)


def a_gallery(references: Mapping[ReferenceId, Template], model_id: ModelId = SFACE) -> Gallery:
    """Return a gallery of SFace templates."""
    return Gallery.of(model_id, references)

"""Templates that are of use in one store only.

Every template is turned by a rotation of the 128-dimensional space that is drawn from the store's secret. A rotation
keeps all angles, so that matching decides exactly as before; a template turned by one secret and compared under another
is like any stranger's. A stolen file is made worthless by drawing a new secret and turning what is on file, without
asking anyone to enrol again.

A turned template says in its model id whose rotation it went through, so that the rule that only templates of one model
are compared holds between secrets as well: an old one meets a new one with an error, never with a wrong answer.

What it does not do: whoever has the secret, or as many pairs of turned and plain templates as there are dimensions, can
turn back. It stands beside encryption (``sealed.py``), not in its place.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models import ModelId
from vision.errors import ModelMismatchError
from vision.matching.template import Template, Vector

LEAST_SECRET_BYTES = 16
_FIRST, _SECOND = b"sesame turn 1", b"sesame turn 2"
_BEHIND = "@"  # between the model and the name of the rotation


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One store's rotations.

    Attributes:
        name: Tells this rotation from others in the model id of what it turned; no secret.
        first: ``(D, D)`` float32.
        second: That of the second model's vectors.
    """

    name: str
    first: npt.NDArray[np.float32]
    second: npt.NDArray[np.float32]

    @classmethod
    def of(cls, secret: bytes, name: str, *, dimension: int = 128, second_dimension: int = 128) -> "Turn":
        """Draw the rotations of a secret; the same secret gives the same ones on every machine of one kind.

        Raises:
            ValueError: The secret has fewer than ``LEAST_SECRET_BYTES`` bytes.
        """
        if len(secret) < LEAST_SECRET_BYTES:
            raise ValueError(f"a secret of {len(secret)} bytes is too short: draw {LEAST_SECRET_BYTES} or more")
        return cls(name, _rotation(_FIRST + secret, dimension), _rotation(_SECOND + secret, second_dimension))

    def kind(self, model_id: ModelId) -> ModelId:
        """Return the model id of what this rotation made of a model's templates."""
        return ModelId(f"{model_id}{_BEHIND}{self.name}")

    def turn(self, template: Template) -> Template:
        """Return the template as this store keeps it.

        Raises:
            ModelMismatchError: It is turned already.
        """
        if is_turned(template.model_id):
            raise ModelMismatchError(expected=made_by(template.model_id), found=template.model_id)
        return _moved(template, self.kind(template.model_id), self.first, self.second)

    def turn_back(self, template: Template) -> Template:
        """Return the template as the model made it, to turn it by another secret.

        Raises:
            ModelMismatchError: It was turned by another secret, or by none.
        """
        model_id = made_by(template.model_id)
        if template.model_id != self.kind(model_id):
            raise ModelMismatchError(expected=self.kind(model_id), found=template.model_id)
        return _moved(template, model_id, self.first.T, self.second.T)


def made_by(model_id: ModelId) -> ModelId:
    """Return the model that made templates of this kind, whatever rotation they went through."""
    return ModelId(model_id.partition(_BEHIND)[0])


def is_turned(model_id: ModelId) -> bool:
    """Say whether templates of this kind went through a store's rotation."""
    return _BEHIND in model_id


def _moved(
    template: Template, model_id: ModelId, first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]
) -> Template:
    vector = first @ template.vector
    other: Vector | None = None if template.second is None else (second @ template.second).astype(np.float32)
    unit = (vector / np.linalg.norm(vector)).astype(np.float32)
    return replace(template, model_id=model_id, vector=unit, second=other)


def _rotation(seed: bytes, dimension: int) -> npt.NDArray[np.float32]:
    """Return a rotation drawn evenly from all of them.

    Source: F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54(5),
    2007: the Q of a Gaussian matrix, with the signs of R put right.
    """
    numbers = np.random.default_rng(list(hashlib.sha512(seed).digest()))
    orthogonal, upper = np.linalg.qr(numbers.standard_normal((dimension, dimension)))
    orthogonal = orthogonal * np.sign(np.diag(upper))
    return orthogonal.astype(np.float32)

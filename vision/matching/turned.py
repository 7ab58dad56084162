"""Templates that are of use in one store only.

Every template is turned by a rotation of the 128-dimensional space that is drawn from the store's secret. A rotation
keeps all angles, so that matching decides exactly as before; a template turned by one secret and compared under another
is like any stranger's. A stolen file is made worthless by drawing a new secret and turning what is on file, without
asking anyone to enrol again.

What it does not do: whoever has the secret, or as many pairs of turned and plain templates as there are dimensions, can
turn back. It stands beside encryption (``sealed.py``), not in its place.
"""

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vision.matching.template import Template, Vector

LEAST_SECRET_BYTES = 16
_FIRST, _SECOND = b"sesame turn 1", b"sesame turn 2"


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One store's rotations: ``first`` is ``(D, D)`` float32, ``second`` that of the second model's vectors."""

    first: npt.NDArray[np.float32]
    second: npt.NDArray[np.float32]

    @classmethod
    def of(cls, secret: bytes, *, dimension: int = 128, second_dimension: int = 128) -> "Turn":
        """Draw the rotations of a secret; the same secret gives the same ones on every machine of one kind.

        Raises:
            ValueError: The secret has fewer than ``LEAST_SECRET_BYTES`` bytes.
        """
        if len(secret) < LEAST_SECRET_BYTES:
            raise ValueError(f"a secret of {len(secret)} bytes is too short: draw {LEAST_SECRET_BYTES} or more")
        return cls(_rotation(_FIRST + secret, dimension), _rotation(_SECOND + secret, second_dimension))

    def turn(self, template: Template) -> Template:
        """Return the template as this store keeps it."""
        return self._turned(template, self.first, self.second)

    def turn_back(self, template: Template) -> Template:
        """Return the template as the model made it, to turn it by another secret."""
        return self._turned(template, self.first.T, self.second.T)

    @staticmethod
    def _turned(template: Template, first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> Template:
        vector = first @ template.vector
        other: Vector | None = None if template.second is None else (second @ template.second).astype(np.float32)
        return replace(template, vector=(vector / np.linalg.norm(vector)).astype(np.float32), second=other)


def _rotation(seed: bytes, dimension: int) -> npt.NDArray[np.float32]:
    """Return a rotation drawn evenly from all of them.

    Source: F. Mezzadri, "How to generate random matrices from the classical compact groups", Notices of the AMS 54(5),
    2007: the Q of a Gaussian matrix, with the signs of R put right.
    """
    numbers = np.random.default_rng(list(hashlib.sha512(seed).digest()))
    orthogonal, upper = np.linalg.qr(numbers.standard_normal((dimension, dimension)))
    orthogonal = orthogonal * np.sign(np.diag(upper))
    return orthogonal.astype(np.float32)

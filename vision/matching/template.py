"""A face as a vector."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models import ModelId
from vision.errors import ModelMismatchError, TemplateMalformedError

Vector = npt.NDArray[np.float32]
"""``(D,)`` float32."""

ENROLMENT_CAPTURES = 3  # averaging three photographs takes misses from 12.7 % to 2.3 % at 0.3 % false accepts (LFW)

LIFT_AT_MOST = 0.05  # cosine; one decade of impostors
LIFT_UP_TO_SPREAD = 0.12  # from here on nothing more is asked

_MAGIC = b"SF1"
_HEAD = struct.Struct("<3sBHfHH")  # magic, length of the model id, captures, spread, D, D of the second vector
_LENGTH_AT_MOST = 4096  # more than any face embedder has; a damaged head must not ask for gigabytes


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A face as one model sees it.

    Attributes:
        model_id: Templates compare only with their own kind.
        vector: ``(D,)`` float32 of unit length.
        captures: How many pictures it is the mean of.
        spread: 1 minus the least cosine of a capture to the mean: 0 for one capture, 0.2 is wide.
        second: The same face by dlib, ``(128,)`` float32, compared by distance; only where it was asked for.
    """

    model_id: ModelId
    vector: Vector
    captures: int = 1
    spread: float = 0.0
    second: Vector | None = None

    @property
    def lift(self) -> float:
        """Return how much more than the threshold is asked of whoever claims to be this person (IP3).

        Somebody whose captures lie close together is always well recognised, and may be guarded better: of 53 people
        and held-out photographs, spread and score correlate by -0.57, and with a spread below 0.08 one in two hundred
        scored under 0.51. One capture has no spread to speak of, and lifts nothing.
        """
        if self.captures < ENROLMENT_CAPTURES:
            return 0.0
        return LIFT_AT_MOST * max(0.0, 1.0 - self.spread / LIFT_UP_TO_SPREAD)

    def to_bytes(self) -> bytes:
        """Return the template as bytes; ``from_bytes`` gives it back exactly."""
        name = self.model_id.encode()
        second = b"" if self.second is None else _raw(self.second)
        head = _HEAD.pack(_MAGIC, len(name), self.captures, self.spread, len(self.vector), len(second) // 4)
        return head + name + _raw(self.vector) + second

    @classmethod
    def from_bytes(cls, content: bytes) -> "Template":
        """Read a template.

        Raises:
            TemplateMalformedError: The bytes are cut, too long, not finite, not of unit length, or something else.
        """
        try:
            magic, name_length, captures, spread, first_length, second_length = _HEAD.unpack_from(content)
            name = content[_HEAD.size : _HEAD.size + name_length].decode()
        except (struct.error, UnicodeDecodeError) as problem:
            raise TemplateMalformedError("The bytes are too short for a template.") from problem
        start = _HEAD.size + name_length
        lengths_fit = len(content) == start + 4 * (first_length + second_length)
        if magic != _MAGIC or not lengths_fit or not 0 < first_length <= _LENGTH_AT_MOST:
            raise TemplateMalformedError("The bytes are not a template of this version.")
        numbers = np.frombuffer(content, dtype="<f4", offset=start).astype(np.float32)
        vector, second = numbers[:first_length], numbers[first_length:]
        if not np.isfinite(numbers).all() or not np.isclose(np.linalg.norm(vector), 1, atol=1e-3):
            raise TemplateMalformedError("The numbers of the template are damaged.")
        return cls(ModelId(name), vector, captures, spread, second if second_length else None)


def average(templates: Sequence[Template]) -> Template:
    """Return one template of several pictures of one person.

    The second vector is the mean of those that have one.

    Raises:
        ModelMismatchError: They come from more than one model.
        ValueError: There is none, or they cancel one another out.
    """
    if not templates:
        raise ValueError("an average needs at least one template")
    first = templates[0]
    for other in templates:
        if other.model_id != first.model_id:
            raise ModelMismatchError(expected=first.model_id, found=other.model_id)
    weights = np.array([template.captures for template in templates], dtype=np.float32)
    vectors = np.stack([template.vector for template in templates])  # (n, D)
    summed = weights @ vectors  # (n,) @ (n, D) -> (D,)
    length = float(np.linalg.norm(summed))
    if length < 1e-6:  # noqa: PLR2004 - below the rounding of float32: there is no direction left
        raise ValueError("these templates cancel one another out")
    mean = (summed / length).astype(np.float32)
    spread = max(0.0, 1.0 - float((vectors @ mean).min()))
    seconds = [template.second for template in templates if template.second is not None]
    second: Vector | None = np.stack(seconds).mean(axis=0).astype(np.float32) if seconds else None
    return Template(first.model_id, mean, int(weights.sum()), spread, second)


def _raw(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()

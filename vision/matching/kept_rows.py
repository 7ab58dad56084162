"""How the templates of an index lie in memory, and what a probe scores against them: floats, or bytes.

Places count from 0 without a gap: one is written before it is read, and at most one beyond the last. Both forms lie in
blocks of 8 and 17 MB, the last partly empty: a newcomer never costs a copy of everybody. Floats stand in columns,
numbers of one kind side by side, so that NumPy's product (BLAS) adds whole columns: at 10 000 it takes 0.07 ms, with
people in rows 0.085, simsimd 0.11; at a million 21, 30 and 19. Bytes stand in rows, for simsimd.
"""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import simsimd

COLUMNS = 16_400  # of floats, a block; no power of two, which would put all columns into the same sets of a cache
ROWS = 131_072  # of bytes, a block; of 32 768 a million took a fifth longer, for want of large pages
SCORED = 32_768  # rows at once: their scores (256 kB) stay in the second cache until the best are taken
_LEVELS = 127.0

Vector = npt.NDArray[np.float32]
Asked = npt.NDArray[np.float32 | np.int8]
Scores = npt.NDArray[np.floating]


class FloatColumns:
    """Four bytes a number; the scores are cosines."""

    def __init__(self, dimension: int) -> None:
        self._blocks: list[npt.NDArray[np.float32]] = []  # (D, COLUMNS) each
        self._dimension = dimension
        self._scores = np.empty(COLUMNS, dtype=np.float32)  # written search after search

    @property
    def bytes_held(self) -> int:
        """Bytes of all blocks."""
        return sum(block.nbytes for block in self._blocks)

    def write(self, place: int, vector: Vector) -> None:
        """Put a vector ``(D,)`` at a place."""
        if place == len(self._blocks) * COLUMNS:
            self._blocks.append(np.zeros((self._dimension, COLUMNS), dtype=np.float32))
        self._column(place)[:] = vector

    def move(self, source: int, target: int) -> None:
        """Copy what stands at one place to another."""
        self._column(target)[:] = self._column(source)

    def wipe(self, place: int) -> None:
        """Overwrite a place with zeros."""
        self._column(place)[:] = 0

    def asked(self, probe: Vector) -> tuple[Asked, float]:
        """Return what ``scores`` takes for a probe, and how far it may put two of them out of order: not at all."""
        return probe, 0.0

    def scores(self, asked: Asked, count: int) -> Iterator[tuple[int, Scores]]:
        """Yield for each block its first place and its cosines, which are the caller's until the next."""
        for start in range(0, count, COLUMNS):
            width = min(COLUMNS, count - start)
            # (D,) @ (D, width) -> (width,); ``dot`` would copy a block that is partly empty
            yield start, np.matmul(asked, self._blocks[start // COLUMNS][:, :width], out=self._scores[:width])

    def again(self, places: list[int], probe: Vector) -> list[float]:
        """Return the cosines of a few."""
        return [float(self._column(place) @ probe) for place in places]

    def _column(self, place: int) -> Vector:
        return self._blocks[place // COLUMNS][:, place % COLUMNS]


class ByteRows:
    """One byte a number and a scale a row: a cosine is off by 0.005 at most, for the row alone was rounded."""

    def __init__(self, dimension: int) -> None:
        self._blocks: list[tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]] = []  # (ROWS, D) and (ROWS,) each
        self._dimension = dimension

    @property
    def bytes_held(self) -> int:
        """Bytes of all blocks."""
        return sum(rows.nbytes + scales.nbytes for rows, scales in self._blocks)

    def write(self, place: int, vector: Vector) -> None:
        """Put a vector ``(D,)`` of unit length at a place."""
        if place == len(self._blocks) * ROWS:
            self._blocks.append((np.zeros((ROWS, self._dimension), dtype=np.int8), np.zeros(ROWS, dtype=np.float32)))
        rows, scales = self._blocks[place // ROWS]
        rows[place % ROWS], scales[place % ROWS] = _rounded(vector)

    def move(self, source: int, target: int) -> None:
        """Copy what stands at one place to another."""
        (rows, scales), (to_rows, to_scales) = self._blocks[source // ROWS], self._blocks[target // ROWS]
        to_rows[target % ROWS], to_scales[target % ROWS] = rows[source % ROWS], scales[source % ROWS]

    def wipe(self, place: int) -> None:
        """Overwrite a place with zeros."""
        rows, scales = self._blocks[place // ROWS]
        rows[place % ROWS], scales[place % ROWS] = 0, 0

    def asked(self, probe: Vector) -> tuple[Asked, float]:
        """Return what ``scores`` takes for a probe, and how far it may put two of them out of order.

        The probe is rounded as well, which moves no score by more than the length of what was rounded away (Cauchy and
        Schwarz; a row is of unit length to within a hundredth).
        """
        levels, scale = _rounded(probe)
        lost = probe / scale - levels
        return levels, 2.02 * math.sqrt(lost @ lost)

    def scores(self, asked: Asked, count: int) -> Iterator[tuple[int, Scores]]:
        """Yield for each block its first place and its scores, in units of the probe's scale; they are the caller's."""
        for start in range(0, count, SCORED):
            rows, scales = self._blocks[start // ROWS]
            part = slice(start % ROWS, start % ROWS + min(SCORED, count - start))
            # One with many: a tenth quicker than ``cdist``. Never with ``out=``: simsimd 6.5.16 then gives back a None
            # that it does not own, and Python ends. It makes doubles; anything else costs a conversion of each.
            found = np.asarray(simsimd.dot(asked[None], rows[part], out_dtype="float64"))
            found *= scales[part]
            yield start, found

    def again(self, places: list[int], probe: Vector) -> list[float]:
        """Return the cosines of a few, with the probe as it is."""
        found = []
        for place in places:
            rows, scales = self._blocks[place // ROWS]
            found.append(float(rows[place % ROWS].astype(np.float32) @ probe * scales[place % ROWS]))
        return found


def _rounded(vector: Vector) -> tuple[npt.NDArray[np.int8], np.float32]:
    """Return a vector as whole numbers from -127 to 127, and what one of them is worth."""
    scale = np.float32(max(vector.max(), -vector.min()) / _LEVELS)
    return np.rint(vector / scale).astype(np.int8), scale

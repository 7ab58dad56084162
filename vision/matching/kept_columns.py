"""How the templates of an index lie in memory, and what a probe scores against them: bytes, and floats behind them.

Places count from 0 without a gap: one is written before it is read, and at most one beyond the last. Every template is
scanned as bytes, in columns: numbers of one kind side by side, the form that onnxruntime's product of one row with many
columns takes as it lies (``models.loaders.open_byte_products``). Nothing is packed, so that what is written or wiped
counts for the next search. A block is as wide as its people need and a twentieth wider at most: a newcomer never
costs a copy of everybody. Floats stand in rows and are read of the few whom the bytes cannot tell apart.

Before it is rounded a template is turned, by the same rotation as all others, into a few numbers more whose sum is
zero. That changes no cosine and saves two passes over everybody's scores. Turned numbers are spread evenly, whatever
the model, so that one step fits all and no product must be scaled; and the fast product takes a probe without a sign,
whose zero, 64, adds 64 times the sum of a column: nothing.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from models.loaders import BytesBound, open_byte_products

WIDTH = 131_136  # people, of a block; an odd number of cache lines, lest all columns meet in the same sets of a cache
# Up to so many people lie in groups, whose products stay in the first cache: 10 000 take 0.023 ms in place of 0.030.
# Beyond, where the rows come from further away, long ones are read the fastest.
GROUPED = 40_000
GROUP = 3_392
ROWS = 16_384  # of floats, a block of 8 MB
_LINE = 64  # bytes that a cache moves at once
_LEVELS = 126  # of a template, either way; one more is left for bringing the sum to zero
_REACH = 4.5  # standard deviations of a turned number: one template in a thousand has one beyond, which is cut off
# A probe has half as many: where a processor adds products of bytes in pairs of 16 bits (x86 before VNNI), two of
# 127 * 127 fit and two of 255 * 127 would be cut off in silence.
_PROBE_LEVELS = 63.0
_PROBE_ZERO = np.array(64, dtype=np.float32)  # as an array it is added in half the time that a number takes

Vector = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]
Products = npt.NDArray[np.int32]
Scored = tuple[float, int]
"""A cosine and its place times -1: of equals the one that stands first is the largest."""


class ByteColumns:
    """One byte a number: a cosine is off by 0.005 at most, for the template alone was rounded.

    Attributes:
        lost: Levels; the length at most of what rounding took away from somebody whose floats are known as well.
    """

    def __init__(self, dimension: int) -> None:
        self.lost = 0.0
        self._dimension = dimension
        self._turn = np.asfortranarray(_turn(dimension))  # as its product with one probe is the quickest
        depth = len(self._turn)
        self._levels_of_one = _LEVELS * math.sqrt(depth) / _REACH
        self._bind = open_byte_products()
        self._blocks: list[_Block] = []
        self._turned = np.zeros(depth, dtype=np.float32)  # the probe
        self._scale = np.zeros((), dtype=np.float32)  # its levels of one; an array for the same reason
        self._probe = np.zeros((1, depth), dtype=np.uint8)
        self._products = _aligned((WIDTH,), np.int32)  # written block after block

    @property
    def bytes_held(self) -> int:
        """Bytes of all blocks."""
        return sum(block.columns.nbytes for block in self._blocks)

    def write(self, place: int, vectors: Vectors) -> float:
        """Put vectors ``(N, D)`` of unit length at a place and those after it.

        Returns:
            Levels; the length of what rounding took away from one of them, at most.
        """
        exact = vectors @ self._turn.T * self._levels_of_one
        levels = _rounded(exact)
        done = 0
        while done < len(levels):
            number, at = divmod(place + done, WIDTH)
            here = min(WIDTH, at + len(levels) - done)  # are people of this block then
            if number == len(self._blocks):
                self._blocks.append(self._block(here))
            elif here > self._blocks[number].room:
                self._lay_anew(number, here)
            columns = self._columns(place + done, here - at)
            run = columns.shape[1]
            columns[:] = levels[done : done + run].T
            done += run
        return float(np.linalg.norm(exact - levels, axis=1).max())

    def move(self, source: int, target: int) -> None:
        """Copy what stands at one place to another."""
        self._columns(target)[:] = self._columns(source)

    def wipe(self, place: int) -> None:
        """Overwrite the last place with zeros; a block that is left half empty is laid anew."""
        self._columns(place)[:] = 0
        number, at = divmod(place, WIDTH)
        if at == 0:
            self._blocks.pop()
        elif self._blocks[number].room > 2 * at + GROUP:
            self._lay_anew(number, at)

    def ask(self, probe: Vector) -> int:
        """Take a probe for ``products``; return how far these may put two people out of order.

        Rounding the probe moves no product by more than the length of what was rounded away, times that of the column;
        what was rounded away of a column, no more than its own length times the probe's (Cauchy and Schwarz).
        """
        turned = self._turn.dot(probe, self._turned)
        sizes = np.abs(turned)
        levels_of_one: float = _PROBE_LEVELS / sizes.item(sizes.argmax())
        self._scale[()] = levels_of_one
        exact = np.multiply(turned, self._scale, sizes)
        exact += _PROBE_ZERO
        levels = np.rint(exact)
        self._probe[0] = levels
        exact -= levels
        # Both are of unit length, a rounded column to within a hundredth.
        return math.ceil(2.02 * (math.sqrt(exact.dot(exact)) * self._levels_of_one + self.lost * levels_of_one)) + 1

    def products(self, count: int) -> Iterator[tuple[int, Products]]:
        """Yield for each block its first place and its products with the probe ``(N,)``, yours until the next."""
        start = 0
        for block in self._blocks:
            block.multiply()
            yield start, self._products[: count - start]  # there is room for the products of one block
            start += WIDTH

    def again(self, places: Sequence[int], probe: Vector) -> list[Scored]:  # noqa: ARG002 - who has floats asks with it
        """Return the cosines of a few with the probe that was asked, in the order of their places."""
        found = []
        for place in places:
            block = self._blocks[place // WIDTH]
            group, within = divmod(place % WIDTH, block.width)
            score = block.columns[group, :, within].dot(self._turned).item() / self._levels_of_one
            found.append((score, -place))
        return found

    def _columns(self, place: int, count: int = 1) -> npt.NDArray[np.int8]:
        """Return the column ``(E, 1)`` of a place and of those after it, ``count`` at most, up to the group's edge."""
        block = self._blocks[place // WIDTH]
        group, within = divmod(place % WIDTH, block.width)
        return block.columns[group, :, within : within + count]

    def _block(self, count: int) -> "_Block":
        return _Block(self._bind, self._probe, count, self._products)

    def _lay_anew(self, number: int, count: int) -> None:
        """Give a block room for ``count`` people; nothing of them stays behind where they were."""
        old, new = self._blocks[number], self._block(count)
        left, at = min(old.room, new.room), 0
        while at < left:  # from one edge of a group, old or new, to the next
            group, within = divmod(at, old.width)
            to_group, to_within = divmod(at, new.width)
            run = min(old.width - within, new.width - to_within, left - at)
            new.columns[to_group, :, to_within : to_within + run] = old.columns[group, :, within : within + run]
            at += run
        old.columns[:] = 0
        self._blocks[number] = new


class FloatsBehind(ByteColumns):
    """Five bytes a number: the bytes are scanned; whom they leave is scored by the floats, which stand in rows."""

    def __init__(self, dimension: int) -> None:
        super().__init__(dimension)
        self._rows: list[npt.NDArray[np.float32]] = []  # (ROWS, D) each

    @property
    def bytes_held(self) -> int:
        """Bytes of all blocks."""
        return super().bytes_held + sum(rows.nbytes for rows in self._rows)

    def write(self, place: int, vectors: Vectors) -> float:
        """Put vectors ``(N, D)`` of unit length at a place and those after it; return what ``ByteColumns`` does."""
        self.lost = max(self.lost, super().write(place, vectors))
        for at, vector in enumerate(vectors, place):
            if at == len(self._rows) * ROWS:
                self._rows.append(np.zeros((ROWS, self._dimension), dtype=np.float32))
            self._row(at)[:] = vector
        return self.lost

    def move(self, source: int, target: int) -> None:
        """Copy what stands at one place to another."""
        super().move(source, target)
        self._row(target)[:] = self._row(source)

    def wipe(self, place: int) -> None:
        """Overwrite the last place with zeros."""
        super().wipe(place)
        self._row(place)[:] = 0
        if place % ROWS == 0:
            self._rows.pop()

    def again(self, places: Sequence[int], probe: Vector) -> list[Scored]:
        """Return the cosines of a few, in the order of their places."""
        return [(self._row(place).dot(probe).item(), -place) for place in places]

    def _row(self, place: int) -> Vector:
        row: Vector = self._rows[place // ROWS][place % ROWS]
        return row


class _Block:
    """Columns ``(groups, E, width)`` int8, what multiplies them with the probe, and how many people have room."""

    __slots__ = ("columns", "multiply", "room", "width")

    def __init__(self, bind: BytesBound, probe: npt.NDArray[np.uint8], count: int, products: Products) -> None:
        groups = -(-count // GROUP) if count <= GROUPED else 1
        self.width = _width(-(-count // groups))
        self.room = groups * self.width
        self.columns = _aligned((groups, probe.shape[1], self.width), np.dtype(np.int8))
        self.multiply = bind(probe, self.columns, products[: self.room].reshape(groups, 1, -1))


def _rounded(exact: Vectors) -> npt.NDArray[np.int8]:
    """Return whole numbers near ``(N, E)``, in each row of sum zero: those change that were rounded the furthest."""
    exact = exact.clip(-_LEVELS, _LEVELS)
    levels = np.rint(exact)
    place = np.arange(exact.shape[1])
    while np.any(np.abs(excess := levels.sum(axis=1, keepdims=True)) >= 1):
        off = exact - levels
        off[levels > _LEVELS], off[levels < -_LEVELS] = -np.inf, np.inf  # nothing further: it would turn over
        furthest = off.argsort(axis=1)
        change = (place >= len(place) + excess).astype(np.float32) - (place < excess)
        np.put_along_axis(levels, furthest, np.take_along_axis(levels, furthest, axis=1) + change, axis=1)
        levels.clip(-_LEVELS - 1, _LEVELS + 1, out=levels)  # where more are to change than there are
    return levels.astype(np.int8)


def _aligned(shape: tuple[int, ...], kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return zeros that begin where a cache line does: else every read of 64 bytes takes two."""
    size = math.prod(shape) * np.dtype(kind).itemsize
    room = np.zeros(size + _LINE, dtype=np.uint8)
    begin = -room.ctypes.data % _LINE
    aligned: npt.NDArray[Any] = room[begin : begin + size].view(kind).reshape(shape)  # of the kind that was asked for
    return aligned


@cache
def _turn(dimension: int) -> npt.NDArray[np.float32]:
    """Return ``(E, D)`` float32, columns of unit length, upright and of sum zero; E, a multiple of four, is above D."""
    depth = (dimension // 4 + 1) * 4  # processors add the products of bytes by fours
    drawn = np.random.default_rng(0).standard_normal((depth, dimension + 1))
    drawn[:, 0] = 1
    upright, _ = np.linalg.qr(drawn)
    return np.ascontiguousarray(upright[:, 1:], dtype=np.float32)


def _width(count: int) -> int:
    """Return how wide a group of ``count`` people is: an odd number of cache lines, a twentieth more if it is large."""
    step = max(_LINE, 1 << max(0, count.bit_length() - 6))
    lines = -(-count // step) * step // _LINE
    return min(WIDTH, (lines | 1) * _LINE)

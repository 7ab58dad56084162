"""Read an EAN-13 whose bars run into one another, by its grey levels.

Other engines decide first what is black and what is white, and then how wide each bar is; where bars are two pixels
wide, out of focus or under a reflection there is nothing left to measure. Here every digit is a picture of nine bars'
widths (its own seven and its neighbours' edges, which are the same for all digits), blurred and inked as the code at
hand is, and the code is the well-formed number whose pictures lie closest. It comes with how far behind the next
well-formed number is: who believes it asks for that distance (``debounce.py``).

Source: for matching whole digits along an elastic row, O. Gallo and R. Manduchi, "Reading 1D barcodes with mobile
phones using deformable templates", PAMI 2011; for the patterns, GS1 General Specifications, section 5.2.1.
"""

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from vision.frame import Grey

Floats = npt.NDArray[np.float32]
Corners = npt.NDArray[np.float32]
"""``(4, 2)`` float32 pixels (x, y), in order around the symbol."""

COST_AT_MOST: Final = 1.6  # of 12 digits, each from 0 (alike) to 2 (the opposite)
SURE: Final = 0.14  # by how much the next number is worse; wrong ones of 257 photographs: 0.106 at most, no code: 0.05
WORST_AT_MOST: Final = 0.32  # of one digit: under a finger or a glare the others guess it; right ones: 133 of 141
LENGTH_AT_LEAST_PX: Final = 60.0  # of the place that was located; below, a bar is half a pixel

STEPS: Final = 4  # samples of one bar's width
PLACE: Final = 118  # bars' widths of a place that OpenCV locates: a code's 95 and some of its margins
MARGIN: Final = 40  # samples on either side
ROWS: Final = 24
BANDS: Final = 4  # of the rows; a reflection or a torn label leaves some of them
BANDS_HEARD: Final = 3
SCALES: Final = (0.9, 0.95, 1.0, 1.06, 1.13)  # of a bar, of what the place lets expect
BLURS: Final = (0.3, 0.6, 0.9, 1.2, 1.5)  # sigma in bars' widths
INKS: Final = (
    -0.45,
    -0.3,
    -0.15,
    0.0,
    0.15,
    0.3,
    0.45,
)  # bars' widths by which bars are too broad
FIRST_LOOK: Final = (3, 1)  # places in INKS and BLURS
WORST_FIRST_LOOK: Final = 5.0  # of 12 digits and 3 guards: nothing was read from more
DRIFTS: Final = (0, -1, 1, -2, 2)  # samples by which a digit may lie beside where it should: a can narrows to its sides
DRIFT_COST: Final = 0.02
FAINT: Final = 6.0  # grey levels over a window (root of the sum of squares): less than this is noise
_SIDE_PX: Final = 200.0  # enough to tell the direction of bars
_FAR: Final = np.float32(1e3)

_LEFT_ODD: Final = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
_RIGHT: Final = tuple(bits.translate(str.maketrans("01", "10")) for bits in _LEFT_ODD)
_LEFT_EVEN: Final = tuple(bits[::-1] for bits in _RIGHT)
_RIGHT_EVEN: Final = tuple(bits[::-1] for bits in _LEFT_ODD)  # nowhere in a code, but in one that is upside down
_FIRST_DIGITS: Final = (
    *("OOOOOO", "OOEOEE", "OOEEOE", "OOEEEO", "OEOOEE"),
    *("OEEOOE", "OEEEOO", "OEOEOE", "OEOEEO", "OEEOEO"),
)
_DIGITS: Final = 10
_HALF: Final = 6
_DIGIT, _GUARD = 7 * STEPS, 5 * STEPS
_ADVANCES: Final = (*(_DIGIT,) * _HALF, _GUARD, *(_DIGIT,) * _HALF)
_LEFT, _RIGHTS = slice(0, 20), slice(20, 40)  # of the forty pictures of digits


@dataclass(frozen=True, slots=True)
class LevelsRead:
    """A number that was read.

    Attributes:
        digits: All thirteen; the check digit holds.
        cost: How unlike the pictures are, 12 digits together; smaller is better.
        lead: How much worse the next well-formed number is.
        worst: How unlike its picture the one digit is that fits least, from 0 to 2.
        length_px: Of the 95 bars' widths.
        thickness_px: Of the place.
    """

    digits: str
    cost: float
    lead: float
    worst: float
    length_px: float
    thickness_px: float

    @property
    def is_clear(self) -> bool:
        """Whether it says anything at all: its share of the cost is what a ratio of likelihoods hangs on."""
        return self.cost <= COST_AT_MOST and self.worst <= WORST_AT_MOST and self.lead >= SURE * self.cost


@dataclass(frozen=True, slots=True)
class _Strip:
    """The place, its bars upright: ``(ROWS, N)`` float32, 0 for white; ``step_px`` is one sample in the picture."""

    rows: Floats
    step_px: float
    thickness_px: float


@dataclass(frozen=True, slots=True)
class _Bank:
    """Pictures of the same blur and ink: of the digits ``(36, 40)``, and of the guards ``(n, 1)``."""

    digits: Floats
    start: Floats
    middle: Floats
    end: Floats


def read_levels(picture: Grey, corners: Corners) -> LevelsRead | None:
    """Return the number that stands in a place, or None where none does.

    Args:
        picture: ``(H, W)`` uint8.
        corners: Of a place where something located bars.
    """
    strip = _strip(picture, corners)
    if strip is None:
        return None
    whole = strip.rows.mean(axis=0)
    found = _first_look(whole)
    if found is None:
        return None
    scale, windows = found
    ink, blur = _printing(windows)
    thickness = ROWS // BANDS
    bands = [whole, *(strip.rows[top : top + thickness].mean(axis=0) for top in range(0, ROWS, thickness))]
    profiles = np.stack([_resampled(band, scale) for band in bands])
    totals, steps = _forward(profiles, _bank(ink, blur))
    heard = totals.min(axis=1).argsort()[:BANDS_HEARD]
    windows = np.stack([_windows(profiles[band], _starts(totals, steps, int(band))) for band in heard])
    return _decided(windows, ink, blur, strip, scale)


def _decided(windows: Floats, ink: int, blur: int, strip: _Strip, scale: float) -> LevelsRead | None:
    """Return the number of ``(bands, 12, 36)`` windows; None where a little more or less ink makes it another."""
    inks = range(max(ink - 1, 0), min(ink + 2, len(INKS)))
    halves = [_upright(1 - (windows @ _bank(near, blur).digits).mean(axis=0)) for near in inks]
    costs, leads, digits = _well_formed(*(np.stack(half) for half in zip(*halves, strict=True)))
    if len(set(digits)) > 1:
        return None
    length_px = 95 * STEPS * scale * strip.step_px
    at = inks.index(ink)
    worst = _worst(halves[at], digits[at])
    return LevelsRead(digits[at], float(costs[at]), float(leads.min()), worst, length_px, strip.thickness_px)


def _strip(picture: Grey, corners: Corners) -> _Strip | None:
    centre = corners.mean(axis=0)
    across = _direction(picture, corners)
    if across is None:
        return None
    along = np.array([-across[1], across[0]])
    length, thickness = (float(np.ptp((corners - centre) @ axis)) for axis in (across, along))
    if length < LENGTH_AT_LEAST_PX:
        return None
    columns = PLACE * STEPS + 2 * MARGIN
    step_px, row_px = length / (PLACE * STEPS), 0.9 * thickness / ROWS
    axes = np.stack([across * step_px, along * row_px], axis=1)
    origin = centre - axes @ np.array([columns / 2, ROWS / 2])
    turned = cv2.warpAffine(
        picture,
        np.column_stack([axes, origin]),
        (columns, ROWS),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return _Strip(np.float32(255) - turned.astype(np.float32), step_px, thickness)


def _direction(picture: Grey, corners: Corners) -> npt.NDArray[np.float64] | None:
    """Return the unit vector across the bars: the direction of most of the edges."""
    (left, top), (right, bottom) = np.maximum(np.floor(corners.min(axis=0)), 0), np.ceil(corners.max(axis=0)) + 1
    cut = picture[int(top) : int(bottom), int(left) : int(right)]
    if min(cut.shape) < 2 * STEPS:
        return None
    shrunk = min(1.0, _SIDE_PX / max(cut.shape))
    small: MatLike = cut if shrunk == 1 else cv2.resize(cut, None, fx=shrunk, fy=shrunk, interpolation=cv2.INTER_AREA)
    inside = np.zeros(small.shape, np.float32)
    cv2.fillConvexPoly(inside, ((corners - (left, top)) * shrunk).astype(np.int32), 1)
    right_edges, down_edges = cv2.Sobel(small, cv2.CV_32F, 1, 0) * inside, cv2.Sobel(small, cv2.CV_32F, 0, 1) * inside
    xx, yy, xy = (float((a * b).sum()) for a, b in ((right_edges,) * 2, (down_edges,) * 2, (right_edges, down_edges)))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy)
    return np.array([np.cos(angle), np.sin(angle)])


def _first_look(profile: Floats) -> tuple[float, Floats] | None:
    """Return how much broader than expected a bar is, and windows around the digits; None where no code lies there."""
    columns = int(len(profile) / SCALES[0])
    profiles = np.stack([_resampled(profile, scale, columns) for scale in SCALES])
    totals, steps = _forward(profiles, _bank(*FIRST_LOOK))
    best = int(totals.min(axis=1).argmin())
    if totals[best].min() > WORST_FIRST_LOOK:
        return None
    return SCALES[best], _windows(profiles[best], _starts(totals, steps, best))


def _printing(windows: Floats) -> tuple[int, int]:
    """Return the places of the ink and the blur under which ``(12, 36)`` windows look most like digits, whichever."""
    likeness = (windows @ _every_digit()).reshape(12, -1, 40)
    best = likeness[:_HALF, :, _LEFT].max(axis=2).sum(axis=0) + likeness[_HALF:, :, _RIGHTS].max(axis=2).sum(axis=0)
    ink, blur = divmod(int(best.argmax()), len(BLURS))
    return ink, blur


def _resampled(profile: Floats, scale: float, columns: int | None = None) -> Floats:
    columns = columns or int(len(profile) / scale)
    where = (np.arange(columns) - columns / 2) * scale + len(profile) / 2
    return np.asarray(np.interp(where, np.arange(len(profile)), profile), dtype=np.float32)


def _windows(profile: Floats, starts: list[int]) -> Floats:
    """Return ``(12, 36)`` pieces of a row around the digits, each of mean 0 and length 1."""
    padded = np.pad(profile, (STEPS, 9 * STEPS), mode="edge")
    cut = np.stack([padded[start : start + 9 * STEPS] for start in starts])
    level = cut - cut.mean(axis=1, keepdims=True)
    return np.asarray(level / np.maximum(np.linalg.norm(level, axis=1, keepdims=True), FAINT), dtype=np.float32)


def _forward(profiles: Floats, bank: _Bank) -> tuple[Floats, list[Floats]]:
    """Lay guards and digits along rows ``(B, N)``: return the least cost of a code that ends at each sample.

    With it come the costs after each of the 13 steps, from which ``_starts`` finds the way back.
    """
    likeness = _likeness(profiles, bank.digits, STEPS)
    left, right = 1 - likeness[..., _LEFT].max(axis=2), 1 - likeness[..., _RIGHTS].max(axis=2)
    start = 1 - _likeness(profiles, bank.start, 7 * STEPS)[..., 0]
    middle, end = (1 - _likeness(profiles, picture, STEPS)[..., 0] for picture in (bank.middle, bank.end))
    reached, steps = start, []
    for number, advance in enumerate(_ADVANCES):
        passed = reached + (left if number < _HALF else middle if number == _HALF else right)
        steps.append(passed)
        reached = np.full_like(passed, _FAR)
        for drift in DRIFTS:
            ahead = advance + drift
            shifted = passed[:, :-ahead] + np.float32(DRIFT_COST * abs(drift))
            np.minimum(reached[:, ahead:], shifted, out=reached[:, ahead:])
    return reached + end, steps


def _starts(totals: Floats, steps: list[Floats], row: int) -> list[int]:
    """Return where the 12 digits begin on the cheapest way along a row."""
    place = int(totals[row].argmin())
    starts = []
    for advance, passed in zip(reversed(_ADVANCES), reversed(steps), strict=True):
        ways = [
            (passed[row, place - advance - drift] + DRIFT_COST * abs(drift), drift)
            for drift in DRIFTS
            if place >= advance + drift  # before the row's first sample there is nothing, and not its end
        ]
        place -= advance + min(ways)[1]
        starts.append(place)
    starts.reverse()
    return starts[:_HALF] + starts[_HALF + 1 :]


def _likeness(profiles: Floats, pictures: Floats, before: int) -> Floats:
    """Return the correlation ``(B, N, K)``, -1 to 1, of pictures ``(n, K)`` that begin so far before each sample."""
    size, (rows, columns) = len(pictures), profiles.shape
    padded = np.pad(profiles, ((0, 0), (before + 1, size)), mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, size, axis=1)[:, 1 : columns + 1]
    around = padded - padded.mean(axis=1, keepdims=True)  # small numbers, so that their squares lose nothing
    sums, squares = (np.cumsum(part, axis=1, dtype=np.float64) for part in (around, around * around))
    sums, squares = (part[:, size : size + columns] - part[:, :columns] for part in (sums, squares))
    strength = np.sqrt(np.maximum(squares - sums * sums / size, FAINT * FAINT)).astype(np.float32)
    likeness: Floats = np.ascontiguousarray(views).reshape(-1, size) @ pictures
    likeness /= strength.reshape(-1, 1)
    return likeness.reshape(rows, columns, -1)


def _upright(costs: Floats) -> tuple[Floats, Floats]:
    """Return the costs ``(6, 20)`` and ``(6, 10)`` of both halves, from ``(12, 40)``; upside down or not."""
    left, right = costs[:_HALF, _LEFT], costs[_HALF:, _RIGHTS]
    forward = left.min(axis=1).sum() + right[:, :_DIGITS].min(axis=1).sum()
    if left[:, _DIGITS:].min(axis=1).sum() + right.min(axis=1).sum() >= forward:
        return left, right[:, :_DIGITS]
    # Upside down the right half comes first, mirrored: its digits look like even ones, and the left half's like the
    # patterns that no code has there.
    return np.hstack([right[::-1, _DIGITS:], right[::-1, :_DIGITS]]), left[::-1, _DIGITS:]


def _well_formed(left: Floats, right: Floats) -> tuple[Floats, Floats, list[str]]:
    """Return the best numbers whose check digits hold: their costs, their leads to the next best, their digits.

    The digits are added one by one; what is kept is the best two ways to each remainder of the sum that a check digit
    makes 0, for each first digit: that one is told by which digits of the left half are even.

    Args:
        left: ``(N, 6, 20)`` costs of odd and even digits.
        right: ``(N, 6, 10)`` costs.
    """
    count = len(left)
    best = np.full((count, _DIGITS, _DIGITS, 2), np.inf, np.float32)  # first digit, remainder, rank
    best[:, range(_DIGITS), range(_DIGITS), 0] = 0
    evens, chosen = _evens(), []
    for place in range(12):
        if place < _HALF:
            odd, even = left[:, None, place, :_DIGITS], left[:, None, place, _DIGITS:]
            cost = np.where(evens[:, place, None], even, odd)
        else:
            cost = right[:, None, place - _HALF]
        # Number, first digit, remainder, digit, rank.
        ways = best[:, :, _befores(_weight(place))] + cost[:, :, None, :, None]
        chosen.append(ways[..., 0].argmin(axis=3))
        best = np.partition(ways.reshape(count, _DIGITS, _DIGITS, 2 * _DIGITS), 1, axis=3)[..., :2]
    ranked = np.sort(best[:, :, 0].reshape(count, -1), axis=1)
    firsts = best[:, :, 0, 0].argmin(axis=1)
    return ranked[:, 0], ranked[:, 1] - ranked[:, 0], [_told(chosen, row, int(firsts[row])) for row in range(count)]


def _told(chosen: list[npt.NDArray[np.intp]], row: int, first: int) -> str:
    digits, remainder = [], 0
    for place in range(11, -1, -1):
        digit = int(chosen[place][row, first, remainder])
        digits.append(str(digit))
        remainder = (remainder - _weight(place) * digit) % _DIGITS
    return str(first) + "".join(reversed(digits))


def _worst(halves: tuple[Floats, Floats], number: str) -> float:
    """Return the cost of the digit of a number that fits least."""
    left, right = halves
    evens = _evens()[int(number[0])]
    costs = [left[place, int(number[1 + place]) + _DIGITS * int(evens[place])] for place in range(_HALF)]
    costs += [right[place, int(number[1 + _HALF + place])] for place in range(_HALF)]
    return float(max(costs))


def _weight(place: int) -> int:
    """Return how often a digit counts for the check digit, by its place after the first."""
    return 3 if place % 2 == 0 else 1


@cache
def _evens() -> npt.NDArray[np.bool_]:
    """Return which digits of the left half ``(10, 6)`` are even, by first digit."""
    return np.array([[sign == "E" for sign in order] for order in _FIRST_DIGITS])


@cache
def _befores(weight: int) -> npt.NDArray[np.intp]:
    """Return the remainder ``(10, 10)`` from which a digit of a weight leads to a remainder."""
    values = np.arange(_DIGITS)
    return np.asarray((values[:, None] - weight * values[None]) % _DIGITS)


@cache
def _bank(ink: int, blur: int) -> _Bank:
    """Return the pictures of an ink and a blur, by their places in ``INKS`` and ``BLURS``."""

    def drawn(*patterns: str) -> Floats:
        return np.stack([_drawn(bits, INKS[ink], BLURS[blur]) for bits in patterns], axis=1)

    left = [f"1{bits}0" for bits in (*_LEFT_ODD, *_LEFT_EVEN)]  # a bar stands before each digit, and a space after it
    right = [f"0{bits}1" for bits in (*_RIGHT, *_RIGHT_EVEN)]
    return _Bank(drawn(*left, *right), drawn("00001010"), drawn("1010101"), drawn("01010000"))


@cache
def _every_digit() -> Floats:
    return np.hstack([_bank(ink, blur).digits for ink in range(len(INKS)) for blur in range(len(BLURS))])


def _drawn(bits: str, ink: float, blur: float) -> Floats:
    """Return bars as a camera would see them: ``(n,)`` float32 of mean 0 and length 1, dark above."""
    fine = 4  # times finer than a sample
    row = np.repeat(np.array([int(bit) for bit in bits], np.float32), STEPS * fine)
    row = np.pad(row, 4 * STEPS * fine, mode="edge")[None]
    if reach := round(abs(ink) * STEPS * fine / 2):
        broader = cv2.dilate if ink > 0 else cv2.erode
        row = np.asarray(broader(row, np.ones((1, 2 * reach + 1), np.uint8)), dtype=np.float32)
    soft = cv2.GaussianBlur(row, (0, 0), sigmaX=blur * STEPS * fine, sigmaY=1, borderType=cv2.BORDER_REPLICATE)[0]
    seen = soft[4 * STEPS * fine : -4 * STEPS * fine].reshape(-1, fine).mean(axis=1)
    level = seen - seen.mean()
    return np.asarray(level / np.linalg.norm(level), dtype=np.float32)

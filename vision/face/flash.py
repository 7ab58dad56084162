"""Flash random colours on our own screen, and see whether a head answers.

The screen lights whatever stands before it. Of the light that comes back we take, place by place, the share that
follows the flashes against the share that does not: the colour and the darkness of skin cancel out of that ratio. A
head answers in the colours asked for, more than the wall behind it, and unevenly, since its nose, its cheeks and its
temples face the screen differently: how unevenly is one measure, how much of the pattern of a head is in it another. A
film played back shines by itself and hardly answers; a sheet answers as evenly as its own margin; a cut-out answers
more than the wall, but evenly. Both measures must speak for a head, both against one; otherwise nothing is known.

What it does not stop: a mask that is worn, a photograph moulded over a relief, a screen brightened by the attacker in
step with ours. Bright daylight drowns the flashes: then nothing is known (``NOT_CHECKED``), and nothing is passed. Its
figures come from computed scenes (``python -m vision.bench liveness``), not from ISO/IEC 30107-3.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.align import POSE, SIDE_PX, similarity
from vision.face.detect import Face
from vision.face.liveness import LivenessResult
from vision.frame import Frame, Landmarks

Floats = npt.NDArray[np.float64]
Colour = tuple[float, float, float]
"""Blue, green, red of the whole screen, 0..1, before its gamma."""

GAMMA = 2.2  # of screen and camera alike (IEC 61966-2-1, roughly)
LEAST_FRAMES = 12  # with fewer, an even answer and an uneven one cannot be told apart
LEAST_COLOURS = 8
LAGS_NS = tuple(
    range(0, 360_000_000, 40_000_000)
)  # from the screen's word to the camera's picture; the best one counts
COLOURS = 10  # 252 ways a channel: 16 million rows in all
SLOT_NS = 180_000_000  # of one colour: at most 2.8 pairs of changes a second (WCAG 2.3.1 allows three)
LOW, HIGH = 0.45, 1.0  # of each channel: red stays below the share at which WCAG calls it saturated (0.74 of 0.8)
LEAST_ANSWER = 0.05  # of the other light; below, daylight drowns the flashes, and a screen's own glass answers 0.03
LEAST_FIT = 0.85  # correlation of the answer with the colours; a film of an earlier flashing reached 0.45, heads 0.94
BACKGROUND_AT_MOST = 0.6  # of the face's answer; a sheet has 1, a wall at twice the distance a quarter
SHEET_RELIEF, HEAD_RELIEF = 0.045, 0.052  # how uneven a sheet and a head answer; in between nothing is known
SHEET_SHAPE, HEAD_SHAPE = 0.15, 0.35  # how much of a head's own pattern is in it, 1 the mean head; docs/sight.md
CLIPPED = 245  # grey level; a cell with more than a fiftieth of its pixels there tells nothing
DARK = 0.06  # linear light of the three channels together; below grey level 43 noise is cut off at black
LEAST_CELLS = 0.6  # share of the face that must lie between them

_WHITE_AT_MOST = 0.02
_GRID = 7  # cells a side over the middle of the face
_SCALE = 0.4  # of the usual crop: the face in the middle, room on both sides
_LEFT_OUT = (0, 6, 35, 41, 42, 43, 47, 48)  # cells of hair, and of what is behind the jaw
_COUNTED = ~np.isin(np.arange(_GRID**2), _LEFT_OUT)
_MEAN_HEAD: Floats = (
    np.array(
        [
            [0, -49, 14, 17, 14, -49, 0],
            [54, 15, 93, 113, 93, 15, 54],
            [-49, -27, -90, -79, -90, -27, -49],
            [5, 71, -117, -34, -117, 71, 5],
            [-28, 73, 4, -29, 4, 73, -28],
            [0, 2, 63, 74, 63, 2, 0],
            [0, 0, -55, 2, -55, 0, 0],
        ],
        dtype=np.float64,
    ).reshape(-1)
    / 1000
)
"""Where a head answers more and less than a smooth sheet does: the median of 13 computed heads, made symmetric."""
_AROUND: Landmarks = ((POSE - SIDE_PX / 2) * _SCALE + SIDE_PX / 2).astype(np.float32)
_CORE = slice(36, 106), slice(28, 84)  # of the usual crop: eyes to chin, and never beyond the cheeks to what is behind
_BESIDE = slice(40, 66), (slice(6, 26), slice(86, 106))  # beyond both ears, at the height of eyes and nose


@dataclass(frozen=True, slots=True)
class FlashEvidence:
    """What came back.

    Attributes:
        fit: Correlation (-1..1) of the face's light with the colours, at the best lag.
        answer: The flashes' share of the face's light, against all other light.
        background: The answer beside the face, as a share of the face's.
        relief: How uneven the answer is over the face, beyond any smooth sheet: standard deviation over mean.
        frames: Frames with a face.
        doubt: By how much the square of ``relief`` may be wrong through noise alone (two standard errors).
        shape: How much of the pattern of a head is in that unevenness: 1 for the mean computed head, 0 for a sheet.
        shape_doubt: By how much ``shape`` may be wrong through noise alone (two standard errors).
    """

    fit: float
    answer: float
    background: float
    relief: float
    frames: int
    doubt: float = 0.0
    shape: float = 0.0
    shape_doubt: float = 0.0

    @property
    def result(self) -> LivenessResult:
        """Return what this proves: too few frames, too little light or too much noise prove nothing."""
        if self.frames < LEAST_FRAMES or self.answer < LEAST_ANSWER:
            return LivenessResult.NOT_CHECKED
        if self.fit < LEAST_FIT or self.background > BACKGROUND_AT_MOST:
            return LivenessResult.FAILED
        if self.relief**2 - self.doubt > HEAD_RELIEF**2 and self.shape - self.shape_doubt > HEAD_SHAPE:
            return LivenessResult.PASSED
        is_sheet = self.relief**2 + self.doubt < SHEET_RELIEF**2 and self.shape + self.shape_doubt < SHEET_SHAPE
        return LivenessResult.FAILED if is_sheet else LivenessResult.NOT_CHECKED


def drawn_colours(chance: random.Random, count: int = COLOURS) -> tuple[Colour, ...]:
    """Draw a row of colours by lot: each channel is high in half of them and low in the others."""
    channels: list[list[float]] = []
    for _ in range(3):
        levels = [HIGH, LOW] * (count // 2)
        chance.shuffle(levels)
        channels.append(levels)
    return tuple(zip(*channels, strict=True))


class FlashChallenge:
    """One row of colours, drawn by the caller and shown by the caller's screen. Holds numbers, no picture."""

    def __init__(self, colours: Sequence[Colour]) -> None:
        """Take the colours, in the order in which they will be shown.

        Raises:
            ValueError: Fewer than ``LEAST_COLOURS``, or a channel that does not change.
        """
        self.colours = tuple(colours)
        levels = np.array(colours, dtype=np.float64).reshape(-1, 3)
        if len(levels) < LEAST_COLOURS or (np.ptp(levels, axis=0) <= 0).any():
            raise ValueError(f"a challenge needs {LEAST_COLOURS} colours or more, and change in every channel")
        self._light = levels**GAMMA  # (colours, 3)
        self._shown: list[tuple[int, int]] = []
        self._seen: list[tuple[int, Floats]] = []

    def shown(self, place: int, at_ns: int) -> None:
        """Note that the screen says to show the colour at ``place`` since ``at_ns`` (monotonic, not falling)."""
        self._shown.append((at_ns, place))

    def observe(self, frame: Frame, face: Face) -> None:
        """Take in a frame with a face; what was taken before the first colour is passed over."""
        if self._shown and frame.captured_at_ns >= self._shown[0][0]:
            self._seen.append((frame.captured_at_ns, _measured(frame, face)))

    def evidence(self) -> FlashEvidence:
        """Return what the frames so far say."""
        nothing = FlashEvidence(0.0, 0.0, 1.0, 0.0, len(self._seen))
        if len(self._seen) < LEAST_FRAMES:
            return nothing
        taken_ns = np.array([at_ns for at_ns, _ in self._seen])
        light = np.stack([values for _, values in self._seen])  # (T, places, 3): the cells of the face, then beside
        told = np.isfinite(light).all(axis=(0, 2)) & (light.sum(axis=2).min(axis=0) > DARK)  # (places,)
        if told[:-1].mean() < LEAST_CELLS or not np.isfinite(light[:, -1]).all():
            return nothing
        face = light[:, :-1][:, told[:-1]].mean(axis=1)  # (T, 3)
        fits = {lag_ns: _fit(face, self._on_screen(taken_ns - lag_ns)) for lag_ns in LAGS_NS}
        lag_ns = max(fits, key=lambda one: fits[one])
        asked = self._on_screen(taken_ns - lag_ns)
        parts = _halves(len(light))
        if any((np.ptp(asked[part], axis=0) <= 0).any() for part in parts):
            return nothing  # the frames fell on too few of the colours
        answers = _answers(light, asked)  # (places,)
        cells, beside = answers[:-1][told[:-1]], float(answers[-1])
        answer = float(np.median(cells))
        if answer <= 0:
            return replace(nothing, fit=fits[lag_ns])
        halves = [_answers(light[part], asked[part]) for part in parts]
        uneven = _uneven([half[:-1] / answer for half in halves], told[:-1] & _COUNTED)
        relief, doubt = _relief(uneven)
        shape, shape_doubt = _shape(uneven, _MEAN_HEAD[told[:-1] & _COUNTED])
        seen = len(self._seen)
        return FlashEvidence(fits[lag_ns], answer, max(beside, 0.0) / answer, relief, seen, doubt, shape, shape_doubt)

    def _on_screen(self, at_ns: npt.NDArray[np.int64]) -> Floats:
        """Return the light that the screen threw at each of these times, ``(T, 3)``; before the first colour, that."""
        since_ns = np.array([since for since, _ in self._shown])
        places = np.array([place for _, place in self._shown])
        latest = np.searchsorted(since_ns, at_ns, side="right") - 1
        return np.asarray(self._light[places[np.maximum(latest, 0)]])


def _measured(frame: Frame, face: Face) -> Floats:
    """Return linear light ``(places, 3)``: the cells of the face row by row, then the mean of both sides of it."""
    size = (SIDE_PX, SIDE_PX)
    crop = cv2.warpAffine(frame.image, similarity(face.landmarks, POSE), size, borderMode=cv2.BORDER_REPLICATE)
    wide = cv2.warpAffine(frame.image, similarity(face.landmarks, _AROUND), size, borderMode=cv2.BORDER_REPLICATE)
    core = np.asarray(crop[_CORE], dtype=np.float64)
    height, width = core.shape[0] // _GRID, core.shape[1] // _GRID
    # The mean first and the power after it: noise would else make dark places seem to answer less than bright ones.
    cells = _linear(core.reshape(_GRID, height, _GRID, width, 3).mean(axis=(1, 3)).reshape(-1, 3))
    white = (crop[_CORE].max(axis=2) >= CLIPPED).reshape(_GRID, height, _GRID, width).mean(axis=(1, 3)).reshape(-1)
    cells[white > _WHITE_AT_MOST] = np.nan
    rows, columns = _BESIDE
    beside = np.mean([_linear(wide[rows, place].mean(axis=(0, 1))) for place in columns], axis=0)
    return np.concatenate((cells, beside[None]))


def _linear(image: npt.NDArray[np.generic]) -> Floats:
    return np.asarray((np.asarray(image, dtype=np.float64) / 255) ** GAMMA)


def _fit(face: Floats, shown: Floats) -> float:
    """Return the mean over the channels of the correlation between what came back and what was shown."""
    moved, asked = face - face.mean(axis=0), shown - shown.mean(axis=0)
    lengths = np.linalg.norm(moved, axis=0) * np.linalg.norm(asked, axis=0)
    return float(((moved * asked).sum(axis=0) / np.where(lengths > 0, lengths, 1)).mean())


def _answers(light: Floats, shown: Floats) -> Floats:
    """Return for each place how much of its light follows the flashes, per unit of the light that does not.

    Least squares of light = rest + share x shown, channel by channel; the ratio share / rest knows no skin colour. The
    three channels are added before the division, so that a dark channel does not shout.
    """
    asked = shown - shown.mean(axis=0)  # (T, 3)
    share = (light * asked[:, None]).sum(axis=0) / np.maximum((asked**2).sum(axis=0), 1e-6)  # (places, 3)
    rest = light.mean(axis=0) - share * shown.mean(axis=0)
    return np.asarray(share.sum(axis=1) / np.maximum(rest.sum(axis=1), 1e-6))


def _halves(count: int) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which frames belong to either half: two to the one, two to the other, so that both see every colour."""
    first = np.arange(count) // 2 % 2 == 0
    return first, ~first


def _uneven(halves: Sequence[Floats], counted: npt.NDArray[np.bool_]) -> Sequence[Floats]:
    """Return for either half what no smooth sheet has: how far the cells lie from the best surface of second degree."""
    down, across = np.mgrid[-1 : 1 : _GRID * 1j, -1 : 1 : _GRID * 1j].reshape(2, -1)[:, counted]
    surface = np.stack((np.ones_like(across), across, down, across**2, down**2, across * down), axis=1)
    return [cells[counted] - surface @ np.linalg.lstsq(surface, cells[counted], rcond=None)[0] for cells in halves]


def _relief(uneven: Sequence[Floats]) -> tuple[float, float]:
    """Return how uneven the answer is, and how far the square of that may be off.

    The two halves of the frames have the relief in common and not their noise: what counts is their covariance. Their
    difference tells the noise, and with it how far that covariance may be off.
    """
    noise = float(((uneven[0] - uneven[1]) ** 2).mean()) / 2
    root = float(np.sqrt(len(uneven[0])))
    return float(np.sqrt(max(float((uneven[0] * uneven[1]).mean()), 0.0))), 2 * noise / root


def _shape(uneven: Sequence[Floats], expected: Floats) -> tuple[float, float]:
    """Return how much of the expected pattern is in both halves together, and two standard errors of it."""
    length = float(expected @ expected)
    found = [float(half @ expected) / length for half in uneven]
    noise = float(np.std(uneven[0] - uneven[1])) / 2
    return sum(found) / 2, 2 * noise / float(np.sqrt(length))

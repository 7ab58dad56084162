"""Flash random colours on our own screen, and see whether a head answers.

The screen lights whatever stands before it. Of the light that comes back we take, place by place, the share that
follows the flashes against the share that does not: the colour and the darkness of skin cancel out of that ratio. A
head answers in the colours asked for, more than the wall behind it, and unevenly, since its nose, its cheeks and its
temples face the screen differently. A film played back shines by itself and hardly answers; a sheet answers as evenly
as its own margin; a cut-out answers more than the wall, but evenly.

What it does not stop: a mask that is worn, a photograph moulded over a relief, a screen brightened by the attacker in
step with ours. Bright daylight drowns the flashes: then nothing is known (``NOT_CHECKED``), and nothing is passed. Its
figures come from computed scenes (``tests/bench/vision_liveness.py``), not from ISO/IEC 30107-3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.align import POSE, SIDE_PX, similarity
from vision.face.detect import Face
from vision.face.liveness import LivenessResult
from vision.frame import Frame, Landmarks

Colour = tuple[float, float, float]
"""Blue, green, red of the whole screen, 0..1, before its gamma."""

GAMMA = 2.2  # of screen and camera alike (IEC 61966-2-1, roughly)
LEAST_FRAMES = 12  # with fewer, an even answer and an uneven one cannot be told apart
LAGS = range(4)  # frames between the screen and the camera's picture of it; the best one counts
LEAST_ANSWER = 0.05  # of the other light; below, daylight drowns the flashes, and a screen's own glass answers 0.03
LEAST_FIT = 0.85  # correlation of the answer with the colours; a film of an earlier flashing reached 0.45, heads 0.94
BACKGROUND_AT_MOST = 0.6  # of the face's answer; a sheet has 1, a wall at twice the distance a quarter
LEAST_RELIEF = 0.045  # see docs/sight.md for what heads and sheets reach
CLIPPED = 245  # grey level; a cell with more than a fiftieth of its pixels there tells nothing
DARK = 0.06  # linear light of the three channels together; below grey level 43 noise is cut off at black
LEAST_CELLS = 0.6  # share of the face that must lie between them

_WHITE_AT_MOST = 0.02
_GRID = 7  # cells a side over the middle of the face
_SCALE = 0.4  # of the usual crop: the face in the middle, room on both sides
_AROUND: Landmarks = ((POSE - SIDE_PX / 2) * _SCALE + SIDE_PX / 2).astype(np.float32)
_CORE = slice(36, 106), slice(28, 84)  # of the usual crop: eyes to chin, and never beyond the cheeks to what is behind
_BESIDE = slice(40, 66), (slice(6, 26), slice(86, 106))  # beyond both ears, at the height of eyes and nose

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FlashEvidence:
    """What came back.

    Attributes:
        fit: Correlation (-1..1) of the face's light with the colours, at the best lag.
        answer: The flashes' share of the face's light, against all other light.
        background: The answer beside the face, as a share of the face's.
        relief: How uneven the answer is over the face, beyond any smooth sheet: standard deviation over mean.
        frames: Frames with a face.
    """

    fit: float
    answer: float
    background: float
    relief: float
    frames: int

    @property
    def result(self) -> LivenessResult:
        """Return what this proves: too few frames or too little light prove nothing."""
        if self.frames < LEAST_FRAMES:
            return LivenessResult.NOT_CHECKED
        if self.answer < LEAST_ANSWER:
            return LivenessResult.NOT_CHECKED
        is_head = self.fit >= LEAST_FIT and self.background <= BACKGROUND_AT_MOST and self.relief >= LEAST_RELIEF
        return LivenessResult.PASSED if is_head else LivenessResult.FAILED


class FlashChallenge:
    """One row of colours, drawn by the caller and shown by the caller's screen. Holds numbers, no picture."""

    def __init__(self, colours: Sequence[Colour]) -> None:
        """Take the colours, one for each frame to come.

        Raises:
            ValueError: Fewer than ``LEAST_FRAMES``, or a channel that does not change in either half of them.
        """
        shown = np.array(colours, dtype=np.float64).reshape(-1, 3)
        parts = [shown[half] for half in _halves(len(shown))]
        if len(shown) < LEAST_FRAMES or any((np.ptp(part, axis=0) <= 0).any() for part in parts):
            raise ValueError(f"a challenge needs {LEAST_FRAMES} colours or more, and change in every channel")
        self._light = shown**GAMMA  # (T, 3)
        self._seen: list[tuple[int, Floats]] = []

    def observe(self, frame: Frame, face: Face | None, number: int) -> None:
        """Take in the frame that was captured while colour ``number`` was shown; without a face it is passed over."""
        if face is not None:
            self._seen.append((number, _measured(frame, face)))

    def evidence(self) -> FlashEvidence:
        """Return what the frames so far say."""
        if len(self._seen) < LEAST_FRAMES:
            return FlashEvidence(0.0, 0.0, 1.0, 0.0, len(self._seen))
        numbers = np.array([number for number, _ in self._seen])
        light = np.stack([values for _, values in self._seen])  # (T, places, 3): the cells of the face, then beside
        told = np.isfinite(light).all(axis=(0, 2)) & (light.sum(axis=2).min(axis=0) > DARK)  # (places,)
        if told[:-1].mean() < LEAST_CELLS or not np.isfinite(light[:, -1]).all():
            return FlashEvidence(0.0, 0.0, 1.0, 0.0, len(self._seen))
        face = light[:, :-1][:, told[:-1]].mean(axis=1)  # (T, 3)
        fits = {lag: _fit(face, self._shown(numbers, lag)) for lag in LAGS}
        lag = max(fits, key=lambda one: fits[one])
        answers = _answers(light, self._shown(numbers, lag))  # (places,)
        cells, beside = answers[:-1][told[:-1]], float(answers[-1])
        answer = float(np.median(cells))
        if answer <= 0:
            return FlashEvidence(fits[lag], 0.0, 1.0, 0.0, len(self._seen))
        halves = [_answers(light[half], self._shown(numbers[half], lag)) for half in _halves(len(light))]
        relief = _relief([half[:-1] / answer for half in halves], told[:-1])
        return FlashEvidence(fits[lag], answer, max(beside, 0.0) / answer, relief, len(self._seen))

    def _shown(self, numbers: npt.NDArray[np.int64], lag: int) -> Floats:
        """Return the light that fell on the scene of each frame, ``(T, 3)``; before the first colour, the first."""
        return self._light[np.clip(numbers - lag, 0, len(self._light) - 1)]


def _measured(frame: Frame, face: Face) -> Floats:
    """Return linear light ``(places, 3)``: the cells of the face row by row, then the mean of both sides of it."""
    size = (SIDE_PX, SIDE_PX)
    crop = cv2.warpAffine(frame.image, similarity(face.landmarks, POSE), size, borderMode=cv2.BORDER_REPLICATE)
    wide = cv2.warpAffine(frame.image, similarity(face.landmarks, _AROUND), size, borderMode=cv2.BORDER_REPLICATE)
    core = _linear(crop[_CORE])
    height, width = core.shape[0] // _GRID, core.shape[1] // _GRID
    cells = core.reshape(_GRID, height, _GRID, width, 3).mean(axis=(1, 3)).reshape(-1, 3)
    white = (crop[_CORE].max(axis=2) >= CLIPPED).reshape(_GRID, height, _GRID, width).mean(axis=(1, 3)).reshape(-1)
    cells[white > _WHITE_AT_MOST] = np.nan
    rows, columns = _BESIDE
    beside = np.mean([_linear(wide[rows, place]).mean(axis=(0, 1)) for place in columns], axis=0)
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


def _relief(halves: Sequence[Floats], told: npt.NDArray[np.bool_]) -> float:
    """Return what no smooth sheet has: how far the cells lie from the best surface of the second degree.

    The two halves of the frames have the relief in common and not their noise: what counts is their covariance.
    """
    down, across = np.mgrid[-1 : 1 : _GRID * 1j, -1 : 1 : _GRID * 1j].reshape(2, -1)[:, told]
    surface = np.stack((np.ones_like(across), across, down, across**2, down**2, across * down), axis=1)
    uneven = [cells[told] - surface @ np.linalg.lstsq(surface, cells[told], rcond=None)[0] for cells in halves]
    return float(np.sqrt(max(float((uneven[0] * uneven[1]).mean()), 0.0)))

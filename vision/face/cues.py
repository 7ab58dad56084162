"""What else tells a picture that is held up from a face: the beat of a screen's pixels, and an edge that moves with it.

Two measures over the frames of one look, each a number with its reason. Neither passes anybody: where one speaks
against a face, the shopper is asked for a turn of the head. Numbers alone are kept of a frame.

*Moire*: a screen's pixels beat against the camera's, which gives a sharp peak in the spectrum of the face; skin, hair
and glasses have none. Where the lens is too coarse for the screen's pixels, it tells nothing.

*Border*: the left and right edge of a print or a telephone are straight, stand on both sides of the face and move with
it; shelves behind a shopper are as straight, and stand still.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vision.face.detect import Face
from vision.frame import Frame

PATCH_PX = 96  # of the spectrum, in the camera's own pixels: a face whose box is narrower is not asked
LEAST_FRAMES = 12
MOIRE_AT_MOST = (
    40.0  # of a peak against what lies around it; heads reached 32, two of five computed screens more than 300
)
BORDER_AT_MOST = 20.0  # grey levels a step; heads reached 17, computed telephones 27 and more
_LOWEST, _HIGHEST = 6, 46  # cycles a patch: below lies the face itself, above nothing that a lens lets through
_AROUND, _PEAK = 9, 3  # bins: a peak against what lies around it
_SLANTS = np.tan(np.radians((-6.0, -3.0, 0.0, 3.0, 6.0)))
_FROM, _TO = 1.25, 3.2  # eye distances from the middle of the face, where an edge is looked for
_UP, _DOWN = 1.0, 1.4  # eye distances above and below the eyes along which it must be straight
_STEPS_AN_EYE = 24  # of a profile, an eye distance: 2 to 3 camera pixels a step would blur an edge, so 1 or less each

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cue:
    """One measure: it speaks against a face where ``score`` is above ``limit``, for this ``reason``."""

    name: str
    score: float
    limit: float
    reason: str

    @property
    def is_against(self) -> bool:
        """Say whether it speaks against a face."""
        return self.score > self.limit


class Cues:
    """Collects both measures over the frames of one look."""

    def __init__(self) -> None:
        self._power: list[Floats] = []
        self._held: list[Floats] = []
        self._still: list[Floats] = []
        self._first: tuple[Floats, float] | None = None

    def observe(self, frame: Frame, face: Face) -> None:
        """Take in a frame with a face."""
        grey = np.asarray(cv2.cvtColor(frame.image, cv2.COLOR_BGR2GRAY), dtype=np.uint8)
        middle = face.landmarks.mean(axis=0, dtype=np.float64)
        eyes_px = float(np.hypot(*(face.landmarks[1] - face.landmarks[0])))
        if self._first is None:
            self._first = middle, eyes_px
        if face.box.width >= PATCH_PX:
            self._power.append(_spectrum(grey, middle))
        start, eyes_px = self._first
        self._held.append(_profiles(grey, middle, eyes_px))
        self._still.append(_profiles(grey, start, eyes_px))

    def seen(self) -> tuple[Cue, ...]:
        """Return what the frames so far say; nothing while they are few."""
        if len(self._held) < LEAST_FRAMES:
            return ()
        cues = [
            Cue(
                "border",
                border(self._held, self._still),
                BORDER_AT_MOST,
                "straight edges on both sides move with the face",
            )
        ]
        if len(self._power) >= LEAST_FRAMES:
            cues.append(Cue("moire", moire(self._power), MOIRE_AT_MOST, "a screen's pixels beat in the face"))
        return tuple(cues)


def moire(spectra: list[Floats]) -> float:
    """Return the highest peak of the mean spectrum against the median around it; ``(T, PATCH_PX, PATCH_PX)`` power."""
    power = np.mean(spectra, axis=0).astype(np.float32)
    around = _ring_median(power)
    down, across = np.mgrid[0:PATCH_PX, 0:PATCH_PX] - PATCH_PX // 2
    radius = np.hypot(down, across)
    wanted = (radius >= _LOWEST) & (radius <= _HIGHEST)
    return float((power / np.maximum(around, 1e-9))[wanted].max())


def border(held: list[Floats], still: list[Floats]) -> float:
    """Return how strong the weaker of two edges is, in grey levels a step; 0 where they do not move with the face.

    Args:
        held: ``(slants, steps)`` mean grey levels along slanted lines, by place from the middle of the face, a frame.
        still: The same from where the face was first: what stands behind it is sharper there.
    """
    moving, standing = (_edges(np.mean(profiles, axis=0)) for profiles in (held, still))
    return moving if moving > standing else 0.0


def _spectrum(grey: npt.NDArray[np.uint8], middle: Floats) -> Floats:
    left, top = (round(float(value)) - PATCH_PX // 2 for value in middle)
    patch = cv2.warpAffine(
        grey, np.array([[1.0, 0, -left], [0, 1, -top]]), (PATCH_PX, PATCH_PX), borderMode=cv2.BORDER_REFLECT
    ).astype(np.float64)
    window = np.hanning(PATCH_PX)
    patch = (patch - patch.mean()) * window * window[:, None]
    return np.asarray(np.abs(np.fft.fftshift(np.fft.fft2(patch))) ** 2)


def _ring_median(power: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the median of what lies around each bin, the peak itself left out."""
    half, inner = _AROUND // 2, _PEAK // 2
    padded = np.pad(power, half, mode="wrap")
    rings = [
        padded[half + down : half + down + PATCH_PX, half + across : half + across + PATCH_PX]
        for down in range(-half, half + 1)
        for across in range(-half, half + 1)
        if max(abs(down), abs(across)) > inner
    ]
    return np.asarray(np.median(rings, axis=0))


def _profiles(grey: npt.NDArray[np.uint8], middle: Floats, eyes_px: float) -> Floats:
    """Return ``(slants, steps)`` mean grey levels along lines up and down, by their place across."""
    step = eyes_px / _STEPS_AN_EYE
    width, height = 2 * round(_TO * _STEPS_AN_EYE) + 1, round((_UP + _DOWN) * _STEPS_AN_EYE)
    rows = []
    for slant in _SLANTS:
        move = np.array(
            [
                [step, step * slant, middle[0] - step * (width // 2) - step * slant * height / 2],
                [0, step, middle[1] - _UP * eyes_px],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        seen = cv2.warpAffine(grey, move, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
        rows.append(seen.mean(axis=0, dtype=np.float64))
    return np.stack(rows)


def _edges(profile: Floats) -> float:
    """Return the weaker of the strongest edges on either side."""
    change = np.abs(np.diff(profile, axis=1)).max(axis=0)
    away = np.arange(len(change)) + 0.5 - len(change) / 2
    least = _FROM * _STEPS_AN_EYE
    return float(min(change[away <= -least].max(), change[away >= least].max()))

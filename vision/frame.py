"""One picture of a camera, and where things are in it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
"""``(H, W, 3)`` uint8 BGR, as OpenCV gives it."""

Grey = npt.NDArray[np.uint8]
"""``(H, W)`` uint8."""

Landmarks = npt.NDArray[np.float32]
"""``(5, 2)`` float32 pixels (x, y): eye, eye, nose, mouth corner, mouth corner, left to right as seen."""

Crop = npt.NDArray[np.uint8]
"""``(112, 112, 3)`` uint8 BGR, aligned."""

Vector = npt.NDArray[np.float32]
"""``(D,)`` float32."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A picture and when it was taken.

    ``image`` is ``(H, W, 3)`` uint8 BGR; nobody writes into it. ``captured_at_ns`` is monotonic.
    """

    image: Image
    captured_at_ns: int

    @property
    def width_px(self) -> int:
        """Columns."""
        return int(self.image.shape[1])

    @property
    def height_px(self) -> int:
        """Rows."""
        return int(self.image.shape[0])


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle in pixels; ``left`` and ``top`` belong to it, ``right`` and ``bottom`` do not."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """First column beyond."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """First row beyond."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """Square pixels."""
        return self.width * self.height

    def overlap(self, other: "Box") -> float:
        """Return the share (0..1) of the smaller box that the other covers. Empty boxes overlap nothing."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        smaller = min(self.area, other.area)
        if across <= 0 or down <= 0 or smaller <= 0:
            return 0.0
        return across * down / smaller

    def scaled(self, factor: float) -> "Box":
        """Return the same place in a picture ``factor`` times as large."""
        return Box(self.left * factor, self.top * factor, self.width * factor, self.height * factor)

    def moved(self, right: float, down: float) -> "Box":
        """Return the box so many pixels further to the right and down."""
        return Box(self.left + right, self.top + down, self.width, self.height)

    def of_frame(self, width_px: int, height_px: int) -> tuple[float, float, float, float]:
        """Return (x, y, width, height) as shares 0..1 of the frame, cut to it, for a screen."""
        left, top = max(self.left, 0.0) / width_px, max(self.top, 0.0) / height_px
        right, bottom = min(self.right / width_px, 1.0), min(self.bottom / height_px, 1.0)
        return left, top, max(right - left, 0.0), max(bottom - top, 0.0)

"""Whether anything moves before a camera: an idle kiosk need not read the same counter fifteen times a second."""

from typing import Final

import cv2
import numpy as np

from vision.frame import Frame

SIZE: Final = (
    64,
    36,
)  # each cell the mean of some 400 pixels of 1280x720: a sensor's noise is far below one step in it
MOVED: Final = 6  # steps of 255 in any cell; a hand at the edge of the picture makes tens
STILL_NS: Final = 5_000_000_000  # longer than any vote takes, and than the hint waits for a code that is not read
LOOK_NS: Final = 500_000_000  # and so often all the same: what lies still may have been laid there in the dark


class Stillness:
    """For the thread of one camera."""

    def __init__(self) -> None:
        """Start as if something had just moved."""
        self._before: cv2.typing.MatLike | None = None
        self._moved_ns = 0
        self._looked_ns = 0

    def is_worth_reading(self, frame: Frame, *, seen: bool) -> bool:
        """Say whether a frame may hold something new.

        Args:
            frame: The frame. It costs some 0.3 ms.
            seen: A code was in view when a frame was last read: while one is, every frame counts.
        """
        cells = cv2.resize(frame.image, SIZE, interpolation=cv2.INTER_AREA)
        now_ns = frame.captured_at_ns
        if seen or self._before is None or int(np.max(cv2.absdiff(cells, self._before))) >= MOVED:
            self._before, self._moved_ns = cells, now_ns
        if now_ns - self._moved_ns >= STILL_NS and now_ns - self._looked_ns < LOOK_NS:
            return False
        self._looked_ns = now_ns
        return True

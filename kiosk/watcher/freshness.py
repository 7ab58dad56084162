"""Whether a camera gives new pictures, or its driver hangs on one, or somebody feeds the kiosk a photograph.

A sensor's noise makes each picture another one, also as JPEG: none of 270 drawn ones came again, with noise of 0.3 to 1
step. A film of H.264 that saves bytes stands still where nothing moves (150 of 150, noise of 1 step), so a camera in
the network is asked only while it looks at somebody. Films from a disk and folders may hold a picture for any time.
"""

import zlib
from typing import Final

from vision.frame import Frame

ROWS: Final = 8  # every eighth row is compared: 0.2 ms for 1280x720; noise is in all of them
FROZEN_NS: Final = 5_000_000_000  # a driver that restarts its camera is back by then
FROZEN_FRAMES: Final = 5  # and a driver may hand out one from before it was closed


class Freshness:
    """For the thread of one camera; closing and opening end nothing, as what is frozen is the same picture after it."""

    def __init__(self) -> None:
        """Start with no picture."""
        self._digest: int | None = None
        self._since_ns = 0
        self._repeats = 0

    def is_new(self, frame: Frame) -> bool:
        """Take a frame; say whether it is another picture than the one before."""
        digest = zlib.crc32(frame.image[::ROWS].tobytes())
        if digest != self._digest:
            self._digest, self._since_ns, self._repeats = digest, frame.captured_at_ns, 0
            return True
        self._repeats += 1
        return False

    def is_frozen(self, now_ns: int) -> bool:
        """Say whether the same picture has come for too long (monotonic)."""
        return self._repeats >= FROZEN_FRAMES and now_ns - self._since_ns >= FROZEN_NS

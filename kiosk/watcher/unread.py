"""Bars that somebody holds before the camera and that no engine reads: noticed once a presentation."""

from collections.abc import Callable
from typing import Final

from vision.barcode.presence import shows_bars
from vision.frame import Frame

PATIENCE_NS: Final = 4_000_000_000  # product 4.1: after 4 s a hint, then the keypad and the search
LOOK_NS: Final = 500_000_000  # twice a second: 3 ms each are no load
GONE_NS: Final = 1_200_000_000  # two looks in vain, and the pack was taken away


class Unread:
    """For the thread of one camera. A code that was read ends its presentation's hints."""

    def __init__(self, shows: Callable[[Frame], bool] = shows_bars) -> None:
        """Start with nothing in view.

        Args:
            shows: Whether bars are in view where no engine reads any.
        """
        self._shows = shows
        self._since_ns: int | None = None
        self._seen_ns = 0
        self._looked_ns = -LOOK_NS
        self._is_settled = False

    def observe(self, frame: Frame, *, seen: bool, read: bool) -> bool:
        """Take in one frame; return whether the shopper should be told now that their code cannot be read.

        Args:
            frame: The frame.
            seen: An engine made out some code in it.
            read: A code was believed.
        """
        now_ns = frame.captured_at_ns
        if seen or self._looks_like_bars(frame):
            self._seen_ns = now_ns
            if self._since_ns is None:
                self._since_ns = now_ns
        elif now_ns - self._seen_ns >= GONE_NS:
            self._since_ns, self._is_settled = None, False
        self._is_settled |= read
        if self._is_settled or self._since_ns is None or now_ns - self._since_ns < PATIENCE_NS:
            return False
        self._is_settled = True
        return True

    def _looks_like_bars(self, frame: Frame) -> bool:
        if frame.captured_at_ns - self._looked_ns < LOOK_NS:
            return False
        self._looked_ns = frame.captured_at_ns
        return self._shows(frame)

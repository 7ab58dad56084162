"""Codes in frames: decode, vote, and tell each presentation once."""

from collections.abc import Callable, Iterator
from typing import Final

import cv2
import numpy as np

from kiosk.ports import LookTold
from kiosk.visit.events import CodeRead, Event, StillHadNoCode
from kiosk.visit.sight import Role
from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.decode import Decoder, Schedule
from vision.barcode.observation import Observation
from vision.frame import Frame

SETTLE_NS: Final = 1_000_000_000
"""After the camera was closed and opened again, what lies in view already is no new presentation."""

STILL_STEP_NS: Final = 40_000_000
# Turns and sizes of the copies of a still picture (degrees, scale), within the burst that the vote was measured with.
# A misread hangs on the exact pixels and does not survive them, which makes several looks at one picture worth it.
STILL_POSES: Final = ((0.0, 1.0), (2.0, 0.96), (-2.0, 1.04), (4.0, 0.92), (-4.0, 1.06), (0.0, 0.94))


class BarReader:
    """For the thread of one camera."""

    def __init__(self, post: Callable[[Event], object], tell: Callable[[LookTold], None]) -> None:
        self._post = post
        self._tell = tell
        self._decoder = Decoder()
        self._accepter = Accepter()
        self._opened = False
        self._settled_ns: int | None = 0

    def opened(self) -> None:
        """Note that the camera begins to look, after a pause or for the first time."""
        self._settled_ns = None if self._opened else 0
        self._opened = True

    def see(self, frame: Frame) -> None:
        """Look for codes in one frame."""
        if self._settled_ns is None:
            self._settled_ns = frame.captured_at_ns + SETTLE_NS
        seen = self._decoder.decode(frame)
        self._tell(_told(frame, seen))
        for code in self._accepter.observe(seen, frame.captured_at_ns):
            if frame.captured_at_ns >= self._settled_ns:
                self._post(_event(code))

    def see_still(self, frame: Frame) -> int:
        """Look for codes in one still picture, as in a burst of frames; return how many were believed."""
        decoder, accepter = Decoder(schedule=Schedule.THOROUGH), Accepter()
        believed: dict[str, Accepted] = {}
        for pose in _poses(frame):
            for code in accepter.observe(decoder.decode(pose), pose.captured_at_ns):
                believed.setdefault(code.gtin14 or code.text, code)
        for code in believed.values():
            self._post(_event(code))
        if not believed:
            self._post(StillHadNoCode())
        return len(believed)


def _event(code: Accepted) -> CodeRead:
    return CodeRead(code.text, code.symbology.value)


def _told(frame: Frame, seen: tuple[Observation, ...]) -> LookTold:
    if not seen:
        return LookTold(Role.SCAN, None, "", 0.0)
    return LookTold(Role.SCAN, seen[0].box.of_frame(frame.width_px, frame.height_px), "ok", 0.5)


def _poses(frame: Frame) -> Iterator[Frame]:
    centre = (frame.width_px / 2, frame.height_px / 2)
    for turn, (degrees, scale) in enumerate(STILL_POSES):
        at_ns = frame.captured_at_ns + turn * STILL_STEP_NS
        if turn == 0:
            yield frame
            continue
        warp = cv2.getRotationMatrix2D(centre, degrees, scale)
        size = (frame.width_px, frame.height_px)
        image = cv2.warpAffine(frame.image, warp, size, borderMode=cv2.BORDER_REPLICATE)
        yield Frame(np.asarray(image, dtype=np.uint8), at_ns)

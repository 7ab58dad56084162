"""Codes in frames: decode, vote, and tell each presentation once."""

from collections.abc import Callable

from kiosk.ports import LookTold
from kiosk.visit.events import Approached, CodeRead, Event, StillHadNoCode
from kiosk.visit.sight import Role
from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.decode import Decoder
from vision.barcode.observation import Observation
from vision.barcode.still import read_still
from vision.frame import Frame


class BarReader:
    """For the thread of one camera.

    What was in view when the camera closed counts as still there when it opens again: a pack left lying is not sold
    twice, and another one is read at once.
    """

    def __init__(self, post: Callable[[Event], object], tell: Callable[[LookTold], None]) -> None:
        self._post = post
        self._tell = tell
        self._decoder = Decoder()
        self._accepter = Accepter()
        self._saw_bars = False

    def see(self, frame: Frame) -> None:
        """Look for codes in one frame."""
        seen = self._decoder.decode(frame)
        self._tell(_told(frame, seen))
        if seen and not self._saw_bars:
            self._post(Approached())
        self._saw_bars = bool(seen)
        for code in self._accepter.observe(seen, frame.captured_at_ns):
            self._post(_event(code))

    def see_still(self, frame: Frame) -> int:
        """Look for codes in one still picture, as in a burst of frames; return how many were believed."""
        believed = read_still(frame)
        for code in believed:
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

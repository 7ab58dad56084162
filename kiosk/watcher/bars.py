"""Codes in frames: decode, vote, and tell each presentation once."""

from collections.abc import Callable

from kiosk.ports import LookTold
from kiosk.trace import reached
from kiosk.visit.events import Approached, CodeRead, CodeUnreadable, Event, StillHadNoCode
from kiosk.visit.reading import WITH_ADD_ON
from kiosk.visit.sight import Role
from kiosk.watcher.stillness import Stillness
from kiosk.watcher.unread import Unread
from vision.barcode.debounce import Accepted, Accepter
from vision.barcode.decode import Decoder, Looks, Schedule
from vision.barcode.fence import FencedDecoder
from vision.barcode.observation import Observation
from vision.barcode.still import read_still
from vision.frame import Frame


class BarReader:
    """For the thread of one camera.

    What was in view when the camera closed counts as still there when it opens again: a pack left lying is not sold
    twice, and another one is read at once.
    """

    def __init__(
        self,
        post: Callable[[Event], object],
        tell: Callable[[LookTold], None],
        *,
        fence: Callable[[Schedule], FencedDecoder] | None = None,
    ) -> None:
        """Prepare to look.

        Args:
            post: Where codes go.
            tell: Where what was seen of a frame goes, for the page.
            fence: Puts the engines behind a fence; by default they work in this process.
        """
        self._post = post
        self._tell = tell
        self._fence = fence
        self._decoder: Looks = Decoder() if fence is None else fence(Schedule.ALTERNATING)
        self._accepter = Accepter()
        self._unread = Unread()
        self._stillness = Stillness()
        self._saw_bars = False

    def see(self, frame: Frame) -> None:
        """Look for codes in one frame.

        Raises:
            DecodersLostError: The engines crash over frame after frame.
        """
        if not self._stillness.is_worth_reading(frame, seen=self._saw_bars):
            return
        seen = self._decoder.decode(frame)
        if seen and not self._saw_bars:
            reached("captured", at_ns=frame.captured_at_ns)
            reached("decoded")
        self._tell(_told(frame, seen))
        if seen and not self._saw_bars:
            self._post(Approached())
        self._saw_bars = bool(seen)
        accepted = self._accepter.observe(seen, frame.captured_at_ns)
        for code in accepted:
            reached("accepted")
            self._post(_event(code))
        if self._unread.observe(frame, seen=bool(seen), read=bool(accepted)):
            self._post(CodeUnreadable())

    def see_still(self, frame: Frame) -> int:
        """Look for codes in one still picture, as in a burst of frames; return how many were believed."""
        if self._fence is None:
            believed = read_still(frame)
        else:
            with self._fence(Schedule.THOROUGH) as decoder:
                believed = read_still(frame, decoder)
        for code in believed:
            self._post(_event(code))
        if not believed:
            self._post(StillHadNoCode())
        return len(believed)

    def close(self) -> None:
        """End the engines' process, where they have one; a later frame begins another."""
        if isinstance(self._decoder, FencedDecoder):
            self._decoder.close()


def _event(code: Accepted) -> CodeRead:
    if code.add_on is not None:
        return CodeRead(code.text + code.add_on, WITH_ADD_ON, code.same_pack)
    return CodeRead(code.text, code.symbology.value, code.same_pack)


def _told(frame: Frame, seen: tuple[Observation, ...]) -> LookTold:
    if not seen:
        return LookTold(Role.SCAN, None, "", 0.0)
    return LookTold(Role.SCAN, seen[0].box.of_frame(frame.width_px, frame.height_px), "ok", 0.5)

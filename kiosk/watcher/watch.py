"""All cameras of one kiosk, as the loop and the page use them."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final

import cv2

from kiosk.ports import CameraOffError
from kiosk.visit.effects import LookEffect
from kiosk.visit.sight import Role, Sees, Sight
from kiosk.watcher.bars import BarReader
from kiosk.watcher.faces import FaceBooth
from kiosk.watcher.station import Station
from vision.frame import Frame
from vision.picture import decode_picture

PREVIEW_NS: Final = 1_000_000_000 // 15
PREVIEW_WIDTH_PX: Final = 960
JPEG_QUALITY: Final = 75
LENT_PIXELS: Final = 4_000_000  # a lent frame is 1280x720; a little more does no harm

GUARD_SECONDS: Final = 1.0

Show = Callable[[bytes], None]


class Previews:
    """JPEGs of the newest frame, made only while somebody watches, and never kept."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._viewers: dict[Role, tuple[Show, ...]] = dict.fromkeys(Role, ())
        self._last_ns: dict[Role, int] = dict.fromkeys(Role, 0)

    def watch(self, role: Role, show: Show) -> Callable[[], None]:
        """Add a viewer; return what removes it."""
        with self._lock:
            self._viewers[role] = (*self._viewers[role], show)

        def unwatch() -> None:
            with self._lock:
                self._viewers[role] = tuple(other for other in self._viewers[role] if other is not show)

        return unwatch

    def show(self, role: Role, frame: Frame) -> None:
        """Send a frame to the viewers, at most 15 a second; in the camera's thread, which encodes once for all."""
        viewers = self._viewers[role]
        if not viewers or frame.captured_at_ns - self._last_ns[role] < PREVIEW_NS:
            return
        self._last_ns[role] = frame.captured_at_ns
        image = frame.image
        if frame.width_px > PREVIEW_WIDTH_PX:
            height_px = round(frame.height_px * PREVIEW_WIDTH_PX / frame.width_px)
            image = cv2.resize(image, (PREVIEW_WIDTH_PX, height_px), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
        made, jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if made:
            content = jpeg.tobytes()
            for viewer in viewers:
                viewer(content)


class CameraWatch:
    """Keeps the promises of ``kiosk.ports.Watcher``."""

    def __init__(
        self,
        stations: Mapping[Role, Station],
        previews: Previews,
        booth: FaceBooth | None,
        sight: Callable[[], Sight],
        *,
        bars: BarReader | None = None,
    ) -> None:
        """Put the cameras together.

        Args:
            stations: Who serves each role; one station may serve both.
            previews: Where frames go for the page.
            booth: Who compares faces; None where the face part does not work.
            sight: What each role may look for now.
            bars: Who reads codes; ended with the cameras.
        """
        self._bars = bars
        self._stations = stations
        self._previews = previews
        self._booth = booth
        self._sight = sight
        self._ended = threading.Event()
        self._guard = threading.Thread(target=self._stand_guard, name="cameras", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        for station in self._each():
            station.start()
        self._guard.start()

    def stop(self) -> None:
        """Close all cameras."""
        self._ended.set()
        for station in self._each():
            station.stop()
        if self._bars is not None:
            self._bars.close()

    def wake(self) -> None:
        """Ask again what may be looked for."""
        for station in self._each():
            station.wake()

    def carry_out(self, effect: LookEffect) -> None:
        """Begin or end a look; returns at once."""
        if self._booth is not None:
            self._booth.carry_out(effect)
        self.wake()

    def watch(self, role: Role, show: Show) -> Callable[[], None]:
        """Call ``show`` with the newest JPEGs of a role; return what ends it."""
        return self._previews.watch(role, show)

    def lend(self, role: Role, jpeg: bytes) -> None:
        """Take a frame of the page's own camera.

        Raises:
            CameraOffError: This role lends no frames, or may not look now.
            PictureUnreadableError: It is no picture.
        """
        put = self._stations[role].source.put
        if put is None or self._sight().of(role) is Sees.NOTHING:
            raise CameraOffError(role)
        put(decode_picture(jpeg, captured_at_ns=time.monotonic_ns(), max_pixels=LENT_PIXELS))

    def flash_shown(self, look_id: str, place: int, at_ns: int) -> None:
        """Take the page's word that it shows a colour since ``at_ns`` (monotonic)."""
        if self._booth is not None:
            self._booth.flash_shown(look_id, place, at_ns)

    def show_picture(self, role: Role, content: bytes) -> "Future[int]":
        """Look at one still picture.

        Raises:
            CameraOffError: Nothing may be looked for now.
            PictureUnreadableError: It is no picture, or too much of one.
            queue.Full: Too many pictures wait.
        """
        if self._sight().of(role) is Sees.NOTHING:
            raise CameraOffError(role)  # before it is decoded: what may not be looked at is not even opened
        return self._stations[role].show_still(role, decode_picture(content, captured_at_ns=time.monotonic_ns()))

    def _stand_guard(self) -> None:
        """Notice a driver that hangs: its own thread cannot say so."""
        while not self._ended.wait(GUARD_SECONDS):
            for station in self._each():
                station.check(time.monotonic_ns())

    def _each(self) -> tuple[Station, ...]:
        return tuple(dict.fromkeys(self._stations.values()))

"""Cameras by their setting: those of ``vision.capture``, the page's own, or none."""

import threading
from collections.abc import Callable
from typing import Final, Literal

from kiosk.ports import Camera, Source
from kiosk.visit.sight import Role
from vision.capture import open_camera
from vision.frame import Frame

FRAME_SECONDS: Final = 0.1  # how long a read waits for the page's next frame (12 a second)


class BrowserCamera:
    """Frames that the page lends; a slot of one, so that only the newest is ever looked at."""

    def __init__(self) -> None:
        self._filled = threading.Condition()
        self._newest: Frame | None = None

    def put(self, frame: Frame) -> None:
        """Replace the frame; from any thread."""
        with self._filled:
            self._newest = frame
            self._filled.notify()

    def read(self) -> Frame | None:
        """Return the newest frame that was not read yet, or None after a tenth of a second."""
        with self._filled:
            if self._newest is None:
                self._filled.wait(FRAME_SECONDS)
            frame, self._newest = self._newest, None
            return frame

    def close(self) -> None:
        """Drop the frame; the page stops lending by itself."""
        with self._filled:
            self._newest = None


def sources(scan: str, face: str) -> tuple[Source, ...]:
    """Return what serves the two roles; one source serves both where ``face`` is ``same``.

    Raises:
        SourceUnknownError: A setting names no camera.
    """
    if face == "same":
        face = scan
        if scan not in {"browser", "none"}:
            return (Source((Role.SCAN, Role.FACE), "device", _opener(scan), None, _repeats(scan)),)
    return (_source(Role.SCAN, scan), _source(Role.FACE, face))


def _source(role: Role, setting: str) -> Source:
    if setting == "none":
        return Source((role,), "none", BrowserCamera, None)
    if setting == "browser":
        lent = BrowserCamera()
        return Source((role,), "browser", lambda: lent, lent.put)
    return Source((role,), "device", _opener(setting), None, _repeats(setting))


def _repeats(setting: str) -> Literal["never", "still", "always"]:
    if setting.startswith("device:"):
        return "never"
    return "still" if setting.startswith("stream:") else "always"


def _opener(setting: str) -> Callable[[], Camera]:
    camera = open_camera(setting)  # a wrong setting is told at the start, not at the first scan
    camera.close()
    return lambda: open_camera(setting)

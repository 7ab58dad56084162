"""Cameras to frames, chosen by a text.

==========================  ===========================================================================
``device:0``                a camera of this machine, by its number
``stream:rtsp://...``       a camera in the network; also ``http://`` and ``https://``
``file:clip.mp4``           a film at its own pace; ``?loop=no`` ends after one showing
``folder:pictures``         the pictures of a folder in the order of their names, round and round; ``?hold_ms=1000``
==========================  ===========================================================================

``read`` gives the next frame, ``None`` where there is none yet, or raises ``CameraLostError`` after each attempt to
open a lost camera again; between attempts it waits longer and longer, and gives ``None``.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Lock
from typing import Protocol
from urllib.parse import parse_qsl

import cv2
import numpy as np

from vision.errors import CameraLostError, PictureUnreadableError, SourceUnknownError
from vision.frame import Frame, Image
from vision.picture import MAX_BYTES, decode_picture
from vision.video import NewestVideo, Video

FRAME_SECONDS = 1 / 15  # what sight works through; also the pause before asking again for nothing
BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0)  # a cable is put back within seconds, a router restarts in a minute
MISSES_ENDURED = 5  # frames; one bad packet is not a lost camera
STALL_NS = 2_000_000_000  # and no frame for so long is one, however few times it was asked: a driver may hold a read up
HOLD_MS = 1000
SIZE_ASKED = (1280, 720)
OPEN_TIMEOUT_MS = 5000
# Over TCP, which loses nothing, and without guessing a rate that nobody asks for: 20 frames less to wait for at each
# opening. Whoever knows better for a camera sets the variable; films from a disk say their rate all the same.
STREAM_OPTIONS = ("OPENCV_FFMPEG_CAPTURE_OPTIONS", "rtsp_transport;tcp|fpsprobesize;0")
CLOSE_SECONDS = 1.0
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})

NOTHING_THERE: Image = np.zeros((480, 640, 3), np.uint8)
"""What a folder without pictures looks like."""


class Camera(Protocol):
    """A source of frames, for one thread; ``close`` may come from another."""

    def read(self) -> Frame | None:
        """Return the next frame, or None where there is none yet; blocks for about a frame's time.

        Raises:
            CameraLostError: It could not be opened again just now. Keep reading: it will be tried again.
        """
        ...

    def close(self) -> None:
        """Let go of the device. A ``read`` under way returns soon; later ones return None."""
        ...


class Timer:
    """Now, and waiting that ``close`` can end."""

    def __init__(self) -> None:
        self._closed = Event()

    def now_ns(self) -> int:
        """Return monotonic ns."""
        return time.monotonic_ns()

    def wait(self, seconds: float) -> None:
        """Return after so long, or as soon as the camera is closed."""
        self._closed.wait(max(seconds, 0.0))

    def close(self) -> None:
        """End the waiting, now and from now on."""
        self._closed.set()

    @property
    def is_closed(self) -> bool:
        """Say whether the camera was closed."""
        return self._closed.is_set()


def open_camera(setting: str) -> Camera:
    """Return the camera that a setting names. It is opened at the first ``read``.

    Raises:
        SourceUnknownError: The setting names none.
    """
    kind, _, rest = setting.partition(":")
    if kind == "device" and rest.isascii() and rest.isdigit():
        return VideoCamera(setting, lambda: _device(int(rest)))
    if kind == "stream" and rest.startswith(("rtsp://", "rtsps://", "http://", "https://")):
        return VideoCamera(setting, lambda: _stream(rest))
    if kind in {"file", "folder"}:
        place, _, options = rest.partition("?")
        chosen = dict(parse_qsl(options, keep_blank_values=True))
        if kind == "file" and place and chosen.keys() <= {"loop"} and chosen.get("loop", "yes") in {"yes", "no"}:
            loops = chosen.get("loop", "yes") == "yes"
            return VideoCamera(setting, lambda: cv2.VideoCapture(place), paced=True, loops=loops)
        hold = chosen.get("hold_ms", str(HOLD_MS))
        if kind == "folder" and place and chosen.keys() <= {"hold_ms"} and hold.isascii() and hold.isdigit():
            return FolderCamera(Path(place), hold_ms=int(hold))
    raise SourceUnknownError(setting)


class VideoCamera:
    """A device, a stream or a film, opened again when it is lost."""

    def __init__(
        self,
        name: str,
        opener: Callable[[], Video],
        *,
        paced: bool = False,
        loops: bool = False,
        timer: Timer | None = None,
    ) -> None:
        """Prepare to open.

        Args:
            name: For messages.
            opener: Opens the device.
            paced: Give frames no faster than the film was taken: a file would otherwise be read in a second.
            loops: Begin anew at the end.
            timer: Time and waiting.
        """
        self._name = name
        self._opener = opener
        self._paced = paced
        self._loops = loops
        self._timer = timer or Timer()
        self._video: Video | None = None
        self._due_ns = 0
        self._retry_ns = 0
        self._attempts = 0
        self._misses = 0
        self._asked_ns = 0
        self._is_over = False
        self._reading = Lock()

    def read(self) -> Frame | None:
        """Return the next frame; see ``Camera``."""
        with self._reading:
            try:
                return self._read()
            finally:
                if self._timer.is_closed:
                    self._release()

    def close(self) -> None:
        """Let go of the device: at once where nobody reads, else at the end of that ``read``."""
        self._timer.close()
        if self._reading.acquire(timeout=CLOSE_SECONDS):
            self._release()
            self._reading.release()

    def _read(self) -> Frame | None:
        if self._timer.is_closed:
            return None
        video = self._video or self._open_again()
        if video is None:
            return None
        if self._paced:
            self._keep_pace(video)
        self._asked_ns = self._timer.now_ns()
        try:
            ok, image = video.read()
        except cv2.error:
            ok, image = False, None  # pulled out in the middle of a frame
        if ok and isinstance(image, np.ndarray) and image.size:
            self._misses = self._attempts = 0
            return Frame(_as_bgr(image), self._timer.now_ns())
        return self._missed()

    def _open_again(self) -> Video | None:
        if self._is_over or self._timer.now_ns() < self._retry_ns:
            self._timer.wait(FRAME_SECONDS)
            return None
        video = self._opener()
        if video.isOpened():
            self._video, self._due_ns = video, self._timer.now_ns()
            return video
        video.release()
        self._give_up()
        raise CameraLostError(self._name, attempts=self._attempts)

    def _give_up(self) -> None:
        pause = BACK_OFF_SECONDS[min(self._attempts, len(BACK_OFF_SECONDS) - 1)]
        self._attempts += 1
        self._retry_ns = self._timer.now_ns() + round(pause * 1e9)

    def _keep_pace(self, video: Video) -> None:
        rate = video.get(cv2.CAP_PROP_FPS)
        step_ns = round(1e9 / rate if 1 <= rate <= 240 else 1e9 * FRAME_SECONDS)  # noqa: PLR2004 - else it cannot know
        self._timer.wait((self._due_ns - self._timer.now_ns()) / 1e9)
        # A reader that fell behind goes on from here, rather than being given the missed frames at once.
        self._due_ns = max(self._due_ns, self._timer.now_ns() - step_ns) + step_ns

    def _missed(self) -> Frame | None:
        self._misses += 1
        ended = self._paced and self._misses == 1
        if ended and self._loops:
            self._release()  # opened again by the next read: not every format can be rewound
            return None
        has_stalled = self._timer.now_ns() - self._asked_ns >= STALL_NS
        if not ended and not has_stalled and self._misses < MISSES_ENDURED:
            self._timer.wait(FRAME_SECONDS)
            return None
        self._release()
        self._is_over = ended
        self._misses = 0
        self._give_up()
        raise CameraLostError(self._name, attempts=self._attempts)

    def _release(self) -> None:
        if self._video is not None:
            self._video.release()
            self._video = None


class FolderCamera:
    """The pictures of a folder, held one after the other before a camera; where there is none, it sees black.

    The folder is listed anew each round, so that pictures may come and go. A broken picture is passed over and counted
    in ``skipped``; one that is still being written is broken now and whole in the next round.
    """

    def __init__(self, folder: Path, *, hold_ms: int = HOLD_MS, timer: Timer | None = None) -> None:
        self._folder = folder
        self._hold_ns = hold_ms * 1_000_000
        self._timer = timer or Timer()
        self._round: Iterator[Path] = iter(())
        self._image: Image | None = None
        self._until_ns = 0
        self.skipped = 0

    def read(self) -> Frame | None:
        """Return the picture held now, again and again until the next is due; see ``Camera``."""
        if self._timer.is_closed:
            return None
        if self._image is None or self._timer.now_ns() >= self._until_ns:
            self._image = self._next()
            self._until_ns = self._timer.now_ns() + self._hold_ns
        else:
            self._timer.wait(FRAME_SECONDS)
        if self._image is None:
            # Like any camera with nothing before it, this one goes on seeing: what left must be seen to have left.
            self._timer.wait(FRAME_SECONDS)
            return Frame(NOTHING_THERE, self._timer.now_ns())
        return Frame(self._image, self._timer.now_ns())

    def close(self) -> None:
        """Put the pictures down."""
        self._timer.close()

    def _next(self) -> Image | None:
        """Return the next picture that can be read, from this round or a new one, or None after one full round."""
        for place in self._round:
            if (image := self._picture(place)) is not None:
                return image
        self._round = iter(self._listed())
        for place in self._round:
            if (image := self._picture(place)) is not None:
                return image
        return None

    def _listed(self) -> list[Path]:
        if not self._folder.is_dir():
            self._timer.wait(BACK_OFF_SECONDS[0])
            raise CameraLostError(f"folder:{self._folder.name}", attempts=0)
        return sorted(place for place in self._folder.iterdir() if place.suffix.lower() in SUFFIXES)

    def _picture(self, place: Path) -> Image | None:
        try:
            if place.stat().st_size > MAX_BYTES:
                self.skipped += 1
                return None
            return decode_picture(place.read_bytes(), captured_at_ns=0).image
        except FileNotFoundError:
            return None  # taken away since the folder was listed
        except (OSError, PictureUnreadableError):
            self.skipped += 1
            return None


def _device(number: int) -> Video:
    video = cv2.VideoCapture(number)
    video.set(cv2.CAP_PROP_FRAME_WIDTH, SIZE_ASKED[0])
    video.set(cv2.CAP_PROP_FRAME_HEIGHT, SIZE_ASKED[1])
    video.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest frame, not one from a queue
    return video


def _stream(address: str) -> Video:
    os.environ.setdefault(*STREAM_OPTIONS)
    timeouts = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, OPEN_TIMEOUT_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, OPEN_TIMEOUT_MS]
    return NewestVideo(cv2.VideoCapture(address, cv2.CAP_FFMPEG, timeouts))


def _as_bgr(image: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> Image:
    picture = np.asarray(image, dtype=np.uint8)
    if picture.ndim == 2:  # noqa: PLR2004 - a grey camera
        picture = np.asarray(cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR), dtype=np.uint8)
    return picture

"""What is used of ``cv2.VideoCapture``, and a reader of streams that gives only the newest frame.

A camera in the network sends whether somebody reads or not, and what waits in between is a queue: of a camera with 30
frames a second, each looked at for a tenth, pictures were five seconds old after six, and older with each.
"""

import threading
from typing import Protocol

import cv2

CLOSE_SECONDS = 1.0
WAIT_SECONDS = 0.5  # a slow camera gives two frames a second; whoever waits longer could not be closed


class Video(Protocol):
    """What is used of ``cv2.VideoCapture``."""

    def isOpened(self) -> bool:  # noqa: N802 - the library's name
        """Say whether it can be read."""
        ...

    def read(self) -> tuple[bool, object]:
        """Return whether there was a frame, and the frame."""
        ...

    def get(self, property_id: int, /) -> float:
        """Return a property."""
        ...

    def release(self) -> None:
        """Let go."""
        ...


class NewestVideo:
    """A stream, read by a thread of its own as fast as its frames come; a slot of one holds the newest."""

    def __init__(self, video: Video) -> None:
        """Take over an open video: from here on nobody else may use it."""
        self._video = video
        self._is_open = video.isOpened()
        self._rate = video.get(cv2.CAP_PROP_FPS) if self._is_open else 0.0
        self._filled = threading.Condition()
        self._newest: object = None
        self._is_over = not self._is_open
        # No daemon: one that is inside the library when the interpreter goes takes the whole process down with it.
        self._thread = threading.Thread(target=self._run, name="stream")
        self._thread.start()

    def isOpened(self) -> bool:  # noqa: N802 - the library's name
        """Say whether it was opened."""
        return self._is_open

    def read(self) -> tuple[bool, object]:
        """Return a frame that was not given yet, the newest; wait half a second for one at most."""
        with self._filled:
            self._filled.wait_for(lambda: self._newest is not None or self._is_over, WAIT_SECONDS)
            frame, self._newest = self._newest, None
        return frame is not None, frame

    def get(self, property_id: int, /) -> float:
        """Return the rate of frames; nothing else is asked of a stream."""
        return self._rate if property_id == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        """Let go of the stream; one that hangs in a read lets go when the library's own patience ends."""
        self._end()
        self._thread.join(CLOSE_SECONDS)

    def _run(self) -> None:
        try:
            while not self._is_over and threading.main_thread().is_alive():
                there, frame = self._video.read()
                with self._filled:
                    if there:
                        self._newest = frame
                    else:
                        self._is_over = True
                    self._filled.notify_all()
        except cv2.error:
            pass  # cut off in the middle of a frame
        finally:
            self._end()
            self._video.release()

    def _end(self) -> None:
        with self._filled:
            self._is_over = True
            self._filled.notify_all()

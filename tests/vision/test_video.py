"""The newest frame of a stream; the stream gives a frame when the test lets it."""

import queue
import threading

import cv2
import numpy as np
import pytest

from vision.video import NewestVideo


class Stream:
    """Gives what is put into it; None ends it, an error is thrown."""

    def __init__(self) -> None:
        self.frames: queue.Queue[np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | cv2.error | None] = queue.Queue()
        self.released = threading.Event()

    def isOpened(self) -> bool:  # noqa: N802 - the library's name
        return True

    def read(self) -> tuple[bool, object]:
        frame = self.frames.get()
        self.frames.task_done()
        if isinstance(frame, cv2.error):
            raise frame
        return frame is not None, frame

    def get(self, property_id: int, /) -> float:
        return 15.0 if property_id == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        self.released.set()

    def show(self, *shades: int) -> None:
        for shade in shades:
            self.frames.put(np.full((8, 8, 3), shade, np.uint8))


def shade(newest: NewestVideo) -> int:
    """Read until a frame comes: a read ends after half a second, which a loaded machine may need for nothing at all."""
    tries = (newest.read() for _ in range(40))
    frame = next(frame for there, frame in tries if there)
    assert isinstance(frame, np.ndarray)
    return int(frame[0, 0, 0])


def test_frames_that_nobody_read_in_time_are_passed_over_when_a_later_one_is_there() -> None:
    stream = Stream()
    newest = NewestVideo(stream)
    stream.show(1, 2, 3)
    stream.frames.put(None)  # taken only after the third was laid down
    stream.released.wait(60)

    assert shade(newest) == 3
    assert newest.read() == (False, None)


def test_each_frame_is_given_once_when_the_reader_is_faster_than_the_camera() -> None:
    stream = Stream()
    newest = NewestVideo(stream)
    seen = []
    for number in (1, 2, 3):
        stream.show(number)
        seen.append(shade(newest))
    stream.frames.put(None)

    assert seen == [1, 2, 3]
    assert newest.get(cv2.CAP_PROP_FPS) == 15.0


@pytest.mark.parametrize("end", [None, cv2.error("cut off")], ids=["ended", "torn"])
def test_the_stream_is_let_go_when_it_ends_or_tears(end: cv2.error | None) -> None:
    stream = Stream()
    newest = NewestVideo(stream)

    stream.frames.put(end)

    assert stream.released.wait(60)
    assert newest.read() == (False, None)


def test_the_stream_is_let_go_when_its_reader_closes_it() -> None:
    stream = Stream()
    newest = NewestVideo(stream)
    stream.show(1)
    assert shade(newest) == 1

    closing = threading.Thread(target=newest.release)
    closing.start()
    stream.show(2)  # the read that was under way ends
    closing.join(60)
    stream.frames.put(None)

    assert stream.released.wait(60)
    assert newest.isOpened()

"""Cameras, with time in our hands."""

from collections.abc import Callable
from pathlib import Path
from threading import Thread

import cv2
import numpy as np
import pytest

from vision.capture import (
    BACK_OFF_SECONDS,
    FRAME_SECONDS,
    MISSES_ENDURED,
    FolderCamera,
    Timer,
    VideoCamera,
    open_camera,
)
from vision.errors import CameraLostError, SourceUnknownError
from vision.video import Video

SECOND_NS = 1_000_000_000


class Clock(Timer):
    """Time that passes only by waiting."""

    def __init__(self) -> None:
        super().__init__()
        self.time_ns = SECOND_NS

    def now_ns(self) -> int:
        return self.time_ns

    def wait(self, seconds: float) -> None:
        self.time_ns += round(max(seconds, 0) * 1e9)


class Film:
    """A video of so many grey frames, each a shade of its own."""

    def __init__(self, frames: int, *, opens: bool = True, rate: float = 10.0) -> None:
        self.left = frames
        self.opens = opens
        self.rate = rate
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802 - the library's name
        return self.opens

    def read(self) -> tuple[bool, object]:
        if not self.left:
            return False, None
        self.left -= 1
        return True, np.full((8, 8), self.left, dtype=np.uint8)

    def get(self, property_id: int, /) -> float:
        return self.rate if property_id == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        self.released = True


def opener(*films: Film) -> Callable[[], Video]:
    waiting = list(films)
    return lambda: waiting.pop(0) if waiting else Film(0, opens=False)


def a_picture(folder: Path, name: str, shade: int) -> None:
    cv2.imwrite(str(folder / name), np.full((8, 8, 3), shade, dtype=np.uint8))


def shades(camera: FolderCamera, reads: int) -> list[int | None]:
    frames = [camera.read() for _ in range(reads)]
    return [None if frame is None else int(frame.image[0, 0, 0]) for frame in frames]


@pytest.mark.parametrize(
    "setting", ["device:0", "stream:rtsp://camera/1", "file:clip.mp4?loop=no", "folder:some where?hold_ms=200"]
)
def test_camera_is_made_and_nothing_opened_when_a_setting_names_it(setting: str) -> None:
    open_camera(setting).close()


@pytest.mark.parametrize(
    "setting",
    [
        "",
        "device",
        "device:",
        "device:x",
        "stream:file:///etc/passwd",
        "file:",
        "file:a?loop=maybe",
        "folder:?hold_ms=1",
        "folder:a?hold_ms=-1",
        "webcam:0",
        "file:a?speed=2",
    ],
)
def test_sentence_shows_how_to_write_it_when_a_setting_names_no_camera(setting: str) -> None:
    with pytest.raises(SourceUnknownError, match="device:0"):
        open_camera(setting)


def test_grey_frames_become_colour_with_a_time_when_read() -> None:
    frame = VideoCamera("test", opener(Film(1)), timer=Clock()).read()

    assert frame is not None
    assert frame.image.shape == (8, 8, 3)
    assert frame.captured_at_ns == SECOND_NS


def test_camera_is_lost_loudly_and_tried_later_and_later_when_it_does_not_open() -> None:
    clock = Clock()
    camera = VideoCamera("test", opener(), timer=clock)
    tried_at: list[float] = []

    for _ in range(600):
        try:
            assert camera.read() is None
        except CameraLostError as lost:
            tried_at.append(clock.time_ns / SECOND_NS)
            assert lost.attempts == len(tried_at)  # noqa: PT017 - most reads give None, some raise

    pauses = np.diff(tried_at)
    np.testing.assert_allclose(pauses[:5], BACK_OFF_SECONDS, atol=FRAME_SECONDS)
    assert pauses[-1] == pytest.approx(BACK_OFF_SECONDS[-1], abs=FRAME_SECONDS)


def frames_and_losses(camera: VideoCamera, *, until: int) -> tuple[int, int]:
    """Read until so many frames came; return how many came, and how often the camera was lost on the way."""
    frames, losses = 0, 0
    for _ in range(40):
        try:
            frames += camera.read() is not None
        except CameraLostError:
            losses += 1
        if frames == until:
            break
    return frames, losses


def test_frames_go_on_when_the_camera_is_plugged_in_again() -> None:
    first, second = Film(2), Film(2)
    camera = VideoCamera("test", opener(first, second), timer=Clock())

    assert frames_and_losses(camera, until=4) == (4, 1)
    assert first.released


def test_camera_is_kept_when_a_few_frames_are_missing() -> None:
    film = Film(0)
    camera = VideoCamera("test", opener(film), timer=Clock())

    for _ in range(MISSES_ENDURED - 1):
        assert camera.read() is None
    assert not film.released
    with pytest.raises(CameraLostError):
        camera.read()
    assert film.released


def test_camera_is_lost_at_once_when_its_driver_holds_a_read_up_and_gives_nothing() -> None:
    clock = Clock()

    class Stalled(Film):
        def read(self) -> tuple[bool, object]:
            clock.wait(10)  # as long as Linux waits for a camera that hangs
            return False, None

    film = Stalled(0)
    camera = VideoCamera("test", opener(film), timer=clock)

    with pytest.raises(CameraLostError):
        camera.read()

    assert film.released


def test_camera_is_opened_again_when_its_library_throws_in_the_middle_of_a_frame() -> None:
    class Torn(Film):
        def read(self) -> tuple[bool, object]:
            raise cv2.error("pulled out")

    torn, whole = Torn(0), Film(1)
    camera = VideoCamera("test", opener(torn, whole), timer=Clock())

    assert frames_and_losses(camera, until=1) == (1, 1)
    assert torn.released


def test_film_runs_at_its_own_pace_when_it_is_read_fast() -> None:
    clock = Clock()
    camera = VideoCamera("test", opener(Film(11, rate=10)), paced=True, timer=clock)

    times = [frame.captured_at_ns for _ in range(11) if (frame := camera.read()) is not None]

    np.testing.assert_allclose(np.diff(times), SECOND_NS / 10, rtol=1e-6)


def test_film_begins_anew_when_it_loops() -> None:
    camera = VideoCamera("test", opener(Film(2), Film(2), Film(2)), paced=True, loops=True, timer=Clock())

    assert sum(camera.read() is not None for _ in range(8)) == 6


def test_film_ends_for_good_when_it_does_not_loop() -> None:
    clock = Clock()
    camera = VideoCamera("test", opener(Film(1), Film(9)), paced=True, timer=clock)
    assert camera.read() is not None

    with pytest.raises(CameraLostError):
        camera.read()

    clock.time_ns += 100 * SECOND_NS
    assert [camera.read() for _ in range(5)] == [None] * 5


def test_device_is_let_go_when_closed() -> None:
    film = Film(9)
    camera = VideoCamera("test", opener(film))
    camera.read()

    camera.close()

    assert film.released
    assert camera.read() is None


def test_reader_is_freed_at_once_when_a_waiting_camera_is_closed() -> None:
    # A film of one frame a second keeps its reader waiting; the real timer is used.
    camera = VideoCamera("test", opener(Film(90, rate=1.0)), paced=True)
    camera.read()
    reader = Thread(target=camera.read)
    reader.start()

    camera.close()
    reader.join(timeout=60)

    assert not reader.is_alive()


def test_pictures_are_held_in_the_order_of_their_names_when_a_folder_is_shown(tmp_path: Path) -> None:
    for name, shade in (("b.png", 20), ("a.jpg", 10), ("c.webp", 30)):
        a_picture(tmp_path, name, shade)
    (tmp_path / "notes.txt").write_text("no picture")
    camera = FolderCamera(tmp_path, hold_ms=200, timer=Clock())

    seen = shades(camera, 12)

    assert list(dict.fromkeys(seen)) == [10, 20, 30]
    assert seen[:4].count(10) >= 3  # held for 200 ms at 15 frames a second


def test_new_and_gone_pictures_are_minded_when_the_next_round_begins(tmp_path: Path) -> None:
    a_picture(tmp_path, "a.png", 10)
    a_picture(tmp_path, "b.png", 20)
    camera = FolderCamera(tmp_path, hold_ms=0, timer=Clock())
    assert shades(camera, 1) == [10]

    (tmp_path / "b.png").unlink()
    a_picture(tmp_path, "c.png", 30)

    assert shades(camera, 4) == [10, 30, 10, 30]


def test_broken_picture_is_passed_over_and_counted_when_shown(tmp_path: Path) -> None:
    a_picture(tmp_path, "a.png", 10)
    a_picture(tmp_path, "b.png", 20)
    (tmp_path / "b.png").write_bytes((tmp_path / "b.png").read_bytes()[:-20])
    (tmp_path / "c.jpg").write_bytes(b"not at all")
    camera = FolderCamera(tmp_path, hold_ms=0, timer=Clock())

    assert shades(camera, 3) == [10, 10, 10]
    assert camera.skipped == 4


def test_black_is_seen_when_the_folder_is_empty_and_a_picture_once_it_is_not(tmp_path: Path) -> None:
    camera = FolderCamera(tmp_path, timer=Clock())
    empty = camera.read()
    assert empty is not None
    assert not empty.image.any()

    a_picture(tmp_path, "a.png", 10)

    assert shades(camera, 1) == [10]


def test_camera_is_lost_when_its_folder_is_and_found_again(tmp_path: Path) -> None:
    camera = FolderCamera(tmp_path / "pictures", timer=Clock())
    with pytest.raises(CameraLostError):
        camera.read()

    (tmp_path / "pictures").mkdir()
    a_picture(tmp_path / "pictures", "a.png", 10)

    assert shades(camera, 1) == [10]


def test_real_film_is_read_when_a_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (64, 48))
    for shade in (50, 100, 150):
        writer.write(np.full((48, 64, 3), shade, dtype=np.uint8))
    writer.release()
    camera = open_camera(f"file:{path}?loop=no")

    frames = [camera.read() for _ in range(3)]
    camera.close()

    assert [round(float(frame.image.mean()) / 50) for frame in frames if frame is not None] == [1, 2, 3]

"""Cameras in the network that are none of ours: GStreamer's RTSP server and ffmpeg, killed and begun again."""

import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from vision.capture import Camera, open_camera
from vision.errors import CameraLostError
from vision.frame import Frame

RTSP_CAMERA = Path(__file__).with_name("rtsp_camera.py")
SYSTEM_PYTHON = "/usr/bin/python3"
NEEDED = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); gi.require_version('Gst', '1.0');"
    "from gi.repository import Gst, GstRtspServer; Gst.init(None);"
    "assert all(map(Gst.ElementFactory.find, ('videotestsrc', 'x264enc', 'rtph264pay')))"
)
PACKAGES = "gir1.2-gst-rtsp-server-1.0 python3-gi gstreamer1.0-plugins-{base,good,ugly}"
PATIENCE_SECONDS = 60.0  # a loaded machine is slow, not wrong

Begin = Callable[[int], tuple[subprocess.Popen[str], int]]


def rtsp(port: int) -> tuple[subprocess.Popen[str], int]:
    """Begin an RTSP camera; return it and its port once it listens."""
    process = subprocess.Popen([SYSTEM_PYTHON, str(RTSP_CAMERA), str(port)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with process.stdout as told:
        return process, int(told.readline())


def mjpeg(port: int) -> tuple[subprocess.Popen[str], int]:
    """Begin ffmpeg as a camera of one viewer; it listens a moment later."""
    if not port:
        with socket.create_server(("127.0.0.1", 0)) as found:
            port = found.getsockname()[1]
    seen = ["-re", "-f", "lavfi", "-i", "testsrc=size=640x360:rate=15", "-c:v", "mjpeg", "-f", "mpjpeg"]
    program = ["ffmpeg", "-v", "quiet", *seen, "-listen", "1", f"http://127.0.0.1:{port}/cam"]
    return subprocess.Popen(program, stdin=subprocess.DEVNULL, text=True), port


def frame_of(camera: Camera) -> Frame:
    """Read until a frame comes."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            frame = camera.read()
        except CameraLostError:
            continue
        if frame is not None:
            return frame
    raise AssertionError("no frame came")


def lost(camera: Camera) -> CameraLostError:
    """Read until the camera is told lost."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            camera.read()
        except CameraLostError as told:
            return told
    raise AssertionError("nobody noticed")


def outlived(begin: Begin, scheme: str) -> None:
    """Read a camera, kill it, and read it again when it is back, with one adapter."""
    process, port = begin(0)
    camera = open_camera(f"stream:{scheme}://127.0.0.1:{port}/cam")
    try:
        first = frame_of(camera)
        second = frame_of(camera)
        process.kill()
        process.wait()
        told = lost(camera)
        process, _ = begin(port)
        again = frame_of(camera)
    finally:
        camera.close()
        process.kill()
        process.wait()

    assert [(one.width_px, one.height_px) for one in (first, second, again)] == [(640, 360)] * 3
    assert (first.image != second.image).any()
    assert told.source == f"stream:{scheme}://127.0.0.1:{port}/cam"


def test_pictures_come_again_when_an_rtsp_camera_is_killed_and_returns() -> None:
    if subprocess.run([SYSTEM_PYTHON, "-c", NEEDED], capture_output=True, check=False).returncode:
        pytest.skip(f"GStreamer's RTSP server is not here: apt-get install {PACKAGES}")

    outlived(rtsp, "rtsp")


def test_pictures_come_again_when_a_camera_of_jpegs_over_http_is_killed_and_returns() -> None:
    if shutil.which("ffmpeg") is None:
        pytest.skip("ffmpeg is not here: apt-get install ffmpeg")

    outlived(mjpeg, "http")

"""A camera in the network that is none of ours: GStreamer's RTSP server, run by the system's Python.

``rtsp_camera.py PORT`` shows a ball that moves, 15 times a second, at ``rtsp://127.0.0.1:PORT/cam`` (port 0: any), and
prints the port as soon as it listens.
"""

import sys

import gi  # type: ignore[import-not-found] # Debian's package, outside the virtual environment

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # type: ignore[import-not-found] # noqa: E402 - after the versions

PICTURES = "videotestsrc is-live=true pattern=ball ! video/x-raw,format=I420,width=640,height=360,framerate=15/1"


def main(port: str) -> None:
    """Serve until killed."""
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory.new()
    factory.set_launch(f"( {PICTURES} ! x264enc tune=zerolatency key-int-max=15 ! rtph264pay name=pay0 pt=96 )")
    factory.set_shared(shared=True)
    server.get_mount_points().add_factory("/cam", factory)
    server.attach(None)
    sys.stdout.write(f"{server.get_bound_port()}\n")
    sys.stdout.flush()
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(sys.argv[1])

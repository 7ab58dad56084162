"""Pictures in and out: a still, frames that the page lends, and the preview of the kiosk's own cameras."""

import asyncio
import queue
import time
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import JSONResponse, Response
from pydantic import Field
from starlette.requests import ClientDisconnect

from kiosk.ports import CameraOffError, Cameras, Decisions
from kiosk.ui.problems import picture_problem, problem
from kiosk.visit.sight import Role
from vision.errors import PictureUnreadableError

PICTURE_AT_MOST: Final = 8 << 20  # bytes of one still; a phone's photograph has 3 to 6 MB
FRAME_AT_MOST: Final = 1 << 20  # bytes of one lent frame
STILL_SECONDS: Final = 20.0


def add_cameras(app: FastAPI, cameras: Cameras, decisions: Decisions) -> None:
    """Add the three camera routes."""
    _add_stills(app, cameras, decisions)
    _add_lending(app, cameras)
    _add_preview(app, cameras)
    _add_flashes(app, cameras)


@dataclass(frozen=True, slots=True)
class FlashSeen:
    """A colour that the page shows now."""

    look_id: Annotated[str, Field(min_length=1, max_length=64)]
    place: Annotated[int, Field(ge=0, le=99)]


def _add_flashes(app: FastAPI, cameras: Cameras) -> None:
    @app.post("/flashes", status_code=204)
    async def flashed(seen: FlashSeen) -> None:
        # The time counts from here; what waits for the camera's thread must not shift it.
        at_ns = time.monotonic_ns()
        await asyncio.to_thread(cameras.flash_shown, seen.look_id, seen.place, at_ns)


def _add_stills(app: FastAPI, cameras: Cameras, decisions: Decisions) -> None:
    @app.post("/cameras/{role}/pictures", status_code=202)
    async def still(role: Role, request: Request) -> Response:
        content = bytearray()
        try:
            async for part in request.stream():
                content += part
                if len(content) > PICTURE_AT_MOST:
                    return problem(413, "picture_too_large", "The picture is too large", "Send at most 8 MiB.")
        except ClientDisconnect:  # a telephone that lost its network; nobody is left to read the answer
            return problem(400, "picture_unreadable", "The picture did not arrive whole", "Send it again.")
        try:
            # Decoding takes tens of milliseconds: off the thread that serves everybody.
            looked = await asyncio.to_thread(cameras.show_picture, role, bytes(content))
            found = await asyncio.wait_for(asyncio.wrap_future(looked), STILL_SECONDS)
        except PictureUnreadableError as refusal:
            return picture_problem(refusal)
        except CameraOffError:
            return problem(409, "camera_off", "This camera looks at nothing now", "Show it where a code is asked for.")
        except (TimeoutError, queue.Full):
            return problem(503, "busy", "The kiosk is busy", "Try again in a moment.")
        return JSONResponse({"seq": decisions.seq, "found": found}, status_code=202)


def _add_lending(app: FastAPI, cameras: Cameras) -> None:
    @app.websocket("/cameras/{role}/frames")
    async def frames(socket: WebSocket, role: Role) -> None:
        if not _same_origin(socket):
            await socket.close(code=4403)
            return
        await socket.accept()
        try:
            while True:
                jpeg = await socket.receive_bytes()
                if len(jpeg) > FRAME_AT_MOST:
                    await socket.close(code=1009)
                    return
                await _lend(cameras, role, jpeg)
        except (WebSocketDisconnect, KeyError):
            return  # the page closed its camera, or sent a text where pictures go


def _add_preview(app: FastAPI, cameras: Cameras) -> None:
    @app.websocket("/cameras/{role}/preview")
    async def preview(socket: WebSocket, role: Role) -> None:
        if not _same_origin(socket):
            await socket.close(code=4403)
            return
        await socket.accept()
        slot = _NewestJpeg(asyncio.get_running_loop())
        unwatch = cameras.watch(role, slot.put)
        gone = asyncio.ensure_future(_gone(socket))
        try:
            while not gone.done():
                jpeg = await slot.get()
                if jpeg is not None:
                    await socket.send_bytes(jpeg)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the page left between two frames
        finally:
            unwatch()
            gone.cancel()


async def _lend(cameras: Cameras, role: Role, jpeg: bytes) -> None:
    try:
        await asyncio.to_thread(cameras.lend, role, jpeg)
    except (PictureUnreadableError, CameraOffError):
        return  # a broken frame, or one that came after the look ended: the next one counts


async def _gone(socket: WebSocket) -> None:
    try:
        while True:
            await socket.receive()
    except (WebSocketDisconnect, RuntimeError):
        return


def _same_origin(socket: WebSocket) -> bool:
    origin = socket.headers.get("origin")
    return origin is None or origin.split("://", 1)[-1] == socket.headers.get("host")


class _NewestJpeg:
    """A slot of one picture, filled from a camera thread and emptied by one page."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._newest: bytes | None = None
        self._filled = asyncio.Event()

    def put(self, jpeg: bytes) -> None:
        """Replace the picture; from any thread."""
        try:
            self._loop.call_soon_threadsafe(self._fill, jpeg)
        except RuntimeError:
            return  # the server is going down

    def _fill(self, jpeg: bytes) -> None:
        self._newest = jpeg
        self._filled.set()

    async def get(self) -> bytes | None:
        """Wait for the next picture, at most a second, so that a page that left is noticed."""
        try:
            async with asyncio.timeout(1.0):  # `wait_for` may forget that it was cancelled
                await self._filled.wait()
        except TimeoutError:
            return None
        self._filled.clear()
        return self._newest

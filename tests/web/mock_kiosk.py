"""A kiosk process that only shows: the built page, canned screens, drawn pictures. The page can be looked at alone."""

import asyncio
import io
import json
import socket
import threading
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
import segno
import uvicorn
import zxingcpp
from fastapi import FastAPI, Request, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, Response, StreamingResponse
from fastapi.staticfiles import StaticFiles

SWAY = 25  # pictures until the pack is back where it was
DIST = Path(__file__).resolve().parents[2] / "kiosk/ui/web/dist"
Json = dict[str, Any]


class MockKiosk:
    """Shows the screen it is told to show and remembers the acts that the page sends."""

    def __init__(self, screen: Json) -> None:
        self.screen = screen
        self.look: Json | None = None
        self.acts: list[Json] = []
        self.frames: dict[str, int] = {}
        self._seq = 0
        self._changed = threading.Condition()
        self._listeners: list[tuple[asyncio.AbstractEventLoop, asyncio.Queue[str]]] = []
        self.app = self._build()

    def show(self, screen: Json) -> None:
        self._seq += 1
        self.screen = screen | {"seq": self._seq}
        self._tell("screen", self.screen)

    def see(self, look: Json) -> None:
        self._tell("look", look)

    def wait_for_act(self, name: str, timeout: float = 5.0) -> Json:
        with self._changed:
            found = self._changed.wait_for(lambda: any(act["act"] == name for act in self.acts), timeout)
        assert found, f"no act {name}; got {self.acts}"
        return next(act for act in reversed(self.acts) if act["act"] == name)

    def wait_for_frames(self, role: str, count: int, timeout: float = 10.0) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self.frames.get(role, 0) >= count, timeout)

    def _tell(self, event: str, data: Json) -> None:
        message = f"id: {self._seq}\nevent: {event}\ndata: {json.dumps(data)}\n\n"
        for loop, queue in self._listeners:
            loop.call_soon_threadsafe(queue.put_nowait, message)

    def _build(self) -> FastAPI:
        app = FastAPI()
        app.get("/")(lambda: FileResponse(DIST / "index.html"))
        app.get("/qr.svg")(drawn_qr)
        app.get("/events")(self._events)
        app.post("/acts", status_code=202)(self._take_act)
        app.websocket("/cameras/{role}/preview")(self._send_pictures)
        app.websocket("/cameras/{role}/frames")(self._take_frames)
        app.mount("/assets", StaticFiles(directory=DIST / "assets"))
        return app

    async def _take_act(self, request: Request) -> Json:
        act = await request.json()
        with self._changed:
            self.acts.append(act)
            self._changed.notify_all()
        if act["act"] == "choose_locale":
            self.show(self.screen | {"locale": act["locale"]})
        return {"seq": self._seq}

    async def _send_pictures(self, websocket: WebSocket, role: str) -> None:
        await websocket.accept()
        try:
            for turn in range(10_000):
                await websocket.send_bytes(drawn_picture(role, turn % SWAY))
                await asyncio.sleep(1 / 12)
        except (WebSocketDisconnect, RuntimeError):
            return

    async def _take_frames(self, websocket: WebSocket, role: str) -> None:
        await websocket.accept()
        try:
            while True:
                picture = cv2.imdecode(np.frombuffer(await websocket.receive_bytes(), np.uint8), cv2.IMREAD_COLOR)
                if picture is not None:
                    with self._changed:
                        self.frames[role] = self.frames.get(role, 0) + 1
                        self._changed.notify_all()
        except WebSocketDisconnect:
            return

    async def _events(self) -> StreamingResponse:
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        queue: asyncio.Queue[str] = asyncio.Queue()
        listener = (asyncio.get_running_loop(), queue)
        self._listeners.append(listener)
        try:
            yield f"id: {self._seq}\nevent: screen\ndata: {json.dumps(self.screen)}\n\n"
            while True:
                yield await queue.get()
        finally:
            self._listeners.remove(listener)


def drawn_qr(text: str) -> Response:
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=2, scale=8)
    return Response(out.getvalue(), media_type="image/svg+xml")


@cache
def drawn_picture(role: str, turn: int) -> bytes:
    """Return a JPEG: a pack with its bar code that sways, or a drawn face."""
    ground = np.linspace(70, 130, 480, dtype=np.uint8)[:, None, None]
    picture = np.broadcast_to(ground, (480, 768, 3)).copy()
    sway = int(12 * np.sin(turn * 2 * np.pi / SWAY))
    if role == "scan":
        cv2.rectangle(picture, (170 + sway, 60), (600 + sway, 430), (60, 120, 190), -1)
        bars = np.asarray(zxingcpp.create_barcode("3017620422003", zxingcpp.BarcodeFormat.EAN13).to_image(scale=3))
        high = cv2.resize(bars, (bars.shape[1], 150), interpolation=cv2.INTER_NEAREST)
        left = 385 + sway - high.shape[1] // 2
        picture[200:350, left : left + high.shape[1]] = high[:, :, None]
    else:
        skin, dark = (150, 180, 225), (50, 50, 70)
        cv2.ellipse(picture, (384 + sway, 430), (230, 130), 0, 180, 360, (120, 90, 60), -1)
        cv2.ellipse(picture, (384 + sway, 230), (105, 140), 0, 0, 360, skin, -1)
        cv2.ellipse(picture, (384 + sway, 150), (112, 85), 0, 180, 360, dark, -1)
        for side in (-40, 40):
            cv2.circle(picture, (384 + sway + side, 220), 9, dark, -1)
        cv2.ellipse(picture, (384 + sway, 290), (38, 18), 0, 10, 170, dark, 5)
    done, jpeg = cv2.imencode(".jpg", picture)
    assert done
    return jpeg.tobytes()


class Served:
    """Any ASGI app on a free loopback port, in a thread, until closed."""

    def __init__(self, app: FastAPI, port: int = 0) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

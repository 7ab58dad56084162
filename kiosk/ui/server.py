"""The small web server of one kiosk: the page, its acts, what it shows, and the pictures of its cameras."""

import asyncio
import queue
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import segno
from fastapi import Body, FastAPI, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from pydantic import Field

from kiosk.ports import Cameras, Decisions
from kiosk.ui.news import News
from kiosk.ui.pictures import add_cameras
from kiosk.ui.problems import problem
from kiosk.ui.screens import screen_of
from kiosk.visit.acts import Act
from kiosk.visit.outcome import ActNotPossibleError

ACT_AT_MOST: Final = 64 << 10
PAGE: Final = Path(__file__).parent / "web" / "dist"

# The page loads nothing from elsewhere and sends nothing elsewhere; its camera is its own.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_OneAct = Annotated[Act, Field(discriminator="act")]


@dataclass(frozen=True, slots=True)
class House:
    """What the server shows and whom it asks."""

    decisions: Decisions
    cameras: Cameras
    news: News
    page: Path = PAGE


def build(house: House) -> FastAPI:
    """Return the application; starting and stopping the rest is the composition root's business."""
    app = FastAPI(title="Sésame kiosk", docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def guard(request: Request, go_on: Callable[[Request], Awaitable[Response]]) -> Response:
        """Refuse what another site's page sends, and huge acts; add the headers that keep the page to itself."""
        origin = request.headers.get("origin")
        if origin is not None and origin.split("://", 1)[-1] != request.headers.get("host"):
            return problem(403, "foreign_origin", "This page is not the kiosk's", "Use the kiosk's own page.")
        if request.url.path == "/acts" and int(request.headers.get("content-length") or 0) > ACT_AT_MOST:
            return problem(413, "body_too_large", "The act is too large", "Send the act alone.")
        response = await go_on(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    @app.exception_handler(RequestValidationError)
    async def malformed(_: Request, refusal: RequestValidationError) -> JSONResponse:
        fields = [
            {"field": ".".join(str(part) for part in one["loc"][1:]), "message": one["msg"], "fix": ""}
            for one in refusal.errors()
        ]
        return problem(422, "malformed_act", "A field is not as it should be", "Mend the field.", errors=fields)

    _add_page(app, house)
    _add_acts(app, house)
    add_cameras(app, house.cameras, house.decisions)
    return app


def _add_page(app: FastAPI, house: House) -> None:
    @app.get("/")
    async def page() -> Response:
        index = house.page / "index.html"
        if not index.is_file():
            hint = "Run `python scripts/webbuild.py`, then load this page again."
            return problem(503, "page_not_built", "The page is not built yet", hint)
        return FileResponse(index, headers={"Cache-Control": "no-cache"})

    @app.get("/assets/{name:path}")
    async def asset(name: str) -> Response:
        folder = (house.page / "assets").resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or not path.is_file():
            return problem(404, "not_found", "There is nothing here", "Load the page again.")
        return FileResponse(path, headers={"Cache-Control": "public, max-age=31536000, immutable"})

    @app.get("/{name}.svg")
    async def picture(name: str, text: Annotated[str, Query(max_length=512)] = "") -> Response:
        if name == "qr":
            if not text:
                return problem(422, "malformed_act", "There is no text to show", "Send ?text=...")
            svg = segno.make(text, error="m", micro=False).svg_inline(scale=8, border=2, light="white")
            return Response(
                svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1), media_type="image/svg+xml"
            )
        path = (house.page / f"{name}.svg").resolve()
        if not path.is_relative_to(house.page.resolve()) or not path.is_file():
            return problem(404, "not_found", "There is nothing here", "Load the page again.")
        return FileResponse(path)

    @app.get("/health")
    async def health() -> dict[str, Any]:
        visit = house.decisions.visit
        return {
            "kiosk_id": visit.store.kiosk_id if visit.store else None,
            "screen": visit.state.value,
            "cameras": dict(visit.cameras),
            "shop": "online" if visit.online else "offline",
        }


def _add_acts(app: FastAPI, house: House) -> None:
    @app.get("/screen")
    async def screen() -> dict[str, Any]:
        return screen_of(house.decisions.visit, house.decisions.seq)

    @app.get("/events")
    async def events(request: Request) -> StreamingResponse:
        async def told() -> AsyncIterator[str]:
            async for line in house.news.lines():
                yield line
                if await request.is_disconnected():
                    return

        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(told(), media_type="text/event-stream", headers=headers)

    @app.post("/acts", status_code=202)
    async def acts(act: Annotated[_OneAct, Body()]) -> Response:
        try:
            seq = await asyncio.wrap_future(house.decisions.ask(act))
        except queue.Full:
            return problem(503, "busy", "The kiosk is busy", "Try again in a moment.")
        except ActNotPossibleError as refusal:
            facts = {"screen": refusal.screen, "possible": list(refusal.possible)}
            return problem(
                409, refusal.code, "That is not possible on this screen", "Look at the screen again.", **facts
            )
        return JSONResponse({"seq": seq}, status_code=202)

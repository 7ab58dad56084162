"""Serve the built pages: each under its path, the parts they load under /assets, with a policy that trusts only us."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import FileResponse, HTMLResponse, Response

DIST = Path(__file__).parent / "dist"
PAGES = {
    "/": "index.html",
    "/staff": "staff.html",
    "/marketing": "marketing.html",
    "/me": "me.html",
    "/c/{token}": "claim.html",
    "/t/{ticket_id}": "ticket.html",
    "/errors": "errors.html",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sésame</title>
<p>This page is not built yet. Build the pages with <code>python scripts/webbuild.py</code>, then load it again.</p>
<p>The service itself runs: <a href="/docs">/docs</a>, <a href="/health">/health</a>.</p></html>"""


def pages(dist: Path = DIST) -> APIRouter:
    """Return the routes of the pages under `dist`."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    def page(name: str) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        if not (root / name).is_file():
            return HTMLResponse(NOT_BUILT, 503, headers)
        return FileResponse(root / name, media_type="text/html; charset=utf-8", headers=headers)

    for path, name in PAGES.items():
        router.add_api_route(path, _one(page, name), methods=["GET"], name=f"page {name}")

    @router.get("/assets/{name:path}")
    async def asset(name: str) -> Response:
        """Serve a part of a page; its name changes with its content, so it is kept for a year."""
        found = (root / "assets" / name).resolve() if name.isprintable() else root
        if not found.is_relative_to(root / "assets") or not found.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(found, headers=headers)

    return router


def _one(page: Callable[[str], Response], name: str) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        return page(name)

    return serve

"""Serve the built pages: each under its path, the parts they load under /assets, with a policy that trusts only us."""

import gzip
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

DIST = Path(__file__).parent / "dist"
PAGES = {
    "/": "index.html",
    "/staff": "staff.html",
    "/marketing": "marketing.html",
    "/sponsor": "sponsor.html",
    "/merchant": "merchant.html",
    "/me": "me.html",
    "/c/{token}": "claim.html",
    "/t/{ticket_id}": "ticket.html",
    "/b/{token}": "basket.html",
    "/p/{token}": "pay.html",
    "/errors": "errors.html",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
TEXTS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
"""Parts worth compressing: the script that all pages share shrinks from 71 KB to 27 KB."""
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sésame</title>
<p>This page is not built yet. Build the pages with <code>python scripts/webbuild.py</code>, then load it again.</p>
<p>The service itself runs: <a href="/docs">/docs</a>, <a href="/health">/health</a>.</p></html>"""


def pages(dist: Path = DIST, zone_of: Callable[[Request], str] = lambda _: "") -> APIRouter:
    """Return the routes of the pages under `dist`; each says whose clock its days and hours are on, an IANA name."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    def page(name: str, zone: str) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        if not (root / name).is_file():
            return HTMLResponse(NOT_BUILT, 503, headers)
        written = (root / name).read_text(encoding="utf-8")
        return HTMLResponse(written.replace("<html ", f'<html data-zone="{zone}" ', 1), headers=headers)

    def one(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            return page(name, zone_of(request))

        return serve

    for path, name in PAGES.items():
        router.add_api_route(path, one(name), methods=["GET"], name=f"page {name}")

    @router.get("/assets/{name:path}")
    async def asset(request: Request, name: str) -> Response:
        """Serve a part of a page; its name changes with its content, so it is kept for a year."""
        found = (root / "assets" / name).resolve() if name.isprintable() else root
        if not found.is_relative_to(root / "assets") or not found.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if found.suffix in TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(_packed(found), media_type=TEXTS[found.suffix], headers=headers)
        return FileResponse(found, headers=headers)

    return router


@lru_cache(maxsize=128)
def _packed(asset: Path) -> bytes:
    """Compress a part once; its name changes with its content, so what is kept never goes stale."""
    return gzip.compress(asset.read_bytes(), mtime=0)

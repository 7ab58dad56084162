"""Serve the built pages: each under its path, the parts they load under /assets, with a policy that trusts only us."""

import gzip
from collections.abc import Awaitable, Callable
from functools import lru_cache
from html import escape
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
    "/go": "go.html",
    "/sign": "sign.html",
    "/errors": "errors.html",
}
LOOSE = {
    "/go.webmanifest": "application/manifest+json",
    "/go-worker.js": "text/javascript",
    "/go-icon.svg": "image/svg+xml",
}
"""What keeps its name whatever its content, as a phone keeps the name: a worker, a manifest, the mark in it."""
LOOSE_FILES = {"/go-icon.svg": "assets/icon-*.svg"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
PACKED = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm"}
"""Parts worth compressing: the script that all pages share shrinks from 71 KB to 27 KB."""
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sésame</title>
<p>This page is not built yet. Build the pages with <code>python scripts/webbuild.py</code>, then load it again.</p>
<p>The service itself runs: <a href="/docs">/docs</a>, <a href="/health">/health</a>.</p></html>"""


def pages(dist: Path = DIST, facts_of: Callable[[Request], dict[str, str]] = lambda _: {}) -> APIRouter:
    """Return the routes of the pages under `dist`; each says which `store` it is of, and on whose clock (`zone`)."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    def page(name: str, facts: dict[str, str]) -> Response:
        headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
        if not (root / name).is_file():
            return HTMLResponse(NOT_BUILT, 503, headers)
        written = (root / name).read_text(encoding="utf-8")
        told = "".join(f'data-{fact}="{escape(value)}" ' for fact, value in facts.items())
        return HTMLResponse(written.replace("<html ", f"<html {told}", 1), headers=headers)

    def one(name: str) -> Callable[[Request], Awaitable[Response]]:
        async def serve(request: Request) -> Response:
            return page(name, facts_of(request))

        return serve

    for path, media_type in LOOSE.items():
        router.add_api_route(path, _loose(root, path, media_type), methods=["GET"], name=f"part {path}")
    for path, name in PAGES.items():
        router.add_api_route(path, one(name), methods=["GET"], name=f"page {name}")

    @router.get("/assets/{name:path}")
    async def asset(request: Request, name: str) -> Response:
        """Serve a part of a page; its name changes with its content, so it is kept for a year."""
        found = (root / "assets" / name).resolve() if name.isprintable() else root
        if not found.is_relative_to(root / "assets") or not found.is_file():
            return Response(status_code=404)
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
        if found.suffix in PACKED and "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            return Response(_packed(found), media_type=PACKED[found.suffix], headers=headers)
        return FileResponse(found, headers=headers)

    return router


def _file_of(root: Path, path: str) -> Path | None:
    return next(root.glob(LOOSE_FILES.get(path, path.removeprefix("/"))), None)


def _loose(root: Path, path: str, media_type: str) -> Callable[[], Awaitable[Response]]:
    async def serve() -> Response:
        found = _file_of(root, path)
        if found is None:
            return Response(status_code=404)
        return FileResponse(found, media_type=media_type, headers={"Cache-Control": "no-cache"})

    return serve


@lru_cache(maxsize=128)
def _packed(asset: Path) -> bytes:
    """Compress a part once; its name changes with its content, so what is kept never goes stale."""
    return gzip.compress(asset.read_bytes(), mtime=0)

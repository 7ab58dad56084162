"""The outermost layer: a trace id on every answer, one line of log for it, a bound on every body, calm headers."""

import logging
import re
import time
from collections.abc import Iterable, MutableMapping
from typing import Any

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.api import problems
from server.api.detached import STREAM
from server.api.metrics import Metrics
from server.api.shortcut import Shortcut
from server.chance import chance

requests = logging.getLogger("server.requests")
"""One JSON text for each answer: the address as a template, never an id, a code or a token of anybody."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
"""What is counted by its name; a sender who invents others adds no label."""
TRACE_ID = re.compile(rb"[0-9A-Za-z-]{8,64}")
TRACE_PARENT = re.compile(rb"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?")
"""W3C Trace Context, level 1: version, trace, parent, flags; later versions may say more."""
CALM = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
)


class ClientLeftError(Exception):
    """The sender cut the connection before the body was whole."""


class Edge:
    """Pure ASGI, so that a stream of events passes through without being touched."""

    def __init__(
        self, app: ASGIApp, *, body_limit_bytes: int, metrics: Metrics, shortcuts: Iterable[Shortcut] = ()
    ) -> None:
        self._app = app
        self._shortcuts = {(each.method, each.path): each for each in shortcuts}
        self._metrics = metrics
        self._limit = body_limit_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; other scopes pass."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status = 0
        trace_id = _trace_id(scope)
        scope.setdefault("state", {})["trace_id"] = trace_id

        async def send_traced(message: MutableMapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-trace-id", trace_id.encode()), *CALM]
            await send(message)

        try:
            await self._answer(scope, receive, send_traced)
        finally:
            self._note(scope, trace_id, status, time.perf_counter() - began)

    def _note(self, scope: Scope, trace_id: str, status: int, seconds: float) -> None:
        """Count and log one answer; status 0 stands for nobody there to take it."""
        method = scope["method"] if scope["method"] in METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", "-")
        self._metrics.answered(method, route, status, seconds)
        # Nothing here needs escaping: methods and templates are ours, and a trace id is letters, digits and dashes.
        requests.info(
            '{"trace_id": "%s", "method": "%s", "route": "%s", "status": %d, "ms": %.1f}',
            trace_id,
            method,
            route,
            status,
            seconds * 1000,
        )

    async def _answer(self, scope: Scope, receive: Receive, send_traced: Send) -> None:
        try:
            body = await self._whole_body(scope, receive)
        except ClientLeftError:
            return  # nobody is there to read an answer
        if body is None:
            detail = f"The body is larger than {self._limit} bytes."
            refusal = problems.answer(Request(scope), "body_too_large", detail, headers={"Connection": "close"})
            await refusal(scope, receive, send_traced)
            return
        if b"\\u0000" in body or b"\0" in body or "\0" in scope["path"]:
            # No name, code or number has a NUL sign, and PostgreSQL takes no text with one.
            refusal = problems.answer(Request(scope), "malformed_request", "A text has a NUL sign.")
            await refusal(scope, receive, send_traced)
            return
        if (shortcut := self._shortcuts.get((scope["method"], scope["path"]))) is not None:
            response = await shortcut.answer(scope, body)
            if response is not None:
                await response(scope, receive, send_traced)
                return
        given = False

        async def receive_again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, receive_again, send_traced)
        if (left := scope["state"].pop(STREAM, None)) is not None:
            await left.start(scope, send_traced)

    async def _whole_body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Gather the body, counted as it comes: chunked uploads declare no length. None when it is too large."""
        declared = _header(scope, b"content-length")
        if declared.isdigit() and int(declared) > self._limit:
            return None
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientLeftError
            part = message.get("body", b"")
            if (size := size + len(part)) > self._limit:
                return None
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)


def _trace_id(scope: Scope) -> str:
    """Return the trace that a request is a part of: ours, or that of another system; else a new one."""
    given = _header(scope, b"x-trace-id")
    if TRACE_ID.fullmatch(given):
        return given.decode()
    parent = TRACE_PARENT.fullmatch(_header(scope, b"traceparent"))
    return chance().hex() if parent is None else parent[1].decode()


def _header(scope: Scope, wanted: bytes) -> bytes:
    """Return the last header of a name; nothing where there is none."""
    return next((value for name, value in reversed(scope["headers"]) if name == wanted), b"")

"""From an error's code to an RFC 9457 document; the words are rows in `server.api.problem_rows`."""

import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute

from checkout.errors import BasketChangedError, CheckoutError, InsufficientFundsError
from server.api.problem_rows import PROBLEMS
from server.flows.errors import FlowError

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


def document(code: str, detail: str, *, status: int | None = None, **facts: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON facts
    """Return the problem document for `code`; a code without a row is a bug, shown as `internal`."""
    row = PROBLEMS.get(code) or PROBLEMS["internal"]
    return {
        "type": f"/errors#{code}",
        "title": row.title,
        "status": status or row.status,
        "code": code,
        "detail": detail,
        "hint": row.hint,
        "errors": [],
    } | facts


def answer(
    request: Request,
    code: str,
    detail: str,
    *,
    headers: dict[str, str] | None = None,
    **facts: Any,  # noqa: ANN401 - JSON facts
) -> JSONResponse:
    """Return the problem as a response that carries the request's trace id."""
    body = document(code, detail, **facts)
    body["trace_id"] = getattr(request.state, "trace_id", None) or uuid4().hex
    return JSONResponse(body, body["status"], headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Turn every error that leaves a route into a problem document; `routes` are those that it may be about."""

    @app.exception_handler(CheckoutError)
    async def _rule(request: Request, error: CheckoutError) -> JSONResponse:
        # A change meant for another version is a failed precondition; elsewhere the same news is a conflict.
        stale = isinstance(error, BasketChangedError) and "If-Match" in request.headers
        return answer(request, error.code, str(error), **facts_of(error) | ({"status": 412} if stale else {}))

    @app.exception_handler(FlowError)
    async def _flow(request: Request, error: FlowError) -> JSONResponse:
        seconds = error.facts.get("retry_after_seconds")
        headers = {"Retry-After": str(seconds)} if seconds is not None else None
        facts = {name: _json(value) for name, value in error.facts.items() if name not in TAKEN - {"errors"}}
        return answer(request, error.code, error.detail, headers=headers, **facts)

    @app.exception_handler(RequestValidationError)
    async def _malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        if any(each["type"] == "json_invalid" for each in found):
            return answer(request, "malformed_json", "The body ends or breaks before it is whole JSON.")
        fields = [
            {
                "field": ".".join(str(part) for part in each["loc"][1:]) or str(each["loc"][0]),
                "message": each["msg"],
                "fix": each["type"],
            }
            | {name: each["ctx"][word] for word, name in BOUNDS if word in each.get("ctx", {})}
            for each in found
        ]
        names = ", ".join(field["field"] for field in fields)
        return answer(request, "malformed_request", f"Not as it should be: {names}.", errors=fields)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 401: "unauthorized"}.get(
            error.status_code
        )
        headers = dict(error.headers) if error.headers else None
        if error.status_code == METHOD_NOT_ALLOWED and (verbs := _verbs(routes, request.url.path)):
            headers = {"Allow": verbs}
        return answer(
            request, code or "malformed_request", str(error.detail), headers=headers, status=error.status_code
        )

    @app.exception_handler(Exception)
    async def _broken(request: Request, error: Exception) -> JSONResponse:
        log.error("request %s broke", getattr(request.state, "trace_id", "?"), exc_info=error)
        return answer(request, "internal", "An error of ours; it is in our log under the trace id.")


BOUNDS = (("ge", "least"), ("le", "most"))
"""Facts of a number out of bounds, by which a page says so in the reader's language."""
WIRE_NAMES = {"key": "scanned_code", "tries_left": "attempts_left"}
"""What a fact is called outside, where the wire had its own word first."""
TAKEN = {"code", "status", "type", "title", "hint", "detail", "errors", "trace_id"}


def facts_of(error: CheckoutError) -> dict[str, Any]:
    """Return the error's facts as JSON: numbers and texts as they are, moments in UTC, lists as lists."""
    facts = {
        WIRE_NAMES.get(name, name): _json(value)
        for name, value in vars(error).items()
        if not name.startswith("_") and name not in TAKEN
    }
    if isinstance(error, InsufficientFundsError):
        facts["shortfall_minor"] = error.asked_minor - error.held_minor
    return facts


METHOD_NOT_ALLOWED = 405


def _verbs(routes: Sequence[BaseRoute], path: str) -> str:
    """Return the verbs of the address that a path means: of `/a/{id}` and `/a/{id}:act` the longer one."""
    fitting = [route for route in routes if isinstance(route, APIRoute) and route.path_regex.match(path)]
    closest = max((route.path for route in fitting), key=lambda told: len(re.sub(r"{[^}]*}", "", told)), default="")
    return ", ".join(sorted({verb for route in fitting if route.path == closest for verb in route.methods or ()}))


def instant(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, ending in Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _json(value: object) -> object:
    match value:
        case datetime():
            return instant(value)
        case tuple() | list() | frozenset():
            return [_json(each) for each in value]
        case dict():
            return {str(name): _json(each) for name, each in value.items()}
        case str() | int() | bool() | None:
            return value
        case _:
            return str(value)

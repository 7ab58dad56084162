"""From an error's code to an RFC 9457 document: one row for each code, with the way out.

The rows are also the error catalogue (`GET /v1/errors`, page `/errors`).
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from checkout.errors import CheckoutError
from server.flows.errors import FlowError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Row:
    """What a code means to whoever meets it."""

    status: int
    title: str
    hint: str


PROBLEMS: dict[str, Row] = {
    # --- the request itself
    "malformed_json": Row(
        400, "The body is not JSON", "Send the whole body again; it may have been cut off on the way."
    ),
    "malformed_request": Row(
        422, "A field is not as it should be", "Mend the fields named under `errors` and send again."
    ),
    "body_too_large": Row(413, "The body is too large", "Send at most 1 MiB."),
    "not_found": Row(404, "There is nothing here", "Check the address; /docs lists them all."),
    "method_not_allowed": Row(405, "Not with this verb", "/docs lists the verbs of each address."),
    "unauthorized": Row(
        401, "Who are you?", "Send `Authorization: Bearer <token>`; log in or pair the kiosk to get one."
    ),
    "kiosk_unknown": Row(401, "This kiosk is not known here", "Pair it: python -m server pair-kiosk NAME --out FILE."),
    "forbidden_role": Row(
        403, "This role may not do that", "Ask somebody whose role may; the act is in the list of roles."
    ),
    "idempotency_key_missing": Row(
        400, "No Idempotency-Key", "Make an id, save it, send it in the header, keep it for retries."
    ),
    "idempotency_conflict": Row(422, "This key was used for another body", "Use a new key for a new request."),
    "idempotency_in_flight": Row(409, "The first request is still under way", "Wait a second and send the same again."),
    "too_many_requests": Row(
        429, "Too many tries", "Wait as long as `Retry-After` says, or choose another way to pay."
    ),
    "internal": Row(
        500, "Something broke on our side", "Send the same request again with the same key; nothing is done twice."
    ),
    "not_ready": Row(503, "Not ready yet", "Try again in a moment."),
}


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
    request: Request, code: str, detail: str, *, headers: dict[str, str] | None = None, **facts: Any
) -> JSONResponse:  # noqa: ANN401 - JSON facts
    """Return the problem as a response that carries the request's trace id."""
    body = document(code, detail, **facts)
    body["trace_id"] = getattr(request.state, "trace_id", None) or uuid4().hex
    return JSONResponse(body, body["status"], headers=headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Turn every error that leaves a route into a problem document."""

    @app.exception_handler(CheckoutError)
    async def _rule(request: Request, error: CheckoutError) -> JSONResponse:
        return answer(request, error.code, str(error), **facts_of(error))

    @app.exception_handler(FlowError)
    async def _flow(request: Request, error: FlowError) -> JSONResponse:
        seconds = error.facts.get("retry_after_seconds")
        headers = {"Retry-After": str(seconds)} if seconds is not None else None
        return answer(request, error.code, error.detail, headers=headers, **error.facts)

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
        return answer(request, code or "internal", str(error.detail), headers=headers, status=error.status_code)


def facts_of(error: CheckoutError) -> dict[str, Any]:
    """Return the error's facts as JSON: numbers and texts as they are, everything else as text."""
    return {
        name: value if isinstance(value, str | int | bool | None) else str(value)
        for name, value in vars(error).items()
        if not name.startswith("_") and name not in {"code", "status", "type", "title", "hint", "detail"}
    }

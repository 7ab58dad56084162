"""The shortcut to a busy route: what it answers passes the same edge, and what it refuses becomes a problem."""

import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from server.api import problems
from server.api.edge import Edge
from server.api.metrics import Metrics
from server.api.shortcut import Shortcut
from server.flows.errors import FlowError

pytestmark = pytest.mark.anyio


async def answered(request: Request, body: bytes) -> Response:
    """Say what came back, or refuse it."""
    if body == b"refuse":
        raise FlowError("busy", "Many wait already.", retry_after_seconds=7)
    if body == b"break":
        raise RuntimeError("a fault of ours")
    return PlainTextResponse(request.headers["x-word"].encode() + body)


async def ask(method: str, body: bytes, metrics: Metrics) -> httpx.Response:
    """Send one request to an application whose only busy route is `answered`."""
    app, shortcut = FastAPI(), Shortcut("POST", "/busy", answered)
    app.add_middleware(Edge, body_limit_bytes=10, metrics=metrics, shortcuts=[shortcut])
    problems.install(app, [])
    app.router.routes.insert(0, shortcut)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://store") as client:
        return await client.request(
            method, "/busy", content=body, headers={"X-Word": "said ", "X-Trace-Id": "trace-11"}
        )


async def test_it_is_counted_and_calm_when_the_shortcut_answers() -> None:
    metrics = Metrics()

    answer = await ask("POST", b"so", metrics)

    assert (answer.status_code, answer.text) == (200, "said so")
    assert answer.headers["X-Trace-Id"] == "trace-11"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'sesame_answers_total{method="POST",route="/busy",status="200"} 1.0' in metrics.text({})


@pytest.mark.parametrize(
    ("method", "body", "status", "code"),
    [
        ("POST", b"refuse", 503, "busy"),
        ("POST", b"far too long", 413, "body_too_large"),
        ("POST", b"\0", 422, "malformed_request"),
        ("GET", b"so", 404, "not_found"),
    ],
)
async def test_a_problem_is_told_when_the_shortcut_does_not_answer(
    method: str, body: bytes, status: int, code: str
) -> None:
    answer = await ask(method, body, Metrics())

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json()["trace_id"] == answer.headers["X-Trace-Id"] == "trace-11"
    assert answer.headers.get("Retry-After") == ("7" if code == "busy" else None)


async def test_a_fault_of_ours_is_told_as_one_when_the_shortcut_breaks() -> None:
    answer = await ask("POST", b"break", Metrics())

    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert answer.json()["trace_id"] == "trace-11"

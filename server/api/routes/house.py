"""Is the house in order: health, readiness, the error catalogue, live events, codes to show."""

import io
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from server.api import problems
from server.api.dependencies import AsListener, TheHouse
from server.api.detached import DetachedStream
from server.api.house import House
from server.api.metrics import CONTENT_TYPE
from server.api.problem_rows import PROBLEMS
from server.flows.hearing import hearing_of

router = APIRouter(tags=["house"])

QR_TEXT = 512
NUMBER_SIGNS = 20
"""Digits of 63 bits, and one more; Python reads some thousands and refuses more."""


@router.get("/health")
async def health(house: TheHouse) -> dict[str, Any]:
    """Return what the store stands on. The ledger's drift is what the last look at it found, seconds ago."""
    return {
        "status": "ok" if house.drift_minor == 0 else "ledger_drifts",
        "engine": house.engine,
        "schema": house.schema,
        "products": len(house.shop.catalog),
        "promotions": len(house.shop.promotions),
        "ledger_drift_minor": house.drift_minor,
    }


@router.get("/ready")
async def ready(request: Request, house: TheHouse) -> Response:
    """Answer 200 when a shopper could buy here; else 503 with every reason, each with what to do.

    A database that does not answer at all is `database_away`.
    """
    await house.database.read_async(lambda work: work.shelf.size())
    if reasons := unready(house):
        detail = " ".join(reason["detail"] for reason in reasons)
        return problems.answer(request, "not_ready", detail, reasons=reasons)
    return JSONResponse({"status": "ready", "checked": ["database", *(name for name, _, _ in _looks(house))]})


def unready(house: House) -> list[dict[str, str]]:
    """Return why nobody could buy here, beside a database that is away."""
    return [{"check": name, "detail": detail} for name, holds, detail in _looks(house) if not holds]


def _looks(house: House) -> list[tuple[str, bool, str]]:
    late = timedelta(seconds=LATE_ROUNDS * house.settings.sweep_seconds) + LATE
    swept = house.now() - house.swept_at < late
    hung = house.database.hung_writer()
    who, seconds = hung or (0, 0.0)
    return [
        ("catalogue", len(house.shop.catalog) > 0, "The catalogue is empty: python -m server demo-data fills it."),
        ("ledger", house.drift_minor == 0, "Balances and ledger differ: stop paying and run python -m server verify."),
        ("sweeper", swept, "Holds are not ended any more: read the log for the reason and start the server again."),
        (
            "writer",
            hung is None,
            f"Process {who} has been writing for {seconds:.0f} s, others wait: end it (kill {who}), which undoes it.",
        ),
    ]


LATE_ROUNDS, LATE = 3, timedelta(seconds=60)
"""A round of the sweeper takes milliseconds; a database that is away for a moment delays some."""


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request, house: TheHouse) -> Response:
    """Return what this process has answered and how the house stands, for Prometheus; it holds nothing of a person."""
    gauges = {
        "ledger_drift_minor": house.drift_minor,
        "products": len(house.shop.catalog),
        "promotions": len(house.shop.promotions),
        "requests_under_way": len(house.under_way),
    }
    return PlainTextResponse(request.app.state.metrics.text(gauges), media_type=CONTENT_TYPE)


@router.get("/v1/errors")
async def errors() -> dict[str, Any]:
    """Return every problem that this server can answer with, and the way out of each."""
    return {
        "items": [
            {"code": code, "status": row.status, "title": row.title, "hint": row.hint, "type": f"/errors#{code}"}
            for code, row in sorted(PROBLEMS.items())
        ]
    }


@router.get("/qr.svg", response_class=Response)
async def qr(text: Annotated[str, Query(min_length=1, max_length=QR_TEXT)]) -> Response:
    """Draw a text as a QR code."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawing, kind="svg", scale=8, border=4, xmldecl=False)
    headers = {"Cache-Control": "private, max-age=86400"}
    return Response(drawing.getvalue(), media_type="image/svg+xml", headers=headers)


async def handed_out(house: TheHouse) -> int:
    """Return the newest event; asked for before it is looked who listens, so that no end of theirs is missed."""
    return house.hub.newest


HandedOut = Annotated[int, Depends(handed_out)]


@router.get("/v1/stores/{store_id}/events", response_class=StreamingResponse)
async def events(
    store_id: str,
    house: TheHouse,
    since: HandedOut,
    who: AsListener,
    after: Annotated[int | None, Query(ge=0, lt=2**63)] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> Response:
    """Stream what happens in the store, from the last event that the listener knows.

    Kiosks and assistants hear all, merchants of this store its payments, marketing its campaigns.
    """
    house.demand_store(store_id)
    hearing = hearing_of(who, store_id)
    if (heard := event_id_of(last_event_id or "")) is not None:
        after = heard
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return DetachedStream(partial(house.hub.listen, hearing, after, since=since), headers)


def event_id_of(told: str) -> int | None:
    """Return the event that a browser says it heard last; None for what is no number. None lies beyond 63 bits."""
    if not (told.isascii() and told.isdigit()):
        return None
    return min(int(told[:NUMBER_SIGNS]), 2**63 - 1)

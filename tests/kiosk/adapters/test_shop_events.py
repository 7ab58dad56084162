"""News of the store: parsed, resumed where they stopped, and passed on."""

import queue
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

from kiosk.adapters.shop_events import ShopEvents, Told, event_of, parse
from kiosk.visit.events import (
    BasketChangedElsewhere,
    Event,
    FaceErased,
    InterventionResolved,
    PaymentCaptured,
)
from tests.kiosk.serving import serving


def test_events_are_cut_at_blank_lines_when_a_stream_is_read() -> None:
    lines = [": ping", "", "id: 7", "event: a", "data: 1", "data: 2", "", "data: alone", "", "event: no data", ""]

    assert list(parse(lines)) == [Told("7", "a", "1\n2"), Told(None, "message", "alone")]


@pytest.mark.parametrize(
    ("name", "data", "event"),
    [
        ("basket.changed", '{"basket_id":"b","kiosk_id":"k","version":4}', BasketChangedElsewhere("b", 4)),
        ("payment.captured", '{"basket_id":"b","payment_id":"p","kiosk_id":"k"}', PaymentCaptured("b", "p")),
        ("face.erased", '{"erasure_id":"e","reference_ids":["r1","r2"]}', FaceErased("e", ("r1", "r2"))),
        (
            "intervention.resolved",
            '{"intervention_id":"i","type":"age_check","basket_id":"b","resolution":"approved"}',
            InterventionResolved("i", "age_check", "b", "approved"),
        ),
        ("campaign.changed", '{"campaign_id":"c"}', None),
        ("basket.changed", '{"basket_id":"b"}', None),
        ("basket.changed", "not json", None),
        ("face.erased", "[]", None),
    ],
)
def test_what_concerns_a_visit_is_passed_on_when_the_store_tells_it(name: str, data: str, event: Event | None) -> None:
    assert event_of(Told("1", name, data)) == event


def test_the_stream_goes_on_where_it_stopped_when_the_line_was_cut(tmp_path: Path) -> None:
    asked: list[str | None] = []
    app = FastAPI()

    @app.get("/v1/stores/demo/events")
    async def stream(request: Request) -> StreamingResponse:
        last = request.headers.get("last-event-id")
        asked.append(last)
        number = int(last or 0) + 1

        async def one_and_cut() -> AsyncIterator[str]:
            yield f'id: {number}\nevent: basket.changed\ndata: {{"basket_id":"b","version":{number}}}\n\n'

        return StreamingResponse(one_and_cut(), media_type="text/event-stream")

    heard: queue.Queue[Event] = queue.Queue()
    with serving(app) as address:
        reader = ShopEvents(
            lambda headers: httpx.Client(base_url=f"http://{address}", headers=headers, timeout=60),
            lambda: "demo",
            heard.put,
            tmp_path / "place",
            first_pause_seconds=0.01,
        )
        reader.start()
        told = [heard.get(timeout=60) for _ in range(3)]
        reader.stop()

    assert told == [BasketChangedElsewhere("b", number) for number in (1, 2, 3)]
    assert asked[:3] == [None, "1", "2"]

"""What the house says of itself: counts by address, a line of log for each answer, a trace on each ticket."""

import json
import logging
from pathlib import Path

import pytest

from server.api.metrics import Metrics
from server.db.database import Database
from server.flows.ports import Work
from server.flows.shop import Shop
from tests.server.apps import open_shopfront
from tests.server.builders import NUTELLA, a_basket, a_shopper, an_approval


def test_durations_fall_into_buckets_that_add_up_when_answers_are_counted() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.02, 0.02, 9.0):
        metrics.answered("GET", "/health", 200, seconds)

    lines = metrics.text({"products": 7}).splitlines()

    assert 'sesame_answers_total{method="GET",route="/health",status="200"} 4.0' in lines
    assert 'sesame_answer_seconds_bucket{le="0.005",method="GET",route="/health"} 1.0' in lines
    assert 'sesame_answer_seconds_bucket{le="0.025",method="GET",route="/health"} 3.0' in lines
    assert 'sesame_answer_seconds_bucket{le="+Inf",method="GET",route="/health"} 4.0' in lines
    assert 'sesame_answer_seconds_count{method="GET",route="/health"} 4.0' in lines
    assert lines[-1] == "sesame_products 7.0"


@pytest.mark.anyio
async def test_a_ticket_leads_to_its_line_in_the_log_when_it_was_paid(
    database: Database, database_url: str, shop: Shop, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def prepared(work: Work) -> dict[str, object]:
        basket_id = a_basket(work, shop, NUTELLA)
        customer_id = a_shopper(work, balance_minor=5000)
        approved = an_approval(work, shop, customer_id, basket_id, seconds=10**9)
        return {name: getattr(approved, name) for name in approved.__slots__}

    body = database.write(prepared)
    caplog.set_level(logging.INFO, "server.requests")

    async with open_shopfront(database_url, tmp_path) as front:
        paid = await front.ask("POST", "/v1/payments", body, headers={"X-Trace-Id": "trace-of-the-test"})
        ticket_id = paid.json()["ticket"]["ticket_id"]
        ticket = await front.ask("GET", f"/v1/tickets/{ticket_id}", token=None)
        counted = (await front.ask("GET", "/metrics", token=None)).text

    assert ticket.json()["trace_id"] == "trace-of-the-test"
    told = [json.loads(record.getMessage()) for record in caplog.records if record.name == "server.requests"]
    (line,) = [each for each in told if each["trace_id"] == "trace-of-the-test"]
    assert (line["method"], line["route"], line["status"]) == ("POST", "/v1/payments", 201)
    assert ticket_id not in caplog.text + counted
    assert 'sesame_answers_total{method="GET",route="/v1/tickets/{ticket_id}",status="200"} 1.0' in counted

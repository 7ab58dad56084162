"""The books: goods that come back, days that are closed."""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from server.api.dependencies import AsFinance, AsManager, AsShopper, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.routes.requests import request_json
from server.api.schemas import Body, ClientId
from server.flows.close_day import close_day, closing_json
from server.flows.close_period import Kind, close_period, period_json
from server.flows.errors import FlowError
from server.flows.own_refund import Asked, refund_myself
from server.flows.ports import Caller, Work
from server.flows.refund import Returned, refund, refundable
from server.flows.second_person import ask_second

router = APIRouter(tags=["books"])

MOST_LISTED = 400


class ReturnedLine(Body):
    """Pieces of one line of the ticket; a weighed piece is 1, a deposit has a line of its own."""

    line_id: Annotated[str, Field(min_length=1, max_length=64)]
    quantity: Annotated[int, Field(ge=1, le=999)]


class NewRefund(Body):
    """What came back, and why."""

    refund_id: ClientId
    ticket_id: ClientId
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=3, max_length=200)]


class NewOwnRefund(Body):
    """What a shopper says is not as it should be."""

    refund_id: ClientId
    ticket_id: ClientId
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=200)]
    reason: Literal["damaged", "not_received", "wrong_item", "changed_mind"]


class NewClosing(Body):
    """The id of the closing, made and saved by who asks."""

    closing_id: ClientId


class NewMonth(Body):
    """A month to close, such as 2026-11."""

    closing_id: ClientId
    period: Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class NewYear(Body):
    """A year to close."""

    closing_id: ClientId
    period: Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["2025"])]


@router.post(
    "/v1/refunds",
    status_code=201,
    dependencies=[NeedsKey],
    responses={202: {"description": "A second person is asked"}},
)
async def give_back(request: Request, body: NewRefund, house: TheHouse, who: AsManager) -> Response:
    """Give back what was paid for goods that came back, to the tenders that paid, in reverse.

    Above the store's limit nothing moves yet: the answer is 202 with a request that a second manager decides about.
    """
    returned, at = Returned(body.refund_id, body.ticket_id, quantities_of(body.lines), body.reason), house.now()
    alone_minor = house.refund_alone_minor

    def flow(work: Work) -> Answer:
        try:
            made = refund(work, returned, store_id=house.shop.store_id, by=who.subject, at=at, alone_minor=alone_minor)
        except FlowError as error:
            if error.code != "second_person_needed":
                raise
            facts = asdict(returned) | {"amount_minor": error.facts["amount_minor"]}
            asked = ask_second(work, body.refund_id, "refund", facts, by=who.subject, at=at)
            return Answer(202, request_json(asked))
        return Answer(201, made.body)

    return await once(request, who, flow)


@router.get("/v1/tickets")
async def ticket_by_number(
    house: TheHouse, who: AsManager, number: Annotated[int, Query(ge=1, lt=2**63)]
) -> dict[str, Any]:
    """Return the lines of the ticket with this number, and how many pieces of each can still come back."""
    at, store_id = house.now(), house.shop.store_id
    return await house.database.write_async(
        lambda work: refundable(work, number, store_id=store_id, by=who.subject, at=at)
    )


@router.post(
    "/v1/customers/me/refunds",
    status_code=201,
    dependencies=[NeedsKey],
    responses={202: {"description": "A manager is asked"}},
)
async def give_back_to_me(request: Request, body: NewOwnRefund, house: TheHouse, who: AsShopper) -> Response:
    """Give a shopper back what was paid for a few goods of their own ticket, to the tenders that paid.

    What the store's limits do not leave to shoppers alone becomes a request that a manager decides about: 202 with why.
    """
    returned, at = Returned(body.refund_id, body.ticket_id, quantities_of(body.lines), body.reason), house.now()

    def flow(work: Work) -> Answer:
        made = refund_myself(work, house.shop, returned, who.subject, at=at)
        if isinstance(made, Asked):
            asked = {"request_id": made.request.request_id, "state": made.request.state, "why": made.why.value}
            return Answer(202, asked | {"amount_minor": made.request.body["amount_minor"]})
        return Answer(201, made.body)

    return await once(request, who, flow)


@router.post("/v1/closings", status_code=201, dependencies=[NeedsKey])
async def close(request: Request, body: NewClosing, house: TheHouse, who: AsFinance) -> Response:
    """Close the day: totals by rate and tender since the last closing, chained to it."""
    shop, at = house.shop, house.now()

    def flow(work: Work) -> Answer:
        made = close_day(
            work, body.closing_id, store_id=shop.store_id, currency=shop.currency.code, by=who.subject, at=at
        )
        return Answer(201, closing_json(made))

    return await once(request, who, flow)


@router.get("/v1/closings")
async def closings(
    house: TheHouse,
    _who: AsFinance,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 31,
) -> dict[str, Any]:
    """Return the closings, newest first; `next_cursor` asks for those before, null when there are none."""
    store_id, more = house.shop.store_id, limit + 1  # one more tells whether there is a next page
    found = await house.database.read_async(
        lambda work: work.closings.of(store_id, newest_first=True, limit=more, below=cursor)
    )
    page = found[:limit]
    following = page[-1].number if len(found) > limit else None
    return {"items": [closing_json(each) for each in page], "next_cursor": following}


@router.post("/v1/closings/months", status_code=201, dependencies=[NeedsKey])
async def close_month(request: Request, body: NewMonth, house: TheHouse, who: AsFinance) -> Response:
    """Close a month that has ended: the sum of its days, chained to the month before."""
    return await _close(request, house, who, "month", body.closing_id, body.period)


@router.post("/v1/closings/years", status_code=201, dependencies=[NeedsKey])
async def close_year(request: Request, body: NewYear, house: TheHouse, who: AsFinance) -> Response:
    """Close a year that has ended: the sum of its months, chained to the year before."""
    return await _close(request, house, who, "year", body.closing_id, body.period)


@router.get("/v1/closings/months")
async def months(house: TheHouse, _who: AsFinance) -> dict[str, Any]:
    """Return the closed months, oldest first."""
    return await _periods(house, "month")


@router.get("/v1/closings/years")
async def years(house: TheHouse, _who: AsFinance) -> dict[str, Any]:
    """Return the closed years, oldest first."""
    return await _periods(house, "year")


def quantities_of(lines: list[ReturnedLine]) -> dict[str, int]:
    """Return how many pieces of each line come back.

    Raises:
        FlowError: `malformed_request`: a line stands twice.
    """
    quantities = {line.line_id: line.quantity for line in lines}
    if len(quantities) != len(lines):
        raise FlowError("malformed_request", "A line stands twice.")
    return quantities


async def _periods(house: House, kind: Kind) -> dict[str, Any]:
    store_id = house.shop.store_id
    found = await house.database.read_async(lambda work: work.closings.periods(store_id, kind))
    return {"items": [period_json(each) for each in found]}


async def _close(request: Request, house: House, who: Caller, kind: Kind, closing_id: str, period: str) -> Response:
    shop, at = house.shop, house.now()

    def flow(work: Work) -> Answer:
        made = close_period(
            work,
            closing_id,
            kind=kind,
            period=period,
            store_id=shop.store_id,
            zone=shop.timezone,
            by=who.subject,
            at=at,
        )
        return Answer(201, period_json(made))

    return await once(request, who, flow)

"""Merchants: the sales and days of their own store, and refunds of them; what comes next is on its events' stream."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from checkout import emoji_of
from server.api.dependencies import AsMerchant, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.problems import instant
from server.api.routes.books import ReturnedLine, quantities_of
from server.api.schemas import Body, ClientId
from server.flows.days import day_of
from server.flows.hearing import demand_store
from server.flows.merchant_refund import Wanted, refund_as_merchant, sale_json
from server.flows.own_refund import Asked
from server.flows.ports import Caller, Work
from server.flows.ports.books import Span, Taken
from server.flows.sales import MOST_DAYS, Day, Language, days_upto, sheet_head, sheet_rows, span_of

router = APIRouter(prefix="/v1/merchants", tags=["merchants"])


class NewMerchantRefund(Body):
    """What comes back of a sale, and why."""

    refund_id: ClientId
    payment_id: ClientId
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=3, max_length=200)]


MOST_LISTED = 200
AT_ONCE = 1000
"""Sales of a sheet that are read in one go: a sheet holds a month, the server never."""


@router.get("/{store_id}/sales")
async def sales(
    store_id: str,
    house: TheHouse,
    who: AsMerchant,
    day: date | None = None,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
) -> dict[str, Any]:
    """Return what was sold, on a day of the store's clock where one is named, newest first.

    `next_cursor` asks for what was sold before, null when there is none.
    """
    demand_own(house, who, store_id)
    during = None if day is None else span_of(day, day, house.shop.timezone)
    more = limit + 1  # one more tells whether there is a next page
    found = await house.database.read_async(
        lambda work: work.closings.taken(store_id, below=cursor, limit=more, during=during)
    )
    page = found[:limit]
    return {
        "items": [taken_json(each) for each in page],
        "next_cursor": page[-1].number if len(found) > limit else None,
    }


@router.get("/{store_id}/days")
async def days(
    store_id: str,
    house: TheHouse,
    who: AsMerchant,
    upto: date | None = None,
    limit: Annotated[int, Query(ge=1, le=MOST_DAYS)] = 7,
) -> dict[str, Any]:
    """Return what each day brought, newest first, up to today or a day before it; `today` is the store's."""
    demand_own(house, who, store_id)
    zone, unit = house.shop.timezone, house.shop.currency.code
    today = day_of(house.now(), zone)
    found = await house.database.read_async(lambda work: days_upto(work, store_id, upto or today, limit, zone))
    return {
        "store": {"store_id": store_id, "name": house.shop.row.name, "payee": house.shop.payee},
        "today": today.isoformat(),
        "currency": unit,
        "items": [_day_json(each) for each in found],
    }


@router.get("/{store_id}/sales/{payment_id}")
async def sale(store_id: str, payment_id: str, house: TheHouse, who: AsMerchant) -> dict[str, Any]:
    """Return the lines of a sale with what can still come back, and how much may be given back alone today."""
    demand_own(house, who, store_id)
    at = house.now()
    return await house.database.read_async(lambda work: sale_json(work, house.shop, payment_id, who, at=at))


@router.post(
    "/{store_id}/refunds",
    status_code=201,
    dependencies=[NeedsKey],
    responses={202: {"description": "A manager is asked"}},
)
async def give_back(
    request: Request, store_id: str, body: NewMerchantRefund, house: TheHouse, who: AsMerchant
) -> Response:
    """Give back what was paid for some goods of a sale, to the tenders that paid, in reverse.

    Above what the store leaves to a role in a day nothing moves yet: 202 with a request that a manager decides about.
    """
    demand_own(house, who, store_id)
    at, shop = house.now(), house.shop
    wanted = Wanted(body.refund_id, body.payment_id, quantities_of(body.lines), body.reason)

    def flow(work: Work) -> Answer:
        made = refund_as_merchant(work, shop, wanted, who, at=at)
        if isinstance(made, Asked):
            asked = {"request_id": made.request.request_id, "state": made.request.state}
            return Answer(202, asked | {"amount_minor": made.request.body["amount_minor"]})
        shown = ("refund_id", "number", "currency", "lines", "tenders", "amount_minor", "left_minor", "refunded_at")
        told = {name: made.body[name] for name in shown}
        return Answer(201, told | {"paid_out_minor": made.body.get("paid_out_minor", 0)})

    return await once(request, who, flow)


@router.get("/{store_id}/sales.csv", response_class=StreamingResponse)
async def sheet(
    store_id: str, house: TheHouse, who: AsMerchant, first: date, last: date, language: Language = "fr"
) -> StreamingResponse:
    """Return every sale of up to 31 days as a sheet (CSV, UTF-8), newest first."""
    demand_own(house, who, store_id)
    during = span_of(first, last, house.shop.timezone)
    name = f"ventes-{store_id}-{first}-{last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    lines = _lines(house, store_id, during, language)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(house: House, store_id: str, during: Span, language: Language) -> AsyncIterator[str]:
    yield sheet_head(language)
    below: int | None = None
    while True:
        found = await house.database.read_async(
            lambda work, below=below: work.closings.taken(store_id, below=below, limit=AT_ONCE, during=during)  # type: ignore[misc] # bound now
        )
        yield sheet_rows(found, language, house.shop.timezone)
        if len(found) < AT_ONCE:
            return
        below = found[-1].number


def demand_own(house: House, who: Caller, store_id: str) -> None:
    """Let a merchant look at the store that this server holds, where it is theirs.

    Raises:
        FlowError: `store_not_found`.
    """
    house.demand_store(store_id)
    demand_store(who, store_id)


def taken_json(sale: Taken) -> dict[str, Any]:
    """Return a sale as a merchant may see it: of who paid only what the till's screen showed, or null.

    At a counter it is the first name and an initial, with the pictures that the payer's phone shows.
    """
    return {
        "ticket_number": sale.number,
        "payment_id": sale.payment_id,
        "payer": sale.payer,
        "counter": sale.counter,
        "emoji": None if sale.counter is None else list(emoji_of(sale.digest)),
        "amount_minor": sale.amount_minor,
        "refunded_minor": sale.refunded_minor,
        "cashback_minor": sale.cashback_minor,
        "currency": sale.currency,
        "tenders": [{"kind": kind, "amount_minor": minor} for kind, minor in sale.paid_by],
        "taken_at": instant(sale.taken_at),
    }


def _day_json(each: Day) -> dict[str, Any]:
    taking = each.taking
    return {
        "day": each.day.isoformat(),
        "sales": taking.sales,
        "amount_minor": taking.amount_minor,
        "refunds": taking.refunds,
        "refunded_minor": taking.refunded_minor,
        "cashback_minor": taking.cashback_minor,
    }

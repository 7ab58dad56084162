"""Merchants: the sales of their own store. What comes next they hear on the stream of their store's events."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from server.api.dependencies import AsMerchant, TheHouse
from server.api.problems import instant
from server.flows.errors import FlowError
from server.flows.hearing import demand_store
from server.flows.ports.books import Taken

router = APIRouter(tags=["merchants"])

MOST_LISTED = 200


@router.get("/v1/merchants/{store_id}/sales")
async def sales(
    store_id: str,
    house: TheHouse,
    who: AsMerchant,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 50,
) -> dict[str, Any]:
    """Return what was sold, newest first; `next_cursor` asks for what was sold before, null when there is none."""
    if store_id != house.shop.store_id:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
    demand_store(who, store_id)
    more = limit + 1  # one more tells whether there is a next page
    found = await house.database.read_async(lambda work: work.closings.taken(store_id, below=cursor, limit=more))
    page = found[:limit]
    return {
        "items": [taken_json(each) for each in page],
        "next_cursor": page[-1].number if len(found) > limit else None,
    }


def taken_json(sale: Taken) -> dict[str, Any]:
    """Return a sale as a merchant may see it: nothing of who paid but what the till's screen showed."""
    return {
        "ticket_number": sale.number,
        "payment_id": sale.payment_id,
        "payer": sale.subject,
        "amount_minor": sale.amount_minor,
        "refunded_minor": sale.refunded_minor,
        "currency": sale.currency,
        "tenders": [{"kind": tender["account"], "amount_minor": tender["amount_minor"]} for tender in sale.tenders],
        "taken_at": instant(sale.taken_at),
    }

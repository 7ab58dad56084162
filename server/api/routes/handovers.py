"""Baskets on their way from one kiosk to another, or to a phone that carries their code."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsAnyone, AsKiosk, AsPricer, NeedsKey, TheHouse, address_of
from server.api.idempotency import Answer, once
from server.api.routes.checkouts import Gathered, whole_of
from server.api.schemas import Body
from server.flows import hand_over
from server.flows.baskets import view
from server.flows.instants import instant
from server.flows.ports import Work

router = APIRouter(prefix="/v1", tags=["baskets"])

HIDDEN = frozenset({"kiosk_id", "digest", "payment_id", "next_step", "problems", "age_check", "kept_coupons"})
"""What whoever holds the code has no use for."""

SHOWN = frozenset({"label", "state", "why", "saved_minor"})
"""Of each coupon."""


class HandoverText(Body):
    """A basket's code, as read off a phone or a kiosk."""

    code: Annotated[str, Field(min_length=1, max_length=128)]


def given_json(token: str, until: datetime) -> dict[str, Any]:
    """Return a code that a basket waits under."""
    return {"code": f"{hand_over.PREFIX}{token}", "url": f"/b/{token}", "expires_at": instant(until)}


@router.post("/baskets/{basket_id}:suspend", dependencies=[NeedsKey])
async def suspend(request: Request, basket_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """Put a basket aside; whoever shows the code takes it up again at any kiosk of the store, within two hours."""
    token, at = house.new_id(), house.now()

    def flow(work: Work) -> Answer:
        _, until = hand_over.suspend(work, basket_id, who, token, at=at)
        return Answer(200, given_json(token, until), {"Cache-Control": "no-store"})

    return await once(request, who, flow)


@router.post("/baskets:suspend", status_code=201, dependencies=[NeedsKey])
async def leave(request: Request, body: Gathered, house: TheHouse, who: AsAnyone) -> Response:
    """Leave what a phone has gathered for any kiosk of the store: whoever shows the code takes it up.

    `texts` are the same goods as codes for a kiosk whose network is away.
    """
    token, at = house.new_id(), house.now()
    whole = whole_of(house.new_id(), body.lines, body.coupons)
    await house.people.aside.take(house.database, address_of(request) if who.kind == "public" else who.name, at=at)

    def flow(work: Work) -> Answer:
        row, until = hand_over.leave_whole(work, house.shop, whole, who, token, at=at)
        body = given_json(token, until) | {"texts": hand_over.texts_of(house.shop, row)}
        return Answer(201, body, {"Cache-Control": "no-store"})

    return await once(request, who, flow)


@router.post("/baskets:resume", dependencies=[NeedsKey])
async def resume(request: Request, body: HandoverText, house: TheHouse, who: AsKiosk) -> Response:
    """Take a basket up again at this kiosk."""
    at = house.now()

    def flow(work: Work) -> Answer:
        row = hand_over.resume(work, house.shop, body.code, who, at=at, new_id=house.new_id)
        headers = {"ETag": f'"{row.version}"', "Cache-Control": "no-store"}
        return Answer(200, view(work, house.shop, row, at=at), headers)

    return await once(request, who, flow)


@router.get("/handovers/{token}")
async def waiting(token: str, house: TheHouse, _who: AsPricer) -> dict[str, Any]:
    """Show a basket that was put aside to whoever has its code; prices are those of now.

    `texts` are the same goods as codes for a till whose network is away: each is shown as a QR code of its own.
    """
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        row = hand_over.waiting_basket(work, token, at=at)
        shown = view(work, house.shop, row, at=at)
        # Who reads a coupon's code may redeem it: the link shows what coupons do, not what they are.
        shown["coupons"] = [{name: fact for name, fact in each.items() if name in SHOWN} for each in shown["coupons"]]
        texts = hand_over.texts_of(house.shop, row)
        return {**{name: fact for name, fact in shown.items() if name not in HIDDEN}, "texts": texts}

    return await house.database.write_async(flow)

"""Coupons and the links by which they are passed on. Links and codes are unguessable, so looking needs no account."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request, Response

from checkout.errors import CouponNotFoundError
from server.api.dependencies import AsAnyone, NeedsKey, TheHouse, address_of
from server.api.idempotency import Answer, once
from server.api.people_json import coupon_json, label_json
from server.api.problems import instant
from server.api.routes.enrolment import PhoneText
from server.api.schemas import Body, ClientId, ShortText
from server.flows.campaign_words import conditions
from server.flows.claim_coupon import claim_coupon
from server.flows.coupon_rules import find
from server.flows.coupons import HeldOutError
from server.flows.errors import FlowError
from server.flows.ports import Caller, Work
from server.flows.share_coupon import link_state, note_opened, open_link, share_coupon, withdraw_share
from server.flows.shop import Shop

router = APIRouter(tags=["coupons"])
OFFER_SECONDS = 5
"""How long an offer may be shown as it was; a claim is judged anew in any case."""


class Holder(Body):
    """Who holds the coupon: the ticket that it came with; a shopper who is logged in sends nothing."""

    ticket_id: ShortText | None = None


class NewClaim(Body):
    """Who claims."""

    claim_id: ClientId
    phone: PhoneText


@router.get("/v1/coupons/{code}")
async def coupon(request: Request, code: str, house: TheHouse, who: AsAnyone) -> dict[str, Any]:
    """Return a coupon to whoever knows its code; guesses are slowed down."""
    at = house.now()
    try:
        row, campaign = await house.database.read_async(lambda work: find(work, code))
    except CouponNotFoundError:
        await house.people.strangers.take(house.database, f"coupon:{who.name}:{address_of(request)}", at=at)
        raise
    return coupon_json(row, campaign)


@router.post("/v1/coupons/{code}/shares", status_code=201, dependencies=[NeedsKey])
async def share(request: Request, code: str, body: Holder, house: TheHouse, who: AsAnyone) -> Response:
    """Open a link to a coupon, for its holder."""
    at = house.now()

    def flow(work: Work) -> Answer:
        link = share_coupon(work, code, phone_hash=_phone_of(work, who), ticket_id=body.ticket_id, at=at)
        return Answer(201, {"token": link.token, "url": f"/c/{link.token}", "mode": link.mode})

    return await once(request, who, flow)


@router.get("/v1/shares/{token}")
async def offer(request: Request, token: str, house: TheHouse, _who: AsAnyone) -> Response:
    """Return the offer behind a link: nothing is asked before it is seen. Guesses are slowed down.

    It may be kept for a few seconds and asked for again by its tag, so that a link on a poster costs little.
    """
    at = house.now()
    try:
        found = await house.database.read_async(lambda work: _offer(work, house.shop, token, at))
    except FlowError:
        await house.people.strangers.take(house.database, f"shares:{address_of(request)}", at=at)
        raise
    body = json.dumps(found, ensure_ascii=False, sort_keys=True).encode()
    headers = {"ETag": f'"{sha256(body).hexdigest()[:32]}"', "Cache-Control": f"public, max-age={OFFER_SECONDS}"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/json", headers=headers)


@router.post("/v1/shares/{token}:opened", status_code=204)
async def opened(request: Request, token: str, house: TheHouse, _who: AsAnyone) -> Response:
    """Count a visitor who looked, without a cookie."""
    at = house.now()
    await house.people.doors.take(house.database, f"opened:{token}:{address_of(request)}", at=at)
    await house.database.write_async(lambda work: note_opened(work, token, at=at))
    return Response(status_code=204)


@router.post("/v1/shares/{token}:withdraw", dependencies=[NeedsKey])
async def withdraw(request: Request, token: str, body: Holder, house: TheHouse, who: AsAnyone) -> Response:
    """Close a link: a gift comes back, what was claimed stays with whoever claimed it."""
    at = house.now()

    def flow(work: Work) -> Answer:
        withdraw_share(work, token, phone_hash=_phone_of(work, who), ticket_id=body.ticket_id, at=at)
        return Answer(200, _offer(work, house.shop, token, at))

    return await once(request, who, flow)


@router.post("/v1/shares/{token}/claims", status_code=201, dependencies=[NeedsKey])
async def claim(request: Request, token: str, body: NewClaim, house: TheHouse, who: AsAnyone) -> Response:
    """Claim what a friend shared, with a phone number alone; only the same request again gets its code again."""
    at = house.now()
    phone = house.people.phones.parse(body.phone)
    phone_hash = house.people.phones.hash(phone)
    await house.people.doors.take(house.database, f"claims:{address_of(request)}", at=at)

    def flow(work: Work) -> Answer:
        claimed = claim_coupon(work, token, phone_hash, at=at)
        shown = {
            "code": claimed.coupon.code,
            "text": f"SESAME:C:{claimed.coupon.code}",
            "label": label_json(claimed.campaign),
            "expires_at": instant(claimed.coupon.expires_at),
        }
        return Answer(201, {"coupon": shown, "masked_phone": phone.masked})

    try:
        return await once(request, who, flow)
    except HeldOutError as error:
        drawn = (
            error.campaign_id
        )  # kept although the claim was not: those drawn out are what the others are compared with
        await house.database.write_async(lambda work: work.campaigns.note_held_out(drawn, phone_hash, at=at))
        raise


def _offer(work: Work, shop: Shop, token: str, at: datetime) -> dict[str, Any]:
    link, row, campaign = open_link(work, token)
    return {
        "label": label_json(campaign),
        "conditions": conditions(campaign),
        "store": shop.name,
        "ends_at": instant(row.expires_at),
        "mode": link.mode,
        "state": link_state(work, link, row, campaign, at=at),
        "demo_prices": shop.demo_prices,
    }


def _phone_of(work: Work, who: Caller) -> str | None:
    if who.kind != "shopper":
        return None
    customer = work.customers.get(who.subject)
    return None if customer is None else customer.phone_hash

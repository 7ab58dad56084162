"""What a merchant does about their counters: codes to print, a picture to show; and who may suspend them."""

import asyncio
from base64 import b64decode
from binascii import Error as NotBase64Error
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from checkout import CounterCode, VatClass
from server.api.dependencies import AsDecider, AsMerchant, AsMerchantOwner, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.problems import instant
from server.api.routes.counters import Amount
from server.api.routes.merchants import demand_own
from server.api.schemas import Body, ClientId
from server.flows.counter import asking, make_code, put_picture, suspend, withdraw_code
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.counters import CounterRow, MerchantRow
from server.flows.shop_picture import drawn_anew

router = APIRouter(prefix="/v1/merchants", tags=["merchants"])

MOST_SIGNS = 1_000_000
"""Signs of base64: what fits into a body; a page makes a picture smaller before it sends it."""


class NewCounterCode(Body):
    """A code for a counter, by the name that payers and tickets read."""

    code_id: ClientId
    name: Annotated[str, Field(min_length=1, max_length=40)]
    vat_class: VatClass = Field(default=VatClass.STANDARD, strict=False)


class AskedAmount(Body):
    """What a link shall ask for."""

    amount_minor: Amount


class NewPicture(Body):
    """A picture (JPEG, PNG or WebP), base64."""

    picture: Annotated[str, Field(min_length=1, max_length=MOST_SIGNS, examples=["/9j/"])]


class Suspension(Body):
    """Why nobody shall pay here for now."""

    reason: Annotated[str, Field(min_length=3, max_length=200)]


@router.get("/{store_id}/codes")
async def codes(store_id: str, house: TheHouse, who: AsMerchant) -> dict[str, Any]:
    """Return the codes in force with their links, and how the merchant is shown to whoever scans one."""
    demand_own(house, who, store_id)
    found, merchant = await house.database.read_async(
        lambda work: (work.counters.codes(store_id), work.counters.merchant(store_id))
    )
    since = merchant.suspended_at
    return {
        "items": [_code_json(house, row) for row in found],
        "picture_sha256": merchant.picture_sha256,
        "suspended_at": None if since is None else instant(since),
    }


@router.post("/{store_id}/codes", status_code=201, dependencies=[NeedsKey])
async def make(
    request: Request, store_id: str, body: NewCounterCode, house: TheHouse, who: AsMerchantOwner
) -> Response:
    """Make a code to be printed."""
    demand_own(house, who, store_id)
    at = house.now()

    def flow(work: Work) -> Answer:
        row = make_code(work, house.shop, body.code_id, body.name, body.vat_class, by=who.subject, at=at)
        return Answer(201, _code_json(house, row))

    return await once(request, who, flow)


@router.post("/{store_id}/codes/{code_id}:withdraw", status_code=204)
async def withdraw(store_id: str, code_id: str, house: TheHouse, who: AsMerchantOwner) -> None:
    """Let a code pay nobody from now on; whoever scans it is told so."""
    demand_own(house, who, store_id)
    at = house.now()
    await house.database.write_async(lambda work: withdraw_code(work, house.shop, code_id, by=who.subject, at=at))


@router.post("/{store_id}/codes/{code_id}:ask")
async def ask(store_id: str, code_id: str, body: AskedAmount, house: TheHouse, who: AsMerchant) -> dict[str, Any]:
    """Return a link that asks for an amount, which nobody can change; it pays as often as somebody wants to."""
    demand_own(house, who, store_id)
    amount_minor = body.amount_minor
    said = await house.database.read_async(lambda work: asking(work, house.shop, code_id, amount_minor))
    return {"path": _path(house, said), "amount_minor": amount_minor, "currency": house.shop.currency.code}


@router.put("/{store_id}/picture")
async def show_picture(store_id: str, body: NewPicture, house: TheHouse, who: AsMerchantOwner) -> dict[str, Any]:
    """Show a picture to whoever scans a code: drawn anew at 960 x 600, with nothing but its pixels."""
    demand_own(house, who, store_id)
    try:
        sent = b64decode(body.picture, validate=True)
    except NotBase64Error as error:
        raise FlowError("picture_unfit", "It is no base64.") from error
    picture, sha256 = await asyncio.to_thread(drawn_anew, sent)
    at = house.now()
    await house.database.write_async(lambda work: put_picture(work, house.shop, picture, sha256, by=who.subject, at=at))
    return {"picture_sha256": sha256}


@router.delete("/{store_id}/picture", status_code=204)
async def drop_picture(store_id: str, house: TheHouse, who: AsMerchantOwner) -> None:
    """Show a drawn sign instead of a picture."""
    demand_own(house, who, store_id)
    at = house.now()
    await house.database.write_async(lambda work: put_picture(work, house.shop, None, None, by=who.subject, at=at))


@router.get("/{store_id}/suspension")
async def suspension(store_id: str, house: TheHouse, _who: AsDecider) -> dict[str, Any]:
    """Say whether somebody can be paid at this store's counters, and if not since when and why."""
    house.demand_store(store_id)
    found = await house.database.read_async(lambda work: work.counters.merchant(store_id))
    return _suspension_json(found)


@router.post("/{store_id}:suspend")
async def stop(store_id: str, body: Suspension, house: TheHouse, who: AsDecider) -> dict[str, Any]:
    """Let nobody pay at this store's counters, for a reason that stays in the audit log."""
    house.demand_store(store_id)
    at = house.now()
    return _suspension_json(
        await house.database.write_async(lambda work: suspend(work, house.shop, body.reason, by=who.subject, at=at))
    )


@router.post("/{store_id}:resume")
async def resume(store_id: str, house: TheHouse, who: AsDecider) -> dict[str, Any]:
    """Let shoppers pay there again."""
    house.demand_store(store_id)
    at = house.now()
    return _suspension_json(
        await house.database.write_async(lambda work: suspend(work, house.shop, None, by=who.subject, at=at))
    )


def _path(house: House, code: CounterCode) -> str:
    return f"/p/{code.token(house.signing_key.sign(code.words()))}"


def _code_json(house: House, row: CounterRow) -> dict[str, Any]:
    return {
        "code_id": row.code_id,
        "name": row.name,
        "vat_class": row.vat_class,
        "made_at": instant(row.made_at),
        "path": _path(house, CounterCode(row.store_id, row.code_id)),
    }


def _suspension_json(merchant: MerchantRow) -> dict[str, Any]:
    since = merchant.suspended_at
    return {"suspended_at": None if since is None else instant(since), "reason": merchant.suspended_why}

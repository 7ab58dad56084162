"""Payments without the store: what kiosks and shoppers need for them, and their settling once it is back."""

import asyncio
from base64 import b64decode, b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field

from checkout import Line, OfflineSale
from server.api.dependencies import AsKiosk, AsShopper, NeedsKey, TheHouse
from server.api.idempotency import Answer, once
from server.api.routes.baskets import Quantity, Sku
from server.api.routes.devices import SIGNATURE_BYTES, Signature
from server.api.routes.enrolment import PinText
from server.api.schemas import Body, ClientId, Instant, Minor, ShortText
from server.flows.capture import payment_json
from server.flows.instants import instant
from server.flows.log_in import prove_own_pin
from server.flows.offline import give_pass, grant, pass_check
from server.flows.ports import Work
from server.flows.settle_offline import Brought, settle_offline

router = APIRouter(prefix="/v1", tags=["payments"])

Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
MOST_LINES = 100


class PassAsked(Body):
    """The PIN that the pass will ask for."""

    pin: PinText


AN_EXAMPLE: dict[str, Any] = {
    "payment_id": "0b54c2f1-6a1e-4f0e-9d5c-8f3f2a9d7c12",
    "ticket_id": "5c1f7a52-0d1e-4f5b-9b7e-5f0f5a9f1c11",
    "number": 7,
    "previous": "9f" * 32,
    "basket_id": "6f3c1a52-0d1e-4f5b-9b7e-5f0f5a9f1c11",
    "digest": "3a" * 32,
    "amount_minor": 798,
    "currency": "EUR",
    "payee": "Sésame Démo · Magasin 12",
    "wallet_pass": "P.WyJkZW1vIl0.c2lnbmVk",
    "taken_at": "2026-11-23T12:00:00Z",
    "age_verified": False,
    "lines": [{"line_id": "l-1", "sku": "off-3017620422003", "quantity": 2, "code": "3017620422003"}],
    "signature": b64encode(bytes(SIGNATURE_BYTES)).decode(),
}


class SoldLine(Body):
    """One line as the kiosk sold it."""

    line_id: Annotated[str, Field(min_length=1, max_length=64)]
    sku: Sku
    quantity: Quantity
    code: Annotated[str, Field(max_length=512)] = ""
    weight_g: Annotated[int, Field(ge=1, le=10**6)] | None = None
    price_minor: Minor | None = None
    lot: Annotated[str, Field(max_length=64)] | None = None
    issue: Annotated[str, Field(pattern="^[0-9]{1,5}$")] | None = None


class NewOfflinePayment(Body):
    """A sale that a kiosk took by itself, with its signature (`checkout.OfflineSale`)."""

    model_config = ConfigDict(json_schema_extra={"example": AN_EXAMPLE})

    payment_id: ClientId
    ticket_id: ClientId
    number: Annotated[int, Field(ge=1, le=10**9)]
    previous: Hash | Annotated[str, Field(max_length=0)]
    basket_id: Annotated[str, Field(min_length=1, max_length=64)]
    digest: Hash
    amount_minor: Minor
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    payee: ShortText
    wallet_pass: Annotated[str, Field(min_length=1, max_length=480)]
    taken_at: Instant
    age_verified: bool
    lines: Annotated[list[SoldLine], Field(min_length=1, max_length=MOST_LINES)]
    draw_nth: Annotated[int, Field(ge=0, le=10**6)] = 0
    draw_proof: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{0,86}$")] = ""
    signature: Signature

    def sale(self) -> OfflineSale:
        """Return it in the words of the checkout."""
        facts = {name: getattr(self, name) for name in type(self).model_fields if name not in {"lines", "signature"}}
        lines = tuple(
            Line(one.line_id, one.sku, one.quantity, one.code, one.weight_g, one.price_minor, one.lot, one.issue)
            for one in self.lines
        )
        return OfflineSale(**facts, lines=lines)


@router.get("/kiosks/me/offline-grant")
async def offline_grant(house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return what lets this kiosk take payments by itself for three days: its grant, and keys to check passes with."""
    at, keyed, sign = house.now(), house.people.phones.keyed, house.signing_key.sign
    made = await house.database.read_async(
        lambda work: grant(work, keyed, sign, kiosk_id=who.subject, store_id=house.shop.store_id, at=at)
    )
    return {"grant": made.grant, "pass_keys": made.pass_keys, "expires_at": instant(made.expires_at)}


@router.post("/wallets/me/offline-passes", status_code=201)
async def offline_pass(body: PassAsked, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Give a pass that pays at a kiosk without a network for a day, up to a floor, with the PIN that is sent here."""
    at, shop, people = house.now(), house.shop, house.people
    customer = await prove_own_pin(house.database, people, who, body.pin, clock=house.now)
    check = await asyncio.to_thread(pass_check, people.phones.keyed, shop, customer, body.pin, at=at)
    code, floor_minor, until = await house.database.write_async(
        lambda work: give_pass(work, house.signing_key.sign, shop, customer, check, at=at)
    )
    return {"code": code, "floor_minor": floor_minor, "expires_at": instant(until)}


@router.post("/offline-payments", status_code=201, dependencies=[NeedsKey])
async def settle(request: Request, body: NewOfflinePayment, house: TheHouse, who: AsKiosk) -> Response:
    """Book a sale that this kiosk took while the store was away, once; it is not refused for what has changed since."""
    brought, at = Brought(body.sale(), b64decode(body.signature)), house.now()
    minted, store_key = house.mint(request.state.trace_id), house.signing_key.public_key()

    def flow(work: Work) -> Answer:
        payment = settle_offline(
            work,
            house.shop,
            brought,
            who,
            store_key=store_key,
            minted=minted,
            new_id=house.new_id,
            at=at,
        )
        return Answer(201, payment_json(payment))

    return await once(request, who, flow)

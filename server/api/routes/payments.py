"""Payments, receipts and the gate."""

from base64 import b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsAnyone, AsGate, AsGateOrStaff, AsKiosk, NeedsKey, TheHouse
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.schemas import Body, ClientId, Instant, Minor, ShortText
from server.flows.baskets import find
from server.flows.capture import capture, payment_json
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.leave import Opened, open_gate, report_openings, ticket_of
from server.flows.pay import Approved, hold_payment
from server.flows.ports import Caller, Work
from server.flows.ports.payments import PaymentRow
from server.flows.refund import with_refunds

router = APIRouter(tags=["payments"])


class NewPayment(Body):
    """What the shopper saw and approved."""

    payment_id: ClientId
    basket_id: ClientId
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    amount_minor: Minor
    payee: ShortText
    authentication_id: ClientId
    cashback_minor: Minor = 0


class ExitText(Body):
    """What the gate has read."""

    code: Annotated[str, Field(min_length=1, max_length=512)]


class Opening(Body):
    """A code that opened this gate while the store was away."""

    code: Annotated[str, Field(min_length=1, max_length=512)]
    opened_at: Instant


class Openings(Body):
    """What this gate opened by itself."""

    uses: Annotated[list[Opening], Field(min_length=1, max_length=100)]


@router.post("/v1/payments", status_code=201, dependencies=[NeedsKey])
async def pay(request: Request, body: NewPayment, house: TheHouse, who: AsKiosk) -> Response:
    """Pay a basket with what was approved: set aside in one transaction, handed over in the next."""
    with in_flight(request, who):
        if (before := await replay_of(request, who)) is not None:
            return before
        approved = Approved(**body.model_dump())
        seconds, at = house.settings.hold_seconds, house.now()
        await house.database.write_async(
            lambda work: hold_payment(work, house.shop, approved, who, at=at, hold_seconds=seconds)
        )
        minted = house.mint(request.state.trace_id)

        def finish(work: Work) -> Answer:
            payment = capture(work, house.shop, approved.payment_id, minted, at=house.now())
            return Answer(201, payment_json(payment))

        return await once_claimed(request, who, finish)


@router.get("/v1/payments/{payment_id}")
async def payment(payment_id: str, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return a payment of this kiosk."""
    found = await house.database.read_async(lambda work: work.payments.get(payment_id))
    return _own(found, who)


@router.get("/v1/baskets/{basket_id}/payment")
async def payment_of_basket(basket_id: str, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return the payment of a basket: what a kiosk asks after a restart."""

    def flow(work: Work) -> PaymentRow | None:
        find(work, basket_id, who)
        return work.payments.of_basket(basket_id)

    return _own(await house.database.read_async(flow), who)


@router.get("/v1/tickets/{ticket_id}")
async def ticket(ticket_id: str, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return a receipt to whoever has its link."""
    return await house.database.read_async(lambda work: with_refunds(work, ticket_of(work, ticket_id)))


@router.post("/v1/exit-tokens:use")
async def leave(body: ExitText, house: TheHouse, who: AsGateOrStaff) -> dict[str, Any]:
    """Open the gate for an exit code, once."""
    at = house.now()
    found = await house.database.write_async(
        lambda work: open_gate(
            work, body.code, store_id=house.shop.store_id, store_key=house.signing_key.public_key(), by=who.name, at=at
        )
    )
    return {"ticket_number": found.ticket_number, "opened_at": instant(at)}


@router.post("/v1/exit-tokens:report")
async def report(body: Openings, house: TheHouse, who: AsGate) -> dict[str, Any]:
    """Note what this gate opened without a network. Telling it again changes nothing."""
    at, store_id = house.now(), house.shop.store_id
    opened = [Opened(each.code, each.opened_at) for each in body.uses]
    words = await house.database.write_async(
        lambda work: report_openings(
            work, opened, store_id=store_id, store_key=house.signing_key.public_key(), gate=who.name, at=at
        )
    )
    return {"outcomes": words}


@router.get("/v1/exit-keys")
async def exit_keys(house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return the public key (Ed25519, base64) that a gate checks exit passes with when it has no network."""
    public = house.signing_key.public_key().public_bytes_raw()
    return {"store_id": house.shop.store_id, "keys": [b64encode(public).decode()]}


def _own(found: PaymentRow | None, who: Caller) -> dict[str, Any]:
    if found is None or found.kiosk_id != who.subject:
        raise FlowError("payment_not_found", "This kiosk has no such payment.")
    return payment_json(found)

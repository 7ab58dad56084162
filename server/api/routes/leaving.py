"""Leaving for good: what lies in an account, its pay-out at the desk, and the erasure of everything."""

import secrets
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request, Response

from server.api.dependencies import AsShopper, NeedsKey, TheHouse
from server.api.idempotency import Answer, in_flight, once_claimed
from server.api.own_pin import once_with_pin
from server.api.people_json import erasure_json
from server.api.routes.enrolment import PinText
from server.api.schemas import Body, ClientId, Minor
from server.flows.close_account import ask_pay_out, close_account, left_in
from server.flows.log_in import prove_own_pin
from server.flows.ports import Work
from server.flows.ports.people import Customer

router = APIRouter(prefix="/v1/customers/me", tags=["shoppers"])


class NewPayOut(Body):
    """A pay-out at the desk, with the PIN once more."""

    payout_id: ClientId
    pin: PinText


class NewClosing(Body):
    """The erasure of everything; `gives_up_minor` is what was shown of cashback and restricted credit."""

    closing_id: ClientId
    pin: PinText
    gives_up_minor: Minor


@router.get("/leaving")
async def leaving(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return what lies in the account: what is paid out first, what is given up, and whether anything still moves."""
    at = house.now()
    return await house.database.read_async(lambda work: asdict(left_in(work, who.subject, at=at)))


@router.post("/payouts", status_code=201, dependencies=[NeedsKey])
async def pay_out(request: Request, body: NewPayOut, house: TheHouse, who: AsShopper) -> Response:
    """Call the desk to hand the balance out to whoever shows the code of the answer."""
    at, code = house.now(), f"{secrets.randbelow(10_000):04d}"

    def flow(work: Work, me: Customer) -> Answer:
        call = ask_pay_out(work, house.shop, me.customer_id, body.payout_id, code=code, at=at)
        told = {"payout_id": call.intervention_id, "amount_minor": call.detail["total_minor"]}
        return Answer(201, told | {"code": call.detail["sign"]})

    return await once_with_pin(request, house, who, body.pin, flow)


@router.post("/closings", status_code=201, dependencies=[NeedsKey])
async def close(request: Request, body: NewClosing, house: TheHouse, who: AsShopper) -> Response:
    """Erase everything that is not kept by law; the session ends with it, and the receipt stays open to its holder."""
    at = house.now()
    with in_flight(request, who):
        await prove_own_pin(house.database, house.people, who, body.pin, clock=house.now)

        def flow(work: Work) -> Answer:
            receipt = close_account(
                work, house.shop, who.subject, body.closing_id, gives_up_minor=body.gives_up_minor, at=at
            )
            return Answer(201, erasure_json(receipt))

        answered = await once_claimed(request, who, flow)
        await house.database.scrub_async()
        return answered

"""Codes that prove a phone number: ask for one, and type it."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from server.api.dependencies import AsAnyone, NeedsKey, TheHouse, address_of
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.problems import instant
from server.api.routes.enrolment import Locale, PhoneText
from server.api.schemas import Body, ClientId
from server.flows.phone_codes import (
    AGAIN_AFTER,
    PROOF_LIFE,
    ask_code,
    demand_right,
    new_phone_code,
    try_code,
    worded,
)

router = APIRouter(prefix="/v1/phone-codes", tags=["enrolment"])


class NewPhoneCode(Body):
    """A number that somebody says is theirs."""

    phone_code_id: ClientId
    phone: PhoneText
    locale: Locale


class TypedCode(Body):
    """What came by message."""

    code: Annotated[str, Field(pattern="^[0-9]{6}$", examples=["482913"])]


@router.post("", status_code=201, dependencies=[NeedsKey])
async def ask_for_code(request: Request, body: NewPhoneCode, house: TheHouse, who: AsAnyone) -> Response:
    """Send a code to a number; the answer is the same whether the number has an account or not.

    Who wants another code makes a new id. `sandbox_code` is told where no message goes out: in demonstrations.
    """
    at, people, messenger = house.now(), house.people, house.messenger
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        await people.doors.take(house.database, address_of(request) if who.kind == "public" else who.name, at=at)
        phone, code = people.phones.parse(body.phone), new_phone_code()
        made = await house.database.write_async(
            lambda work: ask_code(
                work,
                people.phones,
                phone,
                phone_code_id=body.phone_code_id,
                asked_by=who.name,
                code=code,
                per_day=house.settings.messages_per_day,
                at=at,
            )
        )
        # Between the transactions, and only here, the messenger is asked.
        await asyncio.to_thread(messenger.send, phone, worded(code, body.locale))
        answer = {
            "phone_code_id": made.phone_code_id,
            "masked_phone": phone.masked,
            "expires_at": instant(made.expires_at),
            "again_at": instant(at + AGAIN_AFTER),
            "sandbox_code": code if messenger.is_sandbox else None,
        }
        return await once_claimed(request, who, lambda _work: Answer(201, answer))


@router.post("/{phone_code_id}:prove")
async def prove_code(phone_code_id: str, body: TypedCode, house: TheHouse, who: AsAnyone) -> dict[str, Any]:
    """Prove a number by its code; `phone_code_id` then goes along with the account or the face that is opened."""
    at = house.now()
    tried = await house.database.write_async(
        lambda work: try_code(work, house.people.phones, phone_code_id, body.code, asked_by=who.name, at=at)
    )
    demand_right(tried)
    return {"phone_code_id": phone_code_id, "proven": True, "use_until": instant(at + PROOF_LIFE)}

"""Consent, enrolment and forgetting."""

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field

from server.api.dependencies import AsAnyone, AsKiosk, AsKioskOrShopper, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.people_json import enrolled_json, erasure_json
from server.api.schemas import Body, ClientId, ShortText
from server.flows.enrol import Enrolment, LookAlike, enrol, prepare
from server.flows.errors import FlowError
from server.flows.forget import acknowledge, erase, receipt_of
from server.flows.log_in import find_shopper, prove_own_pin
from server.flows.phone_codes import Proof
from server.flows.ports import Caller, Work

router = APIRouter(tags=["enrolment"])

MAX_SEALED_TEXT = 65_536
"""A sealed reference is 2 to 8 KiB; room for a larger model without room for a picture of a face."""
Locale = Literal["fr", "en", "zh"]
PhoneText = Annotated[str, Field(min_length=4, max_length=32)]
PinText = Annotated[str, Field(min_length=1, max_length=32)]


def _is_base64(text: str) -> str:
    try:
        if not b64decode(text, validate=True):
            raise ValueError("it is empty")
    except Base64Error as error:
        raise ValueError("it is not base64") from error
    return text


Sealed = Annotated[str, Field(min_length=1, max_length=MAX_SEALED_TEXT), AfterValidator(_is_base64)]


class ConsentGiven(Body):
    """The tick under the text."""

    purpose: Literal["face_payment"]
    version: ShortText
    locale: Locale
    given: bool


class Alike(Body):
    """Somebody on file whom the kiosk finds like the newcomer."""

    reference_id: ClientId
    score: Annotated[float, Field(allow_inf_nan=False, ge=-1, le=1)]
    pin_always: bool = True


class SealedReference(Body):
    """What the kiosk made of a face, closed."""

    reference_id: ClientId
    model_id: ShortText
    sealed: Sealed
    captures: Annotated[int, Field(ge=1, le=50)]
    mode: Literal["gallery", "sealed"] = "gallery"
    look_alikes: list[Alike] = Field(default_factory=list, max_length=64)


class NewEnrolment(Body):
    """A face, with the consent to keep it."""

    enrolment_id: ClientId
    consent: ConsentGiven
    over_15: bool
    name: ShortText
    phone: PhoneText
    pin: PinText
    reference: SealedReference
    phone_code_id: ClientId | None = None


class NewErasure(Body):
    """A wish to be forgotten: at a kiosk with phone and PIN, on one's own page with the PIN."""

    erasure_id: ClientId
    phone: PhoneText | None = None
    pin: PinText | None = None


@router.get("/v1/consents/face_payment")
async def consent_text(
    house: TheHouse,
    _who: AsAnyone,
    locale: Annotated[str, Query(max_length=8)] = "fr",
    version: Annotated[str | None, Query(max_length=32)] = None,
) -> dict[str, Any]:
    """Return the text that is read before anybody agrees, or an older one that somebody has agreed to."""
    return house.people.texts.text(locale, version).as_json()


@router.post("/v1/enrolments", status_code=201, dependencies=[NeedsKey])
async def enrol_face(request: Request, body: NewEnrolment, house: TheHouse, who: AsKiosk) -> Response:
    """Put a face on file, with its consent, or neither."""
    at = house.now()
    proof = Proof(body.phone_code_id, who.name, is_needed=house.settings.phone_codes == "required")
    asked = Enrolment(
        enrolment_id=body.enrolment_id,
        purpose=body.consent.purpose,
        version=body.consent.version,
        locale=body.consent.locale,
        given=body.consent.given,
        over_15=body.over_15,
        name=body.name,
        phone=body.phone,
        pin=body.pin,
        reference_id=body.reference.reference_id,
        model_id=body.reference.model_id,
        sealed=b64decode(body.reference.sealed),
        captures=body.reference.captures,
        mode=body.reference.mode,
        look_alikes=tuple(
            LookAlike(each.reference_id, each.score, each.pin_always) for each in body.reference.look_alikes
        ),
    )
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        proof.demand_named()
        customer = await prepare(house.database, house.people, asked, at=at)

        def flow(work: Work) -> Answer:
            proof.use(work, customer.phone_hash, at=at)
            enrolled = enrol(work, asked, customer, store_id=who.store_id, at=at, new_id=house.new_id)
            return Answer(201, enrolled_json(enrolled))

        answered = await once_claimed(request, who, flow)
        await house.database.scrub_async()  # a face that this one replaced must not stand in a file
        return answered


@router.post("/v1/erasures", status_code=201, dependencies=[NeedsKey])
async def forget_face(request: Request, body: NewErasure, house: TheHouse, who: AsKioskOrShopper) -> Response:
    """Erase a face here, at once, and tell every kiosk."""
    at = house.now()
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        customer_id = await _owner(house, who, body)
        store_id = who.store_id or house.shop.store_id

        def flow(work: Work) -> Answer:
            receipt = erase(work, customer_id, erasure_id=body.erasure_id, store_id=store_id, at=at)
            return Answer(201, erasure_json(receipt))

        answered = await once_claimed(request, who, flow)
        await house.database.scrub_async()
        return answered


async def _owner(house: House, who: Caller, body: NewErasure) -> str:
    """Return whose face it is, after their PIN was asked once more: a phone may lie open on a table."""
    wanted = {"pin": body.pin} if who.kind == "shopper" else {"phone": body.phone, "pin": body.pin}
    if missing := [name for name, given in wanted.items() if given is None]:
        fields = [{"field": name, "message": "it is missing", "fix": "Ask for it."} for name in missing]
        raise FlowError(
            "malformed_request", "The PIN is asked for once more, at a kiosk the number too.", errors=fields
        )
    if who.kind == "shopper":
        return (await prove_own_pin(house.database, house.people, who, body.pin or "", clock=house.now)).customer_id
    found = await find_shopper(
        house.database, house.people, body.phone or "", body.pin or "", at=house.now(), where=who.name
    )
    return found.customer_id


@router.get("/v1/erasures/{erasure_id}")
async def erasure(erasure_id: str, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Return a receipt to whoever holds its link."""
    return erasure_json(await house.database.read_async(lambda work: receipt_of(work, erasure_id)))


@router.post("/v1/erasures/{erasure_id}/acknowledgements", status_code=204)
async def acknowledge_erasure(erasure_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """Note that this kiosk has forgotten too."""
    at = house.now()
    await house.database.write_async(lambda work: acknowledge(work, erasure_id, who.subject, at=at))
    return Response(status_code=204)

"""Staff at a kiosk: badges and PINs on the staff page; at the kiosk what they open, and each act under it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal, Self

import segno
from fastapi import APIRouter, Request, Response
from pydantic import ConfigDict, Field, model_validator

from server.api.dependencies import AsAssist, AsKiosk, AsKioskOrAssist, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, in_flight, once, once_claimed, replay_of
from server.api.problems import instant
from server.api.routes.baskets import answer_with
from server.api.schemas import Body, ClientId, Minor
from server.flows.assist import MANAGER, NewPrice, PriceLimits, amend_line, look_at_age, set_price
from server.flows.attendance import (
    BADGE_PREFIX,
    Attendant,
    Proof,
    attending,
    check_staff_pin,
    choose_pin,
    end_attendance,
    give_badge,
    member_of,
    open_attendance,
    prove_number,
)
from server.flows.errors import FlowError
from server.flows.ports import Caller, Work
from server.flows.random_check import look_at_basket
from server.flows.tell_kiosk import Told, tell_kiosk, told_json

router = APIRouter(tags=["attendance"])

StaffNumber = Annotated[str, Field(pattern=r"^[0-9]{4}$", examples=["0427"])]
StaffPinText = Annotated[str, Field(pattern=r"^[0-9]{6}$", examples=["270482"])]
A_BADGE = f"{BADGE_PREFIX}7KQ29DXM7KQ29DXM7KQ2"
BadgeText = Annotated[str, Field(min_length=16, max_length=64, examples=[A_BADGE])]
AmendReason = Literal["miscounted", "changed_mind", "damaged", "wrong_product"]
PriceReason = Literal["shelf_label", "damaged", "near_date", "goodwill"]
PauseReason = Literal["cleaning", "repair", "closed"]


class Shown(Body):
    """How somebody who works here proves it at a kiosk: a badge, or number and PIN."""

    model_config = ConfigDict(json_schema_extra={"example": {"badge": A_BADGE}})

    badge: BadgeText | None = None
    number: StaffNumber | None = None
    pin: StaffPinText | None = None

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.badge is None) != (self.number is not None and self.pin is not None):
            raise ValueError("show either a badge, or number and pin")
        return self


class NewAttendance(Shown):
    """Somebody steps up to the kiosk."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"attendance_id": "0f8fad5b-d9cb-469f-a165-70867728950e", "badge": A_BADGE}}
    )

    attendance_id: ClientId


class NewStaffPin(Body):
    """The six digits that somebody chooses for the kiosks."""

    pin: StaffPinText


class Amendment(Body):
    """How many of a line, as an attendant has seen; none takes it out."""

    attendance_id: ClientId
    quantity: Annotated[int, Field(ge=0, le=999)]
    reason: AmendReason


class SetPrice(Body):
    """What one piece costs, or all of a weighed line; `second` is who agrees where one alone may not."""

    act_id: ClientId
    attendance_id: ClientId
    pieces: Annotated[int, Field(ge=1, le=99)] = 1
    price_minor: Minor
    reason: PriceReason
    second: Shown | None = None


class AgeLook(Body):
    """What somebody saw who stood before the shopper."""

    attendance_id: ClientId
    approved: bool


class BasketLook(Body):
    """Who has looked at a basket that was drawn."""

    attendance_id: ClientId


class KioskTold(Body):
    """What a kiosk is told; what is left out stays as it is. A kiosk names who stands before it."""

    paused: bool | None = None
    reason: PauseReason = "closed"
    message: Annotated[str, Field(max_length=160)] | None = None
    attendance_id: ClientId | None = None


@router.post("/v1/staff/badges", status_code=201)
async def badge(house: TheHouse, who: AsAssist) -> dict[str, Any]:
    """Return a badge that a kiosk reads within a minute, once, with its picture; the one before ends."""
    at, code = house.now(), house.new_badge()
    expires_at = await house.database.write_async(lambda work: give_badge(work, who.subject, code, at=at))
    text = f"{BADGE_PREFIX}{code}"
    picture = segno.make(text, error="m", micro=False).svg_data_uri(scale=8, border=4)
    return {"badge": text, "qr": picture, "expires_at": instant(expires_at)}


@router.get("/v1/staff/kiosk-pin")
async def my_number(house: TheHouse, who: AsAssist) -> dict[str, Any]:
    """Return the number to type at kiosks; null before a PIN was chosen."""
    known = await house.database.read_async(lambda work: work.attendances.pin_of(who.subject))
    return {"number": None if known is None else known.number}


@router.put("/v1/staff/kiosk-pin")
async def new_pin(body: NewStaffPin, house: TheHouse, who: AsAssist) -> dict[str, Any]:
    """Choose the PIN for kiosks, and unlock it; the number comes with the first one and stays."""
    at = house.now()
    await house.people.strangers.take(house.database, f"kiosk-pin:{who.subject}", at=at)
    known = await house.database.read_async(lambda work: work.attendances.pin_of(who.subject))
    check_staff_pin(body.pin, "" if known is None else known.number)
    hashed = await house.people.secrets.hash(body.pin)
    made = await house.database.write_async(lambda work: choose_pin(work, who.subject, hashed, at=at))
    return {"number": made.number}


@router.post("/v1/attendances", status_code=201, dependencies=[NeedsKey])
async def attend(request: Request, body: NewAttendance, house: TheHouse, who: AsKiosk) -> Response:
    """Let somebody who works here act at this kiosk, for minutes."""
    at = house.now()
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        proof = await _proof(house, body, who)

        def flow(work: Work) -> Answer:
            opened = open_attendance(work, body.attendance_id, proof, kiosk_id=who.subject, at=at)
            return Answer(201, _attendant_json(house, opened))

        async with _guesses_counted(house, who, body):
            return await once_claimed(request, who, flow)


@router.post("/v1/attendances/{attendance_id}:end", status_code=204)
async def leave(attendance_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """End an attendance of this kiosk; ending it twice is ending it."""
    at = house.now()
    await house.database.write_async(lambda work: end_attendance(work, attendance_id, kiosk_id=who.subject, at=at))
    return Response(status_code=204)


@router.post("/v1/baskets/{basket_id}/lines/{line_id}:amend", dependencies=[NeedsKey])
async def amend(
    request: Request, basket_id: str, line_id: str, body: Amendment, house: TheHouse, who: AsKiosk
) -> Response:
    """Set a line's quantity, or take the line out, with the reason."""
    at = house.now()

    def flow(work: Work) -> Answer:
        by = attending(work, body.attendance_id, kiosk_id=who.subject, at=at)
        row = amend_line(work, basket_id, line_id, body.quantity, reason=body.reason, kiosk=who, by=by, at=at)
        return answer_with(work, house, row)

    return await once(request, who, flow)


@router.post("/v1/baskets/{basket_id}/lines/{line_id}:price", dependencies=[NeedsKey])
async def price(
    request: Request, basket_id: str, line_id: str, body: SetPrice, house: TheHouse, who: AsKiosk
) -> Response:
    """Set the price of pieces of a line, within what the role may take off a basket, or with a second person."""
    at = house.now()
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        proof = None if body.second is None else await _proof(house, body.second, who)
        limits = PriceLimits(house.settings.reprice_assist_minor, house.settings.reprice_manager_minor)
        wish = NewPrice(body.act_id, line_id, body.pieces, body.price_minor, body.reason)

        def flow(work: Work) -> Answer:
            by = attending(work, body.attendance_id, kiosk_id=who.subject, at=at)
            second = None if proof is None else member_of(work, proof, used_for=body.act_id, at=at)
            row = set_price(
                work,
                house.shop,
                basket_id,
                wish,
                kiosk=who,
                by=by,
                second=second,
                limits=limits,
                at=at,
                new_id=house.new_id,
            )
            return answer_with(work, house, row)

        async with _guesses_counted(house, who, body.second):
            return await once_claimed(request, who, flow)


@router.post("/v1/baskets/{basket_id}:age-check", dependencies=[NeedsKey])
async def age_check(request: Request, basket_id: str, body: AgeLook, house: TheHouse, who: AsKiosk) -> Response:
    """Keep what somebody saw who stood before the shopper: whether they are old enough, and nothing else of them."""
    at = house.now()

    def flow(work: Work) -> Answer:
        by = attending(work, body.attendance_id, kiosk_id=who.subject, at=at)
        row = look_at_age(work, house.shop, basket_id, approved=body.approved, kiosk=who, by=by, at=at)
        return answer_with(work, house, row)

    return await once(request, who, flow)


@router.post("/v1/baskets/{basket_id}:checked", dependencies=[NeedsKey])
async def checked(request: Request, basket_id: str, body: BasketLook, house: TheHouse, who: AsKiosk) -> Response:
    """Say that somebody has looked at the goods of a random check; what was put right counts already."""
    at = house.now()

    def flow(work: Work) -> Answer:
        by = attending(work, body.attendance_id, kiosk_id=who.subject, at=at)
        return answer_with(work, house, look_at_basket(work, basket_id, kiosk=who, by=by, at=at))

    return await once(request, who, flow)


@router.post("/v1/kiosks/{kiosk_id}:tell")
async def tell(kiosk_id: str, body: KioskTold, house: TheHouse, who: AsKioskOrAssist) -> dict[str, Any]:
    """Pause a kiosk, open it again, or say something on its screen: from the staff page, or standing before it."""
    at = house.now()
    told = Told(body.paused, body.reason, None if body.message is None else body.message.strip())

    def flow(work: Work) -> dict[str, Any]:
        by = who.subject
        if who.kind == "kiosk":
            if who.subject != kiosk_id:
                raise FlowError("kiosk_not_found", "A kiosk is told by those before it.", device_id=kiosk_id)
            by = attending(work, body.attendance_id or "", kiosk_id=kiosk_id, at=at).member.login
        row = tell_kiosk(work, kiosk_id, told, store_id=house.shop.store_id, by=by, at=at)
        return {"kiosk_id": kiosk_id} | told_json(row)

    return await house.database.write_async(flow)


async def _proof(house: House, shown: Shown, kiosk: Caller) -> Proof:
    """Prove number and PIN now; a badge is used up in the transaction of what it opens."""
    at = house.now()
    if shown.badge is not None:
        return Proof(badge=shown.badge)
    number, pin = shown.number or "", shown.pin or ""
    login = await prove_number(house.database, house.people, number, pin, kiosk_id=kiosk.subject, at=at)
    return Proof(login=login)


@asynccontextmanager
async def _guesses_counted(house: House, kiosk: Caller, shown: Shown | None) -> AsyncIterator[None]:
    """Count a badge that nobody has: what does not exist cannot be locked, but slowed."""
    if shown is None or shown.badge is None:
        yield
        return
    guesses, wrong = f"badges:{kiosk.subject}", {"badge_unknown"}
    async with house.people.strangers.guess(house.database, guesses, at=house.now(), wrong=wrong):
        yield


def _attendant_json(house: House, found: Attendant) -> dict[str, Any]:
    limits = PriceLimits(house.settings.reprice_assist_minor, house.settings.reprice_manager_minor)
    return {
        "attendance_id": found.attendance.attendance_id,
        "name": found.member.name,
        "is_manager": MANAGER in found.member.roles,
        "alone_minor": limits.alone(found.member),
        "expires_at": instant(found.attendance.expires_at),
    }

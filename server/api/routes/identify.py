"""Who pays: candidates for the kiosk to compare, and approvals of exactly one payment."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field, model_validator

from checkout.assertion import Liveness
from server.api.dependencies import AsKiosk, AsKioskOrShopper, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.people_json import approval_json, reference_json
from server.api.routes.checkouts import CouponCodes, Lines, whole_of
from server.api.routes.enrolment import PhoneText, PinText
from server.api.schemas import Body, ClientId, Minor, ShortText
from server.flows.authenticate import (
    Approval,
    Evidence,
    Shown,
    authenticate_face,
    authenticate_pin,
    step_up,
    to_step_up,
)
from server.flows.baskets import Priced
from server.flows.check_out import price_whole
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.diary import FACE_COMPARED, note
from server.flows.errors import FlowError
from server.flows.face_keys import demand_in_force
from server.flows.freeze_face import not_me, refused_looks
from server.flows.log_in import find_shopper, prove_own_pin
from server.flows.narrow import candidates
from server.flows.pins import prove_pin
from server.flows.ports import Caller, Work
from server.flows.ports.people import Customer, Reference
from server.flows.wallet_code import owner_of_code

router = APIRouter(tags=["identify"])

PAGE_AT_MOST = 500
"""References a page: 0.8 MB as text, opened by a kiosk in some 20 ms."""

KeyId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
"""The public name of the key that this kiosk opens faces with."""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


class Narrow(Body):
    """The last four digits of a phone number."""

    digits: Annotated[str, Field(pattern=r"^[0-9]{4}$")]
    basket_id: ClientId | None = None
    face_key: KeyId | None = None


class FaceEvidence(Body):
    """What the kiosk measured."""

    score: Number
    margin: Number | None = None
    threshold: Number
    candidates: Annotated[int, Field(ge=1, le=100_000)]
    liveness: Literal["passed", "failed", "not_checked"]


class NewAuthentication(Body):
    """An approval of what stood on the screen, by face or by PIN; a basket that comes whole comes with its goods.

    A kiosk says whose PIN it is by `phone` or `wallet_code`; shoppers approve for themselves, by PIN alone.
    """

    authentication_id: ClientId
    method: Literal["face", "pin"]
    basket_id: ClientId
    digest: Digest
    amount_minor: Minor
    payee: ShortText
    reference_id: ClientId | None = None
    evidence: FaceEvidence | None = None
    phone: PhoneText | None = None
    wallet_code: Annotated[str, Field(pattern=r"^[0-9]{8}$")] | None = None
    pin: PinText | None = None
    with_own: bool = False
    """Whether to price the basket for whoever is recognised, where that is cheaper: `basket` shows it then."""
    lines: Lines | None = None
    coupons: CouponCodes = Field(default_factory=list)

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        face = self.reference_id is not None and self.evidence is not None
        both = self.phone is not None and self.wallet_code is not None
        if self.method == "face" and not face:
            raise ValueError("a face comes with reference_id and evidence")
        if self.method == "pin" and (self.pin is None or both):
            raise ValueError("a PIN comes with either phone or wallet_code")
        if self.lines is None and self.coupons:
            raise ValueError("coupons come with the lines of a whole basket")
        return self


class StepUp(Body):
    """The PIN that was asked for; for a basket that comes whole its goods again."""

    pin: PinText
    lines: Lines | None = None
    coupons: CouponCodes = Field(default_factory=list)


@router.post("/v1/identify/candidates")
async def narrow(body: Narrow, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Return the sealed references under four digits: at most ten questions in five minutes."""
    at = house.now()
    await house.people.looks.take(house.database, f"kiosk:{who.subject}", f"digits:{body.digits}", at=at)

    def flow(work: Work) -> Sequence[Reference]:
        demand_in_force(work, who.store_id, body.face_key)
        found = candidates(work, body.digits)
        note(work, [each.customer_id for each in found], FACE_COMPARED, who.name, at=at)
        return found

    found = await house.database.write_async(flow)
    return {"candidates": [reference_json(each) for each in found]}


@router.post("/v1/identify/refusals")
async def refused(body: Narrow, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Note in their diaries that somebody looked in vain under these digits, until the kiosk stopped asking."""
    at = house.now()
    await house.people.looks.take(house.database, f"refused:{who.subject}", f"refused:{body.digits}", at=at)
    told = await house.database.write_async(lambda work: refused_looks(work, body.digits, where=who.name, at=at))
    return {"told": told}


@router.get("/v1/references")
async def references(
    house: TheHouse,
    who: AsKiosk,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_AT_MOST)] = PAGE_AT_MOST,
    face_key: KeyId | None = None,
) -> dict[str, Any]:
    """Return everybody's sealed references, a page at a time, for the search for look-alikes at an enrolment.

    At most ten searches in five minutes a kiosk. What a shopper's own code seals is not among them.
    """
    if not after:
        await house.people.looks.take(house.database, f"search:{who.subject}", at=house.now())

    def flow(work: Work) -> Sequence[Reference]:
        demand_in_force(work, who.store_id, face_key)
        return work.references.gallery(FACE_PAYMENT, after=after, limit=limit)

    found = await house.database.read_async(flow)
    following = found[-1].reference_id if len(found) == limit else None
    return {"references": [reference_json(each) for each in found], "next": following}


@router.post("/v1/authentications", status_code=201, dependencies=[NeedsKey])
async def authenticate(request: Request, body: NewAuthentication, house: TheHouse, who: AsKioskOrShopper) -> Response:
    """Approve a payment: bound to basket, amount, payee and kiosk or phone, for a minute, once."""
    at = house.now()
    _check_way_in(who, body)
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        customer, code_hash = (None, None) if body.method == "face" else await _by_pin(house, who, body)

        def flow(work: Work) -> Answer:
            shown = Shown(
                body.authentication_id,
                body.basket_id,
                body.digest,
                body.amount_minor,
                body.payee,
                with_own=body.with_own,
                whole=_priced_whole(work, house, who, body.basket_id, body, at=at),
            )
            life = timedelta(seconds=house.settings.assertion_seconds)
            if customer is not None:
                approval = authenticate_pin(
                    work, house.shop, shown, customer, code_hash=code_hash, kiosk=who, at=at, life=life
                )
            else:
                reference_id, evidence = _face_of(body)
                approval = authenticate_face(
                    work, house.shop, shown, reference_id, evidence, kiosk=who, at=at, life=life
                )
            return Answer(201, approval_json(approval))

        return await once_claimed(request, who, flow)


@router.post("/v1/authentications/{authentication_id}:step-up")
async def add_pin(authentication_id: str, body: StepUp, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Add the PIN to an approval by face."""
    made, customer = await house.database.read_async(lambda work: to_step_up(work, authentication_id, who))
    await prove_pin(house.database, house.people.secrets, customer, body.pin, clock=house.now, where=who.name)
    at = house.now()

    def flow(work: Work) -> Approval:
        whole = _priced_whole(work, house, who, made.basket_id, body, at=at)
        return step_up(work, house.shop, authentication_id, kiosk=who, at=at, whole=whole)

    return approval_json(await house.database.write_async(flow))


def _check_way_in(who: Caller, body: NewAuthentication) -> None:
    """Refuse what the caller cannot show: whose PIN a kiosk means, or anything but their own PIN from a phone.

    Raises:
        FlowError: `malformed_request`.
    """
    named = body.phone is not None or body.wallet_code is not None
    rows: tuple[tuple[bool, str, str, str], ...]
    if who.kind == "shopper":
        rows = (
            (body.method == "face", "method", "a phone does not recognise faces", "Send `pin` with the shopper's PIN."),
            (named, "phone", "the session says who it is", "Leave out `phone` and `wallet_code`."),
            (body.lines is None, "lines", "it is missing", "Send the goods: a phone's basket comes whole."),
        )
    else:
        nobody = body.method == "pin" and not named
        rows = ((nobody, "phone", "it is missing", "Send either `phone` or `wallet_code`."),)
    errors = [{"field": field, "message": why, "fix": fix} for applies, field, why, fix in rows if applies]
    if errors:
        names = ", ".join(each["field"] for each in errors)
        raise FlowError("malformed_request", f"Not as it should be: {names}.", errors=errors)


def _priced_whole(
    work: Work, house: House, who: Caller, basket_id: str, body: NewAuthentication | StepUp, *, at: datetime
) -> Priced | None:
    """Return the prices of a basket that comes whole; None for one that is kept here."""
    if body.lines is None:
        return None
    return price_whole(work, house.shop, whole_of(basket_id, body.lines, body.coupons), who, at=at)


@router.post("/v1/authentications/{authentication_id}:not-me")
async def stop_face(authentication_id: str, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Block the face whose account was shown to somebody else, until its owner lets it pay again."""
    at = house.now()
    frozen = await house.database.write_async(lambda work: not_me(work, authentication_id, kiosk=who, at=at))
    return {"frozen": frozen}


async def _by_pin(house: House, who: Caller, body: NewAuthentication) -> tuple[Customer, str | None]:
    at, people = house.now(), house.people
    pin = body.pin or ""
    if who.kind == "shopper":
        return await prove_own_pin(house.database, people, who, pin, clock=house.now), None
    if body.wallet_code is None:
        return await find_shopper(house.database, people, body.phone or "", pin, at=at, where=who.name), None
    code = body.wallet_code
    async with people.strangers.guess(house.database, f"codes:{who.subject}", at=at):
        customer = await house.database.read_async(lambda work: owner_of_code(work, people.phones, code, at=at))
    await prove_pin(house.database, people.secrets, customer, pin, clock=house.now, where=who.name)
    return customer, people.phones.code_hash(code)


def _face_of(body: NewAuthentication) -> tuple[str, Evidence]:
    assert body.reference_id is not None  # noqa: S101 - the schema has seen to it
    assert body.evidence is not None  # noqa: S101 - likewise
    seen = body.evidence
    evidence = Evidence(seen.score, seen.margin, seen.threshold, seen.candidates, Liveness(seen.liveness))
    return body.reference_id, evidence

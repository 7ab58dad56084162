"""Staff: log in, watch the kiosks, take calls and close them. Kiosks: say how they are, call for help."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, Field

from checkout import VatClass
from checkout.errors import BasketChangedError
from server.api.dependencies import AsAnyone, AsAssist, AsBoardReader, AsKiosk, NeedsKey, TheHouse, address_of
from server.api.idempotency import Answer, once
from server.api.people_json import call_json
from server.api.problems import instant
from server.api.routes.crew import agent_of, pass_json
from server.api.schemas import Body, ClientId, Minor
from server.flows.attend import Resolution, calls, claim_call, find_call, resolve_call
from server.flows.desk import Seen, desk_detail, pay_at_desk, show_anew
from server.flows.errors import FlowError
from server.flows.intervene import cancel_call, open_intervention
from server.flows.learn import ShelfLabel, learn_product, suggestion
from server.flows.log_in import log_in_staff
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.settle_call import settle_call
from server.flows.tell_kiosk import told_json

router = APIRouter(tags=["staff"])

ONLINE = timedelta(seconds=45)
"""A kiosk says how it is at least every 10 seconds; after four silences the board shows it as lost."""
Word = Annotated[str, Field(max_length=32)]


def _with_signs_in_a_list(detail: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(detail.get("emoji", []), list):
        raise ValueError("emoji is a list of signs, as the basket has it")  # noqa: TRY004 - pydantic's word for a refusal
    return detail


Detail = Annotated[
    dict[Annotated[str, Field(max_length=40)], str | int | bool | list[Word] | None],
    AfterValidator(_with_signs_in_a_list),
]


class StaffLogin(Body):
    """Login and password; `code` is what the authenticator app shows, or a code for recovery."""

    login: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str, Field(min_length=6, max_length=16)] | None = None


class KioskState(Body):
    """What a kiosk shows: no name, no face, no line of the basket."""

    screen: Word
    locale: Word
    basket_id: ClientId | None
    items: Annotated[int, Field(ge=0, le=1_000_000)]
    total_minor: Minor
    emoji: Annotated[list[Word], Field(max_length=8)] | None
    devices: Annotated[dict[Word, Word], Field(max_length=16)]
    since: Word | None = None


class NewIntervention(Body):
    """A call for a person."""

    intervention_id: ClientId
    type: Literal[
        "help_requested",
        "payment_at_desk",
        "unknown_item",
        "face_help",
        "catalogue_refused",
        "payment_stuck",
        "lens_dirty",
        "camera_frozen",
        "wrong_person",
        "offline_check",
    ]
    basket_id: ClientId | None = None
    detail: Annotated[Detail, Field(max_length=16, default_factory=dict)]


class Learnt(Body):
    """What a colleague read off a shelf label."""

    code: Annotated[str, Field(min_length=1, max_length=512)]
    name: Annotated[str, Field(min_length=2, max_length=120, pattern=r"\S")]
    unit_price_minor: Annotated[int, Field(ge=1, le=1_000_000)]
    vat_class: Literal["standard", "intermediate", "reduced", "super_reduced", "zero"]
    brand: Annotated[str, Field(max_length=80)] = ""
    pack: Annotated[str, Field(max_length=40)] = ""
    min_age: Annotated[int, Field(ge=16, le=21)] | None = None


class Resolved(Body):
    """How a call was closed. `method` tells whether somebody stood at the kiosk.

    `amount_minor` is what the attendant was shown and took; a payment at the desk is not approved without it.
    """

    resolution: Literal["approved", "refused"]
    reason: Annotated[str, Field(max_length=200)] = ""
    tender: Literal["cash", "card"] | None = None
    method: Literal["on_the_spot", "remote"] = "on_the_spot"
    amount_minor: Minor | None = None


@router.post("/v1/staff/sessions", status_code=201)
async def log_in(request: Request, body: StaffLogin, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Open a session for one who works here."""
    at = house.now()
    # Apart from the others: a crowd at the public doors keeps nobody from work.
    await house.people.doors.take(house.database, f"staff:{address_of(request)}", at=at)
    opened = await log_in_staff(
        house.database,
        house.people,
        login=body.login,
        password=body.password,
        code=body.code,
        session=house.staff_session(agent_of(request)),
        at=at,
        needs_factor=house.settings.staff_second_factor == "required",
    )
    return pass_json(opened, house)


@router.get("/v1/kiosks")
async def board(house: TheHouse, _who: AsBoardReader) -> dict[str, Any]:
    """Return every kiosk with what it last said of itself."""
    at = house.now()
    rows = await house.database.read_async(lambda work: work.kiosks.of(house.shop.store_id))
    return {
        "items": [
            {
                "kiosk_id": row.kiosk_id,
                "name": row.name,
                "state": row.state,
                "last_seen_at": None if row.last_seen_at is None else instant(row.last_seen_at),
                "online": row.last_seen_at is not None and at - row.last_seen_at <= ONLINE,
            }
            | told_json(row)
            for row in rows
        ]
    }


@router.put("/v1/kiosks/{kiosk_id}/state", status_code=204)
async def say_state(kiosk_id: str, body: KioskState, house: TheHouse, who: AsKiosk) -> Response:
    """Keep what a kiosk says of itself, and tell the board at once."""
    if kiosk_id != who.subject:
        raise FlowError("forbidden_role", "A kiosk speaks for itself alone.", allowed=["kiosk"])
    at, state = house.now(), body.model_dump()
    await house.database.write_async(lambda work: work.kiosks.say(kiosk_id, state, at=at))
    house.hub.say(who.store_id, "kiosk.state", {"kiosk_id": kiosk_id, "state": state})
    return Response(status_code=204)


@router.post("/v1/interventions", status_code=201, dependencies=[NeedsKey])
async def call(request: Request, body: NewIntervention, house: TheHouse, who: AsKiosk) -> Response:
    """Call a member of staff to this kiosk."""
    at = house.now()

    def flow(work: Work) -> Answer:
        detail = dict(body.detail)
        if body.type == "unknown_item":
            detail = suggestion(work, str(detail.get("code", ""))) | detail
        if body.type == "payment_at_desk" and work.interventions.get(body.intervention_id) is None:
            detail |= desk_detail(work, house.shop, body.basket_id or "", who, at=at)
        opened = open_intervention(
            work,
            intervention_id=body.intervention_id,
            store_id=who.store_id,
            kiosk_id=who.subject,
            basket_id=body.basket_id,
            line_id=None,
            kind=body.type,
            detail=detail,
            at=at,
        )
        if (opened.kiosk_id, opened.type) != (who.subject, body.type):
            raise FlowError("intervention_exists", "There is another call under this id.")
        return Answer(201, call_json(opened))

    return await once(request, who, flow)


@router.post("/v1/interventions/{intervention_id}:cancel")
async def cancel(intervention_id: str, house: TheHouse, who: AsKiosk) -> dict[str, Any]:
    """Take back a call of this kiosk that nobody has closed; one that was closed stays as it is."""
    at = house.now()

    def flow(work: Work) -> Intervention:
        call = find_call(work, intervention_id, who.store_id)
        if call.kiosk_id != who.subject:
            raise FlowError("intervention_not_found", "This kiosk has no such call.", intervention_id=intervention_id)
        return cancel_call(work, call, at=at)

    return call_json(await house.database.write_async(flow))


@router.post("/v1/products:learn", status_code=201, dependencies=[NeedsKey])
async def learn(request: Request, body: Learnt, house: TheHouse, who: AsAssist) -> Response:
    """Add a product from what stands on its shelf label; kiosks sell it within seconds, with a network or without."""
    at = house.now()
    label = ShelfLabel(
        body.code,
        body.name.strip(),
        body.unit_price_minor,
        VatClass(body.vat_class),
        body.brand.strip(),
        body.pack.strip(),
        min_age=body.min_age,
    )

    def flow(work: Work) -> Answer:
        product = learn_product(work, house.shop, label, by=who.subject, at=at)
        return Answer(201, {"sku": product.sku, "name": product.name, "unit_price_minor": product.unit_price_minor})

    answer = await once(request, who, flow)
    await house.reread_shop()  # before the answer, so that a line scanned after it is sold
    return answer


@router.get("/v1/interventions")
async def listed(
    house: TheHouse,
    _who: AsAssist,
    state: Annotated[Literal["open", "claimed", "resolved"] | None, Query()] = None,
) -> dict[str, Any]:
    """Return the calls, newest first."""
    found = await house.database.read_async(lambda work: calls(work, house.shop.store_id, state))
    return {"items": [call_json(each) for each in found]}


@router.post("/v1/interventions/{intervention_id}:claim")
async def claim(intervention_id: str, house: TheHouse, who: AsAssist) -> dict[str, Any]:
    """Take a call: one does, the others learn who."""
    at = house.now()
    taken = await house.database.write_async(
        lambda work: claim_call(work, intervention_id, store_id=house.shop.store_id, by=who.subject, at=at)
    )
    return call_json(taken)


@router.post("/v1/interventions/{intervention_id}:resolve")
async def resolve(
    request: Request, intervention_id: str, body: Resolved, house: TheHouse, who: AsAssist
) -> dict[str, Any]:
    """Close a call that one has taken; what follows from it happens with it."""
    at = house.now()
    approved = body.resolution == "approved"
    resolution = Resolution(approved, body.reason, body.tender, body.method == "on_the_spot", body.amount_minor)

    minted = house.mint(request.state.trace_id)

    def at_desk(work: Work, basket_id: str, seen: Seen, tender: str) -> None:
        pay_at_desk(work, house.shop, basket_id, seen=seen, tender=tender, by=who.subject, at=at, minted=minted)

    def settle(work: Work, open_call: Intervention, how: Resolution) -> None:
        settle_call(work, house.shop, open_call, how, by=who.subject, at=at, pay=at_desk)

    try:
        closed = await house.database.write_async(
            lambda work: resolve_call(
                work, intervention_id, resolution, store_id=house.shop.store_id, by=who.subject, at=at, settle=settle
            )
        )
    except BasketChangedError:
        # Nothing was paid; the call stays taken, and shows from now on what the basket costs.
        await house.database.write_async(lambda work: show_anew(work, house.shop, intervention_id, at=at))
        raise
    return call_json(closed)

"""What the store sets for itself: read by admins, changed by two of them."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from checkout import PRESS_ADD_ONS
from server.api.dependencies import AsAdmin, NeedsKey, TheHouse
from server.api.idempotency import Answer, once
from server.api.routes.requests import request_json
from server.api.schemas import Body, ClientId, Minor, ShortText
from server.flows.configure import ask_config, config_json, default_config_json
from server.flows.ports import Work

router = APIRouter(prefix="/v1/config", tags=["shop"])

Share = Annotated[int, Field(ge=0, le=10_000)]
"""Of all, in basis points."""


class Floors(Body):
    """What a kiosk takes in a day while the store is away."""

    person_day_minor: Minor
    kiosk_day_minor: Minor


class Rules(Body):
    """See `python -m server store-rules`."""

    layouts: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=64)]
    max_off_bp: Annotated[int, Field(ge=0, le=10_000)]
    tender_order: Annotated[list[Annotated[str, Field(max_length=16)]], Field(max_length=8)]
    offline: Floors
    add_ons: Annotated[list[Annotated[str, Field(max_length=32)]], Field(max_length=64)] = Field(
        default_factory=lambda: [layout.template for layout in PRESS_ADD_ONS]
    )


class Limits(Body):
    """How far one goes alone, a face no further than the law says, and how often baskets are looked at."""

    single_minor: Minor
    single_unchecked_minor: Minor
    sum_minor: Minor
    payments: Annotated[int, Field(ge=0, le=100)]
    phone_pin_single_minor: Minor
    phone_pin_day_minor: Minor
    refund_alone_minor: Minor | None
    campaign_alone_minor: Minor
    merchant_cashier_day_minor: Minor
    merchant_owner_day_minor: Minor
    check_base_bp: Share
    check_trusted_bp: Share
    check_watched_bp: Share
    check_trusted_after: Annotated[int, Field(ge=1, le=100)]
    check_lines: Annotated[int, Field(ge=1, le=20)]
    own_refund_most_minor: Minor
    own_refund_day_minor: Minor
    own_refund_days: Annotated[int, Field(ge=0, le=365)]
    own_refund_in_month: Annotated[int, Field(ge=0, le=100)]


class NewConfig(Body):
    """All that shall hold, and why."""

    request_id: ClientId
    rules: Rules
    limits: Limits
    reason: ShortText


@router.get("")
async def config(house: TheHouse, _who: AsAdmin) -> dict[str, Any]:
    """Return what holds from the next basket on, and beside it what holds in a store that set nothing."""
    return config_json(house.shop.row) | {"defaults": default_config_json()}


@router.put("", status_code=202, dependencies=[NeedsKey])
async def change_config(request: Request, body: NewConfig, house: TheHouse, who: AsAdmin) -> Response:
    """Ask for other settings: another admin agrees or refuses, at `/v1/requests`, before any of it holds."""
    wanted, at = body.model_dump(), house.now()

    def flow(work: Work) -> Answer:
        asked = ask_config(
            work,
            body.request_id,
            wanted,
            store_id=house.shop.store_id,
            reason=body.reason,
            by=who.subject,
            at=at,
        )
        return Answer(202, request_json(asked))

    return await once(request, who, flow)

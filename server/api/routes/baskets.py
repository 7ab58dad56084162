"""Baskets: each answer carries the whole basket, priced at that moment, and its version as ETag."""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from server.api.dependencies import AsKiosk, AsKioskOrAssist, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, once
from server.api.schemas import Body, ClientId
from server.flows import basket_coupons, change_basket, scan
from server.flows.baskets import find, view
from server.flows.ports import BasketRow, Work
from server.flows.random_check import change_own_line, draw

router = APIRouter(prefix="/v1/baskets", tags=["baskets"])

Quantity = Annotated[int, Field(ge=1, le=999)]
Sku = Annotated[str, Field(min_length=1, max_length=64)]
Code = Annotated[str, Field(min_length=1, max_length=2048)]
IF_MATCH = r'^ *(?:\*|(?:W/)?"?([0-9]{1,9})"?) *$'
"""`*` means any version."""
IfMatch = Annotated[str | None, Header(alias="If-Match", pattern=IF_MATCH)]


class NewBasket(Body):
    """Open a basket."""

    basket_id: ClientId
    channel: Literal["kiosk"] = "kiosk"


class Scanned(Body):
    """What a scanner or a finger gave."""

    line_id: ClientId
    code: Code
    symbology: Annotated[str, Field(max_length=32)] | None = None
    quantity: Quantity = 1
    same_pack: bool = False
    """It is a second code on the pack that was read before: one piece of that product is what this one says."""


class Picked(Body):
    """What was chosen from a list."""

    line_id: ClientId
    sku: Sku
    quantity: Quantity = 1
    weight_g: Annotated[int, Field(ge=1, le=100_000)] | None = None
    """Grams, of what is sold by weight and was weighed at the kiosk."""


class NewQuantity(Body):
    """How many of it; none removes the line."""

    quantity: Annotated[int, Field(ge=0, le=999)]


class CouponText(Body):
    """A coupon's code, as typed or read."""

    code: Annotated[str, Field(min_length=1, max_length=64)]
    instead: bool = False
    """Whether those that stand in its way are set aside for it."""


class WalletText(Body):
    """Eight digits from the shopper's phone."""

    wallet_code: Annotated[str, Field(pattern="^[0-9]{8}$")]


@router.post("", status_code=201, dependencies=[NeedsKey])
async def open_basket(request: Request, body: NewBasket, house: TheHouse, who: AsKiosk) -> Response:
    """Open an empty basket under an id that the kiosk made and saved."""
    at = house.now()

    def flow(work: Work) -> Answer:
        row = scan.open_basket(work, house.shop, body.basket_id, who, channel=body.channel, at=at)
        return answer_with(work, house, row, status=201)

    return await once(request, who, flow)


@router.get("/{basket_id}")
async def read(basket_id: str, house: TheHouse, who: AsKioskOrAssist) -> Response:
    """Return the basket with the prices of now."""
    return await _read(house, lambda work: find(work, basket_id, who))


@router.post("/{basket_id}/lines", dependencies=[NeedsKey])
async def add_line(request: Request, basket_id: str, body: Scanned, house: TheHouse, who: AsKiosk) -> Response:
    """Put what was scanned into the basket."""
    at, intervention_id = house.now(), house.new_id()

    def flow(work: Work) -> Answer:
        row, line_id = scan.scan(
            work,
            house.shop,
            basket_id,
            who,
            line_id=body.line_id,
            code=body.code,
            symbology=body.symbology,
            quantity=body.quantity,
            same_pack=body.same_pack,
            at=at,
            intervention_id=intervention_id,
        )
        return answer_with(work, house, row, line_id=line_id)

    return await once(request, who, flow)


@router.post("/{basket_id}/lines:by-sku", dependencies=[NeedsKey])
async def add_by_sku(request: Request, basket_id: str, body: Picked, house: TheHouse, who: AsKiosk) -> Response:
    """Put a product from the list into the basket."""
    at, intervention_id = house.now(), house.new_id()

    def flow(work: Work) -> Answer:
        row, line_id = scan.pick(
            work,
            house.shop,
            basket_id,
            who,
            line_id=body.line_id,
            sku=body.sku,
            quantity=body.quantity,
            weight_g=body.weight_g,
            at=at,
            intervention_id=intervention_id,
        )
        return answer_with(work, house, row, line_id=line_id)

    return await once(request, who, flow)


@router.patch("/{basket_id}/lines/{line_id}")
async def change_line(
    basket_id: str, line_id: str, body: NewQuantity, house: TheHouse, who: AsKiosk, if_match: IfMatch = None
) -> Response:
    """Set a line's quantity; 0 removes it."""
    version, at = _version(if_match), house.now()
    return await _change(
        house,
        lambda work: change_own_line(
            work, house.shop, basket_id, who, line_id, body.quantity, version=version, at=at, call_id=house.new_id()
        ),
    )


@router.delete("/{basket_id}/lines/{line_id}")
async def remove_line(
    basket_id: str, line_id: str, house: TheHouse, who: AsKiosk, if_match: IfMatch = None
) -> Response:
    """Remove a line."""
    version, at = _version(if_match), house.now()
    return await _change(
        house,
        lambda work: change_own_line(
            work, house.shop, basket_id, who, line_id, 0, version=version, at=at, call_id=house.new_id()
        ),
    )


@router.post("/{basket_id}/coupons", dependencies=[NeedsKey])
async def apply_coupon(request: Request, basket_id: str, body: CouponText, house: TheHouse, who: AsKiosk) -> Response:
    """Lay a coupon on the basket, or use it instead of those that stand in its way."""
    at = house.now()
    code = body.code.removeprefix("SESAME:C:")

    def flow(work: Work) -> Answer:
        if body.instead:
            row = basket_coupons.use_instead(work, house.shop, basket_id, who, code, at=at)
        else:
            row = basket_coupons.apply_coupon(work, basket_id, who, code, at=at)
        return answer_with(work, house, row)

    return await once(request, who, flow)


@router.delete("/{basket_id}/coupons/{code}")
async def drop_coupon(basket_id: str, code: str, house: TheHouse, who: AsKiosk) -> Response:
    """Take a coupon off the basket."""
    at = house.now()
    return await _change(house, lambda work: basket_coupons.drop_coupon(work, basket_id, who, code, at=at))


@router.post("/{basket_id}:member")
async def show_wallet(basket_id: str, body: WalletText, house: TheHouse, who: AsKiosk) -> Response:
    """Price the basket for the member whose wallet code is shown, with their coupons; the code stays good for paying.

    Codes that nobody has are bounded as at paying: no PIN is asked here.
    """
    at, people, guesses = house.now(), house.people, f"codes:{who.subject}"
    async with people.strangers.guess(house.database, guesses, at=at, wrong={"wallet_code_unknown"}):
        return await _change(
            house,
            lambda work: change_basket.show_wallet(
                work, house.shop, people.phones, basket_id, who, body.wallet_code, at=at
            ),
        )


@router.post("/{basket_id}:guest")
async def leave_wallet(basket_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """Price the basket for nobody in particular again, without anybody's own coupons: it was taken for another's."""
    at = house.now()
    return await _change(house, lambda work: change_basket.leave_wallet(work, basket_id, who, at=at))


@router.post("/{basket_id}:quote")
async def quote(basket_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """Show the basket to be paid; what stands in the way is listed under `problems`. A random check is drawn here."""
    at = house.now()

    def flow(work: Work) -> BasketRow:
        quoted = change_basket.quote_basket(work, basket_id, who, at=at)
        return draw(work, house.shop, house.people.phones, quoted, at=at, call_id=house.new_id())

    return await _change(house, flow)


@router.post("/{basket_id}:abandon")
async def abandon(basket_id: str, house: TheHouse, who: AsKiosk) -> Response:
    """Leave the basket."""
    at = house.now()
    return await _change(house, lambda work: change_basket.abandon_basket(work, basket_id, who, at=at))


async def _read(house: House, flow: Callable[[Work], BasketRow]) -> Response:
    answer = await house.database.read_async(lambda work: answer_with(work, house, flow(work)))
    return answer.response()


async def _change(house: House, flow: Callable[[Work], BasketRow]) -> Response:
    answer = await house.database.write_async(lambda work: answer_with(work, house, flow(work)))
    return answer.response()


def answer_with(work: Work, house: House, row: BasketRow, *, status: int = 200, line_id: str | None = None) -> Answer:
    """Return a basket as every route answers with it: priced now, its version as ETag."""
    headers = {"ETag": f'"{row.version}"', "Cache-Control": "no-store"}
    if line_id is not None:
        headers["X-Line-Id"] = line_id
    return Answer(status, view(work, house.shop, row, at=house.now()), headers)


def _version(if_match: str | None) -> int | None:
    """Return the version that a change is meant for; None for any."""
    found = re.match(IF_MATCH, if_match or "*")
    return int(found[1]) if found and found[1] else None

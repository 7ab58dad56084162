"""Counters: whom a code leads to, for whoever scans it; and what a shopper pays by it."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from server.api.dependencies import AsAnyone, AsShopper, NeedsKey, TheHouse
from server.api.house import House
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.routes.enrolment import PinText
from server.api.schemas import Body, ClientId, Minor, ShortText
from server.flows.counter import Counter, open_counter, read_counter
from server.flows.counter_pay import Asked, Told, own_payment, paid_json, pay_at_counter, tell
from server.flows.errors import FlowError
from server.flows.log_in import prove_own_pin
from server.flows.names import with_initial
from server.flows.open_account import own_account
from server.flows.ports import Work
from server.flows.ports.people import Customer

router = APIRouter(tags=["payments"])

MOST_MINOR = 1_000_000
"""Minor units: more is not paid over a counter by a number with its PIN anyway."""
Token = Annotated[str, Path(min_length=1, max_length=400)]
Amount = Annotated[int, Field(ge=1, le=MOST_MINOR)]


class NewAmount(Body):
    """What somebody has typed, for a basket that will have this id."""

    basket_id: ClientId
    amount_minor: Amount


class NewCounterPayment(NewAmount):
    """What they saw and agreed to, with their PIN.

    `is_sure` says that they were asked about an amount that is unusual here.
    """

    payment_id: ClientId
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    payee: ShortText
    cashback_minor: Minor = 0
    pin: PinText
    is_sure: bool = False


@router.get("/v1/counters/{token}")
async def counter(token: Token, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Say who is paid by a code: to whoever has scanned it, before anything is asked of them."""
    found = await house.database.read_async(lambda work: _open(work, house, token))
    shop, sha256 = house.shop, found.merchant.picture_sha256
    return {
        "store_id": shop.store_id,
        "store": shop.name,
        "payee": shop.payee,
        "counter": found.row.name,
        "currency": shop.currency.code,
        "amount_minor": found.amount_minor or None,
        "most_minor": MOST_MINOR,
        "picture_url": None if sha256 is None else f"/v1/counters/{token}/picture?v={sha256[:16]}",
    }


@router.get("/v1/counters/{token}/picture", response_class=Response)
async def picture(token: Token, house: TheHouse, _who: AsAnyone) -> Response:
    """Return the merchant's picture, JPEG of 960 x 600."""

    def flow(work: Work) -> bytes | None:
        read_counter(work, house.shop, token, house.signing_key.public_key())
        return work.counters.picture(house.shop.store_id)

    if (found := await house.database.read_async(flow)) is None:
        raise FlowError("picture_not_found", "This merchant has no picture.")
    return Response(found, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600"})


@router.post("/v1/counters/{token}:quote")
async def quote(token: Token, body: NewAmount, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Say what paying an amount would do: nothing is kept, and no PIN is asked where it can not be paid."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        found = _open(work, house, token)
        customer = own_account(work, who.subject)
        told = tell(work, house.shop, found, body.basket_id, body.amount_minor, customer, who, at=at)
        return _told_json(house, told, customer)

    return await house.database.read_async(flow)


@router.post("/v1/counters/{token}/payments", status_code=201, dependencies=[NeedsKey])
async def pay(request: Request, token: Token, body: NewCounterPayment, house: TheHouse, who: AsShopper) -> Response:
    """Pay a merchant: approved by the PIN, held and posted in one transaction. The same id is the same payment."""
    with in_flight(request, who):
        if (before := await replay_of(request, who)) is not None:
            return before
        await house.database.read_async(lambda work: _open(work, house, token))  # whom nobody pays asks for no PIN
        customer = await prove_own_pin(house.database, house.people, who, body.pin, clock=house.now)
        asked = Asked(**body.model_dump(exclude={"pin"}))
        minted, at = house.mint(request.state.trace_id), house.now()

        def flow(work: Work) -> Answer:
            payment = pay_at_counter(
                work,
                house.shop,
                _open(work, house, token),
                asked,
                customer,
                who,
                minted=minted,
                at=at,
                hold_seconds=house.settings.hold_seconds,
                life=timedelta(seconds=house.settings.assertion_seconds),
            )
            return Answer(201, paid_json(work, payment))

        return await once_claimed(request, who, flow)


@router.get("/v1/counter-payments/{payment_id}")
async def payment(payment_id: str, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return what came of a payment whose answer was lost; a 404 says that nothing was paid."""
    return await house.database.read_async(lambda work: paid_json(work, own_payment(work, payment_id, who.subject)))


def _open(work: Work, house: House, token: str) -> Counter:
    return open_counter(work, house.shop, token, house.signing_key.public_key())


def _told_json(house: House, told: Told, customer: Customer) -> dict[str, Any]:
    means, earned, found = told.means, told.earned, told.found
    return {
        "digest": found.quote.digest,
        "emoji": list(found.quote.emoji),
        "payee": house.shop.payee,
        "amount_minor": found.quote.total.minor,
        "shown_as": with_initial(customer.name),
        "vouchers_minor": means.voucher_minor,
        "cashback_min_minor": means.cashback_min_minor,
        "cashback_max_minor": means.cashback_max_minor,
        "shortfall_minor": means.shortfall_minor,
        "is_unusual": told.is_unusual,
        "cashback": None
        if earned is None
        else {
            "rate_bp": earned.rate_bp,
            "earn_minor": earned.earn_minor,
            "left_this_year_minor": earned.left_this_year_minor,
            "is_near_cap": earned.is_near_cap,
        },
    }

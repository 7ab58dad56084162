"""Whole baskets: priced, and paid in one request. What waits at the same moment is settled in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError, model_validator

from server.api.dependencies import (
    PUBLIC,
    AsPricer,
    NeedsKey,
    TheHouse,
    admitted,
    bearer,
    idempotency_key,
    token_of,
)
from server.api.dependencies import house as house_of
from server.api.house import House
from server.api.idempotency import Answer, fingerprint_of, in_flight_as, replay
from server.api.routes.baskets import Code, Quantity, Sku
from server.api.schemas import Body, ClientId, Minor, ShortText
from server.api.shortcut import Shortcut
from server.flows.baskets import UNKEPT, Foreseen, show
from server.flows.capture import Minted, capture, payment_json
from server.flows.check_out import Laid, Whole, admit, foresee, price_whole
from server.flows.coupon_codes import read_coupon_code
from server.flows.pay import Approved
from server.flows.ports import Ahead, Caller, Work
from server.flows.random_check import owe_look
from server.flows.written import Written

router = APIRouter(prefix="/v1", tags=["payments"])

MOST_LINES = 100
ALLOWED = ("kiosk", "shopper")
AN_EXAMPLE: dict[str, Any] = {
    "line_id": "0b54c2f1-6a1e-4f0e-9d5c-8f3f2a9d7c12",
    "code": "3017620422003",
    "symbology": "ean13",
    "quantity": 2,
}


class WholeLine(Body):
    """One line: a code that was read, or a product that was picked from the list."""

    model_config = ConfigDict(json_schema_extra={"example": AN_EXAMPLE})

    line_id: ClientId
    code: Code | None = None
    sku: Sku | None = None
    symbology: Annotated[str, Field(max_length=32)] | None = None
    quantity: Quantity = 1

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if (self.code is None) == (self.sku is None):
            raise ValueError("a line has either a code or a sku")
        return self


Lines = Annotated[list[WholeLine], Field(min_length=1, max_length=MOST_LINES)]
CouponCodes = Annotated[list[Annotated[str, Field(min_length=1, max_length=64)]], Field(max_length=10)]


class Gathered(Body):
    """Goods and coupons: never prices, which are the store's to say."""

    lines: Lines
    coupons: CouponCodes = Field(default_factory=list)


class WholeBasket(Gathered):
    """Goods and coupons, under an id that the sender made and saved."""

    basket_id: ClientId

    def whole(self) -> Whole:
        """Return it in the words of the flows."""
        return whole_of(self.basket_id, self.lines, self.coupons)


def whole_of(basket_id: str, lines: Sequence[WholeLine], coupons: Sequence[str]) -> Whole:
    """Return goods and coupons in the words of the flows."""
    laid = tuple([Laid(each.line_id, each.code, each.sku, each.symbology, each.quantity) for each in lines])
    return Whole(basket_id, laid, tuple(coupons))


class NewCheckout(WholeBasket):
    """A whole basket, and what the shopper saw and approved."""

    payment_id: ClientId
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    amount_minor: Minor
    payee: ShortText
    authentication_id: ClientId
    cashback_minor: Minor = 0

    def approved(self) -> Approved:
        """Return what was approved."""
        return Approved(
            payment_id=self.payment_id,
            basket_id=self.basket_id,
            digest=self.digest,
            amount_minor=self.amount_minor,
            payee=self.payee,
            authentication_id=self.authentication_id,
            cashback_minor=self.cashback_minor,
        )


def _schema() -> dict[str, Any]:
    schema = NewCheckout.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs")
    return schema


class Checkout:
    """One request on its way through a batch: who asks is looked up, and the answer kept, in its transaction."""

    def __init__(self, house: House, body: NewCheckout, *, token: str, key: str, asked: str, minted: Minted) -> None:
        self._shop = house.shop
        self._phones = house.people.phones
        self._hold_seconds = house.settings.hold_seconds
        self._body = body
        self._whole = body.whole()
        self._foreseen: tuple[Caller, Foreseen | None] | None = None
        self._asked = asked
        self._minted = minted
        self._at = house.now()
        self._answer: Answer | None = None
        self._who = PUBLIC
        codes = tuple([read_coupon_code(code) for code in body.coupons])
        self.ahead = Ahead(
            at=self._at,
            store_id=house.shop.store_id,
            token_hash=token,
            key=key,
            payment_id=body.payment_id,
            basket_id=body.basket_id,
            authentication_id=body.authentication_id,
            coupon_codes=codes,
        )

    def foresee(self, work: Work) -> None:
        """Price it, for whoever asks now."""
        who = who_asks(work, self.ahead.token_hash, at=self._at)
        self._foreseen = who, foresee(work, self._shop, self._whole, who, at=self._at, phones=self._phones)

    def admit(self, work: Work) -> None:
        """Look who asks and whether it was answered before; else set everything aside."""
        self._who = who_asks(work, self.ahead.token_hash, at=self._at)
        stored = work.answers.claim(self._who.name, self.ahead.key, self._asked, at=self._at)
        self._answer = None if stored is None else replay(stored, self._asked)
        if self._answer is None:
            who, foreseen = self._foreseen or (None, None)
            admit(
                work,
                self._shop,
                self._whole,
                self._body.approved(),
                self._who,
                at=self._at,
                hold_seconds=self._hold_seconds,
                phones=self._phones,
                foreseen=foreseen if who == self._who else None,
            )

    def finish(self, work: Work) -> Answer:
        """Hand over, and keep the answer."""
        if self._answer is None:
            payment = capture(work, self._shop, self._body.payment_id, self._minted, at=self._at)
            self._answer = Answer(201, Written(payment_json(payment)))
            kept = self._answer
            work.answers.keep(self._who.name, self.ahead.key, status=kept.status, body=kept.body, headers=kept.headers)
        return self._answer


@router.post("/checkouts:quote")
async def quote(body: WholeBasket, house: TheHouse, who: AsPricer) -> dict[str, Any]:
    """Price a whole basket that nobody keeps: what its shopper is shown, approves and then pays.

    `random_check` among `problems` says that a colleague looks at it first: not this way, but at a kiosk. A guest's
    phone is told prices alone, as it pays at a till. Of goods that are refused, `line_id` names the line.
    """
    at: datetime = house.now()
    whole, shop, phones = body.whole(), house.shop, house.people.phones if who.kind in ALLOWED else None
    found = await house.database.read_async(lambda work: price_whole(work, shop, whole, who, at=at, phones=phones))
    if phones is not None and found.row.random_check == UNKEPT and found.row.member_phone_hash is not None:
        await house.database.write_async(lambda work: owe_look(work, shop, phones, found.row, at=at))
    return show(shop, found)


asker = token_of(*ALLOWED)


@router.post(
    "/checkouts",
    status_code=201,
    dependencies=[NeedsKey],
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _schema()}}}},
)
async def check_out(request: Request, house: TheHouse, hashed: Annotated[str, Depends(asker)]) -> Response:
    """Pay a whole basket with what was approved: priced, set aside, handed over and ticketed in one transaction."""
    return await _check_out(request, await request.body(), house, hashed)


async def _check_out_soon(request: Request, sent: bytes) -> Response:
    """`check_out`, with what it depends on asked for here."""
    hashed = await asker(await bearer(request))
    await idempotency_key(request, request.headers.get("idempotency-key"))
    return await _check_out(request, sent, house_of(request), hashed)


async def _check_out(request: Request, sent: bytes, house: House, hashed: str) -> Response:
    try:
        body = NewCheckout.model_validate_json(sent)
    except ValidationError as error:
        await house.database.read_async(
            lambda work: who_asks(work, hashed, at=house.now())
        )  # who may not ask does not learn what is wrong
        raise RequestValidationError(
            [{**each, "loc": ("body", *each["loc"])} for each in error.errors(include_context=False)]
        ) from error
    minted = house.mint(request.state.trace_id)
    key = request.state.idempotency_key
    with in_flight_as(house, hashed, key):
        asked = fingerprint_of(house, request.scope, sent)
        checkout = Checkout(house, body, token=hashed, key=key, asked=asked, minted=minted)
        return (await house.database.settle_async(checkout)).response()


SHORTCUT = Shortcut("POST", f"{router.prefix}/checkouts", _check_out_soon)
"""To be asked in the outermost layer (`server.api.edge`)."""


def who_asks(work: Work, hashed: str, *, at: datetime) -> Caller:
    """Return the kiosk or the shopper whose token it is; without one, `hashed` is empty."""
    return admitted(work.callers.by_token(hashed, at=at) if hashed else PUBLIC, *ALLOWED)

"""A shopper's own page: account, session, wallet code, top-up."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials
from pydantic import Field

from server.api.dependencies import AsAnyone, AsShopper, NeedsKey, TheHouse, address_of, bearer
from server.api.idempotency import Answer, in_flight, once_claimed, replay_of
from server.api.people_json import EXPORTED_LINES, account_json, export_json, movement_json
from server.api.problems import instant
from server.api.routes.enrolment import Locale, PhoneText, PinText
from server.api.schemas import Body, ClientId, ShortText
from server.flows.cashback import outlook
from server.flows.diary import EXPORTED, note, refused_lately
from server.flows.diary import SHOWN as DIARY_SHOWN
from server.flows.errors import FlowError
from server.flows.freeze_face import freeze, thaw
from server.flows.log_in import log_in_shopper, log_out, prove_own_pin
from server.flows.my_account import movements, my_account
from server.flows.names import masked
from server.flows.open_account import draft_customer, open_account
from server.flows.phone_codes import Proof
from server.flows.ports import Work
from server.flows.ports.help import TopUp
from server.flows.top_up import start_top_up, take_fact
from server.flows.wallet_code import mint_wallet_code

router = APIRouter(tags=["shoppers"])


class NewCustomer(Body):
    """A wallet for somebody: no face, no consent."""

    customer_id: ClientId
    name: ShortText
    phone: PhoneText
    pin: PinText
    locale: Locale
    phone_code_id: ClientId | None = None


class ShopperLogin(Body):
    """Phone and PIN."""

    phone: PhoneText
    pin: PinText


class Thaw(Body):
    """The PIN: only the owner lets a blocked face pay again."""

    pin: PinText


class NewTopUp(Body):
    """Money from a card."""

    topup_id: ClientId
    amount_minor: Annotated[int, Field(ge=0, le=10**12)]


@router.post("/v1/customers", status_code=201, dependencies=[NeedsKey])
async def open_customer(request: Request, body: NewCustomer, house: TheHouse, who: AsAnyone) -> Response:
    """Open an account."""
    at = house.now()
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        await house.people.doors.take(house.database, address_of(request), at=at)
        proof = Proof(body.phone_code_id, who.name, is_needed=house.settings.phone_codes == "required")
        proof.demand_named()
        customer = await draft_customer(
            house.people,
            customer_id=body.customer_id,
            name=body.name,
            phone=house.people.phones.parse(body.phone),
            pin=body.pin,
            locale=body.locale,
            at=at,
        )

        def flow(work: Work) -> Answer:
            proof.use(work, customer.phone_hash, at=at)
            open_account(work, customer)
            return Answer(201, {"customer_id": customer.customer_id, "masked": masked(customer.name)})

        return await once_claimed(request, who, flow)


@router.post("/v1/shopper/sessions", status_code=201)
async def log_in(request: Request, body: ShopperLogin, house: TheHouse, _who: AsAnyone) -> dict[str, Any]:
    """Open a session."""
    at = house.now()
    await house.people.doors.take(house.database, address_of(request), at=at)
    opened = await log_in_shopper(
        house.database,
        house.people,
        phone=body.phone,
        pin=body.pin,
        token=house.new_token(),
        at=at,
        life=timedelta(hours=house.settings.session_hours),
    )
    return {"token": opened.token, "masked": opened.name, "expires_at": instant(opened.expires_at)}


@router.delete("/v1/shopper/sessions/current", status_code=204)
async def leave(
    house: TheHouse, _who: AsShopper, shown: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]
) -> Response:
    """End this session."""
    token, at = shown.credentials, house.now()
    await house.database.write_async(lambda work: log_out(work, token, at=at))
    return Response(status_code=204)


@router.get("/v1/customers/me")
async def me(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return everything that is shown to a shopper about themselves."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        shown = account_json(my_account(work, who.subject), house.shop.currency.code)
        year = outlook(work, house.shop, who.subject, 0, at=at)
        left_minor = None if year is None else year.left_this_year_minor
        return shown | {"cashback_left_this_year_minor": left_minor, "sandbox_cards": house.provider.is_sandbox}

    return await house.database.read_async(flow)


@router.get("/v1/wallets/me/entries")
async def entries(
    house: TheHouse,
    who: AsShopper,
    cursor: Annotated[int | None, Query(ge=1, lt=2**63)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Return what moved in a shopper's wallet, newest first; `next_cursor` asks for what was before, null at last."""
    page, following = await house.database.read_async(
        lambda work: movements(work, who.subject, below=cursor, limit=limit)
    )
    return {"items": [movement_json(each) for each in page], "next_cursor": following}


@router.get("/v1/customers/me/diary")
async def my_diary(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return who looked at a shopper's data or tried to pass for them, newest first."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        rows = work.diary.of(who.subject, limit=DIARY_SHOWN)
        return {
            "refused_lately": refused_lately(work, who.subject, at=at),
            "items": [{"at": instant(each.at), "act": each.act, "where": each.where} for each in rows],
        }

    return await house.database.read_async(flow)


@router.post("/v1/customers/me/face:freeze")
async def freeze_face(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Block paying by one's own face at once; nothing is erased, and code and PIN go on working."""
    at = house.now()
    await house.database.write_async(lambda work: freeze(work, who.subject, by="customer", where="page", at=at))
    return await me(house, who)


@router.post("/v1/customers/me/face:thaw")
async def thaw_face(body: Thaw, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Let a blocked face pay again, by the PIN."""
    await prove_own_pin(house.database, house.people, who, body.pin, clock=house.now)
    at = house.now()
    await house.database.write_async(lambda work: thaw(work, who.subject, at=at))
    return await me(house, who)


@router.get("/v1/customers/me/export")
async def export(house: TheHouse, who: AsShopper) -> Response:
    """Return all that is kept about a shopper, as a file: the page, every ticket, every use of face or PIN."""
    at = house.now()

    def flow(work: Work) -> dict[str, Any]:
        note(work, [who.subject], EXPORTED, "page", at=at)
        return export_json(work, my_account(work, who.subject, most=EXPORTED_LINES), house.shop.currency.code, at=at)

    body = await house.database.write_async(flow)
    headers = {"Content-Disposition": 'attachment; filename="sesame.json"', "Cache-Control": "no-store"}
    return JSONResponse(body, headers=headers)


@router.post("/v1/wallets/me/codes", status_code=201)
async def wallet_code(house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Make a code that stands for this wallet for two minutes, once, with the PIN."""
    at = house.now()
    life = timedelta(seconds=house.settings.wallet_code_seconds)
    code, expires_at = await house.database.write_async(
        lambda work: mint_wallet_code(work, house.people.phones, who.subject, at=at, life=life)
    )
    return {"code": code, "text": f"SESAME:W:{code}", "expires_at": instant(expires_at)}


@router.post("/v1/topups", status_code=201, dependencies=[NeedsKey])
async def top_up(request: Request, body: NewTopUp, house: TheHouse, who: AsShopper) -> Response:
    """Begin a top-up: `pay_url` asks for the card. With the sandbox it is done at once, and no real money moves."""
    at, provider = house.now(), house.provider
    with in_flight(request, who):
        if (stored := await replay_of(request, who)) is not None:
            return stored
        started = await house.database.write_async(
            lambda work: start_top_up(
                work,
                topup_id=body.topup_id,
                customer_id=who.subject,
                amount_minor=body.amount_minor,
                currency_code=house.shop.currency.code,
                provider=provider.name,
                at=at,
            )
        )
        back = f"{house.settings.public_url or str(request.base_url).rstrip('/')}/me"
        # Between the transactions, and only here, the provider is asked.
        begun = await asyncio.to_thread(
            provider.begin, started.topup_id, started.amount_minor, started.currency, back_url=back
        )

        def finish(work: Work) -> Answer:
            now, paid = started, begun.paid
            if paid is not None:
                now = take_fact(work, paid, provider=provider.name, store_id=house.shop.store_id, at=at)
            shown = _topup_json(work, now, sandbox=provider.is_sandbox)
            return Answer(201, shown | {"pay_url": begun.pay_url})

        return await once_claimed(request, who, finish)


@router.get("/v1/topups/{topup_id}")
async def top_up_now(topup_id: str, house: TheHouse, who: AsShopper) -> dict[str, Any]:
    """Return how a top-up of one's own stands: what a page asks after the shopper comes back from the card's page."""

    def flow(work: Work) -> dict[str, Any]:
        found = work.topups.get(topup_id)
        if found is None or found.customer_id != who.subject:
            raise FlowError("topup_not_found", "There is no such top-up.")
        return _topup_json(work, found, sandbox=house.provider.is_sandbox)

    return await house.database.read_async(flow)


@router.post("/v1/topups:notice", status_code=204)
async def top_up_notice(request: Request, house: TheHouse, _who: AsAnyone) -> Response:
    """Take a provider's signed notice: the only thing that credits a wallet. The same notice again changes nothing."""
    at, provider = house.now(), house.provider
    fact = provider.read_notice(await request.body(), request.headers).fact
    if fact is not None:
        store_id = house.shop.store_id
        await house.database.write_async(
            lambda work: take_fact(work, fact, provider=provider.name, store_id=store_id, at=at)
        )
    return Response(status_code=204)


def _topup_json(work: Work, topup: TopUp, *, sandbox: bool) -> dict[str, Any]:
    return {
        "topup_id": topup.topup_id,
        "status": topup.status,
        "amount_minor": topup.amount_minor,
        "balance_minor": work.ledger.balance_of(f"main:{topup.customer_id}"),
        "sandbox": sandbox,
    }

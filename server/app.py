"""The composition root: settings become adapters, adapters meet the flows, routes stand in front."""

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial

import httpx
from fastapi import FastAPI, Request, Response
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from checkout.errors import CheckoutError
from server.api import problems
from server.api.dependencies import house as house_of
from server.api.description import install_description
from server.api.edge import Edge
from server.api.house import House
from server.api.metrics import Metrics
from server.api.routes import ROUTERS
from server.api.routes.checkouts import SHORTCUT
from server.db.catalogue_swap import CatalogueSwap
from server.db.database import Database
from server.db.engine import is_crowded, is_gone
from server.db.schema import upgrade
from server.events.deliver import Courier
from server.events.stream import Hub
from server.flows.errors import FlowError
from server.flows.forget import CONFIRM_WITHIN, call_for_silent, forget_idle
from server.flows.idle_accounts import close_idle
from server.flows.people import People
from server.flows.phone import PhoneBook
from server.flows.phone_codes import Messenger, SandboxMessenger
from server.flows.ports import Work
from server.flows.send_money import is_anything_waiting, settle_waiting
from server.flows.share_coupon import return_gifts
from server.flows.shop import Shop, open_shop
from server.flows.snapshot import CATALOGUE_EVENTS, Snapshots
from server.flows.sweep import sweep
from server.flows.top_up import SandboxProvider, TopUpProvider
from server.keys import load_pepper, load_signing_key
from server.providers.http_messages import HttpMessenger
from server.settings import Settings
from server.web.api_page import api_page
from server.web.pages import pages

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Return the store server, ready to be served; the database is opened when it starts."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_house(settings) as house:
            app.state.house = house
            yield

    app = FastAPI(
        title="Sésame store server",
        version="0.1.0",
        description="Baskets, wallets, coupons and consents of one shop. Money is in whole minor units.",
        lifespan=lifespan,
        docs_url=None,  # the page that comes with FastAPI loads its scripts from elsewhere; ours needs none
        redoc_url=None,
    )
    metrics = app.state.metrics = Metrics()
    app.add_middleware(Edge, body_limit_bytes=settings.body_limit_bytes, metrics=metrics, shortcuts=[SHORTCUT])
    routes = [route for router in ROUTERS for route in router.routes]
    problems.install(app, routes)
    app.add_exception_handler(DBAPIError, _database_failed)
    install_description(app, routes)
    described = api_page(lambda: app.openapi())  # noqa: PLW0108 - looked up when asked: the description replaces it
    # As they stand: including a router would make each of its routes once more, a tenth of a second for all.
    app.router.routes[:0] = [SHORTCUT, *routes]
    for router in (pages(facts_of=_facts), described):
        app.include_router(router)
    return app


def _facts(request: Request) -> dict[str, str]:
    """Return what every page is told of the store."""
    shop = house_of(request).shop
    return {"zone": shop.timezone.key, "store": shop.store_id}


async def _database_failed(request: Request, error: Exception) -> Response:
    """Tell a database that is away for a moment from a fault of ours."""
    if is_crowded(error):
        log.warning("others were in the way: %s", error)
        detail = "Others change the same things without end."
        return problems.answer(request, "busy", detail, headers={"Retry-After": "1"})
    if not is_gone(error):
        log.error("request %s broke", request.state.trace_id, exc_info=error)
        return problems.answer(request, "internal", "An error of ours; it is in our log under the trace id.")
    log.warning("the database is away: %s", error)
    detail = "The database does not answer, or has just changed its place."
    return problems.answer(request, "database_away", detail, headers={"Retry-After": "1"})


@contextlib.asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """Bring the schema up to date, open the database, read the shop, and keep the sweeper going until the end."""
    schema = await asyncio.to_thread(upgrade, settings.database_url)
    await asyncio.to_thread(settings.var_dir.mkdir, parents=True, exist_ok=True)
    database = Database(settings.database_url, copy_url=settings.database_copy_url)
    is_alone = database.is_sqlite and settings.processes == 1
    hub = Hub(database, poll_seconds=COMMANDS_SECONDS if is_alone else PROCESSES_SECONDS)
    database.after_commit.append(hub.wake)
    await hub.start()
    try:
        seen, shop = await database.read_async(partial(read_shop, settings, None, datetime.now(UTC)))
        signing_key = await asyncio.to_thread(load_signing_key, settings.var_dir)
        house = House(
            settings=settings,
            database=database,
            hub=hub,
            shop=shop,
            people=People(PhoneBook(shop.country, await asyncio.to_thread(load_pepper, settings.var_dir))),
            schema=schema,
            signing_key=signing_key,
            open_stage=lambda: closing(CatalogueSwap(database.engine)),
            snapshots=Snapshots(settings.store_id, settings.price_group, signing_key.sign),
            engine="sqlite" if database.is_sqlite else "postgresql",
            provider=provider_of(settings),
            messenger=messenger_of(settings),
        )
        tasks = [
            asyncio.create_task(keep_sweeping(house)),
            asyncio.create_task(keep_shop_fresh(house, seen)),
            asyncio.create_task(keep_telling(house)),
            asyncio.create_task(keep_carrying(house)),
        ]
        try:
            yield house
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    finally:
        await hub.stop()
        await asyncio.to_thread(database.close)


def provider_of(settings: Settings) -> TopUpProvider:
    """Return whoever takes money from a card: Stripe where it has a key, else the sandbox, which says so."""
    if not settings.stripe_api_key.get_secret_value():
        return SandboxProvider()
    from server.providers.stripe_checkout import StripeProvider  # noqa: PLC0415 - half a second that only Stripe's users wait

    return StripeProvider(
        settings.stripe_api_key.get_secret_value(),
        settings.stripe_webhook_secret.get_secret_value(),
        api_base=settings.stripe_api_base or None,
    )


def messenger_of(settings: Settings) -> Messenger:
    """Return whoever carries messages: a gateway where there is one, else the sandbox, which says so."""
    if not settings.message_url:
        return SandboxMessenger()
    return HttpMessenger(settings.message_url, settings.message_key.get_secret_value())


def read_shop(settings: Settings, before: Shop | None, at: datetime, work: Work) -> tuple[int, Shop]:
    """Return the shop as it stands at a moment, and the newest event that it knows of."""
    shop = open_shop(work, settings.store_id, price_group=settings.price_group, at=at, before=before)
    return work.events.newest(), shop


async def keep_shop_fresh(house: House, seen: int) -> None:
    """Swap the shop in one step when another process has changed it, and when a price begins or ends.

    A request in hand keeps the shop that it began with; no basket is priced from two.
    """
    while True:
        pause, until = house.settings.shop_seconds, house.shop.prices_until
        if until is not None:
            pause = min(pause, max(0.0, (until - house.now()).total_seconds()))
        await asyncio.sleep(pause)
        try:
            newest, is_changed = await house.database.read_async(partial(_shop_changed, seen))
            if is_changed or (until is not None and house.now() >= until):
                again = partial(read_shop, house.settings, house.shop, house.now())
                newest, house.shop = await house.database.read_async(again)
            seen = newest
        except (SQLAlchemyError, CheckoutError, FlowError):
            # The shop of before goes on selling: better an old price than none. The next round tries again.
            log.exception("the shop could not be read again")
            await asyncio.sleep(house.settings.shop_seconds)


COMMANDS_SECONDS, PROCESSES_SECONDS = 1.0, 0.2
"""How soon an event that another process told reaches the listeners here: beside one server on SQLite only commands are
other processes, elsewhere other servers are. What this process tells is handed out at once."""
SHOP_EVENTS = CATALOGUE_EVENTS | {"cashback.changed"}


def _shop_changed(seen: int, work: Work) -> tuple[int, bool]:
    newest = work.events.newest()
    return newest, newest > seen and work.events.happened(SHOP_EVENTS, after=seen)


async def keep_telling(house: House) -> None:
    """Carry webhooks out until the end; a round that fails is told and followed by the next."""
    async with httpx.AsyncClient(follow_redirects=False) as client:
        courier = Courier(house.database, house.people.phones.keyed, house.now, client)
        while True:
            try:
                sent = await courier.round()
            except (SQLAlchemyError, FlowError):
                log.exception("a round of webhooks failed")
                sent = 0
            if not sent:
                await asyncio.sleep(house.settings.webhook_seconds)


async def keep_carrying(house: House) -> None:
    """Carry the log of the database into its file until the end, so that no commit has to."""
    while True:
        await asyncio.sleep(CARRY_SECONDS)
        try:
            await house.database.checkpoint_async()
        except (SQLAlchemyError, sqlite3.Error):
            log.exception("the log could not be carried into the file")


CARRY_SECONDS = 1.0
"""A rush of 1 000 sales a second fills two thirds of what a log may hold (`server.db.engine.MOST_LOG_PAGES`)."""
IDLE_EVERY = timedelta(hours=1)
"""How often a server looks for accounts that nobody uses: it reads all of them."""
DRIFT_PAUSES = 200
"""How many times as long as adding up all postings took nobody adds them up again: half a percent of a core, whether
there are a thousand or the hundred million of many years."""


def close_unused(house: House, work: Work) -> int:
    """Tell of accounts that nobody has used for years, and close those that were told of a month ago."""
    at = house.now()
    before = at - timedelta(days=house.settings.account_idle_days)
    return close_idle(work, before, store_id=house.shop.store_id, at=at, new_id=house.new_id).closed


def any_silent(house: House, work: Work) -> bool:
    """Whether a kiosk has yet to confirm an erasure: asked before anything is written."""
    return bool(work.erasures.silent(house.now() - CONFIRM_WITHIN, limit=1))


def forget_unused(house: House, work: Work) -> int:
    """Erase the faces that nobody has used for the time that the consent names (PR6)."""
    at = house.now()
    before = at - timedelta(days=house.settings.retention_days)
    return forget_idle(work, before, store_id=house.shop.store_id, at=at, new_id=house.new_id)


async def look_for_drift(house: House, due: float) -> float:
    """Add up all postings if that is due; return when it is due again, on the monotonic clock, seconds."""
    began = time.monotonic()
    if began < due:
        return due
    house.drift_minor = await house.database.read_late_async(lambda work: work.ledger.drift_minor())
    ended = time.monotonic()
    return ended + DRIFT_PAUSES * (ended - began)


async def keep_sweeping(house: House) -> None:
    """End what was left half done, now and every few seconds; a round that fails is told and followed by the next."""
    settings = house.settings
    looked_at = datetime.min.replace(tzinfo=UTC)
    drift_due = 0.0

    while True:
        try:
            if house.now() - looked_at > IDLE_EVERY:
                looked_at = house.now()
                if await house.database.write_async(partial(close_unused, house)):
                    await house.database.scrub_async()
            await sweep(house.database, house.shop, house.mint, at=house.now())
            if await house.database.write_async(partial(forget_unused, house)):
                await house.database.scrub_async()
            if await house.database.read_async(partial(any_silent, house)):
                await house.database.write_async(lambda work: call_for_silent(work, at=house.now()))
            await house.database.write_async(partial(return_gifts, at=house.now()))
            if await house.database.read_async(partial(is_anything_waiting, at=house.now())):
                await house.database.write_async(partial(settle_waiting, at=house.now()))
            house.swept_at = house.now()
            drift_due = await look_for_drift(house, drift_due)
        except (SQLAlchemyError, FlowError):
            log.exception("a round of the sweeper failed")
        await asyncio.sleep(settings.sweep_seconds)

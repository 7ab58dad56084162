"""Prices of the moment reach the till: groups, windows, members, and what another process has imported."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from server.app import create_app
from server.db import tables
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.baskets import find, priced
from server.flows.change_basket import show_wallet
from server.flows.phone import PhoneBook
from server.flows.ports import Work
from server.flows.shop import NO_LONGER_SOLD, Shop, open_shop
from server.flows.wallet_code import mint_wallet_code
from server.settings import Settings
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import CODES, KIOSK, NOON, NUTELLA, PASTA, PRODUCTS, a_basket, a_product, a_shopper

PATIENCE_SECONDS = 60


def a_price(sku: str, minor: int, **facts: Any) -> Callable[[UnitOfWork], None]:
    facts = {"price_group": "", "starts_at": tables.EPOCH, "ends_at": None, "member_price_minor": None} | facts

    def put(work: UnitOfWork) -> None:
        work.connection.execute(insert(tables.price).values(sku=sku, unit_price_minor=minor, **facts))

    return put


def opened(database: Database, at: datetime, group: str = "") -> Shop:
    return database.read(lambda work: open_shop(work, "demo", price_group=group, at=at))


def minor(shop: Shop) -> int:
    return shop.catalog.by_sku("nutella").unit_price_minor


def test_the_group_s_price_holds_in_its_window_when_the_shop_is_opened(database: Database) -> None:
    begins, ends = NOON, NOON + timedelta(hours=2)
    database.write(a_price("nutella", 299, price_group="north", starts_at=begins, ends_at=ends))

    shops = [opened(database, at, "north") for at in (begins - timedelta(seconds=1), begins, ends)]

    assert [minor(shop) for shop in shops] == [399, 299, 399]
    assert [shop.prices_until for shop in shops] == [begins, ends, None]
    assert minor(opened(database, begins, "south")) == 399


def test_a_member_pays_the_member_price_when_the_wallet_is_shown(database: Database) -> None:
    database.write(a_price("nutella", 399, member_price_minor=349))
    shop = opened(database, NOON)
    phones = PhoneBook("FR", b"p" * 32)

    def story(work: Work) -> tuple[int, int]:
        basket_id = a_basket(work, shop, NUTELLA)
        before = priced(work, shop, find(work, basket_id), at=NOON).quote.total.minor
        code, _ = mint_wallet_code(work, phones, a_shopper(work), at=NOON, life=timedelta(minutes=2))
        row = show_wallet(work, shop, phones, basket_id, KIOSK, code, at=NOON)
        return before, priced(work, shop, row, at=NOON).quote.total.minor

    assert database.write(story) == (399, 349)


def test_goods_that_left_the_shop_can_still_be_taken_out_of_a_basket(database: Database, shop: Shop) -> None:
    basket_id = database.write(lambda work: a_basket(work, shop, NUTELLA, PASTA))
    without = [product for product in PRODUCTS if product.sku != "nutella"]
    database.write(lambda work: work.shelf.put_products(without, [row for row in CODES if row.sku != "nutella"]))

    after = database.read(lambda work: open_shop(work, "demo", at=NOON, before=shop))

    assert after.catalog.by_sku("nutella").sale_stop == NO_LONGER_SOLD
    assert NUTELLA not in after.catalog
    quote = database.read(lambda work: priced(work, after, find(work, basket_id), at=NOON).quote)
    assert [problem.code for problem in quote.blockers] == ["sale_stop"]


async def wait_for_price(front: Shopfront, wanted: int) -> None:
    async def seen() -> None:
        while minor(front.house.shop) != wanted:  # noqa: ASYNC110 - see below
            await asyncio.sleep(0.01)  # the house tells nobody that its shop was swapped

    await asyncio.wait_for(seen(), PATIENCE_SECONDS)


@pytest.mark.anyio
async def test_a_running_server_sells_at_new_prices_when_another_process_imports(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(database_url=database_url, var_dir=tmp_path, shop_seconds=0.05)
    app = create_app(settings)

    def reprice(work: Work) -> None:
        work.shelf.put_products([a_product("nutella", 425)], [row for row in CODES if row.sku == "nutella"])
        work.shelf.put_promotions([])
        work.events.tell("demo", "catalogue.changed", {"import_id": 1}, at=NOON)

    async with app.router.lifespan_context(app):
        front = Shopfront(app, None)  # type: ignore[arg-type] # nothing is asked over HTTP here
        assert minor(front.house.shop) == 399
        await asyncio.to_thread(database.write, reprice)
        await wait_for_price(front, 425)
        assert front.house.shop.promotions == ()


@pytest.mark.anyio
async def test_a_running_server_swaps_the_price_when_its_window_opens(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    begins = datetime.now(UTC) + timedelta(seconds=3)
    database.write(a_price("nutella", 299, starts_at=begins))

    async with open_shopfront(database_url, tmp_path) as front:
        assert minor(front.house.shop) == 399 or datetime.now(UTC) >= begins
        await wait_for_price(front, 299)

        assert datetime.now(UTC) >= begins

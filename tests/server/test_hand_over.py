"""Baskets that are put aside at one kiosk and taken up at another, on both engines and over HTTP."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from checkout import BasketState, Gathering, read_part
from server.db.database import Database
from server.flows import change_basket, hand_over
from server.flows.age import settle_age_check
from server.flows.baskets import find
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.shop import Shop
from tests.server.apps import open_shopfront
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, WINE, a_basket, an_id, stock_small_shop

OTHER = replace(KIOSK, subject="kiosk-2")


def aside(database: Database, shop: Shop, *codes: str) -> tuple[str, str]:
    """Put a basket aside; return its id and its code."""
    token = an_id()
    basket_id = database.write(lambda work: a_basket(work, shop, *codes))
    database.write(lambda work: hand_over.suspend(work, basket_id, KIOSK, token, at=NOON))
    return basket_id, f"SESAME:B:{token}"


def taken(database: Database, shop: Shop, code: str, by: Caller, *, minutes: int = 5) -> BasketRow:
    at = NOON + timedelta(minutes=minutes)
    return database.write(lambda work: hand_over.resume(work, shop, code, by, at=at, new_id=an_id))


def test_the_basket_is_the_other_kiosks_when_its_code_is_shown_there(database: Database, shop: Shop) -> None:
    basket_id, code = aside(database, shop, NUTELLA, PASTA)

    row = taken(database, shop, code, OTHER)

    assert (row.basket_id, row.kiosk_id, row.state, len(row.lines)) == (basket_id, "kiosk-2", BasketState.OPEN, 2)
    with pytest.raises(FlowError) as refused:
        database.read(lambda work: find(work, basket_id, KIOSK))
    assert refused.value.code == "basket_not_found"


def test_nothing_changes_in_it_while_it_waits(database: Database, shop: Shop) -> None:
    basket_id, _ = aside(database, shop, NUTELLA)

    with pytest.raises(FlowError) as refused:
        database.write(lambda work: change_basket.quote_basket(work, basket_id, KIOSK, at=NOON))

    assert (refused.value.code, refused.value.facts["state"]) == ("basket_closed", "suspended")


def test_the_same_kiosk_gets_it_again_and_another_does_not_when_it_was_taken(database: Database, shop: Shop) -> None:
    _, code = aside(database, shop, NUTELLA)
    first = taken(database, shop, code, OTHER)

    assert taken(database, shop, code, OTHER) == first
    with pytest.raises(FlowError) as refused:
        taken(database, shop, code, KIOSK)
    assert refused.value.code == "handover_taken"


def test_one_kiosk_gets_it_when_sixteen_show_the_code_at_once(database: Database, shop: Shop) -> None:
    _, code = aside(database, shop, NUTELLA)

    def attempt(number: int) -> str:
        try:
            return taken(database, shop, code, replace(KIOSK, subject=f"kiosk-{number}")).kiosk_id
        except FlowError as refused:
            return refused.code

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(attempt, range(16)))

    assert outcomes.count("handover_taken") == 15


def test_a_person_looks_again_when_a_basket_with_wine_turns_up_elsewhere(database: Database, shop: Shop) -> None:
    basket_id = database.write(lambda work: a_basket(work, shop, WINE))
    database.write(
        lambda work: settle_age_check(work, shop, basket_id, min_age=18, approved=True, by="staff-1", at=NOON)
    )
    token = an_id()
    database.write(lambda work: hand_over.suspend(work, basket_id, KIOSK, token, at=NOON))

    row = taken(database, shop, token, OTHER)

    assert (row.age_check, row.age_checked_for) == ("waiting", None)
    calls = database.read(lambda work: work.interventions.waiting(basket_id))
    assert [(call.type, call.kiosk_id) for call in calls] == [("age_check", "kiosk-2")]


def test_an_older_code_is_void_when_the_basket_is_put_aside_again(database: Database, shop: Shop) -> None:
    basket_id, code = aside(database, shop, NUTELLA)
    taken(database, shop, code, OTHER)
    database.write(lambda work: hand_over.suspend(work, basket_id, OTHER, "fresh", at=NOON))

    with pytest.raises(FlowError) as refused:
        taken(database, shop, code, KIOSK)

    assert refused.value.code == "handover_unknown"


def test_the_basket_is_put_away_when_its_code_is_over(database: Database, shop: Shop) -> None:
    basket_id, code = aside(database, shop, NUTELLA)
    with pytest.raises(FlowError) as refused:
        taken(database, shop, code, OTHER, minutes=120)
    late = NOON + hand_over.LIFE

    assert database.write(lambda work: hand_over.leave_alone(work, at=late)) == 1
    assert database.write(lambda work: hand_over.leave_alone(work, at=late)) == 0
    assert database.read(lambda work: find(work, basket_id)).state is BasketState.ABANDONED
    assert refused.value.code == "handover_over"


def test_an_empty_basket_is_not_put_aside(database: Database, shop: Shop) -> None:
    def flow(work: Work) -> None:
        hand_over.suspend(work, a_basket(work, shop), KIOSK, "token", at=NOON)

    with pytest.raises(FlowError) as refused:
        database.write(flow)

    assert refused.value.code == "basket_empty"


def test_a_phone_sees_the_lines_and_no_kiosk_or_digest_when_it_has_the_code(database_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_shopfront(database_url, tmp_path) as front:
            basket_id = await front.basket(NUTELLA)
            given = (await front.ask("POST", f"/v1/baskets/{basket_id}:suspend")).json()
            page = given["url"].replace("/b/", "/v1/handovers/")

            shown = await front.ask("GET", page, token=None)
            resumed = await front.ask("POST", "/v1/baskets:resume", {"code": given["code"]})
            gone = await front.ask("GET", page, token=None)

            assert [line["quantity"] for line in shown.json()["lines"]] == [1]
            assert not {"kiosk_id", "digest"} & set(shown.json())
            assert (resumed.status_code, resumed.json()["basket_id"]) == (200, basket_id)
            assert (gone.status_code, gone.json()["code"]) == (409, "handover_taken")

    stock(database_url)
    asyncio.run(run())


def test_the_first_answer_comes_again_when_putting_aside_is_repeated(database_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_shopfront(database_url, tmp_path) as front:
            basket_id, key = await front.basket(NUTELLA), an_id()

            first = await front.ask("POST", f"/v1/baskets/{basket_id}:suspend", key=key)
            again = await front.ask("POST", f"/v1/baskets/{basket_id}:suspend", key=key)

            assert (first.status_code, first.json()) == (200, again.json())

    stock(database_url)
    asyncio.run(run())


def stock(url: str) -> None:
    database = Database(url)
    database.write(stock_small_shop)
    database.close()


def test_its_goods_come_as_codes_for_a_till_without_a_network_when_it_waits(database: Database, shop: Shop) -> None:
    basket_id, _ = aside(database, shop, NUTELLA, NUTELLA, PASTA)
    row = database.read(lambda work: find(work, basket_id))

    gathering = Gathering()
    for text in hand_over.texts_of(shop, row):
        part = read_part(text.removeprefix("SESAME:H:"))
        assert part is not None
        gathering = gathering.add(part)

    carried = gathering.basket()
    assert carried.store_id == shop.store_id
    assert [(one.text, one.quantity) for one in carried.entries] == [(line.sku, line.quantity) for line in row.lines]
    large = replace(row, coupon_codes=tuple("X" * 120 + str(place) for place in range(20)))
    assert hand_over.texts_of(shop, large) == []

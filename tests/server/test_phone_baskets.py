"""Baskets that a phone gathers, a guest's too: priced by the store, and left for any till, on both engines."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from checkout import BasketState
from checkout.errors import CouponNotFoundError
from server.db.database import Database
from server.flows.change_basket import quote_basket
from server.flows.check_out import Laid, Whole, price_whole
from server.flows.hand_over import leave_whole, resume
from server.flows.ports import BasketRow, Caller, Work
from server.flows.random_check import draw, owe_look
from server.flows.shop import Shop
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, PHONES, WINE, a_coupon, a_shopper, an_id
from tests.server.stocked import a_small_store
from tests.server.test_random_check import ALWAYS, SELDOM, under

GUEST = Caller("public")
APPLES = "2112345003504"  # 350 g, as the scale in the fruit department prints it
STOPPED = "4006381333931"
UNKNOWN = "4000417025005"

Act = Callable[[Shopfront], Awaitable[None]]


def line(code: str, **facts: Any) -> dict[str, Any]:
    return {"line_id": an_id(), "code": code, **facts}


def over_http(tmp_path: Path, act: Act) -> None:
    url = a_small_store(tmp_path / "store.db")

    async def run() -> None:
        async with open_shopfront(url, tmp_path) as front:
            await act(front)

    asyncio.run(run())


def left(database: Database, shop: Shop, whole: Whole, caller: Caller) -> tuple[str, BasketRow]:
    """Leave a basket for a till, under an id of the store's; return its code and the basket as it is kept."""
    whole, token = replace(whole, basket_id=an_id()), an_id()
    row, _ = database.write(lambda work: leave_whole(work, shop, whole, caller, token, at=NOON))
    return f"SESAME:B:{token}", row


def taken_up(database: Database, shop: Shop, code: str) -> BasketRow:
    return database.write(lambda work: resume(work, shop, code, KIOSK, at=NOON, new_id=an_id))


def test_a_guest_sees_what_the_till_would_ask_when_a_phone_sends_what_it_scanned(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        body = {"basket_id": an_id(), "lines": [line(PASTA, quantity=3), line(APPLES), line(WINE)]}

        guest = (await front.ask("POST", "/v1/checkouts:quote", body, token=None)).json()
        kiosk = (await front.ask("POST", "/v1/checkouts:quote", body)).json()

        assert guest | {"kiosk_id": ""} == kiosk | {"kiosk_id": ""}
        assert (guest["saved_minor"], guest["lines"][1]["weight_g"]) == (129, 350)
        assert [each["code"] for each in guest["problems"]] == ["age_check_required"]

    over_http(tmp_path, act)


@pytest.mark.parametrize(
    ("code", "why"), [(UNKNOWN, "product_not_found"), (STOPPED, "sale_stop"), ("3017620422004", "malformed_code")]
)
def test_the_line_is_named_when_one_of_many_can_not_be_sold(tmp_path: Path, code: str, why: str) -> None:
    async def act(front: Shopfront) -> None:
        bad = line(code)
        body = {"basket_id": an_id(), "lines": [line(NUTELLA), bad, line(PASTA)]}

        refused = (await front.ask("POST", "/v1/checkouts:quote", body, token=None)).json()

        assert (refused["code"], refused["line_id"]) == (why, bad["line_id"])

    over_http(tmp_path, act)


@pytest.mark.parametrize(
    ("address", "more"),
    [
        ("/v1/checkouts:quote", {"basket_id": an_id(), "total_minor": 1}),
        ("/v1/baskets:suspend", {"basket_id": an_id()}),
        ("/v1/baskets:suspend", {"member_phone_hash": "somebody's"}),
    ],
)
def test_a_phone_is_refused_when_it_says_what_is_the_stores_to_say(
    tmp_path: Path, address: str, more: dict[str, Any]
) -> None:
    async def act(front: Shopfront) -> None:
        priced = line(NUTELLA, unit_price_minor=1)
        for body in ({"lines": [line(NUTELLA)]} | more, {"lines": [priced]}):
            assert (await front.ask("POST", address, body, token=None)).status_code == 422

    over_http(tmp_path, act)


def test_a_guest_is_told_of_no_look_when_the_store_looks_at_every_basket(database: Database, shop: Shop) -> None:
    always = under(shop, ALWAYS)
    whole = Whole(an_id(), (Laid(an_id(), NUTELLA),))

    found = database.read(lambda work: price_whole(work, always, whole, GUEST, at=NOON))

    assert (found.row.random_check, found.row.channel) == ("undrawn", "phone")


def test_any_till_takes_the_basket_up_when_a_guest_left_it(database: Database, shop: Shop) -> None:
    whole = Whole(an_id(), (Laid(an_id(), NUTELLA, quantity=2), Laid(an_id(), APPLES), Laid(an_id(), WINE)))

    code, aside = left(database, shop, whole, GUEST)
    row = taken_up(database, shop, code)

    assert (aside.state, aside.channel, aside.member_phone_hash) == (BasketState.SUSPENDED, "phone", None)
    assert (row.state, row.kiosk_id, [each.quantity for each in row.lines]) == (BasketState.OPEN, "kiosk-1", [2, 1, 1])
    assert row.lines[1].weight_g == 350
    calls = database.read(lambda work: work.interventions.waiting(row.basket_id))
    assert [(call.type, call.kiosk_id) for call in calls] == [("age_check", "kiosk-1")]


def test_the_look_is_had_at_the_till_when_a_phone_that_was_told_of_it_leaves_its_basket(
    database: Database, shop: Shop
) -> None:
    always, seldom = under(shop, ALWAYS), under(shop, SELDOM)
    customer_id = database.write(a_shopper)
    me = Caller("shopper", customer_id, "demo")
    whole = Whole(an_id(), (Laid(an_id(), NUTELLA),))

    def told(work: Work) -> None:
        found = price_whole(work, always, whole, me, at=NOON, phones=PHONES)
        owe_look(work, always, PHONES, found.row, at=NOON)

    database.write(told)
    rows = [taken_up(database, seldom, left(database, seldom, whole, who)[0]) for who in (GUEST, me, me)]

    def quoted(work: Work, row: BasketRow) -> str:
        shown = quote_basket(work, row.basket_id, KIOSK, at=NOON)
        return draw(work, seldom, PHONES, shown, at=NOON, call_id=an_id()).random_check

    states = [database.write(lambda work, row=row: quoted(work, row)) for row in rows]  # type: ignore[misc] # bound now

    assert states == ["free", "waiting", "free"]
    assert [row.is_member for row in rows] == [False, True, True]


def test_the_first_code_comes_again_when_a_phone_asks_twice_under_one_key(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        body, key = {"lines": [line(NUTELLA)]}, an_id()
        first = await front.ask("POST", "/v1/baskets:suspend", body, token=None, key=key)
        again = await front.ask("POST", "/v1/baskets:suspend", body, token=None, key=key)
        other = await front.ask("POST", "/v1/baskets:suspend", {"lines": [line(PASTA)]}, token=None, key=key)
        shown = await front.ask("GET", first.json()["url"].replace("/b/", "/v1/handovers/"), token=None)

        assert (first.status_code, again.json(), other.status_code) == (201, first.json(), 422)
        assert (shown.json()["total_minor"], len(first.json()["texts"])) == (399, 1)
        found = await front.ask("GET", "/v1/products?query=pas", token=None)
        assert [each["sku"] for each in found.json()["items"]] == ["pasta"]

    over_http(tmp_path, act)


def test_a_coupon_goes_along_and_an_unknown_one_is_told_when_a_basket_is_left(database: Database, shop: Shop) -> None:
    coupon = database.write(a_coupon)
    whole = Whole(an_id(), (Laid(an_id(), NUTELLA),), (coupon,))

    code, _ = left(database, shop, whole, GUEST)

    assert taken_up(database, shop, code).coupon_codes == (coupon,)
    with pytest.raises(CouponNotFoundError):
        left(database, shop, replace(whole, coupon_codes=("K7QM-2W9C-TTTT",)), GUEST)


def test_a_guests_phone_is_told_to_wait_when_its_address_asks_without_end(tmp_path: Path) -> None:
    async def act(front: Shopfront) -> None:
        people = front.house.people
        front.house.people = replace(people, aside=replace(people.aside, allowed=1))
        people.pricers.allowed = 1
        for address, body, status in (
            ("/v1/checkouts:quote", {"basket_id": an_id(), "lines": [line(NUTELLA)]}, 200),
            ("/v1/baskets:suspend", {"lines": [line(NUTELLA)]}, 201),
        ):
            answers = [await front.ask("POST", address, body, token=None) for _ in range(2)]

            assert [each.status_code for each in answers] == [status, 429]
            assert int(answers[1].headers["Retry-After"]) > 0

    over_http(tmp_path, act)

"""Merchants: they see and hear the sales of their own store, of who paid only the outline; both engines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from httpx import Response
from sqlalchemy import update

from server.db import tables
from server.db.database import Database
from server.events.stream import Listener
from server.flows.baskets import find, view
from server.flows.capture import payment_json
from server.flows.desk import Seen, pay_at_desk
from server.flows.hearing import hearing_of
from server.flows.ports import Caller, Work
from server.flows.ports.books import Taken
from server.flows.ports.payments import PaymentRow
from server.flows.ports.proofs import Session
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.refund import Returned, refund
from server.flows.sales import sheet_rows
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON, NUTELLA, Paying, a_basket, a_sale, a_shopper, an_id, minted
from tests.server.people.builders import some_people

ADMIN = "the admin's token"
pytestmark = pytest.mark.anyio


def a_session(work: Work, login: str, *roles: str, store_id: str = "") -> str:
    """Open a session of one who works here, and return its token."""
    ends_at = NOON.replace(year=NOON.year + 50)
    token = an_id()
    work.sessions.open(token_hash(token), Session("staff", login, roles, ends_at, an_id(), NOON, store_id=store_id))
    return token


def sell(database: Database, shop: Shop, *, customer_id: str | None = None) -> PaymentRow:
    """Sell a jar, as another process of the store would."""
    sale = database.write(lambda work: a_sale(work, shop, NUTELLA, customer_id=customer_id))
    [paid] = database.settle([Paying(shop, sale)])
    assert isinstance(paid, PaymentRow), paid
    return paid


@asynccontextmanager
async def at_store(database: Database, folder: Path) -> AsyncIterator[Shopfront]:
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), folder) as front:
        front.house.people = some_people()
        yield front


async def listener_of(front: Shopfront, token: str, after: int | None = None) -> tuple[Listener, "Heard"]:
    """Listen as whoever holds a token, the way the route does."""
    who = await front.house.database.read_async(
        lambda work: work.callers.by_token(token_hash(token), at=front.house.now())
    )
    assert who is not None
    heard = Heard()
    listener = front.house.hub.listen(hearing_of(who, "demo"), after, heard.put)
    assert isinstance(listener, Listener)
    await listener.begin()
    assert await heard.get() == b"retry: 1000\n\n"
    return listener, heard


class Heard(asyncio.Queue[bytes | None]):
    """What came over a stream."""

    async def next(self) -> str:
        return (await asyncio.wait_for(self.get(), 20) or b"the end").decode()


def code_of(answer: Response) -> str:
    code: str = answer.json()["code"]
    return code


async def test_only_sales_of_the_store_are_heard_when_a_merchant_listens(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_cashier", store_id="demo"))
    async with at_store(database, tmp_path) as front:
        _, heard = await listener_of(front, token)

        def others(work: Work) -> None:
            work.events.tell("demo", "intervention.opened", {"about": "somebody"}, at=NOON)
            work.events.tell("elsewhere", "payment.captured", {"payment_id": "theirs"}, at=NOON)

        await front.house.database.write_async(others)
        front.house.hub.say("demo", "kiosk.state", {"kiosk_id": "kiosk-1"})
        paid = await asyncio.to_thread(sell, database, shop)
        first = await heard.next()

    assert "event: payment.captured" in first
    assert paid.payment_id in first
    assert '"amount_minor":' in first


async def test_what_was_missed_is_heard_once_when_a_merchant_comes_back(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    async with at_store(database, tmp_path) as front:
        listener, heard = await listener_of(front, token)
        known = await asyncio.to_thread(sell, database, shop)
        frame = await heard.next()
        assert known.payment_id in frame
        listener.end()
        missed = await asyncio.to_thread(sell, database, shop)

        _, again = await listener_of(front, token, after=int(frame.split()[1]))
        told = await again.next()
        latest = await asyncio.to_thread(sell, database, shop)

        assert missed.payment_id in told
        assert latest.payment_id in await again.next()
        assert again.empty()


async def test_marketing_hears_that_somebody_bought_and_nothing_of_it_when_it_listens(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "marc", "marketer"))
    async with at_store(database, tmp_path) as front:
        _, heard = await listener_of(front, token)
        await asyncio.to_thread(sell, database, shop)
        frame = await heard.next()
        _, again = await listener_of(front, token, after=0)

        assert "event: payment.captured\ndata: {}" in frame
        assert await again.next() == frame


@pytest.mark.parametrize("act", ["roles", "reset", "logout"])
async def test_the_stream_ends_at_once_when_the_session_is_taken_away(
    database: Database, tmp_path: Path, act: str
) -> None:
    database.write(lambda work: a_session(work, "ada", "admin"))
    admin = database.write(lambda work: a_session(work, "ada", "admin"))
    async with at_store(database, tmp_path) as front:
        made = await front.ask(
            "POST", "/v1/staff", {"login": "luc", "name": "Luc", "roles": ["merchant_owner"]}, token=admin
        )
        body = {"login": "luc", "password": made.json()["password"]}
        token = (await front.ask("POST", "/v1/staff/sessions", body, token=None)).json()["token"]
        other = (await front.ask("POST", "/v1/staff/sessions", body, token=None)).json()["token"]
        _, heard = await listener_of(front, token)
        _, heard_by_other = await listener_of(front, other)

        if act == "roles":
            done = await front.ask("PUT", "/v1/staff/luc/roles", {"roles": ["merchant_cashier"]}, token=admin)
        elif act == "reset":
            done = await front.ask("POST", "/v1/staff/luc:reset", token=admin)
        else:
            done = await front.ask("DELETE", "/v1/staff/sessions/current", token=token)

        assert done.status_code in {200, 204}, done.text
        assert await heard.next() == "the end"
        assert code_of(await front.ask("GET", "/v1/merchants/demo/sales", token=token)) == "unauthorized"
        if act == "logout":
            assert heard_by_other.empty()
            assert (await front.ask("GET", "/v1/merchants/demo/sales", token=other)).status_code == 200
        else:
            assert await heard_by_other.next() == "the end"


@pytest.mark.parametrize("after", [None, 0, 2**63 - 1])
async def test_the_stream_ends_at_once_when_the_session_was_taken_away_before_it_began(
    database: Database, tmp_path: Path, after: int | None
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    async with at_store(database, tmp_path) as front:
        handed_out = front.house.hub.newest
        earlier, known = await listener_of(front, token)
        assert (await front.ask("DELETE", "/v1/staff/sessions/current", token=token)).status_code == 204
        assert await known.next() == "the end"  # the hub has handed it out: nobody who comes now is told of it
        heard = Heard()

        await front.house.hub.listen(earlier.who, after, heard.put, since=handed_out).begin()

        assert [await heard.get(), await heard.next()] == [b"retry: 1000\n\n", "the end"]


async def test_nothing_is_told_of_another_store_when_a_merchant_asks(database: Database, tmp_path: Path) -> None:
    theirs = database.write(lambda work: a_session(work, "eve", "merchant_owner", store_id="elsewhere"))
    nobodys = database.write(lambda work: a_session(work, "old", "merchant_owner"))
    mine = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    async with at_store(database, tmp_path) as front:
        answers = [
            await front.ask("GET", path, token=token)
            for token in (theirs, nobodys)
            for path in ("/v1/merchants/demo/sales", "/v1/stores/demo/events")
        ]
        answers.append(await front.ask("GET", "/v1/merchants/elsewhere/sales", token=mine))

    assert [(answer.status_code, code_of(answer)) for answer in answers] == [(404, "store_not_found")] * 5


async def test_every_sale_is_listed_once_when_a_merchant_follows_the_cursor(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    payer = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    sold = [sell(database, shop, customer_id=payer) for _ in range(5)]
    first = (sold[0].receipt or {})["ticket"]

    def give_back(work: Work) -> None:
        line = work.tickets.get(first["ticket_id"]).body["lines"][0]  # type: ignore[union-attr] # sold above
        returned = Returned(an_id(), first["ticket_id"], {line["line_id"]: 1}, "broken")
        refund(work, returned, store_id="demo", by="amal", at=NOON)

    database.write(give_back)
    async with at_store(database, tmp_path) as front:
        pages = [await front.ask("GET", "/v1/merchants/demo/sales?limit=2", token=token)]
        while (cursor := pages[-1].json()["next_cursor"]) is not None:
            pages.append(await front.ask("GET", f"/v1/merchants/demo/sales?limit=2&cursor={cursor}", token=token))

    items = [item for page in pages for item in page.json()["items"]]
    assert [item["payment_id"] for item in items] == [paid.payment_id for paid in reversed(sold)]
    assert [item["refunded_minor"] > 0 for item in items] == [False] * 4 + [True]
    assert [len(page.json()["items"]) for page in pages] == [2, 2, 1]
    assert all(sum(tender["amount_minor"] for tender in item["tenders"]) == item["amount_minor"] for item in items)
    assert payer not in pages[0].text
    assert all(item["payer"].count("*") == 3 for item in items)


@pytest.mark.parametrize(
    ("roles", "kinds"),
    [
        (("marketer",), {"campaign.changed", "coupon.claimed", "cashback.changed", "payment.captured"}),
        (("finance", "marketer"), {"payment.captured", "campaign.changed", "coupon.claimed", "day.closed"}),
        (("staff_assist", "merchant_owner"), {"payment.captured", "intervention.opened", "kiosk.state"}),
    ],
)
def test_each_hears_what_their_work_needs_when_they_listen(roles: tuple[str, ...], kinds: set[str]) -> None:
    hearing = hearing_of(Caller("staff", "amal", "demo", frozenset(roles), "session-1"), "demo")

    assert {kind for kind in kinds if hearing.hears("demo", kind)} == kinds
    assert not any(hearing.hears("elsewhere", kind) for kind in kinds)
    assert hearing.hears("demo", "intervention.opened") is ("staff_assist" in roles)
    assert not hearing.hears("demo", "session.ended")
    assert hearing.bare == ({"payment.captured"} if roles == ("marketer",) else set())


async def test_days_tell_sales_refunds_and_cashback_on_the_stores_clock_when_a_merchant_looks(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_owner", store_id="demo"))
    funder = FunderRow("state", {"fr": "l'État", "en": "the State", "zh": "国家"}, 1, 1_000)
    database.write(lambda work: work.cashback.put(ProgrammeRow("demo", 1_000, 300_000, (funder,))))
    giving = replace(shop, cashback=database.read(lambda work: work.cashback.programme("demo")))
    payer = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    late, early = (sell(database, giving, customer_id=payer) for _ in range(2))
    ticket_id = (late.receipt or {})["ticket"]["ticket_id"]

    def tell_other_days(work: Work) -> None:
        # By the store's clock these are half past eleven in the evening and half past midnight.
        for paid, at in ((late, NOON.replace(hour=22, minute=30)), (early, NOON.replace(hour=23, minute=30))):
            put = update(tables.ticket).where(tables.ticket.c.payment_id == paid.payment_id).values(issued_at=at)
            work.connection.execute(put)  # type: ignore[attr-defined] # of the store's own unit of work

    def give_back(work: Work) -> None:
        line = work.tickets.get(ticket_id).body["lines"][0]  # type: ignore[union-attr] # sold above
        returned = Returned(an_id(), ticket_id, {line["line_id"]: 1}, "broken")
        refund(work, returned, store_id="demo", by="amal", at=NOON.replace(hour=23, minute=45))

    database.write(tell_other_days)
    database.write(give_back)
    first, second = NOON.date(), NOON.date() + timedelta(days=1)
    async with at_store(database, tmp_path) as front:
        told = await front.ask("GET", f"/v1/merchants/demo/days?upto={second}&limit=3", token=token)
        days = [
            (await front.ask("GET", f"/v1/merchants/demo/sales?day={day}", token=token)).json()["items"]
            for day in (second, first)
        ]

    names = ("sales", "amount_minor", "refunds", "refunded_minor", "cashback_minor")
    assert [[item[name] for name in names] for item in told.json()["items"]] == [
        [1, 399, 1, 399, 0],  # 39 given on this day, and 39 of the day before taken back with its jar
        [1, 399, 0, 0, 39],
        [0, 0, 0, 0, 0],
    ]
    assert [item["day"] for item in told.json()["items"]][:2] == [second.isoformat(), first.isoformat()]
    assert [[item["payment_id"] for item in items] for items in days] == [[early.payment_id], [late.payment_id]]
    assert [(item["refunded_minor"], item["cashback_minor"]) for (item,) in days] == [(0, 39), (399, 0)]


@pytest.mark.parametrize(
    ("language", "row"),
    [
        ("fr", "{number};{date};{time};A*** B.;3,99;0,00;0,00;porte-monnaie;EUR"),
        ("en", "{number},{date},{time},A*** B.,3.99,0.00,0.00,wallet,EUR"),
    ],
)
async def test_a_sheet_has_every_sale_of_its_days_when_a_merchant_takes_one(
    database: Database, shop: Shop, tmp_path: Path, language: str, row: str
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_cashier", store_id="demo"))
    payer = database.write(lambda work: a_shopper(work, balance_minor=50_000))
    sold = [sell(database, shop, customer_id=payer) for _ in range(3)]
    day = NOON.date()
    async with at_store(database, tmp_path) as front:
        path = "/v1/merchants/demo/sales.csv"
        got = await front.ask("GET", f"{path}?first={day}&last={day}&language={language}", token=token)
        none = await front.ask(
            "GET", f"{path}?first={day - timedelta(days=9)}&last={day - timedelta(days=1)}", token=token
        )
        bad = [
            await front.ask("GET", f"{path}?first={first}&last={last}", token=token)
            for first, last in (
                (day, day - timedelta(days=1)),
                (day - timedelta(days=31), day),
                ("0001-01-01", "0001-01-01"),
            )
        ]
        bad.append(await front.ask("GET", "/v1/merchants/demo/days?upto=0001-01-05", token=token))

    lines = got.text.splitlines()
    assert lines[0].startswith("\ufeffTicket")
    assert [line.split(";" if language == "fr" else ",")[0] for line in lines[1:]] == ["3", "2", "1"]
    local = NOON.astimezone(shop.timezone)
    subject = str(sold[0].payer)
    assert lines[3] == row.replace("A*** B.", subject).format(
        number=1, date=f"{local:%Y-%m-%d}", time=f"{local:%H:%M:%S}"
    )
    assert (none.status_code, len(none.text.splitlines())) == (200, 1)
    assert [(answer.status_code, code_of(answer)) for answer in bad] == [(422, "days_malformed")] * 4


def test_nobody_is_named_on_a_sheet_when_somebody_paid_at_the_desk(shop: Shop) -> None:
    cash = ({"account": "till:demo", "tender": "cash", "amount_minor": 399},)

    row = sheet_rows([Taken(7, an_id(), None, 399, 0, 0, "EUR", cash, NOON)], "en", shop.timezone)

    assert row.rstrip().split(",")[3:] == ["", "3.99", "0.00", "0.00", "cash", "EUR"]


async def test_nobody_is_named_to_a_merchant_when_somebody_paid_at_the_desk(
    database: Database, shop: Shop, tmp_path: Path
) -> None:
    token = database.write(lambda work: a_session(work, "luc", "merchant_cashier", store_id="demo"))

    def at_desk(work: Work) -> PaymentRow:
        basket_id = a_basket(work, shop, NUTELLA)
        shown = view(work, shop, find(work, basket_id), at=NOON)
        seen = Seen(shown["digest"], shown["total_minor"])
        return pay_at_desk(work, shop, basket_id, seen=seen, tender="cash", by="amal", at=NOON, minted=minted())

    paid = database.write(at_desk)
    async with at_store(database, tmp_path) as front:
        (sale,) = (await front.ask("GET", "/v1/merchants/demo/sales", token=token)).json()["items"]

    assert (sale["payment_id"], sale["payer"]) == (paid.payment_id, None)
    assert (paid.payer, payment_json(paid)["subject"]) == (None, None)

"""Counters: whom a code leads to, what is paid by it, and that it is paid once; both engines."""

import asyncio
import io
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from httpx import Response
from PIL import Image, ImageOps
from sqlalchemy import func, select

from checkout import CounterCode, VatClass, emoji_of
from checkout.errors import CheckoutError, InsufficientFundsError
from server.db import tables
from server.db.database import Database
from server.flows import shop_picture
from server.flows.counter import Counter, make_code
from server.flows.counter_pay import Asked, pay_at_counter, tell
from server.flows.errors import FlowError
from server.flows.ports import Caller, Work
from server.flows.ports.counters import CounterPayment
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Session
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON, an_id, minted
from tests.server.people.builders import PIN, a_customer, some_people

pytestmark = pytest.mark.anyio
STATE = FunderRow("state", {"fr": "l'État", "en": "the State", "zh": "国家"}, 89, 100_000)
SHOP = FunderRow("shop", {"fr": "le magasin", "en": "the shop", "zh": "本店"}, 11, 100_000)


@dataclass(frozen=True, slots=True)
class Street:
    """A store with a counter, its owner, and somebody who pays there."""

    front: Shopfront
    payer: Customer
    phone: str
    owner: str
    cashier: str
    manager: str

    async def make(self, name: str = "Bakery", code_id: str | None = None) -> str:
        """Make a code and return what stands behind /p/ in its link."""
        body = {"code_id": code_id or an_id(), "name": name, "vat_class": "reduced"}
        made = await self.front.ask("POST", "/v1/merchants/demo/codes", body, token=self.owner)
        assert made.status_code == 201, made.text
        path: str = made.json()["path"]
        return path.removeprefix("/p/")

    async def quote(self, token: str, minor: int, basket_id: str | None = None) -> Response:
        body = {"basket_id": basket_id or an_id(), "amount_minor": minor}
        return await self.front.ask("POST", f"/v1/counters/{token}:quote", body, token=self.phone)

    async def wish(self, token: str, minor: int, **facts: Any) -> dict[str, Any]:
        """Return the body that pays an amount as it was told."""
        basket_id = an_id()
        told = (await self.quote(token, minor, basket_id)).json()
        known = {name: told[name] for name in ("digest", "payee", "amount_minor")}
        return known | {"payment_id": an_id(), "basket_id": basket_id, "pin": PIN} | facts

    async def pay(self, token: str, body: dict[str, Any], *, key: str | None = None) -> Response:
        return await self.front.ask("POST", f"/v1/counters/{token}/payments", body, token=self.phone, key=key)

    async def sales(self) -> list[dict[str, Any]]:
        listed = await self.front.ask("GET", "/v1/merchants/demo/sales", token=self.owner)
        items: list[dict[str, Any]] = listed.json()["items"]
        return items


def a_token(work: Work, kind: str, subject: str, *roles: str) -> str:
    token = an_id()
    store_id = "demo" if any(role.startswith("merchant") for role in roles) else ""
    ends_at = NOON.replace(year=NOON.year + 50)
    work.sessions.open(token_hash(token), Session(kind, subject, roles, ends_at, an_id(), NOON, store_id=store_id))
    return token


@asynccontextmanager
async def on_the_street(database: Database, folder: Path, *, balance_minor: int = 5_000) -> AsyncIterator[Street]:
    people = some_people()

    def move_in(work: Work) -> tuple[Customer, list[str]]:
        work.cashback.put(ProgrammeRow("demo", 500, 300_000, (STATE, SHOP)))
        payer = a_customer(work, people, name="Lina Rose Durand", balance_minor=balance_minor)
        return payer, [
            a_token(work, "shopper", payer.customer_id),
            a_token(work, "staff", "luc", "merchant_owner"),
            a_token(work, "staff", "eve", "merchant_cashier"),
            a_token(work, "staff", "amal", "staff_manager"),
        ]

    payer, tokens = database.write(move_in)
    async with open_shopfront(database.engine.url.render_as_string(hide_password=False), folder) as front:
        front.house.people = people
        yield Street(front, payer, *tokens)


def code_of(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def count(database: Database, table: str) -> int:
    query = select(func.count()).select_from(tables.metadata.tables[table])
    found: int = database.read(lambda work: work.connection.execute(query).scalar_one())
    return found


async def test_the_same_payment_stands_on_both_screens_when_a_typed_amount_is_paid(
    database: Database, tmp_path: Path
) -> None:
    async with on_the_street(database, tmp_path) as street:
        token = await street.make()
        shown = (await street.front.ask("GET", f"/v1/counters/{token}", token=None)).json()
        told = (await street.quote(token, 1240)).json()
        paid = await street.pay(token, await street.wish(token, 1240))
        [sale] = await street.sales()
        ticket_id = paid.json()["ticket"]["ticket_id"]
        ticket = (await street.front.ask("GET", f"/v1/tickets/{ticket_id}", token=None)).json()
        health = (await street.front.ask("GET", "/health", token=None)).json()
    told_to_all = database.read(lambda work: work.connection.execute(select(tables.outbox.c.body)).scalars().all())

    assert (shown["store"], shown["counter"], shown["amount_minor"]) == ("Test", "Bakery", None)
    assert (told["shown_as"], told["cashback"]["earn_minor"], told["shortfall_minor"]) == ("Lina D.", 62, 0)
    answer = paid.json()
    assert paid.status_code == 201, paid.text
    assert (answer["status"], answer["amount_minor"], answer["balance_after_minor"]) == ("captured", 1240, 3760)
    assert [(part["name"]["en"], part["amount_minor"]) for part in answer["cashback"]["parts"]] == [
        ("the State", 55),
        ("the shop", 7),
    ]
    assert answer["exit_code"] is None  # nothing was carried past a gate
    assert (sale["payer"], sale["counter"], sale["amount_minor"]) == ("Lina D.", "Bakery", 1240)
    assert sale["emoji"] == answer["emoji"]
    assert len(set(sale["emoji"])) >= 2
    assert street.payer.customer_id not in str((sale, told_to_all))
    assert paid.json()["payment_id"] in str(told_to_all)
    assert [(line["name"], line["due_minor"], line["vat_rate_bp"]) for line in ticket["lines"]] == [
        ("Bakery", 1240, 550)
    ]
    assert health["ledger_drift_minor"] == 0


@pytest.mark.parametrize("use", [0, 500, 800])
async def test_as_much_cashback_pays_as_the_shopper_chose_when_they_have_some(
    database: Database, tmp_path: Path, use: int
) -> None:
    async with on_the_street(database, tmp_path, balance_minor=30_000) as street:
        token = await street.make()
        far = await street.quote(token, 15_001)
        for minor in (10_000, 6_000):
            assert (await street.pay(token, await street.wish(token, minor))).status_code == 201
        told = (await street.quote(token, 1240)).json()
        paid = (await street.pay(token, await street.wish(token, 1240, cashback_minor=use))).json()

    assert code_of(far) == (403, "step_up_required")  # a number and a PIN go no further anywhere, so none is asked
    assert (told["cashback_min_minor"], told["cashback_max_minor"]) == (0, 800)
    tenders = {each["account"]: each["amount_minor"] for each in paid["tenders"]}
    assert tenders == {"main": 1240 - use} | ({"cashback": use} if use else {})


async def test_one_payment_is_made_when_a_tap_comes_twice_and_the_answer_is_lost(
    database: Database, tmp_path: Path
) -> None:
    async with on_the_street(database, tmp_path) as street:
        token, key = await street.make(), an_id()
        body = await street.wish(token, 1240)
        missing = await street.front.ask("GET", f"/v1/counter-payments/{body['payment_id']}", token=street.phone)
        both = await asyncio.gather(street.pay(token, body, key=key), street.pay(token, body, key=key))
        again = await street.pay(token, body, key=key)
        other_key = await street.pay(token, body)
        changed = await street.pay(token, body | {"cashback_minor": 1})
        found = await street.front.ask("GET", f"/v1/counter-payments/{body['payment_id']}", token=street.phone)
        stranger = database.write(lambda work: a_token(work, "shopper", a_customer(work, some_people()).customer_id))
        foreign = await street.front.ask("GET", f"/v1/counter-payments/{body['payment_id']}", token=stranger)
        stolen = await street.front.ask("POST", f"/v1/counters/{token}/payments", body, token=stranger)
        sales = await street.sales()

    assert code_of(missing) == code_of(foreign) == (404, "payment_not_found")
    assert {answer.status_code for answer in both} <= {201, 409}
    assert again.status_code == other_key.status_code == 201
    assert again.json() == other_key.json() == found.json()
    assert code_of(changed) == code_of(stolen) == (409, "payment_exists")
    assert len(sales) == count(database, "counter_payment") == 1


def paying(
    shop: Shop, counter: Counter, payer: Customer, asked: Asked, database: Database
) -> PaymentRow | CheckoutError | FlowError:
    """Pay as the route does, past the PIN."""
    who = Caller("shopper", payer.customer_id)
    facts: dict[str, Any] = {"minted": minted(), "at": NOON, "hold_seconds": 180, "life": timedelta(seconds=60)}
    try:
        return database.write(lambda work: pay_at_counter(work, shop, counter, asked, payer, who, **facts))
    except (CheckoutError, FlowError) as refusal:
        return refusal


def a_counter(work: Work, shop: Shop) -> Counter:
    row = make_code(work, shop, an_id(), "Bakery", VatClass.REDUCED, by="luc", at=NOON)
    return Counter(row, work.counters.merchant("demo"), 0)


def an_asked(shop: Shop, counter: Counter, payer: Customer, database: Database, minor: int, **facts: Any) -> Asked:
    basket_id, who = an_id(), Caller("shopper", payer.customer_id)
    told = database.read(lambda work: tell(work, shop, counter, basket_id, minor, payer, who, at=NOON))
    asked = Asked(an_id(), basket_id, told.found.quote.digest, minor, shop.payee, 0, is_sure=False)
    return replace(asked, **facts)


def test_the_wallet_pays_what_it_holds_and_each_payment_once_when_many_taps_come_at_once(
    database: Database, doors: list[Database], shop: Shop
) -> None:
    counter = database.write(lambda work: a_counter(work, shop))
    payer = database.write(lambda work: a_customer(work, some_people(), balance_minor=5 * 1240 + 1000))
    wishes = [an_asked(shop, counter, payer, database, 1240) for _ in range(8)]

    def tap(place: int) -> PaymentRow | CheckoutError | FlowError:
        return paying(shop, counter, payer, wishes[place % 8], doors[place % len(doors)])

    with ThreadPoolExecutor(16) as people:
        outcomes = list(people.map(tap, range(32)))

    paid = [one for one in outcomes if isinstance(one, PaymentRow)]
    assert len({one.payment_id for one in paid}) == 5
    assert len(paid) == 5 * 4  # each tap of a payment that was made is told the same
    assert all(isinstance(one, InsufficientFundsError) for one in outcomes if not isinstance(one, PaymentRow))
    assert len({(one.receipt or {})["ticket"]["number"] for one in paid}) == 5
    assert count(database, "counter_payment") == count(database, "ticket") == 5


async def test_nobody_is_paid_when_the_code_is_not_one_of_this_store_in_force(
    database: Database, tmp_path: Path
) -> None:
    async with on_the_street(database, tmp_path) as street:
        token, fixed_id = await street.make(), an_id()
        await street.make("Kiosk", fixed_id)
        house, thief = street.front.house, Ed25519PrivateKey.generate()
        kind, facts, signature = token.split(".")
        code, elsewhere = CounterCode("demo", fixed_id), CounterCode("elsewhere", fixed_id)
        unknown = CounterCode("demo", an_id())
        dearer = CounterCode("demo", fixed_id, 9_900).token(house.signing_key.sign(code.words()))
        wrong = [
            f"{kind}.{facts}.{signature[:-4]}AAAA",
            code.token(thief.sign(code.words())),
            elsewhere.token(house.signing_key.sign(elsewhere.words())),
            unknown.token(house.signing_key.sign(unknown.words())),
            dearer,
            "nonsense",
        ]
        forged = [await street.front.ask("GET", f"/v1/counters/{each}", token=None) for each in wrong]
        forged += [await street.quote(each, 1240) for each in wrong]
        body = await street.wish(token, 1240)
        forged += [await street.pay(each, body) for each in wrong]
        await street.front.ask("POST", f"/v1/merchants/demo/codes/{fixed_id}:withdraw", token=street.owner)
        old = house.signing_key.sign(code.words())
        gone = [
            await street.front.ask("GET", f"/v1/counters/{code.token(old)}", token=None),
            await street.quote(code.token(old), 1240),
            await street.pay(code.token(old), body),
        ]
        anew = await street.make("Kiosk")
        shown = await street.front.ask("GET", f"/v1/counters/{anew}", token=None)
        sales = await street.sales()

    assert {code_of(answer) for answer in forged} == {(404, "counter_code_wrong")}
    assert {code_of(answer) for answer in gone} == {(410, "counter_code_withdrawn")}
    assert gone[0].json()["store"] == "Test"
    assert shown.json()["counter"] == "Kiosk"
    assert sales == []


async def test_no_pin_is_asked_when_the_merchant_is_suspended(database: Database, tmp_path: Path) -> None:
    async with on_the_street(database, tmp_path) as street:
        token = await street.make()
        body = await street.wish(token, 1240)
        asked = {"reason": "their contract has ended"}
        stopped = await street.front.ask("POST", "/v1/merchants/demo:suspend", asked, token=street.manager)
        twice = await street.front.ask("POST", "/v1/merchants/demo:suspend", asked, token=street.manager)
        refused = [await street.pay(token, body | {"pin": "0000"}) for _ in range(6)]
        refused += [await street.quote(token, 1240), await street.front.ask("GET", f"/v1/counters/{token}", token=None)]
        own = await street.front.ask("GET", "/v1/merchants/demo/codes", token=street.cashier)
        seen = await street.front.ask("GET", "/v1/merchants/demo/suspension", token=street.manager)
        await street.front.ask("POST", "/v1/merchants/demo:resume", token=street.manager)
        paid = await street.pay(token, body)

    assert {code_of(answer) for answer in refused} == {(403, "merchant_suspended")}
    assert stopped.json() == twice.json() == seen.json()
    assert own.json()["suspended_at"] == stopped.json()["suspended_at"]
    assert paid.status_code == 201  # six wrong PINs would have locked it
    log = database.read(lambda work: work.connection.execute(select(tables.audit_log.c.act)).scalars().all())
    assert [act for act in log if act.startswith("merchant.")] == ["merchant.suspended", "merchant.resumed"]


async def test_a_refusal_names_the_way_out_when_an_amount_cannot_be_paid(database: Database, tmp_path: Path) -> None:
    async with on_the_street(database, tmp_path) as street:
        code_id = an_id()
        token = await street.make(code_id=code_id)
        asked = await street.front.ask(
            "POST", f"/v1/merchants/demo/codes/{code_id}:ask", {"amount_minor": 450}, token=street.cashier
        )
        fixed = asked.json()["path"].removeprefix("/p/")
        short = (await street.quote(token, 6_000)).json()
        answers = {
            "insufficient_funds": await street.pay(token, await street.wish(token, 6_000)),
            "pin_wrong": await street.pay(token, await street.wish(token, 100, pin="0000")),
            "basket_changed": await street.pay(token, await street.wish(token, 100) | {"amount_minor": 101}),
            "counter_amount_fixed": await street.quote(fixed, 451),
            "malformed_request": await street.quote(token, 0),
        }
        shown = (await street.front.ask("GET", f"/v1/counters/{fixed}", token=None)).json()
        paid = [await street.pay(fixed, await street.wish(fixed, 450)) for _ in range(2)]

    assert {name: answer.json()["code"] for name, answer in answers.items()} == {name: name for name in answers}
    assert short["shortfall_minor"] == 1_000
    assert shown["amount_minor"] == 450
    assert [answer.status_code for answer in paid] == [201, 201]  # a link pays as often as somebody wants to


async def test_an_amount_is_asked_about_when_it_is_ten_times_what_is_usual(database: Database, tmp_path: Path) -> None:
    def busy(work: Work, times: int) -> None:
        for _ in range(times):
            work.counters.note(CounterPayment(an_id(), an_id(), "demo", 124, NOON))

    async with on_the_street(database, tmp_path) as street:
        token = await street.make()
        database.write(lambda work: busy(work, 4))
        few = (await street.quote(token, 1240)).json()["is_unusual"]
        database.write(lambda work: busy(work, 1))
        told = [(await street.quote(token, minor)).json()["is_unusual"] for minor in (1239, 1240)]
        body = await street.wish(token, 1240)
        refused = await street.pay(token, body)
        paid = await street.pay(token, body | {"is_sure": True})

    assert few is False
    assert told == [False, True]
    assert code_of(refused) == (409, "amount_unusual")
    assert paid.status_code == 201


async def test_the_merchant_alone_gives_back_when_it_was_paid_at_a_counter(database: Database, tmp_path: Path) -> None:
    async with on_the_street(database, tmp_path) as street:
        token = await street.make()
        paid = (await street.pay(token, await street.wish(token, 1240))).json()
        ticket_id, payment_id = paid["ticket"]["ticket_id"], paid["payment_id"]
        sale = await street.front.ask("GET", f"/v1/merchants/demo/sales/{payment_id}", token=street.owner)
        [line] = sale.json()["lines"]
        lines = [{"line_id": line["line_id"], "quantity": 1}]
        own = {"refund_id": an_id(), "ticket_id": ticket_id, "lines": lines, "reason": "changed_mind"}
        mine = await street.front.ask("POST", "/v1/customers/me/refunds", own, token=street.phone)
        theirs = {"refund_id": an_id(), "payment_id": payment_id, "lines": lines, "reason": "the bread was hard"}
        back = await street.front.ask("POST", "/v1/merchants/demo/refunds", theirs, token=street.cashier)
        account = (await street.front.ask("GET", "/v1/customers/me", token=street.phone)).json()
        [sold] = await street.sales()

    assert (line["name"], line["amount_minor"], line["left"]) == ("Bakery", 1240, 1)
    assert code_of(mine) == (403, "refund_by_merchant")
    assert back.status_code == 201, back.text
    assert (account["balance_minor"], account["cashback"]["balance_minor"]) == (5_000, 0)
    assert (sold["refunded_minor"], sold["cashback_minor"]) == (1240, 0)


async def test_the_cap_of_the_year_is_told_before_paying_when_it_is_near(database: Database, tmp_path: Path) -> None:
    async with on_the_street(database, tmp_path) as street:
        database.write(lambda work: work.cashback.put(ProgrammeRow("demo", 500, 100, (STATE, SHOP))))
        await street.front.house.reread_shop()
        token = await street.make()
        before = (await street.quote(token, 1240)).json()["cashback"]
        await street.pay(token, await street.wish(token, 1800))
        after = (await street.quote(token, 1240)).json()["cashback"]

    assert (before["is_near_cap"], before["left_this_year_minor"]) == (False, 38)
    assert (after["earn_minor"], after["is_near_cap"], after["left_this_year_minor"]) == (10, True, 0)


async def test_codes_are_the_owners_and_bounded_when_a_merchant_makes_some(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.flows.counter.MOST_CODES", 2)
    async with on_the_street(database, tmp_path) as street:
        code_id = an_id()
        same = {await street.make("Bakery", code_id) for _ in range(2)}
        await street.make("Terrace")
        body = {"code_id": an_id(), "name": "One more"}
        refused = [
            await street.front.ask("POST", "/v1/merchants/demo/codes", body, token=street.owner),
            await street.front.ask("POST", "/v1/merchants/demo/codes", body, token=street.cashier),
            await street.front.ask("POST", "/v1/merchants/demo/codes", body | {"name": " \u200b "}, token=street.owner),
            await street.front.ask("POST", "/v1/merchants/demo/codes", body | {"code_id": code_id}, token=street.owner),
            await street.front.ask("POST", f"/v1/merchants/demo/codes/{an_id()}:withdraw", token=street.owner),
            await street.front.ask("POST", "/v1/merchants/elsewhere/codes", body, token=street.owner),
        ]
        for _ in range(2):
            gone = await street.front.ask("POST", f"/v1/merchants/demo/codes/{code_id}:withdraw", token=street.owner)
            assert gone.status_code == 204
        late = await street.front.ask(
            "POST", f"/v1/merchants/demo/codes/{code_id}:ask", {"amount_minor": 1}, token=street.owner
        )
        listed = (await street.front.ask("GET", "/v1/merchants/demo/codes", token=street.cashier)).json()

    assert len(same) == 1
    assert [answer.json()["code"] for answer in refused] == [
        "too_many_codes",
        "forbidden_role",
        "counter_name_missing",
        "counter_code_exists",
        "counter_code_not_found",
        "store_not_found",
    ]
    assert code_of(late) == (410, "counter_code_withdrawn")
    assert [each["name"] for each in listed["items"]] == ["Terrace"]


def a_photograph(form: str, size: tuple[int, int], **more: Any) -> str:
    drawn = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(drawn, form, **more)
    return b64encode(drawn.getvalue()).decode()


async def test_a_picture_is_drawn_anew_when_a_merchant_shows_one(database: Database, tmp_path: Path) -> None:
    words = Image.Exif()
    words[0x010E] = "where it was taken"
    words[0x0112] = 6  # lies on its side
    async with on_the_street(database, tmp_path) as street:
        token = await street.make()

        async def put(picture: str) -> Response:
            body = {"picture": picture}
            return await street.front.ask("PUT", "/v1/merchants/demo/picture", body, token=street.owner)

        none = await street.front.ask("GET", f"/v1/counters/{token}/picture", token=None)
        kept = await put(a_photograph("JPEG", (800, 600), exif=words))
        png = await put(a_photograph("PNG", (300, 900)))
        shown = (await street.front.ask("GET", f"/v1/counters/{token}", token=None)).json()
        got = await street.front.ask("GET", shown["picture_url"], token=None)
        foreign = await street.front.ask("GET", "/v1/counters/nonsense/picture", token=None)
        unfit = [
            await put(picture)
            for picture in (
                b64encode(b"no picture").decode(),
                "no base64!",
                a_photograph("PNG", (199, 900)),
                a_photograph("PNG", (6_000, 4_001)),
                a_photograph("GIF", (300, 300)),
                a_photograph("JPEG", (800, 600))[:400],
            )
        ]
        dropped = await street.front.ask("DELETE", "/v1/merchants/demo/picture", token=street.owner)
        plain = (await street.front.ask("GET", f"/v1/counters/{token}", token=None)).json()

    assert code_of(none) == (404, "picture_not_found")
    assert code_of(foreign) == (404, "counter_code_wrong")
    assert kept.json()["picture_sha256"] != png.json()["picture_sha256"]
    assert got.headers["content-type"] == "image/jpeg"
    with Image.open(io.BytesIO(got.content)) as picture:
        assert (picture.format, picture.size, dict(picture.getexif())) == ("JPEG", (960, 600), {})
    assert {code_of(answer) for answer in unfit} == {(422, "picture_unfit")}
    assert dropped.status_code == 204
    assert plain["picture_url"] is None


def test_one_picture_is_drawn_at_a_time_when_large_ones_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    upright, both = ImageOps.exif_transpose, Barrier(2)
    met: list[int] = []

    def turned(opened: Image.Image) -> Image.Image:
        with suppress(BrokenBarrierError):
            met.append(both.wait(timeout=0.2))  # passed by two that are here together, and broken by one alone
        return upright(opened, in_place=False)

    monkeypatch.setattr(ImageOps, "exif_transpose", turned)
    sent = b64decode(a_photograph("PNG", (300, 300)))

    with ThreadPoolExecutor(2) as owners:
        drawn = list(owners.map(shop_picture.drawn_anew, [sent, sent]))

    assert drawn[0] == drawn[1]
    assert met == []


def test_four_pictures_tell_payments_apart_when_they_are_of_one_amount(database: Database, shop: Shop) -> None:
    counter = database.write(lambda work: a_counter(work, shop))
    payer = database.write(lambda work: a_customer(work, some_people(), balance_minor=5_000))
    wishes = [an_asked(shop, counter, payer, database, 1240) for _ in range(3)]

    assert len({emoji_of(each.digest) for each in wishes}) == 3

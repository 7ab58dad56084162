"""The store over HTTP: who may, what comes back, and what every refusal looks like."""

import asyncio
import fcntl
import os
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout import Catalog, read_exit_pass
from server.api.problem_rows import PROBLEMS
from server.api.routes.house import event_id_of
from server.app import DRIFT_PAUSES, look_for_drift
from server.db.database import Database
from server.db.schema import upgrade
from server.flows.hearing import Hearing
from server.flows.pay import Approved, hold_payment
from server.flows.ports import Work
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import (
    GATE_TOKEN,
    KIOSK,
    KIOSK_TOKEN,
    NUTELLA,
    PASTA,
    WINE,
    a_coupon,
    a_shopper,
    an_approval,
    an_id,
    stock_small_shop,
)
from tests.server.stocked import a_small_store

Story = Callable[[Shopfront], Awaitable[None]]


@pytest.fixture
def tell(database: Database, database_url: str, tmp_path: Path) -> Callable[[Story], None]:
    """Return what runs a story against an application on either engine."""
    del database  # it has stocked the shop

    def run(story: Story) -> None:
        async def whole() -> None:
            async with open_shopfront(database_url, tmp_path) as front:
                await story(front)

        asyncio.run(whole())

    return run


Tell = Callable[[Story], None]


async def approve(front: Shopfront, basket_id: str, *, balance_minor: int = 5000) -> tuple[str, dict[str, object]]:
    """Let a new shopper approve the basket, and return who and what the kiosk then sends."""
    house = front.house
    at = house.now()

    def flow(work: Work) -> tuple[str, dict[str, object]]:
        customer_id = a_shopper(work, balance_minor=balance_minor)
        approved = an_approval(work, house.shop, customer_id, basket_id, at=at)
        return customer_id, {name: getattr(approved, name) for name in approved.__slots__}

    return await house.database.write_async(flow)


def problem(response: httpx.Response, code: str) -> dict[str, object]:
    """Return a problem document after checking that it is whole."""
    body: dict[str, object] = response.json()
    assert response.headers["content-type"] == "application/problem+json", response.text
    assert body["code"] == code, response.text
    assert {"type", "title", "status", "detail", "hint", "errors", "trace_id"} <= body.keys()
    assert body["status"] == response.status_code
    assert body["trace_id"] == response.headers["x-trace-id"]
    return body


def test_shopper_leaves_with_the_goods_when_all_goes_well(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA, PASTA, PASTA, PASTA)
        quoted = await front.ask("POST", f"/v1/baskets/{basket_id}:quote")
        assert (quoted.json()["state"], quoted.json()["total_minor"]) == ("quoted", 657)
        _, body = await approve(front, basket_id)

        paid = await front.ask("POST", "/v1/payments", body)

        assert paid.status_code == 201, paid.text
        assert (paid.json()["status"], paid.json()["balance_after_minor"]) == ("captured", 4343)
        ticket = await front.ask("GET", f"/v1/tickets/{paid.json()['ticket']['ticket_id']}", token=None)
        assert (ticket.json()["number"], ticket.json()["total_minor"]) == (1, 657)
        later = await front.ask("GET", f"/v1/baskets/{basket_id}/payment")
        assert later.json() == paid.json()
        code = {"code": paid.json()["exit_code"]["code"]}
        opened = await front.ask("POST", "/v1/exit-tokens:use", code, token=GATE_TOKEN)
        assert (opened.status_code, opened.json()["ticket_number"]) == (200, 1)
        problem(await front.ask("POST", "/v1/exit-tokens:use", code, token=GATE_TOKEN), "exit_token_used")
        offered = (await front.ask("GET", "/v1/exit-keys", token=None)).json()
        signed = read_exit_pass(code["code"].removeprefix("SESAME:X:"))
        assert signed is not None
        assert (signed.exit_pass.store_id, signed.exit_pass.ticket_number) == ("demo", 1)
        key = Ed25519PublicKey.from_public_bytes(b64decode(offered["keys"][0]))
        key.verify(signed.signature, signed.exit_pass.words())
        uses = {"uses": [code | {"opened_at": "2026-11-20T11:00:00+01:00"}]}
        again = await front.ask("POST", "/v1/exit-tokens:report", uses, token=GATE_TOKEN)
        assert again.json() == {"outcomes": ["noted"]}
        problem(await front.ask("POST", "/v1/exit-tokens:report", uses), "forbidden_role")
        closed = await front.ask("POST", f"/v1/baskets/{basket_id}/lines", {"line_id": an_id(), "code": NUTELLA})
        assert problem(closed, "basket_closed")["status"] == 409

    tell(story)


def test_payment_is_answered_alike_when_it_is_sent_again(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA)
        customer_id, body = await approve(front, basket_id)
        key = an_id()
        first = await front.ask("POST", "/v1/payments", body, key=key)

        again = await front.ask("POST", "/v1/payments", body, key=key)
        other_key = await front.ask("POST", "/v1/payments", body)

        assert (again.status_code, again.json()) == (201, first.json())
        assert again.headers["idempotent-replay"] == "true"
        assert other_key.json() == first.json()
        left = await front.house.database.read_async(lambda work: work.ledger.balance_of(f"main:{customer_id}"))
        assert left == 5000 - 399

    tell(story)


def test_payment_is_made_once_when_it_is_sent_ten_times_at_once(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA)
        customer_id, body = await approve(front, basket_id)
        key = an_id()

        answers = await asyncio.gather(*(front.ask("POST", "/v1/payments", body, key=key) for _ in range(10)))

        codes = {answer.status_code for answer in answers}
        assert codes <= {201, 409}
        assert {answer.json()["ticket"]["ticket_id"] for answer in answers if answer.status_code == 201}.__len__() == 1
        assert all(answer.json()["code"] == "idempotency_in_flight" for answer in answers if answer.status_code == 409)
        left = await front.house.database.read_async(lambda work: work.ledger.balance_of(f"main:{customer_id}"))
        assert left == 5000 - 399

    tell(story)


def test_payment_is_finished_when_it_is_sent_again_after_a_crash_between_the_steps(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA)
        customer_id, body = await approve(front, basket_id)
        house = front.house
        approved = Approved(**body)  # type: ignore[arg-type] # the fields of the same value
        at = house.now()
        await house.database.write_async(
            lambda work: hold_payment(work, house.shop, approved, KIOSK, at=at, hold_seconds=180)
        )
        waiting = await front.ask("GET", f"/v1/payments/{approved.payment_id}")
        assert (waiting.json()["status"], waiting.json()["ticket"]) == ("held", None)

        paid = await front.ask("POST", "/v1/payments", body)

        assert (paid.status_code, paid.json()["status"]) == (201, "captured")
        left = await house.database.read_async(lambda work: work.ledger.balance_of(f"main:{customer_id}"))
        assert left == 5000 - 399

    tell(story)


def test_key_is_refused_when_it_comes_with_another_body(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        key = an_id()
        await front.ask("POST", "/v1/baskets", {"basket_id": an_id()}, key=key)

        other = await front.ask("POST", "/v1/baskets", {"basket_id": an_id()}, key=key)

        assert problem(other, "idempotency_conflict")["status"] == 422

    tell(story)


def test_line_is_added_once_when_the_request_is_repeated(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket()
        line = {"line_id": an_id(), "code": NUTELLA}
        first = await front.ask("POST", f"/v1/baskets/{basket_id}/lines", line, key=line["line_id"])

        again = await front.ask("POST", f"/v1/baskets/{basket_id}/lines", line, key=line["line_id"])

        assert again.json() == first.json()
        assert again.headers["idempotent-replay"] == "true"
        assert again.headers["x-line-id"] == line["line_id"]
        assert again.headers["etag"] == first.headers["etag"]
        now = await front.ask("GET", f"/v1/baskets/{basket_id}")
        assert [each["quantity"] for each in now.json()["lines"]] == [1]

    tell(story)


def test_money_is_short_by_a_stated_amount_when_the_wallet_runs_dry(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA)
        _, body = await approve(front, basket_id, balance_minor=100)

        refused = await front.ask("POST", "/v1/payments", body)

        assert problem(refused, "insufficient_funds")["shortfall_minor"] == 299
        assert refused.status_code == 402
        problem(await front.ask("GET", f"/v1/baskets/{basket_id}/payment"), "payment_not_found")

    tell(story)


def test_coupon_lowers_the_total_when_it_is_laid_on_the_basket(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        at = front.house.now()
        code = await front.house.database.write_async(lambda work: a_coupon(work, at=at))
        basket_id = await front.basket(NUTELLA)

        laid = await front.ask("POST", f"/v1/baskets/{basket_id}/coupons", {"code": f"SESAME:C:{code}"})

        assert laid.status_code == 200, laid.text
        assert (laid.json()["total_minor"], laid.json()["coupons"][0]["state"]) == (199, "applied")
        dropped = await front.ask("DELETE", f"/v1/baskets/{basket_id}/coupons/{code}")
        assert (dropped.json()["total_minor"], dropped.json()["coupons"]) == (399, [])
        unknown = await front.ask("POST", f"/v1/baskets/{basket_id}/coupons", {"code": "AAAA-BBBB-CCCC"})
        problem(unknown, "coupon_not_found")

    tell(story)


def test_problem_says_what_and_how_to_mend_it_when_a_request_is_wrong(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA, WINE)
        lines = f"/v1/baskets/{basket_id}/lines"
        auth = {"Authorization": f"Bearer {KIOSK_TOKEN}", "Idempotency-Key": "k", "Content-Type": "application/json"}
        send = front.client.request

        broken = await send("POST", lines, content=b'{"line_id": "', headers=auth)
        assert problem(broken, "malformed_json")["status"] == 400
        big = await send("POST", lines, content=b" " * 1_048_577, headers=auth)
        assert problem(big, "body_too_large")["status"] == 413

        async def parts() -> AsyncIterator[bytes]:
            for _ in range(17):
                yield b" " * 65_536

        chunked = await send("POST", lines, content=parts(), headers=auth)
        assert problem(chunked, "body_too_large")["status"] == 413
        nameless = await send("POST", lines, json={}, headers={"Authorization": f"Bearer {KIOSK_TOKEN}"})
        problem(nameless, "idempotency_key_missing")
        fields = problem(await front.ask("POST", lines, {"line_id": an_id(), "quantity": "1"}), "malformed_request")
        named = {each["field"] for each in fields["errors"]}  # type: ignore[attr-defined] # JSON
        assert named == {"code", "quantity"}
        problem(
            await front.ask("POST", lines, {"line_id": an_id(), "code": b"a\\u0000b".decode("unicode_escape")}),
            "malformed_request",
        )
        loose = (await front.ask("GET", "/v1/products?loose=true")).json()["items"]
        assert [(one["sku"], one["is_weighed"]) for one in loose] == [("apples", True)]
        problem(await front.ask("GET", "/v1/kiosks/me", token="nobody's"), "kiosk_unknown")
        problem(await front.ask("GET", "/v1/kiosks/me", token=None), "unauthorized")
        problem(await front.ask("GET", "/v1/kiosks/me", token=GATE_TOKEN), "forbidden_role")
        problem(await front.ask("GET", "/v1/nothing"), "not_found")
        problem(await front.ask("PUT", "/v1/baskets"), "method_not_allowed")
        problem(await front.ask("GET", f"/v1/baskets/{an_id()}"), "basket_not_found")
        problem(await front.ask("GET", f"/v1/baskets/{basket_id}", token=KIOSK_TOKEN + "2"), "basket_not_found")
        unknown = problem(await front.ask("GET", "/v1/codes/96385074"), "product_not_found")
        assert unknown["scanned_code"] == "96385074"
        wrong = await front.ask("GET", "/v1/codes/3017620422004")
        assert problem(wrong, "malformed_code")["status"] == 422
        basket = (await front.ask("GET", f"/v1/baskets/{basket_id}")).json()
        line = f"{lines}/{basket['lines'][0]['line_id']}"
        stale = await front.ask("PATCH", line, {"quantity": 2}, headers={"If-Match": '"1"'})
        assert problem(stale, "basket_changed")["status"] == 412
        fresh = await front.ask("PATCH", line, {"quantity": 2}, headers={"If-Match": f'"{basket["version"]}"'})
        assert fresh.status_code == 200
        _, body = await approve(front, basket_id)
        assert problem(await front.ask("POST", "/v1/payments", body), "age_check_required")["min_age"] == 18

    tell(story)


def test_nothing_happens_when_an_upload_is_cut_off(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = an_id()
        sent: list[object] = []
        messages: Iterator[dict[str, object]] = iter(
            [
                {"type": "http.request", "body": b'{"basket_id": "' + basket_id.encode(), "more_body": True},
                {"type": "http.disconnect"},
            ]
        )

        async def receive() -> dict[str, object]:
            return next(messages)

        async def send(message: object) -> None:
            sent.append(message)

        headers = [(b"authorization", f"Bearer {KIOSK_TOKEN}".encode()), (b"idempotency-key", b"k")]
        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/baskets",
            "raw_path": b"/v1/baskets",
            "query_string": b"",
            "headers": headers,
            "http_version": "1.1",
            "scheme": "http",
            "server": ("store", 80),
            "client": ("kiosk", 1),
            "root_path": "",
        }

        await front.app(scope, receive, send)

        assert sent == []
        problem(await front.ask("GET", f"/v1/baskets/{basket_id}"), "basket_not_found")

    tell(story)


def test_pages_carry_a_strict_policy_and_parts_are_kept_when_served(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        page = await front.ask("GET", "/", token=None)
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["x-content-type-options"] == "nosniff"
        assert (await front.ask("GET", "/assets/%2e%2e/index.html", token=None)).status_code == 404
        qr = await front.ask("GET", "/qr.svg?text=SESAME:W:12345678", token=None)
        assert qr.headers["content-type"] == "image/svg+xml"
        assert (await front.ask("GET", "/qr.svg?text=" + "x" * 513, token=None)).status_code == 422
        health = (await front.ask("GET", "/health", token=None)).json()
        assert (health["status"], health["products"], health["ledger_drift_minor"]) == ("ok", 7, 0)
        assert (await front.ask("GET", "/ready", token=None)).status_code == 200
        listed = (await front.ask("GET", "/v1/errors", token=None)).json()["items"]
        assert {row["code"] for row in listed} == set(PROBLEMS)
        traced = await front.ask("GET", "/health", token=None, headers={"X-Trace-Id": "from-the-kiosk-1"})
        assert traced.headers["x-trace-id"] == "from-the-kiosk-1"
        for parent, is_taken in (
            ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
            ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", True),
            ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False),
            ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
            ("nonsense", False),
        ):
            traced = await front.ask("GET", "/health", token=None, headers={"traceparent": parent})
            assert (traced.headers["x-trace-id"] == "0af7651916cd43dd8448eb211c80319c") is is_taken

    tell(story)


def test_listener_reads_on_from_the_event_it_knows_when_it_comes_back(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        basket_id = await front.basket(NUTELLA)
        heard: asyncio.Queue[bytes | None] = asyncio.Queue()
        listener = front.house.hub.listen(Hearing("demo"), 0, heard.put)
        await listener.begin()

        frames = [await heard.get() for _ in range(2)]
        await front.ask("POST", f"/v1/baskets/{basket_id}/lines", {"line_id": an_id(), "code": PASTA})
        frames.append(await asyncio.wait_for(heard.get(), 5))

        told = [frame or b"" for frame in frames]
        assert told[0].startswith(b"retry:")
        assert b"event: basket.changed" in told[1]
        assert b'"version":2' in told[1]
        assert b'"version":3' in told[2]
        listener.end()

    tell(story)


def test_store_says_so_when_it_was_never_stocked(tmp_path: Path) -> None:
    async def story() -> None:
        url = f"sqlite:///{tmp_path / 'store.db'}"
        opened = Database(url)
        upgrade(url)
        opened.write(stock_small_shop)
        opened.write(lambda work: work.shelf.put_products([], []))
        opened.close()
        async with open_shopfront(url, tmp_path) as front:
            problem(await front.ask("GET", "/ready", token=None), "not_ready")

    asyncio.run(story())


def test_postings_are_added_up_again_when_that_has_paused_for_long_enough(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        house = replace(front.house, drift_minor=5)
        far = time.monotonic() + 1000

        assert (await look_for_drift(house, far), house.drift_minor) == (far, 5)
        began = time.monotonic()
        due = await look_for_drift(house, began)
        took = time.monotonic() - began

        assert house.drift_minor == 0
        assert began + took < due <= began + (DRIFT_PAUSES + 1) * took

    tell(story)


def test_every_reason_is_told_when_nobody_could_buy(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        assert (await front.ask("GET", "/ready", token=None)).json()["checked"][0] == "database"
        house = front.house
        empty = replace(house.shop, catalog=Catalog((), ()))
        # A copy: the sweeper goes on writing what it finds into the other one.
        long_ago = house.now() - timedelta(minutes=5)
        front.app.state.house = replace(house, shop=empty, drift_minor=5, swept_at=long_ago)
        answer = await front.ask("GET", "/ready", token=None)

        problem(answer, "not_ready")
        assert answer.status_code == 503
        body = answer.json()
        assert [each["check"] for each in body["reasons"]] == ["catalogue", "ledger", "sweeper"]
        assert all(each["detail"] in body["detail"] for each in body["reasons"])

    tell(story)


def test_the_process_that_keeps_all_others_from_writing_is_named_when_it_hangs(tmp_path: Path) -> None:
    async def story() -> tuple[httpx.Response, httpx.Response]:
        url = a_small_store(tmp_path / "store.db")
        async with open_shopfront(url, tmp_path) as front:
            turn = os.open(tmp_path / "store.db-turn", os.O_RDWR)
            await asyncio.to_thread(fcntl.flock, turn, fcntl.LOCK_EX)
            os.pwrite(turn, f"4711 {time.monotonic() - 60:.3f}".ljust(40).encode(), 0)
            try:
                hung = await front.ask("GET", "/ready", token=None)
            finally:
                os.close(turn)
            return hung, await front.ask("GET", "/ready", token=None)

    hung, free = asyncio.run(story())

    problem(hung, "not_ready")
    assert [each["check"] for each in hung.json()["reasons"]] == ["writer"]
    assert "Process 4711 has been writing for 60 s" in hung.json()["detail"]
    assert "kill 4711" in hung.json()["detail"]
    assert free.status_code == 200


def test_the_verbs_of_the_closest_address_are_told_when_another_is_asked_with(tell: Tell) -> None:
    async def story(front: Shopfront) -> None:
        for path, verbs in {
            f"/v1/credit-batches/{an_id()}:recall": "POST",
            f"/v1/credit-batches/{an_id()}": "GET",
            f"/v1/baskets/{an_id()}/lines/{an_id()}": "DELETE, PATCH",
        }.items():
            answer = await front.ask("PUT", path)
            problem(answer, "method_not_allowed")
            assert (answer.status_code, answer.headers["allow"]) == (405, verbs)

    tell(story)


@pytest.mark.parametrize(
    ("told", "heard"),
    [("", None), ("7", 7), ("\u0667", None), ("-7", None), ("9" * 19, 2**63 - 1), ("9" * 5000, 2**63 - 1)],
)
def test_a_stream_goes_on_after_the_event_that_was_heard_last_when_it_is_a_number(told: str, heard: int | None) -> None:
    assert event_id_of(told) == heard

"""Top-ups: notices twice, late, in any order, forged or of another amount, against a small Stripe on the loopback."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from checkout import EUR, Money, Posting, Transfer, TransferKind, main_account, sales_account
from server.db.database import Database
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.help import TopUp
from server.flows.ports.proofs import Session
from server.flows.tokens import token_hash
from server.flows.top_up import Fact, FactKind, SandboxProvider, start_top_up, take_fact
from server.providers.stripe_checkout import TOLERANCE_SECONDS, StripeProvider
from server.settings import Settings
from tests.kiosk.serving import serving
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import NOON, a_shopper, an_id
from tests.server.people.builders import at_once
from tests.server.stocked import a_small_store
from tests.server.stripe_fake import (
    API_KEY,
    SECRET,
    FakeStripe,
    completed,
    disputed,
    expired,
    refunded,
    signed,
)

TOKEN = "token of the shopper"


@pytest.fixture
def fake() -> Iterator[tuple[FakeStripe, StripeProvider]]:
    """Yield a small Stripe and the adapter that speaks to it."""
    stripe = FakeStripe()
    with serving(stripe.app()) as address:
        yield stripe, StripeProvider(API_KEY, SECRET, api_base=f"http://{address}")


def a_started(work: Work, *, minor: int = 2000, provider: str = "stripe") -> TopUp:
    return start_top_up(
        work,
        topup_id=an_id(),
        customer_id=a_shopper(work),
        amount_minor=minor,
        currency_code="EUR",
        provider=provider,
        at=NOON,
    )


def take(database: Database, event: dict[str, Any]) -> TopUp:
    """Read a signed event as the adapter does, and take what it says."""
    body, headers = signed(event)
    fact = (
        StripeProvider(API_KEY, SECRET).read_notice(body, {name.lower(): value for name, value in headers.items()}).fact
    )
    assert fact is not None
    return database.write(lambda work: take_fact(work, fact, provider="stripe", store_id="demo", at=NOON))


def wallet(database: Database, topup: TopUp) -> int:
    return database.read(lambda work: work.ledger.balance_of(main_account(topup.customer_id)))


def spend(database: Database, topup: TopUp, minor: int) -> None:
    posting = Posting(main_account(topup.customer_id), sales_account("demo"), Money(minor, EUR))
    database.write(lambda work: work.ledger.post([Transfer(an_id(), TransferKind.SALE, "x", (posting,))], at=NOON))


def test_a_page_is_opened_once_when_it_is_asked_for_again(fake: tuple[FakeStripe, StripeProvider]) -> None:
    stripe, provider = fake
    topup_id = an_id()

    first, again = (provider.begin(topup_id, 2000, "EUR", back_url="http://store/me") for _ in range(2))

    assert first == again
    assert (first.pay_url, first.paid) == ("https://checkout.invalid/1", None)
    form, _ = stripe.pages[topup_id]
    assert form["line_items[0][price_data][unit_amount]"] == "2000"
    assert form["line_items[0][price_data][currency]"] == "eur"
    assert form["payment_intent_data[metadata][topup_id]"] == topup_id
    with pytest.raises(FlowError) as told:  # the same id with another amount: Stripe minds the key
        provider.begin(topup_id, 3000, "EUR", back_url="http://store/me")
    assert told.value.code == "provider_refused"


def test_a_refusal_says_that_nothing_was_taken_when_stripe_refuses_or_is_away(
    fake: tuple[FakeStripe, StripeProvider],
) -> None:
    stripe, provider = fake
    stripe.broken = True
    away = StripeProvider(API_KEY, SECRET, api_base="http://127.0.0.1:9")

    for asked, code in ((provider, "provider_refused"), (away, "provider_unreachable")):
        with pytest.raises(FlowError) as told:
            asked.begin(an_id(), 2000, "EUR", back_url="http://store/me")
        assert told.value.code == code


PAID = completed("x", 2000)
GOOD, SIGNATURE = signed(PAID)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (GOOD, {}),
        (GOOD.replace(b"2000", b"9000"), SIGNATURE),
        signed(PAID, secret="whsec_of_somebody_else"),
        signed(PAID, at=time.time() - TOLERANCE_SECONDS - 5),
        (b"\xff\xfe", SIGNATURE),
    ],
    ids=["no signature", "another amount", "another's secret", "an old one", "no text"],
)
def test_a_notice_is_refused_when_it_is_not_freshly_signed(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(FlowError) as told:
        StripeProvider(API_KEY, SECRET).read_notice(body, {name.lower(): value for name, value in headers.items()})

    assert told.value.code == "notice_forged"


@pytest.mark.parametrize("event", [[], {"id": "evt_1"}, {"id": "e", "type": "charge.refunded", "data": {"object": {}}}])
def test_a_notice_is_refused_when_it_is_signed_and_makes_no_sense(event: Any) -> None:
    body, headers = signed(event)

    with pytest.raises(FlowError) as told:
        StripeProvider(API_KEY, SECRET).read_notice(body, {name.lower(): value for name, value in headers.items()})

    assert told.value.code == "notice_malformed"


@pytest.mark.parametrize(
    "event",
    [
        {"id": "evt_1", "type": "customer.created", "data": {"object": {}}},
        completed("x", 2000, status="unpaid"),
    ],
    ids=["about something else", "not paid yet"],
)
def test_a_notice_says_nothing_when_it_is_about_no_money(event: dict[str, Any]) -> None:
    body, headers = signed(event)

    notice = StripeProvider(API_KEY, SECRET).read_notice(body, {name.lower(): value for name, value in headers.items()})

    assert notice.fact is None


def test_the_wallet_is_credited_once_when_one_notice_comes_sixteen_times_at_once(database: Database) -> None:
    topup = database.write(a_started)
    event = completed(topup.topup_id, 2000)

    at_once([partial(take, database, event)] * 16)

    assert wallet(database, topup) == 2000
    assert database.read(lambda work: work.ledger.verify()).holds


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_wallet_ends_the_same_when_notices_come_in_any_order(tmp_path: Path, order: tuple[int, ...]) -> None:
    url = a_small_store(tmp_path / "store.db")
    database = Database(url)
    topup = database.write(a_started)
    events = [
        completed(topup.topup_id, 2000),
        refunded(topup.topup_id, 300),
        refunded(topup.topup_id, 500),
        expired(topup.topup_id),
    ]

    for n in order:
        now = take(database, events[n])
        assert 0 <= wallet(database, topup) <= 2000

    assert (wallet(database, topup), now.posted_minor, now.missing_minor) == (1500, 1500, 0)
    assert now.status == "credited"
    assert database.read(lambda work: work.ledger.verify()).holds
    database.close()


def test_money_goes_and_comes_when_a_bank_disputes_and_yields(database: Database) -> None:
    topup = database.write(a_started)
    take(database, completed(topup.topup_id, 2000))

    taken = take(database, disputed(topup.topup_id, 2000))
    between = wallet(database, topup)
    back = take(database, disputed(topup.topup_id, 2000, back=True))
    again = take(database, disputed(topup.topup_id, 2000))  # the first notice once more, late

    assert (taken.status, between) == ("taken_back", 0)
    assert back.status == again.status == "credited"
    assert wallet(database, topup) == 2000


def test_what_is_spent_is_missing_when_it_is_taken_back_and_is_taken_when_there_is_money(database: Database) -> None:
    topup = database.write(a_started)
    take(database, completed(topup.topup_id, 2000))
    spend(database, topup, 1500)

    first = take(database, refunded(topup.topup_id, 1000))
    other = database.write(
        lambda work: start_top_up(
            work,
            topup_id=an_id(),
            customer_id=topup.customer_id,
            amount_minor=3000,
            currency_code="EUR",
            provider="stripe",
            at=NOON,
        )
    )
    take(database, completed(other.topup_id, 3000))
    later = take(database, refunded(topup.topup_id, 1000))

    assert (first.posted_minor, first.missing_minor, first.status) == (1500, 500, "credited")
    assert (later.posted_minor, later.missing_minor) == (1000, 0)
    assert wallet(database, topup) == 2000 - 1500 - 1000 + 3000
    assert database.read(lambda work: work.ledger.verify()).holds


@pytest.mark.parametrize(("minor", "code"), [(1999, "eur"), (2001, "eur"), (2000, "usd")])
def test_nothing_is_credited_and_a_person_is_told_when_another_amount_was_paid(
    database: Database, minor: int, code: str
) -> None:
    topup = database.write(a_started)

    now = take(database, completed(topup.topup_id, minor, currency=code))

    assert (now.status, wallet(database, topup)) == ("mismatch", 0)


def test_a_notice_is_sent_again_when_it_is_about_a_top_up_that_nobody_knows(database: Database) -> None:
    sandbox = database.write(lambda work: a_started(work, provider="sandbox"))

    for event in (completed(an_id(), 2000), disputed(an_id(), 2000), completed(sandbox.topup_id, 2000)):
        with pytest.raises(FlowError) as told:
            take(database, event)
        assert told.value.code == "topup_not_found"


def test_the_sandbox_takes_no_notice_when_one_comes_from_outside() -> None:
    with pytest.raises(FlowError) as told:
        SandboxProvider().read_notice(b"{}", {})

    assert told.value.code == "notice_forged"


def test_the_server_does_not_start_when_stripe_could_credit_nothing() -> None:
    with pytest.raises(ValidationError, match="come together"):
        Settings(stripe_api_key=SecretStr(API_KEY))


def talk(tmp_path: Path, provider: Any, story: Callable[[Shopfront], Awaitable[None]]) -> None:
    """Run a story against an application with a shopper who is logged in."""
    url = a_small_store(tmp_path / "store.db")
    database = Database(url)
    customer_id = database.write(a_shopper)
    session = Session("shopper", customer_id, (), datetime.now(UTC) + timedelta(hours=1), an_id(), NOON)
    database.write(lambda work: work.sessions.open(token_hash(TOKEN), session))
    database.close()

    async def run() -> None:
        async with open_shopfront(url, tmp_path) as front:
            front.house.provider = provider
            await story(front)

    asyncio.run(run())


def test_a_shopper_pays_on_stripes_page_and_sees_the_money_when_the_notice_has_come(
    tmp_path: Path, fake: tuple[FakeStripe, StripeProvider]
) -> None:
    _, provider = fake
    topup_id = an_id()

    async def story(front: Shopfront) -> None:
        asked = {"topup_id": topup_id, "amount_minor": 2000}
        begun = await front.ask("POST", "/v1/topups", asked, token=TOKEN, key=topup_id)
        assert begun.status_code == 201, begun.text
        assert begun.json() | {"pay_url": ""} == {
            "topup_id": topup_id,
            "status": "started",
            "amount_minor": 2000,
            "balance_minor": 0,
            "sandbox": False,
            "pay_url": "",
        }
        assert begun.json()["pay_url"].startswith("https://checkout.invalid/")
        forged, headers = signed(completed(topup_id, 2000), secret="whsec_guessed")
        refused = await notice(front, forged, headers)
        assert (refused.status_code, refused.json()["code"]) == (400, "notice_forged")
        body, headers = signed(completed(topup_id, 2000))
        for _ in range(2):
            assert (await notice(front, body, headers)).status_code == 204
        now = await front.ask("GET", f"/v1/topups/{topup_id}", token=TOKEN)
        assert (now.json()["status"], now.json()["balance_minor"]) == ("credited", 2000)
        foreign = await front.ask("GET", f"/v1/topups/{an_id()}", token=TOKEN)
        assert foreign.status_code == 404

    talk(tmp_path, provider, story)


async def notice(front: Shopfront, body: bytes, headers: dict[str, str]) -> httpx.Response:
    return await front.client.post("/v1/topups:notice", content=body, headers=headers)


def test_the_wallet_has_its_money_at_once_when_the_sandbox_is_asked(tmp_path: Path) -> None:
    async def story(front: Shopfront) -> None:
        topup_id = an_id()
        done = await front.ask("POST", "/v1/topups", {"topup_id": topup_id, "amount_minor": 2000}, token=TOKEN)
        assert (done.json()["status"], done.json()["balance_minor"], done.json()["sandbox"]) == ("credited", 2000, True)

    talk(tmp_path, SandboxProvider(), story)


def test_facts_are_kept_with_the_larger_sum_when_a_smaller_one_comes_late(database: Database) -> None:
    topup = database.write(a_started)
    sums = [Fact(FactKind.REFUNDED, "ch", minor, "EUR", "pi", topup.topup_id) for minor in (500, 300)]

    for fact in sums:
        database.write(partial(take_fact, fact=fact, provider="stripe", store_id="demo", at=NOON))

    assert database.read(lambda work: work.topups.facts(topup.topup_id)) == [("refunded", 500, "EUR")]

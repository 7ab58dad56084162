"""Credit for many people by a sponsor: faults named and nothing half kept, money to the cent, sums over many only."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import PSP_SANDBOX, sponsor_account, voucher_account
from checkout.errors import IllegalTransitionError, InsufficientFundsError
from server.db.database import Database
from server.flows.capture import capture
from server.flows.credit_batch import (
    BATCH_TABLE,
    MIN_GROUP,
    BatchState,
    Wish,
    draft_batch,
    fund_batch,
    recall_batch,
    report,
    send_batch,
)
from server.flows.credit_file import MAX_MINOR, SAID, FaultKind, read_credit_file
from server.flows.errors import FlowError
from server.flows.pay import hold_payment
from server.flows.phone import PhoneBook
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Session
from server.flows.ports.wallet import BatchRow, PurseRow
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from tests.server.apps import Shopfront, open_shopfront
from tests.server.builders import (
    KIOSK,
    NOON,
    NUTELLA,
    PASTA,
    a_basket,
    an_approval,
    an_id,
    minted,
)
from tests.server.people.builders import at_once
from tests.server.stocked import a_small_store

WORDS = Path(__file__).resolve().parents[2] / "server" / "web" / "messages" / "crew"
PHONES = PhoneBook("FR", b"p" * 32)
LATER = NOON + timedelta(days=30)
NAME = {"fr": "Noël", "en": "Christmas", "zh": "圣诞"}


def a_list(people: int = 3, *, minor: int = 1000, first: int = 0) -> str:
    rows = [f"Person {n},+336{n + 10_000_000:08d},{minor / 100:.2f}" for n in range(first, first + people)]
    return "\n".join(["name,phone,amount", *rows])


def person(n: int) -> str:
    return PHONES.hash(PHONES.parse(f"+336{n + 10_000_000:08d}"))


def drafted(work: Work, text: str, **facts: Any) -> BatchRow:
    wish = Wish(an_id(), NAME, "Merry!", facts.pop("categories", ()), LATER, "list.csv", facts.pop("sha", an_id()))
    found = read_credit_file(text, PHONES)
    return draft_batch(work, wish, found, sponsor_id="chpg", store_id="demo", currency_code="EUR", at=NOON)


def sent(database: Database, text: str, **facts: Any) -> BatchRow:
    batch = database.write(lambda work: drafted(work, text, **facts))
    for step in (partial(fund_batch, amount_minor=batch.total_minor, reference="r"), send_batch):
        batch = database.write(partial(step, batch_id=batch.batch_id, sponsor_id="chpg", at=NOON))
    return batch


def bought(work: Work, shop: Shop, phone_hash: str, *codes: str) -> PaymentRow:
    """Let somebody with an account under a number buy something, with nothing but credit."""
    customer_id = an_id()
    if not work.customers.add(Customer(customer_id, "Lina", phone_hash, "5678", "no", 0, None, "fr", NOON)):
        known = work.customers.by_phone(phone_hash)
        assert known is not None
        customer_id = known.customer_id
    basket_id = a_basket(work, shop, *codes)
    approved = an_approval(work, shop, customer_id, basket_id)
    hold_payment(work, shop, approved, KIOSK, at=NOON, hold_seconds=60)
    return capture(work, shop, approved.payment_id, minted(), at=NOON)


def balance(database: Database, account: Any) -> int:
    return database.read(lambda work: work.ledger.balance_of(account))


@pytest.mark.parametrize(
    "text",
    [
        "name,phone,amount\nLina,+33612345678,20.00",
        "nom;téléphone;montant\r\nLina;06 12 34 56 78;20,00\r\n",
        "\ufeff姓名\t电话\t金额\tnote\nLina\t0612345678\t20\tx\n\n",
        '"amount","name","phone"\n"20","Lina","0033612345678"',
    ],
)
def test_a_list_is_read_when_it_is_written_in_any_common_way(text: str) -> None:
    found = read_credit_file(text, PHONES)

    assert found.faults == ()
    assert [(row.name, row.phone_last4, row.amount_minor) for row in found.rows] == [("Lina", "5678", 2000)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", [(1, "name"), (1, "phone"), (1, "amount")]),
        ("name,phone\nLina,0612345678", [(1, "amount")]),
        ("name,phone,amount\n", [(1, "file")]),
        ("name,phone,amount\nLina,0612345678,20\nLina,06 12 34 56 78,5", [(3, "phone")]),
        ("name,phone,amount\nLina,12,20\n,0612345678,x", [(2, "phone"), (3, "name"), (3, "amount")]),
        ("name,phone,amount\nLina,0612345678,-5", [(2, "amount")]),
        ("name,phone,amount\nLina,0612345678,0", [(2, "amount")]),
        (f"name,phone,amount\nLina,0612345678,{MAX_MINOR}", [(2, "amount")]),
        ("name,phone,amount\nLina,0612345678,1.234", [(2, "amount")]),
        ("name,phone,amount\nLina", [(2, "amount"), (2, "phone")]),
        ("name,phone,amount\n=cmd(),0612345678\x00,5", [(2, "phone")]),
    ],
)
def test_every_fault_is_named_with_its_line_when_a_list_is_wrong(text: str, where: list[tuple[int, str]]) -> None:
    found = read_credit_file(text, PHONES)

    assert [(fault.line, fault.field) for fault in found.faults] == where
    assert all(fault.message and fault.fix for fault in found.faults)


@given(st.text(max_size=300))
def test_a_list_is_read_or_faulted_and_never_breaks_when_it_is_anything(text: str) -> None:
    found = read_credit_file(text, PHONES)

    assert found.rows or found.faults
    assert len({row.phone_hash for row in found.rows}) == len(found.rows)


def test_nothing_is_kept_when_a_list_has_one_fault(database: Database) -> None:
    with pytest.raises(FlowError) as told:
        database.write(lambda work: drafted(work, a_list(2) + "\nX,nobody,1"))

    assert told.value.code == "batch_malformed"
    assert told.value.facts["errors"][0]["line"] == 4
    assert database.read(lambda work: work.batches.of("chpg")) == []


def test_the_same_file_is_refused_and_named_when_it_is_sent_twice(database: Database) -> None:
    first = database.write(lambda work: drafted(work, a_list(), sha="same"))

    with pytest.raises(FlowError) as told:
        database.write(lambda work: drafted(work, a_list(), sha="same"))

    assert (told.value.code, told.value.facts["batch_id"]) == ("batch_exists", first.batch_id)


@pytest.mark.parametrize("off_minor", [-1, 1, -3000])
def test_nothing_is_taken_when_the_money_is_not_the_total(database: Database, off_minor: int) -> None:
    batch = database.write(lambda work: drafted(work, a_list(3)))

    with pytest.raises(FlowError) as told:
        database.write(lambda work: fund_batch(work, batch.batch_id, 3000 + off_minor, "r", sponsor_id="chpg", at=NOON))

    assert (told.value.code, told.value.facts["missing_minor"]) == ("funding_differs", -off_minor)
    assert balance(database, sponsor_account(batch.batch_id)) == 0
    with pytest.raises(IllegalTransitionError):
        database.write(lambda work: send_batch(work, batch.batch_id, sponsor_id="chpg", at=NOON))


def test_everybody_has_their_purse_when_a_batch_is_sent_by_many_at_once(database: Database) -> None:
    batch = database.write(lambda work: drafted(work, a_list(30)))
    database.write(lambda work: fund_batch(work, batch.batch_id, 30_000, "r", sponsor_id="chpg", at=NOON))

    done = at_once(
        [partial(database.write, partial(send_batch, batch_id=batch.batch_id, sponsor_id="chpg", at=NOON))] * 8
    )

    assert sum(isinstance(each, BatchRow) for each in done) == 1
    purses = [database.read(partial(purses_of, n)) for n in range(30)]
    assert [len(found) for found in purses] == [1] * 30
    assert all(balance(database, voucher_account(found[0].purse_id)) == 1000 for found in purses)
    assert purses[0][0].message == "Merry!"
    assert balance(database, sponsor_account(batch.batch_id)) == 0
    assert database.read(lambda work: work.ledger.verify()).holds


def test_what_is_unspent_goes_home_when_a_batch_is_called_back(database: Database, shop: Shop) -> None:
    batch = sent(database, a_list(3))
    database.write(lambda work: bought(work, shop, person(0), NUTELLA))

    closed = database.write(lambda work: recall_batch(work, batch.batch_id, sponsor_id="chpg", at=NOON))

    assert (closed.state, closed.recalled_minor) == ("closed", 3000 - 399)
    assert balance(database, PSP_SANDBOX) == -399
    assert database.read(lambda work: work.purses.of(person(0))) == []
    with pytest.raises(IllegalTransitionError):
        database.write(lambda work: recall_batch(work, batch.batch_id, sponsor_id="chpg", at=NOON))
    assert database.read(lambda work: work.ledger.verify()).holds


@pytest.mark.parametrize("funded", [True, False])
def test_the_money_is_back_when_a_batch_is_dropped_before_it_is_sent(database: Database, *, funded: bool) -> None:
    batch = database.write(lambda work: drafted(work, a_list(3)))
    if funded:
        database.write(lambda work: fund_batch(work, batch.batch_id, 3000, "r", sponsor_id="chpg", at=NOON))

    closed = database.write(lambda work: recall_batch(work, batch.batch_id, sponsor_id="chpg", at=NOON))

    assert closed.recalled_minor == (3000 if funded else 0)
    assert balance(database, sponsor_account(batch.batch_id)) == balance(database, PSP_SANDBOX) == 0


def test_no_cent_is_spent_and_called_back_when_both_happen_at_once(database: Database, shop: Shop) -> None:
    batch = sent(database, a_list(8))
    paying = [partial(database.write, partial(bought_by, shop, n)) for n in range(8)]
    recalling = partial(database.write, partial(recall_batch, batch_id=batch.batch_id, sponsor_id="chpg", at=NOON))

    done = at_once([*paying[:4], recalling, *paying[4:]])

    paid_minor = sum(each.amount_minor for each in done if isinstance(each, PaymentRow))
    closed = database.read(lambda work: work.batches.get(batch.batch_id))
    assert closed is not None
    assert closed.state == "closed"
    assert closed.recalled_minor + paid_minor == 8000
    assert database.read(lambda work: work.ledger.verify()).holds


def purses_of(n: int, work: Work) -> Sequence[PurseRow]:
    return work.purses.of(person(n))


def bought_by(shop: Shop, n: int, work: Work) -> PaymentRow:
    return bought(work, shop, person(n), NUTELLA)


def test_only_its_goods_are_paid_when_a_batch_is_for_one_category(database: Database, shop: Shop) -> None:
    sent(database, a_list(1), categories=("pasta",))

    payment = database.write(lambda work: bought(work, shop, person(0), PASTA))

    assert payment.tenders[0]["account"] == "voucher"
    with pytest.raises(InsufficientFundsError):
        database.write(lambda work: bought(work, shop, person(0), NUTELLA))


@pytest.mark.parametrize(("spenders", "told"), [(MIN_GROUP - 1, False), (MIN_GROUP, True)])
def test_sums_are_told_when_at_least_twenty_have_spent(
    database: Database, shop: Shop, spenders: int, *, told: bool
) -> None:
    batch = sent(database, a_list(25))
    for n in range(spenders):
        database.write(partial(bought_by, shop, n))

    found = database.write(lambda work: report(work, batch.batch_id, sponsor_id="chpg"))

    assert (found["people"], found["total_minor"], found["is_told"]) == (25, 25_000, told)
    shown = [found[name] for name in ("people_who_spent", "spent_minor", "shops", "new_customers")]
    assert shown == ([20, 20 * 399, 1, 20] if told else [None] * 4)


def test_two_reports_never_differ_by_a_few_people_when_they_are_asked_in_a_row(database: Database, shop: Shop) -> None:
    batch = sent(database, a_list(2 * MIN_GROUP))

    def told_after(*people: int) -> tuple[int | None, int | None]:
        for n in people:
            database.write(partial(bought_by, shop, n))
        found = database.write(lambda work: report(work, batch.batch_id, sponsor_id="chpg"))
        return found["people_who_spent"], found["spent_minor"]

    first = told_after(*range(MIN_GROUP))
    one_more = told_after(MIN_GROUP)
    all_but_one = told_after(*range(MIN_GROUP + 1, 2 * MIN_GROUP - 1))
    all_of_them = told_after(2 * MIN_GROUP - 1)

    assert first == one_more == all_but_one == (20, 20 * 399)
    assert all_of_them == (40, 40 * 399)


def test_a_batch_is_nobody_elses_when_another_sponsor_asks(database: Database) -> None:
    batch = database.write(lambda work: drafted(work, a_list()))

    for act in (send_batch, recall_batch):
        with pytest.raises(FlowError) as told:
            database.write(partial(act, batch_id=batch.batch_id, sponsor_id="another", at=NOON))
        assert told.value.code == "batch_not_found"


def test_a_batch_has_a_way_to_its_end_when_it_stands_anywhere() -> None:
    ends = {state for (state, _), after in BATCH_TABLE.rows.items() if after is BatchState.CLOSED}

    assert ends == set(BatchState) - {BatchState.CLOSED}


def test_a_sponsor_tries_funds_sends_and_reads_when_asking_over_http(tmp_path: Path) -> None:
    url = a_small_store(tmp_path / "store.db")
    seeded = Database(url)
    session = Session("staff", "chpg", ("sponsor_admin",), datetime.now(UTC) + timedelta(hours=1), an_id(), NOON)
    seeded.write(lambda work: work.sessions.open(token_hash("sponsor"), session))
    seeded.close()
    asked = {
        "batch_id": an_id(),
        "file_name": "list.csv",
        "csv": a_list(3),
        "name": NAME,
        "expires_at": (datetime.now(UTC) + timedelta(days=9)).isoformat(),
    }
    base = f"/v1/credit-batches/{asked['batch_id']}"

    async def story(front: Shopfront) -> None:
        async def ask(method: str, path: str, body: object = None, status: int = 200) -> Any:
            answer = await front.ask(method, path, body, token="sponsor")
            assert answer.status_code == status, answer.text
            return answer.json()

        looked = await ask("POST", "/v1/credit-batches", asked | {"dry_run": True, "csv": a_list(2) + "\nX,1,2"})
        assert (looked["people"], looked["faults"], looked["errors"][0]["line"]) == (2, 1, 4)
        assert (await ask("GET", "/v1/credit-batches"))["items"] == []
        made = await ask("POST", "/v1/credit-batches", asked, 201)
        assert (made["state"], made["people"], made["total_minor"]) == ("draft", 3, 3000)
        short = await ask("POST", f"{base}:fund", {"amount_minor": 2999, "reference": "x"}, 409)
        assert short["missing_minor"] == 1
        assert (await ask("POST", f"{base}:fund", {"amount_minor": 3000, "reference": "x"}))["state"] == "funded"
        assert (await ask("POST", f"{base}:send"))["state"] == "sent"
        told = await ask("GET", f"{base}/report")
        assert (told["spent_minor"], told["balance_minor"]) == (None, 0)
        assert (await ask("POST", f"{base}:recall"))["recalled_minor"] == 3000
        assert (await ask("GET", base))["state"] == "closed"

    async def run() -> None:
        async with open_shopfront(url, tmp_path) as front:
            await story(front)

    asyncio.run(run())


@pytest.mark.parametrize("locale", ["fr", "en", "zh"])
def test_a_sponsor_reads_each_fault_in_their_language(locale: str) -> None:
    words = json.loads((WORDS / f"{locale}.json").read_text("utf-8"))["sponsor"]

    assert {f"fault_{kind}" for kind in FaultKind} - set(words) == set()
    assert set(SAID) == set(FaultKind)

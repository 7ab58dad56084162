"""Money between people, on both engines: nothing made or lost, nobody below zero, each thing once whoever is first."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from checkout.assertion import DEFAULT_STEP_UP, StepUpPolicy
from checkout.errors import IllegalTransitionError, InsufficientFundsError, PeerLimitError, StepUpRequiredError
from checkout.ledger import (
    PSP_SANDBOX,
    Posting,
    Transfer,
    TransferKind,
    cashback_account,
    hold_account,
    main_account,
    receivable_account,
    till_account,
)
from checkout.money import EUR, Money
from checkout.peer import CLAIM_WITHIN
from server.db.database import Database
from server.db.unit_of_work import UnitOfWork
from server.flows.ask_money import ASK_LIFE, REMIND_AFTER, accept, ask_for, decline, remind, withdraw
from server.flows.errors import FlowError
from server.flows.my_account import Movement, my_account
from server.flows.open_account import open_account
from server.flows.peer_words import between, block, declare_adult, known_name, remember, unblock
from server.flows.people import People
from server.flows.phone_codes import Proof, ask_code, try_code
from server.flows.ports import Work
from server.flows.ports.peers import AskRow, PeerRow, Sender
from server.flows.ports.people import Customer
from server.flows.send_money import (
    Person,
    Sending,
    cancel,
    is_anything_waiting,
    outlook,
    send_money,
    settle_waiting,
)
from tests.server.builders import NOON, an_id
from tests.server.people.builders import PIN_HASH, a_customer, a_number, at_once
from tests.server.test_ledger_late import waits_for_row

RICH = replace(DEFAULT_STEP_UP, phone_pin_single_minor=100_000, phone_pin_day_minor=100_000)
"""As far as a number and a PIN go where the limits of sending are looked at."""
NOBODY = Person("hash of a number that nobody has", "0000")
WEEK = NOON + CLAIM_WITHIN


def an_adult(work: Work, people: People, *, minor: int = 10_000, name: str = "Lina Durand") -> Customer:
    customer = a_customer(work, people, name=name, balance_minor=minor)
    declare_adult(work, customer, at=NOON)
    return customer


def to(customer: Customer) -> Person:
    return Person(customer.phone_hash, customer.phone_last4)


def an_order(person: Person, minor: int = 2000, *, memo: str = "pizza 🍕", transfer_id: str | None = None) -> Sending:
    return Sending(transfer_id or an_id(), person, Money(minor, EUR), memo)


def sent(
    sender: Customer,
    order: Sending,
    work: Work,
    *,
    at: datetime = NOON,
    policy: StepUpPolicy = RICH,
    proof: Proof | None = None,
) -> PeerRow:
    return send_money(work, order, sender, proof=proof, policy=policy, at=at)


def has(database: Database, *customers: Customer) -> list[int]:
    accounts = [main_account(one.customer_id) for one in customers]
    return database.read(lambda work: [work.ledger.balance_of(account) for account in accounts])


def newest(database: Database, one: Customer) -> Movement:
    return database.read(lambda work: my_account(work, one.customer_id).movements[0])


def held(work: Work, row: PeerRow) -> int:
    return work.ledger.balance_of(hold_account(f"peer.{row.transfer_id}"))


def added(one: Customer, work: Work) -> None:
    assert work.customers.add(one)


def a_gift(one: Customer, minor: int) -> Transfer:
    posting = Posting(PSP_SANDBOX, main_account(one.customer_id), Money(minor, EUR))
    return Transfer(an_id(), TransferKind.TOPUP, "test", (posting,))


def a_newcomer(people: People, phone: str, at: datetime = NOON) -> Customer:
    number = people.phones.parse(phone)
    return Customer(an_id(), "Ben Martin", people.phones.hash(number), number.last4, PIN_HASH, 0, None, "fr", at)


@pytest.fixture
def lina(database: Database, people: People) -> Customer:
    return database.write(lambda work: an_adult(work, people))


@pytest.fixture
def ben(database: Database, people: People) -> Customer:
    return database.write(lambda work: an_adult(work, people, minor=0, name="Ben Martin"))


def refused(database: Database, flow: Callable[[Work], Any]) -> str:
    with pytest.raises(FlowError) as error:
        database.write(flow)
    return error.value.code


def test_money_is_there_at_once_with_who_and_memo_when_the_number_has_an_account(
    database: Database, lina: Customer, ben: Customer
) -> None:
    row = database.write(partial(sent, lina, an_order(to(ben))))

    assert (row.state, row.recipient_id) == ("claimed", ben.customer_id)
    assert has(database, lina, ben) == [8000, 2000]
    mine, his = newest(database, lina), newest(database, ben)
    assert (mine.kind, mine.label, mine.memo, mine.entry.amount_minor) == ("peer_sent", "B*** M.", "pizza 🍕", -2000)
    assert (his.kind, his.label, his.memo, his.entry.amount_minor) == ("peer_got", "Lina D.", "pizza 🍕", 2000)
    assert database.read(lambda work: work.ledger.verify()).holds


def test_money_waits_for_a_number_and_is_claimed_when_it_opens_an_account(
    database: Database, people: People, lina: Customer
) -> None:
    phone = a_number()
    number = people.phones.parse(phone)
    person = Person(people.phones.hash(number), number.last4)
    row = database.write(partial(sent, lina, an_order(person)))
    waiting = database.read(lambda work: held(work, row))
    newcomer = a_newcomer(people, phone, WEEK - timedelta(seconds=1))

    database.write(lambda work: open_account(work, newcomer))

    assert (row.state, waiting, row.expires_at) == ("waiting", 2000, WEEK)
    assert has(database, lina, newcomer) == [8000, 2000]
    assert database.read(lambda work: held(work, row)) == 0
    seen = database.read(lambda work: between(work, newcomer, at=NOON).moved[0])
    assert (seen.who, seen.memo, seen.row.state) == ("Lina D.", "pizza 🍕", "claimed")


def test_money_goes_back_by_itself_when_nobody_claims_it_in_seven_days(
    database: Database, people: People, lina: Customer
) -> None:
    phone = a_number()
    number = people.phones.parse(phone)
    row = database.write(partial(sent, lina, an_order(Person(people.phones.hash(number), number.last4))))

    early = database.write(lambda work: settle_waiting(work, at=WEEK - timedelta(seconds=1)))
    is_due = database.read(lambda work: is_anything_waiting(work, at=WEEK))
    returned, again = (database.write(lambda work: settle_waiting(work, at=WEEK)) for _ in range(2))
    late = a_newcomer(people, phone, WEEK)
    database.write(lambda work: open_account(work, late))

    assert (early, is_due, returned, again) == (0, True, 1, 0)
    assert has(database, lina, late) == [10_000, 0]
    back = newest(database, lina)
    assert (back.kind, back.label, back.entry.amount_minor) == ("peer_back", f"*** {row.phone_last4}", 2000)


def test_the_sweeper_hands_over_what_was_sent_in_the_moment_in_which_an_account_opened(
    database: Database, people: People, lina: Customer
) -> None:
    phone = a_number()
    late = a_newcomer(people, phone)
    row = database.write(partial(sent, lina, an_order(to(late))))
    database.write(lambda work: work.customers.add(late))  # neither saw the other

    assert database.write(lambda work: settle_waiting(work, at=NOON)) == 1
    assert has(database, lina, late) == [8000, 2000]
    assert database.read(lambda work: work.peers.get(row.transfer_id)) == replace(
        row, state="claimed", recipient_id=late.customer_id, ended_at=NOON
    )


def test_the_sweeper_waits_for_a_customer_before_it_takes_the_ledger_when_it_hands_over_to_two(
    doors: list[Database], people: People, lina: Customer
) -> None:
    """Else whoever holds the second customer waits for the ledger, and the sweeper for them."""
    if doors[0].is_sqlite:
        pytest.skip("SQLite has one writer: nobody waits crosswise")
    late = [a_newcomer(people, a_number()) for _ in range(2)]
    for one, transfer_id in zip(late, sorted((an_id(), an_id())), strict=True):
        doors[0].write(partial(sent, lina, an_order(to(one), transfer_id=transfer_id)))
        doors[0].write(partial(added, one))
    holds, may_go_on = threading.Event(), threading.Event()
    begun: list[str] = []

    def earns(work: Work) -> None:
        begun.append("earns")
        work.customers.lock_row(late[1].customer_id)
        holds.set()
        assert may_go_on.wait(60)
        work.ledger.post([a_gift(late[1], 100)], at=NOON)

    def sweeps(work: Work) -> int:
        begun.append("sweeps")
        return settle_waiting(work, at=NOON)

    with ThreadPoolExecutor(2) as hands:
        earning = hands.submit(doors[0].write, earns)
        assert holds.wait(60)
        sweeping = hands.submit(doors[1].write, sweeps)
        while not doors[0].read(waits_for_row):
            assert not sweeping.done()
        may_go_on.set()
        earning.result(60)

        assert sweeping.result(60) == 2
    assert begun == ["earns", "sweeps"]  # nobody was run again
    assert has(doors[0], *late) == [2000, 2100]


def test_a_block_stays_when_another_device_says_at_once_that_its_owner_is_of_age(
    doors: list[Database], people: People
) -> None:
    if doors[0].is_sqlite:
        pytest.skip("SQLite has one writer: both come one after the other")
    owner = doors[0].write(lambda work: a_customer(work, people))
    blocking: list[Future[Sender]] = []

    def says(work: UnitOfWork) -> None:
        first = work.peers.sender

        def looked(customer_id: str) -> Sender:
            found = first(customer_id)
            blocking.append(hands.submit(doors[1].write, lambda other: block(other, owner, at=NOON)))
            while not blocking[0].done() and not doors[0].read(waits_for_row):
                pass
            return found

        work.peers.sender = looked  # type: ignore[method-assign] # the other device comes in between
        declare_adult(work, owner, at=NOON)

    with ThreadPoolExecutor(1) as hands:
        doors[0].write(says)
        blocking[0].result(60)

    assert doors[0].read(lambda work: work.peers.sender(owner.customer_id)) == Sender(NOON, NOON)


def test_the_sender_takes_it_back_when_nobody_has_claimed_it_and_not_afterwards(
    database: Database, lina: Customer, ben: Customer
) -> None:
    waiting = database.write(partial(sent, lina, an_order(NOBODY)))
    arrived = database.write(partial(sent, lina, an_order(to(ben))))

    back, again = (database.write(lambda work: cancel(work, waiting.transfer_id, lina, at=NOON)) for _ in range(2))

    assert (back.state, again) == ("cancelled", back)
    assert has(database, lina, ben) == [8000, 2000]
    with pytest.raises(IllegalTransitionError, match="claimed"):
        database.write(lambda work: cancel(work, arrived.transfer_id, lina, at=NOON))
    assert refused(database, lambda work: cancel(work, arrived.transfer_id, ben, at=NOON)) == "peer_not_found"
    assert refused(database, lambda work: cancel(work, an_id(), lina, at=NOON)) == "peer_not_found"


def test_money_moves_once_when_the_same_sending_comes_again(database: Database, lina: Customer, ben: Customer) -> None:
    order = an_order(to(ben))

    first, second = (database.write(partial(sent, lina, order)) for _ in range(2))

    assert first == second
    assert has(database, lina, ben) == [8000, 2000]
    assert refused(database, partial(sent, lina, replace(order, amount=Money(1, EUR)))) == "peer_exists"
    assert refused(database, partial(sent, ben, replace(order, to=to(lina)))) == "peer_exists"


@pytest.mark.parametrize("order_to", [NOBODY, None])
def test_one_of_64_moves_money_when_all_send_it_at_once(
    database: Database, lina: Customer, ben: Customer, order_to: Person | None
) -> None:
    order = an_order(order_to or to(ben), 7000)

    done = at_once([partial(database.write, partial(sent, lina, order)) for _ in range(32)])
    others = at_once(
        [partial(database.write, partial(sent, lina, an_order(order_to or to(ben), 7000))) for _ in range(32)]
    )

    assert {each.transfer_id for each in done} == {order.transfer_id}
    assert all(isinstance(each, InsufficientFundsError) for each in others)
    assert has(database, lina) == [3000]
    assert database.read(lambda work: work.ledger.verify()).holds


def test_one_wins_when_64_claim_cancel_and_return_the_same_money_at_once(
    database: Database, people: People, lina: Customer
) -> None:
    phone = a_number()
    late = a_newcomer(people, phone)
    row = database.write(partial(sent, lina, an_order(to(late))))
    database.write(lambda work: work.customers.add(late))

    def take_back(work: Work) -> str:
        return cancel(work, row.transfer_id, lina, at=NOON).state

    def hand_over(work: Work) -> int:
        return settle_waiting(work, at=NOON)

    def bring_back(work: Work) -> int:
        return settle_waiting(work, at=WEEK)

    acts = [partial(database.write, (take_back, hand_over, bring_back)[n % 3]) for n in range(64)]
    at_once(acts)

    ended = database.read(lambda work: work.peers.get(row.transfer_id))
    assert ended is not None
    mine, his = has(database, lina, late)
    assert (mine, his) == ((8000, 2000) if ended.state == "claimed" else (10_000, 0))
    assert ended.state in {"claimed", "cancelled", "returned"}
    assert database.read(lambda work: held(work, row)) == 0
    assert database.read(lambda work: work.ledger.verify()).holds


def test_the_sum_stays_when_six_people_send_round_a_ring_at_once(database: Database, people: People) -> None:
    ring = [database.write(lambda work: an_adult(work, people, minor=300)) for _ in range(6)]
    acts = [
        partial(database.write, partial(sent, ring[n % 6], an_order(to(ring[(n + 1 + n // 6 % 3) % 6]), 100)))
        for n in range(64)
    ]

    done = at_once(acts)

    assert all(isinstance(each, PeerRow | InsufficientFundsError) for each in done), done
    balances = has(database, *ring)
    assert sum(balances) == 1800
    assert min(balances) >= 0
    assert database.read(lambda work: work.ledger.verify()).holds


def test_nobody_waits_crosswise_when_two_send_to_each_other_and_pay_what_the_other_asked(
    database: Database, people: People
) -> None:
    one, other = (database.write(lambda work: an_adult(work, people, minor=3000)) for _ in range(2))
    asks = [an_ask(database, asker, of, 100) for asker, of in ((one, other), (other, one)) for _ in range(4)]
    acts = [
        partial(database.write, partial(accepted, row, an_id(), other if n < 4 else one)) for n, row in enumerate(asks)
    ]
    pairs = [(one, other), (other, one)] * 12
    acts += [partial(database.write, partial(sent, sender, an_order(to(friend), 100))) for sender, friend in pairs]

    done = at_once(acts)

    assert all(isinstance(each, PeerRow) for each in done), done
    assert has(database, one, other) == [3000, 3000]


def test_money_waits_when_its_recipient_has_closed_their_account(
    database: Database, lina: Customer, ben: Customer
) -> None:
    waiting = database.write(partial(sent, lina, an_order(to(ben))))
    database.write(lambda work: work.idle_accounts.close(ben.customer_id, at=NOON))

    later = database.write(partial(sent, lina, an_order(to(ben))))

    assert (waiting.state, later.state) == ("claimed", "waiting")
    assert database.write(lambda work: settle_waiting(work, at=NOON)) == 0
    assert has(database, lina, ben) == [6000, 2000]


def test_limits_hold_for_a_person_a_day_and_a_month_when_much_is_sent(database: Database, people: People) -> None:
    rich = database.write(lambda work: an_adult(work, people, minor=500_000))
    friends = [Person(f"hash {n}", "1111") for n in range(4)]

    def limit_of(minor: int, person: Person, at: datetime = NOON) -> tuple[str, int]:
        with pytest.raises(PeerLimitError) as error:
            database.write(partial(sent, rich, an_order(person, minor), at=at))
        return error.value.limit, error.value.left_minor

    assert limit_of(25_001, friends[0]) == ("person", 25_000)
    database.write(partial(sent, rich, an_order(friends[0], 25_000)))
    assert limit_of(1, friends[0]) == ("person", 0)
    second = database.write(partial(sent, rich, an_order(friends[1], 24_000)))
    assert limit_of(1001, friends[2]) == ("day", 1000)
    database.write(lambda work: cancel(work, second.transfer_id, rich, at=NOON))
    database.write(partial(sent, rich, an_order(friends[2], 25_000)))  # what came back counts no more
    for day, friend in ((1, friends[0]), (2, friends[1])):
        at = NOON + timedelta(days=day, seconds=1)
        database.write(partial(sent, rich, an_order(friend, 24_500), at=at))
    assert limit_of(1001, friends[3], NOON + timedelta(days=3, seconds=2)) == ("month", 1000)


def test_limits_hold_when_64_send_at_once(database: Database, people: People) -> None:
    rich = database.write(lambda work: an_adult(work, people, minor=500_000))

    at_once([partial(database.write, partial(sent, rich, an_order(NOBODY, 10_000))) for _ in range(64)])

    assert has(database, rich) == [480_000]


def test_only_the_main_purse_is_sent_from_when_there_is_cashback(
    database: Database, people: People, ben: Customer
) -> None:
    poor = database.write(lambda work: an_adult(work, people, minor=100))
    gift = Posting(PSP_SANDBOX, cashback_account(poor.customer_id), Money(5000, EUR))
    database.write(lambda work: work.ledger.post([Transfer(an_id(), TransferKind.GRANT, "test", (gift,))], at=NOON))

    with pytest.raises(InsufficientFundsError):
        database.write(partial(sent, poor, an_order(to(ben), 101)))
    assert has(database, poor, ben) == [100, 0]


def test_a_number_and_a_pin_go_as_far_as_at_a_kiosk_and_further_with_a_code_from_a_message(
    database: Database, people: People, ben: Customer
) -> None:
    phone = a_number()
    rich = database.write(lambda work: a_customer(work, people, phone=phone, balance_minor=100_000))
    database.write(lambda work: declare_adult(work, rich, at=NOON))
    normal = partial(sent, rich, policy=DEFAULT_STEP_UP)

    with pytest.raises(StepUpRequiredError) as asked:
        database.write(partial(normal, an_order(to(ben), 15_001)))
    database.write(partial(normal, an_order(to(ben), 15_000)))
    counted = database.read(
        lambda work: work.authentications.phone_use(rich.customer_id, since=NOON - timedelta(hours=1))
    )
    database.write(partial(normal, an_order(NOBODY, 15_000)))
    with pytest.raises(StepUpRequiredError):
        database.write(partial(normal, an_order(NOBODY, 1)))

    code_id = an_id()
    asker = f"shopper:{rich.customer_id}"
    facts = {"phone_code_id": code_id, "asked_by": asker, "code": "482913", "per_day": 9, "at": NOON}
    database.write(lambda work: ask_code(work, people.phones, people.phones.parse(phone), **facts))  # type: ignore[arg-type] # facts by name
    database.write(lambda work: try_code(work, people.phones, code_id, "482913", asked_by=asker, at=NOON))
    proof = Proof(code_id, asker, is_needed=True)
    done = database.write(partial(normal, an_order(NOBODY, 9_000), proof=proof))
    again = refused(database, partial(normal, an_order(NOBODY, 1), proof=proof))

    assert (asked.value.needed, asked.value.reason) == (("phone_code",), "amount_over_limit")
    assert counted == 15_000
    assert (done.proof, again) == ("code", "phone_unproven")


def test_each_refusal_names_its_reason_before_the_pin_and_after_it(
    database: Database, people: People, ben: Customer
) -> None:
    child = database.write(lambda work: a_customer(work, people, balance_minor=10_000))

    def told(work: Work) -> object:
        seen = outlook(work, child, to(ben), Money(100, EUR), policy=DEFAULT_STEP_UP, at=NOON)
        return seen.refusal and seen.refusal.code

    order = an_order(to(ben), 100)
    assert (database.read(told), refused(database, partial(sent, child, order))) == ("peer_adult_needed",) * 2
    database.write(lambda work: declare_adult(work, child, at=NOON))
    assert database.read(told) is None
    database.write(lambda work: block(work, child, at=NOON))
    assert (database.read(told), refused(database, partial(sent, child, order))) == ("peer_blocked",) * 2
    database.write(lambda work: unblock(work, child))
    debt = Posting(receivable_account(child.customer_id), till_account("demo"), Money(1, EUR))
    database.write(lambda work: work.ledger.post([Transfer(an_id(), TransferKind.SALE, "test", (debt,))], at=NOON))
    assert (database.read(told), refused(database, partial(sent, child, order))) == ("offline_debt_open",) * 2
    assert refused(database, partial(sent, ben, order)) == "peer_self"
    assert has(database, child, ben) == [10_000, 0]


def test_the_answer_before_the_pin_is_the_same_when_a_number_has_an_account_and_when_not(
    database: Database, lina: Customer, ben: Customer
) -> None:
    def seen(person: Person) -> object:
        look = partial(outlook, sender=lina, to=person, amount=Money(100, EUR), policy=DEFAULT_STEP_UP, at=NOON)
        return database.read(lambda work: (look(work), known_name(work, lina, person)))

    def asked(person: Person) -> object:
        made = database.write(lambda work: ask_for(work, an_id(), person, Money(100, EUR), "x", lina, at=NOON))
        told = database.read(lambda work: between(work, lina, at=NOON).asked[0])
        return made.state, told.who, told.is_open, told.can_remind_at

    assert seen(to(ben)) == seen(NOBODY)
    assert asked(to(ben)) == asked(NOBODY)


def test_a_name_is_known_when_its_owner_has_sent_something_or_was_given_a_name(
    database: Database, lina: Customer, ben: Customer
) -> None:
    def name() -> str:
        return database.read(lambda work: known_name(work, ben, to(lina)))

    before = name()
    database.write(partial(sent, lina, an_order(to(ben))))
    after = name()
    database.write(lambda work: remember(work, ben, an_id(), "@Lili", to(lina)))

    assert (before, after, name()) == ("", "L*** D.", "Lili (L*** D.)")
    with pytest.raises(FlowError, match="name is needed"):
        database.write(lambda work: remember(work, ben, an_id(), " @ ", to(lina)))


def test_21_sendings_a_day_are_too_many_whatever_became_of_them(database: Database, lina: Customer) -> None:
    for n in range(20):
        row = database.write(partial(sent, lina, an_order(Person(f"hash {n}", "1111"), 1)))
        database.write(lambda work, row=row: cancel(work, row.transfer_id, lina, at=NOON))  # type: ignore[misc] # plain types

    assert refused(database, partial(sent, lina, an_order(NOBODY, 1))) == "too_many_requests"


def an_ask(database: Database, asker: Customer, of: Customer, minor: int = 2000) -> AskRow:
    return database.write(lambda work: ask_for(work, an_id(), to(of), Money(minor, EUR), "taxi", asker, at=NOON))


def accepted(row: AskRow, transfer_id: str, payer: Customer, work: Work, *, at: datetime = NOON) -> PeerRow:
    return accept(work, row.request_id, transfer_id, payer, proof=None, policy=RICH, at=at)


def test_what_is_asked_is_paid_once_when_it_is_accepted_twice(
    database: Database, lina: Customer, ben: Customer
) -> None:
    row = an_ask(database, ben, lina)
    transfer_id = an_id()

    first, second = (database.write(partial(accepted, row, transfer_id, lina)) for _ in range(2))

    assert (first, first.memo) == (second, "taxi")
    assert has(database, lina, ben) == [8000, 2000]
    with pytest.raises(IllegalTransitionError):
        database.write(partial(accepted, row, an_id(), lina))
    with pytest.raises(IllegalTransitionError):
        database.write(lambda work: withdraw(work, row.request_id, ben, at=NOON))


def test_a_request_is_not_paid_by_what_was_sent_before_when_it_is_accepted_under_that_id(
    database: Database, lina: Customer, ben: Customer
) -> None:
    before = database.write(partial(sent, lina, an_order(to(ben))))
    first, second = (an_ask(database, ben, lina) for _ in range(2))
    paid = database.write(partial(accepted, first, an_id(), lina))

    for known in (before, paid):
        assert refused(database, partial(accepted, second, known.transfer_id, lina)) == "peer_exists"

    still = database.read(lambda work: work.peers.get_ask(second.request_id))
    assert still == second
    assert has(database, lina, ben) == [6000, 4000]


def test_one_answer_counts_when_64_accept_decline_and_withdraw_at_once(
    database: Database, lina: Customer, ben: Customer
) -> None:
    row = an_ask(database, ben, lina)

    def act(n: int, work: Work) -> str:
        if n % 3 == 0:
            return accepted(row, an_id(), lina, work).state
        if n % 3 == 1:
            return decline(work, row.request_id, lina, at=NOON).state
        return withdraw(work, row.request_id, ben, at=NOON).state

    at_once([partial(database.write, partial(act, n)) for n in range(64)])

    ended = database.read(lambda work: work.peers.get_ask(row.request_id))
    assert ended is not None
    assert has(database, lina, ben) == ([8000, 2000] if ended.state == "accepted" else [10_000, 0])
    assert ended.state in {"accepted", "declined", "withdrawn"}


def test_a_request_is_told_again_once_and_ends_by_itself(database: Database, lina: Customer, ben: Customer) -> None:
    row, later = an_ask(database, ben, lina), NOON + REMIND_AFTER
    over = NOON + ASK_LIFE

    soon = refused(database, lambda work: remind(work, row.request_id, ben, at=NOON))
    reminded = database.write(lambda work: remind(work, row.request_id, ben, at=later))

    assert (soon, reminded.state, reminded.reminded_at) == ("ask_too_soon", "reminded", later)
    with pytest.raises(IllegalTransitionError):
        database.write(lambda work: remind(work, row.request_id, ben, at=later + REMIND_AFTER))
    assert refused(database, partial(accepted, row, an_id(), lina, at=over)) == "ask_over"
    assert refused(database, lambda work: decline(work, row.request_id, ben, at=NOON)) == "ask_not_found"
    assert refused(database, lambda work: remind(work, row.request_id, lina, at=later)) == "ask_not_found"
    assert has(database, lina, ben) == [10_000, 0]


def test_a_request_is_refused_when_it_is_ones_own_too_large_or_one_too_many(
    database: Database, lina: Customer, ben: Customer
) -> None:
    def asking(minor: int, of: Customer, work: Work, request_id: str = "") -> AskRow:
        return ask_for(work, request_id or an_id(), to(of), Money(minor, EUR), "", ben, at=NOON)

    known = an_ask(database, ben, lina, 100)
    same = database.write(partial(asking, 100, lina, request_id=known.request_id))

    assert same.request_id == known.request_id
    assert refused(database, partial(asking, 101, lina, request_id=known.request_id)) == "ask_exists"
    assert refused(database, partial(asking, 100, ben)) == "peer_self"
    assert refused(database, partial(asking, 25_001, lina)) == "ask_out_of_range"
    for _ in range(4):
        database.write(partial(asking, 1, lina))
    assert refused(database, partial(asking, 1, lina)) == "too_many_requests"


def test_what_somebody_asked_for_is_asked_no_more_when_their_account_is_closed(
    database: Database, lina: Customer, ben: Customer
) -> None:
    asked = an_ask(database, ben, lina)
    paid = an_ask(database, ben, lina)
    database.write(partial(accepted, paid, an_id(), lina))

    database.write(lambda work: work.idle_accounts.close(ben.customer_id, at=NOON))

    seen = {each.row.request_id: each for each in database.read(lambda work: between(work, lina, at=NOON).asked)}
    assert {each.row.state: each.is_open for each in seen.values()} == {"withdrawn": False, "accepted": False}
    assert seen[asked.request_id].row.ended_at == NOON


def test_words_are_nobodys_when_an_account_is_closed(database: Database, lina: Customer, ben: Customer) -> None:
    row = database.write(partial(sent, lina, an_order(to(ben))))
    request = an_ask(database, lina, ben)
    database.write(lambda work: remember(work, ben, an_id(), "Lili", to(lina)))

    database.write(lambda work: work.idle_accounts.close(ben.customer_id, at=NOON))

    gone = database.read(lambda work: (work.peers.get(row.transfer_id), work.peers.get_ask(request.request_id)))
    for each in gone:
        assert each is not None
        assert (each.memo, each.phone_last4, each.phone_hash == ben.phone_hash) == ("", "----", False)
    assert database.read(lambda work: work.peers.contacts(ben.customer_id)) == []
    assert database.read(lambda work: work.peers.sender(ben.customer_id).adult_at) is None
    assert database.read(lambda work: work.ledger.verify()).holds
    assert refused(database, partial(accepted, request, an_id(), ben)) == "ask_not_found"

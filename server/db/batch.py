"""Many requests in one transaction: read ahead, admit each, lock what they share, finish each, write set by set.

The flows are the ones that run alone; only the stores under them differ (`batch_stores`). A request that is refused
leaves nothing; one that a batch cannot share runs alone afterwards. Rows are taken in the order that all payments keep:
customers, coupons, campaigns, funders, the store's number, the head of the ledger. On SQLite nobody else writes
meanwhile; on PostgreSQL what was read without a lock is looked at again behind the locks, and where it does not stand
any more, the batch is begun anew.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Connection, func, select

from checkout import AccountId, cashback_account, hold_account, main_account
from checkout.errors import CheckoutError
from server.db import tables
from server.db.baskets import basket_facts, basket_of_row
from server.db.batch_memory import Memory, RunAloneError, StaleError
from server.db.batch_stores import (
    BatchAnswers,
    BatchAuthentications,
    BatchBaskets,
    BatchCallers,
    BatchCampaigns,
    BatchCashback,
    BatchCoupons,
    BatchCustomers,
    BatchEvents,
    BatchInterventions,
    BatchLedger,
    BatchPayments,
    BatchPurses,
    BatchReferences,
    BatchShares,
    BatchTickets,
    ReadOnly,
)
from server.db.bulk import Sheet, micros, reader
from server.db.callers import whose
from server.db.campaigns import given_on_ticket
from server.db.ledger import CHAIN, Change
from server.db.questions import Among, Question, ask, facts_of, rows_of, through
from server.db.unit_of_work import UnitOfWork
from server.flows.altered import altered
from server.flows.errors import FlowError
from server.flows.ports import Ahead, Caller, StoredAnswer, Together
from server.flows.ports.campaigns import CampaignRow, CouponRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Authentication


@dataclass(frozen=True, slots=True)
class Alone:
    """What became of a request that a batch could not share: nothing yet."""


ALONE = Alone()
_coupon, _funder, _head = tables.coupon, tables.cashback_funder, tables.ledger_head
ANSWER = ("principal", "key", "request_hash", "status", "answer", "headers", "at")
PAYMENT = tuple(field.name for field in fields(PaymentRow) if field.name != "quote")
"""What is kept of a payment that is captured: the ticket has its quote from then on."""
USED = "UPDATE authentication SET used_at = CAST(? AS bigint) WHERE authentication_id = ? AND used_at IS NULL"
MOVED = (
    "UPDATE coupon SET state = ?, payment_id = ?, value_minor = CAST(? AS bigint), redeemed_at = CAST(? AS bigint) "
    "WHERE code = ? AND state = ?"
)
COUNTED = (
    "UPDATE campaign SET reserved_minor = reserved_minor + CAST(? AS bigint), "
    "spent_minor = spent_minor + CAST(? AS bigint), issued = issued + CAST(? AS integer) WHERE campaign_id = ?"
)
NUMBERED = "UPDATE store SET next_ticket_number = CAST(? AS bigint) WHERE store_id = ?"
EARNED = (
    "INSERT INTO cashback_year (customer_id, store_id, year, earned_minor) "
    "SELECT ?, ?, CAST(? AS integer), CAST(? AS bigint) WHERE true ON CONFLICT (customer_id, store_id, year) "
    "DO UPDATE SET earned_minor = cashback_year.earned_minor + excluded.earned_minor"
)
FUNDED = "UPDATE cashback_funder SET spent_minor = spent_minor + CAST(? AS bigint) WHERE store_id = ? AND funder_id = ?"


ANSWERS = rows_of(
    tables.idempotency, ("principal", "key", "request_hash", "status", "answer", "headers"), "principal", "key"
)
APPROVALS = facts_of(tables.authentication, Authentication, "authentication_id")
BALANCES = rows_of(tables.balance, ("account_id", "balance_minor"), "account_id")
BASKETS = rows_of(tables.basket, ("basket_id",), "basket_id")
CAMPAIGNS_OF_COUPONS = through(tables.campaign, CampaignRow, "campaign_id", tables.coupon.c.code)
COUPONS = facts_of(tables.coupon, CouponRow, "code")
HELD_CAMPAIGNS = facts_of(tables.campaign, CampaignRow, "campaign_id", lock=True)
HELD_COUPONS = facts_of(tables.coupon, CouponRow, "code", lock=True)
HELD_FUNDERS = Question(
    select(_funder.c.store_id, _funder.c.funder_id, _funder.c.budget_minor, _funder.c.spent_minor)
    .where(Among(_funder.c.store_id))
    .order_by(_funder.c.store_id, _funder.c.funder_id)
    .with_for_update()
)
"""A store has several, and whoever takes goods back holds them in this order too."""
HELD_HEAD = Question(select(_head.c.position, _head.c.hash).where(Among(_head.c.chain)).with_for_update())
HELD_NUMBERS = rows_of(tables.store, ("store_id", "next_ticket_number"), "store_id", lock=True)
HELD_OF_CAMPAIGN = Question(
    select(_coupon.c.campaign_id, _coupon.c.holder_phone_hash, func.count().label("held"))
    .where(Among(_coupon.c.holder_phone_hash))
    .group_by(_coupon.c.campaign_id, _coupon.c.holder_phone_hash)
)
"""How many coupons of each campaign people have or had."""
PAYERS = through(tables.customer, Customer, "customer_id", tables.authentication.c.authentication_id, lock=True)
PAYMENTS = facts_of(tables.payment, PaymentRow, "payment_id")
PURSES = rows_of(tables.purse, ("phone_hash",), "phone_hash")
YEARS = rows_of(tables.cashback_year, ("customer_id", "store_id", "year", "earned_minor"), "customer_id")


def foresee_batch(connection: Connection, requests: Sequence[Together[Any]]) -> None:
    """Let requests do what needs no lock, from a snapshot; what goes wrong is said in the transaction."""
    work = BatchWork(connection)
    asked = [request.ahead for request in requests]
    work.foresee(asked)
    for request in requests:
        with suppress(CheckoutError, FlowError, RunAloneError):
            request.foresee(work)


def settle_batch(connection: Connection, requests: Sequence[Together[Any]]) -> tuple[list[object], bool]:
    """Settle requests in an open transaction.

    Returns:
        For each request what it returned, its refusal, or `ALONE`; and whether there is something to tell.

    Raises:
        StaleError: Another process was faster; the transaction is to be rolled back and begun anew.
        SQLAlchemyError: The whole batch failed, perhaps for one of them.
    """
    work = BatchWork(connection)
    work.read_ahead(requests)
    outcomes: list[object] = [ALONE] * len(requests)
    admitted: list[int] = []
    for n, request in enumerate(requests):
        mark = work.memory.mark
        try:
            request.admit(work)
        except (CheckoutError, FlowError) as refusal:
            work.memory.undo(mark)
            outcomes[n] = refusal
        except RunAloneError:
            work.memory.undo(mark)
        else:
            admitted.append(n)
    if not admitted:
        return outcomes, False
    work.take_shared()
    for n in admitted:
        try:
            outcomes[n] = requests[n].finish(work)
        except (CheckoutError, FlowError, RunAloneError) as error:
            raise NotSharedError(n) from error
    return outcomes, work.flush()


class NotSharedError(Exception):
    """A request that was admitted could not be finished: the batch is begun anew without it."""

    def __init__(self, place: int) -> None:
        super().__init__(f"request {place} of the batch")
        self.place = place


class BatchWork(UnitOfWork):
    """The stores of one batch. What is not overridden here may only be read."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(cast("Connection", ReadOnly(connection)))  # it answers to what the stores say
        self._real = connection
        self._is_sqlite = connection.dialect.name == "sqlite"
        self.memory = Memory()
        self._callers: dict[str, Caller | None] = {}
        self._with_calls: frozenset[str] = frozenset()
        self._with_purses: frozenset[str] = frozenset()
        self._with_balance: set[str] = set()
        self._stores: set[str] = set()

    def foresee(self, asked: Sequence[Ahead]) -> None:
        """Read who asks and the coupons that they want to use."""
        codes = {code for each in asked for code in each.coupon_codes}
        callers, coupons, campaigns = ask(
            self._real,
            whose({each.token_hash for each in asked}, at=asked[0].at),
            COUPONS.of(codes),
            CAMPAIGNS_OF_COUPONS.of(codes),
        )
        self._keep_callers(asked, callers)
        self._keep_coupons(codes, coupons, campaigns)

    def read_ahead(self, requests: Sequence[Together[Any]]) -> None:
        """Read every row that the requests will ask for; behind the customers' locks, what they approved and have."""
        asked = [request.ahead for request in requests]
        approval_ids = {each.authentication_id for each in asked}
        callers, customers = ask(
            self._real, whose({each.token_hash for each in asked}, at=asked[0].at), PAYERS.of(approval_ids)
        )
        self._keep_callers(asked, callers)
        self._stores = {each.store_id for each in asked}
        self.customers.read |= {each.customer_id: each for each in customers}
        pairs = {(who.name, each.key) for each in asked if (who := self._callers[each.token_hash])}
        payment_ids = {each.payment_id for each in asked}
        basket_ids = {each.basket_id for each in asked}
        codes = {code for each in asked for code in each.coupon_codes}
        wallets = [account(each) for each in self.customers.read for account in (main_account, cashback_account)]
        answers, payments, baskets, approvals, balances, purses, years, coupons, campaigns, given = ask(
            self._real,
            ANSWERS.of(pairs),
            PAYMENTS.of(payment_ids),
            BASKETS.of(basket_ids),
            APPROVALS.of(approval_ids),
            BALANCES.of([str(each) for each in wallets]),
            PURSES.of({each.phone_hash for each in customers}),
            YEARS.of(self.customers.read),
            HELD_COUPONS.of(codes),
            CAMPAIGNS_OF_COUPONS.of(codes),
            given_on_ticket(self._stores, at=asked[0].at),
        )
        self.answers.rows.read = dict.fromkeys(pairs) | {
            (principal, key): StoredAnswer(*stored) for principal, key, *stored in answers
        }
        self.payments.rows.read = dict.fromkeys(payment_ids) | {
            row.payment_id: replace(row, tenders=tuple(row.tenders)) for row in payments
        }
        self._read_baskets(basket_ids, [basket_id for (basket_id,) in baskets])
        self.authentications.rows.read = dict.fromkeys(approval_ids) | {
            each.authentication_id: altered(each, factors=tuple(each.factors)) for each in approvals
        }
        self.ledger.read |= self._balances(wallets, balances)
        self._with_purses = frozenset(phone for (phone,) in purses)
        self.cashback.years |= {(customer, store, year): minor for customer, store, year, minor in years}
        self._keep_coupons(codes, coupons, campaigns)
        self.campaigns.rows.read |= {row.campaign_id: row for row in given}
        for store_id in self._stores:
            mine = [row.campaign_id for row in given if row.store_id == store_id]
            self.campaigns.given_on_ticket[store_id] = mine
        for payment_id in payment_ids:  # an account that only a payment of this batch can have touched
            if self.payments.rows.read[payment_id] is None:
                self.ledger.read[hold_account(payment_id)] = 0

    def take_shared(self) -> None:
        """Hold what all share until the commit: campaigns, funders, the store's number, the head of the chain.

        Raises:
            StaleError: What the requests have taken meanwhile is not there any more.
        """
        campaign_ids = () if self._is_sqlite else self.campaigns.rows.read
        campaigns, funders, numbers, heads = ask(
            self._real,
            HELD_CAMPAIGNS.of(campaign_ids),
            HELD_FUNDERS.of(self._stores),
            HELD_NUMBERS.of(self._stores),
            HELD_HEAD.of([CHAIN]),
        )
        self._go_on_with(campaigns)
        self.cashback.left |= {(store, funder): budget - spent for store, funder, budget, spent in funders}
        self.tickets.next_numbers |= dict(numbers)
        self.ledger.head = heads[0] if heads else self.ledger.door.locked_head()
        given = {each for listed in self.campaigns.given_on_ticket.values() for each in listed}
        phones = {each.phone_hash for each in self.customers.read.values()}
        wallets = () if self._is_sqlite else [str(account) for account in self.ledger.read]
        # Behind the locks: nobody gives a coupon while its campaign is held, and nobody posts while the head is.
        held, balances = ask(self._real, HELD_OF_CAMPAIGN.of(phones if given else ()), BALANCES.of(wallets))
        self.coupons.held = {(campaign, phone): 0 for campaign in given for phone in phones}
        self.coupons.held |= {(campaign, phone): count for campaign, phone, count in held}
        if not self._is_sqlite and self._balances(self.ledger.read, balances) != self.ledger.read:
            raise StaleError("a wallet")

    def flush(self) -> bool:
        """Write everything down; return whether there is something to tell."""
        sheet = Sheet(self._real)
        self._write_new(sheet)
        self._write_changed(sheet)
        self._write_cashback(sheet)
        self._write_ledger(sheet)
        sheet.tell(self.events.told)
        sheet.write()
        return bool(self.events.told)

    def _write_new(self, sheet: Sheet) -> None:
        claimed_at = self.answers.claimed_at
        answers = [
            (caller, key, kept.request_hash, kept.status, kept.body, kept.headers, claimed_at)
            for (caller, key), kept in self.answers.rows.now.items()
        ]
        sheet.insert_values(tables.idempotency, ANSWER, answers)
        baskets = [basket_facts(row) | {"created_at": row.created_at} for row in self.baskets.rows.now.values()]
        sheet.insert_rows(tables.basket, baskets)
        read, closed_at = reader(*PAYMENT), self.payments.closed_at
        payments = [(*read(row), {}, closed_at[row.payment_id]) for row in self.payments.rows.now.values()]
        sheet.insert_values(tables.payment, (*PAYMENT, "quote", "closed_at"), payments)
        sheet.insert_facts(tables.ticket, self.tickets.added)
        sheet.insert_rows(tables.exit_token, self.tickets.exits)
        sheet.insert_facts(tables.coupon, self.coupons.rows.added)
        sheet.insert_facts(tables.share, self.shares.added)

    def _write_changed(self, sheet: Sheet) -> None:
        """Write what was changed of rows that others may want too; each is held, or counted under its condition."""
        used = [
            (micros(after.used_at), after.authentication_id)
            for _, after in self.authentications.rows.changed
            if after.used_at is not None
        ]
        sheet.update(USED, used, StaleError("an approval"))
        moved = [
            (row.state, row.payment_id, row.value_minor, _micros(row.redeemed_at), row.code, before.state)
            for before, row in self.coupons.rows.changed
        ]
        sheet.update(MOVED, moved, StaleError("a coupon"))
        counted = [(*_moved_by(before, row), row.campaign_id) for before, row in self.campaigns.rows.changed]
        sheet.update(COUNTED, counted, StaleError("a campaign"))
        numbers = [(number, store_id) for store_id, number in self.tickets.next_numbers.items()]
        sheet.update(NUMBERED, numbers, StaleError("a store"))
        for customer_id, at in self.references.uses:
            UnitOfWork(self._real).references.used(customer_id, at=at)

    def _write_cashback(self, sheet: Sheet) -> None:
        years = [(*key, minor) for key, minor in sorted(self.cashback.counted.items())]
        sheet.update(EARNED, years, StaleError("cashback"))
        taken = [(minor, *key) for key, minor in sorted(self.cashback.taken.items()) if minor]
        sheet.update(FUNDED, taken, StaleError("a funder"))

    def _write_ledger(self, sheet: Sheet) -> None:
        ledger, door = self.ledger, self.ledger.door
        if not ledger.transfers or ledger.head is None:
            return
        ledger.place_all()
        unit = self._unit
        changes = [
            Change(name, unit, minor, is_new=name not in self._with_balance)
            for name, minor in sorted(
                (str(account), minor - ledger.read[account])
                for account, minor in ledger.now.items()
                if minor != ledger.read[account]
            )
        ]
        door.write(sheet, list(ledger.placed.values()), changes, ledger.head)

    @property
    def _unit(self) -> str:
        """The currency of the batch: a store has one."""
        transfer, _ = next(iter(self.ledger.transfers.values()))
        return transfer.postings[0].amount.currency.code

    def _keep_callers(self, asked: Sequence[Ahead], found: Sequence[tuple[str, Caller]]) -> None:
        self._callers = dict.fromkeys(each.token_hash for each in asked) | dict(found)

    def _keep_coupons(self, codes: set[str], coupons: Sequence[CouponRow], campaigns: Sequence[CampaignRow]) -> None:
        self.coupons.rows.read = dict.fromkeys(codes) | {row.code: row for row in coupons}
        self.campaigns.rows.read = {row.campaign_id: row for row in campaigns}

    def _read_baskets(self, basket_ids: set[str], there: Sequence[str]) -> None:
        basket, call = tables.basket, tables.intervention
        self.baskets.rows.read = dict.fromkeys(basket_ids)
        # That they are there at all is rare, and says that a request has come before.
        if there:
            found = self._real.execute(select(basket).where(basket.c.basket_id.in_(there)))
            self.baskets.rows.read |= {row.basket_id: basket_of_row(row) for row in found}
            with_calls = self._real.execute(select(call.c.basket_id).where(call.c.basket_id.in_(sorted(basket_ids))))
            self._with_calls = frozenset(with_calls.scalars())

    def _balances(self, accounts: Iterable[AccountId], found: Sequence[tuple[str, int]]) -> dict[AccountId, int]:
        """Return balances of guarded accounts; what nothing has touched has nothing."""
        kept = dict(found)
        self._with_balance |= kept.keys()
        return {account: kept.get(str(account), 0) for account in accounts}

    def _go_on_with(self, campaigns: Sequence[CampaignRow]) -> None:
        """Go on with what campaigns have left now that they are held.

        Raises:
            StaleError: What the requests have taken meanwhile is not there any more.
        """
        rows = self.campaigns.rows
        for row in campaigns:
            before = rows.read[row.campaign_id]
            after = rows.now.get(row.campaign_id)
            if before is not None and after is not None:
                reserved, spent, issued = _moved_by(before, after)
                after = altered(
                    row,
                    reserved_minor=row.reserved_minor + reserved,
                    spent_minor=row.spent_minor + spent,
                    issued=row.issued + issued,
                )
                suffices = after.reserved_minor + after.spent_minor <= row.budget_minor
                if row.state != before.state or not suffices or after.issued > row.limit_coupons:
                    raise StaleError("a budget")
            rows.read[row.campaign_id], rows.now[row.campaign_id] = row, after or row

    @cached_property
    def callers(self) -> BatchCallers:
        """Who a token belongs to."""
        return BatchCallers(self._callers)

    @cached_property
    def answers(self) -> BatchAnswers:
        """What was answered to which key."""
        return BatchAnswers(self.memory)

    @cached_property
    def baskets(self) -> BatchBaskets:
        """The baskets."""
        return BatchBaskets(self.memory)

    @cached_property
    def payments(self) -> BatchPayments:
        """The payments."""
        return BatchPayments(self.memory)

    @cached_property
    def tickets(self) -> BatchTickets:
        """Receipts and exit codes."""
        return BatchTickets(self.memory)

    @cached_property
    def ledger(self) -> BatchLedger:
        """Who has what."""
        return BatchLedger(self._real, self.memory)

    @cached_property
    def authentications(self) -> BatchAuthentications:
        """Approvals, each used at most once."""
        return BatchAuthentications(self.connection, self.memory)

    @cached_property
    def customers(self) -> BatchCustomers:
        """Who has a wallet here."""
        return BatchCustomers(self.memory)

    @cached_property
    def references(self) -> BatchReferences:
        """The gallery, as sealed bytes."""
        return BatchReferences(self.connection, self.memory)

    @cached_property
    def campaigns(self) -> BatchCampaigns:
        """Campaigns with their counters."""
        return BatchCampaigns(self._real, self.memory)

    @cached_property
    def coupons(self) -> BatchCoupons:
        """Coupons by code."""
        return BatchCoupons(self.memory)

    @cached_property
    def shares(self) -> BatchShares:
        """Links by which coupons are passed on."""
        return BatchShares(self.memory)

    @cached_property
    def events(self) -> BatchEvents:
        """What this change has to tell."""
        return BatchEvents(self.memory)

    @cached_property
    def interventions(self) -> BatchInterventions:
        """Calls for a person."""
        return BatchInterventions(self._with_calls)

    @cached_property
    def purses(self) -> BatchPurses:
        """Restricted credit."""
        return BatchPurses(self._with_purses)

    @cached_property
    def cashback(self) -> BatchCashback:
        """What is promised back, and what was given of it."""
        return BatchCashback(self.memory)


def _micros(moment: datetime | None) -> int | None:
    return None if moment is None else micros(moment)


def _moved_by(before: CampaignRow, after: CampaignRow) -> tuple[int, int, int]:
    return (
        after.reserved_minor - before.reserved_minor,
        after.spent_minor - before.spent_minor,
        after.issued - before.issued,
    )

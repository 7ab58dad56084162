"""The stores of the hot path over the memory of a batch: what was read ahead is answered, what is written is kept.

Each is the store that it replaces, with the acts of a payment overridden. An act that is not falls through to its SQL
and finds the door shut (`Shut`), so that nobody reads rows which this batch has already changed in memory: the request
is then run in a transaction of its own. So a new act of a flow is slow here until it is taught, and never wrong.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, NoReturn, cast

from sqlalchemy import Connection

from checkout import AccountId, Transfer, chain_hash, changes_of, demand_held
from server.db.answers import AnswerStore
from server.db.baskets import BasketStore
from server.db.batch_memory import Memory, Rows, RunAloneError
from server.db.callers import CallerStore
from server.db.campaigns import CampaignStore, CouponStore, ShareStore
from server.db.events import EventStore
from server.db.help import InterventionStore
from server.db.ledger import LedgerStore, Placed
from server.db.payments import PaymentStore, TicketStore
from server.db.people import CustomerStore, ReferenceStore
from server.db.proofs import AuthenticationStore
from server.db.wallet import CashbackStore, PurseStore
from server.flows.altered import altered
from server.flows.ports import BasketRow, Caller, StoredAnswer
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.ports.help import Intervention
from server.flows.ports.ledger import Link
from server.flows.ports.payments import PaymentRow, TicketRow
from server.flows.ports.people import Customer
from server.flows.ports.proofs import Authentication
from server.flows.ports.wallet import PurseRow


class Shut:
    """A connection that nothing passes."""

    def execute(self, *_asked: object, **_more: object) -> NoReturn:
        """Refuse.

        Raises:
            RunAloneError: Always.
        """
        raise RunAloneError("this act is not shared in a batch")


class ReadOnly:
    """A connection for what a batch neither keeps in memory nor changes: questions pass, changes do not."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def execute(self, statement: Any, *given: Any, **more: Any) -> Any:  # noqa: ANN401 - as SQLAlchemy's
        """Pass a SELECT on.

        Raises:
            RunAloneError: It is something else.
        """
        if not getattr(statement, "is_select", False):
            raise RunAloneError("this change is not shared in a batch")
        return self._connection.execute(statement, *given, **more)


SHUT = cast("Connection", Shut())  # it answers to the one word that the stores say


class BatchCallers(CallerStore):
    """Who the tokens of the batch belong to."""

    def __init__(self, known: Mapping[str, Caller | None]) -> None:
        super().__init__(SHUT)
        self._known = known

    def by_token(self, token_hash: str, *, at: datetime) -> Caller | None:  # noqa: ARG002 - looked up a moment ago
        """Return whose token it is."""
        return self._known[token_hash]


class BatchAnswers(AnswerStore):
    """Answers by caller and key."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self.rows: Rows[tuple[str, str], StoredAnswer] = Rows(memory)
        self.claimed_at: datetime | None = None

    def claim(self, caller: str, key: str, request_hash: str, *, at: datetime) -> StoredAnswer | None:
        """Take a key, or return the answer that is there.

        Raises:
            RunAloneError: Another request of this batch has the key and no answer yet; afterwards it is there.
        """
        if (caller, key) in self.rows.now:
            raise RunAloneError(key)
        if (stored := self.rows.get((caller, key))) is not None:
            return stored
        self.rows.put((caller, key), StoredAnswer(request_hash, 0, None, {}))
        self.claimed_at = at
        return None

    def keep(self, caller: str, key: str, *, status: int, body: object, headers: Mapping[str, str]) -> None:
        """Put the answer under the claimed key."""
        claimed = self.rows.now[caller, key]
        self.rows.put((caller, key), StoredAnswer(claimed.request_hash, status, body, dict(headers)))


class BatchBaskets(BasketStore):
    """Baskets, each written once: as it is in the end."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self.rows: Rows[str, BasketRow] = Rows(memory)

    def get(self, basket_id: str) -> BasketRow | None:
        """Return a basket."""
        return self.rows.get(basket_id)

    def locked(self, basket_id: str) -> BasketRow | None:
        """Return a basket; the batch writes only those that it has made."""
        return self.rows.get(basket_id)

    def add(self, basket: BasketRow) -> None:
        """Keep a new basket."""
        self.rows.put(basket.basket_id, basket)

    def put(self, basket: BasketRow) -> None:
        """Keep the basket as it is now."""
        if basket.basket_id not in self.rows.now:
            raise RunAloneError("a basket that was there before")
        self.rows.put(basket.basket_id, basket)


class BatchPayments(PaymentStore):
    """Payments, each written once: as it is in the end."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self.rows: Rows[str, PaymentRow] = Rows(memory)
        self.closed_at: dict[str, datetime] = {}

    def get(self, payment_id: str) -> PaymentRow | None:
        """Return a payment."""
        return self.rows.get(payment_id)

    def locked(self, payment_id: str) -> PaymentRow | None:
        """Return a payment; one that was begun before is ended by whoever runs alone."""
        found = self.rows.get(payment_id)
        if found is not None and payment_id not in self.rows.now and found.status == "held":
            raise RunAloneError("a payment that was begun before")
        return found

    def add(self, payment: PaymentRow) -> None:
        """Keep a new payment."""
        self.rows.put(payment.payment_id, payment)

    def close(self, payment_id: str, status: str, *, at: datetime, receipt: dict[str, Any] | None = None) -> None:
        """Write down how it ended."""
        self.rows.put(payment_id, altered(self.rows.now[payment_id], status=status, receipt=receipt))
        self.closed_at[payment_id] = at


class BatchTickets(TicketStore):
    """Receipts, exit codes, and the store's numbers, taken from one row that is held from the first to the commit."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self._memory = memory
        self.next_numbers: dict[str, int] = {}
        self.added: list[TicketRow] = []
        self.exits: list[dict[str, Any]] = []

    def next_number(self, store_id: str) -> int:
        """Take the next number of a store."""
        number = self.next_numbers[store_id]
        self._memory.put(self.next_numbers, store_id, number + 1)
        return number

    def add(self, ticket: TicketRow) -> None:
        """Keep a receipt."""
        self._memory.append(self.added, ticket)

    def add_exit(self, token_hash: str, ticket_id: str, *, expires_at: datetime) -> None:
        """Keep an exit code's hash."""
        self._memory.append(self.exits, {"token_hash": token_hash, "ticket_id": ticket_id, "expires_at": expires_at})


class BatchLedger(LedgerStore):
    """Transfers and the balances that they leave. Places in the chain are given when the batch has its head."""

    def __init__(self, connection: Connection, memory: Memory) -> None:
        super().__init__(SHUT)
        self.door = LedgerStore(connection)
        self._memory = memory
        self.read: dict[AccountId, int] = {}
        self.now: dict[AccountId, int] = {}
        self.transfers: dict[str, tuple[Transfer, datetime]] = {}
        self.placed: dict[str, Placed] = {}
        self.head: tuple[int, str] | None = None

    def post(self, transfers: Sequence[Transfer], *, at: datetime) -> None:
        """Append transfers.

        Raises:
            InsufficientFundsError: A guarded account would end below zero.
        """
        for transfer in transfers:
            if transfer.id in self.transfers:
                continue
            unit = transfer.postings[0].amount.currency
            after = [
                (account, demand_held(account, self._held(account), change_minor, unit))
                for account, change_minor in changes_of(transfer).items()
                if account.is_guarded
            ]
            for account, minor in after:
                self._memory.put(self.now, account, minor)
            self._memory.put(self.transfers, transfer.id, (transfer, at))

    def get(self, transfer_id: str) -> Transfer | None:
        """Return a transfer of this batch; another has nothing to do with a payment that began here."""
        found = self.transfers.get(transfer_id)
        return None if found is None else found[0]

    def link(self, transfer_id: str) -> Link | None:
        """Return where a transfer stands in the chain."""
        self.place_all()
        found = self.placed.get(transfer_id)
        return None if found is None else found.link

    def balance_of(self, account: AccountId | str) -> int:
        """Return the balance of a guarded account."""
        return self._held(account if isinstance(account, AccountId) else AccountId.parse(account))

    def place_all(self) -> None:
        """Give every transfer that has none its place in the chain, in the order in which they were posted."""
        if self.head is None:
            raise AssertionError("places are given when the head is held")
        # Both are in the order of posting: those without a place are the last.
        for transfer, at in islice(self.transfers.values(), len(self.placed), None):
            position, previous = self.head
            link = Link(position + 1, chain_hash(previous, transfer))
            self.placed[transfer.id] = Placed(transfer, at, previous, link)
            self.head = (link.position, link.hash)

    def _held(self, account: AccountId) -> int:
        if (minor := self.now.get(account)) is not None:
            return minor
        try:
            return self.read[account]
        except KeyError:
            raise RunAloneError(str(account)) from None


class BatchAuthentications(AuthenticationStore):
    """Approvals. What a customer has paid so far is asked of the database: a batch has one request of each."""

    def __init__(self, connection: Connection, memory: Memory) -> None:
        super().__init__(connection)
        self.rows: Rows[str, Authentication] = Rows(memory)

    def get(self, authentication_id: str) -> Authentication | None:
        """Return an approval."""
        return self.rows.get(authentication_id)

    def use(self, authentication_id: str, *, at: datetime) -> bool:
        """Use an approval up."""
        found = self.rows.get(authentication_id)
        if found is None or found.used_at is not None or found.expires_at <= at:
            return False
        self.rows.put(authentication_id, altered(found, used_at=at))
        return True


class BatchCustomers(CustomerStore):
    """Customers, whose rows the batch holds; each pays once in it."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self._memory = memory
        self.read: dict[str, Customer] = {}
        self.paying: dict[str, bool] = {}

    def get(self, customer_id: str) -> Customer | None:
        """Return the customer."""
        return self.read.get(customer_id)

    def lock_row(self, customer_id: str) -> None:
        """Keep a second request of the same customer out.

        Raises:
            RunAloneError: There is one already: its limits are counted when this batch has ended.
        """
        if customer_id in self.paying:
            raise RunAloneError("this customer pays already in this batch")
        self._memory.put(self.paying, customer_id, True)  # noqa: FBT003 - a set with a way back


class BatchReferences(ReferenceStore):
    """Faces, of which only their last use is written, at the end."""

    def __init__(self, connection: Connection, memory: Memory) -> None:
        super().__init__(connection)
        self._memory = memory
        self.uses: list[tuple[str, datetime]] = []

    def used(self, customer_id: str, *, at: datetime) -> None:
        """Note that a customer's face was used."""
        self._memory.append(self.uses, (customer_id, at))


class BatchCampaigns(CampaignStore):
    """Campaigns, whose counters move in memory; what they moved by is one conditional update each.

    Counts of a day and draws belong to the second step, when nothing is undone any more: they go straight through.
    """

    def __init__(self, connection: Connection, memory: Memory) -> None:
        super().__init__(SHUT)
        self._door = CampaignStore(connection)
        self.rows: Rows[str, CampaignRow] = Rows(memory)
        self.given_on_ticket: dict[str, list[str]] = {}

    def get(self, campaign_id: str) -> CampaignRow | None:
        """Return a campaign."""
        return self.rows.get(campaign_id)

    def on_ticket(self, store_id: str, *, at: datetime) -> Sequence[CampaignRow]:
        """Return the live campaigns that give a coupon with each ticket, oldest first."""
        found = [self.rows.get(each) for each in self.given_on_ticket[store_id]]
        return [row for row in found if row is not None and _runs(row, at)]

    def take_slot(self, campaign_id: str, *, at: datetime, state: str = "live") -> bool:
        """Count one more coupon if the campaign is in this state and has one left."""
        row = self._row(campaign_id)
        is_open = row.state == state and row.starts_at <= at < row.ends_at
        is_funded = row.reserved_minor + row.spent_minor < row.budget_minor
        if not (is_open and row.issued < row.limit_coupons and is_funded):
            return False
        self.rows.put(campaign_id, altered(row, issued=row.issued + 1))
        return True

    def give_slot_back(self, campaign_id: str) -> None:
        """Undo `take_slot`."""
        row = self._row(campaign_id)
        self.rows.put(campaign_id, altered(row, issued=row.issued - 1))

    def take_day(self, campaign_id: str, day: int, limit: int) -> bool:
        """Count one more coupon of a day."""
        return self._door.take_day(campaign_id, day, limit)

    def note_held_out(self, campaign_id: str, phone_hash: str, *, at: datetime) -> None:
        """Note who was drawn out."""
        self._door.note_held_out(campaign_id, phone_hash, at=at)

    def reserve(self, campaign_id: str, amount_minor: int) -> bool:
        """Set money of the budget aside."""
        row = self._row(campaign_id)
        if row.reserved_minor + row.spent_minor + amount_minor > row.budget_minor:
            return False
        self.rows.put(campaign_id, altered(row, reserved_minor=row.reserved_minor + amount_minor))
        return True

    def spend(self, campaign_id: str, amount_minor: int) -> None:
        """Turn money that was set aside into money spent."""
        row = self._row(campaign_id)
        reserved_minor, spent_minor = row.reserved_minor - amount_minor, row.spent_minor + amount_minor
        self.rows.put(campaign_id, altered(row, reserved_minor=reserved_minor, spent_minor=spent_minor))

    def _row(self, campaign_id: str) -> CampaignRow:
        if (row := self.rows.get(campaign_id)) is None:
            raise RunAloneError(campaign_id)
        return row


class BatchCoupons(CouponStore):
    """Coupons by code."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self.rows: Rows[str, CouponRow] = Rows(memory)
        self.held: dict[tuple[str, str], int] = {}

    def add(self, made: CouponRow) -> None:
        """Keep a new coupon."""
        self.rows.put(made.code, made)

    def get(self, code: str) -> CouponRow | None:
        """Return a coupon."""
        return self.rows.get(code)

    def held_in(self, campaign_id: str, phone_hash: str) -> int:
        """Return how many coupons of one campaign a person has or had."""
        if (campaign_id, phone_hash) not in self.held:
            raise RunAloneError(campaign_id)
        mine = [row for row in self.rows.added if (row.campaign_id, row.holder_phone_hash) == (campaign_id, phone_hash)]
        return self.held[campaign_id, phone_hash] + len(mine)

    def of_payment(self, payment_id: str, state: str) -> Sequence[CouponRow]:
        """Return the coupons that a payment of this batch holds in a state, by code."""
        return sorted(
            (row for row in self.rows.now.values() if row.payment_id == payment_id and row.state == state),
            key=lambda row: row.code,
        )

    def of_ticket(self, ticket_id: str) -> CouponRow | None:
        """Return the coupon that was given with a ticket of this batch."""
        return next((row for row in self.rows.now.values() if row.ticket_id == ticket_id), None)

    def reserve(
        self,
        code: str,
        payment_id: str,
        value_minor: int,
        *,
        at: datetime,
        used_in: str | None = None,
        used_by: str | None = None,
    ) -> bool:
        """Set a coupon aside for a payment if it is issued and its time is not over.

        Raises:
            RunAloneError: Its campaign limits stores or households, which are counted where nobody else writes.
        """
        if used_in is not None or used_by is not None:
            raise RunAloneError(code)
        row = self.rows.get(code)
        if row is None or row.state != "issued" or row.expires_at <= at:
            return False
        self.rows.put(code, altered(row, state="reserved", payment_id=payment_id, value_minor=value_minor))
        return True

    def move(self, code: str, before: str, after: str, *, redeemed_at: datetime | None = None) -> bool:
        """Change the state if it still is `before`."""
        row = self.rows.get(code)
        if row is None or row.state != before or after == "issued":
            raise RunAloneError(code)
        self.rows.put(code, altered(row, state=after, redeemed_at=redeemed_at or row.redeemed_at))
        return True


class BatchShares(ShareStore):
    """Links that were printed on a ticket of this batch."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self._memory = memory
        self.added: list[ShareRow] = []

    def add(self, made: ShareRow) -> None:
        """Keep a link."""
        self._memory.append(self.added, made)


class BatchEvents(EventStore):
    """What the batch has to tell."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self._memory = memory
        self.told: list[dict[str, Any]] = []

    def tell(self, store_id: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
        """Leave an event."""
        self._memory.append(self.told, {"store_id": store_id, "kind": kind, "body": dict(body), "at": at})


class BatchInterventions(InterventionStore):
    """Calls for help: a basket that came whole has none."""

    def __init__(self, with_calls: frozenset[str]) -> None:
        super().__init__(SHUT)
        self._with_calls = with_calls

    def waiting(self, basket_id: str) -> Sequence[Intervention]:
        """Return nothing for a basket that nobody has called for."""
        if basket_id in self._with_calls:
            raise RunAloneError(basket_id)
        return ()


class BatchPurses(PurseStore):
    """Restricted credit: whoever has some pays alone."""

    def __init__(self, with_purses: frozenset[str]) -> None:
        super().__init__(SHUT)
        self._with_purses = with_purses

    def locked_of(self, phone_hash: str) -> Sequence[PurseRow]:
        """Return nothing for somebody who has none."""
        if phone_hash in self._with_purses:
            raise RunAloneError("a purse")
        return ()


class BatchCashback(CashbackStore):
    """What a shopper got in a year, and what is left of the funders' budgets."""

    def __init__(self, memory: Memory) -> None:
        super().__init__(SHUT)
        self._memory = memory
        self.years: dict[tuple[str, str, int], int] = {}
        self.counted: dict[tuple[str, str, int], int] = {}
        self.left: dict[tuple[str, str], int] = {}
        self.taken: dict[tuple[str, str], int] = {}

    def lock_year(self, customer_id: str, store_id: str, year: int) -> int:
        """Return what a shopper got in a year."""
        key = (customer_id, store_id, year)
        return self.years.get(key, 0) + self.counted.get(key, 0)

    def count(self, customer_id: str, store_id: str, year: int, minor: int) -> None:
        """Add to what a shopper got in a year."""
        key = (customer_id, store_id, year)
        self._memory.put(self.counted, key, self.counted.get(key, 0) + minor)

    def take(self, store_id: str, funder_id: str, minor: int) -> int:
        """Take from a funder's budget and return how much there was."""
        key = (store_id, funder_id)
        before = self.taken.get(key, 0)
        taken = min(minor, self.left[key] - before)
        self._memory.put(self.taken, key, before + taken)
        return taken


def _runs(row: CampaignRow, at: datetime) -> bool:
    return row.state == "live" and row.starts_at <= at < row.ends_at

"""The ledger in tables: transfers chained by hash, postings, and balances of the accounts that must not go below zero.

Every post takes the row of the chain's head first. So there is one order of transfers on both engines, a second
arrival of the same transfer is seen, and two posts can never wait for each other crosswise. The price is that posts
of one database happen one after the other; they hold the row for a few statements and the commit.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Row,
    case,
    cast,
    func,
    or_,
    select,
    union_all,
)

from checkout import GENESIS, AccountId, Money, Posting, Transfer, TransferKind, balances, chain_hash, currency, guard
from checkout.ledger import GUARDED
from server.db import tables
from server.db.bulk import Sheet
from server.db.insert_new import insert_new
from server.flows.ports.ledger import Entry, Link, Report

CHAIN = "main"
TRANSFER = ("transfer_id", "position", "kind", "ref", "at", "prev_hash", "hash")
BALANCE = ("account_id", "currency", "balance_minor")
CHANGED = (
    "UPDATE balance SET balance_minor = balance_minor + CAST(? AS bigint) "
    "WHERE account_id = ? AND currency = ? AND balance_minor + CAST(? AS bigint) >= 0"
)
MOVED_ON = "UPDATE ledger_head SET position = CAST(? AS bigint), hash = ? WHERE chain = ?"
POSTING = ("transfer_id", "n", "debit", "credit", "amount_minor", "currency")
_transfer, _posting, _balance, _head = tables.transfer, tables.posting, tables.balance, tables.ledger_head
_HEAD_HELD = select(_head.c.position, _head.c.hash).where(_head.c.chain == CHAIN).with_for_update()
"""Put into words once: every payment asks."""


class Change(NamedTuple):
    """By how much a guarded account changes, in minor units; a new one has no row yet."""

    account_id: str
    currency: str
    minor: int
    is_new: bool


class Placed(NamedTuple):
    """A transfer with its place in the chain, and the hash that it follows."""

    transfer: Transfer
    at: datetime
    previous: str
    link: Link


class LedgerStore:
    """Append transfers; read balances, movements, and the whole."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def post(self, transfers: Sequence[Transfer], *, at: datetime) -> None:
        """Append transfers, in order; one whose id is there already is left out.

        Raises:
            InsufficientFundsError: A guarded account would end below zero; nothing at all has happened then.
        """
        position, previous = self.locked_head()
        known = self._known([transfer.id for transfer in transfers])
        fresh = list({transfer.id: transfer for transfer in transfers if transfer.id not in known}.values())
        if not fresh:
            return
        changes = self._guarded_changes(fresh)
        placed = []
        for transfer in fresh:
            position, chained = position + 1, chain_hash(previous, transfer)
            placed.append(Placed(transfer, at, previous, Link(position, chained)))
            previous = chained
        sheet = Sheet(self._connection)
        self.write(sheet, placed, changes, (position, previous))
        sheet.write()

    def write(
        self,
        sheet: Sheet,
        placed: Sequence[Placed],
        changes: Sequence[Change],
        head: tuple[int, str],
    ) -> None:
        """Write down transfers at their places, what they change, and the new head, which the caller holds."""
        sheet.insert_values(_transfer, TRANSFER, [_transfer_values(each) for each in placed])
        postings = [values for each in placed for values in _posting_values(each.transfer)]
        sheet.insert_values(_posting, POSTING, postings)
        sheet.insert_values(_balance, BALANCE, [each[:3] for each in changes if each.is_new])
        changed = AssertionError("a balance changed although this transaction holds the head of the chain")
        known = [(each.minor, each.account_id, each.currency, each.minor) for each in changes if not each.is_new]
        sheet.update(CHANGED, known, changed)
        sheet.update(MOVED_ON, [(*head, CHAIN)], changed)

    def get(self, transfer_id: str) -> Transfer | None:
        """Return a transfer."""
        return next((transfer for transfer, _ in self._read(_transfer.c.transfer_id == transfer_id)), None)

    def chain(self) -> Iterator[tuple[Link, Transfer]]:
        """Yield all transfers with their places, first to last."""
        return ((Link(row.position, row.hash), transfer) for transfer, row in self._read())

    def link(self, transfer_id: str) -> Link | None:
        """Return where a transfer stands in the chain."""
        row = self._connection.execute(
            select(_transfer.c.position, _transfer.c.hash).where(_transfer.c.transfer_id == transfer_id)
        ).one_or_none()
        return None if row is None else Link(row.position, row.hash)

    def balance_of(self, account: AccountId | str) -> int:
        """Return the balance of an account in minor units; 0 for one that nothing has touched."""
        held = AccountId.parse(str(account))
        if held.is_guarded:
            query = select(_balance.c.balance_minor).where(_balance.c.account_id == str(held))
            return self._connection.execute(query).scalar_one_or_none() or 0
        name = str(held)
        both = union_all(
            select(_posting.c.amount_minor).where(_posting.c.credit == name),
            select(-_posting.c.amount_minor).where(_posting.c.debit == name),
        ).subquery()
        query = select(cast(func.coalesce(func.sum(both.c[0]), 0), BigInteger))
        return int(self._connection.execute(query).scalar_one())

    def entries_of(self, account: AccountId | str, limit: int = 50, *, below: int | None = None) -> list[Entry]:
        """Return the movements of an account, newest first; those before a place in the chain where one is given."""
        name = str(account)
        rows = self._connection.execute(
            select(_posting, _transfer.c.position, _transfer.c.at, _transfer.c.kind, _transfer.c.ref)
            .join(_transfer, _transfer.c.transfer_id == _posting.c.transfer_id)
            .where(or_(_posting.c.debit == name, _posting.c.credit == name))
            .where(*([] if below is None else [_transfer.c.position < below]))
            .order_by(_transfer.c.position.desc(), _posting.c.n.desc())
            .limit(limit)
        )
        entries = []
        after = self.balance_of(name) - (0 if below is None else self._moved_from(name, below))
        for row in rows:
            amount = row.amount_minor if row.credit == name else -row.amount_minor
            entries.append(Entry(row.position, row.at, row.kind, row.ref, amount, after, row.currency))
            after -= amount
        return entries

    def _moved_from(self, name: str, position: int) -> int:
        """Return by how much an account changed from a place in the chain on."""
        moved = (case((_posting.c.credit == name, 1), else_=0) - case((_posting.c.debit == name, 1), else_=0)) * (
            _posting.c.amount_minor
        )
        query = (
            select(cast(func.coalesce(func.sum(moved), 0), BigInteger))
            .join(_transfer, _transfer.c.transfer_id == _posting.c.transfer_id)
            .where(or_(_posting.c.debit == name, _posting.c.credit == name), _transfer.c.position >= position)
        )
        return int(self._connection.execute(query).scalar_one())

    def drift_minor(self) -> int:
        """Return by how much all guarded balances together differ from the fold of their postings; zero."""
        into, out_of = (
            select(func.coalesce(func.sum(_posting.c.amount_minor), 0)).where(_is_guarded(end)).scalar_subquery()
            for end in (_posting.c.credit, _posting.c.debit)
        )
        kept = select(func.coalesce(func.sum(_balance.c.balance_minor), 0)).scalar_subquery()
        return int(self._connection.execute(select(kept - into + out_of)).scalar_one())

    def verify(self) -> Report:
        """Look at everything: sums, balances, chain."""
        position, previous, broken_at, total = 0, GENESIS, None, 0
        folded: dict[AccountId, int] = {}
        for transfer, row in self._read():
            position += 1
            previous = chain_hash(previous, transfer)
            if broken_at is None and (row.position != position or row.hash != previous):
                broken_at = position
            for account, change in balances([transfer]).items():
                folded[account] = folded.get(account, 0) + change.minor
                total += change.minor
        head = self._connection.execute(select(_head).where(_head.c.chain == CHAIN)).one_or_none()
        if broken_at is None and head is not None and (head.position, head.hash) != (position, previous):
            broken_at = position + 1
        kept = {row.account_id: row.balance_minor for row in self._connection.execute(select(_balance))}
        guarded = {str(account): minor for account, minor in folded.items() if account.is_guarded}
        off = {name for name in guarded.keys() | kept.keys() if kept.get(name, 0) != guarded.get(name, 0)}
        off |= {name for name, minor in guarded.items() if minor < 0}
        return Report(position, total, tuple(sorted(off)), broken_at)

    def locked_head(self) -> tuple[int, str]:
        """Return the newest place of the chain; nobody else posts before this transaction ends."""
        if (row := self._connection.execute(_HEAD_HELD).one_or_none()) is None:
            insert_new(self._connection, _head, chain=CHAIN, position=0, hash=GENESIS)
            row = self._connection.execute(_HEAD_HELD).one()
        return row.position, row.hash

    def _known(self, ids: Sequence[str]) -> set[str]:
        query = select(_transfer.c.transfer_id).where(_transfer.c.transfer_id.in_(ids))
        return set(self._connection.execute(query).scalars())

    def _guarded_changes(self, fresh: Sequence[Transfer]) -> list[Change]:
        """Return what the guarded accounts change by, after making sure that none goes below zero on the way."""
        touched = {account: change for account, change in balances(fresh).items() if account.is_guarded}
        query = select(_balance).where(_balance.c.account_id.in_([str(account) for account in touched]))
        held = {
            AccountId.parse(row.account_id): Money(row.balance_minor, currency(row.currency))
            for row in self._connection.execute(query)
        }
        known = held.keys()
        for transfer in fresh:
            held = dict(guard(held, transfer))
        return [
            Change(str(account), change.currency.code, change.minor, is_new=account not in known)
            for account, change in sorted(touched.items())
            if change.minor
        ]

    def _read(self, *where: Any) -> Iterator[tuple[Transfer, Row[Any]]]:  # noqa: ANN401 - SQL conditions
        rows = self._connection.execute(
            select(
                _transfer,
                _posting.c.n,
                _posting.c.debit,
                _posting.c.credit,
                _posting.c.amount_minor,
                _posting.c.currency,
            )
            .join(_posting, _posting.c.transfer_id == _transfer.c.transfer_id)
            .where(*where)
            .order_by(_transfer.c.position, _posting.c.n)
        )
        for _, group in groupby(rows, key=lambda row: row.position):
            found = list(group)
            postings = tuple(
                Posting(
                    AccountId.parse(row.debit),
                    AccountId.parse(row.credit),
                    Money(row.amount_minor, currency(row.currency)),
                )
                for row in found
            )
            first = found[0]
            yield Transfer(first.transfer_id, TransferKind(first.kind), first.ref, postings), first


def _is_guarded(end: Column[str]) -> ColumnElement[bool]:
    return or_(*(end.startswith(f"{kind.value}:", autoescape=True) for kind in GUARDED))


def _transfer_values(placed: Placed) -> tuple[Any, ...]:
    transfer, link = placed.transfer, placed.link
    return transfer.id, link.position, str(transfer.kind), transfer.ref, placed.at, placed.previous, link.hash


def _posting_values(transfer: Transfer) -> list[tuple[Any, ...]]:
    unit = transfer.postings[0].amount.currency.code
    return [
        (transfer.id, n, str(posting.debit), str(posting.credit), posting.amount.minor, unit)
        for n, posting in enumerate(transfer.postings)
    ]

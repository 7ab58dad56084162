"""Cashback and restricted credit, in SQL. Every limit is a condition of the statement that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, exists, func, select, update

from server.db.insert_new import insert_new
from server.db.tables import (
    balance,
    cashback_funder,
    cashback_programme,
    cashback_year,
    credit_batch,
    credit_row,
    payment,
    posting,
    purse,
)
from server.flows.ports.wallet import BatchRow, FunderRow, PersonRow, ProgrammeRow, PurseRow, Spent


class CashbackStore:
    """What is promised, and what was given of it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def programme(self, store_id: str) -> ProgrammeRow | None:
        """Return the cashback of a store, or None."""
        query = select(cashback_programme).where(cashback_programme.c.store_id == store_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            return None
        funders = self._connection.execute(
            select(cashback_funder)
            .where(cashback_funder.c.store_id == store_id, cashback_funder.c.weight > 0)
            .order_by(cashback_funder.c.position)
        )
        return ProgrammeRow(
            store_id,
            row.rate_bp,
            row.yearly_cap_minor,
            tuple(
                FunderRow(each.funder_id, each.name, each.weight, each.budget_minor, each.spent_minor)
                for each in funders
            ),
        )

    def put(self, programme: ProgrammeRow) -> None:
        """Keep a programme; what funders have spent stays, one who is not named any more keeps only that."""
        store_id = programme.store_id
        terms = {"rate_bp": programme.rate_bp, "yearly_cap_minor": programme.yearly_cap_minor}
        if not insert_new(self._connection, cashback_programme, store_id=store_id, **terms):
            table = cashback_programme
            self._connection.execute(update(table).where(table.c.store_id == store_id).values(**terms))
        left = update(cashback_funder).where(cashback_funder.c.store_id == store_id).values(weight=0)
        self._connection.execute(left)
        for position, funder in enumerate(programme.funders):
            named = {
                "position": position,
                "name": dict(funder.name),
                "weight": funder.weight,
                "budget_minor": funder.budget_minor,
            }
            new = {"store_id": store_id, "funder_id": funder.funder_id, "spent_minor": 0} | named
            if not insert_new(self._connection, cashback_funder, **new):
                self._connection.execute(self._funder(store_id, funder.funder_id).values(**named))

    def locked_spent(self, store_id: str) -> Mapping[str, int]:
        """Return what each funder has spent, also one who is not named any more; none spends more meanwhile."""
        table = cashback_funder
        query = select(table.c.funder_id, table.c.spent_minor).where(table.c.store_id == store_id)
        rows = self._connection.execute(query.order_by(table.c.funder_id).with_for_update())
        return {row.funder_id: row.spent_minor for row in rows}

    def lock_year(self, customer_id: str, store_id: str, year: int) -> int:
        """Return what a shopper got in a year; nobody else changes it before this transaction ends."""
        key = {"customer_id": customer_id, "store_id": store_id, "year": year}
        insert_new(self._connection, cashback_year, **key, earned_minor=0)
        query = _of_year(customer_id, store_id, year).with_for_update()
        return int(self._connection.execute(query).scalar_one())

    def got_in(self, customer_id: str, store_id: str, year: int) -> int:
        """Return what a shopper got in a year."""
        return int(self._connection.execute(_of_year(customer_id, store_id, year)).scalar_one_or_none() or 0)

    def count(self, customer_id: str, store_id: str, year: int, minor: int) -> None:
        """Add to what a shopper got in a year, which `lock_year` has locked; below zero takes away."""
        table = cashback_year
        self._connection.execute(
            update(table)
            .where(table.c.customer_id == customer_id, table.c.store_id == store_id, table.c.year == year)
            .values(earned_minor=table.c.earned_minor + minor)
        )

    def take(self, store_id: str, funder_id: str, minor: int) -> int:
        """Take from a funder's budget and return how much there was: `minor`, or what was left."""
        table = cashback_funder
        whole = self._funder(store_id, funder_id).where(table.c.spent_minor + minor <= table.c.budget_minor)
        if self._connection.execute(whole.values(spent_minor=table.c.spent_minor + minor)).rowcount:
            return minor
        query = select(table.c.budget_minor - table.c.spent_minor).where(
            and_(table.c.store_id == store_id, table.c.funder_id == funder_id)
        )
        left = int(self._connection.execute(query.with_for_update()).scalar_one_or_none() or 0)
        taken = min(minor, left)
        if taken:
            self._connection.execute(self._funder(store_id, funder_id).values(spent_minor=table.c.spent_minor + taken))
        return taken

    def give_back(self, store_id: str, funder_id: str, minor: int) -> None:
        """Put what was taken before back into a funder's budget."""
        spent = cashback_funder.c.spent_minor
        self._connection.execute(self._funder(store_id, funder_id).values(spent_minor=spent - minor))

    def _funder(self, store_id: str, funder_id: str) -> Any:  # noqa: ANN401 - SQLAlchemy's Update
        return update(cashback_funder).where(
            cashback_funder.c.store_id == store_id, cashback_funder.c.funder_id == funder_id
        )


class PurseStore:
    """Restricted credit, by person."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: PurseRow) -> None:
        """Keep a purse."""
        self._connection.execute(purse.insert().values(**asdict(made)))

    def get(self, purse_id: str) -> PurseRow | None:
        """Return a purse, or None."""
        return next(iter(self._many(select(purse).where(purse.c.purse_id == purse_id))), None)

    def of(self, phone_hash: str) -> Sequence[PurseRow]:
        """Return a person's purses that were not recalled, oldest first."""
        return self._many(_alive(phone_hash).order_by(purse.c.created_at, purse.c.purse_id))

    def locked_of(self, phone_hash: str) -> Sequence[PurseRow]:
        """Return a person's purses that were not recalled, by id; none is recalled before this transaction ends."""
        return self._many(_alive(phone_hash).order_by(purse.c.purse_id).with_for_update())

    def extend(self, purse_id: str, until: datetime) -> None:
        """Let a purse pay until a later moment, also one that was recalled."""
        changed = update(purse).where(purse.c.purse_id == purse_id).values(expires_at=until, recalled_at=None)
        self._connection.execute(changed)

    def add_all(self, purses: Sequence[PurseRow]) -> None:
        """Keep many purses."""
        self._connection.execute(purse.insert(), [asdict(made) for made in purses])

    def recall(self, batch_id: str, *, at: datetime) -> Sequence[tuple[str, int]]:
        """Mark the purses of a batch as recalled, and return each with what is left in it.

        The rows are locked first: a payment that draws on one has them locked too, so what is left stays what it is.
        """
        of_batch = and_(purse.c.batch_id == batch_id, purse.c.recalled_at.is_(None))
        ids = select(purse.c.purse_id).where(of_batch).order_by(purse.c.purse_id).with_for_update()
        self._connection.execute(ids).all()
        account = "voucher:" + purse.c.purse_id
        left = select(purse.c.purse_id, func.coalesce(balance.c.balance_minor, 0).label("minor"))
        found = self._connection.execute(
            left.join(balance, balance.c.account_id == account, isouter=True).where(of_batch).order_by(purse.c.purse_id)
        ).all()
        self._connection.execute(update(purse).where(of_batch).values(recalled_at=at))
        return [(row.purse_id, int(row.minor)) for row in found]

    def spent(self, batch_id: str) -> Spent:
        """Return what was done with the purses of a batch."""
        account = "voucher:" + purse.c.purse_id
        paid = (
            select(purse.c.phone_hash, payment.c.store_id, posting.c.amount_minor, payment.c.held_at)
            .join(posting, posting.c.debit == account)
            .join(payment, posting.c.credit == "hold:" + payment.c.payment_id)
            .where(purse.c.batch_id == batch_id, payment.c.status == "captured")
            .subquery()
        )
        earlier = payment.alias()
        came_before = exists(
            select(earlier.c.payment_id).where(
                earlier.c.phone_hash == paid.c.phone_hash,
                earlier.c.status == "captured",
                earlier.c.held_at < paid.c.held_at,
            )
        )
        sums = self._connection.execute(
            select(
                func.count(paid.c.phone_hash.distinct()),
                func.coalesce(func.sum(paid.c.amount_minor), 0),
                func.count(paid.c.store_id.distinct()),
            )
        ).one()
        new = self._connection.execute(
            select(func.count(paid.c.phone_hash.distinct())).where(~came_before)
        ).scalar_one()
        return Spent(sums[0], int(sums[1]), sums[2], new)

    def _many(self, query: Select[Any]) -> list[PurseRow]:
        rows = [dict(row) for row in self._connection.execute(query).mappings()]
        return [PurseRow(**row | {name: tuple(row[name]) for name in ("stores", "skus", "categories")}) for row in rows]


class BatchStore:
    """Batches of credit with their lists."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, batch: BatchRow, rows: Sequence[PersonRow]) -> None:
        """Keep a batch and its list."""
        self._connection.execute(credit_batch.insert().values(**asdict(batch)))
        listed = [
            {
                "batch_id": batch.batch_id,
                "n": n,
                "name": row.name,
                "phone_hash": row.phone_hash,
                "phone_last4": row.phone_last4,
                "amount_minor": row.amount_minor,
            }
            for n, row in enumerate(rows, start=1)
        ]
        self._connection.execute(credit_row.insert(), listed)

    def get(self, batch_id: str) -> BatchRow | None:
        """Return a batch, or None."""
        return next(iter(self._many(select(credit_batch).where(credit_batch.c.batch_id == batch_id))), None)

    def locked(self, batch_id: str) -> BatchRow | None:
        """Return a batch that nobody else changes before this transaction ends."""
        query = select(credit_batch).where(credit_batch.c.batch_id == batch_id).with_for_update()
        return next(iter(self._many(query)), None)

    def by_file(self, sponsor_id: str, file_sha256: str) -> str | None:
        """Return the id of the batch that a sponsor made of a file, or None."""
        table = credit_batch
        query = select(table.c.batch_id).where(table.c.sponsor_id == sponsor_id, table.c.file_sha256 == file_sha256)
        return self._connection.execute(query).scalar_one_or_none()

    def of(self, sponsor_id: str) -> Sequence[BatchRow]:
        """Return a sponsor's batches, newest first."""
        newest = (credit_batch.c.created_at.desc(), credit_batch.c.batch_id)
        return self._many(select(credit_batch).where(credit_batch.c.sponsor_id == sponsor_id).order_by(*newest))

    def rows(self, batch_id: str) -> Sequence[tuple[int, str, int]]:
        """Return number, phone hash and amount of each row, in order."""
        table = credit_row
        query = select(table.c.n, table.c.phone_hash, table.c.amount_minor).where(table.c.batch_id == batch_id)
        return [
            (row.n, row.phone_hash, row.amount_minor) for row in self._connection.execute(query.order_by(table.c.n))
        ]

    def put(self, batch: BatchRow) -> None:
        """Keep how a locked batch stands now."""
        names = ["state", "funding_ref", "funded_at", "sent_at", "closed_at", "recalled_minor"]
        names += ["told_people", "told_minor", "told_shops", "told_new"]
        values = {name: getattr(batch, name) for name in names}
        self._connection.execute(update(credit_batch).where(credit_batch.c.batch_id == batch.batch_id).values(**values))

    def _many(self, query: Select[Any]) -> list[BatchRow]:
        rows = [dict(row) for row in self._connection.execute(query).mappings()]
        return [BatchRow(**row | {"categories": tuple(row["categories"])}) for row in rows]


def _of_year(customer_id: str, store_id: str, year: int) -> Select[Any]:
    table = cashback_year
    return select(table.c.earned_minor).where(
        table.c.customer_id == customer_id, table.c.store_id == store_id, table.c.year == year
    )


def _alive(phone_hash: str) -> Select[Any]:
    return select(purse).where(purse.c.phone_hash == phone_hash, purse.c.recalled_at.is_(None))

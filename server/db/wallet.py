"""Cashback and restricted credit, in SQL. Every limit is a condition of the statement that counts."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select, update

from server.db.insert_new import insert_new
from server.db.tables import cashback_funder, cashback_programme, cashback_year, purse
from server.flows.ports.wallet import FunderRow, ProgrammeRow, PurseRow


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
        """Let a purse pay until a later moment."""
        self._connection.execute(update(purse).where(purse.c.purse_id == purse_id).values(expires_at=until))

    def _many(self, query: Select[Any]) -> list[PurseRow]:
        rows = [dict(row) for row in self._connection.execute(query).mappings()]
        return [PurseRow(**row | {name: tuple(row[name]) for name in ("stores", "skus", "categories")}) for row in rows]


def _of_year(customer_id: str, store_id: str, year: int) -> Select[Any]:
    table = cashback_year
    return select(table.c.earned_minor).where(
        table.c.customer_id == customer_id, table.c.store_id == store_id, table.c.year == year
    )


def _alive(phone_hash: str) -> Select[Any]:
    return select(purse).where(purse.c.phone_hash == phone_hash, purse.c.recalled_at.is_(None))

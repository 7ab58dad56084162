"""Calls for help and top-ups, in SQL."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, select, update

from server.db.insert_new import insert_new
from server.db.tables import intervention, staff, topup, topup_fact
from server.flows.ports.help import Intervention, TopUp

_NAMED = select(intervention, staff.c.name.label("claimed_by_name")).outerjoin(
    staff, staff.c.login == intervention.c.claimed_by
)

_WAITING = ("open", "claimed")


class InterventionStore:
    """Calls for help."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, opened: Intervention) -> bool:
        """Keep a call; False when its id is known."""
        values = {name: getattr(opened, name) for name in intervention.c.keys()}  # noqa: SIM118 - the names of a column collection
        return insert_new(self._connection, intervention, **values)

    def get(self, intervention_id: str) -> Intervention | None:
        """Return a call, or None."""
        row = self._connection.execute(_NAMED.where(intervention.c.intervention_id == intervention_id)).one_or_none()
        return None if row is None else Intervention(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def of(self, store_id: str, state: str | None, *, limit: int) -> Sequence[Intervention]:
        """Return calls, newest first: what was opened a moment ago is never cut off by the limit."""
        wanted = _NAMED.where(intervention.c.store_id == store_id)
        if state is not None:
            wanted = wanted.where(intervention.c.state == state)
        newest = intervention.c.opened_at.desc()
        rows = self._connection.execute(wanted.order_by(newest, intervention.c.intervention_id).limit(limit))
        return [Intervention(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def waiting(self, basket_id: str) -> Sequence[Intervention]:
        """Return the calls of a basket that nobody has closed, in the order they were opened."""
        wanted = _NAMED.where(intervention.c.basket_id == basket_id, intervention.c.state.in_(_WAITING))
        rows = self._connection.execute(wanted.order_by(intervention.c.opened_at, intervention.c.intervention_id))
        return [Intervention(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def unresolved(self, basket_id: str, type_: str) -> Intervention | None:
        """Return the call of a type that still waits for a basket, or None."""
        row = self._connection.execute(
            _NAMED.where(
                intervention.c.basket_id == basket_id,
                intervention.c.type == type_,
                intervention.c.state.in_(_WAITING),
            )
        ).first()
        return None if row is None else Intervention(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def claim(self, intervention_id: str, by: str, *, at: datetime) -> bool:
        """Take an open call; False when somebody was first."""
        return (
            self._connection.execute(
                update(intervention)
                .where(intervention.c.intervention_id == intervention_id, intervention.c.state == "open")
                .values(state="claimed", claimed_by=by, claimed_at=at)
            ).rowcount
            == 1
        )

    def describe(self, intervention_id: str, detail: dict[str, Any]) -> None:
        """Replace what a call shows."""
        self._connection.execute(
            update(intervention).where(intervention.c.intervention_id == intervention_id).values(detail=detail)
        )

    def cancel(self, intervention_id: str, resolution: str, *, at: datetime) -> bool:
        """End a call that nobody has closed, without anybody's answer; False when it was closed."""
        return (
            self._connection.execute(
                update(intervention)
                .where(intervention.c.intervention_id == intervention_id, intervention.c.state.in_(_WAITING))
                .values(state="cancelled", resolved_at=at, resolution=resolution)
            ).rowcount
            == 1
        )

    def resolve(self, intervention_id: str, by: str, resolution: str, reason: str, *, at: datetime) -> bool:
        """Close a call that `by` has claimed; False when it is not theirs or closed."""
        return (
            self._connection.execute(
                update(intervention)
                .where(
                    intervention.c.intervention_id == intervention_id,
                    intervention.c.state == "claimed",
                    intervention.c.claimed_by == by,
                )
                .values(state="resolved", resolved_by=by, resolved_at=at, resolution=resolution, reason=reason)
            ).rowcount
            == 1
        )


class TopUpStore:
    """Top-ups, each credited at most once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, started: TopUp) -> bool:
        """Keep a started top-up; False when its id is known."""
        values = {name: getattr(started, name) for name in topup.c.keys()}  # noqa: SIM118 - the names of a column collection
        return insert_new(self._connection, topup, **values)

    def get(self, topup_id: str) -> TopUp | None:
        """Return a top-up, or None."""
        return self._one(select(topup).where(topup.c.topup_id == topup_id))

    def locked(self, topup_id: str) -> TopUp | None:
        """Return a top-up that nobody else changes before this transaction ends."""
        return self._one(select(topup).where(topup.c.topup_id == topup_id).with_for_update())

    def by_reference(self, provider_ref: str) -> str | None:
        """Return the id of the top-up that bears a provider's reference."""
        query = select(topup.c.topup_id).where(topup.c.provider_ref == provider_ref)
        return self._connection.execute(query).scalars().first()

    def put(self, now: TopUp) -> None:
        """Keep how a locked top-up stands now."""
        names = ("status", "provider_ref", "credited_at", "posted_minor", "missing_minor", "moves")
        values = {name: getattr(now, name) for name in names}
        self._connection.execute(update(topup).where(topup.c.topup_id == now.topup_id).values(**values))

    def keep_fact(
        self, topup_id: str, kind: str, ref: str, amount_minor: int, currency_code: str, *, at: datetime
    ) -> None:
        """Keep a fact; of the same fact with two amounts the larger, as sums only grow."""
        key = {"topup_id": topup_id, "kind": kind, "ref": ref}
        if insert_new(self._connection, topup_fact, **key, amount_minor=amount_minor, currency=currency_code, at=at):
            return
        same = and_(*(topup_fact.c[name] == value for name, value in key.items()))
        larger = update(topup_fact).where(same, topup_fact.c.amount_minor < amount_minor)
        self._connection.execute(larger.values(amount_minor=amount_minor))

    def facts(self, topup_id: str) -> list[tuple[str, int, str]]:
        """Return kind, amount and currency of all facts of a top-up."""
        columns = (topup_fact.c.kind, topup_fact.c.amount_minor, topup_fact.c.currency)
        query = select(*columns).where(topup_fact.c.topup_id == topup_id).order_by(topup_fact.c.kind, topup_fact.c.ref)
        return [(row.kind, row.amount_minor, row.currency) for row in self._connection.execute(query)]

    def _one(self, query: Select[Any]) -> TopUp | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else TopUp(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

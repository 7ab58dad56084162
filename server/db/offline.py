"""What kiosks took while the store was away, in SQL."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.sql.elements import ColumnElement

from server.db.insert_new import insert_new
from server.db.tables import offline_payment, wallet_pass
from server.flows.ports.offline import OfflineRow


class OfflineStore:
    """Keeps the promises of `server.flows.ports.offline.Offline`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def give_pass(self, pass_id: str, customer_id: str, *, at: datetime) -> None:
        """Remember whose wallet a pass stands for."""
        if not insert_new(self._connection, wallet_pass, pass_id=pass_id, customer_id=customer_id, given_at=at):
            mine = wallet_pass.c.pass_id == pass_id
            self._connection.execute(update(wallet_pass).where(mine).values(given_at=at))

    def owner_of_pass(self, pass_id: str) -> str | None:
        """Return the customer whose wallet it is, or None."""
        query = select(wallet_pass.c.customer_id).where(wallet_pass.c.pass_id == pass_id)
        return self._connection.execute(query).scalar_one_or_none()

    def get(self, payment_id: str) -> OfflineRow | None:
        """Return a payment that was settled."""
        return self._one(offline_payment.c.payment_id == payment_id)

    def last(self, series: str) -> OfflineRow | None:
        """Return the one with the highest number of a series, the latest that came where a number came twice."""
        return self._one(offline_payment.c.series == series)

    def is_blocked(self, series: str) -> bool:
        """Say whether a series is broken."""
        broken = exists().where(offline_payment.c.series == series, offline_payment.c.is_broken)
        return bool(self._connection.execute(select(broken)).scalar_one())

    def add(self, row: OfflineRow) -> bool:
        """Keep a settled payment; False when its id is known."""
        return insert_new(self._connection, offline_payment, **asdict(row))

    def _one(self, which: ColumnElement[bool]) -> OfflineRow | None:
        table = offline_payment
        query = select(table).where(which).order_by(table.c.number.desc(), table.c.settled_at.desc()).limit(1)
        row = self._connection.execute(query).one_or_none()
        return None if row is None else OfflineRow(**row._mapping)  # noqa: SLF001 - the documented way to a row's names

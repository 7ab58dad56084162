"""Codes that prove phone numbers, in SQL. Tries and uses are conditions of the statement that counts them."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from server.db.insert_new import insert_new
from server.db.tables import phone_code
from server.flows.ports.phone_codes import PhoneCode


class PhoneCodeStore:
    """Codes on their way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, made: PhoneCode) -> bool:
        """Keep a code; False when its id is known."""
        return insert_new(self._connection, phone_code, **asdict(made))

    def get(self, phone_code_id: str) -> PhoneCode | None:
        """Return a code, or None."""
        query = select(phone_code).where(phone_code.c.phone_code_id == phone_code_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else PhoneCode(**row)

    def asked_since(self, phone_hash: str, since: datetime) -> list[datetime]:
        """Return when codes were asked for a number since a moment, newest first."""
        query = select(phone_code.c.asked_at).where(phone_code.c.phone_hash == phone_hash)
        newest = query.where(phone_code.c.asked_at > since).order_by(phone_code.c.asked_at.desc())
        return list(self._connection.execute(newest).scalars())

    def sent_since(self, since: datetime) -> int:
        """Return how many codes were sent since a moment, to whomever."""
        query = select(func.count()).select_from(phone_code).where(phone_code.c.asked_at > since)
        return int(self._connection.execute(query).scalar_one())

    def charge_try(self, phone_code_id: str, *, limit: int, at: datetime) -> bool:
        """Count a try before it is made; False when none is left, the time is over, or it is proven already."""
        there = (phone_code.c.phone_code_id == phone_code_id, phone_code.c.proven_at.is_(None))
        left = (phone_code.c.tries < limit, phone_code.c.expires_at > at)
        counted = update(phone_code).where(*there, *left).values(tries=phone_code.c.tries + 1)
        return self._connection.execute(counted).rowcount == 1

    def prove(self, phone_code_id: str, *, at: datetime) -> None:
        """Note that the code was right."""
        proven = update(phone_code).where(phone_code.c.phone_code_id == phone_code_id).values(proven_at=at)
        self._connection.execute(proven)

    def use(self, phone_code_id: str, phone_hash: str, asked_by: str, *, proven_since: datetime, at: datetime) -> bool:
        """Use a proof up; False when there is none in force for this number and this caller."""
        mine = (
            phone_code.c.phone_code_id == phone_code_id,
            phone_code.c.phone_hash == phone_hash,
            phone_code.c.asked_by == asked_by,
        )
        in_force = (phone_code.c.proven_at > proven_since, phone_code.c.used_at.is_(None))
        return self._connection.execute(update(phone_code).where(*mine, *in_force).values(used_at=at)).rowcount == 1

    def forget(self, before: datetime) -> int:
        """Drop the codes that were asked for before a moment, and return how many."""
        return self._connection.execute(delete(phone_code).where(phone_code.c.asked_at < before)).rowcount

"""Households in SQL."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from server.db.insert_new import insert_new
from server.db.tables import household, household_member


class HouseholdStore:
    """Who lives with whom, by phone hash."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, phone_hash: str) -> str | None:
        """Return the household that a person is in, or None."""
        mine = household_member.c.phone_hash == phone_hash
        return self._connection.execute(select(household_member.c.household_id).where(mine)).scalar()

    def locked(self, household_id: str) -> bool:
        """Keep a household as it is until this transaction ends; False when there is none."""
        query = select(household.c.household_id).where(household.c.household_id == household_id)
        return self._connection.execute(query.with_for_update()).scalar() is not None

    def people(self, household_id: str) -> Sequence[str]:
        """Return who is in a household, by phone hash, in order of joining."""
        query = select(household_member.c.phone_hash).where(household_member.c.household_id == household_id)
        ordered = query.order_by(household_member.c.joined_at, household_member.c.phone_hash)
        return list(self._connection.execute(ordered).scalars())

    def add(self, household_id: str, *, at: datetime) -> None:
        """Keep a household that nobody is in yet."""
        self._connection.execute(insert(household).values(household_id=household_id, created_at=at))

    def join(self, household_id: str, phone_hash: str, *, at: datetime) -> bool:
        """Put a person into a household; False when they are in one."""
        facts = {"phone_hash": phone_hash, "household_id": household_id, "joined_at": at}
        return insert_new(self._connection, household_member, **facts)

    def leave(self, phone_hash: str) -> None:
        """Take a person out of their household."""
        self._connection.execute(delete(household_member).where(household_member.c.phone_hash == phone_hash))

    def open_door(self, household_id: str, code_hash: str | None, *, until: datetime | None) -> None:
        """Let a code lead into a household; the one before it leads nowhere any more."""
        mine = household.c.household_id == household_id
        changed = update(household).where(mine).values(code_hash=code_hash, code_expires_at=until)
        self._connection.execute(changed)

    def by_code(self, code_hash: str, *, at: datetime) -> str | None:
        """Return the household that a code leads into, or None."""
        leads = (household.c.code_hash == code_hash, household.c.code_expires_at > at)
        return self._connection.execute(select(household.c.household_id).where(*leads)).scalar()

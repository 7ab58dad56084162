"""Count tries at a secret in one statement, so that many at once cannot try more often than one after another."""

from datetime import datetime

from sqlalchemy import Column, Connection, Table, case, literal, or_, update

from server.db.tables import Instant


def charge_try(  # the columns differ between customers and staff, the rule does not
    connection: Connection,
    table: Table,
    key: Column[str],
    value: str,
    *,
    limit: int,
    at: datetime,
    lock_until: datetime,
) -> int | None:
    """Count a try before it is made and return how many are left after it; None while locked."""
    failures = table.c.pin_failures if "pin_failures" in table.c else table.c.failures
    locked_until = table.c.pin_locked_until if "pin_locked_until" in table.c else table.c.locked_until
    counted = case((locked_until.is_not(None), 1), else_=failures + 1)  # a lock that ended begins a new count
    row = connection.execute(
        update(table)
        .where(key == value, or_(locked_until.is_(None), locked_until <= at))
        .values({failures: counted, locked_until: case((counted >= limit, literal(lock_until, Instant())), else_=None)})
        .returning(failures)
    ).one_or_none()
    return None if row is None else limit - int(row[0])

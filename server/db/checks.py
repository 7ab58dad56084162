"""Random checks in SQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select, update

from checkout import BasketState
from checkout.random_check import CheckOutcome
from server.db.insert_new import insert_new
from server.db.tables import basket, basket_check
from server.db.tables.baskets import UNLOOKED
from server.flows.ports.checks import Check

TAKEN_OVER = "taken_over"
"""How a basket that was left is kept once another has its look."""


class CheckStore:
    """What was drawn, and what it came to."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, check: Check) -> None:
        """Keep the draw of a basket, in place of the one before."""
        facts = asdict(check) | {"line_ids": list(check.line_ids)}
        if not insert_new(self._connection, basket_check, **facts):
            mine = basket_check.c.basket_id == check.basket_id
            self._connection.execute(update(basket_check).where(mine).values(**facts))

    def get(self, basket_id: str) -> Check | None:
        """Return the draw of a basket."""
        query = select(basket_check).where(basket_check.c.basket_id == basket_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else Check(**(dict(row) | {"line_ids": tuple(row["line_ids"])}))

    def settle(self, basket_id: str, outcome: CheckOutcome, *, by: str, at: datetime) -> None:
        """Write down what a check came to."""
        settled = {"outcome": outcome.value, "settled_by": by, "settled_at": at}
        self._connection.execute(update(basket_check).where(basket_check.c.basket_id == basket_id).values(**settled))

    def outcomes_of(self, phone_hash: str, *, limit: int) -> Sequence[CheckOutcome]:
        """Return what the last checks of somebody came to, newest first."""
        query = (
            select(basket_check.c.outcome)
            .where(basket_check.c.phone_hash == phone_hash, basket_check.c.settled_at.is_not(None))
            .order_by(basket_check.c.settled_at.desc(), basket_check.c.basket_id)
            .limit(limit)
        )
        return [CheckOutcome(found) for found in self._connection.execute(query).scalars()]

    def is_owed(self, store_id: str, phone_hash: str, *, since: datetime) -> bool:
        """Whether somebody was told since then of a look at what their phone held, or left a basket before its look."""
        told = select(basket_check.c.basket_id).where(*_unkept(phone_hash, since))
        mine = basket.c.store_id == store_id, basket.c.member_phone_hash == phone_hash, basket.c.updated_at >= since
        unlooked = select(basket.c.basket_id).where(UNLOOKED, *mine, ~_handed_on().exists())
        return any(self._connection.execute(each.limit(1)).first() is not None for each in (told, unlooked))

    def take_over(self, store_id: str, kiosk_id: str, phone_hash: str | None, *, left_since: datetime) -> bool:
        """Take over the checks that nobody settled before their baskets were left, and tell whether there were any."""
        whose = basket.c.member_phone_hash
        same_place = basket.c.kiosk_id == kiosk_id
        if phone_hash is not None:
            same_place = or_(and_(same_place, whose.is_(None)), whose == phone_hash)
        unlooked = UNLOOKED, basket.c.updated_at >= left_since, basket.c.store_id == store_id, same_place
        left = (
            update(basket)
            .where(*unlooked, basket.c.state == BasketState.ABANDONED, ~_handed_on().exists())
            .values(random_check=TAKEN_OVER)
            .returning(basket.c.basket_id)
        )
        # One that waits under a code goes on waiting for its look as well, so only its draw tells of this; what an
        # earlier look of it came to stays written there.
        aside = select(basket.c.basket_id).where(*unlooked, basket.c.state == BasketState.SUSPENDED)
        put_aside = (
            update(basket_check)
            .where(basket_check.c.basket_id.in_(aside), ~basket_check.c.is_handed_on)
            .values(is_handed_on=True)
            .returning(basket_check.c.basket_id)
        )
        on_phone = (
            update(basket_check)
            .where(*_unkept(phone_hash or "", left_since))
            .values(is_handed_on=True)
            .returning(basket_check.c.basket_id)
        )
        found = [self._connection.execute(each).scalars().all() for each in (left, put_aside, on_phone)]
        return any(found)


def _handed_on() -> Select[tuple[str]]:
    """Return the draw of a basket whose look another one has."""
    check = basket_check.c
    return select(check.basket_id).where(check.basket_id == basket.c.basket_id, check.is_handed_on)


def _unkept(phone_hash: str, since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return which looks somebody still owes for what their phone held."""
    check = basket_check.c
    kept = select(basket.c.basket_id).where(basket.c.basket_id == check.basket_id)
    had_none = check.settled_at.is_(None), ~check.is_handed_on
    return check.phone_hash == phone_hash, check.drawn_at >= since, *had_none, ~kept.exists()

"""Refunds and closings, in SQL. Rows are only ever added."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select

from checkout.own_refund import OwnRefund
from server.db import tables
from server.flows.names import with_initial
from server.flows.ports.books import ClosingRow, PeriodRow, RefundRow, Sold, Span, Taken, Taking
from server.flows.ports.payments import payer_of

_refund, _closing, _ticket, _period = tables.refund, tables.closing, tables.ticket, tables.period_closing
_payment, _customer = tables.payment, tables.customer
_by_code, _counter = tables.counter_payment, tables.counter_code
_GIVEN = _payment.c.receipt[("cashback", "total_minor")].as_integer()
_RETAKEN = _refund.c.body[("cashback_back", "total_minor")].as_integer()


class RefundStore:
    """Keep refunds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, refund_id: str) -> RefundRow | None:
        """Return a refund."""
        row = self._connection.execute(select(_refund).where(_refund.c.refund_id == refund_id)).one_or_none()
        return None if row is None else RefundRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def of_payment(self, payment_id: str) -> Sequence[RefundRow]:
        """Return what went back of a payment, first to last."""
        rows = self._connection.execute(
            select(_refund).where(_refund.c.payment_id == payment_id).order_by(_refund.c.number)
        )
        return [RefundRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def given_by(self, store_id: str, by: str, during: Span) -> int:
        """Return how much somebody who works here has given back alone in a stretch of time, in minor units."""
        given = select(_sum(_refund.c.amount_minor)).where(
            _refund.c.store_id == store_id, _refund.c.made_by == by, _within(_refund.c.made_at, during)
        )
        return int(self._connection.execute(given).scalar_one())

    def own_since(self, customer_id: str, by: str, since: datetime) -> Sequence[OwnRefund]:
        """Return what somebody has given back to themselves since a moment."""
        query = (
            select(_refund.c.amount_minor, _refund.c.made_at)
            .join(_payment, _payment.c.payment_id == _refund.c.payment_id)
            .where(_payment.c.customer_id == customer_id, _refund.c.made_by == by, _refund.c.made_at > since)
        )
        return [OwnRefund(minor, made_at) for minor, made_at in self._connection.execute(query)]

    def add(self, refund: RefundRow) -> None:
        """Keep a refund."""
        self._connection.execute(insert(_refund).values(**asdict(refund)))


class ClosingStore:
    """Keep closings and read what they are made of."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def hold_numbers(self, store_id: str) -> tuple[int, int]:
        """Return the newest numbers of tickets and refunds; nobody takes another before this transaction ends.

        A sale takes its number from the store's row and holds that until its commit. Whoever holds the row here sees
        every number below the next one, committed.
        """
        store = tables.store
        query = select(store.c.next_ticket_number).where(store.c.store_id == store_id).with_for_update()
        next_ticket = self._connection.execute(query).scalar_one()
        refund = self._connection.execute(
            select(func.coalesce(func.max(_refund.c.number), 0)).where(_refund.c.store_id == store_id)
        )
        return int(next_ticket) - 1, int(refund.scalar_one())

    def tickets(self, store_id: str, *, after: int, upto: int) -> Sequence[Sold]:
        """Return the tickets of a range of numbers, in order."""
        rows = self._connection.execute(
            select(_ticket.c.number, _ticket.c.body)
            .where(_ticket.c.store_id == store_id, _ticket.c.number > after, _ticket.c.number <= upto)
            .order_by(_ticket.c.number)
        )
        return [Sold(row.number, row.body) for row in rows]

    def refunds(self, store_id: str, *, after: int, upto: int) -> Sequence[Sold]:
        """Return the refunds of a range of numbers, in order."""
        rows = self._connection.execute(
            select(_refund.c.number, _refund.c.body)
            .where(_refund.c.store_id == store_id, _refund.c.number > after, _refund.c.number <= upto)
            .order_by(_refund.c.number)
        )
        return [Sold(row.number, row.body) for row in rows]

    def taken(self, store_id: str, *, below: int | None, limit: int, during: Span | None = None) -> Sequence[Taken]:
        """Return the sales of a store, newest first; those with ticket numbers below one where it is given."""
        of_sale = _refund.c.payment_id == _payment.c.payment_id
        back = select(_sum(_refund.c.amount_minor)).where(of_sale).scalar_subquery()
        retaken = select(_sum(_RETAKEN)).where(of_sale).scalar_subquery()
        who = (_payment.c.customer_id, _payment.c.subject)
        paid = (_payment.c.payment_id, *who, _payment.c.amount_minor, _payment.c.currency)
        more = (back.label("back"), retaken.label("retaken"), func.coalesce(_GIVEN, 0).label("given"))
        at_counter = (_counter.c.name.label("counter"), _customer.c.name.label("whole_name"), _payment.c.digest)
        which = [_ticket.c.store_id == store_id]
        which += [] if below is None else [_ticket.c.number < below]
        which += [] if during is None else [_within(_ticket.c.issued_at, during)]
        query = (
            select(_ticket.c.number, _ticket.c.issued_at, *paid, _payment.c.tenders, *more, *at_counter)
            .join(_payment, _payment.c.payment_id == _ticket.c.payment_id)
            .outerjoin(_by_code, _by_code.c.payment_id == _ticket.c.payment_id)
            .outerjoin(_counter, _counter.c.code_id == _by_code.c.code_id)
            .outerjoin(
                _customer, and_(_customer.c.customer_id == _payment.c.customer_id, _counter.c.code_id.is_not(None))
            )
            .where(*which)
            .order_by(_ticket.c.number.desc())
            .limit(limit)
        )
        return [
            Taken(
                row.number,
                row.payment_id,
                payer_of(row.customer_id, row.subject if row.whole_name is None else with_initial(row.whole_name)),
                row.amount_minor,
                int(row.back),
                int(row.given) - int(row.retaken),
                row.currency,
                tuple(row.tenders),
                row.issued_at,
                row.counter,
                row.digest,
            )
            for row in self._connection.execute(query)
        ]

    def taking(self, store_id: str, during: Span) -> Taking:
        """Return what a stretch of time brought a store."""
        sold = (
            select(func.count(), _sum(_payment.c.amount_minor), _sum(_GIVEN))
            .select_from(_ticket)
            .join(_payment, _payment.c.payment_id == _ticket.c.payment_id)
            .where(_ticket.c.store_id == store_id, _within(_ticket.c.issued_at, during))
        )
        back = select(func.count(), _sum(_refund.c.amount_minor), _sum(_RETAKEN)).where(
            _refund.c.store_id == store_id, _within(_refund.c.made_at, during)
        )
        sales, amount_minor, given_minor = self._connection.execute(sold).one()
        refunds, refunded_minor, retaken_minor = self._connection.execute(back).one()
        cashback_minor = int(given_minor) - int(retaken_minor)
        return Taking(sales, int(amount_minor), refunds, int(refunded_minor), cashback_minor)

    def get(self, closing_id: str) -> ClosingRow | None:
        """Return a closing."""
        row = self._connection.execute(select(_closing).where(_closing.c.closing_id == closing_id)).one_or_none()
        return None if row is None else ClosingRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def of(
        self, store_id: str, *, newest_first: bool = False, limit: int | None = None, below: int | None = None
    ) -> Sequence[ClosingRow]:
        """Return the closings of a store by number, those below one where it is given."""
        order = _closing.c.number.desc() if newest_first else _closing.c.number
        which = (_closing.c.store_id == store_id, *([] if below is None else [_closing.c.number < below]))
        query = select(_closing).where(*which).order_by(order).limit(limit)
        return [ClosingRow(**row._mapping) for row in self._connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name

    def add(self, closing: ClosingRow) -> None:
        """Keep a closing."""
        self._connection.execute(insert(_closing).values(**asdict(closing)))

    def period(self, closing_id: str) -> PeriodRow | None:
        """Return a closed month or year."""
        row = self._connection.execute(select(_period).where(_period.c.closing_id == closing_id)).one_or_none()
        return None if row is None else PeriodRow(**row._mapping)  # noqa: SLF001 - SQLAlchemy's public name

    def periods(self, store_id: str, kind: str) -> Sequence[PeriodRow]:
        """Return the closed months or years of a store by number."""
        mine = (_period.c.store_id == store_id, _period.c.kind == kind)
        rows = self._connection.execute(select(_period).where(*mine).order_by(_period.c.number))
        return [PeriodRow(**row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's public name

    def add_period(self, closing: PeriodRow) -> None:
        """Keep a closed month or year."""
        self._connection.execute(insert(_period).values(**asdict(closing)))


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0)


def _within(column: ColumnElement[Any], during: Span) -> ColumnElement[bool]:
    return and_(column >= during.begins_at, column < during.ends_at)

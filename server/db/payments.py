"""Payments, tickets and exit codes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, case, func, insert, select, update

from server.db import tables
from server.flows.ports.payments import ExitRow, PaymentRow, Purchases, TicketRow

_payment, _ticket, _exit = tables.payment, tables.ticket, tables.exit_token
_by_code = tables.counter_payment
_BOUGHT = _payment.c.status.in_(("held", "captured"))


class PaymentStore:
    """Keep payments."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, payment_id: str) -> PaymentRow | None:
        """Return a payment."""
        return self._one(select(_payment).where(_payment.c.payment_id == payment_id))

    def locked(self, payment_id: str) -> PaymentRow | None:
        """Return a payment that no other transaction closes before this one ends."""
        return self._one(select(_payment).where(_payment.c.payment_id == payment_id).with_for_update())

    def of_basket(self, basket_id: str) -> PaymentRow | None:
        """Return the payment that holds or has taken a basket's money; else the last that was given back."""
        live_first = case((_payment.c.status == "voided", 1), else_=0)
        return self._one(
            select(_payment)
            .where(_payment.c.basket_id == basket_id)
            .order_by(live_first, _payment.c.held_at.desc())
            .limit(1)
        )

    def add(self, payment: PaymentRow) -> None:
        """Keep a new payment."""
        self._connection.execute(
            insert(_payment).values(
                payment_id=payment.payment_id,
                basket_id=payment.basket_id,
                store_id=payment.store_id,
                kiosk_id=payment.kiosk_id,
                customer_id=payment.customer_id,
                authentication_id=payment.authentication_id,
                digest=payment.digest,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                payee=payment.payee,
                status=payment.status,
                subject=payment.subject,
                phone_hash=payment.phone_hash,
                tenders=list(payment.tenders),
                quote=payment.quote,
                held_at=payment.held_at,
                expires_at=payment.expires_at,
            )
        )

    def close(self, payment_id: str, status: str, *, at: datetime, receipt: dict[str, Any] | None = None) -> None:
        """Write down how it ended; the caller holds its lock. What was bought stands on the ticket from then on."""
        bought: dict[str, Any] = {} if receipt is None else {"quote": {}}
        self._connection.execute(
            update(_payment)
            .where(_payment.c.payment_id == payment_id)
            .values(status=status, closed_at=at, receipt=receipt, **bought)
        )

    def of_customer(self, customer_id: str) -> Sequence[PaymentRow]:
        """Return a customer's payments, newest first."""
        query = select(_payment).where(_payment.c.customer_id == customer_id).order_by(_payment.c.held_at.desc())
        return [payment_row(row) for row in self._connection.execute(query)]

    def purchases(self, phone_hash: str, *, since: datetime, at_counters: bool = True) -> Purchases:
        """Return how often somebody has bought, and how often of that since a moment; what is being paid counts."""
        recent = func.count(case((_payment.c.held_at >= since, 1)))
        bought = select(func.count(), recent).where(_payment.c.phone_hash == phone_hash, _BOUGHT)
        if not at_counters:
            by_code = select(_by_code.c.payment_id).where(_by_code.c.payment_id == _payment.c.payment_id)
            bought = bought.where(~by_code.exists())
        row = self._connection.execute(bought).one()
        return Purchases(row[0], row[1])

    def shoppers(self, *, since: datetime, often: int) -> Mapping[int, int]:
        """Return how many who have bought here did so how often since a moment, from `often` on counted together."""
        recent = func.count(case((_payment.c.held_at >= since, 1)))
        each = (
            select(case((recent >= often, often), else_=recent).label("times"))
            .where(_payment.c.phone_hash.is_not(None), _BOUGHT)
            .group_by(_payment.c.phone_hash)
            .subquery()
        )
        counted = select(each.c.times, func.count()).group_by(each.c.times)
        return {row[0]: row[1] for row in self._connection.execute(counted)}

    def held_since(self, before: datetime, *, limit: int) -> list[str]:
        """Return the ids of payments that have been held since before an instant, oldest first."""
        rows = self._connection.execute(
            select(_payment.c.payment_id)
            .where(_payment.c.status == "held", _payment.c.held_at < before)
            .order_by(_payment.c.held_at)
            .limit(limit)
        )
        return list(rows.scalars())

    def _one(self, query: Select[Any]) -> PaymentRow | None:
        row = self._connection.execute(query).one_or_none()
        return None if row is None else payment_row(row)


class TicketStore:
    """Keep receipts and exit codes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def next_number(self, store_id: str) -> int:
        """Take the next number of a store; numbers have no gaps, as one that is not used goes back with its change."""
        store = tables.store
        taken = (
            update(store)
            .where(store.c.store_id == store_id)
            .values(next_ticket_number=store.c.next_ticket_number + 1)
            .returning(store.c.next_ticket_number - 1)
        )
        return int(self._connection.execute(taken).scalar_one())

    def add(self, ticket: TicketRow) -> None:
        """Keep a receipt."""
        self._connection.execute(
            insert(_ticket).values(
                ticket_id=ticket.ticket_id,
                store_id=ticket.store_id,
                number=ticket.number,
                payment_id=ticket.payment_id,
                body=ticket.body,
                issued_at=ticket.issued_at,
            )
        )

    def get(self, ticket_id: str) -> TicketRow | None:
        """Return a receipt."""
        return self._one(_ticket.c.ticket_id == ticket_id)

    def by_number(self, store_id: str, number: int) -> TicketRow | None:
        """Return the receipt that a store printed under a number."""
        return self._one(_ticket.c.store_id == store_id, _ticket.c.number == number)

    def _one(self, *of: ColumnElement[bool]) -> TicketRow | None:
        row = self._connection.execute(select(_ticket).where(*of)).one_or_none()
        if row is None:
            return None
        return TicketRow(row.ticket_id, row.store_id, row.number, row.payment_id, row.body, row.issued_at)

    def add_exit(self, token_hash: str, ticket_id: str, *, expires_at: datetime) -> None:
        """Keep an exit code's hash."""
        self._connection.execute(
            insert(_exit).values(token_hash=token_hash, ticket_id=ticket_id, expires_at=expires_at)
        )

    def exit(self, token_hash: str) -> ExitRow | None:
        """Return what an exit code is for."""
        row = self._connection.execute(
            select(_exit, _ticket.c.number, _ticket.c.store_id)
            .join(_ticket, _ticket.c.ticket_id == _exit.c.ticket_id)
            .where(_exit.c.token_hash == token_hash)
        ).one_or_none()
        return (
            None
            if row is None
            else ExitRow(row.ticket_id, row.number, row.store_id, row.expires_at, row.used_at, row.used_by)
        )

    def use_exit(self, token_hash: str, *, by: str, at: datetime) -> bool:
        """Use an exit code up; False when it was."""
        mine = (_exit.c.token_hash == token_hash, _exit.c.used_at.is_(None))
        return self._connection.execute(update(_exit).where(*mine).values(used_at=at, used_by=by)).rowcount == 1


def payment_row(row: Row[Any]) -> PaymentRow:
    """Return a row as the flows know it."""
    return PaymentRow(
        payment_id=row.payment_id,
        basket_id=row.basket_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        customer_id=row.customer_id,
        authentication_id=row.authentication_id,
        digest=row.digest,
        amount_minor=row.amount_minor,
        currency=row.currency,
        payee=row.payee,
        status=row.status,
        subject=row.subject,
        phone_hash=row.phone_hash,
        tenders=tuple(row.tenders),
        quote=row.quote,
        held_at=row.held_at,
        expires_at=row.expires_at,
        receipt=row.receipt,
    )

"""What a merchant gives back of their own sales: lines of a ticket, with a reason, up to so much a day and person.

The day is the store's, and how much is a rule of the store for each role. Above it nothing moves until a manager has
agreed, as with any large refund. A merchant names the payment that they see in their list, never the ticket: who holds
a ticket's id may read it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout.own_refund import NeedsPerson
from server.flows.days import day_of
from server.flows.errors import FlowError
from server.flows.own_refund import Asked, ask_manager
from server.flows.ports import Caller, Work
from server.flows.ports.books import RefundRow
from server.flows.ports.payments import PaymentRow, TicketRow
from server.flows.refund import Returned, lines_left, reckon, refund
from server.flows.sales import span_of
from server.flows.shop import Shop

OPEN_AT_MOST = 10
"""Refunds of one merchant that wait for a manager: each is somebody's time, and those of others wait behind them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a merchant wants to give back: pieces by line of a payment's ticket, and why."""

    refund_id: str
    payment_id: str
    quantities: Mapping[str, int]
    reason: str


def sale_json(work: Work, shop: Shop, payment_id: str, who: Caller, *, at: datetime) -> dict[str, Any]:
    """Return the lines of a sale with what can still come back, and how much this person may give back today.

    Raises:
        FlowError: `payment_not_found`.
    """
    ticket, payment = _sold(work, shop, work.payments.get(payment_id), payment_id)
    return {
        "payment_id": payment_id,
        "ticket_number": ticket.number,
        "currency": payment.currency,
        "lines": lines_left(work, ticket),
        "refund_left_minor": max(0, _cap_minor(shop, who) - _given_minor(work, shop, who, at=at)),
    }


def refund_as_merchant(work: Work, shop: Shop, wanted: Wanted, who: Caller, *, at: datetime) -> RefundRow | Asked:
    """Give back what this merchant's role may alone, or ask a manager; the same id is the same refund.

    Raises:
        FlowError: `payment_not_found`; `refund_exists`, `request_exists`, `refund_line_unknown`, `refund_too_much`,
            `refund_nothing`; `refund_requests_open` for one more than `OPEN_AT_MOST` that nobody has decided about.
    """
    work.staff.lock_row(who.subject)  # of two at once the second sees the first
    # Held from here on: what else goes back of it at this moment changes what these goods are worth by a cent.
    ticket, payment = _sold(work, shop, work.payments.locked(wanted.payment_id), wanted.payment_id)
    returned = Returned(wanted.refund_id, ticket.ticket_id, wanted.quantities, wanted.reason)
    if work.refunds.get(wanted.refund_id) is None:
        amount_minor = reckon(work, ticket, payment, returned).total.minor
        if not amount_minor:
            raise FlowError("refund_nothing", "Nothing was paid for these goods.")
        is_asked = work.requests.get(wanted.refund_id) is not None
        if is_asked or _given_minor(work, shop, who, at=at) + amount_minor > _cap_minor(shop, who):
            why = NeedsPerson.AMOUNT
            if not is_asked:
                _demand_few_open(work, who)
            return ask_manager(work, payment, ticket, returned, amount_minor, why, by=who.subject, at=at)
    return refund(work, returned, store_id=shop.store_id, by=who.subject, at=at)


def _demand_few_open(work: Work, who: Caller) -> None:
    waiting = work.requests.open_of(who.subject, "refund")
    if waiting >= OPEN_AT_MOST:
        detail = f"{waiting} refunds of yours wait for a manager."
        raise FlowError("refund_requests_open", detail, waiting=waiting)


def _sold(work: Work, shop: Shop, payment: PaymentRow | None, payment_id: str) -> tuple[TicketRow, PaymentRow]:
    told = None if payment is None or payment.store_id != shop.store_id else (payment.receipt or {}).get("ticket")
    ticket = None if told is None else work.tickets.get(told["ticket_id"])
    if payment is None or ticket is None:
        raise FlowError("payment_not_found", "There is no such sale in this store.", payment_id=payment_id)
    return ticket, payment


def _cap_minor(shop: Shop, who: Caller) -> int:
    limits = shop.row.limits
    return limits.merchant_owner_day_minor if "merchant_owner" in who.roles else limits.merchant_cashier_day_minor


def _given_minor(work: Work, shop: Shop, who: Caller, *, at: datetime) -> int:
    """Return what somebody has given back alone today; what a manager agreed to stands under both their names."""
    today = day_of(at, shop.timezone)
    return work.refunds.given_by(shop.store_id, who.subject, span_of(today, today, shop.timezone))

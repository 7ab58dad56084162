"""Shoppers give back to themselves what is small; about the rest, and where something is unusual, a manager decides.

The money goes back first and is looked into after (IP15): what a shopper says is kept, each refund is bounded by the
store's limits and by the ones before, and whatever passes them becomes a request with a call to the staff: so many a
day and person, as each takes somebody's time, and those of others wait behind them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from checkout.own_refund import DAY, MONTH, NeedsPerson, needs_person
from server.flows.errors import FlowError
from server.flows.intervene import cancel_call, open_intervention
from server.flows.leave import ticket_of
from server.flows.limits import Bound
from server.flows.ports import Work
from server.flows.ports.books import RefundRow
from server.flows.ports.payments import PaymentRow, TicketRow
from server.flows.ports.staff import Request
from server.flows.refund import Returned, reckon, refund
from server.flows.second_person import ask_second
from server.flows.shop import Shop

CALL = "refund_approval"
SHOPPER = "shopper:"
"""What the name of a shopper begins with in the books; no login holds a colon."""
ASKED_AT_MOST = 5
ASKS = Bound("refund asks", ASKED_AT_MOST, DAY)


@dataclass(frozen=True, slots=True)
class Asked:
    """A refund that a manager decides about, and why."""

    request: Request
    why: NeedsPerson


def refund_myself(work: Work, shop: Shop, returned: Returned, customer_id: str, *, at: datetime) -> RefundRow | Asked:
    """Give back what the store lets shoppers decide about alone, or ask a manager; the same id is the same refund.

    Raises:
        FlowError: `ticket_not_found`, also for another's; `refund_by_merchant` for what was paid at a counter;
            `refund_exists`, `refund_line_unknown`, `refund_too_much`, `refund_nothing` for goods that cost nothing;
            `too_many_requests` for more than `ASKED_AT_MOST` that a manager would decide about.
    """
    ticket, payment = _own(work, shop, returned.ticket_id, customer_id)
    if "counter" in ticket.body:
        raise FlowError("refund_by_merchant", "What was paid at a counter is given back by whoever stands behind it.")
    by = _name(customer_id)
    if work.refunds.get(returned.refund_id) is not None:
        return refund(work, returned, store_id=shop.store_id, by=by, at=at)
    work.customers.lock_row(customer_id)  # of two at once the second sees the first
    amount_minor = reckon(work, ticket, payment, returned).total.minor
    if not amount_minor:
        raise FlowError("refund_nothing", "Nothing was paid for these goods.")
    known = work.requests.get(returned.refund_id)
    why = (
        NeedsPerson(known.body["why"])
        if known is not None and "why" in known.body
        else needs_person(
            shop.row.limits.own_refund,
            amount_minor=amount_minor,
            bought_at=ticket.issued_at,
            seen_goods=_must_be_seen(ticket, returned.quantities),
            before=work.refunds.own_since(customer_id, by, at - MONTH),
            at=at,
        )
    )
    if why is None:
        return refund(work, returned, store_id=shop.store_id, by=by, at=at)
    if known is None:
        ASKS.count(work, customer_id, at=at)
    return ask_manager(work, payment, ticket, returned, amount_minor, why, by=by, at=at)


def is_of_shopper(asked: Request) -> bool:
    """Say whether a shopper asks, and not a manager: then nobody who works here has agreed to it yet."""
    return asked.asked_by.startswith(SHOPPER)


def _name(customer_id: str) -> str:
    return f"{SHOPPER}{customer_id}"


def _own(work: Work, shop: Shop, ticket_id: str, customer_id: str) -> tuple[TicketRow, PaymentRow]:
    ticket = ticket_of(work, ticket_id)
    payment = work.payments.locked(ticket.payment_id)
    if payment is None or payment.customer_id != customer_id or ticket.store_id != shop.store_id:
        raise FlowError("ticket_not_found", "There is no such ticket of yours.")
    return ticket, payment


def _must_be_seen(ticket: TicketRow, quantities: Mapping[str, int]) -> bool:
    """Say whether a person must see something of it: sold by age or by weight, or under warranty."""
    return any(
        line["line_id"] in quantities
        and (line.get("min_age") is not None or line.get("weight_g") is not None or line.get("warranty_months"))
        for line in ticket.body["lines"]
    )


def ask_manager(
    work: Work,
    payment: PaymentRow,
    ticket: TicketRow,
    returned: Returned,
    amount_minor: int,
    why: NeedsPerson,
    *,
    by: str,
    at: datetime,
) -> Asked:
    """Keep a refund that a manager decides about, and call one; the same id again is the same request.

    Raises:
        FlowError: `request_exists`.
    """
    facts: dict[str, Any] = asdict(returned) | {"amount_minor": amount_minor, "why": why.value}
    asked = ask_second(work, returned.refund_id, "refund", facts, by=by, at=at)
    open_intervention(
        work,
        intervention_id=returned.refund_id,
        store_id=payment.store_id,
        kiosk_id=payment.kiosk_id,
        basket_id=None,
        line_id=None,
        kind=CALL,
        detail={"total_minor": amount_minor, "why": why.value, "ticket_number": ticket.number},
        at=at,
    )
    return Asked(asked, why)


def end_call(work: Work, request_id: str, *, at: datetime) -> None:
    """End the call of a refund that was decided about."""
    call = work.interventions.get(request_id)
    if call is not None and call.type == CALL:
        cancel_call(work, call, at=at)

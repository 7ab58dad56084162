"""Take goods back: what was paid for them returns to the tenders that paid, the last one first, gifts to gifts.

A line gives back what the shopper paid for it, after offers and coupons. What a coupon took off was never the
shopper's money: it goes back to its campaign, and the coupon to its holder when nothing that it made cheaper is left.
Amounts and tax are differences of running totals (`refund_of`), so that parts given back one by one sum to the whole,
to the cent and for each rate.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout import (
    AccountKind,
    Currency,
    Money,
    Posting,
    Transfer,
    TransferKind,
    currency,
    sales_account,
    till_account,
)
from checkout.errors import LineNotFoundError, QuantityOutOfRangeError
from checkout.refunds import Refund, Sold, refund_of
from checkout.settlement import Paid, parts_back, refund_parts, unfund_coupons
from server.flows import cashback, coupons
from server.flows.close_account import give_up, hand_out, take_up
from server.flows.coupons import GivenBack
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.leave import ticket_of
from server.flows.pay import hold_id
from server.flows.ports import Work
from server.flows.ports.books import RefundRow
from server.flows.ports.payments import PaymentRow, TicketRow
from server.flows.ports.people import Customer
from server.flows.purses import reissue


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back: pieces by line of a ticket, and why."""

    refund_id: str
    ticket_id: str
    quantities: Mapping[str, int]
    reason: str


def refund(
    work: Work, returned: Returned, *, store_id: str, by: str, at: datetime, alone_minor: int | None = None
) -> RefundRow:
    """Give back what was paid for some pieces; the same id again is the same refund.

    Raises:
        FlowError: `ticket_not_found`; `refund_exists` when the id belongs to another; `refund_line_unknown`;
            `refund_too_much` when more would come back than was sold and not yet given back; `second_person_needed`
            when the ticket would give back more, in however many parts, than one may decide alone (`alone_minor`).
    """
    ticket = ticket_of(work, returned.ticket_id)
    payment = work.payments.locked(ticket.payment_id)
    if payment is None or payment.status != "captured" or ticket.store_id != store_id:
        raise FlowError("ticket_not_found", "There is no such ticket in this store.")
    if (known := work.refunds.get(returned.refund_id)) is not None:
        return _same(known, returned)
    if payment.customer_id is not None:
        work.customers.lock_row(payment.customer_id)  # no payment draws on the cashback that goods had earned meanwhile
    before = work.refunds.of_payment(payment.payment_id)
    reckoned = reckon(work, ticket, payment, returned)
    amount_minor = reckoned.total.minor
    refunded_minor = sum(row.amount_minor for row in before)
    if refunded_minor + amount_minor > payment.amount_minor:
        raise FlowError("refund_too_much", "More would go back than was paid.", left_minor=payment.amount_minor)
    if alone_minor is not None and refunded_minor + amount_minor > alone_minor:
        raise FlowError(
            "second_person_needed",
            "A second person must agree to a refund of this size.",
            amount_minor=amount_minor,
            alone_minor=alone_minor,
        )
    given = coupons.give_back(work, reckoned.coupons, at)
    cashback.lock_for_refund(work, payment, ticket.body)
    _, newest = work.closings.hold_numbers(store_id)  # before the ledger's head, as a sale does
    gone = _who_left(work, payment)
    if gone is not None:
        name = f"taken-up:refund:{returned.refund_id}"
        take_up(work, name, gone, currency(payment.currency), business_id=returned.refund_id, at=at)
    tenders = _give_back(work, payment, ticket, returned.refund_id, reckoned, before, at=at)
    _unfund(work, payment, returned.refund_id, given, at=at)
    own_before, own_now = (
        sum(each["amount_minor"] for each in part if each["account"] == cashback.OWN)
        for part in ([each for row in before for each in row.body["tenders"]], tenders)
    )
    back, cashback_back = cashback.take_back(
        work, payment, ticket.body, returned.refund_id, before_minor=own_before, now_minor=own_now
    )
    if back is not None:
        work.ledger.post([back], at=at)
    wallet_minor = own_now - (cashback_back or {"from_wallet_minor": 0})["from_wallet_minor"]
    paid_out_minor = 0 if gone is None else _pay_out(work, payment, gone, returned.refund_id, wallet_minor, at=at)
    body = {
        "refund_id": returned.refund_id,
        "number": newest + 1,
        "ticket_id": ticket.ticket_id,
        "ticket_number": ticket.number,
        "currency": payment.currency,
        "lines": _lines_json(ticket, reckoned),
        "vat": [
            {
                "rate_bp": rate.rate_bp,
                "net_minor": rate.net.minor,
                "tax_minor": rate.tax.minor,
                "gross_minor": rate.gross.minor,
            }
            for rate in reckoned.vat
        ],
        "coupons": [one.as_json() for one in given],
        "tenders": tenders,
        "cashback_back": cashback_back,
        "paid_out_minor": paid_out_minor,
        "amount_minor": amount_minor,
        "left_minor": payment.amount_minor - refunded_minor - amount_minor,
        "reason": returned.reason,
        "refunded_at": instant(at),
    }
    made = RefundRow(
        returned.refund_id,
        store_id,
        newest + 1,
        ticket.ticket_id,
        payment.payment_id,
        amount_minor,
        body,
        by,
        returned.reason,
        at,
    )
    work.refunds.add(made)
    work.events.record(by, "refund", ticket.ticket_id, at=at, reason=returned.reason)
    told = {
        "refund_id": made.refund_id,
        "payment_id": payment.payment_id,
        "amount_minor": amount_minor,
    }
    # Without the ticket's id: who holds it may read the ticket, and every kiosk reads the stream.
    work.events.tell(store_id, "payment.refunded", told, at=at)
    return made


def _who_left(work: Work, payment: PaymentRow) -> Customer | None:
    customer = work.customers.get(payment.customer_id) if payment.customer_id is not None else None
    return None if customer is None or customer.pin_hash else customer


def _pay_out(work: Work, payment: PaymentRow, customer: Customer, refund_id: str, minor: int, *, at: datetime) -> int:
    """Return how much the till hands out in cash, in minor units: what reached a wallet whose owner has left.

    Cashback that is in the purse by now is given up, as all of it was when they left.
    """
    unit = currency(payment.currency)
    give_up(work, f"given-up:refund:{refund_id}", customer, unit, business_id=refund_id, at=at)
    if minor:
        amount, name = Money(minor, unit), f"payout:refund:{refund_id}"
        hand_out(work, name, customer.customer_id, amount, store_id=payment.store_id, at=at)
    return minor


def with_refunds(work: Work, ticket: TicketRow) -> dict[str, Any]:
    """Return a ticket as it is shown: as it was issued, and what came back since. Who paid back stays unsaid."""
    shown = ("refund_id", "number", "lines", "vat", "tenders", "amount_minor", "refunded_at")
    later = ("cashback_back", "coupons", "paid_out_minor")
    refunds = [
        {name: row.body[name] for name in shown} | {name: row.body.get(name) for name in later}
        for row in work.refunds.of_payment(ticket.payment_id)
    ]
    printed = {name: fact for name, fact in ticket.body.items() if name != "rules"}
    return printed | {"refunds": refunds, "refunded_minor": sum(each["amount_minor"] for each in refunds)}


def _same(known: RefundRow, returned: Returned) -> RefundRow:
    lines = {line["line_id"]: line["quantity"] for line in known.body["lines"]}
    if (known.ticket_id, lines) != (returned.ticket_id, dict(returned.quantities)):
        raise FlowError("refund_exists", "This id belongs to another refund.", refund_id=known.refund_id)
    return known


def pieces_back(work: Work, payment_id: str) -> Counter[str]:
    """Return how many pieces of each line of a payment's ticket have come back."""
    back = Counter[str]()
    for row in work.refunds.of_payment(payment_id):
        for line in row.body["lines"]:
            back[line["line_id"]] += line["quantity"]
    return back


def lines_left(work: Work, ticket: TicketRow) -> list[dict[str, Any]]:
    """Return the lines of a ticket, each with how many of its pieces (`left`) can still come back."""
    gone = pieces_back(work, ticket.payment_id)
    return [
        {
            "line_id": line["line_id"],
            "name": line["name"],
            "quantity": line["quantity"],
            "amount_minor": line["due_minor"],
            "left": line["quantity"] - gone[line["line_id"]],
        }
        for line in ticket.body["lines"]
    ]


def refundable(work: Work, number: int, *, store_id: str, by: str, at: datetime) -> dict[str, Any]:
    """Return what can still come back of the ticket with this number; that it was read stays in the log.

    A number is no secret, unlike a ticket's link: only whoever may refund finds a ticket by it.

    Raises:
        FlowError: `ticket_not_found`.
    """
    if (ticket := work.tickets.by_number(store_id, number)) is None:
        raise FlowError("ticket_not_found", "No ticket of this store has this number.", number=number)
    work.events.record(by, "ticket.read", ticket.ticket_id, at=at)
    lines = lines_left(work, ticket)
    return {
        "ticket_id": ticket.ticket_id,
        "ticket_number": ticket.number,
        "currency": ticket.body["currency"],
        "issued_at": instant(ticket.issued_at),
        "lines": lines,
    }


def reckon(work: Work, ticket: TicketRow, payment: PaymentRow, returned: Returned) -> Refund:
    """Return what would go back, with what has gone back before.

    Raises:
        FlowError: `refund_line_unknown`; `refund_too_much` for more pieces than are left.
    """
    unit = currency(payment.currency)
    back = pieces_back(work, payment.payment_id)
    sold = {line.line_id: line for line in _sold(ticket, unit)}
    try:
        return refund_of(tuple(sold.values()), returned.quantities, before=back)
    except LineNotFoundError as error:
        raise FlowError("refund_line_unknown", "This line is not on the ticket.", line_id=error.line_id) from error
    except QuantityOutOfRangeError as error:
        line_id = next(one for one, pieces in returned.quantities.items() if pieces > sold[one].pieces - back[one])
        detail = f"{error.high} of this line can still come back."
        raise FlowError("refund_too_much", detail, line_id=line_id, left=error.high) from error


def _sold(ticket: TicketRow, unit: Currency) -> list[Sold]:
    codes = {coupon["code"] for coupon in ticket.body["coupons"]}
    return [
        Sold(
            line["line_id"],
            line["quantity"],
            Money(line["due_minor"], unit),
            line["vat_rate_bp"],
            {
                each["rule_id"]: Money(-each["amount_minor"], unit)
                for each in line["adjustments"]
                if each["rule_id"] in codes
            },
        )
        for line in ticket.body["lines"]
    ]


def _lines_json(ticket: TicketRow, reckoned: Refund) -> list[dict[str, Any]]:
    sold = {line["line_id"]: line for line in ticket.body["lines"]}
    return [
        {
            "line_id": line.line_id,
            "sku": sold[line.line_id]["sku"],
            "name": sold[line.line_id]["name"],
            "quantity": line.pieces,
            "amount_minor": line.amount.minor,
            "vat_rate_bp": line.vat_rate_bp,
        }
        for line in reckoned.lines
    ]


def _unfund(work: Work, payment: PaymentRow, refund_id: str, given: Sequence[GivenBack], *, at: datetime) -> None:
    costs = [(one.campaign_id, one.amount_minor) for one in given]
    if any(minor for _, minor in costs):
        name, unit = f"coupon-back:{refund_id}", currency(payment.currency)
        back = unfund_coupons(name, payment.payment_id, costs, store=payment.store_id, unit=unit)
        work.ledger.post([back], at=at)


def _give_back(
    work: Work,
    payment: PaymentRow,
    ticket: TicketRow,
    refund_id: str,
    reckoned: Refund,
    before: Sequence[RefundRow],
    *,
    at: datetime,
) -> list[dict[str, Any]]:
    unit, store = currency(payment.currency), payment.store_id
    amounts = reckoned.amounts
    if not amounts:
        return []  # goods that cost nothing come back for nothing
    name = f"refund:{refund_id}"
    held = work.ledger.get(hold_id(payment.payment_id))
    if held is not None:
        paid = _paid(payment, ticket, held, unit)
        gone: tuple[Paid, ...] = ()
        for row in before:
            gone += parts_back(_by_line(row.body["lines"], unit), paid, gone)
        transfer = refund_parts(name, payment.payment_id, parts_back(amounts, paid, gone), store=store)
        words = {str(drawn.debit): tender for drawn, tender in zip(held.postings, payment.tenders, strict=True)}
        for posting in transfer.postings:
            if posting.credit.kind is AccountKind.VOUCHER:
                reissue(work, posting.credit.owner, at=at)
    else:
        amount = sum(amounts.values(), start=Money.zero(unit))
        posting = Posting(sales_account(store), till_account(store), amount)
        transfer = Transfer(name, TransferKind.REFUND, payment.payment_id, (posting,))
        words = {str(posting.credit): tender for tender in payment.tenders}
    work.ledger.post([transfer], at=at)
    return [
        {word: fact for word, fact in words.get(str(posting.credit), {}).items() if word != "lines"}
        | {"account": posting.credit.kind.value, "amount_minor": posting.amount.minor}
        for posting in transfer.postings
    ]


def _by_line(lines: Sequence[Mapping[str, Any]], unit: Currency) -> dict[str, Money]:
    return {line["line_id"]: Money(line["amount_minor"], unit) for line in lines if line["amount_minor"]}


def _paid(payment: PaymentRow, ticket: TicketRow, held: Transfer, unit: Currency) -> list[Paid]:
    """Return what each tender paid of each line: vouchers as they were shared out, the others from left to right."""
    left = {line["line_id"]: line["due_minor"] for line in ticket.body["lines"]}
    paid: list[Paid] = []
    drawn = list(zip(held.postings, payment.tenders, strict=True))
    for posting, tender in drawn:
        for line_id, minor in tender.get("lines", {}).items():
            paid.append(Paid(line_id, posting.debit, Money(minor, unit)))
            left[line_id] -= minor
    for posting, tender in drawn:
        rest = 0 if "lines" in tender else posting.amount.minor
        for line_id, open_minor in left.items():
            if minor := min(rest, open_minor):
                paid.append(Paid(line_id, posting.debit, Money(minor, unit)))
                left[line_id] -= minor
                rest -= minor
    return paid

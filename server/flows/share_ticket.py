"""Ask friends for their part of a ticket, line by line (SO3): requests like any other, which they accept or not.

A ticket is never asked for more than it cost: what was asked for it before and may still be paid counts, and what came
back of it is nobody's to pay.
"""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from checkout.money import Money, currency
from checkout.order_text import clean_memo
from checkout.peer import AskState
from checkout.split_ticket import split_ticket
from server.flows.ask_money import ask_for, is_open
from server.flows.errors import FlowError
from server.flows.leave import ticket_of
from server.flows.ports import Work
from server.flows.ports.peers import AskRow
from server.flows.ports.people import Customer
from server.flows.send_money import Person

MOST_FRIENDS = 7
"""Two to eight people share a ticket. Source: product.md 4.7."""


@dataclass(frozen=True, slots=True)
class Friend:
    """Who took part in which lines."""

    person: Person
    line_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Shared:
    """What was asked of each friend who owes something, and what stays with whoever paid."""

    asked: tuple[AskRow, ...]
    own_minor: int


def share_ticket(
    work: Work,
    split_id: str,
    ticket_id: str,
    friends: Sequence[Friend],
    kept: AbstractSet[str],
    me: Customer,
    *,
    at: datetime,
) -> Shared:
    """Ask each friend for their lines of one's own ticket; the same id again asks for the same.

    Raises:
        LineNotFoundError: The ticket has no such line.
        FlowError: `ticket_not_found`, also for another's; `split_empty`: nobody would owe anything; `split_too_much`
            with what is left of the ticket; and as `ask_for`.
    """
    ticket = ticket_of(work, ticket_id)
    payment = work.payments.locked(ticket.payment_id)  # of two splits at once the second sees the first
    if payment is None or payment.customer_id != me.customer_id:
        raise FlowError("ticket_not_found", "There is no such ticket of yours.")
    dues = {line["line_id"]: line["due_minor"] for line in ticket.body["lines"]}
    for row in work.refunds.of_payment(payment.payment_id):
        for line in row.body["lines"]:
            dues[line["line_id"]] -= line["amount_minor"]
    split = split_ticket(dues, [friend.line_ids for friend in friends], kept)
    if not any(split.friends):
        raise FlowError("split_empty", "Nobody would owe anything.")
    ids = [str(uuid5(UUID(split_id), str(n))) for n in range(len(friends))]
    before = [row for row in work.peers.asks_for_ticket(ticket_id) if row.request_id not in ids]
    asked_minor = sum(row.amount_minor for row in before if is_open(row, at=at) or row.state == AskState.ACCEPTED)
    left_minor = sum(dues.values()) - asked_minor
    if sum(split.friends) > left_minor:
        raise FlowError("split_too_much", "More was asked for than the ticket cost.", left_minor=max(0, left_minor))
    memo = clean_memo(f"{ticket.body['payee']} · {ticket.number}")
    unit = currency(payment.currency)
    asked = [
        ask_for(work, request_id, friend.person, Money(minor, unit), memo, me, at=at, ticket_id=ticket_id)
        for request_id, friend, minor in zip(ids, friends, split.friends, strict=True)
        if minor
    ]
    return Shared(tuple(asked), split.payer)

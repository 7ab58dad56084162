"""Ask somebody for money: they accept with their PIN, decline, or leave it; it is told again once at most.

Who asks is told the same of every number. What is asked of a number waits for its account as well.
"""

from datetime import datetime, timedelta

from checkout.assertion import StepUpPolicy
from checkout.money import Money, currency
from checkout.peer import ASK_TABLE, DEFAULT_PEER_LIMITS, AskEvent, AskState
from server.flows.errors import FlowError
from server.flows.limits import Bound
from server.flows.phone_codes import Proof
from server.flows.ports import Work
from server.flows.ports.peers import AskRow, PeerRow
from server.flows.ports.people import Customer
from server.flows.send_money import DAY, Person, Sending, known_id, lock_both, send_money

ASK_LIFE = timedelta(days=14)
REMIND_AFTER = timedelta(hours=24)
ASKS = Bound("money asked for", 20, DAY)
PER_PERSON = Bound("money asked of one", 5, DAY)
"""Nobody is asked by the same person more often in a day: a ticket is split once, and again, but not all evening."""
MOST_MINOR = DEFAULT_PEER_LIMITS.person_minor
"""What one may send to a person in a day; more could not be paid."""
_OPEN = {AskState.OPEN.value, AskState.REMINDED.value}


def ask_for(
    work: Work,
    request_id: str,
    of: Person,
    amount: Money,
    memo: str,
    asker: Customer,
    *,
    at: datetime,
    ticket_id: str | None = None,
) -> AskRow:
    """Ask a number for money, for a part of a ticket perhaps; the same id again is the same request.

    Raises:
        FlowError: `peer_self`, `ask_out_of_range`, `too_many_requests`; `ask_exists` when the id is another request's.
    """
    if of.phone_hash == asker.phone_hash:
        raise FlowError("peer_self", "This is your own number.")
    if not 0 < amount.minor <= MOST_MINOR:
        raise FlowError("ask_out_of_range", f"One asks for up to {MOST_MINOR} minor units.", high_minor=MOST_MINOR)
    row = AskRow(
        request_id=request_id,
        asker_id=asker.customer_id,
        phone_hash=of.phone_hash,
        phone_last4=of.phone_last4,
        amount_minor=amount.minor,
        currency=amount.currency.code,
        memo=memo,
        state=ASK_TABLE.start.value,
        created_at=at,
        expires_at=at + ASK_LIFE,
        ticket_id=ticket_id,
    )
    if not work.peers.add_ask(row):
        known = work.peers.get_ask(request_id)
        asked = (row.asker_id, row.phone_hash, row.amount_minor)
        if known is None or (known.asker_id, known.phone_hash, known.amount_minor) != asked:
            raise FlowError("ask_exists", "This id belongs to another request.")
        return known
    ASKS.count(work, asker.customer_id, at=at)
    PER_PERSON.count(work, f"{asker.customer_id} {of.phone_hash}", at=at)
    return row


def accept(
    work: Work,
    request_id: str,
    transfer_id: str,
    payer: Customer,
    *,
    proof: Proof | None,
    policy: StepUpPolicy,
    at: datetime,
) -> PeerRow:
    """Pay what is asked, after the PIN was proven; the same ids again pay once.

    Raises:
        FlowError: `ask_not_found`, `ask_over`, and as `send_money`; `peer_exists` also for what paid something else.
        IllegalTransitionError: It was accepted, declined or withdrawn.
    """
    asker = work.customers.get(_asked_of(work, request_id, payer).asker_id)
    lock_both(work, payer, asker)
    row = _asked_of(work, request_id, payer)
    asker = work.customers.get(row.asker_id)
    if asker is None or not asker.name:
        raise _not_found()
    order = Sending(
        transfer_id,
        Person(asker.phone_hash, asker.phone_last4),
        Money(row.amount_minor, currency(row.currency)),
        row.memo,
    )
    if row.state != AskState.ACCEPTED or row.transfer_id != transfer_id:
        if work.peers.get(transfer_id) is not None:
            raise known_id()  # what has moved already, for something else, pays nothing of this
        _move(work, row, AskEvent.ACCEPT, at=at, transfer_id=transfer_id)
    return send_money(work, order, payer, proof=proof, policy=policy, at=at)


def decline(work: Work, request_id: str, payer: Customer, *, at: datetime) -> AskRow:
    """Say no, without a reason.

    Raises:
        FlowError: `ask_not_found`, `ask_over`.
        IllegalTransitionError: It was accepted or withdrawn.
    """
    row = _asked_of(work, request_id, payer)
    return row if row.state == AskState.DECLINED else _move(work, row, AskEvent.DECLINE, at=at)


def withdraw(work: Work, request_id: str, asker: Customer, *, at: datetime) -> AskRow:
    """Ask no more.

    Raises:
        FlowError: `ask_not_found`, `ask_over`.
        IllegalTransitionError: It was accepted or declined.
    """
    row = _asked_by(work, request_id, asker)
    return row if row.state == AskState.WITHDRAWN else _move(work, row, AskEvent.WITHDRAW, at=at)


def remind(work: Work, request_id: str, asker: Customer, *, at: datetime) -> AskRow:
    """Put a request on top again, once, a day later at the earliest.

    Raises:
        FlowError: `ask_not_found`, `ask_over`, `ask_too_soon`.
        IllegalTransitionError: There was a reminder, or an answer.
    """
    row = _asked_by(work, request_id, asker)
    if row.state == AskState.OPEN and at < row.created_at + REMIND_AFTER:
        raise FlowError("ask_too_soon", "It was asked less than a day ago.", from_at=row.created_at + REMIND_AFTER)
    return _move(work, row, AskEvent.REMIND, at=at)


def is_open(row: AskRow, *, at: datetime) -> bool:
    """Whether a request can still be answered."""
    return row.state in _OPEN and at < row.expires_at


def _move(work: Work, row: AskRow, event: AskEvent, *, at: datetime, transfer_id: str | None = None) -> AskRow:
    after = ASK_TABLE.after(AskState(row.state), event)
    if at >= row.expires_at:
        raise FlowError("ask_over", "This request is over.")
    if not work.peers.move_ask(row, after.value, at=at, transfer_id=transfer_id):
        raise FlowError("peer_moved", "Somebody was first; read again.")
    return work.peers.get_ask(row.request_id) or row


def _asked_of(work: Work, request_id: str, payer: Customer) -> AskRow:
    row = work.peers.get_ask(request_id)
    if row is None or row.phone_hash != payer.phone_hash:
        raise _not_found()
    return row


def _asked_by(work: Work, request_id: str, asker: Customer) -> AskRow:
    row = work.peers.get_ask(request_id)
    if row is None or row.asker_id != asker.customer_id:
        raise _not_found()
    return row


def _not_found() -> FlowError:
    return FlowError("ask_not_found", "There is no such request of yours.")

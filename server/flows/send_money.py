"""Send money to a phone number: at once into the wallet of whoever has it, else kept for them for seven days.

Nobody learns from anything before the PIN whether a number has an account: what is shown beforehand, and the time that
it takes, are the same. What was sent can be seen by its sender, who has paid for it; how often is bounded.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from checkout.assertion import StepUpPolicy, check_phone_pin
from checkout.errors import CheckoutError, InsufficientFundsError, StepUpRequiredError
from checkout.ledger import (
    AccountId,
    Posting,
    Transfer,
    TransferKind,
    hold_account,
    main_account,
    receivable_account,
)
from checkout.money import Money, currency
from checkout.peer import CLAIM_WITHIN, PEER_TABLE, PeerEvent, PeerState, Room, demand_room, room_for
from server.flows.errors import FlowError
from server.flows.limits import Bound
from server.flows.phone_codes import Proof
from server.flows.ports import Work
from server.flows.ports.peers import PeerRow
from server.flows.ports.people import Customer

DAY, MONTH = timedelta(hours=24), timedelta(days=30)
LOOKS = Bound("people looked at", 30, timedelta(minutes=5))
SENDS = Bound("money sent", 20, DAY)
"""How often one person sends in a day, whatever becomes of it: who tries numbers out pays for each and ends here."""
AT_ONCE = 200
"""What one round of the sweeper moves, so that none of its transactions is long."""


@dataclass(frozen=True, slots=True)
class Person:
    """A number that somebody has named; the number itself is not kept."""

    phone_hash: str
    phone_last4: str


@dataclass(frozen=True, slots=True)
class Sending:
    """What is to be sent."""

    transfer_id: str
    to: Person
    amount: Money
    memo: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """What stands in the way of a sum, told before the PIN.

    Attributes:
        room: What the limits leave.
        balance_minor: What lies in the main purse, the only one that can be sent from.
        needs_code: Whether the sender proves their own number by a message besides the PIN.
        refusal: What would be refused, as it would be; None when nothing is in the way.
    """

    room: Room
    balance_minor: int
    needs_code: bool
    refusal: CheckoutError | FlowError | None


def outlook(work: Work, sender: Customer, to: Person, amount: Money, *, policy: StepUpPolicy, at: datetime) -> Outlook:
    """Return what a sum would meet; nothing of it depends on whether the number has an account."""
    room = _room(work, sender, to, at)
    balance_minor = work.ledger.balance_of(main_account(sender.customer_id))
    refusal: CheckoutError | FlowError | None = None
    if amount.minor > balance_minor:
        refusal = InsufficientFundsError(amount.minor, balance_minor, amount.currency.code)
    try:
        _demand_may(work, sender, to)
        demand_room(amount.minor, room)
        _demand_pin_goes(work, sender, amount.minor, policy, at)
    except StepUpRequiredError:
        return Outlook(room, balance_minor, needs_code=True, refusal=refusal)
    except (CheckoutError, FlowError) as error:
        refusal = error
    return Outlook(room, balance_minor, needs_code=False, refusal=refusal)


def send_money(
    work: Work, order: Sending, sender: Customer, *, proof: Proof | None, policy: StepUpPolicy, at: datetime
) -> PeerRow:
    """Send money from the main purse, after the PIN was proven; the same id again is the same sending.

    Args:
        work: The transaction.
        order: What.
        sender: Whose PIN was just proven.
        proof: Their own number, proven by a message; asked for above what a number and a PIN may pay.
        policy: How far these go.
        at: Now.

    Raises:
        PeerLimitError: More than a person sends.
        InsufficientFundsError: There is not that much in the main purse.
        StepUpRequiredError: The number must be proven by a message besides.
        FlowError: `peer_self`, `peer_adult_needed`, `peer_blocked`, `offline_debt_open`, `too_many_requests`,
            `phone_unproven`; `peer_exists` when the id belongs to another sending.
    """
    recipient = work.customers.by_phone(order.to.phone_hash)
    lock_both(work, sender, recipient)  # of two at once the second sees what the first has left of the limits
    if (before := work.peers.get(order.transfer_id)) is not None:
        return _same(before, order, sender)
    _demand_may(work, sender, order.to)
    demand_room(order.amount.minor, _room(work, sender, order.to, at))
    shown = "pin"
    try:
        _demand_pin_goes(work, sender, order.amount.minor, policy, at)
    except StepUpRequiredError:
        if proof is None:
            raise
        proof.use(work, sender.phone_hash, at=at)
        shown = "code"
    SENDS.count(work, sender.customer_id, at=at)
    recipient = work.customers.by_phone(order.to.phone_hash)  # whoever closes their account meanwhile has it no more
    row = PeerRow(
        transfer_id=order.transfer_id,
        sender_id=sender.customer_id,
        phone_hash=order.to.phone_hash,
        phone_last4=order.to.phone_last4,
        recipient_id=None if recipient is None else recipient.customer_id,
        amount_minor=order.amount.minor,
        currency=order.amount.currency.code,
        memo=order.memo,
        state=PEER_TABLE.start.value if recipient is None else _after(PEER_TABLE.start, PeerEvent.CLAIM),
        proof=shown,
        created_at=at,
        expires_at=at + CLAIM_WITHIN,
        ended_at=None if recipient is None else at,
    )
    if not work.peers.add(row):
        raise known_id()
    into = _held(row) if recipient is None else main_account(recipient.customer_id)
    _post(work, row, "", main_account(sender.customer_id), into, at=at)
    return row


def lock_both(work: Work, one: Customer, other: Customer | None) -> None:
    """Keep two people's rows, in one order whoever asks, so that two who send to each other do not wait crosswise."""
    for customer_id in sorted({one.customer_id} | ({other.customer_id} if other is not None else set())):
        work.customers.lock_row(customer_id)


def cancel(work: Work, transfer_id: str, sender: Customer, *, at: datetime) -> PeerRow:
    """Take money back that nobody has claimed.

    Raises:
        FlowError: `peer_not_found`, also for somebody else's.
        IllegalTransitionError: It was claimed, or is back already.
    """
    row = work.peers.get(transfer_id)
    if row is None or row.sender_id != sender.customer_id:
        raise not_found()
    if row.state == PeerState.CANCELLED:
        return row
    return _back(work, row, PeerEvent.CANCEL, at=at) or _demand_waiting(work, transfer_id)


def claim_waiting(work: Work, customer: Customer, *, at: datetime) -> int:
    """Put into a new wallet what waits for its number, and return how much that was in minor units."""
    waiting = work.peers.waiting_for(customer.phone_hash, at=at, limit=AT_ONCE)
    return sum(row.amount_minor for row in waiting if _claim(work, row, customer.customer_id, at=at))


def settle_waiting(work: Work, *, at: datetime) -> int:
    """Return what nobody has claimed in time, and hand over what a new account was too late to see; return how many."""
    # Sent in the moment in which its number opened an account: neither transaction saw the other.
    claimable = work.peers.claimable(at=at, limit=AT_ONCE)
    for customer_id in sorted({customer_id for _, customer_id in claimable}):
        work.customers.lock_row(customer_id)  # as who sends takes them: in one order, before the head of the ledger
    returned = [_back(work, row, PeerEvent.RETURN, at=at) for row in work.peers.due(at, limit=AT_ONCE)]
    claimed = [_claim(work, row, customer_id, at=at) for row, customer_id in claimable]
    return sum(row is not None for row in returned) + sum(claimed)


def is_anything_waiting(work: Work, *, at: datetime) -> bool:
    """Whether `settle_waiting` would do anything: asked before anything is written."""
    return bool(work.peers.due(at, limit=1) or work.peers.claimable(at=at, limit=1))


def not_found() -> FlowError:
    """Return the refusal of what is not there, or is somebody else's."""
    return FlowError("peer_not_found", "You have sent and received nothing under this id.")


def known_id() -> FlowError:
    """Return the refusal of an id under which something else was sent."""
    return FlowError("peer_exists", "This id belongs to another sending.")


def _demand_may(work: Work, sender: Customer, to: Person) -> None:
    if to.phone_hash == sender.phone_hash:
        raise FlowError("peer_self", "This is your own number.")
    kept = work.peers.sender(sender.customer_id)
    if kept.blocked_at is not None:
        raise FlowError("peer_blocked", "You have let nothing be sent from your wallet.", since=kept.blocked_at)
    if kept.adult_at is None:
        raise FlowError("peer_adult_needed", "Money is sent by adults.")
    owed = -work.ledger.balance_of(receivable_account(sender.customer_id))
    if owed > 0:
        raise FlowError("offline_debt_open", "A payment without the network is not paid yet.", owed_minor=owed)


def _room(work: Work, sender: Customer, to: Person, at: datetime) -> Room:
    return room_for(work.peers.sent(sender.customer_id, to.phone_hash, day=at - DAY, month=at - MONTH))


def _demand_pin_goes(work: Work, sender: Customer, amount_minor: int, policy: StepUpPolicy, at: datetime) -> None:
    day_minor = work.authentications.phone_use(sender.customer_id, since=at - DAY)
    try:
        check_phone_pin(amount_minor, day_minor=day_minor, policy=policy)
    except StepUpRequiredError as error:
        raise StepUpRequiredError(("phone_code",), error.reason) from error


def _same(before: PeerRow, order: Sending, sender: Customer) -> PeerRow:
    asked = (sender.customer_id, order.to.phone_hash, order.amount.minor)
    if (before.sender_id, before.phone_hash, before.amount_minor) != asked:
        raise known_id()
    return before


def _after(state: PeerState, event: PeerEvent) -> str:
    return PEER_TABLE.after(state, event).value


def _demand_waiting(work: Work, transfer_id: str) -> PeerRow:
    """Say what became of money that somebody else was first to move."""
    now = work.peers.get(transfer_id)
    if now is None or now.state == PeerState.CANCELLED:
        raise not_found() if now is None else FlowError("peer_moved", "Somebody was first; read again.")
    raise FlowError("peer_moved", "It was claimed, or went back, a moment ago.", state=now.state)


def _claim(work: Work, row: PeerRow, customer_id: str, *, at: datetime) -> bool:
    work.customers.lock_row(customer_id)
    owner = work.customers.get(customer_id)
    if owner is None or owner.phone_hash != row.phone_hash:
        return False  # the account was closed a moment ago
    after = _after(PeerState(row.state), PeerEvent.CLAIM)
    if not work.peers.move(row, after, at=at, recipient_id=customer_id):
        return False
    _post(work, row, ":claim", _held(row), main_account(customer_id), at=at)
    return True


def _back(work: Work, row: PeerRow, event: PeerEvent, *, at: datetime) -> PeerRow | None:
    after = _after(PeerState(row.state), event)
    if not work.peers.move(row, after, at=at):
        return None
    _post(work, row, ":back", _held(row), main_account(row.sender_id), at=at)
    return work.peers.get(row.transfer_id)


def _held(row: PeerRow) -> AccountId:
    return hold_account(f"peer.{row.transfer_id}")


def _post(work: Work, row: PeerRow, step: str, debit: AccountId, credit: AccountId, *, at: datetime) -> None:
    posting = Posting(debit, credit, Money(row.amount_minor, currency(row.currency)))
    name = f"peer:{row.transfer_id}{step}"
    work.ledger.post([Transfer(name, TransferKind.PEER, row.transfer_id, (posting,))], at=at)

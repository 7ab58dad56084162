"""Port for money between people."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checkout.peer import Sent


@dataclass(frozen=True, slots=True)
class PeerRow:
    """Money that somebody sent to a number.

    Attributes:
        recipient_id: Whose wallet it is in; None as long as it waits, and when it went back.
        proof: What the sender showed: `pin`, or `code`, the number proven by a message besides.
        expires_at: When it goes back if nobody has claimed it.
    """

    transfer_id: str
    sender_id: str
    phone_hash: str
    phone_last4: str
    recipient_id: str | None
    amount_minor: int
    currency: str
    memo: str
    state: str
    proof: str
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    memo_hidden: bool = False


@dataclass(frozen=True, slots=True)
class AskRow:
    """Money that somebody asks of a number.

    Attributes:
        transfer_id: By which it was accepted.
        ticket_id: The ticket of which it is a part.
    """

    request_id: str
    asker_id: str
    phone_hash: str
    phone_last4: str
    amount_minor: int
    currency: str
    memo: str
    state: str
    created_at: datetime
    expires_at: datetime
    reminded_at: datetime | None = None
    ended_at: datetime | None = None
    transfer_id: str | None = None
    memo_hidden: bool = False
    ticket_id: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom a shopper calls how."""

    contact_id: str
    customer_id: str
    name: str
    name_key: str
    phone_hash: str
    phone_last4: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Whether somebody may send: since when they say to be of age, and since when they let nothing be sent."""

    adult_at: datetime | None = None
    blocked_at: datetime | None = None


class Peers(Protocol):
    """What was sent and asked for between people."""

    def add(self, row: PeerRow) -> bool:
        """Keep what is sent; False when its id is known."""
        ...

    def get(self, transfer_id: str) -> PeerRow | None:
        """Return what was sent, or None."""
        ...

    def move(self, row: PeerRow, state: str, *, at: datetime, recipient_id: str | None = None) -> bool:
        """Step from the state of `row` to another; False when somebody was first."""
        ...

    def of(self, customer_id: str, *, limit: int) -> Sequence[PeerRow]:
        """Return what somebody sent and received, newest first."""
        ...

    def waiting_for(self, phone_hash: str, *, at: datetime, limit: int) -> Sequence[PeerRow]:
        """Return what waits for a number and is not over, by id."""
        ...

    def claimable(self, *, at: datetime, limit: int) -> Sequence[tuple[PeerRow, str]]:
        """Return what waits for a number that has an account by now, with the customer, by id."""
        ...

    def due(self, at: datetime, *, limit: int) -> Sequence[PeerRow]:
        """Return what has waited long enough, by id."""
        ...

    def sent(self, customer_id: str, phone_hash: str, *, day: datetime, month: datetime) -> Sent:
        """Return what somebody has sent and not got back since these moments."""
        ...

    def knows(self, customer_id: str, phone_hash: str) -> bool:
        """Whether the owner of a number has shown themselves to somebody: has sent to them, or paid what they asked."""
        ...

    def hide_memo(self, transfer_id: str, recipient_id: str) -> bool:
        """Show a memo to its recipient no more; False when it is not theirs."""
        ...

    def add_ask(self, row: AskRow) -> bool:
        """Keep a request; False when its id is known."""
        ...

    def get_ask(self, request_id: str) -> AskRow | None:
        """Return a request, or None."""
        ...

    def move_ask(self, row: AskRow, state: str, *, at: datetime, transfer_id: str | None = None) -> bool:
        """Step from the state of `row` to another; False when somebody was first."""
        ...

    def asks_by(self, customer_id: str, *, limit: int) -> Sequence[AskRow]:
        """Return what somebody asked for, newest first."""
        ...

    def asks_to(self, phone_hash: str, *, limit: int) -> Sequence[AskRow]:
        """Return what is asked of a number, newest first."""
        ...

    def asks_for_ticket(self, ticket_id: str) -> Sequence[AskRow]:
        """Return what was asked for parts of a ticket."""
        ...

    def hide_ask(self, request_id: str, phone_hash: str) -> bool:
        """Show the memo of a request to who is asked no more; False when it is not theirs."""
        ...

    def contacts(self, customer_id: str) -> Sequence[Contact]:
        """Return whom somebody knows by a name, by name."""
        ...

    def put_contact(self, contact: Contact) -> None:
        """Keep a name for a number; the same name again is for this number from now on."""
        ...

    def drop_contact(self, customer_id: str, contact_id: str) -> bool:
        """Forget a name; False when there is none."""
        ...

    def sender(self, customer_id: str) -> Sender:
        """Return whether somebody may send."""
        ...

    def put_sender(self, customer_id: str, sender: Sender) -> None:
        """Keep whether somebody may send."""
        ...

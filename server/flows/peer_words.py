"""Who sent what to whom, as each of the two may see it; nobody else sees any of it, and there is no feed.

The sender sees the name that they gave, or once the money has arrived the recipient's name in outline; the recipient
sees the sender's first name and initial, which the sender was told beforehand.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from checkout.order_text import NAME_MOST
from checkout.peer import PeerState
from server.flows.ask_money import REMIND_AFTER, is_open
from server.flows.errors import FlowError
from server.flows.names import clean_name, masked
from server.flows.ports import Work
from server.flows.ports.peers import AskRow, Contact, PeerRow, Sender
from server.flows.ports.people import Customer
from server.flows.send_money import Person

SHOWN = 50
MOST_CONTACTS = 200


@dataclass(frozen=True, slots=True)
class Moved:
    """Money between two people, seen by one of them.

    Attributes:
        is_mine: Whether the one who looks has sent it.
        who: The other one, as they are shown; empty when only the last four digits are known.
        memo: Empty when its recipient has hidden it from themselves.
    """

    row: PeerRow
    is_mine: bool
    who: str
    memo: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request between two people, seen by one of them; `can_remind_at` is None when there is no reminder left."""

    row: AskRow
    is_mine: bool
    who: str
    memo: str
    is_open: bool
    can_remind_at: datetime | None


@dataclass(frozen=True, slots=True)
class Between:
    """All that stands between a shopper and other people."""

    moved: list[Moved]
    asked: list[Asked]
    contacts: list[Contact]
    sender: Sender


def spoken(customer: Customer) -> str:
    """Return how somebody is shown to whom they send money, or whom they ask: first name and initial.

    Examples:
        >>> from datetime import datetime, UTC
        >>> spoken(Customer("1", "Lina Durand", "", "", "", 0, None, "fr", datetime(2026, 1, 1, tzinfo=UTC)))
        'Lina D.'
    """
    words = customer.name.split() or [""]
    return words[0] + (f" {words[-1][0]}." if len(words) > 1 else "")


def between(work: Work, me: Customer, *, at: datetime, most: int = SHOWN) -> Between:
    """Return what somebody sent, received, asked for and is asked for, newest first."""
    names = names_of(work, me)
    asks = [*work.peers.asks_by(me.customer_id, limit=most), *work.peers.asks_to(me.phone_hash, limit=most)]
    asks.sort(key=lambda row: (row.reminded_at or row.created_at, row.request_id), reverse=True)
    return Between(
        [moved(work, row, me, names) for row in work.peers.of(me.customer_id, limit=most)],
        [asked(work, row, me, names, at=at) for row in asks],
        list(work.peers.contacts(me.customer_id)),
        work.peers.sender(me.customer_id),
    )


def names_of(work: Work, me: Customer) -> Mapping[str, str]:
    """Return the names that somebody gave, by phone hash."""
    return {each.phone_hash: each.name for each in work.peers.contacts(me.customer_id)}


def moved(work: Work, row: PeerRow, me: Customer, names: Mapping[str, str]) -> Moved:
    """Return what was sent as one of the two sees it; `names` are those that they gave, by phone hash."""
    is_mine = row.sender_id == me.customer_id
    other = work.customers.get(row.sender_id if not is_mine else row.recipient_id or "")
    if is_mine:
        arrived = other is not None and row.state == PeerState.CLAIMED and other.name
        who = names.get(row.phone_hash) or (masked(other.name) if other is not None and arrived else "")
        return Moved(row, is_mine, who, row.memo)
    who = "" if other is None else names.get(other.phone_hash) or spoken(other)
    return Moved(row, is_mine, who, "" if row.memo_hidden else row.memo)


def asked(work: Work, row: AskRow, me: Customer, names: Mapping[str, str], *, at: datetime) -> Asked:
    """Return a request as one of the two sees it."""
    is_mine = row.asker_id == me.customer_id
    still = is_open(row, at=at)
    if is_mine:
        again = row.created_at + REMIND_AFTER if still and row.reminded_at is None else None
        return Asked(row, is_mine, names.get(row.phone_hash, ""), row.memo, still, again)
    other = work.customers.get(row.asker_id)
    who = "" if other is None else names.get(other.phone_hash) or spoken(other)
    return Asked(row, is_mine, who, "" if row.memo_hidden else row.memo, still, None)


def known_name(work: Work, me: Customer, to: Person) -> str:
    """Return as whom somebody may know a number before they send to it, whether it has an account or not.

    A name that they gave it; its owner's in outline, if that person has sent to them or paid what they asked.
    """
    named = next((each.name for each in work.peers.contacts(me.customer_id) if each.phone_hash == to.phone_hash), "")
    owner = work.customers.by_phone(to.phone_hash)
    is_known = work.peers.knows(me.customer_id, to.phone_hash)
    outline = masked(owner.name) if owner is not None and is_known else ""
    return f"{named} ({outline})" if named and outline else named or outline


def name_key(name: str) -> str:
    """Return a name as it is looked up: without case, without the sign before it."""
    return clean_name(name).lstrip("@").casefold()[:NAME_MOST]


def remember(work: Work, me: Customer, contact_id: str, name: str, to: Person) -> None:
    """Keep a name for a number; the same name again is for this number from now on.

    Raises:
        FlowError: `name_missing`; `too_many_contacts`.
    """
    cleaned, key = clean_name(name).lstrip("@")[:NAME_MOST], name_key(name)
    if not key:
        raise FlowError("name_missing", "A name is needed to find the number again.")
    known = work.peers.contacts(me.customer_id)
    if len(known) >= MOST_CONTACTS and all(each.name_key != key for each in known):
        raise FlowError("too_many_contacts", f"{MOST_CONTACTS} names are kept.", most=MOST_CONTACTS)
    work.peers.put_contact(Contact(contact_id, me.customer_id, cleaned, key, to.phone_hash, to.phone_last4))


def person_named(work: Work, me: Customer, name: str) -> Contact | None:
    """Return whom somebody calls so, or None."""
    key = name_key(name)
    return next((each for each in work.peers.contacts(me.customer_id) if each.name_key == key), None)


def declare_adult(work: Work, me: Customer, *, at: datetime) -> Sender:
    """Keep that somebody says to be 18 or over; the first time stays."""
    kept = _held(work, me)
    if kept.adult_at is None:
        kept = Sender(at, kept.blocked_at)
        work.peers.put_sender(me.customer_id, kept)
    return kept


def block(work: Work, me: Customer, *, at: datetime) -> Sender:
    """Let no money be sent from a wallet until its owner says so with the PIN; what comes in still comes."""
    kept = _held(work, me)
    kept = Sender(kept.adult_at, kept.blocked_at or at)
    work.peers.put_sender(me.customer_id, kept)
    return kept


def unblock(work: Work, me: Customer) -> Sender:
    """Let money be sent again, after the PIN was proven."""
    kept = Sender(_held(work, me).adult_at, None)
    work.peers.put_sender(me.customer_id, kept)
    return kept


def _held(work: Work, me: Customer) -> Sender:
    work.customers.lock_row(me.customer_id)  # of two devices at once the second sees what the first has said
    return work.peers.sender(me.customer_id)

"""How money between people goes out: each of the two sees their own side."""

from typing import Any

from checkout.errors import CheckoutError
from server.api.problems import document, facts_of, instant
from server.flows.errors import FlowError
from server.flows.peer_words import Asked, Between, Moved
from server.flows.ports.peers import Contact, Sender
from server.flows.send_money import Outlook


def moved_json(moved: Moved) -> dict[str, Any]:
    """Return what was sent, as one of the two sees it."""
    row = moved.row
    return {
        "transfer_id": row.transfer_id,
        "way": "sent" if moved.is_mine else "got",
        **_side(moved),
        "at": instant(row.created_at),
        "until": instant(row.expires_at) if row.state == "waiting" else None,
    }


def asked_json(asked: Asked) -> dict[str, Any]:
    """Return a request, as one of the two sees it."""
    row = asked.row
    return {
        "request_id": row.request_id,
        "way": "asked" if asked.is_mine else "asked_of_me",
        **_side(asked),
        "is_open": asked.is_open,
        "at": instant(row.created_at),
        "until": instant(row.expires_at),
        "can_remind_at": None if asked.can_remind_at is None else instant(asked.can_remind_at),
    }


def contact_json(contact: Contact) -> dict[str, Any]:
    """Return whom a shopper calls how."""
    return {"contact_id": contact.contact_id, "name": contact.name, "last4": contact.phone_last4}


def sender_json(sender: Sender) -> dict[str, Any]:
    """Return whether a shopper may send."""
    return {
        "adult_at": None if sender.adult_at is None else instant(sender.adult_at),
        "blocked_at": None if sender.blocked_at is None else instant(sender.blocked_at),
    }


def between_json(found: Between) -> dict[str, Any]:
    """Return all that stands between a shopper and other people."""
    return {
        "transfers": [moved_json(each) for each in found.moved],
        "requests": [asked_json(each) for each in found.asked],
        "contacts": [contact_json(each) for each in found.contacts],
        "sending": sender_json(found.sender),
    }


def outlook_json(seen: Outlook) -> dict[str, Any]:
    """Return what a sum would meet, with its refusal as the problem document that it would be."""
    return {
        "balance_minor": seen.balance_minor,
        "person_left_minor": seen.room.person_minor,
        "day_left_minor": seen.room.day_minor,
        "month_left_minor": seen.room.month_minor,
        "needs": ["pin", "phone_code"] if seen.needs_code else ["pin"],
        "refusal": None if seen.refusal is None else _problem(seen.refusal),
    }


def _side(seen: Moved | Asked) -> dict[str, Any]:
    """Return what one side sees of either: four digits where they named the number, no memo that they have hidden."""
    row = seen.row
    return {
        "who": seen.who,
        "last4": row.phone_last4 if seen.is_mine else None,
        "amount_minor": row.amount_minor,
        "memo": seen.memo,
        "memo_hidden": row.memo_hidden and not seen.is_mine,
        "state": row.state,
    }


def _problem(error: CheckoutError | FlowError) -> dict[str, Any]:
    if isinstance(error, FlowError):
        return document(error.code, error.detail)
    return document(error.code, str(error), **facts_of(error))

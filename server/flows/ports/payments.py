"""Ports for payments, tickets and what opens the gate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment as it is kept.

    Attributes:
        customer_id: None for a payment at the desk.
        digest: Of the basket that was approved.
        status: `held`, `captured` or `voided`.
        subject: Who paid, as a screen may show it; ask `payer`, which names nobody where nobody is known.
        payee: Who is paid, as it was approved.
        quote: What the ticket says of the priced basket, as JSON; the ticket has it once the payment is captured.
        receipt: What the kiosk gets once it is captured, as JSON.
    """

    payment_id: str
    basket_id: str
    store_id: str
    kiosk_id: str
    customer_id: str | None
    authentication_id: str | None
    digest: str
    amount_minor: int
    currency: str
    payee: str
    status: str
    subject: str
    phone_hash: str | None
    tenders: tuple[dict[str, Any], ...]
    quote: dict[str, Any]
    held_at: datetime
    expires_at: datetime
    receipt: dict[str, Any] | None = None

    @property
    def payer(self) -> str | None:
        """Who paid, as a screen may show it; None where nobody is known: at the desk, or erased since."""
        return payer_of(self.customer_id, self.subject)


def payer_of(customer_id: str | None, subject: str) -> str | None:
    """Return who paid, as a screen may show it; None where no account stands behind a payment."""
    return None if customer_id is None else subject or None


@dataclass(frozen=True, slots=True)
class Purchases:
    """How often somebody has bought here, with what is being paid now: ever, and of late."""

    ever: int
    recent: int


class Payments(Protocol):
    """Keep payments."""

    def get(self, payment_id: str) -> PaymentRow | None:
        """Return a payment."""
        ...

    def locked(self, payment_id: str) -> PaymentRow | None:
        """Return a payment that no other transaction closes before this one ends."""
        ...

    def of_basket(self, basket_id: str) -> PaymentRow | None:
        """Return the payment that holds or has taken a basket's money; else the last that was given back."""
        ...

    def add(self, payment: PaymentRow) -> None:
        """Keep a new payment."""
        ...

    def close(self, payment_id: str, status: str, *, at: datetime, receipt: dict[str, Any] | None = None) -> None:
        """Write down how it ended; the caller holds its lock."""
        ...

    def of_customer(self, customer_id: str) -> Sequence[PaymentRow]:
        """Return a customer's payments, newest first."""
        ...

    def purchases(self, phone_hash: str, *, since: datetime, at_counters: bool = True) -> Purchases:
        """Return how often somebody has bought, and how often of that since a moment; at counters too, unless told."""
        ...

    def shoppers(self, *, since: datetime, often: int) -> Mapping[int, int]:
        """Return how many who have bought here did so how often since a moment, from `often` on counted together."""
        ...

    def held_since(self, before: datetime, *, limit: int) -> list[str]:
        """Return the ids of payments that have been held since before an instant, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A receipt, as JSON that is shown as it is."""

    ticket_id: str
    store_id: str
    number: int
    payment_id: str
    body: dict[str, Any]
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class ExitRow:
    """A code that opens the gate once."""

    ticket_id: str
    ticket_number: int
    store_id: str
    expires_at: datetime
    used_at: datetime | None
    used_by: str | None


class Tickets(Protocol):
    """Keep receipts and exit codes."""

    def next_number(self, store_id: str) -> int:
        """Take the next number of a store; numbers have no gaps, as one that is not used goes back with its change."""
        ...

    def add(self, ticket: TicketRow) -> None:
        """Keep a receipt."""
        ...

    def get(self, ticket_id: str) -> TicketRow | None:
        """Return a receipt."""
        ...

    def by_number(self, store_id: str, number: int) -> TicketRow | None:
        """Return the receipt that a store printed under a number."""
        ...

    def add_exit(self, token_hash: str, ticket_id: str, *, expires_at: datetime) -> None:
        """Keep an exit code's hash."""
        ...

    def exit(self, token_hash: str) -> ExitRow | None:
        """Return what an exit code is for."""
        ...

    def use_exit(self, token_hash: str, *, by: str, at: datetime) -> bool:
        """Use an exit code up; False when it was."""
        ...

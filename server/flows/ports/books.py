"""Ports for what is written into the books beside the ledger: goods that came back, and days that were closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from checkout.own_refund import OwnRefund


@dataclass(frozen=True, slots=True)
class RefundRow:
    """One refund as it is kept: never changed, and numbered without gaps in its store.

    Attributes:
        body: What goes out, as JSON: lines with quantities and amounts, tax of each rate, tenders.
    """

    refund_id: str
    store_id: str
    number: int
    ticket_id: str
    payment_id: str
    amount_minor: int
    body: dict[str, Any]
    made_by: str
    reason: str
    made_at: datetime


class Refunds(Protocol):
    """Keep refunds."""

    def get(self, refund_id: str) -> RefundRow | None:
        """Return a refund."""
        ...

    def of_payment(self, payment_id: str) -> Sequence[RefundRow]:
        """Return what went back of a payment, first to last."""
        ...

    def given_by(self, store_id: str, by: str, during: "Span") -> int:
        """Return how much somebody who works here has given back alone in a stretch of time, in minor units."""
        ...

    def own_since(self, customer_id: str, by: str, since: datetime) -> Sequence[OwnRefund]:
        """Return what somebody has given back to themselves since a moment."""
        ...

    def add(self, refund: RefundRow) -> None:
        """Keep a refund."""
        ...


@dataclass(frozen=True, slots=True)
class ClosingRow:
    """One closing, chained to the one before.

    Attributes:
        number: From 1, without gaps, for each store.
        body: The totals, as JSON; `hash` covers them.
    """

    closing_id: str
    store_id: str
    number: int
    body: dict[str, Any]
    prev_hash: str
    hash: str
    closed_by: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Sold:
    """A ticket or refund as the books count it."""

    number: int
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Taken:
    """A sale as its merchant sees it: who paid in outline, what, and how much of it went back.

    Attributes:
        payer: As the till's screen named them, at a counter by first name and initial; None where nobody said who
            they were, as at the desk.
        cashback_minor: What the payer was given back for it by those who fund cashback, less what a refund took again.
        counter: The name of the counter whose code was scanned; None where it was no counter.
        digest: Of what was approved: its pictures stand on the payer's screen as well.
    """

    number: int
    payment_id: str
    payer: str | None
    amount_minor: int
    refunded_minor: int
    cashback_minor: int
    currency: str
    tenders: tuple[dict[str, Any], ...]
    taken_at: datetime
    counter: str | None = None
    digest: str = ""

    @property
    def paid_by(self) -> tuple[tuple[str, int], ...]:
        """The kind of each tender, cash and card at the desk, a purse else; and its minor units."""
        return tuple((each.get("tender", each["account"]), each["amount_minor"]) for each in self.tenders)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time: from its beginning until just before its end."""

    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Taking:
    """What a stretch of time brought: refunds and the cashback that they took again count when they were made."""

    sales: int
    amount_minor: int
    refunds: int
    refunded_minor: int
    cashback_minor: int


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One closed month or year, chained to the one of its kind before.

    Attributes:
        kind: `month` or `year`.
        period: `2026-11` or `2026`.
        number: From 1, without gaps, for each store and kind.
    """

    closing_id: str
    store_id: str
    kind: str
    period: str
    number: int
    body: dict[str, Any]
    prev_hash: str
    hash: str
    closed_by: str
    closed_at: datetime


class Closings(Protocol):
    """Keep closings and read what they are made of."""

    def hold_numbers(self, store_id: str) -> tuple[int, int]:
        """Return the newest numbers of tickets and refunds; nobody takes another before this transaction ends."""
        ...

    def tickets(self, store_id: str, *, after: int, upto: int) -> Sequence[Sold]:
        """Return the tickets of a range of numbers, in order."""
        ...

    def refunds(self, store_id: str, *, after: int, upto: int) -> Sequence[Sold]:
        """Return the refunds of a range of numbers, in order."""
        ...

    def taken(self, store_id: str, *, below: int | None, limit: int, during: Span | None = None) -> Sequence[Taken]:
        """Return the sales of a store, newest first; those with ticket numbers below one where it is given."""
        ...

    def taking(self, store_id: str, during: Span) -> Taking:
        """Return what a stretch of time brought a store."""
        ...

    def get(self, closing_id: str) -> ClosingRow | None:
        """Return a closing."""
        ...

    def of(
        self, store_id: str, *, newest_first: bool = False, limit: int | None = None, below: int | None = None
    ) -> Sequence[ClosingRow]:
        """Return the closings of a store by number, those below one where it is given."""
        ...

    def add(self, closing: ClosingRow) -> None:
        """Keep a closing."""
        ...

    def period(self, closing_id: str) -> PeriodRow | None:
        """Return a closed month or year."""
        ...

    def periods(self, store_id: str, kind: str) -> Sequence[PeriodRow]:
        """Return the closed months or years of a store by number."""
        ...

    def add_period(self, closing: PeriodRow) -> None:
        """Keep a closed month or year."""
        ...

"""Port for counters: the codes by which a merchant is paid, and what a store is as a merchant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CounterRow:
    """A code of a merchant, printed and put on a counter.

    Attributes:
        name: What the merchant calls the counter; tickets and payers read it.
        vat_class: The tax of what is sold there (`checkout.VatClass`), as nobody says what it was.
    """

    code_id: str
    store_id: str
    name: str
    vat_class: str
    made_at: datetime
    made_by: str
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None


@dataclass(frozen=True, slots=True)
class MerchantRow:
    """A store as a merchant; `picture_sha256` names its picture, None where there is none."""

    store_id: str
    picture_sha256: str | None = None
    suspended_at: datetime | None = None
    suspended_why: str | None = None


@dataclass(frozen=True, slots=True)
class CounterPayment:
    """A payment that came by a code on a counter."""

    payment_id: str
    code_id: str
    store_id: str
    amount_minor: int
    paid_at: datetime


class Counters(Protocol):
    """Keep codes, pictures, and what was paid by codes."""

    def code(self, code_id: str) -> CounterRow | None:
        """Return a code, also one that was withdrawn."""
        ...

    def codes(self, store_id: str) -> Sequence[CounterRow]:
        """Return the codes of a store that are in force, oldest first."""
        ...

    def add_code(self, row: CounterRow) -> None:
        """Keep a new code."""
        ...

    def withdraw(self, code_id: str, *, by: str, at: datetime) -> bool:
        """Let a code pay nobody from now on; False when it was withdrawn before."""
        ...

    def merchant(self, store_id: str) -> MerchantRow:
        """Return what a store is as a merchant."""
        ...

    def lock_merchant(self, store_id: str) -> MerchantRow:
        """Return the same; nobody else changes it before this transaction ends."""
        ...

    def suspend(self, store_id: str, why: str | None, *, by: str, at: datetime) -> None:
        """Suspend a merchant whose row is locked, or with no reason let it go on."""
        ...

    def picture(self, store_id: str) -> bytes | None:
        """Return the picture of a store, JPEG."""
        ...

    def put_picture(self, store_id: str, picture: bytes | None, sha256: str | None) -> None:
        """Keep a picture in place of the one before; the row is locked."""
        ...

    def note(self, payment: CounterPayment) -> None:
        """Write down that a payment came by a code."""
        ...

    def payment(self, payment_id: str) -> CounterPayment | None:
        """Return what was written down of a payment."""
        ...

    def last_amounts(self, store_id: str, *, limit: int) -> Sequence[int]:
        """Return what was paid at a store's counters last, newest first, in minor units."""
        ...

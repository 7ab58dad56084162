"""Ports for the people of the shop: customers, their consents, their references, and what was erased."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Customer:
    """A person with a wallet. The phone number itself is kept nowhere: only its keyed hash and last four digits."""

    customer_id: str
    name: str
    phone_hash: str
    phone_last4: str
    pin_hash: str
    pin_failures: int
    pin_locked_until: datetime | None
    locale: str
    created_at: datetime
    seen_at: datetime | None = None


class Customers(Protocol):
    """Who has a wallet here."""

    def get(self, customer_id: str) -> Customer | None:
        """Return the customer, or None."""
        ...

    def by_phone(self, phone_hash: str) -> Customer | None:
        """Return who registered that number, or None."""
        ...

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the number or the id is already known."""
        ...

    def charge_try(self, customer_id: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a PIN try before it is made and return how many are left after it; None while locked.

        The try that uses the last one up sets the lock; a lock that has ended begins a new count.
        """
        ...

    def clear_tries(self, customer_id: str) -> None:
        """Forget the tries: the PIN was right."""
        ...

    def lock_row(self, customer_id: str) -> None:
        """Keep other transactions from deciding about this customer until this one ends."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """One permission, given for one purpose under one version of its text."""

    consent_id: str
    customer_id: str
    purpose: str
    version: str
    locale: str
    channel: str
    given_at: datetime
    withdrawn_at: datetime | None
    frozen_at: datetime | None = None


class Consents(Protocol):
    """Who agreed to what, and until when."""

    def give(self, consent: Consent) -> None:
        """Write a consent down; an earlier live one for the same purpose ends with it."""
        ...

    def withdraw(self, customer_id: str, purpose: str, *, at: datetime) -> int:
        """End the live consents for a purpose and return how many there were."""
        ...

    def counted(self) -> Sequence["ConsentCount"]:
        """Return how many agreed to each version of each text."""
        ...

    def live(self, customer_id: str, purpose: str) -> Consent | None:
        """Return the consent in force, or None."""
        ...

    def freeze(self, customer_id: str, purpose: str, *, at: datetime) -> bool:
        """Let the consent in force rest; False when there is none, or it rests already."""
        ...

    def thaw(self, customer_id: str, purpose: str) -> bool:
        """End the rest of the consent in force; False when it does not rest."""
        ...

    def of(self, customer_id: str) -> Sequence[Consent]:
        """Return all consents of a customer, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Reference:
    """The face on file: bytes that only a kiosk can open.

    Attributes:
        mode: ``gallery``, opened by the store's key, or ``sealed``, by a code that only the shopper has.
        likeness: Where somebody else on file looks alike, how much (a cosine): the kiosk then asks more of the face.
        pin_always: They are too near to be told apart by the face alone.
    """

    reference_id: str
    customer_id: str
    model_id: str
    sealed: bytes
    captures: int
    created_at: datetime
    last_used_at: datetime | None
    mode: str = "gallery"
    likeness: float | None = None
    pin_always: bool = False


class References(Protocol):
    """The gallery, as sealed bytes. Whatever is returned here is covered by a consent in force."""

    def add(self, reference: Reference) -> bool:
        """Put a reference on file; False when its id is known."""
        ...

    def of(self, customer_id: str) -> Sequence[Reference]:
        """Return what is on file for a customer, covered or not."""
        ...

    def live(self, reference_id: str, purpose: str) -> Reference | None:
        """Return the reference if its owner's consent is in force and does not rest, else None."""
        ...

    def candidates(self, phone_last4: str, purpose: str, *, limit: int) -> Sequence[Reference]:
        """Return references whose owner's number ends so and whose consent is in force and active, at most `limit`."""
        ...

    def gallery(self, purpose: str, *, after: str, limit: int) -> Sequence[Reference]:
        """Return references that the store's key opens, by id from behind `after` on, whose consent is in force."""
        ...

    def note_likeness(self, reference_id: str, score: float, *, pin_always: bool) -> bool:
        """Note that somebody looks so much like this reference; the larger and stricter stays.

        False when it is not on file.
        """
        ...

    def erase(self, customer_id: str) -> Sequence[str]:
        """Delete all references of a customer and return their ids."""
        ...

    def used(self, customer_id: str, *, at: datetime) -> None:
        """Note that the customer's face was used: the retention clock starts again."""
        ...

    def idle(self, before: datetime, *, limit: int) -> Sequence[str]:
        """Return the customers whose newest use of a reference lies before `before`."""
        ...

    def uncovered(self, purpose: str) -> int:
        """Return how many references have no consent in force. Always 0; shown on the health page."""
        ...


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What one kiosk said about an erasure. One that was shut out meanwhile says nothing any more."""

    kiosk_id: str
    name: str
    acknowledged_at: datetime | None = None
    shut_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """A receipt: what was erased, when, and which kiosks have confirmed it."""

    erasure_id: str
    customer_id: str
    reference_ids: tuple[str, ...]
    erased_at: datetime
    kiosks: tuple[Acknowledgement, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """A kiosk that has yet to confirm an erasure."""

    erasure_id: str
    kiosk_id: str
    store_id: str
    erased_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentCount:
    """How many people agreed to one text, and how many of them have withdrawn."""

    purpose: str
    version: str
    given: int
    withdrawn: int


class Erasures(Protocol):
    """The receipts of erasures."""

    def of_faces(self, *, limit: int) -> Sequence[Erasure]:
        """Return the receipts kiosks were told of: those not confirmed first, oldest first, then the newest."""
        ...

    def add(self, erasure: Erasure) -> None:
        """Write a receipt down."""
        ...

    def get(self, erasure_id: str) -> Erasure | None:
        """Return a receipt, or None."""
        ...

    def acknowledge(self, erasure_id: str, kiosk_id: str, *, at: datetime) -> bool:
        """Note that a kiosk has forgotten too; False when it was not asked. The first time stays."""
        ...

    def silent(self, before: datetime, *, limit: int) -> Sequence[Silence]:
        """Return the kiosks that were told of an erasure before `before` and have not confirmed it, oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class DiaryRow:
    """One line of somebody's access diary. `act` is a word of `server.flows.diary`, `where` a kiosk or a page."""

    customer_id: str
    at: datetime
    act: str
    where: str


class Diary(Protocol):
    """Who looked at whose data."""

    def write(self, row: DiaryRow) -> None:
        """Add a line."""
        ...

    def of(self, customer_id: str, *, limit: int) -> Sequence[DiaryRow]:
        """Return the lines of one person, newest first."""
        ...

    def count(self, customer_id: str, acts: Collection[str], *, since: datetime) -> int:
        """Return how many of one person's lines are of these acts and later than `since`."""
        ...

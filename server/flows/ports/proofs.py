"""Ports for proofs: approvals of one payment, wallet codes, sessions and staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Authentication:
    """Who approves what: one customer, one basket as it was shown, one amount, one payee, for a short time, once."""

    authentication_id: str
    customer_id: str
    kiosk_id: str
    basket_id: str
    digest: str
    amount_minor: int
    payee: str
    factors: tuple[str, ...]
    evidence: dict[str, object] | None  # score, margin, threshold, candidates, liveness: numbers and a word, no vector
    step_up_reason: str | None
    pin_at: datetime | None
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class FaceUse:
    """What a customer paid by face alone since the PIN was last proven."""

    payments: int
    sum_minor: int


class Authentications(Protocol):
    """Approvals, each used at most once."""

    def add(self, authentication: Authentication) -> bool:
        """Keep an approval; False when its id is known."""
        ...

    def get(self, authentication_id: str) -> Authentication | None:
        """Return an approval, or None."""
        ...

    def of_customer(self, customer_id: str) -> Sequence[Authentication]:
        """Return a customer's approvals, newest first."""
        ...

    def prove_pin(self, authentication_id: str, factors: tuple[str, ...], *, at: datetime) -> bool:
        """Add the PIN to an approval that is neither used nor over; False when it is."""
        ...

    def use(self, authentication_id: str, *, at: datetime) -> bool:
        """Use an approval up; False when somebody already did or its time is over."""
        ...

    def face_use(self, customer_id: str) -> FaceUse:
        """Return what was paid by face alone since the last PIN."""
        ...

    def phone_use(self, customer_id: str, *, since: datetime) -> int:
        """Return what was paid, or sent to people, by phone number and PIN after `since`, in minor units."""
        ...

    def void_faces(self, customer_id: str, *, at: datetime) -> None:
        """End the open approvals that rest on a face alone."""
        ...

    def forget_evidence(self, customer_id: str) -> None:
        """Delete what was measured of a customer's face in all approvals; who approved what stays."""
        ...


class WalletCodes(Protocol):
    """Eight digits that stand for a wallet for two minutes, once."""

    def add(self, code_hash: str, customer_id: str, *, expires_at: datetime) -> bool:
        """Keep a code; False when another wallet holds the same digits."""
        ...

    def owner(self, code_hash: str, *, at: datetime) -> str | None:
        """Return whose open code it is, without using it."""
        ...

    def use(self, code_hash: str, *, at: datetime) -> bool:
        """Use a code up; False when it is used or over."""
        ...


@dataclass(frozen=True, slots=True)
class Session:
    """A token's owner: `kind` is "staff", "shopper", "kiosk" or "gate"; `subject` a login or an id."""

    kind: str
    subject: str
    roles: tuple[str, ...]
    expires_at: datetime
    session_id: str = ""
    opened_at: datetime | None = None
    factor: str = ""
    agent: str = ""
    store_id: str = ""


class Sessions(Protocol):
    """Who is logged in (`Callers` recognises them). Only hashes of tokens are kept."""

    def open(self, token_hash: str, session: Session) -> None:
        """Keep a session."""
        ...

    def revoke(self, token_hash: str, *, at: datetime) -> None:
        """End a session."""
        ...

    def open_of(self, kind: str, subject: str, *, at: datetime) -> Sequence[Session]:
        """Return the open sessions of one person, newest first."""
        ...

    def end_one(self, kind: str, subject: str, session_id: str, *, at: datetime) -> bool:
        """End a session of this person; False when there is none such."""
        ...

    def end_all(self, kind: str, subject: str, *, at: datetime) -> int:
        """End all sessions of one device or person, and return how many were open."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop the sessions that were over before `before`, and return how many."""
        ...


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One who works here; for merchants alone `store_id` names the one store whose sales are theirs."""

    login: str
    name: str
    password_hash: str
    roles: tuple[str, ...]
    store_id: str = ""


class Staff(Protocol):
    """Who works here, and how often a password was tried."""

    def get(self, login: str) -> StaffMember | None:
        """Return the person, or None."""
        ...

    def put(self, member: StaffMember) -> None:
        """Add a person, or replace name, password and roles."""
        ...

    def all(self) -> Sequence[StaffMember]:
        """Return everybody, by login."""
        ...

    def lock_row(self, login: str) -> None:
        """Keep other acts that count on this person from going on before this transaction ends."""
        ...

    def give_back_try(self, login: str) -> None:
        """Take back one counted try, which was right as far as it went."""
        ...

    def charge_try(self, login: str, *, limit: int, at: datetime, lock_until: datetime) -> int | None:
        """Count a password try before it is made; as :meth:`Customers.charge_try`."""
        ...

    def clear_tries(self, login: str) -> None:
        """Forget the tries: the password was right."""
        ...


@dataclass(frozen=True, slots=True)
class KioskRow:
    """One kiosk, what it last said of itself, and what staff last told it."""

    kiosk_id: str
    store_id: str
    name: str
    state: dict[str, object] | None
    last_seen_at: datetime | None
    paused_at: datetime | None = None
    pause_reason: str | None = None
    message: str | None = None


class Kiosks(Protocol):
    """What the kiosks of the shop say of themselves; `Devices` lets them in."""

    def say(self, kiosk_id: str, state: dict[str, object], *, at: datetime) -> None:
        """Keep what a kiosk says of itself."""
        ...

    def of(self, store_id: str) -> Sequence[KioskRow]:
        """Return the paired kiosks of a store, by name."""
        ...

    def get(self, kiosk_id: str) -> KioskRow | None:
        """Return a paired kiosk, or None."""
        ...

    def locked(self, kiosk_id: str) -> KioskRow | None:
        """Return a paired kiosk that nobody else tells anything before this transaction ends."""
        ...

    def tell(self, kiosk: KioskRow) -> None:
        """Keep what a locked kiosk is told: whether it is paused, why, and its message."""
        ...

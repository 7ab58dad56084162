"""Ports for the purses beside the main one: cashback with who funds it, and restricted credit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FunderRow:
    """Who pays a part of the cashback.

    Attributes:
        name: By locale, as the receipt says it.
        weight: The share among all weights; 0 for one who has left.
        budget_minor: The most that they pay in all; `spent_minor` never passes it.
    """

    funder_id: str
    name: Mapping[str, str]
    weight: int
    budget_minor: int
    spent_minor: int = 0


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """The cashback of one store.

    Attributes:
        rate_bp: Basis points of what shoppers pay with their own money.
        yearly_cap_minor: The most that one shopper gets back here in a calendar year.
    """

    store_id: str
    rate_bp: int
    yearly_cap_minor: int
    funders: tuple[FunderRow, ...]


class CashbackBook(Protocol):
    """What is promised, and what was given of it. Every counter moves by a condition."""

    def programme(self, store_id: str) -> ProgrammeRow | None:
        """Return the cashback of a store, or None."""
        ...

    def put(self, programme: ProgrammeRow) -> None:
        """Keep a programme; what funders have spent stays, one who is not named any more keeps only that."""
        ...

    def locked_spent(self, store_id: str) -> Mapping[str, int]:
        """Return what each funder has spent, also one who is not named any more; none spends more meanwhile."""
        ...

    def lock_year(self, customer_id: str, store_id: str, year: int) -> int:
        """Return what a shopper got in a year; nobody else changes it before this transaction ends."""
        ...

    def got_in(self, customer_id: str, store_id: str, year: int) -> int:
        """Return what a shopper got in a year."""
        ...

    def count(self, customer_id: str, store_id: str, year: int, minor: int) -> None:
        """Add to what a shopper got in a year, which `lock_year` has locked; below zero takes away."""
        ...

    def take(self, store_id: str, funder_id: str, minor: int) -> int:
        """Take from a funder's budget and return how much there was: `minor`, or what was left."""
        ...

    def give_back(self, store_id: str, funder_id: str, minor: int) -> None:
        """Put what was taken before back into a funder's budget."""
        ...


@dataclass(frozen=True, slots=True)
class PurseRow:
    """Restricted credit of one person; its money is the ledger's account `voucher:<purse_id>`.

    Attributes:
        name: By locale: who gives it and for what.
        stores: Where it pays; empty: in every store. Likewise `skus` and `categories`.
        expires_at: From then on it pays nothing; None is never.
    """

    purse_id: str
    batch_id: str | None
    phone_hash: str
    name: Mapping[str, str]
    stores: tuple[str, ...]
    skus: tuple[str, ...]
    categories: tuple[str, ...]
    expires_at: datetime | None
    granted_minor: int
    created_at: datetime
    recalled_at: datetime | None = None
    message: str = ""


class Purses(Protocol):
    """Restricted credit, by person."""

    def add(self, purse: PurseRow) -> None:
        """Keep a purse."""
        ...

    def get(self, purse_id: str) -> PurseRow | None:
        """Return a purse, or None."""
        ...

    def of(self, phone_hash: str) -> Sequence[PurseRow]:
        """Return a person's purses that were not recalled, oldest first."""
        ...

    def locked_of(self, phone_hash: str) -> Sequence[PurseRow]:
        """Return a person's purses that were not recalled, by id; none is recalled before this transaction ends."""
        ...

    def extend(self, purse_id: str, until: datetime) -> None:
        """Let a purse pay until a later moment, also one that was recalled."""
        ...

    def add_all(self, purses: Sequence[PurseRow]) -> None:
        """Keep many purses."""
        ...

    def recall(self, batch_id: str, *, at: datetime) -> Sequence[tuple[str, int]]:
        """Mark the purses of a batch as recalled, and return each with what is left in it."""
        ...

    def spent(self, batch_id: str) -> "Spent":
        """Return what was done with the purses of a batch."""
        ...


@dataclass(frozen=True, slots=True)
class Spent:
    """What was done with a batch: how many people spent how much, in how many stores, and who had never come before."""

    people: int
    minor: int
    shops: int
    new_customers: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """Credit for many people, as a sponsor sent it.

    Attributes:
        told_people: How many had spent when figures were told last, with what they had spent (`told_minor`) in how
            many stores (`told_shops`); None before.
        told_new: How many of them had never come before, as told last.
    """

    batch_id: str
    sponsor_id: str
    store_id: str
    state: str
    name: Mapping[str, str]
    message: str
    categories: tuple[str, ...]
    expires_at: datetime
    file_name: str
    file_sha256: str
    people: int
    total_minor: int
    currency: str
    created_at: datetime
    funding_ref: str | None = None
    funded_at: datetime | None = None
    sent_at: datetime | None = None
    closed_at: datetime | None = None
    recalled_minor: int = 0
    told_people: int | None = None
    told_minor: int | None = None
    told_shops: int | None = None
    told_new: int | None = None


class PersonRow(Protocol):
    """One row of a list."""

    @property
    def name(self) -> str:
        """Who."""
        ...

    @property
    def phone_hash(self) -> str:
        """Whose number."""
        ...

    @property
    def phone_last4(self) -> str:
        """How it ends, for people."""
        ...

    @property
    def amount_minor(self) -> int:
        """How much."""
        ...


class Batches(Protocol):
    """Batches of credit with their lists."""

    def add(self, batch: BatchRow, rows: Sequence[PersonRow]) -> None:
        """Keep a batch and its list."""
        ...

    def get(self, batch_id: str) -> BatchRow | None:
        """Return a batch, or None."""
        ...

    def locked(self, batch_id: str) -> BatchRow | None:
        """Return a batch that nobody else changes before this transaction ends."""
        ...

    def by_file(self, sponsor_id: str, file_sha256: str) -> str | None:
        """Return the id of the batch that a sponsor made of a file, or None."""
        ...

    def of(self, sponsor_id: str) -> Sequence[BatchRow]:
        """Return a sponsor's batches, newest first."""
        ...

    def rows(self, batch_id: str) -> Sequence[tuple[int, str, int]]:
        """Return number, phone hash and amount of each row, in order."""
        ...

    def put(self, batch: BatchRow) -> None:
        """Keep how a locked batch stands now."""
        ...

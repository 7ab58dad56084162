"""Port for the ledger: transfers go in, nothing is ever edited."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checkout import AccountId, Transfer


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of an account, seen from it.

    Attributes:
        position: The transfer's place in the chain.
        kind: Why money moved, such as `topup` or `hold`.
        amount_minor: What came in; below zero for what went out.
        balance_minor: What was there afterwards.
    """

    position: int
    at: datetime
    kind: str
    ref: str
    amount_minor: int
    balance_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Link:
    """Where a transfer stands in the chain."""

    position: int
    hash: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a look at the whole ledger found.

    Attributes:
        sum_minor: All accounts together; zero.
        off: Guarded accounts whose balance is not the fold of their postings, or is below zero.
        broken_at: The position of the first transfer that does not follow from the one before; None for a whole chain.
    """

    transfers: int
    sum_minor: int
    off: tuple[str, ...]
    broken_at: int | None

    @property
    def holds(self) -> bool:
        """Whether all is as it should be."""
        return self.sum_minor == 0 and not self.off and self.broken_at is None

    def __str__(self) -> str:
        """Say it to a person."""
        if self.holds:
            return f"{self.transfers} transfers: all accounts sum to zero, all balances fold, the chain is whole"
        chain = "whole" if self.broken_at is None else f"broken at {self.broken_at}"
        return f"{self.transfers} transfers: sum {self.sum_minor}, balances off {list(self.off)}, chain {chain}"


class Ledger(Protocol):
    """Move money and look at it."""

    def post(self, transfers: Sequence[Transfer], *, at: datetime) -> None:
        """Append transfers, in order; one whose id is there already is left out.

        Raises:
            InsufficientFundsError: A guarded account would end below zero; nothing at all has happened then.
        """
        ...

    def get(self, transfer_id: str) -> Transfer | None:
        """Return a transfer."""
        ...

    def chain(self) -> Iterator[tuple[Link, Transfer]]:
        """Yield all transfers with their places, first to last."""
        ...

    def link(self, transfer_id: str) -> Link | None:
        """Return where a transfer stands in the chain."""
        ...

    def balance_of(self, account: AccountId | str) -> int:
        """Return the balance of an account in minor units; 0 for one that nothing has touched."""
        ...

    def entries_of(self, account: AccountId | str, limit: int = 50, *, below: int | None = None) -> list[Entry]:
        """Return the movements of an account, newest first; those before a place in the chain where one is given."""
        ...

    def drift_minor(self) -> int:
        """Return by how much all guarded balances together differ from the fold of their postings; zero."""
        ...

    def verify(self) -> Report:
        """Look at everything: sums, balances, chain."""
        ...

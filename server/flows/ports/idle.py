"""Port for accounts that nobody has used for years."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class IdleCount:
    """What lies idle: accounts without money, accounts with some, and how much in those."""

    empty: int
    with_money: int
    money_minor: int


class IdleAccounts(Protocol):
    """Who was not seen for long: no sign-in, no approval, no top-up."""

    def seen(self, customer_id: str, *, at: datetime) -> None:
        """Note that somebody signed in; a notice that they were given is void."""
        ...

    def empty(self, before: datetime, *, limit: int) -> Sequence[str]:
        """Return accounts without money that nobody has used since a moment and that nobody was told of."""
        ...

    def due(self, before: datetime, at: datetime, *, limit: int) -> Sequence[str]:
        """Return accounts whose notice is over and that are still empty and unused since a moment."""
        ...

    def count(self, before: datetime) -> IdleCount:
        """Count what lies idle."""
        ...

    def tell(self, customer_id: str, *, closes_at: datetime) -> None:
        """Keep a notice."""
        ...

    def withdraw_notices(self, before: datetime) -> int:
        """Drop the notices of accounts that were used since a moment, or that have money now."""
        ...

    def is_moving(self, customer_id: str, *, since: datetime) -> bool:
        """Say whether a top-up of since then is unpaid, a pass was given since, or money that was sent waits."""
        ...

    def close(self, customer_id: str, *, at: datetime) -> None:
        """Take name, number and PIN out of an account for good; what it bought stays, nobody's by name."""
        ...

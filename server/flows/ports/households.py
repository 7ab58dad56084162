"""Port for households: people who say that they are one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class Households(Protocol):
    """Who lives with whom, by phone hash."""

    def of(self, phone_hash: str) -> str | None:
        """Return the household that a person is in, or None."""
        ...

    def locked(self, household_id: str) -> bool:
        """Keep a household as it is until this transaction ends; False when there is none."""
        ...

    def people(self, household_id: str) -> Sequence[str]:
        """Return who is in a household, by phone hash, in order of joining."""
        ...

    def add(self, household_id: str, *, at: datetime) -> None:
        """Keep a household that nobody is in yet."""
        ...

    def join(self, household_id: str, phone_hash: str, *, at: datetime) -> bool:
        """Put a person into a household; False when they are in one."""
        ...

    def leave(self, phone_hash: str) -> None:
        """Take a person out of their household."""
        ...

    def open_door(self, household_id: str, code_hash: str | None, *, until: datetime | None) -> None:
        """Let a code lead into a household; the one before it leads nowhere any more."""
        ...

    def by_code(self, code_hash: str, *, at: datetime) -> str | None:
        """Return the household that a code leads into, or None."""
        ...

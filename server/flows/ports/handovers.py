"""Port for baskets on their way from one kiosk to another."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Handover:
    """A code that stands for one suspended basket.

    Attributes:
        code_hash: The code itself is known only to who suspended the basket.
        taken_by: The kiosk that took it over; None while it waits.
    """

    code_hash: str
    basket_id: str
    expires_at: datetime
    taken_by: str | None = None


class Handovers(Protocol):
    """Keep codes of suspended baskets."""

    def add(self, handover: Handover) -> None:
        """Keep a new one; an older one of the same basket is void from now on."""
        ...

    def locked(self, code_hash: str) -> Handover | None:
        """Return one that no other transaction takes before this one ends."""
        ...

    def take(self, code_hash: str, *, by: str, at: datetime) -> None:
        """Write down who took the basket; the caller holds the lock."""
        ...

    def left_alone(self, at: datetime, *, limit: int) -> tuple[str, ...]:
        """Return baskets whose code is over and that nobody took, the oldest first."""
        ...

    def forget(self, basket_id: str) -> None:
        """Drop what is kept of a basket that is left."""
        ...

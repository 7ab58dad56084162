"""Port for what kiosks take while the store is away."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OfflineRow:
    """A payment that a kiosk took without the store, as it was settled.

    Attributes:
        series: The kiosk's key as hash: a kiosk that is paired anew begins a new series.
        hash: Of the sale; the next one names it.
        owed_minor: What the wallet was short of.
        is_broken: It does not follow the sale before: a number came twice, or one is missing.
    """

    payment_id: str
    store_id: str
    kiosk_id: str
    series: str
    number: int
    hash: str
    amount_minor: int
    owed_minor: int
    is_broken: bool
    taken_at: datetime
    settled_at: datetime


class Offline(Protocol):
    """Keep the series of kiosks, and whose passes are about."""

    def give_pass(self, pass_id: str, customer_id: str, *, at: datetime) -> None:
        """Remember whose wallet a pass stands for; a second one of the same wallet has the same id."""
        ...

    def owner_of_pass(self, pass_id: str) -> str | None:
        """Return the customer whose wallet it is, or None."""
        ...

    def get(self, payment_id: str) -> OfflineRow | None:
        """Return a payment that was settled."""
        ...

    def last(self, series: str) -> OfflineRow | None:
        """Return the one with the highest number of a series."""
        ...

    def is_blocked(self, series: str) -> bool:
        """Say whether a series is broken."""
        ...

    def add(self, row: OfflineRow) -> bool:
        """Keep a settled payment; False when its id is known."""
        ...

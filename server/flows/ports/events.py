"""Ports for what happened: the outbox and the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a store, in the order of `event_id`."""

    event_id: int
    store_id: str
    kind: str
    body: Mapping[str, Any]  # JSON, as the listeners get it


class Events(Protocol):
    """Tell the listeners, and write down privileged acts."""

    def tell(self, store_id: str, kind: str, body: Mapping[str, Any], *, at: datetime) -> None:
        """Leave an event that goes out if, and only if, this transaction commits."""
        ...

    def record(self, who: str, act: str, subject: str, *, at: datetime, reason: str | None = None) -> None:
        """Write down a privileged act for good."""
        ...

    def after(self, event_id: int, *, limit: int = 500) -> list[Event]:
        """Return the events that follow `event_id`, oldest first."""
        ...

    def happened(self, kinds: frozenset[str], *, after: int) -> bool:
        """Whether an event of one of the kinds follows `after`."""
        ...

    def newest(self) -> int:
        """Return the id of the newest event, 0 before the first."""
        ...

    def newest_of(self, kinds: frozenset[str]) -> int:
        """Return the id of the newest event of these kinds, 0 before the first."""
        ...

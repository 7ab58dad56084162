"""What the flows need, in their own words. `Work` is one transaction; `server.db` keeps these promises."""

from typing import Protocol

from server.flows.ports.events import Event, Events

__all__ = ["Event", "Events", "Work"]


class Work(Protocol):
    """One transaction: everything done through it happens, or nothing does."""

    @property
    def events(self) -> Events:
        """The outbox and the audit log."""
        ...

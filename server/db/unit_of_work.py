"""One transaction, seen as the stores that the flows ask for (`server.flows.ports.Work`)."""

from functools import cached_property

from sqlalchemy import Connection

from server.db.events import EventStore


class UnitOfWork:
    """The stores of one open transaction. Each is made when first asked for."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def events(self) -> EventStore:
        """What this change has to tell."""
        return EventStore(self.connection)

    @property
    def told_something(self) -> bool:
        """Whether this transaction left events in the outbox."""
        return "events" in self.__dict__ and self.events.added > 0

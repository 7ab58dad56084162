"""Port for webhooks: who is told of events, what is on its way, and what never arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Who is told. `kinds` are events' kinds, or beginnings of them such as `payment.`; none means all.

    Attributes:
        sealed: The secret, closed with a key that is not in the database.
        upto: The newest event that was looked at for it.
    """

    endpoint_id: str
    url: str
    kinds: tuple[str, ...]
    sealed: bytes
    created_by: str
    created_at: datetime
    upto: int
    stopped_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint; `state` is `pending`, `delivered` or `dead`."""

    endpoint_id: str
    event_id: int
    kind: str
    body: dict[str, Any]
    event_at: datetime
    state: str
    tries: int
    next_at: datetime
    status: int | None
    delivered_at: datetime | None


class Webhooks(Protocol):
    """Keep endpoints and deliveries."""

    def add(self, endpoint: Endpoint) -> None:
        """Keep an endpoint."""
        ...

    def get(self, endpoint_id: str) -> Endpoint | None:
        """Return an endpoint, or None."""
        ...

    def all(self) -> Sequence[Endpoint]:
        """Return all endpoints, oldest first."""
        ...

    def stop(self, endpoint_id: str, *, at: datetime) -> bool:
        """Tell an endpoint no more; False when it is unknown or stopped."""
        ...

    def put_on_the_way(self, *, at: datetime, limit: int) -> int:
        """Lay the outbox's new events out for every endpoint that wants them; return how many there were."""
        ...

    def take_due(self, *, at: datetime, until: datetime, limit: int) -> Sequence[Delivery]:
        """Take what is due; nobody else takes it before `until`."""
        ...

    def settle(
        self, endpoint_id: str, event_id: int, state: str, *, status: int | None, next_at: datetime, at: datetime
    ) -> None:
        """Write down how a try ended."""
        ...

    def of(self, endpoint_id: str, state: str | None, *, limit: int) -> Sequence[Delivery]:
        """Return an endpoint's deliveries, newest first."""
        ...

    def again(self, endpoint_id: str, event_id: int, *, at: datetime) -> bool:
        """Send one once more, from the first try on; False when there is none such."""
        ...

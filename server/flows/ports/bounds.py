"""Port for bounds on tries, which all servers of a shop count together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol


class Bounds(Protocol):
    """Remember when something was tried, for as long as it counts."""

    def count(self, keys: Sequence[str], *, allowed: int, span: timedelta, at: datetime) -> timedelta | None:
        """Count a try under every key; or under none, and return how long until all of them have room again.

        Whoever counts under one of the keys meanwhile waits for this transaction to end.
        """
        ...

    def take_back(self, keys: Sequence[str], *, at: datetime) -> None:
        """Take back a try that was counted at this moment."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop what does not count any more, and return how many keys that were."""
        ...

"""Port for answers that are kept so that a repeated request gets the first one again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to a key, and to which request."""

    request_hash: str
    status: int
    body: Any  # JSON, as it went out
    headers: Mapping[str, str]


class Answers(Protocol):
    """Keep answers by who asked and under which key."""

    def find(self, caller: str, key: str) -> StoredAnswer | None:
        """Return the answer kept under a key."""
        ...

    def claim(self, caller: str, key: str, request_hash: str, *, at: datetime) -> StoredAnswer | None:
        """Take a key for this transaction: None when it is ours now, else the answer that is there already.

        Another transaction that holds the same key is waited for.
        """
        ...

    def keep(self, caller: str, key: str, *, status: int, body: object, headers: Mapping[str, str]) -> None:
        """Put the answer under the claimed key."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop the answers kept before an instant and return how many."""
        ...

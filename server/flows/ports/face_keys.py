"""Ports for the keys that faces are kept under. The keys themselves are the kiosks'; here are their names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FaceKey:
    """What the gallery of a store is kept under.

    Attributes:
        key_id: The public name of the kiosks' key.
        salt_sealed: The store's half of the rotation, closed.
        since: When it came into force.
        next_key_id: The key of a change under way, with ``next_salt_sealed``.
        allowed_kiosk_id: The kiosk that may make a change until ``allowed_until``.
    """

    store_id: str
    key_id: str
    salt_sealed: bytes
    since: datetime
    next_key_id: str | None = None
    next_salt_sealed: bytes | None = None
    allowed_kiosk_id: str | None = None
    allowed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wrap:
    """A new key, closed for one kiosk."""

    kiosk_id: str
    from_key_id: str
    to_key_id: str
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class KeptAnew:
    """One reference under the next key."""

    reference_id: str
    model_id: str
    sealed: bytes


class FaceKeys(Protocol):
    """Keys of galleries, and galleries on their way to another key."""

    def get(self, store_id: str, *, lock: bool = False) -> FaceKey | None:
        """Return the store's; ``lock`` keeps others from changing it or adding references until this one ends."""
        ...

    def put(self, key: FaceKey) -> None:
        """Write the store's down, in place of what was there."""
        ...

    def wraps_for(self, store_id: str, kiosk_id: str) -> Sequence[Wrap]:
        """Return all that was ever closed for a kiosk, in no order."""
        ...

    def add_wraps(self, store_id: str, wraps: Sequence[Wrap]) -> None:
        """Keep new keys for kiosks to fetch; of the same step the later counts."""
        ...

    def stage(self, references: Sequence[KeptAnew]) -> None:
        """Lay references ready; of the same id the later counts."""
        ...

    def unstage(self) -> None:
        """Throw away what was laid ready."""
        ...

    def missing(self, purpose: str) -> int:
        """Return how many references that the store's key opens are not laid ready."""
        ...

    def take_staged(self) -> int:
        """Put what was laid ready in place of what it was made of, and return how many that were."""
        ...

    def has_gallery(self) -> bool:
        """Say whether anything is kept under the store's key."""
        ...

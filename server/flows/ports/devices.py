"""Ports for devices and for words that count once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

DeviceKind = Literal["kiosk", "gate"]


@dataclass(frozen=True, slots=True)
class Device:
    """A kiosk or gate. `public_key` (Ed25519, 32 bytes) is None where it was never paired under a key."""

    device_id: str
    store_id: str
    name: str
    kind: DeviceKind
    public_key: bytes | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a pairing code stands for. `public_key` is who has used it, None while nobody has."""

    device_id: str
    store_id: str
    name: str
    kind: DeviceKind
    expires_at: datetime
    public_key: bytes | None = None


class Devices(Protocol):
    """Kiosks and gates by the keys that they prove themselves with."""

    def get(self, device_id: str) -> Device | None:
        """Return a device, or None."""
        ...

    def by_key(self, public_key: bytes) -> Device | None:
        """Return whose key it is, or None."""
        ...

    def put(self, device: Device) -> None:
        """Let a device in, or give the one of this id another key."""
        ...

    def kiosks(self, store_id: str) -> Sequence[Device]:
        """Return the kiosks of a store that are paired under a key and not shut out."""
        ...

    def revoke(self, device_id: str, *, at: datetime) -> bool:
        """Shut a device out; False when there is none, or it is out already."""
        ...

    def invite(self, code_hash: str, invitation: Invitation) -> None:
        """Keep what a code stands for."""
        ...

    def invitation(self, code_hash: str) -> Invitation | None:
        """Return what a code stands for, used or not, and keep others from using it until this transaction ends."""
        ...

    def accept(self, code_hash: str, public_key: bytes) -> bool:
        """Use a code up for a key; False when another key has."""
        ...


class UsedWords(Protocol):
    """Words that count once."""

    def use(self, word: str, *, expires_at: datetime) -> bool:
        """Note a word; False when it was noted before."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop the words that are too old by themselves, and return how many."""
        ...

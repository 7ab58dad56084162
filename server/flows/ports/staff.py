"""Ports for staff: who works here, what they prove themselves with, and what two of them decide together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Passkey:
    """A key in somebody's phone or computer. `credential_id` is base64url; `public_key` is COSE."""

    credential_id: str
    login: str
    name: str
    public_key: bytes
    sign_count: int
    added_at: datetime
    used_at: datetime | None


class Factors(Protocol):
    """What staff prove themselves with beside a password."""

    def totp(self, login: str) -> bytes | None:
        """Return the sealed secret of the authenticator app that is in force, or None."""
        ...

    def pending_totp(self, login: str) -> bytes | None:
        """Return the sealed secret that was shown and not yet confirmed, or None."""
        ...

    def offer_totp(self, login: str, sealed: bytes) -> None:
        """Keep a secret that is shown now; it counts for nothing before it is confirmed."""
        ...

    def confirm_totp(self, login: str, step: int) -> None:
        """Let the secret that was shown be in force; the code of this step is used."""
        ...

    def use_step(self, login: str, step: int) -> bool:
        """Use a code's step up; False when it, or a later one, was used."""
        ...

    def put_recovery(self, login: str, hashes: Sequence[str]) -> None:
        """Replace the codes for recovery."""
        ...

    def use_recovery(self, login: str, code_hash: str, *, at: datetime) -> bool:
        """Use a code for recovery up; False when it is none, or was used."""
        ...

    def recovery_left(self, login: str) -> int:
        """Return how many codes for recovery are unused."""
        ...

    def passkeys(self, login: str) -> Sequence[Passkey]:
        """Return somebody's passkeys, oldest first."""
        ...

    def passkey(self, credential_id: str) -> Passkey | None:
        """Return a passkey, or None."""
        ...

    def add_passkey(self, passkey: Passkey) -> bool:
        """Keep a passkey; False when it is known."""
        ...

    def used_passkey(self, credential_id: str, *, sign_count: int, at: datetime) -> None:
        """Note that a passkey was used."""
        ...

    def drop_passkey(self, login: str, credential_id: str) -> bool:
        """Forget a passkey; False when the person has no such one."""
        ...

    def reset(self, login: str) -> None:
        """Forget all factors of a person: the next sign-in sets them up anew."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """What one has asked for and another must agree to.

    Attributes:
        kind: `refund` or `config`.
        body: What will be done, as it was asked for.
        state: `waiting`, `approved` or `refused`.
    """

    request_id: str
    kind: str
    body: dict[str, Any]
    asked_by: str
    asked_at: datetime
    state: str
    decided_by: str | None = None
    decided_at: datetime | None = None


class Requests(Protocol):
    """What waits for a second person."""

    def add(self, request: Request) -> bool:
        """Keep a request; False when its id is known."""
        ...

    def get(self, request_id: str) -> Request | None:
        """Return a request, or None."""
        ...

    def waiting(self, *, limit: int) -> Sequence[Request]:
        """Return what waits, oldest first."""
        ...

    def open_of(self, asked_by: str, kind: str) -> int:
        """Return how many requests of somebody and of this kind wait."""
        ...

    def decide(self, request_id: str, state: str, *, by: str, at: datetime) -> bool:
        """Close a request; False when somebody was first."""
        ...

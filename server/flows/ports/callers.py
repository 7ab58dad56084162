"""Port for who is calling: what a bearer token stands for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks.

    Attributes:
        kind: `kiosk`, `gate`, `staff`, `shopper` or `public`.
        subject: The kiosk's id, the login of staff, the customer's id; empty for the public.
        store_id: The store that a device or a merchant belongs to; empty for others.
        roles: Roles of staff, such as `staff_assist`.
        session_id: Which of the owner's sessions this is; empty for devices and the public.
    """

    kind: str
    subject: str = ""
    store_id: str = ""
    roles: frozenset[str] = frozenset()
    session_id: str = ""

    @property
    def name(self) -> str:
        """The caller as one text, for keys and the audit log."""
        return f"{self.kind}:{self.subject}" if self.subject else self.kind


class Callers(Protocol):
    """Recognise tokens, which are kept only as hashes."""

    def by_token(self, token_hash: str, *, at: datetime) -> Caller | None:
        """Return whose token it is; None when unknown, revoked or over, or when its device was shut out."""
        ...

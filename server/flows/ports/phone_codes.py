"""Port for codes that prove a phone number; neither the number nor the code is kept, only keyed hashes of both."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """One code that was sent to one number.

    Attributes:
        asked_by: The caller, as `Caller.name`: nobody else can use it.
        tries: Wrong and right ones alike.
    """

    phone_code_id: str
    phone_hash: str
    code_hash: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    tries: int = 0
    proven_at: datetime | None = None
    used_at: datetime | None = None


class PhoneCodes(Protocol):
    """Codes on their way."""

    def add(self, made: PhoneCode) -> bool:
        """Keep a code; False when its id is known."""
        ...

    def get(self, phone_code_id: str) -> PhoneCode | None:
        """Return a code, or None."""
        ...

    def asked_since(self, phone_hash: str, since: datetime) -> list[datetime]:
        """Return when codes were asked for a number since a moment, newest first."""
        ...

    def sent_since(self, since: datetime) -> int:
        """Return how many codes were sent since a moment, to whomever."""
        ...

    def charge_try(self, phone_code_id: str, *, limit: int, at: datetime) -> bool:
        """Count a try before it is made; False when none is left, the time is over, or it is proven already."""
        ...

    def prove(self, phone_code_id: str, *, at: datetime) -> None:
        """Note that the code was right."""
        ...

    def use(self, phone_code_id: str, phone_hash: str, asked_by: str, *, proven_since: datetime, at: datetime) -> bool:
        """Use a proof up; False when there is none in force for this number and this caller."""
        ...

    def forget(self, before: datetime) -> int:
        """Drop the codes that were asked for before a moment, and return how many."""
        ...

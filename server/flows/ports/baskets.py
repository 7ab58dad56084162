"""Port for baskets."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checkout import BasketState, Line


@dataclass(frozen=True, slots=True)
class BasketRow:
    """A basket as it is kept: lines without prices, which are worked out anew each time.

    Attributes:
        is_member: Whether the shopper has shown their wallet, and so pays the prices of members.
        member_phone_hash: Whose wallet that was; what counts as theirs is judged by it.
        kept_codes: Coupons of that person that stay with them: they took them off, or the basket takes no more.
        age_check: `not_needed`, `waiting`, `approved` or `refused`; whether a person has looked at the shopper.
        age_checked_for: The age they were seen to have; None before, and 18 is not 16.
        random_check: `undrawn`, `free`, `waiting` for a person, `amending`, `agreed` or `amended`.
    """

    basket_id: str
    store_id: str
    kiosk_id: str
    channel: str
    state: BasketState
    version: int
    currency: str
    lines: tuple[Line, ...]
    coupon_codes: tuple[str, ...]
    age_check: str
    payment_id: str | None
    created_at: datetime
    updated_at: datetime
    is_member: bool = False
    age_checked_for: int | None = None
    member_phone_hash: str | None = None
    kept_codes: tuple[str, ...] = ()
    random_check: str = "undrawn"


class Baskets(Protocol):
    """Keep baskets."""

    def get(self, basket_id: str) -> BasketRow | None:
        """Return a basket."""
        ...

    def locked(self, basket_id: str) -> BasketRow | None:
        """Return a basket that no other transaction changes before this one ends."""
        ...

    def add(self, basket: BasketRow) -> None:
        """Keep a new basket."""
        ...

    def put(self, basket: BasketRow) -> None:
        """Keep the basket as it is now; the caller holds its lock."""
        ...

    def unused_since(self, before: datetime, *, limit: int) -> list[str]:
        """Return open baskets that nothing was ever put into, oldest first."""
        ...

    def note_age_check(self, basket_id: str, *, by: str, at: datetime) -> None:
        """Write down who looked and when."""
        ...

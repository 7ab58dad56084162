"""Port for random checks: what was drawn, with which chance, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from checkout.random_check import CheckOutcome

WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Check:
    """One draw.

    Attributes:
        phone_hash: Whose wallet was shown, if any.
        chance_bp: Below which roll it was drawn.
        roll: 0 to 9999.
        line_ids: What is looked at; nothing where it was not drawn.
        outcome: `free`, `waiting`, `agreed` or `amended`; one that was settled stays so while somebody looks again.
        pieces: How many lay in the basket then.
        is_handed_on: Whether another basket has the look that this one was put aside without.
    """

    basket_id: str
    store_id: str
    phone_hash: str | None
    chance_bp: int
    roll: int
    line_ids: tuple[str, ...]
    outcome: str
    drawn_at: datetime
    settled_by: str | None = None
    settled_at: datetime | None = None
    pieces: int = 0
    is_handed_on: bool = False


class Checks(Protocol):
    """Keep draws."""

    def put(self, check: Check) -> None:
        """Keep the draw of a basket, in place of the one before."""
        ...

    def get(self, basket_id: str) -> Check | None:
        """Return the draw of a basket."""
        ...

    def settle(self, basket_id: str, outcome: CheckOutcome, *, by: str, at: datetime) -> None:
        """Write down what a check came to."""
        ...

    def outcomes_of(self, phone_hash: str, *, limit: int) -> Sequence[CheckOutcome]:
        """Return what the last checks of somebody came to, newest first."""
        ...

    def is_owed(self, store_id: str, phone_hash: str, *, since: datetime) -> bool:
        """Whether somebody was told since then of a look at what their phone held, or left a basket before its look."""
        ...

    def take_over(self, store_id: str, kiosk_id: str, phone_hash: str | None, *, left_since: datetime) -> bool:
        """Take over the checks that nobody settled before their baskets were left, and tell whether there were any.

        They are the kiosk's own, unless they are known to be somebody else's, and those of the same shopper anywhere,
        of what their phone held as well.
        A basket that was only put aside still waits for a look of its own.
        """
        ...

"""A random check of a few lines: how likely, which lines, and what an earlier check makes of it. All of it is data.

The chance depends on what checks found before, never on who somebody is. The draw follows from a keyed hash of the
basket's id: asked again, the same basket is drawn the same, so nobody can ask until it falls otherwise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final

WHOLE_BP: Final = 10_000


class CheckOutcome(StrEnum):
    """What a check came to."""

    AGREED = "agreed"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class CheckPolicy:
    """How often baskets are looked at, in basis points; zero everywhere is never.

    Attributes:
        base_bp: Of whoever is not known.
        trusted_bp: Of whoever's last `trusted_after` checks all agreed.
        watched_bp: Of whoever's last check changed the basket.
        lines: How many lines are looked at.
    """

    base_bp: int = 0
    trusted_bp: int = 0
    watched_bp: int = 0
    trusted_after: int = 3
    lines: int = 3

    @property
    def is_off(self) -> bool:
        """Whether nothing is ever drawn."""
        return not (self.base_bp or self.trusted_bp or self.watched_bp)

    def chance_bp(self, outcomes: Sequence[CheckOutcome]) -> int:
        """Return how likely a check is, by what the last ones of this person came to, newest first."""
        if outcomes and outcomes[0] is CheckOutcome.AMENDED:
            return self.watched_bp
        last = outcomes[: self.trusted_after]
        if len(last) == self.trusted_after and all(one is CheckOutcome.AGREED for one in last):
            return self.trusted_bp
        return self.base_bp


def roll_of(keyed: str) -> int:
    """Return what a keyed hash (hex, at least 16 signs) rolls: 0 to 9999, each as likely as the others."""
    return int(keyed[:16], 16) * WHOLE_BP >> 64


def lines_to_see(keyed: str, line_ids: Sequence[str], count: int) -> tuple[str, ...]:
    """Return which lines are looked at, in the order they lie in the basket; all where there are no more."""
    drawn = sorted(line_ids, key=lambda line_id: sha256(f"{keyed} {line_id}".encode()).digest())[:count]
    return tuple(line_id for line_id in line_ids if line_id in drawn)

"""Money between people: what becomes of what was sent and of what was asked for, and how much one person may send.

The end of either is a comparison with a moment, not a state: what waits is brought back by whoever looks next.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from checkout.errors import PeerLimitError
from checkout.transitions import TransitionTable

CLAIM_WITHIN: Final = timedelta(days=7)
"""How long money waits for a number without an account. Source: product.md S4.4."""


class PeerState(StrEnum):
    """Where money stands that somebody sent."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class PeerEvent(StrEnum):
    """What happens to it."""

    CLAIM = "claim"
    CANCEL = "cancel"
    RETURN = "return"


PEER_TABLE = TransitionTable(
    name="peer-transfer",
    start=PeerState.WAITING,
    rows={
        (PeerState.WAITING, PeerEvent.CLAIM): PeerState.CLAIMED,
        (PeerState.WAITING, PeerEvent.CANCEL): PeerState.CANCELLED,
        (PeerState.WAITING, PeerEvent.RETURN): PeerState.RETURNED,
    },
)
"""Who has an account claims in the moment of sending; nothing that arrived is ever taken back."""


class AskState(StrEnum):
    """Where a request for money stands."""

    OPEN = "open"
    REMINDED = "reminded"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class AskEvent(StrEnum):
    """What happens to it; to ignore it is no event."""

    REMIND = "remind"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


_ENDS = {
    AskEvent.ACCEPT: AskState.ACCEPTED,
    AskEvent.DECLINE: AskState.DECLINED,
    AskEvent.WITHDRAW: AskState.WITHDRAWN,
}

ASK_TABLE = TransitionTable(
    name="money-request",
    start=AskState.OPEN,
    rows={
        (AskState.OPEN, AskEvent.REMIND): AskState.REMINDED,
        **{(state, event): end for state in (AskState.OPEN, AskState.REMINDED) for event, end in _ENDS.items()},
    },
)
"""One reminder: nothing leads from reminded to reminded."""


@dataclass(frozen=True, slots=True)
class PeerLimits:
    """What one person may send; every figure minor units of the store's currency, bounds inclusive.

    Attributes:
        person_minor: To one person in a day of 24 hours. Source: product.md S4.3.
        day_minor: To all in 24 hours.
        month_minor: To all in 30 days.
    """

    person_minor: int = 25_000
    day_minor: int = 50_000
    month_minor: int = 100_000


DEFAULT_PEER_LIMITS = PeerLimits()


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody has sent and not got back, in minor units: to this person and to all in 24 hours, in 30 days."""

    person_minor: int = 0
    day_minor: int = 0
    month_minor: int = 0


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be sent, in minor units, by each limit."""

    person_minor: int
    day_minor: int
    month_minor: int

    @property
    def most_minor(self) -> int:
        """The most that may go to this person now."""
        return min(self.person_minor, self.day_minor, self.month_minor)


def room_for(sent: Sent, limits: PeerLimits = DEFAULT_PEER_LIMITS) -> Room:
    """Return what may still be sent; never below zero."""
    return Room(
        max(0, limits.person_minor - sent.person_minor),
        max(0, limits.day_minor - sent.day_minor),
        max(0, limits.month_minor - sent.month_minor),
    )


def demand_room(amount_minor: int, room: Room) -> None:
    """Make sure that an amount may be sent.

    Raises:
        PeerLimitError: It is above a limit; the error names the tightest and what is left under it.
    """
    if amount_minor <= room.most_minor:
        return
    rows = ((room.person_minor, "person"), (room.day_minor, "day"), (room.month_minor, "month"))
    left_minor, limit = min(rows, key=lambda row: row[0])
    raise PeerLimitError(limit, amount_minor, left_minor)

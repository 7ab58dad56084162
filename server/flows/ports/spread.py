"""Ports for what a campaign has done: the funnel, the tree of shares, and the draw that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the funnel. Who looked at a link is nobody's business, so `people` may be None."""

    name: str
    count: int
    people: int | None


@dataclass(frozen=True, slots=True)
class Generation:
    """What came of one generation: 0 received a coupon from the shop, 1 from them, and so on."""

    generation: int
    claims: int
    redeemed: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A place in the tree with what hangs from it at once; its name opens nothing."""

    node: str
    parent_node: str | None
    generation: int
    children: int


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of a comparison: people, how many came back and bought, what they spent, and the sum of its squares."""

    people: int
    came_back: int
    spent_minor: int
    squares: int


@dataclass(frozen=True, slots=True)
class Past:
    """Tickets of the past against a campaign's terms, and what campaigns did before.

    Attributes:
        bringing: Tickets that would bring a coupon.
        reaching: Tickets on which one could be used.
    """

    tickets: int
    bringing: int
    reaching: int
    reaching_minor: int
    issued: int
    redeemed: int
    spent_minor: Sequence[int]


class Spread(Protocol):
    """What became of a campaign, counted from its rows."""

    def steps(self, campaign_id: str, *, at: datetime) -> Sequence[Step]:
        """Return the funnel, in order."""
        ...

    def generations(self, campaign_id: str) -> Sequence[Generation]:
        """Return claims and redemptions by generation."""
        ...

    def branches(self, campaign_id: str, *, limit: int) -> Sequence[Branch]:
        """Return the places from which most came, largest first."""
        ...

    def waits(self, campaign_id: str, *, limit: int) -> Sequence[float]:
        """Return the seconds from a link to each of its newest claims."""
        ...

    def new_customers(self, campaign_id: str) -> int:
        """Return how many redeemed a friend's coupon and had never paid here before they claimed it."""
        ...

    def arms(self, campaign_id: str) -> tuple[Arm, Arm]:
        """Return those who received the campaign and those whom the draw left out, each from that moment on."""
        ...

    def past(self, store_id: str, min_basket_minor: int, ticket_from_minor: int, *, since: datetime, but: str) -> Past:
        """Return the store's tickets since a moment, and its campaigns but one."""
        ...

    def cut(self, campaign_id: str, node: str, *, with_coupons: bool, at: datetime) -> tuple[int, int] | None:
        """Close the links of a branch, and take its unused coupons back if asked; None when there is no such place."""
        ...

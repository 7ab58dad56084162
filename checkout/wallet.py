"""The purses of one shopper and the order in which they burn: soonest to expire first, then the most restricted.

What a purse may not pay for it does not pay for: restricted credit only ever meets lines that it allows (I9).
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from checkout.errors import InsufficientFundsError, RestrictedFundsError
from checkout.ledger import AccountId, AccountKind
from checkout.money import Currency, Money
from checkout.settlement import Paid, Tender

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Restriction:
    """What a purse may pay for. Each empty set allows all; every set that is not empty must be met."""

    stores: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()

    def allows(self, *, store: str, sku: str, category: str) -> bool:
        """Whether the purse may pay for such a product in such a store."""
        here = not self.stores or store in self.stores
        named = not self.skus or sku in self.skus
        kind = not self.categories or category in self.categories
        return here and named and kind

    @property
    def rank(self) -> int:
        """How restricted it is: the kinds of bound it has."""
        return bool(self.stores) + bool(self.skus) + bool(self.categories)


ANYWHERE = Restriction()


@dataclass(frozen=True, slots=True)
class Purse:
    """Money of one shopper under one rule.

    Attributes:
        cap: The most that may be drawn for one payment, such as what is left of a yearly cap; None is no cap.
    """

    account: AccountId
    balance: Money
    restriction: Restriction = ANYWHERE
    expires_at: datetime | None = None
    cap: Money | None = None

    @property
    def drawable(self) -> Money:
        """What one payment may take: never below zero, never above the cap."""
        open_minor = max(0, self.balance.minor)
        return Money(open_minor if self.cap is None else min(open_minor, self.cap.minor), self.balance.currency)


class Owed(NamedTuple):
    """One line as a purse sees it; ``line_id`` is where a part of its price is written to."""

    sku: str
    category: str
    due: Money
    line_id: str = ""


def burn_order(purses: Sequence[Purse], *, at: datetime, declared: Sequence[AccountKind] = ()) -> tuple[Purse, ...]:
    """Return the purses that hold something now, in the order in which they are drawn on.

    Args:
        purses: Of one shopper.
        at: Now.
        declared: The kinds that the shop burns first, in its order; kinds that it does not name come after.

    Returns:
        Within a kind, or where none is declared, soonest to expire first, then the most restricted, then by account,
        so that the order is always the same.
    """
    turns = {kind: turn for turn, kind in enumerate(declared)}
    alive = [p for p in purses if p.drawable and (p.expires_at is None or at < p.expires_at)]
    return tuple(
        sorted(
            alive,
            key=lambda p: (
                turns.get(p.account.kind, len(turns)),
                p.expires_at or _NEVER,
                -p.restriction.rank,
                p.account,
            ),
        )
    )


@dataclass(frozen=True, slots=True)
class Cover:
    """How purses meet what is due.

    Attributes:
        tenders: What each purse pays in all, in the order of the purses; those that pay nothing are left out.
        still_open: What no purse covers: for a card, cash, or a refusal.
        pays: For each purse its account, and how many minor units it pays of which line of `owed`, by place.
    """

    tenders: tuple[Tender, ...]
    still_open: Money
    owed: Sequence[Owed]
    pays: Sequence[tuple[AccountId, Mapping[int, int]]]

    @property
    def parts(self) -> tuple[Paid, ...]:
        """What each purse pays of each line, in the order of the purses, then of the lines."""
        unit = self.still_open.currency
        return tuple(
            Paid(self.owed[line].line_id, account, Money(minor, unit))
            for account, pays in self.pays
            for line, minor in sorted(pays.items())
            if minor
        )

    def demand_whole(self) -> None:
        """Make sure that nothing is left to pay.

        Raises:
            InsufficientFundsError: Something is.
        """
        if self.still_open:
            held = sum(tender.limit.minor for tender in self.tenders)
            raise InsufficientFundsError(held + self.still_open.minor, held, self.still_open.currency.code)


def cover(owed: Sequence[Owed], purses: Sequence[Purse], *, store: str, unit: Currency) -> Cover:
    """Draw on the purses in the order given, each for as much as any sharing of the lines lets it pay.

    Line by line is not enough: a purse for bread and fruit that took the bread would leave nothing to one for bread
    alone. So each purse in turn may move what earlier ones pay to other lines that they allow, though never make
    them pay less: an augmenting path in the graph of purses and lines. What purses can pay together is a
    polymatroid, and on one of those this order of doing finds both at once: the first purse pays the most it can, the
    next the most beside it, and so on; and all together as much as any other way.

    Source:
        Edmonds, Submodular functions, matroids and certain polyhedra (1970): the greedy on a polymatroid ends in a
        base. Ford and Fulkerson, Maximal flow through a network (1956).
    """
    flow = _Flow([line.due.minor for line in owed])
    for purse in purses:
        bound = purse.restriction
        allowed: Sequence[int] = range(len(owed))
        if bound.rank:
            allowed = [
                i for i, line in enumerate(owed) if bound.allows(store=store, sku=line.sku, category=line.category)
            ]
        flow.draw(allowed, purse.drawable.minor)
    pays = [(purse.account, paid) for purse, paid in zip(purses, flow.pays, strict=True)]
    tenders = [Tender(account, Money(minor, unit)) for account, paid in pays if (minor := sum(paid.values()))]
    return Cover(tuple(tenders), Money(sum(flow.due), unit), owed, pays)


def most_from(purse: Purse, owed: Sequence[Owed], *, store: str, at: datetime) -> Money:
    """Return the most that a purse the shopper chose can pay here and now: the upper end of 0 to all of it.

    Raises:
        RestrictedFundsError: It has expired, is of another store, allows none of the goods, or is empty.
    """
    bound, name = purse.restriction, str(purse.account)
    if purse.expires_at is not None and at >= purse.expires_at:
        raise RestrictedFundsError(name, "expired", expired_at=purse.expires_at)
    if bound.stores and store not in bound.stores:
        raise RestrictedFundsError(name, "other_store", tuple(sorted(bound.stores)))
    payable = [line.due for line in owed if bound.allows(store=store, sku=line.sku, category=line.category)]
    if not payable:
        raise RestrictedFundsError(name, "nothing_it_allows", tuple(sorted(bound.categories or bound.skus)))
    if not purse.drawable:
        raise RestrictedFundsError(name, "empty")
    return min(purse.drawable, sum(payable, start=Money.zero(purse.balance.currency)))


class _Flow:
    """What purses pay of which lines, in minor units."""

    def __init__(self, due: Sequence[int]) -> None:
        self.due = list(due)
        self.pays: list[dict[int, int]] = []
        self._allowed: list[Sequence[int]] = []

    def draw(self, allowed: Sequence[int], limit: int) -> None:
        """Let one more purse pay all it can, up to a limit."""
        pays: dict[int, int] = {}
        self._allowed.append(allowed)
        self.pays.append(pays)
        for line in allowed:  # the shortest paths, which come first anyway and need no search
            if minor := min(limit, self.due[line]):
                pays[line] = minor
                self.due[line] -= minor
                limit -= minor
        while limit and any(self.due) and (path := self._path(len(self.pays) - 1)):
            limit -= self._push(path, limit)

    def _path(self, purse: int) -> list[tuple[int, int]]:
        """Return the shortest chain of (purse, line) by which one purse can pay more; empty when there is none.

        Each purse of the chain pays more of its line; what it paid of the line before, the purse before takes over.
        """
        waiting = deque([purse])
        came: dict[int, tuple[int, int]] = {}
        seen_lines: set[int] = set()
        while waiting:
            at = waiting.popleft()
            for line in self._allowed[at]:
                if line in seen_lines:
                    continue
                seen_lines.add(line)
                if self.due[line]:
                    return self._back(came, purse, at, line)
                for other, pays in enumerate(self.pays):
                    if pays.get(line) and other != purse and other not in came:
                        came[other] = at, line
                        waiting.append(other)
        return []

    def _back(self, came: Mapping[int, tuple[int, int]], start: int, last: int, line: int) -> list[tuple[int, int]]:
        path = [(last, line)]
        while last != start:
            last, line = came[last]
            path.append((last, line))
        return path[::-1]

    def _push(self, path: Sequence[tuple[int, int]], limit: int) -> int:
        last_line = path[-1][1]
        moved = [self.pays[other][line] for (_, line), (other, _) in pairwise(path)]
        minor = min(limit, self.due[last_line], *moved)
        for purse, line in path:
            self.pays[purse][line] = self.pays[purse].get(line, 0) + minor
        for (_, line), (other, _) in pairwise(path):
            self.pays[other][line] -= minor
        self.due[last_line] -= minor
        return minor

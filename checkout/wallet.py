"""The purses of one shopper and the order in which they burn: soonest to expire first, then the most restricted.

What a purse may not pay for it does not pay for: restricted credit only ever meets lines that it allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from checkout.errors import RestrictedFundsError
from checkout.ledger import AccountId
from checkout.money import Money
from checkout.settlement import Tender

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
        return sum(bool(bound) for bound in (self.stores, self.skus, self.categories))


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


@dataclass(frozen=True, slots=True)
class Owed:
    """One line as a purse sees it."""

    sku: str
    category: str
    due: Money


def burn_order(purses: Sequence[Purse], *, at: datetime) -> tuple[Purse, ...]:
    """Return the purses that hold something now, in the order in which they are drawn on.

    Soonest to expire first, then the most restricted, then by account, so that the order is always the same.
    """
    alive = [p for p in purses if p.drawable and (p.expires_at is None or at < p.expires_at)]
    return tuple(sorted(alive, key=lambda p: (p.expires_at or _NEVER, -p.restriction.rank, p.account)))


def tenders_for(owed: Sequence[Owed], purses: Sequence[Purse], *, store: str) -> tuple[Tender, ...]:
    """Draw on the purses in the order given, line by line, each only for what it allows.

    Returns:
        A tender for each purse that pays something. They may sum to less than is due: the caller adds a card or
        refuses. One purse after another is not the cleverest sharing between two purses whose restrictions overlap;
        it is the one that a shopper can follow.
    """
    still_due = [line.due.minor for line in owed]
    tenders = []
    for purse in purses:
        left = purse.drawable.minor
        for i, line in enumerate(owed):
            if purse.restriction.allows(store=store, sku=line.sku, category=line.category):
                drawn = min(left, still_due[i])
                left -= drawn
                still_due[i] -= drawn
        if drawn_minor := purse.drawable.minor - left:
            tenders.append(Tender(purse.account, Money(drawn_minor, purse.balance.currency)))
    return tuple(tenders)


def demand_allowed(purse: Purse, owed: Sequence[Owed], *, store: str, at: datetime) -> None:
    """Make sure that a purse the shopper chose can pay for something here and now.

    Raises:
        RestrictedFundsError: It has expired, or allows none of the goods in this store.
    """
    if purse.expires_at is not None and at >= purse.expires_at:
        raise RestrictedFundsError(str(purse.account), "expired")
    if not any(purse.restriction.allows(store=store, sku=line.sku, category=line.category) for line in owed):
        raise RestrictedFundsError(str(purse.account), "nothing_it_allows")

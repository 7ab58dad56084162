"""Money back on a purchase: who pays which part of it, and how much a year at most."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkout.errors import MalformedRuleError, UnbalancedError
from checkout.ledger import AccountId, Posting, Transfer, TransferKind
from checkout.money import Money, Rounding, ratio, split_minor
from checkout.promotions import FULL_BP

WARN_PERCENT = 80
"""From here on the shopper is told that the year's cap is near."""


@dataclass(frozen=True, slots=True)
class Funder:
    """Who pays a part; ``weight`` is its share among all weights."""

    account: AccountId
    weight: int


@dataclass(frozen=True, slots=True)
class CashbackRule:
    """So much back on each purchase.

    Attributes:
        rate_bp: Basis points of what was paid, rounded down: nobody pays back more than promised.
        yearly_cap_minor: The most that one shopper gets back from one merchant in a calendar year.
    """

    rate_bp: int
    funders: tuple[Funder, ...]
    yearly_cap_minor: int

    def __post_init__(self) -> None:
        if not 0 < self.rate_bp <= FULL_BP:
            raise MalformedRuleError("cashback", "rate_bp is above 0 and at most 10000")
        if not self.funders or any(funder.weight < 1 for funder in self.funders):
            raise MalformedRuleError("cashback", "funders are named, each with a weight of at least 1")
        if self.yearly_cap_minor < 0:
            raise MalformedRuleError("cashback", "yearly_cap_minor is zero or more")


@dataclass(frozen=True, slots=True)
class Cashback:
    """What one purchase earns; reckoned before paying, it is what the shopper is told.

    Attributes:
        parts: By funder, in the order of the rule; together they are ``total``.
        cut_minor: What the yearly cap took away.
        is_near_cap: Whether the shopper is told that the cap is near or reached.
        left: What this merchant may still pay back this year after the purchase (S0.12).
    """

    total: Money
    parts: tuple[tuple[AccountId, Money], ...]
    cut_minor: int
    is_near_cap: bool
    left: Money


def cashback_on(paid: Money, rule: CashbackRule, *, got_this_year: Money) -> Cashback:
    """Return what a purchase earns after what the year has brought already.

    Examples:
        0.62 back, of which the state pays 0.55 and the shop 0.07, by weights 89 and 11.
    """
    earned = ratio(max(0, paid.minor), rule.rate_bp, FULL_BP, Rounding.DOWN)
    minor = min(earned, max(0, rule.yearly_cap_minor - got_this_year.minor))
    shares = split_minor(minor, [funder.weight for funder in rule.funders])
    parts = tuple(
        (funder.account, Money(share, paid.currency)) for funder, share in zip(rule.funders, shares, strict=True)
    )
    is_near = (got_this_year.minor + minor) * 100 >= rule.yearly_cap_minor * WARN_PERCENT
    left = Money(max(0, rule.yearly_cap_minor - got_this_year.minor - minor), paid.currency)
    return Cashback(Money(minor, paid.currency), parts, earned - minor, is_near, left)


def taken_back(
    parts: Sequence[tuple[AccountId, Money]], *, base: Money, before: Money, now: Money
) -> tuple[tuple[AccountId, Money], ...]:
    """Return what each funder gets back when goods that had earned it come back.

    Shares are differences of running totals, rounded down in the shopper's favour, so that goods that come back one by
    one give back what all at once would, and all of them give back every cent.

    Args:
        parts: What each funder paid.
        base: The money that the purchase earned on.
        before: How much of it went back earlier.
        now: How much of it goes back now.

    Raises:
        UnbalancedError: More would go back than was paid.
    """
    if before + now > base:
        raise UnbalancedError(base.minor, (before + now).minor)
    found = []
    for account, paid in parts:
        until, earlier = (
            ratio(paid.minor, part, base.minor, Rounding.DOWN) for part in ((before + now).minor, before.minor)
        )
        found.append((account, Money(until - earlier, paid.currency)))
    return tuple(found)


def grant(transfer_id: str, payment: str, earned: Cashback, *, to: AccountId) -> Transfer:
    """Write the parts down; of nothing earned there is no transfer (:class:`MalformedRuleError`)."""
    postings = tuple(Posting(account, to, amount) for account, amount in earned.parts if amount)
    return Transfer(transfer_id, TransferKind.CASHBACK, payment, postings)

"""Which purses pay: restricted credit on the goods it allows, cashback by choice, the wallet (IP10).

The order is the store's and never changes by itself. Where it says nothing: vouchers that expire soonest first, then as
much cashback as the shopper chose, then their own money. Restricted credit goes first as it is good for less and ends
sooner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from checkout import (
    AccountId,
    AccountKind,
    Cover,
    Money,
    Owed,
    Posting,
    Purse,
    Restriction,
    Tender,
    burn_order,
    cashback_account,
    cover,
    main_account,
    voucher_account,
)
from checkout.errors import InsufficientFundsError
from server.flows.baskets import Priced
from server.flows.ports import Work
from server.flows.ports.wallet import PurseRow


@dataclass(frozen=True, slots=True)
class Means:
    """What a shopper could pay a basket with.

    Attributes:
        owed: The lines as purses see them.
        purses: Restricted credit that is still good, the cashback and the wallet, in the order in which they pay.
        names: What a voucher is called, by its account.
    """

    due: Money
    store: str
    owed: tuple[Owed, ...]
    purses: tuple[Purse, ...]
    names: Mapping[str, Mapping[str, str]]

    def cover(self, cashback_minor: int) -> Cover:
        """Return who pays what when the shopper uses as much cashback as that."""
        capped = Money(cashback_minor, self.due.currency)
        purses = [replace(one, cap=capped) if one.account.kind is AccountKind.CASHBACK else one for one in self.purses]
        return cover(self.owed, purses, store=self.store, unit=self.due.currency)

    @property
    def vouchers(self) -> tuple[Tender, ...]:
        """Tenders of restricted credit, in the order in which they are drawn; each only what it may pay here."""
        tenders = self.cover(self.cashback_min_minor).tenders
        return tuple(tender for tender in tenders if tender.account.kind is AccountKind.VOUCHER)

    @property
    def voucher_minor(self) -> int:
        """What vouchers pay of this basket when no more cashback is used than has to be."""
        return sum(tender.limit.minor for tender in self.vouchers)

    @property
    def cashback_minor(self) -> int:
        """What lies in the cashback purse."""
        return sum(one.drawable.minor for one in self.purses if one.account.kind is AccountKind.CASHBACK)

    @property
    def cashback_max_minor(self) -> int:
        """The most cashback that this basket can take."""
        tenders = self.cover(self.cashback_minor).tenders
        return sum(tender.limit.minor for tender in tenders if tender.account.kind is AccountKind.CASHBACK)

    @property
    def cashback_min_minor(self) -> int:
        """The least cashback that makes the rest payable, at most `cashback_max_minor`."""
        return min(self.cashback_max_minor, self.cover(0).still_open.minor)

    @property
    def shortfall_minor(self) -> int:
        """What is missing with everything that may be used."""
        return self.cover(self.cashback_minor).still_open.minor


def means_of(
    work: Work,
    found: Priced,
    customer_id: str,
    phone_hash: str,
    *,
    at: datetime,
    order: Sequence[AccountKind],
    locked: bool = False,
) -> Means:
    """Return what a shopper could pay a priced basket with.

    Args:
        work: The transaction.
        found: The basket.
        customer_id: Whose wallet and cashback.
        phone_hash: Whose vouchers.
        at: Now.
        order: In which the store lets purses pay.
        locked: For whoever is about to draw on them.
    """
    rows = work.purses.locked_of(phone_hash) if locked else work.purses.of(phone_hash)
    purses = [_purse(work, row, found) for row in rows]
    purses += [_own(work, account, found) for account in (cashback_account(customer_id), main_account(customer_id))]
    return Means(
        due=found.quote.total,
        store=found.row.store_id,
        owed=tuple(
            [Owed(line.product.sku, line.product.category, line.due, line.line.line_id) for line in found.quote.lines]
        ),
        purses=burn_order(purses, at=at, declared=order),
        names={str(voucher_account(row.purse_id)): row.name for row in rows},
    )


def cover_of(means: Means, cashback_minor: int) -> Cover:
    """Return the tenders in the store's order, with as much cashback as was chosen.

    Raises:
        InsufficientFundsError: There is not that much cashback, or all together is not enough.
    """
    if cashback_minor > means.cashback_minor:
        raise InsufficientFundsError(cashback_minor, means.cashback_minor, means.due.currency.code)
    covered = means.cover(cashback_minor)
    covered.demand_whole()
    return covered


def drawn_json(means: Means, covered: Cover, postings: Sequence[Posting]) -> tuple[dict[str, Any], ...]:
    """Return what was drawn, as a payment keeps it and a ticket shows it."""
    drawn = []
    for posting in postings:
        row: dict[str, Any] = {"account": posting.debit.kind.value, "amount_minor": posting.amount.minor}
        if (name := means.names.get(str(posting.debit))) is not None:
            row["name"] = dict(name)
            row["lines"] = {part.line_id: part.amount.minor for part in covered.parts if part.account == posting.debit}
        drawn.append(row)
    return tuple(drawn)


REISSUED_FOR = timedelta(days=30)
"""How long restricted credit can be spent at least that came back after its last day, or after it was called back."""


def reissue(work: Work, purse_id: str, *, at: datetime, also_over: bool = True) -> None:
    """Let credit be spent that has just come back to a purse which would pay nothing any more.

    A batch is called back once: what comes back later would lie where neither shopper nor sponsor reaches it. A purse
    whose last day is over can still be called back, so `also_over` is for who had spent what comes back.
    """
    purse = work.purses.get(purse_id)
    if purse is None:
        return
    is_over = also_over and purse.expires_at is not None and purse.expires_at <= at
    if is_over or purse.recalled_at is not None:
        until = at + REISSUED_FOR
        work.purses.extend(purse_id, until if purse.expires_at is None else max(until, purse.expires_at))


def _purse(work: Work, row: PurseRow, found: Priced) -> Purse:
    restriction = Restriction(frozenset(row.stores), frozenset(row.skus), frozenset(row.categories))
    return replace(_own(work, voucher_account(row.purse_id), found), restriction=restriction, expires_at=row.expires_at)


def _own(work: Work, account: AccountId, found: Priced) -> Purse:
    return Purse(account, Money(work.ledger.balance_of(account), found.quote.total.currency))

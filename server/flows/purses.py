"""Which purses pay: restricted credit on the goods it allows, then cashback by choice, then the wallet (IP10).

The order is declared and never changes by itself: vouchers that expire soonest first, then as much cashback as the
shopper chose, then their own money. Restricted credit is spent first because it is good for less and ends sooner.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from checkout import (
    Money,
    Owed,
    Paid,
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
        vouchers: Tenders of restricted credit, in the order in which they are drawn; each only what it may pay here.
        cashback_minor: What lies in the cashback purse.
        main_minor: What lies in the wallet.
        names: What a voucher is called, by its account.
        parts: What each voucher pays of which line, so that a refund finds its way back.
    """

    due: Money
    vouchers: tuple[Tender, ...]
    cashback_minor: int
    main_minor: int
    names: Mapping[str, Mapping[str, str]]
    parts: tuple[Paid, ...] = ()

    @property
    def voucher_minor(self) -> int:
        """What vouchers pay of this basket."""
        return sum(tender.limit.minor for tender in self.vouchers)

    @property
    def cashback_max_minor(self) -> int:
        """The most cashback that this basket can take."""
        return min(self.cashback_minor, self.due.minor - self.voucher_minor)

    @property
    def cashback_min_minor(self) -> int:
        """The least cashback that makes the rest payable, at most `cashback_max_minor`."""
        return min(self.cashback_max_minor, max(0, self.due.minor - self.voucher_minor - self.main_minor))

    @property
    def shortfall_minor(self) -> int:
        """What is missing with everything that may be used."""
        return max(0, self.due.minor - self.voucher_minor - self.cashback_max_minor - self.main_minor)


def means_of(
    work: Work, found: Priced, customer_id: str, phone_hash: str, *, at: datetime, locked: bool = False
) -> Means:
    """Return what a shopper could pay a priced basket with; `locked` for whoever is about to draw on it."""
    rows = work.purses.locked_of(phone_hash) if locked else work.purses.of(phone_hash)
    unit = found.quote.total.currency
    purses = [_purse(work, row, Money.zero(unit)) for row in rows]
    owed = [Owed(line.product.sku, line.product.category, line.due, line.line.line_id) for line in found.quote.lines]
    covered = cover(owed, burn_order(purses, at=at), store=found.row.store_id, unit=unit)
    return Means(
        due=found.quote.total,
        vouchers=covered.tenders,
        parts=covered.parts,
        cashback_minor=work.ledger.balance_of(cashback_account(customer_id)),
        main_minor=work.ledger.balance_of(main_account(customer_id)),
        names={str(voucher_account(row.purse_id)): row.name for row in rows},
    )


def tenders_of(means: Means, customer_id: str, cashback_minor: int) -> list[Tender]:
    """Return the tenders in their declared order, with as much cashback as was chosen.

    Raises:
        InsufficientFundsError: There is not that much cashback.
    """
    unit = means.due.currency
    if cashback_minor > means.cashback_minor:
        raise InsufficientFundsError(cashback_minor, means.cashback_minor, unit.code)
    chosen = [Tender(cashback_account(customer_id), Money(cashback_minor, unit))] if cashback_minor else []
    return [*means.vouchers, *chosen, Tender(main_account(customer_id), Money(means.main_minor, unit))]


def drawn_json(means: Means, postings: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    """Return what was drawn, as a payment keeps it and a ticket shows it."""
    drawn = []
    for posting in postings:
        row: dict[str, Any] = {"account": posting.debit.kind.value, "amount_minor": posting.amount.minor}
        if (name := means.names.get(str(posting.debit))) is not None:
            row["name"] = dict(name)
            row["lines"] = {part.line_id: part.amount.minor for part in means.parts if part.account == posting.debit}
        drawn.append(row)
    return tuple(drawn)


def _purse(work: Work, row: PurseRow, nothing: Money) -> Purse:
    account = voucher_account(row.purse_id)
    restriction = Restriction(frozenset(row.stores), frozenset(row.skus), frozenset(row.categories))
    balance = Money(work.ledger.balance_of(account), nothing.currency)
    return Purse(account, balance, restriction, row.expires_at)

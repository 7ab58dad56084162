"""Accounts, postings, transfers and the chain that nobody edits.

A posting takes an amount out of one account and puts it into another, so the sum of all accounts is zero whatever is
posted. A balance is what went in less what came out: nothing else keeps it.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from json.encoder import encode_basestring_ascii as _quoted
from typing import Self

from checkout.errors import CurrencyMismatchError, InsufficientFundsError, MalformedRuleError
from checkout.money import Currency, Money

GENESIS = "0" * 64
"""What the first transfer of a journal is chained to."""


class AccountKind(StrEnum):
    """Whose end of a posting it is."""

    MAIN = "main"
    CASHBACK = "cashback"
    VOUCHER = "voucher"
    HOLD = "hold"
    SALES = "sales"
    CAMPAIGN = "campaign"
    FUNDER = "funder"
    SPONSOR = "sponsor"
    PSP = "psp"
    TILL = "till"
    RECEIVABLE = "receivable"


GUARDED = frozenset(
    {AccountKind.MAIN, AccountKind.CASHBACK, AccountKind.VOUCHER, AccountKind.HOLD, AccountKind.SPONSOR}
)
"""Accounts of shoppers, what is set aside for them, and what a sponsor has paid in: never below zero.

The others mirror the world outside."""


_OWNER = re.compile(r"[A-Za-z0-9._@:-]{1,96}")


@dataclass(frozen=True, slots=True, order=True)
class AccountId:
    """An end of a posting, written ``kind:owner``, such as ``main:42`` or ``psp:sandbox``."""

    kind: AccountKind
    owner: str

    def __post_init__(self) -> None:
        if _OWNER.fullmatch(self.owner) is None:
            raise MalformedRuleError(f"{self.kind}:{self.owner}", "an owner is 1 to 96 letters, digits or . _ @ : -")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``kind:owner``.

        Raises:
            MalformedRuleError: The kind is unknown or the owner missing.
        """
        kind, _, owner = text.partition(":")
        if kind not in set(AccountKind):
            raise MalformedRuleError(text, f"an account is one of {', '.join(AccountKind)}")
        return cls(AccountKind(kind), owner)

    @property
    def is_guarded(self) -> bool:
        """Whether the balance never falls below zero."""
        return self.kind in GUARDED

    @property
    def is_restricted(self) -> bool:
        """Whether it is credit for some goods only, which stays so when it comes back."""
        return self.kind is AccountKind.VOUCHER

    def __hash__(self) -> int:
        return hash(self.owner)  # nearly always one account; every sum of postings asks for it

    def __str__(self) -> str:
        return self.kind + ":" + self.owner


def main_account(customer: str) -> AccountId:
    """Return the wallet of a customer."""
    return AccountId(AccountKind.MAIN, customer)


def cashback_account(customer: str) -> AccountId:
    """Return the purse of what was paid back to a customer."""
    return AccountId(AccountKind.CASHBACK, customer)


def hold_account(payment: str) -> AccountId:
    """Return what is set aside for a payment under way."""
    return AccountId(AccountKind.HOLD, payment)


def sales_account(store: str) -> AccountId:
    """Return what a store sold."""
    return AccountId(AccountKind.SALES, store)


def campaign_account(campaign: str) -> AccountId:
    """Return what a campaign spends."""
    return AccountId(AccountKind.CAMPAIGN, campaign)


def funder_account(funder: str) -> AccountId:
    """Return what somebody who funds cashback has promised and spent: below zero, and bounded by their budget."""
    return AccountId(AccountKind.FUNDER, funder)


def sponsor_account(sponsor: str) -> AccountId:
    """Return what a sponsor has paid in for others and not yet sent to them."""
    return AccountId(AccountKind.SPONSOR, sponsor)


def voucher_account(purse: str) -> AccountId:
    """Return a purse of restricted credit."""
    return AccountId(AccountKind.VOUCHER, purse)


def till_account(store: str) -> AccountId:
    """Return the cash and card till at a store's desk."""
    return AccountId(AccountKind.TILL, store)


def receivable_account(customer: str) -> AccountId:
    """Return what a customer owes for a payment that a kiosk took without the store: zero, or below it."""
    return AccountId(AccountKind.RECEIVABLE, customer)


PSP_SANDBOX = AccountId(AccountKind.PSP, "sandbox")


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on its way: it leaves ``debit`` and enters ``credit``.

    Raises:
        MalformedRuleError: The amount is not above zero, or both ends are one account.
    """

    debit: AccountId
    credit: AccountId
    amount: Money

    def __post_init__(self) -> None:
        if self.amount.minor <= 0:
            raise MalformedRuleError(f"{self.debit} -> {self.credit}", "a posting moves more than nothing")
        if self.debit == self.credit:
            raise MalformedRuleError(f"{self.debit} -> {self.credit}", "a posting has two ends")

    def reversed(self) -> "Posting":
        """Return the same amount on its way back."""
        return Posting(self.credit, self.debit, self.amount)


class TransferKind(StrEnum):
    """Why money moved."""

    TOPUP = "topup"
    HOLD = "hold"
    POST = "post"
    VOID = "void"
    SALE = "sale"
    REFUND = "refund"
    CASHBACK = "cashback"
    COUPON = "coupon"
    GRANT = "grant"
    PEER = "peer"
    PAYOUT = "payout"


@dataclass(frozen=True, slots=True)
class Transfer:
    """Postings that happen together or not at all.

    Attributes:
        id: Made by whoever asks, so that a second arrival is known as such.
        ref: What it is about: a payment, a coupon, a top-up.
    """

    id: str
    kind: TransferKind
    ref: str
    postings: tuple[Posting, ...]

    def __post_init__(self) -> None:
        if not self.postings:
            raise MalformedRuleError(self.id, "a transfer has postings")
        first = self.postings[0].amount.currency
        for posting in self.postings:
            if posting.amount.currency != first:
                raise CurrencyMismatchError(first.code, posting.amount.currency.code)

    @property
    def canonical(self) -> str:
        """The one text that the chain is computed over: JSON without blanks, keys sorted, ASCII only."""
        code = self.postings[0].amount.currency.code
        # Accounts are of signs that stand in JSON as they are; only what others name may have to be escaped.
        postings = ",".join([f'["{one.debit}","{one.credit}",{one.amount.minor}]' for one in self.postings])
        named = f'"id":{_quoted(self.id)},"kind":"{self.kind}","postings":[{postings}],"ref":{_quoted(self.ref)}'
        return f'{{"currency":"{code}",{named}}}'


def chain_hash(previous: str, transfer: Transfer) -> str:
    """Return the SHA-256 (hex) that ties a transfer to all before it; the first is tied to :data:`GENESIS`."""
    return hashlib.sha256(f"{previous}\n{transfer.canonical}".encode()).hexdigest()


def first_break(links: Iterable[tuple[Transfer, str]], previous: str = GENESIS) -> int | None:
    """Return the position of the first link whose hash does not follow, or None for a chain that holds."""
    for position, (transfer, found) in enumerate(links):
        previous = chain_hash(previous, transfer)
        if previous != found:
            return position
    return None


def balances(transfers: Iterable[Transfer]) -> Mapping[AccountId, Money]:
    """Fold transfers into the balance of every account they touch.

    Raises:
        CurrencyMismatchError: One account was used with two currencies.
    """
    minors: dict[AccountId, int] = {}
    units: dict[AccountId, Currency] = {}
    for transfer in transfers:
        for posting in transfer.postings:
            amount = posting.amount
            for account, change in ((posting.debit, -amount.minor), (posting.credit, amount.minor)):
                if (unit := units.setdefault(account, amount.currency)) != amount.currency:
                    raise CurrencyMismatchError(unit.code, amount.currency.code)
                minors[account] = minors.get(account, 0) + change
    return {account: Money(minor, units[account]) for account, minor in minors.items()}


def changes_of(transfer: Transfer) -> dict[AccountId, int]:
    """Return by how many minor units of its currency a transfer changes each account."""
    found: dict[AccountId, int] = {}
    for posting in transfer.postings:
        minor = posting.amount.minor
        found[posting.debit] = found.get(posting.debit, 0) - minor
        found[posting.credit] = found.get(posting.credit, 0) + minor
    return found


def demand_held(account: AccountId, held_minor: int, change_minor: int, unit: Currency) -> int:
    """Return what an account holds after a change.

    Raises:
        InsufficientFundsError: It is guarded, is drawn on, and would end below zero.
    """
    after_minor = held_minor + change_minor
    if after_minor < 0 and change_minor < 0 and account.is_guarded:
        raise InsufficientFundsError(-change_minor, held_minor, unit.code)
    return after_minor


def guard(held: Mapping[AccountId, Money], transfer: Transfer) -> Mapping[AccountId, Money]:
    """Return the balances after a transfer.

    Raises:
        InsufficientFundsError: A guarded account that the transfer draws on would end below zero.
        CurrencyMismatchError: What an account holds is of another currency.
    """
    after = dict(held)
    unit = transfer.postings[0].amount.currency
    nothing = Money.zero(unit)
    for account, change_minor in changes_of(transfer).items():
        before = nothing + after.get(account, nothing)
        after[account] = Money(demand_held(account, before.minor, change_minor, unit), unit)
    return after

"""Tenders meet the amount due: hold first, then post or void. Each step is a transfer of the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from checkout.errors import InsufficientFundsError, UnbalancedError
from checkout.ledger import AccountId, Posting, Transfer, TransferKind, campaign_account, hold_account, sales_account
from checkout.money import Currency, Money
from checkout.transitions import TransitionTable


class PaymentState(StrEnum):
    """The two phases of money, and its way back."""

    HELD = "held"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"


class PaymentEvent(StrEnum):
    """What happens to money that was set aside."""

    POST = "post"
    VOID = "void"
    REFUND_PART = "refund_part"
    REFUND = "refund"


PAYMENT_TABLE = TransitionTable(
    name="payment",
    start=PaymentState.HELD,
    rows={
        (PaymentState.HELD, PaymentEvent.POST): PaymentState.CAPTURED,
        (PaymentState.HELD, PaymentEvent.VOID): PaymentState.VOIDED,
        (PaymentState.CAPTURED, PaymentEvent.REFUND_PART): PaymentState.CAPTURED,
        (PaymentState.CAPTURED, PaymentEvent.REFUND): PaymentState.REFUNDED,
    },
)


@dataclass(frozen=True, slots=True)
class Tender:
    """One way of paying and the most that may be drawn from it."""

    account: AccountId
    limit: Money


@dataclass(frozen=True, slots=True)
class Paid:
    """What one tender paid of one line, or what of it goes back."""

    line_id: str
    account: AccountId
    amount: Money


def settle(due: Money, tenders: Sequence[Tender], *, to: AccountId) -> tuple[Posting, ...]:
    """Draw on the tenders from left to right until nothing is due.

    Raises:
        InsufficientFundsError: The tenders together do not cover the amount; nothing is drawn.
        CurrencyMismatchError: A tender is of another currency.
    """
    postings: list[Posting] = []
    still_open = due
    for tender in tenders:
        drawn = min(still_open, tender.limit)
        if drawn.minor > 0:
            postings.append(Posting(tender.account, to, drawn))
            still_open -= drawn
    if still_open:
        raise InsufficientFundsError(due.minor, due.minor - still_open.minor, due.currency.code)
    return tuple(postings)


def hold(transfer_id: str, payment: str, due: Money, tenders: Sequence[Tender]) -> Transfer:
    """Set the amount due aside for a payment; of nothing due there is nothing to hold (:class:`MalformedRuleError`).

    Raises:
        InsufficientFundsError: The tenders do not cover it.
    """
    return Transfer(transfer_id, TransferKind.HOLD, payment, settle(due, tenders, to=hold_account(payment)))


def post(transfer_id: str, payment: str, held: Transfer, *, store: str) -> Transfer:
    """Hand what was set aside over to the store."""
    account = hold_account(payment)
    handed_over = Posting(account, sales_account(store), _sum_into(account, held))
    return Transfer(transfer_id, TransferKind.POST, payment, (handed_over,))


def void(transfer_id: str, payment: str, held: Transfer) -> Transfer:
    """Give what was set aside back to where it came from, in reverse order."""
    return Transfer(transfer_id, TransferKind.VOID, payment, tuple(p.reversed() for p in reversed(held.postings)))


def parts_back(amounts: Mapping[str, Money], paid: Sequence[Paid], before: Sequence[Paid] = ()) -> tuple[Paid, ...]:
    """Say to which tenders a refund goes: the last drawn on first, none more than it paid and has not got back.

    What restricted credit paid of a line goes back to it, or a gift could be turned into money by paying other goods
    beside those it allows. What was paid freely of the line goes first, to the free tenders in reverse order.

    Args:
        amounts: What goes back now, by line.
        paid: What each tender paid of each line, in the order they were drawn on.
        before: What went back before, as this function said.

    Returns:
        By line; what is nothing is left out.

    Raises:
        UnbalancedError: More would go back for a line than was paid and has not gone back.
    """
    back: list[Paid] = []
    for line_id, amount in amounts.items():
        gone = [*before, *back]
        of_line = [one for one in paid if one.line_id == line_id]
        gone_of_line = [one for one in gone if one.line_id == line_id]
        free_open = _freely(of_line) - _freely(gone_of_line)
        bound = [one for one in of_line if one.account.is_restricted]
        free = min(amount.minor, free_open)
        rooms = {account: paid_in - _into(account, gone) for account, paid_in in _free_tenders(paid)}
        rooms_bound = {one.account: _into(one.account, bound) - _into(one.account, gone_of_line) for one in bound}
        for still_open, tenders in ((free, rooms), (amount.minor - free, rooms_bound)):
            rest = still_open
            for account, room in reversed(tenders.items()):
                if minor := min(rest, room):
                    back.append(Paid(line_id, account, Money(minor, amount.currency)))
                    rest -= minor
            if rest:
                gone_minor = sum(one.amount.minor for one in gone_of_line)
                raise UnbalancedError(sum(one.amount.minor for one in of_line), gone_minor + amount.minor)
    return tuple(back)


def refund_parts(transfer_id: str, payment: str, back: Sequence[Paid], *, store: str) -> Transfer:
    """Pay parts back, a posting a tender; of nothing there is no transfer (:class:`MalformedRuleError`)."""
    postings = tuple(
        Posting(sales_account(store), account, Money(_into(account, back), back[0].amount.currency))
        for account in dict.fromkeys(one.account for one in back)
    )
    return Transfer(transfer_id, TransferKind.REFUND, payment, postings)


def _into(account: AccountId, parts: Sequence[Paid]) -> int:
    return sum(one.amount.minor for one in parts if one.account == account)


def _freely(parts: Sequence[Paid]) -> int:
    return sum(one.amount.minor for one in parts if not one.account.is_restricted)


def _free_tenders(paid: Sequence[Paid]) -> list[tuple[AccountId, int]]:
    accounts = dict.fromkeys(one.account for one in paid if not one.account.is_restricted)
    return [(account, _into(account, paid)) for account in accounts]


def fund_coupons(
    transfer_id: str, payment: str, costs: Sequence[tuple[str, int]], *, store: str, unit: Currency
) -> Transfer:
    """Let each campaign pay the store what its coupon saved.

    Args:
        transfer_id: Made by whoever asks.
        payment: The payment in which the coupons are redeemed.
        costs: Campaign and minor units, zeros left out; of nothing at all there is no transfer
            (:class:`MalformedRuleError`).
        store: The store that sold.
        unit: The store's currency.
    """
    postings = tuple(
        Posting(campaign_account(campaign), sales_account(store), Money(minor, unit))
        for campaign, minor in costs
        if minor
    )
    return Transfer(transfer_id, TransferKind.COUPON, payment, postings)


def unfund_coupons(
    transfer_id: str, payment: str, costs: Sequence[tuple[str, int]], *, store: str, unit: Currency
) -> Transfer:
    """Let the store pay each campaign back what its coupon took off goods that came back; see :func:`fund_coupons`."""
    funded = fund_coupons(transfer_id, payment, costs, store=store, unit=unit)
    return replace(funded, postings=tuple(posting.reversed() for posting in funded.postings))


def _sum_into(account: AccountId, transfer: Transfer) -> Money:
    amounts = [posting.amount for posting in transfer.postings if posting.credit == account]
    return sum(amounts, start=Money.zero(transfer.postings[0].amount.currency))

"""Tenders meet the amount due: hold first, then post or void. Each step is a transfer of the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
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
    amount = _sum_into(hold_account(payment), held)
    return Transfer(
        transfer_id, TransferKind.POST, payment, (Posting(hold_account(payment), sales_account(store), amount),)
    )


def void(transfer_id: str, payment: str, held: Transfer) -> Transfer:
    """Give what was set aside back to where it came from, in reverse order."""
    return Transfer(transfer_id, TransferKind.VOID, payment, tuple(p.reversed() for p in reversed(held.postings)))


def refund(
    transfer_id: str, payment: str, held: Transfer, amount: Money, *, store: str, refunded: Money | None = None
) -> Transfer:
    """Pay an amount of a posted payment back to its tenders, the last drawn on first.

    Args:
        transfer_id: Made by whoever asks.
        payment: The payment.
        held: The transfer that set the payment's money aside: it knows the tenders.
        amount: What goes back now.
        store: The store that sold.
        refunded: What went back before.

    Raises:
        UnbalancedError: More would go back than was paid.
    """
    before = refunded or Money.zero(amount.currency)
    paid = _sum_into(hold_account(payment), held)
    if before + amount > paid:
        raise UnbalancedError(paid.minor, (before + amount).minor)
    skip, still_open = before, amount
    postings: list[Posting] = []
    for drawn in reversed(held.postings):
        skipped = min(skip, drawn.amount)
        skip -= skipped
        back = min(still_open, drawn.amount - skipped)
        if back.minor > 0:
            postings.append(Posting(sales_account(store), drawn.debit, back))
            still_open -= back
    return Transfer(transfer_id, TransferKind.REFUND, payment, tuple(postings))


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


def _sum_into(account: AccountId, transfer: Transfer) -> Money:
    amounts = [posting.amount for posting in transfer.postings if posting.credit == account]
    return sum(amounts, start=Money.zero(transfer.postings[0].amount.currency))

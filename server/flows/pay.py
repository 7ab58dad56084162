"""One payment, in two transactions: set the money aside for exactly what was approved, then hand it over.

Whoever repeats either step with the same id gets the outcome of the first time. What lies between the two (a crash, a
card to come) leaves a hold, which the next retry or the sweeper ends: handed over while it is young, given back when
its time is over.

Rows are taken in one order by every step, so that none waits for another crosswise: payment or basket, customer,
coupons, campaigns, the store's number, and the head of the ledger last, as it is what all payments share.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from checkout import BASKET_TABLE, PAYMENT_TABLE, AccountKind, BasketEvent, BasketState, Shown, hold
from checkout.errors import AgeCheckRequiredError
from server.flows import coupons
from server.flows.altered import altered
from server.flows.authenticate import Payer, use_assertion
from server.flows.baskets import Foreseen, Priced, demand_checked, for_payment, lock, priced
from server.flows.coupon_rules import Bearer
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.payments import PaymentRow
from server.flows.purses import cover_of, drawn_json, means_of
from server.flows.shop import Shop

PAYABLE = {BasketState.OPEN, BasketState.QUOTED}
QUOTE_HOLDS = timedelta(minutes=15)
"""How long a price that was shown may be agreed to: as long as a basket that could not be paid is kept (4.1)."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What a kiosk asks to be paid: the id it saved first, and what the shopper saw and approved.

    Attributes:
        cashback_minor: How much of their cashback the shopper chose to use.
    """

    payment_id: str
    basket_id: str
    digest: str
    amount_minor: int
    payee: str
    authentication_id: str
    cashback_minor: int = 0


def hold_payment(
    work: Work,
    shop: Shop,
    approved: Approved,
    caller: Caller,
    *,
    at: datetime,
    hold_seconds: int,
    foreseen: Foreseen | None = None,
) -> PaymentRow:
    """Set the money aside: the first of the two steps.

    Raises:
        BasketChangedError: Basket, amount or payee is not what was approved; nothing moves.
        QuoteExpiredError: What was approved was shown too long ago.
        AgeCheckRequiredError: A person has yet to look.
        InsufficientFundsError: The wallet does not cover it.
        CheckoutError: The approval is used, over or for something else; a coupon is used or over.
        FlowError: `basket_not_found`, `basket_empty`, `basket_closed`, `basket_paying`, `payment_exists`,
            `payment_ended`, `random_check`.
    """
    if (known := work.payments.get(approved.payment_id)) is not None:
        return _same_payment(shop, known, approved)
    row = lock(work, approved.basket_id, caller)
    if (known := work.payments.get(approved.payment_id)) is not None:
        return _same_payment(shop, known, approved)  # it came while this one waited for the basket
    found = check_payable(work, shop, row, at=at, foreseen=foreseen)
    _shown(row, approved).demand(Shown(found.quote.digest, found.quote.total.minor, shop.payee), at=at)
    payer = use_assertion(
        work,
        approved.authentication_id,
        basket_id=approved.basket_id,
        digest=approved.digest,
        amount_minor=approved.amount_minor,
        payee=approved.payee,
        kiosk_id=caller.subject,
        at=at,
        policy=shop.step_up,
    )
    applied = applied_coupons(found)
    coupons.demand_person(work, found.coupons, applied, row.member_phone_hash, payer.phone_hash)
    coupons.reserve(work, approved.payment_id, applied, Bearer(row.store_id, payer.phone_hash), at)
    tenders = _hold_money(work, shop, approved, payer, found, at=at)
    payment = PaymentRow(
        payment_id=approved.payment_id,
        basket_id=row.basket_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        customer_id=payer.customer_id,
        authentication_id=approved.authentication_id,
        digest=found.quote.digest,
        amount_minor=found.quote.total.minor,
        currency=row.currency,
        payee=shop.payee,
        status=PAYMENT_TABLE.start.value,
        subject=payer.subject,
        phone_hash=payer.phone_hash,
        tenders=tenders,
        quote=foreseen.kept if foreseen is not None and foreseen.found is found else for_payment(shop, found),
        held_at=at,
        expires_at=at + timedelta(seconds=hold_seconds),
    )
    work.payments.add(payment)
    work.baskets.put(paying(row, payment.payment_id, at=at))
    return payment


def check_payable(work: Work, shop: Shop, row: BasketRow, *, at: datetime, foreseen: Foreseen | None = None) -> Priced:
    """Price a locked basket that is about to be paid.

    Raises:
        AgeCheckRequiredError: A person has yet to look.
        FlowError: `basket_empty`, `basket_closed`, `basket_paying`, `random_check`, or the code of what stands in the
            way.
    """
    if row.state is BasketState.PAYING:
        raise FlowError("basket_paying", "A payment for this basket is under way.", payment_id=row.payment_id)
    if row.state not in PAYABLE:
        raise FlowError("basket_closed", f"This basket is {row.state}.", state=row.state.value)
    if not row.lines:
        raise FlowError("basket_empty", "The basket is empty.")
    demand_checked(row)
    found = priced(work, shop, row, at=at, foreseen=foreseen)
    for problem in found.quote.blockers:
        if problem.code == AgeCheckRequiredError.code:
            ages = [line.product.min_age for line in found.quote.lines if line.product.min_age is not None]
            raise AgeCheckRequiredError(max(ages))
        raise FlowError(problem.code, problem.detail, line_id=problem.line_id)
    return found


def applied_coupons(found: Priced) -> list[tuple[str, int]]:
    """Return the coupons that take something off, and how much."""
    return [(coupon.code, coupon.saved.minor) for coupon in found.quote.coupons if coupon.saved.minor > 0]


def paying(row: BasketRow, payment_id: str, *, at: datetime) -> BasketRow:
    """Return the basket as it stands while it is paid; one that was not quoted is, by the price that was approved."""
    quoted = BASKET_TABLE.after(row.state, BasketEvent.QUOTE)
    state = BASKET_TABLE.after(quoted, BasketEvent.PAY)
    return altered(row, state=state, payment_id=payment_id, updated_at=at)


def _same_payment(shop: Shop, known: PaymentRow, approved: Approved) -> PaymentRow:
    """Return a payment that was begun before, if it is the same."""
    before = (known.basket_id, known.digest, known.amount_minor, known.payee, known.authentication_id)
    now = (
        approved.basket_id,
        approved.digest,
        approved.amount_minor,
        approved.payee,
        approved.authentication_id,
    )
    order = shop.rules.tender_order
    drawn = {kind: sum(each["amount_minor"] for each in known.tenders if each["account"] == kind) for kind in order}
    paid_before = sum(drawn[kind] for kind in order[: order.index(AccountKind.CASHBACK)])
    chosen = min(approved.cashback_minor, known.amount_minor - paid_before)
    if before != now or drawn[AccountKind.CASHBACK] != chosen:
        raise FlowError("payment_exists", "This id belongs to another payment.", payment_id=known.payment_id)
    if known.status == "voided":
        raise FlowError("payment_ended", "The money of this payment was given back.", payment_id=known.payment_id)
    return known


def _shown(row: BasketRow, approved: Approved) -> Shown:
    until = row.updated_at + QUOTE_HOLDS if row.state is BasketState.QUOTED else None
    return Shown(approved.digest, approved.amount_minor, approved.payee, until)


def _hold_money(
    work: Work, shop: Shop, approved: Approved, payer: Payer, found: Priced, *, at: datetime
) -> tuple[dict[str, Any], ...]:
    due = found.quote.total
    if not due:
        return ()  # coupons cover everything: there is nothing to hold
    order = shop.rules.tender_order
    means = means_of(work, found, payer.customer_id, payer.phone_hash, at=at, order=order, locked=True)
    covered = cover_of(means, approved.cashback_minor)
    transfer = hold(hold_id(approved.payment_id), approved.payment_id, due, covered.tenders)
    work.ledger.post([transfer], at=at)
    return drawn_json(means, covered, transfer.postings)


def hold_id(payment_id: str) -> str:
    """Return the id of the transfer that sets a payment's money aside."""
    return f"hold:{payment_id}"

"""Pay at a counter: an amount that is typed becomes a basket of one line, and that is paid as any other.

The line is priced by a catalogue that holds nothing else, under no promotion, so what is typed is what is paid. From
there on it is `authenticate`, `pay` and `capture`: bound to digest, amount and payee, held and posted at once.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median_low
from typing import Any, Final

from checkout import Catalog, Line, Product, VatClass, emoji_of
from server.flows.authenticate import Shown, authenticate_pin, demand_phone_pin
from server.flows.baskets import Priced, priced
from server.flows.capture import Minted, capture, payment_json
from server.flows.cashback import Outlook, outlook
from server.flows.check_out import whole_row
from server.flows.counter import Counter
from server.flows.errors import FlowError
from server.flows.pay import Approved, hold_payment
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.counters import CounterPayment
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.purses import Means, means_of
from server.flows.shop import Shop

SKU: Final = "counter"
UNUSUAL: Final = 10
"""An amount of so many times what is usual is asked about: a decimal point that slipped makes ten (4.5)."""
USUAL_OF: Final = 50
USUAL_FROM: Final = 5
"""Payments of which the middle one is what is usual here; of fewer nobody could say."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a shopper has typed, seen and agreed to.

    Attributes:
        is_sure: They were asked about an unusual amount, and meant it.
    """

    payment_id: str
    basket_id: str
    digest: str
    amount_minor: int
    payee: str
    cashback_minor: int
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a payment would be, before it is made."""

    found: Priced
    means: Means
    earned: Outlook | None
    is_unusual: bool


def tell(
    work: Work,
    shop: Shop,
    counter: Counter,
    basket_id: str,
    amount_minor: int,
    customer: Customer,
    who: Caller,
    *,
    at: datetime,
) -> Told:
    """Say what an amount would do: which purses pay, what comes back, whether it is as usual here.

    Raises:
        StepUpRequiredError: A phone number and a PIN do not go that far: no PIN need be asked.
        FlowError: `counter_amount_fixed`.
    """
    _demand_amount(counter, amount_minor)
    demand_phone_pin(work, customer.customer_id, amount_minor, shop.step_up, at=at)
    here, row = _laid(shop, counter, basket_id, amount_minor, who, at=at)
    found = priced(work, here, row, at=at)
    order = shop.rules.tender_order
    means = means_of(work, found, customer.customer_id, customer.phone_hash, at=at, order=order)
    own_minor = means.due.minor - means.voucher_minor - means.cashback_min_minor
    earned = outlook(work, shop, customer.customer_id, own_minor, at=at)
    return Told(found, means, earned, is_unusual(work, shop, amount_minor))


def pay_at_counter(  # noqa: PLR0913 - the facts of one act, each by name
    work: Work,
    shop: Shop,
    counter: Counter,
    asked: Asked,
    customer: Customer,
    who: Caller,
    *,
    minted: Minted,
    at: datetime,
    hold_seconds: int,
    life: timedelta,
) -> PaymentRow:
    """Pay what was typed, with the PIN that was just proven. A second arrival finds the payment of the first.

    Raises:
        BasketChangedError: What was shown is not what it comes to; nothing moves.
        StepUpRequiredError: A phone number and a PIN do not go that far.
        InsufficientFundsError: The purses do not cover it.
        FlowError: `counter_amount_fixed`, `amount_unusual`, `basket_exists`, `payment_exists`.
    """
    work.customers.lock_row(customer.customer_id)  # of two at once the second sees the first
    here, row = _laid(shop, counter, asked.basket_id, asked.amount_minor, who, at=at)
    known = work.payments.get(asked.payment_id)
    if known is not None and known.customer_id != customer.customer_id:
        raise FlowError("payment_exists", "This id belongs to another payment.", payment_id=asked.payment_id)
    approved = Approved(
        payment_id=asked.payment_id,
        basket_id=asked.basket_id,
        digest=asked.digest,
        amount_minor=asked.amount_minor,
        payee=asked.payee,
        authentication_id=asked.payment_id,  # one approval is given and used for it, here
        cashback_minor=asked.cashback_minor,
    )
    if known is None:
        _demand_amount(counter, asked.amount_minor)
        if not asked.is_sure and is_unusual(work, shop, asked.amount_minor):
            raise FlowError("amount_unusual", f"It is {UNUSUAL} times and more what is usual here.")
        if work.baskets.get(row.basket_id) is not None:
            raise FlowError("basket_exists", f"There is a basket {row.basket_id} already.", basket_id=row.basket_id)
        found = priced(work, here, row, at=at)
        shown = Shown(asked.payment_id, asked.basket_id, asked.digest, asked.amount_minor, asked.payee, whole=found)
        authenticate_pin(work, here, shown, customer, code_hash=None, kiosk=who, at=at, life=life)
        work.baskets.add(row)
    payment = hold_payment(work, here, approved, who, at=at, hold_seconds=hold_seconds)
    if known is None:
        noted = CounterPayment(payment.payment_id, counter.row.code_id, shop.store_id, payment.amount_minor, at)
        work.counters.note(noted)
    return capture(work, here, payment.payment_id, replace(minted, exit_seconds=0), at=at)


def paid_json(work: Work, payment: PaymentRow) -> dict[str, Any]:
    """Return a payment as its payer's phone shows it, with the pictures that the merchant's page shows as well."""
    by = work.counters.payment(payment.payment_id)
    row = None if by is None else work.counters.code(by.code_id)
    return payment_json(payment) | {
        "payee": payment.payee,
        "counter": None if row is None else row.name,
        "emoji": list(emoji_of(payment.digest)),
    }


def own_payment(work: Work, payment_id: str, customer_id: str) -> PaymentRow:
    """Return what a shopper has paid at a counter, once it is paid.

    Raises:
        FlowError: `payment_not_found`: nothing was paid under this id.
    """
    payment = work.payments.get(payment_id)
    by = work.counters.payment(payment_id)
    if payment is None or by is None or payment.customer_id != customer_id or payment.status != "captured":
        raise FlowError("payment_not_found", "There is no such payment of yours.", payment_id=payment_id)
    return payment


def is_unusual(work: Work, shop: Shop, amount_minor: int) -> bool:
    """Say whether an amount is so many times what is mostly paid at this store's counters."""
    last = work.counters.last_amounts(shop.store_id, limit=USUAL_OF)
    return len(last) >= USUAL_FROM and amount_minor >= UNUSUAL * median_low(last)


def _demand_amount(counter: Counter, amount_minor: int) -> None:
    if counter.amount_minor not in {0, amount_minor}:
        detail = f"This code asks for {counter.amount_minor}."
        raise FlowError("counter_amount_fixed", detail, amount_minor=counter.amount_minor)


def _laid(
    shop: Shop, counter: Counter, basket_id: str, amount_minor: int, who: Caller, *, at: datetime
) -> tuple[Shop, BasketRow]:
    """Return the shop that sells this amount and nothing else, and the basket with it."""
    vat_class = VatClass(counter.row.vat_class)
    sold = Product(SKU, counter.row.name, "", "", amount_minor, vat_class, is_taxed=True)
    catalog = Catalog([sold], ())
    said = {"code_id": counter.row.code_id, "name": counter.row.name}
    here = replace(shop, catalog=catalog, promotions=(), code_of={}, member_catalog=catalog, counter=said)
    return here, whole_row(here, who, basket_id, (Line(basket_id, SKU),), at=at)

"""A whole basket, sent and paid in one request: what a phone, or a kiosk that was without a network, has gathered.

The rules are those of the two steps, by the same functions: the goods are laid into a basket as if they were scanned
one after the other, money and coupons are set aside (`pay`) and handed over (`capture`). Only the time between is gone.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from checkout import MOST_COUPONS, BasketState, Line, check_sale, laid_together
from checkout.errors import BasketChangedError, CheckoutError
from server.flows.baskets import Foreseen, Priced, bearer_of, for_payment, priced
from server.flows.coupon_codes import read_coupon_code
from server.flows.coupons import pricing_terms
from server.flows.days import day_of
from server.flows.errors import FlowError
from server.flows.pay import Approved, hold_payment
from server.flows.phone import PhoneBook
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.payments import PaymentRow
from server.flows.random_check import draw_whole
from server.flows.shop import Shop
from server.flows.written import Written

WHOLE_VERSION = 1
"""A basket that comes whole has had no other version: what an approval's digest is computed with."""
CHANNELS = {"kiosk": "kiosk", "shopper": "phone", "public": "phone"}


@dataclass(frozen=True, slots=True)
class Laid:
    """One line as it was gathered: a code that was read, or a product that was picked from the list."""

    line_id: str
    code: str | None = None
    sku: str | None = None
    symbology: str | None = None
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Whole:
    """A basket that comes in one piece."""

    basket_id: str
    lines: tuple[Laid, ...]
    coupon_codes: tuple[str, ...] = ()


def whole_basket(shop: Shop, whole: Whole, caller: Caller, *, at: datetime) -> BasketRow:
    """Return the basket that the goods make, as if they were scanned one after the other.

    Raises:
        CheckoutError: A code is malformed, unknown or no product, or goods may not be sold, with the `line_id` of
            what was gathered; there are too many.
        FlowError: `too_many_coupons`.
    """
    on = day_of(at, shop.timezone)
    lines: list[Line] = []
    for laid in whole.lines:
        try:
            lines.append(_line(shop, laid, on))
        except CheckoutError as error:
            error.line_id = laid.line_id  # type: ignore[attr-defined] # a fact more, so that a phone leaves out this one
            raise
    codes = tuple(dict.fromkeys(read_coupon_code(code) for code in whole.coupon_codes))
    if len(codes) > MOST_COUPONS:
        raise FlowError("too_many_coupons", f"A basket takes {MOST_COUPONS} coupons.", most=MOST_COUPONS)
    return whole_row(shop, caller, whole.basket_id, laid_together(lines), at=at, coupon_codes=codes)


def _line(shop: Shop, laid: Laid, on: date) -> Line:
    if laid.sku is not None:
        sku = shop.catalog.by_sku(laid.sku).sku
        line = Line(laid.line_id, sku, laid.quantity, scanned_code=shop.code_of.get(sku, ""))
    else:
        text, quantity = laid.code or "", laid.quantity
        line = shop.reader.line(text, laid.symbology, line_id=laid.line_id, quantity=quantity, on=on)
    check_sale(shop.catalog.by_sku(line.sku), line)
    return line


def whole_row(
    shop: Shop,
    caller: Caller,
    basket_id: str,
    lines: tuple[Line, ...],
    *,
    at: datetime,
    coupon_codes: tuple[str, ...] = (),
    age_check: str = "not_needed",
) -> BasketRow:
    """Return a basket as it is kept, open and in its only version, of goods that came in one piece."""
    return BasketRow(
        basket_id=basket_id,
        store_id=shop.store_id,
        kiosk_id=caller.subject,
        channel=CHANNELS.get(caller.kind, caller.kind),
        state=BasketState.OPEN,
        version=WHOLE_VERSION,
        currency=shop.currency.code,
        lines=lines,
        coupon_codes=coupon_codes,
        age_check=age_check,
        payment_id=None,
        created_at=at,
        updated_at=at,
        is_member=caller.kind == "shopper",
    )


def price_whole(
    work: Work, shop: Shop, whole: Whole, caller: Caller, *, at: datetime, phones: PhoneBook | None = None
) -> Priced:
    """Price a basket that nobody keeps yet; its digest is the one that a payment of the same goods must name.

    Args:
        work: The transaction.
        shop: As it stands at the moment.
        whole: The basket.
        caller: Who sends it.
        at: The moment.
        phones: Says as well whether somebody must look at it before it is paid; None where its price alone is asked.

    Raises:
        CheckoutError: See `whole_basket`; or a coupon can not be used at all.
        FlowError: `too_many_coupons`.
    """
    row = row_of_sender(work, shop, whole, caller, at=at)
    found = priced(work, shop, row if phones is None else draw_whole(work, shop, phones, row), at=at)
    if found.refused:
        check_coupons(work, found.row, at)
    return found


def foresee(
    work: Work, shop: Shop, whole: Whole, caller: Caller, *, at: datetime, phones: PhoneBook
) -> Foreseen | None:
    """Price a basket before the transaction that pays it, which looks again at all that may have changed.

    None for a shopper's own: what it may cost hangs on who they are, which is asked in the transaction.

    Raises:
        CheckoutError: See `price_whole`.
        FlowError: `too_many_coupons`.
    """
    if caller.kind == "shopper":
        return None
    found = price_whole(work, shop, whole, caller, at=at, phones=phones)
    kept = Written(for_payment(shop, found))
    _ = kept.text  # put into words here, as whoever writes it down holds the turn to write
    return Foreseen(found, kept)


def admit(  # noqa: PLR0913 - the facts of one act, each by name
    work: Work,
    shop: Shop,
    whole: Whole,
    approved: Approved,
    caller: Caller,
    *,
    at: datetime,
    hold_seconds: int,
    phones: PhoneBook,
    foreseen: Foreseen | None = None,
) -> PaymentRow:
    """Keep the basket and set its money and coupons aside. A second arrival finds the payment of the first.

    Args:
        work: The transaction.
        shop: As it stands at the moment.
        whole: The basket.
        approved: What its shopper has approved.
        caller: Who sends it.
        at: The moment.
        hold_seconds: How long the money would be held.
        phones: Holds the store's key, by which baskets are drawn to be looked at.
        foreseen: Of the same basket, shop, caller and moment.

    Raises:
        CheckoutError: See `whole_basket` and `hold_payment`; nothing moves.
        FlowError: `basket_exists`, and those of `hold_payment`.
    """
    if (known := work.payments.get(approved.payment_id)) is not None:
        if caller.kind == "shopper" and known.customer_id != caller.subject:
            # A phone that changes hands before the answer shows neither the payer's balance nor their pass.
            detail = "This id belongs to another payment."
            raise FlowError("payment_exists", detail, payment_id=approved.payment_id)
    else:
        if work.baskets.get(whole.basket_id) is not None:
            detail = f"There is a basket {whole.basket_id} already."
            raise FlowError("basket_exists", detail, basket_id=whole.basket_id)
        if foreseen is None:
            row = draw_whole(work, shop, phones, row_of_sender(work, shop, whole, caller, at=at))
            check_coupons(work, row, at)
        else:
            row = foreseen.found.row
        work.baskets.add(row)
    try:
        return hold_payment(work, shop, approved, caller, at=at, hold_seconds=hold_seconds, foreseen=foreseen)
    except BasketChangedError:
        # A coupon that was used since it was foreseen changes the price; why it can not be used says more than that.
        if foreseen is not None:
            check_coupons(work, foreseen.found.row, at)
        raise


def row_of_sender(work: Work, shop: Shop, whole: Whole, caller: Caller, *, at: datetime) -> BasketRow:
    """Return the basket that the goods make, as its own shopper's where one sends it.

    Raises:
        CheckoutError: See `whole_basket`.
        FlowError: `too_many_coupons`.
    """
    row = whole_basket(shop, whole, caller, at=at)
    customer = work.customers.get(caller.subject) if caller.kind == "shopper" else None
    return row if customer is None else replace(row, member_phone_hash=customer.phone_hash)


def check_coupons(work: Work, row: BasketRow, at: datetime) -> None:
    """Say why a coupon can not be used, as laying it on a basket would."""
    for code in row.coupon_codes:
        pricing_terms(work, [code], bearer_of(row), at)

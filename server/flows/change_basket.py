"""Change a basket after the scan: quantities, coupons, a quote to pay by, or leave it."""

from dataclasses import replace
from datetime import datetime

from checkout import BASKET_TABLE, MOST_COUPONS, BasketEvent
from server.flows.baskets import basket_of, keep, lock_to_change, put_away
from server.flows.coupons import pricing_terms
from server.flows.errors import FlowError
from server.flows.phone import PhoneBook
from server.flows.ports import BasketRow, Caller, Work
from server.flows.wallet_code import owner_of_code


def change_line(
    work: Work, basket_id: str, caller: Caller, line_id: str, quantity: int, *, version: int | None, at: datetime
) -> BasketRow:
    """Set a line's quantity; none removes it.

    Raises:
        LineNotFoundError: It is not there.
        QuantityOutOfRangeError: Too many, or other than one of a weighed piece.
        BasketChangedError: `version` is not the one that stands.
    """
    row = lock_to_change(work, basket_id, caller, version=version)
    basket = basket_of(row)
    if basket.line(line_id).quantity == quantity:
        return row
    basket = basket.change(line_id, quantity) if quantity else basket.remove(line_id)
    return keep(work, row, replace(row, lines=basket.lines), at=at)


def apply_coupon(work: Work, basket_id: str, caller: Caller, code: str, *, at: datetime) -> BasketRow:
    """Lay a coupon on the basket; whether it takes something off shows in the prices.

    Raises:
        CheckoutError: It can not be used at all: unknown, over, used, set aside.
        FlowError: `too_many_coupons`.
    """
    row = lock_to_change(work, basket_id, caller)
    known = pricing_terms(work, [code], at)[0].code
    if known in row.coupon_codes:
        return row
    if len(row.coupon_codes) >= MOST_COUPONS:
        raise FlowError("too_many_coupons", f"A basket takes {MOST_COUPONS} coupons.", most=MOST_COUPONS)
    return keep(work, row, replace(row, coupon_codes=(*row.coupon_codes, known)), at=at)


def drop_coupon(work: Work, basket_id: str, caller: Caller, code: str, *, at: datetime) -> BasketRow:
    """Take a coupon off the basket; one that is not there is no error."""
    row = lock_to_change(work, basket_id, caller)
    left = tuple(known for known in row.coupon_codes if known != code)
    return keep(work, row, replace(row, coupon_codes=left), at=at)


def show_wallet(
    work: Work, phones: PhoneBook, basket_id: str, caller: Caller, wallet_code: str, *, at: datetime
) -> BasketRow:
    """Price the basket for a member from now on. The code stays good for the payment, which asks the PIN as well.

    Raises:
        FlowError: `wallet_code_unknown`.
    """
    row = lock_to_change(work, basket_id, caller)
    owner_of_code(work, phones, wallet_code, at=at)
    return keep(work, row, replace(row, is_member=True), at=at)


def quote_basket(work: Work, basket_id: str, caller: Caller, *, at: datetime) -> BasketRow:
    """Show the basket to be paid; its version stays, as nothing in it has changed."""
    row = lock_to_change(work, basket_id, caller)
    quoted = replace(row, state=BASKET_TABLE.after(row.state, BasketEvent.QUOTE), updated_at=at)
    work.baskets.put(quoted)
    return quoted


def abandon_basket(work: Work, basket_id: str, caller: Caller, *, at: datetime) -> BasketRow:
    """Leave the basket for good; leaving it twice is leaving it."""
    row = work.baskets.locked(basket_id)
    if row is not None and row.state == BASKET_TABLE.after(BASKET_TABLE.start, BasketEvent.ABANDON):
        return row
    return put_away(work, lock_to_change(work, basket_id, caller), at=at)

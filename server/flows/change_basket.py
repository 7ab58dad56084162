"""Change a basket after the scan: quantities, whose it is, a quote to pay by, or leave it."""

from dataclasses import replace
from datetime import datetime

from checkout import BASKET_TABLE, BasketEvent
from server.flows.basket_coupons import for_guest, for_member
from server.flows.baskets import basket_of, keep, lock_to_change, put_away
from server.flows.phone import PhoneBook
from server.flows.ports import BasketRow, Caller, Work
from server.flows.shop import Shop
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


def show_wallet(
    work: Work, shop: Shop, phones: PhoneBook, basket_id: str, caller: Caller, wallet_code: str, *, at: datetime
) -> BasketRow:
    """Price the basket for a member from now on, with their coupons; the code stays good for the payment, with the PIN.

    Raises:
        FlowError: `wallet_code_unknown`.
    """
    row = lock_to_change(work, basket_id, caller)
    owner = owner_of_code(work, phones, wallet_code, at=at)
    return keep(work, row, for_member(work, shop, row, owner, at=at), at=at)


def leave_wallet(work: Work, basket_id: str, caller: Caller, *, at: datetime) -> BasketRow:
    """Price the basket for nobody in particular again: it was taken for somebody else's."""
    row = lock_to_change(work, basket_id, caller)
    return keep(work, row, for_guest(work, row), at=at)


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

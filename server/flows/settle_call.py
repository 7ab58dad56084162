"""What follows when a call is closed: an age check frees or removes goods, a payment at the desk pays the basket."""

from collections.abc import Callable
from datetime import datetime

from server.flows.age import settle_age_check
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.shop import Shop

PayAtDesk = Callable[[Work, str, str], None]
"""Pay a basket at the desk: (transaction, basket, tender)."""


def settle_call(
    work: Work,
    shop: Shop,
    call: Intervention,
    *,
    approved: bool,
    tender: str | None,
    by: str,
    at: datetime,
    pay: PayAtDesk,
) -> None:
    """Carry out what a yes or no means for the basket; most calls mean nothing for it.

    Raises:
        CheckoutError: The basket cannot be paid as it is; the call stays open.
    """
    if call.basket_id is None:
        return
    match call.type:
        case "age_check":
            settle_age_check(work, shop, call.basket_id, approved=approved, by=by, at=at)
        case "payment_at_desk" if approved and tender is not None:
            pay(work, call.basket_id, tender)
        case _:
            return

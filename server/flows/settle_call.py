"""What follows when a call is closed: age and random checks free a basket, a payment at the desk pays it."""

from collections.abc import Callable
from datetime import datetime

from server.flows.age import settle_age_check
from server.flows.attend import Resolution
from server.flows.close_account import PAY_OUT, pay_out
from server.flows.desk import Seen
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.random_check import settle_check
from server.flows.settle_offline import pay_debt
from server.flows.shop import Shop

PayAtDesk = Callable[[Work, str, Seen, str], None]
"""Pay a basket at the desk: (transaction, basket, what was seen, tender)."""


def settle_call(
    work: Work,
    shop: Shop,
    call: Intervention,
    resolution: Resolution,
    *,
    by: str,
    at: datetime,
    pay: PayAtDesk,
) -> None:
    """Carry out what a yes or no means for the basket; most calls mean nothing for it.

    Raises:
        CheckoutError: The basket cannot be paid as it is; the call stays open.
    """
    approved, tender, amount_minor = resolution.approved, resolution.tender, resolution.amount_minor
    if call.type == PAY_OUT and approved and amount_minor is not None:
        pay_out(work, shop, call, amount_minor, at=at)
    if call.basket_id is None:
        return
    match call.type:
        case "age_check":
            min_age = int(call.detail.get("min_age") or 0)
            settle_age_check(work, shop, call.basket_id, min_age=min_age, approved=approved, by=by, at=at)
        case "random_check":
            settle_check(work, call.basket_id, by=by, at=at)
        case "payment_at_desk" if approved and tender is not None and amount_minor is not None:
            pay(work, call.basket_id, Seen(str(call.detail.get("digest", "")), amount_minor), tender)
        case "offline_debt" if approved and amount_minor is not None:
            pay_debt(work, shop, call, amount_minor, at=at)
        case _:
            return

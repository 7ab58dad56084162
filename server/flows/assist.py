"""What an attendant does to a basket at its kiosk: quantities, lines, prices, the look at somebody's age.

Whatever changes the basket makes it another version, so that an approval given before holds no longer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from checkout import QuoteLine, Unit, ratio
from checkout.errors import QuantityOutOfRangeError
from server.flows.age import settle_age_check
from server.flows.attendance import Attendant
from server.flows.baskets import basket_of, keep, lock_to_change, priced
from server.flows.change_basket import change_line
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.attendance import PriceSet
from server.flows.ports.proofs import StaffMember
from server.flows.random_check import note_amended
from server.flows.shop import Shop

MANAGER = "staff_manager"
GRAMS_PER_KG = 1000


@dataclass(frozen=True, slots=True)
class PriceLimits:
    """What one may take off a basket alone, in minor units."""

    assist_minor: int
    manager_minor: int

    def alone(self, member: StaffMember) -> int:
        """Return what this person may."""
        return self.manager_minor if MANAGER in member.roles else self.assist_minor


@dataclass(frozen=True, slots=True)
class NewPrice:
    """A price for some pieces of a line: what one of them costs from now on, or all of a weighed line."""

    act_id: str
    line_id: str
    pieces: int
    price_minor: int
    reason: str


def amend_line(
    work: Work, basket_id: str, line_id: str, quantity: int, *, reason: str, kiosk: Caller, by: Attendant, at: datetime
) -> BasketRow:
    """Set the quantity of a line, none for taking it out, and write down who did and why.

    Raises:
        LineNotFoundError: It is not there.
        QuantityOutOfRangeError: Too many, or other than one of a weighed piece.
        FlowError: The basket may not change any more.
    """
    before = basket_of(lock_to_change(work, basket_id, kiosk)).line(line_id)
    row = note_amended(work, change_line(work, basket_id, kiosk, line_id, quantity, version=None, at=at))
    said = f"{reason}: {before.sku} {before.quantity} -> {quantity}"
    work.events.record(by.member.login, "amend_line" if quantity else "void_line", basket_id, at=at, reason=said)
    return row


def set_price(  # noqa: PLR0913 - the facts of one act, each by name
    work: Work,
    shop: Shop,
    basket_id: str,
    wish: NewPrice,
    *,
    kiosk: Caller,
    by: Attendant,
    second: StaffMember | None,
    limits: PriceLimits,
    at: datetime,
    new_id: Callable[[], str],
) -> BasketRow:
    """Let some pieces of a line cost what an attendant says, each a line of its own from then on.

    A price set by hand is treated as one that a label carries: of offers, only percentages touch it.

    Raises:
        LineNotFoundError: It is not there.
        QuantityOutOfRangeError: It has not so many pieces.
        FlowError: `price_too_high` above the shelf; `second_person_needed` where this and what was taken off the
            basket before is more than one may alone; `own_request` where the second is the first.
    """
    row = lock_to_change(work, basket_id, kiosk)
    line = basket_of(row).line(wish.line_id)
    if not 1 <= wish.pieces <= line.quantity:
        raise QuantityOutOfRangeError(wish.pieces, 1, line.quantity)
    quoted = next(one for one in priced(work, shop, row, at=at).quote.lines if one.line.line_id == wish.line_id)
    now_minor = quoted.gross.minor if line.is_single else quoted.unit_price_minor
    ceiling_minor = max(now_minor, _shelf_minor(quoted))
    if wish.price_minor > ceiling_minor:
        raise FlowError("price_too_high", "A price is set below the shelf's.", ceiling_minor=ceiling_minor)
    off_minor = (now_minor - wish.price_minor) * wish.pieces
    if not off_minor:
        return row
    _demand_second(by, second, limits, off_minor=work.attendances.taken_off(basket_id) + off_minor, adds=off_minor)
    basket = basket_of(row)
    rest = line.quantity - wish.pieces
    basket = basket.change(line.line_id, rest) if rest else basket.remove(line.line_id)
    for piece in range(wish.pieces):
        line_id = new_id() if rest or piece else line.line_id
        basket = basket.add(replace(line, line_id=line_id, quantity=1, price_minor=wish.price_minor))
    who = None if second is None else second.login
    made = PriceSet(wish.act_id, basket_id, line.sku, by.member.login, who, wish.pieces, off_minor, wish.reason, at)
    work.attendances.note_price(made)
    said = f"{wish.reason}: {wish.pieces} x {line.sku} {now_minor} -> {wish.price_minor}"
    names = by.member.login if who is None else f"{by.member.login[:31]}+{who[:31]}"
    work.events.record(names, "set_price", basket_id, at=at, reason=said)
    return keep(work, row, replace(row, lines=basket.lines), at=at)


def look_at_age(
    work: Work, shop: Shop, basket_id: str, *, approved: bool, kiosk: Caller, by: Attendant, at: datetime
) -> BasketRow:
    """Write down that somebody stood before the shopper and saw whether they are old enough for all that is in it.

    Raises:
        FlowError: `age_not_asked`: nothing in the basket asks for an age, or it was answered.
    """
    row = lock_to_change(work, basket_id, kiosk)
    needed = max((shop.catalog.by_sku(line.sku).min_age or 0 for line in row.lines), default=0)
    if not needed or row.age_check != "waiting":
        raise FlowError("age_not_asked", "Nothing in this basket waits for a look at somebody's age.")
    login = by.member.login
    settled = settle_age_check(work, shop, basket_id, min_age=needed, approved=approved, by=login, at=at)
    word = "approved" if approved else "refused"
    work.events.record(login, f"age_check.{word}", basket_id, at=at, reason="at the kiosk")
    return row if settled is None else settled


def _demand_second(
    by: Attendant, second: StaffMember | None, limits: PriceLimits, *, off_minor: int, adds: int
) -> None:
    """Make sure that who takes so much off may, alone or with a manager beside them; giving back needs nobody."""
    if second is not None and second.login == by.member.login:
        raise FlowError("own_request", "Nobody agrees to what they ask for themselves.")
    alone_minor = limits.alone(by.member)
    if adds <= 0 or off_minor <= alone_minor or (second is not None and MANAGER in second.roles):
        return
    raise FlowError(
        "second_person_needed",
        "A manager must agree to a price that takes off so much.",
        amount_minor=off_minor,
        alone_minor=alone_minor,
    )


def _shelf_minor(quoted: QuoteLine) -> int:
    """Return what a piece, or a weighed line, costs by the shelf; a label without a weight has no other price."""
    line = quoted.line
    if line.weight_g is not None:
        return ratio(quoted.unit_price_minor, line.weight_g, GRAMS_PER_KG)
    return quoted.gross.minor if quoted.product.unit is Unit.KG else quoted.unit_price_minor

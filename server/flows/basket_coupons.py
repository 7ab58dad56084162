"""Coupons of a basket: laid on it, taken off, one used instead of another, and those of its shopper by themselves."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from checkout import MOST_COUPONS, CouponState, rivals
from checkout.errors import CheckoutError
from server.flows.baskets import bearer_of, keep, lock_to_change, priced
from server.flows.coupons import pricing_terms
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.ports.people import Customer
from server.flows.shop import Shop

MOST_LOOKED_AT = 50
"""Coupons of one person that are tried for a basket: each more costs a pricing, and nobody holds as many."""


def apply_coupon(work: Work, basket_id: str, caller: Caller, code: str, *, at: datetime) -> BasketRow:
    """Lay a coupon on the basket; whether it takes something off shows in the prices.

    Raises:
        CheckoutError: It can not be used at all: unknown, over, used, set aside.
        FlowError: `too_many_coupons`.
    """
    row = lock_to_change(work, basket_id, caller)
    known = pricing_terms(work, [code], bearer_of(row), at)[0].code
    if known in row.coupon_codes:
        return row
    if len(row.coupon_codes) >= MOST_COUPONS:
        raise FlowError("too_many_coupons", f"A basket takes {MOST_COUPONS} coupons.", most=MOST_COUPONS)
    return keep(work, row, _with(row, (*row.coupon_codes, known)), at=at)


def use_instead(work: Work, shop: Shop, basket_id: str, caller: Caller, code: str, *, at: datetime) -> BasketRow:
    """Use a coupon rather than those that stand in its way, which are kept for another time.

    Raises:
        CheckoutError: It can not be used at all.
    """
    row = lock_to_change(work, basket_id, caller)
    wanted = pricing_terms(work, [code], bearer_of(row), at)[0]
    found = priced(work, shop, row, at=at)
    saved = {each.code for each in found.quote.coupons if each.saved.minor}
    used = [each for each in found.coupons if each.code in saved and each.code != wanted.code]
    gone = {each.code for each in rivals(wanted, used)}
    left = [each for each in row.coupon_codes if each not in gone and each != wanted.code]
    if len(left) >= MOST_COUPONS:  # the basket is full: first goes what takes nothing off
        gone.add(min(left, key=lambda each: each in saved))
    codes = tuple(each for each in left if each not in gone)
    out = tuple(each for each in row.coupon_codes if each in gone)
    return keep(work, row, _with(row, (*codes, wanted.code), (*row.kept_codes, *out)), at=at)


def drop_coupon(work: Work, basket_id: str, caller: Caller, code: str, *, at: datetime) -> BasketRow:
    """Take a coupon off the basket; one that is not there is no error. It is kept at hand, and not laid by itself."""
    row = lock_to_change(work, basket_id, caller)
    left = tuple(known for known in row.coupon_codes if known != code)
    out = (code,) if code in row.coupon_codes else ()
    return keep(work, row, _with(row, left, (*row.kept_codes, *out)), at=at)


def for_member(work: Work, shop: Shop, row: BasketRow, owner: Customer, *, at: datetime) -> BasketRow:
    """Return the basket as a member's: their prices, their coupons, and nothing of whoever was its shopper before."""
    if row.member_phone_hash == owner.phone_hash:
        return row
    mine = replace(for_guest(work, row), is_member=True, member_phone_hash=owner.phone_hash)
    return lay_own(work, shop, mine, at=at)


def for_guest(work: Work, row: BasketRow) -> BasketRow:
    """Return the basket as nobody's in particular, without the coupons of whoever was its shopper."""
    if row.member_phone_hash is None:
        return row
    laid = work.coupons.many(row.coupon_codes)
    held = {each.code for each in laid if each.holder_phone_hash == row.member_phone_hash}
    codes = tuple(code for code in row.coupon_codes if code not in held)
    return replace(row, is_member=False, member_phone_hash=None, coupon_codes=codes, kept_codes=())


def lay_own(work: Work, shop: Shop, row: BasketRow, *, at: datetime) -> BasketRow:
    """Return the basket with the coupons of the person whose wallet was shown, as far as it takes them.

    All that could be used are laid, so that prices take the best set of them at any moment; where they are more than a
    basket takes, those that save most by themselves now. The others are kept at hand.
    """
    own = _usable(work, row, at=at)
    room = MOST_COUPONS - len(row.coupon_codes)
    if len(own) > room:
        own = sorted(own, key=lambda code: -_alone(work, shop, row, code, at=at))
    return _with(row, (*row.coupon_codes, *own[:room]), (*row.kept_codes, *own[room:]))


def _usable(work: Work, row: BasketRow, *, at: datetime) -> Sequence[str]:
    """Return the shopper's own coupons that could be used, the soonest to end first."""
    if row.member_phone_hash is None:
        return []
    held = [
        each
        for each in work.coupons.held_by(row.member_phone_hash)
        if each.state == CouponState.ISSUED and each.code not in {*row.coupon_codes, *row.kept_codes}
    ]
    usable = []
    for each in sorted(held, key=lambda one: (one.expires_at, one.code))[:MOST_LOOKED_AT]:
        try:
            pricing_terms(work, [each.code], bearer_of(row), at)
        except CheckoutError:
            continue  # over, out of budget or not begun: it stays on their page, where the reason stands
        usable.append(each.code)
    return usable


def _alone(work: Work, shop: Shop, row: BasketRow, code: str, *, at: datetime) -> int:
    quote = priced(work, shop, replace(row, coupon_codes=(code,)), at=at).quote
    return sum(each.saved.minor for each in quote.coupons)


def _with(row: BasketRow, codes: tuple[str, ...], kept: tuple[str, ...] | None = None) -> BasketRow:
    """Return the basket with these coupons laid; what is laid is not kept, and nothing is kept twice."""
    out = tuple(code for code in dict.fromkeys(row.kept_codes if kept is None else kept) if code not in codes)
    return replace(row, coupon_codes=codes, kept_codes=out)

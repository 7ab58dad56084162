"""Which coupons stand on one receipt together: the sets that are worth trying, and why one was left out."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from checkout.coupon_terms import Effect, Stacking
from checkout.coupons import Coupon
from checkout.errors import CouponsPerBasketError, NotCombinableError, RefusedError

MOST_COUPONS = 10
"""Coupons that a basket takes: more pieces of paper than anybody holds.

Of the sets of ten no more than 252 lie side by side, none inside another (Sperner), so all can be tried.
"""

_NEVER = datetime.max.replace(tzinfo=UTC)


def turn_of(coupon: Coupon) -> tuple[int, datetime, bool, str]:
    """Return what coupons are sorted by: declared priority, soonest to end, percentages first, code."""
    terms = coupon.terms
    return -terms.priority, terms.window.ends_at or _NEVER, terms.effect is Effect.AMOUNT, coupon.code


def sets_to_try(coupons: Sequence[Coupon]) -> list[list[Coupon]]:
    """Return the fullest sets of coupons that may stand together, each in the order they come off.

    More coupons never cost more, so smaller sets need no trial. Of coupons that are alike in campaign and terms, those
    that come first are taken. The order given decides nothing. The first set is the one of the coupons that come first,
    beside which none stands alone; without coupons it is empty.
    """
    if len(coupons) == 1 and coupons[0].terms.stacking is not Stacking.ALONE:
        return [list(coupons)]
    laid = sorted(coupons, key=turn_of)[:MOST_COUPONS]
    others = [coupon for coupon in laid if coupon.terms.stacking is not Stacking.ALONE]
    alone = [[coupon] for coupon in laid if coupon.terms.stacking is Stacking.ALONE]
    found: dict[tuple[object, ...], list[Coupon]] = {}
    for chosen in _fullest(others, []):
        if not any(one not in chosen and _fits(one, chosen) for one in others):
            found.setdefault(tuple((one.campaign, one.terms) for one in chosen), chosen)
    return [*found.values(), *alone]


def why_left_out(coupon: Coupon, used: Sequence[Coupon]) -> RefusedError:
    """Return why a coupon that fits the basket is not among those that took something off; there is at least one."""
    terms = coupon.terms
    of_campaign = sum([one.campaign == coupon.campaign for one in used])
    if terms.max_per_basket is not None and of_campaign >= terms.max_per_basket:
        return CouponsPerBasketError(coupon.code, "campaign", terms.max_per_basket)
    rival = next((one for one in used if terms.joint is not None and one.terms.joint == terms.joint), None)
    if rival is None and len(used) >= MOST_COUPONS:
        return CouponsPerBasketError(coupon.code, "basket", MOST_COUPONS)
    return NotCombinableError(coupon.code, (rival or used[0]).code)


def rivals(coupon: Coupon, used: Sequence[Coupon]) -> list[Coupon]:
    """Return those of the coupons in use that must give way for another one to stand: as few as can be.

    Of a campaign's own those that come off last give way.
    """
    if coupon.terms.stacking is Stacking.ALONE:
        return list(used)
    joint, most = coupon.terms.joint, coupon.terms.max_per_basket
    gone = [
        one for one in used if one.terms.stacking is Stacking.ALONE or (joint is not None and one.terms.joint == joint)
    ]
    of_campaign = [one for one in sorted(used, key=turn_of) if one.campaign == coupon.campaign and one not in gone]
    return gone if most is None else [*gone, *of_campaign[most - 1 :]]


def _fullest(rest: Sequence[Coupon], chosen: list[Coupon]) -> Iterator[list[Coupon]]:
    """Yield every set that is full, and some that are not."""
    if not rest:
        yield chosen
        return
    first, after = rest[0], rest[1:]
    fits = _fits(first, chosen)
    if fits:
        yield from _fullest(after, [*chosen, first])
    if not fits or any(_vie(first, one) for one in after):
        yield from _fullest(after, chosen)


def _fits(coupon: Coupon, chosen: Sequence[Coupon]) -> bool:
    terms = coupon.terms
    if terms.joint is not None and any(one.terms.joint == terms.joint for one in chosen):
        return False
    of_campaign = sum([one.campaign == coupon.campaign for one in chosen])
    return terms.max_per_basket is None or of_campaign < terms.max_per_basket


def _vie(one: Coupon, other: Coupon) -> bool:
    """Whether one may take the place of the other."""
    joint = one.terms.joint is not None and one.terms.joint == other.terms.joint
    return joint or (one.campaign == other.campaign and one.terms.max_per_basket is not None)

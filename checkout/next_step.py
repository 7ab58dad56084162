"""The nearest offer that is not reached, and what is missing to it."""

from collections.abc import Callable, Sequence

from checkout.allocation import bits
from checkout.coupons import Coupon
from checkout.promotions import NO_CONDITION, Basis, BasketCut, Goods, Promotion
from checkout.quote import NextStep
from checkout.reach import Reach
from checkout.till import Outcome

NEAR_PERCENT = 25
"""A next step is shown when at most this much of a threshold is missing: further away it is no help but a push."""


def nearest_step(
    goods: Sequence[Goods],
    reach: Reach,
    is_open: Callable[[Promotion], bool],
    coupons: Sequence[Coupon],
    outcome: Outcome,
) -> NextStep | None:
    """Name the threshold that is nearest: of what is not reached, the one with the least missing."""
    shelf = [one.gross_minor for one in goods]
    before_coupons = list(shelf)
    for line, rule, minor in outcome.savings:
        if rule in outcome.rules:
            before_coupons[line] -= minor
    steps = []
    _, counted = reach.masks(goods)
    for place, offer in enumerate(reach.offers):
        if not isinstance(offer.benefit, BasketCut) or offer.when == NO_CONDITION or offer.id in outcome.rules:
            continue
        if is_open(offer):
            values = shelf if offer.when.basis is Basis.SHELF else before_coupons
            short = offer.when.min_minor - sum([values[i] for i in bits(counted.get(place, 0))])
            steps.append((short, offer.when.min_minor, offer.id, offer.label))
    for coupon in coupons:
        terms = coupon.terms
        if terms.min_basket_minor:
            fitting = [before_coupons[i] for i, one in enumerate(goods) if terms.fits(one.sku, one.category)]
            steps.append((terms.min_basket_minor - sum(fitting), terms.min_basket_minor, coupon.code, coupon.label))
    near = [step for step in steps if 0 < step[0] * 100 <= step[1] * NEAR_PERCENT]
    if not near:
        return None
    short, _, rule_id, label = min(near)
    return NextStep(rule_id, label, short)

"""The nearest offer that is not reached, and what is missing to it: an amount, or one piece (BP10)."""

from collections.abc import Callable, Sequence

from checkout.allocation import bits
from checkout.coupons import Coupon
from checkout.one_more import one_more
from checkout.promotions import Basis, Goods, Promotion
from checkout.quote import NextStep
from checkout.reach import Reach
from checkout.till import Outcome

NEAR_PERCENT = 25
"""A next step is shown when at most this much of a threshold is missing: further away it is no help but a push."""

_UNKNOWN_MINOR = 2**62
"""What a piece is taken to cost whose like is not in the basket: such an offer comes last."""


def nearest_step(
    goods: Sequence[Goods],
    reach: Reach,
    is_open: Callable[[Promotion], bool],
    coupons: Sequence[Coupon],
    outcome: Outcome,
) -> NextStep | None:
    """Name what is nearest: of the offers that are not reached, the one that costs the least to reach.

    A piece that is missing costs what its cheapest like in the basket costs. Where nothing more may be taken off the
    receipt there is no next step.
    """
    if outcome.is_capped:
        return None
    shelf = [one.gross_minor for one in goods]
    before_coupons = list(shelf)
    for line, rule, minor in outcome.savings:
        if rule in outcome.rules:
            before_coupons[line] -= minor
    steps = []
    touched, counted = reach.masks(goods)
    for place, offer in reach.thresholds:
        if offer.id not in outcome.rules and is_open(offer):
            values = shelf if offer.when.basis is Basis.SHELF else before_coupons
            short = offer.when.min_minor - sum([values[i] for i in bits(counted.get(place, 0))])
            steps.append((short, offer.when.min_minor, offer.id, offer.label))
    for coupon in coupons:
        terms = coupon.terms
        if terms.min_basket_minor:
            fitting = [before_coupons[i] for i, one in enumerate(goods) if terms.fits(one.sku, one.category)]
            steps.append((terms.min_basket_minor - sum(fitting), terms.min_basket_minor, coupon.code, coupon.label))
    near = [step for step in steps if 0 < step[0] * 100 <= step[1] * NEAR_PERCENT]
    found = [(short, NextStep(rule_id, label, short)) for short, _, rule_id, label in near]
    found += [
        (_UNKNOWN_MINOR if one.cost_minor is None else one.cost_minor, NextStep(one.offer.id, one.offer.label, 0, 1))
        for one in one_more(goods, reach.offers, touched, is_open, outcome)
    ]
    return min(found, key=lambda one: (one[0], one[1].rule_id))[1] if found else None

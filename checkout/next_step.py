"""The nearest offer that is not reached, and what is missing to it: an amount, or one piece (BP10)."""

from collections.abc import Container, Sequence

from checkout.bits import bits
from checkout.coupons import Coupon
from checkout.one_more import Companions
from checkout.promotions import Basis
from checkout.quote import NextStep
from checkout.reach import Met
from checkout.till import Outcome

NEAR_PERCENT = 25
"""A next step is shown when at most this much of a threshold is missing: further away it is no help but a push."""

_UNKNOWN_MINOR = 2**62
"""What a piece is taken to cost whose like is not in the basket: such an offer comes last."""


def nearest_step(
    met: Met, companions: Companions, opened: Container[int], coupons: Sequence[Coupon], outcome: Outcome
) -> NextStep | None:
    """Name what is nearest: of the offers that are not reached, the one that costs the least to reach.

    A piece that is missing costs what its cheapest like in the basket costs. Where nothing more may be taken off the
    receipt there is no next step.
    """
    if outcome.is_capped:
        return None
    reach = companions.reach
    before_coupons = _before_coupons(met, outcome)
    steps = []
    for place in reach.thresholds:
        offer = reach.offers[place]
        if offer.id not in outcome.rules and place in opened:
            values = met.shelf if offer.when.basis is Basis.SHELF else before_coupons
            short = offer.when.min_minor - sum([values[i] for i in bits(met.counted.get(place, 0))])
            steps.append((short, offer.when.min_minor, offer.id, offer.label))
    for coupon in coupons:
        if least := coupon.terms.min_basket_minor:
            fitting = bits(met.lines_of(coupon.terms.skus, coupon.terms.categories))
            steps.append((least - sum([before_coupons[i] for i in fitting]), least, coupon.code, coupon.label))
    near = [step for step in steps if 0 < step[0] * 100 <= step[1] * NEAR_PERCENT]
    found = [(short, rule_id, label, short) for short, _, rule_id, label in near]
    found += [
        (_UNKNOWN_MINOR if one.cost_minor is None else one.cost_minor, one.offer.id, one.offer.label, 0)
        for one in companions.one_more(met, opened, outcome)
    ]
    if not found:
        return None
    _, rule_id, label, short = min(found, key=lambda one: one[:2])
    return NextStep(rule_id, label, short, 0 if short else 1)


def _before_coupons(met: Met, outcome: Outcome) -> list[int]:
    """Return what the offers leave on each line."""
    left = list(met.shelf)
    for line, _, minor in outcome.units:
        left[line] -= minor
    for rule, lines, shares in outcome.takings:
        if rule in outcome.rules:
            for line, minor in zip(lines, shares, strict=True):
                left[line] -= minor
    return left

"""What all offers together can save at most, rounding included, without trying any choice of them.

Percentages multiply what is left on each line, whatever their order; amounts take at most their value. So with what the
units save at most on each group of lines, what is due has a floor, and no combination reaches below it.
"""

from collections.abc import Sequence

from checkout.allocation import bits
from checkout.coupons import Coupon, Effect
from checkout.promotions import FULL_BP, Cut
from checkout.till import Counter, Cutting


def most_taken(counter: Counter, unit_savings: Sequence[tuple[int, int]], cuttings: Sequence[Cutting]) -> int:
    """Return minor units that no combination outdoes.

    Args:
        counter: The basket and its coupons.
        unit_savings: Groups of lines, as bits, that share no line, and what their units save at most.
        cuttings: The basket cuts that could ever apply, in their turn.
    """
    cuts = [(one.lines, one.cut.cut, one.cut.value, one.cut.max_off_minor) for one in cuttings]
    trials = [cuts + [_taking(counter, coupon) for coupon in trial] for trial in counter.trials]
    return min(sum(counter.shelf), max(_trial_bound(counter, unit_savings, trial) for trial in trials))


_Taking = tuple[int, Cut, int, int | None]


def _taking(counter: Counter, coupon: Coupon) -> _Taking:
    terms = coupon.terms
    cut = Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT
    return counter.coupon_lines(coupon), cut, terms.value, terms.max_off_minor


def _trial_bound(counter: Counter, unit_savings: Sequence[tuple[int, int]], taking: Sequence[_Taking]) -> int:
    amounts = 0
    shares: list[tuple[int, int]] = []
    for lines, cut, value, most in taking:
        worth = sum([counter.shelf[i] for i in bits(lines)])
        off = cut.off(worth, value)
        if cut is Cut.PERCENT and (most is None or off <= most):
            shares.append((lines, value))
        else:
            amounts += off if most is None else min(off, most)
    # What is left of a line after all percentages, in parts of FULL_BP to the power of their number.
    left = [1] * len(counter.shelf)
    uneven = 0
    for lines, value in reversed(shares):
        inside = bits(lines)
        # The cents of a percentage fall on whole lines; where later percentages differ, that moves a few of them.
        spread = [left[i] for i in inside] or [0]
        uneven = (uneven + (len(inside) // 2 + 1) * (max(spread) - min(spread))) * FULL_BP
        left = [one * (FULL_BP - value if lines >> i & 1 else FULL_BP) for i, one in enumerate(left)]
    whole: int = FULL_BP ** len(shares)
    saved = sum([(whole - one) * minor for one, minor in zip(left, counter.shelf, strict=True)]) + uneven
    saved += sum(max(left[i] for i in bits(lines)) * minor for lines, minor in unit_savings if minor)
    return -(-saved // whole) + amounts + (len(shares) + 1) // 2

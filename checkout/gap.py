"""What all offers together can save at most: linear ceilings over what the units save on each line.

Cuts and coupons are gone through backwards. What is due in the end is never below a weighted sum of what is left on the
lines before a step, less a constant; each step turns the weights and the constant into those of the step before it. A
percentage multiplies the weights of its lines. An amount adds itself to the constant; where later percentages make some
of its lines count less, those lines count for more again by the share of the amount that they are bound to bear. Cents
that a split rounds may fall on any line: the constant bears them.

Lines that the same steps touch have the same weight, so a step looks at a few classes of lines and not at each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from checkout.allocation import bits
from checkout.coupons import Coupon, Effect, Stacking
from checkout.money import OddCents, Rounding
from checkout.promotions import FULL_BP, Basis, Cut
from checkout.till import Counter, Cutting

ONE = 10**9
"""The weight of a minor unit that no step makes smaller."""


@dataclass(frozen=True, slots=True)
class Step:
    """A cut or coupon on its way to the lines.

    Attributes:
        lines: What it takes from, as bits.
        most: The most that it takes off.
        is_partial: It leaves out lines that were made cheaper before.
        counted: Lines, as bits, that must still cost ``min_minor`` for it to apply; after ``waits_for`` steps.
    """

    lines: int
    cut: Cut
    value: int
    most: int | None
    is_partial: bool
    counted: int
    min_minor: int
    waits_for: int


@dataclass(frozen=True, slots=True)
class View:
    """A ceiling: no choice saves more than ``constant`` plus the weighted savings of its units, in parts of ``ONE``.

    Attributes:
        weights: What a minor unit saved on each line is worth.
    """

    constant: int
    weights: tuple[int, ...]

    def weight(self, at: Sequence[int]) -> int | None:
        """Return the weight that the lines at these places share, or None when they differ."""
        weight = self.weights[at[0]]
        if len(at) > 1 and any(self.weights[i] != weight for i in at):
            return None
        return weight


def steps_of(counter: Counter, cuttings: Sequence[Cutting], coupons: Sequence[Coupon]) -> list[Step]:
    """Return cuts and coupons as steps, in the order they come off."""
    steps = []
    for place, one in enumerate(cuttings):
        cut, when = one.cut, one.promotion.when
        most = cut.max_off_minor
        if cut.cut is Cut.AMOUNT:
            most = cut.value if most is None else min(most, cut.value)
        least = when.min_minor if when.basis is Basis.REMAINING else 0
        steps.append(Step(one.lines, cut.cut, cut.value, most, cut.full_price_only, one.counted, least, place))
    for coupon in coupons:
        terms = coupon.terms
        cut_by = Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT
        most = terms.max_off_minor
        if cut_by is Cut.AMOUNT:
            most = terms.value if most is None else min(most, terms.value)
        lines = counter.coupon_lines(coupon)
        is_partial = terms.stacking is Stacking.FULL_PRICE
        steps.append(Step(lines, cut_by, terms.value, most, is_partial, lines, terms.min_basket_minor, len(cuttings)))
    return steps


def views_of(
    counter: Counter, steps: Sequence[Step], savings: Sequence[tuple[int, int]], high: Sequence[int], *, are_sure: bool
) -> list[View]:
    """Return ceilings, of which the highest bounds every choice.

    Args:
        counter: The basket.
        steps: What comes off after the units.
        savings: Groups of lines, as bits, that share no line, and what their units save at most.
        high: What units leave on each line at most.
        are_sure: Whether every step is taken; else any of them may be left out.
    """
    steps = [step for step in steps if step.lines and sum([high[i] for i in bits(step.counted)]) >= step.min_minor]
    at_stake = next((place for place, step in enumerate(steps) if _may_miss(counter, steps, step, savings)), None)
    full = _Ceiling(counter, steps, high, are_sure=are_sure and at_stake is None).view()
    if at_stake is None:
        return [full]
    # Either the threshold is reached, and then the lines that it counts lose little, or the step does nothing.
    step = steps[at_stake]
    reached = _reaching(counter, full, step)
    without = [replace(other, waits_for=other.waits_for - (at_stake < other.waits_for)) for other in steps]
    del without[at_stake]
    rest = views_of(counter, without, savings, high, are_sure=are_sure)
    return [min((full, reached), key=lambda view: _worth(view, savings)), *rest]


def _worth(view: View, savings: Sequence[tuple[int, int]]) -> int:
    return view.constant + sum([max([view.weights[i] for i in bits(lines)]) * minor for lines, minor in savings])


def _reaching(counter: Counter, view: View, step: Step) -> View:
    """Weigh what the counted lines lose by the threshold instead: together they may lose no more than is to spare."""
    counted = bits(step.counted)
    price = min([view.weights[i] for i in counted])
    weights = list(view.weights)
    for i in counted:
        weights[i] -= price
    spare = sum([counter.shelf[i] for i in counted]) - step.min_minor
    return View(view.constant + price * spare, tuple(weights))


def _may_miss(counter: Counter, steps: Sequence[Step], step: Step, savings: Sequence[tuple[int, int]]) -> bool:
    if not step.min_minor:
        return False
    left = sum([counter.shelf[i] for i in bits(step.counted)])
    left -= sum([minor for lines, minor in savings if lines & step.counted])
    for earlier in steps[: step.waits_for]:
        worth = sum([counter.shelf[i] for i in bits(earlier.lines)])
        off = earlier.cut.off(worth, earlier.value)
        left -= off if earlier.most is None else min(off, earlier.most)
    return left < step.min_minor


class _Ceiling:
    """One pass over the steps."""

    def __init__(self, counter: Counter, steps: Sequence[Step], high: Sequence[int], *, are_sure: bool) -> None:
        self._counter = counter
        self._steps = steps
        parts = [counter.every] if counter.every else []
        for step in steps:
            parts = [half for part in parts for half in (part & step.lines, part & ~step.lines) if half]
        self._parts = parts
        self._sizes = [len(bits(part)) for part in parts]
        self._floored = [any(counter.floors[i] for i in bits(part)) for part in parts]
        self._inside = [[c for c, part in enumerate(parts) if part & step.lines] for step in steps]
        self._weights = [ONE] * len(parts)
        self._due = 0
        self._high = self._highs([sum([high[i] for i in bits(part)]) for part in parts], are_sure=are_sure)

    def view(self) -> View:
        """Go through the steps from the last to the first."""
        for place in reversed(range(len(self._steps))):
            self._step(self._steps[place], self._inside[place], self._high[place])
        weights = [ONE] * len(self._counter.shelf)
        for part, weight in zip(self._parts, self._weights, strict=True):
            for i in bits(part):
                weights[i] = weight
        saved = sum([(ONE - weight) * minor for weight, minor in zip(weights, self._counter.shelf, strict=True)])
        return View(saved + self._due, tuple(weights))

    def _highs(self, high: list[int], *, are_sure: bool) -> list[list[int]]:
        """Return what is left of each class before each step at most."""
        found = []
        for step, inside in zip(self._steps, self._inside, strict=True):
            found.append(list(high))
            is_whole = step.most is None and not step.is_partial and not any(self._floored[c] for c in inside)
            if are_sure and is_whole and step.cut is Cut.PERCENT:
                for c in inside:
                    high[c] -= high[c] * step.value // FULL_BP - self._sizes[c] - 1
        return found

    def _step(self, step: Step, inside: Sequence[int], high: Sequence[int]) -> None:
        worth = sum([high[c] for c in inside])
        most = step.most
        heavy = max([self._weights[c] for c in inside])
        is_even = all(self._weights[c] == heavy for c in inside)
        is_floored = any(self._floored[c] for c in inside)
        off = step.cut.off(worth, step.value, Rounding.UP)
        if step.cut is not Cut.AMOUNT and (most is None or off <= most):
            if is_floored and not is_even:
                self._due += heavy * off  # a line at its floor lets the others bear more: anything may fall anywhere
            else:
                self._multiply(inside, FULL_BP - step.value if step.cut is Cut.PERCENT else worth - off, step, worth)
            return
        amount = off if most is None else min(off, most)
        self._due += heavy * amount
        is_shared = step.cut is not Cut.SET_PRICE and not step.is_partial
        if worth and is_shared and not is_even and self._counter.odd_cents is not OddCents.LAST:
            for c in inside:
                back = (heavy - self._weights[c]) * min(amount, worth) // worth
                cents = (heavy - self._weights[c]) * self._sizes[c]
                if back * high[c] > cents and not self._floored[c]:
                    self._weights[c] += back
                    self._due += cents

    def _multiply(self, inside: Sequence[int], left: int, step: Step, worth: int) -> None:
        whole = FULL_BP if step.cut is Cut.PERCENT else max(1, worth)
        middle = self._weights[max(inside, key=lambda c: self._sizes[c])]
        apart = [abs(self._weights[c] - middle) for c in inside]
        if self._counter.odd_cents is OddCents.LAST:
            self._due += 2 * max(apart) * sum([self._sizes[c] for c in inside])
        else:
            self._due += sum([d * self._sizes[c] for d, c in zip(apart, inside, strict=True)])
        # A rounding moves the whole by a unit at most, by half a one where it rounds to the nearest.
        once = 2 if self._counter.rounding is Rounding.UP else 1
        self._due += once * (middle + max(apart) + 1) // 2 if step.cut is Cut.PERCENT else 0
        for c in inside:
            self._weights[c] = self._weights[c] * left // whole

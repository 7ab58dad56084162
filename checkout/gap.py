"""What all offers together can save at most: linear ceilings over what the units save on each line.

Cuts and coupons are gone through backwards. What is due in the end is never below a weighted sum of what is left on the
lines before a step, less a constant; each step turns the weights and the constant into those of the step before it. A
percentage multiplies the weights of its lines. An amount adds itself to the constant; where later percentages make some
of its lines count less, those lines count for more again by the share of the amount that they are bound to bear. Cents
that a split rounds may fall on any line: the constant bears them.

Lines that the same steps touch have the same weight, so everything is reckoned by a few classes of lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from checkout.bits import bits
from checkout.coupon_terms import Stacking
from checkout.coupons import Coupon
from checkout.money import OddCents, Rounding
from checkout.promotions import FULL_BP, Basis, Cut
from checkout.till import Counter, Cutting, by_coupon, by_cut

ONE = 10**9
"""The weight of a minor unit that no step makes smaller."""


class Step(NamedTuple):
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

    def off_at_most(self, classes: "Classes") -> int:
        """Return what it would take off if nothing had come off before."""
        worth = sum([classes.shelf[c] for c in classes.inside(self.lines)])
        off = self.cut.off(worth, self.value, Rounding.UP)
        return off if self.most is None else min(off, self.most)


class Classes:
    """The lines of a basket, parted so that each step takes or counts a class as a whole or not at all.

    Attributes:
        of: By line, the number of its class.
        sizes: By class, how many lines.
        shelf: By class, what its lines cost before any offer.
        has_floor: By class, whether some line has a price below which it never falls.
    """

    def __init__(self, counter: Counter, masks: Iterable[int]) -> None:
        parts = [counter.every] if counter.every else []
        for mask in dict.fromkeys(masks):
            parts = [half for part in parts for half in (part & mask, part & ~mask) if half]
        self.parts = parts
        self.of = [0] * len(counter.shelf)
        for number, part in enumerate(parts):
            for line in bits(part):
                self.of[line] = number
        self.sizes = [part.bit_count() for part in parts]
        self.shelf = self.sums(counter.shelf)
        self.has_floor = [counter.has_floors and any(counter.floors[i] for i in bits(part)) for part in parts]
        self._inside: dict[int, list[int]] = {}

    def inside(self, lines: int) -> list[int]:
        """Return the classes that are made of such lines."""
        if (known := self._inside.get(lines)) is None:
            known = self._inside[lines] = [c for c, part in enumerate(self.parts) if part & lines]
        return known

    def holding(self, lines: int) -> int | None:
        """Return the class that holds all of these lines; None where they lie in several."""
        number = self.of[lines.bit_length() - 1]
        return number if lines & ~self.parts[number] == 0 else None

    def sums(self, minors: Sequence[int]) -> list[int]:
        """Add amounts by line up by class."""
        found = [0] * len(self.parts)
        for number, minor in zip(self.of, minors, strict=True):
            found[number] += minor
        return found


def classes_of(counter: Counter, cuttings: Iterable[Cutting]) -> Classes:
    """Part the lines by all cuts and coupons that there are."""
    late = [one for one in cuttings if one.promotion.when.basis is Basis.REMAINING]
    masks = [*[one.lines for one in cuttings], *[one.counted for one in late]]
    return Classes(counter, [*masks, *[counter.coupon_lines(coupon) for coupon in counter.coupons]])


class Tally:
    """What the units of groups of lines that share no line save at most, added up by class.

    Args:
        classes: The lines.
        groups: Lines, as bits, and what their units save at most.

    Attributes:
        within: By class, what groups save that lie within it.
        across: The groups that lie in several classes.
    """

    def __init__(self, classes: Classes, groups: Iterable[tuple[int, int]]) -> None:
        self.within = [0] * len(classes.parts)
        self.across: list[tuple[int, int]] = []
        for lines, minor in groups:
            if (number := classes.holding(lines)) is None:
                self.across.append((lines, minor))
            else:
                self.within[number] += minor


@dataclass(frozen=True, slots=True)
class View:
    """A ceiling: no choice saves more than ``constant`` plus the weighted savings of its units, in parts of ``ONE``.

    Attributes:
        by_class: What a minor unit saved on each line of a class is worth.
    """

    constant: int
    by_class: tuple[int, ...]
    classes: Classes

    def weights(self, at: Iterable[int]) -> tuple[int, ...]:
        """Return what a minor unit saved on each of some lines is worth."""
        of, by_class = self.classes.of, self.by_class
        return tuple([by_class[of[line]] for line in at])

    def weight(self, at: Sequence[int]) -> int | None:
        """Return the weight that the lines at these places share, or None when they differ."""
        of, by_class = self.classes.of, self.by_class
        weight = by_class[of[at[0]]]
        if len(at) > 1 and any(by_class[of[line]] != weight for line in at):
            return None
        return weight

    def within(self, tally: Tally) -> int:
        """Return the constant and what groups within one class are worth at most."""
        return self.constant + sum([w * minor for w, minor in zip(self.by_class, tally.within, strict=True)])


def steps_of(counter: Counter, cuttings: Sequence[Cutting], coupons: Sequence[Coupon]) -> list[Step]:
    """Return cuts and coupons as steps, in the order they come off."""
    steps = []
    for place, one in enumerate(cuttings):
        cut, when = one.cut, one.promotion.when
        least = when.min_minor if when.basis is Basis.REMAINING else 0
        steps.append(Step(one.lines, *by_cut(cut), cut.full_price_only, one.counted, least, place))
    for coupon in coupons:
        terms = coupon.terms
        lines = counter.coupon_lines(coupon)
        is_partial = terms.stacking is Stacking.FULL_PRICE
        steps.append(Step(lines, *by_coupon(terms), is_partial, lines, terms.min_basket_minor, len(cuttings)))
    return steps


def views_of(
    counter: Counter,
    classes: Classes,
    steps: Sequence[Step],
    tally: Tally,
    high: Sequence[int],
    *,
    are_sure: bool,
) -> list[View]:
    """Return ceilings, of which the highest bounds every choice.

    Args:
        counter: The basket.
        classes: Its lines.
        steps: What comes off after the units.
        tally: What units save at most.
        high: What units leave of each class at most.
        are_sure: Whether every step is taken; else any of them may be left out.
    """
    steps = [
        step
        for step in steps
        if step.lines and (not step.min_minor or sum([high[c] for c in classes.inside(step.counted)]) >= step.min_minor)
    ]
    at_stake = next((place for place, step in enumerate(steps) if _may_miss(classes, steps, step, tally)), None)
    full = _Ceiling(counter, classes, steps, high, are_sure=are_sure and at_stake is None).view()
    if at_stake is None:
        return [full]
    # Either the threshold is reached, and then the lines that it counts lose little, or the step does nothing.
    step = steps[at_stake]
    reached = _reaching(full, step)
    without = [other._replace(waits_for=other.waits_for - (at_stake < other.waits_for)) for other in steps]
    del without[at_stake]
    rest = views_of(counter, classes, without, tally, high, are_sure=are_sure)
    return [min((full, reached), key=lambda view: _worth(view, tally)), *rest]


def _worth(view: View, tally: Tally) -> int:
    return view.within(tally) + sum([max(view.weights(bits(lines))) * minor for lines, minor in tally.across])


def _reaching(view: View, step: Step) -> View:
    """Weigh what the counted lines lose by the threshold instead: together they may lose no more than is to spare."""
    counted = view.classes.inside(step.counted)
    price = min([view.by_class[c] for c in counted])
    weights = list(view.by_class)
    for c in counted:
        weights[c] -= price
    spare = sum([view.classes.shelf[c] for c in counted]) - step.min_minor
    return View(view.constant + price * spare, tuple(weights), view.classes)


def _may_miss(classes: Classes, steps: Sequence[Step], step: Step, tally: Tally) -> bool:
    if not step.min_minor:
        return False
    shelf = classes.shelf
    left = sum([shelf[c] - tally.within[c] for c in classes.inside(step.counted)])
    left -= sum([minor for lines, minor in tally.across if lines & step.counted])
    left -= sum([earlier.off_at_most(classes) for earlier in steps[: step.waits_for]])
    return left < step.min_minor


class _Ceiling:
    """One pass over the steps."""

    def __init__(
        self, counter: Counter, classes: Classes, steps: Sequence[Step], high: Sequence[int], *, are_sure: bool
    ) -> None:
        self._counter = counter
        self._classes = classes
        self._steps = steps
        self._sizes = classes.sizes
        self._floored = classes.has_floor
        self._inside = [classes.inside(step.lines) for step in steps]
        self._weights = [ONE] * len(classes.parts)
        self._due = 0
        self._high = self._highs(list(high), are_sure=are_sure)

    def view(self) -> View:
        """Go through the steps from the last to the first."""
        for place in reversed(range(len(self._steps))):
            self._step(self._steps[place], self._inside[place], self._high[place])
        weights = tuple(self._weights)
        saved = sum([(ONE - weight) * minor for weight, minor in zip(weights, self._classes.shelf, strict=True)])
        return View(saved + self._due, weights, self._classes)

    def _highs(self, high: list[int], *, are_sure: bool) -> list[list[int]]:
        """Return what is left of each class before each step at most."""
        found = []
        for step, inside in zip(self._steps, self._inside, strict=True):
            found.append(list(high))
            is_whole = are_sure and step.cut is Cut.PERCENT and step.most is None and not step.is_partial
            if is_whole and not any(self._floored[c] for c in inside):
                for c in inside:
                    high[c] -= high[c] * step.value // FULL_BP - self._sizes[c] - 1
        return found

    def _step(self, step: Step, inside: Sequence[int], high: Sequence[int]) -> None:
        worth = sum([high[c] for c in inside])
        most = step.most
        weights = [self._weights[c] for c in inside]
        heavy = max(weights)
        is_even = min(weights) == heavy
        is_floored = self._counter.has_floors and any(self._floored[c] for c in inside)
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

"""The order in which a chosen set of offers comes off: unit savings, basket cuts, coupons; and how much at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from checkout.allocation import Saving
from checkout.bits import bits
from checkout.coupon_terms import CouponTerms, Effect, Stacking
from checkout.coupons import Coupon
from checkout.errors import CouponNotApplicableError, RefusedError
from checkout.money import OddCents, Rounding, split_minor
from checkout.policy import PricingPolicy
from checkout.promotions import Basis, BasketCut, Cut, Promotion
from checkout.reach import Met
from checkout.stacking import sets_to_try, turn_of, why_left_out


@dataclass(frozen=True, slots=True)
class CouponResult:
    """What became of a coupon: minor units saved, or why not."""

    code: str
    minor: int
    refusal: RefusedError | None = None


class Taking(NamedTuple):
    """What a cut or coupon takes off some lines: minor units of each, or nothing."""

    rule: str
    lines: Sequence[int]
    shares: Sequence[int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is taken off, in the order it is taken off.

    Attributes:
        units: What comes off units, by line and rule.
        takings: What comes off afterwards; a coupon's rule is its code.
        remaining: Minor units still due, by line.
        rules: The promotions that saved something.
        gap_minor: What another choice of offers could save on top at most; 0 when this one is proven the best.
        is_capped: Whether the most that a receipt may take off has been reached.
    """

    units: tuple[Saving, ...]
    takings: tuple[Taking, ...]
    remaining: tuple[int, ...]
    coupons: tuple[CouponResult, ...]
    rules: frozenset[str]
    minor: int
    gap_minor: int = 0
    is_capped: bool = False

    @property
    def savings(self) -> tuple[Saving, ...]:
        """Everything by line and rule, in the order it is taken off."""
        return (*self.units, *_savings_of(self.takings))

    @property
    def is_exact(self) -> bool:
        """Whether no permitted choice would have been better."""
        return self.gap_minor == 0


def capped(outcome: Outcome, most_minor: int, spared: frozenset[str] = frozenset()) -> Outcome:
    """Bound what offers and coupons take off one receipt together.

    What is too much comes off the last savings first, so coupons before offers: a coupon of which nothing is left is
    not used up. The best choice of offers stays the best, since no other can take off more than the bound.

    Args:
        outcome: What was chosen without a bound.
        most_minor: The bound.
        spared: Rules that do not count: marked-down shelf prices.
    """
    savings = outcome.savings
    over = sum([saving.minor for saving in savings if saving.promotion not in spared]) - most_minor
    if over < 0:
        return outcome
    remaining, kept = list(outcome.remaining), []
    for saving in reversed(savings):
        cut = 0 if saving.promotion in spared else min(over, saving.minor)
        over -= cut
        remaining[saving.line] += cut
        if saving.minor > cut:
            kept.append(saving._replace(minor=saving.minor - cut))
    left: dict[str, int] = {}
    for saving in kept:
        left[saving.promotion] = left.get(saving.promotion, 0) + saving.minor
    coupons = tuple(
        replace(result, minor=left.get(result.code, 0), refusal=result.refusal or _capped_out(result.code, left))
        for result in outcome.coupons
    )
    return replace(
        outcome,
        units=tuple(reversed(kept)),
        takings=(),
        remaining=tuple(remaining),
        coupons=coupons,
        rules=outcome.rules & left.keys(),
        minor=sum(left.values()),
        gap_minor=0,
        is_capped=True,
    )


def _savings_of(takings: Iterable[Taking]) -> list[Saving]:
    return [
        Saving(line, one.rule, share)
        for one in takings
        for line, share in zip(one.lines, one.shares, strict=True)
        if share
    ]


def _capped_out(code: str, left: dict[str, int]) -> CouponNotApplicableError | None:
    return None if code in left else CouponNotApplicableError(code, "order_cap_reached")


@dataclass(frozen=True, slots=True)
class Cutting:
    """A basket promotion on its way to one basket, whose shelf prices and units reach its condition.

    Attributes:
        lines: What it takes from, as bits.
        counted: What its condition counts, as bits.
        most: What it takes off at most, as if nothing had come off before.
    """

    promotion: Promotion
    cut: BasketCut
    lines: int
    counted: int
    most: int

    @property
    def turn(self) -> tuple[int, bool, str]:
        """High priority first; at the same height percentages before amounts; then by id."""
        return -self.promotion.priority, self.cut.cut is not Cut.PERCENT, self.promotion.id


class Bounded(NamedTuple):
    """What a cut or coupon takes off some worth.

    Attributes:
        bound: Minor units that it never takes more than; None without such a bound.
    """

    cut: Cut
    value: int
    bound: int | None

    def off(self, worth: int, rounding: Rounding) -> int:
        """Return what comes off, in minor units."""
        off = self.cut.off(worth, self.value, rounding)
        return off if self.bound is None else min(off, self.bound)


def bounded(cut: Cut, value: int, max_off_minor: int | None) -> Bounded:
    """Return what takes off an amount, which bounds itself, or a share, up to a bound if there is one."""
    if cut is Cut.AMOUNT:
        return Bounded(cut, value, value if max_off_minor is None else min(value, max_off_minor))
    return Bounded(cut, value, max_off_minor)


def by_coupon(terms: CouponTerms) -> Bounded:
    """Return what a coupon takes off."""
    return bounded(Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT, terms.value, terms.max_off_minor)


def by_cut(cut: BasketCut) -> Bounded:
    """Return what a basket promotion takes off."""
    return bounded(cut.cut, cut.value, cut.max_off_minor)


class _Till:
    """What has been taken off so far."""

    def __init__(
        self, remaining: list[int], units: tuple[Saving, ...], takings: list[Taking], counter: "Counter"
    ) -> None:
        self.remaining = remaining
        self.units = units
        self.takings = takings
        self._counter = counter

    @property
    def cheaper(self) -> frozenset[int]:
        """The lines that something was taken off."""
        return frozenset([saving.line for saving in (*self.units, *_savings_of(self.takings))])

    def take(self, rule: str, minor: int, lines: Sequence[int]) -> int:
        """Take an amount off lines, by what they still cost, none below its floor; return what was taken.

        What a line at its floor cannot bear, the others bear.
        """
        remaining = self.remaining
        weights = [remaining[i] for i in lines]
        shares: Sequence[int]
        if self._counter.has_floors:
            room = [remaining[i] - self._counter.floors[i] for i in lines]
            shares = spread(minor, weights, room, self._counter.odd_cents)
        else:
            shares = split_minor(min(minor, sum(weights)), weights, self._counter.odd_cents)
        for i, share in zip(lines, shares, strict=True):
            remaining[i] -= share
        if taken := sum(shares):
            self.takings.append(Taking(rule, lines, shares))
        return taken

    def worth(self, lines: Sequence[int]) -> int:
        return sum([self.remaining[i] for i in lines])

    def copy(self) -> "_Till":
        return _Till(list(self.remaining), self.units, list(self.takings), self._counter)


def spread(minor: int, weights: Sequence[int], room: Sequence[int], odd: OddCents = OddCents.LARGEST) -> list[int]:
    """Share an amount by weight, nobody bearing more than their room: what one cannot bear, the others bear."""
    shares = [0] * len(weights)
    left = min(minor, sum(room))
    while left > 0:
        bearing = [i for i, share in enumerate(shares) if share < room[i]]
        more = split_minor(left, [weights[i] for i in bearing], odd)
        full = [(i, room[i] - shares[i]) for i, share in zip(bearing, more, strict=True) if share > room[i] - shares[i]]
        # First those that can bear no more; then the rest is shared anew.
        for i, share in full or zip(bearing, more, strict=True):
            shares[i] += share
        left = min(minor, sum(room)) - sum(shares)
    return shares


class Counter:
    """Where one basket meets its offers and coupons.

    Args:
        met: The lines that promotions may touch.
        coupons: Those that may be used now.
        policy: How the shop reckons.
    """

    def __init__(self, met: Met, coupons: Sequence[Coupon], policy: PricingPolicy) -> None:
        self.met = met
        self.goods = met.goods
        self.floors = [one.floor_minor * one.quantity for one in met.goods]
        self.has_floors = any(self.floors)
        self.odd_cents = policy.odd_cents
        self.rounding = policy.discount_rounding
        self.shelf = met.shelf
        self.every = met.every
        self.coupons = coupons
        self._coupon_lines = {one.code: met.lines_of(one.terms.skus, one.terms.categories) for one in coupons}
        self.trials = sets_to_try(coupons)

    def outcome(self, savings: Iterable[Saving], cuttings: Sequence[Cutting]) -> Outcome:
        """Take everything off: the units' savings, the cuts in their turn, and the best trial of coupons."""
        # One offer after the other, as on the receipt.
        till = _Till(list(self.shelf), tuple(sorted(savings)), [], self)
        for line, _, minor in till.units:
            till.remaining[line] -= minor
        for cutting in cuttings:
            self._cut(till, cutting)
        return self._finished(till)

    def finished(self, remaining: Sequence[int], savings: Sequence[Saving]) -> Outcome:
        """Take the coupons off what promotions have left, where these leave nothing to choose."""
        return self._finished(_Till(list(remaining), tuple(savings), [], self))

    def _finished(self, before: _Till) -> Outcome:
        rules = frozenset([one.promotion for one in before.units] + [one.rule for one in before.takings])
        till, results = self._with_coupons(before)
        minor = sum(self.shelf) - sum(till.remaining)
        return Outcome(till.units, tuple(till.takings), tuple(till.remaining), results, rules, minor)

    def most_by_cut(self, cut: BasketCut, lines: int) -> int:
        """Return what a cut takes off such lines, as bits, if nothing had come off before."""
        return by_cut(cut).off(self._worth(lines), Rounding.UP)

    def most_by_coupons(self) -> int:
        """Return what no trial of coupons takes more off than, as if each came first."""
        lines = self._coupon_lines
        most = {one.code: by_coupon(one.terms).off(self._worth(lines[one.code]), Rounding.UP) for one in self.coupons}
        return max([sum([most[one.code] for one in trial]) for trial in self.trials])

    def _worth(self, lines: int) -> int:
        return sum(self.shelf if lines == self.every else [self.shelf[i] for i in bits(lines)])

    def coupon_lines(self, coupon: Coupon) -> int:
        """Return the lines that a coupon may take from, as bits."""
        return self._coupon_lines[coupon.code]

    def _cut(self, till: _Till, cutting: Cutting) -> None:
        cut, when = cutting.cut, cutting.promotion.when
        if when.basis is Basis.REMAINING and till.worth(bits(cutting.counted)) < when.min_minor:
            return  # the shelf reaches it; with other offers left out, what remains might too
        lines: Sequence[int] = bits(cutting.lines)
        if cut.full_price_only:
            cheaper = till.cheaper
            lines = [i for i in lines if i not in cheaper]
        till.take(cutting.promotion.id, by_cut(cut).off(till.worth(lines), cut.rounding), lines)

    def _with_coupons(self, before: _Till) -> tuple[_Till, tuple[CouponResult, ...]]:
        if not self.coupons:
            return before, ()
        trials = [self._trial(before, trial) for trial in self.trials]
        till, results = min(trials, key=lambda trial: sum(trial[0].remaining))
        used = [coupon for coupon in sorted(self.coupons, key=turn_of) if _saves(results.get(coupon.code))]
        return till, tuple(results.get(coupon.code) or self._left_out(before, coupon, used) for coupon in self.coupons)

    def _trial(self, before: _Till, coupons: Sequence[Coupon]) -> tuple[_Till, dict[str, CouponResult]]:
        till = before.copy()
        results = {coupon.code: self._redeem(before, till, coupon) for coupon in coupons}
        return till, results

    def _left_out(self, before: _Till, coupon: Coupon, used: Sequence[Coupon]) -> CouponResult:
        by_itself = self._redeem(before, before.copy(), coupon)
        if not used or by_itself.refusal is not None:
            return by_itself
        return CouponResult(coupon.code, 0, why_left_out(coupon, used))

    def _redeem(self, before: _Till, till: _Till, coupon: Coupon) -> CouponResult:
        terms = coupon.terms
        mask = self._coupon_lines[coupon.code]
        lines: Sequence[int] = bits(mask)
        if terms.stacking is Stacking.FULL_PRICE:
            cheaper = before.cheaper
            lines = [i for i in lines if i not in cheaper]
        if not lines:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_it_applies_to"))
        # The threshold looks at prices after promotions but before other coupons, so coupons do not undo each other.
        if (short_minor := terms.min_basket_minor - before.worth(lines)) > 0:
            refusal = CouponNotApplicableError(coupon.code, "basket_below_minimum", short_minor)
            return CouponResult(coupon.code, 0, refusal)
        taken = till.take(coupon.code, by_coupon(terms).off(till.worth(lines), self.rounding), lines)
        if not taken:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_left_to_pay"))
        return CouponResult(coupon.code, taken)


def _saves(result: CouponResult | None) -> bool:
    return result is not None and result.minor > 0

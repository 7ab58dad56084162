"""The order in which a chosen set of offers comes off: unit savings, basket cuts, coupons; and how much at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from checkout.allocation import Saving, bits
from checkout.coupons import Coupon, Effect, Stacking
from checkout.errors import CouponNotApplicableError, NotCombinableError, RefusedError
from checkout.money import OddCents, split_minor
from checkout.policy import PricingPolicy
from checkout.promotions import Basis, BasketCut, Cut, Goods, Promotion


@dataclass(frozen=True, slots=True)
class CouponResult:
    """What became of a coupon: minor units saved, or why not."""

    code: str
    minor: int
    refusal: RefusedError | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is taken off, in the order it is taken off.

    Attributes:
        savings: By line and rule; a coupon's rule is its code.
        remaining: Minor units still due, by line.
        rules: The promotions that saved something.
        gap_minor: What another choice of offers could save on top at most; 0 when this one is proven the best.
        is_capped: Whether the most that a receipt may take off has been reached.
    """

    savings: tuple[Saving, ...]
    remaining: tuple[int, ...]
    coupons: tuple[CouponResult, ...]
    rules: frozenset[str]
    minor: int
    gap_minor: int = 0
    is_capped: bool = False

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
    over = sum([saving.minor for saving in outcome.savings if saving.promotion not in spared]) - most_minor
    if over < 0:
        return outcome
    remaining, kept = list(outcome.remaining), []
    for saving in reversed(outcome.savings):
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
        savings=tuple(reversed(kept)),
        remaining=tuple(remaining),
        coupons=coupons,
        rules=outcome.rules & left.keys(),
        minor=sum(left.values()),
        gap_minor=0,
        is_capped=True,
    )


def _capped_out(code: str, left: dict[str, int]) -> CouponNotApplicableError | None:
    return None if code in left else CouponNotApplicableError(code, "order_cap_reached")


@dataclass(frozen=True, slots=True)
class Cutting:
    """A basket promotion on its way to one basket, whose shelf prices and units reach its condition.

    Attributes:
        lines: What it takes from, as bits.
        counted: What its condition counts, as bits.
    """

    promotion: Promotion
    cut: BasketCut
    lines: int
    counted: int

    @property
    def turn(self) -> tuple[int, bool, str]:
        """High priority first; at the same height percentages before amounts; then by id."""
        return -self.promotion.priority, self.cut.cut is not Cut.PERCENT, self.promotion.id


class _Till:
    """What has been taken off so far."""

    def __init__(self, remaining: list[int], savings: list[Saving], cheaper: int, counter: "Counter") -> None:
        self.remaining = remaining
        self.savings = savings
        self.cheaper = cheaper
        self._counter = counter

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
            if share:
                remaining[i] -= share
                self.cheaper |= 1 << i
                self.savings.append(Saving(i, rule, share))
        return sum(shares)

    def worth(self, lines: Sequence[int]) -> int:
        return sum([self.remaining[i] for i in lines])

    def copy(self) -> "_Till":
        return _Till(list(self.remaining), list(self.savings), self.cheaper, self._counter)


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
        goods: The lines that promotions may touch.
        coupons: Those that may be used now.
        policy: How the shop reckons.
    """

    def __init__(self, goods: Sequence[Goods], coupons: Sequence[Coupon], policy: PricingPolicy) -> None:
        self.goods = goods
        self.floors = [one.floor_minor * one.quantity for one in goods]
        self.has_floors = any(self.floors)
        self.odd_cents = policy.odd_cents
        self.rounding = policy.discount_rounding
        self.shelf = [one.gross_minor for one in goods]
        self.every = (1 << len(goods)) - 1
        self._coupons = coupons
        self._coupon_lines = {coupon.code: self._lines_of(coupon) for coupon in coupons}
        alone = [[coupon] for coupon in coupons if coupon.terms.stacking is Stacking.ALONE]
        others = [coupon for coupon in coupons if coupon.terms.stacking is not Stacking.ALONE]
        others.sort(key=_coupon_turn)
        # Try each coupon that stands alone, and all others together: more coupons never cost more.
        self.trials: list[list[Coupon]] = [others, *alone]

    def outcome(self, savings: Iterable[Saving], cuttings: Sequence[Cutting]) -> Outcome:
        """Take everything off: the units' savings, the cuts in their turn, and the best trial of coupons."""
        # One offer after the other, as on the receipt.
        till = _Till(list(self.shelf), sorted(savings), 0, self)
        for line, _, minor in till.savings:
            till.remaining[line] -= minor
            till.cheaper |= 1 << line
        for cutting in cuttings:
            self._cut(till, cutting)
        rules = frozenset([saving.promotion for saving in till.savings])
        till, results = self._with_coupons(till)
        minor = sum(self.shelf) - sum(till.remaining)
        return Outcome(tuple(till.savings), tuple(till.remaining), results, rules, minor)

    def finished(self, remaining: Sequence[int], savings: Sequence[Saving]) -> Outcome:
        """Take the coupons off what promotions have left, where these leave nothing to choose."""
        cheaper = sum({1 << saving.line for saving in savings})
        till, results = self._with_coupons(_Till(list(remaining), list(savings), cheaper, self))
        rules = frozenset([saving.promotion for saving in savings])
        minor = sum(self.shelf) - sum(till.remaining)
        return Outcome(tuple(till.savings), tuple(till.remaining), results, rules, minor)

    def coupon_lines(self, coupon: Coupon) -> int:
        """Return the lines that a coupon may take from, as bits."""
        return self._coupon_lines[coupon.code]

    def _lines_of(self, coupon: Coupon) -> int:
        terms = coupon.terms
        if not terms.skus and not terms.categories:
            return self.every
        skus, categories = terms.skus, terms.categories
        return sum([1 << i for i, one in enumerate(self.goods) if one.sku in skus or one.category in categories])

    def _cut(self, till: _Till, cutting: Cutting) -> None:
        cut, when = cutting.cut, cutting.promotion.when
        if when.basis is Basis.REMAINING and till.worth(bits(cutting.counted)) < when.min_minor:
            return  # the shelf reaches it; with other offers left out, what remains might too
        lines: Sequence[int] = bits(cutting.lines)
        if cut.full_price_only:
            lines = [i for i in lines if not till.cheaper >> i & 1]
        most = cut.value if cut.cut is Cut.AMOUNT else None
        if cut.max_off_minor is not None:
            most = cut.max_off_minor if most is None else min(most, cut.max_off_minor)
        off = cut.cut.off(till.worth(lines), cut.value, cut.rounding)
        till.take(cutting.promotion.id, off if most is None else min(off, most), lines)

    def _with_coupons(self, before: _Till) -> tuple[_Till, tuple[CouponResult, ...]]:
        if not self._coupons:
            return before, ()
        trials = [self._trial(before, trial) for trial in self.trials]
        till, results = min(trials, key=lambda trial: sum(trial[0].remaining))
        used = next((code for code, result in results.items() if result.minor), None)
        return till, tuple(results.get(coupon.code) or self._left_out(before, coupon, used) for coupon in self._coupons)

    def _trial(self, before: _Till, coupons: Sequence[Coupon]) -> tuple[_Till, dict[str, CouponResult]]:
        till = before.copy()
        results = {coupon.code: self._redeem(before, till, coupon) for coupon in coupons}
        return till, results

    def _left_out(self, before: _Till, coupon: Coupon, used: str | None) -> CouponResult:
        by_itself = self._redeem(before, before.copy(), coupon)
        if used is None or by_itself.refusal is not None:
            return by_itself
        return CouponResult(coupon.code, 0, NotCombinableError(coupon.code, used))

    def _redeem(self, before: _Till, till: _Till, coupon: Coupon) -> CouponResult:
        terms = coupon.terms
        mask = self._coupon_lines[coupon.code]
        lines: Sequence[int] = bits(mask)
        if terms.stacking is Stacking.FULL_PRICE:
            lines = [i for i in lines if not before.cheaper >> i & 1]
        if not lines:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_it_applies_to"))
        # The threshold looks at prices after promotions but before other coupons, so coupons do not undo each other.
        if before.worth(lines) < terms.min_basket_minor:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "basket_below_minimum"))
        most = terms.value if terms.effect is Effect.AMOUNT else None
        if terms.max_off_minor is not None:
            most = terms.max_off_minor if most is None else min(most, terms.max_off_minor)
        cut = Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT
        off = cut.off(till.worth(lines), terms.value, self.rounding)
        taken = till.take(coupon.code, off if most is None else min(off, most), lines)
        if not taken:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_left_to_pay"))
        return CouponResult(coupon.code, taken)


def _coupon_turn(coupon: Coupon) -> tuple[bool, str]:
    return coupon.terms.effect is Effect.AMOUNT, coupon.code

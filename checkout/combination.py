"""Which promotions and coupons stand on a receipt together: those that leave the shopper the least to pay.

The order is fixed: unit benefits first, each unit once (:mod:`checkout.allocation`), then basket benefits on what
remains, then coupons. Free to choose are *which* offers take part: one of each group, an exclusive one alone, and,
where an offer may cost another its threshold, any of them may be left out. All permitted choices are tried, up to
``MAX_CHOICES``; beyond, the offers that save most by themselves are taken, one after another is left out as long as
that helps, and the outcome says that nothing was proven.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, combinations, islice, product

from checkout.allocation import Allocator, Saving
from checkout.coupons import Coupon, Effect, Stacking
from checkout.errors import CouponNotApplicableError, NotCombinableError, RefusedError
from checkout.money import split_minor
from checkout.promotions import BasketCut, Cut, Goods, Promotion

MAX_CHOICES = 512
"""Choices tried when all are tried."""
MAX_TRIES = 40
"""Choices tried one offer at a time when all are too many: a long receipt must not make its shopper wait."""


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
        is_exact: Whether no permitted choice would have been better.
        rules: The promotions that saved something.
    """

    savings: tuple[Saving, ...]
    remaining: tuple[int, ...]
    coupons: tuple[CouponResult, ...]
    is_exact: bool
    rules: frozenset[str]

    @property
    def minor(self) -> int:
        """All savings together."""
        return sum(saving.minor for saving in self.savings)


def combine(goods: Sequence[Goods], promotions: Sequence[Promotion], coupons: Sequence[Coupon]) -> Outcome:
    """Choose the promotions and coupons that save the shopper most.

    Args:
        goods: The lines that promotions may touch. Odd cents go to the first of equals, so a caller who wants the
            order of scanning not to matter sorts them.
        promotions: Those in time and open to this shopper.
        coupons: Those that may be used now.

    Returns:
        The best outcome; of equals the one with the fewest promotions, then the first of the order given.
    """
    desk = _Desk(goods, coupons)
    useful = [promotion for promotion in promotions if desk.outcome((promotion,)).rules]
    choices = list(islice(_choices(desk, useful), MAX_CHOICES + 1))
    is_complete = len(choices) <= MAX_CHOICES
    if not is_complete:
        choices = list(_climbed(desk, useful))
    outcomes = [desk.outcome(chosen) for chosen in choices]
    best = min(outcomes, key=lambda outcome: (-outcome.minor, len(outcome.rules)))
    return replace(best, is_exact=is_complete and all(outcome.is_exact for outcome in outcomes))


def _choices(desk: "_Desk", useful: Sequence[Promotion]) -> Iterator[tuple[Promotion, ...]]:
    for one in useful:
        if one.exclusive:
            yield (one,)
    groups: dict[str, list[Promotion]] = {}
    for promotion in useful:
        if not promotion.exclusive:
            groups.setdefault(promotion.group or f" {promotion.id}", []).append(promotion)
    seen: set[tuple[str, ...]] = set()
    for fullest in product(*groups.values()):
        smaller = [] if desk.is_settled(fullest) else [combinations(fullest, size) for size in range(len(fullest))]
        for chosen in chain([fullest], *smaller):
            if (key := tuple(promotion.id for promotion in chosen)) not in seen:
                seen.add(key)
                yield chosen


def _climbed(desk: "_Desk", useful: Sequence[Promotion]) -> Iterator[tuple[Promotion, ...]]:
    """Yield each exclusive offer, and what leaving out one offer after another leads to, as long as that saves more."""
    ranked = sorted(useful, key=lambda promotion: -desk.outcome((promotion,)).minor)
    yield from ((one,) for one in ranked if one.exclusive)
    most: list[Promotion] = []
    for promotion in ranked:
        if not promotion.exclusive and promotion.group not in {other.group for other in most if other.group}:
            most.append(promotion)
    chosen = tuple(promotion for promotion in useful if promotion in most)
    tries = MAX_TRIES
    while True:
        yield chosen
        fewer = [chosen[:i] + chosen[i + 1 :] for i in range(len(chosen))][:tries]
        tries -= len(fewer)
        best = max(fewer, key=lambda trial: desk.outcome(trial).minor, default=chosen)
        if desk.outcome(best).minor <= desk.outcome(chosen).minor:
            return
        chosen = best


@dataclass(slots=True)
class _Till:
    """What one choice has taken off so far."""

    remaining: list[int]
    savings: list[Saving] = field(default_factory=list)

    def take(self, rule: str, minor: int, lines: Sequence[int]) -> int:
        """Take an amount off lines, by what they still cost and never more; return what was taken."""
        weights = [self.remaining[i] for i in lines]
        minor = min(minor, sum(weights))
        for i, share in zip(lines, split_minor(minor, weights), strict=True):
            if share:
                self.remaining[i] -= share
                self.savings.append(Saving(i, rule, share))
        return minor

    def worth(self, lines: Sequence[int]) -> int:
        return sum(self.remaining[i] for i in lines)

    def copy(self) -> "_Till":
        return _Till(list(self.remaining), list(self.savings))


class _Desk:
    """One basket before its offers; what was worked out once is kept."""

    def __init__(self, goods: Sequence[Goods], coupons: Sequence[Coupon]) -> None:
        self.goods = goods
        self.coupons = coupons
        self._shelf = [one.gross_minor for one in goods]
        self._holding: dict[str, bool] = {}
        self._allocator = Allocator(goods)
        self._outcomes: dict[tuple[str, ...], Outcome] = {}

    def outcome(self, chosen: Sequence[Promotion]) -> Outcome:
        key = tuple(promotion.id for promotion in chosen)
        if key not in self._outcomes:
            self._outcomes[key] = self._worked_out(chosen)
        return self._outcomes[key]

    def is_settled(self, chosen: Sequence[Promotion]) -> bool:
        """Whether no offer of a choice, left out, could let the others save more than it does itself.

        What is due only ever falls with what the unit benefits save, if every threshold is reached even after all of
        them and every later cut is on the whole basket. A single cut on a part will do as well, if no group of
        competing unit benefits lies partly in it. Everything else is tried rather than argued.
        """
        outcome = self.outcome(chosen)
        cuts = [(p.id, p.benefit) for p in chosen if isinstance(p.benefit, BasketCut)]
        if any(cut.full_price_only or rule not in outcome.rules for rule, cut in cuts):
            return False
        if any(c.terms.stacking is Stacking.FULL_PRICE for c in self.coupons):
            return False
        if any(result.refusal is not None for result in outcome.coupons):
            return False
        every = frozenset(range(len(self.goods)))
        parts = [frozenset(i for i in every if cut.match.fits(self.goods[i])) for _, cut in cuts]
        parts += [frozenset(self._lines_of(coupon)) for coupon in self.coupons]
        if all(part == every for part in parts):
            return True
        return len(parts) == 1 and all(
            lines <= parts[0] or not lines & parts[0] for lines in self._allocator.competing_lines(chosen)
        )

    def _lines_of(self, coupon: Coupon) -> list[int]:
        return [i for i, one in enumerate(self.goods) if coupon.terms.fits(one.sku, one.category)]

    def _worked_out(self, chosen: Sequence[Promotion]) -> Outcome:
        allocation = self._allocator.allocate([p for p in chosen if self._holds_on_the_shelf(p)])
        till = _Till(list(self._shelf))
        for saving in allocation.savings:
            till.take(saving.promotion, saving.minor, (saving.line,))
        for promotion in sorted(chosen, key=_turn):
            if isinstance(promotion.benefit, BasketCut) and promotion.when.holds(self.goods, till.remaining):
                self._cut(till, promotion.id, promotion.benefit)
        rules = frozenset(saving.promotion for saving in till.savings)
        till, results = self._with_coupons(till)
        return Outcome(tuple(till.savings), tuple(till.remaining), results, allocation.is_exact, rules)

    def _holds_on_the_shelf(self, promotion: Promotion) -> bool:
        """Whether a unit benefit's condition holds, which never depends on the other offers."""
        if promotion.id not in self._holding:
            is_unit = not isinstance(promotion.benefit, BasketCut)
            self._holding[promotion.id] = is_unit and promotion.when.holds(self.goods, self._shelf)
        return self._holding[promotion.id]

    def _cut(self, till: _Till, rule: str, cut: BasketCut) -> None:
        cheaper = {saving.line for saving in till.savings} if cut.full_price_only else set()
        lines = [i for i, one in enumerate(self.goods) if cut.match.fits(one) and i not in cheaper]
        off = cut.cut.off(till.worth(lines), cut.value)
        till.take(rule, off if cut.max_off_minor is None else min(off, cut.max_off_minor), lines)

    def _with_coupons(self, before: _Till) -> tuple[_Till, tuple[CouponResult, ...]]:
        """Try each coupon that stands alone, and all others together: more coupons never cost more."""
        alone = [coupon for coupon in self.coupons if coupon.terms.stacking is Stacking.ALONE]
        others = [coupon for coupon in self.coupons if coupon.terms.stacking is not Stacking.ALONE]
        trials = [self._trial(before, trial) for trial in (others, *([one] for one in alone))]
        till, results = min(trials, key=lambda trial: sum(trial[0].remaining))
        used = next((code for code, result in results.items() if result.minor), None)
        return till, tuple(results.get(coupon.code) or self._left_out(before, coupon, used) for coupon in self.coupons)

    def _trial(self, before: _Till, coupons: Sequence[Coupon]) -> tuple[_Till, dict[str, CouponResult]]:
        till = before.copy()
        results = {}
        for coupon in sorted(coupons, key=lambda c: (c.terms.effect is Effect.AMOUNT, c.code)):
            results[coupon.code] = self._redeem(before, till, coupon)
        return till, results

    def _left_out(self, before: _Till, coupon: Coupon, used: str | None) -> CouponResult:
        by_itself = self._redeem(before, before.copy(), coupon)
        if used is None or by_itself.refusal is not None:
            return by_itself
        return CouponResult(coupon.code, 0, NotCombinableError(coupon.code, used))

    def _redeem(self, before: _Till, till: _Till, coupon: Coupon) -> CouponResult:
        terms = coupon.terms
        promoted = {saving.line for saving in before.savings} if terms.stacking is Stacking.FULL_PRICE else set()
        lines = [i for i in self._lines_of(coupon) if i not in promoted]
        if not lines:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_it_applies_to"))
        # The threshold looks at prices after promotions but before other coupons, so coupons do not undo each other.
        if before.worth(lines) < terms.min_basket_minor:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "basket_below_minimum"))
        cut = Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT
        off = cut.off(till.worth(lines), terms.value)
        taken = till.take(coupon.code, off if terms.max_off_minor is None else min(off, terms.max_off_minor), lines)
        if not taken:
            return CouponResult(coupon.code, 0, CouponNotApplicableError(coupon.code, "nothing_left_to_pay"))
        return CouponResult(coupon.code, taken)


def _turn(promotion: Promotion) -> tuple[int, bool, str]:
    cut = promotion.benefit
    return -promotion.priority, not (isinstance(cut, BasketCut) and cut.cut is Cut.PERCENT), promotion.id

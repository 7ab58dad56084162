"""Promotions one after another, for shops that do not look for the best combination (:class:`Combining`).

Each acts on what the one before has left of every unit. In turn, a unit may meet them all; once, the first that takes
a unit keeps it. Of exclusive offers the first that saves something stands alone; of a group the first that does.
"""

from collections.abc import Sequence

from checkout.allocation import Saving
from checkout.policy import Combining, PricingPolicy, PriorityOrder
from checkout.promotions import Basis, BasketCut, Condition, Goods, Promotion
from checkout.till import Counter, Outcome, spread
from checkout.uses import Offer, Table, best_alone, piles_of, touches


def in_turn(counter: Counter, promotions: Sequence[Promotion], policy: PricingPolicy) -> Outcome:
    """Let promotions act one after another, then the coupons.

    Args:
        counter: The basket and its coupons.
        promotions: Those in time and open to this shopper, in any order.
        policy: Which number runs first, and whether a unit is taken once.
    """
    sign = -1 if policy.order is PriorityOrder.HIGH_FIRST else 1
    order = sorted(promotions, key=lambda p: (not p.standing, sign * p.priority, p.id))
    row = _Row(counter, policy)
    used_groups: set[str] = set()
    for promotion in [p for p in order if p.standing]:
        row.apply(promotion)
    for promotion in [p for p in order if p.exclusive and not p.standing]:
        if row.apply(promotion):
            return row.finished()
    for promotion in [p for p in order if not p.exclusive and not p.standing]:
        if promotion.group not in used_groups and row.apply(promotion) and promotion.group is not None:
            used_groups.add(promotion.group)
    return row.finished()


class _Row:
    """All units of a basket with what is left of each."""

    def __init__(self, counter: Counter, policy: PricingPolicy) -> None:
        self._counter = counter
        self._policy = policy
        self._left = [[one.unit_minor] * one.quantity for one in counter.goods]
        self._taken = [[False] * one.quantity for one in counter.goods]
        self._savings: dict[tuple[str, int], int] = {}

    def apply(self, promotion: Promotion) -> bool:
        """Let a promotion act; return whether it saved anything."""
        if not self._holds(promotion.when):
            return False
        before = sum(self._savings.values())
        if isinstance(promotion.benefit, BasketCut):
            self._cut(promotion.id, promotion.benefit)
        else:
            self._use(Offer(promotion.id, promotion.benefit, promotion.max_times))
        return sum(self._savings.values()) > before

    def finished(self) -> Outcome:
        """Lay the coupons on what is left."""
        savings = [Saving(line, rule, minor) for (rule, line), minor in self._savings.items()]
        return self._counter.finished([sum(units) for units in self._left], savings)

    def _free(self, line: int) -> list[int]:
        once = self._policy.combining is Combining.ONCE_IN_TURN
        return [unit for unit, taken in enumerate(self._taken[line]) if not (once and taken)]

    def _holds(self, when: Condition) -> bool:
        units = value = 0
        for line, one in enumerate(self._counter.goods):
            if when.match.fits(one):
                free = self._free(line)
                units += len(free)
                is_shelf = when.basis is Basis.SHELF
                value += sum(one.unit_minor if is_shelf else self._left[line][unit] for unit in free)
        return units >= when.min_units and value >= when.min_minor

    def _cut(self, rule: str, cut: BasketCut) -> None:
        cheaper = {line for _, line in self._savings} if cut.full_price_only else set()
        lines = [i for i, one in enumerate(self._counter.goods) if cut.match.fits(one) and i not in cheaper]
        free = {line: self._free(line) for line in lines}
        weights = [sum(self._left[line][unit] for unit in free[line]) for line in lines]
        room = [
            weight - self._counter.goods[line].floor_minor * len(free[line])
            for line, weight in zip(lines, weights, strict=True)
        ]
        off = cut.cut.off(sum(weights), cut.value, cut.rounding)
        off = off if cut.max_off_minor is None else min(off, cut.max_off_minor)
        for line, share in zip(lines, spread(off, weights, room, self._policy.odd_cents), strict=True):
            left = [self._left[line][unit] for unit in free[line]]
            rest = [minor - self._counter.goods[line].floor_minor for minor in left]
            for unit, less in zip(free[line], spread(share, left, rest), strict=True):
                self._take(rule, line, unit, less)

    def _use(self, offer: Offer) -> None:
        """Use a unit benefit on units at the price that is left of them, the dearest first."""
        rows: list[tuple[int, list[int]]] = []
        goods: list[Goods] = []
        for line, one in enumerate(self._counter.goods):
            if touches(offer, one):
                for minor in sorted({self._left[line][unit] for unit in self._free(line)}):
                    units = [unit for unit in self._free(line) if self._left[line][unit] == minor]
                    rows.append((line, units))
                    goods.append(Goods(one.sku, one.category, minor, len(units), one.is_single, one.floor_minor))
        table = Table(piles_of(goods, [offer]), [offer])
        for use in best_alone(table, 0, [pile.count for pile in table.piles]):
            off = list(use.off)
            for pile, count in use.taken:
                line, units = rows[table.piles[pile].line]
                less = [minor for at, minor in off if at == pile]
                for place in range(count):
                    self._take(offer.id, line, units.pop(0), less[place] if place < len(less) else 0)

    def _take(self, rule: str, line: int, unit: int, minor: int) -> None:
        self._taken[line][unit] = True
        self._left[line][unit] -= minor
        if minor:
            self._savings[rule, line] = self._savings.get((rule, line), 0) + minor

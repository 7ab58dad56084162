"""Which promotions and coupons stand on a receipt together: those that leave the shopper the least to pay.

The order is fixed (:mod:`checkout.till`): unit benefits first, each unit once (:mod:`checkout.allocation`), then basket
benefits on what remains, then coupons. Free to choose are *which* offers take part: one of each group, an exclusive one
alone, and, where an offer may cost another its threshold, any of them may be left out.

What is due only ever falls with what the unit benefits save, as long as no threshold is at stake, no later cut leaves
out what an earlier one touched, and each cut that follows another holds all of its lines or none of them. Where that is
so, offers that share no units are chosen apart and the fullest choice is the best: nothing needs trying. Only the
offers on the lines where it is not so are *critical*; all choices of them are tried, up to ``MAX_WORK``. Beyond, one
critical offer after another is left out as long as that helps, and the outcome says by how much at most another choice
could beat it: its *gap*.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain, islice, product

from checkout.allocation import Allocator, Contender, Memory, bits, components
from checkout.coupons import Coupon
from checkout.gap import most_taken
from checkout.policy import DEFAULT_POLICY, Combining, PricingPolicy
from checkout.promotions import NO_CONDITION, BasketCut, Goods, Promotion
from checkout.reach import Reach
from checkout.sequence import in_turn
from checkout.till import Counter, Cutting, Outcome

MAX_WORK = 8_000
"""Choices tried when all are tried, times the square of the lines: short receipts are searched the most."""
MAX_TRIES = 1_200
"""Choices tried one offer at a time when all are too many, times the lines: a long receipt keeps nobody waiting."""
LEAST_CHOICES = 8
"""Choices tried of the longest receipt, in either way."""
SMALL_GAP_MINOR = 10
"""A gap so small is stated and left alone on a long receipt: nobody waits for a search after a few cents."""
MAX_ALTERNATIVES = 256
"""Ways to pick one offer of each group that are compared for offers that share units or groups."""

_Pick = tuple[Promotion, ...]


def combine(
    goods: Sequence[Goods],
    promotions: Sequence[Promotion],
    coupons: Sequence[Coupon],
    policy: PricingPolicy = DEFAULT_POLICY,
) -> Outcome:
    """Choose the promotions and coupons that save the shopper most, as :func:`combine_open` does.

    Args:
        goods: The lines that promotions may touch.
        promotions: Those in time and open to this shopper.
        coupons: Those that may be used now.
        policy: How the shop reckons.
    """
    return combine_open(goods, Reach(promotions), coupons, is_open=lambda _: True, memory=Memory(), policy=policy)


def combine_open(
    goods: Sequence[Goods],
    reach: Reach,
    coupons: Sequence[Coupon],
    *,
    is_open: Callable[[Promotion], bool],
    memory: Memory,
    policy: PricingPolicy,
) -> Outcome:
    """Choose the promotions and coupons that save the shopper most.

    Args:
        goods: The lines that promotions may touch. Odd cents go to the first of equals, so a caller who wants the
            order of scanning not to matter sorts them.
        reach: The shop's promotions.
        coupons: Those that may be used now.
        is_open: Whether a promotion is in time and for this shopper.
        memory: What was solved before, of the same promotions.
        policy: How the shop reckons.

    Returns:
        The best outcome; of equals the one with the fewest promotions, then the first of the order given.
    """
    counter = Counter(goods, coupons, policy)
    if policy.combining is not Combining.BEST:
        return in_turn(counter, [promotion for promotion in reach.offers if is_open(promotion)], policy)
    desk = _Desk(counter, memory)
    touched, counted = reach.masks(goods)
    for place in sorted(touched):
        if is_open(reach.offers[place]):
            desk.lay(reach.offers[place], touched[place], counted.get(place, 0))
    return desk.best()


class _Desk:
    """One basket with the offers that could ever take something off it."""

    def __init__(self, counter: Counter, memory: Memory) -> None:
        self._counter = counter
        self._allocator = Allocator(counter.goods, memory)
        self._units: dict[str, Contender] = {}
        self._cuts: dict[str, Cutting] = {}
        self._exclusive: list[Promotion] = []
        self._pool: list[Promotion] = []
        self._outcomes: dict[tuple[str, ...], Outcome] = {}

    def lay(self, promotion: Promotion, lines: int, counted: int) -> None:
        """Put an offer on the desk, unless it can save nothing here."""
        when = promotion.when
        if when != NO_CONDITION:
            hits = bits(counted)
            units = sum([self._counter.goods[i].quantity for i in hits])
            if units < when.min_units or sum([self._counter.shelf[i] for i in hits]) < when.min_minor:
                return
        if isinstance(promotion.benefit, BasketCut):
            self._cuts[promotion.id] = Cutting(promotion, promotion.benefit, lines, counted)
        else:
            one = self._allocator.contender(promotion.id, promotion.benefit, promotion.max_times, lines)
            if not one.lines:
                return
            self._units[promotion.id] = one
        (self._exclusive if promotion.exclusive else self._pool).append(promotion)

    def best(self) -> Outcome:
        """Compare each exclusive offer alone with the best of all others together."""
        standing = [p for p in self._pool if p.standing]
        found = [self._measured((promotion, *standing)) for promotion in self._exclusive]
        wide = [group for group in _groups(self._pool) if any(p.id in self._cuts for p in group)]
        grouped = {p.id for group in wide for p in group}
        free = [p for p in self._pool if p.id not in grouped]
        picks = list(islice(product(*wide), MAX_ALTERNATIVES + 1))
        if len(picks) > MAX_ALTERNATIVES:
            first = tuple(max(group, key=lambda p: self._outcome((p,)).minor) for group in wide)
            found.append(self._bounded(self._chosen(self._in_order([*free, *first])), self._pool))
        else:
            found += [self._chosen(self._in_order([*free, *pick])) for pick in picks]
        best = min(found, key=lambda outcome: (-outcome.minor, len(outcome.rules)))
        return replace(best, gap_minor=max(outcome.minor + outcome.gap_minor for outcome in found) - best.minor)

    def _in_order(self, promotions: Sequence[Promotion]) -> list[Promotion]:
        chosen = {promotion.id for promotion in promotions}
        return [promotion for promotion in self._pool if promotion.id in chosen]

    def _chosen(self, pool: Sequence[Promotion]) -> Outcome:
        """Return the best of a pool whose groups hold unit benefits alone: the fullest choice, or what beats it."""
        fullest, is_compared = self._fullest(pool)
        outcome = self._outcome(fullest)
        critical = self._critical(fullest, outcome)
        if not critical:
            return self._measured(fullest) if is_compared else self._bounded(outcome, pool)
        settled = [p for p in fullest if p.standing or not self._reaches(p) & critical]
        open_ones = [p for p in pool if not p.standing and self._reaches(p) & critical]
        options: list[list[_Pick]] = [[(), *((p,) for p in group)] for group in _groups(open_ones, singles=True)]
        room = max(LEAST_CHOICES, MAX_WORK // max(1, len(self._counter.goods)) ** 2)
        choices = list(islice(product(*options), room + 1))
        if len(choices) <= room and is_compared:
            tried = [self._outcome(self._in_order([*settled, *chain(*picks)])) for picks in choices]
            best = min(tried, key=lambda one: (-one.minor, len(one.rules)))
            return best if self._is_solved(pool) else self._bounded(best, pool)
        best = self._bounded(outcome, pool)
        if best.gap_minor <= SMALL_GAP_MINOR or not outcome.staked:
            return best  # no threshold is at stake: what another choice could move is rounding and shares of shares
        return self._bounded(self._climbed(fullest, outcome.staked), pool)

    def _fullest(self, pool: Sequence[Promotion]) -> tuple[_Pick, bool]:
        """Return all offers, of each group of unit benefits the one that lets its surroundings save most.

        Offers that share lines or a group are decided together, all others apart. The second value says whether every
        way of picking was compared.
        """
        groups = [group for group in _groups(pool) if len(group) > 1]
        if not groups:
            return tuple(pool), True
        kept = {p.id for p in pool}
        is_compared = True
        for cluster in self._clusters(pool):
            rivals = [group for group in _groups(cluster) if len(group) > 1]
            if not rivals:
                continue
            bound = {p.id for group in rivals for p in group}
            others = [p for p in cluster if p.id not in bound]
            picks = list(islice(product(*rivals), MAX_ALTERNATIVES + 1))
            if len(picks) > MAX_ALTERNATIVES:
                is_compared = False
                picks = [tuple(max(group, key=lambda p: self._unit_minor([p])) for group in rivals)]
            best = max(picks, key=lambda pick: self._unit_minor([*others, *pick]))
            kept -= bound - {p.id for p in best}
        return tuple(p for p in pool if p.id in kept), is_compared

    def _clusters(self, pool: Sequence[Promotion]) -> list[list[Promotion]]:
        """Part unit benefits into those that share lines or groups with one another."""
        units = [p for p in pool if p.id in self._units]
        spread: dict[str, int] = {}
        for p in units:
            if p.group is not None:
                spread[p.group] = spread.get(p.group, 0) | self._units[p.id].lines
        wide = [
            replace(self._units[p.id], lines=self._units[p.id].lines | (spread[p.group] if p.group is not None else 0))
            for p in units
        ]
        by_id = {p.id: p for p in units}
        return [[by_id[one.offer.id] for one in cluster] for cluster, _ in components(wide)]

    def _unit_minor(self, promotions: Sequence[Promotion]) -> int:
        return sum(self._allocator.part(group).minor for group, _ in self._parts(promotions))

    def _parts(self, promotions: Sequence[Promotion]) -> list[tuple[list[Contender], int]]:
        return components([self._units[p.id] for p in promotions if p.id in self._units])

    def _outcome(self, chosen: Sequence[Promotion]) -> Outcome:
        key = tuple(promotion.id for promotion in chosen)
        if (known := self._outcomes.get(key)) is None:
            parts = [self._allocator.part(group) for group, _ in self._parts(chosen)]
            cuts = sorted((self._cuts[p.id] for p in chosen if p.id in self._cuts), key=lambda cut: cut.turn)
            known = self._outcomes[key] = self._counter.outcome(parts, cuts)
        return known

    def _reaches(self, promotion: Promotion) -> int:
        """Return the lines on which leaving the offer out would be felt, as bits."""
        if (cut := self._cuts.get(promotion.id)) is not None:
            return cut.lines | cut.counted
        return self._units[promotion.id].lines

    def _critical(self, chosen: Sequence[Promotion], outcome: Outcome) -> int:
        """Return the lines where the fullest choice need not be the best, with all that compete for their units."""
        critical = outcome.critical
        parts = [lines for _, lines in self._parts(chosen)]
        for lines in parts:
            if any(lines & share and lines & ~share for share in outcome.shares):
                critical |= lines
        for lines in parts:
            if lines & critical:
                critical |= lines
        return critical

    def _is_solved(self, pool: Sequence[Promotion]) -> bool:
        return all(self._allocator.part(group).is_exact for group, _ in self._parts(pool))

    def _measured(self, chosen: Sequence[Promotion]) -> Outcome:
        """Return a choice that no other of its offers beats, with what better assignments of units could add."""
        return self._outcome(chosen) if self._is_solved(chosen) else self._bounded(self._outcome(chosen), chosen)

    def _bounded(self, outcome: Outcome, pool: Sequence[Promotion]) -> Outcome:
        """State what any choice from a pool could save on top at most."""
        savings = [
            (lines, self._allocator.part(group).minor + self._allocator.part(group).gap_minor)
            for group, lines in self._parts(pool)
        ]
        cuts = sorted((self._cuts[p.id] for p in pool if p.id in self._cuts), key=lambda cut: cut.turn)
        return replace(outcome, gap_minor=max(0, most_taken(self._counter, savings, cuts) - outcome.minor))

    def _climbed(self, fullest: _Pick, critical: int) -> Outcome:
        """Leave one critical offer after another out, as long as that saves more."""
        chosen = fullest
        tries = max(LEAST_CHOICES, MAX_TRIES // max(1, len(self._counter.goods)))
        while True:
            open_at = [i for i, p in enumerate(chosen) if not p.standing and self._reaches(p) & critical][:tries]
            tries -= len(open_at)
            fewer = [chosen[:i] + chosen[i + 1 :] for i in open_at]
            best = max(fewer, key=lambda trial: self._outcome(trial).minor, default=chosen)
            if self._outcome(best).minor <= self._outcome(chosen).minor:
                return self._outcome(chosen)
            chosen = best


def _groups(promotions: Sequence[Promotion], *, singles: bool = False) -> list[list[Promotion]]:
    """Gather the offers of which one may stand; those of no group are left out, or each is a group of its own."""
    groups: dict[tuple[bool, str], list[Promotion]] = {}
    for promotion in promotions:
        if promotion.group is not None:
            groups.setdefault((True, promotion.group), []).append(promotion)
        elif singles:
            groups[False, promotion.id] = [promotion]
    return list(groups.values())

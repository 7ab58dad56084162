"""Offers that share units or a group, laid out on the lines that they touch: what they may take off, and nearly so.

A cluster knows its lines by their place among its own, so that it is laid out once for all baskets that hold the same
goods, wherever they lie.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from checkout.allocation import Allocation, Allocator, Contender, Ways, components, even_margin, has_enough, margin
from checkout.bits import bits
from checkout.promotions import BasketCut, Goods, Promotion, UnitBenefit
from checkout.reach import Numbers, Reach

MAX_ALTERNATIVES = 256
"""Ways to pick one offer of each group that are compared for offers that share units or groups."""
MAX_CLUSTERS = 20_000
"""Clusters remembered; beyond, the memory starts anew."""

Way = tuple[Allocation, ...]
"""What each part of a cluster takes off; lines by their place in the cluster."""


@dataclass(frozen=True, slots=True)
class Part:
    """Offers that compete with one another for units.

    Attributes:
        lines: Those that they touch, by place in the cluster, as bits.
        solved: What saves most.
        is_fixed: A marked-down price is among them, which is never left out: nothing else is tried.
    """

    competing: tuple[Contender, ...]
    lines: int
    solved: Allocation
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Every permitted pick of offers that share units or groups, each in parts that share nothing.

    Attributes:
        first: The way that saves most.
        most_minor: What no way outdoes.
        margin_minor: Every other way saves at least so much less, and on no line more; nothing when that is not plain
            to see.
        even_margin_minor: Every other way saves at least so much less, all lines together; likewise.
        is_listed: Whether the picks are all there are.
    """

    allocator: Allocator
    picks: tuple[tuple[Part, ...], ...]
    first: Way
    most_minor: int
    margin_minor: int
    even_margin_minor: int
    is_listed: bool

    def ways(self, part: Part, weights: tuple[int, ...], slack: int) -> Ways:
        """Return what a part may take off; see :meth:`checkout.allocation.Allocator.ways`."""
        return self.allocator.ways(part.competing, weights, slack)


class ClusterMemory:
    """The offers of a shop with their clusters, laid out once for the same goods.

    Offers are known by their places, goods by their numbers (:class:`checkout.reach.Kind`).
    """

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.known: dict[tuple[int | tuple[int, ...], Numbers], Cluster] = {}
        self._enough: dict[tuple[int, Numbers], bool] = {}

    def has_enough(self, place: int, numbers: Numbers, lines: int, goods: Sequence[Goods]) -> bool:
        """Whether goods hold the units for one use of an offer on units.

        Args:
            place: Of the offer.
            numbers: Of the goods.
            lines: Where the goods lie in the basket, as bits.
            goods: The basket.
        """
        if (known := self._enough.get((place, numbers))) is None:
            if len(self._enough) >= MAX_CLUSTERS:
                self._enough.clear()
            known = has_enough(self.reach.on_units[place].benefit, [goods[i] for i in bits(lines)])
            self._enough[place, numbers] = known
        return known

    def cluster(self, places: int | tuple[int, ...], numbers: Numbers, lines: int, goods: Sequence[Goods]) -> Cluster:
        """Lay offers on units out on the lines that they touch; ``known`` keeps what was laid out.

        Args:
            places: Of the offers, or of the only one; those out of reach of one another are laid out apart.
            numbers: Of the goods.
            lines: Where the goods lie in the basket, as bits.
            goods: The basket.
        """
        if len(self.known) >= MAX_CLUSTERS:
            self.known.clear()
        promotions = [self.reach.offers[place] for place in ([places] if isinstance(places, int) else places)]
        own = [goods[i] for i in bits(lines)]
        found = self.known[places, numbers] = _laid_out(promotions, Allocator(own), own)
        return found


def _laid_out(promotions: Sequence[Promotion], allocator: Allocator, goods: Sequence[Goods]) -> Cluster:
    offer, benefit = promotions[0], promotions[0].benefit
    if len(promotions) == 1 and not isinstance(benefit, BasketCut):
        return _single(offer, benefit, allocator, goods)
    rivals = [group for group in groups_of(promotions) if len(group) > 1]
    bound = {p.id for group in rivals for p in group}
    picks: Iterable[tuple[Promotion, ...]]
    if any(p.standing for p in promotions):
        picks = _beside_standing(promotions)
    else:
        picks = (tuple([p for p in promotions if p.id not in bound or p in pick]) for pick in product(*rivals))
    few = list(islice(picks, MAX_ALTERNATIVES + 1))
    is_listed = len(few) <= MAX_ALTERNATIVES
    parted = [_parts(pick, allocator) for pick in (few if is_listed else [_best_alone(promotions, allocator)])]
    best = max(parted, key=lambda parts: sum([part.solved.minor for part in parts]))
    # Too many to list: all offers together, as if no group forbade it, save no less than the best pick.
    every = parted if is_listed else [_parts(promotions, allocator)]
    most = max([sum([part.solved.minor + part.solved.gap_minor for part in parts]) for parts in every])
    return Cluster(allocator, tuple(parted), tuple([part.solved for part in best]), most, 0, 0, is_listed)


def _single(offer: Promotion, benefit: UnitBenefit, allocator: Allocator, goods: Sequence[Goods]) -> Cluster:
    """Lay out an offer that shares nothing with others, as most do: it touches every line of its cluster."""
    lines = (1 << len(goods)) - 1
    one = allocator.contender(offer.id, benefit, offer.max_times, lines)
    solved = allocator.part([one])
    part = Part((one,), lines, solved, offer.standing)
    plain, even = (margin(goods, [one.offer]), even_margin(goods, [one.offer])) if solved.is_exact else (0, 0)
    return Cluster(allocator, ((part,),), (solved,), solved.minor + solved.gap_minor, plain, even, is_listed=True)


def _best_alone(promotions: Sequence[Promotion], allocator: Allocator) -> tuple[Promotion, ...]:
    """Pick of each group the offer that saves most by itself, but a marked-down price before any."""

    def worth(offer: Promotion) -> tuple[bool, int]:
        return offer.standing, sum([part.solved.minor for part in _parts((offer,), allocator)])

    best = {max(group, key=worth).id for group in groups_of(promotions)}
    return tuple([p for p in promotions if p.group is None or p.id in best])


def _beside_standing(promotions: Sequence[Promotion]) -> Iterator[tuple[Promotion, ...]]:
    """Yield the offers that stand with each choice of the others, the fullest first."""
    taken = {p.group for p in promotions if p.standing and p.group is not None}
    free = [p for p in promotions if not p.standing and p.group not in taken]
    for size in range(len(free), -1, -1):
        for chosen in combinations(free, size):
            groups = [p.group for p in chosen if p.group is not None]
            if len(groups) == len(set(groups)):
                yield tuple([p for p in promotions if p.standing or p in chosen])


def _parts(promotions: Sequence[Promotion], allocator: Allocator) -> tuple[Part, ...]:
    standing = {p.id for p in promotions if p.standing}
    ready = [
        allocator.contender(p.id, p.benefit, p.max_times) for p in promotions if not isinstance(p.benefit, BasketCut)
    ]
    found = []
    for members, lines in components([one.lines for one in ready]):
        competing = tuple([ready[i] for i in members])
        is_fixed = any(one.offer.id in standing for one in competing)
        found.append(Part(competing, lines, allocator.part(competing), is_fixed))
    return tuple(found)


def groups_of(promotions: Sequence[Promotion]) -> list[list[Promotion]]:
    """Gather the offers of which one may stand; those of no group are left out."""
    groups: dict[str, list[Promotion]] = {}
    for promotion in promotions:
        if promotion.group is not None:
            groups.setdefault(promotion.group, []).append(promotion)
    return list(groups.values())

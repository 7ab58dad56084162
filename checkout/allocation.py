"""Who takes which unit: the assignment of units to unit benefits that saves the shopper most.

Offers that share no pile of units cannot touch each other and are solved apart. One offer alone has a closed form;
several that compete are searched exactly, by trying for the first pile that still has units every use of an offer that
touches it, and never solving one remainder twice. Beyond ``MAX_TRIALS`` uses tried, ``MAX_UNITS`` units or ``MAX_USES``
different uses the search gives way to taking one offer after another, the one that saves most first, and the result
says by how much at most a better assignment could beat it (:mod:`checkout.bounds`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import or_
from typing import NamedTuple, TypeGuard, assert_never

from checkout.bits import bits
from checkout.bounds import most_saved
from checkout.promotions import (
    BasketCut,
    Bundle,
    BuyXGetY,
    EachUnit,
    Goods,
    NForM,
    Pick,
    Promotion,
    Scope,
    SetCut,
    UnitBenefit,
)
from checkout.uses import MAX_USES, Offer, Table, TooLargeError, Use, best_alone, piles_of, touches, uses_of

MAX_TRIALS = 8_000
"""Uses tried and piles looked at for one group of competing offers before the search gives way: a few milliseconds."""
MAX_UNITS = 300
"""Units in one search: it goes one call deeper for each."""
MAX_LISTS = 64
"""Lists of ways remembered of one basket or cluster; beyond, the memory starts anew."""
LEAST_SLACK = 4
"""Minor units below the best that ways are listed for at least: rounding seldom leaves more in doubt."""
MAX_WAYS = 64
"""Different ways to save that are listed for one group: with more of them nothing could be compared in time."""


class Saving(NamedTuple):
    """What one offer takes off one line, in minor units above zero."""

    line: int
    promotion: str
    minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """The savings of all unit benefits.

    Attributes:
        gap_minor: What a better assignment could save on top at most; 0 when the savings are proven the largest.
    """

    savings: tuple[Saving, ...]
    gap_minor: int = 0

    @property
    def minor(self) -> int:
        """All savings together."""
        return sum(saving.minor for saving in self.savings)

    @property
    def is_exact(self) -> bool:
        """Whether nothing saves more."""
        return self.gap_minor == 0


@dataclass(frozen=True, slots=True)
class Contender:
    """An offer ready to take units: its condition holds.

    Attributes:
        lines: The lines that it may touch, as bits.
    """

    offer: Offer
    lines: int


@dataclass(frozen=True, slots=True)
class Ways:
    """What a group of competing offers may take off, weighed by line.

    Attributes:
        most: What the best way is worth, or a bound on it.
        near: Every way that is worth nearly as much, the best first; of ways that take the same off each line, one.
            None when they are too many to list.
    """

    most: int
    near: tuple[Allocation, ...] | None


_Listed = tuple[int, list[tuple[int, Allocation]] | None]
"""The most, and each way with how much less it is worth."""


class Allocator:
    """Gives units to offers; a group of competing offers is solved once, however often it is asked.

    Args:
        goods: The lines that promotions may touch.
    """

    def __init__(self, goods: Sequence[Goods]) -> None:
        self._goods = goods
        self._parts: dict[tuple[str, ...], Allocation] = {}
        self._ways: dict[tuple[tuple[str, ...], tuple[int, ...], int], _Listed] = {}

    def allocate(self, offers: Sequence[Promotion]) -> Allocation:
        """Give units to offers so that the savings are the largest.

        Args:
            offers: Promotions with unit benefits, whose conditions hold; ids all different.

        Returns:
            The savings, by line and offer. Ties go to the offers that come first.
        """
        ready = [self.contender(p.id, p.benefit, p.max_times) for p in offers if not isinstance(p.benefit, BasketCut)]
        ready = [one for one in ready if one.lines]
        found = [self.part([ready[i] for i in members]) for members, _ in components([one.lines for one in ready])]
        savings = sorted(saving for part in found for saving in part.savings)
        return Allocation(tuple(savings), sum(part.gap_minor for part in found))

    def contender(self, rule: str, benefit: UnitBenefit, max_times: int | None, lines: int | None = None) -> Contender:
        """Make an offer ready; one that lacks the units for a single use touches nothing.

        Args:
            rule: Id of the promotion.
            benefit: What it does.
            max_times: How often.
            lines: The lines that it may touch as bits, when they are known.
        """
        offer = Offer(rule, benefit, max_times)
        if lines is None:
            lines = sum(1 << i for i, one in enumerate(self._goods) if touches(offer, one))
        return Contender(offer, lines if has_enough(benefit, [self._goods[i] for i in bits(lines)]) else 0)

    def part(self, competing: Sequence[Contender]) -> Allocation:
        """Return what the contenders of one component take off."""
        key = tuple([one.offer.id for one in competing])
        if (known := self._parts.get(key)) is None:
            lines = bits(reduce(or_, [one.lines for one in competing]))
            known = _placed(_solution([self._goods[i] for i in lines], [one.offer for one in competing]), lines)
            self._parts[key] = known
        return known

    def ways(self, competing: Sequence[Contender], weights: tuple[int, ...], slack: int) -> Ways:
        """Return every way to save that is worth the most or at most ``slack`` less.

        Args:
            competing: The offers of one component.
            weights: What a minor unit saved on each of their lines is worth; none when all are worth one.
            slack: In the same measure.
        """
        wide = max(weights) * LEAST_SLACK if weights else LEAST_SLACK
        while wide < slack:
            wide *= 4  # few different figures, so that the next basket, with another slack, is answered from memory
        key = tuple([one.offer.id for one in competing]), weights, wide
        if (known := self._ways.get(key)) is None:
            if len(self._ways) >= MAX_LISTS:
                self._ways.clear()
            known = self._ways[key] = self._listed(competing, weights, wide)
        most, near = known
        return Ways(most, None if near is None else tuple([way for loss, way in near if loss <= slack]))

    def _listed(self, competing: Sequence[Contender], weights: tuple[int, ...], slack: int) -> _Listed:
        lines = bits(reduce(or_, [one.lines for one in competing]))
        goods = [self._goods[i] for i in lines]
        most, near = _listed(goods, [one.offer for one in competing], weights, slack, self.part(competing))
        return most, None if near is None else [(loss, _placed(way, lines)) for loss, way in near]


def _placed(found: Allocation, lines: Sequence[int]) -> Allocation:
    """Return savings of lines that were counted among themselves with the lines as the caller counts them."""
    return Allocation(tuple([Saving(lines[i], rule, minor) for i, rule, minor in found.savings]), found.gap_minor)


def components(masks: Sequence[int]) -> list[tuple[list[int], int]]:
    """Return which masks hang together by the bits that they share, and all bits of each such group.

    Examples:
        >>> components([0b0011, 0b1000, 0b0110])
        [([1], 8), ([0, 2], 7)]
    """
    once = shared = 0
    for mask in masks:
        shared |= once & mask
        once |= mask
    groups = [([place], mask) for place, mask in enumerate(masks) if not mask & shared]
    linked: list[tuple[list[int], int]] = []
    for place, mask in [(place, mask) for place, mask in enumerate(masks) if mask & shared]:
        met, all_bits = [place], mask
        others = []
        for group in linked:
            # Two groups never share a bit, so only the newcomer's own bits can join them.
            if group[1] & mask:
                met += group[0]
                all_bits |= group[1]
            else:
                others.append(group)
        linked = [*others, (met, all_bits)]
    groups += [(sorted(places), all_bits) for places, all_bits in linked]
    return sorted(groups, key=lambda group: group[0][-1])


def has_enough(benefit: UnitBenefit, goods: Sequence[Goods]) -> bool:
    """Whether the lines that an offer touches hold the units for one use of it."""
    match benefit:
        case EachUnit():
            return sum(one.quantity for one in goods) >= benefit.group_size
        case NForM():
            return sum(one.quantity for one in goods) >= benefit.take
        case SetCut():
            return sum(one.quantity for one in goods) >= benefit.size
        case BuyXGetY():
            bought = sum(one.quantity for one in goods if benefit.buy.fits(one))
            got = sum(one.quantity for one in goods if benefit.get.fits(one))
            both = sum(one.quantity for one in goods)
            return (
                bought >= benefit.buy_quantity
                and got >= benefit.get_quantity
                and both >= benefit.buy_quantity + benefit.get_quantity
            )
        case Bundle():
            return all(
                sum(one.quantity for one in goods if part.match.fits(one)) >= part.quantity for part in benefit.parts
            )
        case _:
            assert_never(benefit)


def _solution(goods: Sequence[Goods], competing: Sequence[Offer]) -> Allocation:
    if len(competing) == 1 and (plain := _plainly(competing[0], goods)) is not None:
        return plain
    piles = piles_of(goods, competing)
    table = Table(piles, competing)
    counts = tuple(pile.count for pile in piles)
    if len(competing) == 1 and _has_closed_form(competing[0], goods):
        return _written_down(best_alone(table, 0, counts), table)
    most = most_saved(goods, competing)
    found = _written_down(_one_by_one(table, counts), table)
    if found.minor == most:
        return found  # nothing can save more, so nothing needs to be searched
    try:
        return _written_down(_search(table, counts, _Budget(MAX_TRIALS)), table)
    except TooLargeError:
        return replace(found, gap_minor=most - found.minor)


def _plainly(offer: Offer, goods: Sequence[Goods]) -> Allocation | None:
    """Return what an offer takes off where nothing has to be chosen, as mostly; None elsewhere."""
    benefit = offer.benefit
    if any(one.floor_minor for one in goods):
        return None
    if _is_free(benefit) and offer.max_times is None:
        off = [benefit.off(one.unit_minor) * one.quantity for one in goods]
    elif isinstance(benefit, NForM) and len(goods) == 1:
        times = goods[0].quantity // benefit.take
        times = times if offer.max_times is None else min(times, offer.max_times)
        off = [benefit.off(goods[0].unit_minor) * (benefit.take - benefit.pay) * times]
    else:
        return None
    return Allocation(tuple([Saving(line, offer.id, minor) for line, minor in enumerate(off) if minor]))


def _is_free(benefit: UnitBenefit) -> TypeGuard[EachUnit]:
    """Whether a benefit makes each unit cheaper, whatever lies beside it."""
    if not isinstance(benefit, EachUnit):
        return False
    return benefit.group_size == 1 and benefit.pick is None and benefit.max_per_line is None


def _written_down(uses: Sequence[Use], table: Table) -> Allocation:
    sums: dict[tuple[int, str], int] = {}
    for use in uses:
        for pile, minor in use.off:
            place = (table.piles[pile].line, table.offers[use.offer].id)
            sums[place] = sums.get(place, 0) + minor
    return Allocation(tuple(Saving(line, offer, minor) for (line, offer), minor in sorted(sums.items())))


class _Budget:
    """How many uses may still be tried."""

    def __init__(self, trials: int) -> None:
        self._left = trials

    def spend(self, trials: int) -> None:
        self._left -= trials
        if self._left < 0:
            raise TooLargeError


def _has_closed_form(offer: Offer, goods: Sequence[Goods]) -> bool:
    benefit = offer.benefit
    if any(one.floor_minor for one in goods):
        return False  # the dearest units need not be those with the most room above their floor
    return isinstance(benefit, EachUnit | NForM) or (isinstance(benefit, Bundle) and len(benefit.parts) == 1)


def _one_by_one(table: Table, counts: Sequence[int]) -> list[Use]:
    left = list(counts)
    options = {offer: best_alone(table, offer, left) for offer in range(len(table.offers))}
    chosen: list[Use] = []
    while options:
        best = max(options, key=lambda offer: sum([use.minor for use in options[offer]]))
        uses = options.pop(best)
        taken = {pile for use in uses for pile, _ in use.taken}
        for use in uses:
            for pile, count in use.taken:
                left[pile] -= count
        for offer in options:
            if not taken.isdisjoint(table.hits(offer)):
                options[offer] = best_alone(table, offer, left)
        chosen += uses
    return chosen


def _search(table: Table, counts: tuple[int, ...], budget: _Budget) -> list[Use]:
    search = _Search(table, counts, (), budget)
    search.best(counts, search.limits)
    return search.path(counts, search.limits)


def margin(goods: Sequence[Goods], competing: Sequence[Offer]) -> int:
    """Return how much less than the best every other way saves, on no line more; nothing where that is not plain."""
    offer = competing[0]
    benefit = offer.benefit
    if len(competing) > 1 or any(one.floor_minor for one in goods):
        return 0
    if _is_free(benefit):
        # Every unit that the offer makes cheaper is made so, unless its uses are counted.
        some = [off for one in goods if (off := benefit.off(one.unit_minor))]
        return min(some, default=1) if offer.max_times is None else 0
    if isinstance(benefit, NForM) and len(goods) == 1:
        return benefit.off(goods[0].unit_minor)
    if isinstance(benefit, BuyXGetY):
        # Where one line alone may be got, ways differ in how often it is got.
        got = [one.unit_minor for one in goods if benefit.get.fits(one)]
        return benefit.get_quantity * benefit.off(got[0]) if len(got) == 1 else 0
    return 0


def even_margin(goods: Sequence[Goods], competing: Sequence[Offer]) -> int:
    """Return how much less than the best every other way saves in all, where that is plain to see; else nothing."""
    benefit = competing[0].benefit
    if (plain := margin(goods, competing)) or len(competing) > 1 or any(one.floor_minor for one in goods):
        return plain
    if not isinstance(benefit, NForM) or sum([one.quantity for one in goods]) >= 2 * benefit.take:
        return 0
    if (benefit.scope, benefit.pick, benefit.take - benefit.pay) != (Scope.GROUP, Pick.CHEAPEST, 1):
        return 0
    # A single use: free is the cheapest of the dearest units; of another line a unit could be free that costs no more.
    units = sorted(
        [(one.unit_minor, line) for line, one in enumerate(goods) for _ in range(one.quantity)], reverse=True
    )
    best, line = units[benefit.take - 1]
    others = [minor for minor, other in units if other != line and minor <= best]
    return benefit.off(best) - benefit.off(max(others, default=0))


def _listed(
    goods: Sequence[Goods], competing: Sequence[Offer], weights: tuple[int, ...], slack: int, solved: Allocation
) -> _Listed:
    piles = piles_of(goods, competing)
    table = Table(piles, competing)
    counts = tuple(pile.count for pile in piles)
    bound = (max(weights) if weights else 1) * (solved.minor + solved.gap_minor)
    if not solved.is_exact:
        return bound, None
    try:
        search = _Search(table, counts, weights, _Budget(MAX_TRIALS))
        most = search.best(counts, search.limits)
        bound = min(bound, most)
        found = search.near(counts, slack, len(goods))
    except TooLargeError:
        return bound, None
    return most, [(slack - spare, _written_down(uses, table)) for spare, uses in found]


class _Search:
    """The best that can be made of each remainder, solved once; each line's savings weigh what the caller says."""

    def __init__(self, table: Table, counts: tuple[int, ...], weights: Sequence[int], budget: _Budget) -> None:
        if sum(counts) > MAX_UNITS:
            raise TooLargeError
        self._table = table
        self._budget = budget
        self._by_pile: list[list[tuple[Use, int]]] = [[] for _ in counts]
        for seen, use in enumerate(uses_of(table)):
            if seen >= MAX_USES:
                raise TooLargeError
            worth = sum([weights[table.piles[i].line] * off for i, off in use.off]) if weights else use.minor
            for pile, _ in use.taken:
                self._by_pile[pile].append((use, worth))
        self.limits = tuple(-1 if offer.max_times is None else offer.max_times for offer in table.offers)
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, Use | None]] = {}

    def best(self, left: tuple[int, ...], times: tuple[int, ...]) -> int:
        """Return the most that the units left can still save; ``times`` counts down, -1 is without bound."""
        pile = _first(left)
        if pile is None:
            return 0
        if (known := self._known.get((left, times))) is not None:
            return known[0]
        self._budget.spend(len(left) + len(self._by_pile[pile]))
        # Either no unit of the first pile is taken any more, or some use takes one.
        most, choice = self.best(_without(left, ((pile, left[pile]),)), times), None
        for use, worth in self._by_pile[pile]:
            if times[use.offer] and all(left[i] >= count for i, count in use.taken):
                saved = worth + self.best(_without(left, use.taken), _counted(times, use.offer))
                if saved > most:
                    most, choice = saved, use
        self._known[left, times] = (most, choice)
        return most

    def near(self, counts: tuple[int, ...], slack: int, lines: int) -> list[tuple[int, list[Use]]]:
        """Return the uses of each way to save on the lines that is worth at most ``slack`` less than the best.

        Each comes with what is left of the slack, the best first. Of what is worth the same on every line, one is
        listed.
        """
        found: dict[tuple[int, ...], tuple[int, list[Use]]] = {}
        seen: set[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = set()
        nothing = (0,) * lines
        open_ends: list[tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], int, list[Use]]]
        open_ends = [(counts, self.limits, nothing, slack, [])]
        while open_ends:
            left, times, off, spare, uses = open_ends.pop()
            if (left, times, off) in seen:
                continue  # other uses came to the same, and what is spare hangs on what was taken off alone
            seen.add((left, times, off))
            if (pile := _first(left)) is None:
                found[off] = (spare, uses)
                if len(found) > MAX_WAYS:
                    raise TooLargeError
                continue
            best = self.best(left, times)
            self._budget.spend(len(left) + len(self._by_pile[pile]))
            skipped = _without(left, ((pile, left[pile]),))
            if (rest := spare - best + self.best(skipped, times)) >= 0:
                open_ends.append((skipped, times, off, rest, uses))
            for use, worth in self._by_pile[pile]:
                if times[use.offer] and all(left[i] >= count for i, count in use.taken):
                    after = _without(left, use.taken), _counted(times, use.offer)
                    if (rest := spare - best + worth + self.best(*after)) >= 0:
                        open_ends.append((*after, self._off(off, use), rest, [*uses, use]))
        return sorted(found.values(), key=lambda one: -one[0])

    def _off(self, off: tuple[int, ...], use: Use) -> tuple[int, ...]:
        more = list(off)
        for pile, minor in use.off:
            more[self._table.piles[pile].line] += minor
        return tuple(more)

    def path(self, left: tuple[int, ...], times: tuple[int, ...]) -> list[Use]:
        """Follow the best choices from a remainder that was solved."""
        chosen: list[Use] = []
        while (pile := _first(left)) is not None:
            use = self._known[left, times][1]
            if use is None:
                left = _without(left, ((pile, left[pile]),))
            else:
                chosen.append(use)
                left, times = _without(left, use.taken), _counted(times, use.offer)
        return chosen


def _first(left: tuple[int, ...]) -> int | None:
    for i, count in enumerate(left):
        if count:
            return i
    return None


def _without(left: tuple[int, ...], taken: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    fewer = list(left)
    for pile, count in taken:
        fewer[pile] -= count
    return tuple(fewer)


def _counted(times: tuple[int, ...], offer: int) -> tuple[int, ...]:
    if times[offer] < 0:
        return times
    return (*times[:offer], times[offer] - 1, *times[offer + 1 :])

"""Which promotions and coupons stand on a receipt together: those that leave the shopper the least to pay.

The order is fixed (:mod:`checkout.till`): unit benefits first, each unit once (:mod:`checkout.allocation`), then basket
benefits on what remains, then coupons. Free to choose are *which* offers take part: one of each group, an exclusive one
alone, and, where an offer may cost another its threshold, any of them may be left out.

Offers that share no units or group make *clusters*, each solved apart. The fullest choice is tried first; a ceiling
that adds up over the clusters (:mod:`checkout.gap`) says how much any other could save. Mostly that proves the first
one the best. Where it does not, each cluster names the few ways to use its offers that leave room below the ceiling,
and these are tried against one another, up to ``MAX_WORK``; so is leaving a cut out where the ceiling allows it.
Beyond, one offer after another is left out as long as that reaches more, and the outcome says by how much at most
another choice could beat it: its *gap*.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod

from checkout.allocation import MAX_WAYS, Allocator, Contender, Saving, Ways, bits, components
from checkout.clusters import MAX_ALTERNATIVES, Cluster, ClusterMemory, Part, Way, groups_of
from checkout.coupons import Coupon
from checkout.gap import ONE, View, steps_of, views_of
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
ROUNDS = 2
"""Times that the ceiling is lowered by what the ways that are left leave on each line at most."""
SMALL_GAP_MINOR = 10
"""A gap so small is stated and left alone on a long receipt: nobody waits for a search after a few cents."""


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
    return combine_open(
        goods, Reach(promotions), coupons, is_open=lambda _: True, memory=ClusterMemory(), policy=policy
    )


def combine_open(
    goods: Sequence[Goods],
    reach: Reach,
    coupons: Sequence[Coupon],
    *,
    is_open: Callable[[Promotion], bool],
    memory: ClusterMemory,
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


@dataclass(frozen=True, slots=True)
class _Laid:
    """A cluster where it lies in the basket: its lines as bits and by their places."""

    cluster: Cluster
    lines: int
    at: tuple[int, ...]


class _Desk:
    """One basket with the offers that could ever take something off it."""

    def __init__(self, counter: Counter, memory: ClusterMemory) -> None:
        self._counter = counter
        self._memory = memory
        self._numbers = [memory.number(one) for one in counter.goods]
        self._allocator = Allocator(counter.goods)
        self._by_id: dict[str, Promotion] = {}
        self._units: dict[str, Contender] = {}
        self._cuts: dict[str, Cutting] = {}
        self._exclusive: list[Promotion] = []
        self._pool: list[Promotion] = []
        self._outcomes: dict[tuple[str, ...], Outcome] = {}
        self._chosen_of: dict[tuple[str, ...], Outcome] = {}
        self._room = max(LEAST_CHOICES, MAX_WORK // max(1, len(counter.goods)) ** 2)
        self._clustered: dict[tuple[str, ...], list[_Laid]] = {}

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
            self._by_id[promotion.id] = promotion
        (self._exclusive if promotion.exclusive else self._pool).append(promotion)

    def best(self) -> Outcome:
        """Compare each exclusive offer alone with the best of all others together."""
        standing = [p for p in self._pool if p.standing]
        found = [self._chosen([promotion, *standing]) for promotion in self._exclusive]
        wide = [group for group in groups_of(self._pool) if any(p.id in self._cuts for p in group)]
        grouped = {p.id for group in wide for p in group}
        free = [p for p in self._pool if p.id not in grouped]
        picks = list(islice(product(*wide), MAX_ALTERNATIVES + 1))
        if len(picks) > MAX_ALTERNATIVES:
            first = tuple(max(group, key=lambda p: self._outcome((p,)).minor) for group in wide)
            found.append(self._loosely(self._chosen(self._in_order([*free, *first])), self._pool))
        else:
            found += [self._chosen(self._in_order([*free, *pick])) for pick in picks]
        return _best_of(found)

    def _in_order(self, promotions: Sequence[Promotion]) -> list[Promotion]:
        chosen = {promotion.id for promotion in promotions}
        return [promotion for promotion in self._pool if promotion.id in chosen]

    def _chosen(self, pool: Sequence[Promotion]) -> Outcome:
        """Return the best of a pool whose groups hold unit benefits alone."""
        key = tuple(promotion.id for promotion in pool)
        if (known := self._chosen_of.get(key)) is None:
            found = [self._with_all_cuts(pool)]
            clusters = self._clusters(pool)
            for one in [p for p in pool if p.id in self._cuts and not p.standing]:
                others = [p for p in pool if p is not one]
                views = self._views(others, clusters, self._counter.shelf, are_sure=False)
                most = max([self._worth(clusters, view) for view in views]) // ONE
                if most <= max([outcome.minor for outcome in found]):
                    continue  # without it nothing better is in reach
                if self._room > 0:
                    found.append(self._chosen(others))
                else:
                    found.append(replace(found[0], gap_minor=most - found[0].minor))
            known = self._chosen_of[key] = _best_of(found)
        return known

    def _with_all_cuts(self, pool: Sequence[Promotion]) -> Outcome:
        """Return the best of all ways to share the units out, with every cut of a pool taken that applies.

        What could save more than the best so far stays below a ceiling that adds up over the clusters. So each cluster
        is asked for those of its ways that leave room for more, and only these are tried against one another.
        """
        clusters = self._clusters(pool)
        cuts = self._cuts_of(pool)
        first = [laid.cluster.first for laid in clusters]
        best = self._taken(clusters, first, cuts)
        high = list(self._counter.shelf)
        views: list[View] = []
        options: list[list[Way] | None] = []
        ceiling = sum(high)
        for _ in range(ROUNDS):
            views = self._views(pool, clusters, high, are_sure=True)
            worths = [self._worth(clusters, view) for view in views]
            ceiling = min(ceiling, max(worths) // ONE)
            if ceiling <= best.minor:
                return best
            # Only what saves a whole unit more than the best so far is of interest.
            slacks = [(view, worth - (best.minor + 1) * ONE) for view, worth in zip(views, worths, strict=True)]
            options = [_options(laid, [one for one in slacks if one[1] >= 0]) for laid in clusters]
            listed = [ways for ways in options if ways is not None]
            if len(listed) == len(options) and prod([len(ways) for ways in listed]) <= self._room:
                others = [list(ways) for ways in product(*listed)]
                tried = [self._taken(clusters, ways, cuts) for ways in others if ways != first]
                return min([best, *tried], key=lambda one: (-one.minor, len(one.rules)))
            high = self._highs(clusters, options)
        heavy = [ways[0] if ways else laid.cluster.first for laid, ways in zip(clusters, options, strict=True)]
        best = max([best, self._taken(clusters, heavy, cuts)], key=lambda one: one.minor)
        if ceiling - best.minor > SMALL_GAP_MINOR and len(views) > len(self._counter.trials):
            best = max([best, self._climbed(pool)], key=lambda one: one.minor)
        return replace(best, gap_minor=max(0, ceiling - best.minor))

    def _taken(self, clusters: Sequence[_Laid], ways: Sequence[Way], cuts: Sequence[Cutting]) -> Outcome:
        self._room -= 1
        savings = [
            Saving(laid.at[line], rule, minor)
            for laid, way in zip(clusters, ways, strict=True)
            for part in way
            for line, rule, minor in part.savings
        ]
        return self._counter.outcome(savings, cuts)

    def _cuts_of(self, pool: Sequence[Promotion]) -> list[Cutting]:
        return sorted((self._cuts[p.id] for p in pool if p.id in self._cuts), key=lambda cut: cut.turn)

    def _views(
        self, pool: Sequence[Promotion], clusters: Sequence[_Laid], high: Sequence[int], *, are_sure: bool
    ) -> list[View]:
        savings = [(laid.lines, laid.cluster.most_minor) for laid in clusters]
        cuts = self._cuts_of(pool)
        counter = self._counter
        return [
            view
            for trial in counter.trials
            for view in views_of(counter, steps_of(counter, cuts, trial), savings, high, are_sure=are_sure)
        ]

    def _worth(self, clusters: Sequence[_Laid], view: View) -> int:
        return view.constant + sum([_most_of(laid, view) for laid in clusters])

    def _highs(self, clusters: Sequence[_Laid], options: Sequence[Sequence[Way] | None]) -> list[int]:
        """Return what the ways that are left leave on each line at most."""
        high = list(self._counter.shelf)
        for laid, ways in zip(clusters, options, strict=True):
            for place, line in enumerate(laid.at if ways else ()):
                high[line] -= min(
                    [sum([s.minor for part in way for s in part.savings if s.line == place]) for way in ways or ()]
                )
        return high

    def _clusters(self, pool: Sequence[Promotion]) -> list[_Laid]:
        """Part unit benefits into those that share lines or groups with one another."""
        units = [p for p in pool if p.id in self._units]
        key = tuple([p.id for p in units])
        if (known := self._clustered.get(key)) is not None:
            return known
        spread: dict[str, int] = {}
        for p in units:
            if p.group is not None:
                spread[p.group] = spread.get(p.group, 0) | self._units[p.id].lines
        ready = [
            replace(self._units[p.id], lines=spread[p.group]) if p.group is not None else self._units[p.id]
            for p in units
        ]
        found = self._clustered[key] = []
        for competing, lines in components(ready):
            at = bits(lines)
            ids = tuple([one.offer.id for one in competing])
            numbers = tuple([self._numbers[i] for i in at])
            goods = [self._counter.goods[i] for i in at]
            found.append(_Laid(self._memory.cluster([self._by_id[i] for i in ids], goods, ids, numbers), lines, at))
        return found

    def _outcome(self, chosen: Sequence[Promotion]) -> Outcome:
        key = tuple([promotion.id for promotion in chosen])
        if (known := self._outcomes.get(key)) is None:
            clusters = self._clusters(chosen)
            ways = [laid.cluster.first for laid in clusters]
            known = self._outcomes[key] = self._taken(clusters, ways, self._cuts_of(chosen))
        return known

    def _loosely(self, outcome: Outcome, pool: Sequence[Promotion]) -> Outcome:
        """State what any choice from a pool with groups could save on top at most."""
        clusters = self._clusters(pool)
        views = self._views(pool, clusters, self._counter.shelf, are_sure=False)
        most = max([self._worth(clusters, view) for view in views]) // ONE
        return replace(outcome, gap_minor=max(0, most - outcome.minor))

    def _climbed(self, pool: Sequence[Promotion]) -> Outcome:
        """Leave one offer after another out, as long as that saves more."""
        first = [p for laid in self._clusters(pool) for part in laid.cluster.picks[0] for p in part.competing]
        picked = {one.offer.id for one in first}
        chosen = tuple([p for p in pool if p.id in picked or p.id in self._cuts])
        tries = max(LEAST_CHOICES, MAX_TRIES // max(1, len(self._counter.goods)))
        while True:
            open_at = [i for i, p in enumerate(chosen) if not p.standing][:tries]
            tries -= len(open_at)
            fewer = [chosen[:i] + chosen[i + 1 :] for i in open_at]
            best = max(fewer, key=lambda trial: self._outcome(trial).minor, default=chosen)
            if self._outcome(best).minor <= self._outcome(chosen).minor:
                return self._outcome(chosen)
            chosen = best


def _best_of(found: Sequence[Outcome]) -> Outcome:
    """Return the outcome that saves most, of equals with the fewest promotions, and what any could still add."""
    best = min(found, key=lambda outcome: (-outcome.minor, len(outcome.rules)))
    return replace(best, gap_minor=max([outcome.minor + outcome.gap_minor for outcome in found]) - best.minor)


def _most_of(laid: _Laid, view: View) -> int:
    cluster = laid.cluster
    if len(laid.at) == 1:
        return view.weights[laid.at[0]] * cluster.most_minor
    if (weight := view.weight(laid.at)) is not None:
        return weight * cluster.most_minor
    if not cluster.is_listed:
        return max([view.weights[i] for i in laid.at]) * cluster.most_minor
    return max([sum([_most_of_part(laid, part, view) for part in pick]) for pick in cluster.picks])


def _most_of_part(laid: _Laid, part: Part, view: View) -> int:
    if not part.is_fixed and (weight := view.weight([laid.at[place] for place in bits(part.lines)])) is not None:
        return weight * (part.solved.minor + part.solved.gap_minor)
    return _ways(laid, part, view, 0).most


def _options(laid: _Laid, slacks: Sequence[tuple[View, int]]) -> list[Way] | None:
    """Return the ways of a cluster that leave room for more in some view; None when they are too many."""
    found: dict[Way, None] = {}
    for view, slack in slacks:
        weight = view.weight(laid.at)
        if weight is not None and slack < weight * laid.cluster.margin_minor:
            found[laid.cluster.first] = None
        elif not laid.cluster.is_listed or (ways := _near(laid, view, slack)) is None:
            return None
        else:
            found |= dict.fromkeys(ways)
    return list(found) if len(found) <= MAX_WAYS else None


def _near(laid: _Laid, view: View, slack: int) -> list[Way] | None:
    most = _most_of(laid, view)
    found: list[Way] = []
    for pick in laid.cluster.picks:
        spare = slack - most + sum([_most_of_part(laid, part, view) for part in pick])
        if spare >= 0:
            near = [_ways(laid, part, view, spare).near for part in pick]
            listed = [ways for ways in near if ways is not None]
            if len(listed) < len(near) or prod([len(ways) for ways in listed]) > MAX_WAYS:
                return None
            found += product(*listed)
    return found


def _ways(laid: _Laid, part: Part, view: View, slack: int) -> Ways:
    """Return what the offers of one part may take off, weighed as a view does."""
    at = [laid.at[place] for place in bits(part.lines)]
    if part.is_fixed:
        worth = sum([view.weights[laid.at[saving.line]] * saving.minor for saving in part.solved.savings])
        return Ways(worth + max([view.weights[i] for i in at]) * part.solved.gap_minor, (part.solved,))
    if (weight := view.weight(at)) is None:
        return laid.cluster.ways(part, tuple([view.weights[i] for i in at]), slack)
    # What weighs nothing is worth nothing whatever is taken: then every way is as good.
    ways = laid.cluster.ways(part, (), slack // weight if weight else part.solved.minor)
    return Ways(ways.most * weight, ways.near)

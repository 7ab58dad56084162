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

from collections.abc import Container, Sequence
from dataclasses import replace
from functools import cached_property
from itertools import islice, product
from math import prod
from typing import NamedTuple

from checkout.allocation import MAX_WAYS, Saving, Ways, components
from checkout.bits import bits
from checkout.clusters import MAX_ALTERNATIVES, Cluster, ClusterMemory, Part, Way
from checkout.coupons import Coupon
from checkout.gap import ONE, Classes, Tally, View, classes_of, steps_of, views_of
from checkout.policy import DEFAULT_POLICY, Combining, PricingPolicy
from checkout.promotions import BasketCut, Goods, Promotion
from checkout.reach import Met, Reach
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
new_saving = tuple.__new__
"""Makes a saving three times as quickly as its own constructor."""
FAR_MINOR = 2**62
"""More than anything costs."""
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
    reach = Reach(promotions)
    met = reach.meet([reach.kind(one) for one in goods])
    return combine_open(met, ClusterMemory(reach), coupons, opened=range(len(reach.offers)), policy=policy)


def combine_open(
    met: Met, memory: ClusterMemory, coupons: Sequence[Coupon], *, opened: Container[int], policy: PricingPolicy
) -> Outcome:
    """Choose the promotions and coupons that save the shopper most.

    Args:
        met: The lines that promotions may touch. Odd cents go to the first of equals, so a caller who wants the order
            of scanning not to matter sorts them.
        memory: The shop's promotions, with what was solved of them before.
        coupons: Those that may be used now.
        opened: Places of the promotions that are in time and for this shopper.
        policy: How the shop reckons.

    Returns:
        The best outcome; of equals the one with the fewest promotions, then the first of the order given.
    """
    counter = Counter(met, coupons, policy)
    if policy.combining is not Combining.BEST:
        return in_turn(counter, [offer for i, offer in enumerate(memory.reach.offers) if i in opened], policy)
    return _Desk(counter, memory, [place for place in sorted(met.touched) if place in opened]).best()


class _Laid(NamedTuple):
    """A cluster where it lies in the basket: its lines as bits and by their places."""

    cluster: Cluster
    lines: int
    at: tuple[int, ...]


Pool = tuple[int, ...]
"""Offers by their places, in order."""


class _Desk:
    """One basket with the offers that could ever take something off it.

    Args:
        counter: The basket.
        memory: The offers.
        places: Those that touch the basket and are open, in order.
    """

    def __init__(self, counter: Counter, memory: ClusterMemory, places: Sequence[int]) -> None:
        self._counter = counter
        self._memory = memory
        self._offers = memory.reach.offers
        self._units: dict[int, int] = {}
        self._cuts: dict[int, Cutting] = {}
        self._outcomes: dict[Pool, Outcome] = {}
        self._chosen_of: dict[Pool, Outcome] = {}
        self._room = max(LEAST_CHOICES, MAX_WORK // max(1, len(counter.goods)) ** 2)
        self._clustered: dict[Pool, list[_Laid]] = {}
        self._tallies: dict[Pool, Tally] = {}
        self._unit_pools: dict[Pool, Pool] = {}
        for place in places:
            self._lay(place)
        laid = [place for place in places if place in self._units or place in self._cuts]
        self._exclusive = [place for place in laid if self._offers[place].exclusive]
        self._pool: Pool = tuple([place for place in laid if not self._offers[place].exclusive])
        self._most_by_coupons = counter.most_by_coupons()

    @cached_property
    def _classes(self) -> Classes:
        return classes_of(self._counter, self._cuts.values())

    def _lay(self, place: int) -> None:
        """Put an offer on the desk, unless it can save nothing here."""
        met, memory = self._counter.met, self._memory
        if place in memory.reach.conditional and not self._holds(place):
            return
        lines = met.touched[place]
        benefit = self._offers[place].benefit
        if isinstance(benefit, BasketCut):
            most = self._counter.most_by_cut(benefit, lines)
            self._cuts[place] = Cutting(self._offers[place], benefit, lines, met.counted.get(place, 0), most)
        elif place in memory.reach.alone_enough or memory.has_enough(place, met.numbered(lines), lines, met.goods):
            self._units[place] = lines

    def _holds(self, place: int) -> bool:
        met, when = self._counter.met, self._offers[place].when
        hits = bits(met.counted.get(place, 0))
        enough = not when.min_units or sum([met.goods[i].quantity for i in hits]) >= when.min_units
        return enough and sum([met.shelf[i] for i in hits]) >= when.min_minor

    def best(self) -> Outcome:
        """Compare each exclusive offer alone with the best of all others together."""
        standing = [place for place in self._pool if self._offers[place].standing]
        found = [self._chosen((place, *standing)) for place in self._exclusive]
        wide = [group for group in self._groups() if any(place in self._cuts for place in group)]
        grouped = {place for group in wide for place in group}
        free = [place for place in self._pool if place not in grouped]
        picks = list(islice(product(*wide), MAX_ALTERNATIVES + 1))
        if len(picks) > MAX_ALTERNATIVES:
            first = [max(group, key=lambda place: self._outcome((place,)).minor) for group in wide]
            found.append(self._loosely(self._chosen(tuple(sorted([*free, *first]))), self._pool))
        else:
            found += [self._chosen(tuple(sorted([*free, *pick]))) for pick in picks]
        return _best_of(found)

    def _groups(self) -> list[list[int]]:
        groups: dict[str, list[int]] = {}
        for place in self._pool:
            if (group := self._offers[place].group) is not None:
                groups.setdefault(group, []).append(place)
        return list(groups.values())

    def _chosen(self, pool: Pool) -> Outcome:
        """Return the best of a pool whose groups hold unit benefits alone."""
        if (known := self._chosen_of.get(pool)) is None:
            found = [self._with_all_cuts(pool)]
            for one in [place for place in self._cuts if place in pool and not self._offers[place].standing]:
                others = tuple([place for place in pool if place != one])
                best = max([outcome.minor for outcome in found])
                if self._most_at_once(others) <= best or (most := self._most(others)) <= best:
                    continue  # without it nothing better is in reach
                if self._room > 0:
                    found.append(self._chosen(others))
                else:
                    found.append(replace(found[0], gap_minor=most - found[0].minor))
            known = self._chosen_of[pool] = _best_of(found)
        return known

    def _with_all_cuts(self, pool: Pool) -> Outcome:
        """Return the best of all ways to share the units out, with every cut of a pool taken that applies.

        What could save more than the best so far stays below a ceiling that adds up over the clusters. So each cluster
        is asked for those of its ways that leave room for more, and only these are tried against one another.
        """
        clusters = self._clusters(pool)
        cuts = self._cuts_of(pool)
        first = [laid.cluster.first for laid in clusters]
        best = self._taken(clusters, first, cuts)
        if not clusters or self._most_at_once(pool) <= best.minor:
            return best
        tally = self._tally(pool)
        high = self._classes.shelf
        views: list[View] = []
        options: list[Sequence[Way] | None] = []
        ceiling = sum(high)
        for _ in range(ROUNDS):
            views = self._views(pool, high, are_sure=True)
            worths = [self._worth(clusters, tally, view) for view in views]
            ceiling = min(ceiling, max(worths) // ONE)
            if ceiling <= best.minor:
                return best
            # Only what saves a whole unit more than the best so far is of interest.
            slacks = [(view, worth - (best.minor + 1) * ONE) for view, worth in zip(views, worths, strict=True)]
            slacks = [one for one in slacks if one[1] >= 0]
            enough = self._enough_margins(slacks)
            options = [
                (one.cluster.first,)
                if (within := self._classes.holding(one.lines)) is not None
                and one.cluster.even_margin_minor >= enough[within]
                else _options(one, slacks)
                for one in clusters
            ]
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

    def _enough_margins(self, slacks: Sequence[tuple[View, int]]) -> list[int]:
        """Return by class how much less than the best a way has to save to leave no room for more."""
        weighed = [(slack, view.by_class) for view, slack in slacks]
        return [
            max([slack // by_class[c] + 1 if by_class[c] else FAR_MINOR for slack, by_class in weighed])
            for c in range(len(self._classes.parts))
        ]

    def _taken(self, clusters: Sequence[_Laid], ways: Sequence[Way], cuts: Sequence[Cutting]) -> Outcome:
        self._room -= 1
        savings = [
            new_saving(Saving, (laid.at[line], rule, minor))
            for laid, way in zip(clusters, ways, strict=True)
            for part in way
            for line, rule, minor in part.savings
        ]
        return self._counter.outcome(savings, cuts)

    def _cuts_of(self, pool: Pool) -> list[Cutting]:
        return sorted([cut for place, cut in self._cuts.items() if place in pool], key=lambda cut: cut.turn)

    def _views(self, pool: Pool, high: Sequence[int], *, are_sure: bool) -> list[View]:
        tally = self._tally(pool)
        cuts = self._cuts_of(pool)
        counter, classes = self._counter, self._classes
        return [
            view
            for trial in counter.trials
            for view in views_of(counter, classes, steps_of(counter, cuts, trial), tally, high, are_sure=are_sure)
        ]

    def _most_at_once(self, pool: Pool) -> int:
        """Return what no choice of a pool saves more than, as if each cut and coupon came first: quick and high."""
        by_units = sum([laid.cluster.most_minor for laid in self._clusters(pool)])
        return by_units + sum([self._cuts[place].most for place in pool if place in self._cuts]) + self._most_by_coupons

    def _most(self, pool: Pool) -> int:
        """Return what no choice of a pool saves more than."""
        clusters, tally = self._clusters(pool), self._tally(pool)
        views = self._views(pool, self._classes.shelf, are_sure=False)
        return max([self._worth(clusters, tally, view) for view in views]) // ONE

    def _worth(self, clusters: Sequence[_Laid], tally: Tally, view: View) -> int:
        across = [laid for laid in clusters if self._classes.holding(laid.lines) is None] if tally.across else []
        return view.within(tally) + sum([_most_of(laid, view) for laid in across])

    def _highs(self, clusters: Sequence[_Laid], options: Sequence[Sequence[Way] | None]) -> list[int]:
        """Return what the ways that are left leave of each class at most."""
        high = list(self._counter.shelf)
        for laid, ways in zip(clusters, options, strict=True):
            for place, line in enumerate(laid.at if ways else ()):
                high[line] -= min(
                    [sum([s.minor for part in way for s in part.savings if s.line == place]) for way in ways or ()]
                )
        return self._classes.sums(high)

    def _units_of(self, pool: Pool) -> Pool:
        if (known := self._unit_pools.get(pool)) is None:
            units = self._units
            known = self._unit_pools[pool] = tuple([place for place in pool if place in units])
        return known

    def _tally(self, pool: Pool) -> Tally:
        units = self._units_of(pool)
        if (known := self._tallies.get(units)) is None:
            most = [(laid.lines, laid.cluster.most_minor) for laid in self._clusters(pool)]
            known = self._tallies[units] = Tally(self._classes, most)
        return known

    def _clusters(self, pool: Pool) -> list[_Laid]:
        """Part unit benefits into those that share lines or groups with one another."""
        units = self._units_of(pool)
        if (known := self._clustered.get(units)) is not None:
            return known
        lines_of = [self._units[place] for place in units]
        spread: dict[str, int] = {}
        for place in units:
            if (group := self._offers[place].group) is not None:
                spread[group] = spread.get(group, 0) | self._units[place]
        if spread:
            groups = [self._offers[place].group for place in units]
            lines_of = [own if g is None else spread[g] for g, own in zip(groups, lines_of, strict=True)]
        met, memory = self._counter.met, self._memory
        found = self._clustered[units] = []
        for competing, lines in components(lines_of):
            places = tuple([units[i] for i in competing]) if len(competing) > 1 else units[competing[0]]
            numbers = met.numbered(lines)
            cluster = memory.known.get((places, numbers)) or memory.cluster(places, numbers, lines, met.goods)
            found.append(_Laid(cluster, lines, bits(lines)))
        return found

    def _outcome(self, chosen: Pool) -> Outcome:
        if (known := self._outcomes.get(chosen)) is None:
            clusters = self._clusters(chosen)
            ways = [laid.cluster.first for laid in clusters]
            known = self._outcomes[chosen] = self._taken(clusters, ways, self._cuts_of(chosen))
        return known

    def _loosely(self, outcome: Outcome, pool: Pool) -> Outcome:
        """State what any choice from a pool with groups could save on top at most."""
        return replace(outcome, gap_minor=max(0, self._most(pool) - outcome.minor))

    def _climbed(self, pool: Pool) -> Outcome:
        """Leave one offer after another out, as long as that saves more."""
        parts = [part for laid in self._clusters(pool) for part in laid.cluster.picks[0]]
        picked = {one.offer.id for part in parts for one in part.competing}
        chosen = tuple([place for place in pool if self._offers[place].id in picked or place in self._cuts])
        tries = max(LEAST_CHOICES, MAX_TRIES // max(1, len(self._counter.goods)))
        while True:
            open_at = [i for i, place in enumerate(chosen) if not self._offers[place].standing][:tries]
            tries -= len(open_at)
            fewer = [chosen[:i] + chosen[i + 1 :] for i in open_at]
            best = max(fewer, key=lambda trial: self._outcome(trial).minor, default=chosen)
            if self._outcome(best).minor <= self._outcome(chosen).minor:
                return self._outcome(chosen)
            chosen = best


def _best_of(found: Sequence[Outcome]) -> Outcome:
    """Return the outcome that saves most, of equals with the fewest promotions, and what any could still add."""
    if len(found) == 1:
        return found[0]
    best = min(found, key=lambda outcome: (-outcome.minor, len(outcome.rules)))
    return replace(best, gap_minor=max([outcome.minor + outcome.gap_minor for outcome in found]) - best.minor)


def _most_of(laid: _Laid, view: View) -> int:
    cluster = laid.cluster
    if (weight := view.weight(laid.at)) is not None:
        return weight * cluster.most_minor
    if cluster.margin_minor:
        weights = view.weights(laid.at)
        return sum([weights[saving.line] * saving.minor for part in cluster.first for saving in part.savings])
    if not cluster.is_listed:
        return max(view.weights(laid.at)) * cluster.most_minor
    return max([sum([_most_of_part(laid, part, view) for part in pick]) for pick in cluster.picks])


def _most_of_part(laid: _Laid, part: Part, view: View) -> int:
    if not part.is_fixed and (weight := view.weight([laid.at[place] for place in bits(part.lines)])) is not None:
        return weight * (part.solved.minor + part.solved.gap_minor)
    return _ways(laid, part, view, 0).most


def _options(laid: _Laid, slacks: Sequence[tuple[View, int]]) -> Sequence[Way] | None:
    """Return the ways of a cluster that leave room for more in some view; None when they are too many."""
    cluster = laid.cluster
    margin = cluster.margin_minor
    if margin and all(slack < min(view.weights(laid.at)) * margin for view, slack in slacks):
        return (cluster.first,)
    found: dict[Way, None] = {}
    for view, slack in slacks:
        if slack < min(view.weights(laid.at)) * margin:
            found[cluster.first] = None
        elif not cluster.is_listed or (ways := _near(laid, view, slack)) is None:
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
        weights = view.weights(laid.at)
        worth = sum([weights[saving.line] * saving.minor for saving in part.solved.savings])
        return Ways(worth + max(view.weights(at)) * part.solved.gap_minor, (part.solved,))
    if (weight := view.weight(at)) is None:
        return laid.cluster.ways(part, view.weights(at), slack)
    # What weighs nothing is worth nothing whatever is taken: then every way is as good.
    ways = laid.cluster.ways(part, (), slack // weight if weight else part.solved.minor)
    return Ways(ways.most * weight, ways.near)

"""Who takes which unit: the assignment of units to unit benefits that saves the shopper most.

Offers that share no pile of units cannot touch each other and are solved apart. One offer alone has a closed form;
several that compete are searched exactly, by trying for the first pile that still has units every use of an offer that
touches it, and never solving one remainder twice. Beyond ``MAX_STATES`` remainders, ``MAX_UNITS`` units or ``MAX_USES``
different uses the search gives way to taking one offer after another, the one that saves most first, and the result
says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checkout.promotions import BasketCut, Bundle, EachUnit, Goods, NForM, Promotion
from checkout.uses import MAX_USES, Offer, Pile, Table, TooLargeError, Use, best_alone, piles_of, touches, uses_of

MAX_STATES = 8_000
"""Remainders solved for one basket before the search gives way."""
MAX_UNITS = 300
"""Units in one search: it goes one call deeper for each."""


@dataclass(frozen=True, slots=True, order=True)
class Saving:
    """What one offer takes off one line, in minor units above zero."""

    line: int
    promotion: str
    minor: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """The savings of all unit benefits; ``is_exact`` unless the search gave way."""

    savings: tuple[Saving, ...]
    is_exact: bool

    @property
    def minor(self) -> int:
        """All savings together."""
        return sum(saving.minor for saving in self.savings)


class Allocator:
    """Gives the units of one basket to offers; a group of competing offers is solved once, however often it is asked.

    Args:
        goods: The lines that promotions may touch.
    """

    def __init__(self, goods: Sequence[Goods]) -> None:
        self._goods = goods
        self._offers: dict[str, tuple[Offer, frozenset[int]]] = {}
        self._solved: dict[tuple[str, ...], tuple[tuple[Saving, ...], bool]] = {}
        self._states = _Budget(MAX_STATES)

    def allocate(self, offers: Sequence[Promotion]) -> Allocation:
        """Give units to offers so that the savings are the largest.

        Args:
            offers: Promotions with unit benefits, whose conditions hold; ids all different.

        Returns:
            The savings, by line and offer. Ties go to the offers that come first.
        """
        savings: list[Saving] = []
        is_exact = True
        for competing, _ in _components(self._ready(offers)):
            found, exact = self._solution(competing)
            savings += found
            is_exact &= exact
        return Allocation(tuple(sorted(savings)), is_exact)

    def competing_lines(self, offers: Sequence[Promotion]) -> list[frozenset[int]]:
        """Return, for each group of offers that compete for units, the lines that they touch."""
        return [lines for _, lines in _components(self._ready(offers))]

    def _ready(self, offers: Sequence[Promotion]) -> list[tuple[Offer, frozenset[int]]]:
        for p in offers:
            if p.id not in self._offers and not isinstance(p.benefit, BasketCut):
                offer = Offer(p.id, p.benefit, p.max_times)
                lines = frozenset(i for i, one in enumerate(self._goods) if touches(offer, one))
                self._offers[p.id] = (offer, lines)
        return [self._offers[p.id] for p in offers if p.id in self._offers]

    def _solution(self, competing: Sequence[Offer]) -> tuple[tuple[Saving, ...], bool]:
        key = tuple(offer.id for offer in competing)
        if key not in self._solved:
            piles = piles_of(self._goods, competing)
            uses, is_exact = _solve(piles, competing, self._states)
            sums: dict[tuple[int, str], int] = {}
            for use in uses:
                for pile, minor in use.off:
                    place = (piles[pile].line, competing[use.offer].id)
                    sums[place] = sums.get(place, 0) + minor
            self._solved[key] = tuple(Saving(line, offer, minor) for (line, offer), minor in sums.items()), is_exact
        return self._solved[key]


class _Budget:
    """How many remainders may still be solved for one basket."""

    def __init__(self, states: int) -> None:
        self._left = states

    def spend(self) -> None:
        if self._left <= 0:
            raise TooLargeError
        self._left -= 1


def _components(offers: Sequence[tuple[Offer, frozenset[int]]]) -> Iterator[tuple[list[Offer], frozenset[int]]]:
    """Yield the offers that compete with one another, in their order, and the lines that they touch together."""
    order = [offer.id for offer, _ in offers]
    waiting = [(offer, lines) for offer, lines in offers if lines]
    while waiting:
        offer, lines = waiting.pop(0)
        group = [offer]
        while met := [pair for pair in waiting if pair[1] & lines]:
            waiting = [pair for pair in waiting if not pair[1] & lines]
            group += [other for other, _ in met]
            lines = lines.union(*(more for _, more in met))
        yield sorted(group, key=lambda one: order.index(one.id)), lines


def _solve(piles: Sequence[Pile], offers: Sequence[Offer], states: _Budget) -> tuple[list[Use], bool]:
    table = Table(piles, offers)
    counts = tuple(pile.count for pile in piles)
    if len(offers) == 1 and _has_closed_form(offers[0]):
        return best_alone(table, 0, counts), True
    try:
        return _search(table, counts, states), True
    except TooLargeError:
        return _one_by_one(table, counts), False


def _has_closed_form(offer: Offer) -> bool:
    benefit = offer.benefit
    return isinstance(benefit, EachUnit | NForM) or (isinstance(benefit, Bundle) and len(benefit.parts) == 1)


def _one_by_one(table: Table, counts: Sequence[int]) -> list[Use]:
    left = list(counts)
    waiting = list(range(len(table.offers)))
    chosen: list[Use] = []
    while waiting:
        options = [(offer, best_alone(table, offer, left)) for offer in waiting]
        best, uses = max(options, key=lambda option: sum(use.minor for use in option[1]))
        waiting.remove(best)
        for use in uses:
            for pile, count in use.taken:
                left[pile] -= count
        chosen += uses
    return chosen


def _search(table: Table, counts: tuple[int, ...], states: _Budget) -> list[Use]:
    if sum(counts) > MAX_UNITS:
        raise TooLargeError
    by_pile: list[list[Use]] = [[] for _ in counts]
    for seen, use in enumerate(uses_of(table)):
        if seen >= MAX_USES:
            raise TooLargeError
        for pile, _ in use.taken:
            by_pile[pile].append(use)
    limits = tuple(-1 if offer.max_times is None else offer.max_times for offer in table.offers)
    search = _Search(by_pile, states)
    search.best(counts, limits)
    return search.path(counts, limits)


class _Search:
    """The best that can be made of each remainder, solved once."""

    def __init__(self, by_pile: Sequence[Sequence[Use]], states: _Budget) -> None:
        self._by_pile = by_pile
        self._states = states
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, Use | None]] = {}

    def best(self, left: tuple[int, ...], times: tuple[int, ...]) -> int:
        """Return the most that the units left can still save; ``times`` counts down, -1 is without bound."""
        pile = _first(left)
        if pile is None:
            return 0
        if (known := self._known.get((left, times))) is not None:
            return known[0]
        self._states.spend()
        # Either no unit of the first pile is taken any more, or some use takes one.
        most, choice = self.best(_without(left, ((pile, left[pile]),)), times), None
        for use in self._by_pile[pile]:
            if times[use.offer] and all(left[i] >= count for i, count in use.taken):
                saved = use.minor + self.best(_without(left, use.taken), _counted(times, use.offer))
                if saved > most:
                    most, choice = saved, use
        self._known[left, times] = (most, choice)
        return most

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
    return next((i for i, count in enumerate(left) if count), None)


def _without(left: tuple[int, ...], taken: tuple[tuple[int, int], ...]) -> tuple[int, ...]:
    fewer = list(left)
    for pile, count in taken:
        fewer[pile] -= count
    return tuple(fewer)


def _counted(times: tuple[int, ...], offer: int) -> tuple[int, ...]:
    return tuple(n - 1 if i == offer and n > 0 else n for i, n in enumerate(times))

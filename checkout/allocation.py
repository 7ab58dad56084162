"""Who takes which unit: the assignment of units to unit benefits that saves the shopper most.

Units of a line that no rule tells apart form a *pile*. Offers that share no pile cannot touch each other and are solved
apart. One offer alone has a closed form; several that compete are searched exactly, by trying for the first pile that
still has units every use of an offer that touches it, and never solving one remainder twice. Beyond ``MAX_STATES``
remainders or ``MAX_USES`` different uses the search gives way to taking one offer after another, the one that saves
most first, and the result says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from checkout.money import split_minor
from checkout.promotions import BasketCut, Bundle, BuyXGetY, Cut, EachUnit, Goods, NForM, Pick, Promotion, Scope

MAX_STATES = 20_000
"""Remainders solved for one basket before the search gives way."""
MAX_USES = 2_000
"""Different uses of the competing offers that are tried."""
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


@dataclass(frozen=True, slots=True)
class _Pile:
    """Units of one line that all offers see alike; ``first`` is the number of the first within its line."""

    line: int
    first: int
    count: int
    goods: Goods


@dataclass(frozen=True, slots=True)
class _Use:
    """One use of one offer: units taken of each pile, and what comes off on each."""

    offer: int
    taken: tuple[tuple[int, int], ...]
    off: tuple[tuple[int, int], ...]

    @property
    def minor(self) -> int:
        return sum(minor for _, minor in self.off)


class _TooLargeError(Exception):
    """The search would take too long; it never leaves this module."""


class Allocator:
    """Gives the units of one basket to offers; a group of competing offers is solved once, however often it is asked.

    Args:
        goods: The lines that promotions may touch.
    """

    def __init__(self, goods: Sequence[Goods]) -> None:
        self._goods = goods
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
        for competing in _components(self._goods, offers):
            found, exact = self._solution(competing)
            savings += found
            is_exact &= exact
        return Allocation(tuple(sorted(savings)), is_exact)

    def _solution(self, competing: Sequence[Promotion]) -> tuple[tuple[Saving, ...], bool]:
        key = tuple(offer.id for offer in competing)
        if key not in self._solved:
            piles = _piles(self._goods, competing)
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
            raise _TooLargeError
        self._left -= 1


def _components(goods: Sequence[Goods], offers: Sequence[Promotion]) -> Iterator[list[Promotion]]:
    waiting = [(offer, {i for i, one in enumerate(goods) if touches(offer, one)}) for offer in offers]
    waiting = [(offer, lines) for offer, lines in waiting if lines]
    while waiting:
        offer, lines = waiting.pop(0)
        group = [offer]
        while met := [pair for pair in waiting if pair[1] & lines]:
            waiting = [pair for pair in waiting if not pair[1] & lines]
            group += [other for other, _ in met]
            lines = lines.union(*(more for _, more in met))
        yield sorted(group, key=offers.index)


def touches(offer: Promotion, goods: Goods) -> bool:
    """Whether a unit benefit may take units of a line. Of weighed and labelled pieces only a percentage may."""
    benefit = offer.benefit
    if goods.is_single and not (isinstance(benefit, EachUnit) and benefit.cut is Cut.PERCENT):
        return False
    match benefit:
        case EachUnit() | NForM():
            return benefit.match.fits(goods)
        case BuyXGetY():
            return benefit.buy.fits(goods) or benefit.get.fits(goods)
        case Bundle():
            return any(part.match.fits(goods) for part in benefit.parts)
        case BasketCut():
            return False


# --- piles -----------------------------------------------------------------------------------------------------------


def _piles(goods: Sequence[Goods], offers: Sequence[Promotion]) -> list[_Pile]:
    cuts: dict[int, set[int]] = {}
    for i, one in enumerate(goods):
        if any(touches(offer, one) for offer in offers):
            cuts[i] = {0, one.quantity}
    for offer in offers:
        for line, free in _given_away(goods, offer).items():
            cuts[line].add(free)
        if isinstance(offer.benefit, EachUnit) and offer.benefit.max_per_line is not None:
            for line, marks in cuts.items():
                marks.add(min(goods[line].quantity, offer.benefit.max_per_line))
    return [
        _Pile(line, first, end - first, goods[line])
        for line, marks in cuts.items()
        for first, end in pairwise(sorted(marks))
    ]


def _given_away(goods: Sequence[Goods], offer: Promotion) -> dict[int, int]:
    """Return how many units of each line a rule that gives the cheapest away may give: it knows before any search."""
    benefit = offer.benefit
    if isinstance(benefit, NForM) and benefit.scope is Scope.BASKET:
        hits = [i for i, one in enumerate(goods) if touches(offer, one)]
        times = sum(goods[i].quantity for i in hits) // benefit.take
        each = benefit.take - benefit.pay
    elif isinstance(benefit, BuyXGetY) and benefit.pick is Pick.CHEAPEST:
        hits = [i for i, one in enumerate(goods) if not one.is_single and benefit.get.fits(one)]
        bought = sum(one.quantity for one in goods if not one.is_single and benefit.buy.fits(one))
        both = sum(one.quantity for one in goods if touches(offer, one))
        times = min(bought // benefit.buy_quantity, both // (benefit.buy_quantity + benefit.get_quantity))
        each = benefit.get_quantity
    else:
        return {}
    left = each * (times if offer.max_times is None else min(times, offer.max_times))
    free: dict[int, int] = {}
    for i in sorted(hits, key=lambda i: goods[i].unit_minor):
        free[i] = min(left, goods[i].quantity)
        left -= free[i]
    return free


class _Table:
    """The piles of one search and what each offer may do with them."""

    def __init__(self, piles: Sequence[_Pile], offers: Sequence[Promotion]) -> None:
        self.piles = piles
        self.offers = offers
        goods: dict[int, Goods] = {pile.line: pile.goods for pile in piles}
        lines = list(goods)
        self._free = []
        for offer in offers:
            given = _given_away(list(goods.values()), offer)
            self._free.append({lines[i]: count for i, count in given.items()})

    def may_give(self, offer: int, pile: int) -> bool:
        """Whether the units of a pile are among the cheapest that the offer gives away."""
        one = self.piles[pile]
        return one.first + one.count <= self._free[offer].get(one.line, 0)

    def hits(self, offer: int) -> list[int]:
        """Return the piles that an offer may take units of."""
        promotion = self.offers[offer]
        limit = promotion.benefit.max_per_line if isinstance(promotion.benefit, EachUnit) else None
        return [
            i
            for i, pile in enumerate(self.piles)
            if touches(promotion, pile.goods) and (limit is None or pile.first + pile.count <= limit)
        ]

    def price(self, pile: int) -> int:
        """Return the shelf price of a unit."""
        return self.piles[pile].goods.unit_minor

    def use(self, offer: int, units: Sequence[int], off: Sequence[tuple[int, int]]) -> _Use:
        """Write a use down: piles of the units taken, and what comes off on which."""
        return _Use(
            offer,
            tuple((pile, units.count(pile)) for pile in sorted(set(units))),
            tuple((pile, minor) for pile, minor in off if minor),
        )


# --- one offer after another -----------------------------------------------------------------------------------------


def _alone(table: _Table, offer: int, left: Sequence[int]) -> list[_Use]:
    """Use one offer as often as it saves, the dearest units first, on the units that are left."""
    promotion = table.offers[offer]
    units = sorted((i for i in table.hits(offer) for _ in range(left[i])), key=table.price, reverse=True)
    match promotion.benefit:
        case EachUnit() as each:
            found = _each_alone(table, offer, each, units)
        case NForM() as multibuy:
            found = _multibuy_alone(table, offer, multibuy, units)
        case BuyXGetY() as gift:
            found = _gift_alone(table, offer, gift, units)
        case Bundle() as bundle:
            found = _bundle_alone(table, offer, bundle, units)
        case BasketCut():
            found = iter(())
    uses = [use for use in found if use.minor > 0]
    return uses if promotion.max_times is None else uses[: promotion.max_times]


def _each_alone(table: _Table, offer: int, each: EachUnit, units: list[int]) -> Iterator[_Use]:
    units = sorted(units, key=lambda i: -each.cut.off(table.price(i), each.value))
    for taken in _chunks(units, each.group_size):
        yield table.use(offer, taken, [(i, each.cut.off(table.price(i), each.value)) for i in taken])


def _multibuy_alone(table: _Table, offer: int, multibuy: NForM, units: list[int]) -> Iterator[_Use]:
    if multibuy.scope is Scope.GROUP:
        for taken in _chunks(units, multibuy.take):
            yield table.use(offer, taken, [(i, table.price(i)) for i in taken[multibuy.pay :]])
        return
    given = [i for i in units if table.may_give(offer, i)]
    paid = [i for i in units if not table.may_give(offer, i)]
    gifts = _chunks(given, multibuy.take - multibuy.pay)
    # Nothing has to be paid for with a take of all for nothing; otherwise each gift finds its paid units.
    owed = _chunks(paid, multibuy.pay) if multibuy.pay else [[] for _ in gifts]
    for free, bought in zip(gifts, owed, strict=False):
        yield table.use(offer, free + bought, [(i, table.price(i)) for i in free])


def _gift_alone(table: _Table, offer: int, gift: BuyXGetY, units: list[int]) -> Iterator[_Use]:
    rest = list(units)
    while True:
        got = [i for i in rest if _may_get(table, offer, gift, i)][: gift.get_quantity]
        others = list(rest)
        for i in got:
            others.remove(i)
        # What could not be got itself is bought first, so that gifts remain for the next round.
        others.sort(key=lambda i: (_may_get(table, offer, gift, i), table.price(i)))
        bought = [i for i in others if gift.buy.fits(table.piles[i].goods)][: gift.buy_quantity]
        if len(got) < gift.get_quantity or len(bought) < gift.buy_quantity:
            return
        for i in got + bought:
            rest.remove(i)
        yield table.use(offer, got + bought, _got(table, gift, got))


def _bundle_alone(table: _Table, offer: int, bundle: Bundle, units: list[int]) -> Iterator[_Use]:
    rest = list(units)
    while True:
        taken: list[int] = []
        for part in bundle.parts:
            fitting = [i for i in rest if part.match.fits(table.piles[i].goods)][: part.quantity]
            if len(fitting) < part.quantity:
                return
            for i in fitting:
                rest.remove(i)
            taken += fitting
        if not (off := _bundled(table, bundle, taken)):
            return
        yield table.use(offer, taken, off)


def _chunks(units: list[int], size: int) -> list[list[int]]:
    return [units[i : i + size] for i in range(0, len(units) - size + 1, size)]


def _may_get(table: _Table, offer: int, gift: BuyXGetY, pile: int) -> bool:
    fits = gift.get.fits(table.piles[pile].goods)
    return fits and (gift.pick is Pick.DEAREST or table.may_give(offer, pile))


def _got(table: _Table, gift: BuyXGetY, got: Sequence[int]) -> list[tuple[int, int]]:
    return [(i, Cut.PERCENT.off(table.price(i), gift.percent_bp)) for i in got]


def _bundled(table: _Table, bundle: Bundle, taken: Sequence[int]) -> list[tuple[int, int]]:
    prices = [table.price(i) for i in taken]
    saved = sum(prices) - bundle.price_minor
    return list(zip(taken, split_minor(saved, prices), strict=True)) if saved > 0 else []


# --- several offers at once ------------------------------------------------------------------------------------------


def _solve(piles: Sequence[_Pile], offers: Sequence[Promotion], states: _Budget) -> tuple[list[_Use], bool]:
    table = _Table(piles, offers)
    counts = tuple(pile.count for pile in piles)
    if len(offers) == 1 and _has_closed_form(offers[0]):
        return _alone(table, 0, counts), True
    try:
        return _search(table, counts, states), True
    except _TooLargeError:
        return _one_by_one(table, counts), False


def _has_closed_form(offer: Promotion) -> bool:
    match offer.benefit:
        case EachUnit() | NForM():
            return True
        case Bundle(parts=parts):
            return len(parts) == 1
        case BuyXGetY() | BasketCut():
            return False


def _one_by_one(table: _Table, counts: Sequence[int]) -> list[_Use]:
    left = list(counts)
    waiting = list(range(len(table.offers)))
    chosen: list[_Use] = []
    while waiting:
        options = [(offer, _alone(table, offer, left)) for offer in waiting]
        best, uses = max(options, key=lambda option: sum(use.minor for use in option[1]))
        waiting.remove(best)
        for use in uses:
            for pile, count in use.taken:
                left[pile] -= count
        chosen += uses
    return chosen


def _search(table: _Table, counts: tuple[int, ...], states: _Budget) -> list[_Use]:
    if sum(counts) > MAX_UNITS:
        raise _TooLargeError
    by_pile: list[list[_Use]] = [[] for _ in counts]
    for seen, use in enumerate(_uses(table)):
        if seen >= MAX_USES:
            raise _TooLargeError
        for pile, _ in use.taken:
            by_pile[pile].append(use)
    limits = tuple(-1 if offer.max_times is None else offer.max_times for offer in table.offers)
    search = _Search(by_pile, states)
    search.best(counts, limits)
    return search.path(counts, limits)


class _Search:
    """The best that can be made of each remainder, solved once."""

    def __init__(self, by_pile: Sequence[Sequence[_Use]], states: _Budget) -> None:
        self._by_pile = by_pile
        self._states = states
        self._known: dict[tuple[tuple[int, ...], tuple[int, ...]], tuple[int, _Use | None]] = {}

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

    def path(self, left: tuple[int, ...], times: tuple[int, ...]) -> list[_Use]:
        """Follow the best choices from a remainder that was solved."""
        chosen: list[_Use] = []
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


def _uses(table: _Table) -> Iterator[_Use]:
    """Yield every use of every offer that saves something and that the piles, all full, could serve."""
    for offer, promotion in enumerate(table.offers):
        hits = table.hits(offer)
        match promotion.benefit:
            case EachUnit() as each:
                found = _each_uses(table, offer, each, hits)
            case NForM() as multibuy:
                found = _multibuy_uses(table, offer, multibuy, hits)
            case BuyXGetY() as gift:
                found = _gift_uses(table, offer, gift, hits)
            case Bundle() as bundle:
                found = _bundle_uses(table, offer, bundle, hits)
            case BasketCut():
                found = iter(())
        for use in found:
            if use.minor > 0 and all(table.piles[i].count >= count for i, count in use.taken):
                yield use


def _each_uses(table: _Table, offer: int, each: EachUnit, hits: list[int]) -> Iterator[_Use]:
    for taken in _handfuls(table, hits, each.group_size):
        yield table.use(offer, taken, [(i, each.cut.off(table.price(i), each.value)) for i in taken])


def _multibuy_uses(table: _Table, offer: int, multibuy: NForM, hits: list[int]) -> Iterator[_Use]:
    free = multibuy.take - multibuy.pay
    if multibuy.scope is Scope.GROUP:
        for taken in _handfuls(table, sorted(hits, key=table.price), multibuy.take):
            yield table.use(offer, taken, [(i, table.price(i)) for i in taken[:free]])
        return
    given = [i for i in hits if table.may_give(offer, i)]
    paid = [i for i in hits if not table.may_give(offer, i)]
    for gifts in _handfuls(table, given, free):
        for bought in _handfuls(table, paid, multibuy.pay):
            yield table.use(offer, gifts + bought, [(i, table.price(i)) for i in gifts])


def _gift_uses(table: _Table, offer: int, gift: BuyXGetY, hits: list[int]) -> Iterator[_Use]:
    gettable = [i for i in hits if _may_get(table, offer, gift, i)]
    buyable = [i for i in hits if gift.buy.fits(table.piles[i].goods)]
    for got in _handfuls(table, gettable, gift.get_quantity):
        for bought in _handfuls(table, buyable, gift.buy_quantity):
            yield table.use(offer, got + bought, _got(table, gift, got))


def _bundle_uses(table: _Table, offer: int, bundle: Bundle, hits: list[int]) -> Iterator[_Use]:
    handfuls: list[list[int]] = [[]]
    for part in bundle.parts:
        fitting = [i for i in hits if part.match.fits(table.piles[i].goods)]
        longer = (taken + more for taken in handfuls for more in _handfuls(table, fitting, part.quantity))
        handfuls = list(islice(longer, MAX_USES + 1))
        if len(handfuls) > MAX_USES:
            raise _TooLargeError
    for taken in handfuls:
        yield table.use(offer, taken, _bundled(table, bundle, taken))


def _handfuls(table: _Table, piles: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield every way to take ``size`` units of the piles, in the order of the piles."""
    if size == 0:
        yield []
        return
    for at, pile in enumerate(piles):
        for count in range(min(size, table.piles[pile].count), 0, -1):
            for rest in _handfuls(table, piles[at + 1 :], size - count):
                yield [pile] * count + rest

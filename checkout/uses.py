"""What an offer may do with the units of a basket: every single use of it, and the best it can do alone.

Units of a line that no rule tells apart form a *pile*.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import assert_never

from checkout.money import split_minor
from checkout.promotions import Bundle, BuyXGetY, Cut, EachUnit, Goods, NForM, Pick, Scope, SetCut, UnitBenefit

MAX_USES = 300
"""Different uses of the competing offers that a search tries."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A promotion with a unit benefit whose condition holds."""

    id: str
    benefit: UnitBenefit
    max_times: int | None = None


@dataclass(frozen=True, slots=True)
class Pile:
    """Units of one line that all offers see alike; ``first`` is the number of the first within its line."""

    line: int
    first: int
    count: int
    goods: Goods


@dataclass(frozen=True, slots=True)
class Use:
    """One use of one offer: units taken of each pile, and what comes off on each."""

    offer: int
    taken: tuple[tuple[int, int], ...]
    off: tuple[tuple[int, int], ...]

    @property
    def minor(self) -> int:
        """What the use saves."""
        return sum(minor for _, minor in self.off)


class TooLargeError(Exception):
    """A search would take too long; it never leaves the allocation."""


def touches(offer: Offer, goods: Goods) -> bool:
    """Whether a unit benefit may take units of a line. Of weighed and labelled pieces only a percentage may."""
    benefit = offer.benefit
    if goods.is_single and not (isinstance(benefit, EachUnit) and benefit.cut is Cut.PERCENT):
        return False
    match benefit:
        case EachUnit() | NForM() | SetCut():
            return benefit.match.fits(goods)
        case BuyXGetY():
            return benefit.buy.fits(goods) or benefit.get.fits(goods)
        case Bundle():
            return any(part.match.fits(goods) for part in benefit.parts)
        case _:
            assert_never(benefit)


def piles_of(goods: Sequence[Goods], offers: Sequence[Offer]) -> list[Pile]:
    """Cut the lines that offers touch into piles: where a rule stops giving away or taking, a new pile begins."""
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
        Pile(line, first, end - first, goods[line])
        for line, marks in cuts.items()
        for first, end in pairwise(sorted(marks))
    ]


def _given_away(goods: Sequence[Goods], offer: Offer) -> dict[int, int]:
    """Return how many units of each line a rule that gives the cheapest away may give: it knows before any search."""
    benefit = offer.benefit
    if isinstance(benefit, NForM) and benefit.scope is Scope.BASKET and benefit.pick is Pick.CHEAPEST:
        hits = [i for i, one in enumerate(goods) if touches(offer, one)]
        times = sum(goods[i].quantity for i in hits) // benefit.take
        each = benefit.take - benefit.pay
    elif isinstance(benefit, BuyXGetY) and benefit.pick is Pick.CHEAPEST:
        hits = [i for i, one in enumerate(goods) if not one.is_single and benefit.get.fits(one)]
        bought = sum(one.quantity for one in goods if not one.is_single and benefit.buy.fits(one))
        both = sum(one.quantity for one in goods if touches(offer, one))
        times = min(bought // benefit.buy_quantity, both // (benefit.buy_quantity + benefit.get_quantity))
        each = benefit.get_quantity
    elif isinstance(benefit, EachUnit | SetCut) and benefit.pick is not None:
        hits = [i for i, one in enumerate(goods) if touches(offer, one)]
        each = benefit.group_size if isinstance(benefit, EachUnit) else benefit.size
        times = sum(goods[i].quantity for i in hits) // each
    else:
        return {}
    dearest = benefit.pick is Pick.DEAREST
    left = each * (times if offer.max_times is None else min(times, offer.max_times))
    free: dict[int, int] = {}
    for i in sorted(hits, key=lambda i: goods[i].unit_minor, reverse=dearest):
        free[i] = min(left, goods[i].quantity)
        left -= free[i]
    return free


class Table:
    """The piles of one search and what each offer may do with them."""

    def __init__(self, piles: Sequence[Pile], offers: Sequence[Offer]) -> None:
        self.piles = piles
        self.offers = offers
        goods: dict[int, Goods] = {pile.line: pile.goods for pile in piles}
        lines = list(goods)
        self._free = []
        for offer in offers:
            given = _given_away(list(goods.values()), offer)
            self._free.append({lines[i]: count for i, count in given.items()})
        self._hits = [self._found_hits(offer) for offer in offers]
        for place, offer in enumerate(offers):
            if isinstance(offer.benefit, EachUnit | SetCut) and offer.benefit.pick is not None:
                self._hits[place] = [pile for pile in self._hits[place] if self.may_give(place, pile)]
        self._room = [pile.goods.unit_minor - pile.goods.floor_minor for pile in piles]

    def may_give(self, offer: int, pile: int) -> bool:
        """Whether the units of a pile are among the cheapest that the offer gives away."""
        one = self.piles[pile]
        return one.first + one.count <= self._free[offer].get(one.line, 0)

    def hits(self, offer: int) -> list[int]:
        """Return the piles that an offer may take units of."""
        return self._hits[offer]

    def price(self, pile: int) -> int:
        """Return the shelf price of a unit."""
        return self.piles[pile].goods.unit_minor

    def _found_hits(self, offer: Offer) -> list[int]:
        limit = offer.benefit.max_per_line if isinstance(offer.benefit, EachUnit) else None
        return [
            i
            for i, pile in enumerate(self.piles)
            if touches(offer, pile.goods) and (limit is None or pile.first + pile.count <= limit)
        ]

    def use(self, offer: int, units: Sequence[int], off: Sequence[tuple[int, int]]) -> Use:
        """Write a use down: piles of the units taken, and what comes off on which."""
        return Use(
            offer,
            tuple([(pile, units.count(pile)) for pile in sorted(set(units))]),
            tuple([(pile, less) for pile, minor in off if (less := min(minor, self._room[pile]))]),
        )


def best_alone(table: Table, offer: int, left: Sequence[int]) -> list[Use]:
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
        case SetCut() as together:
            found = (_set_use(table, offer, together, taken) for taken in _chunks(units, together.size))
        case _:
            assert_never(promotion.benefit)
    uses = [use for use in found if use.minor > 0]
    return uses if promotion.max_times is None else uses[: promotion.max_times]


def _each_alone(table: Table, offer: int, each: EachUnit, units: list[int]) -> Iterator[Use]:
    units = sorted(units, key=lambda i: -each.off(table.price(i)))
    for taken in _chunks(units, each.group_size):
        yield table.use(offer, taken, [(i, each.off(table.price(i))) for i in taken])


def _multibuy_alone(table: Table, offer: int, multibuy: NForM, units: list[int]) -> Iterator[Use]:
    if multibuy.pick is Pick.DEAREST:
        dear_units = len(units) // multibuy.take * (multibuy.take - multibuy.pay)
        paid_for = _chunks(units[dear_units:], multibuy.pay) if multibuy.pay else [[] for _ in units]
        for dear, bought in zip(_chunks(units[:dear_units], multibuy.take - multibuy.pay), paid_for, strict=False):
            yield table.use(offer, dear + bought, [(i, multibuy.off(table.price(i))) for i in dear])
        return
    if multibuy.scope is Scope.GROUP:
        for taken in _chunks(units, multibuy.take):
            yield table.use(offer, taken, [(i, multibuy.off(table.price(i))) for i in taken[multibuy.pay :]])
        return
    given = [i for i in units if table.may_give(offer, i)]
    paid = [i for i in units if not table.may_give(offer, i)]
    gifts = _chunks(given, multibuy.take - multibuy.pay)
    # Nothing has to be paid for with a take of all for nothing; otherwise each gift finds its paid units.
    owed = _chunks(paid, multibuy.pay) if multibuy.pay else [[] for _ in gifts]
    for free, bought in zip(gifts, owed, strict=False):
        yield table.use(offer, free + bought, [(i, multibuy.off(table.price(i))) for i in free])


def _gift_alone(table: Table, offer: int, gift: BuyXGetY, units: list[int]) -> Iterator[Use]:
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


def _bundle_alone(table: Table, offer: int, bundle: Bundle, units: list[int]) -> Iterator[Use]:
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


def _may_get(table: Table, offer: int, gift: BuyXGetY, pile: int) -> bool:
    fits = gift.get.fits(table.piles[pile].goods)
    return fits and (gift.pick is Pick.DEAREST or table.may_give(offer, pile))


def _got(table: Table, gift: BuyXGetY, got: Sequence[int]) -> list[tuple[int, int]]:
    return [(i, gift.off(table.price(i))) for i in got]


def _bundled(table: Table, bundle: Bundle, taken: Sequence[int]) -> list[tuple[int, int]]:
    prices = [table.price(i) for i in taken]
    saved = sum(prices) - bundle.price_minor
    return list(zip(taken, split_minor(saved, prices), strict=True)) if saved > 0 else []


def _set_use(table: Table, offer: int, together: SetCut, taken: list[int]) -> Use:
    prices = [table.price(i) for i in taken]
    off = together.off(sum(prices))
    return table.use(offer, taken, list(zip(taken, split_minor(off, prices), strict=True)) if off else [])


# --- every use -------------------------------------------------------------------------------------------------------


def uses_of(table: Table) -> Iterator[Use]:
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
            case SetCut() as together:
                found = (_set_use(table, offer, together, taken) for taken in _handfuls(table, hits, together.size))
            case _:
                assert_never(promotion.benefit)
        for use in found:
            if use.minor > 0 and all(table.piles[i].count >= count for i, count in use.taken):
                yield use


def _each_uses(table: Table, offer: int, each: EachUnit, hits: list[int]) -> Iterator[Use]:
    for taken in _handfuls(table, hits, each.group_size):
        yield table.use(offer, taken, [(i, each.off(table.price(i))) for i in taken])


def _multibuy_uses(table: Table, offer: int, multibuy: NForM, hits: list[int]) -> Iterator[Use]:
    free = multibuy.take - multibuy.pay
    if multibuy.scope is Scope.GROUP or multibuy.pick is Pick.DEAREST:
        dearest = multibuy.pick is Pick.DEAREST
        for taken in _handfuls(table, sorted(hits, key=table.price, reverse=dearest), multibuy.take):
            yield table.use(offer, taken, [(i, multibuy.off(table.price(i))) for i in taken[:free]])
        return
    given = [i for i in hits if table.may_give(offer, i)]
    paid = [i for i in hits if not table.may_give(offer, i)]
    for gifts in _handfuls(table, given, free):
        for bought in _handfuls(table, paid, multibuy.pay):
            yield table.use(offer, gifts + bought, [(i, multibuy.off(table.price(i))) for i in gifts])


def _gift_uses(table: Table, offer: int, gift: BuyXGetY, hits: list[int]) -> Iterator[Use]:
    gettable = [i for i in hits if _may_get(table, offer, gift, i)]
    buyable = [i for i in hits if gift.buy.fits(table.piles[i].goods)]
    for got in _handfuls(table, gettable, gift.get_quantity):
        for bought in _handfuls(table, buyable, gift.buy_quantity):
            yield table.use(offer, got + bought, _got(table, gift, got))


def _bundle_uses(table: Table, offer: int, bundle: Bundle, hits: list[int]) -> Iterator[Use]:
    handfuls: list[list[int]] = [[]]
    for part in bundle.parts:
        fitting = [i for i in hits if part.match.fits(table.piles[i].goods)]
        longer = (taken + more for taken in handfuls for more in _handfuls(table, fitting, part.quantity))
        handfuls = list(islice(longer, MAX_USES + 1))
        if len(handfuls) > MAX_USES:
            raise TooLargeError
    for taken in handfuls:
        yield table.use(offer, taken, _bundled(table, bundle, taken))


def _handfuls(table: Table, piles: Sequence[int], size: int) -> Iterator[list[int]]:
    """Yield every way to take ``size`` units of the piles, in the order of the piles."""
    if size == 0:
        yield []
        return
    for at, pile in enumerate(piles):
        for count in range(min(size, table.piles[pile].count), 0, -1):
            for rest in _handfuls(table, piles[at + 1 :], size - count):
                yield [pile] * count + rest

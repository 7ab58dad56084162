"""Which offers may touch which goods: found by sku and category, and remembered for each kind of goods.

A shop has hundreds of offers and a basket meets a few of them; only those few are looked at.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import assert_never

from checkout.bits import bits
from checkout.promotions import (
    ANYTHING,
    NO_CONDITION,
    BasketCut,
    Bundle,
    BuyXGetY,
    EachUnit,
    Goods,
    Match,
    NForM,
    Promotion,
    SetCut,
)
from checkout.uses import Offer, touches

Numbers = int | tuple[int, ...]
"""What stands for goods: one number, or several."""
MAX_KINDS = 50_000
"""Kinds of goods remembered; a shop's whole range fits, and beyond it the memory starts anew."""
MAX_HOURS = 16
"""Spans between two changes of the open offers that are remembered: a shop lives in one of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Goods with what the offers of a shop see in them.

    Attributes:
        number: Stands for the goods, their quantity included: quicker to look up. No two goods ever share one.
        touched_by: Places of the offers whose benefit may touch them; those that touch all goods are left out.
        counted_by: Places of the offers whose condition counts them; likewise.
    """

    goods: Goods
    number: int
    gross_minor: int
    touched_by: tuple[int, ...]
    counted_by: tuple[int, ...]


class Met:
    """Where a basket meets the offers of its shop. Lines are bits: 1 is the first line, 2 the second, 4 the third.

    Attributes:
        goods: The lines that promotions may touch.
        numbers: What stands for them.
        shelf: What each costs before any offer.
        every: All lines.
        touched: By place of the offer, the lines that its benefit may touch; offers that touch nothing are left out.
        counted: By place of the offer, the lines that its condition counts.
    """

    def __init__(self, kinds: Sequence[Kind], touching_all: Iterable[int], counting_all: Iterable[int]) -> None:
        self.goods = [kind.goods for kind in kinds]
        self.numbers = [kind.number for kind in kinds]
        self.shelf = [kind.gross_minor for kind in kinds]
        self.every = (1 << len(kinds)) - 1
        self.touched: dict[int, int] = dict.fromkeys(touching_all, self.every) if kinds else {}
        self.counted: dict[int, int] = dict.fromkeys(counting_all, self.every) if kinds else {}
        self._by_category: dict[str, int] | None = None
        touched, counted, bit = self.touched, self.counted, 1
        for kind in kinds:
            for place in kind.touched_by:
                touched[place] = touched.get(place, 0) | bit
            for place in kind.counted_by:
                counted[place] = counted.get(place, 0) | bit
            bit <<= 1

    def numbered(self, lines: int) -> Numbers:
        """Return the numbers of the goods on some lines; of one line its number alone."""
        if lines & (lines - 1):
            numbers = self.numbers
            return tuple([numbers[i] for i in bits(lines)])
        return self.numbers[lines.bit_length() - 1]

    def lines_of(self, skus: AbstractSet[str], categories: AbstractSet[str]) -> int:
        """Return the lines of any of the skus or categories; all lines where none is named."""
        if not skus and not categories:
            return self.every
        found = 0
        if categories:
            if self._by_category is None:
                self._by_category = self._found_by_category()
            for category in categories:
                found |= self._by_category.get(category, 0)
        if skus:
            found |= sum([1 << i for i, one in enumerate(self.goods) if one.sku in skus])
        return found

    def _found_by_category(self) -> dict[str, int]:
        found: dict[str, int] = {}
        bit = 1
        for one in self.goods:
            found[one.category] = found.get(one.category, 0) | bit
            bit <<= 1
        return found


class Reach:
    """An index over offers.

    Args:
        offers: Promotions with different ids; their places in this order are what the index answers with.

    Attributes:
        conditional: Places of the offers that have a condition.
        alone_enough: Places of the offers of which any unit is enough for a use.
        on_units: By place, the offers on units, ready for a search.
        thresholds: Places of the cuts with a condition.
    """

    def __init__(self, offers: Sequence[Promotion]) -> None:
        self.offers = tuple(offers)
        self.conditional = frozenset([i for i, offer in enumerate(self.offers) if offer.when != NO_CONDITION])
        self.on_units = {
            place: Offer(offer.id, offer.benefit, offer.max_times)
            for place, offer in enumerate(self.offers)
            if not isinstance(offer.benefit, BasketCut)
        }
        self.alone_enough = frozenset(
            [i for i, one in self.on_units.items() if isinstance(one.benefit, EachUnit) and one.benefit.group_size == 1]
        )
        self.thresholds = [i for i in sorted(self.conditional) if i not in self.on_units]
        self._touching_all = [
            place
            for place, offer in enumerate(self.offers)
            if isinstance(offer.benefit, BasketCut) and offer.benefit.match == ANYTHING
        ]
        self._counting_all = [i for i in sorted(self.conditional) if self.offers[i].when.match == ANYTHING]
        self._by_sku: dict[str, list[int]] = {}
        self._by_category: dict[str, list[int]] = {}
        self._everywhere: list[int] = []
        self._kinds: dict[Goods, Kind] = {}
        self._next_number = 0
        ends = [end for offer in self.offers for end in (offer.window.starts_at, offer.window.ends_at)]
        self._turns = sorted({end for end in ends if end is not None})
        self._open: dict[tuple[int, bool], frozenset[int]] = {}
        for place, offer in enumerate(self.offers):
            for match in _matches(offer):
                self._enter(place, match)

    def open_at(self, at: datetime, *, member: bool) -> frozenset[int]:
        """Return the places of the offers that hold at a moment, for a member or for anyone."""
        key = bisect_right(self._turns, at), member
        if (known := self._open.get(key)) is None:
            if len(self._open) >= MAX_HOURS:
                self._open.clear()
            known = self._open[key] = frozenset(
                [i for i, p in enumerate(self.offers) if at in p.window and (member or not p.members_only)]
            )
        return known

    def meet(self, kinds: Sequence[Kind]) -> Met:
        """Lay the kinds of goods of a basket before the offers."""
        return Met(kinds, self._touching_all, self._counting_all)

    def kind(self, one: Goods) -> Kind:
        """Return goods with what the offers see in them."""
        if (known := self._kinds.get(one)) is None:
            if len(self._kinds) >= MAX_KINDS:
                self._kinds.clear()
            near = {*self._by_sku.get(one.sku, ()), *self._by_category.get(one.category, ()), *self._everywhere}
            touched = [i for i in sorted(near) if i not in self._touching_all and _touches(self.offers[i], one)]
            counted = [i for i in sorted(near & self.conditional) if i not in self._counting_all]
            fitting = tuple([i for i in counted if self.offers[i].when.match.fits(one)])
            known = self._kinds[one] = Kind(one, self._next_number, one.gross_minor, tuple(touched), fitting)
            self._next_number += 1
        return known

    def _enter(self, place: int, match: Match) -> None:
        if not match.skus and not match.categories:
            self._everywhere.append(place)
        for sku in match.skus:
            self._by_sku.setdefault(sku, []).append(place)
        for category in match.categories:
            self._by_category.setdefault(category, []).append(place)


def _touches(offer: Promotion, one: Goods) -> bool:
    if isinstance(offer.benefit, BasketCut):
        return offer.benefit.match.fits(one)
    return touches(Offer(offer.id, offer.benefit), one)


def _matches(offer: Promotion) -> Iterator[Match]:
    if offer.when != NO_CONDITION:
        yield offer.when.match
    match offer.benefit:
        case EachUnit() | NForM() | SetCut() | BasketCut():
            yield offer.benefit.match
        case BuyXGetY():
            yield offer.benefit.buy
            yield offer.benefit.get
        case Bundle():
            for part in offer.benefit.parts:
                yield part.match
        case _:
            assert_never(offer.benefit)

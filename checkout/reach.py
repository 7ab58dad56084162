"""Which offers may touch which goods: found by sku and category, and remembered for each kind of goods.

A shop has hundreds of offers and a basket meets a few of them; only those few are looked at.
"""

from collections.abc import Iterator, Sequence
from typing import assert_never

from checkout.promotions import (
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

MAX_KINDS = 50_000
"""Kinds of goods remembered; a shop's whole range fits, and beyond it the memory starts anew."""

_Kind = tuple[str, str, int, bool]
_Masks = tuple[dict[int, int], dict[int, int]]


class Reach:
    """An index over offers.

    Args:
        offers: Promotions with different ids; their places in this order are what the index answers with.
    """

    def __init__(self, offers: Sequence[Promotion]) -> None:
        self.offers = tuple(offers)
        self.thresholds = [
            (place, offer)
            for place, offer in enumerate(self.offers)
            if isinstance(offer.benefit, BasketCut) and offer.when != NO_CONDITION
        ]
        self._by_sku: dict[str, list[int]] = {}
        self._by_category: dict[str, list[int]] = {}
        self._everywhere: list[int] = []
        self._known: dict[_Kind, tuple[tuple[int, ...], tuple[int, ...]]] = {}
        self._last: tuple[Sequence[Goods], _Masks] = ([], ({}, {}))
        for place, offer in enumerate(self.offers):
            for match in _matches(offer):
                self._enter(place, match)

    def masks(self, goods: Sequence[Goods]) -> _Masks:
        """Return, by place of the offer, the lines that its benefit may touch and those that its condition counts.

        Lines are bits: 1 is the first line, 2 the second, 4 the third. Offers that touch nothing are left out.
        The goods do not change afterwards.
        """
        asked, known = self._last
        if asked is goods:
            return known  # one pricing asks twice for the same basket
        touched: dict[int, int] = {}
        counted: dict[int, int] = {}
        bit = 1
        for one in goods:
            benefits, conditions = self._of(one)
            for place in benefits:
                touched[place] = touched.get(place, 0) | bit
            for place in conditions:
                counted[place] = counted.get(place, 0) | bit
            bit <<= 1
        self._last = goods, (touched, counted)
        return touched, counted

    def _of(self, one: Goods) -> tuple[tuple[int, ...], tuple[int, ...]]:
        kind = (one.sku, one.category, one.unit_minor, one.is_single)
        if (known := self._known.get(kind)) is None:
            if len(self._known) >= MAX_KINDS:
                self._known.clear()
            near = sorted({*self._by_sku.get(one.sku, ()), *self._by_category.get(one.category, ()), *self._everywhere})
            known = (
                tuple(place for place in near if _touches(self.offers[place], one)),
                tuple(place for place in near if _counts(self.offers[place], one)),
            )
            self._known[kind] = known
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


def _counts(offer: Promotion, one: Goods) -> bool:
    return offer.when != NO_CONDITION and offer.when.match.fits(one)


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

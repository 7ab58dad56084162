"""Offers on pieces that one piece more would complete: "one more, and the third is free".

Only pieces are counted that no other offer on pieces which stands on the receipt could have taken, paid in full or not.
So one more piece makes a use of the offer possible beside all that stands there already: what it promises is kept.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import assert_never

from checkout.bits import bits
from checkout.promotions import (
    BasketCut,
    Bundle,
    BuyXGetY,
    EachUnit,
    Goods,
    Match,
    NForM,
    Promotion,
    SetCut,
    UnitBenefit,
)
from checkout.reach import Met, Numbers, Reach
from checkout.till import Outcome

MAX_KNOWN = 20_000
"""Offers beside certain goods that are remembered; beyond, the memory starts anew."""


@dataclass(frozen=True, slots=True)
class OneMore:
    """An offer that lacks one piece.

    Attributes:
        cost_minor: The cheapest such piece in the basket; None where the missing kind is not in it yet.
    """

    offer: Promotion
    cost_minor: int | None


class Companions:
    """The offers of a shop on pieces that need company, and what was found of them before.

    Args:
        reach: All offers of the shop.
    """

    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self._offers = reach.offers
        wanted = [(i, _wanted(one.benefit)) for i, one in reach.on_units.items() if i not in reach.conditional]
        self._wanted = {place: kinds for place, kinds in wanted if kinds}
        self._known: dict[tuple[int, Numbers], OneMore | None] = {}

    def one_more(self, met: Met, opened: Container[int], outcome: Outcome) -> list[OneMore]:
        """Return the offers that lack one piece, in their order.

        Args:
            met: The lines.
            opened: Places of the offers that hold now, for this shopper.
            outcome: What stands on the receipt.
        """
        offers, wanted, touched = self._offers, self._wanted, met.touched
        rules = outcome.rules
        used = {place for place in touched if offers[place].id in rules}
        if any(offers[place].exclusive for place in used):
            return []
        standing = [offers[place] for place in sorted(used)]
        once = twice = 0
        for mask in [touched[place] for place in used if not isinstance(offers[place].benefit, BasketCut)]:
            twice |= once & mask
            once |= mask
        found = []
        for place in sorted([place for place in touched if place in wanted and place in opened]):
            mask = touched[place]
            if place in used:
                if mask & twice:
                    continue  # how many pieces its own uses have taken is not to be told apart
                left = mask
            else:
                left = mask & ~once
            if left:
                key = place, met.numbered(left)
                if key not in self._known:
                    if len(self._known) >= MAX_KNOWN:
                        self._known.clear()
                    self._known[key] = self._looked_at(place, [met.goods[i] for i in bits(left)])
                if (one := self._known[key]) is not None and not _stands_aside(one.offer, standing):
                    found.append(one)
        return found

    def _looked_at(self, place: int, goods: Sequence[Goods]) -> OneMore | None:
        """Return whether an offer lacks one piece beside such goods, of which it may have all."""
        wanted = self._wanted[place]
        sizes = [size for _, size in wanted]
        free = [i for i, one in enumerate(goods) if not one.is_single]
        lines = [[i for i in free if match.fits(goods[i])] for match, _ in wanted]
        if (lacking := _lacking(lines, sizes, goods)) is None:
            return None
        least = [min([goods[i].unit_minor for i in one], default=None) for one in lines]
        saves = _saves(self.reach.on_units[place].benefit, least, sizes)
        return OneMore(self._offers[place], least[lacking]) if saves else None


def _saves(benefit: UnitBenefit, least: Sequence[int | None], sizes: Sequence[int]) -> bool:
    """Whether a use saves something even on the cheapest pieces; a kind that is not in the basket is not judged."""
    prices = [minor for minor in least if minor is not None]
    if len(prices) < len(least):
        return True
    whole = sum(minor * size for minor, size in zip(prices, sizes, strict=True))
    match benefit:
        case Bundle():
            return whole > benefit.price_minor
        case SetCut():
            return benefit.off(whole) > 0
        case EachUnit() | NForM() | BuyXGetY():
            return benefit.off(prices[-1]) > 0
        case _:
            assert_never(benefit)


def _stands_aside(offer: Promotion, used: Sequence[Promotion]) -> bool:
    """Whether another offer, or its own bound, keeps this one from being used once more."""
    rivals = [other for other in used if other.id != offer.id]
    grouped = offer.group is not None and any(other.group == offer.group for other in rivals)
    bounded = offer.max_times is not None and len(rivals) < len(used)
    return grouped or bounded or (offer.exclusive and bool(rivals))


def _wanted(benefit: UnitBenefit) -> list[tuple[Match, int]]:
    """Return the pieces of one use by kind; nothing for an offer that needs no company."""
    match benefit:
        case EachUnit():
            needs_company = benefit.group_size > 1 and benefit.max_per_line is None
            return [(benefit.match, benefit.group_size)] if needs_company else []
        case NForM():
            return [(benefit.match, benefit.take)]
        case SetCut() if benefit.size > 1 and not benefit.from_minor:
            return [(benefit.match, benefit.size)]
        case BuyXGetY():
            return [(benefit.buy, benefit.buy_quantity), (benefit.get, benefit.get_quantity)]
        case Bundle():
            return [(part.match, part.quantity) for part in benefit.parts]
        case _:
            return []


def _lacking(lines: Sequence[Sequence[int]], sizes: Sequence[int], goods: Sequence[Goods]) -> int | None:
    """Return which kind lacks one piece, if that is all that a further use lacks; else None.

    Kinds that share some lines and not others are left alone: which piece counts for which is for the search to say.
    """
    if all(list(one) == list(lines[0]) for one in lines):
        lines, sizes = lines[:1], [sum(sizes)]
    elif len({i for one in lines for i in one}) < sum(len(one) for one in lines):
        return None
    counts = [sum(goods[i].quantity for i in one) for one in lines]
    times = min(count // size for count, size in zip(counts, sizes, strict=True))
    short = [max(0, size - (count - times * size)) for count, size in zip(counts, sizes, strict=True)]
    is_begun = any(count > times * size for count, size in zip(counts, sizes, strict=True))
    return short.index(1) if sum(short) == 1 and is_begun else None

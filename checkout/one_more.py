"""Offers on pieces that one piece more would complete: "one more, and the third is free".

Only pieces are counted that no other offer on pieces which stands on the receipt could have taken, paid in full or not.
So one more piece makes a use of the offer possible beside all that stands there already: what it promises is kept.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from checkout.allocation import bits
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
    UnitBenefit,
)
from checkout.till import Outcome


@dataclass(frozen=True, slots=True)
class OneMore:
    """An offer that lacks one piece.

    Attributes:
        cost_minor: The cheapest such piece in the basket; None where the missing kind is not in it yet.
    """

    offer: Promotion
    cost_minor: int | None


def one_more(
    goods: Sequence[Goods],
    offers: Sequence[Promotion],
    touched: Mapping[int, int],
    is_open: Callable[[Promotion], bool],
    outcome: Outcome,
) -> Iterator[OneMore]:
    """Yield the offers on pieces that lack one piece, in the order of the offers.

    Args:
        goods: The lines.
        offers: All of the shop.
        touched: By place of the offer, the lines that it may touch, as bits.
        is_open: Whether an offer holds now, for this shopper.
        outcome: What stands on the receipt.
    """
    used = [offer for offer in offers if offer.id in outcome.rules]
    if any(offer.exclusive for offer in used):
        return
    takers = {
        place: mask
        for place, mask in touched.items()
        if offers[place].id in outcome.rules and not isinstance(offers[place].benefit, BasketCut)
    }
    for place, mask in touched.items():
        offer = offers[place]
        # The cheapest questions first: most offers of a shop make each piece cheaper and lack no company.
        if isinstance(offer.benefit, BasketCut) or not (wanted := _wanted(offer.benefit)):
            continue
        if offer.when is not NO_CONDITION and offer.when != NO_CONDITION:
            continue
        if _stands_aside(offer, used) or not is_open(offer):
            continue
        left = mask
        for other, taken in takers.items():
            left &= ~taken if other != place else -1
        if place in takers and left != mask:
            continue  # how many pieces its own uses have taken is not to be told apart
        free = [i for i in bits(left) if not goods[i].is_single]
        lines = [[i for i in free if match.fits(goods[i])] for match, _ in wanted]
        if (lacking := _lacking(lines, [size for _, size in wanted], goods)) is not None:
            least = [min((goods[i].unit_minor for i in one), default=None) for one in lines]
            if _saves(offer.benefit, least, [size for _, size in wanted]):
                yield OneMore(offer, least[lacking])


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

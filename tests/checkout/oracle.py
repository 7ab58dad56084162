"""The best assignment of units to offers by trying everything: slow, obvious, and written apart from the search."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from checkout import BasketCut, Bundle, BuyXGetY, Cut, EachUnit, Goods, NForM, Pick, Promotion, SetCut

Unit = tuple[int, Goods]
"""A number that tells equal pieces apart, and what kind of piece it is."""


def best_saving(goods: Sequence[Goods], offers: Sequence[Promotion]) -> int:
    """Return the most that offers of group scope can save on a handful of units."""
    units = [(line * 100 + piece, one) for line, one in enumerate(goods) for piece in range(one.quantity)]
    ways = [(offer, taken, minor) for offer in offers for taken, minor in _ways(offer, units)]
    return _most(ways, frozenset(), {offer.id: 0 for offer in offers}, 0)


def _most(
    ways: Sequence[tuple[Promotion, frozenset[int], int]], used: frozenset[int], times: dict[str, int], start: int
) -> int:
    best = 0
    for i in range(start, len(ways)):
        offer, taken, minor = ways[i]
        if taken & used or times[offer.id] == offer.max_times:
            continue
        best = max(best, minor + _most(ways, used | taken, {**times, offer.id: times[offer.id] + 1}, i + 1))
    return best


def _ways(  # noqa: C901 - one case a benefit, each written out on purpose
    offer: Promotion, units: Sequence[Unit]
) -> Iterator[tuple[frozenset[int], int]]:
    match offer.benefit:
        case EachUnit(match=match, cut=cut, value=value, group_size=size):
            for taken in combinations([u for u in units if match.fits(u[1])], size):
                yield _ids(taken), sum(cut.off(u[1].unit_minor, value) for u in taken)
        case NForM(match=match, take=take, pay=pay, pick=pick):
            for taken in combinations([u for u in units if match.fits(u[1])], take):
                yield (
                    _ids(taken),
                    sum(
                        offer.benefit.off(minor)
                        for minor in sorted((u[1].unit_minor for u in taken), reverse=pick is Pick.DEAREST)[
                            : take - pay
                        ]
                    ),
                )
        case BuyXGetY() as gift:
            yield from _gifts(gift, units)
        case Bundle(parts=parts, price_minor=price):
            for taken in _bundles(parts, units):
                yield _ids(taken), max(0, sum(u[1].unit_minor for u in taken) - price)
        case SetCut(match=match, size=size):
            for taken in combinations([u for u in units if match.fits(u[1])], size):
                yield _ids(taken), offer.benefit.off(sum(u[1].unit_minor for u in taken))
        case BasketCut():
            return


def _gifts(gift: BuyXGetY, units: Sequence[Unit]) -> Iterator[tuple[frozenset[int], int]]:
    assert gift.pick is Pick.DEAREST
    for got in combinations([u for u in units if gift.get.fits(u[1])], gift.get_quantity):
        rest = [u for u in units if gift.buy.fits(u[1]) and u not in got]
        for bought in combinations(rest, gift.buy_quantity):
            off = sum(Cut.PERCENT.off(u[1].unit_minor, gift.percent_bp) for u in got)
            yield _ids((*got, *bought)), off


def _bundles(parts: Sequence[object], units: Sequence[Unit]) -> Iterator[tuple[Unit, ...]]:
    if not parts:
        yield ()
        return
    part, *others = parts
    fitting = [u for u in units if part.match.fits(u[1])]  # type: ignore[attr-defined] # a Part, kept loose on purpose
    for taken in combinations(fitting, part.quantity):  # type: ignore[attr-defined] # likewise
        rest = [u for u in units if u not in taken]
        for more in _bundles(others, rest):
            yield (*taken, *more)


def _ids(units: Sequence[Unit]) -> frozenset[int]:
    return frozenset(number for number, _ in units)

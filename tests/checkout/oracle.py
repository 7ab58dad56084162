"""The best assignment of units to offers by trying everything: slow, obvious, and written apart from the search."""

from collections.abc import Iterator, Sequence
from itertools import chain, combinations

from checkout import (
    Basis,
    BasketCut,
    Bundle,
    BuyXGetY,
    Coupon,
    Cut,
    EachUnit,
    Effect,
    Goods,
    NForM,
    Pick,
    Promotion,
    SetCut,
    Stacking,
    split_minor,
)

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


# --- units, cuts and coupons together --------------------------------------------------------------------------------

Off = tuple[int, ...]
"""What comes off each line."""


def least_due(goods: Sequence[Goods], offers: Sequence[Promotion], coupons: Sequence[Coupon]) -> int:
    """Return the least that any permitted choice of offers, and of units for each use of them, leaves to pay."""
    units = [(line * 100 + piece, one) for line, one in enumerate(goods) for piece in range(one.quantity)]
    ready = [p for p in offers if not isinstance(p.benefit, BasketCut) and _is_reached(p, goods)]
    ways = [
        (offer, taken, _split(offer, taken, minor, units)) for offer in ready for taken, minor in _ways(offer, units)
    ]
    cuts = [p for p in offers if isinstance(p.benefit, BasketCut) and _is_reached(p, goods)]
    reached: set[tuple[Off, frozenset[str]]] = set()
    _assign(ways, 0, frozenset(), (0,) * len(goods), {}, reached)
    by_id = {offer.id: offer for offer in offers}
    subsets = list(chain.from_iterable(combinations(cuts, size) for size in range(len(cuts) + 1)))
    return min(
        _due(goods, off, chosen, coupons)
        for off, used in reached
        for chosen in subsets
        if _is_permitted([*(by_id[rule] for rule in used), *chosen])
    )


def _is_reached(offer: Promotion, goods: Sequence[Goods]) -> bool:
    counted = [one for one in goods if offer.when.match.fits(one)]
    worth = sum(one.unit_minor * one.quantity for one in counted)
    return worth >= offer.when.min_minor and sum(one.quantity for one in counted) >= offer.when.min_units


def _is_permitted(chosen: Sequence[Promotion]) -> bool:
    groups = [offer.group for offer in chosen if offer.group]
    return len(groups) == len(set(groups)) and (len(chosen) < 2 or not any(offer.exclusive for offer in chosen))


def _assign(
    ways: Sequence[tuple[Promotion, frozenset[int], Off]],
    start: int,
    used: frozenset[int],
    off: Off,
    times: dict[str, int],
    reached: set[tuple[Off, frozenset[str]]],
) -> None:
    reached.add((off, frozenset(times)))
    for i in range(start, len(ways)):
        offer, taken, less = ways[i]
        if not taken & used and times.get(offer.id, 0) != offer.max_times and any(less):
            more = tuple(a + b for a, b in zip(off, less, strict=False)) if off else less
            _assign(ways, i + 1, used | taken, more, {**times, offer.id: times.get(offer.id, 0) + 1}, reached)


def _split(offer: Promotion, taken: frozenset[int], minor: int, units: Sequence[Unit]) -> Off:
    """Say on which lines a use takes off: the dear or cheap units of it, or all by their price."""
    lines = [0] * (max(number for number, _ in units) // 100 + 1)
    chosen = sorted((unit for unit in units if unit[0] in taken), key=lambda unit: unit[0])
    match offer.benefit:
        case EachUnit() as each:
            for number, one in chosen:
                lines[number // 100] += each.cut.off(one.unit_minor, each.value)
        case NForM() as multibuy:
            by_price = sorted(chosen, key=lambda unit: unit[1].unit_minor, reverse=multibuy.pick is Pick.DEAREST)
            for number, one in by_price[: multibuy.take - multibuy.pay]:
                lines[number // 100] += multibuy.off(one.unit_minor)
        case SetCut() if minor:
            for (number, _), share in zip(chosen, split_minor(minor, [u[1].unit_minor for u in chosen]), strict=True):
                lines[number // 100] += share
        case _:
            pass
    return tuple(lines)


def _due(goods: Sequence[Goods], off: Off, chosen: Sequence[Promotion], coupons: Sequence[Coupon]) -> int:
    left = [one.unit_minor * one.quantity - less for one, less in zip(goods, off, strict=True)]
    cheaper = {line for line, less in enumerate(off) if less}
    cuts = [(offer, offer.benefit) for offer in chosen if isinstance(offer.benefit, BasketCut)]
    for offer, cut in sorted(cuts, key=lambda c: (-c[0].priority, c[1].cut is not Cut.PERCENT, c[0].id)):
        if offer.when.basis is Basis.REMAINING:
            counted = [minor for minor, one in zip(left, goods, strict=True) if offer.when.match.fits(one)]
            if sum(counted) < offer.when.min_minor:
                continue
        lines = [i for i, one in enumerate(goods) if cut.match.fits(one) and not (cut.full_price_only and i in cheaper)]
        cheaper |= _take(left, lines, cut.cut.off(sum(left[i] for i in lines), cut.value), cut.max_off_minor)
    alone = [[coupon] for coupon in coupons if coupon.terms.stacking is Stacking.ALONE]
    together = [coupon for coupon in coupons if coupon.terms.stacking is not Stacking.ALONE]
    return min(_after(goods, left, cheaper, laid) for laid in [together, *alone])


def _after(goods: Sequence[Goods], left: Sequence[int], cheaper: set[int], laid: Sequence[Coupon]) -> int:
    rest = list(left)
    for coupon in sorted(laid, key=lambda c: (c.terms.effect is Effect.AMOUNT, c.code)):
        terms = coupon.terms
        lines = [i for i, one in enumerate(goods) if terms.fits(one.sku, one.category)]
        lines = [i for i in lines if not (terms.stacking is Stacking.FULL_PRICE and i in cheaper)]
        if lines and sum(left[i] for i in lines) >= terms.min_basket_minor:
            cut = Cut.AMOUNT if terms.effect is Effect.AMOUNT else Cut.PERCENT
            _take(rest, lines, cut.off(sum(rest[i] for i in lines), terms.value), terms.max_off_minor)
    return sum(rest)


def _take(left: list[int], lines: Sequence[int], off: int, most: int | None) -> set[int]:
    off = off if most is None else min(off, most)
    shares = split_minor(off, [left[i] for i in lines])
    for i, share in zip(lines, shares, strict=True):
        left[i] -= share
    return {i for i, share in zip(lines, shares, strict=True) if share}

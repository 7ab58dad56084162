"""How long a quote and a code take: ``python -m tests.bench.checkout_speed``. CPU time of one process, seeded shop.

Beside the pricer that a shop keeps stands the plain call that prepares everything anew each time, in the same run.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import median

from checkout import (
    EUR,
    Basket,
    BasketCut,
    Benefit,
    BuyXGetY,
    Catalog,
    CodeRow,
    Condition,
    Coupon,
    CouponTerms,
    Cut,
    EachUnit,
    Effect,
    Label,
    Line,
    Match,
    NForM,
    Pricer,
    Product,
    Promotion,
    Quote,
    VatClass,
    check_digit,
    price,
)

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRIALS = 20
CODES = 1_000_000
LOOKUPS = 20_000


def main() -> None:
    """Print the tables that docs/pricing.md quotes."""
    dice = random.Random(7)
    products = [
        Product(f"s{i:04}", f"Product {i}", "", "", dice.randint(50, 2500), VatClass.REDUCED, category=f"c{i % 20}")
        for i in range(2000)
    ]
    catalog = Catalog(products, [])
    coupons = _coupons()
    print(f"{len(products)} products, {len(coupons)} coupons, {TRIALS} baskets a row; milliseconds: median / 95th")
    print(" lines  offers                        kept pricer     one more line   prepared anew   proven   widest gap")
    for name, offers in _shops(dice, products).items():
        for lines in (5, 20, 60):
            baskets = [_basket(dice, products, lines + 1) for _ in range(TRIALS)]
            pricer = Pricer(catalog, offers, currency=EUR, country="FR")
            anew: list[int] = []
            full: list[int] = []
            more: list[int] = []
            quotes: list[Quote] = []
            for basket in baskets:
                shorter = Basket(basket.lines[:-1])
                quotes.append(_timed(full, partial(pricer.price, shorter, coupons, at=AT)))
                quotes.append(_timed(more, partial(pricer.price, basket, coupons, at=AT)))
                _timed(anew, partial(price, shorter, catalog, offers, coupons, at=AT, currency=EUR, country="FR"))
            proven = sum(quote.is_best for quote in quotes)
            gap = max(quote.gap.minor for quote in quotes)
            cells = "".join(f"{_shown(one):>16}" for one in (full, more, anew))
            print(f"{lines:6}  {len(offers)} {name:22}{cells}   {proven:3}/{len(quotes)} {gap:8} ct")
    _look_up(dice)


def _timed(spent: list[int], act: Callable[[], Quote]) -> Quote:
    begun = time.process_time_ns()
    quote = act()
    spent.append(time.process_time_ns() - begun)
    return quote


def _shown(spent: list[int]) -> str:
    late = sorted(spent)[len(spent) * 95 // 100 - 1]
    return f"{median(spent) / 1e6:.2f} / {late / 1e6:.2f}"


def _basket(dice: random.Random, products: list[Product], lines: int) -> Basket:
    chosen = dice.sample(products, lines)
    return Basket(tuple(Line(f"l{i}", product.sku, dice.randint(1, 3)) for i, product in enumerate(chosen)))


def _coupons() -> list[Coupon]:
    terms = [
        CouponTerms(Effect.AMOUNT, 300, min_basket_minor=4000),
        CouponTerms(Effect.AMOUNT, 100),
        CouponTerms(Effect.AMOUNT, 150, categories=frozenset({"c3"})),
        CouponTerms(Effect.PERCENT, 1000, categories=frozenset({"c7"})),
        CouponTerms(Effect.PERCENT, 500, categories=frozenset({"c11", "c12"})),
    ]
    return [Coupon(f"C-{i}", "spring", Label.same(f"coupon {i}"), one) for i, one in enumerate(terms)]


def _shops(dice: random.Random, products: list[Product]) -> dict[str, list[Promotion]]:
    """Return a usual shop, whose offers name a few products each and seldom meet, and one where all overlap."""
    shuffled = dice.sample([product.sku for product in products], len(products))
    apart = iter(shuffled)

    def next_few(count: int) -> Match:
        return Match(skus=frozenset(next(apart) for _ in range(count)))

    def any_few(count: int) -> Match:
        return Match(skus=frozenset(dice.sample(shuffled, count)))

    five = Promotion("five", Label.same("five"), BasketCut(Cut.AMOUNT, 500), when=Condition(min_minor=5000))
    part = Promotion("part", Label.same("part"), BasketCut(Cut.PERCENT, 1000, _of("c3", "c4")))
    usual = _offers(next_few, "c1")
    dense = _offers(any_few, *(f"c{i}" for i in range(1, 17)))
    return {"usual": [*usual[:199], five], "usual, cut on a part": [*usual[:198], five, part], "dense": [*dense, five]}


def _offers(few: Callable[[int], Match], *categories: str) -> list[Promotion]:
    benefits: list[Benefit] = [EachUnit(_of(category), Cut.PERCENT, 1000) for category in categories]
    benefits += [EachUnit(few(8), Cut.AMOUNT, 30) for _ in range(90)]
    benefits += [NForM(few(8), 3, 2) for _ in range(70)]
    benefits += [BuyXGetY(few(4), 1, few(4)) for _ in range(38)]
    return [Promotion(f"p{i:03}", Label.same(f"p{i}"), benefit) for i, benefit in enumerate(benefits)]


def _of(*categories: str) -> Match:
    return Match(categories=frozenset(categories))


def _look_up(dice: random.Random) -> None:
    sheet = [Product(f"s{i}", "", "", "", 100, VatClass.REDUCED) for i in range(1000)]
    numbers = [f"{3_000_000_000 + i:012}" for i in range(CODES)]
    codes = [number + str(check_digit(number)) for number in numbers]
    catalog = Catalog(sheet, (CodeRow(code, f"s{i % 1000}") for i, code in enumerate(codes)))
    asked = dice.sample(codes, LOOKUPS)
    begun = time.process_time_ns()
    for code in asked:
        catalog.by_code(code)
    spent = time.process_time_ns() - begun
    few = asked[:20]
    begun = time.process_time_ns()
    for code in few:
        codes.index(code)
    naive = time.process_time_ns() - begun
    print(f"one of {CODES} codes: {spent / LOOKUPS / 1000:.2f} us; by going through a list: {naive / 20 / 1000:.0f} us")


if __name__ == "__main__":
    main()

"""How long a quote takes: ``python -m tests.bench.checkout_speed``. CPU time of one process, made-up shop, seeded."""

import random
import time
from datetime import UTC, datetime

from checkout import (
    EUR,
    Basket,
    BasketCut,
    Benefit,
    BuyXGetY,
    Catalog,
    Condition,
    Cut,
    EachUnit,
    Label,
    Line,
    Match,
    NForM,
    Product,
    Promotion,
    VatClass,
    price,
)

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)
TRIALS = 20


def main() -> None:
    """Print a table: lines, kind of offers, milliseconds, how many quotes were proven best."""
    dice = random.Random(7)
    products = [
        Product(f"s{i:04}", f"Product {i}", "", "", dice.randint(50, 2500), VatClass.REDUCED, category=f"c{i % 20}")
        for i in range(2000)
    ]
    catalog = Catalog(products, [])
    offers = _offers(dice, products)
    part = Promotion("part", Label.same("part"), BasketCut(Cut.PERCENT, 1000, _of("c3", "c4")))
    print(f"{len(products)} products, {len(offers)} offers\n lines  offers               median ms   p95 ms   proven")
    for name, running in (("whole-basket cuts", offers), ("and a cut on a part", [*offers, part])):
        for lines in (5, 15, 40, 90):
            spent, proven = [], 0
            for _ in range(TRIALS):
                chosen = dice.sample(products, lines)
                basket = Basket(tuple(Line(f"l{i}", p.sku, dice.randint(1, 3)) for i, p in enumerate(chosen)))
                begun = time.process_time_ns()
                quote = price(basket, catalog, running, at=AT, currency=EUR, country="FR")
                spent.append((time.process_time_ns() - begun) // 1000)
                proven += quote.is_best
            spent.sort()
            median, late = spent[TRIALS // 2] / 1000, spent[TRIALS * 95 // 100 - 1] / 1000
            print(f"{lines:6}  {name:20} {median:9.1f} {late:8.1f}   {proven}/{TRIALS}")


def _of(*categories: str) -> Match:
    return Match(categories=frozenset(categories))


def _offers(dice: random.Random, products: list[Product]) -> list[Promotion]:
    def some(count: int) -> Match:
        return Match(skus=frozenset(product.sku for product in dice.sample(products, count)))

    benefits: list[Benefit] = [EachUnit(_of(f"c{i}"), Cut.PERCENT, 1000) for i in range(20)]
    benefits += [NForM(some(12), 3, 2) for _ in range(60)]
    benefits += [BuyXGetY(some(8), 1, some(8)) for _ in range(20)]
    offers = [Promotion(f"p{i:03}", Label.same(f"p{i}"), benefit) for i, benefit in enumerate(benefits)]
    threshold = Condition(min_minor=5000)
    return [*offers, Promotion("five", Label.same("five"), BasketCut(Cut.AMOUNT, 500), when=threshold)]


if __name__ == "__main__":
    main()

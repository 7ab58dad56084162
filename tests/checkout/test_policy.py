from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from checkout import (
    EUR,
    Basket,
    BasketCut,
    Catalog,
    Combining,
    Cut,
    EachUnit,
    Line,
    Match,
    NForM,
    OddCents,
    Pricer,
    PricingPolicy,
    Product,
    Rounding,
    ShelfPrices,
    VatClass,
    VatRounding,
    VatRow,
    price,
    split_minor,
    to_step,
)
from checkout.errors import MalformedRuleError
from checkout.promotions import FULL_BP
from tests.checkout.builders import NOON, a_basket, a_catalog, a_coupon, a_line, a_product, a_promotion, of, some_terms

TWENTY = (VatRow("XX", VatClass.STANDARD, 2000, date(2000, 1, 1), None, "made up"),)


def a_pricer(*products: Product, promotions: tuple[object, ...] = (), **facts: object) -> Pricer:
    policy = PricingPolicy(**facts)  # type: ignore[arg-type] # named by the test
    return Pricer(
        Catalog(products, []),
        promotions,  # type: ignore[arg-type] # likewise
        currency=EUR,
        country="XX",
        policy=policy,
        vat_table=TWENTY,
    )


def test_tax_comes_on_top_when_prices_are_without_it() -> None:
    tea = a_product("tea", minor=1000, vat_class=VatClass.STANDARD)
    cut = a_promotion(BasketCut(Cut.PERCENT, 1000))
    quote = a_pricer(tea, promotions=(cut,), shelf_prices=ShelfPrices.WITHOUT_TAX).price(
        Basket((a_line("tea"),)), at=NOON
    )
    assert (quote.saved.minor, quote.tax_added.minor, quote.total.minor) == (100, 180, 1080)
    first = a_pricer(tea, promotions=(cut,), shelf_prices=ShelfPrices.TAXED_FIRST).price(
        Basket((a_line("tea"),)), at=NOON
    )
    assert (first.gross.minor, first.saved.minor, first.total.minor) == (1200, 120, 1080)
    inside = a_pricer(replace(tea, is_taxed=True), shelf_prices=ShelfPrices.TAXED_FIRST)
    assert inside.price(Basket((a_line("tea"),)), at=NOON).total.minor == 1000


@pytest.mark.parametrize("rounding", VatRounding)
def test_tax_reconciles_when_rounded_anywhere(rounding: VatRounding) -> None:
    pens = a_product("pen", minor=99, vat_class=VatClass.STANDARD)
    inks = a_product("ink", minor=333, vat_class=VatClass.STANDARD)
    cut = a_promotion(BasketCut(Cut.AMOUNT, 100))
    quote = a_pricer(pens, inks, promotions=(cut,), vat_rounding=rounding).price(
        Basket((a_line("pen", 3), a_line("ink"))), at=NOON
    )
    (row,) = quote.vat
    assert row.net + row.tax == row.gross == quote.total
    assert abs(row.tax.minor * 6 - row.gross.minor) <= 6 * 2


def test_pieces_of_a_line_sum_to_it_when_looked_at_one_by_one() -> None:
    pens = a_product("pen", minor=99, vat_class=VatClass.STANDARD)
    cut = a_promotion(BasketCut(Cut.AMOUNT, 100))
    (line,) = a_pricer(pens, promotions=(cut,)).price(Basket((a_line("pen", 3),)), at=NOON).lines
    assert [(due.minor, pieces) for due, pieces in line.unit_dues] == [(66, 2), (65, 1)]


def test_cash_is_rounded_to_the_smallest_coin_when_the_policy_has_one() -> None:
    tea = a_product("tea", minor=1944, vat_class=VatClass.STANDARD)
    quote = a_pricer(tea, cash_step_minor=10).price(Basket((a_line("tea"),)), at=NOON)
    assert (quote.total.minor, quote.cash_total.minor) == (1944, 1940)
    assert to_step(1945, 10) == 1950
    with pytest.raises(MalformedRuleError, match="smallest coin"):
        PricingPolicy(cash_step_minor=0)


def test_percentage_rounds_as_the_policy_says_when_it_ends_on_half_a_cent() -> None:
    tea = a_product("tea", minor=1750, vat_class=VatClass.STANDARD)
    five = a_promotion(BasketCut(Cut.PERCENT, 500))
    for rounding, saved in ((Rounding.HALF_UP, 88), (Rounding.HALF_DOWN, 87), (Rounding.DOWN, 87), (Rounding.UP, 88)):
        quote = a_pricer(tea, promotions=(five,), discount_rounding=rounding).price(Basket((a_line("tea"),)), at=NOON)
        assert quote.saved.minor == saved


def test_odd_cents_fall_where_the_policy_says_when_a_discount_is_spread() -> None:
    assert split_minor(200, [1, 1, 1]) == split_minor(200, [1, 1, 1], OddCents.FIRST) == (67, 67, 66)
    assert split_minor(200, [1, 1, 1], OddCents.LAST) == (67, 67, 66)
    assert split_minor(100, [1, 1, 1], OddCents.LAST) == (33, 33, 34)
    assert split_minor(2, [1, 1, 1, 1], OddCents.LAST) == (1, 1, 0, 0)
    assert split_minor(1, [1, 2, 0], OddCents.FIRST) == (1, 0, 0)


def test_kept_pricer_answers_as_a_new_one_when_the_basket_grows() -> None:
    products = [a_product(f"s{i}", minor=100 + i, vat_class=VatClass.REDUCED) for i in range(8)]
    offers = [a_promotion(NForM(of("s0", "s1", "s2"), 3, 2), "three"), a_promotion(EachUnit(Match(), Cut.PERCENT, 500))]
    kept = Pricer(a_catalog(*products), offers, currency=EUR, country="FR")
    coupons = [a_coupon(terms=some_terms(50))]
    for size in range(1, 9):
        basket = Basket(tuple(Line(f"l{i}", f"s{i}", 1 + i % 2) for i in range(size)))
        anew = Pricer(a_catalog(*products), offers, currency=EUR, country="FR")
        assert kept.price(basket, coupons, at=NOON) == anew.price(basket, coupons, at=NOON)


def test_runner_up_is_the_next_best_when_asked_for() -> None:
    tea = a_product("tea", minor=1000, vat_class=VatClass.REDUCED)
    offers = [
        a_promotion(BasketCut(Cut.AMOUNT, 300), "large", group="week"),
        a_promotion(BasketCut(Cut.AMOUNT, 200), "small", group="week"),
    ]
    pricer = Pricer(a_catalog(tea), offers, currency=EUR, country="FR")
    quote = pricer.price(Basket((a_line("tea"),)), at=NOON, with_runner_up=True)
    assert quote.total.minor == 700
    assert quote.runner_up is not None
    assert (quote.runner_up.rules, quote.runner_up.without, quote.runner_up.total.minor) == (("small",), "large", 800)
    plain = Pricer(a_catalog(tea), currency=EUR, country="FR")
    assert plain.price(Basket((a_line("tea"),)), at=NOON, with_runner_up=True).runner_up is None


def test_pricer_refuses_two_rules_of_one_name_when_it_is_made() -> None:
    twice = [a_promotion(BasketCut(Cut.AMOUNT, 300)), a_promotion(BasketCut(Cut.AMOUNT, 200))]
    with pytest.raises(MalformedRuleError, match="two rules"):
        Pricer(a_catalog(), twice, currency=EUR, country="FR")


def test_memory_starts_anew_when_it_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("pricing.MAX_KNOWN", "reach.MAX_KINDS", "allocation.MAX_LISTS", "clusters.MAX_CLUSTERS")
    for name in (*names, "one_more.MAX_KNOWN"):
        monkeypatch.setattr(f"checkout.{name}", 1)
    products = [a_product(sku, minor=minor) for sku, minor in (("a", 100), ("b", 100), ("c", 105))]
    offers = [a_promotion(NForM(of("a", "b"), 2, 1)), a_promotion(EachUnit(of("a", "b"), Cut.AMOUNT, 49), "q")]
    late = a_promotion(BasketCut(Cut.PERCENT, 3300, of("a", "c")), "r")
    pricer = Pricer(a_catalog(*products), [*offers, late], currency=EUR, country="FR")
    whole = Basket(tuple(a_line(sku, 2) for sku in "abc"))
    first = pricer.price(whole, at=NOON)
    for lines in (whole.lines[1:], whole.lines[:1], whole.lines):
        again = pricer.price(Basket(lines), at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    assert again.lines == first.lines
    assert pricer.price(Basket(whole.lines[1:2]), at=NOON).saved.minor == 100


def test_floor_of_a_product_is_refused_when_it_is_below_nothing() -> None:
    with pytest.raises(MalformedRuleError, match="floor price"):
        replace(a_product(), floor_price_minor=-1)


def test_turns_are_taken_when_the_policy_says_so() -> None:
    tea = a_product("tea", minor=1000, vat_class=VatClass.STANDARD)
    offers = (
        a_promotion(BasketCut(Cut.AMOUNT, 100), "ten", priority=2),
        a_promotion(BasketCut(Cut.PERCENT, 2000), "fifth", priority=1),
    )
    for combining, total in ((Combining.IN_TURN, 720), (Combining.ONCE_IN_TURN, 900)):
        quote = a_pricer(tea, promotions=offers, combining=combining).price(Basket((a_line("tea"),)), at=NOON)
        assert quote.total.minor == total


def test_coupons_then_offers_give_way_when_a_receipt_may_take_off_no_more() -> None:
    offers = [
        a_promotion(EachUnit(of("tea"), Cut.PERCENT, 2000), "offer"),
        replace(a_promotion(EachUnit(of("pen"), Cut.AMOUNT, 50), "shelf"), standing=True),
    ]
    coupons = [a_coupon("C-1", some_terms(200)), a_coupon("C-2", some_terms(300))]
    basket = a_basket(a_line("tea", 10), a_line("pen"))
    goods = a_catalog(a_product("tea"), a_product("pen", minor=100))
    saved = {}
    for most in (FULL_BP, 3500, 2000, 1000, 0):
        policy = PricingPolicy(max_off_bp=most)
        quote = price(basket, goods, offers, coupons, at=NOON, currency=EUR, country="FR", policy=policy)
        by_rule: Counter[str] = Counter()
        for line in quote.lines:
            assert line.due.minor == line.gross.minor + sum(rule.amount.minor for rule in line.adjustments)
            for rule in line.adjustments:
                by_rule[rule.rule_id] -= rule.amount.minor
        assert sum(row.gross.minor for row in quote.vat) == quote.total.minor
        assert quote.total.minor == quote.gross.minor - by_rule.total()
        assert {c.code: c.saved.minor for c in quote.coupons} == {code: by_rule[code] for code in ("C-1", "C-2")}
        saved[most] = (by_rule["shelf"], by_rule["offer"], by_rule["C-1"], by_rule["C-2"])
        refused = [coupon.reason for coupon in quote.coupons if coupon.saved.minor == 0]
        assert all("order_cap_reached" in str(reason) for reason in refused)
    # The goods cost 11.00 on the shelf; what the shelf itself marks down (0.50) is not counted.
    assert saved == {
        FULL_BP: (50, 200, 200, 300),
        3500: (50, 200, 185, 0),
        2000: (50, 200, 20, 0),
        1000: (50, 110, 0, 0),
        0: (50, 0, 0, 0),
    }


def test_no_step_is_named_when_nothing_more_may_be_taken_off() -> None:
    offer = a_promotion(EachUnit(of("tea"), Cut.PERCENT, 2000, group_size=2))
    for most, named in ((FULL_BP, True), (0, False)):
        policy = PricingPolicy(max_off_bp=most)
        goods = a_catalog(a_product("tea"))
        quote = price(a_basket(a_line("tea")), goods, [offer], at=NOON, currency=EUR, country="FR", policy=policy)
        assert (quote.next_step is not None) == named
    with pytest.raises(MalformedRuleError, match="max_off_bp"):
        PricingPolicy(max_off_bp=FULL_BP + 1)


def test_a_receipt_is_as_without_a_bound_when_less_is_taken_off() -> None:
    tea = a_product("tea", minor=1000, vat_class=VatClass.STANDARD)
    ten = a_promotion(BasketCut(Cut.AMOUNT, 100), "ten")
    basket = Basket((a_line("tea"),))
    bounded = a_pricer(tea, promotions=(ten,), max_off_bp=5000).price(basket, at=NOON)
    assert bounded == a_pricer(tea, promotions=(ten,)).price(basket, at=NOON)
    assert bounded.total.minor == 900

"""How far the best combination is proven: everything is tried on small baskets, the bound is checked on large ones."""

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    EUR,
    Basis,
    Basket,
    BasketCut,
    Benefit,
    Catalog,
    Condition,
    Coupon,
    Cut,
    EachUnit,
    Effect,
    Goods,
    Line,
    Match,
    NForM,
    OddCents,
    Pick,
    Pricer,
    PricingPolicy,
    Promotion,
    Rounding,
    SetCut,
    Stacking,
    clusters,
    combination,
)
from checkout.combination import combine
from checkout.till import Outcome
from tests.checkout.builders import NOON, a_coupon, a_product, a_promotion, of, some_terms
from tests.checkout.oracle import least_due
from tests.examples import examples

Shop = tuple[list[Goods], list[Promotion], list[Coupon]]

matches = st.sampled_from([Match(), of("a"), of("b"), of("a", "b"), of("b", "c"), Match(min_unit_minor=300)])
conditions = st.builds(Condition, matches, st.sampled_from([0, 500, 1200]), st.sampled_from([0, 2]))
late_conditions = st.builds(Condition, matches, st.sampled_from([0, 500, 1200]), st.just(0), st.sampled_from(Basis))
unit_benefits: st.SearchStrategy[Benefit] = st.one_of(
    st.builds(EachUnit, matches, st.sampled_from(Cut), st.sampled_from([100, 1000])),
    st.builds(NForM, matches, st.just(2), st.integers(0, 1), pick=st.sampled_from(Pick)),
    st.builds(NForM, matches, st.just(3), st.just(2), percent_bp=st.sampled_from([10_000, 5000])),
    st.builds(
        SetCut, matches, st.integers(1, 2), st.sampled_from(Cut), st.sampled_from([50, 900]), st.none(), st.just(400)
    ),
)
basket_cuts = st.builds(
    BasketCut,
    st.sampled_from(Cut),
    st.sampled_from([250, 1000, 5000]),
    matches,
    st.sampled_from([None, None, 60]),
    st.booleans(),
)


@st.composite
def shops(draw: st.DrawFn) -> Shop:
    """A few goods of different prices, two kinds of offers that cross, and coupons."""
    prices = draw(st.lists(st.integers(1, 999), min_size=3, max_size=3, unique=True))
    quantities = draw(st.lists(st.integers(0, 2), min_size=3, max_size=3).filter(lambda q: 0 < sum(q) <= 4))
    goods = [Goods(s, f"cat-{s}", p, q) for s, p, q in zip("abc", prices, quantities, strict=True) if q]
    kinds = [(unit_benefits, conditions)] * draw(st.integers(1, 3)) + [(basket_cuts, late_conditions)] * draw(
        st.integers(0, 2)
    )
    offers = [
        a_promotion(
            draw(benefit),
            f"p{i}",
            when=draw(when),
            group=draw(st.sampled_from([None, None, "g", "h"])),
            exclusive=draw(st.sampled_from([False, False, False, True])),
            priority=draw(st.integers(0, 1)),
            max_times=draw(st.sampled_from([None, None, 1])),
        )
        for i, (benefit, when) in enumerate(kinds)
    ]
    coupons = [
        a_coupon(
            f"C-{i}",
            some_terms(
                draw(st.sampled_from([150, 1000])),
                effect=draw(st.sampled_from(Effect)),
                min_basket_minor=draw(st.sampled_from([0, 600])),
                skus=draw(st.sampled_from([frozenset(), frozenset({"a"}), frozenset({"b"})])),
                stacking=draw(st.sampled_from(Stacking)),
                max_off_minor=draw(st.sampled_from([None, 40])),
            ),
        )
        for i in range(draw(st.integers(0, 2)))
    ]
    return goods, offers, coupons


@examples(400)
@given(shops())
def test_nothing_is_cheaper_when_every_use_of_every_offer_is_tried(shop: Shop) -> None:
    goods, offers, coupons = shop
    outcome = combine(goods, offers, coupons)
    best = least_due(goods, offers, coupons)
    assert sum(outcome.remaining) - outcome.gap_minor <= best <= sum(outcome.remaining)
    assert outcome.is_exact
    assert sum(outcome.remaining) == best


@examples(200)
@given(shops())
def test_stated_gap_reaches_the_best_when_no_way_is_listed(shop: Shop) -> None:
    goods, offers, coupons = shop
    best = sum(one.gross_minor for one in goods) - least_due(goods, offers, coupons)
    found = unsearched(goods, offers, coupons)
    assert found.minor <= best <= found.minor + found.gap_minor


@examples(300)
@given(
    shops(),
    st.lists(st.integers(0, 300), min_size=3, max_size=3),
    st.sampled_from(OddCents),
    st.sampled_from(Rounding),
    st.booleans(),
)
def test_stated_gap_reaches_what_searching_finds_when_shops_reckon_otherwise(
    shop: Shop,
    floors: list[int],
    odd: OddCents,
    rounding: Rounding,
    is_standing: bool,  # noqa: FBT001 - a value that is drawn, not an option
) -> None:
    goods, offers, coupons = shop
    goods = [replace(one, floor_minor=min(one.unit_minor, floor)) for one, floor in zip(goods, floors, strict=False)]
    offers = [replace(offers[0], standing=is_standing, group=None, exclusive=False), *offers[1:]]
    policy = PricingPolicy(odd_cents=odd, discount_rounding=rounding)
    searched = combine(goods, offers, coupons, policy)
    found = unsearched(goods, offers, coupons, policy)
    assert found.minor <= searched.minor + searched.gap_minor
    assert searched.minor <= found.minor + found.gap_minor


def unsearched(
    goods: list[Goods], offers: list[Promotion], coupons: list[Coupon], policy: PricingPolicy | None = None
) -> Outcome:
    """Combine without trying anything against anything."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(combination, "MAX_WORK", -(10**9))
        patch.setattr(combination, "MAX_TRIES", -(10**9))
        patch.setattr(combination, "LEAST_CHOICES", 0)
        patch.setattr(combination, "MAX_ALTERNATIVES", 0)
        patch.setattr(combination, "MAX_WAYS", 0)
        patch.setattr(clusters, "MAX_ALTERNATIVES", 0)
        return combine(goods, offers, coupons, policy or PricingPolicy())


def test_ceiling_holds_when_a_floor_lets_other_lines_bear_a_share_that_counts_more() -> None:
    goods = [Goods("a", "", 1000, floor_minor=900), Goods("b", "", 500)]
    offers = [
        a_promotion(BasketCut(Cut.PERCENT, 3000), "all", priority=1),
        a_promotion(BasketCut(Cut.PERCENT, 5000, of("b")), "part"),
    ]
    outcome = combine(goods, offers, [])
    # Of the 4.50 on both, a bears 1.00 and b 3.50; half of what is left of b comes off as well.
    assert outcome.minor == 450 + 75
    assert 0 <= outcome.gap_minor <= 40


def test_the_best_is_found_when_it_is_one_cent_better_than_the_first_choice() -> None:
    goods = [Goods("a", "", 1000), Goods("b", "", 1000)]
    offers = [
        a_promotion(EachUnit(of("a"), Cut.AMOUNT, 100), "first", group="one of two"),
        a_promotion(EachUnit(of("b"), Cut.AMOUNT, 100), "second", group="one of two"),
        a_promotion(BasketCut(Cut.PERCENT, 10, of("a"), full_price_only=True), "rest"),
    ]
    assert combine(goods, offers, []).minor == 100 + 1


def test_ceiling_holds_when_a_floor_meets_an_offer_on_pieces_as_well() -> None:
    goods = [Goods("a", "", 1000, floor_minor=900), Goods("b", "", 500)]
    offers = [
        a_promotion(BasketCut(Cut.PERCENT, 3000), "all", priority=1),
        a_promotion(BasketCut(Cut.PERCENT, 5000, of("b")), "part"),
        a_promotion(EachUnit(of("a"), Cut.AMOUNT, 50), "piece"),
    ]
    outcome = combine(goods, offers, [])
    # Of the 4.35 on both, a bears 0.50 and b 3.85; half of what is left of b comes off as well.
    assert outcome.minor == 50 + 435 + 58
    assert 0 <= outcome.gap_minor <= 40


def test_one_of_a_group_stands_beside_a_marked_down_price_when_all_share_a_line() -> None:
    goods = [Goods("a", "", 1000, 4)]
    marked = replace(a_promotion(EachUnit(of("a"), Cut.AMOUNT, 50), "marked", max_times=1), standing=True)
    rivals = [a_promotion(EachUnit(of("a"), Cut.AMOUNT, minor), f"g{minor}", group="g") for minor in (80, 90)]
    outcome = combine(goods, [marked, *rivals], [])
    assert "g80" not in outcome.rules
    assert outcome.minor == 4 * 90


def test_gap_is_stated_when_the_ways_of_one_cluster_are_too_many_to_list() -> None:
    goods = [Goods(f"s{i}", "ab"[i % 2], 100 + i, 3) for i in range(8)]
    skus = frozenset(one.sku for one in goods)
    offers = [
        a_promotion(NForM(Match(skus=skus), 2, 1), "two"),
        a_promotion(BasketCut(Cut.PERCENT, 5000, Match(categories=frozenset("a")), full_price_only=True), "fresh"),
    ]
    outcome = combine(goods, offers, [])
    assert outcome.gap_minor > 0
    assert outcome.minor + outcome.gap_minor <= sum(one.gross_minor for one in goods)


# --- a basket that changes ------------------------------------------------------------------------------------------


def a_benefit(dice: random.Random, match: Match) -> Benefit:
    return (EachUnit(match, Cut.AMOUNT, 30), NForM(match, 3, 2), NForM(match, 2, 1))[dice.randrange(3)]


def a_large_shop(dice: random.Random) -> tuple[Catalog, list[Promotion], list[Coupon]]:
    skus = [f"s{i:02}" for i in range(40)]
    products = [a_product(sku, minor=dice.randint(50, 900), category=f"c{i % 5}") for i, sku in enumerate(skus)]
    offers = [a_promotion(a_benefit(dice, of(*dice.sample(skus, 3))), f"p{i:02}") for i in range(20)]
    offers.append(a_promotion(BasketCut(Cut.AMOUNT, 300), "all", when=Condition(min_minor=2000)))
    coupons = [
        a_coupon("A", some_terms(1000, effect=Effect.PERCENT, categories=frozenset({"c1"}))),
        a_coupon("B", some_terms(200, min_basket_minor=1500)),
    ]
    return Catalog(products, []), offers, coupons


@examples(25)
@given(st.integers(0, 10**6))
def test_kept_pricer_says_the_same_as_a_new_one_when_a_basket_grows_and_shrinks(seed: int) -> None:
    dice = random.Random(seed)
    catalog, offers, coupons = a_large_shop(dice)
    kept = Pricer(catalog, offers, currency=EUR, country="FR")
    basket = Basket()
    for step in range(25):
        act = dice.choice(["add", "add", "add", "remove", "change"])
        if act == "add" or not basket.lines:
            basket = basket.add(Line(f"l{step}", f"s{dice.randrange(40):02}", dice.randint(1, 3)))
        elif act == "remove":
            basket = basket.remove(dice.choice(basket.lines).line_id)
        else:
            basket = basket.change(dice.choice(basket.lines).line_id, dice.randint(1, 5))
        new = Pricer(catalog, offers, currency=EUR, country="FR")
        assert kept.price(basket, coupons, at=NOON) == new.price(basket, coupons, at=NOON)

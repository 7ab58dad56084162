from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    Basis,
    BasketCut,
    Combining,
    Condition,
    Coupon,
    Cut,
    EachUnit,
    Effect,
    Goods,
    Match,
    NForM,
    PricingPolicy,
    PriorityOrder,
    Promotion,
    Stacking,
    clusters,
    combination,
)
from checkout.combination import combine
from tests.checkout.builders import a_coupon, a_promotion, of, some_terms
from tests.checkout.oracle import least_due
from tests.examples import examples


def goods_of(*minors: int) -> list[Goods]:
    return [Goods(sku, f"cat-{sku}", minor) for sku, minor in zip("abcdefghijkl", minors, strict=False)]


matches = st.sampled_from([Match(), of("a"), of("a", "b"), of("c")])
conditions = st.builds(Condition, matches, st.sampled_from([0, 500, 1200]), st.just(0), st.sampled_from(Basis))
cuts = st.builds(
    BasketCut,
    st.sampled_from([Cut.PERCENT, Cut.AMOUNT, Cut.SET_PRICE]),
    st.sampled_from([250, 1000, 5000]),
    matches,
    st.none(),
    st.booleans(),
)
eachs = st.builds(EachUnit, st.sampled_from([of("a"), of("b")]), st.just(Cut.PERCENT), st.sampled_from([1000, 3000]))


@st.composite
def shops(draw: st.DrawFn) -> tuple[list[Goods], list[Promotion], list[Coupon]]:
    goods = goods_of(*draw(st.lists(st.integers(1, 999), min_size=3, max_size=3)))
    offers = [
        a_promotion(
            draw(cuts),
            f"p{i}",
            when=draw(conditions),
            group=draw(st.sampled_from([None, None, "g"])),
            exclusive=draw(st.sampled_from([False, False, False, True])),
            priority=draw(st.integers(0, 1)),
        )
        for i in range(draw(st.integers(0, 4)))
    ]
    # One unit offer for each product at most: which of two would win is the allocation's own test.
    offers += [
        a_promotion(EachUnit(of(sku), Cut.PERCENT, 2000), f"u-{sku}") for sku in draw(st.sets(st.sampled_from("ab")))
    ]
    coupons = [
        a_coupon(
            f"C-{i}",
            some_terms(
                draw(st.sampled_from([150, 1000])),
                effect=draw(st.sampled_from(Effect)),
                min_basket_minor=draw(st.sampled_from([0, 600])),
                skus=draw(st.sampled_from([frozenset(), frozenset({"a"})])),
                stacking=draw(st.sampled_from(Stacking)),
            ),
        )
        for i in range(draw(st.integers(0, 3)))
    ]
    return goods, offers, coupons


@examples(400)
@given(shops())
def test_nothing_is_cheaper_when_every_permitted_set_of_offers_is_tried(
    shop: tuple[list[Goods], list[Promotion], list[Coupon]],
) -> None:
    goods, offers, coupons = shop
    outcome = combine(goods, offers, coupons)
    assert outcome.is_exact
    assert sum(outcome.remaining) == least_due(goods, offers, coupons)


@given(shops())
def test_savings_explain_what_remains_when_combined(
    shop: tuple[list[Goods], list[Promotion], list[Coupon]],
) -> None:
    goods, offers, coupons = shop
    outcome = combine(goods, offers, coupons)
    left = [one.gross_minor for one in goods]
    for saving in outcome.savings:
        left[saving.line] -= saving.minor
        assert left[saving.line] >= 0
    assert tuple(left) == outcome.remaining
    by_code = {result.code: result.minor for result in outcome.coupons}
    assert set(by_code) == {coupon.code for coupon in coupons}
    for code, minor in by_code.items():
        assert minor == sum(saving.minor for saving in outcome.savings if saving.promotion == code)


# --- examples --------------------------------------------------------------------------------------------------------


def test_an_offer_is_left_out_when_it_would_cost_a_better_one_its_threshold() -> None:
    small = a_promotion(EachUnit(of("a"), Cut.AMOUNT, 10), "small")
    large = a_promotion(BasketCut(Cut.AMOUNT, 500), "large", when=Condition(min_minor=1000, basis=Basis.REMAINING))
    outcome = combine(goods_of(1000), [small, large], [])
    assert outcome.rules == {"large"}
    assert outcome.minor == 500


def test_one_offer_of_a_group_stands_when_several_would_save() -> None:
    offers = [a_promotion(BasketCut(Cut.PERCENT, bp), f"p{bp}", group="week") for bp in (500, 2000, 1000)]
    assert combine(goods_of(1000), offers, []).rules == {"p2000"}


def test_exclusive_offer_stands_alone_when_it_saves_most() -> None:
    alone = a_promotion(BasketCut(Cut.PERCENT, 3000), "alone", exclusive=True)
    others = [a_promotion(BasketCut(Cut.PERCENT, 1000), "x"), a_promotion(BasketCut(Cut.AMOUNT, 100), "y")]
    assert combine(goods_of(1000), [alone, *others], []).rules == {"alone"}
    assert combine(goods_of(300), [alone, *others], []).rules == {"x", "y"}


def test_higher_priority_runs_first_when_cuts_follow_each_other() -> None:
    ten = a_promotion(BasketCut(Cut.AMOUNT, 1000), "ten", priority=5)
    fifth = a_promotion(BasketCut(Cut.PERCENT, 2000), "fifth", priority=2)
    assert combine(goods_of(10_000), [ten, fifth], []).minor == 2800
    level = [a_promotion(ten.benefit, "ten"), a_promotion(fifth.benefit, "fifth")]
    assert combine(goods_of(10_000), level, []).minor == 3000


def test_most_is_capped_when_a_percentage_has_a_bound() -> None:
    capped = a_promotion(BasketCut(Cut.PERCENT, 1500, max_off_minor=100))
    assert combine(goods_of(5000), [capped], []).minor == 100
    bounded = a_coupon(terms=some_terms(5000, effect=Effect.PERCENT, max_off_minor=70))
    assert combine(goods_of(5000), [], [bounded]).coupons[0].minor == 70


def test_coupon_tells_why_not_when_it_saves_nothing() -> None:
    cases = [
        (some_terms(skus=frozenset({"zzz"})), "nothing_it_applies_to"),
        (some_terms(min_basket_minor=5001), "basket_below_minimum"),
    ]
    for terms, reason in cases:
        refusal = combine(goods_of(5000), [], [a_coupon(terms=terms)]).coupons[0].refusal
        assert reason in str(refusal)
    free = a_promotion(BasketCut(Cut.PERCENT, 10_000))
    nothing_left = combine(goods_of(5000), [free], [a_coupon()]).coupons[0]
    assert "nothing_left_to_pay" in str(nothing_left.refusal)
    promoted = combine(
        goods_of(5000),
        [a_promotion(BasketCut(Cut.PERCENT, 1000))],
        [a_coupon(terms=some_terms(100, stacking=Stacking.FULL_PRICE))],
    ).coupons[0]
    assert promoted.minor == 0


def test_coupon_steps_back_when_another_that_stands_alone_saves_more() -> None:
    alone = a_coupon("ALONE", some_terms(300, stacking=Stacking.ALONE))
    other = a_coupon("OTHER", some_terms(200))
    hopeless = a_coupon("HOPELESS", some_terms(200, min_basket_minor=9000))
    results = {result.code: result for result in combine(goods_of(1000), [], [alone, other, hopeless]).coupons}
    assert results["ALONE"].minor == 300
    assert results["OTHER"].refusal is not None
    assert results["OTHER"].refusal.code == "not_combinable"
    assert results["HOPELESS"].refusal is not None
    assert results["HOPELESS"].refusal.code == "coupon_not_applicable"


def test_coupon_minimum_counts_what_is_left_after_promotions_when_applied() -> None:
    half = a_promotion(BasketCut(Cut.PERCENT, 1000), exclusive=True)
    coupon = a_coupon(terms=some_terms(500, min_basket_minor=950))
    # Without the promotion the coupon applies, and 5.00 is more than 1.00.
    outcome = combine(goods_of(1000), [half], [coupon])
    assert outcome.minor == 500
    assert outcome.rules == frozenset()


def test_choices_are_proven_without_trying_when_no_offer_can_hinder_another() -> None:
    late = Condition(min_minor=100, basis=Basis.REMAINING)
    offers = [
        a_promotion(BasketCut(Cut.AMOUNT, 10 + i, of(sku)), f"p{i}", when=late) for i, sku in enumerate("abcdefghij")
    ]
    offers += [
        a_promotion(BasketCut(Cut.AMOUNT, 5), "g1", group="g"),
        a_promotion(BasketCut(Cut.AMOUNT, 6), "g2", group="g"),
    ]
    offers += [a_promotion(BasketCut(Cut.AMOUNT, 7), "alone", exclusive=True)]
    outcome = combine(goods_of(*[500] * 10), offers, [])
    assert outcome.is_exact
    assert outcome.minor == sum(10 + i for i in range(10)) + 6


def test_an_offer_is_left_out_when_it_costs_a_threshold_that_nine_others_leave_room_for() -> None:
    small = [a_promotion(EachUnit(of(sku), Cut.AMOUNT, 10), f"small-{sku}") for sku in "abcdefghij"]
    large = a_promotion(BasketCut(Cut.AMOUNT, 500), "large", when=Condition(min_minor=4910, basis=Basis.REMAINING))
    outcome = combine(goods_of(*[500] * 10), [*small, large], [])
    # Each small offer takes 10 off 50.00; with nine of them 49.10 are left, just enough for the large one.
    assert outcome.minor == 9 * 10 + 500
    assert outcome.is_exact


def test_all_is_proven_at_once_when_every_threshold_is_reached_with_all_offers() -> None:
    small = [a_promotion(EachUnit(of(sku), Cut.AMOUNT, 10), f"small-{sku}") for sku in "abcdefghijkl"]
    late = a_promotion(BasketCut(Cut.PERCENT, 1000), "late", when=Condition(min_minor=1000, basis=Basis.REMAINING))
    coupon = a_coupon(terms=some_terms(200, min_basket_minor=1000))
    outcome = combine(goods_of(*[500] * 12), [*small, late], [coupon])
    assert outcome.is_exact
    assert outcome.minor == 120 + 588 + 200


def test_each_group_has_its_best_when_no_offer_hinders_another() -> None:
    offers = [a_promotion(NForM(of(sku), 2, 1), f"{sku}{i}", group=sku) for sku in "ab" for i in range(2)]
    goods = [Goods("a", "", 100, 2), Goods("b", "", 200, 2)]
    outcome = combine(goods, offers, [])
    assert outcome.minor == 300
    assert outcome.is_exact


def test_offer_of_no_group_stands_beside_the_best_of_one_when_they_share_nothing() -> None:
    rivals = [a_promotion(EachUnit(of("a"), Cut.AMOUNT, minor), f"a{minor}", group="week") for minor in (10, 30)]
    free = a_promotion(EachUnit(of("b"), Cut.AMOUNT, 20), "b20")
    outcome = combine(goods_of(500, 500), [*rivals, free], [])
    assert outcome.rules == {"a30", "b20"}
    assert outcome.minor == 50
    assert outcome.is_exact


def test_gap_reaches_the_best_when_ways_to_pick_of_groups_are_too_many() -> None:
    # Nine groups of two are 512 ways. In each, one offer wants the only jar, the other a good of its own.
    own = "abcdefghi"
    jars = [a_promotion(EachUnit(of("jar"), Cut.AMOUNT, 100), f"jar-{sku}", group=sku) for sku in own]
    others = [a_promotion(EachUnit(of(sku), Cut.AMOUNT, 90), f"own-{sku}", group=sku) for sku in own]
    outcome = combine([*goods_of(*[500] * 9), Goods("jar", "", 500)], [*jars, *others], [])
    best = 100 + 8 * 90
    assert 0 < outcome.minor <= best <= outcome.minor + outcome.gap_minor
    assert len({rule.partition("-")[2] for rule in outcome.rules}) == len(outcome.rules)


def test_best_of_each_group_stands_when_ways_to_pick_of_cuts_are_too_many() -> None:
    offers = [
        a_promotion(BasketCut(Cut.AMOUNT, minor, of(sku)), f"{sku}{minor}", group=sku)
        for sku in "abcdefghi"
        for minor in (10, 20)
    ]
    outcome = combine(goods_of(*[500] * 9), offers, [])
    assert outcome.rules == {f"{sku}20" for sku in "abcdefghi"}
    assert outcome.minor == 9 * 20
    assert 0 <= outcome.gap_minor <= 9 * 10


def test_nothing_is_cheaper_when_percentages_overlap_on_one_line() -> None:
    # What the first takes off the shared line depends on its own other line: neither holds all lines of the other.
    goods = goods_of(1000, 700, 400)
    first = a_promotion(BasketCut(Cut.PERCENT, 1000, of("a", "b")), "first", priority=1)
    second = a_promotion(BasketCut(Cut.PERCENT, 2000, of("b", "c")), "second")
    outcome = combine(goods, [first, second], [])
    assert outcome.minor == 170 + 206
    assert sum(outcome.remaining) == least_due(goods, [first, second], [])
    assert outcome.is_exact


def test_nothing_is_cheaper_when_a_cut_moves_lines_beside_those_at_stake() -> None:
    goods = goods_of(2000, 4000, 1000)
    offers = [
        a_promotion(EachUnit(of("a"), Cut.PERCENT, 2500), "marked"),
        a_promotion(BasketCut(Cut.PERCENT, 5000, of("a"), full_price_only=True), "fresh", priority=1),
        a_promotion(BasketCut(Cut.PERCENT, 1000), "all"),
    ]
    outcome = combine(goods, offers, [])
    assert outcome.rules == {"fresh", "all"}
    assert outcome.minor == 1000 + 600
    assert sum(outcome.remaining) == least_due(goods, offers, [])


@pytest.mark.parametrize("minor", [1, 99, 1001])
def test_a_set_price_never_raises_what_is_due_when_the_basket_is_cheaper(minor: int) -> None:
    assert sum(combine(goods_of(minor), [a_promotion(BasketCut(Cut.SET_PRICE, 1000))], []).remaining) == min(
        minor, 1000
    )


@examples(150)
@given(shops())
def test_stated_gap_reaches_the_best_when_nothing_is_searched(
    shop: tuple[list[Goods], list[Promotion], list[Coupon]],
) -> None:
    goods, offers, coupons = shop
    best = sum(one.gross_minor for one in goods) - least_due(goods, offers, coupons)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(combination, "MAX_WORK", -(10**9))
        patch.setattr(combination, "MAX_TRIES", -(10**9))
        patch.setattr(combination, "MAX_ALTERNATIVES", 0)
        patch.setattr(clusters, "MAX_ALTERNATIVES", 0)
        patch.setattr(combination, "LEAST_CHOICES", 0)
        found = combine(goods, offers, coupons)
    assert found.minor <= best <= found.minor + found.gap_minor


def test_long_receipt_is_proven_the_best_when_capped_and_alone_coupons_follow_offers_that_cross() -> None:
    goods = [Goods(f"s{i:02}", "ab"[i % 2], 100 + 37 * i, 2) for i in range(40)]
    offers = [a_promotion(NForM(of(f"s{i:02}", f"s{i + 1:02}"), 3, 2), f"n{i:02}") for i in range(0, 38, 3)]
    offers.append(a_promotion(BasketCut(Cut.PERCENT, 2000, Match(categories=frozenset("a")), 300), "capped"))
    coupons = [
        a_coupon("A", some_terms(1000, effect=Effect.PERCENT, categories=frozenset("b"))),
        a_coupon("B", some_terms(500, stacking=Stacking.ALONE, max_off_minor=400)),
    ]
    found = combine(goods, offers, coupons)
    assert found.is_exact
    assert found.minor == 13158


def test_marked_down_price_stands_when_leaving_it_out_would_save_more() -> None:
    marked = a_promotion(EachUnit(of("a"), Cut.PERCENT, 2500), "marked")
    half = a_promotion(BasketCut(Cut.PERCENT, 5000, full_price_only=True), "half")
    assert combine(goods_of(2000, 4000), [marked, half], []).minor == 3000
    standing = replace(marked, standing=True)
    assert combine(goods_of(2000, 4000), [standing, half], []).minor == 500 + 2000
    alone = replace(half, exclusive=True)
    assert combine(goods_of(2000, 4000), [standing, alone], []).minor == 500 + 2000


def test_nothing_falls_below_its_floor_when_offers_and_coupons_meet() -> None:
    goods = [Goods("a", "", 1000, 2, floor_minor=900), Goods("b", "", 500, 1)]
    offers = [a_promotion(NForM(of("a"), 2, 1), "two"), a_promotion(BasketCut(Cut.PERCENT, 5000), "half")]
    found = combine(goods, offers, [a_coupon(terms=some_terms(10_000))])
    assert found.remaining == (1800, 0)
    assert found.minor == 700


# --- one after another -----------------------------------------------------------------------------------------------

IN_TURN = PricingPolicy(combining=Combining.IN_TURN)
ONCE = PricingPolicy(combining=Combining.ONCE_IN_TURN, order=PriorityOrder.LOW_FIRST)


def test_first_exclusive_stands_alone_when_offers_follow_each_other() -> None:
    ten = a_promotion(BasketCut(Cut.AMOUNT, 100), "ten", exclusive=True, priority=5)
    half = a_promotion(BasketCut(Cut.PERCENT, 5000), "half", exclusive=True, priority=2)
    more = a_promotion(BasketCut(Cut.AMOUNT, 50), "more")
    marked = replace(a_promotion(EachUnit(of("a"), Cut.AMOUNT, 20), "marked"), standing=True)
    assert combine(goods_of(1000), [half, ten, more, marked], [], IN_TURN).rules == {"ten", "marked"}
    unmet = replace(ten, when=Condition(min_minor=5000))
    assert combine(goods_of(1000), [unmet, more], [], IN_TURN).rules == {"more"}


def test_first_of_a_group_stands_when_offers_follow_each_other() -> None:
    offers = [a_promotion(EachUnit(of("a"), Cut.AMOUNT, 100 + i), f"g{i}", group="g", priority=i) for i in range(2)]
    assert combine(goods_of(1000), offers, [], IN_TURN).rules == {"g1"}
    assert combine(goods_of(1000), offers, [], ONCE).rules == {"g0"}


def test_unit_meets_every_offer_in_turn_but_one_alone_when_taken_once() -> None:
    tenth = a_promotion(EachUnit(of("a"), Cut.PERCENT, 1000), "tenth", priority=1)
    half = a_promotion(EachUnit(of("a"), Cut.PERCENT, 5000), "half", priority=2)
    late = a_promotion(BasketCut(Cut.AMOUNT, 100, max_off_minor=60), "late", when=Condition(basis=Basis.REMAINING))
    assert combine(goods_of(1000, 300), [tenth, half], [], IN_TURN).remaining == (450, 300)
    assert combine(goods_of(1000, 300), [tenth, half], [], ONCE).remaining == (900, 300)
    assert combine(goods_of(1000), [late, tenth], [a_coupon(terms=some_terms(40))], IN_TURN).minor == 100 + 60 + 40


def test_condition_counts_its_own_goods_alone_when_offers_follow_each_other() -> None:
    cut = a_promotion(BasketCut(Cut.AMOUNT, 100), when=Condition(of("b"), min_minor=400))
    assert combine(goods_of(1000, 300), [cut], [], IN_TURN).minor == 0
    assert combine(goods_of(1000, 400), [cut], [], IN_TURN).minor == 100


def test_price_band_looks_at_what_is_left_when_offers_follow_each_other() -> None:
    first = a_promotion(EachUnit(of("a"), Cut.AMOUNT, 300), "first", priority=1)
    dear = a_promotion(EachUnit(Match(min_unit_minor=800), Cut.AMOUNT, 50), "dear")
    assert combine(goods_of(1000, 900), [first, dear], [], IN_TURN).remaining == (700, 850)
    assert combine(goods_of(1000, 900), [dear], [], IN_TURN).remaining == (950, 850)


@given(shops(), st.sampled_from([IN_TURN, ONCE]))
def test_savings_explain_what_remains_when_offers_follow_each_other(
    shop: tuple[list[Goods], list[Promotion], list[Coupon]], policy: PricingPolicy
) -> None:
    goods, offers, coupons = shop
    found = combine(goods, offers, coupons, policy)
    left = [one.gross_minor for one in goods]
    for saving in found.savings:
        left[saving.line] -= saving.minor
    assert tuple(left) == found.remaining
    assert min(left) >= 0

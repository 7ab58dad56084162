import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from checkout import (
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Cut,
    EachUnit,
    Goods,
    Match,
    NForM,
    Part,
    Pick,
    Promotion,
    Scope,
    SetCut,
    UnitBenefit,
    allocation,
)
from checkout.allocation import Allocation, Allocator, Saving, Ways
from checkout.bounds import most_saved
from checkout.uses import Offer, Table, piles_of
from tests.checkout.builders import a_promotion, of
from tests.checkout.oracle import best_saving
from tests.examples import examples


def some_goods(**quantities: tuple[int, int]) -> list[Goods]:
    return [Goods(sku, "food", minor, quantity) for sku, (minor, quantity) in quantities.items()]


matches = st.sampled_from([Match(), of("a"), of("b"), of("a", "b"), of("b", "c"), Match(min_unit_minor=300)])
each = st.builds(
    EachUnit, matches, st.sampled_from(Cut), st.sampled_from([100, 1000, 3333]), st.sampled_from([1, 1, 2])
)
multibuys = st.builds(
    lambda m, take, pay: NForM(m, take, min(pay, take - 1)), matches, st.integers(2, 3), st.integers(0, 2)
)
gifts = st.builds(
    BuyXGetY,
    matches,
    st.integers(1, 2),
    matches,
    st.integers(1, 2),
    st.sampled_from([10_000, 5_000]),
    st.just(Pick.DEAREST),
)
bundles = st.builds(
    Bundle,
    st.lists(st.builds(Part, matches, st.integers(1, 2)), min_size=1, max_size=2).map(tuple),
    st.integers(0, 900),
)
dear_ones = st.builds(
    lambda m, take, pay, bp: NForM(m, take, min(pay, take - 1), percent_bp=bp, pick=Pick.DEAREST),
    matches,
    st.integers(2, 3),
    st.integers(0, 2),
    st.sampled_from([10_000, 5_000]),
)
sets = st.builds(
    SetCut,
    matches,
    st.integers(1, 3),
    st.sampled_from(Cut),
    st.sampled_from([100, 1000, 3333]),
    st.none(),
    st.sampled_from([0, 800]),
)
benefits: st.SearchStrategy[UnitBenefit] = st.one_of(each, multibuys, gifts, bundles, dear_ones, sets)


@st.composite
def small_shops(draw: st.DrawFn) -> tuple[list[Goods], list[Promotion]]:
    quantities = draw(st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(lambda q: 0 < sum(q) <= 6))
    prices = draw(st.lists(st.integers(1, 999), min_size=3, max_size=3))
    goods = [Goods(s, "food", p, q) for s, p, q in zip("abc", prices, quantities, strict=True) if q]
    offers = draw(st.lists(st.tuples(benefits, st.sampled_from([None, None, 1])), min_size=1, max_size=3))
    return goods, [a_promotion(b, f"p{i}", max_times=times) for i, (b, times) in enumerate(offers)]


@examples(250, HealthCheck.too_slow, HealthCheck.filter_too_much)
@given(small_shops())
def test_nothing_saves_more_when_everything_is_tried(shop: tuple[list[Goods], list[Promotion]]) -> None:
    goods, offers = shop
    found = Allocator(goods).allocate(offers)
    assert found.is_exact
    assert found.minor == best_saving(goods, offers)


@examples(150, HealthCheck.too_slow, HealthCheck.filter_too_much)
@given(small_shops())
def test_bound_is_never_below_the_best_when_everything_is_tried(shop: tuple[list[Goods], list[Promotion]]) -> None:
    goods, offers = shop
    ready = [Offer(p.id, p.benefit, p.max_times) for p in offers if not isinstance(p.benefit, BasketCut)]
    assert most_saved(goods, ready) >= best_saving(goods, offers)


@given(small_shops())
def test_one_after_another_never_saves_more_than_the_search_when_it_gives_way(
    shop: tuple[list[Goods], list[Promotion]],
) -> None:
    goods, offers = shop
    ready = [Offer(p.id, p.benefit, p.max_times) for p in offers if not isinstance(p.benefit, BasketCut)]
    piles = piles_of(goods, ready)
    table = Table(piles, ready)
    uses = allocation._one_by_one(table, tuple(pile.count for pile in piles))
    taken = [0] * len(piles)
    for use in uses:
        for pile, count in use.taken:
            taken[pile] += count
    assert all(count <= pile.count for count, pile in zip(taken, piles, strict=True))
    assert sum(use.minor for use in uses) <= best_saving(goods, offers)


@given(small_shops())
def test_no_line_loses_more_than_it_costs_when_offers_compete(shop: tuple[list[Goods], list[Promotion]]) -> None:
    goods, offers = shop
    off = [0] * len(goods)
    for saving in Allocator(goods).allocate(offers).savings:
        assert saving.minor > 0
        off[saving.line] += saving.minor
    assert all(minor <= one.gross_minor for minor, one in zip(off, goods, strict=True))


@pytest.mark.parametrize(
    ("benefit", "goods", "saved"),
    [
        (NForM(Match(), 3, 2), {"a": (300, 5)}, 300),
        (NForM(Match(), 3, 2), {"a": (300, 2), "b": (200, 2), "c": (100, 2)}, 200 + 100),
        (NForM(Match(), 3, 2, Scope.BASKET), {"a": (300, 2), "b": (200, 2), "c": (100, 2)}, 100 + 100),
        (NForM(Match(), 2, 0), {"a": (300, 3)}, 600),
        (NForM(Match(), 2, 0, Scope.BASKET), {"a": (300, 3)}, 600),
        (NForM(Match(), 3, 2, pick=Pick.DEAREST), {"a": (300, 3), "b": (100, 3)}, 300 + 300),
        (NForM(Match(), 2, 0, pick=Pick.DEAREST), {"a": (300, 3)}, 600),
        (SetCut(Match(), 2, Cut.AMOUNT, 50), {"a": (300, 5)}, 50 + 50),
        (SetCut(Match(), 2, Cut.SET_PRICE, 500), {"a": (300, 5)}, 100 + 100),
        (EachUnit(Match(), Cut.AMOUNT, 500), {"a": (300, 2), "b": (900, 1)}, 300 + 300 + 500),
        (EachUnit(Match(), Cut.AMOUNT, 50, group_size=2), {"a": (300, 3)}, 100),
        (EachUnit(Match(), Cut.PERCENT, 1000, max_per_line=1), {"a": (100, 1), "b": (150, 5)}, 10 + 15),
        (EachUnit(Match(), Cut.SET_PRICE, 200), {"a": (300, 2), "b": (150, 1)}, 200),
        (Bundle((Part(Match(), 3),), 2000), {"a": (800, 4)}, 400),
        (Bundle((Part(of("a")), Part(of("b"))), 500), {"a": (400, 2), "b": (300, 1)}, 200),
        (Bundle((Part(of("a")), Part(of("b"))), 900), {"a": (400, 2), "b": (300, 1)}, 0),
        (BuyXGetY(of("b"), 5, of("a")), {"a": (90, 3), "b": (100, 12)}, 180),
        (BuyXGetY(of("a"), 2, of("a"), 2), {"a": (333, 3)}, 0),
        (BuyXGetY(of("c"), 1, of("a", "b")), {"a": (500, 2), "b": (900, 2), "c": (10, 1)}, 500),
        (BuyXGetY(of("c"), 1, of("a", "b"), pick=Pick.DEAREST), {"a": (500, 2), "b": (900, 2), "c": (10, 1)}, 900),
    ],
)
def test_offer_saves_what_it_says_when_alone(benefit: Benefit, goods: dict[str, tuple[int, int]], saved: int) -> None:
    assert Allocator(some_goods(**goods)).allocate([a_promotion(benefit)]).minor == saved


def test_dearest_is_free_when_that_beats_what_another_offer_takes() -> None:
    goods = some_goods(a=(300, 1), b=(100, 2))
    dearest = a_promotion(NForM(Match(), 3, 2, pick=Pick.DEAREST), "dearest")
    for off, saved in ((40, 300), (100, 300), (160, 300)):
        cheaper = a_promotion(EachUnit(of("b"), Cut.AMOUNT, off), "cheaper")
        assert Allocator(goods).allocate([dearest, cheaper]).minor == saved
    all_cheaper = a_promotion(EachUnit(Match(), Cut.AMOUNT, 120), "all")
    assert Allocator(goods).allocate([dearest, all_cheaper]).minor == 120 + 100 + 100


def test_only_the_cheapest_are_cheaper_when_an_offer_on_pairs_says_so_and_another_competes() -> None:
    goods = some_goods(a=(300, 1), b=(100, 2))
    rival = a_promotion(EachUnit(of("b"), Cut.AMOUNT, 60), "rival")
    for pick, saved in ((None, 150 + 50 + 60), (Pick.CHEAPEST, 60 + 60)):
        pairs = a_promotion(EachUnit(Match(), Cut.PERCENT, 5000, group_size=2, pick=pick), "pairs")
        assert Allocator(goods).allocate([pairs, rival]).minor == saved


def test_uses_are_counted_when_an_offer_is_limited() -> None:
    goods = some_goods(a=(300, 9), b=(100, 3))
    for benefit, saved in (
        (NForM(Match(), 3, 2), 300),
        (NForM(Match(), 3, 2, Scope.BASKET), 100),
        (BuyXGetY(of("b"), 1, of("a"), pick=Pick.DEAREST), 300),
        (BuyXGetY(of("b"), 1, of("a")), 300),
    ):
        assert Allocator(goods).allocate([a_promotion(benefit, max_times=1)]).minor == saved


def test_only_a_percentage_touches_a_piece_when_it_was_weighed() -> None:
    ham = Goods("ham", "food", 700, 1, is_single=True)
    assert Allocator([ham]).allocate([a_promotion(EachUnit(Match(), Cut.PERCENT, 1000))]).minor == 70
    for benefit in (EachUnit(Match(), Cut.AMOUNT, 50), NForM(Match(), 1, 0), Bundle((Part(Match()),), 1)):
        assert Allocator([ham]).allocate([a_promotion(benefit)]).savings == ()


def test_saving_stands_on_the_line_of_the_free_unit_when_a_multibuy_spans_lines() -> None:
    savings = Allocator(some_goods(a=(300, 2), b=(200, 1))).allocate([a_promotion(NForM(Match(), 3, 2))]).savings
    assert [(saving.line, saving.minor) for saving in savings] == [(1, 200)]


def test_search_gives_way_and_says_so_when_a_basket_is_too_large() -> None:
    goods = [Goods(f"s{i:02}", "food", 100 + 7 * i, 3) for i in range(24)]
    offers = [
        a_promotion(NForM(Match(), 3, 2), "three"),
        a_promotion(Bundle((Part(Match(), 2), Part(Match(max_unit_minor=150), 1)), 200), "bundle"),
        a_promotion(BuyXGetY(Match(), 2, Match(), percent_bp=5000), "gift"),
    ]
    found = Allocator(goods).allocate(offers)
    assert not found.is_exact
    assert found.minor > 0


def test_search_gives_way_when_units_or_remainders_are_too_many() -> None:
    pair = [a_promotion(EachUnit(Match(), Cut.PERCENT, 100), "one"), a_promotion(NForM(Match(), 2, 1), "two")]
    assert not Allocator([Goods("a", "food", 100, 301)]).allocate(pair).is_exact
    wide = [Goods(f"s{i:02}", "food", 100 + i, 9) for i in range(8)]
    assert not Allocator(wide).allocate(pair).is_exact


def test_bundle_search_gives_way_when_its_handfuls_are_too_many() -> None:
    goods = [Goods(f"s{i:02}", "food", 100 + 7 * i, 9) for i in range(30)]
    bundle = a_promotion(Bundle((Part(Match(), 2), Part(Match(), 2)), 100))
    found = Allocator(goods).allocate([bundle])
    assert not found.is_exact
    assert found.minor > 0


def test_gifts_are_proven_without_a_search_when_they_reach_the_bound() -> None:
    goods = some_goods(a=(100, 160), b=(300, 160))
    found = Allocator(goods).allocate([a_promotion(BuyXGetY(Match(), 1, of("a")))])
    assert found.is_exact
    assert found.minor == 160 * 100


def test_multibuy_over_the_basket_shares_units_when_another_offer_competes() -> None:
    goods = some_goods(a=(100, 2), b=(200, 2), c=(300, 2))
    cheapest = a_promotion(NForM(Match(), 3, 2, Scope.BASKET), "cheapest")
    ten = a_promotion(EachUnit(of("c"), Cut.PERCENT, 1000), "ten")
    found = Allocator(goods).allocate([cheapest, ten])
    # One group of a, a gift, b, b leaves nothing better than both gifts: 100 + 100, or one gift and ten percent twice.
    assert found.is_exact
    assert found.minor == 200


def test_ways_are_listed_from_the_best_when_they_are_worth_nearly_as_much() -> None:
    goods = some_goods(a=(300, 1), b=(302, 1))
    allocator = Allocator(goods)
    two = allocator.contender("two", NForM(Match(), 2, 1), None)
    competing = [two, allocator.contender("two-dear", NForM(Match(), 2, 1, pick=Pick.DEAREST), None)]
    ways = allocator.ways(competing, (), 2)
    assert ways.most == 302
    assert ways.near is not None
    assert [way.minor for way in ways.near] == [302, 300]
    assert allocator.ways(competing, (10, 9), 0) == Ways(3000, (Allocation((Saving(0, "two", 300),)),))


def test_ways_are_not_listed_when_they_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allocation, "MAX_WAYS", 2)
    monkeypatch.setattr(allocation, "MAX_LISTS", 1)
    three = Allocator(some_goods(a=(300, 3)))
    each = three.contender("each", EachUnit(Match(), Cut.AMOUNT, 1), None)
    assert three.ways([each], (), 3) == Ways(3, None)
    weighed = three.ways([each], (1,), 0)
    assert weighed == Ways(3, None)
    one = Allocator(some_goods(b=(300, 1)))
    assert one.ways([each], (), 0).near == (Allocation((Saving(0, "each", 1),)),)


plain_benefits = st.one_of(
    st.builds(EachUnit, st.just(Match()), st.sampled_from([Cut.AMOUNT, Cut.PERCENT]), st.sampled_from([30, 1000])),
    st.builds(NForM, st.just(Match()), st.integers(2, 3), st.just(1)),
    st.builds(NForM, st.just(Match()), st.just(3), st.just(2), percent_bp=st.sampled_from([10_000, 5000])),
    st.builds(BuyXGetY, st.just(Match()), st.integers(1, 2), st.sampled_from([of("a"), of("a", "b")])),
)


@given(
    plain_benefits,
    st.lists(st.tuples(st.integers(90, 93), st.integers(1, 3)), min_size=1, max_size=3),
    st.sampled_from([None, 1]),
)
def test_every_other_way_saves_less_when_a_margin_is_plain(
    benefit: UnitBenefit, lines: list[tuple[int, int]], max_times: int | None
) -> None:
    goods = [Goods(sku, "food", minor, quantity) for sku, (minor, quantity) in zip("abc", lines, strict=False)]
    allocator = Allocator(goods)
    one = allocator.contender("p", benefit, max_times)
    if not one.lines:
        return
    best, margin = allocator.part([one]), allocation.margin(goods, [one.offer])
    near = allocator.ways([one], (), best.minor).near
    assert near is not None
    assert best.minor == near[0].minor
    off = {saving.line: saving.minor for saving in best.savings}
    for other in [way for way in near if set(way.savings) != set(best.savings)]:
        assert other.minor <= best.minor - allocation.even_margin(goods, [one.offer])
        if margin:
            assert other.minor <= best.minor - margin
            assert all(saving.minor <= off.get(saving.line, 0) for saving in other.savings)

"""The next step of offers on pieces: what one piece more would bring, and that it does bring it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Condition,
    Cut,
    EachUnit,
    Line,
    Match,
    NextStep,
    NForM,
    Part,
    Promotion,
    SetCut,
    Unit,
)
from tests.checkout.builders import a_line, a_product, a_promotion, a_quote, of

PRODUCTS = [
    a_product("tea", minor=300, category="hot"),
    a_product("mate", minor=200, category="hot"),
    a_product("bun", minor=100),
    a_product("nut", minor=999, unit=Unit.KG, category="hot"),
]
THREE = NForM(Match(categories=frozenset({"hot"})), 3, 2)


def step_of(lines: list[Line], *offers: Promotion, member: bool = False) -> NextStep | None:
    return a_quote(lines, PRODUCTS, offers, member=member).next_step


@pytest.mark.parametrize(
    ("benefit", "lines"),
    [
        (THREE, [a_line("tea", 2)]),
        (THREE, [a_line("tea"), a_line("mate")]),
        (THREE, [a_line("tea", 5)]),
        (EachUnit(of("tea"), Cut.AMOUNT, 50, group_size=2), [a_line("tea")]),
        (SetCut(of("tea"), 2, Cut.SET_PRICE, 500), [a_line("tea")]),
        (BuyXGetY(of("tea"), 2, of("bun")), [a_line("tea", 2)]),
        (BuyXGetY(of("tea"), 2, of("bun")), [a_line("tea"), a_line("bun")]),
        (BuyXGetY(of("tea"), 2, of("tea")), [a_line("tea", 2)]),
        (Bundle((Part(of("tea")), Part(of("bun"), 2)), 350), [a_line("tea"), a_line("bun")]),
    ],
)
def test_offer_is_named_when_it_lacks_one_piece(benefit: Benefit, lines: list[Line]) -> None:
    step = step_of(lines, a_promotion(benefit))
    assert step is not None
    assert (step.rule_id, step.short_minor, step.short_units) == ("p", 0, 1)


@pytest.mark.parametrize(
    ("benefit", "lines"),
    [
        (THREE, [a_line("tea")]),
        (THREE, [a_line("tea", 3)]),
        (THREE, [a_line("bun", 2)]),
        (THREE, [a_line("nut", weight_g=300), a_line("nut", weight_g=200, line_id="n2")]),
        (EachUnit(of("tea"), Cut.AMOUNT, 50), [a_line("tea")]),
        (SetCut(of("tea"), 2, Cut.AMOUNT, 500, from_minor=900), [a_line("tea")]),
        (BuyXGetY(of("tea", "bun"), 1, of("bun", "mate")), [a_line("bun"), a_line("tea")]),
        (Bundle((Part(of("tea")), Part(of("bun"), 2)), 350), [a_line("tea")]),
        (Bundle((Part(of("tea")), Part(of("bun"), 2)), 500), [a_line("tea"), a_line("bun")]),
        (SetCut(of("tea"), 2, Cut.SET_PRICE, 600), [a_line("tea")]),
        (EachUnit(of("tea"), Cut.SET_PRICE, 300, group_size=2), [a_line("tea")]),
    ],
)
def test_offer_is_not_named_when_it_lacks_more_or_nothing(benefit: Benefit, lines: list[Line]) -> None:
    assert step_of(lines, a_promotion(benefit)) is None


def test_offer_is_not_named_when_the_receipt_would_not_let_it_in() -> None:
    two = [a_line("tea", 2)]
    rival = a_promotion(EachUnit(of("bun"), Cut.AMOUNT, 10), "rival", group="g")
    assert step_of([*two, a_line("bun")], a_promotion(THREE, group="g"), rival) is None
    assert step_of([*two, a_line("bun")], a_promotion(THREE, exclusive=True), rival) is None
    alone = replace(rival, exclusive=True, group=None)
    assert step_of([*two, a_line("bun")], a_promotion(THREE), alone) is None
    assert step_of([a_line("tea", 5)], a_promotion(THREE, max_times=1)) is None
    assert step_of(two, a_promotion(THREE, members_only=True)) is None
    assert step_of(two, a_promotion(THREE, members_only=True), member=True) is not None
    assert step_of(two, a_promotion(THREE, when=Condition(min_units=9))) is None
    taken = a_promotion(EachUnit(of("tea"), Cut.AMOUNT, 10), "taken")
    assert step_of(two, a_promotion(THREE), taken) is None
    bought = a_promotion(BuyXGetY(of("tea"), 2, of("bun")), "bought")  # the tea is paid in full, and taken all the same
    assert step_of([*two, a_line("bun")], a_promotion(THREE), bought) is None
    groups = a_promotion(EachUnit(of("bun"), Cut.PERCENT, 1000, group_size=3), "groups")
    assert step_of([*two, a_line("bun", 4)], bought, groups) is None


def test_cheapest_step_is_named_when_there_are_several() -> None:
    threshold = a_promotion(BasketCut(Cut.AMOUNT, 100), "t", when=Condition(min_minor=800))
    lines = [a_line("tea", 2), a_line("bun")]
    near = step_of(lines, a_promotion(THREE), threshold)
    assert near is not None
    assert (near.rule_id, near.short_minor, near.short_units) == ("t", 100, 0)
    unknown = a_promotion(BuyXGetY(of("bun"), 1, of("mate")), "u")
    nearer = step_of([a_line("tea", 2), a_line("bun")], a_promotion(THREE), unknown)
    assert nearer is not None
    assert nearer.rule_id == "p"


benefits = st.one_of(
    st.builds(NForM, st.sampled_from([of("tea"), of("tea", "bun")]), st.integers(2, 4), st.just(1)),
    st.builds(EachUnit, st.just(of("bun")), st.just(Cut.PERCENT), st.integers(500, 5000), st.integers(2, 3)),
    st.builds(SetCut, st.sampled_from([of("tea"), of("bun")]), st.integers(2, 3), st.just(Cut.AMOUNT), st.just(90)),
    st.builds(BuyXGetY, st.just(of("tea")), st.integers(1, 2), st.sampled_from([of("bun"), of("tea")])),
)


@given(st.lists(benefits, min_size=1, max_size=3), st.lists(st.integers(0, 5), min_size=3, max_size=3).filter(any))
def test_promise_is_kept_when_the_piece_is_added(offers: list[Benefit], counts: list[int]) -> None:
    promotions = [a_promotion(benefit, f"p{place}") for place, benefit in enumerate(offers)]
    skus = [sku for sku, count in zip(("tea", "mate", "bun"), counts, strict=True) for _ in range(count)]
    before = a_quote([a_line(sku, skus.count(sku)) for sku in dict.fromkeys(skus)], PRODUCTS, promotions)
    if before.next_step is None:
        return
    assert before.next_step.short_units == 1
    gains = []
    for sku in ("tea", "mate", "bun"):
        more = [*skus, sku]
        after = a_quote([a_line(one, more.count(one)) for one in dict.fromkeys(more)], PRODUCTS, promotions)
        gains.append(after.saved.minor - before.saved.minor)
    assert max(gains) > 0

"""Which coupons stand together, in which order they come off, and what is told of those left out."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import MOST_COUPONS, Coupon, CouponTerms, Effect, Quote, Stacking
from checkout.errors import CouponsPerBasketError, MalformedRuleError, NotCombinableError
from checkout.stacking import rivals, sets_to_try, why_left_out
from tests.checkout.builders import HOUR, NOON, a_coupon, a_line, a_product, a_quote, some_terms

PRODUCTS = (a_product("a", minor=1000, category="food"), a_product("b", minor=700, category="drink"))
LINES = (a_line("a", line_id="l1"), a_line("b", line_id="l2"))


def a_stacked(
    code: str,
    value: int = 100,
    *,
    campaign: str = "spring",
    effect: Effect = Effect.AMOUNT,
    stacking: Stacking = Stacking.WITH_ALL,
    joint: str | None = None,
    priority: int = 0,
    max_per_basket: int | None = None,
) -> Coupon:
    terms = some_terms(value, effect=effect, stacking=stacking)
    terms = replace(terms, joint=joint, priority=priority, max_per_basket=max_per_basket)
    return replace(a_coupon(code, terms), campaign=campaign)


def quoted(*coupons: Coupon) -> Quote:
    return a_quote(LINES, PRODUCTS, coupons=coupons)


def saved(quote: Quote) -> dict[str, int]:
    return {coupon.code: coupon.saved.minor for coupon in quote.coupons}


def reasons(quote: Quote) -> dict[str, str | None]:
    return {coupon.code: coupon.reason_code for coupon in quote.coupons}


def test_the_better_one_of_a_joint_category_is_taken_when_several_are_laid() -> None:
    quote = quoted(a_stacked("A", 100, joint="x"), a_stacked("B", 300, joint="x"), a_stacked("C", 50, joint="y"))

    assert saved(quote) == {"A": 0, "B": 300, "C": 50}
    assert reasons(quote) == {"A": "not_combinable", "B": None, "C": None}
    assert quote.coupons[0].reason == "Coupon A cannot be used together with B."


def test_no_more_of_a_campaign_are_taken_when_its_most_per_basket_is_reached() -> None:
    coupons = [a_stacked(code, max_per_basket=2) for code in "ABC"]
    quote = quoted(*coupons, a_stacked("D", campaign="summer"))

    assert saved(quote) == {"A": 100, "B": 100, "C": 0, "D": 100}
    assert reasons(quote)["C"] == "coupons_per_basket"


def test_the_basket_takes_its_most_in_turn_when_more_are_laid() -> None:
    codes = [f"C{number:02}" for number in range(MOST_COUPONS + 2)]
    quote = quoted(*[a_stacked(code, 10) for code in reversed(codes)])

    assert [code for code in codes if saved(quote)[code]] == codes[:MOST_COUPONS]
    assert reasons(quote)[codes[-1]] == "coupons_per_basket"


def test_percentages_of_what_is_left_follow_priority_then_end_then_code_when_applied() -> None:
    half = some_terms(5000, effect=Effect.PERCENT)
    late = some_terms(ends_at=NOON + 2 * HOUR).window
    first = a_coupon("Z", replace(half, priority=1, window=late))
    soon, later = a_coupon("Y", half), a_coupon("B", replace(half, window=late))
    endless = a_coupon("A", replace(half, window=some_terms(ends_at=None).window))

    assert saved(quoted(endless, later, soon, first)) == {"Z": 850, "Y": 425, "B": 213, "A": 106}


def test_why_names_the_one_in_the_way_when_a_coupon_is_left_out() -> None:
    alone = a_stacked("A", stacking=Stacking.ALONE)
    other = a_stacked("B", campaign="summer", joint="x")

    found = why_left_out(alone, [other])
    assert isinstance(found, NotCombinableError)
    assert (found.coupon, found.other) == ("A", "B")
    full = why_left_out(a_stacked("C", max_per_basket=1), [a_stacked("D", max_per_basket=1)])
    assert isinstance(full, CouponsPerBasketError)
    assert full.facts == {"coupon": "C", "limit": "campaign", "allowed": 1}


@pytest.mark.parametrize("most", [0, -1])
def test_terms_are_refused_when_no_coupon_of_the_campaign_could_be_used(most: int) -> None:
    with pytest.raises(MalformedRuleError):
        a_stacked("A", max_per_basket=most)


# --- whatever is shown -----------------------------------------------------------------------------------------------


@st.composite
def hands(draw: st.DrawFn) -> list[Coupon]:
    campaigns: list[CouponTerms] = [
        replace(
            some_terms(draw(st.integers(1, 900)), categories=draw(st.sampled_from([frozenset(), frozenset({"food"})]))),
            stacking=draw(st.sampled_from(Stacking)),
            effect=draw(st.sampled_from(Effect)),
            joint=draw(st.sampled_from([None, None, "x", "y"])),
            priority=draw(st.integers(0, 1)),
            max_per_basket=draw(st.sampled_from([None, 1, 2])),
        )
        for _ in range(3)
    ]
    chosen = draw(st.lists(st.integers(0, 2), max_size=6))
    return [replace(a_coupon(f"C{i}", campaigns[one]), campaign=f"k{one}") for i, one in enumerate(chosen)]


def may_stand(coupons: Sequence[Coupon]) -> bool:
    """Say so from the words of the rules, pair by pair."""
    terms = [coupon.terms for coupon in coupons]
    joints = [one.joint for one in terms if one.joint is not None]
    counts = [
        sum(other.campaign == one.campaign for other in coupons) <= (one.terms.max_per_basket or 99) for one in coupons
    ]
    is_alone = any(one.stacking is Stacking.ALONE for one in terms)
    return len(joints) == len(set(joints)) and all(counts) and not (is_alone and len(coupons) > 1)


@given(hands(), st.randoms(use_true_random=False))
def test_result_is_the_same_when_coupons_are_shown_in_another_order(hand: list[Coupon], dice: Random) -> None:
    shuffled = list(hand)
    dice.shuffle(shuffled)
    one, other = quoted(*hand), quoted(*shuffled)

    assert (one.total, saved(one), reasons(one)) == (other.total, saved(other), reasons(other))


@given(hands())
def test_no_permitted_set_of_coupons_saves_more_when_all_are_tried(hand: list[Coupon]) -> None:
    quote = quoted(*hand)
    used = [coupon for coupon in hand if saved(quote)[coupon.code]]
    rivals = [some for size in range(len(hand) + 1) for some in combinations(hand, size) if may_stand(some)]

    assert may_stand(used)
    assert quote.saved.minor == max(quoted(*some).saved.minor for some in rivals)
    assert all(may_stand(some) for some in sets_to_try(hand))
    assert len(sets_to_try(hand)) <= 252 + len(hand)


def test_only_those_in_the_way_give_way_when_a_coupon_is_wanted_instead() -> None:
    alone, other = a_stacked("A", stacking=Stacking.ALONE), a_stacked("O", campaign="summer")
    joint, rival = a_stacked("J", joint="x", campaign="joint"), a_stacked("R", joint="x", campaign="rival")
    first, last = (a_stacked(code, max_per_basket=2, campaign="few", priority=p) for code, p in (("F", 1), ("L", 0)))
    third = a_stacked("T", max_per_basket=2, campaign="few")

    assert rivals(alone, [other, joint]) == [other, joint]
    assert rivals(other, [alone]) == [alone]
    assert rivals(rival, [joint, other]) == [joint]
    assert rivals(third, [last, first]) == [last]
    assert rivals(other, [first, joint]) == []


def test_what_is_missing_is_told_in_figures_when_goods_cost_too_little() -> None:
    coupon = replace(a_stacked("A"), terms=some_terms(100, min_basket_minor=2000))

    (told,) = quoted(coupon).coupons

    assert dict(told.facts) == {"coupon": "A", "reason": "basket_below_minimum", "short_minor": 300}

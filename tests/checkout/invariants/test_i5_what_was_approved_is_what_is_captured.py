"""I5: what is captured has the basket, the amount and the payee that were approved, or nothing is captured.

Caught: a digest that leaves a fact of the basket out (as the sku), and a check that leaves out the payee.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import Assertion, BasketCut, Cut, Factor, Line, Quote, Shown, check
from checkout.errors import AssertionMismatchError, BasketChangedError
from tests.checkout.builders import HOUR, NOON, a_product, a_promotion, a_quote, euros

PRODUCTS = [a_product("tea", minor=333), a_product("pen", minor=333)]
LINES = st.lists(st.tuples(st.sampled_from(["tea", "pen"]), st.integers(1, 3)), min_size=1, max_size=3)


def priced(raw: list[tuple[str, int]], off: int) -> Quote:
    lines = [Line(f"l-{place}", sku, quantity) for place, (sku, quantity) in enumerate(raw)]
    return a_quote(lines, PRODUCTS, [a_promotion(BasketCut(Cut.AMOUNT, off))])


@given(LINES, LINES, st.integers(0, 5), st.integers(0, 5))
def test_approval_fits_the_same_basket_alone_when_another_is_paid(
    shown: list[tuple[str, int]], now: list[tuple[str, int]], off: int, other_off: int
) -> None:
    before, after = priced(shown, off), priced(now, other_off)
    proof = Assertion("a", "ada", frozenset({Factor.FACE}), before.digest, before.total, "Shop", NOON + HOUR)
    on_screen = Shown(before.digest, before.total.minor, "Shop")
    if (shown, off) == (now, other_off):
        check(proof, digest=after.digest, amount=after.total, payee="Shop", at=NOON)
        on_screen.demand(Shown(after.digest, after.total.minor, "Shop"), at=NOON)
        return
    with pytest.raises(AssertionMismatchError):
        check(proof, digest=after.digest, amount=after.total, payee="Shop", at=NOON)
    with pytest.raises(BasketChangedError):
        on_screen.demand(Shown(after.digest, after.total.minor, "Shop"), at=NOON)


@given(st.sampled_from(["digest", "amount", "payee"]), st.integers(1, 10**6))
def test_approval_is_refused_when_one_fact_differs(fact: str, by: int) -> None:
    proof = Assertion("a", "ada", frozenset({Factor.FACE}), "d" * 64, euros(1240), "Shop", NOON + timedelta(minutes=1))
    other = {"digest": f"{by:064x}", "amount": euros(1240 + by), "payee": f"Shop {by}"}[fact]
    with pytest.raises(AssertionMismatchError):
        check(replace(proof, **{fact: other}), digest="d" * 64, amount=euros(1240), payee="Shop", at=NOON)  # type: ignore[arg-type] # each fact has its own type

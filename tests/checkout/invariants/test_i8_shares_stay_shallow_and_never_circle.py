"""I8: no coupon lies deeper than its campaign allows, and the tree of shares has no circle.

Caught: ``>`` for ``>=`` in the check of generations, and a child that is not one generation deeper than its parent.
"""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from checkout import CampaignLimits, Coupon, ShareMode
from checkout.errors import CheckoutError
from tests.checkout.builders import NOON, a_coupon

ACTS = st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["ada", "ben", "cleo", "dan"])), max_size=30)


@given(ACTS, st.integers(0, 3), st.sampled_from([ShareMode.COPY, ShareMode.POOL]))
def test_tree_is_shallow_and_without_circles_when_everybody_shares_everything(
    acts: list[tuple[int, str]], cap: int, mode: ShareMode
) -> None:
    coupons: dict[str, Coupon] = {"C-1": a_coupon()}
    for number, (place, friend) in enumerate(acts):
        chosen = list(coupons.values())[place % len(coupons)]
        with suppress(CheckoutError):
            kept, link = chosen.share(f"t{number}", mode, CampaignLimits(generations=cap), at=NOON)
            taken = kept.claim(link, friend, f"child-{number}", at=NOON).taken
            coupons[taken.code] = taken
    for coupon in coupons.values():
        assert 0 <= coupon.generation <= cap
        assert len(ancestry(coupon, coupons)) == coupon.generation


def ancestry(coupon: Coupon, coupons: dict[str, Coupon]) -> list[str]:
    found: list[str] = []
    while coupon.parent is not None:
        assert coupon.parent not in found
        found.append(coupon.parent)
        coupon = coupons[coupon.parent]
    return found


@given(st.lists(st.sampled_from(["ada", "ben", "cleo"]), max_size=12), st.integers(0, 3))
def test_gift_is_passed_on_as_often_as_allowed_when_it_wanders(friends: list[str], cap: int) -> None:
    coupon = a_coupon()
    for number, friend in enumerate(friends):
        with suppress(CheckoutError):
            moved, link = coupon.share(f"t{number}", ShareMode.GIFT, CampaignLimits(generations=cap), at=NOON)
            coupon = moved.claim(link, friend, "", at=NOON).taken if friend != coupon.holder else coupon
    assert coupon.generation <= cap

"""I7: a coupon is redeemed at most once, and a gift has exactly one holder at any time.

Caught: a row such as ``(REDEEMED, RELEASE): ISSUED`` in the coupon's table, and a gift that stays with its giver.
"""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from checkout import CampaignLimits, Coupon, CouponState, Share, ShareMode
from checkout.errors import CheckoutError
from tests.checkout.builders import NOON, a_coupon

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["share", "claim", "withdraw", "reserve", "release", "redeem", "revoke"]),
        st.sampled_from(["ada", "ben", "cleo"]),
    ),
    max_size=40,
)
LIMITS = CampaignLimits(generations=3)


def step(coupon: Coupon, links: list[Share], what: str, who: str) -> Coupon:
    """Let somebody try something; a refusal raises."""
    match what:
        case "share":
            coupon, link = coupon.share(f"t{len(links)}", ShareMode.GIFT, LIMITS, at=NOON)
            links.append(link)
        case "claim":
            claim = coupon.claim(links[-1], who, "child", at=NOON)
            links[-1], coupon = claim.share, claim.taken
        case "withdraw":
            coupon, links[-1] = coupon.withdraw(links[-1])
        case "reserve":
            coupon = coupon.reserve(f"payment of {who}", at=NOON)
        case _:
            coupon = getattr(coupon, what)()
    return coupon


@given(ACTS)
def test_gift_is_used_once_by_its_one_holder_when_anybody_tries_anything(acts: list[tuple[str, str]]) -> None:
    coupon, links, redeemed = a_coupon(), list[Share](), 0
    for what, who in acts:
        before = coupon
        with suppress(CheckoutError, IndexError):
            coupon = step(coupon, links, what, who)
            redeemed += what == "redeem"
            if what == "claim":
                assert (coupon.holder, who != before.holder) == (who, True)
            else:
                assert coupon.holder == before.holder
        assert coupon.code == before.code  # one coupon all the way: nothing was copied
    assert redeemed <= 1
    assert (coupon.state is CouponState.REDEEMED) == (redeemed == 1)


@given(st.lists(st.sampled_from(["ben", "cleo", "dan", "eve"]), max_size=8), st.integers(1, 3))
def test_pool_gives_each_friend_one_of_their_own_when_many_come(friends: list[str], width: int) -> None:
    mine, link = a_coupon().share("t", ShareMode.POOL, CampaignLimits(width=width), at=NOON)
    taken = []
    for place, friend in enumerate(friends):
        with suppress(CheckoutError):
            claim = mine.claim(link, friend, f"child-{place}", at=NOON)
            link = claim.share
            taken.append(claim.taken)
    assert len(taken) == min(width, len(friends))
    assert len({coupon.code for coupon in taken}) == len(taken)
    assert mine.holder == "ada"

"""I6: coupons issued, and money spent and set aside, never pass a limit of their campaign.

A use is counted for its store and its household from when it is set aside until it is given back.

Caught: a bound that is compared with ``>`` for ``>=``, and a budget that forgets what is set aside.
"""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import CampaignLimits, Counts, Coupon, may_issue, may_spend, may_use
from checkout.errors import CheckoutError, CouponBudgetSpentError, CouponLimitReachedError
from tests.checkout.builders import HOUR, NOON, a_campaign, a_coupon, some_terms

ACTS = st.lists(st.tuples(st.sampled_from(["issue", "reserve", "redeem", "release"]), st.integers(1, 60)), max_size=40)


@given(ACTS, st.integers(0, 8), st.integers(0, 4), st.integers(0, 200))
def test_no_limit_is_passed_when_anybody_asks_for_anything(
    acts: list[tuple[str, int]], coupons: int, per_person: int, budget_minor: int
) -> None:
    campaign = a_campaign(budget_minor=budget_minor, limits=CampaignLimits(coupons, per_person))
    counts = Counts()
    set_aside: list[int] = []
    for act, minor in acts:
        try:
            if act == "issue":
                may_issue(campaign, counts, at=NOON)
                counts = replace(counts, issued=counts.issued + 1, of_person=counts.of_person + 1)
            elif act == "reserve":
                may_spend(campaign, counts, minor)
                set_aside.append(minor)
            elif set_aside:
                cost = set_aside.pop()
                counts = replace(counts, spent_minor=counts.spent_minor + (cost if act == "redeem" else 0))
        except (CouponLimitReachedError, CouponBudgetSpentError):
            continue
        finally:
            counts = replace(counts, reserved_minor=sum(set_aside))
        assert counts.issued <= coupons
        assert counts.of_person <= per_person
        assert counts.spent_minor + counts.reserved_minor <= budget_minor


USES = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "release", "redeem", "restore"]),
        st.integers(0, 5),
        st.sampled_from(["nice", "lyon"]),
        st.sampled_from(["ada & co", "ben & co"]),
    ),
    max_size=60,
)


def moved(act: str, coupon: Coupon) -> Coupon:
    match act:
        case "release":
            return coupon.release()
        case "redeem":
            return coupon.redeem()
        case _:
            return coupon.restore(at=NOON)


@given(USES, st.integers(0, 3), st.integers(0, 3), st.integers(0, 300))
def test_no_store_or_household_uses_more_when_coupons_come_and_go_in_any_order(
    uses: list[tuple[str, int, str, str]], per_store: int, per_household: int, budget_minor: int
) -> None:
    limits = CampaignLimits(per_store=per_store, per_household=per_household)
    campaign = a_campaign(budget_minor=budget_minor, limits=limits)
    coupons = {number: a_coupon(f"C-{number}") for number in range(6)}
    taken: dict[int, tuple[str, str]] = {}
    for act, number, store, household in uses:
        stores, households = Counter(at for at, _ in taken.values()), Counter(of for _, of in taken.values())
        counts = Counts(of_store=stores[store], of_household=households[household], spent_minor=60 * len(taken))
        try:
            if act == "reserve":
                after = coupons[number].reserve(f"pay-{len(taken)}-{number}", at=NOON)
                may_use(campaign, counts, 60)
                taken[number] = store, household
            else:
                after = moved(act, coupons[number])
                if act != "redeem":
                    del taken[number]
        except CheckoutError:
            continue
        coupons[number] = after
        assert max(Counter(at for at, _ in taken.values()).values(), default=0) <= per_store
        assert max(Counter(of for _, of in taken.values()).values(), default=0) <= per_household
        assert 60 * len(taken) <= budget_minor


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(0, 4))
def test_no_day_gives_more_and_the_refusal_says_when_the_next_begins_when_all_are_asked_for(
    asked: list[int], per_day: int
) -> None:
    campaign = a_campaign(limits=CampaignLimits(per_day=per_day), terms=some_terms(ends_at=None))
    given_out: Counter[int] = Counter()
    for day in sorted(asked):
        at = NOON + timedelta(days=day)
        counts = Counts(of_day=given_out[day], day_ends_at=at + 12 * HOUR)
        if given_out[day] < per_day:
            may_issue(campaign, counts, at=at)
            given_out[day] += 1
            continue
        with pytest.raises(CouponLimitReachedError) as refused:
            may_issue(campaign, counts, at=at)
        assert refused.value.facts == {
            "campaign": "spring",
            "limit": "per_day",
            "allowed": per_day,
            "used": per_day,
            "left": 0,
            "opens_at": at + 12 * HOUR,
        }


@pytest.mark.parametrize(
    ("limit", "counts"), [("per_store", Counts(of_store=2)), ("per_household", Counts(of_household=2))]
)
def test_limit_is_named_with_what_is_used_when_a_store_or_household_has_no_more(limit: str, counts: Counts) -> None:
    campaign = a_campaign(limits=CampaignLimits(per_store=2, per_household=2))
    with pytest.raises(CouponLimitReachedError) as refused:
        may_use(campaign, counts, 60)
    assert (refused.value.limit, refused.value.used, refused.value.left) == (limit, 2, 0)

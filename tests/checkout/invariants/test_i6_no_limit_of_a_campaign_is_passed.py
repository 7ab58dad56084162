"""I6: coupons issued, and money spent and set aside, never pass a limit of their campaign.

Caught: a bound that is compared with ``>`` for ``>=``, and a budget that forgets what is set aside.
"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from checkout import CampaignLimits, Counts, may_issue, may_spend
from checkout.errors import CouponBudgetSpentError, CouponLimitReachedError
from tests.checkout.builders import NOON, a_campaign

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

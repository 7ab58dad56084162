from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    CampaignEvent,
    CampaignLimits,
    CampaignState,
    Counts,
    Coupon,
    CouponEvent,
    CouponState,
    Effect,
    Share,
    ShareMode,
    ShareState,
    may_issue,
    may_spend,
)
from checkout.errors import (
    CheckoutError,
    CouponAlreadyClaimedError,
    CouponBudgetSpentError,
    CouponExpiredError,
    CouponLimitReachedError,
    CouponNotStartedError,
    CouponRedeemedError,
    CouponReservedError,
    CouponRevokedError,
    IllegalTransitionError,
    MalformedRuleError,
    OwnShareError,
    ShareCapError,
)
from tests.checkout.builders import HOUR, NOON, a_campaign, a_coupon, some_terms

LIMITS = CampaignLimits(generations=2, width=2)


def shared(mode: ShareMode, coupon: Coupon | None = None) -> tuple[Coupon, Share]:
    return (coupon or a_coupon()).share("t0ken", mode, LIMITS, at=NOON)


def test_coupon_is_set_aside_and_used_when_a_payment_is_made() -> None:
    reserved = a_coupon().reserve("pay-1", at=NOON)
    assert (reserved.state, reserved.reserved_for) == (CouponState.RESERVED, "pay-1")
    assert reserved.reserve("pay-1", at=NOON) is reserved
    assert reserved.redeem().state is CouponState.REDEEMED
    released = reserved.release()
    assert (released.state, released.reserved_for) == (CouponState.ISSUED, None)


@pytest.mark.parametrize(
    ("coupon", "refusal"),
    [
        (a_coupon(terms=some_terms(starts_at=NOON + HOUR, ends_at=None)), CouponNotStartedError),
        (a_coupon(terms=some_terms(ends_at=NOON)), CouponExpiredError),
        (a_coupon(state=CouponState.RESERVED), CouponReservedError),
        (a_coupon(state=CouponState.REDEEMED), CouponRedeemedError),
        (a_coupon(state=CouponState.REVOKED), CouponRevokedError),
        (a_coupon(state=CouponState.SHARED), IllegalTransitionError),
    ],
)
def test_coupon_cannot_be_set_aside_when_its_time_or_state_says_no(
    coupon: Coupon, refusal: type[CheckoutError]
) -> None:
    with pytest.raises(refusal):
        coupon.reserve("pay-1", at=NOON)


def test_only_what_was_set_aside_is_used_when_redeemed() -> None:
    with pytest.raises(IllegalTransitionError):
        a_coupon().redeem()
    with pytest.raises(CouponRedeemedError):
        a_coupon(state=CouponState.REDEEMED).redeem()
    with pytest.raises(IllegalTransitionError):
        a_coupon(state=CouponState.RESERVED).revoke()
    assert a_coupon().revoke().state is CouponState.REVOKED


def test_gift_leaves_exactly_one_holder_when_claimed() -> None:
    on_its_way, link = shared(ShareMode.GIFT)
    assert on_its_way.state is CouponState.SHARED
    claim = on_its_way.claim(link, "ben", "unused", at=NOON)
    assert claim.original == claim.taken
    assert (claim.taken.code, claim.taken.holder, claim.taken.generation) == ("C-1", "ben", 1)
    assert claim.share.state is ShareState.CLAIMED
    with pytest.raises(CouponAlreadyClaimedError):
        claim.original.claim(claim.share, "eve", "unused", at=NOON)


@pytest.mark.parametrize("mode", [ShareMode.COPY, ShareMode.POOL])
def test_copy_gives_each_friend_one_when_claimed_until_the_width_is_reached(mode: ShareMode) -> None:
    kept, link = shared(mode)
    assert kept == a_coupon()
    first = kept.claim(link, "ben", "C-2", at=NOON)
    second = kept.claim(first.share, "eve", "C-3", at=NOON)
    assert first.original == second.original == kept
    assert (first.taken.code, first.taken.parent, first.taken.generation) == ("C-2", "C-1", 1)
    assert (first.share.state, second.share.state) == (ShareState.OPEN, ShareState.CLAIMED)
    with pytest.raises(CouponAlreadyClaimedError):
        kept.claim(second.share, "kim", "C-4", at=NOON)


def test_share_has_no_end_of_friends_when_no_width_is_set() -> None:
    kept, link = a_coupon().share("t", ShareMode.COPY, CampaignLimits(), at=NOON)
    for number in range(20):
        link = kept.claim(link, f"friend-{number}", f"C-{number}", at=NOON).share
    assert (link.claimed, link.state) == (20, ShareState.OPEN)


def test_sharing_stops_when_the_generations_are_used_up() -> None:
    shared(ShareMode.COPY, a_coupon(generation=1))
    with pytest.raises(ShareCapError, match="generations of 2"):
        shared(ShareMode.COPY, a_coupon(generation=2))


@pytest.mark.parametrize(
    ("coupon", "refusal"),
    [
        (a_coupon(terms=some_terms(ends_at=NOON)), CouponExpiredError),
        (a_coupon(state=CouponState.RESERVED), CouponReservedError),
        (a_coupon(state=CouponState.REDEEMED), CouponRedeemedError),
        (a_coupon(state=CouponState.REVOKED), CouponRevokedError),
        (a_coupon(state=CouponState.SHARED), IllegalTransitionError),
    ],
)
@pytest.mark.parametrize("mode", ShareMode)
def test_coupon_cannot_be_shared_when_its_time_or_state_says_no(
    mode: ShareMode, coupon: Coupon, refusal: type[CheckoutError]
) -> None:
    with pytest.raises(refusal):
        shared(mode, coupon)


def test_coupon_may_be_shared_before_it_begins_when_its_start_is_ahead() -> None:
    shared(ShareMode.GIFT, a_coupon(terms=some_terms(starts_at=NOON + HOUR, ends_at=None)))


def test_claim_is_refused_when_own_late_or_taken_back() -> None:
    on_its_way, link = shared(ShareMode.GIFT)
    with pytest.raises(OwnShareError):
        on_its_way.claim(link, "ada", "x", at=NOON)
    with pytest.raises(CouponExpiredError):
        on_its_way.claim(link, "ben", "x", at=NOON + HOUR)
    with pytest.raises(CouponRevokedError):
        on_its_way.revoke().claim(link, "ben", "x", at=NOON)
    back, closed = on_its_way.withdraw(link)
    assert back == a_coupon()
    with pytest.raises(CouponRevokedError):
        back.claim(closed, "ben", "x", at=NOON)


def test_anybody_may_claim_when_the_coupon_has_no_holder() -> None:
    on_its_way, link = shared(ShareMode.GIFT, a_coupon(holder=None))
    assert on_its_way.claim(link, "ben", "x", at=NOON).taken.holder == "ben"


def test_copy_stays_where_it_is_when_its_link_is_withdrawn() -> None:
    kept, link = shared(ShareMode.COPY)
    back, closed = kept.withdraw(link)
    assert (back, closed.state) == (kept, ShareState.WITHDRAWN)
    with pytest.raises(IllegalTransitionError):
        kept.withdraw(closed)


# --- campaigns -------------------------------------------------------------------------------------------------------


def test_campaign_goes_live_and_pauses_when_told() -> None:
    campaign = a_campaign(state=CampaignState.DRAFT)
    live = campaign.after(CampaignEvent.TRY).after(CampaignEvent.LAUNCH)
    assert live.after(CampaignEvent.PAUSE).after(CampaignEvent.LAUNCH) == live
    with pytest.raises(IllegalTransitionError):
        live.after(CampaignEvent.END).after(CampaignEvent.LAUNCH)


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (CampaignState.DRAFT, CouponNotStartedError),
        (CampaignState.TEST, None),
        (CampaignState.LIVE, None),
        (CampaignState.PAUSED, CouponRevokedError),
        (CampaignState.ENDED, CouponExpiredError),
    ],
)
def test_coupons_are_issued_when_the_campaign_runs(state: CampaignState, refusal: type[CheckoutError] | None) -> None:
    campaign = a_campaign(state=state)
    if refusal is None:
        may_issue(campaign, Counts(), at=NOON)
    else:
        with pytest.raises(refusal):
            may_issue(campaign, Counts(), at=NOON)


@pytest.mark.parametrize(
    ("counts", "refusal"),
    [
        (Counts(issued=9, of_person=1, reserved_minor=400, spent_minor=599), None),
        (Counts(issued=10), CouponLimitReachedError),
        (Counts(of_person=2), CouponLimitReachedError),
        (Counts(reserved_minor=400, spent_minor=600), CouponBudgetSpentError),
    ],
)
def test_limits_hold_to_the_last_one_when_coupons_are_issued(
    counts: Counts, refusal: type[CheckoutError] | None
) -> None:
    campaign = a_campaign(budget_minor=1000, limits=CampaignLimits(coupons=10, per_person=2))
    if refusal is None:
        may_issue(campaign, counts, at=NOON)
    else:
        with pytest.raises(refusal):
            may_issue(campaign, counts, at=NOON)


def test_coupons_are_issued_only_in_time_when_the_campaign_has_a_window() -> None:
    with pytest.raises(CouponNotStartedError):
        may_issue(a_campaign(terms=some_terms(starts_at=NOON + HOUR, ends_at=None)), Counts(), at=NOON)
    with pytest.raises(CouponExpiredError):
        may_issue(a_campaign(terms=some_terms(ends_at=NOON)), Counts(), at=NOON)


@given(st.lists(st.integers(1, 500), max_size=40), st.integers(0, 5000))
def test_budget_is_never_overspent_when_redemptions_come(costs: list[int], budget_minor: int) -> None:
    campaign = a_campaign(budget_minor=budget_minor)
    counts = Counts()
    for cost in costs:
        try:
            may_spend(campaign, counts, cost)
        except CouponBudgetSpentError:
            assert counts.spent_minor + cost > budget_minor
        else:
            counts = replace(counts, spent_minor=counts.spent_minor + cost)
    assert counts.spent_minor <= budget_minor


@pytest.mark.parametrize(("effect", "value"), [(Effect.AMOUNT, 0), (Effect.PERCENT, 10_001), (Effect.PERCENT, -1)])
def test_terms_are_refused_when_they_take_nothing_or_too_much_off(effect: Effect, value: int) -> None:
    with pytest.raises(MalformedRuleError):
        some_terms(value, effect=effect)


# --- whatever happens ------------------------------------------------------------------------------------------------


def _acted(act: CouponEvent, coupon: Coupon, link: Share) -> tuple[Coupon, Share]:
    match act:
        case CouponEvent.SHARE:
            coupon, link = coupon.share("t", ShareMode.GIFT, CampaignLimits(generations=99), at=NOON)
        case CouponEvent.CLAIM:
            claim = coupon.claim(link, "ben", "x", at=NOON)
            coupon, link = claim.taken, claim.share
        case CouponEvent.WITHDRAW:
            coupon, link = coupon.withdraw(link)
        case CouponEvent.RESERVE:
            coupon = coupon.reserve("p", at=NOON)
        case CouponEvent.RELEASE:
            coupon = coupon.release()
        case CouponEvent.REDEEM:
            coupon = coupon.redeem()
        case CouponEvent.REVOKE:
            coupon = coupon.revoke()
        case CouponEvent.RESTORE:
            coupon = coupon.restore(at=NOON)
    return coupon, link


@given(st.lists(st.sampled_from(CouponEvent), max_size=30))
def test_gift_is_redeemed_once_for_each_time_it_was_restored_whatever_happens(acts: list[CouponEvent]) -> None:
    coupon, link = a_coupon(holder="ada"), Share("t", "C-1", ShareMode.GIFT, "ada", 1)
    redeemed = 0
    for act in acts:
        try:
            coupon, link = _acted(act, coupon, link)
        except CheckoutError:
            continue
        redeemed += (act is CouponEvent.REDEEM) - (act is CouponEvent.RESTORE)
        assert coupon.code == "C-1"
        assert (coupon.state is CouponState.RESERVED) == (coupon.reserved_for is not None) or act is CouponEvent.REDEEM
        assert 0 <= redeemed <= 1
    assert (coupon.state is CouponState.REDEEMED) == (redeemed == 1)

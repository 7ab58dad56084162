"""Claim what a friend shared: exactly once a person, with nothing but a phone number."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from checkout.campaigns import ShareMode
from checkout.errors import (
    CheckoutError,
    CouponAlreadyClaimedError,
    CouponRevokedError,
    ShareCapError,
)
from server.flows.coupon_codes import new_coupon_code, new_node
from server.flows.coupon_rules import campaign_of, coupon_of, demand_passed_on, find
from server.flows.coupons import demand_may_have, issue
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, ClaimRow, CouponRow, ShareRow
from server.flows.share_coupon import link_of, open_link


@dataclass(frozen=True, slots=True)
class Claimed:
    """The coupon in the friend's hands."""

    coupon: CouponRow
    campaign: CampaignRow


def claim_coupon(
    work: Work, token: str, phone_hash: str, *, at: datetime, new_code: Callable[[], str] = new_coupon_code
) -> Claimed:
    """Take a gift, or a copy of one's own.

    The code is told once, to the request that claims it (and to its repetitions, which get the stored answer): a phone
    number is no secret, and must not open what somebody else holds.

    A gift changes its code as it changes hands: the code was its giver's, and who knows a code may redeem it (I7).

    Raises:
        FlowError: `share_not_found`.
        OwnShareError: They shared it themselves.
        CouponAlreadyClaimedError: Somebody was faster, or this person has it already.
        CouponRevokedError: It was withdrawn, or the campaign is paused.
        CouponExpiredError: Its time is over.
        CouponLimitReachedError: All copies are given, or all that this person may have.
        ShareCapError: It has been passed on as often as the campaign allows, or the link has reached all it may.
        HeldOutError: A draw keeps this person out.
    """
    share, original, campaign = open_link(work, token)
    if work.shares.claimed_code(token, phone_hash) is not None:
        raise CouponAlreadyClaimedError(token)
    rules = campaign_of(campaign)
    code = new_code()
    # The rules first: own share, claimed, withdrawn, over. They raise; what they return is written below.
    # A refusal names the link that was asked, never the coupon behind it: who reads its code may redeem it.
    unnamed = replace(original, code=token)
    coupon_of(unnamed, rules).claim(link_of(work, share, unnamed), phone_hash, code, at=at)
    demand_passed_on(campaign)
    if original.generation >= campaign.limit_generations:
        raise ShareCapError(token, "generations", campaign.limit_generations)
    # The place is counted first: the row of the link makes claims of one link come one after the other.
    if not work.shares.take_place(token):
        raise _no_place(work.shares.get(token) or share)
    claim = ClaimRow(
        token=token,
        phone_hash=phone_hash,
        coupon_code=code,
        claimed_at=at,
        campaign_id=campaign.campaign_id,
        generation=original.generation + 1,
        node=new_node(),
        parent_node=original.node,
    )
    # Written before the coupon itself: the key (link, person) makes a second claim at the same time wait, then fail.
    if not work.shares.claim(claim):
        raise CouponAlreadyClaimedError(token)
    taken = _take(work, share, original, campaign, claim)
    work.shares.note_shared(token, at=at)
    work.events.tell(campaign.store_id, "coupon.claimed", {"campaign_id": campaign.campaign_id}, at=at)
    return Claimed(taken, campaign)


def _no_place(share: ShareRow) -> CheckoutError:
    if share.withdrawn_at is not None:
        return CouponRevokedError(share.token)
    if share.mode == ShareMode.GIFT:
        return CouponAlreadyClaimedError(share.token)
    return ShareCapError(share.token, "width", share.width or 0)


def _take(
    work: Work,
    share: ShareRow,
    original: CouponRow,
    campaign: CampaignRow,
    claim: ClaimRow,
) -> CouponRow:
    code, phone_hash, deeper = claim.coupon_code, claim.phone_hash, claim.generation
    if share.mode != ShareMode.GIFT:
        return issue(
            work,
            campaign,
            code=code,
            phone_hash=phone_hash,
            claim=claim,
            generation=deeper,
            at=claim.claimed_at,
        )
    demand_may_have(campaign, phone_hash)
    won = work.coupons.hand_over(
        original.code, new_code=code, phone_hash=phone_hash, token=share.token, generation=deeper, node=claim.node
    )
    if not won:
        raise CouponAlreadyClaimedError(share.token)
    work.shares.follow(original.code, code)
    taken, _ = find(work, code)
    return taken

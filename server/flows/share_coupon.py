"""Share a coupon by a link: a gift leaves its holder, a copy stays and gives each friend one of their own."""

from collections.abc import Callable
from datetime import datetime, timedelta

from checkout.campaigns import CampaignState, ShareMode
from checkout.coupons import COUPON_TABLE, CouponEvent, CouponState, Share, ShareState
from checkout.errors import CouponNotFoundError
from server.flows.coupon_codes import new_share_token, read_coupon_code
from server.flows.coupon_rules import campaign_of, coupon_of, demand_passed_on, find
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow


def share_coupon(
    work: Work,
    code: str,
    *,
    phone_hash: str | None,
    ticket_id: str | None,
    at: datetime,
    new_token: Callable[[], str] = new_share_token,
) -> ShareRow:
    """Open a link to a coupon, or return the one that is open.

    Args:
        work: The transaction.
        code: The coupon.
        phone_hash: Who asks, when logged in.
        ticket_id: The ticket that the coupon came with, for a holder without an account.
        at: Now.
        new_token: Where a new link's token comes from.

    Raises:
        CouponNotFoundError: There is none, or it is somebody else's.
        ShareCapError: It was passed on as often as the campaign allows.
        CouponRevokedError: The campaign is paused.
        CouponExpiredError: Its time is over, or the campaign has ended.
        CheckoutError: It was used, or a payment has it.
    """
    work.coupons.lock_row(read_coupon_code(code))  # of two who share it at once the second finds the link of the first
    row, campaign_row = find(work, code)
    if not _holds(row, phone_hash, ticket_id):
        raise CouponNotFoundError(code)
    demand_passed_on(campaign_row)
    if (before := work.shares.open_of(row.code)) is not None:
        work.shares.note_shared(before.token, at=at)
        if before.shared_at is None:
            _tell(work, "coupon.shared", campaign_row, at)
        return work.shares.get(before.token) or before
    campaign = campaign_of(campaign_row)
    coupon = coupon_of(row, campaign)
    moved, link = coupon.share(new_token(), campaign.share_mode, campaign.limits, at=at)
    if moved.state is not coupon.state and not work.coupons.move(row.code, row.state, moved.state.value):
        raise CouponNotFoundError(code)  # somebody used it between our reading and our writing
    share = ShareRow(link.token, row.code, row.campaign_id, link.mode.value, 0, at, at, None, link.width)
    work.shares.add(share)
    _tell(work, "coupon.shared", campaign_row, at)
    return share


def withdraw_share(work: Work, token: str, *, phone_hash: str | None, ticket_id: str | None, at: datetime) -> ShareRow:
    """Close a link: a gift comes back, what friends already claimed stays theirs.

    Raises:
        FlowError: `share_not_found`, also for somebody else's.
        IllegalTransitionError: It was claimed or withdrawn.
    """
    work.shares.lock_row(token)  # first, as a claim does: one that is under way has ended when the coupon is read
    share, row, campaign_row = open_link(work, token)
    if not _holds(row, phone_hash, ticket_id):
        raise _not_found()
    coupon = coupon_of(row, campaign_of(campaign_row))
    back, _ = coupon.withdraw(link_of(work, share, row))
    if back.state is not coupon.state:
        work.coupons.move(row.code, row.state, back.state.value)
    work.shares.withdraw(token, at=at)
    return work.shares.get(token) or share


RETURN_AFTER = timedelta(days=7)
"""How long a gift waits for its friend before it is its giver's again."""
AT_ONCE = 200
"""Gifts that one round of the sweeper returns, so that none of its transactions is long."""


def return_gifts(work: Work, *, at: datetime) -> int:
    """Give gifts that nobody claimed back to whoever shared them, and return how many."""
    returned = 0
    for share in work.shares.waiting_gifts(at - RETURN_AFTER, limit=AT_ONCE):
        work.shares.lock_row(share.token)
        _, row, campaign = open_link(work, share.token)
        # Both are conditions: a claim that came a moment before has moved the coupon on, and the gift is the friend's.
        back = COUPON_TABLE.after(CouponState.SHARED, CouponEvent.WITHDRAW)
        if work.coupons.move(row.code, CouponState.SHARED.value, back.value):
            work.shares.withdraw(share.token, at=at)
            _tell(work, "campaign.changed", campaign, at)
            returned += 1
    return returned


def note_opened(work: Work, token: str, *, at: datetime) -> None:
    """Count one who looked at the offer: the page says so once, without a cookie.

    Raises:
        FlowError: `share_not_found`.
    """
    _, _, campaign = open_link(work, token)
    work.shares.note_shared(token, at=at)
    work.shares.count_opened(token)
    work.events.tell(campaign.store_id, "campaign.changed", {"campaign_id": campaign.campaign_id}, at=at)


def open_link(work: Work, token: str) -> tuple[ShareRow, CouponRow, CampaignRow]:
    """Return a link, the coupon that it shares, and its campaign.

    Raises:
        FlowError: `share_not_found`.
    """
    share = work.shares.get(token)
    while share is not None:
        try:
            coupon, campaign = find(work, share.coupon_code)
        except CouponNotFoundError as error:
            # A gift changes its code as it changes hands: claimed between the two readings, the link knows the new one.
            share, before = work.shares.get(token), share
            if share == before:
                raise _not_found() from error
        else:
            return share, coupon, campaign
    raise _not_found()


def link_of(work: Work, share: ShareRow, coupon: CouponRow) -> Share:
    """Return the link as the rules of the shop see it."""
    claims = work.shares.claims(share.token)
    gift = share.mode == ShareMode.GIFT
    state = ShareState.OPEN
    if share.withdrawn_at is not None:
        state = ShareState.WITHDRAWN
    elif gift and claims:
        state = ShareState.CLAIMED
    return Share(share.token, coupon.code, ShareMode(share.mode), coupon.holder_phone_hash, share.width, claims, state)


def link_state(work: Work, share: ShareRow, coupon: CouponRow, campaign: CampaignRow, *, at: datetime) -> str:
    """Return what a visitor of the link may expect: open, claimed, expired, ended or used_up."""
    link = link_of(work, share, coupon)
    over = coupon.expires_at <= at or campaign.ends_at <= at
    copies = share.mode != ShareMode.GIFT
    full = share.width is not None and share.claimed >= share.width
    empty = campaign.issued >= campaign.limit_coupons
    spent = campaign.reserved_minor + campaign.spent_minor >= campaign.budget_minor
    rows = (
        (link.state is ShareState.CLAIMED, "claimed"),
        (link.state is ShareState.WITHDRAWN or coupon.state == CouponState.REVOKED, "ended"),
        (over, "expired"),
        (campaign.state != CampaignState.LIVE, "ended"),
        (copies and (empty or spent or full), "used_up"),
    )
    return next((state for applies, state in rows if applies), "open")


def _holds(row: CouponRow, phone_hash: str | None, ticket_id: str | None) -> bool:
    by_phone = phone_hash is not None and row.holder_phone_hash == phone_hash
    return by_phone or (ticket_id is not None and row.ticket_id == ticket_id)


def _tell(work: Work, kind: str, campaign: CampaignRow, at: datetime) -> None:
    work.events.tell(campaign.store_id, kind, {"campaign_id": campaign.campaign_id}, at=at)


def _not_found() -> FlowError:
    return FlowError("share_not_found", "There is no such link.")

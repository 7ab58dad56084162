"""A coupon's way through a basket and a payment, and the coupon that a ticket brings.

`reserve`, `redeem` and `release` are called inside the transactions of a payment. Coupons are taken in the order of
their codes and campaigns in the order of their ids, so that two payments never wait for each other.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from checkout.campaigns import CampaignState, Counts, ShareMode, may_issue, may_use
from checkout.coupon_conditions import NO_CONDITIONS
from checkout.coupon_terms import Effect
from checkout.coupons import COUPON_TABLE, Coupon, CouponEvent, CouponState
from checkout.errors import (
    CheckoutError,
    CouponBudgetSpentError,
    CouponConditionError,
    CouponLimitReachedError,
    CouponNotApplicableError,
    CouponNotStartedError,
)
from checkout.holdout import is_held_out
from checkout.label import Label
from checkout.refunds import CouponBack, CouponFate, fate_of
from server.flows.coupon_codes import new_coupon_code, new_node, new_share_token, read_coupon_code
from server.flows.coupon_rules import Bearer, campaign_of, coupon_of, find, household_of, label_of, uses
from server.flows.days import day_of, end_of, zone_of
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, ClaimRow, CouponRow, ShareRow

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def pricing_terms(
    work: Work, codes: Sequence[str], bearer: Bearer, at: datetime, *, payment_id: str | None = None
) -> list[Coupon]:
    """Return the coupons that a basket may be priced with.

    Args:
        work: The transaction.
        codes: As they were typed.
        bearer: Who brings them, and where.
        at: Now.
        payment_id: The payment whose own coupons count as usable although it has set them aside.

    Raises:
        CheckoutError: Why one of them can not be used at all: unknown, over, used, set aside, given away, not yet
            begun, out of budget, or as often used in this store or household as may be.
    """
    found = []
    for code in codes:
        row, campaign_row = find(work, code)
        campaign = campaign_of(campaign_row)
        coupon = coupon_of(row, campaign)
        if payment_id is not None and row.payment_id == payment_id:
            # As it stood when this payment took it: what it took off is set aside, whatever the budget has left now,
            # and whoever bought for the first time then has bought since.
            terms = replace(coupon.terms, max_off_minor=row.value_minor, conditions=NO_CONDITIONS)
            coupon = replace(coupon, state=CouponState.ISSUED, terms=terms)
        else:
            _check_usable(coupon, at)
            least_minor = campaign_row.effect_value if campaign_row.effect_kind == Effect.AMOUNT else 1
            may_use(campaign, uses(work, campaign_row, bearer), least_minor)
        found.append(coupon)
    return found


def reserve(work: Work, payment_id: str, applied: Iterable[tuple[str, int]], bearer: Bearer, at: datetime) -> None:
    """Set coupons aside for a payment, and what they take off out of their campaigns' budgets and limits.

    Args:
        work: The transaction.
        payment_id: For whom.
        applied: Codes and what each took off, in minor units, as the quote says.
        bearer: Who uses them where; a payer's own row is locked by now.
        at: Now.

    Raises:
        CheckoutError: Somebody was first, its time is over, or the budget or a limit is used up. Nothing is set aside
            then.
    """
    wanted = sorted((read_coupon_code(code), saved_minor) for code, saved_minor in applied if saved_minor > 0)
    taken: dict[str, list[int]] = {}
    for code, saved_minor in wanted:
        row, campaign_row = find(work, code)
        used_in = bearer.store_id if campaign_row.limit_per_store is not None else None
        used_by = bearer.phone_hash if campaign_row.limit_per_household is not None else None
        if not work.coupons.reserve(row.code, payment_id, saved_minor, at=at, used_in=used_in, used_by=used_by):
            row, campaign_row = find(work, code)
            if row.state == CouponState.RESERVED and row.payment_id == payment_id:
                continue
            _check_usable(coupon_of(row, campaign_of(campaign_row)), at)
            raise CouponNotApplicableError(row.code, "it changed a moment ago")
        taken.setdefault(row.campaign_id, []).append(saved_minor)
    for campaign_id, costs in sorted(taken.items()):
        if not work.campaigns.reserve(campaign_id, sum(costs)):
            campaign = work.campaigns.get(campaign_id)
            raise CouponBudgetSpentError(campaign_id, campaign.budget_minor if campaign else 0)
        _count_uses(work, campaign_id, len(costs), bearer)


def _count_uses(work: Work, campaign_id: str, coupons: int, bearer: Bearer) -> None:
    """Count uses where they are limited. Behind the campaign's lock, so that no two count the last one."""
    if (campaign := work.campaigns.get(campaign_id)) is None:
        return
    limit = campaign.limit_per_store
    if limit is not None and not work.campaigns.take_store(campaign_id, bearer.store_id, coupons, limit):
        used = work.campaigns.used_in(campaign_id, bearer.store_id)
        raise CouponLimitReachedError(campaign_id, "per_store", limit, used)
    limit = campaign.limit_per_household
    if limit is not None and bearer.phone_hash is not None:
        used = work.coupons.used_by(campaign_id, household_of(work, bearer.phone_hash))
        if used > limit:  # those just set aside are among them
            raise CouponLimitReachedError(campaign_id, "per_household", limit, used - coupons)


def demand_person(
    work: Work, coupons: Iterable[Coupon], applied: Iterable[tuple[str, int]], shown: str | None, payer: str | None
) -> None:
    """Make sure that coupons which are somebody's own are used by that person, and a first purchase is one.

    Called behind the payer's lock, so that of two first purchases at once only one is.

    Args:
        work: The transaction.
        coupons: Those that the basket was priced with.
        applied: Codes that took something off.
        shown: Whose wallet was shown for the basket, by phone hash.
        payer: Who pays, likewise; None where the desk takes the money.

    Raises:
        CouponConditionError: Somebody else pays, or they have bought here by now.
    """
    codes = {code for code, _ in applied}
    own = [each for each in coupons if each.code in codes and each.terms.conditions.members_only]
    if own and (shown is None or (payer is not None and payer != shown)):
        step = "pay as the person whose wallet was shown, or take it off"
        raise CouponConditionError(own[0].code, "same_person", "the person whose wallet was shown", step)
    first = [each for each in own if each.terms.conditions.first_purchase_only]
    if not first or shown is None:
        return
    if (customer := work.customers.by_phone(shown)) is not None:
        work.customers.lock_row(customer.customer_id)
    if work.payments.purchases(shown, since=EPOCH).ever:
        step = "give it to a friend who is new here"
        raise CouponConditionError(first[0].code, "first_purchase_only", "a first purchase", step)


def redeem(work: Work, payment_id: str, at: datetime) -> list[tuple[str, int]]:
    """Use up what a payment has set aside.

    Returns:
        For each campaign what its coupons cost, in minor units, by id: the postings of the payment.
    """
    costs = _end_reservation(work, payment_id, CouponEvent.REDEEM, at)
    for campaign_id, cost_minor in costs:
        work.campaigns.spend(campaign_id, cost_minor)
        _tell(work, "coupon.redeemed", campaign_id, at=at)
    return costs


def release(work: Work, payment_id: str, at: datetime) -> list[tuple[str, int]]:
    """Give back what a payment has set aside; what it has used up stays used."""
    held = work.coupons.of_payment(payment_id, CouponState.RESERVED.value)
    costs = _end_reservation(work, payment_id, CouponEvent.RELEASE, at)
    for campaign_id, cost_minor in costs:
        work.campaigns.release(campaign_id, cost_minor)
    _open_places(work, held)
    return costs


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a refund did to a coupon, and to the campaign that had paid for it."""

    code: str
    campaign_id: str
    amount_minor: int
    fate: CouponFate

    def as_json(self) -> dict[str, Any]:
        """Return it as a refund keeps and shows it."""
        return {"code": self.code, "amount_minor": self.amount_minor, "fate": self.fate.value}


def give_back(work: Work, backs: Sequence[CouponBack], at: datetime) -> list[GivenBack]:
    """Give campaigns the money back that coupons took off returned goods, and holders the coupons that are unused now.

    Called inside the transaction of a refund, which posts the money: `unfund_coupons`.
    """
    given: list[GivenBack] = []
    restored: list[CouponRow] = []
    costs: dict[str, int] = {}
    for back in sorted(backs, key=lambda back: back.code):
        row, campaign_row = find(work, back.code)
        campaign = campaign_of(campaign_row)
        coupon = coupon_of(row, campaign)
        fate = fate_of(back, coupon, campaign.on_refund, at=at)
        if fate is CouponFate.RESTORED:
            work.coupons.move(row.code, row.state, coupon.restore(at=at).state.value)
            restored.append(row)
        costs[row.campaign_id] = costs.get(row.campaign_id, 0) + back.amount.minor
        given.append(GivenBack(row.code, row.campaign_id, back.amount.minor, fate))
    for campaign_id, cost_minor in sorted(costs.items()):
        work.campaigns.give_back(campaign_id, cost_minor)
        _tell(work, "coupon.given_back", campaign_id, at=at)
    _open_places(work, restored)
    return given


@dataclass(frozen=True, slots=True)
class IssuedCoupon:
    """A coupon that came with a ticket. `share_url` is None for a gift: it is shared when its holder says so."""

    code: str
    label: Label
    share_url: str | None
    expires_at: datetime


def issue_on_ticket(
    work: Work,
    store_id: str,
    ticket_id: str,
    phone_hash: str | None,
    at: datetime,
    *,
    paid_minor: int,
    new_code: Callable[[], str] = new_coupon_code,
    new_token: Callable[[], str] = new_share_token,
) -> IssuedCoupon | None:
    """Give the coupon that a live campaign has for a ticket, once per ticket; None when there is none to give.

    It never fails for a reason of its own: a sale does not wait for an advertisement. Who pays less than a campaign
    asks for has none of it: else a cent paid again and again would gather its coupons.
    """
    if (before := work.coupons.of_ticket(ticket_id)) is not None:
        _, campaign = find(work, before.code)
        return _issued(before, campaign, work.shares.open_of(before.code))
    for campaign in work.campaigns.on_ticket(store_id, at=at):
        if paid_minor < campaign.ticket_from_minor:
            continue
        try:
            coupon = issue(
                work, campaign, code=new_code(), phone_hash=phone_hash, ticket_id=ticket_id, generation=0, at=at
            )
        except CheckoutError:
            continue  # this campaign is at its limit; the next may have one
        except HeldOutError:
            work.campaigns.note_held_out(campaign.campaign_id, phone_hash or "", at=at)
            continue
        share = None
        if campaign.share_mode != ShareMode.GIFT and campaign.limit_generations > 0:
            # Printed on the ticket at once; it counts as shared when somebody first uses it.
            mode, width = campaign.share_mode, campaign.limit_width
            share = ShareRow(new_token(), coupon.code, campaign.campaign_id, mode, 0, at, None, None, width)
            work.shares.add(share)
        return _issued(coupon, campaign, share)
    return None


def issue(
    work: Work,
    campaign: CampaignRow,
    *,
    code: str,
    phone_hash: str | None,
    ticket_id: str | None = None,
    claim: ClaimRow | None = None,
    generation: int,
    at: datetime,
) -> CouponRow:
    """Give one more coupon out, if every limit of its campaign allows it.

    Raises:
        HeldOutError: A draw keeps this person out.
        CouponLimitReachedError: All were given out, or all that this person may have.
        CouponNotStartedError: The campaign is a draft, or its time has not come.
        CouponExpiredError: It has ended.
        CouponRevokedError: It is paused.
        CouponBudgetSpentError: Its money is spent or set aside.
    """
    may_issue(campaign_of(campaign), _counts(work, campaign, phone_hash), at=at)
    demand_may_have(campaign, phone_hash)
    if not work.campaigns.take_slot(campaign.campaign_id, at=at, state=campaign.state):
        now = work.campaigns.get(campaign.campaign_id) or campaign
        may_issue(campaign_of(now), _counts(work, now, phone_hash), at=at)
        raise CouponLimitReachedError(campaign.campaign_id, "coupons", campaign.limit_coupons, campaign.limit_coupons)
    # Counted again behind the campaign's lock: two requests of one person at once would both have passed above.
    held = 0 if phone_hash is None else work.coupons.held_in(campaign.campaign_id, phone_hash)
    if held >= campaign.limit_per_person:
        work.campaigns.give_slot_back(campaign.campaign_id)
        raise CouponLimitReachedError(campaign.campaign_id, "per_person", campaign.limit_per_person, held)
    _take_day(work, campaign, at)
    coupon = CouponRow(
        code=code,
        campaign_id=campaign.campaign_id,
        holder_phone_hash=phone_hash,
        ticket_id=ticket_id,
        parent_token=None if claim is None else claim.token,
        generation=generation,
        state=COUPON_TABLE.start.value,
        payment_id=None,
        value_minor=None,
        issued_at=at,
        expires_at=campaign.ends_at,
        redeemed_at=None,
        node=new_node() if claim is None else claim.node,
    )
    work.coupons.add(coupon)
    return coupon


class HeldOutError(FlowError):
    """A draw keeps this person out of the campaign, for as long as it runs (I20)."""

    def __init__(self, campaign_id: str) -> None:
        super().__init__("coupon_held_out", "A draw leaves this number out of this campaign.")
        self.campaign_id = campaign_id


def demand_may_have(campaign: CampaignRow, phone_hash: str | None) -> None:
    """Make sure that a person may receive a campaign; somebody without a name cannot be drawn.

    Raises:
        CouponNotStartedError: It is being tried, and they are none of those who try it.
        HeldOutError: A draw keeps them out.
    """
    if campaign.state == CampaignState.TEST:
        if phone_hash is None or phone_hash not in (campaign.testers or ()):
            raise CouponNotStartedError(campaign.campaign_id, campaign.starts_at)
        return
    if phone_hash is not None and is_held_out(campaign.campaign_id, phone_hash, campaign.holdout_percent):
        raise HeldOutError(campaign.campaign_id)


def _take_day(work: Work, campaign: CampaignRow, at: datetime) -> None:
    if (limit := campaign.limit_per_day) is None:
        return
    zone = zone_of(work, campaign.store_id)
    today = day_of(at, zone)
    if not work.campaigns.take_day(campaign.campaign_id, today.toordinal(), limit):
        work.campaigns.give_slot_back(campaign.campaign_id)
        opens_at = end_of(today, zone)
        raise CouponLimitReachedError(campaign.campaign_id, "per_day", limit, limit, opens_at=opens_at)


def _counts(work: Work, campaign: CampaignRow, phone_hash: str | None) -> Counts:
    return Counts(
        issued=campaign.issued,
        of_person=0 if phone_hash is None else work.coupons.held_in(campaign.campaign_id, phone_hash),
        reserved_minor=campaign.reserved_minor,
        spent_minor=campaign.spent_minor,
    )


def _issued(coupon: CouponRow, campaign: CampaignRow, share: ShareRow | None) -> IssuedCoupon:
    url = None if share is None else f"/c/{share.token}"
    return IssuedCoupon(coupon.code, label_of(campaign), url, coupon.expires_at)


def _check_usable(coupon: Coupon, at: datetime) -> None:
    if coupon.state is CouponState.SHARED:
        raise CouponNotApplicableError(coupon.code, "it is on its way to a friend; withdraw the link to use it here")
    coupon.demand_usable(at=at)


def _open_places(work: Work, coupons: Iterable[CouponRow]) -> None:
    """Let stores use what was not used after all; a household counts coupons themselves."""
    places = Counter((row.campaign_id, row.used_in) for row in coupons if row.used_in is not None)
    for (campaign_id, store_id), count in sorted(places.items()):
        work.campaigns.give_store_back(campaign_id, store_id, count)


def _end_reservation(work: Work, payment_id: str, event: CouponEvent, at: datetime) -> list[tuple[str, int]]:
    costs: dict[str, int] = {}
    for row in work.coupons.of_payment(payment_id, CouponState.RESERVED.value):
        after = COUPON_TABLE.after(CouponState(row.state), event)
        redeemed_at = at if after is CouponState.REDEEMED else None
        if work.coupons.move(row.code, CouponState.RESERVED.value, after.value, redeemed_at=redeemed_at):
            costs[row.campaign_id] = costs.get(row.campaign_id, 0) + (row.value_minor or 0)
    return sorted(costs.items())


def _tell(work: Work, kind: str, campaign_id: str, *, at: datetime) -> None:
    campaign = work.campaigns.get(campaign_id)
    if campaign is not None:
        work.events.tell(campaign.store_id, kind, {"campaign_id": campaign_id}, at=at)

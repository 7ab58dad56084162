"""What a shopper sees of themselves: balance, movements, coupons, consents. Nobody else is shown any of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.flows.consent_texts import FACE_PAYMENT
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.ports.ledger import Entry
from server.flows.ports.people import Consent, Customer, Reference

SHOWN = 50
"""Movements on the page; the rest is a statement's work."""


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A coupon in somebody's hands, with its campaign and the link that is open, if one is."""

    coupon: CouponRow
    campaign: CampaignRow
    share: ShareRow | None


@dataclass(frozen=True, slots=True)
class Account:
    """One shopper's page."""

    customer: Customer
    balance_minor: int
    reference: Reference | None
    consents: Sequence[Consent]
    coupons: Sequence[HeldCoupon]
    entries: Sequence[Entry]


def my_account(work: Work, customer_id: str) -> Account:
    """Return a shopper's own page.

    Raises:
        FlowError: `shopper_unknown`.
    """
    customer = work.customers.get(customer_id)
    if customer is None:
        raise FlowError("shopper_unknown", "There is no such account any more.")
    held = []
    for coupon in work.coupons.held_by(customer.phone_hash):
        campaign = work.campaigns.get(coupon.campaign_id)
        if campaign is not None:
            held.append(HeldCoupon(coupon, campaign, work.shares.open_of(coupon.code)))
    references = work.references.of(customer_id) if work.consents.live(customer_id, FACE_PAYMENT) else []
    wallet = f"main:{customer_id}"
    return Account(
        customer=customer,
        balance_minor=work.ledger.balance_of(wallet),
        reference=references[0] if references else None,
        consents=work.consents.of(customer_id),
        coupons=held,
        entries=work.ledger.entries_of(wallet, SHOWN),
    )

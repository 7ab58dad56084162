"""What a shopper sees of themselves: balance, movements, coupons, consents. Nobody else is shown any of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from checkout.ledger import TransferKind
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
class Movement:
    """One movement of the wallet, in the shopper's words.

    Attributes:
        kind: `payment`, or the ledger's own word such as `topup`.
        label: With whom: the payee; empty where the kind says it all.
        ticket_url: The ticket of a payment, once there is one.
    """

    entry: Entry
    kind: str
    label: str
    ticket_url: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """One shopper's page."""

    customer: Customer
    balance_minor: int
    reference: Reference | None
    consents: Sequence[Consent]
    coupons: Sequence[HeldCoupon]
    movements: Sequence[Movement]


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
        movements=[_movement(work, entry) for entry in work.ledger.entries_of(wallet, SHOWN)],
    )


def _movement(work: Work, entry: Entry) -> Movement:
    of_payment = entry.kind in {TransferKind.HOLD, TransferKind.REFUND}
    payment = work.payments.get(entry.ref) if of_payment else None
    if payment is None:
        return Movement(entry, entry.kind, "", None)
    # The wallet only sees money set aside; that it was handed over stands in the payment.
    is_paid = entry.kind == TransferKind.HOLD and payment.status == "captured"
    kind = "payment" if is_paid else entry.kind
    ticket = (payment.receipt or {}).get("ticket")
    return Movement(entry, kind, payment.payee, ticket["url"] if ticket else None)

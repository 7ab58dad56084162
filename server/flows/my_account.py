"""What a shopper sees of themselves: balance, movements, coupons, consents. Nobody else is shown any of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkout.ledger import TransferKind, cashback_account, main_account, voucher_account
from server.flows.consent_texts import FACE_PAYMENT
from server.flows.open_account import own_account
from server.flows.peer_words import moved, names_of
from server.flows.ports import Work
from server.flows.ports.campaigns import CampaignRow, CouponRow, ShareRow
from server.flows.ports.ledger import Entry
from server.flows.ports.people import Consent, Customer, Reference
from server.flows.ports.wallet import PurseRow

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
        kind: `payment`, `peer_sent`, `peer_got`, `peer_back`, or the ledger's own word such as `topup`.
        label: With whom: the payee, or the other person; empty where the kind says it all.
        ticket_url: The ticket of a payment, once there is one.
    """

    entry: Entry
    kind: str
    label: str
    ticket_url: str | None
    memo: str = ""


@dataclass(frozen=True, slots=True)
class Earning:
    """A movement of the cashback purse, with who paid which part of it (WA3)."""

    entry: Entry
    parts: Sequence[Mapping[str, Any]]
    ticket_url: str | None


@dataclass(frozen=True, slots=True)
class Voucher:
    """Restricted credit with what is left of it."""

    purse: PurseRow
    balance_minor: int


MOST_PIECES = 1000
"""Postings of one transfer on one wallet: far more than a payment has tenders."""


@dataclass(frozen=True, slots=True)
class Account:
    """One shopper's page."""

    customer: Customer
    balance_minor: int
    reference: Reference | None
    consents: Sequence[Consent]
    coupons: Sequence[HeldCoupon]
    movements: Sequence[Movement]
    cashback_minor: int
    earnings: Sequence[Earning]
    vouchers: Sequence[Voucher]


def my_account(work: Work, customer_id: str, *, most: int = SHOWN) -> Account:
    """Return a shopper's own page, with so many movements at most.

    Raises:
        FlowError: `shopper_unknown`.
    """
    customer = own_account(work, customer_id)
    held = []
    for coupon in work.coupons.held_by(customer.phone_hash):
        campaign = work.campaigns.get(coupon.campaign_id)
        if campaign is not None:
            held.append(HeldCoupon(coupon, campaign, work.shares.open_of(coupon.code)))
    references = work.references.of(customer_id) if work.consents.live(customer_id, FACE_PAYMENT) else []
    wallet, cashback = main_account(customer_id), cashback_account(customer_id)
    return Account(
        customer=customer,
        balance_minor=work.ledger.balance_of(wallet),
        reference=references[0] if references else None,
        consents=work.consents.of(customer_id),
        coupons=held,
        movements=_movements(work, customer, work.ledger.entries_of(wallet, most)),
        cashback_minor=work.ledger.balance_of(cashback),
        earnings=[_earning(work, entry) for entry in work.ledger.entries_of(cashback, most)],
        vouchers=[
            Voucher(purse, work.ledger.balance_of(voucher_account(purse.purse_id)))
            for purse in work.purses.of(customer.phone_hash)
        ],
    )


def movements(work: Work, customer_id: str, *, below: int | None, limit: int) -> tuple[list[Movement], int | None]:
    """Return a page of the movements of a wallet, newest first, and the cursor of the page before; None at the end.

    A cursor is a place in the chain of transfers: what moves meanwhile shifts no page.
    """
    wallet = main_account(customer_id)
    found = work.ledger.entries_of(wallet, limit + 1, below=below)
    page, last = found[:limit], found[-1].position if found else 0
    if len(found) > limit and page[-1].position == last:  # a transfer stays in one piece
        page = [entry for entry in page if entry.position != last]
        if not page:
            pieces = work.ledger.entries_of(wallet, MOST_PIECES, below=last + 1)
            page = [entry for entry in pieces if entry.position == last]
    is_last = not page or not work.ledger.entries_of(wallet, 1, below=page[-1].position)
    customer = work.customers.get(customer_id)
    told = [] if customer is None else _movements(work, customer, page)
    return told, None if is_last else page[-1].position


def _earning(work: Work, entry: Entry) -> Earning:
    payment = work.payments.get(entry.ref)
    receipt = (payment.receipt if payment else None) or {}
    earned = receipt.get("cashback") if entry.kind == TransferKind.CASHBACK and entry.amount_minor > 0 else None
    ticket = receipt.get("ticket")
    return Earning(entry, earned["parts"] if earned else (), ticket["url"] if ticket else None)


def _movements(work: Work, me: Customer, entries: Sequence[Entry]) -> list[Movement]:
    names: Mapping[str, str] | None = None
    told = []
    for entry in entries:
        row = work.peers.get(entry.ref) if entry.kind == TransferKind.PEER else None
        if row is None:
            told.append(_movement(work, entry))
            continue
        names = names_of(work, me) if names is None else names
        seen = moved(work, row, me, names)
        way = "peer_sent" if entry.amount_minor < 0 else "peer_back" if seen.is_mine else "peer_got"
        told.append(Movement(entry, way, seen.who or f"*** {row.phone_last4}", None, seen.memo))
    return told


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

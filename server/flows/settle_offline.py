"""When a kiosk is back: each payment that it took without the store becomes a payment here, once (IP13).

The goods are gone and the shopper has agreed to an amount, so nothing of it is refused for what has changed since. The
shopper pays what was agreed to, or what the goods cost by the store's own prices of that moment where that is less;
where it is more, the store bears the difference, as a posting of its own. What the wallet is short of is owed: a
posting that everybody can see, and a call to the staff. Neither a sale is lost nor a wallet drawn below zero.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from checkout import (
    PAYMENT_TABLE,
    BasketState,
    Money,
    OfflineDraw,
    OfflineSale,
    Posting,
    Tender,
    Transfer,
    TransferKind,
    WalletPass,
    funder_account,
    hold,
    main_account,
    post,
    read_wallet_pass,
    receivable_account,
    till_account,
)
from checkout.signed_text import content, signs
from server.flows.baskets import Priced, for_payment, priced
from server.flows.capture import Minted, settle
from server.flows.check_out import whole_row
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.intervene import open_intervention
from server.flows.names import masked
from server.flows.offline import series_of
from server.flows.pay import hold_id, paying
from server.flows.ports import Caller, Work
from server.flows.ports.help import Intervention
from server.flows.ports.offline import OfflineRow
from server.flows.ports.payments import PaymentRow
from server.flows.ports.people import Customer
from server.flows.shop import Shop

PROMISE = "price-promise"
"""Who pays what goods cost more by now than a kiosk without the store had said."""


@dataclass(frozen=True, slots=True)
class Charged:
    """What a sale came to."""

    payment: PaymentRow
    owed_minor: int
    borne_minor: int


@dataclass(frozen=True, slots=True)
class Brought:
    """A sale as a kiosk brings it, with the signature of its key."""

    sale: OfflineSale
    signature: bytes


def settle_offline(
    work: Work,
    shop: Shop,
    brought: Brought,
    caller: Caller,
    *,
    store_key: Ed25519PublicKey,
    minted: Minted,
    new_id: Callable[[], str],
    at: datetime,
) -> PaymentRow:
    """Book a sale that a kiosk took by itself; a second arrival finds the payment of the first.

    Raises:
        ProductNotFoundError: The store knows a product no more.
        FlowError: `payment_exists`, `signature_wrong`, `wallet_pass_wrong`, `kiosk_not_found`.
    """
    sale = brought.sale
    if (known := work.offline.get(sale.payment_id)) is not None:
        payment = work.payments.get(sale.payment_id)
        if payment is None or known.hash != sale.hash:
            raise FlowError("payment_exists", "This id belongs to another payment.", payment_id=sale.payment_id)
        return payment
    kiosk_key = _kiosk_key(work, sale, brought.signature, caller)
    series = series_of(kiosk_key.public_bytes_raw())
    shown, customer = _payer(work, shop, sale, store_key)
    before = work.offline.last(series)
    follows = (sale.number, sale.previous) == ((before.number + 1, before.hash) if before else (1, ""))
    work.customers.lock_row(customer.customer_id)
    drawn = _draw_of(sale, shown, kiosk_key)
    charged = _charge(work, shop, sale, customer, caller, drawn, at=at)
    payment = settle(
        work,
        shop,
        charged.payment,
        _transfers(work, charged.payment),
        replace(minted, ticket_id=sale.ticket_id),
        at=at,
    )
    row = OfflineRow(
        payment_id=sale.payment_id,
        store_id=shop.store_id,
        kiosk_id=caller.subject,
        series=series,
        number=sale.number,
        hash=sale.hash,
        amount_minor=sale.amount_minor,
        owed_minor=charged.owed_minor,
        is_broken=not follows,
        taken_at=sale.taken_at,
        settled_at=at,
    )
    work.offline.add(row)
    reasons = [] if follows else ["series"]
    reasons += ["price"] if charged.payment.amount_minor != sale.amount_minor else []
    reasons += (
        ["pass"] if sale.taken_at.timestamp() >= shown.expires_at_s or sale.amount_minor > shown.floor_minor else []
    )
    reasons += ["draw"] if shown.check_bp and (drawn is None or drawn["roll"] < shown.check_bp) else []
    original = work.baskets.get(sale.basket_id)
    reasons += ["paid_twice"] if original is not None and original.state is BasketState.PAID else []
    _tell_staff(work, shop, sale, payment, charged, reasons, new_id=new_id, at=at)
    return payment


def _kiosk_key(work: Work, sale: OfflineSale, signature: bytes, caller: Caller) -> Ed25519PublicKey:
    device = work.devices.get(caller.subject)
    if device is None or device.public_key is None:
        raise FlowError("kiosk_not_found", "This kiosk has no key.", device_id=caller.subject)
    key = Ed25519PublicKey.from_public_bytes(device.public_key)
    try:
        key.verify(signature, sale.words())
    except InvalidSignature as error:
        raise FlowError("signature_wrong", "The kiosk's key has not signed this.") from error
    return key


def _draw_of(sale: OfflineSale, shown: WalletPass, kiosk_key: Ed25519PublicKey) -> dict[str, Any] | None:
    """Return a draw as the ticket tells it, for anybody to draw again; None where there is none, or not by this key."""
    if not sale.draw_nth:
        return None
    words = sale.draw(shown.pass_id).words()
    try:
        proof = content(sale.draw_proof)
        kiosk_key.verify(proof, words)
    except (ValueError, InvalidSignature):
        return None
    key = signs(kiosk_key.public_bytes_raw())
    told = {"roll": OfflineDraw.roll(proof), "chance_bp": shown.check_bp}
    return told | {"words": words.decode(), "proof": sale.draw_proof, "key": key}


def _payer(work: Work, shop: Shop, sale: OfflineSale, store_key: Ed25519PublicKey) -> tuple[WalletPass, Customer]:
    found = read_wallet_pass(sale.wallet_pass)
    wrong = FlowError("wallet_pass_wrong", "This pass is not one of this store.")
    if found is None or found[0].store_id != shop.store_id:
        raise wrong
    try:
        store_key.verify(found[1], found[0].words())
    except InvalidSignature as error:
        raise wrong from error
    customer_id = work.offline.owner_of_pass(found[0].pass_id)
    customer = None if customer_id is None else work.customers.get(customer_id)
    if customer is None:
        raise wrong
    return found[0], customer


def _charge(
    work: Work,
    shop: Shop,
    sale: OfflineSale,
    customer: Customer,
    caller: Caller,
    drawn: dict[str, Any] | None,
    *,
    at: datetime,
) -> Charged:
    age_check = "approved" if sale.age_verified else "not_needed"
    row = whole_row(shop, caller, sale.payment_id, sale.lines, at=at, age_check=age_check)
    found = priced(work, shop, row, at=min(sale.taken_at, at))
    tenders, owed_minor, borne_minor = _draw(work, shop, sale, customer, found, at=at)
    told = {"number": f"{caller.subject}-{sale.number}", "taken_at": instant(sale.taken_at)}
    quote = for_payment(shop, found) | {"offline": told if drawn is None else told | {"draw": drawn}}
    payment = PaymentRow(
        payment_id=sale.payment_id,
        basket_id=row.basket_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        customer_id=customer.customer_id,
        authentication_id=None,
        digest=found.quote.digest,
        amount_minor=found.quote.total.minor,
        currency=row.currency,
        payee=shop.payee,
        status=PAYMENT_TABLE.start.value,
        subject=masked(customer.name),
        phone_hash=customer.phone_hash,
        tenders=tenders,
        quote=quote,
        held_at=at,
        expires_at=at,
    )
    work.baskets.add(row)
    work.payments.add(payment)
    work.baskets.put(paying(row, payment.payment_id, at=at))
    return Charged(payment, owed_minor, borne_minor)


def _draw(
    work: Work, shop: Shop, sale: OfflineSale, customer: Customer, found: Priced, *, at: datetime
) -> tuple[tuple[dict[str, Any], ...], int, int]:
    """Set the money aside; return who paid what, what is owed, and what the store bears.

    The shopper's own money alone is drawn on: it is what the floor of the pass was measured by.
    """
    due, unit = found.quote.total, shop.currency
    if not due:
        return (), 0, 0
    wallet = main_account(customer.customer_id)
    borne_minor = max(0, due.minor - sale.amount_minor)
    own_minor = min(due.minor - borne_minor, work.ledger.balance_of(wallet))
    owed_minor = due.minor - borne_minor - own_minor
    parts = (
        (wallet, own_minor),
        (receivable_account(customer.customer_id), owed_minor),
        (funder_account(PROMISE), borne_minor),
    )
    held = hold(
        hold_id(sale.payment_id), sale.payment_id, due, [Tender(who, Money(minor, unit)) for who, minor in parts]
    )
    work.ledger.post([held], at=at)
    drawn = [{"account": one.debit.kind.value, "amount_minor": one.amount.minor} for one in held.postings]
    return tuple(drawn), owed_minor, borne_minor


def _transfers(work: Work, payment: PaymentRow) -> list[Any]:
    held = work.ledger.get(hold_id(payment.payment_id))
    if held is None:
        return []
    return [post(f"post:{payment.payment_id}", payment.payment_id, held, store=payment.store_id)]


def _tell_staff(
    work: Work,
    shop: Shop,
    sale: OfflineSale,
    payment: PaymentRow,
    charged: Charged,
    reasons: list[str],
    *,
    new_id: Callable[[], str],
    at: datetime,
) -> None:
    """Call somebody to what is owed, and to what is not as it should be."""
    ticket = (payment.receipt or {}).get("ticket") or {}
    detail: dict[str, Any] = {
        "payment_id": payment.payment_id,
        "ticket_number": ticket.get("number"),
        "masked": payment.payer,
        "total_minor": payment.amount_minor,
        "agreed_minor": sale.amount_minor,
    }
    calls: list[tuple[str, dict[str, Any]]] = []
    if charged.owed_minor:
        calls.append(("offline_debt", {"total_minor": charged.owed_minor}))  # what is to be taken
    if reasons:
        calls.append(("offline_check", {"code": ", ".join(reasons), "borne_minor": charged.borne_minor}))
    for kind, more in calls:
        open_intervention(
            work,
            intervention_id=new_id(),
            store_id=shop.store_id,
            kiosk_id=payment.kiosk_id,
            basket_id=payment.basket_id,
            line_id=None,
            kind=kind,
            detail=detail | more,
            at=at,
        )


def pay_debt(work: Work, shop: Shop, call: Intervention, amount_minor: int, *, at: datetime) -> None:
    """Write down that what was owed for a payment was paid at the desk, whole.

    Raises:
        FlowError: `amount_differs`: it is another amount than what is owed for this payment.
    """
    payment = work.payments.get(str(call.detail["payment_id"]))
    owed_minor = int(call.detail["total_minor"])
    if payment is None or payment.customer_id is None or amount_minor != owed_minor:
        raise FlowError("amount_differs", f"{owed_minor} is owed.", owed_minor=owed_minor)
    paid = Posting(
        till_account(payment.store_id), receivable_account(payment.customer_id), Money(owed_minor, shop.currency)
    )
    name = f"debt:{payment.payment_id}"
    work.ledger.post([Transfer(name, TransferKind.SALE, payment.payment_id, (paid,))], at=at)

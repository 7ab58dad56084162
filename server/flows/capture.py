"""The second step of a payment: hand the money over, or give it back."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from checkout import (
    BASKET_TABLE,
    PAYMENT_TABLE,
    AccountKind,
    BasketEvent,
    ExitPass,
    PaymentEvent,
    PaymentState,
    Transfer,
    currency,
    fund_coupons,
    main_account,
    post,
    void,
)
from checkout.errors import HoldExpiredError
from server.flows import cashback, coupons
from server.flows.altered import altered
from server.flows.baskets import label_json, tell_changed
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.intervene import close_calls
from server.flows.pay import hold_id
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow, TicketRow
from server.flows.purses import reissue
from server.flows.shop import Shop
from server.flows.tokens import token_hash
from server.flows.written import Written

EXIT_PREFIX = "SESAME:X:"
OF_PRICE = ("lines", "coupons", "vat", "gross_minor", "saved_minor", "rules", "offline", "counter")
"""What a ticket says of a payment's price; one that is held since an older version of this server has more."""


@dataclass(frozen=True, slots=True)
class Minted:
    """What chance gives to a payment.

    Attributes:
        payment_id: For a payment at the desk, which no kiosk has named.
        ticket_id: Opens the receipt to whoever has it, so nobody guesses it.
        exit_nonce: Makes the exit pass one of its kind.
        exit_seconds: How long it opens; 0 for what opens no gate, as nothing was carried past one.
        sign: Signs the exit pass with the store's key (Ed25519).
        trace_id: Of the request that pays, so that a ticket leads to its lines in the log; None when nobody asked.
    """

    payment_id: str
    ticket_id: str
    exit_nonce: str
    exit_seconds: int
    sign: Callable[[bytes], bytes]
    trace_id: str | None = None


def mint(
    new_id: Callable[[], str],
    new_token: Callable[[], str],
    *,
    exit_seconds: int,
    sign: Callable[[bytes], bytes],
    trace_id: str | None = None,
) -> Minted:
    """Draw what a payment needs."""
    return Minted(new_id(), new_id(), new_token(), exit_seconds, sign, trace_id)


def capture(work: Work, shop: Shop, payment_id: str, minted: Minted, *, at: datetime) -> PaymentRow:
    """Hand over what was set aside: ticket, exit code, a coupon for the next time; all of it once.

    Raises:
        HoldExpiredError: Its time is over; the sweeper gives the money back.
        FlowError: `payment_not_found`, `payment_ended`.
    """
    payment = _locked(work, payment_id)
    if payment.status == "captured":
        return payment
    if payment.status == "voided":
        raise FlowError("payment_ended", "The money of this payment was given back.", payment_id=payment_id)
    if at >= payment.expires_at:
        raise HoldExpiredError(payment_id, payment.expires_at)
    transfers = []
    if (held := work.ledger.get(hold_id(payment_id))) is not None:
        transfers.append(post(f"post:{payment_id}", payment_id, held, store=payment.store_id))
    return settle(work, shop, payment, transfers, minted, at=at)


def settle(
    work: Work, shop: Shop, payment: PaymentRow, transfers: list[Transfer], minted: Minted, *, at: datetime
) -> PaymentRow:
    """Post the money of a locked payment, redeem its coupons, and write its ticket.

    The store receives what the shopper paid, and from each campaign what its coupons took off (`fund_coupons`): so
    its sales are what the goods cost after promotions, and a campaign's account says what it has spent.
    """
    payment_id = payment.payment_id
    costs = coupons.redeem(work, payment_id, at)
    if any(minor for _, minor in costs):
        unit = currency(payment.currency)
        transfers = [
            *transfers,
            fund_coupons(f"coupon:{payment_id}", payment_id, costs, store=payment.store_id, unit=unit),
        ]
    issued = coupons.issue_on_ticket(
        work, payment.store_id, minted.ticket_id, payment.phone_hash, at, paid_minor=payment.amount_minor
    )
    earned, earned_words = cashback.earn(work, shop, payment, at=at)
    if earned is not None:
        transfers = [*transfers, earned]
    number = work.tickets.next_number(payment.store_id)
    _close_basket(work, payment, at=at)
    work.ledger.post(transfers, at=at)
    link = work.ledger.link(transfers[0].id) if transfers else None
    share_url = None if issued is None else issued.share_url
    issued_at = instant(at)
    late = {
        "ticket_id": minted.ticket_id,
        "number": number,
        "store": shop.name,
        "payee": payment.payee,
        "issued_at": issued_at,
        "currency": payment.currency,
        "total_minor": payment.amount_minor,
        "tenders": list(payment.tenders),
        "cashback": cashback.for_ticket(earned_words),
        "chain": None if link is None else {"position": link.position, "hash": link.hash},
        "demo_prices": shop.demo_prices,
        "trace_id": minted.trace_id,
        "coupon_share_url": share_url,
    }
    # Of an offline payment `quote` also has its number in the series of the kiosk that took it, and when that was.
    quote = payment.quote
    if isinstance(quote, Written):
        body: dict[str, Any] = quote.after(late)
    else:
        body = {name: quote[name] for name in OF_PRICE if name in quote} | late
    work.tickets.add(TicketRow(minted.ticket_id, payment.store_id, number, payment_id, body, at))
    receipt: dict[str, Any] = {
        "ticket": {
            "ticket_id": minted.ticket_id,
            "number": number,
            "url": f"/t/{minted.ticket_id}",
            "issued_at": issued_at,
        },
        "exit_code": _exit_code(work, payment, number, minted, at=at) if minted.exit_seconds else None,
        "coupon": None
        if issued is None
        else {
            "code": issued.code,
            "label": label_json(issued.label),
            "share_url": share_url,
            "expires_at": instant(issued.expires_at),
        },
        "cashback": earned_words,
        "balance_after_minor": None
        if payment.customer_id is None
        else work.ledger.balance_of(main_account(payment.customer_id)),
    }
    status = PAYMENT_TABLE.after(PaymentState(payment.status), PaymentEvent.POST).value
    work.payments.close(payment_id, status, at=at, receipt=receipt)
    told = {
        "basket_id": payment.basket_id,
        "payment_id": payment_id,
        # A phone stands under its owner's id, which is not for everybody who hears of sales.
        "kiosk_id": None if payment.kiosk_id == payment.customer_id else payment.kiosk_id,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
    }
    work.events.tell(payment.store_id, "payment.captured", told, at=at)
    return altered(payment, status=status, receipt=receipt, quote={})  # the ticket has it from now on


def _exit_code(work: Work, payment: PaymentRow, number: int, minted: Minted, *, at: datetime) -> dict[str, str]:
    expires_at = at + timedelta(seconds=minted.exit_seconds)
    exit_pass = ExitPass(payment.store_id, number, int(expires_at.timestamp()), minted.exit_nonce)
    exit_token = exit_pass.token(minted.sign(exit_pass.words()))
    work.tickets.add_exit(token_hash(exit_token), minted.ticket_id, expires_at=expires_at)
    return {"code": f"{EXIT_PREFIX}{exit_token}", "expires_at": instant(expires_at)}


def give_back(work: Work, payment_id: str, *, at: datetime) -> PaymentRow:
    """Give back what a payment has set aside: money, coupons and basket are as before it; closed ones stay closed."""
    payment = _locked(work, payment_id)
    if payment.status != "held":
        return payment
    coupons.release(work, payment_id, at)
    row = work.baskets.locked(payment.basket_id)
    if row is not None and row.payment_id == payment_id:
        state = BASKET_TABLE.after(row.state, BasketEvent.FAIL)
        row = replace(row, state=state, payment_id=None, version=row.version + 1, updated_at=at)
        work.baskets.put(row)
        tell_changed(work, row, at=at)
    if (held := work.ledger.get(hold_id(payment_id))) is not None:
        work.ledger.post([void(f"void:{payment_id}", payment_id, held)], at=at)
        for drawn in held.postings:
            if drawn.debit.kind is AccountKind.VOUCHER:
                reissue(work, drawn.debit.owner, at=at, also_over=False)  # a payment that failed buys no time
    status = PAYMENT_TABLE.after(PaymentState(payment.status), PaymentEvent.VOID).value
    work.payments.close(payment_id, status, at=at)
    return replace(payment, status=status)


def payment_json(payment: PaymentRow) -> dict[str, Any]:
    """Return a payment as it goes out. Nobody is named where nobody is known: at the desk."""
    nothing: dict[str, Any] = {"ticket": None, "exit_code": None, "coupon": None, "cashback": None}
    nothing["balance_after_minor"] = None
    return {
        "payment_id": payment.payment_id,
        "basket_id": payment.basket_id,
        "status": "failed" if payment.status == "voided" else payment.status,
        "amount_minor": payment.amount_minor,
        "currency": payment.currency,
        "subject": payment.payer,
        "tenders": list(payment.tenders),
        **(payment.receipt or nothing),
    }


def _locked(work: Work, payment_id: str) -> PaymentRow:
    if (payment := work.payments.locked(payment_id)) is None:
        raise FlowError("payment_not_found", "There is no such payment.", payment_id=payment_id)
    return payment


def _close_basket(work: Work, payment: PaymentRow, *, at: datetime) -> None:
    row = work.baskets.locked(payment.basket_id)
    if row is None:
        raise AssertionError("a payment without its basket")
    state = BASKET_TABLE.after(row.state, BasketEvent.SETTLE)
    work.baskets.put(altered(row, state=state, updated_at=at))
    close_calls(work, row.basket_id, at=at)

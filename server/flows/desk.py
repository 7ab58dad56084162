"""Pay at the desk: a member of staff takes cash or a card, and the basket is paid in one step."""

from datetime import datetime

from checkout import Posting, Transfer, TransferKind, sales_account, till_account
from server.flows import coupons
from server.flows.baskets import lock, show
from server.flows.capture import Minted, settle
from server.flows.pay import applied_coupons, check_payable, paying
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.shop import Shop

SUBJECT = "desk"


def pay_at_desk(
    work: Work, shop: Shop, basket_id: str, *, tender: str, by: str, at: datetime, minted: Minted
) -> PaymentRow:
    """Write down that a basket was paid at the desk, by its price of now.

    Args:
        work: The transaction.
        shop: The shop.
        basket_id: What was paid.
        tender: `cash` or `card`.
        by: Who took it.
        at: Now.
        minted: Ids and tokens for the payment.

    Raises:
        AgeCheckRequiredError: A person has yet to look.
        FlowError: `basket_not_found`, `basket_empty`, `basket_closed`, `basket_paying`.
    """
    row = lock(work, basket_id)
    found = check_payable(work, shop, row, at=at)
    coupons.reserve(work, minted.payment_id, applied_coupons(found), at)
    due = found.quote.total
    payment = PaymentRow(
        payment_id=minted.payment_id,
        basket_id=basket_id,
        store_id=row.store_id,
        kiosk_id=row.kiosk_id,
        customer_id=None,
        authentication_id=None,
        digest=found.quote.digest,
        amount_minor=due.minor,
        currency=row.currency,
        payee=shop.payee,
        status="held",
        subject=SUBJECT,
        phone_hash=None,
        tenders=({"account": "till", "tender": tender, "amount_minor": due.minor},) if due else (),
        quote=show(shop, found),
        held_at=at,
        expires_at=at,
    )
    work.payments.add(payment)
    work.baskets.put(paying(row, payment.payment_id, at=at))
    work.events.record(by, f"desk.{tender}", basket_id, at=at)
    transfers = []
    if due:
        posting = Posting(till_account(row.store_id), sales_account(row.store_id), due)
        transfers.append(Transfer(f"sale:{payment.payment_id}", TransferKind.SALE, payment.payment_id, (posting,)))
    return settle(work, shop, payment, transfers, minted, at=at)

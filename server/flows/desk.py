"""Pay at the desk: a member of staff takes cash or a card, and the basket is paid in one step."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkout import PAYMENT_TABLE, BasketState, Posting, Shown, Transfer, TransferKind, sales_account, till_account
from server.flows import coupons
from server.flows.baskets import MAY_CHANGE, find, for_payment, lock, priced
from server.flows.capture import Minted, settle
from server.flows.coupon_rules import Bearer
from server.flows.errors import FlowError
from server.flows.intervene import intervention_json
from server.flows.pay import applied_coupons, check_payable, paying
from server.flows.ports import Caller, Work
from server.flows.ports.payments import PaymentRow
from server.flows.shop import Shop


@dataclass(frozen=True, slots=True)
class Seen:
    """What an attendant took money for.

    Attributes:
        digest: Of the basket, as the call shows it; empty where it never did.
        amount_minor: What stood on the attendant's own screen.
    """

    digest: str
    amount_minor: int


def desk_detail(work: Work, shop: Shop, basket_id: str, caller: Caller | None, *, at: datetime) -> dict[str, Any]:
    """Return what a call to the desk shows: amount, signs and digest as the server reckons them, never as told.

    Raises:
        FlowError: `basket_not_found`; `basket_closed`: there is nothing to pay any more.
    """
    row = find(work, basket_id, caller)
    if row.state not in {*MAY_CHANGE, BasketState.PAYING}:
        raise FlowError("basket_closed", f"This basket is {row.state}.", state=row.state.value)
    quote = priced(work, shop, row, at=at).quote
    return {"total_minor": quote.total.minor, "emoji": list(quote.emoji), "digest": quote.digest}


def show_anew(work: Work, shop: Shop, intervention_id: str, *, at: datetime) -> None:
    """Let a call to the desk show what its basket costs now, and tell the staff."""
    call = work.interventions.get(intervention_id)
    if call is None or call.basket_id is None:
        return
    call = replace(call, detail=call.detail | desk_detail(work, shop, call.basket_id, None, at=at))
    work.interventions.describe(intervention_id, call.detail)
    work.events.tell(call.store_id, "intervention.changed", intervention_json(call), at=at)


def pay_at_desk(
    work: Work, shop: Shop, basket_id: str, *, seen: Seen, tender: str, by: str, at: datetime, minted: Minted
) -> PaymentRow:
    """Write down that a basket was paid at the desk, if it is still the one whose price was asked for.

    Args:
        work: The transaction.
        shop: The shop.
        basket_id: What was paid.
        seen: What the attendant was shown and has taken.
        tender: `cash` or `card`.
        by: Who took it.
        at: Now.
        minted: Ids and tokens for the payment.

    Raises:
        BasketChangedError: Goods or amount are not what the attendant saw; nothing is paid.
        AgeCheckRequiredError: A person has yet to look.
        FlowError: `basket_not_found`, `basket_empty`, `basket_closed`, `basket_paying`.
    """
    row = lock(work, basket_id)
    found = check_payable(work, shop, row, at=at)
    Shown(seen.digest, seen.amount_minor).demand(Shown(found.quote.digest, found.quote.total.minor), at=at)
    applied, shown_hash = applied_coupons(found), row.member_phone_hash
    coupons.demand_person(work, found.coupons, applied, shown_hash, None)
    coupons.reserve(work, minted.payment_id, applied, Bearer(row.store_id, shown_hash), at)
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
        status=PAYMENT_TABLE.start.value,
        subject="",
        phone_hash=shown_hash,
        tenders=({"account": "till", "tender": tender, "amount_minor": due.minor},) if due else (),
        quote=for_payment(shop, found),
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

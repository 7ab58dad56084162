"""Leave with everything erased: the money is paid out first, the rest is given up knowingly, and then nobody is left.

What stays is what the law asks of a shop: tickets and the ledger, ten years (Code de commerce, L123-22), under a number
that stands for nobody; that somebody had agreed to a face, and when they withdrew it (GDPR, article 7(1)); and the
receipt of the erasure. The rest, and every way from a phone number to what was bought, goes at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from checkout import (
    Currency,
    Money,
    Posting,
    Transfer,
    TransferKind,
    cashback_account,
    funder_account,
    main_account,
    receivable_account,
    till_account,
    voucher_account,
)
from server.flows.errors import FlowError
from server.flows.forget import erase
from server.flows.intervene import open_intervention
from server.flows.limits import Bound
from server.flows.open_account import unclosed_account
from server.flows.ports import Work
from server.flows.ports.help import Intervention
from server.flows.ports.people import Customer, Erasure
from server.flows.shop import Shop

PAY_OUT = "pay_out"
AT_DESK = "desk"
"""Where a call waits that belongs to no kiosk."""
GIVEN_UP = "given-up"
"""Who has what a leaving shopper gave up."""
PENDING = timedelta(hours=24)
"""As long as a pass pays without the network, and longer than a bank takes to say that a card has paid."""
ASKS = Bound("pay-outs", 5, timedelta(hours=24))


@dataclass(frozen=True, slots=True)
class Left:
    """What lies in an account when its owner wants to leave, in minor units.

    Attributes:
        balance_minor: Their own money, which is paid out first.
        given_up_minor: Cashback and restricted credit, which cannot be.
        owed_minor: Of a payment without the network.
        coupons: That nobody has used yet.
        is_busy: Whether a payment, a top-up or a pass may still move something.
    """

    balance_minor: int
    given_up_minor: int
    owed_minor: int
    coupons: int
    is_busy: bool


def left_in(work: Work, customer_id: str, *, at: datetime) -> Left:
    """Return what lies in an account.

    Raises:
        FlowError: `shopper_unknown`.
    """
    customer, balance_of = unclosed_account(work, customer_id), work.ledger.balance_of
    # Before the balances: what ends between two questions, as money that comes back, is seen by one of them.
    held = any(payment.status == "held" for payment in work.payments.of_customer(customer_id))
    is_busy = held or work.idle_accounts.is_moving(customer_id, since=at - PENDING)
    vouchers = sum(balance_of(voucher_account(one.purse_id)) for one in work.purses.of(customer.phone_hash))
    coupons = [one for one in work.coupons.held_by(customer.phone_hash) if one.state in {"issued", "shared"}]
    return Left(
        balance_minor=balance_of(main_account(customer_id)),
        given_up_minor=balance_of(cashback_account(customer_id)) + vouchers,
        owed_minor=max(0, -balance_of(receivable_account(customer_id))),
        coupons=sum(one.expires_at > at for one in coupons),
        is_busy=is_busy,
    )


def ask_pay_out(work: Work, shop: Shop, customer_id: str, payout_id: str, *, code: str, at: datetime) -> Intervention:
    """Call the desk to hand out the whole balance to whoever shows this code; the same id again is the same call.

    Raises:
        FlowError: `shopper_unknown`; `pay_out_nothing`; `account_busy`; `too_many_requests`.
    """
    work.customers.lock_row(customer_id)
    known = work.interventions.get(payout_id)
    if known is not None and (known.type, known.detail.get("customer_id")) == (PAY_OUT, customer_id):
        return known
    left = left_in(work, customer_id, at=at)
    if not left.balance_minor:
        raise FlowError("pay_out_nothing", "There is no money to pay out.")
    _demand_still(left)
    ASKS.count(work, customer_id, at=at)
    detail = {"total_minor": left.balance_minor, "sign": code, "customer_id": customer_id}  # no name: it would stay
    return open_intervention(
        work,
        intervention_id=payout_id,
        store_id=shop.store_id,
        kiosk_id=AT_DESK,
        basket_id=None,
        line_id=None,
        kind=PAY_OUT,
        detail=detail,
        at=at,
    )


def pay_out(work: Work, shop: Shop, call: Intervention, amount_minor: int, *, at: datetime) -> None:
    """Write down that the desk handed a balance out, whole.

    Raises:
        FlowError: `amount_differs`: the wallet holds another amount by now.
    """
    customer_id = str(call.detail["customer_id"])
    work.customers.lock_row(customer_id)
    held_minor = work.ledger.balance_of(main_account(customer_id))
    if not amount_minor == held_minor == int(call.detail["total_minor"]):
        raise FlowError("amount_differs", f"{held_minor} is in the wallet.", owed_minor=held_minor)
    held = Money(held_minor, shop.currency)
    hand_out(work, f"payout:{call.intervention_id}", customer_id, held, store_id=shop.store_id, at=at)


def hand_out(work: Work, name: str, customer_id: str, amount: Money, *, store_id: str, at: datetime) -> None:
    """Pay money of a wallet out of the till, in cash."""
    given = Posting(main_account(customer_id), till_account(store_id), amount)
    work.ledger.post([Transfer(name, TransferKind.PAYOUT, customer_id, (given,))], at=at)


def close_account(
    work: Work, shop: Shop, customer_id: str, closing_id: str, *, gives_up_minor: int, at: datetime
) -> Erasure:
    """Erase a shopper: face, name, number, PIN, diary, sessions, household, and what leads from the number anywhere.

    Args:
        work: The transaction.
        shop: The store.
        customer_id: Whose account it is.
        closing_id: Names the receipt, which anybody who has it may read.
        gives_up_minor: What the shopper was shown that they give up.
        at: Now.

    Raises:
        FlowError: `shopper_unknown`; `account_not_empty`; `account_owes`; `account_busy`; `account_changed`: another
            amount would be given up than was shown; `erasure_not_found` when the id is of another receipt.
    """
    work.customers.lock_row(customer_id)
    left = left_in(work, customer_id, at=at)
    if left.balance_minor:
        raise FlowError("account_not_empty", "Money is in the wallet.", balance_minor=left.balance_minor)
    if left.owed_minor:
        raise FlowError("account_owes", "A payment is not paid yet.", owed_minor=left.owed_minor)
    _demand_still(left)
    if gives_up_minor != left.given_up_minor:
        raise FlowError("account_changed", "Another amount lies there by now.", given_up_minor=left.given_up_minor)
    customer = unclosed_account(work, customer_id)
    give_up(work, f"given-up:{closing_id}", customer, shop.currency, business_id=closing_id, at=at)
    receipt = erase(work, customer_id, erasure_id=closing_id, store_id=shop.store_id, at=at)
    work.households.leave(customer.phone_hash)
    work.sessions.end_all("shopper", customer_id, at=at)
    work.idle_accounts.close(customer_id, at=at)
    work.events.record("customer", "account.erased", customer_id, at=at)
    return receipt


def give_up(work: Work, name: str, customer: Customer, unit: Currency, *, business_id: str, at: datetime) -> None:
    """Move what cannot be paid out to where the books show it; what a sponsor gave goes back when it would have ended.

    Restricted credit stays in its purse, which belongs to nobody from now on, until its batch is called back.
    """
    minor = work.ledger.balance_of(cashback_account(customer.customer_id))
    if minor:
        gone = Posting(cashback_account(customer.customer_id), funder_account(GIVEN_UP), Money(minor, unit))
        work.ledger.post([Transfer(name, TransferKind.PAYOUT, business_id, (gone,))], at=at)


def take_up(work: Work, name: str, customer: Customer, unit: Currency, *, business_id: str, at: datetime) -> None:
    """Put back into a purse what `give_up` took out of it: goods that come back take their cashback from there.

    Nothing else leaves a cashback purse by a payout, so that its newest entry says whether something was given up.
    """
    purse = cashback_account(customer.customer_id)
    (newest,) = work.ledger.entries_of(purse, 1) or (None,)
    if newest is not None and newest.kind == TransferKind.PAYOUT.value:
        back = Posting(funder_account(GIVEN_UP), purse, Money(-newest.amount_minor, unit))
        work.ledger.post([Transfer(name, TransferKind.PAYOUT, business_id, (back,))], at=at)


def _demand_still(left: Left) -> None:
    if left.is_busy:
        raise FlowError("account_busy", "A payment, a top-up or a pass may still move something.")

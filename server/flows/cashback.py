"""Cashback at the till: what a payment earns and who pays which part; what a refund takes back.

It is earned on what the shopper pays with their own money, not on cashback or vouchers. A funder whose budget is spent
pays what is left of it; a sale never fails because a funder has run dry.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from checkout import (
    AccountId,
    Cashback,
    CashbackRule,
    Funder,
    Money,
    Posting,
    Transfer,
    TransferKind,
    cashback_account,
    cashback_on,
    currency,
    funder_account,
    main_account,
    taken_back,
)
from checkout.cashback import grant
from server.flows.days import day_of
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.payments import PaymentRow
from server.flows.ports.wallet import FunderRow, ProgrammeRow
from server.flows.shop import Shop

OWN = "main"
"""The tender that earns."""


def programme_malformed(rate_bp: int, yearly_cap_minor: int, funders: Sequence[FunderRow]) -> list[dict[str, str]]:
    """Return every field of a programme that must be mended, with the way out."""
    ids = [funder.funder_id for funder in funders]
    rows = [
        (not 0 < rate_bp <= MAX_RATE_BP, "rate_bp", "it is no share of a purchase", f"Choose 1 to {MAX_RATE_BP}."),
        (yearly_cap_minor <= 0, "yearly_cap_minor", "nobody could earn anything", "Choose at least 1."),
        (not funders, "funders", "nobody pays", "Name at least one, with a weight and a budget."),
        (len(set(ids)) < len(ids), "funders", "two of them bear one id", "Give each an id of its own."),
    ]
    for n, funder in enumerate(funders):
        words = all(funder.name.get(locale, "").strip() for locale in ("fr", "en", "zh"))
        rows += [
            (not words, f"funders.{n}.name", "it is empty", "Say who pays in every language."),
            (funder.weight < 1, f"funders.{n}.weight", "they would pay nothing", "Choose at least 1."),
            (funder.budget_minor < 0, f"funders.{n}.budget_minor", "it is below zero", "Choose 0 or more."),
        ]
    return [{"field": field, "message": why, "fix": fix} for applies, field, why, fix in rows if applies]


def demand_programme(work: Work, wanted: ProgrammeRow, *, by: str, at: datetime) -> ProgrammeRow:
    """Write a programme anew, if it can work, and return it with what was spent.

    Raises:
        FlowError: `cashback_malformed` with every field that must be mended; a budget below what is spent is one.
    """
    problems = programme_malformed(wanted.rate_bp, wanted.yearly_cap_minor, wanted.funders)
    spent = work.cashback.locked_spent(wanted.store_id)
    problems += [
        {
            "field": f"funders.{n}.budget_minor",
            "message": f"{spent[funder.funder_id]} of it are spent",
            "fix": f"Choose at least {spent[funder.funder_id]}.",
        }
        for n, funder in enumerate(wanted.funders)
        if 0 <= funder.budget_minor < spent.get(funder.funder_id, 0)
    ]
    if problems:
        raise FlowError("cashback_malformed", f"{len(problems)} fields must be mended.", errors=problems)
    work.cashback.put(wanted)
    work.events.record(by, "cashback.written", wanted.store_id, at=at)
    work.events.tell(wanted.store_id, "cashback.changed", {}, at=at)
    return work.cashback.programme(wanted.store_id) or wanted


MAX_RATE_BP = 5000
"""Half of a purchase: above it a slip of the decimal point is likelier than an intention."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a payment of so much would earn, before it is made.

    Attributes:
        left_this_year_minor: What the yearly cap still leaves after it.
        is_near_cap: Whether the shopper is told so.
    """

    rate_bp: int
    earn_minor: int
    left_this_year_minor: int
    is_near_cap: bool


def outlook(work: Work, shop: Shop, customer_id: str, own_minor: int, *, at: datetime) -> Outlook | None:
    """Return what paying `own_minor` would earn, to be shown before paying (S0.12); None where nothing is earned."""
    if (programme := shop.cashback) is None:
        return None
    got = Money(work.cashback.got_in(customer_id, shop.store_id, _year(shop, at)), shop.currency)
    would = cashback_on(Money(own_minor, shop.currency), _rule(programme), got_this_year=got)
    left_minor = max(0, programme.yearly_cap_minor - got.minor - would.total.minor)
    return Outlook(programme.rate_bp, would.total.minor, left_minor, would.is_near_cap)


def earn(work: Work, shop: Shop, payment: PaymentRow, *, at: datetime) -> tuple[Transfer | None, dict[str, Any] | None]:
    """Give a captured payment its cashback, within the yearly cap and the funders' budgets.

    Returns:
        The transfer to be posted with the payment's own, and the words for its ticket; None where nothing is earned.
    """
    own_minor = sum(each["amount_minor"] for each in payment.tenders if each["account"] == OWN)
    if (programme := shop.cashback) is None or payment.customer_id is None or not own_minor:
        return None, None
    year = _year(shop, at)
    got = Money(work.cashback.lock_year(payment.customer_id, payment.store_id, year), shop.currency)
    promised = cashback_on(Money(own_minor, shop.currency), _rule(programme), got_this_year=got)
    earned = _funded(work, payment.store_id, promised)
    if earned.total:
        work.cashback.count(payment.customer_id, payment.store_id, year, earned.total.minor)
    names = {funder.funder_id: dict(funder.name) for funder in programme.funders}
    words = {
        "total_minor": earned.total.minor,
        "base_minor": own_minor,
        "year": year,
        "parts": [
            {"funder_id": account.owner, "name": names[account.owner], "amount_minor": amount.minor}
            for account, amount in earned.parts
            if amount
        ],
        "cut_minor": earned.cut_minor,
        "is_near_cap": earned.is_near_cap,
        "left_this_year_minor": max(0, programme.yearly_cap_minor - got.minor - earned.total.minor),
    }
    to = cashback_account(payment.customer_id)
    transfer = grant(f"cashback:{payment.payment_id}", payment.payment_id, earned, to=to) if earned.total else None
    return transfer, words


PRIVATE = ("cut_minor", "is_near_cap", "left_this_year_minor")
"""What only the shopper at the kiosk is told: a ticket is read by whoever holds its link."""


def for_ticket(words: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return what a ticket says about cashback: how much, and who paid which part."""
    return None if words is None else {name: fact for name, fact in words.items() if name not in PRIVATE}


def lock_for_refund(work: Work, payment: PaymentRow, ticket: Mapping[str, Any]) -> None:
    """Take the rows that `take_back` changes, in the order of a sale: year, then funders, before the store's number."""
    words = ticket.get("cashback")
    if words is not None and payment.customer_id is not None:
        work.cashback.lock_year(payment.customer_id, payment.store_id, words["year"])
        work.cashback.locked_spent(payment.store_id)


def take_back(
    work: Work, payment: PaymentRow, ticket: Mapping[str, Any], refund_id: str, *, before_minor: int, now_minor: int
) -> tuple[Transfer | None, dict[str, Any] | None]:
    """Take back the cashback of goods that come back.

    It is taken from the cashback purse; what was spent of it already is kept back from the refund, which has just
    reached the wallet and is never less.

    Args:
        work: The transaction; it holds the customer's row and those of `lock_for_refund`, and the refund itself is
            posted first.
        payment: What is refunded.
        ticket: Its body.
        refund_id: The refund.
        before_minor: What went back to the shopper's own money earlier.
        now_minor: What goes back to it now.
    """
    words = ticket.get("cashback")
    if words is None or payment.customer_id is None or not now_minor or not words["total_minor"]:
        return None, None
    unit = currency(payment.currency)
    parts = [(funder_account(each["funder_id"]), Money(each["amount_minor"], unit)) for each in words["parts"]]
    base, before, now = (Money(minor, unit) for minor in (words["base_minor"], before_minor, now_minor))
    back = [(account, amount) for account, amount in taken_back(parts, base=base, before=before, now=now) if amount]
    total_minor = sum(amount.minor for _, amount in back)
    if not total_minor:
        return None, None
    for account, amount in sorted(back):
        work.cashback.give_back(payment.store_id, account.owner, amount.minor)
    work.cashback.count(payment.customer_id, payment.store_id, words["year"], -total_minor)
    purse_minor = min(total_minor, work.ledger.balance_of(cashback_account(payment.customer_id)))
    sources = [(cashback_account(payment.customer_id), purse_minor)]
    sources.append((main_account(payment.customer_id), total_minor - purse_minor))
    postings = tuple(_postings(sources, back))
    transfer = Transfer(f"cashback-back:{refund_id}", TransferKind.CASHBACK, payment.payment_id, postings)
    return transfer, {
        "total_minor": total_minor,
        "from_cashback_minor": purse_minor,
        "from_wallet_minor": total_minor - purse_minor,
    }


def _postings(sources: list[tuple[AccountId, int]], back: list[tuple[AccountId, Money]]) -> list[Posting]:
    """Fill what each funder gets back from the sources, in their order."""
    postings = []
    left = dict(sources)
    for to, amount in back:
        due = amount.minor
        for account, _ in sources:
            drawn = min(due, left[account])
            if drawn:
                postings.append(Posting(account, to, Money(drawn, amount.currency)))
                left[account] -= drawn
                due -= drawn
    return postings


def _funded(work: Work, store_id: str, promised: Cashback) -> Cashback:
    """Take each part out of its funder's budget, in the order of their ids, and return what was there."""
    taken = {
        account: work.cashback.take(store_id, account.owner, amount.minor) if amount else 0
        for account, amount in sorted(promised.parts)
    }
    unit = promised.total.currency
    parts = tuple((account, Money(taken[account], unit)) for account, _ in promised.parts)
    return replace(promised, total=Money(sum(taken.values()), unit), parts=parts)


def _rule(programme: ProgrammeRow) -> CashbackRule:
    funders = tuple(Funder(funder_account(each.funder_id), each.weight) for each in programme.funders)
    return CashbackRule(programme.rate_bp, funders, programme.yearly_cap_minor)


def _year(shop: Shop, at: datetime) -> int:
    return day_of(at, shop.timezone).year

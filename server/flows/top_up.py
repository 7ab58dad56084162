"""Top a wallet up: start, ask the provider between two transactions, credit when its notice comes, once.

The notice is the only thing that credits, and it may come twice or late: the row of the top-up says whether it was.
"""

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from checkout.ledger import PSP_SANDBOX, Posting, Transfer, TransferKind, main_account
from checkout.money import Money, currency
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.help import TopUp

MIN_MINOR, MAX_MINOR = 100, 50_000
"""1.00 to 500.00: below, fees eat it; above, a bank asks questions that a sandbox cannot answer."""


class TopUpProvider(Protocol):
    """Whoever takes money from a card. Called outside of every transaction."""

    def charge(self, topup_id: str, amount_minor: int, currency_code: str) -> str:
        """Take the money, once for each id however often it is asked, and return the provider's own reference."""
        ...


class SandboxProvider:
    """A provider that always says yes and moves no real money; every page says so."""

    def charge(self, topup_id: str, amount_minor: int, currency_code: str) -> str:
        """Return a reference that is the same for the same top-up."""
        return f"sandbox:{topup_id}:{amount_minor}{currency_code}"


def start_top_up(
    work: Work, *, topup_id: str, customer_id: str, amount_minor: int, currency_code: str, at: datetime
) -> TopUp:
    """Write down what is about to be asked of the provider; the same id again is the same top-up.

    Raises:
        FlowError: `topup_out_of_range`; `topup_exists` when the id belongs to another top-up.
    """
    if not MIN_MINOR <= amount_minor <= MAX_MINOR:
        raise FlowError(
            "topup_out_of_range",
            f"A top-up is {MIN_MINOR} to {MAX_MINOR} minor units.",
            low_minor=MIN_MINOR,
            high_minor=MAX_MINOR,
        )
    started = TopUp(topup_id, customer_id, amount_minor, currency_code, "started", None, at, None)
    if work.topups.add(started):
        return started
    before = work.topups.get(topup_id)
    if before is None or (before.customer_id, before.amount_minor) != (customer_id, amount_minor):
        raise FlowError("topup_exists", "This id belongs to another top-up.")
    return before


def credit_top_up(work: Work, topup_id: str, provider_ref: str, *, at: datetime) -> TopUp:
    """Take the provider's notice: credit the wallet, unless an earlier notice did.

    Raises:
        FlowError: `topup_not_found`.
    """
    topup = work.topups.get(topup_id)
    if topup is None:
        raise FlowError("topup_not_found", "There is no such top-up.")
    if work.topups.credit(topup_id, provider_ref, at=at):
        amount = Money(topup.amount_minor, currency(topup.currency))
        posting = Posting(PSP_SANDBOX, main_account(topup.customer_id), amount)
        work.ledger.post([Transfer(f"topup:{topup_id}", TransferKind.TOPUP, topup_id, (posting,))], at=at)
        return replace(topup, status="credited", provider_ref=provider_ref, credited_at=at)
    return work.topups.get(topup_id) or topup

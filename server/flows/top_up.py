"""Top a wallet up: ask the provider between two transactions, and let nothing but its signed notices move money.

Notices come twice, late, and in any order. So each is kept as a fact under a key of its own, and what the wallet should
have got follows from all facts together: what was paid, less what was refunded and what a bank took back. The ledger is
then moved to that sum, whatever came first. What cannot be taken back, because it is spent, is written down as missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from checkout.ledger import AccountId, AccountKind, Posting, Transfer, TransferKind, main_account
from checkout.money import Money, currency
from server.flows.errors import FlowError
from server.flows.open_account import unclosed_account
from server.flows.ports import Work
from server.flows.ports.help import TopUp

MIN_MINOR, MAX_MINOR = 100, 50_000
"""1.00 to 500.00: below, fees eat it; above, a bank asks questions that a wallet of a shop cannot answer."""


class FactKind(StrEnum):
    """What a provider tells of a top-up."""

    PAID = "paid"
    FAILED = "failed"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    REINSTATED = "reinstated"


class TopUpState(StrEnum):
    """Where a top-up stands: never stepped to, always read from the facts, as they come in any order."""

    STARTED = "started"
    CREDITED = "credited"
    FAILED = "failed"
    MISMATCH = "mismatch"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Begun:
    """What a provider answers: its reference, where the shopper pays, and what is paid already (the sandbox)."""

    reference: str
    pay_url: str | None
    paid: "Fact | None"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is so, from a notice.

    Attributes:
        ref: The provider's name of it: the same fact twice bears the same.
        amount_minor: Of refunds the sum so far.
        payment_ref: The provider's payment, by which a notice finds a top-up that it does not name.
    """

    kind: FactKind
    ref: str
    amount_minor: int
    currency: str
    payment_ref: str | None
    topup_id: str | None


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was signed; without a fact it is about nothing that we keep."""

    notice_id: str
    fact: Fact | None


class TopUpProvider(Protocol):
    """Whoever takes money from a card. Called outside of every transaction."""

    name: str
    is_sandbox: bool

    def begin(self, topup_id: str, amount_minor: int, currency_code: str, *, back_url: str) -> Begun:
        """Begin taking the money, once for each id however often it is asked."""
        ...

    def read_notice(self, payload: bytes, headers: Mapping[str, str]) -> Notice:
        """Return what a notice says after checking that the provider sent it."""
        ...


class SandboxProvider(TopUpProvider):
    """A provider that always says yes and moves no real money; every page says so."""

    name = "sandbox"
    is_sandbox = True

    def begin(self, topup_id: str, amount_minor: int, currency_code: str, *, back_url: str) -> Begun:  # noqa: ARG002 - the port's signature
        """Say at once that it is paid, by a reference that is the same for the same top-up."""
        reference = f"sandbox:{topup_id}:{amount_minor}{currency_code}"
        return Begun(reference, None, Fact(FactKind.PAID, reference, amount_minor, currency_code, reference, topup_id))

    def read_notice(self, payload: bytes, headers: Mapping[str, str]) -> Notice:  # noqa: ARG002 - the port's signature
        """Take no notice from outside: whoever could send one could make money.

        Raises:
            FlowError: `notice_forged`, always.
        """
        raise FlowError("notice_forged", "The sandbox sends no notices.")


def start_top_up(
    work: Work, *, topup_id: str, customer_id: str, amount_minor: int, currency_code: str, provider: str, at: datetime
) -> TopUp:
    """Write down what is about to be asked of the provider; the same id again is the same top-up.

    Raises:
        FlowError: `topup_out_of_range`; `shopper_unknown`; `topup_exists` when the id belongs to another top-up.
    """
    if not MIN_MINOR <= amount_minor <= MAX_MINOR:
        raise FlowError(
            "topup_out_of_range",
            f"A top-up is {MIN_MINOR} to {MAX_MINOR} minor units.",
            low_minor=MIN_MINOR,
            high_minor=MAX_MINOR,
        )
    work.customers.lock_row(customer_id)
    unclosed_account(work, customer_id)  # or nobody would have the money
    started = TopUp(topup_id, customer_id, amount_minor, currency_code, "started", None, at, None, provider)
    if work.topups.add(started):
        return started
    before = work.topups.get(topup_id)
    if before is None or (before.customer_id, before.amount_minor) != (customer_id, amount_minor):
        raise FlowError("topup_exists", "This id belongs to another top-up.")
    return before


def take_fact(work: Work, fact: Fact, *, provider: str, store_id: str, at: datetime) -> TopUp:
    """Keep a fact and move the ledger to where all facts together say it should be; the same fact again moves nothing.

    Raises:
        FlowError: `topup_not_found`: no top-up of this provider is meant; the provider sends it again later.
    """
    topup_id = fact.topup_id or (work.topups.by_reference(fact.payment_ref) if fact.payment_ref else None)
    topup = work.topups.locked(topup_id) if topup_id else None
    if topup is None or topup.provider != provider:
        raise FlowError("topup_not_found", "There is no such top-up.")
    work.topups.keep_fact(topup.topup_id, fact.kind.value, fact.ref, fact.amount_minor, fact.currency, at=at)
    facts = work.topups.facts(topup.topup_id)
    strange = any(
        kind == FactKind.PAID and (minor, code) != (topup.amount_minor, topup.currency) for kind, minor, code in facts
    )
    # Another amount than was agreed is nobody's wish: a person looks, and the wallet waits.
    owed_minor = 0 if strange else max(0, _net(facts))
    now = _move(work, topup, owed_minor, at=at)
    now = replace(
        now,
        status=_state(facts, now, strange=strange).value,
        provider_ref=fact.payment_ref or topup.provider_ref,
        credited_at=topup.credited_at or (at if now.posted_minor else None),
    )
    if now != topup:
        work.topups.put(now)
    if now.status != topup.status or now.missing_minor != topup.missing_minor:
        # What a person must look at stands in the audit log; its reason is plain numbers, nothing of the shopper.
        if strange or now.missing_minor:
            reason = f"paid otherwise: {facts}" if strange else f"missing {now.missing_minor}"
            work.events.record(provider, f"topup.{now.status}", topup.topup_id, at=at, reason=reason)
        work.events.tell(store_id, "topup.changed", {"topup_id": topup.topup_id, "status": now.status}, at=at)
    return now


Facts = list[tuple[str, int, str]]


def _net(facts: Facts) -> int:
    signs = {FactKind.PAID: 1, FactKind.REINSTATED: 1, FactKind.REFUNDED: -1, FactKind.DISPUTED: -1}
    return sum(signs.get(FactKind(kind), 0) * minor for kind, minor, _ in facts)


def _state(facts: Facts, now: TopUp, *, strange: bool) -> TopUpState:
    kinds = {kind for kind, _, _ in facts}
    if strange:
        return TopUpState.MISMATCH
    if FactKind.PAID not in kinds:
        return TopUpState.FAILED if FactKind.FAILED in kinds else TopUpState.STARTED
    return TopUpState.CREDITED if now.posted_minor > 0 and _net(facts) > 0 else TopUpState.TAKEN_BACK


def _move(work: Work, topup: TopUp, owed_minor: int, *, at: datetime) -> TopUp:
    """Post what is between the ledger and the facts; what is spent already cannot be taken and is missing."""
    wallet, psp = main_account(topup.customer_id), AccountId(AccountKind.PSP, topup.provider)
    change = owed_minor - topup.posted_minor
    if change < 0:
        work.customers.lock_row(topup.customer_id)  # no payment spends what is just taken back
        change = -min(-change, work.ledger.balance_of(wallet))
    if change:
        amount = Money(abs(change), currency(topup.currency))
        posting = Posting(psp, wallet, amount) if change > 0 else Posting(wallet, psp, amount)
        name = f"topup:{topup.topup_id}" if topup.moves == 0 else f"topup:{topup.topup_id}:{topup.moves}"
        work.ledger.post([Transfer(name, TransferKind.TOPUP, topup.topup_id, (posting,))], at=at)
    posted_minor = topup.posted_minor + change
    return replace(
        topup,
        posted_minor=posted_minor,
        missing_minor=max(0, posted_minor - owed_minor),
        moves=topup.moves + bool(change),
    )

"""Credit for many people by a sponsor: written down, funded in full, sent at once, what is unspent called back (WA5).

All or nothing at each step: a list with one fault is not kept, a batch that is funded by a cent too little sends
nothing, and sending is one transfer of the ledger. What people do with it the sponsor learns only as sums over many.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from checkout import (
    PSP_SANDBOX,
    Money,
    Posting,
    Transfer,
    TransferKind,
    TransitionTable,
    currency,
    sponsor_account,
    voucher_account,
)
from server.flows.credit_file import SHOWN, CreditFile
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.wallet import BatchRow, PurseRow, Spent

MIN_GROUP = 20
"""No sum over fewer people is told: below it a sponsor could guess who bought what (product.md, segments of 20)."""


class BatchState(StrEnum):
    """Where a batch of credit stands."""

    DRAFT = "draft"
    FUNDED = "funded"
    SENT = "sent"
    CLOSED = "closed"


class BatchEvent(StrEnum):
    """What a sponsor does with a batch; `recall` takes back what is unspent, or drops what was not sent."""

    FUND = "fund"
    SEND = "send"
    RECALL = "recall"


BATCH_TABLE = TransitionTable(
    name="credit-batch",
    start=BatchState.DRAFT,
    rows={
        (BatchState.DRAFT, BatchEvent.FUND): BatchState.FUNDED,
        (BatchState.DRAFT, BatchEvent.RECALL): BatchState.CLOSED,
        (BatchState.FUNDED, BatchEvent.SEND): BatchState.SENT,
        (BatchState.FUNDED, BatchEvent.RECALL): BatchState.CLOSED,
        (BatchState.SENT, BatchEvent.RECALL): BatchState.CLOSED,
    },
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a sponsor wants, beside the list itself.

    Attributes:
        name: By locale: what people see on their page and ticket.
        message: In the sponsor's own words, to everybody on the list.
        file_sha256: The same file twice is one batch.
    """

    batch_id: str
    name: Mapping[str, str]
    message: str
    categories: tuple[str, ...]
    expires_at: datetime
    file_name: str
    file_sha256: str


def draft_batch(
    work: Work, wish: Wish, found: CreditFile, *, sponsor_id: str, store_id: str, currency_code: str, at: datetime
) -> BatchRow:
    """Keep a faultless list.

    Raises:
        FlowError: `batch_malformed` with every fault; `batch_exists`: this file or id was sent before.
    """
    faults = faults_json(found)
    words = all(wish.name.get(locale, "").strip() for locale in ("fr", "en", "zh"))
    if not words:
        faults.append({"line": 0, "field": "name", "message": "it is empty", "fix": "Name it in every language."})
    if wish.expires_at <= at:
        faults.append({"line": 0, "field": "expires_at", "message": "it is over", "fix": "Choose a day to come."})
    if faults:
        raise FlowError("batch_malformed", f"{len(found.faults) or len(faults)} faults.", errors=faults)
    if (before := work.batches.by_file(sponsor_id, wish.file_sha256)) is not None or work.batches.get(wish.batch_id):
        raise FlowError("batch_exists", "This list is here already.", batch_id=before or wish.batch_id)
    batch = BatchRow(
        batch_id=wish.batch_id,
        sponsor_id=sponsor_id,
        store_id=store_id,
        state=BATCH_TABLE.start.value,
        name=wish.name,
        message=wish.message,
        categories=wish.categories,
        expires_at=wish.expires_at,
        file_name=wish.file_name,
        file_sha256=wish.file_sha256,
        people=len(found.rows),
        total_minor=found.total_minor,
        currency=currency_code,
        created_at=at,
    )
    work.batches.add(batch, found.rows)
    work.events.record(sponsor_id, "credit.drafted", batch.batch_id, at=at)
    return batch


def fund_batch(
    work: Work, batch_id: str, amount_minor: int, reference: str, *, sponsor_id: str, at: datetime
) -> BatchRow:
    """Take the sponsor's money for a batch: a sandbox transfer, of exactly the total.

    Raises:
        FlowError: `batch_not_found`; `funding_differs` with what is missing or too much: then nothing is taken.
        IllegalTransitionError: It is funded, sent or closed.
    """
    batch = locked(work, batch_id, sponsor_id)
    if amount_minor != batch.total_minor:
        raise FlowError(
            "funding_differs",
            "The batch is funded in full or not at all.",
            total_minor=batch.total_minor,
            missing_minor=batch.total_minor - amount_minor,
        )
    after = _step(batch, BatchEvent.FUND)
    posting = Posting(PSP_SANDBOX, sponsor_account(batch_id), _money(batch, batch.total_minor))
    work.ledger.post([Transfer(f"credit-fund:{batch_id}", TransferKind.GRANT, batch_id, (posting,))], at=at)
    return _keep(work, replace(batch, state=after, funding_ref=reference, funded_at=at), sponsor_id, "funded", at=at)


def send_batch(work: Work, batch_id: str, *, sponsor_id: str, at: datetime) -> BatchRow:
    """Give everybody on the list their purse, in one transfer; it waits for those who have no account yet.

    Raises:
        FlowError: `batch_not_found`; `batch_over`: its last day has passed.
        IllegalTransitionError: It is not funded, or was sent.
    """
    batch = locked(work, batch_id, sponsor_id)
    after = _step(batch, BatchEvent.SEND)
    if batch.expires_at <= at:
        raise FlowError("batch_over", "Its last day has passed.", ended_at=batch.expires_at.isoformat())
    purses = [
        PurseRow(
            purse_id=f"{batch_id}.{n}",
            batch_id=batch_id,
            phone_hash=phone_hash,
            name=batch.name,
            stores=(),
            skus=(),
            categories=batch.categories,
            expires_at=batch.expires_at,
            granted_minor=minor,
            created_at=at,
            message=batch.message,
        )
        for n, phone_hash, minor in work.batches.rows(batch_id)
    ]
    work.purses.add_all(purses)
    source = sponsor_account(batch_id)
    postings = tuple(
        Posting(source, voucher_account(purse.purse_id), _money(batch, purse.granted_minor)) for purse in purses
    )
    work.ledger.post([Transfer(f"credit-send:{batch_id}", TransferKind.GRANT, batch_id, postings)], at=at)
    return _keep(work, replace(batch, state=after, sent_at=at), sponsor_id, "sent", at=at)


def recall_batch(work: Work, batch_id: str, *, sponsor_id: str, at: datetime) -> BatchRow:
    """Take back what nobody has spent and return it to the sponsor; what is spent, or being paid with, stays spent.

    Raises:
        FlowError: `batch_not_found`.
        IllegalTransitionError: It is closed.
    """
    batch = locked(work, batch_id, sponsor_id)
    after = _step(batch, BatchEvent.RECALL)
    source = sponsor_account(batch_id)
    left = [(purse_id, minor) for purse_id, minor in work.purses.recall(batch_id, at=at) if minor]
    transfers = []
    if left:
        back = tuple(Posting(voucher_account(purse_id), source, _money(batch, minor)) for purse_id, minor in left)
        transfers.append(Transfer(f"credit-recall:{batch_id}", TransferKind.GRANT, batch_id, back))
    returned_minor = sum(minor for _, minor in left) if batch.state == BatchState.SENT else batch.total_minor
    if returned_minor and batch.state != BatchState.DRAFT:
        home = Posting(source, PSP_SANDBOX, _money(batch, returned_minor))
        transfers.append(Transfer(f"credit-return:{batch_id}", TransferKind.GRANT, batch_id, (home,)))
    if transfers:
        work.ledger.post(transfers, at=at)
    recalled_minor = returned_minor if batch.state != BatchState.DRAFT else 0
    closed = replace(batch, state=after, closed_at=at, recalled_minor=recalled_minor)
    return _keep(work, closed, sponsor_id, "recalled", at=at)


def report(work: Work, batch_id: str, *, sponsor_id: str) -> dict[str, Any]:
    """Return what a batch has done: what was spent, in how many shops, how many of them won a new customer (S0.10).

    Anything about those who spent is None until there are `MIN_GROUP` of them; what is left is then told to nobody
    either, as it would tell the same. What was told stays as it is until `MIN_GROUP` more have spent, so that two
    reports never differ by what a few people did.
    """
    batch = locked(work, batch_id, sponsor_id)
    told = _told_now(batch, work.purses.spent(batch_id)) if batch.sent_at is not None else batch
    if told != batch:
        work.batches.put(told)
    return {
        "people": told.people,
        "total_minor": told.total_minor,
        "recalled_minor": told.recalled_minor,
        "balance_minor": work.ledger.balance_of(sponsor_account(batch_id)),
        "smallest_group": MIN_GROUP,
        "is_told": told.told_people is not None,
        "people_who_spent": told.told_people,
        "spent_minor": told.told_minor,
        "shops": told.told_shops,
        "new_customers": told.told_new,
    }


def _told_now(batch: BatchRow, spent: Spent) -> BatchRow:
    """Return the batch with the figures that its sponsor may see: new ones where enough people stand between."""
    if spent.people - (batch.told_people or 0) < MIN_GROUP:
        return batch
    told = replace(batch, told_people=spent.people, told_minor=spent.minor, told_shops=spent.shops)
    many_new = spent.new_customers - (batch.told_new or 0) >= MIN_GROUP
    return replace(told, told_new=spent.new_customers) if many_new else told


def faults_json(found: CreditFile) -> list[dict[str, Any]]:
    """Return the first faults of a file as they go out."""
    return [
        {
            "line": each.line,
            "field": each.field,
            "code": each.kind.value,
            "first_line": each.first_line,
            "message": each.message,
            "fix": each.fix,
        }
        for each in found.faults[:SHOWN]
    ]


def locked(work: Work, batch_id: str, sponsor_id: str) -> BatchRow:
    """Return a sponsor's own batch, which nobody else changes before this transaction ends.

    Raises:
        FlowError: `batch_not_found`, also for somebody else's.
    """
    return _own(work.batches.locked(batch_id), sponsor_id)


def mine(work: Work, batch_id: str, sponsor_id: str) -> BatchRow:
    """Return a sponsor's own batch.

    Raises:
        FlowError: `batch_not_found`, also for somebody else's.
    """
    return _own(work.batches.get(batch_id), sponsor_id)


def _own(batch: BatchRow | None, sponsor_id: str) -> BatchRow:
    if batch is None or batch.sponsor_id != sponsor_id:
        raise FlowError("batch_not_found", "There is no such batch of yours.")
    return batch


def _step(batch: BatchRow, event: BatchEvent) -> str:
    return BATCH_TABLE.after(BatchState(batch.state), event).value


def _keep(work: Work, batch: BatchRow, by: str, act: str, *, at: datetime) -> BatchRow:
    work.batches.put(batch)
    work.events.record(by, f"credit.{act}", batch.batch_id, at=at)
    return batch


def _money(batch: BatchRow, minor: int) -> Money:
    return Money(minor, currency(batch.currency))

"""The archive: all books in one file of JSON lines, which anybody can check without this server or its database.

The first line says what it is; then come the transfers of the ledger with their places in the chain, the tickets,
the refunds and the closings; the last line counts the lines and seals them with a SHA-256.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from checkout import GENESIS, AccountId, Money, Posting, Transfer, TransferKind, balances, chain_hash, currency
from checkout.errors import CheckoutError
from server.flows.close_day import FROM_THE_BEGINNING, Start, closing_json, faults_of
from server.flows.close_period import month_faults, period_faults
from server.flows.instants import instant
from server.flows.ports import Work
from server.flows.ports.books import ClosingRow, PeriodRow, Sold

FORMAT = "sesame-archive-1"
EVERYTHING = 2**62
"""Beyond any number that a store will reach."""


def archive(work: Work, store_id: str, *, at: datetime, period: PeriodRow | None = None) -> Iterator[str]:
    """Yield the lines of the archive, of one snapshot: of everything, or of one closed month.

    A month's archive has its tickets, refunds and closings, and where they begin; the ledger's transfers, which know
    no months, stand in the archive of everything.
    """
    seal = hashlib.sha256()
    count = 0
    for line in _records(work, store_id, at) if period is None else _month(work, period, at):
        text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        seal.update(f"{text}\n".encode())
        count += 1
        yield text
    yield json.dumps({"kind": "end", "lines": count, "sha256": seal.hexdigest()})


def check_archive(lines: Iterable[str]) -> tuple[int, list[str]]:
    """Check an archive by itself.

    Returns:
        How many transfers it holds, and what is wrong with it, in words; nothing when it is whole.
    """
    try:
        return _check(lines)
    except (KeyError, TypeError, ValueError, CheckoutError) as error:
        return 0, [f"a line cannot be read: {error!r}"]


def _records(work: Work, store_id: str, at: datetime) -> Iterator[dict[str, Any]]:
    yield {"kind": "archive", "format": FORMAT, "store_id": store_id, "made_at": instant(at)}
    for link, transfer in work.ledger.chain():
        postings = [
            [str(each.debit), str(each.credit), each.amount.minor, each.amount.currency.code]
            for each in transfer.postings
        ]
        yield {
            "kind": "transfer",
            "position": link.position,
            "hash": link.hash,
            "transfer_id": transfer.id,
            "why": transfer.kind.value,
            "ref": transfer.ref,
            "postings": postings,
        }
    for sold in work.closings.tickets(store_id, after=0, upto=EVERYTHING):
        yield {"kind": "ticket", "number": sold.number, "body": sold.body}
    for sold in work.closings.refunds(store_id, after=0, upto=EVERYTHING):
        yield {"kind": "refund", "number": sold.number, "body": sold.body}
    for closing in work.closings.of(store_id):
        yield {"kind": "closing", **closing_json(closing), "body": closing.body}
    for kind in ("month", "year"):
        for period in work.closings.periods(store_id, kind):
            yield {**asdict(period), "closed_at": instant(period.closed_at)}


def _month(work: Work, month: PeriodRow, at: datetime) -> Iterator[dict[str, Any]]:
    first, last = month.body["first_part"], month.body["last_part"]
    days = [day for day in work.closings.of(month.store_id) if first - 1 <= day.number <= last]
    start = FROM_THE_BEGINNING
    if days[0].number < first:
        eve = days.pop(0)
        body = eve.body
        start = Start(eve.number, eve.hash, body["last_ticket"], body["last_refund"], body["running_total_minor"])
    yield {
        "kind": "archive",
        "format": FORMAT,
        "store_id": month.store_id,
        "made_at": instant(at),
        "period": month.period,
        "start": start.as_json(),
    }
    end = days[-1].body
    for sold in work.closings.tickets(month.store_id, after=start.ticket, upto=end["last_ticket"]):
        yield {"kind": "ticket", "number": sold.number, "body": sold.body}
    for sold in work.closings.refunds(month.store_id, after=start.refund, upto=end["last_refund"]):
        yield {"kind": "refund", "number": sold.number, "body": sold.body}
    for day in days:
        yield {"kind": "closing", **closing_json(day), "body": day.body}
    yield {**asdict(month), "closed_at": instant(month.closed_at)}


def _check(lines: Iterable[str]) -> tuple[int, list[str]]:
    seal, count, end = hashlib.sha256(), 0, None
    transfers: list[tuple[dict[str, Any], Transfer]] = []
    sold: dict[str, list[Sold]] = {"ticket": [], "refund": []}
    closings: list[ClosingRow] = []
    periods: dict[str, list[PeriodRow]] = {"month": [], "year": []}
    start, only = FROM_THE_BEGINNING, None
    for text in lines:
        line = json.loads(text)
        if end is not None:
            return len(transfers), ["lines follow the end"]
        match line["kind"]:
            case "end":
                end = line
                continue
            case "transfer":
                transfers.append((line, _transfer(line)))
            case "ticket" | "refund" as kind:
                sold[kind].append(Sold(line["number"], line["body"]))
            case "closing":
                closings.append(_closing(line))
            case "month" | "year" as kind:
                closed_at = datetime.fromisoformat(line["closed_at"])
                periods[kind].append(PeriodRow(**(line | {"closed_at": closed_at})))
            case _ if count == 0 and line.get("format") == FORMAT:
                start, only = Start(**line.get("start", {})), line.get("period")
            case other:
                return len(transfers), [f"a line is of unknown kind {other}"]
        seal.update(f"{text.rstrip(chr(10))}\n".encode())
        count += 1
    faults = faults_of(closings, sold["ticket"], sold["refund"], start) + _chain_faults(transfers)
    faults += _period_faults(only, closings, periods["month"], periods["year"])
    if end is None or (end["lines"], end["sha256"]) != (count, seal.hexdigest()):
        faults.append("the seal of the file does not fit its lines")
    return len(transfers), faults


def _period_faults(
    only: str | None, days: list[ClosingRow], months: list[PeriodRow], years: list[PeriodRow]
) -> list[str]:
    return period_faults(days, months, years) if only is None else month_faults(only, months, days)


def _chain_faults(transfers: list[tuple[dict[str, Any], Transfer]]) -> list[str]:
    previous = GENESIS
    for place, (line, transfer) in enumerate(transfers, start=1):
        previous = chain_hash(previous, transfer)
        if (line["position"], line["hash"]) != (place, previous):
            return [f"the chain of transfers is broken at {place}"]
    below = [
        str(account)
        for account, balance in balances(transfer for _, transfer in transfers).items()
        if account.is_guarded and balance.minor < 0
    ]
    return [f"accounts are below zero: {', '.join(sorted(below))}"] if below else []


def _transfer(line: dict[str, Any]) -> Transfer:
    postings = tuple(
        Posting(AccountId.parse(debit), AccountId.parse(credit), Money(minor, currency(code)))
        for debit, credit, minor, code in line["postings"]
    )
    return Transfer(line["transfer_id"], TransferKind(line["why"]), line["ref"], postings)


def _closing(line: dict[str, Any]) -> ClosingRow:
    return ClosingRow(
        line["closing_id"],
        line["body"]["store_id"],
        line["body"]["number"],
        line["body"],
        line["prev_hash"],
        line["hash"],
        line["closed_by"],
        datetime.fromisoformat(line["body"]["closed_at"]),
    )

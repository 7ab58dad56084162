"""Close the day: totals of all tickets and refunds since the last closing, chained to it, without gaps.

Numbers, not clocks, say what belongs to a closing: each ticket and refund stands in exactly one, the first that was
made after it. Nothing posted can move between them.

Source: CGI art. 286-I-3 bis (closings with totals of the period and the running total since the beginning).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from checkout import GENESIS, replay
from checkout.errors import MalformedRuleError
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.ports import Work
from server.flows.ports.books import ClosingRow, Sold


def close_day(work: Work, closing_id: str, *, store_id: str, currency: str, by: str, at: datetime) -> ClosingRow:
    """Close everything since the last closing; the same id again is the same closing.

    Raises:
        FlowError: `nothing_to_close` when nothing was sold or came back since.
    """
    newest_ticket, newest_refund = work.closings.hold_numbers(store_id)  # closings queue up here, too
    if (known := work.closings.get(closing_id)) is not None:
        return known
    last = next(iter(work.closings.of(store_id, newest_first=True, limit=1)), None)
    first = {"last_ticket": 0, "last_refund": 0, "running_total_minor": 0}
    before: Mapping[str, Any] = first if last is None else last.body
    if (newest_ticket, newest_refund) == (before["last_ticket"], before["last_refund"]):
        raise FlowError("nothing_to_close", "Nothing was sold since the last closing.")
    totals = total(
        work.closings.tickets(store_id, after=before["last_ticket"], upto=newest_ticket),
        work.closings.refunds(store_id, after=before["last_refund"], upto=newest_refund),
    )
    body = {
        "number": 1 if last is None else last.number + 1,
        "store_id": store_id,
        "currency": currency,
        "closed_at": instant(at),
        "first_ticket": before["last_ticket"] + 1,
        "last_ticket": newest_ticket,
        "first_refund": before["last_refund"] + 1,
        "last_refund": newest_refund,
        **totals,
        "running_total_minor": before["running_total_minor"] + totals["total_minor"],
    }
    previous = GENESIS if last is None else last.hash
    made = ClosingRow(closing_id, store_id, body["number"], body, previous, seal(previous, body), by, at)
    work.closings.add(made)
    work.events.record(by, "close_day", str(made.number), at=at)
    work.events.tell(store_id, "day.closed", {"closing_id": closing_id, "number": made.number}, at=at)
    return made


def total(tickets: Sequence[Sold], refunds: Sequence[Sold]) -> dict[str, Any]:
    """Sum tickets less refunds: by rate of tax and by tender."""
    rates: dict[int, Counter[str]] = {}
    tenders = Counter[str]()
    for sign, part in ((1, tickets), (-1, refunds)):
        for sold in part:
            for rate in sold.body["vat"]:
                counted = rates.setdefault(rate["rate_bp"], Counter())
                for name in ("net_minor", "tax_minor", "gross_minor"):
                    counted[name] += sign * rate[name]
            for tender in sold.body["tenders"]:
                tenders[tender.get("tender") or tender["account"]] += sign * tender["amount_minor"]
    sold_minor = sum(each.body["total_minor"] for each in tickets)
    refunded_minor = sum(each.body["amount_minor"] for each in refunds)
    return {
        "tickets": len(tickets),
        "refunds": len(refunds),
        "sold_minor": sold_minor,
        "refunded_minor": refunded_minor,
        "total_minor": sold_minor - refunded_minor,
        "vat": [{"rate_bp": bp, **counted} for bp, counted in sorted(rates.items())],
        "tenders": [{"tender": name, "amount_minor": minor} for name, minor in sorted(tenders.items())],
    }


def seal(previous: str, body: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) that ties a closing to the one before."""
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{previous}\n{canonical}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Start:
    """What came before the first of some closings; nothing, where all of them are there."""

    closing: int = 0
    hash: str = GENESIS
    ticket: int = 0
    refund: int = 0
    running_minor: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as it stands in an archive."""
        return asdict(self)


FROM_THE_BEGINNING = Start()


def faults_of(
    closings: Sequence[ClosingRow],
    tickets: Sequence[Sold],
    refunds: Sequence[Sold],
    start: Start = FROM_THE_BEGINNING,
) -> list[str]:
    """Return what does not hold in a store's closings, in words; nothing when they are whole (I11).

    Args:
        closings: All of them after `start`, by number.
        tickets: All tickets of the store after `start`, by number.
        refunds: All refunds of the store after `start`, by number.
        start: What came before.
    """
    faults = []
    for kind, numbers, before in (("ticket", tickets, start.ticket), ("refund", refunds, start.refund)):
        if [sold.number for sold in numbers] != list(range(before + 1, before + len(numbers) + 1)):
            faults.append(f"the numbers of {kind}s have gaps")
    faults += [fault for sold in tickets for fault in _replay_faults(sold)]
    previous, running, last_ticket, last_refund = start.hash, start.running_minor, start.ticket, start.refund
    for place, closing in enumerate(closings, start=start.closing + 1):
        body = closing.body
        if (closing.number, body["number"]) != (place, place):
            faults.append(f"closing {place} is missing")
            break
        if closing.prev_hash != previous or closing.hash != seal(previous, body):
            faults.append(f"closing {place} was changed after it was made")
        if (body["first_ticket"], body["first_refund"]) != (last_ticket + 1, last_refund + 1):
            faults.append(f"closing {place} does not begin where the one before ends")
        counted = total(
            [sold for sold in tickets if last_ticket < sold.number <= body["last_ticket"]],
            [sold for sold in refunds if last_refund < sold.number <= body["last_refund"]],
        )
        running += counted["total_minor"]
        if any(body[name] != value for name, value in counted.items()) or body["running_total_minor"] != running:
            faults.append(f"closing {place} does not add up")
        previous, last_ticket, last_refund = closing.hash, body["last_ticket"], body["last_refund"]
    return faults


def _replay_faults(sold: Sold) -> list[str]:
    """Price a ticket again by the rules that it keeps; one from before tickets kept any says nothing."""
    if sold.body.get("rules") is None:
        return []
    try:
        found = replay(sold.body)
    except MalformedRuleError as error:
        return [f"ticket {sold.number}: {error}"]
    return [f"ticket {sold.number}: {each.where}: printed {each.printed}; anew {each.anew}" for each in found]


def closing_json(closing: ClosingRow) -> dict[str, Any]:
    """Return a closing as it goes out."""
    proof = {"prev_hash": closing.prev_hash, "hash": closing.hash, "closed_by": closing.closed_by}
    return {"closing_id": closing.closing_id, **closing.body, **proof}

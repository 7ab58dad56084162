"""Close a month or a year: the sum of its days or months, chained to the period before (I11).

A month is made of day closings and a year of month closings; each of them stands in exactly one. A day closing that is
made before noon belongs to the day before, since shops close their day after midnight, too.

Source: CGI art. 286-I-3 bis (daily, monthly and yearly closings).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from checkout import GENESIS
from server.flows.close_day import seal
from server.flows.days import business_day_of
from server.flows.errors import FlowError
from server.flows.instants import instant
from server.flows.ports import Work
from server.flows.ports.books import ClosingRow, PeriodRow

Kind = Literal["month", "year"]
SUMMED = ("tickets", "refunds", "sold_minor", "refunded_minor", "total_minor")


def month_of(closing: ClosingRow, zone: ZoneInfo) -> str:
    """Return the month that a day closing belongs to, such as `2026-11`."""
    return f"{business_day_of(closing.closed_at, zone):%Y-%m}"


def close_period(
    work: Work, closing_id: str, *, kind: Kind, period: str, store_id: str, zone: ZoneInfo, by: str, at: datetime
) -> PeriodRow:
    """Close a month (`2026-11`) or a year (`2026`); the same id again is the same closing.

    Raises:
        FlowError: `period_running` before its end; `period_before_open` when an earlier one has yet to be closed;
            `nothing_to_close` when nothing in it was sold, or it is closed.
    """
    work.closings.hold_numbers(store_id)  # closings queue up here, of whatever length
    if (known := work.closings.period(closing_id)) is not None:
        return known
    now = f"{business_day_of(at, zone):%Y-%m}"
    if period >= now[: len(period)]:
        raise FlowError("period_running", "This period has not ended yet.", period=period)
    earlier = work.closings.periods(store_id, kind)
    last = earlier[-1] if earlier else None
    parts = _parts(work, kind, store_id, zone)
    done = last.body["last_part"] if last else 0
    waiting = [(number, name, body) for number, name, body in parts if number > done]
    if waiting and waiting[0][1] < period:
        raise FlowError("period_before_open", "An earlier period has yet to be closed.", period=waiting[0][1])
    mine = [(number, body) for number, name, body in waiting if name == period]
    if kind == "year" and any(name.startswith(period) for name in _open_months(work, store_id, zone)):
        raise FlowError("period_before_open", "A month of this year has yet to be closed.", period=period)
    if not mine:
        raise FlowError("nothing_to_close", "Nothing of this period waits to be closed.")
    body = {
        "kind": kind,
        "period": period,
        "number": 1 if last is None else last.number + 1,
        "store_id": store_id,
        "currency": mine[0][1]["currency"],
        "closed_at": instant(at),
        "first_part": mine[0][0],
        "last_part": mine[-1][0],
        **add_up([each for _, each in mine]),
        "running_total_minor": mine[-1][1]["running_total_minor"],
    }
    previous = GENESIS if last is None else last.hash
    made = PeriodRow(closing_id, store_id, kind, period, body["number"], body, previous, seal(previous, body), by, at)
    work.closings.add_period(made)
    work.events.record(by, f"close_{kind}", period, at=at)
    work.events.tell(store_id, f"{kind}.closed", {"closing_id": closing_id, "period": period}, at=at)
    return made


def add_up(bodies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum closings: numbers, and amounts by rate of tax and by tender."""
    rates: dict[int, Counter[str]] = {}
    tenders = Counter[str]()
    for body in bodies:
        for rate in body["vat"]:
            counted = rates.setdefault(rate["rate_bp"], Counter())
            for name in ("net_minor", "tax_minor", "gross_minor"):
                counted[name] += rate[name]
        for tender in body["tenders"]:
            tenders[tender["tender"]] += tender["amount_minor"]
    return {
        **{name: sum(body[name] for body in bodies) for name in SUMMED},
        "vat": [{"rate_bp": bp, **counted} for bp, counted in sorted(rates.items())],
        "tenders": [{"tender": name, "amount_minor": minor} for name, minor in sorted(tenders.items())],
    }


def period_faults(days: Sequence[ClosingRow], months: Sequence[PeriodRow], years: Sequence[PeriodRow]) -> list[str]:
    """Return what does not hold in months and years, in words; nothing when they add up."""
    bodies = {day.number: day.body for day in days}
    faults = _chain_faults("month", months, bodies)
    return faults + _chain_faults("year", years, {month.number: month.body for month in months})


def month_faults(period: str, months: Sequence[PeriodRow], days: Sequence[ClosingRow]) -> list[str]:
    """Return what does not hold in the one month of an archive; that it follows the month before, its hash says."""
    if [month.period for month in months] != [period]:
        return [f"month {period} is missing"]
    (month,) = months
    added = add_up([day.body for day in days])
    faults = []
    if month.hash != seal(month.prev_hash, month.body):
        faults.append(f"month {period} was changed after it was made")
    if [day.number for day in days] != list(range(month.body["first_part"], month.body["last_part"] + 1)) or any(
        month.body[key] != added[key] for key in added
    ):
        faults.append(f"month {period} does not add up")
    return faults


def period_json(closing: PeriodRow) -> dict[str, Any]:
    """Return a closing as it goes out."""
    proof = {"prev_hash": closing.prev_hash, "hash": closing.hash, "closed_by": closing.closed_by}
    return {"closing_id": closing.closing_id, **closing.body, **proof}


def _parts(work: Work, kind: Kind, store_id: str, zone: ZoneInfo) -> list[tuple[int, str, Mapping[str, Any]]]:
    """Return what a period is made of: number, period it belongs to, body."""
    if kind == "month":
        return [(day.number, month_of(day, zone), day.body) for day in work.closings.of(store_id)]
    return [(month.number, month.period[:4], month.body) for month in work.closings.periods(store_id, "month")]


def _open_months(work: Work, store_id: str, zone: ZoneInfo) -> list[str]:
    months = work.closings.periods(store_id, "month")
    done = months[-1].body["last_part"] if months else 0
    return [month_of(day, zone) for day in work.closings.of(store_id) if day.number > done]


def _chain_faults(kind: Kind, periods: Sequence[PeriodRow], parts: Mapping[int, Mapping[str, Any]]) -> list[str]:
    faults: list[str] = []
    previous, last_part = GENESIS, 0
    for place, closing in enumerate(periods, start=1):
        body, name = closing.body, f"{kind} {closing.period}"
        if (closing.number, body["number"], body["period"]) != (place, place, closing.period):
            return [*faults, f"a {kind} before {closing.period} is missing"]
        if closing.prev_hash != previous or closing.hash != seal(previous, body):
            faults.append(f"{name} was changed after it was made")
        if body["first_part"] != last_part + 1:
            faults.append(f"{name} does not begin where the one before ends")
        found = [parts[number] for number in range(body["first_part"], body["last_part"] + 1) if number in parts]
        is_whole = len(found) == body["last_part"] - body["first_part"] + 1 and bool(found)
        added = add_up(found)
        running = found[-1]["running_total_minor"] if found else None
        if not is_whole or body["running_total_minor"] != running or any(body[key] != added[key] for key in added):
            faults.append(f"{name} does not add up")
        previous, last_part = closing.hash, body["last_part"]
    return faults

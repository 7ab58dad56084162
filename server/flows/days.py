"""The days of a store: wherever a moment becomes a day, or a day a moment, it does so here, by the store's clock."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from server.flows.errors import FlowError
from server.flows.ports import Work

A_DAY = timedelta(days=1)
NOON = timedelta(hours=12)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """Return the day that the store's clock shows at a moment."""
    return at.astimezone(zone).date()


def begin_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day, in UTC; the days of a clock change are an hour shorter or longer than others.

    Raises:
        OverflowError: No clock shows this day.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day is over, in UTC: the first of the next.

    Raises:
        OverflowError: No clock shows this day.
    """
    return begin_of(day + A_DAY, zone)


def from_day(told: date, zone: ZoneInfo) -> datetime:
    """Return the moment that somebody means by a first day; a moment is itself.

    Raises:
        FlowError: `days_malformed`: no clock shows it.
    """
    return _moment(told, begin_of, zone)


def upto_day(told: date, zone: ZoneInfo) -> datetime:
    """Return the moment that somebody means by a last day, which belongs to it; a moment is itself.

    Raises:
        FlowError: `days_malformed`: no clock shows it.
    """
    return _moment(told, end_of, zone)


def _moment(told: date, edge: Callable[[date, ZoneInfo], datetime], zone: ZoneInfo) -> datetime:
    if isinstance(told, datetime):
        return told
    try:
        return edge(told, zone)
    except OverflowError as error:
        raise FlowError("days_malformed", f"No clock shows {told}.") from error


def days_between(begins_at: datetime, ends_at: datetime, zone: ZoneInfo) -> int:
    """Return how many midnights lie between two moments, but at least one: the days' worth of sales of a campaign."""
    return max(1, (day_of(ends_at, zone) - day_of(begins_at, zone)).days)


def business_day_of(closed_at: datetime, zone: ZoneInfo) -> date:
    """Return the day that was closed: before noon it is the day before."""
    return (closed_at.astimezone(zone) - NOON).date()


def zone_of(work: Work, store_id: str) -> ZoneInfo:
    """Return whose clock a store goes by."""
    if (store := work.shelf.store(store_id)) is None:
        raise AssertionError(f"something belongs to {store_id!r}, which is no store")
    return ZoneInfo(store.timezone)

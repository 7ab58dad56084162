"""The days of a store: midnights and the two nights on which its clock is changed."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from server.flows.days import begin_of, business_day_of, day_of, days_between, end_of, from_day, upto_day
from server.flows.errors import FlowError
from server.flows.sales import span_of

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (utc("2026-11-23T22:59:59.999999"), date(2026, 11, 23)),
        (utc("2026-11-23T23:00:00"), date(2026, 11, 24)),
        (utc("2026-07-13T21:59:59.999999"), date(2026, 7, 13)),
        (utc("2026-07-13T22:00:00"), date(2026, 7, 14)),
        (utc("2026-03-28T23:00:00"), SPRING),
        (utc("2026-03-29T21:59:59"), SPRING),
        (utc("2026-10-24T22:00:00"), AUTUMN),
        (utc("2026-10-25T22:59:59"), AUTUMN),
    ],
)
def test_a_day_begins_at_the_stores_midnight_when_a_moment_is_asked_for_its_day(at: datetime, day: date) -> None:
    assert day_of(at, PARIS) == day
    assert begin_of(day, PARIS) <= at < end_of(day, PARIS)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (date(2026, 11, 23), 24)])
def test_no_moment_is_in_two_days_or_none_when_the_clock_is_changed(day: date, hours: int) -> None:
    assert end_of(day, PARIS) - begin_of(day, PARIS) == hours * HOUR
    assert end_of(day, PARIS) == begin_of(day + timedelta(days=1), PARIS)
    moments = [begin_of(day, PARIS) + n * HOUR / 2 for n in range(2 * hours)]
    assert {day_of(at, PARIS) for at in moments} == {day}
    span = span_of(day, day, PARIS)  # what a merchant's day and sheet are made of
    assert (span.begins_at, span.ends_at) == (begin_of(day, PARIS), end_of(day, PARIS))


@pytest.mark.parametrize(
    ("begins_at", "ends_at", "count"),
    [
        (utc("2026-10-24T22:00:00"), utc("2026-10-25T23:00:00"), 1),
        (utc("2026-03-28T23:00:00"), utc("2026-03-29T22:00:00"), 1),
        (utc("2026-10-18T22:00:00"), utc("2026-10-25T23:00:00"), 7),
        (utc("2026-11-01T11:00:00"), utc("2026-12-02T11:00:00"), 31),
        (utc("2026-11-23T08:00:00"), utc("2026-11-23T11:00:00"), 1),
    ],
)
def test_days_are_counted_as_a_calendar_shows_them_when_a_campaign_is_reckoned(
    begins_at: datetime, ends_at: datetime, count: int
) -> None:
    assert days_between(begins_at, ends_at, PARIS) == count


def test_the_last_day_belongs_to_it_when_somebody_says_from_when_until_when() -> None:
    first, last = from_day(AUTUMN, PARIS), upto_day(date(2026, 11, 23), PARIS)

    assert (first, last) == (utc("2026-10-24T22:00:00"), utc("2026-11-23T23:00:00"))
    assert from_day(last, PARIS) is upto_day(last, PARIS) is last  # who names a moment means it


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_is_refused_when_no_clock_shows_it(day: date) -> None:
    zone = PARIS if day == date.max else ZoneInfo("Asia/Shanghai")

    with pytest.raises(FlowError) as refusal:
        upto_day(day, zone) if day == date.max else from_day(day, zone)

    assert refusal.value.code == "days_malformed"


@pytest.mark.parametrize(
    ("closed_at", "day"),
    [
        (utc("2026-10-31T22:30:00"), date(2026, 10, 31)),
        (utc("2026-11-01T10:59:00"), date(2026, 10, 31)),
        (utc("2026-11-01T11:00:00"), date(2026, 11, 1)),
        (utc("2026-10-25T10:59:00"), date(2026, 10, 24)),
        (utc("2026-10-25T11:00:00"), AUTUMN),
    ],
)
def test_a_closing_before_noon_is_of_the_day_before_when_the_store_closes_late(closed_at: datetime, day: date) -> None:
    assert business_day_of(closed_at, PARIS) == day

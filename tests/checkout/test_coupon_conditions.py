"""Hours, stores, segments, members and newcomers: a coupon outside any of them takes nothing and says why."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import EVERY_DAY, Conditions, CouponOutcome, Hours, Quote, Visit
from checkout.errors import CouponConditionError, CouponOutOfHoursError, MalformedRuleError
from tests.checkout.builders import a_coupon, a_line, a_product, a_quote, some_terms

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 6, 1, 12, tzinfo=PARIS)
HERE = Visit("nice", frozenset({"students", "parents"}), is_first_purchase=True)
EVERYTHING = Conditions(
    hours=Hours(time(9), time(14), frozenset({1, 3})),
    stores=frozenset({"nice", "lyon"}),
    segments=frozenset({"students"}),
    members_only=True,
    first_purchase_only=True,
)
LATE = Hours(time(22), time(2), frozenset({5}))


def quoted(conditions: Conditions, visit: Visit = HERE, *, member: bool = True, at: datetime = MONDAY) -> Quote:
    coupon = a_coupon(terms=replace(some_terms(ends_at=None), conditions=conditions))
    return a_quote([a_line("a")], [a_product("a", minor=1000)], coupons=[coupon], at=at, member=member, visit=visit)


def test_coupon_applies_when_all_that_it_asks_for_holds() -> None:
    assert quoted(EVERYTHING).saved.minor == 200


@pytest.mark.parametrize(
    ("visit", "member", "condition", "asked"),
    [
        (replace(HERE, store="paris"), True, "stores", "lyon, nice"),
        (replace(HERE, store=None), True, "stores", "lyon, nice"),
        (HERE, False, "members_only", "a member"),
        (replace(HERE, segments=frozenset({"parents"})), True, "segments", "students"),
        (replace(HERE, is_first_purchase=False), True, "first_purchase_only", "a first purchase"),
    ],
)
def test_coupon_takes_nothing_and_names_the_way_out_when_one_condition_fails(
    visit: Visit, *, member: bool, condition: str, asked: str
) -> None:
    quote = quoted(EVERYTHING, visit, member=member)
    refusal = EVERYTHING.refusal("C-1", visit, member=member, at=MONDAY)

    assert (quote.saved.minor, quote.coupons[0].state) == (0, CouponOutcome.NOT_APPLICABLE)
    assert quote.coupons[0].reason_code == "coupon_condition"
    assert isinstance(refusal, CouponConditionError)
    assert (refusal.condition, refusal.asked) == (condition, asked)
    assert refusal.next_step
    assert quote.coupons[0].reason == str(refusal)


def test_coupon_says_when_it_counts_again_when_it_is_shown_at_another_hour() -> None:
    at = MONDAY.replace(hour=14)
    refusal = EVERYTHING.refusal("C-1", HERE, member=True, at=at)

    assert quoted(EVERYTHING, at=at).coupons[0].reason_code == "coupon_out_of_hours"
    assert isinstance(refusal, CouponOutOfHoursError)
    assert refusal.opens_at == datetime(2026, 6, 3, 9, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("hours", "day", "clock", "is_open"),
    [
        (Hours(), 1, time(0), True),
        (Hours(time(9), time(14)), 1, time(9), True),
        (Hours(time(9), time(14)), 1, time(8, 59), False),
        (Hours(time(9), time(14)), 1, time(14), False),
        (Hours(time(18)), 1, time(23, 59), True),
        (Hours(days=frozenset({7})), 1, time(12), False),
        (LATE, 5, time(23), True),
        (LATE, 5, time(1), False),  # that is still Thursday's night
        (LATE, 6, time(1, 59), True),
        (LATE, 6, time(2), False),
        (LATE, 6, time(23), False),
        (Hours(time(22), time(2), frozenset({7})), 1, time(1), True),
    ],
)
def test_hours_are_those_of_the_day_they_began_on_when_asked(
    hours: Hours, day: int, clock: time, *, is_open: bool
) -> None:
    at = datetime.combine(MONDAY.date() + timedelta(days=day - 1), clock, PARIS)
    assert (at in hours) == is_open


@pytest.mark.parametrize(
    "facts",
    [
        {"days": frozenset()},
        {"days": frozenset({0})},
        {"opens": time(9), "closes": time(9)},
        {"opens": time(9, tzinfo=UTC)},
        {"closes": time(9, tzinfo=UTC)},
    ],
)
def test_hours_are_refused_when_they_can_never_be_right(facts: dict[str, frozenset[int] | time]) -> None:
    with pytest.raises(MalformedRuleError):
        Hours(**facts)  # type: ignore[arg-type] # each row is of the field's own type


clocks = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
spans = st.tuples(clocks, clocks).filter(lambda span: span[0] != span[1])
days = st.frozensets(st.sampled_from(sorted(EVERY_DAY)), min_size=1)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(PARIS))  # noqa: DTZ001 - Hypothesis adds the zone


@given(spans, days, moments)
def test_next_opening_is_open_and_nothing_before_it_is_when_the_hours_are_over(
    span: tuple[time, time], on: frozenset[int], at: datetime
) -> None:
    hours = Hours(span[0], span[1], on)
    opening = hours.next_opening(at)

    assert at < opening <= at + timedelta(days=8)
    assert opening in hours
    if at not in hours:
        halves = int((opening - at) / timedelta(minutes=30))
        assert not any(at + timedelta(minutes=30 * half) in hours for half in range(halves))


@pytest.mark.parametrize(
    ("at", "opening"),
    [
        (datetime(2026, 10, 25, 2, 10, tzinfo=PARIS), "2026-10-25T00:30:00+00:00"),
        (datetime(2026, 10, 25, 2, 10, tzinfo=PARIS, fold=1), "2026-10-25T01:30:00+00:00"),
        (datetime(2026, 10, 25, 2, 40, tzinfo=PARIS, fold=1), "2026-10-26T01:30:00+00:00"),
        (datetime(2026, 3, 28, 12, 0, tzinfo=PARIS), "2026-03-29T01:30:00+00:00"),
    ],
)
def test_next_opening_lies_ahead_when_the_clock_shows_an_hour_twice_or_never(at: datetime, opening: str) -> None:
    half_past_two = Hours(time(2, 30), time(5))

    found = half_past_two.next_opening(at).astimezone(UTC)

    assert found == datetime.fromisoformat(opening)
    assert found > at.astimezone(UTC)


names = st.frozensets(st.sampled_from("xyz"))
opened = st.builds(lambda span, on: Hours(span[0], span[1], on), spans, days)
conditions_of_any = st.builds(Conditions, opened, names, names, st.booleans(), st.booleans())
visits = st.builds(Visit, st.sampled_from([None, "x", "y"]), names, st.booleans())


@given(conditions=conditions_of_any, visit=visits, at=moments, member=st.booleans())
def test_coupon_takes_something_exactly_when_every_condition_holds(
    *, conditions: Conditions, visit: Visit, at: datetime, member: bool
) -> None:
    holds = (
        at in conditions.hours
        and (not conditions.stores or visit.store in conditions.stores)
        and (not conditions.segments or not conditions.segments.isdisjoint(visit.segments))
        and (member or not conditions.members_only)
        and (visit.is_first_purchase or not conditions.first_purchase_only)
    )
    quote = quoted(conditions, visit, member=member, at=at)

    assert quote.saved.minor == (200 if holds else 0)

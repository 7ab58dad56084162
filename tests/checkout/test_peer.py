"""Money between people: what may happen to it, and how much one person may send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import ASK_TABLE, PEER_TABLE
from checkout.errors import IllegalTransitionError, PeerLimitError
from checkout.peer import (
    DEFAULT_PEER_LIMITS,
    AskEvent,
    AskState,
    PeerEvent,
    PeerState,
    Room,
    Sent,
    demand_room,
    room_for,
)

MINOR = st.integers(0, 300_000)


def test_nothing_happens_any_more_when_money_was_claimed_cancelled_or_returned() -> None:
    assert PEER_TABLE.ends == {PeerState.CLAIMED, PeerState.CANCELLED, PeerState.RETURNED}
    assert PEER_TABLE.allowed(PeerState.WAITING) == tuple(PeerEvent)


def test_a_second_reminder_is_refused_when_there_was_one() -> None:
    reminded = ASK_TABLE.after(ASK_TABLE.start, AskEvent.REMIND)

    with pytest.raises(IllegalTransitionError):
        ASK_TABLE.after(reminded, AskEvent.REMIND)
    assert ASK_TABLE.after(reminded, AskEvent.ACCEPT) is AskState.ACCEPTED
    assert ASK_TABLE.ends == {AskState.ACCEPTED, AskState.DECLINED, AskState.WITHDRAWN}


@pytest.mark.parametrize(
    ("sent", "amount", "limit", "left"),
    [
        (Sent(), 25_001, "person", 25_000),
        (Sent(person_minor=20_000, day_minor=20_000, month_minor=20_000), 5001, "person", 5000),
        (Sent(day_minor=49_000, month_minor=49_000), 1001, "day", 1000),
        (Sent(month_minor=99_000), 1001, "month", 1000),
        (Sent(person_minor=90_000, day_minor=90_000, month_minor=90_000), 1, "person", 0),
    ],
)
def test_the_tightest_limit_is_named_when_an_amount_is_too_large(
    sent: Sent, amount: int, limit: str, left: int
) -> None:
    with pytest.raises(PeerLimitError) as refused:
        demand_room(amount, room_for(sent))

    assert (refused.value.limit, refused.value.left_minor) == (limit, left)


@given(MINOR, MINOR, MINOR, MINOR)
def test_no_limit_is_passed_when_an_amount_is_let_through(amount: int, person: int, day: int, month: int) -> None:
    limits, room = DEFAULT_PEER_LIMITS, room_for(Sent(person, day, month))
    try:
        demand_room(amount, room)
    except PeerLimitError as refused:
        assert amount > refused.left_minor == room.most_minor  # noqa: PT017 - both outcomes are looked at
        return

    assert amount == 0 or person + amount <= limits.person_minor
    assert amount == 0 or day + amount <= limits.day_minor
    assert amount == 0 or month + amount <= limits.month_minor


def test_room_is_what_the_limits_leave_when_nothing_was_sent() -> None:
    assert room_for(Sent()) == Room(25_000, 50_000, 100_000)

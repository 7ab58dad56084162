"""Chance by data and by what was found before; the draw follows from the basket alone."""

from collections import Counter
from hashlib import sha256

import pytest

from checkout.random_check import CheckOutcome, CheckPolicy, lines_to_see, roll_of

AGREED, AMENDED = CheckOutcome.AGREED, CheckOutcome.AMENDED
POLICY = CheckPolicy(base_bp=250, trusted_bp=50, watched_bp=1000, trusted_after=2)


def keyed(number: int) -> str:
    return sha256(str(number).encode()).hexdigest()


@pytest.mark.parametrize(
    ("outcomes", "chance_bp"),
    [
        ([], 250),
        ([AGREED], 250),
        ([AGREED, AGREED], 50),
        ([AGREED, AMENDED], 250),
        ([AMENDED, AGREED, AGREED], 1000),
        ([AGREED, AGREED, AMENDED], 50),
    ],
)
def test_chance_follows_what_the_last_checks_came_to(outcomes: list[CheckOutcome], chance_bp: int) -> None:
    assert POLICY.chance_bp(outcomes) == chance_bp


def test_nothing_is_ever_drawn_when_every_chance_is_zero() -> None:
    assert CheckPolicy().is_off
    assert not POLICY.is_off
    assert not CheckPolicy(watched_bp=1).is_off


def test_rolls_are_even_and_the_same_again_when_they_follow_from_the_basket() -> None:
    rolls = [roll_of(keyed(number)) for number in range(20_000)]

    assert rolls[:5] == [roll_of(keyed(number)) for number in range(5)]
    assert (min(rolls) >= 0, max(rolls) < 10_000) == (True, True)
    assert (roll_of("0" * 64), roll_of("f" * 64)) == (0, 9_999)
    tenths = Counter(roll // 1000 for roll in rolls)
    assert max(abs(count - 2000) for count in tenths.values()) < 200  # 2 000 each, four and a half deviations of 42


def test_some_lines_are_looked_at_in_their_order_and_all_when_there_are_no_more() -> None:
    ids = [f"line-{number}" for number in range(12)]

    drawn = lines_to_see(keyed(1), ids, 3)

    assert len(drawn) == 3
    assert list(drawn) == sorted(drawn, key=ids.index)
    assert drawn == lines_to_see(keyed(1), ids, 3) != lines_to_see(keyed(2), ids, 3)
    assert lines_to_see(keyed(1), ids[:2], 3) == ("line-0", "line-1")

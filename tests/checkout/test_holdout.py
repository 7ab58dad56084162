"""The draw of those who are left out: always the same, as many as promised, different in each campaign."""

import pytest

from checkout.errors import MalformedRuleError
from checkout.holdout import is_held_out

PEOPLE = [f"person-{n}" for n in range(10_000)]


@pytest.mark.parametrize("percent", [0, 1, 5, 20, 100])
def test_as_many_are_left_out_as_promised_when_ten_thousand_are_drawn(percent: int) -> None:
    drawn = sum(is_held_out("autumn", person, percent) for person in PEOPLE)

    assert abs(drawn - percent * 100) <= 4 * (percent * (100 - percent)) ** 0.5


def test_whoever_is_left_out_stays_so_when_more_are_left_out() -> None:
    few, more = ({person for person in PEOPLE if is_held_out("autumn", person, percent)} for percent in (5, 10))

    assert few < more


def test_others_are_left_out_when_the_campaign_is_another() -> None:
    autumn, spring = ({p for p in PEOPLE if is_held_out(campaign, p, 5)} for campaign in ("autumn", "spring"))

    assert len(autumn & spring) < 60  # 25 by chance


@pytest.mark.parametrize("percent", [-1, 101])
def test_the_draw_is_refused_when_its_share_cannot_be(percent: int) -> None:
    with pytest.raises(MalformedRuleError):
        is_held_out("autumn", "ada", percent)

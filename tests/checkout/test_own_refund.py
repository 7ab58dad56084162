"""A shopper decides alone about little, seldom and soon; a person about the rest."""

from datetime import UTC, datetime, timedelta

import pytest

from checkout.own_refund import NeedsPerson, OwnRefund, OwnRefundPolicy, needs_person

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)
POLICY = OwnRefundPolicy(most_minor=2_000, day_minor=2_500, days=14, in_month=3)


def ago(days: float, amount_minor: int = 100) -> OwnRefund:
    return OwnRefund(amount_minor, NOON - timedelta(days=days))


@pytest.mark.parametrize(
    ("amount_minor", "bought_days_ago", "seen_goods", "before", "why"),
    [
        (2_000, 14, False, [], None),
        (2_001, 0, False, [], NeedsPerson.AMOUNT),
        (600, 0, False, [ago(0.5, 1_900)], None),
        (601, 0, False, [ago(0.5, 1_900)], NeedsPerson.AMOUNT),
        (2_000, 0, False, [ago(1, 2_000)], None),
        (100, 14.01, False, [], NeedsPerson.AGE),
        (100, 0, True, [], NeedsPerson.GOODS),
        (100, 0, False, [ago(2), ago(3)], None),
        (100, 0, False, [ago(2), ago(3), ago(29.9)], NeedsPerson.OFTEN),
        (100, 0, False, [ago(2), ago(3), ago(30)], None),
    ],
)
def test_a_person_decides_when_a_bound_is_passed(
    amount_minor: int,
    bought_days_ago: float,
    seen_goods: bool,  # noqa: FBT001 - a column of the table above
    before: list[OwnRefund],
    why: NeedsPerson | None,
) -> None:
    bought_at = NOON - timedelta(days=bought_days_ago)

    told = needs_person(
        POLICY, amount_minor=amount_minor, bought_at=bought_at, seen_goods=seen_goods, before=before, at=NOON
    )

    assert told is why


def test_nothing_goes_back_alone_when_the_store_has_set_zero() -> None:
    never = OwnRefundPolicy(most_minor=0)

    told = needs_person(never, amount_minor=1, bought_at=NOON, seen_goods=False, before=[], at=NOON)

    assert told is NeedsPerson.AMOUNT

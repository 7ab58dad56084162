"""I3: tenders sum to the total; refunds never exceed what was paid less what went back, per line and per tender.

Caught: a refund that pays the whole line to its last tender (``back`` without the room of the tender), and one that
forgets what went back before.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    EUR,
    AccountId,
    Owed,
    Paid,
    Purse,
    Restriction,
    cashback_account,
    cover,
    main_account,
    parts_back,
)
from checkout.errors import UnbalancedError
from tests.checkout.builders import euros

LINES = ("bread", "fruit", "wine")
GIFT = Restriction(skus=frozenset({"bread", "fruit"}))
VISITS = st.lists(st.dictionaries(st.sampled_from(LINES), st.integers(1, 400), min_size=1), max_size=6)


@st.composite
def payments(draw: st.DrawFn) -> tuple[list[Owed], tuple[Paid, ...]]:
    owed = [Owed(sku, "", euros(draw(st.integers(1, 600))), sku) for sku in LINES]
    due = sum(line.due.minor for line in owed)
    purses = [
        Purse(AccountId.parse("voucher:gift"), euros(draw(st.integers(0, 900))), GIFT),
        Purse(cashback_account("ada"), euros(draw(st.integers(0, 900)))),
        Purse(main_account("ada"), euros(due)),
    ]
    found = cover(owed, purses, store="12", unit=EUR)
    assert sum(tender.limit.minor for tender in found.tenders) == due
    assert sum(part.amount.minor for part in found.parts) == due
    return owed, found.parts


@given(payments(), VISITS)
def test_no_line_and_no_tender_gets_more_back_than_it_paid_when_goods_come_back(
    payment: tuple[list[Owed], tuple[Paid, ...]], visits: list[dict[str, int]]
) -> None:
    owed, paid = payment
    left = {line.line_id: line.due.minor for line in owed}
    before: tuple[Paid, ...] = ()
    for visit in visits:
        amounts = {line: euros(minor) for line, asked in visit.items() if (minor := min(asked, left[line]))}
        back = parts_back(amounts, paid, before)
        for line, amount in amounts.items():
            assert sum(one.amount.minor for one in back if one.line_id == line) == amount.minor
            left[line] -= amount.minor
        before += back
        for account in {one.account for one in before}:
            assert total(before, account) <= total(paid, account)
        for one in back:
            if one.account.is_restricted:
                assert cell(before, one) <= cell(paid, one)
    rest = parts_back({line: euros(minor) for line, minor in left.items() if minor}, paid, before)
    for account in {one.account for one in paid}:
        assert total((*before, *rest), account) == total(paid, account)


@given(payments(), st.sampled_from(LINES))
def test_more_than_was_paid_is_refused_when_a_line_comes_back_twice(
    payment: tuple[list[Owed], tuple[Paid, ...]], line: str
) -> None:
    owed, paid = payment
    due = next(one.due for one in owed if one.line_id == line)
    before = parts_back({line: due}, paid)
    with pytest.raises(UnbalancedError):
        parts_back({line: euros(1)}, paid, before)


def total(parts: tuple[Paid, ...], account: AccountId) -> int:
    return sum(one.amount.minor for one in parts if one.account == account)


def cell(parts: tuple[Paid, ...], of: Paid) -> int:
    return sum(one.amount.minor for one in parts if (one.line_id, one.account) == (of.line_id, of.account))

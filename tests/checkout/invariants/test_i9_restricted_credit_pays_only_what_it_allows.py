"""I9: restricted credit only pays lines that it allows, and what purses can pay together they do pay.

Caught: a purse that pays whatever line comes first; a line-by-line greedy that leaves credit unused (a ``_path`` that
takes over no line from another purse fails the comparison with all cuts).
"""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from checkout import EUR, AccountId, AccountKind, Owed, Purse, Restriction, cover
from tests.checkout.builders import euros

SKUS = ("a", "b", "c")
STORES = st.sampled_from(["12", "12", "12", "13"])
OWED = st.lists(st.integers(0, 30), min_size=3, max_size=3).map(
    lambda dues: [Owed(sku, sku, euros(due), sku) for sku, due in zip(SKUS, dues, strict=True)]
)
PURSES = st.lists(
    st.tuples(
        st.integers(0, 40), st.sets(st.sampled_from(SKUS), max_size=2), st.sampled_from(["12", "12", "12", "13"])
    ),
    min_size=2,
    max_size=4,
).map(
    lambda raw: [
        Purse(
            AccountId(AccountKind.VOUCHER, str(place)),
            euros(limit),
            Restriction(frozenset({store}), frozenset(names)),
        )
        for place, (limit, names, store) in enumerate(raw)
    ]
)


def pays(purse: Purse, line: Owed) -> bool:
    return purse.restriction.allows(store="12", sku=line.sku, category=line.category)


def most(purses: list[Purse], owed: list[Owed]) -> int:
    """The largest sum that some purses can pay: the smallest cut, over all sets of purses (max-flow, min-cut)."""
    return min(
        sum(purse.drawable.minor for purse in purses if purse not in kept)
        + sum(line.due.minor for line in owed if any(pays(purse, line) for purse in kept))
        for size in range(len(purses) + 1)
        for kept in combinations(purses, size)
    )


@given(OWED, PURSES)
def test_each_purse_pays_only_what_it_allows_when_purses_overlap(owed: list[Owed], purses: list[Purse]) -> None:
    found = cover(owed, purses, store="12", unit=EUR)
    lines = {line.line_id: line for line in owed}
    accounts = {purse.account: purse for purse in purses}
    for part in found.parts:
        assert pays(accounts[part.account], lines[part.line_id])
        assert part.amount.minor > 0
    for line in owed:
        assert sum(part.amount.minor for part in found.parts if part.line_id == line.line_id) <= line.due.minor
    for tender in found.tenders:
        assert tender.limit.minor <= accounts[tender.account].drawable.minor


@given(OWED, PURSES)
def test_first_purses_pay_all_they_can_when_compared_with_every_cut(owed: list[Owed], purses: list[Purse]) -> None:
    found = cover(owed, purses, store="12", unit=EUR)
    drawn = {tender.account: tender.limit.minor for tender in found.tenders}
    for count in range(1, len(purses) + 1):
        first = purses[:count]
        assert sum(drawn.get(purse.account, 0) for purse in first) == most(first, owed)
    assert found.still_open.minor == sum(line.due.minor for line in owed) - most(purses, owed)

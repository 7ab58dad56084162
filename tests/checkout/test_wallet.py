from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import AccountId, AccountKind, Owed, Purse, Restriction, burn_order, demand_allowed, tenders_for
from checkout.errors import RestrictedFundsError
from checkout.wallet import ANYWHERE
from tests.checkout.builders import HOUR, NOON, euros

BREAD = Owed("bread", "food", euros(400))
WINE = Owed("wine", "drink", euros(900))
FOOD = Restriction(categories=frozenset({"food"}))
HERE = Restriction(stores=frozenset({"12"}), categories=frozenset({"food"}))


def a_purse(
    owner: str = "main",
    balance: int = 1000,
    *,
    restriction: Restriction = ANYWHERE,
    expires_at: datetime | None = None,
    cap: int | None = None,
) -> Purse:
    account = AccountId(AccountKind.VOUCHER, owner)
    return Purse(account, euros(balance), restriction, expires_at, None if cap is None else euros(cap))


def drawn(purses: list[Purse], owed: list[Owed], store: str = "12") -> dict[str, int]:
    return {tender.account.owner: tender.limit.minor for tender in tenders_for(owed, purses, store=store)}


def test_soonest_to_expire_burns_first_when_several_purses_hold_something() -> None:
    purses = [
        a_purse("main"),
        a_purse("later", expires_at=NOON + 2 * HOUR),
        a_purse("soon", expires_at=NOON + HOUR),
        a_purse("soon-here", expires_at=NOON + HOUR, restriction=HERE),
        a_purse("food", restriction=FOOD),
        a_purse("gone", expires_at=NOON),
        a_purse("empty", 0),
        a_purse("capped-out", cap=0),
        a_purse("overdrawn", -5),
    ]
    order = [purse.account.owner for purse in burn_order(purses, at=NOON)]
    assert order == ["soon-here", "soon", "later", "food", "main"]


def test_restricted_credit_pays_only_what_it_allows_when_the_basket_is_mixed() -> None:
    assert drawn([a_purse("food", 1000, restriction=FOOD), a_purse("main", 2000)], [BREAD, WINE]) == {
        "food": 400,
        "main": 900,
    }


def test_credit_of_another_store_stays_closed_when_paying_here() -> None:
    assert drawn([a_purse("here", restriction=HERE)], [BREAD], store="13") == {}
    assert drawn([a_purse("sku", restriction=Restriction(skus=frozenset({"wine"})))], [BREAD, WINE]) == {"sku": 900}


def test_cap_holds_when_the_balance_is_larger() -> None:
    assert drawn([a_purse("capped", 1000, cap=150), a_purse("main", 100)], [BREAD]) == {"capped": 150, "main": 100}


@given(
    st.lists(
        st.tuples(st.integers(-10, 900), st.sampled_from([ANYWHERE, FOOD, HERE]), st.none() | st.integers(0, 500)),
        max_size=5,
    )
)
def test_no_purse_overpays_when_purses_are_drawn_on(raw: list[tuple[int, Restriction, int | None]]) -> None:
    purses = [a_purse(str(i), balance, restriction=rule, cap=cap) for i, (balance, rule, cap) in enumerate(raw)]
    found = drawn(purses, [BREAD, WINE])
    assert sum(found.values()) <= 1300
    restricted = sum(minor for owner, minor in found.items() if purses[int(owner)].restriction is not ANYWHERE)
    assert restricted <= 400
    for owner, minor in found.items():
        assert 0 < minor <= purses[int(owner)].drawable.minor


def test_chosen_purse_is_refused_when_it_cannot_pay_here_and_now() -> None:
    demand_allowed(a_purse(restriction=FOOD, expires_at=NOON + HOUR), [BREAD], store="12", at=NOON)
    with pytest.raises(RestrictedFundsError, match="expired"):
        demand_allowed(a_purse(expires_at=NOON), [BREAD], store="12", at=NOON)
    with pytest.raises(RestrictedFundsError, match="nothing_it_allows"):
        demand_allowed(a_purse(restriction=FOOD), [WINE], store="12", at=NOON)

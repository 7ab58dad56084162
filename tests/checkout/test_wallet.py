from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    EUR,
    AccountId,
    AccountKind,
    Owed,
    Purse,
    Restriction,
    burn_order,
    cashback_account,
    cover,
    main_account,
    most_from,
)
from checkout.errors import InsufficientFundsError, RestrictedFundsError
from checkout.wallet import ANYWHERE
from tests.checkout.builders import HOUR, NOON, euros

BREAD = Owed("bread", "food", euros(400), "l-bread")
WINE = Owed("wine", "drink", euros(900), "l-wine")
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
    return {tender.account.owner: tender.limit.minor for tender in cover(owed, purses, store=store, unit=EUR).tenders}


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


def test_chosen_purse_is_refused_with_the_facts_when_it_cannot_pay_here_and_now() -> None:
    assert most_from(a_purse("food", 300, restriction=FOOD), [BREAD, WINE], store="12", at=NOON) == euros(300)
    assert most_from(a_purse("food", 900, restriction=FOOD), [BREAD, WINE], store="12", at=NOON) == euros(400)
    for purse, reason, allowed in (
        (a_purse(expires_at=NOON), "expired", ()),
        (a_purse(restriction=HERE), "other_store", ("12",)),
        (a_purse(restriction=FOOD), "nothing_it_allows", ("food",)),
        (a_purse(restriction=Restriction(skus=frozenset({"tea"}))), "nothing_it_allows", ("tea",)),
        (a_purse(balance=0), "empty", ()),
    ):
        with pytest.raises(RestrictedFundsError) as refused:
            most_from(purse, [WINE], store="13", at=NOON)
        assert (refused.value.reason, refused.value.allowed) == (reason, allowed)
        assert refused.value.expired_at == (NOON if reason == "expired" else None)


def test_earlier_purse_makes_room_when_a_later_one_allows_fewer_goods() -> None:
    wide = Restriction(categories=frozenset({"food", "drink"}))
    purses = [a_purse("wide", 400, restriction=wide), a_purse("food", 400, restriction=FOOD)]
    assert drawn(purses, [BREAD, WINE]) == {"wide": 400, "food": 400}
    found = cover([BREAD, WINE], purses, store="12", unit=EUR)
    assert [(part.account.owner, part.line_id, part.amount.minor) for part in found.parts] == [
        ("wide", "l-wine", 400),
        ("food", "l-bread", 400),
    ]
    assert found.still_open == euros(500)
    with pytest.raises(InsufficientFundsError) as refused:
        found.demand_whole()
    assert (refused.value.asked_minor, refused.value.held_minor) == (1300, 800)
    cover([BREAD], [a_purse("main", 400)], store="12", unit=EUR).demand_whole()


def test_room_is_made_over_two_lines_when_purses_overlap_in_a_chain() -> None:
    owed = [Owed(name, name, euros(100), name) for name in ("a", "b", "c")]

    def one(*names: str) -> Restriction:
        return Restriction(categories=frozenset(names))

    purses = [
        a_purse("ab", 100, restriction=one("a", "b")),
        a_purse("ac", 100, restriction=one("a", "c")),
        a_purse("a", 100, restriction=one("a")),
    ]
    assert drawn(purses, owed) == {"ab": 100, "ac": 100, "a": 100}
    assert cover([], purses, store="12", unit=EUR).tenders == ()


def test_declared_kinds_burn_first_when_the_shop_names_an_order() -> None:
    main = Purse(main_account("ada"), euros(100), expires_at=NOON + HOUR)
    cashback = Purse(cashback_account("ada"), euros(100))
    gift = a_purse("gift", expires_at=NOON + 2 * HOUR)
    declared = (AccountKind.VOUCHER, AccountKind.CASHBACK)
    assert burn_order([main, cashback, gift], at=NOON, declared=declared) == (gift, cashback, main)
    assert burn_order([main, cashback, gift], at=NOON) == (main, gift, cashback)

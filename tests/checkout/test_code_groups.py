"""Codes taken apart: the same groups that a till reads, and what is wrong where something is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import CodeTable, InStoreLayout, UnknownCode, WeighedCode, take_apart
from checkout.codes import price_check_digit
from checkout.gtin import check_digit

TABLE = CodeTable((InStoreLayout("21IIIIIWWWWWC"), InStoreLayout("26IIIIVPPPPPC"), InStoreLayout("02IIIIINNNNNC")))


def whole(payload: str) -> str:
    return payload + check_digit(payload)


def test_every_group_is_named_when_a_code_follows_a_layout() -> None:
    apart = take_apart(whole("261234" + price_check_digit("14685") + "14685"), "EAN-13", TABLE)

    assert apart.layout == TABLE.layouts[1]
    assert [(group.name, group.text) for group in apart.groups[:2]] == [("prefix", "26"), ("item", "1234")]
    assert {group.name: group.text for group in apart.groups}["price_minor"] == "14685"
    assert (apart.kind, all(group.is_right for group in apart.groups)) == ("in_store", True)


@given(st.from_regex("[0-9]{5}", fullmatch=True), st.integers(1, 9))
def test_the_wrong_digit_is_shown_beside_the_right_one_when_the_inner_check_fails(price: str, off: int) -> None:
    right = price_check_digit(price)
    wrong = str((int(right) + off) % 10)

    apart = take_apart(whole(f"261234{wrong}{price}"), "EAN-13", TABLE)

    (bad,) = [group for group in apart.groups if not group.is_right]
    assert (bad.name, bad.text, bad.should_be, apart.kind) == ("price_check", wrong, right, "wrong_digit")
    assert isinstance(apart.reading, UnknownCode)


def test_groups_are_those_of_the_thirteen_digits_when_a_upc_has_lost_its_zero() -> None:
    apart = take_apart(whole("021234500003")[1:], "UPC-A", TABLE)

    assert isinstance(apart.reading, WeighedCode)
    assert [group.text for group in apart.groups] == ["02", "12345", "00003", whole("021234500003")[-1]]


@pytest.mark.parametrize(
    ("text", "kind", "groups"),
    [
        ("3017620422003", "product", ["gtin=3017620422003"]),
        ("(01)03017620422003(10)L7(17)260301", "product", ["gtin=3017620422003", "lot=L7", "use_by=2026-03-01"]),
        ("SESAME:W:12345678", "wallet", []),
        ("SESAME:C:AB-CD", "coupon", []),
        ("https://shop.example/c/abcd", "sharelink", []),
        ("3017620422004", "wrong_digit", []),
        ("\x07", "strange_signs", []),
    ],
)
def test_kind_is_told_and_no_secret_when_a_code_follows_no_layout(text: str, kind: str, groups: list[str]) -> None:
    apart = take_apart(text, None, TABLE)

    assert (apart.kind, apart.layout) == (kind, None)
    assert [f"{group.name}={group.text}" for group in apart.groups] == groups

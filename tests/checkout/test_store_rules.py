"""The settings of a store: whole or not at all, and every fault named with its field and the way out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    CNY,
    DEFAULT_RULES,
    EUR,
    AccountKind,
    StoreRules,
    WeighedCode,
    currency,
    read_code,
    read_store_rules,
)
from checkout.errors import MalformedRuleError
from checkout.gtin import check_digit
from checkout.store_rules import PURSES


@given(
    st.lists(st.sampled_from(["20IIIIIWWWWWC", "24IIIIVPPPPPC", "285IIIIPPPPPC", "02IIIIINNNNNC"]), unique=True),
    st.integers(0, 10_000),
    st.permutations(PURSES),
    st.integers(0, 1_000_000),
    st.lists(st.sampled_from(["977+II", "978+5PPPP", "378+PPPPP"])),
)
def test_rules_are_the_same_when_they_were_written_and_read(
    layouts: list[str], most: int, order: list[AccountKind], floor: int, add_ons: list[str]
) -> None:
    offline = {"person_day_minor": floor, "kiosk_day_minor": 30_000}
    order_told = [kind.value for kind in order]
    written = {
        "layouts": layouts,
        "max_off_bp": most,
        "tender_order": order_told,
        "offline": offline,
        "add_ons": add_ons,
    }

    rules, faults = read_store_rules(json.loads(json.dumps(written)))

    assert faults == ()
    assert rules is not None
    assert (rules.as_json(), rules.policy.max_off_bp) == (written, most)
    assert StoreRules.demand(rules.as_json()) == rules


def test_everything_is_as_everywhere_when_nothing_is_written() -> None:
    assert read_store_rules({}) == (DEFAULT_RULES, ())
    assert StoreRules.demand(None) == DEFAULT_RULES


def test_price_in_a_code_has_the_decimals_of_the_currency_when_the_table_is_made() -> None:
    assert [DEFAULT_RULES.code_table(unit).exponent for unit in (EUR, CNY, currency("JPY"))] == [2, 2, 0]
    rules = StoreRules.demand({"layouts": ["25IIIIINNNNNC"]})
    reading = read_code("251234500003" + check_digit("251234500003"), "EAN-13", rules.code_table(EUR))
    assert isinstance(reading, WeighedCode)
    assert reading.pieces == 3


@pytest.mark.parametrize(
    ("told", "field", "said"),
    [
        ([], "", "write an object with"),
        ({"layout": []}, "layout", "known are layouts, max_off_bp, tender_order, offline, add_ons"),
        ({"offline": []}, "offline", "write person_day_minor, kiosk_day_minor"),
        ({"offline": {"day": 1}}, "offline", "write person_day_minor, kiosk_day_minor"),
        ({"offline": {"person_day_minor": -1}}, "offline.person_day_minor", "0 takes nothing without the store"),
        ({"offline": {"kiosk_day_minor": True}}, "offline.kiosk_day_minor", "0 takes nothing without the store"),
        ({"layouts": "21IIIIIWWWWWC"}, "layouts", "write a list"),
        ({"add_ons": "977+II"}, "add_ons", "write a list"),
        ({"add_ons": ["977+II", 977]}, "add_ons.1", "two or five signs"),
        ({"layouts": [21]}, "layouts.0", "13 signs"),
        ({"layouts": ["21IIIIIWWWWC"]}, "layouts.0", "13 signs"),
        ({"layouts": ["24IIIIVWWWWWC", "285IIIVPPPPPPC"]}, "layouts.1", "13 signs"),
        ({"layouts": ["30IIIIIWWWWWC"]}, "layouts.0", "begin it with 02, 04 or 20 to 29"),
        ({"layouts": ["28IIIIIWWWWWC", "285IIIIPPPPPC"]}, "layouts.1", "put the longer prefix first"),
        ({"max_off_bp": 10_001}, "max_off_bp", "choose 0 to 10000"),
        ({"max_off_bp": "half"}, "max_off_bp", "choose 0 to 10000"),
        ({"max_off_bp": True}, "max_off_bp", "choose 0 to 10000"),
        ({"tender_order": ["voucher", "main"]}, "tender_order", "name each of voucher, cashback, main once"),
        ({"tender_order": ["voucher", "main", "main"]}, "tender_order", "name each of voucher, cashback, main once"),
        ({"tender_order": "main"}, "tender_order", "name each of voucher, cashback, main once"),
    ],
)
def test_field_and_way_out_are_named_when_a_rule_cannot_work(told: object, field: str, said: str) -> None:
    rules, (fault, *_) = read_store_rules(told)

    assert rules is None
    assert (fault.field, said in fault.fix) == (field, True)
    with pytest.raises(MalformedRuleError, match="store rules"):
        StoreRules.demand(told)


def test_all_faults_are_told_when_there_are_several() -> None:
    _, faults = read_store_rules({"layouts": ["x", "y"], "max_off_bp": -1, "tender_order": None, "price": 1})

    assert [fault.field for fault in faults] == ["price", "layouts.0", "layouts.1", "max_off_bp", "tender_order"]

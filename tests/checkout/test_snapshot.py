"""A catalogue that travels says the same at both ends, whole or in steps, and any changed row changes its digest."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    AccountKind,
    Change,
    CodeRow,
    Head,
    InStoreLayout,
    PriceRow,
    ShopFacts,
    StoreRules,
    Tables,
    Unit,
    VatClass,
    VatRow,
    apply_change,
    assortment_of,
    change_between,
    digest_of_tables,
    prices_at,
    tables_of,
)
from checkout.errors import MalformedRuleError
from tests.checkout.builders import NOON, a_product

SHOP = ShopFacts("s-1", "Shop", "Shop SA", "EUR", "FR", "Europe/Paris", demo_prices=True, price_group="north")
OFFER = {
    "id": "three",
    "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"},
    "benefit": {"kind": "n_for_m", "match": {"skus": ["tea"]}, "take": 3, "pay": 2},
}
GOODS = (
    a_product("tea", minor=399, recalled_lots=frozenset({"L7", "L8"})),
    a_product("ham", minor=1290, unit=Unit.KG, vat_class=VatClass.STANDARD),
    a_product("wine", minor=649, min_age=18, sale_stop="glass", deposit_sku="tea"),
)
CODES = (CodeRow("3017620422003", "tea"), CodeRow("4011", "ham", 2))
PRICES = (
    PriceRow("tea", "north", NOON, NOON + timedelta(hours=2), 299, 279),
    PriceRow("ham", "", NOON - timedelta(days=1), None, 1190),
)


def a_shop(**facts: Any) -> Tables:
    parts: dict[str, Any] = {
        "products": GOODS,
        "codes": CODES,
        "prices": PRICES,
        "promotions": [OFFER],
    } | facts
    return tables_of(SHOP, **parts)


def over_the_wire(tables: Tables) -> Tables:
    return json.loads(json.dumps(tables))  # type: ignore[no-any-return] # JSON


def test_assortment_is_the_shop_s_when_its_tables_have_travelled() -> None:
    vat = (VatRow("FR", VatClass.REDUCED, 550, date(2000, 1, 1), date(2030, 1, 1), "law"),)
    rules = StoreRules(
        (InStoreLayout("21IIIIIWWWWWC"),), 5000, (AccountKind.MAIN, AccountKind.CASHBACK, AccountKind.VOUCHER)
    )

    told = assortment_of(over_the_wire(a_shop(vat=vat, rules=rules)))

    assert (told.shop, told.products, told.codes, told.prices) == (SHOP, GOODS, CODES, PRICES)
    assert [offer.id for offer in told.promotions] == ["three"]
    assert (told.vat, told.rules) == (vat, rules)


def test_price_of_the_group_holds_in_its_window_when_the_catalogue_is_opened() -> None:
    told = assortment_of(a_shop())
    before, within, after = (NOON + timedelta(hours=hours) for hours in (-1, 1, 2))

    assert [told.catalog_at(at).by_sku("tea").unit_price_minor for at in (before, within, after)] == [399, 299, 399]
    assert told.catalog_at(NOON).by_sku("ham").unit_price_minor == 1190
    assert [told.next_change_at(at) for at in (before, within, after)] == [NOON, NOON + timedelta(hours=2), None]


def test_price_is_another_group_s_business_when_the_groups_differ() -> None:
    assert prices_at(PRICES, "south", at=NOON) == {"ham": 1190}


def test_digest_is_another_when_any_row_is_another() -> None:
    plain = digest_of_tables(a_shop())
    cheaper = a_shop(products=(replace(GOODS[0], unit_price_minor=398), *GOODS[1:]))

    assert digest_of_tables(over_the_wire(a_shop())) == plain
    assert digest_of_tables(cheaper) != plain
    assert digest_of_tables(a_shop(codes=CODES[:1])) != plain
    assert digest_of_tables({**a_shop(), "extra": {}}) == plain


def test_what_is_signed_names_store_number_moment_and_digest() -> None:
    head = Head("s-1", 7, "2026-03-02T12:00:00Z", "ab" * 32)

    assert head.version == f"7-{'ab' * 8}"
    assert b"s-1" in head.signed
    assert len({head.signed, *(replace(head, **{n: v}).signed for n, v in (("number", 8), ("digest", "")))}) == 3  # type: ignore[arg-type] # one fact each


def test_change_is_nothing_when_nothing_changed() -> None:
    change = change_between(a_shop(), a_shop())

    assert (change.size, change.put, change.gone) == (0, {}, {})


_ROWS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 3), max_size=6)
_TABLES = st.dictionaries(st.sampled_from(["products", "codes", "prices"]), _ROWS, max_size=3)


@given(_TABLES, _TABLES)
def test_later_version_is_reached_when_its_changes_are_applied(old: dict[str, Any], new: dict[str, Any]) -> None:
    new = {**{table: {} for table in old}, **new}

    reached = apply_change(old, change_between(old, new))

    assert digest_of_tables(reached) == digest_of_tables(new)
    assert {table: rows for table, rows in reached.items() if rows} == {t: rows for t, rows in new.items() if rows}


def test_rows_of_an_unknown_table_are_passed_over_when_they_are_gone() -> None:

    assert apply_change({}, Change({}, {"products": ["tea"]})) == {}


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("products", {"tea": {"name": "Tea"}}),
        ("products", {"tea": 3}),
        ("products", {"tea": {"name": "T", "brand": "", "pack": "", "unit_price_minor": -1, "vat_class": "reduced"}}),
        ("products", {"tea": {"name": "T", "brand": "", "pack": "", "unit_price_minor": 1, "vat_class": "odd"}}),
        ("codes", {"4011": 5}),
        ("prices", {"x": ["tea", "", "no moment", None, 1, None]}),
        ("promotions", {"p": {"id": "p"}}),
        ("vat", {"v": []}),
        ("shop", {"store_id": "s-1"}),
    ],
)
def test_catalogue_is_refused_whole_when_a_row_is_not_as_agreed(table: str, rows: dict[str, Any]) -> None:
    with pytest.raises(MalformedRuleError):
        assortment_of({**a_shop(), table: rows})


def test_catalogue_is_refused_when_a_table_is_missing() -> None:
    with pytest.raises(MalformedRuleError, match="catalogue"):
        assortment_of({"shop": a_shop()["shop"]})


def test_moments_keep_their_zone_when_they_travel() -> None:
    row = PriceRow("tea", "", datetime(2026, 3, 2, tzinfo=UTC), None, 1)

    assert assortment_of(over_the_wire(a_shop(prices=[row]))).prices == (row,)

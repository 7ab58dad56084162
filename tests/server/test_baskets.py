"""Baskets, on both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from checkout import BasketState, Catalog, CodeRow, StoreRules
from checkout.errors import (
    BasketChangedError,
    LineNotFoundError,
    MalformedCodeError,
    NotAProductError,
    ProductNotFoundError,
    SaleStopError,
)
from server.db.database import Database
from server.flows import change_basket, scan
from server.flows.age import settle_age_check
from server.flows.baskets import find, view
from server.flows.errors import FlowError
from server.flows.ports import BasketRow, Caller, Work
from server.flows.shop import Shop
from server.flows.sweep import KEEP_UNUSED, put_away_unused
from tests.server.builders import CODES, COLA, KIOSK, NOON, NUTELLA, PASTA, PRODUCTS, WINE, a_basket, an_id


def open_basket(database: Database, shop: Shop) -> str:
    basket_id = an_id()
    database.write(lambda work: scan.open_basket(work, shop, basket_id, KIOSK, channel="kiosk", at=NOON))
    return basket_id


def put(
    work: Work, shop: Shop, basket_id: str, code: str, *, line_id: str | None = None, quantity: int = 1
) -> tuple[BasketRow, str]:
    return scan.scan(
        work,
        shop,
        basket_id,
        KIOSK,
        line_id=line_id or an_id(),
        code=code,
        symbology=None,
        quantity=quantity,
        at=NOON,
        intervention_id=an_id(),
    )


def test_line_carries_price_and_reason_when_a_promotion_applies(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    row, _ = database.write(lambda work: put(work, shop, basket_id, PASTA, quantity=3))

    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert (shown["gross_minor"], shown["saved_minor"], shown["total_minor"]) == (387, 129, 258)
    assert shown["lines"][0]["adjustments"] == [
        {
            "rule_id": "pasta-3-for-2",
            "label": {"fr": "3 pour 2", "en": "3 for 2", "zh": "买三付二"},
            "amount_minor": -129,
        }
    ]
    assert shown["lines"][0]["unit_text"] == {"fr": "2,58 €/kg", "en": "€2.58/kg", "zh": "€2.58/公斤"}
    assert sum(each["gross_minor"] for each in shown["vat"]) == 258


def test_same_product_is_merged_into_the_first_line_when_scanned_again(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    _, first = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    row, touched = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    assert touched == first
    assert [(line.line_id, line.quantity) for line in row.lines] == [(first, 2)]


def test_deposit_is_a_line_of_its_own_when_a_bottle_is_scanned(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    row, line_id = database.write(lambda work: put(work, shop, basket_id, COLA, quantity=2))

    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert [(line["sku"], line["due_minor"]) for line in shown["lines"]] == [("cola", 300), ("deposit", 30)]
    assert shown["lines"][1]["line_id"] == f"{line_id}:deposit"


def test_weight_makes_the_price_when_a_label_of_the_scale_is_scanned(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    row, _ = database.write(lambda work: put(work, shop, basket_id, "2112345012506"))

    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert (shown["lines"][0]["weight_g"], shown["lines"][0]["due_minor"]) == (1250, 313)


def test_sticker_makes_the_price_when_a_marked_down_pack_is_scanned(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    row, _ = database.write(lambda work: put(work, shop, basket_id, f"(01)0{NUTELLA}(30)1(3922)99(17)991231"))

    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert (shown["lines"][0]["label_price_minor"], shown["total_minor"]) == (99, 99)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("3017620422004", MalformedCodeError),
        ("96385074", ProductNotFoundError),
        ("no such thing", ProductNotFoundError),
        ("4006381333931", SaleStopError),
        (f"(01)0{NUTELLA}(17)200101", SaleStopError),  # past its use-by date
        (f"https://id.example/01/{NUTELLA}?17=200101", SaleStopError),
        ("x" * 513, MalformedCodeError),
        (f"https://id.example/01/{NUTELLA}?" + "x" * 600, MalformedCodeError),
        ("javascript:alert(1)", ProductNotFoundError),
        ("https://id.example/01/../../etc", ProductNotFoundError),
    ],
)
def test_basket_stays_as_it_was_when_a_code_is_refused(
    database: Database, shop: Shop, code: str, error: type[Exception]
) -> None:
    basket_id = open_basket(database, shop)

    with pytest.raises(error):
        database.write(lambda work: put(work, shop, basket_id, code))

    row = database.read(lambda work: find(work, basket_id))
    assert (row.lines, row.version) == ((), 1)


def test_kind_is_named_when_a_coupon_is_scanned_as_a_product(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    with pytest.raises(NotAProductError) as caught:
        database.write(lambda work: put(work, shop, basket_id, "SESAME:C:ABCD-EFGH-JKMN"))

    assert (caught.value.code, caught.value.kind) == ("not_a_product", "coupon")


def test_staff_are_called_once_when_two_bottles_of_wine_are_scanned(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    database.write(lambda work: put(work, shop, basket_id, WINE))
    row, _ = database.write(lambda work: put(work, shop, basket_id, WINE))

    calls = database.read(lambda work: work.interventions.of("demo", "open", limit=10))
    assert [call.type for call in calls] == ["age_check"]
    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert shown["age_check"] == "waiting"
    assert [problem["code"] for problem in shown["problems"]] == ["age_check_required"]


def test_problem_is_gone_when_the_age_check_is_approved(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    database.write(lambda work: put(work, shop, basket_id, WINE))

    row = database.write(
        lambda work: settle_age_check(work, shop, basket_id, min_age=18, approved=True, by="amal", at=NOON)
    )

    assert row is not None
    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert (shown["age_check"], shown["problems"]) == ("approved", [])


def test_a_person_is_called_again_when_goods_for_older_people_follow(database: Database, shop: Shop) -> None:
    goods = [replace(each, min_age=16) if each.sku == "pasta" else each for each in PRODUCTS]
    beer = replace(shop, catalog=Catalog(goods, CODES), member_catalog=Catalog(goods, CODES))

    def ages(work: Work, state: str) -> list[int]:
        return [call.detail["min_age"] for call in work.interventions.of("demo", state, limit=9)]

    def yes(age: int) -> str:
        row = database.write(
            lambda work: settle_age_check(work, beer, basket_id, min_age=age, approved=True, by="amal", at=NOON)
        )
        assert row is not None
        return row.age_check

    basket_id = database.write(lambda work: a_basket(work, beer, PASTA))
    assert yes(16) == "approved"
    database.write(lambda work: put(work, beer, basket_id, PASTA))
    assert database.read(lambda work: ages(work, "open")) == []
    database.write(lambda work: put(work, beer, basket_id, WINE))

    shown = database.read(lambda work: view(work, beer, find(work, basket_id), at=NOON))
    assert (shown["age_check"], database.read(lambda work: ages(work, "open"))) == ("waiting", [18])
    assert yes(16) == "waiting"
    assert yes(18) == "approved"
    assert database.read(lambda work: ages(work, "open")) == []


def test_wine_leaves_and_does_not_come_back_when_the_age_check_is_refused(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    database.write(lambda work: put(work, shop, basket_id, WINE))
    database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    row = database.write(
        lambda work: settle_age_check(work, shop, basket_id, min_age=18, approved=False, by="amal", at=NOON)
    )

    assert row is not None
    assert [line.sku for line in row.lines] == ["nutella"]
    with pytest.raises(FlowError, match="not passed"):
        database.write(lambda work: put(work, shop, basket_id, WINE))


def test_change_is_refused_when_it_was_meant_for_an_older_version(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    row, line_id = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    with pytest.raises(BasketChangedError):
        database.write(
            lambda work: change_basket.change_line(work, basket_id, KIOSK, line_id, 5, version=row.version - 1, at=NOON)
        )

    assert database.read(lambda work: find(work, basket_id)) == row


def test_line_goes_when_its_quantity_becomes_none(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    _, line_id = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    row = database.write(
        lambda work: change_basket.change_line(work, basket_id, KIOSK, line_id, 0, version=None, at=NOON)
    )

    assert row.lines == ()
    with pytest.raises(LineNotFoundError):
        database.write(
            lambda work: change_basket.change_line(work, basket_id, KIOSK, line_id, 1, version=None, at=NOON)
        )


def test_quoted_basket_is_open_again_when_something_is_added(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    database.write(lambda work: put(work, shop, basket_id, NUTELLA))
    quoted = database.write(lambda work: change_basket.quote_basket(work, basket_id, KIOSK, at=NOON))

    row, _ = database.write(lambda work: put(work, shop, basket_id, PASTA))

    assert (quoted.state, row.state) == (BasketState.QUOTED, BasketState.OPEN)


def test_nothing_can_be_added_when_the_basket_was_abandoned(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    database.write(lambda work: change_basket.abandon_basket(work, basket_id, KIOSK, at=NOON))

    with pytest.raises(FlowError) as caught:
        database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    assert caught.value.code == "basket_closed"


def test_basket_is_not_found_when_another_kiosk_asks(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    with pytest.raises(FlowError) as caught:
        database.read(lambda work: find(work, basket_id, Caller("kiosk", "kiosk-2", "demo")))

    assert caught.value.code == "basket_not_found"


def test_listeners_hear_of_each_change_when_a_basket_is_filled(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)

    row, _ = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    heard = database.read(lambda work: work.events.after(0))
    assert [(event.kind, event.body["version"]) for event in heard] == [("basket.changed", row.version)]


def test_only_baskets_that_nobody_used_are_put_away_when_half_an_hour_is_over(database: Database, shop: Shop) -> None:
    unused, used = open_basket(database, shop), open_basket(database, shop)
    database.write(lambda work: put(work, shop, used, NUTELLA))
    later = NOON + timedelta(hours=1)

    early = database.write(lambda work: put_away_unused(work, NOON - timedelta(seconds=1), at=later))
    late = database.write(lambda work: put_away_unused(work, later - KEEP_UNUSED, at=later))
    again = database.write(lambda work: put_away_unused(work, later - KEEP_UNUSED, at=later))

    states = [database.read(lambda work, b=b: find(work, b)).state.value for b in (unused, used)]  # type: ignore[misc] # bound now
    assert (early, late, again, states) == (0, 1, 0, ["abandoned", "open"])


STICKER = f"(01)0{NUTELLA}(30)1(3922)99(17)991231"
EXPIRED = f"(01)0{NUTELLA}(30)1(3922)99(17)200101"


def better(work: Work, shop: Shop, basket_id: str, code: str) -> tuple[BasketRow, str]:
    """Scan a second code of the pack that was scanned before."""
    return scan.scan(
        work,
        shop,
        basket_id,
        KIOSK,
        line_id=an_id(),
        code=code,
        symbology="databar",
        quantity=1,
        same_pack=True,
        at=NOON,
        intervention_id=an_id(),
    )


def test_line_costs_what_its_sticker_says_when_that_is_read_after_the_pack(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    _, line_id = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    row, touched = database.write(lambda work: better(work, shop, basket_id, STICKER))

    shown = database.read(lambda work: view(work, shop, find(work, basket_id), at=NOON))
    assert touched == line_id
    assert [(line["line_id"], line["quantity"], line["due_minor"]) for line in shown["lines"]] == [(line_id, 1, 99)]
    assert (shown["version"], shown["total_minor"]) == (row.version, 99)


def test_another_pack_keeps_its_price_when_one_of_two_has_a_sticker(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    database.write(lambda work: put(work, shop, basket_id, NUTELLA, quantity=2))

    row, touched = database.write(lambda work: better(work, shop, basket_id, STICKER))

    shown = database.read(lambda work: view(work, shop, row, at=NOON))
    assert [(line["quantity"], line["due_minor"]) for line in shown["lines"]] == [(1, 399), (1, 99)]
    assert touched == shown["lines"][1]["line_id"]


def test_line_is_named_and_nothing_changes_when_a_second_code_says_no_more(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    before, line_id = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    row, touched = database.write(lambda work: better(work, shop, basket_id, f"https://brand.example/01/0{NUTELLA}"))

    assert (row.lines, row.version, touched) == (before.lines, before.version, line_id)


def test_sale_is_refused_when_a_second_code_says_that_the_pack_is_too_old(database: Database, shop: Shop) -> None:
    basket_id = open_basket(database, shop)
    before, _ = database.write(lambda work: put(work, shop, basket_id, NUTELLA))

    with pytest.raises(SaleStopError) as refused:
        database.write(lambda work: better(work, shop, basket_id, EXPIRED))

    assert refused.value.facts["sku"] == "nutella"
    assert database.read(lambda work: find(work, basket_id)).lines == before.lines


def test_issue_is_on_the_line_and_its_price_where_the_store_says_so(database: Database, shop: Shop) -> None:
    issn, weekly = "9771234567003", replace(PRODUCTS[0], sku="weekly")
    catalog = Catalog([*PRODUCTS, weekly], [*CODES, CodeRow(issn, "weekly")])
    rules = StoreRules.demand({"add_ons": ["977+II", "977+PPPPP"]})
    kiosk = replace(shop, catalog=catalog, row=replace(shop.row, rules=rules))
    basket_id = open_basket(database, kiosk)

    database.write(lambda work: put(work, kiosk, basket_id, issn + "07"))
    row, _ = database.write(lambda work: put(work, kiosk, basket_id, issn + "00450"))

    shown = database.read(lambda work: view(work, kiosk, row, at=NOON))
    assert [(line["issue"], line["due_minor"]) for line in shown["lines"]] == [("07", 399), (None, 450)]

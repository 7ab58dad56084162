"""What a campaign says of its coupons holds in a basket: which goods, beside which coupons, and what is told of it."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from server.db.database import Database
from server.flows.basket_coupons import apply_coupon
from server.flows.baskets import find, priced
from server.flows.campaign_words import conditions
from server.flows.coupon_codes import new_coupon_code
from server.flows.coupons import issue
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.run_campaign import create_campaign
from server.flows.shop import Shop
from tests.server.builders import KIOSK, NOON, NUTELLA, PASTA, a_basket, an_id
from tests.server.people.builders import a_campaign, a_plan


def a_coupon(work: Work, **facts: object) -> str:
    """Launch a campaign of 10 % and return the code of one coupon from it."""
    facts = {"effect_kind": "percent", "effect_value": 10, "min_basket_minor": 0, "holdout_percent": 0} | facts
    campaign = a_campaign(work, campaign_id=an_id(), **facts)
    return issue(work, campaign, code=new_coupon_code(), phone_hash=None, generation=0, at=NOON).code


def told(work: Work, shop: Shop, goods: tuple[str, ...], *codes: str) -> list[tuple[str | None, int]]:
    basket_id = a_basket(work, shop, *goods)
    for code in codes:
        apply_coupon(work, basket_id, KIOSK, code, at=NOON)
    quote = priced(work, shop, find(work, basket_id), at=NOON).quote
    by_code = {coupon.code: (coupon.reason_code, coupon.saved.minor) for coupon in quote.coupons}
    return [by_code[code] for code in codes]


def test_a_coupon_takes_from_its_goods_alone_when_its_campaign_names_some(database: Database, shop: Shop) -> None:
    def story(work: Work) -> list[list[tuple[str | None, int]]]:
        of_pasta, of_jars = a_coupon(work, categories=("pasta",)), a_coupon(work, skus=("nutella",))
        baskets = ((NUTELLA, PASTA), (NUTELLA,))
        return [told(work, shop, goods, of_pasta, of_jars) for goods in baskets]

    both, jar = database.write(story)

    assert [saved for _, saved in both] == [13, 40]
    assert jar == [("coupon_not_applicable", 0), (None, 40)]


def test_two_coupons_do_not_meet_when_one_stands_alone(database: Database, shop: Shop) -> None:
    def story(work: Work) -> list[tuple[str | None, int]]:
        return told(work, shop, (NUTELLA,), a_coupon(work, stacking="alone", effect_value=20), a_coupon(work))

    alone, other = database.write(story)

    assert alone == (None, 80)
    assert other == ("not_combinable", 0)


def test_goods_on_offer_are_spared_when_a_coupon_is_for_full_prices(database: Database, shop: Shop) -> None:
    def story(work: Work) -> list[tuple[str | None, int]]:
        code = a_coupon(work, stacking="full_price")
        return told(work, shop, (PASTA, PASTA, PASTA, NUTELLA), code)

    assert database.write(story) == [(None, 40)]


def test_goods_are_named_when_nothing_sold_could_meet_the_campaign(database: Database, shop: Shop) -> None:
    plan = a_plan(skus=("nutella", "caviar"), categories=("yachts",))

    with pytest.raises(FlowError) as refused:
        database.write(lambda work: create_campaign(work, plan, store_id="demo", by="m", at=NOON, sold=shop.catalog))

    errors = refused.value.facts["errors"]
    assert [error["field"] for error in errors] == ["skus.1", "categories.0"]
    assert "caviar" in errors[0]["message"]


def test_conditions_say_goods_and_stacking_in_every_language_when_there_are_some(database: Database) -> None:
    rows = [
        database.write(lambda work: a_campaign(work, campaign_id=an_id(), skus=("nutella",), stacking="alone")),
        database.write(lambda work: a_campaign(work, campaign_id=an_id())),
    ]

    bound, free = (conditions(row) for row in rows)

    assert bound["en"].endswith("On selected goods. Not with another coupon.")
    assert bound["fr"].endswith("Sur une sélection de produits. Non cumulable avec un autre bon.")
    assert bound["zh"].endswith("限指定商品。不可与其他优惠券同用。")
    assert "selected" not in free["en"]


def test_no_line_ends_between_a_number_and_its_sign_or_month_when_conditions_are_told(database: Database) -> None:
    row = database.write(lambda work: a_campaign(work, campaign_id=an_id(), min_basket_minor=1_050))

    said = conditions(replace(row, ends_at=datetime(2027, 3, 1, 22, 59, tzinfo=UTC)))

    assert said["fr"] == "Dès 10,50\u00a0€ d’achat, une fois, jusqu’au 1er\u00a0mars\u00a02027."  # noqa: RUF001 - French typography
    assert said["en"] == "From €10.50, once, until 1\u00a0March\u00a02027."
    assert "2027年3月1日" in said["zh"]

"""The price for a kilogram or a litre, in each language."""

from dataclasses import replace

import pytest

from checkout import EUR, Label, Unit, net_content, unit_price
from checkout.money import Currency
from tests.checkout.builders import a_product


def test_price_of_a_litre_is_told_in_each_language_when_the_pack_says_its_content() -> None:
    wine = replace(a_product("wine", minor=649), pack="75 cl")

    assert unit_price(wine, EUR) == Label("8,65 €/l", "€8.65/l", "€8.65/升")


def test_price_of_a_kilogram_is_the_price_when_goods_are_sold_by_weight() -> None:
    assert unit_price(a_product("pears", minor=229, unit=Unit.KG), EUR).en == "€2.29/kg"


def test_letters_stand_for_a_currency_when_it_has_no_sign_here() -> None:
    assert unit_price(a_product("pears", minor=229, unit=Unit.KG), Currency("GBP", 2)).en == "GBP 2.29/kg"


@pytest.mark.parametrize("pack", ["", "12 oz", "0 g"])
def test_nothing_is_told_when_the_pack_says_no_content(pack: str) -> None:
    assert net_content(pack) is None
    assert unit_price(replace(a_product("tea"), pack=pack), EUR) == Label.same("")

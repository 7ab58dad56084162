import pytest

from checkout import Catalog, CodeRow, Gtin
from checkout.catalog import fold
from checkout.errors import MalformedRuleError, ProductNotFoundError
from tests.checkout.builders import a_catalog, a_product

CREAM = a_product("cream", name="Crème brûlée")
BREW = a_product("brew", name="Brûlerie café", minor=300)
DARK = a_product("dark", name="Café noir")
SHOP = a_catalog(
    CREAM,
    BREW,
    DARK,
    codes=[
        CodeRow("96385074", "cream"),
        CodeRow("3017620422003", "brew"),
        CodeRow("10614141000415", "brew", 6),
        CodeRow("4011", "dark"),
    ],
)


@pytest.mark.parametrize("code", ["96385074", "000096385074", "0000096385074", "00000096385074"])
def test_one_number_leads_to_one_product_when_written_in_any_length(code: str) -> None:
    assert SHOP.by_code(code) is CREAM


def test_product_is_found_when_its_code_is_a_value_or_a_plu() -> None:
    assert SHOP.by_code(Gtin.parse("3017620422003")) is BREW
    assert SHOP.by_code(" 4011 ") is DARK
    assert "4011" in SHOP
    assert "4012" not in SHOP
    assert SHOP.by_sku("dark") is DARK
    assert len(SHOP) == 3
    assert SHOP.products == (CREAM, BREW, DARK)


def test_pieces_are_told_when_a_code_is_a_case() -> None:
    assert SHOP.pieces("10614141000415") == 6
    assert SHOP.pieces("3017620422003") == 1


def test_error_names_the_code_when_nothing_is_known_under_it() -> None:
    with pytest.raises(ProductNotFoundError, match="4006381333931"):
        SHOP.by_code("4006381333931")
    with pytest.raises(ProductNotFoundError, match="nothing"):
        SHOP.by_sku("nothing")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("cafe", [DARK, BREW]),
        ("CAFÉ noir", [DARK]),
        ("brul", [BREW, CREAM]),
        ("bru cr", [CREAM]),
        ("xyz", []),
        ("  ", []),
    ],
)
def test_search_ranks_by_words_met_whole_and_name_when_asked(text: str, found: list[object]) -> None:
    assert list(SHOP.search(text)) == found


def test_search_stops_at_the_limit_when_many_match() -> None:
    many = Catalog([a_product(f"s{i}", name=f"Soup {i}") for i in range(30)], [])
    assert len(many.search("soup", limit=5)) == 5


def test_only_what_has_no_bar_code_is_loose() -> None:
    bare = a_product("bare", name="Sac")  # no code at all: nobody could sell it by picture or keypad
    shop = Catalog(
        [
            *SHOP.products,
            bare,
            a_product("apple", name="Apfel"),
            a_product("both", name="Both"),
            a_product("ham", name="Jambon"),
        ],
        [
            CodeRow("4011", "dark"),
            CodeRow("4130", "apple"),
            CodeRow("4088", "both"),
            CodeRow("96385074", "both"),
            CodeRow("2112345000008", "ham"),
            CodeRow("00000000000001", "apple"),  # fourteen digits that are no global number
            CodeRow("3017620422003", "brew"),
        ],
    )

    assert [one.sku for one in shop.loose] == ["apple", "dark", "ham"]  # ham by a label of the counter


def test_signs_and_ligatures_do_not_count_when_folded() -> None:
    assert fold("Bœuf, æther—ŒUF") == "boeuf aether oeuf"


def test_catalogue_is_refused_when_a_key_stands_twice_or_leads_nowhere() -> None:
    twice = [CodeRow("96385074", "cream"), CodeRow("0000096385074", "cream")]
    for products, codes, problem in (
        ([CREAM, a_product("cream")], [], "sku stands twice"),
        ([CREAM], twice, "code stands twice"),
        ([CREAM], [CodeRow("4011", "gone")], "unknown product gone"),
        ([a_product(deposit_sku="gone")], [], "deposit gone is unknown"),
    ):
        with pytest.raises(MalformedRuleError, match=problem):
            Catalog(products, codes)


@pytest.mark.parametrize("minor", [-1, 1.5])
def test_product_is_refused_when_its_price_is_not_whole(minor: int) -> None:
    with pytest.raises(MalformedRuleError, match="whole number"):
        a_product(minor=minor)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import Basket, Limits
from checkout.errors import LineLimitError, LineNotFoundError, MalformedRuleError, QuantityOutOfRangeError
from tests.checkout.builders import a_basket, a_line


def test_line_keeps_its_id_when_the_same_product_is_added() -> None:
    basket = Basket().add(a_line("tea", 2, line_id="one")).add(a_line("tea", 3, line_id="two"))
    assert basket.lines == (a_line("tea", 5, line_id="one"),)
    assert basket.version == 2
    assert basket.pieces == 5


def test_nothing_changes_when_the_same_scan_arrives_twice() -> None:
    basket = Basket().add(a_line(line_id="one"))
    assert basket.add(a_line(line_id="one")) is basket


@pytest.mark.parametrize("special", [{"weight_g": 250}, {"price_minor": 199}, {"lot": "L7"}])
def test_line_stands_alone_when_weighed_priced_or_of_another_lot(special: dict[str, object]) -> None:
    basket = Basket().add(a_line(line_id="one")).add(a_line(line_id="two", **special))  # type: ignore[arg-type] # a table of facts
    assert len(basket) == 2
    assert len(basket.add(a_line(line_id="three", **special))) == (2 if "lot" in special else 3)  # type: ignore[arg-type] # likewise


def test_quantity_changes_and_line_goes_when_asked() -> None:
    basket = a_basket(a_line("tea"), a_line("jam"))
    changed = basket.change("l-jam", 4)
    assert [line.quantity for line in changed] == [1, 4]
    assert changed.remove("l-tea").lines == (a_line("jam", 4),)
    assert changed.remove("l-tea").version == 2


def test_error_names_the_line_when_it_is_not_there() -> None:
    with pytest.raises(LineNotFoundError, match="gone"):
        Basket().remove("gone")
    with pytest.raises(LineNotFoundError):
        Basket().change("gone", 1)


def test_quantity_is_refused_when_out_of_range() -> None:
    for act in (
        lambda: a_line(quantity=0),
        lambda: a_line(quantity=2, weight_g=10),
        lambda: a_basket(a_line()).change("l-tea", 100),
        lambda: a_basket(a_line(quantity=60)).add(a_line(quantity=60, line_id="two")),
    ):
        with pytest.raises(QuantityOutOfRangeError):
            act()


@pytest.mark.parametrize("wrong", [{"weight_g": 0}, {"price_minor": -1}])
def test_line_is_refused_when_weight_or_price_cannot_be(wrong: dict[str, int]) -> None:
    with pytest.raises(MalformedRuleError):
        a_line(**wrong)  # type: ignore[arg-type] # a table of facts


def test_staff_are_asked_when_a_trip_outgrows_the_kiosk() -> None:
    small = Limits(lines=2, pieces=5, pieces_per_line=5, warn_percent=80)
    basket = Basket().add(a_line("tea"), small)
    assert not basket.near_limit(small)
    basket = basket.add(a_line("jam"), small)
    assert basket.near_limit(small)
    with pytest.raises(LineLimitError, match="3 lines; 2 are"):
        basket.add(a_line("rye"), small)
    with pytest.raises(LineLimitError, match="6 pieces"):
        basket.change("l-jam", 5, small)


def test_early_warning_comes_when_pieces_are_many_on_one_line() -> None:
    small = Limits(lines=9, pieces=5, pieces_per_line=5, warn_percent=80)
    assert a_basket(a_line(quantity=4)).near_limit(small)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 5)), max_size=12))
def test_no_piece_is_lost_when_lines_merge(scans: list[tuple[str, int]]) -> None:
    basket = Basket()
    for number, (sku, quantity) in enumerate(scans):
        basket = basket.add(a_line(sku, quantity, line_id=str(number)))
    assert basket.pieces == sum(quantity for _, quantity in scans)
    assert len(basket) == len({sku for sku, _ in scans})
    assert basket.version == len(scans)

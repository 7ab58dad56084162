import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import Basket, Limits, Line, laid_together
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


@given(
    st.lists(
        st.builds(
            lambda sku, line_id, quantity, lot: a_line(sku, quantity, line_id=line_id, lot=lot),
            st.sampled_from(["tea", "jam", "milk"]),
            st.sampled_from(["one", "two", "three", "four"]),
            st.integers(1, 4),
            st.sampled_from([None, None, "L7"]),
        ),
        max_size=5,
    )
)
def test_lines_are_as_if_added_in_turn_when_they_are_laid_together(lines: list[Line]) -> None:
    limits = Limits(lines=3, pieces=8, pieces_per_line=5)
    try:
        turned = Basket()
        for line in lines:
            turned = turned.add(line, limits)
    except (LineLimitError, QuantityOutOfRangeError) as error:
        with pytest.raises(type(error)):
            laid_together(lines, limits)
    else:
        assert laid_together(lines, limits) == turned.lines


@pytest.mark.parametrize("quantities", [(1, 6), (1, 1, 1, 1), (4, 5)])
def test_goods_laid_together_are_refused_when_they_are_more_than_a_kiosk_takes(quantities: tuple[int, ...]) -> None:
    lines = [a_line(f"s{place}", quantity) for place, quantity in enumerate(quantities)]

    with pytest.raises((LineLimitError, QuantityOutOfRangeError)):
        laid_together(lines, Limits(lines=3, pieces=8, pieces_per_line=5))


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


STICKER = {"price_minor": 99, "lot": "L7"}


def test_sticker_prices_the_line_of_its_own_pack_when_the_pack_was_read_before() -> None:
    basket = a_basket(a_line("tea"), a_line("jam"))

    bettered = basket.better(a_line("tea", line_id="sticker", price_minor=99))

    assert bettered.lines == (a_line("tea", price_minor=99), a_line("jam"))
    assert bettered.version == basket.version + 1


def test_one_of_several_is_marked_down_when_its_sticker_is_read() -> None:
    basket = a_basket(a_line("tea", 3))

    bettered = basket.better(a_line("tea", line_id="sticker", price_minor=99))

    assert bettered.lines == (a_line("tea", 2), a_line("tea", line_id="sticker", price_minor=99))
    assert (bettered.pieces, bettered.version) == (3, basket.version + 1)


def test_lines_of_one_lot_are_one_when_a_second_code_tells_it() -> None:
    basket = a_basket(a_line("tea", 2, lot="L7"), a_line("tea", 2, line_id="two"))

    bettered = basket.better(a_line("tea", line_id="square", lot="L7"))

    assert bettered.lines == (a_line("tea", 3, lot="L7"), a_line("tea", 1, line_id="two"))


def test_codes_of_one_pack_are_taken_together_when_each_tells_something_else() -> None:
    basket = a_basket(a_line("tea"))

    for facts in ({"lot": "L7"}, {"price_minor": 99}, {"issue": "07"}, {"weight_g": 250}):
        basket = basket.better(a_line("tea", line_id=f"of-{facts}", **facts))

    assert basket.lines == (a_line("tea", price_minor=99, lot="L7", issue="07", weight_g=250),)


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"price_minor": 99, "line_id": "l-tea"},
        {"price_minor": 120, "lot": "L8"},
    ],
    ids=["it says no more", "it came before", "it is of another pack"],
)
def test_nothing_changes_when_a_second_code_brings_nothing(said: dict[str, object]) -> None:
    basket = a_basket(a_line("tea", lot="L7") if "lot" in said else a_line("tea"))

    assert basket.better(a_line("tea", **({"line_id": "second"} | said))) is basket  # type: ignore[arg-type] # likewise


def test_sticker_is_a_line_of_its_own_when_the_pack_s_code_did_not_get_in() -> None:
    assert a_basket().better(a_line("tea", price_minor=99)).lines == (a_line("tea", price_minor=99),)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["tea", "jam"]),
            st.booleans(),
            st.sampled_from([{}, {"price_minor": 99}, {"lot": "L7"}, {"lot": "L8"}, {"issue": "07"}]),
        ),
        max_size=12,
    )
)
def test_every_pack_counts_once_whatever_its_codes_say_in_whatever_order(
    scans: list[tuple[str, bool, dict[str, object]]],
) -> None:
    basket, packs = Basket(), 0
    for number, (sku, is_second, facts) in enumerate(scans):
        line = a_line(sku, line_id=str(number), **facts)  # type: ignore[arg-type] # a table of facts
        packs += not is_second or all(one.sku != sku for one in basket)
        basket = basket.better(line) if is_second else basket.add(line)

    assert basket.pieces == packs
    assert len({line.line_id for line in basket}) == len(basket)

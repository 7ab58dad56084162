import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import CNY, EUR, JPY, USD, Currency, Money, Rounding, currency, ratio, split_minor
from checkout.errors import CurrencyMismatchError, MalformedMoneyError
from tests.checkout.builders import euros

amounts = st.integers(-(10**12), 10**12)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=12).filter(any)


@given(amounts, weights)
def test_shares_sum_to_the_amount_when_it_is_split(minor: int, parts: list[int]) -> None:
    assert sum(split_minor(minor, parts)) == minor


@given(amounts, weights)
def test_no_share_is_more_than_one_unit_off_when_it_is_split(minor: int, parts: list[int]) -> None:
    whole = sum(parts)
    for share, part in zip(split_minor(minor, parts), parts, strict=True):
        assert abs(share * whole - minor * part) < whole


@given(amounts, weights)
def test_a_refund_splits_like_the_amount_when_the_sign_turns(minor: int, parts: list[int]) -> None:
    assert split_minor(-minor, parts) == tuple(-share for share in split_minor(minor, parts))


def test_first_shares_take_the_odd_cent_when_weights_are_equal() -> None:
    assert [str(share) for share in euros(1000).split([1, 1, 1])] == ["3.34 EUR", "3.33 EUR", "3.33 EUR"]


def test_nothing_is_shared_when_nothing_is_there_to_weigh() -> None:
    assert split_minor(0, [0, 0]) == (0, 0)
    with pytest.raises(MalformedMoneyError, match="nothing to share"):
        split_minor(1, [0])
    with pytest.raises(MalformedMoneyError, match="never negative"):
        split_minor(1, [2, -1])


@pytest.mark.parametrize(
    ("rounding", "rounded"),
    [
        (Rounding.HALF_UP, [1, 1, 2, 3, -1, -3]),
        (Rounding.HALF_EVEN, [0, 1, 2, 2, 0, -2]),
        (Rounding.DOWN, [0, 0, 1, 2, 0, -2]),
        (Rounding.UP, [1, 1, 2, 3, -1, -3]),
    ],
)
def test_quotients_round_as_named_when_a_ratio_is_taken(rounding: Rounding, rounded: list[int]) -> None:
    # halves: 0.5, 0.75, 1.75, 2.5, -0.5, -2.5
    assert [ratio(quarter, 1, 4, rounding) for quarter in (2, 3, 7, 10, -2, -10)] == rounded


def test_ratio_is_refused_when_the_denominator_is_not_positive() -> None:
    with pytest.raises(MalformedMoneyError):
        ratio(1, 1, 0)


@given(amounts, st.integers(-1000, 1000), st.integers(1, 1000), st.sampled_from(Rounding))
def test_a_ratio_is_never_a_whole_unit_off_when_rounded(minor: int, top: int, bottom: int, rounding: Rounding) -> None:
    assert abs(ratio(minor, top, bottom, rounding) * bottom - minor * top) < bottom


@pytest.mark.parametrize(
    ("text", "unit", "minor"),
    [("12.40", EUR, 1240), ("-3", CNY, -300), ("0.5", USD, 50), ("500", JPY, 500), ("-0.01", EUR, -1)],
)
def test_amount_is_read_when_it_is_plain(text: str, unit: Currency, minor: int) -> None:
    assert Money.parse(text, unit) == Money(minor, unit)


@pytest.mark.parametrize("text", ["", "12,40", "1e3", "1.234", ".5", "5.", "+1", " 1", "1 ", "٣", "1" * 16])
def test_amount_is_refused_when_it_is_not_plain(text: str) -> None:
    with pytest.raises(MalformedMoneyError):
        Money.parse(text, EUR)


@given(amounts, st.sampled_from([EUR, JPY]))
def test_amount_reads_back_when_it_is_written(minor: int, unit: Currency) -> None:
    number, code = str(Money(minor, unit)).split()
    assert Money.parse(number, unit) == Money(minor, unit)
    assert code == unit.code


def test_sums_and_order_hold_when_currencies_are_the_same() -> None:
    assert euros(5) + euros(7) - euros(2) == euros(10)
    assert -euros(5) == euros(-5)
    assert euros(3).times(4) == euros(12)
    assert sorted([euros(3), euros(1)]) == [euros(1), euros(3)]
    assert euros(2) >= euros(2)
    assert not Money.zero(EUR)
    assert Money.zero(EUR) == euros(0)


def test_mixed_currencies_are_refused_when_they_meet() -> None:
    for clash in (lambda: euros(1) + Money(1, CNY), lambda: euros(1) < Money(1, CNY), lambda: euros(1) - Money(1, JPY)):
        with pytest.raises(CurrencyMismatchError, match="EUR and"):
            clash()


def test_float_is_refused_when_money_is_made() -> None:
    with pytest.raises(MalformedMoneyError, match="whole numbers"):
        Money(1.5, EUR)  # type: ignore[arg-type] # the point of the test
    with pytest.raises(MalformedMoneyError):
        Money(minor=True, currency=EUR)


def test_currency_is_known_when_its_code_is_right() -> None:
    assert currency("CNY") is CNY
    with pytest.raises(MalformedMoneyError, match="none of EUR, CNY"):
        currency("XYZ")

"""Single values: read whole or refused."""

import doctest
import importlib
import pkgutil
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

import checkout.feeds
from checkout import EUR, JPY, Gtin, VatClass, check_digit
from checkout.feeds.faults import NOTICES, REMEDIES, BadValueError, FaultKind
from checkout.feeds.values import (
    content_of,
    read_content,
    read_gtin,
    read_moment,
    read_own_code,
    read_price,
    read_text,
    read_vat_class,
    read_whole,
    restored_gtin,
    usual,
    without_controls,
)
from tests.checkout.feeds.builders import NUTELLA, PARIS


def why(read: Callable[[], object]) -> FaultKind:
    with pytest.raises(BadValueError) as refused:
        read()
    return refused.value.kind


def test_every_kind_has_a_way_out_when_it_is_reported() -> None:
    assert set(REMEDIES) == set(FaultKind)
    assert set(FaultKind) > NOTICES


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", FaultKind.CODE_EMPTY),
        ("6.58E+11", FaultKind.CODE_EXPONENT),
        ("7,61331E+12", FaultKind.CODE_EXPONENT),
        ("3017620422003.0", FaultKind.CODE_SIGNS),
        ("\u0663\u0660\u0661\u0667\u0666\u0662\u0660\u0664", FaultKind.CODE_SIGNS),
        ("00000758", FaultKind.CODE_TOO_SHORT),
        ("4011", FaultKind.CODE_TOO_SHORT),
        ("000000000", FaultKind.CODE_TOO_SHORT),
        ("00000776520054588034", FaultKind.CODE_TOO_LONG),
        ("3017620422004", FaultKind.CODE_CHECK_DIGIT),
        ("101209159", FaultKind.CODE_ZEROS_LOST),
        ("00" + "0" + NUTELLA, FaultKind.CODE_ZEROS_ADDED),
    ],
)
def test_code_is_refused_by_its_kind_when_it_is_no_gtin(text: str, kind: FaultKind) -> None:
    assert why(lambda: read_gtin(text)) is kind


@given(st.text(alphabet="0123456789", min_size=6, max_size=13).filter(lambda digits: not digits.startswith("0")))
def test_number_is_the_same_when_zeros_stand_before_it(payload: str) -> None:
    digits = payload + check_digit(payload)

    gtin = restored_gtin(digits)

    assert gtin == Gtin(digits.rjust(14, "0"))
    assert read_gtin(usual(gtin)) == gtin


@pytest.mark.parametrize(
    ("text", "decimal", "minor"),
    [
        ("2.05", ".", 205),
        ("2,05", ",", 205),
        ("1 234,50 €", ",", 123450),
        ("1\u202f234,5", ",", 123450),
        ("EUR 3", ".", 300),
        ("2.0500", ".", 205),
        ("0", ".", 0),
    ],
)
def test_price_is_read_when_written_as_people_do(text: str, decimal: str, minor: int) -> None:
    assert read_price(text, EUR, decimal) == minor


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-1.00", FaultKind.PRICE_NEGATIVE),
        ("1E+3", FaultKind.PRICE),
        ("2,05", FaultKind.PRICE_MARK),
        ("1,234.50", FaultKind.PRICE_MARK),
        ("2.055", FaultKind.PRICE_DECIMALS),
        ("3 $", FaultKind.CURRENCY),
        ("3 CNY", FaultKind.CURRENCY),
        ("abc", FaultKind.PRICE),
        ("1.2.3", FaultKind.PRICE),
        ("2.", FaultKind.PRICE),
        ("12345678901", FaultKind.PRICE),
    ],
)
def test_price_is_refused_by_its_kind_when_it_is_in_doubt(text: str, kind: FaultKind) -> None:
    assert why(lambda: read_price(text, EUR)) is kind


@given(st.integers(min_value=0, max_value=99_999_999_999))
def test_price_is_the_same_when_written_and_read(minor: int) -> None:
    assert read_price(f"{minor // 100}.{minor % 100:02}", EUR) == minor


def test_price_has_no_decimals_when_its_currency_has_none() -> None:
    assert read_price("¥500", JPY) == 500
    assert why(lambda: read_price("500.5", JPY)) is FaultKind.PRICE_DECIMALS


@pytest.mark.parametrize(
    ("text", "is_last_day", "moment"),
    [
        ("2026-12-31", False, datetime(2026, 12, 30, 23, tzinfo=UTC)),
        ("2026-12-31", True, datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026-12-31T10:00:00Z", True, datetime(2026, 12, 31, 10, tzinfo=UTC)),
    ],
)
def test_day_is_the_shops_when_no_zone_is_named(text: str, is_last_day: bool, moment: datetime) -> None:  # noqa: FBT001 - a case of a table
    assert read_moment(text, PARIS, is_last_day=is_last_day) == moment


def test_date_is_read_in_the_tills_form_when_the_mapping_says_it() -> None:
    assert read_moment("31/12/2026", PARIS, "%d/%m/%Y", is_last_day=True).isoformat() == "2027-01-01T00:00:00+01:00"
    assert read_moment("31/12/2026 10:00", PARIS, "%d/%m/%Y %H:%M", is_last_day=True).hour == 10


@pytest.mark.parametrize("text", ["2026-13-01", "31/12/2026", "soon", "9999-12-31"])
def test_date_is_refused_when_it_is_none(text: str) -> None:
    assert why(lambda: read_moment(text, PARIS, is_last_day=True)) is FaultKind.DATE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reduced", VatClass.REDUCED),
        ("Super reduced", VatClass.SUPER_REDUCED),
        ("5,5 %", VatClass.REDUCED),
        ("20", VatClass.STANDARD),
    ],
)
def test_vat_class_is_read_when_named_or_given_as_a_rate_of_today(text: str, expected: VatClass) -> None:
    assert read_vat_class(text, "FR") is expected


@pytest.mark.parametrize("text", ["19.6", "food", "7"])
def test_vat_class_is_refused_when_no_rate_of_today_fits(text: str) -> None:
    assert why(lambda: read_vat_class(text, "FR")) is FaultKind.VAT_UNKNOWN


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("6 x 33 cl", 1980),
        ("2,5 kg", 2500),
        ("16 fl oz (1 pt) 473 ml", 473),
        ("500 g 250 g", None),
        ("12 oz", None),
        ("0 g", None),
        ("", None),
    ],
)
def test_content_is_read_when_the_pack_is_sure_of_it(text: str, content: int | None) -> None:
    assert content_of(text) == content


def test_content_is_refused_when_it_must_be_understood() -> None:
    assert read_content("75 cl") == 750
    assert why(lambda: read_content("a dozen")) is FaultKind.NUMBER


@pytest.mark.parametrize("text", ["1.5", "-1", "101", "99999999999", "x"])
def test_number_is_refused_when_it_is_out_of_bounds(text: str) -> None:
    assert why(lambda: read_whole(text, 0, 100)) is FaultKind.NUMBER


def test_text_is_one_line_when_it_had_several() -> None:
    assert read_text(" a\n b\tc ") == "a b c"
    assert why(lambda: read_text("x" * 501)) is FaultKind.TOO_LONG
    assert why(lambda: read_text("a\u202eb")) is FaultKind.CONTROL_SIGN
    assert read_text("zero\u200bwidth") == "zero\u200bwidth"
    assert without_controls("a\u202eb\x1bc") == "a\ufffdb\ufffdc"


def test_own_code_has_no_blanks_when_it_is_read() -> None:
    assert read_own_code("4011") == "4011"
    for text in ("", "a b", "x" * 33, "a\nb"):
        assert why(lambda text=text: read_own_code(text)) is FaultKind.CODE_SIGNS  # type: ignore[misc] # the default binds the loop's value


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(checkout.feeds.__path__)])
def test_examples_hold_when_a_module_is_read(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"checkout.feeds.{name}")).failed == 0

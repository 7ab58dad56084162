import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import Gtin, check_digit
from checkout.errors import MalformedCodeError


@pytest.mark.parametrize(
    ("text", "key14"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("3017620422003", "03017620422003"),
        ("10614141000415", "10614141000415"),
    ],
)
def test_number_is_kept_as_fourteen_digits_when_it_is_right(text: str, key14: str) -> None:
    assert str(Gtin.parse(text)) == key14


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("3017620422004", "check digit would be 3"),
        ("30176204220", "11 digits"),
        ("301762042200X", "other than digits"),
        ("٣٠١٧٦٢٠٤٢٢٠٠٣", "other than digits"),
        ("", "other than digits"),
    ],
)
def test_error_says_what_is_wrong_when_a_number_is_refused(text: str, problem: str) -> None:
    with pytest.raises(MalformedCodeError, match=problem):
        Gtin.parse(text)


def test_invalid_number_cannot_exist_when_made_directly() -> None:
    with pytest.raises(MalformedCodeError, match="check digit"):
        Gtin("03017620422004")
    with pytest.raises(MalformedCodeError, match="14 digits"):
        Gtin("3017620422003")


@given(st.from_regex(r"[0-9]{12}", fullmatch=True), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_seen_when_read(payload: str, place: int, by: int) -> None:
    right = payload + check_digit(payload)
    wrong = right[:place] + str((int(right[place]) + by) % 10) + right[place + 1 :]
    with pytest.raises(MalformedCodeError):
        Gtin.parse(wrong)


@pytest.mark.parametrize(
    ("text", "in_store"),
    [
        ("2112345001500", True),
        ("0253097016335", True),
        ("0400000000008", True),
        ("20000004", True),
        ("01234565", True),
        ("3017620422003", False),
        ("96385074", False),
        ("22112345001504", False),
    ],
)
def test_shops_own_numbers_are_told_apart_when_asked(text: str, in_store: bool) -> None:  # noqa: FBT001 - a table
    payload = text[:-1]
    assert Gtin.parse(payload + check_digit(payload)).is_in_store is in_store


def test_a_case_has_no_number_of_a_piece_when_asked() -> None:
    assert Gtin.parse("10614141000415").ean13 is None
    assert Gtin.parse("3017620422003").ean13 == "3017620422003"


@pytest.mark.data
def test_no_bad_code_passes_when_real_exports_are_read(shared_data: Path) -> None:
    rows = json.loads((shared_data / "catalogue" / "bad-codes-real.json").read_text(encoding="utf-8"))
    # Short numbers that an export filled up to eight digits may be right by chance; no digit tells them apart.
    texts = [str(row["code"]) for row in rows if row["why"] != "too-short"]
    accepted = []
    for text in texts:
        with contextlib.suppress(MalformedCodeError):
            accepted.append(Gtin.parse(text))
    assert len(texts) > 2000
    assert accepted == []

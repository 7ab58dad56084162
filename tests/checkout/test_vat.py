from datetime import date, timedelta
from itertools import pairwise

import pytest

from checkout import VAT_TABLE, VatClass, vat_rate_bp
from checkout.errors import VatRateNotFoundError


@pytest.mark.parametrize(
    ("country", "vat_class", "on", "rate_bp"),
    [
        ("FR", VatClass.STANDARD, date(2013, 12, 31), 1960),
        ("FR", VatClass.STANDARD, date(2014, 1, 1), 2000),
        ("FR", VatClass.INTERMEDIATE, date(2026, 3, 1), 1000),
        ("FR", VatClass.REDUCED, date(2026, 3, 1), 550),
        ("FR", VatClass.SUPER_REDUCED, date(2026, 3, 1), 210),
        ("FR", VatClass.ZERO, date(2026, 3, 1), 0),
        ("CN", VatClass.STANDARD, date(2018, 4, 30), 1700),
        ("CN", VatClass.STANDARD, date(2018, 9, 28), 1600),
        ("CN", VatClass.STANDARD, date(2019, 4, 1), 1300),
        ("CN", VatClass.REDUCED, date(2026, 3, 1), 900),
    ],
)
def test_rate_is_that_of_the_day_when_asked(country: str, vat_class: VatClass, on: date, rate_bp: int) -> None:
    assert vat_rate_bp(country, vat_class, on=on) == rate_bp


def test_no_rate_is_guessed_when_none_is_on_record() -> None:
    with pytest.raises(VatRateNotFoundError, match="super_reduced in CN on 2026-03-01"):
        vat_rate_bp("CN", VatClass.SUPER_REDUCED, on=date(2026, 3, 1))
    with pytest.raises(VatRateNotFoundError):
        vat_rate_bp("FR", VatClass.STANDARD, on=date(1999, 12, 31))


def test_rows_follow_each_other_without_gap_or_overlap_when_the_table_is_read() -> None:
    kinds = {(row.country, row.vat_class) for row in VAT_TABLE}
    for kind in kinds:
        rows = [row for row in VAT_TABLE if (row.country, row.vat_class) == kind]
        for row, following in pairwise(rows):
            assert row.last is not None
            assert following.first == row.last + timedelta(days=1)
        assert rows[-1].last is None
        assert all(row.source for row in rows)

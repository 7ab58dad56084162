"""GS1's own cases for scan data and Digital Links: what names a product is read, what is wrong is not."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from checkout.codes import CouponCode, ProductCode, UnknownCode, read_code
from checkout.gs1 import GROUP_SEPARATOR

# Each with its reason; docs/sight.md repeats them.
REFUSED_LINKS = {
    "https://a/8004/9520614141234567?01=2112345678900": "the link is of an asset; a product in its query is not sold",
    "https://a/8004/9520614141234567?01=02345673": "likewise",
    "https://a/8004/9520614141234567?01=09521234543213": "likewise",
    "https://example.com/01/09520123456788?99=XYZ&89=ABC123": "89 is no identifier; GS1's case permits unknown ones",
}
TAKEN_LINKS = {
    "https://a/gtin/12312312312333": "words were allowed before version 1.2; GS1's case forbids them, another permits",
}
REFUSED_SCANS = {
    "]E02112345678900|]e099COMPOSITE<GS>98XYZ": "a composite: the engines give its bars by themselves, as a product",
}


def rows(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / "barcodes" / "vectors" / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def gtin_of(expected: str) -> str | None:
    """Return the product that GS1 finds: after FNC1 and (01), or as the digits of retail bars."""
    if expected.startswith("^01"):
        return expected[3:17]
    return expected.zfill(14) if expected.isdigit() else None


def gtin_read(text: str, symbology: str) -> str | None:
    reading = read_code(text, symbology)
    assert isinstance(reading, ProductCode | UnknownCode | CouponCode)
    return reading.gtin.key14 if isinstance(reading, ProductCode) else None


@pytest.mark.data
def test_links_are_read_as_gs1_says_save_those_named_here_when_all_cases_are_tried(shared_data: Path) -> None:
    refused, taken, read = set(), set(), 0

    for row in rows(shared_data, "gs1_digital_link_uris.csv"):
        expected = gtin_of(row["expected_ai_string_fnc1_as_caret"]) if row["should_succeed"] == "true" else None
        found = gtin_read(row["uri"], "]Q1")
        if found == expected:
            read += found is not None
        elif found is None:
            refused.add(row["uri"])
        else:
            taken.add(row["uri"])

    # Of an asset's link GS1 names the asset first, so that the three are counted as no product above.
    assert refused == {link for link in REFUSED_LINKS if "/8004/" not in link}
    assert taken == set(TAKEN_LINKS)
    assert read >= 25


@pytest.mark.data
@pytest.mark.parametrize("link", [link for link in REFUSED_LINKS if "/8004/" in link])
def test_product_behind_an_asset_is_not_sold_when_its_link_is_read(link: str) -> None:
    assert gtin_read(link, "]Q1") is None


@pytest.mark.data
def test_scans_are_read_as_gs1_says_save_those_named_here_when_all_cases_are_tried(shared_data: Path) -> None:
    wrong, tried = set(), 0

    for row in rows(shared_data, "gs1_scan_data.csv"):
        data = row["scan_data"].replace("<GS>", GROUP_SEPARATOR)
        expected = gtin_of(row["expected_data_str"]) if row["should_succeed"] == "true" else None
        if row["expected_data_str"].lower().startswith("http"):
            expected = "12312312312333"  # GS1 hands the link on; the till reads it
        tried += 1
        if gtin_read(data[3:], data[:3]) != expected:
            wrong.add(row["scan_data"])

    assert tried == 27
    assert wrong <= set(REFUSED_SCANS)


@pytest.mark.parametrize(
    "link",
    [
        "https://any.org/gtin/03017620422003/lot/L7/ser/S1",
        "https://any.org/01/3017620422003/10/L7/21/S1?17=260228;15=260227",
        "HTTPS://any.org/p/01/03017620422003/22/X/10/L7/21/S1?99=a&utm=b#c",
    ],
)
def test_lot_and_serial_are_told_when_a_link_carries_them(link: str) -> None:
    reading = read_code(link, "]Q1")

    assert isinstance(reading, ProductCode)
    assert (reading.lot, reading.serial) == ("L7", "S1")


@pytest.mark.parametrize(
    "link",
    [
        "https://any.org/01/03017620422003/21/S1/10/L7",
        "https://any.org/01/03017620422003/235/T/10/L7",
        "https://any.org/01/03017620422003?10=L7",
        "https://any.org/01/03017620422003?99=",
        "https://any.org/01/03017620422003?17=260228&17=260228",
        "https://any.org/01/03017620422003?89=x",
    ],
)
def test_link_is_refused_when_an_identifier_is_empty_double_unknown_or_out_of_place(link: str) -> None:
    assert isinstance(read_code(link, "]Q1"), UnknownCode)

"""Open Food Facts: enriches, never prices."""

import json
from pathlib import Path

import pytest

from checkout.feeds import FaultKind, LeftOut, Mapping, ReferenceRecord, read_open_food_facts
from tests.checkout.feeds.builders import NUTELLA, TERMS, WATER, a_file, kinds, records, sorted_out

HEADING = "code\tproduct_name\tbrands\tquantity\tcategories_tags\tprice"
ROW = f"{NUTELLA}\tNutella\tFerrero, Autre\t400 g\ten:spreads,en:chocolate-spreads\t9.99"


def test_reference_has_no_price_and_only_suggests_vat_when_read_from_a_table() -> None:
    (said,) = read_open_food_facts(a_file(HEADING, ROW), TERMS).rows

    assert said == ReferenceRecord(
        2,
        NUTELLA,
        "Nutella",
        "Ferrero",
        "400 g",
        "chocolate-spreads",
        400,
        "standard",
        vat_is_certain=False,
        is_in_store=False,
        source="off",
    )


def test_reference_is_the_same_when_read_from_json_lines() -> None:
    line = json.dumps(
        {
            "code": NUTELLA,
            "product_name": "",
            "product_name_fr": "Nutella",
            "brands": "Ferrero, Autre",
            "quantity": "400 g",
            "categories_tags": ["en:spreads", "en:chocolate-spreads"],
        }
    )

    (said,) = read_open_food_facts(a_file(line), TERMS).rows

    assert said == ReferenceRecord(
        1,
        NUTELLA,
        "Nutella",
        "Ferrero",
        "400 g",
        "chocolate-spreads",
        400,
        "standard",
        vat_is_certain=False,
        is_in_store=False,
        source="off",
    )


def test_other_lines_are_read_when_some_are_no_json() -> None:
    good = json.dumps({"code": int(WATER), "product_name": "Eau", "quantity": True})
    chunks = [f'{good}\n[1]\n{{"code"\n\n{{"code": "1"}}\n'.encode(), b'{"code": "\xff"}\n', b"[" * 100_000]

    understood, faults, _ = sorted_out(read_open_food_facts(chunks, TERMS))

    assert [record.code for record in understood if isinstance(record, ReferenceRecord)] == [WATER]
    assert kinds(faults) == [
        (2, "", FaultKind.JSON_BROKEN),
        (3, "", FaultKind.JSON_BROKEN),
        (5, "code", FaultKind.CODE_TOO_SHORT),
        (6, "", FaultKind.ENCODING),
        (7, "", FaultKind.JSON_BROKEN),
    ]


def test_row_is_left_out_when_it_says_nothing_or_a_filter_does() -> None:
    mapping = Mapping(where={"price": frozenset({"1"})})

    rows = list(read_open_food_facts(a_file(HEADING, ROW, f"{WATER}\t\t\t\ten:null\t1"), TERMS, mapping).rows)

    assert rows == [LeftOut(2, "price is 9.99"), LeftOut(3, "it says nothing of the product")]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", FaultKind.FILE_EMPTY), (b"name,brand\nx,y\n", FaultKind.COLUMN_MISSING)],
)
def test_file_is_refused_when_it_has_no_codes(content: bytes, kind: FaultKind) -> None:
    _, faults, _ = sorted_out(read_open_food_facts([content], TERMS))

    assert [fault.kind for fault in faults] == [kind]


def test_json_is_refused_when_it_is_wide() -> None:
    chunks = [b'{"code": 1}\n'.decode().encode("utf-16-le")]

    _, faults, _ = sorted_out(read_open_food_facts([b"\xff\xfe", *chunks], TERMS))

    assert [fault.kind for fault in faults] == [FaultKind.FILE_ENCODING]


def test_damaged_sign_is_told_when_it_stands_in_a_name() -> None:
    understood, faults, _ = sorted_out(read_open_food_facts(a_file("code,name,brand", f"{NUTELLA},a\x85\x1bb,"), TERMS))

    assert [record.name for record in understood if isinstance(record, ReferenceRecord)] == ["a \ufffdb"]
    assert kinds(faults) == [(2, "name", FaultKind.DAMAGED)]


def test_row_and_its_line_are_told_when_the_row_is_too_wide() -> None:
    _, faults, _ = sorted_out(read_open_food_facts(a_file("code,name", "1,2,3"), TERMS))

    assert kinds(faults) == [(2, "", FaultKind.COLUMN_COUNT)]


@pytest.mark.data
def test_every_real_bad_code_is_told_by_its_kind_when_read(shared_data: Path) -> None:
    bad = json.loads((shared_data / "catalogue" / "bad-codes-real.json").read_text("utf-8"))
    expected = {
        "spreadsheet exponent": FaultKind.CODE_EXPONENT,
        "too-short": FaultKind.CODE_TOO_SHORT,
        "too-long": FaultKind.CODE_TOO_LONG,
        "empty": FaultKind.CODE_EMPTY,
    }

    understood, faults, _ = sorted_out(
        read_open_food_facts(a_file("code,name", *(f'"{row["code"]}",x' for row in bad)), TERMS)
    )

    assert understood == []
    assert len(faults) == 2663
    assert [fault.kind for fault in faults] == [expected.get(row["why"], FaultKind.CODE_CHECK_DIGIT) for row in bad]


@pytest.mark.data
def test_every_real_product_is_understood_when_read(shared_data: Path) -> None:
    with (shared_data / "catalogue" / "off-products-full.csv").open("rb") as file:
        understood = records(read_open_food_facts(file, TERMS), ReferenceRecord)

    assert len({record.code for record in understood}) == 9390

"""The shop's own tables and other tills' flat files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import EUR, CodeRow, Product, Unit, VatClass
from checkout.errors import MalformedRuleError
from checkout.feeds import (
    CodeRecord,
    Fault,
    FaultKind,
    Mapping,
    PriceRecord,
    ProductRecord,
    RecallRecord,
    Severity,
    export_codes,
    export_products,
    is_formula,
    read_goods,
    read_mapping,
)
from tests.checkout.feeds.builders import NUTELLA, PASTA, TERMS, WATER, a_file, kinds, records, sorted_out

TILL = """
table = "products"
[text]
decimal = ","
delimiter = ";"
lost_zeros = "restore"
[columns]
code = "Code"
name = "Designation"
price = "Prix de vente TTC"
[constants]
currency = "EUR"
[where]
Status = ["ACTIF"]
[words.vat_class]
"TVA alim." = "reduced"
"""


def test_product_code_and_members_price_come_out_when_one_row_says_all() -> None:
    feed = read_goods(
        a_file(
            "sku,code,name,brand,pack,category,unit,net_content,price,member_price,currency,vat_class,min_age,sale_stop,"
            "deposit_sku,demo_price",
            f"n-1,{NUTELLA},Nutella,Ferrero,400 g,spreads,each,400 g,3.99,3.49,eur,20 %,18,stopped,glass,oui",
        ),
        TERMS,
    )

    product, code, price = feed.rows

    assert product == ProductRecord(
        2,
        "n-1",
        "Nutella",
        "Ferrero",
        "400 g",
        "spreads",
        "each",
        400,
        399,
        "standard",
        18,
        "stopped",
        "glass",
        demo_price=True,
    )
    assert code == CodeRecord(2, NUTELLA, "n-1", 1)
    assert price == PriceRecord(2, "n-1", "", "", None, None, 399, 349)
    assert "unit_price_minor" in feed.speaks
    assert "vat_class" in feed.speaks


def test_code_is_the_key_when_a_till_knows_no_sku() -> None:
    mapping = read_mapping(TILL)
    feed = read_goods(
        a_file(
            "Code;Designation;Prix de vente TTC;Status;vat_class",
            f'{NUTELLA};"P&acirc;te";2,05;ACTIF;TVA alim.',
            f"{WATER};Eau;0,45;RETIRE;TVA alim.",
            "101209159;Zéros;1,00;ACTIF;5,5",
        ),
        TERMS,
        mapping=mapping,
    )

    understood, faults, left_out = sorted_out(feed)

    products = [record for record in understood if isinstance(record, ProductRecord)]
    assert [(p.sku, p.name, p.unit_price_minor, p.vat_class) for p in products] == [
        (NUTELLA, "Pâte", 205, "reduced"),
        ("0000101209159", "Zéros", 100, "reduced"),
    ]
    assert kinds(faults) == [(2, "name", FaultKind.ENTITIES), (4, "code", FaultKind.CODE_ZEROS_RESTORED)]
    assert {fault.severity for fault in faults} == {Severity.NOTICE}
    assert [(one.line, one.why) for one in left_out] == [(3, "Status is RETIRE")]


def test_rows_after_it_are_read_when_a_row_is_wrong_in_many_ways() -> None:
    feed = read_goods(
        a_file(
            "sku,code,name,unit,price,member_price,currency,vat_class,min_age,demo_price",
            "a,6.58E+11,,box,-1,2,USD,food,x,maybe",
            f"b,{WATER},Eau,KG,0.45,0.50,EUR,reduced,0,no",
            f"c,{PASTA},Pâtes,,,,,reduced,,",
            "d,,Pain,each,0,0,,reduced,,",
            f"e,{'x' * 600},{'x' * 600},each,1,,,reduced,,",
        ),
        TERMS,
    )

    understood, faults, _ = sorted_out(feed)

    assert kinds(faults) == [
        (2, "code", FaultKind.CODE_EXPONENT),
        (2, "price", FaultKind.PRICE_NEGATIVE),
        (2, "currency", FaultKind.CURRENCY),
        (2, "unit", FaultKind.WORD_UNKNOWN),
        (2, "vat_class", FaultKind.VAT_UNKNOWN),
        (2, "min_age", FaultKind.NUMBER),
        (2, "demo_price", FaultKind.WORD_UNKNOWN),
        (2, "name", FaultKind.MISSING),
        (3, "member_price", FaultKind.MEMBER_PRICE),
        (4, "price", FaultKind.MISSING),
        (5, "price", FaultKind.PRICE_ZERO),
        (6, "code", FaultKind.CODE_SIGNS),
        (6, "name", FaultKind.TOO_LONG),
    ]
    assert [record.sku for record in understood if isinstance(record, ProductRecord)] == ["d"]
    assert all(len(fault.given) <= 80 and fault.remedy for fault in faults)


def test_row_without_any_key_is_refused_when_read() -> None:
    _, faults, _ = sorted_out(read_goods(a_file("sku,code,name", ",,x"), TERMS))

    assert kinds(faults) == [(2, "code", FaultKind.CODE_EMPTY)]


def test_price_is_whole_minor_units_when_the_column_says_so() -> None:
    feed = read_goods(a_file("sku,price_minor,currency", "a,399,EUR", "b,3.99,EUR", "c,,EUR", "d,5,CNY"), TERMS)

    understood, faults, _ = sorted_out(feed)

    assert [record.unit_price_minor for record in understood if isinstance(record, ProductRecord)] == [399]
    assert kinds(faults) == [
        (3, "price_minor", FaultKind.NUMBER),
        (4, "price_minor", FaultKind.MISSING),
        (5, "currency", FaultKind.CURRENCY),
    ]


def test_own_code_is_read_when_its_kind_says_so() -> None:
    feed = read_goods(
        a_file(
            "code,sku,pieces,kind",
            "4011,bananas,,own",
            f"{NUTELLA},n-1,6,gtin",
            "4011,x,,",
            ",x,,own",
            f"{WATER},,0,plu",
        ),
        TERMS,
        "codes",
    )

    understood, faults, _ = sorted_out(feed)

    assert understood == [CodeRecord(2, "4011", "bananas", 1), CodeRecord(3, NUTELLA, "n-1", 6)]
    assert kinds(faults) == [
        (4, "code", FaultKind.CODE_TOO_SHORT),
        (5, "code", FaultKind.CODE_EMPTY),
        (6, "kind", FaultKind.WORD_UNKNOWN),
        (6, "pieces", FaultKind.NUMBER),
        (6, "sku", FaultKind.MISSING),
    ]


def test_price_holds_on_its_last_day_when_a_window_is_given() -> None:
    feed = read_goods(
        a_file(
            "sku,code,price_group,price,member_price,valid_from,valid_until",
            "n-1,,north,3.99,3.49,2026-12-01,2026-12-31",
            f",{WATER},,0.45,,,",
            "n-1,,,1,,2026-12-31,2026-12-01",
            "n-1,,,1,,tomorrow,",
            "n-1,,,,,,",
            ",12,,1,,,",
        ),
        TERMS,
        "prices",
    )

    understood, faults, _ = sorted_out(feed)

    first, second = (record for record in understood if isinstance(record, PriceRecord))
    assert first.starts_at is not None
    assert first.ends_at is not None
    assert (first.starts_at.isoformat(), first.ends_at.isoformat()) == (
        "2026-12-01T00:00:00+01:00",
        "2027-01-01T00:00:00+01:00",
    )
    assert (first.unit_price_minor, first.member_price_minor, first.price_group) == (399, 349, "north")
    assert (second.sku, second.code) == ("", WATER)
    assert kinds(faults) == [
        (4, "valid_until", FaultKind.WINDOW_REVERSED),
        (5, "valid_from", FaultKind.DATE),
        (6, "price", FaultKind.MISSING),
        (7, "code", FaultKind.CODE_TOO_SHORT),
    ]
    assert feed.speaks == frozenset()


def test_recall_names_its_lot_when_read() -> None:
    feed = read_goods(a_file("code,lot", f"{NUTELLA},L123", f"{WATER},*", f"{PASTA},"), TERMS, "recalls")

    understood, faults, _ = sorted_out(feed)

    assert understood == [RecallRecord(2, "", NUTELLA, "L123"), RecallRecord(3, "", WATER, "*")]
    assert kinds(faults) == [(4, "lot", FaultKind.MISSING)]


def test_unused_columns_are_told_when_a_heading_is_misspelt() -> None:
    _, faults, _ = sorted_out(read_goods(a_file("sku,prise,name", "a,1,x"), TERMS))

    assert [(fault.kind, fault.given) for fault in faults] == [(FaultKind.COLUMNS_UNUSED, "prise")]


@pytest.mark.parametrize(
    ("heading", "mapping", "kind"),
    [
        ("name,price", Mapping(), FaultKind.COLUMN_MISSING),
        ("sku,name,name", Mapping(), FaultKind.COLUMN_TWICE),
        ("sku,name", Mapping(columns={"price": "Prix"}), FaultKind.COLUMN_MISSING),
        ("sku,name", Mapping(where={"Status": frozenset({"ACTIF"})}), FaultKind.COLUMN_MISSING),
        ("", Mapping(), FaultKind.FILE_EMPTY),
    ],
)
def test_file_is_refused_when_its_heading_does_not_fit(heading: str, mapping: Mapping, kind: FaultKind) -> None:
    (fault,) = read_goods(a_file(heading, "1,2,3"[: len(heading)]), TERMS, mapping=mapping).rows

    assert isinstance(fault, Fault)
    assert (fault.line, fault.kind) == (0, kind)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("table = ", "mapping"),
        ('colums = "x"', "colums"),
        ('table = "products "', "table"),
        ('table = "references"', "table"),
        ("columns = 1", "columns"),
        ("[columns]\nprise = 'x'", "columns.prise"),
        ("[columns]\nprice = 1", "columns.price"),
        ("[where]\nStatus = 'ACTIF'", "where.Status"),
        ("[text]\ndecimal = ';'", "text.decimal"),
        ("[text]\nlost_zeros = 'maybe'", "text.lost_zeros"),
        ("[text]\nquoted = 'yes'", "text.quoted"),
        ("[text]\ndates = 1", "text.dates"),
        ("[text]\nencoding = 'klingon'", "text.encoding"),
        ("[text]\nencoding = 'utf-16'", "text.encoding"),
        ("[text]\nencoding = 'hex'", "text.encoding"),
        ("[words]\nvat_class = 'x'", "words.vat_class"),
        ("table = 'codes'\n[constants]\nprice = '1'", "constants.price"),
    ],
)
def test_mapping_is_refused_by_its_line_when_it_cannot_work(text: str, rule: str) -> None:
    with pytest.raises(MalformedRuleError) as refused:
        read_mapping(text)

    assert refused.value.rule == rule


def test_mapping_says_how_the_file_is_written_when_it_does() -> None:
    mapping = read_mapping(
        "[text]\nencoding = 'latin-1'\ndelimiter = '|'\nquoted = false\ndates = '%d/%m/%Y'\n[columns]\nsku = 'Réf'\n"
    )

    (product,) = records(
        read_goods(a_file("Réf|name", 'é|"x', encoding="latin-1"), TERMS, mapping=mapping), ProductRecord
    )

    assert (product.sku, product.name) == ("é", '"x')
    assert mapping.dates == "%d/%m/%Y"


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30).map(
    lambda text: " ".join(text.split())
)
keys = st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True)


@given(
    st.lists(
        st.builds(
            Product,
            sku=keys,
            name=words.filter(bool),
            brand=words,
            pack=words,
            unit_price_minor=st.integers(1, 10**9),
            vat_class=st.sampled_from(VatClass),
            category=words,
            unit=st.sampled_from(Unit),
            net_content=st.none() | st.integers(1, 999_999),
            min_age=st.none() | st.integers(1, 99),
            sale_stop=st.none() | words.filter(bool),
            deposit_sku=st.none() | keys,
            demo_price=st.booleans(),
            warranty_months=st.none() | st.integers(1, 600),
        ).filter(lambda p: "&" not in p.name + p.brand + p.pack + p.category + (p.sale_stop or "")),
        min_size=1,
        max_size=5,
    )
)
def test_products_are_the_same_when_exported_and_imported(products: list[Product]) -> None:
    lines = [line.encode() for line in export_products(products, EUR)]

    understood, faults, _ = sorted_out(read_goods(lines, TERMS))

    assert faults == []
    assert [record[1:] for record in understood] == [
        (
            p.sku,
            p.name,
            p.brand,
            p.pack,
            p.category,
            p.unit.value,
            p.net_content,
            p.unit_price_minor,
            p.vat_class.value,
            p.min_age,
            p.sale_stop,
            p.deposit_sku,
            p.demo_price,
            p.warranty_months,
        )
        for p in products
    ]


def test_product_is_one_line_of_a_table_when_exported() -> None:
    tea = Product("t-1", "Green tea, loose", "Ami", "100 g", 1240, VatClass.REDUCED, min_age=18, net_content=100)

    heading, line = export_products([tea], EUR)

    assert heading.startswith("sku,name,brand,pack,category,unit,net_content,price,currency,")
    assert line == 't-1,"Green tea, loose",Ami,100 g,,each,100 g,12.40,EUR,reduced,18,,,no,\n'


def test_codes_are_the_same_when_exported_and_imported() -> None:
    lines = [line.encode() for line in export_codes([CodeRow(NUTELLA, "n-1", 6), CodeRow("4011", "b")])]

    understood, faults, _ = sorted_out(read_goods(lines, TERMS, "codes"))

    assert faults == []
    assert understood == [CodeRecord(2, NUTELLA, "n-1", 6), CodeRecord(3, "4011", "b", 1)]


def test_text_is_a_formula_when_a_spreadsheet_would_run_it() -> None:
    assert is_formula("=1+1")
    assert not is_formula("1+1")

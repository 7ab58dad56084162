"""Shopify and WooCommerce."""

from datetime import datetime

import pytest

from checkout.feeds import (
    FaultKind,
    PriceRecord,
    ProductRecord,
    read_mapping,
    read_odoo,
    read_shopify,
    read_woocommerce,
)
from checkout.feeds.faults import REMEDIES
from tests.checkout.feeds.builders import NUTELLA, PARIS, PASTA, TERMS, WATER, a_file, kinds, records, sorted_out

SHOPIFY = (
    "Handle,Title,Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Barcode,Image Src,Status"
)
WOO = "ID,Type,SKU,GTIN\tEAN,Name,Published,Tax class,Regular price,Sale price,Date sale price starts,Parent,Categories"


def test_variants_share_their_product_when_the_handle_is_blank_or_repeated() -> None:
    feed = read_shopify(
        a_file(
            SHOPIFY,
            f"tea,Thé,Maison,drinks,Size,100 g,'t-1,4.50,'{NUTELLA},a.jpg,active",
            f",,,,,250 g,t-2,9.00,{WATER},,",
            "tea,,,,,,,,,b.jpg,",
            f"bread,Pain,,bakery,Title,Default Title,b-1,1.20,{PASTA},,active",
            "old,Vieux,,,Title,Default Title,o-1,1.00,,,draft",
            "x,y",
        ),
        TERMS,
        read_mapping("[constants]\nvat_class = 'reduced'"),
    )

    understood, faults, left_out = sorted_out(feed)

    products = [record for record in understood if isinstance(record, ProductRecord)]
    assert [(p.sku, p.name, p.brand, p.unit_price_minor, p.vat_class) for p in products] == [
        ("t-1", "Thé - 100 g", "Maison", 450, "reduced"),
        ("t-2", "Thé - 250 g", "Maison", 900, "reduced"),
        ("b-1", "Pain", "", 120, "reduced"),
    ]
    assert [(one.line, one.why) for one in left_out] == [(4, "it is only a picture"), (6, "its status is draft")]
    assert kinds(faults) == [(7, "", FaultKind.COLUMN_COUNT)]


def test_rows_stand_alone_when_the_export_has_no_handles() -> None:
    feed = read_shopify(a_file("SKU,Title,Price", "a,Pain,1.20"), TERMS)

    understood, _, _ = sorted_out(feed)

    assert [record.sku for record in understood if isinstance(record, ProductRecord)] == ["a"]
    assert "vat_class" not in feed.speaks


def test_title_may_come_from_the_mapping_when_it_is_a_constant() -> None:
    feed = read_shopify(
        a_file("SKU,Price,Option1 Value", "a,1.20,rouge"), TERMS, read_mapping("[constants]\nname = 'Vin'")
    )

    understood, _, _ = sorted_out(feed)

    assert [record.name for record in understood if isinstance(record, ProductRecord)] == ["Vin"]


def test_variation_takes_its_parents_tax_when_it_says_parent() -> None:
    feed = read_woocommerce(
        a_file(
            WOO.replace("\t", " "),
            f"1,simple,s-1,{NUTELLA},Pâte,1,reduced-rate,3.99,2.99,,,A > B",
            f"2,simple,s-2,{WATER},Eau,1,,0.45,0.30,2026-12-01,,",
            "3,variable,p-1,,Pull,1,reduced-rate,,,,,",
            "4,variation,v-1,,Pull - Bleu,1,parent,20,,,p-1,",
            "5,variation,v-2,,Pull - Vert,1,parent,21,,,id:3,",
            "6,variation,v-3,,Pull - Gris,1,parent,21,,,id:9,",
            "7,simple,d-1,,Brouillon,0,,1,,,,",
            "8,grouped,g-1,,Lot,1,,,,,,",
            "x",
        ),
        TERMS,
        read_mapping("[columns]\ncode = 'GTIN EAN'"),
    )

    understood, faults, left_out = sorted_out(feed)

    products = [record for record in understood if isinstance(record, ProductRecord)]
    assert [(p.sku, p.unit_price_minor, p.vat_class, p.category) for p in products] == [
        ("s-1", 299, "reduced", "A > B"),
        ("s-2", 45, "standard", ""),
        ("v-1", 2000, "reduced", ""),
        ("v-2", 2100, "reduced", ""),
    ]
    prices = [record for record in understood if isinstance(record, PriceRecord)]
    assert [(p.sku, p.starts_at, p.unit_price_minor) for p in prices if p.starts_at] == [
        ("s-2", datetime(2026, 12, 1, tzinfo=PARIS), 30)
    ]
    assert [p.sku for p in prices if p.starts_at is None] == ["s-1", "s-2", "v-1", "v-2"]
    assert kinds(faults) == [(7, "vat_class", FaultKind.VAT_UNKNOWN), (10, "", FaultKind.COLUMN_COUNT)]
    assert [one.line for one in left_out] == [4, 8, 9]


def test_rows_are_simple_when_the_export_has_few_columns() -> None:
    understood, _, _ = sorted_out(read_woocommerce(a_file("SKU,Name,Regular price", "a,Pain,1.20"), TERMS))

    assert [record.sku for record in understood if isinstance(record, ProductRecord)] == ["a"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [(b"", FaultKind.FILE_EMPTY), (b"SKU,Regular price\na,1\n", FaultKind.COLUMN_MISSING)],
)
def test_export_is_refused_when_it_lacks_what_every_product_has(content: bytes, kind: FaultKind) -> None:
    _, faults, _ = sorted_out(read_woocommerce([content], TERMS))

    assert [fault.kind for fault in faults] == [kind]


SALES = "SKU,Name,Tax class,Regular price,Sale price,Date sale price starts,Date sale price ends"


def test_sale_is_a_price_for_its_time_when_it_has_dates() -> None:
    feed = read_woocommerce(a_file(SALES, "a,Pain,,2,1.50,2026-12-01,2026-12-24", "b,Riz,,3,,,"), TERMS)

    assert feed.lists_prices
    assert [tuple(record[1:]) for record in records(feed, PriceRecord)] == [
        ("a", "", "", None, None, 200, None),
        ("a", "", "", datetime(2026, 12, 1, tzinfo=PARIS), datetime(2026, 12, 25, tzinfo=PARIS), 150, None),
        ("b", "", "", None, None, 300, None),
    ]


@pytest.mark.parametrize(
    ("row", "field", "kind"),
    [
        ("a,Pain,,2,2.50,2026-12-01,", "sale_price", FaultKind.SALE_PRICE),
        ("a,Pain,,2,2.50,,", "sale_price", FaultKind.SALE_PRICE),
        ("a,Pain,,2,-1,2026-12-01,", "sale_price", FaultKind.PRICE_NEGATIVE),
        ("a,Pain,,2,1,tomorrow,", "sale_from", FaultKind.DATE),
        ("a,Pain,,2,1,2026-12-24,2026-12-01", "sale_until", FaultKind.WINDOW_REVERSED),
        ("a,Pain,,,1,2026-12-01,", "price", FaultKind.MISSING),
    ],
)
def test_nothing_of_the_row_comes_in_when_its_sale_cannot_be_right(row: str, field: str, kind: FaultKind) -> None:
    understood, faults, _ = sorted_out(read_woocommerce(a_file(SALES, row, "b,Riz,,3,,,"), TERMS))

    assert kinds(faults) == [(2, field, kind)]
    assert {record.sku for record in understood if isinstance(record, ProductRecord | PriceRecord)} == {"b"}
    assert REMEDIES[kind]


ODOO_TOLD = "Internal Reference,Barcode,Name,Product Category,Sales Price,Unit of Measure,Sales Taxes,Can be Sold"
ODOO_NAMED = "default_code,barcode,name,categ_id,lst_price,uom_id,taxes_id,sale_ok"


@pytest.mark.parametrize("heading", [ODOO_TOLD, ODOO_NAMED])
def test_articles_are_goods_when_odoo_exports_them_under_either_heading(heading: str) -> None:
    feed = read_odoo(
        a_file(
            heading,
            f"n-1,{NUTELLA},Pâte,All / Food,3.99,Units,5.5% G,True",
            "p-1,,Poires,All / Food,2.29,kg,5.5% G,True",
            ",,,,,,10% G,",
            "s-1,,Service,All,50.00,Units,20% G,False",
            "x,y",
        ),
        TERMS,
    )

    understood, faults, left_out = sorted_out(feed)

    products = [record for record in understood if isinstance(record, ProductRecord)]
    assert [(p.sku, p.name, p.category, p.unit_price_minor, p.unit, p.vat_class) for p in products] == [
        ("n-1", "Pâte", "All / Food", 399, "each", "reduced"),
        ("p-1", "Poires", "All / Food", 229, "kg", "reduced"),
    ]
    assert [(one.line, one.why) for one in left_out] == [
        (4, "it goes on with the row above"),
        (5, "it cannot be sold"),
    ]
    assert kinds(faults) == [(6, "", FaultKind.COLUMN_COUNT)]


@pytest.mark.parametrize(
    ("row", "field", "kind"),
    [
        ("a,3017620422004,Pâte,,3.99,Units,5.5% G,True", "code", FaultKind.CODE_CHECK_DIGIT),
        ("a,,Pâte,,-1,Units,5.5% G,True", "price", FaultKind.PRICE_NEGATIVE),
        ("a,,Pâte,,3.99,Units,5.5% home-made,True", "vat_class", FaultKind.VAT_UNKNOWN),
    ],
)
def test_article_is_refused_and_the_next_read_when_a_cell_is_wrong(row: str, field: str, kind: FaultKind) -> None:
    understood, faults, _ = sorted_out(read_odoo(a_file(ODOO_TOLD, row, "b,,Pain,,1.20,Units,5.5% G,True"), TERMS))

    assert kinds(faults) == [(2, field, kind)]
    assert REMEDIES[kind]
    assert [record.sku for record in understood if isinstance(record, ProductRecord)] == ["b"]

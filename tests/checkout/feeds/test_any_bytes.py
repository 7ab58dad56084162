"""Whatever the bytes, a feed yields rows and faults and never fails."""

from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout.feeds import (
    Fault,
    Feed,
    LeftOut,
    Terms,
    read_gdsn,
    read_goods,
    read_open_food_facts,
    read_rappelconso,
    read_shopify,
    read_woocommerce,
)
from tests.checkout.feeds.builders import TERMS

Reader = Callable[[Iterable[bytes], Terms], Feed]
HEADINGS = {
    read_goods: b"sku,code,name,price,vat_class,unit,net_content,min_age,demo_price\n",
    read_open_food_facts: b"code\tproduct_name\tbrands\tquantity\tcategories_tags\n",
    read_shopify: b"Handle,Title,Variant SKU,Variant Price,Variant Barcode,Status,Option1 Value\n",
    read_woocommerce: b"ID,Type,SKU,Name,Published,Tax class,Regular price,Parent,EAN\n",
    read_rappelconso: b"numero_fiche;identification_produits\n1;3017620422003$L1|",
    read_gdsn: b"<m><tradeItem><gtin>",
}
pieces = st.lists(
    st.binary(max_size=30)
    | st.sampled_from(
        [b'"', b'""', b",", b"\t", b"\n", b"\r\n", b"\0", b"{", b"}", b"3017620422003", b"1E+3", b"</", b">"]
    ),
    max_size=40,
).map(b"".join)


@pytest.mark.parametrize("reader", HEADINGS)
@given(pieces)
def test_feed_ends_when_bytes_are_anything(reader: Reader, body: bytes) -> None:
    for content in (body, HEADINGS[reader] + body, b"{" + body):
        for said in reader([content], TERMS).rows:
            assert isinstance(said, Fault | LeftOut) or said.line >= 1


@given(pieces)
def test_rows_are_the_same_when_a_file_is_cut_elsewhere(body: bytes) -> None:
    content = HEADINGS[read_goods] + body

    whole = list(read_goods([content], TERMS).rows)
    pieced = list(read_goods((content[i : i + 3] for i in range(0, len(content), 3)), TERMS).rows)

    assert whole == pieced


@given(pieces)
def test_good_row_is_read_when_it_comes_before_anything(body: bytes) -> None:
    good = b"a,3017620422003,Nutella,3.99,standard,each,400 g,,no\n"

    rows = read_goods([HEADINGS[read_goods] + good * 60 + body], TERMS).rows

    assert sum(not isinstance(said, Fault | LeftOut) for said in rows) >= 120

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    AddOnLayout,
    BasketCode,
    CodeTable,
    CouponCode,
    ExitCode,
    Gtin,
    InStoreLayout,
    ProductCode,
    Reading,
    ShareLink,
    TicketCode,
    UnknownCode,
    WalletCode,
    WeighedCode,
    WhyUnknown,
    check_digit,
    read_code,
)
from checkout.codes import MAX_LENGTH, Family, family_of, price_check_digit, upc_a_of
from checkout.errors import MalformedCodeError, MalformedRuleError

NUTELLA = Gtin.parse("3017620422003")


def ean13(payload: str) -> str:
    return payload + check_digit(payload)


@pytest.mark.parametrize(
    ("text", "symbology", "reading"),
    [
        ("3017620422003", "EAN-13", ProductCode(NUTELLA)),
        ("3017620422003", "]E0", ProductCode(NUTELLA)),
        ("3017620422003", "qr", ProductCode(NUTELLA)),
        (" 3017620422003\r\n", None, ProductCode(NUTELLA)),
        ("96385074", "ean8", ProductCode(Gtin.parse("96385074"))),
        ("04252614", "UPC-E", ProductCode(Gtin.parse("042100005264"))),
        ("0042100005264", "UPC-E", ProductCode(Gtin.parse("042100005264"))),
        (ean13("201234567890"), "ean13", ProductCode(Gtin.parse(ean13("201234567890")))),
        ("SESAME:W:12345678", "qr", WalletCode("12345678")),
        ("SESAME:W:12345678", None, WalletCode("12345678")),
        ("SESAME:C:ABCD-EFGH", "]Q1", CouponCode("ABCD-EFGH")),
        ("SESAME:T:6f1e-9", "qr", TicketCode("6f1e-9")),
        ("SESAME:B:6f1e-9", "qr", BasketCode("6f1e-9")),
        ("SESAME:X:aB3_.x~-=", "qr", ExitCode("aB3_.x~-=")),
        ("https://any.shop:8443/c/t0ken_-", "qr", ShareLink("t0ken_-")),
        ("http://127.0.0.1:8800/c/t0ken/", None, ShareLink("t0ken")),
        (ean13("981234567890"), "ean13", CouponCode(ean13("981234567890"))),
        (ean13("991234567890"), "ean13", CouponCode(ean13("991234567890"))),
        ("SESAME:W:1234567", "qr", UnknownCode("SESAME:W:1234567", WhyUnknown.NO_ROW)),
        ("SESAME:W:12345678", "ean13", UnknownCode("SESAME:W:12345678", WhyUnknown.NO_ROW)),
        ("sesame:c:ABCD", "qr", UnknownCode("sesame:c:ABCD", WhyUnknown.NO_ROW)),
        ("SESAME:C:<b>", "qr", UnknownCode("SESAME:C:<b>", WhyUnknown.NO_ROW)),
        ("https://user@host/c/token", "qr", UnknownCode("https://user@host/c/token", WhyUnknown.NO_ROW)),
        ("javascript://x/c/token", "qr", UnknownCode("javascript://x/c/token", WhyUnknown.NO_ROW)),
        ("https://[broken/c/x", "qr", UnknownCode("https://[broken/c/x", WhyUnknown.NO_ROW)),
        ("3017620422004", "ean13", UnknownCode("3017620422004", WhyUnknown.WRONG_DIGIT)),
        ("12345", None, UnknownCode("12345", WhyUnknown.WRONG_DIGIT)),
        (ean13("980123456789"), "ean13", UnknownCode(ean13("980123456789"), WhyUnknown.REFUND_RECEIPT)),
        ("SESAME:C:\x00ABC", "qr", UnknownCode("SESAME:C:?ABC", WhyUnknown.STRANGE_SIGNS)),
        ("SESAME:C:AB\u202eCD", "qr", UnknownCode("SESAME:C:AB?CD", WhyUnknown.STRANGE_SIGNS)),
        ("9" * 513, "qr", UnknownCode("9" * 512, WhyUnknown.TOO_LONG)),
        ("", None, UnknownCode("", WhyUnknown.NO_ROW)),
    ],
)
def test_text_becomes_what_its_row_says_when_read(text: str, symbology: str | None, reading: Reading) -> None:
    assert read_code(text, symbology) == reading


@pytest.mark.parametrize(
    ("text", "item", "grams", "price_minor"),
    [
        ("0253097016335", "53097", None, 1633),
        (ean13("211234500150"), "12345", 150, None),
        (ean13("241234500199"), "12345", None, 199),
        (ean13("291234500000"), "12345", None, None),
    ],
)
def test_label_of_the_scale_is_taken_apart_when_the_store_has_its_layout(
    text: str, item: str, grams: int | None, price_minor: int | None
) -> None:
    lookup = Gtin.parse(ean13(text[:7] + "00000"))
    assert read_code(text, "ean13") == WeighedCode(item, lookup, grams, price_minor)


def test_pieces_and_inner_check_digit_are_read_when_a_layout_has_them() -> None:
    table = CodeTable((InStoreLayout("25IIIIINNNNNC"), InStoreLayout("26IIIIVPPPPPC"), InStoreLayout("285IIIIVPPPPC")))
    pieces = read_code(ean13("251234500003"), None, table)
    assert isinstance(pieces, WeighedCode)
    assert (pieces.pieces, pieces.grams, pieces.price_minor) == (3, None, None)
    guarded = read_code(ean13("261234" + price_check_digit("14685") + "14685"), None, table)
    assert isinstance(guarded, WeighedCode)
    assert guarded.price_minor == 14685
    wrong = str((int(price_check_digit("14685")) + 1) % 10)
    assert isinstance(read_code(ean13("261234" + wrong + "14685"), None, table), UnknownCode)
    assert isinstance(read_code(ean13("2851234" + price_check_digit("2875") + "2875"), None, table), WeighedCode)
    assert isinstance(read_code(ean13("211234500150"), None, table), ProductCode)


@pytest.mark.parametrize(
    "template",
    ["", "21IIIIIWWWWW", "2IIIIIIWWWWWC", "21IIIIIXXXXXC", "21IIIIIWWPPPC", "21IIIIIIIIIIC", "21IVPPPPPPPPC"],
)
def test_layout_is_refused_when_it_cannot_be_read(template: str) -> None:
    with pytest.raises(MalformedRuleError):
        InStoreLayout(template)


@pytest.mark.parametrize(
    ("symbology", "family"),
    [
        ("EAN-13", Family.RETAIL),
        ("]E0", Family.RETAIL),
        ("]e0", Family.GS1),
        ("Code 128", Family.LINEAR),
        ("]C1", Family.GS1),
        ("QRCode", Family.MATRIX),
        ("]Q3", Family.GS1),
        (None, Family.KEYED),
        ("something new", Family.KEYED),
    ],
)
def test_family_is_known_when_a_reader_names_the_symbol(symbology: str | None, family: Family) -> None:
    assert family_of(symbology) is family


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("01234505", "012000003455"),
        ("04252614", "042100005264"),
        ("01234531", "012300000451"),
        ("01234543", "012340000053"),
        ("01234565", "012345000065"),
    ],
)
def test_short_number_grows_when_it_is_upc_e(upc_e: str, upc_a: str) -> None:
    expanded = upc_a_of(upc_e)
    assert expanded[:11] == upc_a[:11]
    assert expanded[11] == upc_e[7]


def test_short_number_is_refused_when_it_is_no_upc_e() -> None:
    with pytest.raises(MalformedCodeError):
        upc_a_of("24252614")


@pytest.mark.parametrize(
    ("text", "symbology", "reading"),
    [
        ("010301762042200310LOT7\x1d21S1", "]C1", ProductCode(NUTELLA, lot="LOT7", serial="S1")),
        ("\x1d0103017620422003172603311526033010L", "]d2", None),
        ("(01)03017620422003(10)LOT(7)(17)260228", "gs1128", None),
        ("01030176204220033103000250", "]e0", ProductCode(NUTELLA, grams=250)),
        ("010301762042200330123922199", "]C1", UnknownCode("010301762042200330123922199", WhyUnknown.NO_ROW)),
        ("01030176204220033012\x1d3922199", "]C1", ProductCode(NUTELLA, price_minor=199, pieces=12)),
        ("0203017620422003376", "]C1", ProductCode(NUTELLA, pieces=6)),
        ("https://id.any.org/01/3017620422003/10/L7?17=260200&ref=x", "qr", None),
        ("https://id.any.org/a/b/01/03017620422003", "qr", ProductCode(NUTELLA)),
    ],
)
def test_gs1_text_is_taken_apart_when_all_of_it_is_known(text: str, symbology: str, reading: Reading | None) -> None:
    expected = {
        "\x1d": ProductCode(NUTELLA, lot="L", use_by=date(2026, 3, 31), best_before=date(2026, 3, 30)),
        "(": ProductCode(NUTELLA, lot="LOT(7)", use_by=date(2026, 2, 28)),
        "h": ProductCode(NUTELLA, lot="L7", use_by=date(2026, 2, 28)),
    }
    assert read_code(text, symbology) == (reading or expected[text[0]])


@pytest.mark.parametrize(
    "text",
    [
        "(01)03017620422004",
        "(01)03017620422003(01)03017620422003",
        "(10)LOT",
        "(01)03017620422003(17)261301",
        "(01)03017620422003(17)260230",
        "(01)03017620422003(89)x",
        "(01)03017620422003(10)",
        "8003017620422003",
        "https://any.org/01/03017620422003/10",
        "https://any.org/01/03017620422003/99/x",
        "https://any.org/01/0301762042200X",
        "https://any.org/02/03017620422003",
        "just words",
    ],
)
def test_nothing_is_half_understood_when_a_gs1_text_is_broken(text: str) -> None:
    assert isinstance(read_code(text, "]Q3"), UnknownCode)


def test_earlier_date_stops_the_sale_when_two_are_given() -> None:
    reading = read_code("(01)03017620422003(16)260401(17)260301", "]C1")
    assert isinstance(reading, ProductCode)
    assert reading.use_by == date(2026, 3, 1)


@given(st.text(max_size=600), st.sampled_from([None, "qr", "ean13", "]C1", "]Q3", "upce"]))
def test_no_text_breaks_the_reader_when_it_is_hostile(text: str, symbology: str | None) -> None:
    reading = read_code(text, symbology)
    if isinstance(reading, UnknownCode):
        assert len(reading.text) <= MAX_LENGTH
        assert reading.text.isprintable()


@given(
    st.from_regex(r"(\(01\)|01|https?://h/01/)[0-9]{12,14}[()0-9A-Z/?=\x1d]{0,40}", fullmatch=True),
    st.sampled_from(["]C1", "qr"]),
)
def test_product_is_whole_when_something_near_gs1_is_read(text: str, symbology: str) -> None:
    reading = read_code(text, symbology)
    assert isinstance(reading, ProductCode | UnknownCode | ShareLink)


@pytest.mark.data
def test_every_real_number_is_a_product_when_read(shared_data: Path) -> None:
    lines = (shared_data / "catalogue" / "off-products-full.csv").read_text(encoding="utf-8").splitlines()
    codes = [line.split(",", 1)[0].strip('"') for line in lines[1:]]
    numbers = [code for code in codes if code.isdigit()]
    unread = [n for n in numbers if not isinstance(read_code(n, "ean13"), ProductCode | WeighedCode | CouponCode)]
    assert len(numbers) > 9000
    assert [n for n in unread if not n.startswith("980")] == []


ISSN, BOOK = "9771234567003", "9780764544200"


@pytest.mark.parametrize("symbology", ["]E3", "EAN-13", None])
@pytest.mark.parametrize("add_on", ["07", "01234"])
def test_issue_is_told_when_bars_stand_beside_those_of_a_periodical(add_on: str, symbology: str | None) -> None:
    reading = read_code(ISSN + add_on, symbology)

    assert isinstance(reading, ProductCode)
    assert (reading.gtin.ean13, reading.issue, reading.price_minor) == (ISSN, add_on, None)
    assert reading.says_more


def test_price_is_told_when_the_store_says_that_bars_beside_a_book_are_one() -> None:
    table = CodeTable(add_ons=(AddOnLayout("978+5PPPP"), AddOnLayout("979+PPPPP")))

    priced, other = (read_code(BOOK + add_on, "]E3", table) for add_on in ("51295", "90000"))

    assert isinstance(priced, ProductCode)
    assert isinstance(other, ProductCode)
    assert (priced.price_minor, priced.issue) == (1295, None)
    assert (other.price_minor, other.says_more) == (None, False)


def test_bars_beside_a_code_say_nothing_when_they_mean_nothing_to_the_store() -> None:
    assert read_code("301762042200307", "]E3") == read_code("3017620422003", "]E0")
    for typed in ("301762042200307", BOOK + "51295", "977123456700007", "211234501250607"):
        assert read_code(typed) == UnknownCode(typed, WhyUnknown.WRONG_DIGIT)
    # A label of the shop's own, or a coupon, stays what it is: nobody prints an issue beside it.
    assert read_code("211234501250607", "]E3") == read_code("2112345012506", "]E0")
    assert read_code("977123456700007", "]E3") == UnknownCode("9771234567000", WhyUnknown.WRONG_DIGIT)


@pytest.mark.parametrize(
    "template", ["977", "977+", "977+I", "977+III", "977+IP", "+II", "9A7+II", "977+5", "977+PPPPPP"]
)
def test_add_on_is_refused_with_the_way_out_when_it_is_written_wrongly(template: str) -> None:
    with pytest.raises(MalformedRuleError, match=r"977\+II or 978\+5PPPP"):
        AddOnLayout(template)

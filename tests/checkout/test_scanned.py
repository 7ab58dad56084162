"""From a text that was read to the line it makes: the same rules with a server and without one."""

from datetime import date

import pytest

from checkout import (
    Catalog,
    CodeRow,
    CodeTable,
    InStoreLayout,
    Line,
    Reader,
    Unit,
    check_digit,
    check_sale,
    is_same_line,
    line_of,
    product_of,
    read_product,
)
from checkout.errors import (
    MalformedCodeError,
    NotAProductError,
    ProductNotFoundError,
    RecalledError,
    SaleStopError,
)
from tests.checkout.builders import a_line, a_product

TEA, HAM, PEARS, CASE = "3017620422003", "2112345000008", "4011", "5449000000996"
TODAY = date(2026, 3, 2)


def with_digit(payload: str) -> str:
    return payload + check_digit(payload)


CHEESE = with_digit("221234500250")
SHOP = Catalog(
    [
        a_product("tea"),
        a_product("ham", unit=Unit.KG),
        a_product("pears", unit=Unit.KG),
        a_product("cheese"),
        a_product("soda"),
    ],
    [
        CodeRow(TEA, "tea"),
        CodeRow(HAM, "ham"),
        CodeRow(PEARS, "pears"),
        CodeRow(with_digit("221234500000"), "cheese"),
        CodeRow(CASE, "soda", 6),
        CodeRow(with_digit("201234500000"), "soda"),
    ],
)


def scanned(text: str, quantity: int = 1, symbology: str | None = None, table: CodeTable | None = None) -> Line:
    more = {} if table is None else {"table": table}
    return line_of(SHOP, text, symbology, line_id="l-1", quantity=quantity, on=TODAY, **more)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (TEA, Line("l-1", "tea", 1, TEA)),
        (f"(01)0{TEA}(10)L7", Line("l-1", "tea", 1, TEA, lot="L7")),
        (CASE, Line("l-1", "soda", 6, CASE)),
        (PEARS, Line("l-1", "pears", 1, PEARS)),
        ("2112345012506", Line("l-1", "ham", 1, "2112345012506", weight_g=1250)),
        (CHEESE, Line("l-1", "cheese", 1, CHEESE, price_minor=250)),
        (with_digit("221234500000"), Line("l-1", "cheese", 1, with_digit("221234500000"))),
        (f"(01)0{TEA}(3103)001250", Line("l-1", "tea", 1, TEA)),
    ],
)
def test_line_says_what_the_code_carried_when_it_is_scanned(text: str, line: Line) -> None:
    assert scanned(text) == line


@pytest.mark.parametrize("text", [TEA, f"(01)0{TEA}(10)L7", CASE, PEARS, "2112345012506", CHEESE])
def test_reader_answers_as_at_first_when_a_code_comes_again(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = Reader(SHOP)
    first, again = (reader.line(text, line_id="l-1", on=TODAY) for _ in range(2))
    assert first == again == scanned(text)
    assert reader.line(TEA, line_id="l-2", quantity=3, on=TODAY) == Line("l-2", "tea", 3, TEA)
    monkeypatch.setattr("checkout.scanned.MAX_PLAIN", 1)
    assert reader.line(CASE, line_id="l-3", quantity=2, on=TODAY) == Line("l-3", "soda", 12, CASE)
    assert reader.line(CASE, line_id="l-3", quantity=2, on=TODAY) == Line("l-3", "soda", 12, CASE)


def test_reader_refuses_what_is_past_its_date_when_it_was_sold_the_day_before() -> None:
    reader, text = Reader(SHOP), f"(01)0{TEA}(17)250301"
    assert reader.line(text, line_id="l-1", on=date(2025, 3, 1)).sku == "tea"
    with pytest.raises(SaleStopError):
        reader.line(text, line_id="l-1", on=date(2025, 3, 2))


def test_pieces_come_from_the_label_when_the_shop_s_layout_counts_them() -> None:
    table = CodeTable(layouts=(InStoreLayout("20IIIIINNNNNC"),))
    code = with_digit("201234500004")

    assert scanned(code, table=table) == Line("l-1", "soda", 4, code)


@pytest.mark.parametrize(
    ("text", "symbology", "error"),
    [
        ("3017620422004", "ean13", MalformedCodeError),
        ("x" * 600, None, MalformedCodeError),
        ("96385074", None, ProductNotFoundError),
        ("no such thing", None, ProductNotFoundError),
        ("2198765012503", None, MalformedCodeError),
        ("SESAME:C:ABCD-EFGH", "qr", NotAProductError),
        (f"(01)0{TEA}(17)250301", None, SaleStopError),
    ],
)
def test_reason_is_told_when_a_text_makes_no_line(text: str, symbology: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        scanned(text, symbology=symbology)


def test_product_is_found_by_label_number_and_word_when_looked_up() -> None:
    assert [product_of(SHOP, text).sku for text in (TEA, "2112345012506", PEARS)] == ["tea", "ham", "pears"]
    assert read_product(SHOP, f" {PEARS} ") == PEARS


@pytest.mark.parametrize(
    ("facts", "lot", "error"),
    [
        ({"sale_stop": "glass"}, None, SaleStopError),
        ({"recalled_lots": frozenset({"*"})}, None, RecalledError),
        ({"recalled_lots": frozenset({"L7"})}, "L7", RecalledError),
    ],
)
def test_sale_is_refused_when_the_goods_are_stopped_or_called_back(
    facts: dict[str, str | frozenset[str]], lot: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error):
        check_sale(a_product("tea", **facts), a_line("tea", lot=lot))  # type: ignore[arg-type] # the fact of the row


@pytest.mark.parametrize("lot", [None, "L8"])
def test_sale_goes_on_when_another_lot_is_called_back(lot: str | None) -> None:
    check_sale(a_product("tea", recalled_lots=frozenset({"L7"})), a_line("tea", lot=lot))


def test_lines_merge_when_they_are_one_product_of_one_lot() -> None:
    assert is_same_line(a_line("tea"), a_line("tea", line_id="l-2"))
    assert not is_same_line(a_line("tea"), a_line("tea", lot="L7"))
    assert not is_same_line(a_line("tea"), a_line("tea", weight_g=100))


def test_issues_are_lines_of_their_own_when_a_periodical_is_scanned() -> None:
    issn = "9771234567003"
    shop = Catalog([a_product("weekly")], [CodeRow(issn, "weekly")])

    first, other, plain = (
        line_of(shop, issn + add_on, "]E3" if add_on else "ean13", line_id=f"l-{add_on}", on=TODAY)
        for add_on in ("07", "08", "")
    )

    assert first == Line("l-07", "weekly", 1, issn, issue="07")
    assert not is_same_line(first, other)
    assert not is_same_line(first, plain)
    assert is_same_line(first, Line("l-9", "weekly", 2, issn, issue="07"))
    reader = Reader(shop)
    assert [reader.line(issn + "07", "]E3", line_id="l-1", on=TODAY).issue for _ in range(2)] == ["07", "07"]

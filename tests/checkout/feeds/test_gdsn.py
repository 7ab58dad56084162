"""GS1 messages: read as a stream, and nothing in them may grow."""

from collections.abc import Iterator

import pytest

from checkout.feeds import Fault, FaultKind, LeftOut, ReferenceRecord, read_gdsn
from checkout.feeds.gdsn import MAX_TOKEN_BYTES
from tests.checkout.feeds.builders import NUTELLA, TERMS, WATER, a_file, kinds, sorted_out

START = '<?xml version="1.0" encoding="UTF-8"?><cin:message xmlns:cin="urn:gs1:gdsn:catalogue_item_notification:xsd:3">'


def an_item(
    gtin: str = "0" + NUTELLA,
    *,
    tax: str = "LOW",
    tax_words: str = "TAUX REDUIT 5.5 %",
    content: str = "400.0",
    unit: str = "GRM",
    more: str = "",
    child: str = "",
    name: str = "Pâte",
) -> str:
    duty = (
        "<dutyFeeTaxInformation>"
        f"<dutyFeeTaxTypeDescription>{tax_words}</dutyFeeTaxTypeDescription>"
        f"<dutyFeeTax><dutyFeeTaxCategoryCode>{tax}</dutyFeeTaxCategoryCode></dutyFeeTax></dutyFeeTaxInformation>"
        if tax
        else ""
    )
    return f"""<catalogueItem><tradeItem><gtin>{gtin}</gtin>{more}
<brandOwner><partyName>Ferrero France</partyName></brandOwner>
<gdsnTradeItemClassification><gpcCategoryCode>10000217</gpcCategoryCode></gdsnTradeItemClassification>
<nextLowerLevelTradeItemInformation><childTradeItem><gtin>1</gtin></childTradeItem></nextLowerLevelTradeItemInformation>
<tradeItemInformation><extension>
<t:m xmlns:t="urn:t"><tradeItemDescriptionInformation><descriptionShort xml:lang="fr">{name}</descriptionShort>
<descriptionShort xml:lang="en">Spread</descriptionShort>
<brandNameInformation>
<brandName>Nutella &amp; Co</brandName></brandNameInformation></tradeItemDescriptionInformation></t:m>
<dutyFeeTaxInformation><dutyFeeTax><dutyFeeTaxAmount>0.00388</dutyFeeTaxAmount></dutyFeeTax></dutyFeeTaxInformation>
{duty}<tradeItemMeasurements><netContent measurementUnitCode="{unit}">{content}</netContent></tradeItemMeasurements>
</extension></tradeItemInformation></tradeItem>{child}</catalogueItem>"""


def a_message(*items: str) -> Iterator[bytes]:
    return a_file(START + "".join(items) + "</cin:message>")


def test_vat_class_is_certain_when_a_supplier_says_it() -> None:
    (said,) = read_gdsn(a_message(an_item()), TERMS).rows

    assert said == ReferenceRecord(
        1,
        NUTELLA,
        "Pâte",
        "Nutella & Co",
        "400 g",
        "10000217",
        400,
        "reduced",
        vat_is_certain=True,
        is_in_store=False,
        source="gdsn",
    )


def test_name_is_the_one_for_people_when_there_is_a_tills_short_one_too() -> None:
    item = an_item(
        name="SCE BEARN 184G</descriptionShort><tradeItemDescription>Sauce béarnaise</tradeItemDescription>"
        "<descriptionShort>x"
    )

    (said,) = read_gdsn(a_message(item), TERMS).rows

    assert isinstance(said, ReferenceRecord)
    assert said.name == "Sauce béarnaise"


def test_case_and_the_pieces_in_it_are_told_apart_when_nested() -> None:
    piece = an_item("0" + WATER, tax="")
    case = an_item("13017620422000", child=f"<catalogueItemChildItemLink>{piece}</catalogueItemChildItemLink>")
    crate = an_item(more="<isTradeItemAConsumerUnit>false</isTradeItemAConsumerUnit>")

    said = list(read_gdsn(a_message(case, crate), TERMS).rows)

    assert [(one.code, one.vat_class) for one in said if isinstance(one, ReferenceRecord)] == [
        ("13017620422000", "reduced"),
        (WATER, None),
    ]
    assert [one.why for one in said if isinstance(one, LeftOut)] == ["it is not sold to consumers"]


@pytest.mark.parametrize(
    ("item", "field", "kind"),
    [
        (an_item("03017620422004"), "code", FaultKind.CODE_CHECK_DIGIT),
        (an_item(tax="ODD", tax_words=""), "vat_class", FaultKind.VAT_UNKNOWN),
        (an_item(tax="LOW", tax_words="TAUX NORMAL 20 %"), "vat_class", FaultKind.VAT_UNKNOWN),
        (an_item(name="x" * 600), "name", FaultKind.TOO_LONG),
    ],
)
def test_item_is_refused_and_the_next_read_when_it_is_wrong(item: str, field: str, kind: FaultKind) -> None:
    understood, faults, _ = sorted_out(read_gdsn(a_message(item, an_item("0" + WATER)), TERMS))

    assert [(fault.field, fault.kind) for fault in faults] == [(field, kind)]
    assert [record.code for record in understood if isinstance(record, ReferenceRecord)] == [WATER]


@pytest.mark.parametrize(("unit", "content", "pack"), [("CLT", "75", "75 cl"), ("H87", "6", ""), ("GRM", "lots", "")])
def test_pack_is_empty_when_its_unit_is_no_measure(unit: str, content: str, pack: str) -> None:
    (said,) = read_gdsn(a_message(an_item(unit=unit, content=content)), TERMS).rows

    assert isinstance(said, ReferenceRecord)
    assert said.pack == pack


def test_bomb_is_refused_before_it_grows_when_a_doctype_begins() -> None:
    laughs = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY l0 "lol">{laughs}]><lolz>&l9;</lolz>'

    (fault,) = read_gdsn([bomb.encode()], TERMS).rows

    assert isinstance(fault, Fault)
    assert fault.kind is FaultKind.XML_FORBIDDEN


def test_items_before_it_are_kept_when_the_message_breaks_off() -> None:
    understood, faults, _ = sorted_out(read_gdsn([START.encode(), an_item().encode(), b"<catalogueItem>"], TERMS))

    assert len(understood) == 1
    assert [fault.kind for fault in faults] == [FaultKind.XML_BROKEN]


def test_reading_stops_when_elements_nest_too_deep() -> None:
    _, faults, _ = sorted_out(read_gdsn([b"<a>" * 300], TERMS))

    assert [fault.kind for fault in faults] == [FaultKind.XML_FORBIDDEN]


def test_reading_stops_when_one_tag_does_not_end() -> None:
    chunks = (b"x" * 300_000 for _ in range(MAX_TOKEN_BYTES // 100_000))

    _, faults, _ = sorted_out(read_gdsn(_after(b'<a b="', chunks), TERMS))

    assert [fault.kind for fault in faults] == [FaultKind.TOO_LONG]


def test_long_text_is_cut_off_in_memory_when_it_has_no_end() -> None:
    _, faults, _ = sorted_out(read_gdsn(a_message(an_item("1" * 20_000)), TERMS))

    assert kinds(faults) == [(1, "code", FaultKind.CODE_TOO_LONG)]


def test_file_without_items_is_told_when_read() -> None:
    _, faults, _ = sorted_out(read_gdsn([b"<a><gtin>1</gtin></a>"], TERMS))

    assert [fault.kind for fault in faults] == [FaultKind.FILE_EMPTY]


def _after(start: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield start
    yield from chunks

"""Official recalls become lots that are not sold; whatever names no lot of a GTIN is told by its line."""

import pytest

from checkout.feeds import Fault, FaultKind, LeftOut, Mapping, RecallRecord, read_rappelconso
from checkout.feeds.recalls import lots_of
from tests.checkout.feeds.builders import NUTELLA, TERMS, WATER, a_file, kinds, sorted_out

HEAD = "numero_fiche;libelle;identification_produits;motif_rappel"


def test_each_lot_of_each_product_is_stopped_when_a_notice_names_several() -> None:
    feed = read_rappelconso(
        a_file(
            HEAD,
            f"2024-01;Pâte;{NUTELLA}$LOT 23314$date limite$2026-12-05|{WATER}$L1, L2 et L3;verre",
            f'2024-02;Eau;"{WATER}\n{NUTELLA}$tous les lots";listeria',
        ),
        TERMS,
    )

    found, faults, left_out = sorted_out(feed)

    assert [(one.line, one.code, one.lot) for one in found if isinstance(one, RecallRecord)] == [
        (2, NUTELLA, "23314"),
        (2, WATER, "L1"),
        (2, WATER, "L2"),
        (2, WATER, "L3"),
        (3, WATER, "*"),
        (3, NUTELLA, "*"),
    ]
    assert (faults, left_out) == ([], [])


def test_row_is_told_by_its_line_when_it_stops_nothing() -> None:
    feed = read_rappelconso(
        a_file(
            HEAD,
            "1;A;3017620422004$L1;x",
            f"2;B;non communiqué|{NUTELLA}$L9;x",
            f"3;C;{NUTELLA}${'L' * 70};x",
            "4;D;;x",
            "5;E;too;many;cells;here",
        ),
        TERMS,
    )

    found, faults, left_out = sorted_out(feed)

    assert [(one.line, one.lot) for one in found if isinstance(one, RecallRecord)] == [(3, "L9")]
    assert kinds(faults) == [
        (2, "products", FaultKind.CODE_CHECK_DIGIT),
        (3, "products", FaultKind.CODE_SIGNS),
        (4, "products", FaultKind.TOO_LONG),
        (6, "", FaultKind.COLUMN_COUNT),
    ]
    assert left_out == [LeftOut(5, "the notice names no GTIN")]


@pytest.mark.parametrize(
    ("content", "kind"), [([b""], FaultKind.FILE_EMPTY), ([b"a;b\n1;2\n"], FaultKind.COLUMN_MISSING)]
)
def test_file_is_told_as_a_whole_when_it_is_no_list_of_recalls(content: list[bytes], kind: FaultKind) -> None:
    (fault,) = read_rappelconso(content, TERMS).rows

    assert isinstance(fault, Fault)
    assert fault.kind is kind


def test_notice_is_left_out_when_the_mapping_asks_for_food_alone() -> None:
    mapping = Mapping(where={"libelle": frozenset({"food"})})

    _, _, left_out = sorted_out(read_rappelconso(a_file(HEAD, f"1;toy;{NUTELLA}$L1;x"), TERMS, mapping))

    assert [one.line for one in left_out] == [2]


@pytest.mark.parametrize(
    ("text", "lots"),
    [("", ("*",)), ("-", ("*",)), ("Toutes les dates", ("*",)), ("lot", ("*",)), ("N° de lot : 7 , 7", ("7",))],
)
def test_lots_are_read_as_a_code_would_carry_them(text: str, lots: tuple[str, ...]) -> None:
    assert lots_of(text) == lots

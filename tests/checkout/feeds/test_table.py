"""Lines and tables: how a file is written is found out, and a broken row costs one row."""

import pytest

from checkout.feeds.faults import Fault, FaultKind
from checkout.feeds.lines import MAX_LINE_BYTES, read_lines
from checkout.feeds.table import MAX_RECORD_LINES, SAMPLE_LINES, Row, Sheet, find_form, read_sheet
from tests.checkout.feeds.builders import a_file


def a_sheet(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Sheet:
    sheet = read_sheet(a_file(*lines, encoding=encoding, end=end))
    assert isinstance(sheet, Sheet)
    return sheet


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_cells_are_parted_when_any_usual_delimiter_is_used(delimiter: str) -> None:
    sheet = a_sheet(delimiter.join("abc"), delimiter.join("123"))

    rows = list(sheet.rows)

    assert sheet.header == ("a", "b", "c")
    assert rows == [Row(2, ["1", "2", "3"])]


def test_mark_and_line_ends_disappear_when_windows_wrote_the_file() -> None:
    sheet = a_sheet("\ufeffcode;name", "1;é", "", "2;è", end="\r\n")

    assert sheet.header == ("code", "name")
    assert list(sheet.rows) == [Row(2, ["1", "é"]), Row(4, ["2", "è"])]


def test_value_keeps_newlines_and_delimiters_when_it_is_quoted() -> None:
    sheet = a_sheet("code,name,brand", '1,"a, ""b""\nand c",x', '2,12" pizza,y')

    assert list(sheet.rows) == [Row(2, ["1", 'a, "b"\nand c', "x"]), Row(4, ["2", '12" pizza', "y"])]


def test_marks_are_signs_when_the_file_is_not_quoted() -> None:
    rows = [f'{i}\t"open {i}\tx' for i in range(20)]

    sheet = a_sheet("code\tname\tbrand", *rows)

    assert [row.cells[1] for row in sheet.rows if isinstance(row, Row)] == [f'"open {i}' for i in range(20)]


def test_only_its_own_row_is_lost_when_a_mark_is_never_closed() -> None:
    sheet = a_sheet("code,name", '1,"fine"', '2,"never closed', *(f'{i},"x{i}"' for i in range(3, 9)))

    rows = list(sheet.rows)

    faults = [row for row in rows if isinstance(row, Fault)]
    assert [fault.line for fault in faults] == [3]
    assert faults[0].kind is FaultKind.QUOTE_OPEN
    assert [row.cells[1] for row in rows if isinstance(row, Row)] == ["fine", *(f"x{i}" for i in range(3, 9))]


def test_row_is_refused_when_its_mark_stays_open_for_too_many_lines() -> None:
    sheet = read_sheet(
        a_file("code,name", '1,"never closed', *(f"{i},x" for i in range(MAX_RECORD_LINES + 50))),
        delimiter=",",
        is_quoted=True,
    )

    assert isinstance(sheet, Sheet)
    rows = list(sheet.rows)
    assert isinstance(rows[0], Fault)
    assert rows[0].kind is FaultKind.QUOTE_OPEN
    assert len(rows) == MAX_RECORD_LINES + 51


def test_rows_after_the_sample_are_read_when_the_file_is_long() -> None:
    sheet = a_sheet("a,b", *(f"{i},x" for i in range(SAMPLE_LINES * 2)))

    assert sum(isinstance(row, Row) for row in sheet.rows) == SAMPLE_LINES * 2


@pytest.mark.parametrize("start", ["", '"'])
def test_field_of_ten_megabytes_costs_one_row_when_met(start: str) -> None:
    huge = start + "x" * 10_000_000

    sheet = read_sheet([f"a,b\n1,{huge}\n2,fine\n".encode()])

    assert isinstance(sheet, Sheet)
    broken, fine = sheet.rows
    assert isinstance(broken, Fault)
    assert (broken.line, broken.kind) == (2, FaultKind.TOO_LONG)
    assert fine == Row(3, ["2", "fine"])


def test_quoted_field_beyond_the_readers_limit_costs_one_row_when_met() -> None:
    sheet = read_sheet([f'a,b\n1,"{"x" * 200_000}"\n2,fine\n'.encode()])

    assert isinstance(sheet, Sheet)
    broken, fine = sheet.rows
    assert isinstance(broken, Fault)
    assert broken.kind is FaultKind.TOO_LONG
    assert fine == Row(3, ["2", "fine"])


def test_lines_around_it_are_read_when_one_is_no_text() -> None:
    sheet = read_sheet([b'a,b\n1,fine\n2,\xff\xfe\n3,"x\n\xff"\n4,n\0l\n5,fine\n'])

    assert isinstance(sheet, Sheet)
    rows = list(sheet.rows)
    assert [row.line for row in rows] == [2, 3, 4, 6, 7]
    assert [row.kind for row in rows if isinstance(row, Fault)] == [
        FaultKind.ENCODING,
        FaultKind.ENCODING,
        FaultKind.CONTROL_SIGN,
    ]


def test_row_is_refused_when_it_is_wider_than_the_heading() -> None:
    (row,) = a_sheet("a,b", "1,2,3").rows

    assert isinstance(row, Fault)
    assert row.kind is FaultKind.COLUMN_COUNT
    assert "3 columns, the heading 2" in row.problem


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", FaultKind.FILE_EMPTY),
        (b"\n \n", FaultKind.FILE_EMPTY),
        ("a,b\n1,2\n".encode("utf-16"), FaultKind.FILE_ENCODING),
        (b"a,\xff\n1,2\n", FaultKind.ENCODING),
    ],
)
def test_file_is_refused_when_its_heading_cannot_be_read(content: bytes, kind: FaultKind) -> None:
    fault = read_sheet([content])

    assert isinstance(fault, Fault)
    assert fault.kind is kind


def test_one_column_is_read_when_there_is_no_delimiter() -> None:
    sheet = a_sheet("code", "1", "2")

    assert list(sheet.rows) == [Row(2, ["1"]), Row(3, ["2"])]


def test_form_is_what_was_said_when_it_was_said() -> None:
    assert find_form(["a,b;c", "1,2;3"], ";", is_quoted=False) == (";", False)


def test_no_form_is_found_when_the_sample_breaks_the_reader() -> None:
    assert find_form(["a" * 200_000 + ",b"]) == (",", True)


def test_long_line_is_marked_when_it_comes_in_pieces_and_last() -> None:
    piece = b"x" * (MAX_LINE_BYTES // 2)

    lines = list(read_lines([b"a\n", piece, piece, piece, b"\nb\n", piece, piece, piece]))

    assert [(line.number, line.problem) for line in lines] == [
        (1, None),
        (2, FaultKind.TOO_LONG),
        (3, None),
        (4, FaultKind.TOO_LONG),
    ]


def test_last_line_is_read_when_nothing_ends_it() -> None:
    assert [line.text for line in read_lines([b"a\nb"])] == ["a", "b"]

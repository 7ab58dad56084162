"""Rows with named columns from comma, semicolon, tab or bar separated text, quoted or not.

How a file is written is found out from its beginning, never assumed: one database is published both quoted and not.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checkout.feeds.faults import BadValueError, Fault, FaultKind, shown, whole_file
from checkout.feeds.lines import TextLine, read_lines

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
SAMPLE_SIGNS = 262_144
MAX_RECORD_LINES = 200
"""A value with more newlines than this is a quotation mark that was never closed."""

_PROBLEMS = {
    FaultKind.TOO_LONG: "the line is longer than a row can be",
    FaultKind.ENCODING: "some bytes are not text in this encoding",
    FaultKind.CONTROL_SIGN: "the line has a NUL sign",
}


class Form(NamedTuple):
    """How a file parts its values, and whether quotation marks hold them together."""

    delimiter: str
    is_quoted: bool


class Row(NamedTuple):
    """One row: the line where it begins, and its cells."""

    line: int
    cells: list[str]


class Sheet(NamedTuple):
    """A table whose rows are read as they are asked for."""

    header: tuple[str, ...]
    rows: Iterator[Row | Fault]


def read_sheet(
    chunks: Iterable[bytes],
    *,
    encoding: str = "utf-8",
    delimiter: str | None = None,
    is_quoted: bool | None = None,
) -> Sheet | Fault:
    """Open a table.

    Args:
        chunks: The file in order.
        encoding: See :func:`read_lines`.
        delimiter: None to find out.
        is_quoted: Whether quotation marks hold values together; None to find out.

    Returns:
        The sheet, or the fault that makes the whole file unreadable.
    """
    source = read_lines(chunks, encoding)
    sample: list[TextLine] = []
    signs = 0
    try:
        for line in source:
            sample.append(line)
            signs += len(line.text)
            if len(sample) == SAMPLE_LINES or signs > SAMPLE_SIGNS:
                break
    except BadValueError as error:
        return whole_file(error.kind, error.problem)
    form = find_form([line.text for line in sample], delimiter, is_quoted)
    rows = _rows(_Lines(sample, source), form)
    first = next(rows, None)
    if first is None:
        return whole_file(FaultKind.FILE_EMPTY, "the file has no rows")
    if isinstance(first, Fault):
        return Fault(first.line, "", first.kind, first.given, f"the heading cannot be read: {first.problem}")
    header = tuple(" ".join(name.split()) for name in first.cells)
    return Sheet(header, _of_width(rows, len(header)))


def find_form(sample: list[str], delimiter: str | None = None, is_quoted: bool | None = None) -> Form:  # noqa: FBT001 - None means unknown
    """Tell how a text is written: the form in which most rows are as wide as the first one.

    Ties go to more columns, then to quotation marks.
    """
    best, best_score = Form(delimiter or ",", is_quoted is not False), (0.0, 0, False)
    for sign in (delimiter,) if delimiter else DELIMITERS:
        for quoted in (True, False) if is_quoted is None else (is_quoted,):
            if (score := _score(sample, Form(sign, quoted))) > best_score:
                best, best_score = Form(sign, quoted), score
    return best


def _score(sample: list[str], form: Form) -> tuple[float, int, bool]:
    try:
        # The last row may be cut off by the end of the sample, so a longer sample is read without it.
        rows = [row for row in _plain_reader(sample, form) if row]
    except csv.Error:
        return (0.0, 0, False)
    if len(sample) >= SAMPLE_LINES:
        rows.pop()
    width = len(rows[0]) if rows else 0
    if width < 2:  # noqa: PLR2004 - a table of one column has no delimiter to find
        return (0.0, 0, False)
    return (sum(len(row) == width for row in rows) / len(rows), width, form.is_quoted)


def _plain_reader(lines: Iterable[str], form: Form) -> Iterator[list[str]]:
    # Newlines inside quotation marks are kept by ending each line again.
    ended = (line + "\n" for line in lines)
    if form.is_quoted:
        return csv.reader(ended, delimiter=form.delimiter)
    return csv.reader(ended, delimiter=form.delimiter, quoting=csv.QUOTE_NONE)


class _Lines:
    """Lines that can be given back, so that one open quotation mark costs one row and not the rest of the file."""

    def __init__(self, sample: list[TextLine], source: Iterator[TextLine]) -> None:
        self._waiting = deque(sample)
        self._source = source

    def take(self) -> TextLine | None:
        if self._waiting:
            return self._waiting.popleft()
        return next(self._source, None)

    def give_back(self, lines: list[TextLine]) -> None:
        self._waiting.extendleft(reversed(lines))


def _rows(lines: _Lines, form: Form) -> Iterator[Row | Fault]:
    while (line := lines.take()) is not None:
        if line.problem is None and not line.text.strip():
            continue
        if not form.is_quoted or '"' not in line.text:
            if line.problem is not None:
                yield _broken(line, line.problem)
            else:
                yield Row(line.number, line.text.split(form.delimiter))
            continue
        yield _quoted_row(line, lines, form.delimiter)


def _quoted_row(first: TextLine, lines: _Lines, delimiter: str) -> Row | Fault:
    taken = [first]
    is_open = _is_open(first.text, delimiter, was_open=False)
    while is_open:
        line = lines.take() if len(taken) < MAX_RECORD_LINES else None
        if line is None:
            lines.give_back(taken[1:])
            return Fault(first.number, "", FaultKind.QUOTE_OPEN, shown(first.text), "a quotation mark is never closed")
        taken.append(line)
        is_open = _is_open(line.text, delimiter, was_open=True)
    for line in taken:
        if line.problem is not None:
            return _broken(first, line.problem)
    try:
        cells = next(csv.reader(["\n".join(line.text for line in taken)], delimiter=delimiter))
    except csv.Error:  # a field beyond the reader's own limit of 131 072 signs
        return _broken(first, FaultKind.TOO_LONG)
    return Row(first.number, cells)


def _is_open(text: str, delimiter: str, *, was_open: bool) -> bool:
    """Whether a quotation mark is still open at the end of the line. A mark inside an unquoted value is only a sign."""
    at, is_open = 0, was_open
    while True:
        if is_open:
            mark = text.find('"', at)
            if mark < 0:
                return True
            if text.startswith('""', mark):
                at = mark + 2
                continue
            is_open = False
            at = text.find(delimiter, mark + 1)
        elif text.startswith('"', at):
            is_open = True
            at += 1
            continue
        else:
            at = text.find(delimiter, at)
        if at < 0:
            return False
        at += len(delimiter)


def _broken(line: TextLine, problem: FaultKind) -> Fault:
    return Fault(line.number, "", problem, shown(line.text), _PROBLEMS[problem])


def _of_width(rows: Iterator[Row | Fault], width: int) -> Iterator[Row | Fault]:
    for row in rows:
        if isinstance(row, Row) and len(row.cells) != width:
            given = shown(" ".join(row.cells))
            problem = f"the row has {len(row.cells)} columns, the heading {width}"
            yield Fault(row.line, "", FaultKind.COLUMN_COUNT, given, problem)
        else:
            yield row

"""Rows with named columns from comma, semicolon, tab or bar separated text, quoted or not.

How a file is written is found out from its beginning, never assumed: one database is published both quoted and not.
"""

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from checkout.feeds.faults import BadValueError, Fault, FaultKind, shown, whole_file
from checkout.feeds.lines import TextLine, read_lines

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_LINES = 200
SAMPLE_SIGNS = 262_144
MAX_RECORD_LINES = 200
"""A value with more newlines than this is a quotation mark that was never closed."""

_NO_SCORE = (0, 0, False)
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
    """Tell how a text is written: the form in which most rows, less the others, are as wide as the first one.

    Rows are counted rather than their share, as two rows that a stray mark glues together may look like one that fits.
    Ties go to more columns, then to quotation marks.
    """
    best, best_score = Form(delimiter or ",", is_quoted is not False), _NO_SCORE
    for sign in (delimiter,) if delimiter else DELIMITERS:
        for quoted in (True, False) if is_quoted is None else (is_quoted,):
            if (score := _score(sample, Form(sign, quoted))) > best_score:
                best, best_score = Form(sign, quoted), score
    return best


def _score(sample: list[str], form: Form) -> tuple[int, int, bool]:
    lines = [TextLine(number, text, None) for number, text in enumerate(sample, 1)]
    rows = list(_rows(_Lines(lines, iter(())), form))
    if len(sample) >= SAMPLE_LINES:
        rows.pop()  # it may be cut off by the end of the sample
    width = len(rows[0].cells) if rows and isinstance(rows[0], Row) else 0
    if width < 2:  # noqa: PLR2004 - a table of one column has no delimiter to find
        return _NO_SCORE
    fits = sum(isinstance(row, Row) and len(row.cells) == width and _is_plain(row, form) for row in rows)
    return (2 * fits - len(rows), width, form.is_quoted)


def _is_plain(row: Row, form: Form) -> bool:
    """Whether no cell of an unquoted form stands between quotation marks, which would speak for the quoted form."""
    return form.is_quoted or not any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in row.cells)


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
    state = _after(first.text, delimiter, _Quote.CLOSED)
    while state is _Quote.OPEN and (line := lines.take() if len(taken) < MAX_RECORD_LINES else None) is not None:
        taken.append(line)
        state = _after(line.text, delimiter, state)
    if state is not _Quote.CLOSED:
        lines.give_back(taken[1:])
        problem = "a quotation mark is not closed" if state is _Quote.OPEN else "signs follow a closing quotation mark"
        return Fault(first.number, "", FaultKind.QUOTE_OPEN, shown(first.text), problem)
    for line in taken:
        if line.problem is not None:
            return _broken(first, line.problem)
    try:
        cells = next(csv.reader(["\n".join(line.text for line in taken)], delimiter=delimiter))
    except csv.Error:  # a field beyond the reader's own limit of 131 072 signs
        return _broken(first, FaultKind.TOO_LONG)
    return Row(first.number, cells)


class _Quote(Enum):
    """Whether a value between quotation marks goes on after the end of a line."""

    CLOSED = 0
    OPEN = 1
    BROKEN = 2


def _after(text: str, delimiter: str, before: _Quote) -> _Quote:
    """Return the state at the end of a line. A mark inside a value that began without one is only a sign."""
    at, is_open = 0, before is _Quote.OPEN
    while True:
        if is_open:
            mark = text.find('"', at)
            if mark < 0:
                return _Quote.OPEN
            at = mark + 1
            if text.startswith('"', at):
                at += 1
                continue
            is_open = False
            if at < len(text) and not text.startswith(delimiter, at):
                return _Quote.BROKEN
        elif text.startswith('"', at):
            is_open = True
            at += 1
            continue
        at = text.find(delimiter, at)
        if at < 0:
            return _Quote.CLOSED
        at += 1


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

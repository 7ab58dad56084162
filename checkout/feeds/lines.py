"""From bytes to lines of text. A broken line is marked, never mended, and the lines after it are read as usual."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from checkout.feeds.faults import BadValueError, FaultKind

MAX_LINE_BYTES = 1_048_576
"""A row of a real full export stays under 100 kB; what is longer is skipped without being kept in memory."""

_BOM = b"\xef\xbb\xbf"
_WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff")


class TextLine(NamedTuple):
    """One line without its end.

    Attributes:
        number: From 1.
        text: Bytes that are no text stand as U+FFFD, a line too long is empty.
        problem: Why the line cannot be believed; None when it can.
    """

    number: int
    text: str
    problem: FaultKind | None


def read_lines(chunks: Iterable[bytes], encoding: str = "utf-8") -> Iterator[TextLine]:
    """Yield the lines of a file that comes in pieces of any size. A byte order mark is taken off.

    Args:
        chunks: The file in order; cut anywhere.
        encoding: UTF-8 or one of the single-byte encodings.

    Raises:
        BadValueError: The file is UTF-16, whose lines cannot be told apart byte by byte.
    """
    for number, line in enumerate(_split(chunks), 1):
        raw = line
        if raw is None:
            yield TextLine(number, "", FaultKind.TOO_LONG)
            continue
        if number == 1:
            if raw.startswith(_WIDE_BOMS):
                raise BadValueError(FaultKind.FILE_ENCODING, "the file is UTF-16")
            raw = raw.removeprefix(_BOM)
        raw = raw.removesuffix(b"\r")
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            yield TextLine(number, raw.decode(encoding, "replace"), FaultKind.ENCODING)
            continue
        yield TextLine(number, text, FaultKind.CONTROL_SIGN if "\0" in text else None)


def _split(chunks: Iterable[bytes]) -> Iterator[bytes | None]:
    """Yield lines without their newline; None for one that is too long."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            size += len(piece)
            yield b"".join((*held, piece)) if size <= MAX_LINE_BYTES else None
            held, size = [], 0
        size += len(rest)
        if size <= MAX_LINE_BYTES:
            held.append(rest)
        else:
            held.clear()
    if size:
        yield b"".join(held) if size <= MAX_LINE_BYTES else None

"""Small files as bytes, and what came out of them."""

from collections.abc import Iterable, Iterator
from typing import TypeVar
from zoneinfo import ZoneInfo

from checkout import EUR
from checkout.feeds import Fault, FaultKind, Feed, LeftOut, Record, Terms

NUTELLA = "3017620422003"
WATER = "3274080005003"
PASTA = "3038350013804"
PARIS = ZoneInfo("Europe/Paris")
TERMS = Terms(EUR, "FR", PARIS)

Kind = TypeVar("Kind")


def a_file(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Iterator[bytes]:
    """Return the lines as one file, cut into pieces at awkward places."""
    whole = end.join((*lines, "")).encode(encoding)
    return (whole[i : i + 7] for i in range(0, len(whole), 7))


def records(feed: Feed, kind: type[Kind]) -> list[Kind]:
    """Return the records of one kind."""
    return [said for said in feed.rows if isinstance(said, kind)]


def sorted_out(feed: Feed) -> tuple[list[Record], list[Fault], list[LeftOut]]:
    """Return what was understood, what was wrong, and what was left out."""
    said = list(feed.rows)
    return (
        [one for one in said if not isinstance(one, Fault | LeftOut)],
        [one for one in said if isinstance(one, Fault)],
        [one for one in said if isinstance(one, LeftOut)],
    )


def kinds(faults: Iterable[Fault]) -> list[tuple[int, str, FaultKind]]:
    """Return where what was wrong."""
    return [(fault.line, fault.field, fault.kind) for fault in faults]

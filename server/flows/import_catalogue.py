"""Bring files of goods into the shop: all that is right at once, all that is wrong told, nothing half done."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol

from checkout.feeds import (
    CodeRecord,
    Fault,
    Feed,
    LeftOut,
    PriceRecord,
    ProductRecord,
    RecallRecord,
    Record,
    ReferenceRecord,
    Severity,
)

BATCH = 5000
"""Records that wait in memory before they are staged."""
LINES_A_PART = 10**10
"""A staged line is counted on from here for each further file, so that a number names one row of one file."""
KINDS: tuple[type[Record], ...] = (ProductRecord, CodeRecord, PriceRecord, RecallRecord, ReferenceRecord)


class ImportedElsewhereError(Exception):
    """Another import was swapped in while this one was read; nothing was changed, and it can be run again."""

    def __init__(self) -> None:
        super().__init__("Another import came first; nothing was changed. Run this one again.")


@dataclass(frozen=True, slots=True)
class Changed:
    """What happens to one table."""

    table: str
    added: int
    changed: int
    removed: int
    same: int

    def counts(self) -> dict[str, int]:
        """Return the figures by name."""
        return {"added": self.added, "changed": self.changed, "removed": self.removed, "same": self.same}

    @property
    def is_change(self) -> bool:
        """Whether anything is written."""
        return bool(self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class ImportNote:
    """What the history keeps of an import: where it came from, and its rows by what became of them."""

    format: str
    file_name: str
    file_sha256: str
    started_at: datetime
    counts: Mapping[str, int] = field(default_factory=dict)


class Part(NamedTuple):
    """One file of an import; ``is_price_list`` when it holds every price of the products that it names."""

    name: str
    feed: Feed
    is_price_list: bool = False


class Told(NamedTuple):
    """A fault and the file that it is in."""

    part: str
    fault: Fault


class Stage(Protocol):
    """Where an import waits until all of it is known."""

    def add(self, kind: type[Record], records: Sequence[Record], *, part: int) -> None:
        """Stage records of one kind, from the file with that place among the parts."""
        ...

    def settle(self, speaks: frozenset[str], *, names_all_prices: bool) -> Iterator[Fault]:
        """Check the rows against each other and against the shop; what cannot stand leaves the stage.

        A fault's line is counted on by `LINES_A_PART` for each file before it.
        """
        ...

    def changes(self) -> tuple[Changed, ...]:
        """Count what the swap would do."""
        ...

    def swap(self, note: ImportNote, *, store_id: str, at: datetime) -> int:
        """Make the change visible at once; return the number of the import."""
        ...


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import.

    Attributes:
        records: Rows understood, by kind.
        faults: Faults by kind; refused: those that kept a row out. left_out: rows not meant for the shop, by reason.
        changes: By table, done or, in a dry run, to be done.
        import_id: None in a dry run, and when nothing changes.
    """

    records: Mapping[str, int]
    faults: Mapping[str, int]
    refused: int
    left_out: Mapping[str, int]
    changes: tuple[Changed, ...]
    import_id: int | None

    @property
    def is_change(self) -> bool:
        """Whether the shop differs from before, or would."""
        return any(changed.is_change for changed in self.changes)


def import_catalogue(
    parts: Sequence[Part],
    stage: Stage,
    note: ImportNote,
    *,
    store_id: str,
    tell: Callable[[Told], None],
    dry_run: bool,
    now: Callable[[], datetime],
) -> Outcome:
    """Read all parts, check them, and swap them in.

    Args:
        parts: Read one after the other.
        stage: Fresh.
        note: For the history; its counts are filled in here.
        store_id: Who hears of the change.
        tell: Takes each fault as it is found.
        dry_run: Do everything but the swap.
        now: The clock, asked before the swap.

    Raises:
        ImportedElsewhereError: Another import came first.
    """
    tally = _Tally(tell)
    speaks: frozenset[str] = frozenset()
    for place, part in enumerate(parts):
        speaks |= part.feed.speaks
        _stage_part(place, part, stage, tally)
    for fault in stage.settle(speaks, names_all_prices=any(part.is_price_list for part in parts)):
        place, line = divmod(fault.line, LINES_A_PART)
        tally.fault(parts[place].name, fault._replace(line=line))
    changes = stage.changes()
    outcome = Outcome(
        records={kind.__name__: count for kind, count in tally.records.items()},
        faults=dict(tally.faults),
        refused=tally.refused,
        left_out=dict(tally.left_out),
        changes=changes,
        import_id=None,
    )
    if dry_run or not outcome.is_change:
        return outcome
    counts = {"refused": tally.refused, "left_out": tally.left_out.total(), **outcome.records}
    noted = ImportNote(note.format, note.file_name, note.file_sha256, note.started_at, counts)
    import_id = stage.swap(noted, store_id=store_id, at=now())
    return Outcome(outcome.records, outcome.faults, outcome.refused, outcome.left_out, changes, import_id)


def fingerprint(chunks: Iterator[bytes]) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    return digest.hexdigest()


class _Tally:
    """Counts as it hands on."""

    def __init__(self, tell: Callable[[Told], None]) -> None:
        self._tell = tell
        self.records: Counter[type[Record]] = Counter()
        self.faults: Counter[str] = Counter()
        self.left_out: Counter[str] = Counter()
        self.refused = 0

    def fault(self, part: str, fault: Fault) -> None:
        self.faults[fault.kind.value] += 1
        self.refused += fault.severity is Severity.REFUSED
        self._tell(Told(part, fault))


def _stage_part(place: int, part: Part, stage: Stage, tally: _Tally) -> None:
    waiting: dict[type[Record], list[Record]] = {kind: [] for kind in KINDS}
    for said in part.feed.rows:
        if isinstance(said, Fault):
            tally.fault(part.name, said)
        elif isinstance(said, LeftOut):
            tally.left_out[said.why] += 1
        else:
            kind = type(said)
            batch = waiting[kind]
            batch.append(said)
            if len(batch) == BATCH:
                stage.add(kind, batch, part=place)
                tally.records[kind] += BATCH
                batch.clear()
    for kind, batch in waiting.items():
        if batch:
            stage.add(kind, batch, part=place)
            tally.records[kind] += len(batch)

"""`python -m server import-catalogue`: open files, run the flow, and say in plain words what became of each row."""

import argparse
import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from zoneinfo import ZoneInfo

from sqlalchemy.exc import OperationalError

from checkout import currency
from checkout.errors import MalformedRuleError
from checkout.feeds import (
    AS_IT_IS,
    Feed,
    Mapping,
    Terms,
    is_formula,
    read_gdsn,
    read_goods,
    read_mapping,
    read_odoo,
    read_open_food_facts,
    read_rappelconso,
    read_shopify,
    read_woocommerce,
)
from server.db.catalogue_swap import CatalogueSwap
from server.db.database import Database
from server.db.schema import upgrade
from server.flows.errors import FlowError
from server.flows.import_catalogue import (
    ImportedElsewhereError,
    ImportNote,
    Outcome,
    Part,
    Told,
    fingerprint,
    import_catalogue,
)
from server.settings import Settings

FORMATS = ("own", "off", "gdsn", "shopify", "woocommerce", "odoo", "rappelconso")
TABLES = ("products", "codes", "prices", "recalls")
CHUNK_BYTES = 262_144
LISTED = 20
"""Faults shown on the screen; the report file has them all."""
BAR_SIGNS = 30

ALL_IN, SOME_REFUSED, NOT_POSSIBLE, NOTHING_DONE = 0, 1, 2, 3
EXIT_CODES = """exit codes: 0 every row is in (or would be); 1 some rows were refused, the others are in; 2 the command,
the mapping or a file cannot be read; 3 nothing was changed, since another import came first or the database was busy"""

Chunks = Iterator[bytes]


@dataclass(frozen=True, slots=True)
class _Source:
    """One file of the import and how it is read."""

    path: Path
    read: Callable[[Chunks], Feed]
    is_price_list: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the command takes."""
    parser.epilog = EXIT_CODES
    parser.add_argument("format", choices=FORMATS)
    parser.add_argument(
        "file",
        type=Path,
        help="the file, .gz as well; for own also a folder with " + ", ".join(f"{t}.csv" for t in TABLES),
    )
    parser.add_argument("--mapping", type=Path, help="a TOML file that names the other system's columns")
    parser.add_argument("--dry-run", action="store_true", help="do everything but change the shop")
    parser.add_argument("--replace", action="store_true", help="what the file does not name goes away")
    parser.add_argument("--report", type=Path, help="write every fault to this .csv or .json file")


def run_import(settings: Settings, asked: argparse.Namespace) -> int:
    """Import, and return the exit code."""
    try:
        return _import(settings, asked)
    except ImportedElsewhereError as error:
        return _sorry(str(error), NOTHING_DONE)
    except OperationalError as error:
        return _sorry(f"The database is busy or gone ({error.orig}). Nothing was changed.", NOTHING_DONE)
    except FlowError as error:  # somebody else has been writing for longer than anybody waits
        return _sorry(f"{error} Nothing was changed.", NOTHING_DONE)
    except (MalformedRuleError, _CannotRunError, UnicodeDecodeError) as error:
        return _sorry(str(error), NOT_POSSIBLE)
    except (OSError, EOFError, zlib.error) as error:
        return _sorry(f"A file could not be read or written to its end: {error}", NOT_POSSIBLE)


class _CannotRunError(Exception):
    """The command asks for something that makes no sense."""


def _import(settings: Settings, asked: argparse.Namespace) -> int:
    mapping = AS_IT_IS if asked.mapping is None else read_mapping(asked.mapping.read_text("utf-8"))
    if asked.format == "gdsn" and asked.mapping is not None:
        raise _CannotRunError("A GDSN message needs no mapping: its elements are those of the standard.")
    paths = _files(asked.format, asked.file)
    if asked.report is not None and asked.report.resolve() in {path.resolve() for path, _ in paths}:
        raise _CannotRunError("The report would overwrite the file; give it another name.")
    hashed = fingerprint(chunk for path, _ in paths for chunk in _chunks(path, lambda _bytes: None))
    note = ImportNote(asked.format, asked.file.name, hashed, datetime.now(UTC))
    upgrade(settings.database_url)
    with ExitStack() as stack:
        database = Database(settings.database_url)
        stack.callback(database.close)
        store = database.read(lambda work: work.shelf.store(settings.store_id))
        if store is None:
            raise _CannotRunError(f"There is no store {settings.store_id!r} here yet.")
        terms = Terms(currency(store.currency), store.country, ZoneInfo(store.timezone))
        report = stack.enter_context(_Report(asked.report))
        bar = stack.enter_context(_Bar(sum(path.stat().st_size for path, _ in paths)))
        stage = CatalogueSwap(database.engine, replaces=asked.replace)
        stack.callback(stage.close)
        outcome = import_catalogue(
            [_part(asked.format, path, table, terms, mapping, bar) for path, table in paths],
            stage,
            note,
            store_id=settings.store_id,
            tell=report.tell,
            dry_run=asked.dry_run,
            now=lambda: datetime.now(UTC),
        )
    sys.stdout.writelines(f"{line}\n" for line in _words(outcome, report, dry_run=asked.dry_run))
    return SOME_REFUSED if outcome.refused else ALL_IN


def _files(form: str, given: Path) -> list[tuple[Path, str]]:
    """Return the files with the table that each is of."""
    if not given.is_dir():
        stem = given.name.split(".", maxsplit=1)[0]
        return [(given, stem if stem in TABLES else "products")]
    found = [(given / f"{table}.csv", table) for table in TABLES if (given / f"{table}.csv").is_file()]
    if form != "own" or not found:
        raise _CannotRunError(
            f"{given.name}: a folder is for the format own and holds {TABLES[0]}.csv or another table"
        )
    return found


def _part(form: str, path: Path, table: str, terms: Terms, mapping: Mapping, bar: "_Bar") -> Part:
    chunks = _chunks(path, bar.add)
    match form:
        case "off":
            feed = read_open_food_facts(chunks, terms, mapping)
        case "gdsn":
            feed = read_gdsn(chunks, terms)
        case "shopify":
            feed = read_shopify(chunks, terms, mapping)
        case "rappelconso":
            feed = read_rappelconso(chunks, terms, mapping)
        case "woocommerce":
            feed = read_woocommerce(chunks, terms, mapping)
        case "odoo":
            feed = read_odoo(chunks, terms, mapping)
        case _:
            is_for_this = mapping.table in (None, table) or path.name.split(".", maxsplit=1)[0] not in TABLES
            used = mapping if is_for_this else AS_IT_IS
            feed = read_goods(chunks, terms, table, used)
            table = used.table or table
    return Part(path.name, feed, is_price_list=feed.lists_prices or (form == "own" and table == "prices"))


def _chunks(path: Path, tell: Callable[[int], None]) -> Chunks:
    """Yield a file, unpacked where its name ends in .gz, and tell how many bytes of the disk were read since."""
    with path.open("rb") as raw:
        packed: IO[bytes] = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw  # type: ignore[assignment] # a stream of bytes too
        before = 0
        while chunk := packed.read(CHUNK_BYTES):
            at = raw.tell()
            tell(at - before)
            before = at
            yield chunk


class _Bar:
    """A bar on a terminal; on anything else nothing."""

    def __init__(self, size: int) -> None:
        self._size, self._read, self._shown = max(size, 1), 0, -1
        self._is_shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self._is_shown and self._shown >= 0:
            sys.stderr.write("\n")

    def add(self, count: int) -> None:
        """Move on by so many bytes."""
        self._read += count
        percent = min(100, self._read * 100 // self._size)
        if self._is_shown and percent != self._shown:
            self._shown = percent
            done = percent * BAR_SIGNS // 100
            rest = " reading" if percent < 100 else " checking"  # noqa: PLR2004 - all of it
            sys.stderr.write(f"\r[{'#' * done}{'.' * (BAR_SIGNS - done)}] {percent:3} %{rest}")
            sys.stderr.flush()


class _Report:
    """Writes each fault down as it comes, and keeps the first few for the screen."""

    COLUMNS = ("file", "line", "field", "severity", "kind", "given", "problem", "what_to_do")

    def __init__(self, path: Path | None) -> None:
        self._path, self._file, self._count = path, io.StringIO(), 0
        self.first: list[Told] = []

    def __enter__(self) -> Self:
        if self._path is not None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w", encoding="utf-8", newline="")  # type: ignore[assignment] # a text file too
            self._file.write("[" if self._is_json else ",".join(self.COLUMNS) + "\n")
        self._csv = csv.writer(self._file, lineterminator="\n")
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._path is not None and self._is_json:
            self._file.write("\n]\n")
        self._file.close()

    @property
    def _is_json(self) -> bool:
        return self._path is not None and self._path.suffix == ".json"

    def tell(self, told: Told) -> None:
        """Write one fault."""
        if len(self.first) < LISTED:
            self.first.append(told)
        if self._path is None:
            return
        fault = told.fault
        row = (
            told.part,
            fault.line,
            fault.field,
            fault.severity.value,
            fault.kind.value,
            fault.given,
            fault.problem,
            fault.remedy,
        )
        if self._is_json:
            body = json.dumps(dict(zip(self.COLUMNS, row, strict=True)), ensure_ascii=False)
            self._file.write(("," if self._count else "") + "\n" + body)
        else:
            # What a stranger's file holds must not run when the report is opened in a spreadsheet.
            self._csv.writerow([f"'{cell}" if isinstance(cell, str) and is_formula(cell) else cell for cell in row])
        self._count += 1


def _words(outcome: Outcome, report: _Report, *, dry_run: bool) -> Iterator[str]:
    for told in report.first:
        fault = told.fault
        place = f"{told.part}, line {fault.line}" if fault.line else told.part
        field = f", {fault.field}" if fault.field else ""
        given = f" ({fault.given!r})" if fault.given else ""
        yield f"{fault.severity.value}: {place}{field}: {fault.problem}{given}. {fault.remedy}"
    if (more := sum(outcome.faults.values()) - len(report.first)) > 0:
        yield f"... and {more} more; --report FILE.csv lists all of them."
    for kind, count in sorted(outcome.faults.items()):
        yield f"  {count:>9} {kind.replace('_', ' ')}"
    for why, count in sorted(outcome.left_out.items()):
        yield f"  {count:>9} left out: {why}"
    for changed in outcome.changes:
        if changed.is_change or changed.same:
            yield (
                f"{changed.table.replace('_', ' ')}: {changed.added} new, {changed.changed} changed, "
                f"{changed.removed} removed, {changed.same} as before"
            )
    if not outcome.is_change:
        yield "Nothing changes: the shop has all of it already." if not outcome.refused else "Nothing changes."
    elif dry_run:
        yield "A dry run: nothing was changed."
    else:
        yield f"Import {outcome.import_id} is in; servers that run read it when they start again."


def _sorry(words: str, code: int) -> int:
    sys.stderr.write(f"{words}\n")
    return code

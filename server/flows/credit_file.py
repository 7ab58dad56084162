"""A sponsor's list: a CSV with a name, a phone number and an amount a row. Every fault is named; none is repaired."""

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from server.flows.errors import FlowError
from server.flows.phone import PhoneBook

COLUMNS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"name", "nom", "姓名"}),
    "phone": frozenset({"phone", "telephone", "téléphone", "mobile", "电话"}),
    "amount": frozenset({"amount", "montant", "金额"}),
}
"""What a column may be called, in the languages of the shop; order and further columns do not matter."""
MAX_ROWS = 20_000
MAX_NAME = 80
MAX_MINOR = 100_000
"""1000.00 for one person: above it a slip of the comma is likelier than a gift."""
SHOWN = 200
"""Faults that one answer names; how many there are is said too."""
_AMOUNT = re.compile(r"([0-9]{1,7})(?:[.,]([0-9]{1,2}))?")


class FaultKind(StrEnum):
    """What can be wrong; a page says it in its own language by this name."""

    NO_COLUMN = "no_column"
    TOO_MANY = "too_many"
    NO_CSV = "no_csv"
    NOBODY = "nobody"
    NAME = "name"
    AMOUNT = "amount"
    AMOUNT_RANGE = "amount_range"
    PHONE = "phone"
    TWICE = "twice"


SAID: Mapping[FaultKind, tuple[str, str]] = {
    FaultKind.NO_COLUMN: ("there is no such column", "Write a first line such as: name,phone,amount"),
    FaultKind.TOO_MANY: (f"it has more than {MAX_ROWS} rows", "Send it in parts."),
    FaultKind.NO_CSV: ("it is no CSV", "Save the table as CSV again."),
    FaultKind.NOBODY: ("nobody is on the list", "Write one row for each person."),
    FaultKind.NAME: ("it is empty, too long or unprintable", f"Write 1 to {MAX_NAME} letters."),
    FaultKind.AMOUNT: ("it is no amount", "Write it as 20.00 or 20,00, without a sign."),
    FaultKind.AMOUNT_RANGE: ("it is nothing or far too much", f"Write 0.01 to {MAX_MINOR / 100:.2f}."),
    FaultKind.PHONE: ("it is no phone number", "Write it as +33 6 12 34 56 78."),
    FaultKind.TWICE: ("the same person stands on an earlier line", "Take one of the two rows out."),
}
"""Each fault in a sentence for whoever reads the API, with its way out."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field, on the line as an editor counts it; `first_line` has the same person already."""

    line: int
    field: str
    kind: FaultKind
    first_line: int | None = None

    @property
    def message(self) -> str:
        """What is wrong."""
        return SAID[self.kind][0] + (f": {self.first_line}" if self.first_line is not None else "")

    @property
    def fix(self) -> str:
        """The way out."""
        return SAID[self.kind][1]


@dataclass(frozen=True, slots=True)
class CreditRow:
    """One person's credit; the number itself is not kept."""

    line: int
    name: str
    phone_hash: str
    phone_last4: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class CreditFile:
    """What a file says, with everything that is wrong in it."""

    rows: tuple[CreditRow, ...]
    faults: tuple[Fault, ...]

    @property
    def total_minor(self) -> int:
        """What the good rows sum to."""
        return sum(row.amount_minor for row in self.rows)


def read_credit_file(text: str, phones: PhoneBook) -> CreditFile:
    """Read a list; a comma, semicolon or tab parts the columns, as the first line has it.

    A person is a phone number: the second row of one is a fault, whatever name it bears.
    """
    lines = text.removeprefix("\ufeff")
    head = lines.partition("\n")[0]
    parted = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(lines, newline=""), delimiter=parted)
    titles = [title.strip().casefold() for title in next(reader, [])]
    places = {
        name: next((n for n, title in enumerate(titles) if title in known), -1) for name, known in COLUMNS.items()
    }
    if missing := [name for name, place in places.items() if place < 0]:
        return CreditFile((), tuple(Fault(1, name, FaultKind.NO_COLUMN) for name in missing))
    rows: list[CreditRow] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(rows) + len(faults) >= MAX_ROWS:
                faults.append(Fault(line, "file", FaultKind.TOO_MANY))
                break
            fields = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
            found = _row(line, fields, phones, seen)
            faults += found if isinstance(found, list) else []
            rows += [found] if isinstance(found, CreditRow) else []
    except csv.Error:
        faults.append(Fault(reader.line_num, "file", FaultKind.NO_CSV))
    if not rows and not faults:
        faults.append(Fault(1, "file", FaultKind.NOBODY))
    return CreditFile(tuple(rows), tuple(faults))


def _row(line: int, fields: Mapping[str, str], phones: PhoneBook, seen: dict[str, int]) -> CreditRow | list[Fault]:
    faults = []
    name = fields["name"]
    if not name or len(name) > MAX_NAME or not name.isprintable():
        faults.append(Fault(line, "name", FaultKind.NAME))
    amount_minor = _minor(fields["amount"])
    if amount_minor is None:
        faults.append(Fault(line, "amount", FaultKind.AMOUNT))
    elif not 0 < amount_minor <= MAX_MINOR:
        faults.append(Fault(line, "amount", FaultKind.AMOUNT_RANGE))
    try:
        phone = phones.parse(fields["phone"])
    except FlowError:
        return [*faults, Fault(line, "phone", FaultKind.PHONE)]
    hashed = phones.hash(phone)
    if (before := seen.setdefault(hashed, line)) != line:
        faults.append(Fault(line, "phone", FaultKind.TWICE, first_line=before))
    if faults or amount_minor is None:
        return faults
    return CreditRow(line, name, hashed, phone.last4, amount_minor)


def _minor(text: str) -> int | None:
    found = _AMOUNT.fullmatch(text.replace(" ", "").replace("\u202f", "").replace("\u00a0", ""))
    return None if found is None else int(found[1]) * 100 + int((found[2] or "0").ljust(2, "0"))

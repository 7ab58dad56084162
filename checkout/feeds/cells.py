"""The cells of a row by our names, read one by one; what is wrong is collected, so that a report names all of it."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from checkout.feeds.faults import NOTICES, BadValueError, Fault, FaultKind, LeftOut, shown, whole_file
from checkout.feeds.mapping import Mapping
from checkout.feeds.records import Said, Terms
from checkout.feeds.table import Row
from checkout.feeds.values import (
    LOST_SIGN,
    check_currency,
    read_gtin,
    read_price,
    read_text,
    read_whole,
    restored_gtin,
    usual,
    without_controls,
    without_entities,
)
from checkout.gtin import Gtin

Value = TypeVar("Value")
MAX_PRICE_MINOR = 1_000_000_000
"""Ten million in the main unit: more is a code in the wrong column."""


class Feed(NamedTuple):
    """What comes out of one file.

    Attributes:
        speaks: The facts of a product that the file has a word on; the others stay as they are in the shop.
        rows: Read as they are asked for.
        lists_prices: Whether it holds every price of the products that it names, with and without dates.
    """

    speaks: frozenset[str]
    rows: Iterator[Said]
    lists_prices: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A mapping laid over the heading of one file."""

    mapping: Mapping
    terms: Terms
    places: Dictionary[str, int]
    filters: tuple[tuple[int, str, frozenset[str]], ...]

    def speaks_of(self, field: str) -> bool:
        """Whether a column or a constant gives the field."""
        return field in self.places or field in self.mapping.constants


def lay_over(
    header: tuple[str, ...],
    mapping: Mapping,
    terms: Terms,
    aliases: Dictionary[str, Sequence[str]],
    required: Sequence[Sequence[str]],
) -> Plan | Fault:
    """Find each field's column.

    Args:
        header: As read.
        mapping: Its own columns go before the aliases.
        terms: Of the shop.
        aliases: Our field to the headings under which the format is known to carry it; capitals do not count.
        required: Of each group at least one field must be there.

    Returns:
        The plan, or the fault of the file that makes it useless.
    """
    lower = [name.casefold() for name in header]
    columns = {name: theirs for name, theirs in mapping.columns.items() if name in aliases}
    for field, names in aliases.items():
        heading = next((name for name in names if name.casefold() in lower), None)
        if heading is not None and field not in columns and field not in mapping.constants:
            columns[field] = heading
    for heading in (*columns.values(), *mapping.where):
        if (count := lower.count(heading.casefold())) != 1:
            kind, words = (
                (FaultKind.COLUMN_TWICE, "stands twice") if count else (FaultKind.COLUMN_MISSING, "is not in the file")
            )
            return whole_file(kind, f"the column {heading!r} {words}", ", ".join(header))
    places = {field: lower.index(heading.casefold()) for field, heading in columns.items()}
    filters = tuple((lower.index(name.casefold()), name, values) for name, values in mapping.where.items())
    plan = Plan(mapping, terms, places, filters)
    for group in required:
        if not any(plan.speaks_of(field) for field in group):
            return whole_file(
                FaultKind.COLUMN_MISSING, f"there is no column for {' or '.join(group)}", ", ".join(header)
            )
    return plan


def unused_columns(header: tuple[str, ...], plan: Plan) -> Iterator[Fault]:
    """Say which columns nothing is taken from; a typing error in a heading shows up here."""
    used = {*plan.places.values(), *(place for place, _, _ in plan.filters)}
    if names := [name for i, name in enumerate(header) if i not in used]:
        yield whole_file(FaultKind.COLUMNS_UNUSED, "nothing is taken from these columns", ", ".join(names))


class Cells:
    """One row under our names. Not a value: it is filled, read once and thrown away."""

    def __init__(self, row: Row, plan: Plan) -> None:
        self.line = row.line
        self._cells = row.cells
        self._plan = plan
        self.faults: list[Fault] = []

    @property
    def is_refused(self) -> bool:
        """Whether one of the faults found so far keeps the row out."""
        return any(fault.kind not in NOTICES for fault in self.faults)

    def left_out(self) -> LeftOut | None:
        """Tell whether a filter of the mapping keeps the row out, and which."""
        for place, name, values in self._plan.filters:
            if self._cells[place].strip() not in values:
                return LeftOut(self.line, f"{name} is {shown(self._cells[place].strip()) or 'empty'}")
        return None

    def given(self, field: str) -> str:
        """Return what stands there, in our words; empty when nothing does."""
        place = self._plan.places.get(field)
        text = self._plan.mapping.constants.get(field, "") if place is None else self._cells[place].strip()
        words = self._plan.mapping.words.get(field)
        return text if words is None else words.get(text, text)

    def fault(self, field: str, kind: FaultKind, problem: str) -> None:
        """Note a fault of the field."""
        self.faults.append(Fault(self.line, field, kind, shown(self.given(field)), problem))

    def read(self, field: str, reader: Callable[[str], Value]) -> Value | None:
        """Return the value; None when nothing stands there, or when it is bad and noted."""
        if not (given := self.given(field)):
            return None
        try:
            return reader(given)
        except BadValueError as error:
            self.fault(field, error.kind, error.problem)
            return None

    def text(self, field: str) -> str:
        """Return one line of plain text, perhaps empty."""
        if not (given := self.given(field)):
            return ""
        plain = without_entities(given)
        if plain != given:
            self.fault(field, FaultKind.ENTITIES, "signs were written as HTML entities and are now plain")
        if (readable := without_controls(plain)) != plain or LOST_SIGN in plain:
            self.fault(field, FaultKind.DAMAGED, f"signs that are not for reading stand as {LOST_SIGN}")
        try:
            return read_text(readable)
        except BadValueError as error:
            self.fault(field, error.kind, error.problem)
            return ""

    def fact(self, field: str) -> str | None:
        """Return the text, or None when the file does not speak of the field."""
        return self.text(field) if self._plan.speaks_of(field) else None

    def gtin(self) -> Gtin | None:
        """Return the GTIN in ``code``. A blank is a fault here, unlike elsewhere."""
        given = self.given("code")
        try:
            return read_gtin(given)
        except BadValueError as error:
            if error.kind is FaultKind.CODE_ZEROS_LOST and self._plan.mapping.restores_zeros:
                gtin = restored_gtin(given)
                self.fault("code", FaultKind.CODE_ZEROS_RESTORED, f"leading zeros were put back: {usual(gtin)}")
                return gtin
            self.fault("code", error.kind, error.problem)
            return None

    def code(self) -> str | None:
        """Return the GTIN in ``code`` in its usual form."""
        gtin = self.gtin()
        return None if gtin is None else usual(gtin)

    def price(self, field: str) -> int | None:
        """Return a price in minor units; its own currency, and the row's, must be the shop's."""
        unit = self._plan.terms.currency
        minor = self.read(field, lambda text: read_price(text, unit, self._plan.mapping.decimal))
        self.read("currency", lambda text: check_currency(text.upper(), unit))
        return minor

    def base_price(self) -> int | None:
        """Return the price, from ``price`` or from ``price_minor``, which holds whole minor units."""
        if self._plan.speaks_of("price_minor"):
            minor = self.read("price_minor", lambda text: read_whole(text, 0, MAX_PRICE_MINOR))
            self.read("currency", lambda text: check_currency(text.upper(), self._plan.terms.currency))
            return minor
        return self.price("price")


def with_words(mapping: Mapping, words: Dictionary[str, Dictionary[str, str]]) -> Mapping:
    """Return the mapping with a format's usual words, which its own words go before."""
    merged = {field: {**table, **mapping.words.get(field, {})} for field, table in words.items()}
    return replace(mapping, words={**mapping.words, **merged})

"""From a staged import to what is sold: checks across rows, what would change, and one transaction that changes it.

Only rows that differ are written, so importing the same file twice writes nothing and a day's changes lock nobody out.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Engine,
    FromClause,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from checkout.feeds import (
    CodeRecord,
    Fault,
    FaultKind,
    PriceRecord,
    ProductRecord,
    RecallRecord,
    Record,
    ReferenceRecord,
    shown,
)
from server.db import tables
from server.db.catalogue_stage import (
    KEYS,
    create,
    fill,
    index,
    stage_code,
    stage_price,
    stage_priced,
    stage_product,
    stage_recall,
    stage_reference,
    stage_refused,
    wanted_product,
)
from server.db.events import EventStore
from server.db.tables import EPOCH
from server.flows.import_catalogue import LINES_A_PART, Changed, ImportedElsewhereError, ImportNote

_STAGE_OF: dict[type[Record], Table] = {
    ProductRecord: stage_product,
    CodeRecord: stage_code,
    PriceRecord: stage_price,
    RecallRecord: stage_recall,
    ReferenceRecord: stage_reference,
}
_TARGETS: tuple[tuple[Table, Table], ...] = (
    (tables.product, wanted_product),
    (tables.product_code, stage_code),
    (tables.price, stage_price),
    (tables.recalled_lot, stage_recall),
    (tables.product_reference, stage_reference),
)
_DEFAULTS: dict[str, Any] = {"brand": "", "pack": "", "category": "", "unit": "each", "demo_price": False}
_NEEDED = ("name", "unit_price_minor", "vat_class")
_FACTS = tuple(column.name for column in wanted_product.c if column.name not in ("line", "sku"))


class CatalogueSwap:
    """One import on one connection. Used in order: ``add`` as often as needed, ``settle``, ``changes``, ``swap``."""

    def __init__(self, engine: Engine, *, replaces: bool = False) -> None:
        self._connection = engine.connect().execution_options(read_only=True)
        self._replaces = replaces
        self._begun = self._connection.begin()
        create(self._connection)
        self._mark = self._state()
        self._changes: tuple[Changed, ...] = ()

    def close(self) -> None:
        """Throw the stage away."""
        if self._begun.is_active:
            self._begun.rollback()
        # The pool must not hand a connection with our tables to somebody else.
        self._connection.invalidate()
        self._connection.close()

    def add(self, kind: type[Record], records: Sequence[Record], *, part: int) -> None:
        """Stage records of one kind, from one file."""
        rows: Sequence[tuple[Any, ...]] = records
        if kind is PriceRecord:
            rows = [_with_instants(record) for record in records if isinstance(record, PriceRecord)]
        if part:
            rows = [(row[0] + part * LINES_A_PART, *row[1:]) for row in rows]
        fill(self._connection, _STAGE_OF[kind], rows)

    def settle(self, speaks: frozenset[str], *, names_all_prices: bool) -> Iterator[Fault]:
        """Check the rows against each other and against the shop; what cannot stand leaves the stage.

        Args:
            speaks: The facts that the products file has a word on.
            names_all_prices: Whether a price list is in, which then holds every price of the products it names.
        """
        self._speaks, self._names_all_prices = speaks, names_all_prices
        index(self._connection, (stage_product, stage_code, stage_price, stage_recall, stage_reference))
        yield from self._repeats(stage_product, FaultKind.SKU_CONFLICT, "sku")
        yield from self._repeats(stage_code, FaultKind.CODE_CONFLICT, "code")
        yield from self._repeats(stage_reference, FaultKind.CODE_CONFLICT, "code")
        if not self._replaces:
            yield from self._taken_codes()
        self._resolve(stage_price)
        self._resolve(stage_recall)
        yield from self._repeats(stage_price, FaultKind.PRICE_CONFLICT, "valid_from")
        yield from self._two_base_prices()
        self._run(delete(stage_reference).where(self._is_from_supplier()))
        self._keep_known()
        self._want()
        yield from self._unfinished()
        yield from self._without_deposit()
        yield from self._homeless(stage_code)
        yield from self._homeless(stage_price)
        self._run(delete(stage_recall).where(~self._is_known(stage_recall.c.sku)))
        yield from self._new_vat()
        self._run(insert(stage_priced).from_select(["sku"], select(stage_price.c.sku).distinct()))
        self._run(delete(stage_price).where(_is_base(stage_price), stage_price.c.member_price_minor.is_(None)))

    def changes(self) -> tuple[Changed, ...]:
        """Count what the swap would do, by table."""
        self._changes = tuple(self._change(target, wanted) for target, wanted in _TARGETS)
        return self._changes

    def swap(self, note: ImportNote, *, store_id: str, at: datetime) -> int:
        """Make the change visible, all of it at once, and remember the import.

        Returns:
            The number of the import.

        Raises:
            ImportedElsewhereError: Another import came first; nothing was changed.
        """
        self._begun.commit()
        self._connection.execution_options(read_only=False)
        self._begun = self._connection.begin()
        if self._state() != self._mark:
            raise ImportedElsewhereError
        for target, wanted in _TARGETS:
            self._run(delete(target).where(or_(self._is_changed(target, wanted), self._is_removed(target, wanted))))
            names = [column.name for column in target.c if column.name in wanted.c]
            self._run(
                insert(target).from_select(
                    names,
                    select(*(_as(target.c[name], wanted.c[name]) for name in names)).where(_is_new(target, wanted)),
                )
            )
        self._tidy()
        counts = {changed.table: changed.counts() for changed in self._changes}
        result = self._connection.execute(
            insert(tables.catalogue_import).values(
                format=note.format,
                file_name=note.file_name,
                file_sha256=note.file_sha256,
                replaces=self._replaces,
                counts={**counts, "rows": note.counts},
                started_at=note.started_at,
                swapped_at=at,
            )
        )
        (import_id,) = result.inserted_primary_key or (0,)
        events = EventStore(self._connection)
        events.tell(store_id, "catalogue.changed", {"import_id": import_id}, at=at)
        events.flush()
        self._begun.commit()
        return int(import_id)

    # --- checks ------------------------------------------------------------------------------------------------------

    def _repeats(self, stage: Table, kind: FaultKind, field: str) -> Iterator[Fault]:
        """Keep the first of equal rows; of rows that contradict each other keep none."""
        keys = [stage.c[name] for name in KEYS[stage]]
        twice = select(*keys).group_by(*keys).having(func.count() > 1).subquery()
        values = [c for c in stage.c if c.name not in ("line", "code" if stage is stage_price else "line")]
        joined = and_(*(stage.c[name] == twice.c[name] for name in KEYS[stage]))
        query = select(stage.c.line, *values).join(twice, joined).order_by(*keys, stage.c.line)
        places = [1 + values.index(key) for key in keys]
        refused: list[int] = []
        for key, group in groupby(self._stream(query), lambda row: tuple(row[place] for place in places)):
            given = shown(" ".join(str(part) for part in key[:2] if part))
            rows = [(row[0], tuple(row[1:])) for row in group]
            is_same = all(said == rows[0][1] for _, said in rows)
            for i, (line, _) in enumerate(rows[1:] if is_same else rows):
                other = rows[0][0] if is_same or i else rows[1][0]
                problem = f"{_line_of(other)} says " + ("the same" if is_same else "something else of it")
                yield Fault(line, field, FaultKind.REPEATED if is_same else kind, given, problem)
                refused.append(line)
        self._refuse(refused)

    def _taken_codes(self) -> Iterator[Fault]:
        shelf = tables.product_code
        query = (
            select(stage_code.c.line, stage_code.c.code, shelf.c.sku)
            .join(shelf, shelf.c.code == stage_code.c.code)
            .where(shelf.c.sku != stage_code.c.sku)
        )
        yield from self._refused(
            query,
            lambda row: Fault(row.line, "code", FaultKind.CODE_TAKEN, row.code, f"in the shop it leads to {row.sku}"),
        )

    def _two_base_prices(self) -> Iterator[Fault]:
        query = (
            select(stage_price.c.line, stage_price.c.sku, stage_product.c.line.label("other"))
            .join(stage_product, stage_product.c.sku == stage_price.c.sku)
            .where(_is_base(stage_price), stage_product.c.unit_price_minor != stage_price.c.unit_price_minor)
        )
        yield from self._refused(
            query,
            lambda row: Fault(
                row.line,
                "price",
                FaultKind.PRICE_CONFLICT,
                row.sku,
                f"the product has another in {_line_of(row.other)}",
            ),
        )

    def _unfinished(self) -> Iterator[Fault]:
        def fault(row: Any) -> Fault:  # noqa: ANN401 - a row
            names = [name.replace("unit_price_minor", "price") for name in _NEEDED if getattr(row, name) is None]
            problem = f"a new product needs {' and '.join(names)}"
            return Fault(row.line, names[0], FaultKind.MISSING, shown(row.sku), problem)

        lacking = or_(*(wanted_product.c[name].is_(None) for name in _NEEDED))
        yield from self._refused(select(wanted_product).where(lacking), fault)

    def _without_deposit(self) -> Iterator[Fault]:
        lost = and_(wanted_product.c.deposit_sku.is_not(None), ~self._is_known(wanted_product.c.deposit_sku))
        # A refused product may be somebody's deposit, so this goes on until nothing more falls.
        while self._count(select(func.count()).select_from(wanted_product).where(lost)):
            yield from self._refused(
                select(wanted_product).where(lost),
                lambda row: Fault(
                    row.line,
                    "deposit_sku",
                    FaultKind.DEPOSIT_UNKNOWN,
                    shown(row.deposit_sku),
                    "no such product is known",
                ),
            )

    def _homeless(self, stage: Table) -> Iterator[Fault]:
        def fault(row: Any) -> Fault:  # noqa: ANN401 - a row
            field = "sku" if row.sku else "code"
            return Fault(row.line, field, FaultKind.SKU_UNKNOWN, shown(row.sku or row.code), "no such product is known")

        yield from self._refused(select(stage).where(~self._is_known(stage.c.sku)), fault)

    def _new_vat(self) -> Iterator[Fault]:
        if "vat_class" in self._speaks:
            return
        shelf, wanted = tables.product, wanted_product
        query = (
            select(wanted.c.line, wanted.c.sku, shelf.c.vat_class.label("was"), wanted.c.vat_class)
            .join(shelf, shelf.c.sku == wanted.c.sku)
            .where(shelf.c.vat_class != wanted.c.vat_class)
        )
        for row in self._stream(query):
            problem = f"it goes from {row.was} to {row.vat_class}"
            yield Fault(row.line, "vat_class", FaultKind.VAT_CHANGED, shown(row.sku), problem)

    def _refused(self, query: Any, fault: Callable[[Any], Fault]) -> Iterator[Fault]:  # noqa: ANN401 - a select, a row
        lines: list[int] = []
        for row in self._stream(query):
            yield fault(row)
            lines.append(row.line)
        self._refuse(lines)

    def _refuse(self, lines: list[int]) -> None:
        """Take rows out of every table: one line may have said a product, its code and its price."""
        if not lines:
            return
        self._run(delete(stage_refused))
        fill(self._connection, stage_refused, [(line,) for line in lines])
        for stage in (stage_product, stage_code, stage_price, stage_recall, stage_reference, wanted_product):
            self._run(delete(stage).where(stage.c.line.in_(select(stage_refused.c.line))))

    def _stream(self, query: Any) -> Any:  # noqa: ANN401 - a select, its rows
        return self._connection.execute(query, execution_options={"yield_per": _AT_ONCE})

    def _keep_known(self) -> None:
        """Let a reference that is silent on a fact keep what was known: a list of names alone takes nothing away."""
        stage, known = stage_reference, tables.product_reference

        def held(column: Column[Any]) -> Any:  # noqa: ANN401 - a select of one value
            return select(column).where(known.c.code == stage.c.code).scalar_subquery()

        texts = {
            name: case((stage.c[name] == "", func.coalesce(held(known.c[name]), "")), else_=stage.c[name])
            for name in ("name", "brand", "pack", "category")
        }
        self._run(
            update(stage)
            .where(exists(select(1).where(known.c.code == stage.c.code)))
            .values(
                **texts,
                net_content=func.coalesce(stage.c.net_content, held(known.c.net_content)),
                vat_class=func.coalesce(stage.c.vat_class, held(known.c.vat_class)),
                vat_is_certain=case(
                    (stage.c.vat_class.is_(None), held(known.c.vat_is_certain)), else_=stage.c.vat_is_certain
                ),
            )
        )

    # --- what shall be -----------------------------------------------------------------------------------------------

    def _resolve(self, stage: Table) -> None:
        """Find the product of rows that name it by its code, here or in the shop."""
        for codes in (stage_code, tables.product_code):
            found = select(codes.c.sku).where(codes.c.code == stage.c.code).limit(1).scalar_subquery()
            self._run(update(stage).where(stage.c.sku == "").values(sku=func.coalesce(found, "")))

    def _want(self) -> None:
        shelf, stage = tables.product, stage_product
        base = (
            select(stage_price.c.sku, func.max(stage_price.c.unit_price_minor).label("unit_price_minor"))
            .where(_is_base(stage_price))
            .group_by(stage_price.c.sku)
            .subquery()
        )
        said = select(
            stage.c.line,
            stage.c.sku,
            *(
                func.coalesce(stage.c.unit_price_minor, base.c.unit_price_minor, shelf.c.unit_price_minor)
                if name == "unit_price_minor"
                else self._fact(name)
                for name in _FACTS
            ),
        ).select_from(stage.outerjoin(shelf, shelf.c.sku == stage.c.sku).outerjoin(base, base.c.sku == stage.c.sku))
        self._fill_wanted(said)
        priced = (
            select(
                literal(0), shelf.c.sku, *(base.c[n] if n == "unit_price_minor" else _plain(shelf.c[n]) for n in _FACTS)
            )
            .join(base, base.c.sku == shelf.c.sku)
            .where(~exists(select(1).where(wanted_product.c.sku == shelf.c.sku)))
        )
        self._fill_wanted(priced)
        self._fill_wanted(self._enriched())
        index(self._connection, (wanted_product,))

    def _fact(self, name: str) -> ColumnElement[Any]:
        shelf, stage, default = tables.product, stage_product, _DEFAULTS.get(name)
        if name in self._speaks and name not in ("name", "vat_class"):
            return stage.c[name] if default is None else func.coalesce(stage.c[name], default)
        held = _plain(shelf.c[name])
        known = func.coalesce(stage.c[name], held) if name in ("name", "vat_class") else held
        return known if default is None else func.coalesce(known, default)

    def _enriched(self) -> Any:  # noqa: ANN401 - a select of many columns
        """Fill what the shop leaves empty from references; a supplier's VAT class goes before the shop's."""
        shelf, codes, known = tables.product, tables.product_code, stage_reference
        first = (
            select(codes.c.sku, func.min(codes.c.code).label("code"))
            .join(known, known.c.code == codes.c.code)
            .where(~known.c.is_in_store)
            .group_by(codes.c.sku)
            .subquery()
        )
        filled: dict[str, ColumnElement[Any]] = {
            name: case((shelf.c[name] == "", known.c[name]), else_=shelf.c[name])
            for name in ("brand", "pack", "category")
        }
        filled["net_content"] = func.coalesce(_plain(shelf.c.net_content), known.c.net_content)
        filled["vat_class"] = case((known.c.vat_is_certain, known.c.vat_class), else_=shelf.c.vat_class)
        return (
            select(known.c.line, shelf.c.sku, *(filled.get(name, _plain(shelf.c[name])) for name in _FACTS))
            .select_from(shelf.join(first, first.c.sku == shelf.c.sku).join(known, known.c.code == first.c.code))
            .where(~exists(select(1).where(wanted_product.c.sku == shelf.c.sku)))
        )

    def _fill_wanted(self, said: Any) -> None:  # noqa: ANN401 - a select of many columns
        self._run(insert(wanted_product).from_select(["line", "sku", *_FACTS], said))

    def _is_known(self, sku: ColumnElement[Any]) -> ColumnElement[bool]:
        """Whether the product will be there after the swap."""
        wanted = wanted_product.alias()
        coming = exists(select(1).where(wanted.c.sku == sku))
        if self._replaces and self._has(wanted_product):
            return coming
        shelf = tables.product.alias()
        # What the file names but refuses is not saved by the shop's old row: it stays, as it was.
        return or_(coming, exists(select(1).where(shelf.c.sku == sku)))

    def _is_from_supplier(self) -> ColumnElement[bool]:
        """Whether an open database speaks where a supplier has spoken."""
        known = tables.product_reference
        said = exists(select(1).where(known.c.code == stage_reference.c.code, known.c.source == "gdsn"))
        return and_(stage_reference.c.source != "gdsn", said)

    # --- difference --------------------------------------------------------------------------------------------------

    def _change(self, target: Table, wanted: Table) -> Changed:
        staged = self._count(select(func.count()).select_from(wanted))
        added = self._count(select(func.count()).select_from(wanted).where(_is_new(target, wanted)))
        changed = self._count(select(func.count()).select_from(target).where(self._is_changed(target, wanted)))
        removed = self._count(select(func.count()).select_from(target).where(self._is_removed(target, wanted)))
        return Changed(target.name, added=added, changed=changed, removed=removed, same=staged - added - changed)

    def _is_changed(self, target: Table, wanted: Table) -> ColumnElement[bool]:
        values = [c.name for c in target.c if c.name in wanted.c and c.name not in KEYS[wanted]]
        differs = or_(false(), *(_plain(target.c[n]).is_distinct_from(wanted.c[n]) for n in values))
        return exists(select(1).where(_same_key(target, wanted), differs))

    def _is_removed(self, target: Table, wanted: Table) -> ColumnElement[bool]:
        gone = ~exists(select(1).where(_same_key(target, wanted)))
        if target is tables.product_reference:
            return false()
        if target is tables.price and self._names_all_prices and not self._replaces:
            return and_(gone, target.c.sku.in_(select(stage_priced.c.sku)))
        if self._replaces and self._has(wanted):  # a file without a good row never empties the shop
            return gone
        if self._replaces and target is not tables.product and self._has(wanted_product):
            return ~exists(select(1).where(wanted_product.c.sku == target.c.sku))
        return false()

    def _has(self, stage: Table) -> bool:
        return bool(self._connection.execute(select(exists(select(1).select_from(stage)))).scalar())

    def _tidy(self) -> None:
        """Let the base rows of the price list, which hold members' prices, follow the product's own price."""
        base, shelf = tables.price, tables.product
        now = select(shelf.c.unit_price_minor).where(shelf.c.sku == base.c.sku).scalar_subquery()
        self._run(delete(base).where(_is_base(base), base.c.member_price_minor > now))
        self._run(update(base).where(_is_base(base), base.c.unit_price_minor != now).values(unit_price_minor=now))

    def _state(self) -> tuple[int, int]:
        newest = select(func.coalesce(func.max(tables.catalogue_import.c.import_id), 0))
        return self._count(newest), self._count(select(func.count()).select_from(tables.product))

    def _count(self, query: Any) -> int:  # noqa: ANN401 - a select of one number
        return int(self._connection.execute(query).scalar_one())

    def _run(self, statement: Any) -> Any:  # noqa: ANN401 - a statement, and its rows
        return self._connection.execute(statement)


_AT_ONCE = 500
"""Rows that wait in memory while faults are told."""


def _line_of(line: int) -> str:
    return f"line {line % LINES_A_PART}"


def _with_instants(record: PriceRecord) -> tuple[Any, ...]:
    micros = timedelta(microseconds=1)
    starts_at = 0 if record.starts_at is None else (record.starts_at - EPOCH) // micros
    ends_at = None if record.ends_at is None else (record.ends_at - EPOCH) // micros
    return (*record[:4], starts_at, ends_at, *record[6:])


def _is_base(price: Table) -> ColumnElement[bool]:
    """Whether a price holds for all stores and always."""
    start = cast(price.c.starts_at, stage_price.c.starts_at.type) == 0
    return and_(price.c.price_group == "", start, price.c.ends_at.is_(None))


def _same_key(target: FromClause, wanted: Table) -> ColumnElement[bool]:
    return and_(true(), *(target.c[name] == wanted.c[name] for name in KEYS[wanted]))


def _is_new(target: Table, wanted: Table) -> ColumnElement[bool]:
    return ~exists(select(1).where(_same_key(target, wanted)))


def _plain(column: Column[Any]) -> ColumnElement[Any]:
    """Return a JSON number as a number, so that both engines can compare it."""
    if not isinstance(column.type, JSON):
        return column
    return cast(func.nullif(cast(column, Text), "null"), stage_product.c.net_content.type)


def _as(target: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value as its target column holds it."""
    if isinstance(target.type, JSON):
        return case((value.is_(None), null()), else_=cast(cast(value, Text), JSON))
    return value

"""From a staged import to what is sold: checks across rows, what would change, and one transaction that changes it.

Only rows that differ are written, so importing the same file twice writes nothing and a day's changes lock nobody out.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
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
    null,
    or_,
    select,
    text,
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
)
from server.db import tables
from server.db.catalogue_checks import Checks
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
    wanted_product,
)
from server.db.catalogue_wishes import Wishes, is_base, plain
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
        self._names_all_prices = names_all_prices
        index(self._connection, (stage_product, stage_code, stage_price, stage_recall, stage_reference))
        wishes = Wishes(self._connection, speaks, replaces=self._replaces)
        checks = Checks(self._connection, wishes)
        yield from checks.repeats(stage_product, FaultKind.SKU_CONFLICT, "sku")
        yield from checks.repeats(stage_code, FaultKind.CODE_CONFLICT, "code")
        yield from checks.repeats(stage_reference, FaultKind.CODE_CONFLICT, "code")
        if not self._replaces:
            yield from checks.taken_codes()
        wishes.resolve(stage_price)
        wishes.resolve(stage_recall)
        yield from checks.repeats(stage_price, FaultKind.PRICE_CONFLICT, "valid_from")
        yield from checks.two_base_prices()
        wishes.keep_suppliers_word()
        wishes.keep_known()
        wishes.want()
        yield from checks.unfinished()
        yield from checks.without_deposit()
        yield from checks.homeless(stage_code)
        yield from checks.homeless(stage_price)
        yield from checks.not_sold()
        yield from checks.repeats(stage_recall, FaultKind.REPEATED, "lot")
        yield from checks.new_vat()
        self._run(insert(stage_priced).from_select(["sku"], select(stage_price.c.sku).distinct()))
        self._run(delete(stage_price).where(is_base(stage_price), stage_price.c.member_price_minor.is_(None)))

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
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE catalogue_import IN EXCLUSIVE MODE"))  # imports queue up here
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

    def _change(self, target: Table, wanted: Table) -> Changed:
        staged = self._count(select(func.count()).select_from(wanted))
        added = self._count(select(func.count()).select_from(wanted).where(_is_new(target, wanted)))
        changed = self._count(select(func.count()).select_from(target).where(self._is_changed(target, wanted)))
        removed = self._count(select(func.count()).select_from(target).where(self._is_removed(target, wanted)))
        return Changed(target.name, added=added, changed=changed, removed=removed, same=staged - added - changed)

    def _is_changed(self, target: Table, wanted: Table) -> ColumnElement[bool]:
        values = [c.name for c in target.c if c.name in wanted.c and c.name not in KEYS[wanted]]
        differs = or_(false(), *(plain(target.c[n]).is_distinct_from(wanted.c[n]) for n in values))
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
        self._run(delete(base).where(is_base(base), base.c.member_price_minor > now))
        self._run(update(base).where(is_base(base), base.c.unit_price_minor != now).values(unit_price_minor=now))

    def _state(self) -> tuple[int, int]:
        newest = select(func.coalesce(func.max(tables.catalogue_import.c.import_id), 0))
        return self._count(newest), self._count(select(func.count()).select_from(tables.product))

    def _count(self, query: Any) -> int:  # noqa: ANN401 - a select of one number
        return int(self._connection.execute(query).scalar_one())

    def _run(self, statement: Any) -> Any:  # noqa: ANN401 - a statement, and its rows
        return self._connection.execute(statement)


def _with_instants(record: PriceRecord) -> tuple[Any, ...]:
    micros = timedelta(microseconds=1)
    starts_at = 0 if record.starts_at is None else (record.starts_at - EPOCH) // micros
    ends_at = None if record.ends_at is None else (record.ends_at - EPOCH) // micros
    return (*record[:4], starts_at, ends_at, *record[6:])


def _same_key(target: FromClause, wanted: Table) -> ColumnElement[bool]:
    return and_(true(), *(target.c[name] == wanted.c[name] for name in KEYS[wanted]))


def _is_new(target: Table, wanted: Table) -> ColumnElement[bool]:
    return ~exists(select(1).where(_same_key(target, wanted)))


def _as(target: Column[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return a value as its target column holds it."""
    if isinstance(target.type, JSON):
        return case((value.is_(None), null()), else_=cast(cast(value, Text), JSON))
    return value

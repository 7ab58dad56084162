"""Checks across the rows of an import, and against the shop: what cannot stand is told and leaves the stage."""

from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, func, or_, select

from checkout.feeds import Fault, FaultKind, shown
from server.db import tables
from server.db.catalogue_stage import (
    KEYS,
    fill,
    stage_code,
    stage_price,
    stage_product,
    stage_recall,
    stage_reference,
    stage_refused,
    wanted_product,
)
from server.db.catalogue_wishes import Wishes, is_base
from server.flows.import_catalogue import LINES_A_PART

_NEEDED = ("name", "unit_price_minor", "vat_class")
_AT_ONCE = 500
"""Rows that wait in memory while faults are told."""


class Checks:
    """Each check yields its faults and takes the rows away once all of them are told."""

    def __init__(self, connection: Connection, wishes: Wishes) -> None:
        self._connection = connection
        self._wishes = wishes

    def repeats(self, stage: Table, kind: FaultKind, field: str) -> Iterator[Fault]:
        """Keep the first of equal rows; of rows that contradict each other keep none."""
        keys = [stage.c[name] for name in KEYS[stage]]
        twice = select(*keys).where(keys[0] != "").group_by(*keys).having(func.count() > 1).subquery()
        # Prices and lots may name one product by several codes.
        silent = {"line", "code"} if stage in (stage_price, stage_recall) else {"line"}
        values = [column for column in stage.c if column.name not in silent]
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

    def taken_codes(self) -> Iterator[Fault]:
        """Refuse codes that lead to another product of the shop."""
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

    def two_base_prices(self) -> Iterator[Fault]:
        """Refuse a price list's word where the product says another price."""
        query = (
            select(stage_price.c.line, stage_price.c.sku, stage_product.c.line.label("other"))
            .join(stage_product, stage_product.c.sku == stage_price.c.sku)
            .where(is_base(stage_price), stage_product.c.unit_price_minor != stage_price.c.unit_price_minor)
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

    def unfinished(self) -> Iterator[Fault]:
        """Refuse new products that lack what every product has."""

        def fault(row: Any) -> Fault:  # noqa: ANN401 - a row
            names = [name.replace("unit_price_minor", "price") for name in _NEEDED if getattr(row, name) is None]
            problem = f"a new product needs {' and '.join(names)}"
            return Fault(row.line, names[0], FaultKind.MISSING, shown(row.sku), problem)

        lacking = or_(*(wanted_product.c[name].is_(None) for name in _NEEDED))
        yield from self._refused(select(wanted_product).where(lacking), fault)

    def without_deposit(self) -> Iterator[Fault]:
        """Refuse products whose deposit nobody knows."""
        lost = and_(wanted_product.c.deposit_sku.is_not(None), ~self._wishes.is_known(wanted_product.c.deposit_sku))
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

    def homeless(self, stage: Table) -> Iterator[Fault]:
        """Refuse rows whose product nobody knows."""

        def fault(row: Any) -> Fault:  # noqa: ANN401 - a row
            field = "sku" if row.sku else "code"
            return Fault(row.line, field, FaultKind.SKU_UNKNOWN, shown(row.sku or row.code), "no such product is known")

        yield from self._refused(select(stage).where(~self._wishes.is_known(stage.c.sku)), fault)

    def not_sold(self) -> Iterator[Fault]:
        """Tell of recalls for products that the shop does not have."""

        def fault(row: Any) -> Fault:  # noqa: ANN401 - a row
            return Fault(
                row.line,
                "sku" if row.sku else "code",
                FaultKind.NOT_SOLD,
                shown(row.sku or row.code),
                "it is not sold here",
            )

        yield from self._refused(select(stage_recall).where(~self._wishes.is_known(stage_recall.c.sku)), fault)

    def new_vat(self) -> Iterator[Fault]:
        """Tell whose VAT class a supplier changes."""
        if "vat_class" in self._wishes.speaks:
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

    def _count(self, query: Any) -> int:  # noqa: ANN401 - a select of one number
        return int(self._connection.execute(query).scalar_one())

    def _run(self, statement: Any) -> None:  # noqa: ANN401 - a statement
        self._connection.execute(statement)


def _line_of(line: int) -> str:
    return f"line {line % LINES_A_PART}"

"""The products as they shall be: what the files say, laid over what the shop has, filled from references."""

from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from server.db import tables
from server.db.catalogue_stage import index, stage_code, stage_price, stage_product, stage_reference, wanted_product

_DEFAULTS: dict[str, Any] = {"brand": "", "pack": "", "category": "", "unit": "each", "demo_price": False}
_FACTS = tuple(column.name for column in wanted_product.c if column.name not in ("line", "sku"))


class Wishes:
    """What the staged rows of one import want.

    Args:
        connection: That of the stage.
        speaks: The facts that the products file has a word on.
        replaces: Whether what the files do not name goes away.
    """

    def __init__(self, connection: Connection, speaks: frozenset[str], *, replaces: bool) -> None:
        self._connection = connection
        self._replaces = replaces
        self.speaks = speaks

    def resolve(self, stage: Table) -> None:
        """Find the product of rows that name it by its code, here or in the shop."""
        for codes in (stage_code, tables.product_code):
            found = select(codes.c.sku).where(codes.c.code == stage.c.code).limit(1).scalar_subquery()
            self._run(update(stage).where(stage.c.sku == "").values(sku=func.coalesce(found, "")))

    def want(self) -> None:
        """Fill `wanted_product`."""
        shelf, stage = tables.product, stage_product
        base = (
            select(stage_price.c.sku, func.max(stage_price.c.unit_price_minor).label("unit_price_minor"))
            .where(is_base(stage_price))
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
                literal(0), shelf.c.sku, *(base.c[n] if n == "unit_price_minor" else plain(shelf.c[n]) for n in _FACTS)
            )
            .join(base, base.c.sku == shelf.c.sku)
            .where(~exists(select(1).where(wanted_product.c.sku == shelf.c.sku)))
        )
        self._fill_wanted(priced)
        self._fill_wanted(self._enriched())
        index(self._connection, (wanted_product,))

    def _fact(self, name: str) -> ColumnElement[Any]:
        shelf, stage, default = tables.product, stage_product, _DEFAULTS.get(name)
        if name in self.speaks and name not in ("name", "vat_class"):
            return stage.c[name] if default is None else func.coalesce(stage.c[name], default)
        held = plain(shelf.c[name])
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
        filled["net_content"] = func.coalesce(plain(shelf.c.net_content), known.c.net_content)
        filled["vat_class"] = case((known.c.vat_is_certain, known.c.vat_class), else_=shelf.c.vat_class)
        return (
            select(known.c.line, shelf.c.sku, *(filled.get(name, plain(shelf.c[name])) for name in _FACTS))
            .select_from(shelf.join(first, first.c.sku == shelf.c.sku).join(known, known.c.code == first.c.code))
            .where(~exists(select(1).where(wanted_product.c.sku == shelf.c.sku)))
        )

    def _fill_wanted(self, said: Any) -> None:  # noqa: ANN401 - a select of many columns
        self._run(insert(wanted_product).from_select(["line", "sku", *_FACTS], said))

    def is_known(self, sku: ColumnElement[Any]) -> ColumnElement[bool]:
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

    def keep_known(self) -> None:
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

    def keep_suppliers_word(self) -> None:
        """Let go of what an open database says where a supplier has spoken."""
        self._run(delete(stage_reference).where(self._is_from_supplier()))

    def _has(self, stage: Table) -> bool:
        return bool(self._connection.execute(select(exists(select(1).select_from(stage)))).scalar())

    def _run(self, statement: Any) -> None:  # noqa: ANN401 - a statement
        self._connection.execute(statement)


def is_base(price: Table) -> ColumnElement[bool]:
    """Whether a price holds for all stores and always."""
    start = cast(price.c.starts_at, stage_price.c.starts_at.type) == 0
    return and_(price.c.price_group == "", start, price.c.ends_at.is_(None))


def plain(column: Column[Any]) -> ColumnElement[Any]:
    """Return a JSON number as a number, so that both engines can compare it."""
    if not isinstance(column.type, JSON):
        return column
    return cast(func.nullif(cast(column, Text), "null"), stage_product.c.net_content.type)

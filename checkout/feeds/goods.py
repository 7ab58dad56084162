"""The shop's own tables: products, codes, prices, recalls, from a file each or from one flat file of another till."""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Dictionary
from datetime import datetime

from checkout.catalog import Unit
from checkout.feeds.cells import Cells, Feed, Plan, lay_over, unused_columns
from checkout.feeds.faults import BadValueError, Fault, FaultKind, LeftOut
from checkout.feeds.mapping import AS_IT_IS, FIELDS, Mapping
from checkout.feeds.records import (
    PRODUCT_FACTS,
    CodeRecord,
    PriceRecord,
    ProductRecord,
    RecallRecord,
    Said,
    Terms,
)
from checkout.feeds.table import Row, read_sheet
from checkout.feeds.values import read_content, read_moment, read_own_code, read_text, read_vat_class, read_whole

MAX_KEY = 64
"""Signs of a sku, as the tables hold it."""
OLDEST = 99
LONGEST_WARRANTY = 600
"""Months; nothing in a hypermarket is under warranty for longer than fifty years."""
MAX_PIECES = 1000

_REQUIRED: Dictionary[str, tuple[tuple[str, ...], ...]] = {
    "products": (("sku", "code"),),
    "codes": (("code",), ("sku",)),
    "prices": (("sku", "code"), ("price", "price_minor")),
    "recalls": (("sku", "code"), ("lot",)),
}
_YES = {"1": True, "yes": True, "true": True, "oui": True, "0": False, "no": False, "false": False, "non": False}


def read_goods(chunks: Iterable[bytes], terms: Terms, table: str = "products", mapping: Mapping = AS_IT_IS) -> Feed:
    """Read one table of goods.

    Args:
        chunks: The file in order.
        terms: Of the shop.
        table: products, codes, prices or recalls.
        mapping: The other system's columns; its own ``table`` goes before the argument.
    """
    table = mapping.table or table
    sheet = read_sheet(chunks, encoding=mapping.encoding, delimiter=mapping.delimiter, is_quoted=mapping.is_quoted)
    if isinstance(sheet, Fault):
        return Feed(frozenset(), iter((sheet,)))
    plan = lay_over(sheet.header, mapping, terms, {name: (name,) for name in FIELDS[table]}, _REQUIRED[table])
    if isinstance(plan, Fault):
        return Feed(frozenset(), iter((plan,)))
    facts = spoken_facts(plan) if table == "products" else frozenset()
    return Feed(facts, _with_notice(unused_columns(sheet.header, plan), read_rows(sheet.rows, plan, table)))


def spoken_facts(plan: Plan) -> frozenset[str]:
    """Return the facts of a product on which the file has a word."""
    facts = {fact for fact in PRODUCT_FACTS if plan.speaks_of(fact)}
    if plan.speaks_of("price") or plan.speaks_of("price_minor"):
        facts.add("unit_price_minor")
    return frozenset(facts)


def read_rows(rows: Iterable[Row | Fault | LeftOut], plan: Plan, table: str) -> Iterator[Said]:
    """Read the rows of one table; what cannot be a row goes through as it is."""
    read = _READERS[table]
    for row in rows:
        if not isinstance(row, Row):
            yield row
            continue
        cells = Cells(row, plan)
        if (left_out := cells.left_out()) is not None:
            yield left_out
            continue
        records = read(cells, plan)
        yield from cells.faults
        if not cells.is_refused:
            yield from records


def _with_notice(notice: Iterator[Fault], rows: Iterator[Said]) -> Iterator[Said]:
    yield from notice
    yield from rows


def _product(cells: Cells, plan: Plan) -> tuple[Said, ...]:
    sku, code = _key(cells), None
    if cells.given("code") or not sku:
        code = cells.code()
    sku = sku or code or ""
    price = cells.base_price()
    price, offered = _sale(cells, plan, sku, price)
    record = ProductRecord(
        line=cells.line,
        sku=sku,
        name=cells.fact("name"),
        brand=cells.fact("brand"),
        pack=cells.fact("pack"),
        category=cells.fact("category"),
        unit=cells.read("unit", _unit),
        net_content=cells.read("net_content", read_content),
        unit_price_minor=price,
        vat_class=cells.read("vat_class", lambda text: read_vat_class(text, plan.terms.country).value),
        min_age=cells.read("min_age", lambda text: read_whole(text, 0, OLDEST)) or None,
        sale_stop=cells.fact("sale_stop") or None,
        deposit_sku=cells.read("deposit_sku", lambda text: read_text(text, MAX_KEY)),
        demo_price=cells.read("demo_price", _yes),
        warranty_months=cells.read("warranty_months", lambda text: read_whole(text, 0, LONGEST_WARRANTY)) or None,
    )
    for field in ("name", "vat_class"):
        if plan.speaks_of(field) and not cells.given(field):
            cells.fault(field, FaultKind.MISSING, "it is empty")
    said: list[Said] = [record] if code is None else [record, CodeRecord(cells.line, code, sku, 1)]
    if (plan.speaks_of("price") or plan.speaks_of("price_minor")) and _price_is_there(cells, plan, price):
        member = _member_price(cells, price)
        if member is not None and price is not None:
            said.append(PriceRecord(cells.line, sku, "", "", None, None, price, member))
        said += offered
    return tuple(said)


def _sale(cells: Cells, plan: Plan, sku: str, price: int | None) -> tuple[int | None, list[Said]]:
    """Return the price of every day, and the price of a sale with its dates.

    A sale without dates is the price of every day. Where the file speaks of sales, the product's own price is said as a
    row too, so that a sale which the file no longer holds ends in the shop as well.
    """
    if not plan.speaks_of("sale_price"):
        return price, []
    base: list[Said] = [] if price is None else [PriceRecord(cells.line, sku, "", "", None, None, price, None)]
    if not cells.given("sale_price"):
        return price, base
    sale = cells.price("sale_price")
    starts_at, ends_at = _window(cells, plan, "sale_from", "sale_until")
    if sale is None or price is None:
        return price, []
    if sale > price:
        cells.fault("sale_price", FaultKind.SALE_PRICE, "the sale would cost more than every day")
    if starts_at is None and ends_at is None:
        return sale, [PriceRecord(cells.line, sku, "", "", None, None, sale, None)]
    return price, [*base, PriceRecord(cells.line, sku, "", "", starts_at, ends_at, sale, None)]


def _window(cells: Cells, plan: Plan, first: str, last: str) -> tuple[datetime | None, datetime | None]:
    zone, form = plan.terms.zone, plan.mapping.dates
    starts_at = cells.read(first, lambda text: read_moment(text, zone, form))
    ends_at = cells.read(last, lambda text: read_moment(text, zone, form, is_last_day=True))
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        cells.fault(last, FaultKind.WINDOW_REVERSED, "it ends before it starts")
    return starts_at, ends_at


def _code(cells: Cells, _plan: Plan) -> tuple[Said, ...]:
    is_own = cells.read("kind", _kind) or False
    code = cells.read("code", read_own_code) if is_own else cells.code()
    sku, pieces = _key(cells), cells.read("pieces", lambda text: read_whole(text, 1, MAX_PIECES))
    if is_own and not cells.given("code"):
        cells.fault("code", FaultKind.CODE_EMPTY, "there is no code")
    if not sku:
        cells.fault("sku", FaultKind.MISSING, "it is empty")
    return (CodeRecord(cells.line, code or "", sku, pieces or 1),)


def _price(cells: Cells, plan: Plan) -> tuple[Said, ...]:
    sku, code = _key_or_code(cells)
    price = cells.base_price()
    _price_is_there(cells, plan, price)
    starts_at, ends_at = _window(cells, plan, "valid_from", "valid_until")
    group = cells.read("price_group", lambda text: read_text(text, MAX_KEY)) or ""
    return (PriceRecord(cells.line, sku, code, group, starts_at, ends_at, price or 0, _member_price(cells, price)),)


def _recall(cells: Cells, _plan: Plan) -> tuple[Said, ...]:
    sku, code = _key_or_code(cells)
    if not (lot := cells.read("lot", lambda text: read_text(text, MAX_KEY))) and not cells.given("lot"):
        cells.fault("lot", FaultKind.MISSING, "it is empty; * stands for all lots")
    return (RecallRecord(cells.line, sku, code, lot or ""),)


_READERS: Dictionary[str, Callable[[Cells, Plan], tuple[Said, ...]]] = {
    "products": _product,
    "codes": _code,
    "prices": _price,
    "recalls": _recall,
}


def _key(cells: Cells) -> str:
    return cells.read("sku", lambda text: read_text(text, MAX_KEY)) or ""


def _key_or_code(cells: Cells) -> tuple[str, str]:
    if cells.given("sku"):
        return _key(cells), ""
    return "", cells.code() or ""


def _price_is_there(cells: Cells, plan: Plan, price: int | None) -> bool:
    field = "price_minor" if plan.speaks_of("price_minor") else "price"
    if not cells.given(field):
        cells.fault(field, FaultKind.MISSING, "it is empty")
    elif price == 0:
        cells.fault(field, FaultKind.PRICE_ZERO, "the price is zero")
    return price is not None


def _member_price(cells: Cells, price: int | None) -> int | None:
    member = cells.price("member_price") if cells.given("member_price") else None
    if member is not None and price is not None and member > price:
        cells.fault("member_price", FaultKind.MEMBER_PRICE, "members would pay more than others")
    return member


def _unit(text: str) -> str:
    if text.lower() not in set(Unit):
        raise BadValueError(FaultKind.WORD_UNKNOWN, f"it is none of {', '.join(Unit)}")
    return text.lower()


def _kind(text: str) -> bool:
    if text.lower() not in {"gtin", "own"}:
        raise BadValueError(FaultKind.WORD_UNKNOWN, "it is none of gtin, own")
    return text.lower() == "own"


def _yes(text: str) -> bool:
    if (found := _YES.get(text.lower())) is None:
        raise BadValueError(FaultKind.WORD_UNKNOWN, f"it is none of {', '.join(_YES)}")
    return found

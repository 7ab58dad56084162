"""What others know of products: Open Food Facts as CSV, TSV or JSON lines. Never a price; VAT is only suggested."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Dictionary

from checkout.feeds.cells import Cells, Feed, Plan, lay_over
from checkout.feeds.faults import Fault, FaultKind, LeftOut, shown
from checkout.feeds.lines import read_lines
from checkout.feeds.mapping import AS_IT_IS, Mapping
from checkout.feeds.records import ReferenceRecord, Said, Terms
from checkout.feeds.table import Row, read_sheet
from checkout.feeds.values import content_of, usual
from checkout.vat import VatClass

SOURCE = "off"
ALIASES = {
    "code": ("code", "gtin", "barcode"),
    "name": ("product_name", "product_name_fr", "product_name_en", "name"),
    "brand": ("brands", "brand"),
    "pack": ("quantity", "pack"),
    "category": ("categories_tags", "categories", "category"),
}
_STANDARD_TAGS = frozenset(
    {
        "alcoholic-beverages",
        "beers",
        "wines",
        "candies",
        "confectioneries",
        "chocolates",
        "chocolate-candies",
        "chocolate-spreads",
        "margarines",
        "caviars",
        "pet-food",
        "non-food-products",
    }
)
"""Kinds of food at the standard rate in France (BOI-TVA-LIQ-30-10-10), as far as tags tell; hence a suggestion only."""
_NOTHING = frozenset({"", "null", "en:null", "none", "nan"})
_START = 65_536


def read_open_food_facts(chunks: Iterable[bytes], terms: Terms, mapping: Mapping = AS_IT_IS) -> Feed:
    """Read an export, whatever its form: a file that begins with ``{`` holds JSON lines, any other a table."""
    source = iter(chunks)
    start: list[bytes] = []
    while sum(map(len, start)) < _START and (chunk := next(source, None)) is not None:
        start.append(chunk)
    whole = _joined(start, source)
    if b"".join(start).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return Feed(
            frozenset(), _json_rows(whole, Plan(mapping, terms, {name: i for i, name in enumerate(ALIASES)}, ()))
        )
    sheet = read_sheet(whole, encoding=mapping.encoding, delimiter=mapping.delimiter, is_quoted=mapping.is_quoted)
    if isinstance(sheet, Fault):
        return Feed(frozenset(), iter((sheet,)))
    plan = lay_over(sheet.header, mapping, terms, ALIASES, (("code",),))
    return Feed(frozenset(), iter((plan,)) if isinstance(plan, Fault) else _read(sheet.rows, plan))


def vat_suggestion(tags: str) -> str | None:
    """Return the VAT class that tags of food let expect; None where there are none.

    Examples:
        >>> vat_suggestion("en:snacks,en:candies"), vat_suggestion("en:waters"), vat_suggestion("")
        ('standard', 'reduced', None)
    """
    found = {tag.strip().split(":")[-1] for tag in tags.split(",")} - _NOTHING
    if not found:
        return None
    return (VatClass.STANDARD if found & _STANDARD_TAGS else VatClass.REDUCED).value


def _joined(start: Iterable[bytes], rest: Iterable[bytes]) -> Iterator[bytes]:
    yield from start
    yield from rest


def _json_rows(chunks: Iterable[bytes], plan: Plan) -> Iterator[Said]:
    for line in read_lines(chunks):
        if line.problem is not None:
            yield Fault(line.number, "", line.problem, shown(line.text), "the line cannot be read as text")
        elif line.text.strip():
            row = _json_row(line.number, line.text)
            yield from (row,) if isinstance(row, Fault) else _read((row,), plan)


def _json_row(number: int, text: str) -> Row | Fault:
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        return Fault(number, "", FaultKind.JSON_BROKEN, shown(text), "the line is no JSON object")
    return Row(number, [_json_cell(said, names) for names in ALIASES.values()])


def _json_cell(said: Dictionary[str, object], names: Iterable[str]) -> str:
    for name in names:
        match said.get(name):
            case str(text) if text:
                return text
            case int(number) if not isinstance(number, bool):
                # Written without quotation marks, a code loses its leading zeros: it is then reported like any other.
                return str(number)
            case list(values):
                return ",".join(str(value) for value in values)
            case _:
                continue
    return ""


def _read(rows: Iterable[Row | Fault], plan: Plan) -> Iterator[Said]:
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        cells = Cells(row, plan)
        if (left_out := cells.left_out()) is not None:
            yield left_out
            continue
        gtin = cells.gtin()
        name, brand, pack = cells.text("name"), cells.text("brand"), cells.text("pack")
        tags = cells.given("category")
        yield from cells.faults
        if gtin is None or cells.is_refused:
            continue
        if not (name or brand or pack):
            yield LeftOut(cells.line, "it says nothing of the product")
            continue
        yield ReferenceRecord(
            line=cells.line,
            code=usual(gtin),
            name=name,
            brand=brand.split(",")[0].strip(),
            pack=pack,
            category=_narrowest(tags),
            net_content=content_of(pack),
            vat_class=vat_suggestion(tags),
            vat_is_certain=False,
            is_in_store=gtin.is_in_store,
            source=SOURCE,
        )


def _narrowest(tags: str) -> str:
    """Return the last category, which is the narrowest, without its language."""
    last = tags.rsplit(",", 1)[-1].strip().split(":")[-1]
    return "" if last.lower() in _NOTHING else " ".join(last.split())[:120]

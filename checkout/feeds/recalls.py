"""Official recalls (RappelConso, version 2): which lots of which GTIN may not be sold any more.

Each row of the file is one notice; its column ``identification_produits`` names the goods as ``GTIN$lot$...``, one a
line or parted by ``|``. A notice without a lot means every lot.
"""

import re
from collections.abc import Iterable, Iterator

from checkout.catalog import ALL_LOTS
from checkout.feeds.cells import Cells, Feed, Plan, lay_over
from checkout.feeds.faults import BadValueError, Fault, FaultKind, LeftOut, shown
from checkout.feeds.mapping import AS_IT_IS, Mapping
from checkout.feeds.records import RecallRecord, Said, Terms
from checkout.feeds.table import Row, read_sheet
from checkout.feeds.values import read_gtin, usual

ALIASES = {"products": ("identification_produits", "identification des produits")}
FIELD = "products"
MAX_LOT = 64
"""Signs of a lot, as the tables hold it; GS1 allows 20."""

_WORDS = re.compile(r"^(?:(?:num[ée]ros?|n°|no\.?|lots?)\s*(?:de\s+)?[:°]?\s*)+", re.IGNORECASE)
_ALL = re.compile(r"^(?:tous?(?:\s+les)?(?:\s+lots?)?|toutes?.*|all|\*|-|)$", re.IGNORECASE)


def read_rappelconso(chunks: Iterable[bytes], terms: Terms, mapping: Mapping = AS_IT_IS) -> Feed:
    """Read an export of the notices; every entry that cannot block a sale is told by its line."""
    sheet = read_sheet(chunks, encoding=mapping.encoding, delimiter=mapping.delimiter, is_quoted=mapping.is_quoted)
    if isinstance(sheet, Fault):
        return Feed(frozenset(), iter((sheet,)))
    plan = lay_over(sheet.header, mapping, terms, ALIASES, ((FIELD,),))
    return Feed(frozenset(), iter((plan,)) if isinstance(plan, Fault) else _read(sheet.rows, plan))


def lots_of(text: str) -> tuple[str, ...]:
    """Return the lots that a notice names, as a GS1 code carries them; :data:`ALL_LOTS` where it names none.

    Examples:
        >>> lots_of("LOT n° 23314"), lots_of("L.1204, L.1205 et L.1206"), lots_of("tous les lots")
        (('23314',), ('L.1204', 'L.1205', 'L.1206'), ('*',))
    """
    if _ALL.fullmatch(text.strip()):
        return (ALL_LOTS,)
    parts = (_WORDS.sub("", part.strip()).strip() for part in re.split(r"[,;]|\bet\b", text))
    return tuple(dict.fromkeys(part for part in parts if part)) or (ALL_LOTS,)


def _read(rows: Iterable[Row | Fault], plan: Plan) -> Iterator[Said]:
    for row in rows:
        if isinstance(row, Fault):
            yield row
            continue
        cells = Cells(row, plan)
        entries = [entry.strip() for entry in re.split(r"[|\r\n]+", cells.given(FIELD)) if entry.strip()]
        if (left_out := cells.left_out()) is not None:
            yield left_out
        elif not entries:
            yield LeftOut(cells.line, "the notice names no GTIN")
        for entry in entries if left_out is None else ():
            yield from _entry(cells.line, entry)


def _entry(line: int, entry: str) -> Iterator[Said]:
    digits, _, rest = entry.partition("$")
    try:
        gtin = read_gtin(digits.strip())
    except BadValueError as error:
        yield Fault(line, FIELD, error.kind, shown(entry), error.problem)
        return
    for lot in lots_of(rest.partition("$")[0]):
        if len(lot) > MAX_LOT:
            yield Fault(line, FIELD, FaultKind.TOO_LONG, shown(lot), f"a lot has at most {MAX_LOT} signs")
        else:
            yield RecallRecord(line, "", usual(gtin), lot)

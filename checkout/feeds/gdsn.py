"""GS1 GDSN 3.1 catalogue item notifications: what suppliers say of their goods, VAT class included, price never.

Read as a stream: an item is told as soon as its element ends. A DOCTYPE, and with it every entity that could grow, is
refused before it is read. Source: GS1 GDSN 3.1 schemas, CatalogueItemNotification and its modules.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from checkout.feeds.cells import Feed
from checkout.feeds.faults import BadValueError, Fault, FaultKind, LeftOut, shown
from checkout.feeds.records import ReferenceRecord, Said, Terms
from checkout.feeds.values import content_of, read_gtin, read_text, read_vat_class, usual
from checkout.vat import VatClass

SOURCE = "gdsn"
MAX_DEPTH = 200
"""Real messages nest 20 deep."""
MAX_TOKEN_BYTES = 1_048_576
"""A single tag or text that grows beyond this is no catalogue."""
MAX_TEXT = 4000

_PLACES = {
    ("tradeItem", "gtin"): "gtin",
    ("tradeItem", "isTradeItemAConsumerUnit"): "consumer",
    ("brandNameInformation", "brandName"): "brand",
    ("brandOwner", "partyName"): "owner",
    ("tradeItemDescriptionInformation", "descriptionShort"): "short",
    ("tradeItemDescriptionInformation", "tradeItemDescription"): "description",
    ("tradeItemDescriptionInformation", "functionalName"): "functional",
    ("tradeItemInformation", "productionVariantDescription"): "variant",
    ("regulatedProductName", "statement"): "regulated",
    ("tradeItemDescriptionInformation", "regulatedProductName"): "regulated",
    ("gdsnTradeItemClassification", "gpcCategoryCode"): "gpc",
    ("gdsnTradeItemClassification", "gpcCategoryName"): "gpc_name",
    ("tradeItemMeasurements", "netContent"): "content",
    ("dutyFeeTaxInformation", "dutyFeeTaxTypeDescription"): "tax_words",
    ("dutyFeeTax", "dutyFeeTaxCategoryCode"): "tax",
}
"""Parent and element (names without their prefix) to what it tells."""
_NAMES = ("description", "short", "functional", "regulated", "variant")
"""The name for people first: real short descriptions are a till's abbreviations."""
_TAX_CODES = {
    "STANDARD": VatClass.STANDARD,
    "HIGH": VatClass.STANDARD,
    "MEDIUM": VatClass.INTERMEDIATE,
    "LOW": VatClass.REDUCED,
    "SUPER_LOW": VatClass.SUPER_REDUCED,
    "ZERO": VatClass.ZERO,
}
_RATE = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,2})?)\s*%")
_UNITS = {"GRM": "g", "KGM": "kg", "MLT": "ml", "CLT": "cl", "LTR": "l"}


@dataclass(slots=True)
class _Item:
    """A trade item under way; filled while its element is open."""

    line: int
    said: dict[str, str] = field(default_factory=dict)
    taxes: list[tuple[str, str]] = field(default_factory=list)
    unit: str = ""


class _StoppedError(Exception):
    """The file is not to be read on."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


def read_gdsn(chunks: Iterable[bytes], terms: Terms) -> Feed:
    """Read a message with any number of items; cases hold items of their own, each is told apart."""
    return Feed(frozenset(), _read(chunks, terms))


def _read(chunks: Iterable[bytes], terms: Terms) -> Iterator[Said]:
    reader = _Reader()
    fed = 0
    try:
        for chunk in chunks:
            fed += len(chunk)
            reader.parser.Parse(chunk, False)  # noqa: FBT003 - expat's signature
            if fed - reader.parser.CurrentByteIndex > MAX_TOKEN_BYTES + len(chunk):
                reader.stop(FaultKind.TOO_LONG, "one tag or text does not end")
            yield from _told(reader.ended, terms)
            reader.ended.clear()
        reader.parser.Parse(b"", True)  # noqa: FBT003 - expat's signature
    except _StoppedError as stopped:
        yield from _told(reader.ended, terms)
        yield stopped.fault
        return
    except expat.ExpatError as error:
        yield from _told(reader.ended, terms)
        yield Fault(error.lineno, "", FaultKind.XML_BROKEN, "", f"it is no XML: {expat.ErrorString(error.code)}")
        return
    yield from _told(reader.ended, terms)
    if not reader.has_items:
        yield Fault(0, "", FaultKind.FILE_EMPTY, "", "there is no tradeItem in the file")


class _Reader:
    """Turns the parser's calls into items."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.ended: list[_Item] = []
        self.has_items = False
        self._open: list[_Item] = []
        self._path: list[str] = []
        self._heard: list[str] | None = None
        self._tax = ("", "")

    def stop(self, kind: FaultKind, problem: str) -> NoReturn:
        """End the reading with a fault here."""
        raise _StoppedError(Fault(self.parser.CurrentLineNumber, "", kind, "", problem))

    def _doctype(self, name: str, *_more: object) -> None:
        self.stop(FaultKind.XML_FORBIDDEN, f"the file has a DOCTYPE ({shown(name)})")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rsplit(":", 1)[-1]
        if len(self._path) >= MAX_DEPTH:
            self.stop(FaultKind.XML_FORBIDDEN, f"elements stand more than {MAX_DEPTH} deep")
        if name == "tradeItem":
            self._open.append(_Item(self.parser.CurrentLineNumber))
            self.has_items = True
        elif name == "dutyFeeTaxInformation":
            self._tax = ("", "")
        elif self._open and (self._parent(), name) in _PLACES:
            self._heard = []
            if name == "netContent":
                self._open[-1].unit = self._open[-1].unit or attributes.get("measurementUnitCode", "")
        self._path.append(name)

    def _text(self, text: str) -> None:
        if self._heard is not None and sum(map(len, self._heard)) < MAX_TEXT:
            self._heard.append(text)

    def _end(self, _name: str) -> None:
        name = self._path.pop()
        if not self._open:
            return
        item = self._open[-1]
        if self._heard is not None and (told := _PLACES.get((self._parent(), name))) is not None:
            text, self._heard = "".join(self._heard).strip(), None
            if told == "tax":
                self._tax = (text, self._tax[1])
            elif told == "tax_words":
                self._tax = (self._tax[0], text)
            else:
                item.said.setdefault(told, text)  # the first language, the first unit
        if name == "dutyFeeTaxInformation" and self._tax[0]:
            item.taxes.append(self._tax)
        elif name == "tradeItem":
            self.ended.append(self._open.pop())

    def _parent(self) -> str:
        return self._path[-1] if self._path else ""


def _told(items: Iterable[_Item], terms: Terms) -> Iterator[Said]:
    for item in items:
        if item.said.get("consumer", "true").lower() in {"false", "0"}:
            yield LeftOut(item.line, "it is not sold to consumers")
        else:
            yield _reference(item, terms)


def _reference(item: _Item, terms: Terms) -> ReferenceRecord | Fault:
    at, given = "code", item.said.get("gtin", "")
    try:
        gtin = read_gtin(given)
        at, given = "name", _first(item, *_NAMES)
        name = read_text(given)
        at, given = "brand", _first(item, "brand", "owner")
        brand = read_text(given)
        at, given = "vat_class", " ".join(part for tax in item.taxes for part in tax)
        vat_class = _vat_class(item.taxes, terms.country)
    except BadValueError as error:
        return Fault(item.line, at, error.kind, shown(given), error.problem)
    pack = _pack(item)
    return ReferenceRecord(
        line=item.line,
        code=usual(gtin),
        name=name,
        brand=brand,
        pack=pack,
        category=read_category(item.said.get("gpc_name") or item.said.get("gpc", "")),
        net_content=content_of(pack),
        vat_class=vat_class,
        vat_is_certain=vat_class is not None,
        is_in_store=gtin.is_in_store,
        source=SOURCE,
    )


def read_category(text: str) -> str:
    """Return the first words of a category: its name in the classification is only for people."""
    return " ".join(text.split())[:120]


def _first(item: _Item, *names: str) -> str:
    return next((item.said[name] for name in names if item.said.get(name)), "")


def _pack(item: _Item) -> str:
    amount = item.said.get("content", "")
    if item.unit not in _UNITS or re.fullmatch(r"[0-9]{1,6}(?:\.[0-9]+)?", amount) is None:
        return ""
    return f"{amount.rstrip('0').rstrip('.') if '.' in amount else amount} {_UNITS[item.unit]}"


def _vat_class(taxes: list[tuple[str, str]], country: str) -> str | None:
    """Return the class on which the code and the rate beside it agree; None when the message names none."""
    found: set[VatClass] = set()
    for code, words in taxes:
        by_code = _TAX_CODES.get(code.upper())
        by_rate = [read_vat_class(rate, country) for rate in _RATE.findall(words)]
        if by_code is None and not by_rate:
            raise BadValueError(FaultKind.VAT_UNKNOWN, f"the tax code is none of {', '.join(_TAX_CODES)}")
        found |= {*by_rate, *(() if by_code is None else (by_code,))}
    if len(found) > 1:
        raise BadValueError(FaultKind.VAT_UNKNOWN, f"it names {' and '.join(sorted(found))}")
    return found.pop().value if found else None

"""How another system's columns become ours: a small TOML file that a shop writes once.

table = "products"
[text]                      # absent lines are found out, or keep their default
encoding = "cp1252"
decimal = ","
lost_zeros = "restore"
[columns]                   # ours = theirs
code = "product_variant_ids/barcode"
price = "Prix de vente TTC"
[constants]                 # ours = the same in every row
vat_class = "reduced"
[where]                     # only rows whose column has one of these
Status = ["ACTIF"]
[words.vat_class]           # theirs = ours
"TVA alim." = "reduced"
"""

import codecs
import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass, field
from typing import Final

from checkout.errors import MalformedRuleError
from checkout.feeds.table import DELIMITERS

FIELDS: Final = {
    "products": (
        "sku",
        "code",
        "name",
        "brand",
        "pack",
        "category",
        "unit",
        "net_content",
        "price",
        "price_minor",
        "member_price",
        "currency",
        "vat_class",
        "min_age",
        "sale_stop",
        "deposit_sku",
        "demo_price",
        "warranty_months",
    ),
    "codes": ("code", "sku", "pieces", "kind"),
    "prices": (
        "sku",
        "code",
        "price_group",
        "price",
        "price_minor",
        "member_price",
        "currency",
        "valid_from",
        "valid_until",
    ),
    "recalls": ("sku", "code", "lot"),
}
"""Our columns, by table."""

_TEXT = ("encoding", "delimiter", "quoted", "decimal", "lost_zeros", "dates")
_WIDE = ("utf_16", "utf_32", "utf_7")


@dataclass(frozen=True, slots=True)
class Mapping:
    """How to read one table of another system.

    Attributes:
        table: Which of :data:`FIELDS`; None takes what the format or the file's name says.
        decimal: ``.`` or ``,``.
        restores_zeros: Whether a code that lacks nothing but leading zeros gets them back, with a notice.
        dates: A form for :meth:`datetime.strptime`; None for ISO 8601.
        columns: Our field to their heading. constants: our field to one value. where: their heading to what passes.
        words: Our field to their word to ours.
    """

    table: str | None = None
    encoding: str = "utf-8"
    delimiter: str | None = None
    is_quoted: bool | None = None
    decimal: str = "."
    restores_zeros: bool = False
    dates: str | None = None
    columns: Dictionary[str, str] = field(default_factory=dict)
    constants: Dictionary[str, str] = field(default_factory=dict)
    where: Dictionary[str, frozenset[str]] = field(default_factory=dict)
    words: Dictionary[str, Dictionary[str, str]] = field(default_factory=dict)


AS_IT_IS = Mapping()
"""Our own headings, UTF-8, decimal point."""


def read_mapping(text: str) -> Mapping:
    """Read a mapping.

    Raises:
        MalformedRuleError: It is no TOML, or a line of it is unknown or has another type; it names the line's key.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedRuleError("mapping", f"it is no TOML: {error}") from error
    _known(said, ("table", "text", "columns", "constants", "where", "words"), "")
    table = said.get("table")
    if table is not None and table not in FIELDS:
        raise MalformedRuleError("table", f"it is none of {', '.join(FIELDS)}")
    ours = FIELDS[table] if table is not None else tuple({name for names in FIELDS.values() for name in names})
    rules = _section(said, "text")
    _known(rules, _TEXT, "text.")
    decimal = _one_of(rules, "decimal", (".", ","), ".")
    zeros = _one_of(rules, "lost_zeros", ("refuse", "restore"), "refuse")
    quoted = rules.get("quoted")
    if quoted is not None and not isinstance(quoted, bool):
        raise MalformedRuleError("text.quoted", "it is true or false")
    words = {
        name: _texts(_section({name: table}, name, "words."), f"words.{name}")
        for name, table in _section(said, "words").items()
    }
    mapping = Mapping(
        table=table,
        encoding=_encoding(_one_of(rules, "encoding", None, "utf-8")),
        delimiter=_one_of(rules, "delimiter", DELIMITERS, "") or None,
        is_quoted=quoted,
        decimal=decimal,
        restores_zeros=zeros == "restore",
        dates=_one_of(rules, "dates", None, "") or None,
        columns=_texts(_section(said, "columns"), "columns"),
        constants=_texts(_section(said, "constants"), "constants"),
        where={name: _choices(name, values) for name, values in _section(said, "where").items()},
        words=words,
    )
    for section, names in (("columns", mapping.columns), ("constants", mapping.constants), ("words", mapping.words)):
        _known(names, ours, f"{section}.")
    return mapping


def _known(said: Dictionary[str, object], names: tuple[str, ...], before: str) -> None:
    for name in said:
        if name not in names:
            raise MalformedRuleError(before + name, f"it is none of {', '.join(sorted(names))}")


def _section(said: Dictionary[str, object], name: str, before: str = "") -> dict[str, object]:
    section = said.get(name, {})
    if not isinstance(section, dict):
        raise MalformedRuleError(before + name, "it is a section: write it as [" + before + name + "]")
    return section


def _texts(section: dict[str, object], before: str) -> dict[str, str]:
    texts: dict[str, str] = {}
    for name, value in section.items():
        if not isinstance(value, str):
            raise MalformedRuleError(f"{before}.{name}", "it is a text in quotation marks")
        texts[name] = value
    return texts


def _choices(name: str, values: object) -> frozenset[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise MalformedRuleError(f"where.{name}", 'it is a list of texts, such as ["ACTIF"]')
    return frozenset(values)


def _one_of(rules: dict[str, object], name: str, choices: tuple[str, ...] | None, default: str) -> str:
    value = rules.get(name, default)
    if not isinstance(value, str) or (choices is not None and value != default and value not in choices):
        raise MalformedRuleError(f"text.{name}", f"it is one of {choices}" if choices else "it is a text")
    return value


def _encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
        is_text = bool("a".encode(found))
    except (LookupError, ValueError) as error:
        raise MalformedRuleError("text.encoding", "no such encoding is known") from error
    if not is_text or found.replace("-", "_").startswith(_WIDE):
        raise MalformedRuleError("text.encoding", "it is one whose lines end in one byte, such as utf-8 or cp1252")
    return found

"""Promotions as they are written down, in JSON or TOML, become values; what is wrong is named by its field.

A row is a table of named fields. Unknown fields are refused as well as wrong ones: a misspelt condition would otherwise
be an offer to everybody. All faults of a row are found at once, and nothing of a faulty file is taken.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from checkout.errors import MalformedRuleError
from checkout.label import Label
from checkout.promotions import (
    ANYTHING,
    NO_CONDITION,
    Basis,
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Condition,
    Cut,
    EachUnit,
    Match,
    NForM,
    Part,
    Pick,
    Promotion,
    Scope,
    SetCut,
)
from checkout.window import Window

Row = Mapping[str, object]
"""A table as JSON and TOML give it."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing wrong: in which row, at which field (dots lead inwards), what, and the way out.

    ``most`` is the largest number that the field takes, where that is what is wrong.
    """

    rule: str
    field: str
    message: str
    fix: str
    most: int | None = None


def read_promotions(rows: Iterable[object]) -> tuple[tuple[Promotion, ...], tuple[RowFault, ...]]:
    """Read all rows of a file: the promotions, or every fault and no promotion."""
    found: list[Promotion] = []
    faults: list[RowFault] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        reader = _Reader(f"row {number}")
        promotion = reader.promotion(row)
        if promotion is not None and promotion.id in seen:
            reader.fault("id", f"{promotion.id} stands twice", "give each promotion an id of its own")
        if promotion is not None:
            seen.add(promotion.id)
            found.append(promotion)
        faults += reader.faults
    return ((), tuple(faults)) if faults else (tuple(found), ())


def demand_promotions(rows: Iterable[object]) -> tuple[Promotion, ...]:
    """Read rows that were checked when they were written.

    Raises:
        MalformedRuleError: One of them is faulty all the same; the error names its first field and the way out.
    """
    promotions, faults = read_promotions(rows)
    if faults:
        first, others = faults[0], len(faults) - 1
        more = f" ({others} more)" if others else ""
        raise MalformedRuleError(first.rule, f"{first.field}: {first.message}; {first.fix}{more}")
    return promotions


class _Reader:
    """Reads one row and gathers what is wrong with it."""

    def __init__(self, rule: str) -> None:
        self._rule = rule
        self.faults: list[RowFault] = []

    def fault(self, field: str, message: str, fix: str) -> None:
        """Note a fault."""
        self.faults.append(RowFault(self._rule, field, message, fix))

    def promotion(self, row: object) -> Promotion | None:
        """Return the promotion, or None when anything is wrong."""
        if isinstance(row, Mapping) and isinstance(row.get("id"), str) and row["id"]:
            self._rule = row["id"]
        fields = self._table("", row, _PROMOTION_FIELDS)
        made = {
            "id": self._text(fields, "id"),
            "label": self._label(fields.get("label")),
            "benefit": self._benefit(fields.get("benefit")),
            "when": self._condition(fields.get("when")),
            "window": self._window(fields),
            "members_only": self._flag(fields, "members_only"),
            "group": self._text(fields, "group") if fields.get("group") is not None else None,
            "exclusive": self._flag(fields, "exclusive"),
            "priority": self._whole("", fields, "priority", default=0, least=None),
            "max_times": self._optional("", fields, "max_times"),
            "standing": self._flag(fields, "standing"),
        }
        if self.faults:
            return None
        return self._made(lambda: Promotion(**made))  # type: ignore[arg-type] # each was read as its field is

    def _made(self, make: Callable[[], Promotion]) -> Promotion | None:
        try:
            return make()
        except MalformedRuleError as error:
            self.fault("benefit", str(error), "correct the figures: sizes of 1 or more, percentages of 1 to 10000")
            return None

    def _table(self, field: str, row: object, known: frozenset[str]) -> Row:
        if not isinstance(row, Mapping):
            self.fault(field or "row", "it is no table of fields", "write fields by name")
            return {}
        for name in row:
            if name not in known:
                self.fault(f"{field}{name}", "no such field", f"use one of {', '.join(sorted(known))}")
        return row

    def _text(self, fields: Row, name: str) -> str:
        value = fields.get(name)
        if isinstance(value, str) and value.strip():
            return value
        self.fault(name, f"{value!r} is no text", "write some words")
        return ""

    def _flag(self, fields: Row, name: str) -> bool:
        value = fields.get(name, False)
        if isinstance(value, bool):
            return value
        self.fault(name, f"{value!r} is neither true nor false", "write true or false")
        return False

    def _whole(self, prefix: str, fields: Row, name: str, *, default: int | None, least: int | None = 0) -> int:
        value = fields.get(name, default)
        if type(value) is int and (least is None or value >= least):
            return value
        bound = "" if least is None else f" of {least} or more"
        self.fault(
            f"{prefix}{name}", f"{value!r} is no whole number{bound}", "write minor units, pieces or basis points"
        )
        return 1

    def _optional(self, prefix: str, fields: Row, name: str) -> int | None:
        return None if fields.get(name) is None else self._whole(prefix, fields, name, default=None)

    def _word(
        self, prefix: str, fields: Row, name: str, words: type[StrEnum], default: StrEnum | None
    ) -> StrEnum | None:
        value = fields.get(name)
        if value is None and (default is not None or words is Pick):
            return default
        if isinstance(value, str) and value in set(words):
            return words(value)
        self.fault(f"{prefix}{name}", f"{value!r} is not known", f"write one of {', '.join(words)}")
        return next(iter(words))

    def _label(self, value: object) -> Label:
        fields = self._table("label.", value, frozenset({"fr", "en", "zh"}))
        texts = [fields.get(name) for name in ("fr", "en", "zh")]
        for name, text in zip(("fr", "en", "zh"), texts, strict=True):
            if not (isinstance(text, str) and text.strip()):
                self.fault(f"label.{name}", f"{text!r} is no text", "say the offer in this language")
        return Label(*(str(text) for text in texts))

    def _window(self, fields: Row) -> Window:
        starts, ends = (self._moment(fields, name) for name in ("starts_at", "ends_at"))
        if starts is not None and ends is not None and ends <= starts:
            self.fault("ends_at", "it ends before it starts", "let it end after starts_at")
            return Window()
        return Window(starts, ends)

    def _moment(self, fields: Row, name: str) -> datetime | None:
        value = fields.get(name)
        if value is None:
            return None
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fault(name, f"{value!r} is no moment with a time zone", "write it as 2026-03-02T08:00:00+01:00")
            return None
        return moment

    def _match(self, field: str, value: object) -> Match:
        if value is None:
            return ANYTHING
        fields = self._table(field, value, frozenset({"skus", "categories", "min_unit_minor", "max_unit_minor"}))
        least, most = (self._optional(field, fields, name) for name in ("min_unit_minor", "max_unit_minor"))
        return Match(self._names(field, fields, "skus"), self._names(field, fields, "categories"), least, most)

    def _names(self, field: str, fields: Row, name: str) -> frozenset[str]:
        value = fields.get(name, ())
        if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
            return frozenset(str(one) for one in value)
        self.fault(f"{field}{name}", f"{value!r} is no list of names", "write a list of texts")
        return frozenset()

    def _condition(self, value: object) -> Condition:
        if value is None:
            return NO_CONDITION
        fields = self._table("when.", value, frozenset({"match", "min_minor", "min_units", "basis"}))
        return Condition(
            self._match("when.match.", fields.get("match")),
            self._whole("when.", fields, "min_minor", default=0),
            self._whole("when.", fields, "min_units", default=0),
            Basis(self._word("when.", fields, "basis", Basis, Basis.SHELF) or Basis.SHELF),
        )

    def _benefit(self, value: object) -> Benefit:  # noqa: PLR0911 - a kind a return
        kind = value.get("kind") if isinstance(value, Mapping) else None
        if not isinstance(kind, str) or kind not in _BENEFIT_FIELDS:
            self.fault("benefit.kind", f"{kind!r} is not known", f"write one of {', '.join(_BENEFIT_FIELDS)}")
            return BasketCut(Cut.AMOUNT, 0)
        fields = self._table("benefit.", value, _BENEFIT_FIELDS[kind] | {"kind"})
        match = self._match("benefit.match.", fields.get("match"))
        pick = self._word("benefit.", fields, "pick", Pick, None)
        chosen = None if pick is None else Pick(pick)

        def whole(name: str, default: int | None = None) -> int:
            return self._whole("benefit.", fields, name, default=default)

        match kind:
            case "each_unit":
                most = self._optional("benefit.", fields, "max_per_line")
                return EachUnit(match, self._cut(fields), whole("value"), whole("group_size", 1), most, chosen)
            case "n_for_m":
                scope = Scope(self._word("benefit.", fields, "scope", Scope, Scope.GROUP) or Scope.GROUP)
                free = whole("percent_bp", 10_000)
                return NForM(match, whole("take"), whole("pay"), scope, free, chosen or Pick.CHEAPEST)
            case "buy_x_get_y":
                buy = self._match("benefit.buy.", fields.get("buy"))
                get = self._match("benefit.get.", fields.get("get"))
                free = whole("percent_bp", 10_000)
                counts = whole("buy_quantity"), whole("get_quantity", 1)
                return BuyXGetY(buy, counts[0], get, counts[1], free, chosen or Pick.CHEAPEST)
            case "bundle":
                return Bundle(self._parts(fields.get("parts")), whole("price_minor"))
            case "set_cut":
                return SetCut(match, whole("size"), self._cut(fields), whole("value"), chosen, whole("from_minor", 0))
            case _:
                most = self._optional("benefit.", fields, "max_off_minor")
                only = self._flag(fields, "full_price_only")
                return BasketCut(self._cut(fields), whole("value"), match, most, only)

    def _cut(self, fields: Row) -> Cut:
        return Cut(self._word("benefit.", fields, "cut", Cut, None) or Cut.AMOUNT)

    def _parts(self, value: object) -> tuple[Part, ...]:
        if not isinstance(value, list | tuple) or not value:
            self.fault("benefit.parts", f"{value!r} is no list of parts", "write a list of match and quantity")
            return ()
        parts = []
        for number, one in enumerate(value):
            field = f"benefit.parts.{number}."
            fields = self._table(field, one, frozenset({"match", "quantity"}))
            match = self._match(f"{field}match.", fields.get("match"))
            parts.append(Part(match, self._whole(field, fields, "quantity", default=1)))
        return tuple(parts)


_PROMOTION_FIELDS = frozenset(
    {"id", "label", "benefit", "when", "starts_at", "ends_at", "members_only", "group", "exclusive", "priority"}
    | {"max_times", "standing"}
)
_BENEFIT_FIELDS = {
    "each_unit": frozenset({"match", "cut", "value", "group_size", "max_per_line", "pick"}),
    "n_for_m": frozenset({"match", "take", "pay", "scope", "percent_bp", "pick"}),
    "buy_x_get_y": frozenset({"buy", "buy_quantity", "get", "get_quantity", "percent_bp", "pick"}),
    "bundle": frozenset({"parts", "price_minor"}),
    "set_cut": frozenset({"match", "size", "cut", "value", "pick", "from_minor"}),
    "basket_cut": frozenset({"match", "cut", "value", "max_off_minor", "full_price_only"}),
}

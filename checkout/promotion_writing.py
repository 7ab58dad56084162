"""Promotions written down as the rows that :mod:`checkout.promotion_rows` reads; what is as usual is left out."""

from dataclasses import fields
from enum import StrEnum
from typing import assert_never

from checkout.label import Label
from checkout.promotions import (
    ANYTHING,
    NO_CONDITION,
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Condition,
    EachUnit,
    Match,
    NForM,
    Promotion,
    SetCut,
)

Written = dict[str, object]


def row_of(promotion: Promotion) -> Written:
    """Write a promotion down, ready for JSON. How percentages round is the shop's policy and is not written."""
    window = promotion.window
    row: Written = {"id": promotion.id, "label": label_row(promotion.label), "benefit": _benefit(promotion.benefit)}
    if promotion.when != NO_CONDITION:
        row["when"] = _condition(promotion.when)
    for name, moment in (("starts_at", window.starts_at), ("ends_at", window.ends_at)):
        if moment is not None:
            row[name] = moment.isoformat()
    for name in ("members_only", "group", "exclusive", "priority", "max_times", "standing"):
        if (value := getattr(promotion, name)) not in (None, False, 0):
            row[name] = value
    return row


def label_row(label: Label) -> Written:
    """Write the words of an offer down."""
    return {"fr": label.fr, "en": label.en, "zh": label.zh}


def _benefit(benefit: Benefit) -> Written:
    match benefit:
        case EachUnit() | NForM() | SetCut() | BasketCut():
            return {"kind": _KINDS[type(benefit)], "match": _match(benefit.match), **_plain(benefit)}
        case BuyXGetY():
            return {"kind": "buy_x_get_y", "buy": _match(benefit.buy), "get": _match(benefit.get), **_plain(benefit)}
        case Bundle():
            parts = [{"match": _match(part.match), "quantity": part.quantity} for part in benefit.parts]
            return {"kind": "bundle", "parts": parts, "price_minor": benefit.price_minor}
        case _:
            assert_never(benefit)


def _plain(value: object) -> Written:
    """Return the figures and words of a benefit; what it matches is written by hand."""
    found: Written = {}
    for field in fields(value):  # type: ignore[arg-type] # every benefit is a dataclass
        plain = getattr(value, field.name)
        if field.name != "rounding" and plain is not None and not isinstance(plain, Match):
            found[field.name] = plain.value if isinstance(plain, StrEnum) else plain
    return found


def _condition(when: Condition) -> Written:
    plain: Written = {"min_minor": when.min_minor, "min_units": when.min_units, "basis": when.basis.value}
    return plain if when.match == ANYTHING else {"match": _match(when.match), **plain}


def _match(match: Match) -> Written:
    row: Written = {"skus": sorted(match.skus), "categories": sorted(match.categories)}
    for name in ("min_unit_minor", "max_unit_minor"):
        if (bound := getattr(match, name)) is not None:
            row[name] = bound
    return row


_KINDS = {EachUnit: "each_unit", NForM: "n_for_m", SetCut: "set_cut", BasketCut: "basket_cut"}

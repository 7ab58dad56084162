"""Why a coupon takes nothing off, and what to do next: a sentence in every language of the shop, made from facts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import cache
from pathlib import Path
from typing import Any, Final

from checkout.money import Currency, Money
from checkout.unit_price import SIGNS
from server.flows.instants import instant

Words = Mapping[str, str]
LOCALES = ("fr", "en", "zh")
ROWS: Final = Path(__file__).with_suffix(".json")
"""By code, or by code and what was asked, as a point parts them."""


@dataclass(frozen=True, slots=True)
class Told:
    """What sentences are filled with beside the facts of a refusal.

    Attributes:
        labels: What the coupons of the basket give, by code and locale.
        timezone: Of the store, for moments.
    """

    labels: Mapping[str, Words]
    currency: Currency
    timezone: tzinfo


def why(code: str, facts: Mapping[str, object], told: Told) -> dict[str, str]:
    """Return the sentence for a refusal; of the rows that fit, the one that says most.

    Args:
        code: Of the refusal.
        facts: What it knows.
        told: What its basket knows.
    """
    detail = next((facts[name] for name in ("condition", "limit", "reason") if name in facts), "")
    rows = _rows()
    row = rows.get(f"{code}.{detail}") or rows.get(code) or rows["coupon"]
    return {locale: row[locale].format(**_said(facts, told, locale)) for locale in LOCALES}


def facts_json(facts: Mapping[str, object]) -> dict[str, Any]:
    """Return facts as they go out: moments in UTC, all else as numbers and texts."""
    return {
        name: instant(fact) if isinstance(fact, datetime) else fact if isinstance(fact, int) else str(fact)
        for name, fact in facts.items()
        if fact is not None
    }


def _said(facts: Mapping[str, object], told: Told, locale: str) -> dict[str, str]:
    return {name: _one(name, fact, told, locale) for name, fact in facts.items()}


def _one(name: str, fact: object, told: Told, locale: str) -> str:
    if isinstance(fact, datetime):
        here = fact.astimezone(told.timezone)
        return f"{here:%d/%m %H:%M}" if locale == "fr" else f"{here:%Y-%m-%d %H:%M}"
    if name == "other":
        return told.labels.get(str(fact), {}).get(locale) or str(fact)
    if name.endswith("_minor") and isinstance(fact, int):
        amount, sign = str(Money(fact, told.currency)).split(" ")[0], SIGNS.get(told.currency.code, told.currency.code)
        return f"{amount.replace('.', ',')} {sign}" if locale == "fr" else f"{sign}{amount}"
    return str(fact)


@cache
def _rows() -> Mapping[str, Words]:
    rows: Mapping[str, Words] = json.loads(ROWS.read_text(encoding="utf-8"))
    return rows

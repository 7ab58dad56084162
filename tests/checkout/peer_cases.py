"""Turn the cases of other shop systems' suites into values of ours.

A case either becomes a priced basket, or is named in ``OUT_OF_REACH`` with what it would need.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checkout import (
    EUR,
    Basis,
    Basket,
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Catalog,
    Condition,
    Coupon,
    CouponTerms,
    Cut,
    EachUnit,
    Effect,
    Label,
    Line,
    Match,
    Money,
    NForM,
    Part,
    Pick,
    Product,
    Promotion,
    Quote,
    Scope,
    VatClass,
    VatRounding,
    price,
    vat_lines,
)
from checkout.quote import VatLine

Case = dict[str, Any]
"""A case as it stands in the file: JSON, so anything."""

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

OUT_OF_REACH = {
    "sylius-07": "of two exclusive offers the one of higher priority; here the one that saves most",
    "sylius-17": "a floor price of a product",
    "sylius-19": "a floor price of a product",
    "sylius-21": "a floor price of a product",
    "sylius-23": "a markdown that always stands; here it is left out, as the shopper then pays 35.00 instead of 40.00",
    "sylius-39": "tax rounded on every unit; a store here rounds once a rate or line by line",
    "oscar-09": "an amount off a stated number of the cheapest units",
    "oscar-13": "discounts rounded down; here half up",
    "oscar-15": "offers worked out on prices with the tax added",
    "pretix-05": "each unit under one rule, in a stated order; here a basket percentage acts on all that remains",
    "pretix-07": "each unit under one rule, in a stated order; here both percentages act on what remains",
    "pretix-11": "a free unit that counts among the units bought",
    "odoo-01": "a free unit that the till adds by itself",
    "odoo-03": "a cap that counts the tax added afterwards",
    "odoo-05": "tax added afterwards on some goods and included in others",
    "vendure-01": "the price after a percentage rounded half up (41.67); here the discount is (41.66 is left)",
    "shopware-01": "a set of the cheapest units whatever saves most",
    "shopware-03": "a set of the cheapest units whatever saves most",
    "shopware-07": "net 35.49; here 35.50, the sum of 16.81 and 18.69, each rate half up",
    "shopware-09": "cash rounding; the kiosk takes no cash",
    "shopware-11": "cash rounding; the kiosk takes no cash",
    "solidus-03": "tiers whose percentage depends on the value of a group",
}
"""What a case would need that is not here, or which convention it follows that is not ours."""

OPTIONS = {
    "sylius-33": "VatRounding.PER_LINE",
    "sylius-41": "before tax: prices here include it",
    "oscar-01": "max_times=1",
    "oscar-03": "Scope.BASKET and max_times=1",
    "oscar-05": "max_times=1",
    "vendure-05": "Basis.REMAINING; before tax: prices here include it",
    "shopware-05": "Scope.BASKET",
    "solidus-01": "EachUnit(group_size=2)",
    "spree-03": "before tax: prices here include it",
    "medusa-01": "EachUnit(max_per_line=1)",
    "medusa-03": "Pick.DEAREST and max_times=1",
    "medusa-05": "max_times=1",
}
"""The setting that a case needs other than the default."""


@dataclass(frozen=True, slots=True)
class Priced:
    """A case after pricing: the quote, and the tax at the case's own rates."""

    quote: Quote
    vat: tuple[VatLine, ...]


def minor(text: str) -> int:
    """Read ``12.40`` as 1240."""
    return Money.parse(text, EUR).minor


def points(text: str) -> int:
    """Read a percentage such as ``33.33`` as basis points."""
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0")[:2] or 0)


def run(case: Case) -> Priced:
    """Price the basket of a case."""
    promotions = [_promotion(row, i) for i, row in enumerate(case["promotions"]) if "coupon" not in row]
    coupons = [_coupon(row) for row in case["promotions"] if row.get("coupon") in case["context"].get("coupons", [])]
    products = [
        Product(
            row["sku"],
            row["sku"],
            "",
            "",
            minor(row["unit_price"]),
            VatClass.ZERO,
            category=(row.get("tags") or [""])[0],
        )
        for row in case["basket"]
    ]
    lines = tuple(Line(f"l{i}", row["sku"], row["qty"]) for i, row in enumerate(case["basket"]))
    quote = price(
        Basket(lines), Catalog(products, []), promotions, coupons, at=AT, currency=EUR, country="FR", member=True
    )
    rates = [points(row.get("vat", "0")) for row in case["basket"]]
    rounding = VatRounding.PER_LINE if "tax-rounded-per-line" in case["policy"] else VatRounding.PER_RATE
    dues = [(rate, line.due) for rate, line in zip(rates, quote.lines, strict=True)]
    return Priced(quote, vat_lines(dues, rounding))


def _coupon(row: Case) -> Coupon:
    terms = CouponTerms(Effect.PERCENT, points(row["percent"]))
    return Coupon(row["coupon"], "peer", Label.same(row["coupon"]), terms)


def _promotion(row: Case, number: int) -> Promotion:
    when = row.get("when", {})
    is_late = "min_value" in when and row["kind"].startswith("basket_")
    return Promotion(
        f"p{number}",
        Label.same(f"p{number}"),
        _benefit(row),
        when=Condition(
            _match(when),
            minor(when.get("min_value", "0")),
            when.get("min_units", 0) or when.get("min_units_line", 0) or int(_names(when)),
            Basis.REMAINING if is_late else Basis.SHELF,
        ),
        exclusive=row.get("exclusive", False),
        priority=row.get("priority", -row.get("order", 0)),
        max_times=1 if row.get("repeat") is False else None,
    )


def _names(row: Case) -> bool:
    return any(key in row for key in ("has_tags", "has_skus"))


def _match(row: Case) -> Match:
    return Match(
        frozenset(row.get("skus", ()) or row.get("has_skus", ())),
        frozenset(row.get("tags", ()) or row.get("has_tags", ())),
        minor(row["min_unit_price"]) if "min_unit_price" in row else None,
        minor(row["max_unit_price"]) if "max_unit_price" in row else None,
    )


def _benefit(row: Case) -> Benefit:
    kind = row["kind"]
    match = _match(row.get("match", {}))
    if kind.startswith("basket_"):
        most = minor(row["max_discount"]) if "max_discount" in row else None
        return BasketCut(*_cut(row), match, most, full_price_only=row.get("skip_discounted", False))
    if kind in {"unit_percent", "unit_amount", "catalogue_percent"}:
        return EachUnit(match, *_cut(row), row.get("group_size", 1), row.get("max_units_per_line"))
    if kind == "cheapest_free":
        size = row.get("group_size", 1)
        scope = Scope.BASKET if row.get("pick_scope") == "basket" or size == 1 else Scope.GROUP
        return NForM(match, size, size - 1, scope)
    if kind == "group_price":
        return Bundle((Part(match, row["group_size"]),), minor(row["price"]))
    if kind == "buy_x_get_y":
        buy, get = row["buy"], row["get"]
        pick = Pick.DEAREST if get.get("pick") == "dearest" else Pick.CHEAPEST
        return BuyXGetY(_match(buy), buy["qty"], _match(get), get["qty"], points(get["percent"]), pick)
    raise KeyError(kind)


def _cut(row: Case) -> tuple[Cut, int]:
    if "percent" in row:
        return Cut.PERCENT, points(row["percent"])
    if "amount" in row:
        return Cut.AMOUNT, minor(row["amount"])
    return Cut.SET_PRICE, minor(row["price"])


def found(case: Case, priced: Priced) -> dict[str, object]:
    """Return what we found under each name that the case expects and we can tell."""
    quote = priced.quote
    dues = [line.due.minor for line in quote.lines]
    if case["prices"] == "tax-excluded":
        return {"net": quote.total.minor} if "net" in expected(case) else {}
    # Saleor's test counts the discount from the subtotal before the coupon.
    by_coupons = sum(coupon.saved.minor for coupon in quote.coupons)
    values: dict[str, object] = {
        "total": quote.total.minor,
        "discount": by_coupons if "subtotal_before_coupon" in case["expected"] else quote.saved.minor,
        "line_discounts": [line.gross.minor - due for line, due in zip(quote.lines, dues, strict=True)],
        "line_totals": dues,
        "tax_included": sum(row.tax.minor for row in priced.vat),
        "net": sum(row.net.minor for row in priced.vat),
        "subtotal_before_coupon": quote.total.minor + by_coupons,
    }
    return {name: values[name] for name in case["expected"] if name in values}


def expected(case: Case) -> dict[str, object]:
    """Return what the case expects, in minor units, for the names that we can tell."""
    figures = case["expected"]
    if case["prices"] == "tax-excluded":
        if "tax_added" in figures:
            return {"net": minor(figures["total"]) - minor(figures["tax_added"])}
        return {"net": minor(figures["net"])} if "net" in figures else {}
    return {name: _minors(value) for name, value in figures.items() if name in TELLABLE}


TELLABLE = frozenset(
    {"total", "discount", "line_discounts", "line_totals", "tax_included", "net", "subtotal_before_coupon"}
)


def _minors(value: str | Sequence[str]) -> object:
    return minor(value) if isinstance(value, str) else [minor(one) for one in value]


def table(cases: Sequence[Case]) -> str:
    """Return the page about all cases: what passes, with which option, and what would be needed for the rest."""
    rows = [f"| {case['id']} | {case['topic']} | {_verdict(case)} | {_compared(case)} |" for case in cases]
    passed = sum(case["id"] not in OUT_OF_REACH for case in cases)
    plain = sum(case["id"] not in OUT_OF_REACH and case["id"] not in OPTIONS for case in cases)
    return (
        "# Cases from other shop systems\n\n"
        "The figures come from other projects' own tests, restated as data that is not part of this repository.\n"
        "`tests/checkout/test_peer_cases.py` prices each and compares; where peers disagree, our conventions are:\n"
        "units once, then basket offers on what remains; the best combination for the shopper; a discount rounds half\n"
        "up; odd cents to the largest remainder, ties to the first; tax included, once a rate on the total.\n\n"
        f"{passed} of {len(cases)} pass, {plain} of them with the defaults. "
        "Rewritten by `python -m tests.checkout.peer_cases CASES.json > docs/promotion-cases.md`.\n\n"
        "| case | topic | verdict | compared |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _verdict(case: Case) -> str:
    if (need := OUT_OF_REACH.get(case["id"])) is not None:
        return f"needs {need}" if need.startswith("a ") else f"differs: {need}"
    option = OPTIONS.get(case["id"])
    return "passes" if option is None else f"passes with {option}"


def _compared(case: Case) -> str:
    return "" if case["id"] in OUT_OF_REACH else ", ".join(sorted(expected(case)))


if __name__ == "__main__":
    sys.stdout.write(table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cases"]))

"""Turn the cases of other shop systems' suites into values of ours.

A case either becomes a priced basket, or is named in ``OUT_OF_REACH`` with what it would need.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from checkout import (
    DEFAULT_POLICY,
    EUR,
    Basis,
    Basket,
    BasketCut,
    Benefit,
    Bundle,
    BuyXGetY,
    Catalog,
    Combining,
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
    OddCents,
    Part,
    Pick,
    Pricer,
    PricingPolicy,
    PriorityOrder,
    Product,
    Promotion,
    Quote,
    Rounding,
    Scope,
    SetCut,
    ShelfPrices,
    VatClass,
    VatRounding,
    VatRow,
    ratio,
    split_minor,
    to_step,
    vat_lines,
)

Case = dict[str, Any]
"""A case as it stands in the file: JSON, so anything."""

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)

OUT_OF_REACH: dict[str, str] = {}
"""What a case would need that is not here."""

WRITTEN_AS = {
    "sylius-23": "the markdown standing=True",
    "oscar-01": "max_times=1",
    "oscar-03": "Scope.BASKET and max_times=1",
    "oscar-05": "max_times=1",
    "oscar-09": "SetCut(size=1, pick=CHEAPEST) and max_times=1",
    "pretix-05": "NForM(2, 1, percent_bp=2000)",
    "pretix-11": "buy 3, get 1: the free unit counts among the four",
    "odoo-01": "the free unit scanned like any other: the till adds nothing by itself",
    "odoo-03": "BasketCut on the cabinets with max_off_minor",
    "shopware-01": "SetCut(pick=CHEAPEST) and max_times=1",
    "shopware-03": "EachUnit(group_size=2, pick=CHEAPEST) and max_times=1",
    "shopware-05": "Scope.BASKET",
    "solidus-01": "EachUnit(group_size=2)",
    "solidus-03": "SetCut, a tier each, in one group",
    "vendure-05": "Basis.REMAINING",
    "medusa-01": "EachUnit(max_per_line=1)",
    "medusa-03": "Pick.DEAREST and max_times=1",
    "medusa-05": "max_times=1",
}
"""How a case is put in our words where that is not plain."""

UNNAMED = {
    "vendure-01": PricingPolicy(shelf_prices=ShelfPrices.WITHOUT_TAX, discount_rounding=Rounding.HALF_DOWN),
    "shopware-07": PricingPolicy(vat_rounding=VatRounding.PER_ENTRY),
}
"""Cases that need a policy which they do not name."""

NAMED: dict[str, dict[str, Any]] = {
    "discount-rounded-down": {"discount_rounding": Rounding.DOWN},
    "round-price-half-up": {"discount_rounding": Rounding.HALF_DOWN},
    "round-unit-markdown-half-up": {"discount_rounding": Rounding.HALF_DOWN},
    "extra-cent-to-first": {"odd_cents": OddCents.FIRST},
    "extra-cent-to-last": {"odd_cents": OddCents.LAST},
    "tax-rounded-per-line": {"vat_rounding": VatRounding.PER_LINE},
    "tax-rounded-per-unit": {"vat_rounding": VatRounding.PER_UNIT},
    "sequential-on-remaining": {"combining": Combining.IN_TURN},
    "exclusive-beats-priority": {"combining": Combining.IN_TURN},
    "units-consumed-once": {"combining": Combining.ONCE_IN_TURN},
    "lower-number-first": {"order": PriorityOrder.LOW_FIRST},
    "offer-on-tax-inclusive-price": {"shelf_prices": ShelfPrices.TAXED_FIRST},
    "cap-on-tax-inclusive": {"shelf_prices": ShelfPrices.TAXED_FIRST},
    "one-discount-line-per-rate": {"shelf_prices": ShelfPrices.TAXED_FIRST},
}
"""What the names of conventions in the file mean here."""


def policy_of(case: Case) -> PricingPolicy:
    """Return the policy that a case was made under."""
    if case["id"] in UNNAMED:
        return UNNAMED[case["id"]]
    facts: dict[str, Any] = {"shelf_prices": ShelfPrices.WITHOUT_TAX} if case["prices"] == "tax-excluded" else {}
    for name in case["policy"]:
        facts |= NAMED.get(name, {})
    if "cash_step" in case["context"]:
        facts["cash_step_minor"] = minor(case["context"]["cash_step"])
    return PricingPolicy(**facts)


def minor(text: str) -> int:
    """Read ``12.40`` as 1240."""
    return Money.parse(text, EUR).minor


def points(text: str) -> int:
    """Read a percentage such as ``33.33`` as basis points."""
    whole, _, decimals = text.partition(".")
    return int(whole) * 100 + int(decimals.ljust(2, "0")[:2] or 0)


def run(case: Case) -> Quote:
    """Price the basket of a case under the policy that it was made under."""
    policy = policy_of(case)
    rows = [row for row in case["promotions"] if "coupon" not in row]
    promotions = [made for i, row in enumerate(rows) for made in _promotions(row, i, policy)]
    coupons = [_coupon(row) for row in case["promotions"] if row.get("coupon") in case["context"].get("coupons", [])]
    rates = sorted({points(row.get("vat", "0")) for row in case["basket"]})
    classes = dict(zip(rates, VatClass, strict=False))
    table = [VatRow("peer", kind, rate, date(2000, 1, 1), None, "the case") for rate, kind in classes.items()]
    products = [
        Product(
            row["sku"],
            row["sku"],
            "",
            "",
            minor(row["unit_price"]),
            classes[points(row.get("vat", "0"))],
            category=(row.get("tags") or [""])[0],
            floor_price_minor=minor(row.get("min_price", "0")),
            is_taxed=row.get("vat_included", False),
        )
        for row in case["basket"]
    ]
    extra = {row["sku"]: 1 for row in case["promotions"] if row["kind"] == "free_extra_unit"}
    lines = tuple(Line(f"l{i}", r["sku"], r["qty"] + extra.get(r["sku"], 0)) for i, r in enumerate(case["basket"]))
    pricer = Pricer(Catalog(products, []), promotions, currency=EUR, country="peer", policy=policy, vat_table=table)
    return pricer.price(Basket(lines), coupons, at=AT, member=True)


def _coupon(row: Case) -> Coupon:
    terms = CouponTerms(Effect.PERCENT, points(row["percent"]))
    return Coupon(row["coupon"], "peer", Label.same(row["coupon"]), terms)


def _promotions(row: Case, number: int, policy: PricingPolicy) -> list[Promotion]:
    if row["kind"] != "tiered_percent":
        return [_promotion(row, f"p{number}", _benefit(row), policy)]
    tiers = {"0": row["base"], **row["tiers"]}
    match = _match(row.get("match", {}))
    return [
        replace(
            _promotion(
                row,
                f"p{number}-{start}",
                SetCut(match, row["group_size"], Cut.PERCENT, points(bp), from_minor=minor(start)),
                policy,
            ),
            group=f"tiers {number}",
        )
        for start, bp in tiers.items()
    ]


def _promotion(row: Case, rule: str, benefit: Benefit, policy: PricingPolicy) -> Promotion:
    when = row.get("when", {})
    is_late = "min_value" in when and row["kind"].startswith("basket_")
    return Promotion(
        rule,
        Label.same(rule),
        benefit,
        when=Condition(
            _match(when),
            minor(when.get("min_value", "0")),
            when.get("min_units", 0) or when.get("min_units_line", 0) or int(_names(when)),
            Basis.REMAINING if is_late else Basis.SHELF,
        ),
        exclusive=row.get("exclusive", False),
        priority=row.get("priority", row.get("order", 0) * (1 if policy.order is PriorityOrder.LOW_FIRST else -1)),
        max_times=1 if row.get("repeat") is False or "max_units" in row else None,
        standing=row["kind"] == "catalogue_percent",
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


def _benefit(row: Case) -> Benefit:  # noqa: C901, PLR0911 - one row of the file's words after the other
    kind = row["kind"]
    match = _match(row.get("match", {}))
    pick = Pick(row["pick"]) if "pick" in row else None
    if kind == "set_unit_price":
        return EachUnit(match, Cut.SET_PRICE, minor(row["price"]), row["group_size"], pick=pick)
    if kind.startswith("set_"):
        return SetCut(match, row["group_size"], *_cut(row), pick)
    if "max_units" in row:
        return SetCut(match, row["max_units"], *_cut(row), pick)
    if kind == "every_n_cheapest_percent":
        return NForM(match, row["group_size"], row["group_size"] - 1, percent_bp=points(row["percent"]))
    if kind == "free_extra_unit":
        return NForM(Match(frozenset({row["sku"]})), row["buy_qty"] + 1, row["buy_qty"])
    if kind.startswith("basket_") or "max_discount" in row:
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
        chosen = Pick(get.get("pick", "cheapest"))
        bought = buy["qty"] - get["qty"] if buy.get("any") else buy["qty"]
        return BuyXGetY(_match(buy), bought, _match(get), get["qty"], points(get["percent"]), chosen)
    raise KeyError(kind)


def _cut(row: Case) -> tuple[Cut, int]:
    if "percent" in row:
        return Cut.PERCENT, points(row["percent"])
    if "amount" in row:
        return Cut.AMOUNT, minor(row["amount"])
    return Cut.SET_PRICE, minor(row["price"])


def found(case: Case, quote: Quote) -> dict[str, object]:
    """Return what we found under each name that the case expects and we can tell."""
    dues = [line.due.minor for line in quote.lines]
    taxed = case["prices"] == "tax-excluded" and policy_of(case).shelf_prices is ShelfPrices.WITHOUT_TAX
    tax = sum(row.tax.minor for row in quote.vat)
    # Saleor's test counts the discount from the subtotal before the coupon.
    by_coupons = sum(coupon.saved.minor for coupon in quote.coupons)
    offs = [line.gross.minor - due for line, due in zip(quote.lines, dues, strict=True)]
    units = [list(split_minor(off, [1] * line.line.quantity)) for off, line in zip(offs, quote.lines, strict=True)]
    values: dict[str, object] = {
        "total": quote.total.minor,
        "discount": by_coupons if "subtotal_before_coupon" in case["expected"] else quote.saved.minor,
        "discount_incl_tax": quote.saved.minor,
        "line_discounts": offs,
        "unit_discounts": units,
        "line_totals": dues,
        "tax_included": tax,
        "tax_added": quote.tax_added.minor if taxed else tax,
        "net": sum(row.net.minor for row in quote.vat),
        "subtotal_before_coupon": quote.total.minor + by_coupons,
        "discount_by_vat_gross": _by_rate(quote, is_net=False),
        "discount_by_vat_net": _by_rate(quote, is_net=True),
    }
    if "cash_step" in case["context"]:
        amount = ratio(int(case["context"]["amount"].replace(".", "").ljust(5, "0")), 1, 10)
        values["cash_total"] = to_step(amount, policy_of(case).cash_step_minor)
    return {name: values[name] for name in case["expected"] if name in values}


def _by_rate(quote: Quote, *, is_net: bool) -> dict[str, int]:
    offs = [(line.vat_rate_bp, line.gross - line.due) for line in quote.lines]
    return {str(row.rate_bp // 100): (row.net if is_net else row.gross).minor for row in vat_lines(offs)}


def expected(case: Case) -> dict[str, object]:
    """Return what the case expects, in minor units, for the names that we can tell."""
    return {name: _minors(value) for name, value in case["expected"].items() if name not in UNTOLD}


UNTOLD = frozenset({"units_consumed", "unit_prices_sorted"})
"""A quote speaks of lines; it does not say which unit of a line bore what."""


def _minors(value: Any) -> object:  # JSON: a figure, or figures in lists or by name
    if isinstance(value, dict):
        return {name: _minors(one) for name, one in value.items()}
    return minor(value) if isinstance(value, str) else [_minors(one) for one in value]


def table(cases: Sequence[Case]) -> str:
    """Return the page about all cases: what passes, with which option, and what would be needed for the rest."""
    rows = [f"| {case['id']} | {case['topic']} | {_verdict(case)} | {_compared(case)} |" for case in cases]
    passed = sum(case["id"] not in OUT_OF_REACH for case in cases)
    plain = sum(policy_of(case) == DEFAULT_POLICY for case in cases if case["id"] not in OUT_OF_REACH)
    return (
        "# Cases from other shop systems\n\n"
        "The figures come from other projects' own tests, restated as data that is not part of this repository.\n"
        "`tests/checkout/test_peer_cases.py` prices each under the policy it was made under and compares. Our own\n"
        "conventions, the defaults of `PricingPolicy`: the best combination for the shopper; units once, then basket\n"
        "offers on what remains; a discount rounds half up; odd cents to the largest remainder, ties to the\n"
        "first; tax included, once a rate on the total.\n\n"
        f"{passed} of {len(cases)} pass, {plain} of them with the default policy. "
        "Rewritten by `python -m tests.checkout.peer_cases CASES.json > docs/promotion-cases.md`.\n\n"
        "| case | topic | verdict | written as | compared |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )


def _verdict(case: Case) -> str:
    if (need := OUT_OF_REACH.get(case["id"])) is not None:
        return f"needs {need} | "
    policy = policy_of(case)
    options = [
        f"{fact.name}={getattr(policy, fact.name)}"
        for fact in fields(policy)
        if getattr(policy, fact.name) != getattr(DEFAULT_POLICY, fact.name)
    ]
    verdict = "passes" + (f" with {', '.join(options)}" if options else "")
    return f"{verdict} | {WRITTEN_AS.get(case['id'], '')}"


def _compared(case: Case) -> str:
    return "" if case["id"] in OUT_OF_REACH else ", ".join(sorted(expected(case)))


if __name__ == "__main__":
    sys.stdout.write(table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))["cases"]))

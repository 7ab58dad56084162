"""An old ticket against its basket priced anew by the rules stored with it: to the cent, or where not.

A ticket keeps, beside what it prints, the rules that its prices hang on and the facts of its goods that prices are made
of (:func:`rules_of`). From these alone it is priced again; no catalogue and no offer of today has a say.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar

from checkout.basket import Basket, Line
from checkout.catalog import Catalog, Product, Unit
from checkout.coupon_terms import CouponTerms, Effect, Stacking
from checkout.coupons import Coupon
from checkout.errors import MalformedError, MalformedRuleError, UnknownError
from checkout.label import Label
from checkout.money import OddCents, Rounding, currency
from checkout.policy import DEFAULT_POLICY, Combining, PricingPolicy, PriorityOrder, ShelfPrices, VatRounding
from checkout.pricing import price
from checkout.promotion_rows import demand_promotions
from checkout.quote import Quote, QuoteLine
from checkout.vat import VatClass
from checkout.window import Window

T = TypeVar("T")
Body = Mapping[str, object]
"""A JSON object of a stored ticket."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two tickets part: a line's id or a word such as ``total``, and what each says."""

    where: str
    printed: str
    anew: str


@dataclass(frozen=True, slots=True)
class Printed:
    """What a ticket says, in words that can be laid beside each other.

    Attributes:
        facts: By line id, and by the words gross, saved, total, coupons and vat.
    """

    facts: tuple[tuple[str, str], ...]


def printed(quote: Quote) -> Printed:
    """Return what the ticket of a quote says."""
    lines = [
        (
            one.line.line_id,
            one.line.sku,
            one.line.quantity,
            one.gross.minor,
            [(rule.rule_id, rule.amount.minor) for rule in one.adjustments],
            one.due.minor,
            one.vat_rate_bp,
        )
        for one in quote.lines
    ]
    coupons = [(one.code, one.saved.minor) for one in quote.coupons]
    vat = [(row.rate_bp, row.net.minor, row.tax.minor, row.gross.minor) for row in quote.vat]
    sums = (("gross", quote.gross.minor), ("saved", quote.saved.minor), ("total", quote.total.minor))
    return Printed(tuple(_facts(sums, lines, coupons, vat)))


def read_printed(body: Body) -> Printed:
    """Read what a stored ticket says.

    Raises:
        MalformedRuleError: The body is no ticket: the error names the field.
    """
    lines = [
        (
            _of(one, "line_id", str),
            _of(one, "sku", str),
            _of(one, "quantity", int),
            _of(one, "gross_minor", int),
            [(_of(rule, "rule_id", str), _of(rule, "amount_minor", int)) for rule in _rows(one, "adjustments")],
            _of(one, "due_minor", int),
            _of(one, "vat_rate_bp", int),
        )
        for one in _rows(body, "lines")
    ]
    coupons = [(_of(one, "code", str), _of(one, "saved_minor", int)) for one in _rows(body, "coupons")]
    names = ("rate_bp", "net_minor", "tax_minor", "gross_minor")
    vat = [tuple(_of(row, name, int) for name in names) for row in _rows(body, "vat")]
    sums = tuple((name, _of(body, f"{name}_minor", int)) for name in ("gross", "saved", "total"))
    return Printed(tuple(_facts(sums, lines, coupons, vat)))


def differences(one: Quote | Printed, anew: Quote | Printed) -> tuple[Difference, ...]:
    """Return every place where a ticket and its replay differ; nothing when the replay holds to the cent."""
    theirs, ours = (dict((printed(each) if isinstance(each, Quote) else each).facts) for each in (one, anew))
    return tuple(
        Difference(where, theirs.get(where, "nothing"), ours.get(where, "nothing"))
        for where in dict.fromkeys((*theirs, *ours))
        if theirs.get(where) != ours.get(where)
    )


def rules_of(
    quote: Quote,
    promotions: Iterable[Body],
    coupons: Iterable[Coupon],
    *,
    at: datetime,
    country: str,
    member: bool = False,
    policy: PricingPolicy | None = None,
) -> dict[str, object]:
    """Return, ready for JSON, what a ticket has to keep so that it can be priced again.

    Args:
        quote: As it was paid.
        promotions: Those that the price hangs on (:meth:`checkout.pricing.Pricer.beside`), or all, as
            :func:`checkout.promotion_writing.row_of` writes them: which of two pieces of one price is the free one may
            hang on an offer that was not used.
        coupons: All that were laid on the basket; kept are those that were used.
        at: When it was priced, in the store's time zone.
        country: Whose VAT it was.
        member: Whether member offers were open.
        policy: How the shop reckoned; None for the default.
    """
    used = {rule.rule_id for line in quote.lines for rule in line.adjustments}
    return {
        "at": at.isoformat(),
        "country": country,
        "member": member,
        "policy": dict(_policy_row(policy or DEFAULT_POLICY)),
        "goods": {line.line.line_id: _facts_of(line) for line in quote.lines},
        "promotions": list(promotions),
        "coupons": [_coupon_row(coupon) for coupon in coupons if coupon.code in used],
    }


@lru_cache(16)
def _policy_row(policy: PricingPolicy) -> Body:
    facts = {field.name: getattr(policy, field.name) for field in fields(PricingPolicy)}
    return {name: fact.value if isinstance(fact, StrEnum) else fact for name, fact in facts.items()}


_SELDOM = ("unit", "floor_minor", "is_taxed", "deposit_sku", "weight_g", "price_minor", "refers_to")
_USUAL = (Unit.EACH, 0, False, None, None, None, None)
"""What most lines say of these, so that a ticket leaves it out."""


def _facts_of(one: QuoteLine) -> Body:
    line, product = one.line, one.product
    facts: dict[str, object] = {
        "shelf_minor": product.unit_price_minor,
        "category": product.category,
        "vat_class": product.vat_class.value,
    }
    seldom = (
        product.unit,
        product.floor_price_minor,
        product.is_taxed,
        product.deposit_sku,
        line.weight_g,
        line.price_minor,
        one.refers_to,
    )
    if seldom != _USUAL:
        facts |= {name: fact for name, fact, usual in zip(_SELDOM, seldom, _USUAL, strict=True) if fact != usual}
    return facts


def replay(body: Body) -> tuple[Difference, ...]:
    """Price a stored ticket again by its own rules and return where it differs; nothing when it holds to the cent.

    Raises:
        MalformedRuleError: The body is no ticket, or keeps no rules: the error names the field.
    """
    rules = _of(body, "rules", dict)
    goods = _of(rules, "goods", dict)
    lines = _rows(body, "lines")
    try:
        facts = {line_id: _of(goods, line_id, dict) for one in lines if (line_id := _of(one, "line_id", str))}
        anew = price(
            Basket(tuple(_line(one, facts[_of(one, "line_id", str)]) for one in lines if not _is_deposit(one, facts))),
            Catalog(
                {
                    _of(one, "sku", str): _product(_of(one, "sku", str), facts[_of(one, "line_id", str)])
                    for one in lines
                }.values(),
                (),
            ),
            demand_promotions(_rows(rules, "promotions")),
            [_coupon(row) for row in _rows(rules, "coupons")],
            at=datetime.fromisoformat(_of(rules, "at", str)),
            currency=currency(_of(body, "currency", str)),
            country=_of(rules, "country", str),
            member=_of(rules, "member", bool),
            policy=_policy(_of(rules, "policy", dict)),
        )
    except MalformedRuleError:
        raise
    except (MalformedError, UnknownError, ValueError) as error:
        raise MalformedRuleError("ticket", f"rules: they cannot be priced by ({error})") from error
    return differences(read_printed(body), printed(anew))


def _facts(
    sums: Iterable[tuple[str, int]],
    lines: Iterable[tuple[str, str, int, int, Sequence[tuple[str, int]], int, int]],
    coupons: Iterable[tuple[str, int]],
    vat: Iterable[tuple[int, ...]],
) -> Iterator[tuple[str, str]]:
    for name, minor in sums:
        yield name, str(minor)
    for line_id, sku, quantity, gross, rules, due, rate in lines:
        took = "".join(f" {rule} {minor}" for rule, minor in rules)
        yield line_id, f"{sku} x {quantity}: {gross}{took} = {due} at {rate}"
    yield "coupons", ", ".join(f"{code} {minor}" for code, minor in coupons if minor)
    yield "vat", ", ".join(f"{rate}: {net} + {tax} = {gross}" for rate, net, tax, gross in vat)


def _is_deposit(line: Body, facts: Mapping[str, Body]) -> bool:
    return facts[_of(line, "line_id", str)].get("refers_to") is not None


def _line(line: Body, facts: Body) -> Line:
    return Line(
        _of(line, "line_id", str),
        _of(line, "sku", str),
        _of(line, "quantity", int),
        weight_g=_or_none(facts, "weight_g", int),
        price_minor=_or_none(facts, "price_minor", int),
    )


def _product(sku: str, facts: Body) -> Product:
    return Product(
        sku,
        "",
        "",
        "",
        _of(facts, "shelf_minor", int),
        VatClass(_of(facts, "vat_class", str)),
        category=_of(facts, "category", str),
        unit=Unit(_or_none(facts, "unit", str) or Unit.EACH),
        deposit_sku=_or_none(facts, "deposit_sku", str),
        floor_price_minor=_or_none(facts, "floor_minor", int) or 0,
        is_taxed=_or_none(facts, "is_taxed", bool) or False,
    )


def _coupon_row(coupon: Coupon) -> dict[str, object]:
    terms = coupon.terms
    return {
        "code": coupon.code,
        "effect": terms.effect.value,
        "value": terms.value,
        "min_basket_minor": terms.min_basket_minor,
        "skus": sorted(terms.skus),
        "categories": sorted(terms.categories),
        "stacking": terms.stacking.value,
        "max_off_minor": terms.max_off_minor,
        # With the code, the order in which coupons came off.
        "priority": terms.priority,
        "ends_at": None if terms.window.ends_at is None else terms.window.ends_at.isoformat(),
    }


def _coupon(row: Body) -> Coupon:
    code = _of(row, "code", str)
    ends_at = _or_none(row, "ends_at", str)
    terms = CouponTerms(
        Effect(_of(row, "effect", str)),
        _of(row, "value", int),
        _of(row, "min_basket_minor", int),
        frozenset(str(sku) for sku in _of(row, "skus", list)),
        frozenset(str(name) for name in _of(row, "categories", list)),
        stacking=Stacking(_of(row, "stacking", str)),
        max_off_minor=_or_none(row, "max_off_minor", int),
        priority=_or_none(row, "priority", int) or 0,
        window=Window(None, None if ends_at is None else datetime.fromisoformat(ends_at)),
    )
    return Coupon(code, "", Label.same(code), terms)


def _policy(row: Body) -> PricingPolicy:
    words: Mapping[str, Callable[[str], StrEnum]] = {
        "combining": Combining,
        "order": PriorityOrder,
        "discount_rounding": Rounding,
        "odd_cents": OddCents,
        "shelf_prices": ShelfPrices,
        "vat_rounding": VatRounding,
    }
    facts = {name: words[name](_of(row, name, str)) if name in words else _of(row, name, int) for name in row}
    try:
        return PricingPolicy(**facts)  # type: ignore[arg-type] # each was read as its field is
    except TypeError as error:
        raise MalformedRuleError("ticket", f"policy: {error}") from error


def _rows(body: Body, name: str) -> list[Body]:
    rows = _of(body, name, list)
    if not all(isinstance(row, dict) for row in rows):
        raise MalformedRuleError("ticket", f"{name}: it holds more than objects; take the ticket as it was stored")
    return list(rows)


def _of(body: Body, name: str, kind: type[T]) -> T:
    value = body.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise MalformedRuleError("ticket", f"{name}: {value!r} is not what a ticket keeps; take it as it was stored")
    return value


def _or_none(body: Body, name: str, kind: type[T]) -> T | None:
    return None if body.get(name) is None else _of(body, name, kind)

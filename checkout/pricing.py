"""Basket, promotions and coupons become a quote that explains every cent of every line."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import assert_never

from checkout.basket import DEFAULT_LIMITS, Basket, Limits, Line
from checkout.catalog import ALL_LOTS, Catalog, Product, Unit
from checkout.combination import Outcome, combine
from checkout.coupons import Coupon, CouponState
from checkout.emoji import emoji_of
from checkout.errors import (
    AgeCheckRequiredError,
    CheckoutError,
    CouponExpiredError,
    CouponNotStartedError,
    CouponRedeemedError,
    CouponReservedError,
    CouponRevokedError,
    LineLimitError,
    MalformedRuleError,
    RecalledError,
    SaleStopError,
)
from checkout.label import Label
from checkout.money import Currency, Money, ratio
from checkout.promotions import FULL_BP, BasketCut, Goods, Promotion
from checkout.vat import vat_rate_bp

GRAMS_PER_KG = 1000
NEAR_PERCENT = 25
"""A next step is shown when at most this much of a threshold is missing: further away it is no help but a push."""


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one rule took off one line; the amount is below zero. A coupon's rule is its code."""

    rule_id: str
    label: Label
    amount: Money


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line with its price and all that was taken off.

    Attributes:
        unit_price_minor: Shelf price of a piece or a kilogram.
        gross: Before promotions.
        due: After all adjustments: ``gross`` plus their amounts.
        refers_to: For a deposit: the line that it belongs to.
    """

    line: Line
    product: Product
    unit_price_minor: int
    gross: Money
    adjustments: tuple[Adjustment, ...]
    due: Money
    vat_rate_bp: int
    refers_to: str | None = None


@dataclass(frozen=True, slots=True)
class VatLine:
    """The tax of one rate within the total: ``gross`` is ``net`` plus ``tax``."""

    rate_bp: int
    net: Money
    tax: Money
    gross: Money


class VatRounding(StrEnum):
    """Where tax is rounded. One policy a store; France accepts both."""

    PER_RATE = "per_rate"
    PER_LINE = "per_line"


class CouponOutcome(StrEnum):
    """What became of a coupon on this basket."""

    APPLIED = "applied"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class AppliedCoupon:
    """A coupon that was laid on the basket.

    Attributes:
        saved: Zero or more.
        reason: One sentence when it did not apply; ``reason_code`` is the refusal's code.
    """

    code: str
    campaign: str
    label: Label
    saved: Money
    state: CouponOutcome
    reason_code: str | None = None
    reason: str | None = None


class Level(StrEnum):
    """Whether a problem stops the payment."""

    MEDIUM = "medium"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something the shopper or staff should know before paying."""

    code: str
    line_id: str | None
    level: Level
    detail: str


@dataclass(frozen=True, slots=True)
class NextStep:
    """The nearest offer that is not reached, and how many minor units are missing."""

    rule_id: str
    label: Label
    short_minor: int


@dataclass(frozen=True, slots=True)
class Quote:
    """A basket with prices.

    ``gross`` less ``saved`` is ``total``; the dues of the lines and the gross amounts of the VAT lines sum to it.

    Attributes:
        next_step: At most one; None when no offer is near.
        digest: SHA-256 (hex) over basket id, version, lines, totals and coupons; what an approval is bound to.
        emoji: The digest's first bytes for the eye.
        is_best: Whether the offers were combined exactly; False when the search gave way.
    """

    lines: tuple[QuoteLine, ...]
    gross: Money
    saved: Money
    total: Money
    vat: tuple[VatLine, ...]
    coupons: tuple[AppliedCoupon, ...]
    problems: tuple[Problem, ...]
    next_step: NextStep | None
    digest: str
    emoji: tuple[str, str, str, str]
    is_best: bool

    @property
    def blockers(self) -> tuple[Problem, ...]:
        """The problems that stop the payment."""
        return tuple(problem for problem in self.problems if problem.level is Level.CRITICAL)


def price(  # noqa: PLR0913 - what a quote depends on is all of it, and all by name
    basket: Basket,
    catalog: Catalog,
    promotions: Iterable[Promotion] = (),
    coupons: Iterable[Coupon] = (),
    *,
    at: datetime,
    currency: Currency,
    country: str,
    member: bool = False,
    age_verified: bool = False,
    limits: Limits = DEFAULT_LIMITS,
    vat_rounding: VatRounding = VatRounding.PER_RATE,
) -> Quote:
    """Price a basket.

    The same values give the same quote at any time. The order of the lines changes no total.

    Args:
        basket: Lines; every sku stands in the catalogue.
        catalog: Shelf prices in ``currency``, tax included.
        promotions: All offers of the shop; those out of time or for members only are left out here.
        coupons: What the shopper laid on the basket.
        at: Now, in the time zone of the store: its date chooses the VAT rate.
        currency: Of the store.
        country: Whose VAT is due, ``FR`` or ``CN``.
        member: Whether the shopper gave their name.
        age_verified: Whether a person has checked the age for this basket.
        limits: How much a trip may hold without staff.
        vat_rounding: The store's policy.

    Raises:
        ProductNotFoundError: A sku left the catalogue.
        MalformedRuleError: Two promotions share an id, or a promotion's id is a coupon's code.
        VatRateNotFoundError: No rate is on record for that day.
    """
    charged = [one for line in basket for one in _charged(line, catalog)]
    # Sorted by what promotions see, so that the order of scanning decides no odd cent.
    order = sorted((i for i, one in enumerate(charged) if one.is_promotable), key=lambda i: charged[i].sort_key)
    offers = [p for p in promotions if at in p.window and (member or not p.members_only)]
    offers.sort(key=lambda p: p.id)
    laid = tuple({coupon.code: coupon for coupon in coupons}.values())
    _all_different([offer.id for offer in offers] + [coupon.code for coupon in laid])
    refusals = {coupon.code: refusal for coupon in laid if (refusal := _refusal(coupon, at)) is not None}
    usable = [coupon for coupon in laid if coupon.code not in refusals]
    goods = [charged[i].goods for i in order]
    outcome = combine(goods, offers, usable)
    labels = {p.id: p.label for p in offers} | {coupon.code: coupon.label for coupon in usable}
    adjustments: list[list[Adjustment]] = [[] for _ in charged]
    for saving in outcome.savings:
        off = Adjustment(saving.promotion, labels[saving.promotion], Money(-saving.minor, currency))
        adjustments[order[saving.line]].append(off)
    lines = tuple(
        _quote_line(one, tuple(found), at=at, currency=currency, country=country)
        for one, found in zip(charged, adjustments, strict=True)
    )
    gross = sum((line.gross for line in lines), start=Money.zero(currency))
    total = sum((line.due for line in lines), start=Money.zero(currency))
    applied = _applied(laid, outcome, refusals, currency)
    digest = _digest(basket, lines, total, applied)
    return Quote(
        lines=lines,
        gross=gross,
        saved=gross - total,
        total=total,
        vat=vat_lines([(line.vat_rate_bp, line.due) for line in lines], vat_rounding),
        coupons=applied,
        problems=tuple(_problems(basket, charged, age_verified=age_verified, limits=limits)),
        next_step=_next_step(goods, offers, usable, outcome),
        digest=digest,
        emoji=emoji_of(digest),
        is_best=outcome.is_exact,
    )


def vat_lines(dues: Sequence[tuple[int, Money]], rounding: VatRounding = VatRounding.PER_RATE) -> tuple[VatLine, ...]:
    """Take the tax out of amounts that include it, half up, once per rate on their sum or line by line.

    Args:
        dues: Rate in basis points and amount due, line by line.
        rounding: The store's policy.

    Returns:
        One line a rate, the lowest first. Net and tax sum to the gross exactly.
    """
    by_rate: dict[int, list[Money]] = {}
    for rate_bp, due in dues:
        by_rate.setdefault(rate_bp, []).append(due)
    found = []
    for rate_bp, amounts in sorted(by_rate.items()):
        gross = sum(amounts[1:], start=amounts[0])
        parts = [gross] if rounding is VatRounding.PER_RATE else amounts
        tax = Money(sum(ratio(part.minor, rate_bp, FULL_BP + rate_bp) for part in parts), gross.currency)
        found.append(VatLine(rate_bp, gross - tax, tax, gross))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Charged:
    """A line of the basket, or the deposit that comes with one."""

    line: Line
    product: Product
    gross_minor: int
    refers_to: str | None = None

    @property
    def is_promotable(self) -> bool:
        """A deposit is given back in full, so nothing is taken off it."""
        return self.refers_to is None

    @property
    def goods(self) -> Goods:
        is_single = self.line.is_single or self.product.unit is Unit.KG
        unit_minor = self.gross_minor if is_single else self.product.unit_price_minor
        return Goods(self.product.sku, self.product.category, unit_minor, self.line.quantity, is_single)

    @property
    def sort_key(self) -> tuple[str, int, int, str]:
        return self.line.sku, self.gross_minor, self.line.quantity, self.line.line_id

    @property
    def lacks_weight(self) -> bool:
        return self.product.unit is Unit.KG and not self.line.is_single


def _charged(line: Line, catalog: Catalog) -> Iterable[_Charged]:
    product = catalog.by_sku(line.sku)
    if line.price_minor is not None:
        gross_minor = line.price_minor
    elif line.weight_g is not None:
        gross_minor = ratio(product.unit_price_minor, line.weight_g, GRAMS_PER_KG)
    elif product.unit is Unit.KG:
        gross_minor = 0  # a problem of the quote asks for the weight
    else:
        gross_minor = product.unit_price_minor * line.quantity
    yield _Charged(line, product, gross_minor)
    if product.deposit_sku is not None:
        deposit = catalog.by_sku(product.deposit_sku)
        paid = Line(f"{line.line_id}:deposit", deposit.sku, line.quantity, line.scanned_code)
        yield _Charged(paid, deposit, deposit.unit_price_minor * line.quantity, refers_to=line.line_id)


def _quote_line(
    one: _Charged, adjustments: tuple[Adjustment, ...], *, at: datetime, currency: Currency, country: str
) -> QuoteLine:
    gross = Money(one.gross_minor, currency)
    return QuoteLine(
        line=one.line,
        product=one.product,
        unit_price_minor=one.product.unit_price_minor,
        gross=gross,
        adjustments=adjustments,
        due=sum((adjustment.amount for adjustment in adjustments), start=gross),
        vat_rate_bp=vat_rate_bp(country, one.product.vat_class, on=at.date()),
        refers_to=one.refers_to,
    )


def _all_different(rules: Sequence[str]) -> None:
    for rule, following in pairwise(sorted(rules)):
        if rule == following:
            raise MalformedRuleError(rule, "two rules bear this id")


def _refusal(coupon: Coupon, at: datetime) -> CheckoutError | None:
    window = coupon.terms.window
    match coupon.state:
        case CouponState.REDEEMED:
            return CouponRedeemedError(coupon.code)
        case CouponState.RESERVED:
            return CouponReservedError(coupon.code)
        case CouponState.REVOKED | CouponState.SHARED:
            return CouponRevokedError(coupon.code)
        case CouponState.ISSUED:
            if window.starts_at is not None and window.is_after(at):
                return CouponNotStartedError(coupon.code, window.starts_at)
            if window.ends_at is not None and window.is_before(at):
                return CouponExpiredError(coupon.code, window.ends_at)
            return None
        case _:
            assert_never(coupon.state)


def _applied(
    laid: Sequence[Coupon], outcome: Outcome, refusals: dict[str, CheckoutError], currency: Currency
) -> tuple[AppliedCoupon, ...]:
    results = {result.code: result for result in outcome.coupons}
    found = []
    for coupon in laid:
        result = results.get(coupon.code)
        refusal = result.refusal if result else refusals[coupon.code]
        found.append(
            AppliedCoupon(
                code=coupon.code,
                campaign=coupon.campaign,
                label=coupon.label,
                saved=Money(result.minor if result else 0, currency),
                state=CouponOutcome.APPLIED if refusal is None else CouponOutcome.NOT_APPLICABLE,
                reason_code=None if refusal is None else refusal.code,
                reason=None if refusal is None else str(refusal),
            )
        )
    return tuple(found)


def _problems(basket: Basket, charged: Sequence[_Charged], *, age_verified: bool, limits: Limits) -> Iterable[Problem]:
    for one in charged:
        product, line_id = one.product, one.line.line_id
        if product.sale_stop is not None:
            yield _problem(SaleStopError(product.sku, product.sale_stop), line_id)
        if product.recalled_lots & {ALL_LOTS, one.line.lot}:
            yield _problem(RecalledError(product.sku, one.line.lot or ALL_LOTS), line_id)
        elif product.recalled_lots and one.line.lot is None:
            lots = ", ".join(sorted(product.recalled_lots))
            yield _problem(RecalledError(product.sku, lots), line_id, Level.MEDIUM)
        if product.min_age is not None and not age_verified:
            yield _problem(AgeCheckRequiredError(product.min_age), line_id)
        if one.lacks_weight:
            yield Problem("weight_missing", line_id, Level.CRITICAL, f"Product {product.sku} has not been weighed.")
    if basket.near_limit(limits):
        yield _problem(LineLimitError("lines", limits.lines, len(basket)), None, Level.MEDIUM)


def _problem(error: CheckoutError, line_id: str | None, level: Level = Level.CRITICAL) -> Problem:
    return Problem(error.code, line_id, level, str(error))


def _next_step(
    goods: Sequence[Goods], offers: Sequence[Promotion], coupons: Sequence[Coupon], outcome: Outcome
) -> NextStep | None:
    """Name the threshold that is nearest: of what is not reached, the one with the least missing."""
    before_coupons = [one.gross_minor for one in goods]
    for saving in outcome.savings:
        if saving.promotion in outcome.rules:
            before_coupons[saving.line] -= saving.minor
    steps = []
    for offer in offers:
        if isinstance(offer.benefit, BasketCut) and offer.id not in outcome.rules:
            short = offer.when.short_minor(goods, before_coupons)
            steps.append((short, offer.when.min_minor, offer.id, offer.label))
    for coupon in coupons:
        fitting = [i for i, one in enumerate(goods) if coupon.terms.fits(one.sku, one.category)]
        short = coupon.terms.min_basket_minor - sum(before_coupons[i] for i in fitting)
        steps.append((short, coupon.terms.min_basket_minor, coupon.code, coupon.label))
    near = [step for step in steps if 0 < step[0] * 100 <= step[1] * NEAR_PERCENT]
    if not near:
        return None
    short, _, rule_id, label = min(near)
    return NextStep(rule_id, label, short)


def _digest(basket: Basket, lines: Sequence[QuoteLine], total: Money, coupons: Sequence[AppliedCoupon]) -> str:
    facts = {
        "basket": [basket.id, basket.version],
        "coupons": [[coupon.code, coupon.state.value, coupon.saved.minor] for coupon in coupons],
        "currency": total.currency.code,
        "lines": [
            [
                line.line.line_id,
                line.line.sku,
                line.line.quantity,
                line.line.weight_g,
                line.gross.minor,
                [[adjustment.rule_id, adjustment.amount.minor] for adjustment in line.adjustments],
                line.due.minor,
                line.vat_rate_bp,
            ]
            for line in lines
        ],
        "total": total.minor,
    }
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

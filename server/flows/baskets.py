"""What every flow over a basket shares: find it, check that it may change, price it, keep it, show it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from checkout import (
    BASKET_TABLE,
    Basket,
    BasketEvent,
    BasketState,
    Coupon,
    Gtin,
    Label,
    Quote,
    QuoteLine,
    Visit,
    rules_of,
    unit_price,
)
from checkout.errors import BasketChangedError, CheckoutError, MalformedCodeError
from server.flows.coupon_rules import Bearer, label_of, over_limits, visit_of
from server.flows.coupon_words import Told, facts_json, why
from server.flows.coupons import pricing_terms
from server.flows.errors import FlowError
from server.flows.intervene import close_calls
from server.flows.ports import BasketRow, Caller, Work
from server.flows.shop import Shop
from server.flows.written import Written

MAY_CHANGE = {BasketState.OPEN, BasketState.QUOTED}
UNKEPT = "unkept"
"""The random check of a whole basket that was drawn: as nobody keeps it, its goods are looked at at a kiosk."""
CHECK_WAITS = frozenset({"waiting", "amending", UNKEPT})
"""States of a random check in which a person has yet to look: nothing is paid before."""
BOUND = {"kiosk", "shopper"}
"""Who has baskets of their own and sees no others."""


def find(work: Work, basket_id: str, caller: Caller | None = None) -> BasketRow:
    """Return a basket; a kiosk and a shopper's phone find only their own.

    Raises:
        FlowError: `basket_not_found`.
    """
    return _own(work.baskets.get(basket_id), basket_id, caller)


def lock(work: Work, basket_id: str, caller: Caller | None = None) -> BasketRow:
    """Return a basket that nobody else changes before this transaction ends.

    Raises:
        FlowError: `basket_not_found`.
    """
    return _own(work.baskets.locked(basket_id), basket_id, caller)


def _own(row: BasketRow | None, basket_id: str, caller: Caller | None) -> BasketRow:
    foreign = row is not None and caller is not None and caller.kind in BOUND and row.kiosk_id != caller.subject
    if row is None or foreign:
        raise FlowError("basket_not_found", f"There is no basket {basket_id} here.", basket_id=basket_id)
    return row


def lock_to_change(work: Work, basket_id: str, caller: Caller | None, *, version: int | None = None) -> BasketRow:
    """Return a locked basket that may still change.

    Raises:
        FlowError: `basket_not_found`, `basket_closed`, `basket_paying`.
        BasketChangedError: `version` is given and is not the one that stands.
    """
    row = lock(work, basket_id, caller)
    if row.state is BasketState.PAYING:
        raise FlowError("basket_paying", "A payment for this basket is under way.", payment_id=row.payment_id)
    if row.state not in MAY_CHANGE:
        raise FlowError("basket_closed", f"This basket is {row.state}.", state=row.state.value)
    if version is not None and version != row.version:
        raise BasketChangedError(str(version), str(row.version))
    return row


def keep(work: Work, row: BasketRow, changed: BasketRow, *, at: datetime) -> BasketRow:
    """Keep a change, one version later, and tell the listeners; what did not change is left as it is.

    A changed basket is open again: the quote that was shown no longer holds.
    """
    if changed == row:
        return row
    state = BASKET_TABLE.after(row.state, BasketEvent.CHANGE)
    changed = replace(changed, state=state, version=row.version + 1, updated_at=at)
    work.baskets.put(changed)
    tell_changed(work, changed, at=at)
    return changed


def put_away(work: Work, row: BasketRow, *, at: datetime) -> BasketRow:
    """Leave a locked basket for good: nobody waits for its calls any more."""
    state = BASKET_TABLE.after(row.state, BasketEvent.ABANDON)
    left = replace(row, state=state, version=row.version + 1, updated_at=at)
    work.baskets.put(left)
    tell_changed(work, left, at=at)
    close_calls(work, row.basket_id, at=at)
    return left


def tell_changed(work: Work, row: BasketRow, *, at: datetime) -> None:
    """Tell the listeners that a basket is no longer as they know it."""
    body = {"basket_id": row.basket_id, "kiosk_id": row.kiosk_id, "version": row.version}
    work.events.tell(row.store_id, "basket.changed", body, at=at)


def demand_checked(row: BasketRow) -> None:
    """Refuse to take money for a basket that somebody has yet to look at.

    Raises:
        FlowError: `random_check`.
    """
    if row.random_check in CHECK_WAITS:
        raise FlowError("random_check", _who_looks(row))


def _who_looks(row: BasketRow) -> str:
    if row.random_check != UNKEPT:
        return "A colleague looks at a few of these goods first."
    if row.member_phone_hash is not None:
        return "A colleague looks at a few of these goods first: scan them at a kiosk and show your wallet there."
    return "A colleague looks at a few of these goods first: open the basket under this id and ask for its price there."


@dataclass(frozen=True, slots=True)
class Priced:
    """A basket with its prices at one moment, and the coupons that can not be used at all, with the reason.

    Attributes:
        coupons: Those that it was priced with.
        labels: What its coupons give, by code, also of those that are refused or kept.
        visit: Who stands where, as its coupons ask.
        at: The moment, in the store's time zone.
    """

    row: BasketRow
    quote: Quote
    refused: tuple[tuple[str, CheckoutError], ...]
    coupons: tuple[Coupon, ...]
    at: datetime
    labels: Mapping[str, Label]
    visit: Visit


@dataclass(frozen=True, slots=True)
class Foreseen:
    """A price that was found before its transaction, for the same moment and shop; it holds while the rows do.

    Attributes:
        kept: What a payment would keep of it.
    """

    found: Priced
    kept: Written


def priced(work: Work, shop: Shop, row: BasketRow, *, at: datetime, foreseen: Foreseen | None = None) -> Priced:
    """Price a basket; the answer depends on nothing but the rows, the shop and the moment."""
    terms: list[Coupon] = []
    refused = []
    bearer = bearer_of(row)
    for code in row.coupon_codes:
        try:
            terms.extend(pricing_terms(work, [code], bearer, at, payment_id=row.payment_id))
        except CheckoutError as error:
            # It was good when it was put in; now it is used, over or withdrawn. The basket says so and goes on.
            refused.append((code, error))
    visit = visit_of(work, bearer, terms, at=at)
    known = None if foreseen is None else foreseen.found
    if known is not None and (known.row is not row or known.coupons != tuple(terms) or known.visit != visit or refused):
        known = None
    pricer = shop.member_pricer if row.is_member else shop.pricer
    while True:
        quote = (
            known.quote
            if known is not None
            else pricer.price(
                basket_of(row),
                tuple(terms),
                at=at.astimezone(shop.timezone),
                member=row.is_member,
                age_verified=row.age_check == "approved",
                visit=visit,
            )
        )
        saved = {coupon.code: coupon.saved.minor for coupon in quote.coupons}
        over = None if row.payment_id is not None else over_limits(work, terms, saved, bearer)
        if over is None:
            here = at.astimezone(shop.timezone)
            return known or Priced(row, quote, tuple(refused), tuple(terms), here, _labels(work, row, quote), visit)
        known = None
        terms = [coupon for coupon in terms if coupon.code != over[0]]
        refused.append(over)


def bearer_of(row: BasketRow) -> Bearer:
    """Return who brings the coupons of a basket, and where."""
    return Bearer(row.store_id, row.member_phone_hash)


def view(work: Work, shop: Shop, row: BasketRow, *, at: datetime) -> dict[str, Any]:
    """Return the basket as it goes out: lines with prices and reasons, totals, problems, what to do next."""
    return show(shop, priced(work, shop, row, at=at))


def show(shop: Shop, found: Priced) -> dict[str, Any]:
    """Return a priced basket as JSON."""
    row, quote = found.row, found.quote
    restricted = any(line.product.min_age is not None for line in quote.lines)
    return {
        "basket_id": row.basket_id,
        "store_id": row.store_id,
        "kiosk_id": row.kiosk_id,
        "state": row.state.value,
        "version": row.version,
        "currency": row.currency,
        "payee": shop.payee,
        "lines": [_line(shop, line) for line in quote.lines],
        "coupons": _coupons(shop, found),
        "kept_coupons": [
            {"code": code, "label": label_json(found.labels.get(code, Label.same(code)))} for code in row.kept_codes
        ],
        "problems": [
            {"code": each.code, "level": each.level.value, "line_id": each.line_id, "detail": each.detail}
            for each in quote.problems
        ]
        + _check_problems(row),
        "gross_minor": quote.gross.minor,
        "saved_minor": quote.saved.minor,
        "total_minor": quote.total.minor,
        "vat": vat_json(quote),
        "next_step": None
        if quote.next_step is None
        else {
            "label": label_json(quote.next_step.label),
            "short_minor": quote.next_step.short_minor,
            "short_units": quote.next_step.short_units,
        },
        "digest": quote.digest,
        "emoji": list(quote.emoji),
        "is_member": row.is_member,
        "age_check": row.age_check if restricted or row.age_check == "refused" else "not_needed",
        "payment_id": row.payment_id,
    }


def _check_problems(row: BasketRow) -> list[dict[str, Any]]:
    """Say that somebody has yet to look at a basket that was drawn."""
    if row.random_check not in CHECK_WAITS:
        return []
    return [{"code": "random_check", "level": "critical", "line_id": None, "detail": _who_looks(row)}]


SWAPPABLE = frozenset({"not_combinable", "coupons_per_basket"})
"""Why a coupon was left out that could be used instead of another."""


def _coupons(shop: Shop, found: Priced) -> list[dict[str, Any]]:
    """Return the coupons laid on a basket, each with what it took off or why not and what to do next."""
    laid = [
        (each.code, each.label, each.state.value, each.reason_code, each.reason, dict(each.facts), each.saved.minor)
        for each in found.quote.coupons
    ]
    laid += [
        (code, found.labels.get(code, Label.same(code)), "not_applicable", error.code, str(error), error.facts, 0)
        for code, error in found.refused
        if code not in {each[0] for each in laid}
    ]
    labels = {code: label_json(label) for code, label, *_ in laid}
    told = Told(labels, shop.currency, shop.timezone)
    return [
        {
            "code": code,
            "label": labels[code],
            "state": state,
            "reason_code": reason_code,
            "reason": reason,
            "saved_minor": saved_minor,
            "facts": facts_json(facts),
            "why": None if reason_code is None else why(reason_code, facts, told),
            "can_swap": reason_code in SWAPPABLE,
        }
        for code, label, state, reason_code, reason, facts, saved_minor in laid
    ]


def _labels(work: Work, row: BasketRow, quote: Quote) -> Mapping[str, Label]:
    """Return what the coupons of a basket give that its prices do not say; most baskets have none."""
    said = {each.code for each in quote.coupons}
    unsaid = [code for code in (*row.coupon_codes, *row.kept_codes) if code not in said]
    labels = {}
    for each in work.coupons.many(unsaid):
        if (campaign := work.campaigns.get(each.campaign_id)) is not None:
            labels[each.code] = label_of(campaign)
    return labels


def for_payment(shop: Shop, found: Priced) -> dict[str, Any]:
    """Return what a payment keeps of a priced basket: what its ticket says, and the rules to price it again by."""
    pricer = shop.member_pricer if found.row.is_member else shop.pricer
    quote = found.quote
    rules = rules_of(
        quote,
        [shop.row_of(offer) for offer in pricer.beside(quote, at=found.at, member=found.row.is_member)],
        found.coupons,
        at=found.at,
        country=shop.country,
        member=found.row.is_member,
        policy=shop.rules.policy,
    )
    return {
        "lines": [_line(shop, line) for line in quote.lines],
        "coupons": _coupons(shop, found),
        "vat": vat_json(quote),
        "gross_minor": quote.gross.minor,
        "saved_minor": quote.saved.minor,
        "rules": rules,
    } | ({} if shop.counter is None else {"counter": dict(shop.counter)})


def vat_json(quote: Quote) -> list[dict[str, int]]:
    """Return the tax of each rate."""
    return [
        {
            "rate_bp": each.rate_bp,
            "net_minor": each.net.minor,
            "tax_minor": each.tax.minor,
            "gross_minor": each.gross.minor,
        }
        for each in quote.vat
    ]


def label_json(label: Label) -> dict[str, str]:
    """Return a text in all languages."""
    return {"fr": label.fr, "en": label.en, "zh": label.zh}


@lru_cache(65_536)
def shown_code(scanned: str) -> str:
    """Return the digits as they stand under the bars; a text that is no global number stays as it was read."""
    try:
        gtin = Gtin.parse(scanned)
    except MalformedCodeError:
        return scanned
    return gtin.ean13 or gtin.key14


def basket_of(row: BasketRow) -> Basket:
    """Return the basket as the rules see it."""
    return Basket(row.lines, row.basket_id, row.version)


def _line(shop: Shop, line: QuoteLine) -> dict[str, Any]:
    product = line.product
    if (words := shop.shown.get((product.sku, line.unit_price_minor))) is None:
        words = shop.shown[product.sku, line.unit_price_minor] = {
            "sku": product.sku,
            "name": product.name,
            "brand": product.brand,
            "pack": product.pack,
            "unit_price_minor": line.unit_price_minor,
            "unit_text": label_json(unit_price(product, shop.currency)),
            "demo_price": product.demo_price,
            "min_age": product.min_age,
            "warranty_months": product.warranty_months,
        }
    return {
        **words,
        "line_id": line.line.line_id,
        "code": shown_code(line.line.scanned_code),
        "quantity": line.line.quantity,
        "weight_g": line.line.weight_g,
        "label_price_minor": line.line.price_minor,
        "lot": line.line.lot,
        "issue": line.line.issue,
        "gross_minor": line.gross.minor,
        "due_minor": line.due.minor,
        "vat_rate_bp": line.vat_rate_bp,
        "adjustments": [
            {"rule_id": each.rule_id, "label": label_json(each.label), "amount_minor": each.amount.minor}
            for each in line.adjustments
        ],
    }

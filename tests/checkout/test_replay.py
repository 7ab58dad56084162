import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from checkout import (
    EUR,
    Basis,
    Basket,
    BasketCut,
    Bundle,
    BuyXGetY,
    Condition,
    Coupon,
    Cut,
    Difference,
    EachUnit,
    Effect,
    Line,
    Match,
    NForM,
    Part,
    Pricer,
    Promotion,
    Quote,
    Scope,
    SetCut,
    Unit,
    VatClass,
    Window,
    differences,
    price,
    replay,
    rules_of,
)
from checkout.errors import MalformedRuleError
from checkout.promotion_rows import read_promotions
from checkout.promotion_writing import row_of
from checkout.promotions import Pick
from tests.checkout.builders import (
    HOUR,
    NOON,
    a_basket,
    a_catalog,
    a_coupon,
    a_line,
    a_product,
    a_promotion,
    of,
    some_terms,
)
from tests.checkout.test_pricing import PRODUCTS, trips


def a_body(quote: Quote, promotions: list[Promotion], coupons: list[Coupon], **facts: Any) -> dict[str, Any]:
    """Write a ticket as the server stores it, and read it back from its text."""
    body = {
        "currency": "EUR",
        "lines": [
            {
                "line_id": line.line.line_id,
                "sku": line.line.sku,
                "quantity": line.line.quantity,
                "gross_minor": line.gross.minor,
                "adjustments": [
                    {"rule_id": rule.rule_id, "amount_minor": rule.amount.minor} for rule in line.adjustments
                ],
                "due_minor": line.due.minor,
                "vat_rate_bp": line.vat_rate_bp,
            }
            for line in quote.lines
        ],
        "coupons": [{"code": coupon.code, "saved_minor": coupon.saved.minor} for coupon in quote.coupons],
        "vat": [
            {
                "rate_bp": row.rate_bp,
                "net_minor": row.net.minor,
                "tax_minor": row.tax.minor,
                "gross_minor": row.gross.minor,
            }
            for row in quote.vat
        ],
        "gross_minor": quote.gross.minor,
        "saved_minor": quote.saved.minor,
        "total_minor": quote.total.minor,
        "rules": rules_of(quote, map(row_of, promotions), coupons, at=NOON, country="FR", **facts),
    }
    read: dict[str, Any] = json.loads(json.dumps(body))
    return read


GOODS = (
    a_product("cola", minor=150, deposit_sku="deposit"),
    a_product("deposit", minor=15, vat_class=VatClass.ZERO),
    a_product("apples", minor=299, unit=Unit.KG),
    a_product("tea", minor=333, category="hot"),
)


def a_ticket() -> dict[str, Any]:
    label, hot = a_line("tea", line_id="t", price_minor=99), frozenset({"hot"})
    basket = a_basket(a_line("cola", 2), a_line("apples", weight_g=437), a_line("tea", 3), label)
    offers = [a_promotion(NForM(of("tea"), 3, 2), "three"), a_promotion(EachUnit(of("cola"), Cut.AMOUNT, 1), "cola")]
    coupons = [a_coupon("C-1", some_terms(1000, effect=Effect.PERCENT, categories=hot, max_off_minor=50))]
    quote = price(basket, a_catalog(*GOODS), offers, coupons, at=NOON, currency=EUR, country="FR", member=True)
    return a_body(quote, offers, coupons, member=True)


@given(trips())
def test_stored_ticket_comes_out_the_same_when_it_is_priced_again(
    trip: tuple[list[Line], list[Promotion], list[Coupon]],
) -> None:
    lines, offers, coupons = trip
    pricer = Pricer(a_catalog(*PRODUCTS), offers, currency=EUR, country="FR")
    quote = pricer.price(a_basket(*lines), coupons, at=NOON)
    assert replay(a_body(quote, list(pricer.beside(quote, at=NOON)), coupons)) == ()


def test_free_piece_is_the_same_one_when_a_rival_that_took_nothing_is_kept_with_the_ticket() -> None:
    lines = [a_line("tea", 2, line_id=line_id) for line_id in ("l0", "l1")]
    three = a_promotion(NForM(Match(), 3, 1), "p0")
    less = a_promotion(EachUnit(Match(), Cut.PERCENT, 1), "p1")
    far = a_promotion(EachUnit(of("cola"), Cut.PERCENT, 1), "p2")
    pricer = Pricer(a_catalog(*GOODS), [three, less, far], currency=EUR, country="FR")
    quote = pricer.price(Basket(tuple(lines)), at=NOON)

    kept = pricer.beside(quote, at=NOON)

    assert [offer.id for offer in kept] == ["p0", "p1"]
    pricer.price(a_basket(a_line("cola")), at=NOON)
    assert pricer.beside(quote, at=NOON) == kept  # whatever was priced since
    assert replay(a_body(quote, list(kept), [])) == ()


def test_offers_of_one_group_are_kept_together_with_a_ticket() -> None:
    one, other = (a_promotion(EachUnit(of(sku), Cut.AMOUNT, 1), sku, group="g") for sku in ("cola", "tea"))
    pricer = Pricer(a_catalog(*GOODS), [one, other], currency=EUR, country="FR")
    quote = pricer.price(a_basket(a_line("cola"), a_line("tea")), at=NOON)

    assert pricer.beside(quote, at=NOON) == (one, other)


def test_stored_ticket_comes_out_the_same_when_priority_or_end_chose_the_order_of_its_coupons() -> None:
    soon, late = Window(None, NOON + HOUR), Window(None, NOON + 2 * HOUR)
    tenth = replace(some_terms(1000, effect=Effect.PERCENT), window=late)
    coupons = [
        a_coupon("C-1", tenth),
        a_coupon("C-2", replace(some_terms(333), window=soon)),
        a_coupon("C-3", replace(tenth, value=3300, window=Window(), priority=-1)),
    ]
    quote = price(a_basket(a_line("tea", 3)), a_catalog(*GOODS), (), coupons, at=NOON, currency=EUR, country="FR")
    body = a_body(quote, [], coupons)

    assert [coupon.saved.minor for coupon in quote.coupons] == [67, 333, 198]
    assert replay(body) == ()
    for row in body["rules"]["coupons"]:
        del row["priority"], row["ends_at"]  # a ticket from before they were kept: percentages came first, by code
    assert {each.where for each in replay(body)} > {"total"}


def test_deposits_weights_and_labels_come_out_the_same_when_a_ticket_is_priced_again() -> None:
    assert replay(a_ticket()) == ()


def test_every_cent_that_was_altered_is_named_when_a_ticket_is_priced_again() -> None:
    body = a_ticket()
    body["lines"][0]["due_minor"] -= 1
    body["vat"][0]["tax_minor"] += 1
    body["total_minor"] = 7
    assert [each.where for each in replay(body)] == ["total", "l-cola", "vat"]
    dropped = a_ticket()
    del dropped["lines"][-1]
    assert {"gross", "total", "vat"} <= {each.where for each in replay(dropped)}


def test_line_that_one_side_lacks_is_named_when_two_tickets_are_compared() -> None:
    one = price(a_basket(a_line("tea")), a_catalog(*GOODS), at=NOON, currency=EUR, country="FR")
    two = price(a_basket(), a_catalog(*GOODS), at=NOON, currency=EUR, country="FR")
    assert Difference("l-tea", "tea x 1: 333 = 333 at 550", "nothing") in differences(one, two)
    assert differences(one, one) == ()


@pytest.mark.parametrize(
    ("damage", "field"),
    [
        (lambda body: body.pop("rules"), "rules"),
        (lambda body: body["rules"]["policy"].update(sign=1), "policy"),
        (lambda body: body["rules"]["policy"].update(combining="luck"), "rules"),
        (lambda body: body["rules"]["goods"].pop("l-tea"), "l-tea"),
        (lambda body: body["rules"].update(at="noon"), "rules"),
        (lambda body: body["rules"]["promotions"][0]["benefit"].pop("kind"), "benefit.kind"),
        (lambda body: body.update(currency="XXX"), "rules"),
        (lambda body: body.update(total_minor=True), "total_minor"),
        (lambda body: body.update(lines=["tea"]), "lines"),
    ],
)
def test_field_is_named_when_a_stored_ticket_is_damaged(damage: Any, field: str) -> None:
    body = a_ticket()
    damage(body)
    with pytest.raises(MalformedRuleError, match=field):
        replay(body)


ROUND = [
    EachUnit(of("a"), Cut.PERCENT, 1000, 2, 3, Pick.DEAREST),
    NForM(Match(categories=frozenset({"c"}), min_unit_minor=5, max_unit_minor=9), 3, 2, Scope.BASKET, 5000),
    BuyXGetY(of("a"), 2, of("b"), 1, 5000, Pick.DEAREST),
    Bundle((Part(of("a"), 2), Part(of("b"))), 300),
    SetCut(of("a"), 3, Cut.SET_PRICE, 500, Pick.CHEAPEST, 100),
    BasketCut(Cut.AMOUNT, 300, of("a"), 200, full_price_only=True),
]


@pytest.mark.parametrize("benefit", ROUND, ids=lambda benefit: type(benefit).__name__)
def test_promotion_reads_back_when_it_is_written_down(benefit: Any) -> None:
    basis = Basis.REMAINING if isinstance(benefit, BasketCut) else Basis.SHELF
    plain = a_promotion(benefit)
    full = replace(
        a_promotion(
            benefit,
            when=Condition(of("a"), 100, 2, basis),
            window=Window(NOON, NOON + HOUR),
            members_only=True,
            group="g",
            exclusive=True,
            priority=-3,
            max_times=2,
        ),
        standing=True,
    )
    for promotion in (plain, replace(plain, when=Condition(min_units=2)), full):
        assert read_promotions([json.loads(json.dumps(row_of(promotion)))]) == ((promotion,), ())

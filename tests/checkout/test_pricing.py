import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    ALL_LOTS,
    CNY,
    EUR,
    Basis,
    Basket,
    BasketCut,
    Bundle,
    BuyXGetY,
    Condition,
    Coupon,
    CouponOutcome,
    CouponState,
    Cut,
    EachUnit,
    Effect,
    Label,
    Level,
    Limits,
    Line,
    Match,
    NForM,
    Part,
    Pricer,
    Product,
    Promotion,
    Stacking,
    Unit,
    VatClass,
    VatRounding,
    Window,
    emoji_of,
    price,
    vat_lines,
)
from checkout.emoji import CALM
from checkout.errors import MalformedRuleError, ProductNotFoundError
from tests.checkout.builders import (
    HOUR,
    NOON,
    a_basket,
    a_catalog,
    a_coupon,
    a_line,
    a_product,
    a_promotion,
    a_quote,
    euros,
    of,
    some_terms,
)
from tests.examples import examples

# --- what always holds -----------------------------------------------------------------------------------------------

PRODUCTS = (
    a_product("a", minor=333, category="food"),
    a_product("b", minor=199, category="food", deposit_sku="d"),
    a_product("c", minor=1250, category="drink", vat_class=VatClass.STANDARD),
    a_product("d", minor=25, vat_class=VatClass.ZERO),
    a_product("k", minor=899, category="food", unit=Unit.KG),
)
skus = st.sampled_from("abc")
plain_lines = st.builds(a_line, skus, st.integers(1, 7))
weighed_lines = st.builds(lambda g: a_line("k", weight_g=g), st.integers(1, 3000))
matches = st.sampled_from([Match(), of("a"), of("a", "b"), Match(categories=frozenset({"food"}))])
benefits = st.one_of(
    st.builds(EachUnit, matches, st.sampled_from(Cut), st.integers(1, 5000)),
    st.builds(NForM, matches, st.just(3), st.integers(1, 2)),
    st.builds(BuyXGetY, matches, st.integers(1, 2), matches, st.just(1), st.sampled_from([5000, 10_000])),
    st.builds(lambda m, p: Bundle((Part(m, 2), Part(of("c"))), p), matches, st.integers(0, 3000)),
    st.builds(BasketCut, st.sampled_from(Cut), st.integers(1, 5000), matches),
)


@st.composite
def trips(draw: st.DrawFn) -> tuple[list[Line], list[Promotion], list[Coupon]]:
    raw = draw(st.lists(st.one_of(plain_lines, weighed_lines), min_size=1, max_size=5))
    lines = [replace(line, line_id=f"l{i}") for i, line in enumerate(raw)]
    conditions = st.builds(Condition, matches, st.sampled_from([0, 900]))
    offers = [
        a_promotion(draw(benefits), f"p{i}", when=draw(conditions), group=draw(st.sampled_from([None, "g"])))
        for i in range(draw(st.integers(0, 3)))
    ]
    coupons = [
        a_coupon(f"C{i}", some_terms(draw(st.integers(1, 2000)), effect=draw(st.sampled_from(Effect))))
        for i in range(draw(st.integers(0, 2)))
    ]
    return lines, offers, coupons


@examples(150)
@given(trips(), st.randoms(use_true_random=False))
def test_total_is_the_same_when_lines_come_in_another_order(
    trip: tuple[list[Line], list[Promotion], list[Coupon]], dice: object
) -> None:
    lines, offers, coupons = trip
    shuffled = list(lines)
    dice.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis' own random
    one = a_quote(lines, PRODUCTS, offers, coupons)
    other = a_quote(shuffled, PRODUCTS, offers, coupons)
    assert one.total == other.total
    assert one.vat == other.vat


@examples(150)
@given(trips())
def test_every_cent_is_explained_when_a_basket_is_priced(
    trip: tuple[list[Line], list[Promotion], list[Coupon]],
) -> None:
    lines, offers, coupons = trip
    quote = a_quote(lines, PRODUCTS, offers, coupons)
    nothing = euros(0)
    for line in quote.lines:
        assert all(adjustment.amount < nothing for adjustment in line.adjustments)
        assert line.due == sum((adjustment.amount for adjustment in line.adjustments), start=line.gross)
        assert nothing <= line.due <= line.gross
    assert sum((line.due for line in quote.lines), start=nothing) == quote.total
    assert quote.gross - quote.saved == quote.total
    assert sum((row.gross for row in quote.vat), start=nothing) == quote.total
    for row in quote.vat:
        assert row.net + row.tax == row.gross
        assert row.gross == sum((line.due for line in quote.lines if line.vat_rate_bp == row.rate_bp), start=nothing)
    taken = sum((coupon.saved for coupon in quote.coupons), start=nothing)
    assert nothing <= taken <= quote.saved


@examples(80)
@given(trips())
def test_the_same_quote_comes_back_when_priced_again(trip: tuple[list[Line], list[Promotion], list[Coupon]]) -> None:
    lines, offers, coupons = trip
    assert a_quote(lines, PRODUCTS, offers, coupons) == a_quote(lines, PRODUCTS, list(reversed(offers)), coupons)


@examples(80)
@given(trips())
def test_one_more_offer_never_raises_the_total_when_offered(
    trip: tuple[list[Line], list[Promotion], list[Coupon]],
) -> None:
    lines, offers, coupons = trip
    without = a_quote(lines, PRODUCTS, offers[:-1], coupons)
    quote = a_quote(lines, PRODUCTS, offers, coupons)
    assert not (quote.is_best and without.is_best) or quote.total <= without.total


# --- lines -----------------------------------------------------------------------------------------------------------


def test_weight_times_price_rounds_half_up_when_weighed() -> None:
    quote = a_quote([a_line("k", weight_g=250), a_line("k", line_id="x", weight_g=105)], PRODUCTS)
    assert [line.gross for line in quote.lines] == [euros(225), euros(94)]
    assert quote.lines[0].unit_price_minor == 899


def test_label_price_counts_when_the_label_carries_one() -> None:
    assert a_quote([a_line("k", price_minor=417)], PRODUCTS).total == euros(417)


def test_weight_is_asked_for_when_it_is_missing() -> None:
    quote = a_quote([a_line("k")], PRODUCTS)
    assert quote.total == euros(0)
    assert [problem.code for problem in quote.blockers] == ["weight_missing"]


def test_deposit_is_a_line_of_its_own_and_never_cheaper_when_goods_are() -> None:
    free = a_promotion(BasketCut(Cut.PERCENT, 10_000))
    quote = a_quote([a_line("b", 3)], PRODUCTS, [free])
    goods, deposit = quote.lines
    assert goods.due == euros(0)
    assert deposit.refers_to == goods.line.line_id
    assert (deposit.line.sku, deposit.due, deposit.vat_rate_bp) == ("d", euros(75), 0)


def test_pricing_is_refused_when_a_product_left_the_catalogue() -> None:
    with pytest.raises(ProductNotFoundError):
        a_quote([a_line("gone")], PRODUCTS)


def test_pricing_is_refused_when_two_rules_share_an_id() -> None:
    twice = [a_promotion(BasketCut(Cut.AMOUNT, 1), "x"), a_promotion(BasketCut(Cut.AMOUNT, 2), "x")]
    with pytest.raises(MalformedRuleError, match="two rules"):
        a_quote([a_line("a")], PRODUCTS, twice)
    with pytest.raises(MalformedRuleError):
        a_quote([a_line("a")], PRODUCTS, twice[:1], [a_coupon("x")])


def test_coupon_counts_once_when_laid_twice() -> None:
    quote = a_quote([a_line("c")], PRODUCTS, [], [a_coupon(), a_coupon()])
    assert quote.saved == euros(200)
    assert len(quote.coupons) == 1


# --- offers ----------------------------------------------------------------------------------------------------------


def test_offer_needs_its_time_and_its_members_when_priced() -> None:
    cut = BasketCut(Cut.AMOUNT, 10)
    for offer, member, saved in (
        (a_promotion(cut, window=Window(NOON, NOON + HOUR)), False, 10),
        (a_promotion(cut, window=Window(NOON - HOUR, NOON)), False, 0),
        (a_promotion(cut, window=Window(NOON + HOUR)), False, 0),
        (a_promotion(cut, members_only=True), False, 0),
        (a_promotion(cut, members_only=True), True, 10),
    ):
        assert a_quote([a_line("a")], PRODUCTS, [offer], member=member).saved == euros(saved)


def test_adjustments_name_rule_and_label_when_something_is_taken_off() -> None:
    quote = a_quote([a_line("a", 3)], PRODUCTS, [a_promotion(NForM(of("a"), 3, 2), "3for2")], [a_coupon("C-9")])
    (line,) = quote.lines
    assert [(a.rule_id, a.label.en, a.amount) for a in line.adjustments] == [
        ("3for2", "offer 3for2", euros(-333)),
        ("C-9", "coupon C-9", euros(-200)),
    ]


def test_nearest_threshold_is_the_next_step_when_some_are_missed() -> None:
    offers = [
        a_promotion(BasketCut(Cut.PERCENT, 1000), "near", when=Condition(min_minor=1500)),
        a_promotion(BasketCut(Cut.PERCENT, 2000), "far", when=Condition(min_minor=9000)),
        a_promotion(BasketCut(Cut.AMOUNT, 1), "met", when=Condition(min_minor=100)),
    ]
    coupon = a_coupon("C-1", some_terms(min_basket_minor=1600))
    step = a_quote([a_line("c")], PRODUCTS, offers, [coupon]).next_step
    assert step is not None
    assert (step.rule_id, step.short_minor) == ("near", 250)
    assert a_quote([a_line("c")], PRODUCTS, offers[1:], [coupon]).next_step is not None
    assert a_quote([a_line("c")], PRODUCTS, offers[1:]).next_step is None


def test_next_step_names_an_offer_to_members_alone_when_it_is_for_them() -> None:
    offer = a_promotion(BasketCut(Cut.PERCENT, 1000), "club", when=Condition(min_minor=1500), members_only=True)
    to_a_member = a_quote([a_line("c")], PRODUCTS, [offer], member=True).next_step
    to_a_guest = a_quote([a_line("c")], PRODUCTS, [offer]).next_step
    assert to_a_member is not None
    assert (to_a_member.rule_id, to_a_member.short_minor) == ("club", 250)
    assert to_a_guest is None


def test_next_step_looks_at_what_is_left_when_a_coupon_asks_for_it() -> None:
    offer = a_promotion(EachUnit(of("c"), Cut.AMOUNT, 100), "off")
    coupon = a_coupon("C-1", some_terms(50, min_basket_minor=1200))
    quote = a_quote([a_line("c")], PRODUCTS, [offer], [coupon])
    # 12.50 - 1.00 leaves 11.50: 0.50 short of 12.00; the offer saves more than the coupon would.
    assert quote.saved == euros(100)
    assert quote.next_step is not None
    assert (quote.next_step.rule_id, quote.next_step.short_minor) == ("C-1", 50)


def test_quote_is_the_best_when_no_gap_is_left() -> None:
    own = "abcdefghi"
    products = [a_product(sku, minor=500) for sku in own]
    offers = [
        a_promotion(BasketCut(Cut.AMOUNT, minor, of(sku)), f"{sku}{minor}", group=sku)
        for sku in own
        for minor in (10, 20)
    ]
    few = a_quote([a_line("a")], products, offers)
    many = a_quote([a_line(sku) for sku in own], products, offers)
    assert few.is_best
    # 512 ways to pick are too many to compare: the gap is stated instead.
    assert not many.is_best
    assert many.gap > euros(0)


# --- coupons ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "starts_at", "ends_at", "reason_code"),
    [
        (CouponState.ISSUED, None, None, None),
        (CouponState.ISSUED, NOON + HOUR, None, "coupon_not_started"),
        (CouponState.ISSUED, None, NOON, "coupon_expired"),
        (CouponState.SHARED, None, None, "coupon_revoked"),
        (CouponState.RESERVED, None, None, "coupon_reserved"),
        (CouponState.REDEEMED, None, None, "coupon_redeemed"),
        (CouponState.REVOKED, None, None, "coupon_revoked"),
    ],
)
def test_coupon_says_why_not_when_it_cannot_be_used(
    state: CouponState, starts_at: datetime | None, ends_at: datetime | None, reason_code: str | None
) -> None:
    coupon = a_coupon(terms=some_terms(starts_at=starts_at, ends_at=ends_at), state=state)
    (applied,) = a_quote([a_line("c")], PRODUCTS, [], [coupon]).coupons
    assert applied.reason_code == reason_code
    assert applied.state is (CouponOutcome.NOT_APPLICABLE if reason_code else CouponOutcome.APPLIED)
    assert applied.saved == euros(0 if reason_code else 200)
    assert (applied.reason is None) == (reason_code is None)


def test_full_price_coupon_leaves_promoted_lines_alone_when_both_stand() -> None:
    offer = a_promotion(EachUnit(of("a"), Cut.AMOUNT, 200), "off")
    coupon = a_coupon("C-1", some_terms(1000, effect=Effect.PERCENT, stacking=Stacking.FULL_PRICE))
    quote = a_quote([a_line("a"), a_line("c")], PRODUCTS, [offer], [coupon])
    assert [line.due for line in quote.lines] == [euros(133), euros(1125)]


# --- problems --------------------------------------------------------------------------------------------------------


def problems_of(product: Product, *, age_verified: bool = False, lot: str | None = None) -> list[tuple[str, Level]]:
    quote = a_quote([a_line(product.sku, lot=lot)], [product], age_verified=age_verified)
    return [(problem.code, problem.level) for problem in quote.problems]


def test_problems_stop_the_payment_when_goods_may_not_be_sold() -> None:
    wine = a_product(min_age=18)
    assert problems_of(wine) == [("age_check_required", Level.CRITICAL)]
    assert problems_of(wine, age_verified=True) == []
    assert problems_of(a_product(sale_stop="not before 8:00")) == [("sale_stop", Level.CRITICAL)]
    assert problems_of(a_product(recalled_lots=frozenset({ALL_LOTS}))) == [("recalled", Level.CRITICAL)]


def test_recall_depends_on_the_lot_when_only_some_are_called_back() -> None:
    cheese = a_product(recalled_lots=frozenset({"L7"}))
    assert problems_of(cheese, lot="L7") == [("recalled", Level.CRITICAL)]
    assert problems_of(cheese, lot="L8") == []
    assert problems_of(cheese) == [("recalled", Level.MEDIUM)]


def test_warning_comes_early_when_the_trip_is_nearly_full() -> None:
    quote = price(
        a_basket(a_line("a", 4)),
        a_catalog(*PRODUCTS),
        at=NOON,
        currency=EUR,
        country="FR",
        limits=Limits(lines=9, pieces=5),
    )
    assert [(problem.code, problem.level) for problem in quote.problems] == [("line_limit", Level.MEDIUM)]
    assert quote.blockers == ()


# --- tax -------------------------------------------------------------------------------------------------------------


def test_tax_is_rounded_once_a_rate_or_line_by_line_when_the_store_says() -> None:
    dues = [(2000, euros(1970)), (2000, euros(1970)), (550, euros(0))]
    assert [row.tax for row in vat_lines(dues)] == [euros(0), euros(657)]
    assert [row.tax for row in vat_lines(dues, VatRounding.PER_LINE)] == [euros(0), euros(656)]


def test_rate_is_that_of_the_stores_day_when_utc_is_still_the_day_before() -> None:
    shanghai = timezone(timedelta(hours=8))
    quote = price(
        a_basket(a_line("c")),
        a_catalog(*PRODUCTS),
        at=datetime(2019, 4, 1, 1, tzinfo=shanghai),
        currency=CNY,
        country="CN",
    )
    assert quote.vat[0].rate_bp == 1300
    assert date(2019, 4, 1) > datetime(2019, 3, 31, 17, tzinfo=shanghai).date()


# --- digest ----------------------------------------------------------------------------------------------------------


def test_digest_changes_when_anything_paid_for_does() -> None:
    base = a_quote([a_line("a", 2)], PRODUCTS)
    others = [
        a_quote([a_line("a", 3)], PRODUCTS),
        a_quote([a_line("a", 2, line_id="other")], PRODUCTS),
        a_quote([a_line("a", 2)], PRODUCTS, [a_promotion(BasketCut(Cut.AMOUNT, 1))]),
        a_quote([a_line("a", 2)], PRODUCTS, [], [a_coupon(state=CouponState.REDEEMED)]),
        a_quote([a_line("a", 2)], [a_product("a", minor=334)]),
        a_quote([a_line("a", 2)], [a_product("a", minor=333, vat_class=VatClass.STANDARD)]),
    ]
    digests = {base.digest, *(other.digest for other in others)}
    assert len(digests) == 1 + len(others)
    assert base.emoji == emoji_of(base.digest)


def test_pictures_are_64_and_follow_the_digest_when_drawn() -> None:
    assert len(set(CALM)) == len(CALM) == 64
    assert emoji_of("00014041" + "f" * 56) == (CALM[0], CALM[1], CALM[0], CALM[1])
    seen = {picture for i in range(400) for picture in emoji_of(sha256(str(i).encode()).hexdigest())}
    assert seen == set(CALM)


# --- rules that cannot be --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "benefit",
    [
        EachUnit(Match(), Cut.PERCENT, 0),
        EachUnit(Match(), Cut.PERCENT, 10_001),
        EachUnit(Match(), Cut.AMOUNT, -1),
        EachUnit(Match(), Cut.AMOUNT, 1, group_size=0),
        NForM(Match(), 2, 2),
        NForM(Match(), 2, -1),
        BuyXGetY(Match(), 0, Match()),
        BuyXGetY(Match(), 1, Match(), percent_bp=0),
        Bundle((), 100),
        Bundle((Part(Match(), 0),), 100),
        BasketCut(Cut.PERCENT, 10_001),
    ],
)
def test_offer_is_refused_when_its_figures_make_none(benefit: EachUnit | NForM | BuyXGetY | Bundle | BasketCut) -> None:
    with pytest.raises(MalformedRuleError, match="no offer"):
        a_promotion(benefit)


def test_unit_offer_is_refused_when_it_looks_at_what_remains() -> None:
    with pytest.raises(MalformedRuleError, match="remains"):
        a_promotion(NForM(Match(), 3, 2), when=Condition(min_minor=1, basis=Basis.REMAINING))


def test_window_is_refused_when_it_has_no_zone_or_no_length() -> None:
    for starts_at, ends_at in ((NOON.replace(tzinfo=None), None), (NOON, NOON)):
        with pytest.raises(MalformedRuleError):
            Window(starts_at, ends_at)


def a_pricer(*products: Product, promotions: Sequence[Promotion] = ()) -> Pricer:
    return Pricer(a_catalog(*products), promotions, currency=EUR, country="FR")


def test_digest_is_that_of_one_sorted_json_object_when_a_basket_is_priced() -> None:
    products = [a_product("tea", minor=300), a_product("été", minor=999, unit=Unit.KG)]
    coupon = a_coupon("C", some_terms(100))
    basket = Basket((a_line("tea", 2), a_line("été", weight_g=250)), id="b", version=3)
    quote = a_pricer(*products, promotions=[a_promotion(NForM(of("tea"), 2, 1))]).price(basket, [coupon], at=NOON)
    facts = {
        "basket": ["b", 3],
        "coupons": [["C", "applied", 100]],
        "currency": "EUR",
        "lines": [
            [
                *(one.line.line_id, one.line.sku, one.line.quantity, one.line.weight_g, one.gross.minor),
                [[rule.rule_id, rule.amount.minor] for rule in one.adjustments],
                *(one.due.minor, one.vat_rate_bp),
            ]
            for one in quote.lines
        ],
        "total": quote.total.minor,
    }
    text = json.dumps(facts, sort_keys=True, separators=(",", ":"))
    assert quote.digest == sha256(text.encode()).hexdigest()


def test_coupon_bears_its_new_label_when_a_kept_pricer_knew_another() -> None:
    pricer = a_pricer(a_product("tea", minor=300))
    for name in ("old", "new"):
        coupon = replace(a_coupon("C", some_terms(100)), label=Label.same(name))
        (line,) = pricer.price(Basket((a_line("tea"),)), [coupon], at=NOON).lines
        assert [rule.label.en for rule in line.adjustments] == [name]


def test_offer_is_open_within_its_window_when_many_windows_were_asked_for() -> None:
    windows = [Window(NOON + HOUR * i, NOON + HOUR * (i + 1)) for i in range(20)]
    offers = [
        replace(a_promotion(EachUnit(of("tea"), Cut.AMOUNT, 1 + i), f"p{i}"), window=window)
        for i, window in enumerate(windows)
    ]
    pricer = a_pricer(a_product("tea", minor=300), promotions=offers)
    basket = Basket((a_line("tea"),))
    for _ in range(2):
        saved = [pricer.price(basket, at=NOON + HOUR * i - HOUR / 2).saved.minor for i in range(22)]
        assert saved == [0, *range(1, 21), 0]
        assert pricer.price(basket, at=NOON + HOUR).saved.minor == 2


def test_each_coupon_takes_from_its_own_categories_when_several_lie_on_one_basket() -> None:
    products = [a_product(name, minor=1000, category=name) for name in ("hot", "cold", "dry")]
    coupons = [
        a_coupon(name, some_terms(100, categories=frozenset({name, "none"}), skus=skus))
        for name, skus in (("hot", frozenset({"dry"})), ("cold", frozenset[str]()))
    ]
    lines = tuple(a_line(one.sku) for one in products)
    quote = a_pricer(*products).price(Basket(lines), coupons, at=NOON)
    assert [one.due.minor for one in quote.lines] == [950, 900, 950]

"""Values of the checkout with sensible defaults: a test names only the facts that matter to it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from checkout import (
    EUR,
    Basket,
    Benefit,
    Campaign,
    CampaignLimits,
    CampaignState,
    Catalog,
    CodeRow,
    Condition,
    Coupon,
    CouponState,
    CouponTerms,
    Effect,
    Label,
    Line,
    Match,
    Money,
    Product,
    Promotion,
    Quote,
    ShareMode,
    Stacking,
    Unit,
    VatClass,
    Visit,
    Window,
    price,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def euros(minor: int) -> Money:
    return Money(minor, EUR)


def a_product(
    sku: str = "tea",
    *,
    minor: int = 100,
    category: str = "",
    name: str = "Tea",
    vat_class: VatClass = VatClass.REDUCED,
    unit: Unit = Unit.EACH,
    min_age: int | None = None,
    sale_stop: str | None = None,
    recalled_lots: frozenset[str] = frozenset(),
    deposit_sku: str | None = None,
) -> Product:
    return Product(
        sku,
        name,
        "",
        "",
        minor,
        vat_class,
        category=category,
        unit=unit,
        min_age=min_age,
        sale_stop=sale_stop,
        recalled_lots=recalled_lots,
        deposit_sku=deposit_sku,
    )


def a_catalog(*products: Product, codes: Iterable[CodeRow] = ()) -> Catalog:
    return Catalog(products, codes)


def a_line(
    sku: str = "tea",
    quantity: int = 1,
    *,
    line_id: str | None = None,
    weight_g: int | None = None,
    price_minor: int | None = None,
    lot: str | None = None,
    issue: str | None = None,
) -> Line:
    return Line(line_id or f"l-{sku}", sku, quantity, "", weight_g, price_minor, lot, issue)


def a_basket(*lines: Line, basket_id: str = "b-1") -> Basket:
    return Basket(lines, id=basket_id)


def of(*skus: str) -> Match:
    return Match(skus=frozenset(skus))


def a_promotion(
    benefit: Benefit,
    promotion_id: str = "p",
    *,
    when: Condition | None = None,
    window: Window | None = None,
    members_only: bool = False,
    group: str | None = None,
    exclusive: bool = False,
    priority: int = 0,
    max_times: int | None = None,
) -> Promotion:
    return Promotion(
        promotion_id,
        Label.same(f"offer {promotion_id}"),
        benefit,
        when=when or Condition(),
        window=window or Window(),
        members_only=members_only,
        group=group,
        exclusive=exclusive,
        priority=priority,
        max_times=max_times,
    )


def some_terms(
    value: int = 200,
    *,
    effect: Effect = Effect.AMOUNT,
    min_basket_minor: int = 0,
    skus: frozenset[str] = frozenset(),
    categories: frozenset[str] = frozenset(),
    starts_at: datetime | None = None,
    ends_at: datetime | None = NOON + HOUR,
    stacking: Stacking = Stacking.WITH_ALL,
    max_off_minor: int | None = None,
) -> CouponTerms:
    return CouponTerms(
        effect, value, min_basket_minor, skus, categories, Window(starts_at, ends_at), stacking, max_off_minor
    )


def a_coupon(
    code: str = "C-1",
    terms: CouponTerms | None = None,
    *,
    state: CouponState = CouponState.ISSUED,
    holder: str | None = "ada",
    generation: int = 0,
) -> Coupon:
    return Coupon(
        code, "spring", Label.same(f"coupon {code}"), terms or some_terms(), holder, state, generation=generation
    )


def a_campaign(
    *,
    state: CampaignState = CampaignState.LIVE,
    budget_minor: int = 10_000,
    limits: CampaignLimits | None = None,
    terms: CouponTerms | None = None,
) -> Campaign:
    return Campaign(
        "spring",
        Label.same("spring"),
        terms or some_terms(),
        budget_minor,
        limits or CampaignLimits(),
        ShareMode.GIFT,
        state,
    )


def a_quote(
    lines: Sequence[Line],
    products: Sequence[Product],
    promotions: Sequence[Promotion] = (),
    coupons: Sequence[Coupon] = (),
    *,
    at: datetime = NOON,
    member: bool = False,
    age_verified: bool = False,
    visit: Visit | None = None,
) -> Quote:
    return price(
        a_basket(*lines),
        a_catalog(*products),
        promotions,
        coupons,
        at=at,
        currency=EUR,
        country="FR",
        member=member,
        age_verified=age_verified,
        visit=visit or Visit(),
    )

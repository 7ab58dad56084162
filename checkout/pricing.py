"""Basket, promotions and coupons become a quote that explains every cent of every line."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import count, pairwise
from typing import NamedTuple, assert_never

from checkout.allocation import components
from checkout.basket import DEFAULT_LIMITS, Basket, Limits, Line
from checkout.catalog import ALL_LOTS, Catalog, Product, Unit
from checkout.clusters import ClusterMemory
from checkout.combination import combine_open
from checkout.coupon_conditions import UNKNOWN_VISIT, Visit
from checkout.coupons import Coupon, CouponState
from checkout.digest import adjustment_text, charge_text, digest_of, left_text, line_text
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
from checkout.money import Currency, Money, Rounding, ratio, to_step
from checkout.next_step import nearest_step
from checkout.one_more import Companions
from checkout.policy import DEFAULT_POLICY, PricingPolicy, ShelfPrices
from checkout.promotions import FULL_BP, Goods, Promotion, as_rounded
from checkout.quote import Adjustment, AppliedCoupon, CouponOutcome, Level, Problem, Quote, QuoteLine, RunnerUp
from checkout.reach import Kind, Met, Reach
from checkout.taxing import taxed
from checkout.till import Outcome, capped
from checkout.vat import VAT_TABLE, VatClass, VatRow, vat_rate_bp

GRAMS_PER_KG = 1000
MAX_KNOWN = 20_000
"""Kinds of lines, and of what is left of them, that a pricer remembers; beyond, the memory starts anew."""


class _Charge:
    """What lines of one product, quantity, weight and own price have in common, or the deposits that come with them.

    Attributes:
        number: Stands for it: quicker to look up.
        rate_bp: Of its VAT.
        is_deposit: It is given back in full, so nothing is taken off it.
        sort_key: Where such lines stand among others.
        text: How it begins in digests, behind the id of its line.
        is_plain: Whether nothing about it could be a problem.
    """

    def __init__(
        self,
        number: int,
        line: Line,
        product: Product,
        unit_minor: int,
        gross: Money,
        rate_bp: int,
        *,
        is_deposit: bool,
    ) -> None:
        self.number = number
        self.product = product
        self.unit_minor = unit_minor
        self.gross = gross
        self.gross_minor = gross.minor
        self.rate_bp = rate_bp
        self.is_deposit = is_deposit
        is_single = line.is_single or product.unit is Unit.KG
        piece_minor = gross.minor if is_single else unit_minor
        floor_minor = min(piece_minor, product.floor_price_minor)
        self.goods = Goods(product.sku, product.category, piece_minor, line.quantity, is_single, floor_minor)
        self.sort_key = (product.sku, gross.minor, line.quantity)
        self.text = charge_text(product.sku, line.quantity, line.weight_g, gross.minor)
        self.lacks_weight = product.unit is Unit.KG and not line.is_single
        asks = product.sale_stop, product.recalled_lots, product.min_age is not None, self.lacks_weight
        self.is_plain = not any(asks)


_Off = tuple[tuple[str, int], ...]
"""What is taken off a line: rules and minor units."""
_Alike = tuple[str, int, int | None, int | None, date]
"""What lines that cost the same have in common: sku, quantity, weight, own price, and the day."""


_Sorted = tuple[tuple[str, int, int], str, int, Kind]
"""A line that promotions may touch: what it is sorted by, its place among all lines, and what the offers see in it."""


class _Amounts(dict[int, Money]):
    """Amounts of one currency, each made once: most figures of a receipt stood on another before."""

    def __init__(self, unit: Currency) -> None:
        super().__init__()
        self._unit = unit

    def __missing__(self, minor: int) -> Money:
        if len(self) >= MAX_KNOWN:
            self.clear()
        made = self[minor] = Money(minor, self._unit)
        return made


class _Left(NamedTuple):
    """What is taken off a line, what is left to pay, and both in the digest."""

    adjustments: tuple[Adjustment, ...]
    due: Money
    text: str


class Pricer:
    """Prices the baskets of one shop: catalogue and promotions made ready once.

    The same values give the same quote at any time; what the pricer remembers makes it faster and changes nothing. The
    order of the lines changes no total.

    Args:
        catalog: Shelf prices in ``currency``, tax included unless the policy says otherwise.
        promotions: All offers of the shop; those out of time or for members only are left out when pricing.
        currency: Of the store.
        country: Whose VAT is due, ``FR`` or ``CN``.
        policy: How this shop reckons.
        limits: How much a trip may hold without staff.
        vat_table: The rates.

    Raises:
        MalformedRuleError: Two promotions share an id.
    """

    def __init__(
        self,
        catalog: Catalog,
        promotions: Iterable[Promotion] = (),
        *,
        currency: Currency,
        country: str,
        policy: PricingPolicy = DEFAULT_POLICY,
        limits: Limits = DEFAULT_LIMITS,
        vat_table: Sequence[VatRow] = VAT_TABLE,
    ) -> None:
        self._catalog = catalog
        # Sorted, so that the order in which offers are stored decides no tie.
        offers = sorted((as_rounded(offer, policy.discount_rounding) for offer in promotions), key=lambda p: p.id)
        for offer, following in pairwise(offers):
            if offer.id == following.id:
                raise MalformedRuleError(offer.id, "two rules bear this id")
        self._promotions = {offer.id: offer for offer in offers}
        self._standing = frozenset([offer.id for offer in offers if offer.standing])
        self._currency = currency
        self._country = country
        self._policy = policy
        self._limits = limits
        self._vat_table = vat_table
        self._places = {offer.id: place for place, offer in enumerate(offers)}
        self._reach = Reach(offers)
        self._memory = ClusterMemory(self._reach)
        self._companions = Companions(self._reach)
        self._amounts = _Amounts(currency)
        self._latest: tuple[Quote | None, Met] = None, self._reach.meet([])
        self._numbers = count()
        self._rates: dict[tuple[VatClass, date], int] = {}
        self._known: dict[_Alike, tuple[tuple[_Charge, Kind], ...]] = {}
        self._left: dict[tuple[int, _Off], _Left] = {}
        self._adjustments: dict[tuple[str, int], tuple[Adjustment, str]] = {}

    def beside(self, quote: Quote, *, at: datetime, member: bool = False) -> tuple[Promotion, ...]:
        """Return the offers that a quote's prices hang on: those used, and those that share units or a group with them.

        Args:
            quote: Priced here, for the same moment and the same shopper.
            at: As in :meth:`price`.
            member: Likewise.
        """
        used = {rule.rule_id for line in quote.lines for rule in line.adjustments}
        latest, met = self._latest  # mostly the one that is asked about, so that what it met is known
        if latest is not quote:
            lines = [one.line for one in quote.lines if one.refers_to is None]
            met = self._reach.meet([self._charges(line, at.date())[0][1] for line in lines])
        offers = self._reach.offers
        opened = self._reach.open_at(at, member=member)
        places = [place for place in sorted(met.touched) if place in opened]
        # A group is one more thing that its offers share, beyond the lines; a cut shares nothing else.
        groups = {
            group: len(met.goods) + i for i, group in enumerate({offers[place].group for place in places} - {None})
        }
        masks = [
            (met.touched[place] if place in self._reach.on_units else 0)
            | (1 << groups[offers[place].group] if offers[place].group is not None else 0)
            for place in places
        ]
        kept = {
            places[i]
            for members, _ in components(masks)
            if any(offers[places[i]].id in used for i in members)
            for i in members
        }
        return tuple([offers[place] for place in sorted(kept)])

    def price(
        self,
        basket: Basket,
        coupons: Iterable[Coupon] = (),
        *,
        at: datetime,
        member: bool = False,
        age_verified: bool = False,
        with_runner_up: bool = False,
        visit: Visit = UNKNOWN_VISIT,
    ) -> Quote:
        """Price a basket.

        Args:
            basket: Lines; every sku stands in the catalogue.
            coupons: What the shopper laid on the basket.
            at: Now, in the time zone of the store: its date chooses the VAT rate.
            member: Whether the shopper gave their name.
            age_verified: Whether a person has checked the age for this basket.
            with_runner_up: Whether to look for the second best combination too.
            visit: Who stands where, for coupons that ask for it.

        Raises:
            ProductNotFoundError: A sku left the catalogue.
            MalformedRuleError: A promotion's id is a coupon's code.
            VatRateNotFoundError: No rate is on record for that day.
        """
        laid = tuple({coupon.code: coupon for coupon in coupons}.values())
        for coupon in laid:
            if coupon.code in self._promotions:
                raise MalformedRuleError(coupon.code, "two rules bear this id")
        refusals = {
            coupon.code: refusal
            for coupon in laid
            if (
                refusal := _refusal(coupon, at)
                or coupon.terms.conditions.refusal(coupon.code, visit, member=member, at=at)
            )
        }
        usable = [coupon for coupon in laid if coupon.code not in refusals]
        on = at.date()
        laid_out: list[tuple[Line, _Charge, str | None]] = []
        goods: list[_Sorted] = []
        for line in basket.lines:
            for charge, kind in self._charges(line, on):
                if charge.is_deposit:
                    laid_out.append((_deposit(line, charge.product), charge, line.line_id))
                else:
                    goods.append((charge.sort_key, line.line_id, len(laid_out), kind))
                    laid_out.append((line, charge, None))
        # Sorted by what promotions see, so that the order of scanning decides no odd cent.
        goods.sort()
        met = self._reach.meet([kind for _, _, _, kind in goods])
        opened = self._reach.open_at(at, member=member)
        outcome = self._combined(met, opened, usable)
        bearers = {coupon.code: coupon.label for coupon in usable}
        lines, texts = [], []
        for (line, one, refers_to), off in zip(laid_out, _taken(outcome, goods, len(laid_out)), strict=True):
            adjustments, due, text = self._left_of(one, tuple(off), bearers)
            lines.append(
                QuoteLine(line, one.product, one.unit_minor, one.gross, adjustments, due, one.rate_bp, refers_to)
            )
            texts.append(line_text(line.line_id, text))
        unit = self._currency
        gross_minor = sum([charge.gross_minor for _, charge, _ in laid_out])
        is_inside = self._policy.shelf_prices is not ShelfPrices.WITHOUT_TAX
        vat = taxed(lines, self._policy.vat_rounding, is_inside=is_inside)
        added = 0 if is_inside else sum([row.tax.minor for row in vat])
        total = Money(gross_minor - outcome.minor + added, unit)
        applied = _applied(laid, outcome, refusals, unit)
        digest = digest_of(basket, texts, total, applied)
        quote = Quote(
            lines=tuple(lines),
            gross=Money(gross_minor, unit),
            saved=Money(outcome.minor, unit),
            total=total,
            vat=vat,
            coupons=applied,
            problems=tuple(_problems(basket, laid_out, age_verified=age_verified, limits=self._limits)),
            next_step=nearest_step(met, self._companions, opened, usable, outcome),
            digest=digest,
            emoji=emoji_of(digest),
            gap=Money(outcome.gap_minor, unit),
            tax_added=Money(added, unit),
            cash_total=Money(to_step(total.minor, self._policy.cash_step_minor), unit),
            runner_up=self._runner_up(met, opened, usable, outcome, gross_minor) if with_runner_up else None,
        )
        self._latest = quote, met
        return quote

    def _combined(self, met: Met, opened: Container[int], coupons: Sequence[Coupon]) -> Outcome:
        found = combine_open(met, self._memory, coupons, opened=opened, policy=self._policy)
        if self._policy.max_off_bp == FULL_BP:
            return found
        return capped(found, ratio(sum(met.shelf), self._policy.max_off_bp, FULL_BP, Rounding.DOWN), self._standing)

    def _runner_up(
        self,
        met: Met,
        opened: frozenset[int],
        coupons: Sequence[Coupon],
        best: Outcome,
        gross_minor: int,
    ) -> RunnerUp | None:
        """Do without each rule of the receipt in turn: any other receipt lacks at least one of them."""
        found = []
        for rule in sorted({saving.promotion for saving in best.savings}):
            others = [coupon for coupon in coupons if coupon.code != rule]
            rival = self._combined(met, opened - {self._places[rule]} if rule in self._places else opened, others)
            found.append((-rival.minor, rule, rival))
        if not found:
            return None
        minor, without, rival = min(found, key=lambda one: one[:2])
        rules = tuple(sorted({saving.promotion for saving in rival.savings}))
        return RunnerUp(rules, without, Money(gross_minor + minor, self._currency))

    def _charges(self, line: Line, on: date) -> tuple[tuple[_Charge, Kind], ...]:
        """Return what a line costs, and its deposit."""
        alike = line.sku, line.quantity, line.weight_g, line.price_minor, on
        if (known := self._known.get(alike)) is None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
                self._rates.clear()
            known = self._known[alike] = tuple([(one, self._reach.kind(one.goods)) for one in self._charged(line, on)])
        return known

    def _charged(self, line: Line, on: date) -> Iterator[_Charge]:
        product = self._catalog.by_sku(line.sku)
        unit_minor, rate_bp = self._unit_price(product, on)
        if line.price_minor is not None:
            gross_minor = line.price_minor
        elif line.weight_g is not None:
            gross_minor = ratio(unit_minor, line.weight_g, GRAMS_PER_KG)
        elif product.unit is Unit.KG:
            gross_minor = 0  # a problem of the quote asks for the weight
        else:
            gross_minor = unit_minor * line.quantity
        gross = Money(gross_minor, self._currency)
        yield _Charge(next(self._numbers), line, product, unit_minor, gross, rate_bp, is_deposit=False)
        if product.deposit_sku is not None:
            deposit = self._catalog.by_sku(product.deposit_sku)
            unit_minor, rate_bp = self._unit_price(deposit, on)
            gross = Money(unit_minor * line.quantity, self._currency)
            number, paid = next(self._numbers), _deposit(line, deposit)
            yield _Charge(number, paid, deposit, unit_minor, gross, rate_bp, is_deposit=True)

    def _unit_price(self, product: Product, on: date) -> tuple[int, int]:
        if (rate_bp := self._rates.get((product.vat_class, on))) is None:
            rate_bp = vat_rate_bp(self._country, product.vat_class, on=on, table=self._vat_table)
            self._rates[product.vat_class, on] = rate_bp
        if self._policy.shelf_prices is ShelfPrices.TAXED_FIRST and not product.is_taxed:
            return ratio(product.unit_price_minor, FULL_BP + rate_bp, FULL_BP), rate_bp
        return product.unit_price_minor, rate_bp

    def _left_of(self, charge: _Charge, off: _Off, bearers: Mapping[str, Label]) -> _Left:
        """Return what is left of a line; remembered where no coupon took part, as each is laid on one basket."""
        if off and off[-1][0] in bearers:
            return self._reckoned(charge, off, bearers)
        if (known := self._left.get((charge.number, off))) is None:
            if len(self._left) >= MAX_KNOWN:
                self._left.clear()
            known = self._left[charge.number, off] = self._reckoned(charge, off, bearers)
        return known

    def _reckoned(self, charge: _Charge, off: _Off, bearers: Mapping[str, Label]) -> _Left:
        due_minor = charge.gross_minor
        adjustments, texts = [], []
        for rule, minor in off:
            due_minor -= minor
            adjustment, text = self._adjusted(rule, minor, bearers)
            adjustments.append(adjustment)
            texts.append(text)
        text = left_text(charge.text, texts, due_minor, charge.rate_bp)
        return _Left(tuple(adjustments), self._amounts[due_minor], text)

    def _adjusted(self, rule: str, minor: int, bearers: Mapping[str, Label]) -> tuple[Adjustment, str]:
        """Return a value that says so, and its text; many lines bear the same few cents of a cut that all share."""
        if (label := bearers.get(rule)) is not None:
            return Adjustment(rule, label, self._amounts[-minor]), adjustment_text(rule, -minor)
        if (known := self._adjustments.get((rule, minor))) is None:
            if len(self._adjustments) >= MAX_KNOWN:
                self._adjustments.clear()
            adjustment = Adjustment(rule, self._promotions[rule].label, self._amounts[-minor])
            known = self._adjustments[rule, minor] = adjustment, adjustment_text(rule, -minor)
        return known


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
    policy: PricingPolicy = DEFAULT_POLICY,
    visit: Visit = UNKNOWN_VISIT,
) -> Quote:
    """Price one basket; whoever prices many for one shop keeps a :class:`Pricer`, whose arguments these are.

    Raises:
        ProductNotFoundError: A sku left the catalogue.
        MalformedRuleError: Two promotions share an id, or a promotion's id is a coupon's code.
        VatRateNotFoundError: No rate is on record for that day.
    """
    pricer = Pricer(catalog, promotions, currency=currency, country=country, policy=policy, limits=limits)
    return pricer.price(basket, coupons, at=at, member=member, age_verified=age_verified, visit=visit)


def _refusal(coupon: Coupon, at: datetime) -> CheckoutError | None:
    window = coupon.terms.window
    match coupon.state:
        case CouponState.ISSUED:
            if window.starts_at is not None and window.is_after(at):
                return CouponNotStartedError(coupon.code, window.starts_at)
            if window.ends_at is not None and window.is_before(at):
                return CouponExpiredError(coupon.code, window.ends_at)
            return None
        case CouponState.REDEEMED:
            return CouponRedeemedError(coupon.code)
        case CouponState.RESERVED:
            return CouponReservedError(coupon.code)
        case CouponState.REVOKED | CouponState.SHARED:
            return CouponRevokedError(coupon.code)
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
                facts=() if refusal is None else tuple(refusal.facts.items()),
            )
        )
    return tuple(found)


def _taken(outcome: Outcome, goods: Sequence[_Sorted], count: int) -> list[list[tuple[str, int]]]:
    """Return for each of so many lines what is taken off it, in the order it is taken off."""
    taken: list[list[tuple[str, int]]] = [[] for _ in range(count)]
    for place, rule, minor in outcome.units:
        taken[goods[place][2]].append((rule, minor))
    for rule, places, shares in outcome.takings:
        for place, minor in zip(places, shares, strict=True):
            if minor:
                taken[goods[place][2]].append((rule, minor))
    return taken


def _deposit(line: Line, deposit: Product) -> Line:
    return Line(f"{line.line_id}:deposit", deposit.sku, line.quantity, line.scanned_code)


def _problems(
    basket: Basket, laid_out: Iterable[tuple[Line, _Charge, str | None]], *, age_verified: bool, limits: Limits
) -> Iterable[Problem]:
    for line, charge in [(line, charge) for line, charge, _ in laid_out if not charge.is_plain]:
        product, line_id = charge.product, line.line_id
        if product.sale_stop is not None:
            yield _problem(SaleStopError(product.sku, product.sale_stop), line_id)
        if product.recalled_lots & {ALL_LOTS, line.lot}:
            yield _problem(RecalledError(product.sku, line.lot or ALL_LOTS), line_id)
        elif product.recalled_lots and line.lot is None:
            lots = ", ".join(sorted(product.recalled_lots))
            yield _problem(RecalledError(product.sku, lots), line_id, Level.MEDIUM)
        if product.min_age is not None and not age_verified:
            yield _problem(AgeCheckRequiredError(product.min_age), line_id)
        if charge.lacks_weight:
            yield Problem("weight_missing", line_id, Level.CRITICAL, f"Product {product.sku} has not been weighed.")
    if basket.near_limit(limits):
        yield _problem(LineLimitError("lines", limits.lines, len(basket)), None, Level.MEDIUM)


def _problem(error: CheckoutError, line_id: str | None, level: Level = Level.CRITICAL) -> Problem:
    return Problem(error.code, line_id, level, str(error))

"""What the store would say, reckoned here: its last word on a basket, and every write that waits to be sent.

The rules are the store's own (``checkout``), the prices those of the signed catalogue. Whatever comes of it is marked
as provisional: the store's answer replaces it.
"""

import threading
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from checkout import Assortment, Catalog, Label, Pricer, Product, Quote, Unit, check_sale, currency, line_of, unit_price
from checkout import Basket as Lines
from checkout import Line as Bought
from checkout.errors import CheckoutError, ProductNotFoundError
from kiosk.offline.catalogue import Catalogue
from kiosk.ports import Clock, ShopRefusedError
from kiosk.visit import calls
from kiosk.visit.events import Answer, BasketNow, Foreseen, Products
from kiosk.visit.record import Said
from kiosk.visit.values import (
    DEPOSIT,
    RANDOM_CHECK,
    Adjustment,
    AgeCheck,
    Basket,
    BasketCoupon,
    Line,
    NextStep,
    Problem,
    SearchHit,
    Texts,
)

HITS: Final = 12
_CHANGES = (calls.CreateBasket, calls.AddLine, calls.AddSku, calls.ChangeQuantity, calls.RemoveLine)
_COUPONS = (calls.ApplyCoupon, calls.DropCoupon)
_FILLED: Final = frozenset({"open", "quoted"})
_BASKET_CALLS = (*_CHANGES, *_COUPONS, calls.FetchBasket, calls.QuoteBasket)
ANSWERABLE: Final = (*_BASKET_CALLS, calls.SearchProducts, calls.FetchLoose)
"""What can be reckoned without the store; all else only the store can say."""


@dataclass(frozen=True, slots=True)
class _Prices:
    """A catalogue at its prices of a moment, with all that is made once from it."""

    version: str
    until: datetime | None
    assortment: Assortment
    catalog: Catalog
    pricer: Pricer
    code_of: dict[str, str]


class LocalTill:
    """Answers for the store. Any thread may ask; one at a time is answered."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue | None],
        pending: Callable[[], tuple[calls.KeptWrite, ...]],
        clock: Clock,
        said: Said | None = None,
        keep: Callable[[Said], None] = lambda _: None,
    ) -> None:
        self._catalogue = catalogue
        self._pending = pending
        self._clock = clock
        self._said = said
        self._keep = keep
        self._prices: _Prices | None = None
        self._lock = threading.RLock()

    def warm(self) -> None:
        """Make the newest catalogue ready ahead of the first need: ten thousand goods take half a second."""
        held = self._catalogue()
        if held is not None and (self._prices is None or self._prices.version != held.head.version):
            fresh = _prices_of(held, self._clock())
            with self._lock:
                self._prices = fresh

    def hear(self, call: calls.Call, basket: Basket) -> None:
        """Remember what the store said of a basket.

        A late word on an earlier shopper's, which is closed, does not take the place of the one that is being filled.
        """
        key = call.key if isinstance(call, (*_CHANGES, *_COUPONS)) else None
        with self._lock:
            is_other = self._said is not None and self._said.basket.basket_id != basket.basket_id
            if basket.state in _FILLED or not is_other:
                self._heard(Said(basket, key))

    def _heard(self, said: Said) -> None:
        if self._said is not None and said.key is None and self._said.basket == said.basket:
            return
        self._said = said
        self._keep(self._said)

    def complete(self, basket: Basket) -> Basket:
        """Return the store's basket with what is still on its way to it, or as it is where nothing is."""
        with self._lock:
            return (self._basket(basket.basket_id, "open") if self._waiting(basket.basket_id) else None) or basket

    def answer(self, call: calls.Call) -> Answer | None:
        """Return what the store would say, or None where only the store can.

        Raises:
            ShopRefusedError: What the store would refuse as well, by the same rules.
        """
        with self._lock:
            return self._answer(call)

    def foresee(self, call: calls.AddLine | calls.AddSku) -> Foreseen | None:
        """Return the line that a scan will be or join; None where only the store knows, or it betters another line."""
        if isinstance(call, calls.AddLine) and call.same_pack:
            return None
        with self._lock:
            prices = self._open()
            if prices is None:
                return None
            try:
                bought = self._line(prices, call)
                check_sale(prices.catalog.by_sku(bought.sku), bought)
                return self._joined(prices, call, bought)
            except (CheckoutError, ShopRefusedError):
                return None  # the store says what is wrong

    def _joined(self, prices: _Prices, call: calls.AddLine | calls.AddSku, bought: Bought) -> Foreseen:
        said = self._said.basket if self._said is not None and self._said.basket.basket_id == call.basket_id else None
        lines = Lines(tuple(line.bought for line in said.lines if not line.is_deposit) if said else ())
        for write in self._waiting(call.basket_id):
            lines, line_id = self._after(prices, lines, write)
            if write.key == call.key and line_id != call.key:
                return Foreseen(call, line_id, ())
        return Foreseen(call, call.key, _lines(prices, self._priced(prices, Lines((bought,)), said), {call.key}, {}))

    def _priced(self, prices: _Prices, lines: Lines, said: Basket | None) -> Quote:
        return prices.pricer.price(
            lines,
            at=self._clock().astimezone(ZoneInfo(prices.assortment.shop.timezone)),
            age_verified=said is not None and said.age_check == "approved",
        )

    def _answer(self, call: calls.Call) -> Answer | None:
        try:
            if isinstance(call, calls.SearchProducts):
                return self._found(lambda catalog: catalog.search(call.query, HITS))
            if isinstance(call, calls.FetchLoose):
                return self._found(lambda catalog: catalog.loose)
            if not isinstance(call, _BASKET_CALLS):
                return None
            if isinstance(call, calls.AddLine | calls.AddSku):
                self._check(call)
            basket = self._basket(call.basket_id, "quoted" if isinstance(call, calls.QuoteBasket) else "open")
        except CheckoutError as refusal:
            facts = {name: fact for name, fact in refusal.facts.items() if isinstance(fact, str | int)}
            raise ShopRefusedError(refusal.code, {**facts, "detail": str(refusal)}) from refusal
        if basket is None:
            return None
        touched = self._touched(call, basket) if isinstance(call, calls.AddLine | calls.AddSku) else None
        return BasketNow(basket, touched)

    def _waiting(self, basket_id: str) -> list[calls.KeptWrite]:
        done = self._said.key if self._said is not None else None
        return [
            write
            for write in self._pending()
            if isinstance(write, (*_CHANGES, *_COUPONS)) and write.basket_id == basket_id and write.key != done
        ]

    def _check(self, call: calls.AddLine | calls.AddSku) -> None:
        prices = self._open()
        if prices is not None:
            line = self._line(prices, call)
            check_sale(prices.catalog.by_sku(line.sku), line)

    def _basket(self, basket_id: str, state: str) -> Basket | None:
        """Fold the waiting writes over the store's last word, and price what comes of it."""
        prices = self._open()
        said = self._said.basket if self._said is not None and self._said.basket.basket_id == basket_id else None
        waiting = self._waiting(basket_id)
        if prices is None or (said is None and not any(isinstance(one, calls.CreateBasket) for one in waiting)):
            return None
        if said is not None and not waiting and state == said.state:
            return said
        try:
            lines = Lines(tuple(line.bought for line in said.lines if not line.is_deposit) if said else ())
            touched: dict[str, str] = {}
            for write in waiting:
                lines, touched[write.key] = self._after(prices, lines, write)
            quote = self._priced(prices, lines, said)
        except ProductNotFoundError:
            return None  # the store sells something that this catalogue does not know: nothing is guessed
        coupons = _coupons(said, waiting)
        version = (said.version if said is not None else 0) + len(waiting)
        return _shown(prices, basket_id, quote, said, coupons, version=version, state=state, touched=touched)

    def _after(self, prices: _Prices, lines: Lines, write: calls.KeptWrite) -> tuple[Lines, str]:
        """Return the lines after a write; one that the rules refuse changes nothing, as it will not at the store."""
        try:
            match write:
                case calls.AddLine() | calls.AddSku():
                    line = self._line(prices, write)
                    check_sale(prices.catalog.by_sku(line.sku), line)
                    betters = isinstance(write, calls.AddLine) and write.same_pack
                    after = lines.better(line) if betters else lines.add(line)
                    changed = [one for one in after if one not in lines.lines]
                    return after, changed[-1].line_id if changed else write.key
                case calls.ChangeQuantity(line_id=line_id, quantity=quantity) if quantity > 0:
                    return lines.change(line_id, quantity), line_id
                case calls.ChangeQuantity(line_id=line_id) | calls.RemoveLine(line_id=line_id):
                    return lines.remove(line_id), line_id
                case _:
                    return lines, ""
        except (CheckoutError, ShopRefusedError):
            return lines, ""

    def _line(self, prices: _Prices, call: calls.AddLine | calls.AddSku) -> Bought:
        shop = prices.assortment.shop
        if isinstance(call, calls.AddLine):
            return line_of(
                prices.catalog,
                call.code,
                call.symbology,
                line_id=call.key,
                quantity=call.quantity,
                on=self._clock().astimezone(ZoneInfo(shop.timezone)).date(),
                table=prices.assortment.rules.code_table(currency(shop.currency)),
            )
        product = prices.catalog.by_sku(call.sku)
        is_weighed = product.unit is Unit.KG
        if is_weighed and call.weight_g is None:
            raise ShopRefusedError("weight_missing", {"sku": product.sku})
        code = prices.code_of.get(call.sku, "")
        return Bought(call.key, call.sku, call.quantity, code, call.weight_g if is_weighed else None)

    def _touched(self, call: calls.AddLine | calls.AddSku, basket: Basket) -> str | None:
        if any(line.line_id == call.key for line in basket.lines):
            return call.key
        prices = self._open()
        if prices is None:
            return None
        sku = self._line(prices, call).sku
        holding = [line.line_id for line in basket.lines if line.sku == sku]
        betters = isinstance(call, calls.AddLine) and call.same_pack
        return next(iter(reversed(holding) if betters else holding), None)

    def _found(self, choose: Callable[[Catalog], tuple[Product, ...]]) -> Products | None:
        prices = self._open()
        if prices is None:
            return None
        unit = currency(prices.assortment.shop.currency)
        return Products(
            tuple(
                SearchHit(
                    sku=product.sku,
                    code=prices.code_of.get(product.sku, ""),
                    name=product.name,
                    brand=product.brand,
                    pack=product.pack,
                    unit_price_minor=product.unit_price_minor,
                    unit_text=_texts(unit_price(product, unit)),
                    min_age=product.min_age,
                    is_weighed=product.unit is Unit.KG,
                    category=product.category,
                )
                for product in choose(prices.catalog)
            )
        )

    def _open(self) -> _Prices | None:
        """Return the catalogue at the prices of now; made again when a version comes or a price begins or ends."""
        held, now = self._catalogue(), self._clock()
        if held is None:
            return None
        known = self._prices
        if known is None or known.version != held.head.version or (known.until is not None and now >= known.until):
            known = self._prices = _prices_of(held, now)
        return known


def _prices_of(held: Catalogue, now: datetime) -> _Prices:
    told = held.assortment
    catalog = told.catalog_at(now)
    pricer = Pricer(
        catalog,
        told.promotions,
        currency=currency(told.shop.currency),
        country=told.shop.country,
        vat_table=told.vat,
        policy=told.rules.policy,
    )
    code_of = {row.sku: row.code for row in reversed(told.codes)}
    return _Prices(held.head.version, told.next_change_at(now), told, catalog, pricer, code_of)


def _coupons(said: Basket | None, waiting: Iterable[calls.KeptWrite]) -> tuple[BasketCoupon, ...]:
    """Return the coupons of a basket: only the store knows what they are worth, so none takes anything off here."""
    texts = {coupon.code: coupon.label for coupon in (said.coupons if said is not None else ())}
    for write in waiting:
        if isinstance(write, calls.ApplyCoupon):
            texts.setdefault(write.code, dict.fromkeys(("fr", "en", "zh"), write.code))
        elif isinstance(write, calls.DropCoupon):
            texts.pop(write.code, None)
    return tuple(
        BasketCoupon(code, label, "not_applicable", "coupon_offline", None, 0) for code, label in texts.items()
    )


def _shown(
    prices: _Prices,
    basket_id: str,
    quote: Quote,
    said: Basket | None,
    coupons: tuple[BasketCoupon, ...],
    *,
    version: int,
    state: str,
    touched: dict[str, str],
) -> Basket:
    """Return the basket as the screen has it; ``touched``: the line of each write, empty where it changed none."""
    shop = prices.assortment.shop
    known = {line.line_id: line for line in said.lines} if said is not None else {}
    lines = _lines(prices, quote, set(touched.values()), known)
    step = quote.next_step
    return Basket(
        basket_id=basket_id,
        state=state,
        version=version,
        currency=shop.currency,
        payee=shop.payee,
        lines=lines,
        coupons=coupons,
        problems=(
            *(Problem(p.code, _level(p.level.value), p.line_id, p.detail) for p in quote.problems),
            *(one for one in (said.problems if said is not None else ()) if one.code == RANDOM_CHECK),
        ),
        gross_minor=quote.gross.minor,
        saved_minor=quote.saved.minor,
        total_minor=quote.total.minor,
        next_step=None if step is None else NextStep(_texts(step.label), step.short_minor),
        digest=quote.digest,
        emoji=tuple(quote.emoji),
        age_check=_age(said, lines),
        provisional=True,
        holds=tuple(key for key, line_id in touched.items() if line_id),
    )


def _lines(prices: _Prices, quote: Quote, touched: set[str], known: Container[str]) -> tuple[Line, ...]:
    """Return the lines of a quote; provisional are those that were touched and those that the store has not said."""
    unit = currency(prices.assortment.shop.currency)
    return tuple(
        Line(
            line_id=one.line.line_id,
            sku=one.product.sku,
            code=one.line.scanned_code,
            name=one.product.name,
            brand=one.product.brand,
            pack=one.product.pack,
            quantity=one.line.quantity,
            weight_g=one.line.weight_g,
            unit_price_minor=one.unit_price_minor,
            unit_text=_texts(unit_price(one.product, unit)),
            gross_minor=one.gross.minor,
            due_minor=one.due.minor,
            vat_rate_bp=one.vat_rate_bp,
            demo_price=one.product.demo_price,
            min_age=one.product.min_age,
            warranty_months=one.product.warranty_months,
            issue=one.line.issue,
            adjustments=tuple(Adjustment(a.rule_id, _texts(a.label), a.amount.minor) for a in one.adjustments),
            label_price_minor=one.line.price_minor,
            lot=one.line.lot,
            provisional=one.line.line_id.removesuffix(DEPOSIT) in touched or one.line.line_id not in known,
        )
        for one in quote.lines
    )


def _age(said: Basket | None, lines: tuple[Line, ...]) -> AgeCheck:
    if not any(line.min_age is not None for line in lines):
        return "not_needed"
    return said.age_check if said is not None and said.age_check != "not_needed" else "waiting"


def _level(word: str) -> Literal["critical", "medium"]:
    return "critical" if word == "critical" else "medium"


def _texts(label: Label) -> Texts:
    return {"fr": label.fr, "en": label.en, "zh": label.zh}

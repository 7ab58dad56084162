"""The shop as flows see it: who is paid, in what, and all that is sold. Read whole, swapped whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from checkout import (
    DEFAULT_STEP_UP,
    Catalog,
    CodeRow,
    CodeTable,
    Currency,
    Pricer,
    Product,
    Promotion,
    Reader,
    StepUpPolicy,
    StoreRules,
    currency,
)
from checkout.promotion_rows import demand_promotions
from checkout.promotion_writing import row_of
from server.flows.errors import FlowError
from server.flows.ports import StoreRow, Work
from server.flows.ports.wallet import ProgrammeRow


@dataclass(frozen=True, slots=True)
class Shop:
    """One store with its catalogue and promotions at one moment."""

    row: StoreRow
    catalog: Catalog
    promotions: tuple[Promotion, ...]
    code_of: Mapping[str, str]
    """The code that stands under a product's bars, by sku."""
    member_catalog: Catalog
    """The same goods at the prices of members; where no price differs, it is `catalog` itself."""
    prices_until: datetime | None = None
    """When the next price begins or ends: from then on this shop is out of date."""
    step_up: StepUpPolicy = DEFAULT_STEP_UP
    cashback: ProgrammeRow | None = None
    counter: Mapping[str, str] | None = None
    """Where it is one counter of a merchant alone: `code_id` and `name`, as its tickets say."""
    pricer: Pricer = field(init=False, repr=False, compare=False)
    """Prices baskets; made once, so that it remembers what it solved."""
    member_pricer: Pricer = field(init=False, repr=False, compare=False)
    """The same at the prices of members; where no price differs, it is `pricer` itself."""
    reader: Reader = field(init=False, repr=False, compare=False)
    """Reads codes; made once likewise."""
    shown: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What every line of a product says, by sku and shelf price, as JSON; filled as lines are shown."""

    _rows: dict[str, Mapping[str, object]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Promotions as they are written down, by id; filled as they are asked for."""

    def __post_init__(self) -> None:
        pricer = self._pricer(self.catalog)
        # A frozen value may only be completed from within, once.
        object.__setattr__(self, "pricer", pricer)
        object.__setattr__(self, "reader", Reader(self.catalog, self.code_table))
        same = self.member_catalog is self.catalog
        object.__setattr__(self, "member_pricer", pricer if same else self._pricer(self.member_catalog))

    def _pricer(self, catalog: Catalog) -> Pricer:
        policy = self.rules.policy
        return Pricer(catalog, self.promotions, currency=self.currency, country=self.country, policy=policy)

    def row_of(self, promotion: Promotion) -> Mapping[str, object]:
        """Return one of its promotions as it is written down (`checkout.promotion_writing`)."""
        if (known := self._rows.get(promotion.id)) is None:
            known = self._rows[promotion.id] = row_of(promotion)
        return known

    @property
    def store_id(self) -> str:
        """The store's key."""
        return self.row.store_id

    @property
    def name(self) -> str:
        """The store's name."""
        return self.row.name

    @property
    def payee(self) -> str:
        """Who is paid, as the shopper sees and approves it."""
        return self.row.payee

    @property
    def currency(self) -> Currency:
        """What the prices are in."""
        return currency(self.row.currency)

    @property
    def country(self) -> str:
        """Whose VAT applies."""
        return self.row.country

    @property
    def timezone(self) -> ZoneInfo:
        """Whose day it is."""
        return ZoneInfo(self.row.timezone)

    @property
    def rules(self) -> StoreRules:
        """What the store set for itself."""
        return self.row.rules

    @property
    def code_table(self) -> CodeTable:
        """How codes are read here."""
        return self.rules.code_table(self.currency)

    @property
    def demo_prices(self) -> bool:
        """Whether prices are made up; then every page and receipt says so."""
        return self.row.demo_prices


NO_LONGER_SOLD = "it is no longer sold here"


def open_shop(
    work: Work, store_id: str, *, price_group: str = "", at: datetime | None = None, before: Shop | None = None
) -> Shop:
    """Read the shop.

    Args:
        work: The transaction; catalogue, prices and promotions are of one snapshot.
        store_id: Which store.
        price_group: Whose prices hold here beside those of all stores.
        at: The moment that prices are for; None takes those that always hold.
        before: The shop until now. What it sold and the new one does not stays known under a sale stop, because it
            may lie in an open basket, which must still be shown and have it taken out.

    Raises:
        FlowError: `store_not_found`.
        MalformedRuleError: A promotion or rule cannot be read; the error names its field and the way out.
    """
    if (row := work.shelf.store(store_id)) is None:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
    products, codes = work.shelf.products()
    promotions = demand_promotions(work.shelf.promotions())
    prices = {} if at is None else work.shelf.prices_at(price_group, at=at)
    goods = [
        replace(product, unit_price_minor=prices[product.sku].unit_price_minor) if product.sku in prices else product
        for product in products
    ]
    goods += _retired(before, {product.sku for product in goods})
    for_members = {sku: now.member_price_minor for sku, now in prices.items() if now.member_price_minor is not None}
    catalog = Catalog(goods, codes)
    return Shop(
        row,
        catalog,
        promotions,
        {code.sku: code.code for code in reversed(codes)},
        _at_member_prices(goods, codes, for_members) if for_members else catalog,
        prices_until=None if at is None else work.shelf.next_price_at(price_group, after=at),
        step_up=row.limits.step_up,
        cashback=work.cashback.programme(store_id),
    )


def _retired(before: Shop | None, skus: set[str]) -> list[Product]:
    known = () if before is None else before.catalog.products
    return [replace(product, sale_stop=NO_LONGER_SOLD) for product in known if product.sku not in skus]


def _at_member_prices(goods: Sequence[Product], codes: Sequence[CodeRow], minor: Mapping[str, int]) -> Catalog:
    priced = (replace(product, unit_price_minor=minor.get(product.sku, product.unit_price_minor)) for product in goods)
    return Catalog(priced, codes)

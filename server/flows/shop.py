"""The shop as flows see it: who is paid, in what, and all that is sold. Read once, swapped whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from checkout import DEFAULT_STEP_UP, Catalog, Currency, Promotion, StepUpPolicy, currency
from server.flows.errors import FlowError
from server.flows.ports import StoreRow, Work
from server.flows.promotion_rows import promotion_of


@dataclass(frozen=True, slots=True)
class Shop:
    """One store with its catalogue and promotions at one moment."""

    row: StoreRow
    catalog: Catalog
    promotions: tuple[Promotion, ...]
    code_of: Mapping[str, str]
    """The code that stands under a product's bars, by sku."""
    step_up: StepUpPolicy = DEFAULT_STEP_UP

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
    def demo_prices(self) -> bool:
        """Whether prices are made up; then every page and receipt says so."""
        return self.row.demo_prices


def open_shop(work: Work, store_id: str) -> Shop:
    """Read the shop.

    Raises:
        FlowError: `store_not_found`.
    """
    if (row := work.shelf.store(store_id)) is None:
        raise FlowError("store_not_found", f"There is no store {store_id!r} here.", store_id=store_id)
    products, codes = work.shelf.products()
    promotions = tuple(promotion_of(body) for body in work.shelf.promotions())
    return Shop(row, Catalog(products, codes), promotions, {code.sku: code.code for code in reversed(codes)})

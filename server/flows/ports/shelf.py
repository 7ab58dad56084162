"""Port for what is sold: the store, its products, codes and promotions."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Protocol, Self

from checkout import DEFAULT_RULES, DEFAULT_STEP_UP, CodeRow, PriceRow, Product, StepUpPolicy, StoreRules
from checkout.own_refund import OwnRefundPolicy
from checkout.random_check import CheckPolicy

NEVER = CheckPolicy()
ON_THEIR_OWN = OwnRefundPolicy()
CHECK, OWN_REFUND = "check_", "own_refund_"
"""What the fields of the random check, and of what shoppers give back to themselves, begin with."""
MERCHANT_DAY = ("merchant_cashier_day_minor", "merchant_owner_day_minor")


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """How far one goes alone: a shopper with a weak proof, a manager with a refund, a marketer with a budget.

    Attributes:
        refund_alone_minor: None: as the server's settings say.
        merchant_cashier_day_minor: What a merchant's cashier gives back in a day of the store's clock; 0: nothing.
        merchant_owner_day_minor: The same of a merchant.
    """

    step_up: StepUpPolicy = DEFAULT_STEP_UP
    refund_alone_minor: int | None = None
    campaign_alone_minor: int = 100_000
    merchant_cashier_day_minor: int = 5_000
    merchant_owner_day_minor: int = 20_000
    check: CheckPolicy = NEVER
    own_refund: OwnRefundPolicy = ON_THEIR_OWN

    def as_json(self) -> dict[str, int | None]:
        """Return all limits side by side."""
        names = ("refund_alone_minor", "campaign_alone_minor", *MERCHANT_DAY)
        alone = {name: getattr(self, name) for name in names}
        parts = ((CHECK, self.check), (OWN_REFUND, self.own_refund))
        named = {begin + name: value for begin, part in parts for name, value in asdict(part).items()}
        return asdict(self.step_up) | alone | named

    @classmethod
    def of(cls, told: Mapping[str, int | None]) -> Self:
        """Return limits as they were written down; what is not there is as everywhere."""
        names = {each.name for each in fields(StepUpPolicy)}
        policy = {name: minor for name, minor in told.items() if name in names and minor is not None}
        beginnings = (CHECK, OWN_REFUND)
        check, own = (
            {name.removeprefix(begin): n for name, n in told.items() if name.startswith(begin) and n is not None}
            for begin in beginnings
        )
        alone: dict[str, Any] = {
            name: minor for name, minor in told.items() if name not in names and not name.startswith(beginnings)
        }
        return cls(StepUpPolicy(**policy), **alone, check=CheckPolicy(**check), own_refund=OwnRefundPolicy(**own))


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store as the shopper and the receipt name it."""

    store_id: str
    name: str
    payee: str
    currency: str
    country: str
    timezone: str
    demo_prices: bool
    rules: StoreRules = DEFAULT_RULES
    limits: StoreLimits = StoreLimits()


@dataclass(frozen=True, slots=True)
class PriceNow:
    """What a product costs at a moment; None for members when they pay the same."""

    unit_price_minor: int
    member_price_minor: int | None


@dataclass(frozen=True, slots=True)
class ReferenceRow:
    """What others know of a code."""

    name: str
    brand: str
    pack: str
    vat_class: str | None


class Shelf(Protocol):
    """Read and replace what is sold."""

    def store(self, store_id: str) -> StoreRow | None:
        """Return the store."""
        ...

    def put_store(self, store: StoreRow) -> None:
        """Add the store, or change its words; its ticket numbers go on, and its rules as well."""
        ...

    def put_rules(self, store_id: str, rules: StoreRules) -> bool:
        """Let other rules hold in a store; False when there is no such store."""
        ...

    def put_limits(self, store_id: str, limits: StoreLimits) -> None:
        """Let other limits hold in a store."""
        ...

    def products(self) -> tuple[tuple[Product, ...], tuple[CodeRow, ...]]:
        """Return all products and codes."""
        ...

    def put_products(self, products: Sequence[Product], codes: Sequence[CodeRow]) -> None:
        """Replace all products and codes."""
        ...

    def sku_of(self, key: str) -> str | None:
        """Return the product under a code's key (14 digits, or the shop's own word); None where there is none."""
        ...

    def add_product(self, product: Product, code: CodeRow) -> None:
        """Add one product with its code."""
        ...

    def reference(self, key: str) -> ReferenceRow | None:
        """Return what others know of a code's key, or None."""
        ...

    def prices_at(self, price_group: str, *, at: datetime) -> dict[str, PriceNow]:
        """Return, by sku, the prices of a group of stores at a moment, where they are not the product's own."""
        ...

    def prices(self, price_group: str) -> tuple[PriceRow, ...]:
        """Return every price row of a group of stores and of all stores, past and to come."""
        ...

    def next_price_at(self, price_group: str, *, after: datetime) -> datetime | None:
        """Return when the next price of a group of stores begins or ends; None when none will."""
        ...

    def promotions(self) -> tuple[dict[str, Any], ...]:
        """Return the active promotions as the JSON that they were written in, by id."""
        ...

    def put_promotions(self, promotions: Sequence[dict[str, Any]]) -> None:
        """Replace all promotions."""
        ...

    def size(self) -> int:
        """Return the number of products."""
        ...

"""What the kiosk asks of the store server about baskets and goods."""

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class FetchStore:
    """Ask who we are and where."""

    kind: Literal["fetch_store"] = "fetch_store"


@dataclass(frozen=True, slots=True)
class CreateBasket:
    """Open a basket under our id."""

    basket_id: str
    kind: Literal["create_basket"] = "create_basket"

    @property
    def key(self) -> str:
        """Return the id that makes a repeat harmless."""
        return self.basket_id


@dataclass(frozen=True, slots=True)
class FetchBasket:
    """Read a basket again."""

    basket_id: str
    kind: Literal["fetch_basket"] = "fetch_basket"


@dataclass(frozen=True, slots=True)
class AddLine:
    """Put a scanned code into the basket; ``same_pack`` where it is a second one on the pack that was read before."""

    key: str
    basket_id: str
    code: str
    symbology: str | None
    quantity: int = 1
    same_pack: bool = False
    kind: Literal["add_line"] = "add_line"


@dataclass(frozen=True, slots=True)
class AddSku:
    """Put a product found by search into the basket; ``weight_g`` for what was weighed here."""

    key: str
    basket_id: str
    sku: str
    weight_g: int | None = None
    quantity: int = 1
    kind: Literal["add_sku"] = "add_sku"


@dataclass(frozen=True, slots=True)
class ChangeQuantity:
    """Set a line's quantity; 0 removes it."""

    key: str
    basket_id: str
    line_id: str
    quantity: int
    kind: Literal["change_quantity"] = "change_quantity"


@dataclass(frozen=True, slots=True)
class RemoveLine:
    """Take a line out."""

    key: str
    basket_id: str
    line_id: str
    kind: Literal["remove_line"] = "remove_line"


@dataclass(frozen=True, slots=True)
class ApplyCoupon:
    """Lay a coupon on the basket; ``instead`` sets those in its way aside."""

    key: str
    basket_id: str
    code: str
    instead: bool = False
    kind: Literal["apply_coupon"] = "apply_coupon"


@dataclass(frozen=True, slots=True)
class ShowWallet:
    """Price the basket for the member whose wallet code is shown. Asking again is harmless, and it is never kept."""

    basket_id: str
    wallet_code: str = field(repr=False)
    kind: Literal["show_wallet"] = "show_wallet"


@dataclass(frozen=True, slots=True)
class LeaveWallet:
    """Price the basket for nobody in particular again. Asking again is harmless, and it is never kept."""

    basket_id: str
    kind: Literal["leave_wallet"] = "leave_wallet"


@dataclass(frozen=True, slots=True)
class DropCoupon:
    """Take a coupon off the basket."""

    key: str
    basket_id: str
    code: str
    kind: Literal["drop_coupon"] = "drop_coupon"


@dataclass(frozen=True, slots=True)
class QuoteBasket:
    """Ask for the price that will be paid."""

    basket_id: str
    kind: Literal["quote_basket"] = "quote_basket"


@dataclass(frozen=True, slots=True)
class SuspendBasket:
    """Put a basket aside under a code."""

    key: str
    basket_id: str
    kind: Literal["suspend_basket"] = "suspend_basket"


@dataclass(frozen=True, slots=True)
class ResumeBasket:
    """Take up a basket that was put aside, by its code."""

    key: str
    code: str
    kind: Literal["resume_basket"] = "resume_basket"


@dataclass(frozen=True, slots=True)
class AbandonBasket:
    """Put a basket away that nobody will pay."""

    key: str
    basket_id: str
    kind: Literal["abandon_basket"] = "abandon_basket"


@dataclass(frozen=True, slots=True)
class SearchProducts:
    """Find products by words."""

    query: str
    kind: Literal["search_products"] = "search_products"


@dataclass(frozen=True, slots=True)
class FetchLoose:
    """Ask for the products without a bar code, to be shown as pictures."""

    kind: Literal["fetch_loose"] = "fetch_loose"

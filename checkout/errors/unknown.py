"""What there is not."""

from dataclasses import dataclass
from typing import ClassVar

from checkout.errors.family import UnknownError


@dataclass(eq=False)
class ProductNotFoundError(UnknownError):
    """The catalogue knows no such code or sku."""

    key: str
    code: ClassVar[str] = "product_not_found"
    sentence: ClassVar[str] = "No product is known under {key!r}."


@dataclass(eq=False)
class LineNotFoundError(UnknownError):
    """The basket has no such line."""

    line_id: str
    code: ClassVar[str] = "line_not_found"
    sentence: ClassVar[str] = "The basket has no line {line_id!r}."


@dataclass(eq=False)
class VatRateNotFoundError(UnknownError):
    """No rate is on record for that class on that day."""

    country: str
    vat_class: str
    on: str
    code: ClassVar[str] = "vat_rate_not_found"
    sentence: ClassVar[str] = "No VAT rate is on record for {vat_class} in {country} on {on}."


@dataclass(eq=False)
class CouponNotFoundError(UnknownError):
    """No coupon bears that code."""

    coupon: str
    code: ClassVar[str] = "coupon_not_found"
    sentence: ClassVar[str] = "No coupon bears the code {coupon!r}."

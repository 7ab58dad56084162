"""What a feed yields: rows that were understood. None in a product means that the file does not speak of it.

They are tuples in the order of the staging columns, since hundreds of thousands go through in one import.
"""

from datetime import datetime, tzinfo
from typing import NamedTuple

from checkout.feeds.faults import Fault, LeftOut
from checkout.money import Currency


class Terms(NamedTuple):
    """What a file must agree with: the shop's currency, country of VAT (ISO 3166 letters), and time zone."""

    currency: Currency
    country: str
    zone: tzinfo


class ProductRecord(NamedTuple):
    """One product; ``unit_price_minor`` is None when prices come in rows of their own."""

    line: int
    sku: str
    name: str | None
    brand: str | None
    pack: str | None
    category: str | None
    unit: str | None
    net_content: int | None
    unit_price_minor: int | None
    vat_class: str | None
    min_age: int | None
    sale_stop: str | None
    deposit_sku: str | None
    demo_price: bool | None
    warranty_months: int | None = None


class CodeRecord(NamedTuple):
    """A code that leads to a product; ``code`` in its shortest usual form (8, 13 or 14 digits), or the shop's own."""

    line: int
    code: str
    sku: str
    pieces: int


class PriceRecord(NamedTuple):
    """A price for a group of stores and a time.

    Attributes:
        sku: Empty when the row names the product by ``code``.
        price_group: Empty for all stores.
        starts_at: None since always; ``ends_at`` (not included): None for good.
        member_price_minor: What members pay; None when the same.
    """

    line: int
    sku: str
    code: str
    price_group: str
    starts_at: datetime | None
    ends_at: datetime | None
    unit_price_minor: int
    member_price_minor: int | None


class RecallRecord(NamedTuple):
    """A lot called back, ``*`` for all; the product by ``sku`` or, when that is empty, by ``code``."""

    line: int
    sku: str
    code: str
    lot: str


class ReferenceRecord(NamedTuple):
    """What others know of a GTIN. Never a price.

    Attributes:
        net_content: Grams or millilitres.
        vat_class: From a supplier (``vat_is_certain``) or guessed from categories: then only a suggestion.
        is_in_store: The number means something only in the shop that printed it, so it tells nothing here.
    """

    line: int
    code: str
    name: str
    brand: str
    pack: str
    category: str
    net_content: int | None
    vat_class: str | None
    vat_is_certain: bool
    is_in_store: bool
    source: str


Record = ProductRecord | CodeRecord | PriceRecord | RecallRecord | ReferenceRecord
Said = Record | Fault | LeftOut
"""All that a feed may yield."""

PRODUCT_FACTS = ProductRecord._fields[2:]
"""What a file may say of a product besides its key."""

"""What is decided: prices, coupons, money and identity as values in, values out.

Nothing here reads a file, a clock, chance or a network. Whoever imports from outside takes the names from this window;
the errors have a window of their own, :mod:`checkout.errors`.
"""

from checkout.basket import BASKET_TABLE, DEFAULT_LIMITS, Basket, BasketEvent, BasketState, Limits, Line
from checkout.catalog import ALL_LOTS, Catalog, CodeRow, Product, Unit
from checkout.errors import CheckoutError, ConflictError, MalformedError, RefusedError, UnknownError
from checkout.gtin import Gtin, check_digit
from checkout.money import CNY, EUR, JPY, USD, Currency, Money, Rounding, currency, ratio, split_minor
from checkout.transitions import TransitionTable
from checkout.vat import VAT_TABLE, VatClass, VatRow, vat_rate_bp

__all__ = [
    "ALL_LOTS",
    "BASKET_TABLE",
    "CNY",
    "DEFAULT_LIMITS",
    "EUR",
    "JPY",
    "USD",
    "VAT_TABLE",
    "Basket",
    "BasketEvent",
    "BasketState",
    "Catalog",
    "CheckoutError",
    "CodeRow",
    "ConflictError",
    "Currency",
    "Gtin",
    "Limits",
    "Line",
    "MalformedError",
    "Money",
    "Product",
    "RefusedError",
    "Rounding",
    "TransitionTable",
    "Unit",
    "UnknownError",
    "VatClass",
    "VatRow",
    "check_digit",
    "currency",
    "ratio",
    "split_minor",
    "vat_rate_bp",
]

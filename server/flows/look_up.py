"""From a read text to what it stands for in this shop."""

from checkout import Catalog, Gtin, Product, ProductCode, Reading, UnknownCode, WeighedCode, WhyUnknown, read_code
from checkout.errors import MalformedCodeError, ProductNotFoundError
from server.flows.errors import FlowError

KINDS = {
    "CouponCode": "coupon",
    "WalletCode": "wallet_code",
    "BasketCode": "basket",
    "TicketCode": "ticket",
    "ExitCode": "exit_code",
    "ShareLink": "share_link",
}


def read_product(catalog: Catalog, text: str, symbology: str | None = None) -> ProductCode | WeighedCode | str:
    """Tell which product code a text is; a text stands for the shop's own codes (PLU numbers, words).

    Raises:
        MalformedCodeError: A digit is wrong, or the text has strange signs.
        ProductNotFoundError: No row of the code table knows it.
        FlowError: `not_a_product`: a coupon, wallet code, ticket, exit code or link was held up.
    """
    if text.strip() in catalog:
        return text.strip()
    reading: Reading = read_code(text, symbology)
    match reading:
        case ProductCode() | WeighedCode():
            return reading
        case UnknownCode(shown, WhyUnknown.WRONG_DIGIT):
            Gtin.parse(shown)  # says what is wrong
            raise MalformedCodeError(shown, "its check digit is wrong")
        case UnknownCode(shown, WhyUnknown.TOO_LONG | WhyUnknown.STRANGE_SIGNS as reason):
            raise MalformedCodeError(shown, reason.value.replace("_", " "))
        case UnknownCode(shown):
            raise ProductNotFoundError(shown)
        case _:
            kind = KINDS[type(reading).__name__]
            raise FlowError("not_a_product", f"That is a {kind.replace('_', ' ')}, not a product.", kind=kind)


def product_of(catalog: Catalog, text: str, symbology: str | None = None) -> Product:
    """Return the product that a text leads to.

    Raises:
        MalformedCodeError: See `read_product`.
        ProductNotFoundError: The shop does not sell it.
        FlowError: `not_a_product`.
    """
    match read_product(catalog, text, symbology):
        case ProductCode(gtin=gtin) | WeighedCode(lookup=gtin):
            return by_gtin(catalog, gtin, text)
        case own:
            return catalog.by_code(str(own))


def by_gtin(catalog: Catalog, gtin: Gtin, text: str) -> Product:
    """Return the product under a global number; where there is none, the error names the text that was read."""
    try:
        return catalog.by_code(gtin)
    except ProductNotFoundError as error:
        raise ProductNotFoundError(text.strip()) from error

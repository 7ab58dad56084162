"""What a read text asks of the visit, in one word."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from checkout.codes import (
    BasketCode,
    BasketTextCode,
    CouponCode,
    ExitCode,
    Family,
    ProductCode,
    ShareLink,
    TicketCode,
    UnknownCode,
    WalletCode,
    WalletPassCode,
    WeighedCode,
    family_of,
    read_code,
)

WITH_ADD_ON: Final = "]E3"
"""An EAN-13 with two or five digits beside it; what they mean is set by the store."""
BADGE_PREFIX: Final = "SESAME:A:"
"""Before the code of a colleague's badge: it opens this kiosk for them, once, and is noted nowhere."""
FACE_CARD_PREFIX: Final = "SESAME:K:"
"""Before the key of a shopper's own face card. It opens a face: it goes to the watcher and never to the store."""


class ReadingKind(StrEnum):
    """What a text is for."""

    PRODUCT = "product"
    COUPON = "coupon"
    WALLET = "wallet"
    OFFLINE = "offline"
    SHARE_LINK = "share_link"
    FACE_CARD = "face_card"
    BADGE = "badge"
    BASKET = "basket"
    BASKET_TEXT = "basket_text"
    OTHER_OURS = "other_ours"
    ADVERT = "advert"


@dataclass(frozen=True, slots=True)
class Reading:
    """A kind and what is passed on: the whole text of a product, or just the code of a coupon or wallet.

    ``says_more`` where a product's code may tell more of a pack than which product it is; the store knows for sure.
    """

    kind: ReadingKind
    text: str
    says_more: bool = False


def read(text: str, symbology: str | None) -> Reading:
    """Sort a text. What nothing here knows goes to the store as a product code, except a strange QR code.

    Examples:
        >>> read("SESAME:W:12345678", "qr").kind.value
        'wallet'
        >>> read("https://brand.example/win", "qr").kind.value
        'advert'
        >>> read("12", None).kind.value
        'product'
    """
    text = text.strip()
    if text.upper().startswith(FACE_CARD_PREFIX):
        return Reading(ReadingKind.FACE_CARD, text)
    if text.upper().startswith(BADGE_PREFIX):
        return Reading(ReadingKind.BADGE, text)
    match read_code(text, symbology):
        case WalletCode(code=code):
            return Reading(ReadingKind.WALLET, code)
        case WalletPassCode(token=token):
            return Reading(ReadingKind.OFFLINE, token)
        case CouponCode(code=code):
            return Reading(ReadingKind.COUPON, code)
        case ShareLink():
            return Reading(ReadingKind.SHARE_LINK, text)
        case BasketCode():
            return Reading(ReadingKind.BASKET, text)
        case BasketTextCode(part=part):
            return Reading(ReadingKind.BASKET_TEXT, part)
        case TicketCode() | ExitCode():
            return Reading(ReadingKind.OTHER_OURS, text)
        case ProductCode(says_more=says_more):
            return Reading(ReadingKind.PRODUCT, text, says_more or symbology == WITH_ADD_ON)
        case WeighedCode():
            return Reading(ReadingKind.PRODUCT, text)
        case UnknownCode(text=shown):
            kind = ReadingKind.ADVERT if family_of(symbology) is Family.MATRIX else ReadingKind.PRODUCT
            return Reading(kind, shown)
        case reading:
            assert_never(reading)

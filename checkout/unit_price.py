"""The price per kilogram or litre, as the law wants it beside the price, in the shopper's language.

Source: Arrêté du 16 novembre 1999, prices per unit of measure.
"""

import re
from functools import lru_cache

from checkout.catalog import Product, Unit
from checkout.label import Label
from checkout.money import Currency, Money, ratio

SIGNS = {"EUR": "€", "CNY": "¥", "JPY": "¥", "USD": "$"}

_CONTENT = re.compile(
    r"(?<![0-9.,])(?:([0-9]{1,3})\s*[x\u00d7*]\s*)?([0-9]{1,5})(?:[.,]([0-9]{1,3}))?\s*(kg|g|l|cl|ml)(?![a-z])",
    re.IGNORECASE,
)
_MILLI = {"kg": 1000, "g": 1, "l": 1000, "cl": 10, "ml": 1}
_LIQUID = {"l", "cl", "ml"}
_MEASURES_ZH = {"kg": "公斤", "l": "升"}


@lru_cache(65_536)
def net_content(pack: str) -> tuple[int, str] | None:
    """Read the content of a pack as printed.

    Returns:
        Grams with `kg`, or millilitres with `l`; None when the text says neither.

    Examples:
        >>> net_content("6 x 33 cl"), net_content("400g"), net_content("0.75 L"), net_content("12 oz")
        ((1980, 'l'), (400, 'kg'), (750, 'l'), None)
    """
    if (found := _CONTENT.search(pack)) is None:
        return None
    count, whole, decimals, unit = found[1] or "1", found[2], found[3] or "", found[4].lower()
    thousandths = int(whole) * 1000 + int(decimals.ljust(3, "0") or "0")
    content = ratio(int(count) * thousandths * _MILLI[unit], 1, 1000)
    return (content, "l" if unit in _LIQUID else "kg") if content > 0 else None


def unit_price(product: Product, unit: Currency) -> Label:
    """Return the price for one kilogram or litre in each language; empty words where none is known."""
    if product.unit is Unit.KG:
        return _label(product.unit_price_minor, "kg", unit)
    if (content := net_content(product.pack)) is None:
        return Label.same("")
    return _label(ratio(product.unit_price_minor, 1000, content[0]), content[1], unit)


@lru_cache(65_536)
def _label(minor: int, per: str, unit: Currency) -> Label:
    amount, sign = str(Money(minor, unit)).split(" ", maxsplit=1)[0], SIGNS.get(unit.code, unit.code)
    before = sign if len(sign) == 1 else f"{sign} "
    return Label(
        fr=f"{amount.replace('.', ',')} {sign}/{per}",
        en=f"{before}{amount}/{per}",
        zh=f"{before}{amount}/{_MEASURES_ZH[per]}",
    )

"""When a receipt is put on paper without being asked for: a table of what the law of a country wants.

France, Code de l'environnement, art. L541-15-10 V and D541-371: no paper unless the shopper asks for it, except where
the receipt must tell the existence and length of the legal warranty (and for cancelled or failed card operations,
which happen at no kiosk).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kiosk.visit.values import Basket


@dataclass(frozen=True, slots=True)
class PaperRule:
    """One case, with the country whose law it is and the reason that the shopper reads."""

    country: str
    reason: str
    applies: Callable[[Basket], bool]


def _has_warranty(basket: Basket) -> bool:
    return any(line.warranty_months for line in basket.lines)


RULES: Final = (PaperRule("FR", "paper_warranty", _has_warranty),)


def paper_due(basket: Basket | None, country: str) -> str | None:
    """Return why a receipt goes on paper by itself, or None where only a wish does it."""
    if basket is None:
        return None
    return next((rule.reason for rule in RULES if rule.country == country and rule.applies(basket)), None)

"""What offers can save at most, without a search: the measure of how far a combination may be from the best.

Every unit is given a price of its own for being taken, so that no use of any offer saves more than the units it takes
are priced at. Whatever uses are chosen, each unit is taken once, so all prices together bound all savings (weak
duality of the assignment). The bound is never below what a search finds.
"""

from collections.abc import Sequence
from typing import assert_never

from checkout.money import Rounding, ratio
from checkout.promotions import FULL_BP, Bundle, BuyXGetY, Cut, EachUnit, Goods, NForM, Pick, SetCut, UnitBenefit
from checkout.uses import Offer, touches


def most_saved(goods: Sequence[Goods], offers: Sequence[Offer]) -> int:
    """Return minor units that offers with unit benefits cannot outdo, however they share the units."""
    most = 0
    for one in goods:
        each = max((_unit_price(offer.benefit, one, goods) for offer in offers if touches(offer, one)), default=0)
        most += min(each, one.unit_minor - one.floor_minor) * one.quantity
    return most


def _unit_price(benefit: UnitBenefit, one: Goods, goods: Sequence[Goods]) -> int:
    match benefit:
        case EachUnit():
            return benefit.off(one.unit_minor)
        case NForM():
            if benefit.pick is Pick.DEAREST:
                return benefit.off(one.unit_minor)
            # The free units are the cheapest of a use: at most their share of all it takes, each rounded once.
            free = benefit.take - benefit.pay
            whole = one.unit_minor * benefit.percent_bp
            return ratio(whole, free, benefit.take * FULL_BP, Rounding.UP) + (benefit.percent_bp < FULL_BP)
        case BuyXGetY():
            return benefit.off(one.unit_minor) if benefit.get.fits(one) else 0
        case SetCut():
            return _set_price(benefit, one, goods)
        case Bundle():
            dearest = sum(
                part.quantity * max((other.unit_minor for other in goods if part.match.fits(other)), default=0)
                for part in benefit.parts
            )
            return _share_of(one, dearest - benefit.price_minor, dearest)
        case _:
            assert_never(benefit)


def _set_price(together: SetCut, one: Goods, goods: Sequence[Goods]) -> int:
    match together.cut:
        case Cut.PERCENT:
            return ratio(one.unit_minor, together.value, FULL_BP, Rounding.UP) + 1
        case Cut.AMOUNT:
            return min(one.unit_minor, together.value)
        case Cut.SET_PRICE:
            dear = together.size * max((other.unit_minor for other in goods if together.match.fits(other)), default=0)
            return _share_of(one, dear - together.value, dear)
        case _:
            assert_never(together.cut)


def _share_of(one: Goods, saved: int, dearest: int) -> int:
    """Return the unit's share of what the dearest use saves: cheaper uses save a smaller part of what they take."""
    return ratio(one.unit_minor, saved, dearest, Rounding.UP) if saved > 0 else 0

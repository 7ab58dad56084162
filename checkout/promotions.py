"""Promotions of the shop as values: a condition, a benefit, and what they may stand beside.

Benefits come in two kinds. *Unit* benefits (:class:`EachUnit`, :class:`NForM`, :class:`BuyXGetY`,
:class:`Bundle`, :class:`SetCut`)
take units, and a unit is taken once. *Basket* benefits (:class:`BasketCut`) act afterwards on what is left to pay.
How they are combined stands in :mod:`checkout.combination`.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from checkout.errors import MalformedRuleError
from checkout.label import Label
from checkout.money import Rounding, ratio
from checkout.window import ALWAYS, Window

FULL_BP = 10_000
"""Basis points in the whole."""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line as promotions see it.

    Attributes:
        unit_minor: Shelf price of one piece; for a weighed or labelled piece, the price of the piece.
        is_single: Weighed or priced by its label: such pieces take part in percentages alone.
        floor_minor: No offer brings a piece below it.
    """

    sku: str
    category: str
    unit_minor: int
    quantity: int = 1
    is_single: bool = False
    floor_minor: int = 0

    @property
    def gross_minor(self) -> int:
        """Shelf price of all pieces."""
        return self.unit_minor * self.quantity


@dataclass(frozen=True, slots=True)
class Match:
    """Which goods: any of the skus or categories (none named: all), within a price band, bounds inclusive."""

    skus: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    min_unit_minor: int | None = None
    max_unit_minor: int | None = None

    def fits(self, goods: Goods) -> bool:
        """Whether the goods are meant."""
        everything = not self.skus and not self.categories
        named = everything or goods.sku in self.skus or goods.category in self.categories
        above = self.min_unit_minor is None or goods.unit_minor >= self.min_unit_minor
        below = self.max_unit_minor is None or goods.unit_minor <= self.max_unit_minor
        return named and above and below


ANYTHING = Match()


class Basis(StrEnum):
    """What a threshold looks at.

    The shelf price is the default: the way to "1.20 more" never grows longer because another offer applied.
    """

    SHELF = "shelf"
    REMAINING = "remaining"


@dataclass(frozen=True, slots=True)
class Condition:
    """What the basket must hold; bounds inclusive. ``basis`` concerns the value only."""

    match: Match = ANYTHING
    min_minor: int = 0
    min_units: int = 0
    basis: Basis = Basis.SHELF


NO_CONDITION = Condition()


class Cut(StrEnum):
    """How a price becomes smaller: by basis points, by minor units, or to a set price (never a higher one)."""

    PERCENT = "percent"
    AMOUNT = "amount"
    SET_PRICE = "set_price"

    def off(self, price_minor: int, value: int, rounding: Rounding = Rounding.HALF_UP) -> int:
        """Return what is taken off a price: never less than nothing, never more than the price."""
        match self:
            case Cut.PERCENT:
                off = ratio(price_minor, value, FULL_BP, rounding)
            case Cut.AMOUNT:
                off = value
            case Cut.SET_PRICE:
                off = price_minor - value
            case _:
                assert_never(self)
        return max(0, min(price_minor, off))


class Pick(StrEnum):
    """Which units an offer reaches when more match than it gives."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


@dataclass(frozen=True, slots=True)
class EachUnit:
    """Make every matching unit cheaper, or only those in complete groups.

    Attributes:
        value: Basis points or minor units, as ``cut`` says.
        group_size: Units that must be there together; 1 is every unit.
        max_per_line: Units of one line that take part at most.
        pick: The groups are made of the cheapest or the dearest units that match; None lets them form as is best.
    """

    match: Match
    cut: Cut
    value: int
    group_size: int = 1
    max_per_line: int | None = None
    pick: Pick | None = None
    rounding: Rounding = Rounding.HALF_UP

    def off(self, price_minor: int) -> int:
        """Return what comes off a unit."""
        return self.cut.off(price_minor, self.value, self.rounding)


class Scope(StrEnum):
    """Which units an offer with a free unit gives away."""

    GROUP = "group"
    """The cheapest of each group; groups form as is best for the shopper, the dearest together."""
    BASKET = "basket"
    """The cheapest of all that match."""


@dataclass(frozen=True, slots=True)
class NForM:
    """Pay ``pay`` of every ``take`` matching units; the others are free, or cheaper by ``percent_bp``.

    Attributes:
        pick: Which are free: the cheapest, or the dearest.
    """

    match: Match
    take: int
    pay: int
    scope: Scope = Scope.GROUP
    percent_bp: int = FULL_BP
    pick: Pick = Pick.CHEAPEST
    rounding: Rounding = Rounding.HALF_UP

    def off(self, price_minor: int) -> int:
        """Return what comes off a unit that is not paid in full."""
        return Cut.PERCENT.off(price_minor, self.percent_bp, self.rounding)


@dataclass(frozen=True, slots=True)
class BuyXGetY:
    """For every ``buy_quantity`` units bought, ``get_quantity`` others are cheaper by ``percent_bp``.

    A unit is either bought or got. All of ``get_quantity`` must be there.
    """

    buy: Match
    buy_quantity: int
    get: Match
    get_quantity: int = 1
    percent_bp: int = FULL_BP
    pick: Pick = Pick.CHEAPEST
    rounding: Rounding = Rounding.HALF_UP

    def off(self, price_minor: int) -> int:
        """Return what comes off a unit that is got."""
        return Cut.PERCENT.off(price_minor, self.percent_bp, self.rounding)


@dataclass(frozen=True, slots=True)
class Part:
    """So many matching units of a bundle."""

    match: Match
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class Bundle:
    """These units together cost ``price_minor``; a bundle that would cost more than its units is not made."""

    parts: tuple[Part, ...]
    price_minor: int


@dataclass(frozen=True, slots=True)
class BasketCut:
    """Make what is left to pay on the matching lines cheaper, spread over them by what they still cost.

    Attributes:
        cut: A percentage, an amount, or a set price for all of it.
        max_off_minor: The most that is taken off.
        full_price_only: Leave out lines that another promotion has made cheaper.
    """

    cut: Cut
    value: int
    match: Match = ANYTHING
    max_off_minor: int | None = None
    full_price_only: bool = False
    rounding: Rounding = Rounding.HALF_UP


@dataclass(frozen=True, slots=True)
class SetCut:
    """Make ``size`` matching units cheaper together: off their sum, shared over them by price.

    Attributes:
        pick: The sets are made of the cheapest or the dearest units that match; None lets them form as is best.
        from_minor: What the units of a set must cost together. Offers of one group with rising amounts make tiers.
    """

    match: Match
    size: int
    cut: Cut
    value: int
    pick: Pick | None = None
    from_minor: int = 0
    rounding: Rounding = Rounding.HALF_UP

    def off(self, price_minor: int) -> int:
        """Return what comes off a set."""
        return self.cut.off(price_minor, self.value, self.rounding) if price_minor >= self.from_minor else 0


UnitBenefit = EachUnit | NForM | BuyXGetY | Bundle | SetCut
Benefit = UnitBenefit | BasketCut


@dataclass(frozen=True, slots=True)
class Promotion:
    """One offer of the shop.

    Attributes:
        when: What the basket must hold. A unit benefit looks at shelf prices only.
        members_only: For shoppers who gave their name.
        group: Of one group only one offer stands on a receipt: the one that saves the shopper most.
        exclusive: Stands on a receipt alone.
        priority: Basket benefits run from high to low; at the same height percentages before amounts, which is best
            for the shopper, then by id.
        max_times: How often a unit benefit may be used on one receipt.
        standing: Never left out for the sake of another, and beside exclusive ones too: a marked-down shelf price.
    """

    id: str
    label: Label
    benefit: Benefit
    when: Condition = NO_CONDITION
    window: Window = ALWAYS
    members_only: bool = False
    group: str | None = None
    exclusive: bool = False
    priority: int = 0
    max_times: int | None = None
    standing: bool = False

    def __post_init__(self) -> None:
        if problem := _problem_of(self.benefit):
            raise MalformedRuleError(self.id, problem)
        if not isinstance(self.benefit, BasketCut) and self.when.basis is Basis.REMAINING:
            raise MalformedRuleError(self.id, "what remains is known only after the unit benefits")


def as_rounded(promotion: Promotion, rounding: Rounding) -> Promotion:
    """Return a promotion whose percentages round as the shop's policy says."""
    if rounding is Rounding.HALF_UP or isinstance(promotion.benefit, Bundle):
        return promotion
    return replace(promotion, benefit=replace(promotion.benefit, rounding=rounding))


def _problem_of(benefit: Benefit) -> str | None:
    match benefit:
        case EachUnit():
            sound = benefit.group_size >= 1 and _is_sound(benefit.cut, benefit.value)
        case NForM():
            sound = 0 <= benefit.pay < benefit.take and 0 < benefit.percent_bp <= FULL_BP
        case BuyXGetY():
            sound = benefit.buy_quantity >= 1 and benefit.get_quantity >= 1 and 0 < benefit.percent_bp <= FULL_BP
        case Bundle():
            sound = bool(benefit.parts) and all(p.quantity >= 1 for p in benefit.parts) and benefit.price_minor >= 0
        case SetCut():
            sound = benefit.size >= 1 and benefit.from_minor >= 0 and _is_sound(benefit.cut, benefit.value)
        case BasketCut():
            sound = _is_sound(benefit.cut, benefit.value)
        case _:
            assert_never(benefit)
    return None if sound else "its figures make no offer"


def _is_sound(cut: Cut, value: int) -> bool:
    return 0 < value <= FULL_BP if cut is Cut.PERCENT else value >= 0

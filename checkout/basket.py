"""What the shopper has scanned: lines, and the states of the basket that holds them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from checkout.errors import LineLimitError, LineNotFoundError, MalformedRuleError, QuantityOutOfRangeError
from checkout.transitions import TransitionTable


class BasketState(StrEnum):
    """Where a basket stands between the first scan and the receipt."""

    OPEN = "open"
    SUSPENDED = "suspended"
    QUOTED = "quoted"
    PAYING = "paying"
    PAID = "paid"
    ABANDONED = "abandoned"


class BasketEvent(StrEnum):
    """What happens to a basket."""

    CHANGE = "change"
    SUSPEND = "suspend"
    RESUME = "resume"
    QUOTE = "quote"
    PAY = "pay"
    SETTLE = "settle"
    FAIL = "fail"
    ABANDON = "abandon"


BASKET_TABLE = TransitionTable(
    name="basket",
    start=BasketState.OPEN,
    rows={
        (BasketState.OPEN, BasketEvent.CHANGE): BasketState.OPEN,
        (BasketState.OPEN, BasketEvent.SUSPEND): BasketState.SUSPENDED,
        (BasketState.OPEN, BasketEvent.QUOTE): BasketState.QUOTED,
        (BasketState.OPEN, BasketEvent.ABANDON): BasketState.ABANDONED,
        (BasketState.SUSPENDED, BasketEvent.RESUME): BasketState.OPEN,
        (BasketState.SUSPENDED, BasketEvent.ABANDON): BasketState.ABANDONED,
        (BasketState.QUOTED, BasketEvent.CHANGE): BasketState.OPEN,
        (BasketState.QUOTED, BasketEvent.QUOTE): BasketState.QUOTED,
        (BasketState.QUOTED, BasketEvent.PAY): BasketState.PAYING,
        (BasketState.QUOTED, BasketEvent.ABANDON): BasketState.ABANDONED,
        (BasketState.PAYING, BasketEvent.SETTLE): BasketState.PAID,
        (BasketState.PAYING, BasketEvent.FAIL): BasketState.OPEN,
    },
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a trip may hold before a member of staff is asked.

    The defaults are starting values of the demonstration shop, not law: the longest receipts of a hypermarket hold
    some hundred lines, and nobody carries more than 99 of one thing through a kiosk.
    """

    lines: int = 100
    pieces: int = 300
    pieces_per_line: int = 99
    warn_percent: int = 80


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Line:
    """One product with its quantity.

    Attributes:
        line_id: Made by whoever scanned, so that a second arrival is known as such.
        quantity: Pieces; always 1 for what was weighed or carries its own price.
        scanned_code: What was read, kept for disputes.
        weight_g: Grams, for what is sold by weight.
        price_minor: Minor units, when the label itself carries the price.
        lot: The lot, when the code carried it.
        issue: Of a periodical, when the bars beside its code were read.
    """

    line_id: str
    sku: str
    quantity: int = 1
    scanned_code: str = ""
    weight_g: int | None = None
    price_minor: int | None = None
    lot: str | None = None
    issue: str | None = None

    def __post_init__(self) -> None:
        if self.quantity < 1:
            raise QuantityOutOfRangeError(self.quantity, 1, DEFAULT_LIMITS.pieces_per_line)
        if self.weight_g is None and self.price_minor is None:
            return
        if self.quantity != 1:
            raise QuantityOutOfRangeError(self.quantity, 1, 1)
        if (self.weight_g is not None and self.weight_g <= 0) or (
            self.price_minor is not None and self.price_minor < 0
        ):
            raise MalformedRuleError(self.line_id, "a weight is above zero and a price not below")

    @property
    def is_single(self) -> bool:
        """Whether the line is one weighed or priced piece, which merges with nothing."""
        return self.weight_g is not None or self.price_minor is not None

    @property
    def told(self) -> tuple[int | str | None, ...]:
        """What its code told of the pack, beside which product it is: weight, price, lot, issue."""
        return self.weight_g, self.price_minor, self.lot, self.issue

    def is_open_to(self, other: "Line") -> bool:
        """Say whether another code of the same pack tells something new of it, and contradicts nothing."""
        pairs = list(zip(self.told, other.told, strict=True))
        contradicted = any(mine != theirs for mine, theirs in pairs if mine is not None and theirs is not None)
        return not contradicted and any(mine is None and theirs is not None for mine, theirs in pairs)

    def piece_with(self, other: "Line") -> "Line":
        """Return one piece of it, with what another code of the same pack tells as well."""
        weight_g, price_minor = (
            theirs if mine is None else mine
            for mine, theirs in ((self.weight_g, other.weight_g), (self.price_minor, other.price_minor))
        )
        lot, issue = self.lot or other.lot, self.issue or other.issue
        return replace(self, quantity=1, weight_g=weight_g, price_minor=price_minor, lot=lot, issue=issue)

    def merges_with(self, other: "Line") -> bool:
        """Say whether two lines are one: of one product, lot and issue, neither weighed nor priced by its label."""
        mine, theirs = ((line.sku, line.lot, line.issue) for line in (self, other))
        return mine == theirs and not (self.is_single or other.is_single)


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines in the order they were scanned.

    Every change returns a new basket, one version later.
    """

    lines: tuple[Line, ...] = ()
    id: str = ""
    version: int = 0

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def pieces(self) -> int:
        """All quantities together; a weighed line is one piece."""
        return sum(line.quantity for line in self.lines)

    def line(self, line_id: str) -> Line:
        """Return a line by its id.

        Raises:
            LineNotFoundError: It is not here.
        """
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise LineNotFoundError(line_id)

    def add(self, scanned: Line, limits: Limits = DEFAULT_LIMITS) -> "Basket":
        """Return a basket with the line in it, merged where the same product and lot is already there.

        The merged line keeps the id and the code of the first. A line whose id is already here is a second arrival
        of the same scan: the basket is returned as it is. The id of a scan that was merged away is not kept; whoever
        may deliver twice remembers it, as the server does by its keys.

        Raises:
            LineLimitError: The trip would outgrow what a kiosk takes alone.
            QuantityOutOfRangeError: The line would.
        """
        if any(line.line_id == scanned.line_id for line in self.lines):
            return self
        for known in self.lines:
            if known.merges_with(scanned):
                return self._with(replace(known, quantity=known.quantity + scanned.quantity), limits)
        return self._checked((*self.lines, scanned), limits)

    def better(self, said: Line, limits: Limits = DEFAULT_LIMITS) -> "Basket":
        """Return a basket in which one piece is what a second code on its pack says: its price, weight, lot or issue.

        The line of one piece keeps its id; of several, one becomes a line of its own. A code that says no more than the
        product changes nothing, nor does one whose product is here with such a code already: a pack counts once. Where
        the product is not here at all, the first code did not get in, and this one is added.

        Raises:
            LineLimitError: The trip would outgrow what a kiosk takes alone.
            QuantityOutOfRangeError: The line would.
        """
        same = [line for line in self.lines if line.sku == said.sku]
        if not same:
            return self.add(said, limits)
        known = next((line for line in reversed(same) if line.is_open_to(said)), None)
        if known is None or any(line.line_id == said.line_id for line in self.lines):
            return self
        piece = known.piece_with(said)
        if known.quantity == 1:
            lines = tuple(piece if line is known else line for line in self.lines)
            return replace(self, lines=lines, version=self.version + 1)
        fewer = self._with(replace(known, quantity=known.quantity - 1), limits)
        return replace(fewer.add(replace(piece, line_id=said.line_id), limits), version=self.version + 1)

    def change(self, line_id: str, quantity: int, limits: Limits = DEFAULT_LIMITS) -> "Basket":
        """Return a basket whose line has another quantity.

        Raises:
            LineNotFoundError: No such line.
            QuantityOutOfRangeError: Below 1, above the limit, or other than 1 for a weighed line.
            LineLimitError: The trip would outgrow what a kiosk takes alone.
        """
        return self._with(replace(self.line(line_id), quantity=quantity), limits)

    def remove(self, line_id: str) -> "Basket":
        """Return a basket without the line.

        Raises:
            LineNotFoundError: No such line.
        """
        gone = self.line(line_id)
        return replace(self, lines=tuple(line for line in self.lines if line is not gone), version=self.version + 1)

    def near_limit(self, limits: Limits = DEFAULT_LIMITS) -> bool:
        """Tell whether staff should come before the limit stops the shopper."""
        return (
            len(self.lines) * 100 >= limits.lines * limits.warn_percent
            or self.pieces * 100 >= limits.pieces * limits.warn_percent
        )

    def _with(self, changed: Line, limits: Limits) -> "Basket":
        lines = tuple(changed if line.line_id == changed.line_id else line for line in self.lines)
        return self._checked(lines, limits)

    def _checked(self, lines: tuple[Line, ...], limits: Limits) -> "Basket":
        _demand_within(lines, limits)
        return replace(self, lines=lines, version=self.version + 1)


def laid_together(lines: Sequence[Line], limits: Limits = DEFAULT_LIMITS) -> tuple[Line, ...]:
    """Return the lines of the basket that these make when they are added in turn.

    Raises:
        LineLimitError: They are more than a kiosk takes alone.
        QuantityOutOfRangeError: A line is.
    """
    if len({line.line_id for line in lines}) == len({(line.sku, line.lot, line.issue) for line in lines}) == len(lines):
        _demand_within(lines, limits)  # none merges with another, so that they stand beside each other as they are
        return tuple(lines)
    basket = Basket()
    for line in lines:
        basket = basket.add(line, limits)
    return basket.lines


def _demand_within(lines: Sequence[Line], limits: Limits) -> None:
    quantities = [line.quantity for line in lines]
    for quantity in quantities:
        if quantity > limits.pieces_per_line:
            raise QuantityOutOfRangeError(quantity, 1, limits.pieces_per_line)
    if len(lines) > limits.lines:
        raise LineLimitError("lines", limits.lines, len(lines))
    if (pieces := sum(quantities)) > limits.pieces:
        raise LineLimitError("pieces", limits.pieces, pieces)

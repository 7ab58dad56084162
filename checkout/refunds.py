"""What goes back for goods that come back: by line and by rate of tax, never more than was paid.

A line is paid back by the share of its pieces. Shares are cut from the whole, so that piece by piece or all at once the
same cents come back, and the tax that stays on the ticket is the tax of the goods that stay with the shopper.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from checkout.errors import LineNotFoundError, QuantityOutOfRangeError
from checkout.money import Money
from checkout.policy import VatRounding
from checkout.quote import Quote, VatLine
from checkout.taxing import vat_lines


@dataclass(frozen=True, slots=True)
class LineRefund:
    """What goes back for some pieces of one line."""

    line_id: str
    pieces: int
    amount: Money
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back.

    Attributes:
        total: The sum of the lines.
        vat: By rate, what was on the ticket less what is on what stays.
    """

    lines: tuple[LineRefund, ...]
    total: Money
    vat: tuple[VatLine, ...]


def refund_of(
    quote: Quote,
    returned: Mapping[str, int],
    *,
    before: Mapping[str, int] | None = None,
    rounding: VatRounding = VatRounding.PER_RATE,
) -> Refund:
    """Reckon a refund of pieces by line id.

    Args:
        quote: As it was paid; dues include the tax.
        returned: Pieces that come back now, by line id. A deposit is a line of its own.
        before: Pieces that came back before, by line id.
        rounding: The policy that the ticket was made under: once a rate, or line by line.

    Raises:
        LineNotFoundError: The ticket has no such line.
        QuantityOutOfRangeError: More pieces would come back than were bought.
    """
    earlier = before or {}
    known = {line.line.line_id: line for line in quote.lines}
    for line_id in (*returned, *earlier):
        if line_id not in known:
            raise LineNotFoundError(line_id)
    lines = []
    kept_before: list[tuple[int, Money]] = []
    kept_after: list[tuple[int, Money]] = []
    for line_id, line in known.items():
        gone, pieces = earlier.get(line_id, 0), returned.get(line_id, 0)
        most = line.line.quantity - gone
        if not 0 <= pieces <= most:
            raise QuantityOutOfRangeError(pieces, 0, most)
        stayed = _kept(line.due, line.line.quantity, most)
        stays = _kept(line.due, line.line.quantity, most - pieces)
        kept_before.append((line.vat_rate_bp, stayed))
        kept_after.append((line.vat_rate_bp, stays))
        if pieces:
            lines.append(LineRefund(line_id, pieces, stayed - stays, line.vat_rate_bp))
    total = sum((line.amount for line in lines), start=Money.zero(quote.total.currency))
    after = {row.rate_bp: row for row in vat_lines(kept_after, rounding)}
    vat = tuple(
        VatLine(row.rate_bp, row.net - rest.net, row.tax - rest.tax, row.gross - rest.gross)
        for row in vat_lines(kept_before, rounding)
        if (rest := after[row.rate_bp]) != row
    )
    return Refund(tuple(lines), total, vat)


def _kept(due: Money, pieces: int, kept: int) -> Money:
    return Money(due.minor * kept // pieces, due.currency)

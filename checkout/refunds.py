"""What goes back for goods that come back: by line and by rate of tax, never more than was paid.

A line is paid back by the share of its pieces. Shares are cut from the whole, so that piece by piece or all at once the
same cents come back, and the tax that stays on the ticket is the tax of the goods that stay with the shopper. What a
coupon took off is cut in the same way: it was never the shopper's money, and goes back to whoever funded it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from checkout.campaigns import OnRefund
from checkout.coupons import Coupon, CouponState
from checkout.errors import LineNotFoundError, MalformedRuleError, QuantityOutOfRangeError
from checkout.ledger import Transfer
from checkout.money import Currency, Money
from checkout.policy import VatRounding
from checkout.quote import Quote, VatLine
from checkout.settlement import Paid, parts_back, refund_parts
from checkout.taxing import vat_lines


@dataclass(frozen=True, slots=True)
class Sold:
    """One line as it was paid, from a quote or from a stored ticket.

    Attributes:
        due: With tax, after all that was taken off.
        savings: What each coupon took off the line, by code; zero or more.
    """

    line_id: str
    pieces: int
    due: Money
    vat_rate_bp: int
    savings: Mapping[str, Money] = field(default_factory=dict)


def sold(quote: Quote) -> tuple[Sold, ...]:
    """Return the lines of a quote as they were paid."""
    codes = {coupon.code for coupon in quote.coupons}
    return tuple(
        Sold(
            line.line.line_id,
            line.line.quantity,
            line.due,
            line.vat_rate_bp,
            {one.rule_id: -one.amount for one in line.adjustments if one.rule_id in codes},
        )
        for line in quote.lines
    )


@dataclass(frozen=True, slots=True)
class LineRefund:
    """What goes back for some pieces of one line."""

    line_id: str
    pieces: int
    amount: Money
    vat_rate_bp: int


@dataclass(frozen=True, slots=True)
class CouponBack:
    """What a refund does to a coupon that was used: its funder gets the part back that fell on the returned goods.

    Attributes:
        is_unused: Everything that it made cheaper has come back: it may be given back to its holder, if it has not
            ended (CO5). Before that it stays used.
    """

    code: str
    amount: Money
    is_unused: bool


class CouponFate(StrEnum):
    """What a refund makes of a coupon that was used."""

    STAYS_USED = "stays_used"
    """Some of the goods that it made cheaper stay with the shopper."""
    RESTORED = "restored"
    VOIDED = "voided"
    """All of them came back, but its time is over or its campaign lets none be used again."""


def fate_of(back: CouponBack, coupon: Coupon, rule: OnRefund, *, at: datetime) -> CouponFate:
    """Say what a refund makes of a coupon; its funder gets ``back.amount`` in any case (CO5)."""
    if not back.is_unused:
        return CouponFate.STAYS_USED
    if coupon.state is not CouponState.REDEEMED or coupon.terms.window.is_before(at):
        return CouponFate.VOIDED
    return CouponFate.RESTORED if rule is OnRefund.RESTORE else CouponFate.VOIDED


@dataclass(frozen=True, slots=True)
class Refund:
    """What goes back.

    Attributes:
        total: The sum of the lines.
        vat: By rate, what was on the ticket less what is on what stays.
        coupons: Those that took something off goods that came back.
    """

    lines: tuple[LineRefund, ...]
    total: Money
    vat: tuple[VatLine, ...]
    coupons: tuple[CouponBack, ...] = ()

    @property
    def amounts(self) -> Mapping[str, Money]:
        """What goes back by line."""
        return {line.line_id: line.amount for line in self.lines if line.amount}


def back_to_tenders(
    transfer_id: str,
    payment: str,
    refund: Refund,
    paid: Sequence[Paid],
    *,
    store: str,
    before: Sequence[Paid] = (),
) -> tuple[Transfer | None, tuple[Paid, ...]]:
    """Join a refund to the tenders that paid: the transfer, or None for goods that cost nothing, and its parts.

    Args:
        transfer_id: Made by whoever asks.
        payment: The payment.
        refund: What goes back.
        paid: What each tender paid of each line, in the order they were drawn on.
        store: The store that sold.
        before: The parts of all refunds of this payment before.

    Raises:
        UnbalancedError: A line or a tender would get more than it paid and has not got back.
    """
    back = parts_back(refund.amounts, paid, before)
    return (refund_parts(transfer_id, payment, back, store=store) if back else None), back


def refund_of(
    bought: Quote | Sequence[Sold],
    returned: Mapping[str, int],
    *,
    before: Mapping[str, int] | None = None,
    rounding: VatRounding = VatRounding.PER_RATE,
) -> Refund:
    """Reckon a refund of pieces by line id.

    Args:
        bought: A quote as it was paid, or its lines; dues include the tax.
        returned: Pieces that come back now, by line id. A deposit is a line of its own.
        before: Pieces that came back before, by line id.
        rounding: The policy that the ticket was made under: once a rate, or line by line.

    Raises:
        LineNotFoundError: The ticket has no such line.
        QuantityOutOfRangeError: More pieces would come back than were bought.
        MalformedRuleError: Nothing was bought.
    """
    earlier = before or {}
    known = {line.line_id: line for line in (sold(bought) if isinstance(bought, Quote) else bought)}
    if not known:
        raise MalformedRuleError("refund", "a ticket without lines has nothing to give back")
    for line_id in (*returned, *earlier):
        if line_id not in known:
            raise LineNotFoundError(line_id)
    steps = [_step(line, earlier.get(line_id, 0), returned.get(line_id, 0)) for line_id, line in known.items()]
    lines = tuple(
        LineRefund(step.line.line_id, step.pieces, step.of(step.line.due), step.line.vat_rate_bp)
        for step in steps
        if step.pieces
    )
    unit = steps[0].line.due.currency
    total = sum((line.amount for line in lines), start=Money.zero(unit))
    stayed, stays = (
        vat_lines([(step.line.vat_rate_bp, kept(step.line.due)) for step, kept in pairs], rounding)
        for pairs in ([(step, step.kept_before) for step in steps], [(step, step.kept_after) for step in steps])
    )
    vat = tuple(
        VatLine(row.rate_bp, row.net - rest.net, row.tax - rest.tax, row.gross - rest.gross)
        for row, rest in zip(stayed, stays, strict=True)
        if rest != row
    )
    return Refund(lines, total, vat, _coupons(steps, unit))


@dataclass(frozen=True, slots=True)
class _Step:
    """One line between what stayed before this refund and what stays after it."""

    line: Sold
    stayed: int
    pieces: int

    def kept_before(self, amount: Money) -> Money:
        return Money(amount.minor * self.stayed // self.line.pieces, amount.currency)

    def kept_after(self, amount: Money) -> Money:
        return Money(amount.minor * (self.stayed - self.pieces) // self.line.pieces, amount.currency)

    def of(self, amount: Money) -> Money:
        return self.kept_before(amount) - self.kept_after(amount)


def _step(line: Sold, gone: int, pieces: int) -> _Step:
    most = line.pieces - gone
    if not 0 <= pieces <= most:
        raise QuantityOutOfRangeError(pieces, 0, most)
    return _Step(line, most, pieces)


def _coupons(steps: Sequence[_Step], unit: Currency) -> tuple[CouponBack, ...]:
    found = []
    for code in dict.fromkeys(code for step in steps for code in step.line.savings):
        of_code = [(step, step.line.savings[code]) for step in steps if code in step.line.savings]
        if any(step.pieces for step, _ in of_code):
            amount = sum((step.of(saved) for step, saved in of_code), start=Money.zero(unit))
            left = any(step.stayed > step.pieces for step, _ in of_code)
            found.append(CouponBack(code, amount, is_unused=not left))
    return tuple(found)

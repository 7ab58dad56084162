"""Tax out of amounts that include it, or on top of amounts that do not, rounded where the store's policy says."""

from collections.abc import Iterable, Mapping, Sequence

from checkout.money import Currency, Money, ratio
from checkout.policy import VatRounding
from checkout.promotions import FULL_BP
from checkout.quote import QuoteLine, VatLine


def vat_lines(
    dues: Sequence[tuple[int, Money]], rounding: VatRounding = VatRounding.PER_RATE, *, is_inside: bool = True
) -> tuple[VatLine, ...]:
    """Reckon the tax of amounts, half up, once per rate on their sum or on each of them.

    Args:
        dues: Rate in basis points and amount; one amount a line, a unit or an entry where the policy rounds those.
        rounding: The store's policy.
        is_inside: Whether the amounts include the tax.

    Returns:
        One line a rate, the lowest first. Net and tax sum to the gross exactly.
    """
    by_rate: dict[int, list[int]] = {}
    for rate_bp, due in dues:
        by_rate.setdefault(rate_bp, []).append(due.minor)
    return _lines(by_rate, dues[0][1].currency, rounding, is_inside=is_inside) if dues else ()


def _lines(
    by_rate: Mapping[int, Sequence[int]], unit: Currency, rounding: VatRounding, *, is_inside: bool
) -> tuple[VatLine, ...]:
    found = []
    for rate_bp, amounts in sorted(by_rate.items()):
        whole = sum(amounts)
        parts = [whole] if rounding is VatRounding.PER_RATE else amounts
        tax = sum([ratio(part, rate_bp, FULL_BP + rate_bp if is_inside else FULL_BP) for part in parts])
        net, gross = (whole - tax, whole) if is_inside else (whole, whole + tax)
        found.append(VatLine(rate_bp, Money(net, unit), Money(tax, unit), Money(gross, unit)))
    return tuple(found)


def taxed(lines: Sequence[QuoteLine], rounding: VatRounding, *, is_inside: bool) -> tuple[VatLine, ...]:
    """Reckon the tax of priced lines, after all that was taken off."""
    if rounding in {VatRounding.PER_UNIT, VatRounding.PER_ENTRY}:
        amounts = [amount for line in lines for amount in _amounts(line, rounding)]
        return vat_lines(amounts, rounding, is_inside=is_inside)
    by_rate: dict[int, list[int]] = {}
    for line in lines:
        by_rate.setdefault(line.vat_rate_bp, []).append(line.due.minor)
    return _lines(by_rate, lines[0].due.currency, rounding, is_inside=is_inside) if lines else ()


def _amounts(line: QuoteLine, rounding: VatRounding) -> Iterable[tuple[int, Money]]:
    if rounding is VatRounding.PER_UNIT:
        for due, pieces in line.unit_dues:
            yield from [(line.vat_rate_bp, due)] * pieces
    else:
        yield line.vat_rate_bp, line.gross
        for adjustment in line.adjustments:
            yield line.vat_rate_bp, adjustment.amount

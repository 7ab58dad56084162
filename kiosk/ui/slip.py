"""A receipt on paper: rows from the store's own record of the sale, in the shopper's language. Pure.

Paper comes only when the shopper asks for it: in France since 1 August 2023 by law (art. L541-15-10 V of the Code de
l'environnement), elsewhere because the receipt is on the phone already.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from checkout import currency
from checkout.unit_price import SIGNS
from kiosk.ports import Slip, SlipRow
from kiosk.visit.values import TicketBody, TicketLine

MESSAGES: Final = Path(__file__).parent / "messages"
_BASIS: Final = 100  # basis points in a hundredth


def slip_of(ticket: TicketBody, locale: str, *, server_url: str, timezone: str) -> Slip:
    """Return the rows of a receipt.

    Args:
        ticket: As the store keeps it.
        locale: ``fr``, ``en`` or ``zh``.
        server_url: Where its page is, for the QR code.
        timezone: Of the store, an IANA name.
    """
    words = _words(locale)

    def money(minor: int) -> str:
        return amount(minor, ticket.currency, locale)

    rows = [
        SlipRow(ticket.store, align="center", bold=True, large=True),
        SlipRow(words["number"].format(number=ticket.number), align="center"),
        SlipRow(_minute(ticket.issued_at, timezone, locale), align="center"),
    ]
    if ticket.demo_prices:
        rows.append(SlipRow(words["demo_prices"], align="center"))
    rows.append(SlipRow(""))
    for line in ticket.lines:
        rows.append(SlipRow(_what(line), money(line.gross_minor)))
        if line.weight_g is not None:
            rows.append(SlipRow(f"  {_kilograms(line.weight_g, locale)} x {line.unit_text.get(locale, '')}"))
        rows.extend(
            SlipRow(f"  {change.label.get(locale, change.rule_id)}", money(change.amount_minor))
            for change in line.adjustments
        )
        if line.issue is not None:
            rows.append(SlipRow("  " + words["issue"].format(issue=line.issue)))
        if line.warranty_months:
            rows.append(SlipRow("  " + words["warranty"].format(months=line.warranty_months)))
    rows.append(SlipRow(""))
    if ticket.saved_minor:
        rows.append(SlipRow(words["saved"], money(ticket.saved_minor)))
    rows.append(SlipRow(words["total"], money(ticket.total_minor), bold=True))
    rows.append(SlipRow(""))
    rows.extend(
        SlipRow(words["vat"].format(rate=_rate(tax.rate_bp, locale), net=money(tax.net_minor)), money(tax.tax_minor))
        for tax in ticket.vat
    )
    if ticket.chain is not None:
        rows.append(SlipRow(words["chain"].format(position=ticket.chain.position, hash=ticket.chain.hash[:16])))
    rows.append(SlipRow(f"{server_url}/t/{ticket.ticket_id}", align="center", qr=True))
    rows.append(SlipRow(words["keep"], align="center"))
    return tuple(rows)


def amount(minor: int, code: str, locale: str) -> str:
    """Return an amount as people of that language write it.

    Examples:
        >>> amount(123450, "EUR", "fr"), amount(-62, "EUR", "en")
        ('1 234,50 €', '-€0.62')
    """
    exponent = currency(code).exponent
    whole, rest = divmod(abs(minor), 10**exponent)
    sign, symbol = "-" if minor < 0 else "", SIGNS.get(code, f"{code} ")
    decimals = f"{rest:0{exponent}d}" if exponent else ""
    if locale == "fr":
        number = f"{whole:,}".replace(",", " ") + (f",{decimals}" if decimals else "")
        return f"{sign}{number} {symbol.strip()}"
    return f"{sign}{symbol}{whole:,}" + (f".{decimals}" if decimals else "")


@cache
def _words(locale: str) -> dict[str, str]:
    words: dict[str, str] = json.loads((MESSAGES / f"{locale}.json").read_text(encoding="utf-8"))["slip"]
    return words


def _what(line: TicketLine) -> str:
    return line.name if line.quantity == 1 else f"{line.quantity} x {line.name}"


def _kilograms(grams: int, locale: str) -> str:
    text = f"{grams // 1000}.{grams % 1000:03d} kg"
    return text.replace(".", ",") if locale == "fr" else text


def _rate(basis_points: int, locale: str) -> str:
    whole, rest = divmod(basis_points, _BASIS)
    text = f"{whole}.{rest:02d}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if locale == "fr" else text


def _minute(at: datetime, timezone: str, locale: str) -> str:
    form = {"fr": "%d/%m/%Y %H:%M", "en": "%d %b %Y %H:%M", "zh": "%Y-%m-%d %H:%M"}[locale]
    return at.astimezone(ZoneInfo(timezone)).strftime(form)

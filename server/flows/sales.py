"""What a merchant reads of their own sales: the days of the store, and every sale of some days as a sheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from checkout.money import Money, currency
from server.flows.days import begin_of, end_of
from server.flows.errors import FlowError
from server.flows.ports import Work
from server.flows.ports.books import Span, Taken, Taking

Language = Literal["fr", "en", "zh"]
LANGUAGES: Final[Sequence[Language]] = get_args(Language)
MOST_DAYS: Final = 31
"""Days in one answer: the longest month."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the store's clock and what it brought."""

    day: date
    taking: Taking


def span_of(first: date, last: date, zone: ZoneInfo) -> Span:
    """Return the time from the first minute of a day to the last of another, by the store's clock.

    Raises:
        FlowError: `days_malformed`: the last comes before the first, there are too many, or no clock shows them.
    """
    if not 0 <= (last - first).days < MOST_DAYS:
        raise FlowError("days_malformed", f"From {first} to {last} is not one to {MOST_DAYS} days.")
    try:
        return Span(begin_of(first, zone), end_of(last, zone))
    except OverflowError as error:
        raise FlowError("days_malformed", "No clock shows these days.") from error


def days_upto(work: Work, store_id: str, last: date, count: int, zone: ZoneInfo) -> Sequence[Day]:
    """Return days with what they brought, newest first; what was given back counts on the day when it was.

    Raises:
        FlowError: As `span_of`.
    """
    if last.toordinal() < count:
        raise FlowError("days_malformed", "No clock shows these days.")
    days = [last - timedelta(days=ago) for ago in range(count)]
    return [Day(day, work.closings.taking(store_id, span_of(day, day, zone))) for day in days]


_HEADINGS: Final[dict[Language, tuple[str, ...]]] = {
    "fr": ("Ticket", "Date", "Heure", "Client", "Montant", "Remboursé", "Cashback", "Payé par", "Devise"),
    "en": ("Ticket", "Date", "Time", "Customer", "Amount", "Refunded", "Cashback", "Paid by", "Currency"),
    "zh": ("小票", "日期", "时间", "顾客", "金额", "已退款", "返现", "支付方式", "币种"),
}
_TENDERS: Final[dict[Language, dict[str, str]]] = {
    "fr": {"main": "porte-monnaie", "cashback": "cashback", "voucher": "bon", "cash": "espèces", "card": "carte"},
    "en": {"main": "wallet", "cashback": "cashback", "voucher": "voucher", "cash": "cash", "card": "card"},
    "zh": {"main": "钱包", "cashback": "返现", "voucher": "代金券", "cash": "现金", "card": "银行卡"},
}
BYTE_ORDER_MARK: Final = "\ufeff"
"""Without it a spreadsheet takes the sheet for one of another time and breaks its accents."""


def sheet_head(language: Language) -> str:
    """Return the first line of a sheet."""
    return BYTE_ORDER_MARK + _written([_HEADINGS[language]], language)


def sheet_rows(sales: Iterable[Taken], language: Language, zone: ZoneInfo) -> str:
    """Return sales as lines of a sheet: dates by the store's clock, amounts as the language writes them."""
    return _written((_cells(sale, language, zone) for sale in sales), language)


def _cells(sale: Taken, language: Language, zone: ZoneInfo) -> tuple[str, ...]:
    at = sale.taken_at.astimezone(zone)
    words = _TENDERS[language]
    tenders = " + ".join(words.get(kind, kind) for kind, _ in sale.paid_by)
    sums = (sale.amount_minor, sale.refunded_minor, sale.cashback_minor)
    amounts = [_amount(minor, sale.currency, language) for minor in sums]
    payer = _plain(sale.payer or "")
    return str(sale.number), f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", payer, *amounts, tenders, sale.currency


def _plain(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _amount(minor: int, code: str, language: Language) -> str:
    number = str(Money(minor, currency(code))).rpartition(" ")[0]
    return number.replace(".", ",") if language == "fr" else number


def _written(rows: Iterable[Sequence[str]], language: Language) -> str:
    sheet = io.StringIO()
    # A French spreadsheet parts columns by semicolons, as its numbers have commas.
    csv.writer(sheet, delimiter=";" if language == "fr" else ",", lineterminator="\r\n").writerows(rows)
    return sheet.getvalue()

"""A receipt on paper says what the store's record says."""

import re
from dataclasses import replace

import pytest

from kiosk.ui.slip import amount, slip_of
from tests.kiosk.builders import a_ticket_body


@pytest.mark.parametrize("locale", ["fr", "en", "zh"])
def test_lines_discounts_tax_and_total_are_on_the_slip_when_it_is_set(locale: str) -> None:
    ticket = a_ticket_body()

    rows = slip_of(ticket, locale, server_url="http://shop", timezone="Europe/Paris")
    pairs = {row.left.strip(): row.right for row in rows}

    assert pairs["2 x Pâte à tartiner"] == amount(718, "EUR", locale)
    assert pairs[{"fr": "Lot de deux", "en": "Two for less", "zh": "两件优惠"}[locale]] == amount(-100, "EUR", locale)
    assert amount(717, "EUR", locale) in {row.right for row in rows if row.bold}
    assert any(re.search(r"\b5[.,]5 ?%", row.left) for row in rows)
    assert [row.left for row in rows if row.qr] == ["http://shop/t/t-1"]
    assert any("13:00" in row.left for row in rows)  # noon in UTC, in Paris


def test_the_slip_says_so_when_prices_are_made_up() -> None:
    made_up = slip_of(a_ticket_body(), "en", server_url="", timezone="UTC")
    real = slip_of(replace(a_ticket_body(), demo_prices=False), "en", server_url="", timezone="UTC")

    assert len(made_up) == len(real) + 1


@pytest.mark.parametrize(
    ("minor", "code", "locale", "text"),
    [
        (1240, "EUR", "fr", "12,40 €"),
        (123450, "EUR", "fr", "1 234,50 €"),
        (-62, "EUR", "en", "-€0.62"),
        (1240, "CNY", "zh", "¥12.40"),
        (500, "JPY", "en", "¥500"),
    ],
)
def test_an_amount_reads_as_people_write_it(minor: int, code: str, locale: str, text: str) -> None:
    assert amount(minor, code, locale) == text

"""I19: by rate, the tax of what came back and of what stays is the tax of the ticket, after any refunds.

Caught: tax reckoned on each refund by itself, whose roundings do not add up.
"""

from hypothesis import given
from hypothesis import strategies as st

from checkout import BasketCut, Cut, VatClass, VatLine, VatRounding, refund_of, sold, vat_lines
from tests.checkout.builders import a_line, a_product, a_promotion, a_quote

PRODUCTS = [
    a_product("tea", minor=333),
    a_product("pen", minor=199, vat_class=VatClass.STANDARD),
    a_product("pan", minor=1001, vat_class=VatClass.STANDARD),
]
VISITS = st.lists(st.fixed_dictionaries({f"l-{name}": st.integers(0, 3) for name in ("tea", "pen", "pan")}), max_size=5)
Taxes = dict[int, tuple[int, int]]


@given(st.integers(0, 1300), VISITS, st.sampled_from([VatRounding.PER_RATE, VatRounding.PER_LINE]))
def test_tax_that_went_and_tax_that_stays_is_the_tickets_when_goods_come_back(
    off: int, visits: list[dict[str, int]], rounding: VatRounding
) -> None:
    quote = a_quote(
        [a_line("tea", 3), a_line("pen", 2), a_line("pan", 3)], PRODUCTS, [a_promotion(BasketCut(Cut.AMOUNT, off))]
    )
    bought = sold(quote)
    ticket = taxes(vat_lines([(line.vat_rate_bp, line.due) for line in bought], rounding))
    gone = dict.fromkeys((line.line_id for line in bought), 0)
    went: Taxes = {}
    for visit in visits:
        wanted = {line.line_id: min(visit[line.line_id], line.pieces - gone[line.line_id]) for line in bought}
        refund = refund_of(bought, wanted, before=gone, rounding=rounding)
        assert all(row.gross.minor == row.net.minor + row.tax.minor for row in refund.vat)
        went = add(went, taxes(refund.vat))
        gone = {line_id: count + wanted[line_id] for line_id, count in gone.items()}
    rest = {line.line_id: line.pieces - gone[line.line_id] for line in bought}
    stays = taxes(refund_of(bought, rest, before=gone, rounding=rounding).vat)
    assert add(went, stays) == ticket


def taxes(rows: tuple[VatLine, ...]) -> Taxes:
    return {row.rate_bp: (row.net.minor, row.tax.minor) for row in rows}


def add(one: Taxes, other: Taxes) -> Taxes:
    pairs = ((rate, one.get(rate, (0, 0)), other.get(rate, (0, 0))) for rate in one.keys() | other.keys())
    return {rate: (first[0] + second[0], first[1] + second[1]) for rate, first, second in pairs}

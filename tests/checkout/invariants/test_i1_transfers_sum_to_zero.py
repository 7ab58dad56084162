"""I1: the postings of every transfer sum to zero, whatever a payment goes through.

Caught: a fold that credits without debiting (as when ``balances`` lost its first line).
"""

from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    EUR,
    AccountId,
    Paid,
    Tender,
    Transfer,
    balances,
    cashback_account,
    fund_coupons,
    hold,
    main_account,
    post,
    refund_parts,
    void,
)
from checkout.cashback import CashbackRule, Funder, cashback_on, grant
from tests.checkout.builders import euros

ADA, PURSE = main_account("ada"), cashback_account("ada")
RULE = CashbackRule(500, (Funder(AccountId.parse("campaign:state"), 89), Funder(AccountId.parse("sales:12"), 11)), 9000)


def life_of_a_payment(cash: int, wallet: int, coupon: int, back: int) -> list[Transfer]:
    """Every kind of transfer that a payment can leave."""
    due = euros(cash + wallet)
    held = hold("h", "p", due, [Tender(PURSE, euros(cash)), Tender(ADA, euros(wallet))])
    earned = cashback_on(due, RULE, got_this_year=euros(0))
    refunded = euros(min(back, due.minor))
    return [
        held,
        post("p", "p", held, store="12"),
        void("v", "p", held),
        fund_coupons("c", "p", [("spring", coupon)], store="13", unit=EUR),
        refund_parts("r", "p", [Paid("l", ADA, refunded)], store="13"),
        *([grant("g", "p", earned, to=PURSE)] if earned.total else []),
    ]


@given(st.integers(0, 9999), st.integers(1, 9999), st.integers(1, 999), st.integers(1, 20_000))
def test_every_transfer_sums_to_zero_when_a_payment_lives(cash: int, wallet: int, coupon: int, back: int) -> None:
    for transfer in life_of_a_payment(cash, wallet, coupon, back):
        assert sum(amount.minor for amount in balances([transfer]).values()) == 0

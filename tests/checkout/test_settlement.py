import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    CNY,
    EUR,
    Money,
    Paid,
    Posting,
    Tender,
    Transfer,
    balances,
    campaign_account,
    cashback_account,
    fund_coupons,
    guard,
    hold,
    hold_account,
    main_account,
    parts_back,
    post,
    refund_parts,
    sales_account,
    settle,
    unfund_coupons,
    void,
)
from checkout.errors import CurrencyMismatchError, InsufficientFundsError, MalformedRuleError, UnbalancedError
from tests.checkout.builders import euros

CASHBACK, MAIN, SALES = cashback_account("ada"), main_account("ada"), sales_account("12")


def refund(transfer_id: str, held: Transfer, amount: Money, refunded: Money | None = None) -> Transfer:
    """Pay an amount back, whatever the line."""
    paid = [Paid("", posting.debit, posting.amount) for posting in held.postings]
    before = parts_back({"": refunded}, paid) if refunded else ()
    return refund_parts(transfer_id, "pay-1", parts_back({"": amount}, paid, before), store="12")


def tenders(cashback: int = 300, main: int = 5000) -> list[Tender]:
    return [Tender(CASHBACK, euros(cashback)), Tender(MAIN, euros(main))]


def a_hold(due: int = 1240) -> Transfer:
    return hold("h-1", "pay-1", euros(due), tenders())


def test_wallet_pays_the_rest_when_cashback_runs_dry() -> None:
    assert settle(euros(1240), tenders(), to=SALES) == (
        Posting(CASHBACK, SALES, euros(300)),
        Posting(MAIN, SALES, euros(940)),
    )


def test_later_tenders_are_left_alone_when_the_first_covers_all() -> None:
    assert settle(euros(300), tenders(), to=SALES) == (Posting(CASHBACK, SALES, euros(300)),)
    assert settle(euros(0), tenders(), to=SALES) == ()


def test_error_says_what_is_missing_when_tenders_do_not_cover() -> None:
    with pytest.raises(InsufficientFundsError) as refused:
        settle(euros(6000), tenders(), to=SALES)
    assert (refused.value.asked_minor, refused.value.held_minor) == (6000, 5300)


def test_tender_is_refused_when_of_another_currency() -> None:
    with pytest.raises(CurrencyMismatchError):
        settle(euros(1), [Tender(MAIN, Money(5, CNY))], to=SALES)


@given(st.integers(0, 10_000), st.lists(st.integers(-5, 4000), max_size=5))
def test_postings_sum_to_the_due_when_settled(due: int, limits: list[int]) -> None:
    offered = [Tender(main_account(str(i)), euros(limit)) for i, limit in enumerate(limits)]
    try:
        postings = settle(euros(due), offered, to=SALES)
    except InsufficientFundsError:
        assert sum(max(0, limit) for limit in limits) < due
        return
    assert sum(posting.amount.minor for posting in postings) == due
    by_account = {tender.account: tender.limit for tender in offered}
    assert all(posting.amount <= by_account[posting.debit] for posting in postings)


def test_store_has_the_money_and_nothing_stays_held_when_posted() -> None:
    held = a_hold()
    found = balances([held, post("p-1", "pay-1", held, store="12")])
    assert found[hold_account("pay-1")] == euros(0)
    assert found[SALES] == euros(1240)
    assert found[CASHBACK] + found[MAIN] == euros(-1240)


def test_everybody_has_their_money_back_when_voided() -> None:
    held = a_hold()
    assert all(not balance for balance in balances([held, void("v-1", "pay-1", held)]).values())


def test_nothing_can_be_held_when_nothing_is_due() -> None:
    with pytest.raises(MalformedRuleError):
        a_hold(0)


def test_last_tender_is_refunded_first_when_a_part_comes_back() -> None:
    held = a_hold()
    first = refund("r-1", held, euros(1000))
    assert first.postings == (Posting(SALES, MAIN, euros(940)), Posting(SALES, CASHBACK, euros(60)))
    rest = refund("r-2", held, euros(240), euros(1000))
    assert rest.postings == (Posting(SALES, CASHBACK, euros(240)),)
    with pytest.raises(UnbalancedError, match="sum to 1241 where 1240"):
        refund("r-3", held, euros(1), euros(1240))


@given(st.lists(st.integers(1, 500), min_size=1, max_size=8))
def test_refunds_never_exceed_what_was_paid_when_they_come_in_parts(parts: list[int]) -> None:
    held = a_hold()
    journal = [held, post("p", "pay-1", held, store="12")]
    refunded = euros(0)
    for number, part in enumerate(parts):
        try:
            journal.append(refund(f"r-{number}", held, euros(part), refunded))
        except UnbalancedError:
            assert refunded.minor + part > 1240
            continue
        refunded += euros(part)
    found = balances(journal)
    assert found[SALES] == euros(1240) - refunded
    assert found[CASHBACK].minor >= -300
    assert found[MAIN].minor >= -940
    assert found[CASHBACK].minor <= 0
    assert found[MAIN].minor <= 0


def test_campaigns_pay_what_their_coupons_saved_when_redeemed() -> None:
    funded = fund_coupons("c-1", "pay-1", [("spring", 200), ("free", 0)], store="12", unit=EUR)
    assert funded.postings == (Posting(campaign_account("spring"), SALES, euros(200)),)
    assert guard({}, funded)[campaign_account("spring")] == euros(-200)


def test_campaigns_have_their_money_again_when_all_that_their_coupons_took_off_comes_back() -> None:
    costs = [("spring", 200), ("nothing", 0), ("bread", 50)]

    funded = fund_coupons("c-1", "pay-1", costs, store="12", unit=EUR)
    back = unfund_coupons("b-1", "pay-1", costs, store="12", unit=EUR)

    assert [(p.debit, p.credit) for p in back.postings] == [(p.credit, p.debit) for p in funded.postings]
    assert not any(balances([funded, back]).values())

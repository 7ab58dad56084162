from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout import (
    AccountId,
    BasketCut,
    CouponBack,
    CouponFate,
    CouponState,
    Cut,
    OnRefund,
    Paid,
    Quote,
    VatClass,
    back_to_tenders,
    balances,
    cashback_account,
    fate_of,
    main_account,
    parts_back,
    refund_of,
)
from checkout.cashback import Cashback, CashbackRule, Funder, cashback_on, grant, taken_back
from checkout.errors import (
    CouponExpiredError,
    LineNotFoundError,
    MalformedRuleError,
    QuantityOutOfRangeError,
    UnbalancedError,
)
from checkout.taxing import vat_lines
from tests.checkout.builders import NOON, a_coupon, a_line, a_product, a_promotion, a_quote, euros, some_terms

STATE, SHOP = AccountId.parse("campaign:state"), AccountId.parse("campaign:shop")
RULE = CashbackRule(500, (Funder(STATE, 89), Funder(SHOP, 11)), yearly_cap_minor=2000)


def a_paid_basket(off: int = 100) -> Quote:
    products = [a_product("tea", minor=333), a_product("pen", minor=199, vat_class=VatClass.STANDARD)]
    return a_quote([a_line("tea", 3), a_line("pen", 2)], products, [a_promotion(BasketCut(Cut.AMOUNT, off))])


@given(st.integers(1, 1300), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2)), max_size=5))
def test_vat_of_what_stays_and_what_went_is_the_tickets_when_goods_come_back(
    off: int, visits: list[tuple[int, int]]
) -> None:
    quote = a_paid_basket(off)
    gone = {"l-tea": 0, "l-pen": 0}
    refunded = {row.rate_bp: (0, 0) for row in quote.vat}
    back = 0
    for tea, pen in visits:
        wanted = {"l-tea": min(tea, 3 - gone["l-tea"]), "l-pen": min(pen, 2 - gone["l-pen"])}
        refund = refund_of(quote, wanted, before=gone)
        back += refund.total.minor
        assert sum(row.gross.minor for row in refund.vat) == refund.total.minor
        for row in refund.vat:
            net, tax = refunded[row.rate_bp]
            refunded[row.rate_bp] = net + row.net.minor, tax + row.tax.minor
        gone = {line_id: count + wanted[line_id] for line_id, count in gone.items()}
    assert back <= quote.total.minor
    if gone == {"l-tea": 3, "l-pen": 2}:
        assert back == quote.total.minor
        assert refunded == {row.rate_bp: (row.net.minor, row.tax.minor) for row in quote.vat}


def test_share_of_its_pieces_goes_back_when_some_of_a_line_come_back() -> None:
    quote = a_paid_basket(100)
    assert [line.due.minor for line in quote.lines] == [927, 370]
    one = refund_of(quote, {"l-tea": 1})
    assert [(line.line_id, line.pieces, line.amount.minor) for line in one.lines] == [("l-tea", 1, 309)]
    # 5.5 % inside 9.27 is 0.48, inside the 6.18 that stay 0.32; the other rate is untouched.
    assert [(row.rate_bp, row.net.minor, row.tax.minor) for row in one.vat] == [(550, 293, 16)]
    rest = refund_of(quote, {"l-tea": 2, "l-pen": 2}, before={"l-tea": 1})
    assert one.total + rest.total == quote.total


def test_refund_is_refused_when_it_asks_for_more_than_was_bought() -> None:
    with pytest.raises(QuantityOutOfRangeError):
        refund_of(a_paid_basket(), {"l-tea": 2}, before={"l-tea": 2})
    with pytest.raises(LineNotFoundError):
        refund_of(a_paid_basket(), {"l-hat": 1})
    assert vat_lines([]) == ()


def test_funders_share_what_comes_back_when_a_purchase_earns_it() -> None:
    earned = cashback_on(euros(1240), RULE, got_this_year=euros(0))
    assert earned == Cashback(euros(62), ((STATE, euros(55)), (SHOP, euros(7))), 0, is_near_cap=False, left=euros(1938))
    transfer = grant("c-1", "pay-1", earned, to=cashback_account("ada"))
    assert balances([transfer])[cashback_account("ada")] == euros(62)


def test_funders_get_back_what_they_paid_when_goods_come_back_piece_by_piece() -> None:
    earned = cashback_on(euros(1240), RULE, got_this_year=euros(0))
    thirds = [(euros(0), euros(413)), (euros(413), euros(413)), (euros(826), euros(414))]

    back = [taken_back(earned.parts, base=euros(1240), before=before, now=now) for before, now in thirds]

    assert [sum(part[n][1].minor for part in back) for n in (0, 1)] == [55, 7]
    assert all(amount.minor >= 0 for part in back for _, amount in part)
    with pytest.raises(UnbalancedError):
        taken_back(earned.parts, base=euros(1240), before=euros(1240), now=euros(1))


def test_yearly_cap_cuts_and_warns_when_it_is_near() -> None:
    earned = cashback_on(euros(10_000), RULE, got_this_year=euros(1900))
    assert (earned.total.minor, earned.cut_minor, earned.is_near_cap, earned.left.minor) == (100, 400, True, 0)
    over = cashback_on(euros(10_000), RULE, got_this_year=euros(2100))
    assert over.total.minor == 0


def test_rule_says_which_field_is_wrong_when_it_makes_no_cashback() -> None:
    for facts, field in (
        ({"rate_bp": 0}, "rate_bp"),
        ({"funders": ()}, "funders"),
        ({"yearly_cap_minor": -1}, "yearly_cap_minor"),
    ):
        with pytest.raises(MalformedRuleError, match=field):
            replace(RULE, **facts)


def test_gift_stays_a_gift_when_what_it_paid_comes_back() -> None:
    gift, cash, main = AccountId.parse("voucher:gift"), cashback_account("ada"), main_account("ada")
    paid = [
        Paid("bread", gift, euros(300)),
        Paid("bread", cash, euros(100)),
        Paid("wine", cash, euros(50)),
        Paid("wine", main, euros(850)),
    ]
    half = parts_back({"bread": euros(200)}, paid)
    assert half == (Paid("bread", main, euros(100)), Paid("bread", gift, euros(100)))
    rest = parts_back({"bread": euros(200), "wine": euros(900)}, paid, half)
    assert rest == (
        Paid("bread", gift, euros(200)),
        Paid("wine", main, euros(750)),
        Paid("wine", cash, euros(150)),
    )
    with pytest.raises(UnbalancedError):
        parts_back({"bread": euros(1)}, paid, (*half, *rest))


def test_coupon_goes_back_with_its_goods_when_all_of_them_are_returned() -> None:
    coupon = a_coupon("C", some_terms(90, skus=frozenset({"tea"})))
    quote = a_quote([a_line("tea", 3), a_line("pen")], [a_product("tea", minor=333), a_product("pen")], (), [coupon])
    one = refund_of(quote, {"l-tea": 1, "l-pen": 1})
    assert one.coupons == (CouponBack("C", euros(30), is_unused=False),)
    rest = refund_of(quote, {"l-tea": 2}, before={"l-tea": 1, "l-pen": 1})
    assert rest.coupons == (CouponBack("C", euros(60), is_unused=True),)
    assert refund_of(quote, {"l-pen": 1}).coupons == ()


@pytest.mark.parametrize(
    ("is_unused", "state", "days", "rule", "fate"),
    [
        (True, CouponState.REDEEMED, 1, OnRefund.RESTORE, CouponFate.RESTORED),
        (False, CouponState.REDEEMED, 1, OnRefund.RESTORE, CouponFate.STAYS_USED),
        (True, CouponState.REDEEMED, 1, OnRefund.VOID, CouponFate.VOIDED),
        (True, CouponState.REDEEMED, 0, OnRefund.RESTORE, CouponFate.VOIDED),
        (True, CouponState.REVOKED, 1, OnRefund.RESTORE, CouponFate.VOIDED),
    ],
)
def test_coupon_is_restored_only_when_nothing_it_made_cheaper_is_left_and_its_rule_and_time_allow(
    *, is_unused: bool, state: CouponState, days: int, rule: OnRefund, fate: CouponFate
) -> None:
    coupon = replace(a_coupon("C", some_terms(90, ends_at=NOON + timedelta(days=days))), state=state)

    assert fate_of(CouponBack("C", euros(90), is_unused=is_unused), coupon, rule, at=NOON) is fate


def test_coupon_is_as_issued_when_it_is_restored_in_time_and_stays_used_after_it() -> None:
    used = a_coupon("C", some_terms(90, ends_at=NOON + timedelta(days=1))).reserve("p-1", at=NOON).redeem()

    back = used.restore(at=NOON)

    assert (back.state, back.reserved_for) == (CouponState.ISSUED, None)
    with pytest.raises(CouponExpiredError):
        used.restore(at=NOON + timedelta(days=1))


def test_refund_reaches_the_tenders_when_it_is_joined_to_a_payment() -> None:
    quote = a_paid_basket()
    main = main_account("ada")
    paid = [Paid(line.line.line_id, main, line.due) for line in quote.lines]
    refund = refund_of(quote, {"l-tea": 3})
    transfer, back = back_to_tenders("r-1", "pay-1", refund, paid, store="12")
    assert transfer is not None
    assert balances([transfer])[main] == refund.total
    assert sum(one.amount.minor for one in back) == refund.total.minor
    assert back_to_tenders("r-2", "pay-1", refund_of(quote, {}), paid, store="12", before=back) == (None, ())
    with pytest.raises(MalformedRuleError):
        refund_of((), {})

"""A visit when time passes, presses come fast, or the network and a payment hang."""

from dataclasses import replace

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.outcome import ActNotPossibleError, approval_of
from kiosk.visit.possible import possible
from kiosk.visit.record import LastSeen, VisitRecord
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import Outlook, Purses
from kiosk.visit.visit import Rules, sure
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_coupon_on_it,
    a_line,
    a_payment,
    a_store,
    a_visit,
    after,
    an_authentication,
    answered,
    asked,
    at,
    shopping,
    walked,
    welcomed,
)


def test_the_visit_is_put_away_when_the_idle_warning_is_not_answered() -> None:
    visit, _ = step(shopping(), events.Ticked(), after(65))
    assert visit.idle_left == 25
    assert "stay" in possible(visit)

    visit, effects = step(visit, events.Ticked(), after(91))

    assert (visit.state, visit.basket) == (State.WELCOME, None)
    assert [type(call) for call in asked(effects)] == [calls.AbandonBasket]


def test_the_visit_goes_on_when_the_shopper_stays() -> None:
    visit, _ = step(shopping(), events.Ticked(), after(65))

    visit, _ = step(visit, acts.Stay(), after(66))
    visit, _ = step(visit, events.Ticked(), after(70))

    assert (visit.state, visit.idle_left) == (State.SHOPPING, None)


def test_the_basket_stays_shown_when_the_network_is_lost() -> None:
    visit, effects = walked(shopping(), events.CodeRead(MILK, "ean13"))

    visit, _ = walked(visit, events.Unreached(asked(effects)[0], kept=True, waiting=1))

    assert visit.basket == a_basket()
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("offline", {"waiting": 1})


def test_an_act_is_refused_when_the_state_does_not_offer_it() -> None:
    with pytest.raises(ActNotPossibleError) as refused:
        step(welcomed(), acts.Confirm(), NOON)

    assert refused.value.screen == "welcome"
    assert "scan" in refused.value.possible


def test_no_challenge_is_set_when_the_shop_chose_none() -> None:
    visit = replace(at(State.DIGITS), rules=Rules(challenge="none"))

    visit, _ = walked(visit, acts.GiveDigits("5678"))

    assert visit.look is not None
    assert visit.look.challenge == "none"


def test_the_kiosk_asks_one_question_at_a_time_when_the_store_does_not_answer() -> None:
    visit, effects = walked(a_visit(), events.Started(None))
    visit, _ = walked(visit, events.Unreached(asked(effects)[0], kept=False, waiting=0))

    visit, first = step(visit, events.Ticked(), after(4))
    visit, second = step(visit, events.Ticked(), after(8))
    visit, _ = step(visit, events.Unreached(calls.FetchStore(), kept=False, waiting=0), after(9))
    visit, third = step(visit, events.Ticked(), after(10))

    assert [asked(first), asked(second), asked(third)] == [[calls.FetchStore()], [], [calls.FetchStore()]]


def test_taps_add_up_when_they_come_faster_than_the_answers() -> None:
    visit = shopping(a_basket(lines=(a_line(quantity=1),)))

    visit, effects = walked(visit, *[acts.AddPieces("line-1", 1)] * 3, acts.AddPieces("line-1", -1))

    sent = [call for call in asked(effects) if isinstance(call, calls.ChangeQuantity)]
    assert [call.quantity for call in sent] == [2, 3, 4, 3]
    assert len({call.key for call in sent}) == len(sent)


def test_the_store_has_the_last_word_when_the_newest_change_is_answered() -> None:
    visit, effects = walked(shopping(a_basket(lines=(a_line(quantity=1),))), *[acts.AddPieces("line-1", 1)] * 2)
    first, second = asked(effects)

    two = events.BasketNow(a_basket(version=2, digest="d2", lines=(a_line(quantity=2),)))
    three = events.BasketNow(a_basket(version=3, digest="d3", lines=(a_line(quantity=3),)))
    visit, _ = walked(visit, events.Answered(first, two))
    assert [one.quantity for one in visit.wanted] == [3]  # still asked for: the answer to the first is already old
    visit, _ = walked(visit, events.Answered(second, three))

    assert visit.wanted == ()


@pytest.mark.parametrize("answer", ["refused", "lost"])
def test_the_basket_is_shown_as_it_is_when_a_change_is_not_done(answer: str) -> None:
    visit, effects = walked(shopping(a_basket(lines=(a_line(quantity=1),))), acts.AddPieces("line-1", 1))
    (call,) = asked(effects)

    event = (
        events.Refused(call, "basket_changed", {})
        if answer == "refused"
        else events.Unreached(call, kept=False, waiting=0)
    )
    visit, _ = walked(visit, event)

    assert visit.wanted == ()


def test_nothing_is_sent_when_a_tap_comes_for_a_line_that_is_going() -> None:
    visit, _ = walked(shopping(a_basket(lines=(a_line(quantity=1),))), acts.AddPieces("line-1", -1))

    _, effects = walked(visit, acts.AddPieces("line-1", 1), acts.AddPieces("unheard", 1))

    assert effects == []


def test_one_payment_is_sent_when_pay_is_pressed_twice() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())

    with pytest.raises(ActNotPossibleError):
        walked(visit, acts.Confirm())

    assert [type(call) for call in asked(effects)] == [calls.Pay]


def test_a_line_waits_by_its_name_when_the_network_is_away() -> None:
    visit, effects = walked(shopping(), events.CodeRead(MILK, "ean13"), events.CodeRead("3228857000906", "ean13"))
    milk, bread = asked(effects)

    visit, _ = walked(visit, *[events.Unreached(call, kept=True, waiting=2) for call in (milk, bread)])
    assert [(one.code, one.name) for one in visit.unsent] == [(MILK, "Pâte à tartiner"), ("3228857000906", None)]

    visit, _ = walked(visit, answered(milk, events.BasketNow(a_basket(version=2))))
    visit, _ = walked(visit, events.Refused(bread, "product_not_found", {}))
    assert visit.unsent == ()


def test_a_line_does_not_wait_when_it_could_not_be_kept() -> None:
    visit, effects = walked(shopping(), events.CodeRead(MILK, "ean13"))

    visit, _ = walked(visit, events.Unreached(asked(effects)[0], kept=False, waiting=200))

    assert visit.unsent == ()


def test_the_last_screen_is_back_at_once_when_the_process_restarts_without_a_network() -> None:
    line = calls.AddLine("line-7", "basket-1", "3228857000906", "ean13")
    another = calls.AddLine("line-8", "basket-0", "3228857000906", "ean13")
    started = events.Started(VisitRecord("basket-1", None, "en"), LastSeen(a_store(), a_basket()), (line, another))

    visit, effects = walked(a_visit(), started)
    assert visit.state is State.SHOPPING
    assert visit.basket == a_basket()
    assert asked(effects) == [calls.FetchStore(), calls.FetchBasket("basket-1")]
    visit, _ = walked(visit, events.Unreached(calls.FetchStore(), kept=False, waiting=1))

    assert visit.state is State.SHOPPING
    assert not visit.online
    assert [one.key for one in visit.unsent] == ["line-7"]


def test_the_payment_is_checked_at_once_when_the_process_restarts_in_the_middle_of_it() -> None:
    seen = LastSeen(a_store(), a_basket(state="paying"))

    visit, effects = walked(a_visit(), events.Started(VisitRecord("basket-1", "pay-1", "en"), seen))

    assert visit.state is State.CHECKING
    assert calls.FetchPayment("pay-1") in asked(effects)


def test_the_store_decides_when_the_last_screen_is_of_another_basket_or_gone() -> None:
    started = events.Started(VisitRecord("basket-9", None, "en"), LastSeen(a_store(), a_basket()))
    assert walked(a_visit(), started)[0].state is State.OUT_OF_ORDER

    visit, _ = walked(
        a_visit(),
        events.Started(VisitRecord("basket-1", None, "en"), LastSeen(a_store(), a_basket())),
        events.Refused(calls.FetchBasket("basket-1"), "basket_not_found", {}),
    )
    assert visit.state is State.WELCOME


@pytest.mark.parametrize("state", [State.PAYING, State.CHECKING])
def test_a_colleague_is_called_once_when_a_payment_does_not_end(state: State) -> None:
    visit, _ = walked(at(state, payment_id="6f3c1a52"), events.Ticked())

    early, effects = walked(visit, events.Ticked(), now=after(119))
    assert not [call for call in asked(effects) if isinstance(call, calls.OpenIntervention)]
    late, effects = walked(early, events.Ticked(), events.Ticked(), events.Ticked(), now=after(120))

    (call,) = [call for call in asked(effects) if isinstance(call, calls.OpenIntervention)]
    assert call.type == "payment_stuck"
    assert call.detail["case"] == "6F3C-1A52"
    assert call.basket_id == "basket-1"
    paid, _ = walked(late, answered(calls.FetchPayment("6f3c1a52"), a_payment("6f3c1a52", "basket-1")), now=after(130))
    assert paid.state is State.RECEIPT
    assert paid.stuck_id is None


def test_plain_help_is_asked_for_when_the_store_does_not_know_stuck_payments() -> None:
    visit, _ = walked(at(State.PAYING, payment_id="6f3c1a52"), events.Ticked())
    visit, effects = walked(visit, events.Ticked(), now=after(120))
    (call,) = asked(effects)

    visit, effects = walked(visit, events.Refused(call, "malformed", {}), now=after(121))

    (plain,) = asked(effects)
    assert isinstance(plain, calls.OpenIntervention)
    assert plain.type == "help_requested"
    assert visit.stuck_id == plain.key


@pytest.mark.parametrize(("asked_minor", "used_minor"), [(0, 30), (100, 100), (999, 340)])
def test_cashback_stays_within_what_the_basket_needs_and_takes_when_the_shopper_chooses(
    asked_minor: int, used_minor: int
) -> None:
    auth = replace(an_authentication(), purses=Purses(0, 30, 340), cashback=Outlook(500, 19, 1000, is_near_cap=False))
    visit, effects = walked(at(State.CODE), acts.Identify("2718", phone="0612345678"))
    (call,) = asked(effects)
    visit, _ = walked(visit, answered(call, auth))
    assert (visit.cashback_minor, "use_cashback" in possible(visit)) == (30, True)

    visit, effects = walked(visit, acts.UseCashback(asked_minor), acts.Confirm())

    assert [call.cashback_minor for call in asked(effects) if isinstance(call, calls.Pay)] == [used_minor]
    assert visit.cashback_minor == used_minor


def test_the_prices_of_members_are_asked_for_when_the_wallet_code_is_shown_while_shopping() -> None:
    visit, effects = walked(at(State.SHOPPING), events.CodeRead("SESAME:W:12345678", "qr"))
    (call,) = asked(effects)
    assert call == calls.ShowWallet("basket-1", "12345678")
    assert "12345678" not in repr(call)

    priced, _ = walked(visit, answered(call, events.BasketNow(a_basket(version=3))))
    refused, _ = walked(visit, events.Refused(call, "wallet_code_unknown", {}))

    assert (priced.state, priced.notice.code if priced.notice else "") == (State.SHOPPING, "member_prices")
    assert refused.notice is not None
    assert refused.notice.code == "wallet_code_unknown"


def test_own_prices_and_coupons_show_before_confirming_when_a_shopper_is_recognised() -> None:
    cheaper = replace(a_basket(version=2, digest="d2", coupons=(a_coupon_on_it(),)), total_minor=100, state="quoted")
    visit = replace(at(State.CODE), auth_key="auth-1")
    before = sure(visit.basket)
    approval = replace(an_authentication(), basket=cheaper)
    call = calls.AuthenticatePin("auth-1", approval_of(visit), "+33600000000", None, "1234")

    visit, _ = walked(visit, answered(call, approval))

    assert visit.state is State.CONFIRMING
    assert visit.basket == cheaper
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts["saved_minor"]) == ("own_price", before.total_minor - 100)
    assert approval_of(visit).digest == "d2"


def test_what_was_anothers_goes_off_the_basket_when_the_shopper_says_not_me() -> None:
    mine = replace(a_basket(version=2, digest="d2", coupons=(a_coupon_on_it(),)), state="quoted")
    auth = replace(an_authentication(), basket=mine, factors=("face",))
    visit, effects = walked(at(State.CONFIRMING, auth=auth, basket=mine), acts.NotMe())

    leave = next(call for call in asked(effects) if isinstance(call, calls.LeaveWallet))
    visit, effects = walked(visit, answered(leave, events.BasketNow(a_basket(version=3, digest="d3"))))

    assert visit.state is State.REVIEW
    assert visit.basket is not None
    assert not visit.basket.coupons
    assert visit.notice is not None
    assert visit.notice.code == "not_me_blocked"
    assert [type(call) for call in asked(effects)] == [calls.QuoteBasket]

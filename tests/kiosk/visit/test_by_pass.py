"""Paying without the store, as the shopper goes through it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from checkout import OfflineSale
from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import Ask, CheckPass, Effect, NoteSettled, RecallByPass, TakeByPass
from kiosk.visit.possible import possible
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.visit import Visit, record_of, sure
from tests.kiosk.builders import NOON, a_basket, a_line, a_payment, a_store, a_visit, after, asked, at, walked

TOKEN = "P.facts.signed"
CODE = f"SESAME:O:{TOKEN}"
QUOTED = replace(a_basket(state="quoted"), provisional=True)


def away(state: State = State.METHOD, **facts: Any) -> Visit:
    return at(state, **({"online": False, "offline_minor": 3000, "basket": QUOTED} | facts))


def one(effects: tuple[Effect, ...] | list[Effect]) -> Effect:
    (effect,) = effects
    return effect


def confirming() -> Visit:
    visit, _ = walked(away(), acts.Scan(CODE))
    visit, effects = step(visit, acts.Identify("1397"), NOON)
    check = one(effects)
    assert isinstance(check, CheckPass)
    visit, _ = step(visit, events.PassAccepted(check.key, "L*** D."), NOON)
    return visit


def paying() -> tuple[Visit, TakeByPass]:
    visit, effects = step(confirming(), acts.Confirm(), NOON)
    take = one(effects)
    assert isinstance(take, TakeByPass)
    return visit, take


def taken(take: TakeByPass) -> events.TakenByPass:
    return events.TakenByPass(
        replace(a_payment(take.payment_id, "basket-1"), coupon=None, balance_after_minor=None, provisional="kiosk-1-1")
    )


def test_pass_and_pin_are_bound_to_what_is_shown_when_they_are_checked() -> None:
    visit, _ = walked(away(), acts.Scan(CODE))
    assert (visit.state, visit.wallet_pass) == (State.CODE, TOKEN)
    assert "identify" in possible(visit)

    visit, effects = step(visit, acts.Identify("1397"), NOON)

    approval = calls.Approval("basket-1", "d1", 718, "Sésame Démo · Magasin 12")
    assert one(effects) == CheckPass(sure(visit.auth_key), approval, TOKEN, "1397")


def test_the_receipt_is_shown_and_the_stores_basket_put_away_when_it_was_taken() -> None:
    visit, take = paying()
    assert (visit.state, record_of(visit)) == (State.PAYING, sure(record_of(visit)))
    assert sure(record_of(visit)).by_pass

    visit, effects = step(visit, taken(take), NOON)

    assert visit.state is State.RECEIPT
    assert screen_of(visit, 1)["panel"]["provisional"] == "kiosk-1-1"
    (left,) = asked(effects)
    assert isinstance(left, calls.AbandonBasket)
    assert "print_ticket" not in possible(replace(visit, devices=(("printer", "on"),)))
    gone, effects = step(visit, acts.NewVisit(), NOON)
    assert (gone.state, effects, record_of(gone)) == (State.WELCOME, (), None)


def test_the_goods_go_along_as_they_were_agreed_to_when_it_is_taken() -> None:
    _, take = paying()

    assert [(line.sku, line.quantity) for line in take.lines] == [("s-1", 2)]
    assert (take.approval.amount_minor, take.wallet_pass, take.age_verified) == (718, TOKEN, False)
    assert take.ticket_id != take.payment_id


def test_the_disk_is_asked_when_the_kiosk_was_killed_while_it_was_taken() -> None:
    visit, take = paying()
    record = sure(record_of(visit))

    again, effects = step(a_visit(), events.Started(record, store=a_store()), NOON)
    again, effects = step(again, events.Answered(calls.FetchStore(), a_store()), NOON)

    assert again.state is State.CHECKING
    assert one(effects) == RecallByPass(take.payment_id)
    waiting, effects = step(again, events.Ticked(), after(60))
    assert (waiting.state, effects) == (State.CHECKING, ())  # the store knows nothing of it yet
    done, _ = step(again, taken(take), NOON)
    assert done.state is State.RECEIPT


def test_the_review_comes_back_when_nothing_was_taken() -> None:
    visit, take = paying()

    visit, effects = step(visit, events.NotTakenByPass(take.payment_id, "offline_limit", {"left_minor": 5}), NOON)

    assert (visit.state, visit.payment_id, visit.by_pass) == (State.REVIEW, None, False)
    assert sure(visit.notice).facts == {"left_minor": 5}
    assert [type(call) for call in asked(effects)] == [calls.FetchBasket, calls.QuoteBasket]


@pytest.mark.parametrize(
    ("code", "keeps"), [("pin_wrong", True), ("pass_over", False), ("offline_limit", False), ("clock_wrong", False)]
)
def test_the_reason_is_said_when_a_pass_may_not_pay(code: str, keeps: bool) -> None:  # noqa: FBT001 - a table
    visit, _ = walked(away(), acts.Scan(CODE))
    visit, _ = step(visit, acts.Identify("1397"), NOON)

    visit, _ = step(visit, events.PassRefused(sure(visit.auth_key), code, {"left_minor": 1, "attempts_left": 1}), NOON)

    assert (visit.state, sure(visit.notice).code, visit.wallet_pass is not None) == (State.CODE, code, keeps)


@pytest.mark.parametrize(
    ("visit", "notice"),
    [
        (away(offline_minor=0), "pass_later"),
        (away(offline_minor=717), "pass_later"),
        (away(online=True), "pass_not_needed"),
        (away(State.SHOPPING), "pass_later"),
    ],
)
def test_a_pass_waits_when_it_cannot_pay_now(visit: Visit, notice: str) -> None:
    after_it, _ = walked(visit, acts.Scan(CODE))

    assert (after_it.state, sure(after_it.notice).code) == (visit.state, notice)
    assert after_it.wallet_pass is None
    assert TOKEN not in str(after_it.last_code)


def test_the_way_is_offered_within_the_floor_when_the_store_is_away() -> None:
    offered = [
        screen_of(visit, 1)["panel"]["code"]
        for visit in (away(), away(offline_minor=717), away(online=True, offline_minor=0))
    ]

    assert offered == [True, False, True]


def test_the_price_of_the_store_is_agreed_to_anew_when_it_is_back_before_anything_was_taken() -> None:
    visit = confirming()

    back, effects = step(visit, events.ShopBack(), NOON)
    (quote,) = asked(effects)
    back, _ = step(
        back, events.Answered(quote, events.BasketNow(a_basket(state="quoted", version=2, digest="d2"))), NOON
    )

    assert (back.state, back.by_pass, back.wallet_pass) == (State.REVIEW, False, None)


def test_the_minute_is_over_when_nobody_confirms() -> None:
    visit, _ = step(confirming(), events.Ticked(), NOON + timedelta(seconds=61))

    assert (visit.state, visit.by_pass) == (State.REVIEW, False)


def test_the_pass_is_asked_for_when_only_a_pin_was_typed() -> None:
    visit = away(State.CODE, online=True)
    visit, _ = step(visit, events.Unreached(calls.FetchStore(), kept=False, waiting=0), NOON)

    assert "identify" not in possible(visit)


def test_the_disk_notes_it_when_the_store_has_booked_a_payment_of_long_ago() -> None:
    call = settling()

    visit, effects = step(at(State.WELCOME), events.Answered(call, a_payment("pay-1", "pay-1")), NOON)

    assert (visit.state, one(effects)) == (State.WELCOME, NoteSettled("pay-1"))


def test_a_colleague_is_called_when_the_store_will_not_book_it() -> None:
    _, effects = step(at(State.WELCOME), events.Refused(settling(), "wallet_pass_wrong", {}), NOON)

    effect = one(effects)
    assert isinstance(effect, Ask)
    assert isinstance(effect.call, calls.OpenIntervention)
    assert (effect.call.type, effect.call.detail["code"]) == ("offline_check", "wallet_pass_wrong")


def settling() -> calls.SettleByPass:
    sale = OfflineSale(
        "pay-1",
        "t-1",
        1,
        "",
        "basket-1",
        "d" * 64,
        718,
        "EUR",
        "Sésame",
        TOKEN,
        NOON,
        False,  # noqa: FBT003 - one value of a row
        (a_line().bought,),
    )
    return calls.SettleByPass("pay-1", sale, "c2ln")

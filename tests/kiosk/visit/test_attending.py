"""A colleague at the kiosk: who is let in, what is asked of the store for them, and how the kiosk is left behind."""

from dataclasses import replace

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.possible import possible
from kiosk.visit.states import State, Turn
from kiosk.visit.step import step
from kiosk.visit.values import KioskTold
from kiosk.visit.visit import Visit, record_of
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_line,
    a_store,
    after,
    an_attendant,
    an_authentication,
    asked,
    at,
    shopping,
    walked,
    welcomed,
)

BADGE = "SESAME:A:7KQ29DXM7KQ29DXM7KQ2"
SHOWN = events.CodeRead(BADGE, "qr")
SIGN_IN = acts.StaffSignIn("0427", "270482")
REPRICE = acts.StaffPrice("line-1", 1, 99, "damaged")
TOLD = KioskTold("kiosk-1", paused=True, pause_reason="cleaning", message="")


def attended(visit: Visit | None = None) -> Visit:
    """Return a visit with a colleague who was let in."""
    return replace(visit or shopping(), state=State.STAFF, attendant=an_attendant())


def refused(visit: Visit, call: calls.Call, code: str, **facts: str | int) -> Visit:
    """Return the visit after the store said no."""
    return step(visit, events.Refused(call, code, facts), NOON)[0]


@pytest.mark.parametrize("state", [State.WELCOME, State.SHOPPING, State.REVIEW, State.METHOD, State.DIGITS, State.CODE])
def test_a_badge_asks_the_store_who_steps_up_when_it_is_shown(state: State) -> None:
    visit, effects = walked(at(state), SHOWN)

    (call,) = asked(effects)
    assert visit.state is State.STAFF
    assert isinstance(call, calls.OpenAttendance)
    assert call.proof == calls.Proof(BADGE, None, None)
    assert visit.last_code is None  # a badge is noted nowhere
    assert BADGE not in repr(call)


@pytest.mark.parametrize("state", [State.PAYING, State.CHECKING, State.RECEIPT, State.ENROL_DETAILS])
def test_a_badge_does_nothing_when_money_moves_or_somebody_joins(state: State) -> None:
    visit, effects = walked(at(state, payment_id="pay-1"), SHOWN)

    assert (visit.state, visit.staff_key, effects) == (state, None, [])


def test_a_badge_asks_once_when_it_stays_in_view(visit_with_badge: Visit) -> None:
    assert walked(visit_with_badge, SHOWN, SHOWN) == (visit_with_badge, [])


@pytest.fixture
def visit_with_badge() -> Visit:
    return walked(shopping(), SHOWN)[0]


def test_a_colleague_is_greeted_when_the_store_knows_them(visit_with_badge: Visit) -> None:
    (call,) = asked(walked(shopping(), SHOWN)[1])

    visit, _ = walked(visit_with_badge, events.Answered(call, an_attendant()))

    assert visit.attendant == an_attendant()
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("staff_welcome", {"name": "Amal"})
    assert {"staff_quantity", "staff_price", "staff_pause", "back"} <= set(possible(visit))
    assert "staff_sign_in" not in possible(visit)


def test_an_answer_too_late_is_sent_away_when_the_colleague_has_stepped_back(visit_with_badge: Visit) -> None:
    (call,) = asked(walked(shopping(), SHOWN)[1])
    gone, _ = walked(visit_with_badge, acts.Back())

    visit, effects = walked(gone, events.Answered(call, an_attendant()))

    (end,) = asked(effects)
    assert visit.state is State.SHOPPING
    assert isinstance(end, calls.EndAttendance)
    assert end.attendance_id == "attendance-1"


@pytest.mark.parametrize(
    ("code", "notice"),
    [
        ("badge_unknown", "badge_unknown"),
        ("staff_pin_wrong", "staff_pin_wrong"),
        ("staff_pin_locked", "staff_pin_locked"),
        ("forbidden_role", "staff_role"),
        ("too_many_requests", "staff_wait"),
    ],
)
def test_nobody_is_let_in_and_the_screen_says_why_when_the_store_refuses(code: str, notice: str) -> None:
    asking, effects = walked(shopping(), acts.Attend(), SIGN_IN)
    (call,) = asked(effects)

    visit = refused(asking, call, code)

    assert visit.attendant is None
    assert visit.notice is not None
    assert visit.notice.code == notice
    assert "staff_sign_in" in possible(visit)


def test_what_a_colleague_does_names_them_and_the_reason_when_it_goes_to_the_store() -> None:
    visit = attended()

    sent = [
        asked(walked(visit, act)[1])[0]
        for act in (acts.StaffQuantity("line-1", 0, "damaged"), REPRICE, acts.StaffPause("repair"))
    ]

    basket_id = visit.basket_id
    assert isinstance(basket_id, str)
    keys = [getattr(call, "key", "") for call in sent]
    assert sent == [
        calls.AmendLine(keys[0], basket_id, "attendance-1", "line-1", 0, "damaged"),
        calls.SetPrice(keys[1], basket_id, "attendance-1", "line-1", 1, 99, "damaged"),
        calls.TellKiosk(keys[2], "kiosk-1", "attendance-1", paused=True, reason="repair"),
    ]
    assert not any(isinstance(call, calls.KeptWrite) for call in sent)


def test_one_thing_is_asked_at_a_time_when_a_colleague_presses_twice() -> None:
    visit, _ = walked(attended(), REPRICE)

    assert not {"staff_quantity", "staff_price", "staff_pause"} & set(possible(visit))


def test_the_new_basket_is_shown_when_the_price_is_set() -> None:
    visit = attended()
    asking, effects = walked(visit, REPRICE)
    cheaper = a_basket(version=9, digest="d9", lines=(a_line(due_minor=99),))

    told, _ = walked(asking, events.Answered(asked(effects)[0], events.BasketNow(cheaper)))

    assert told.basket == cheaper
    assert told.notice is not None
    assert told.notice.code == "price_set"
    assert "staff_price" in possible(told)


def test_a_second_person_is_waited_for_when_one_alone_may_not() -> None:
    asking, effects = walked(attended(), REPRICE)
    (call,) = asked(effects)
    assert isinstance(call, calls.SetPrice)
    waits = refused(asking, call, "second_person_needed", amount_minor=2000, alone_minor=1000)
    assert waits.notice is not None
    assert (waits.notice.code, waits.notice.facts) == ("second_person_needed", {"alone_minor": 1000})

    by_badge = asked(walked(waits, SHOWN)[1])[0]
    by_number = asked(walked(waits, SIGN_IN)[1])[0]

    assert isinstance(by_badge, calls.SetPrice)
    assert isinstance(by_number, calls.SetPrice)
    assert by_badge.second == calls.Proof(BADGE, None, None)
    assert by_number.second == calls.Proof(None, "0427", "270482")
    assert (by_badge.line_id, by_badge.price_minor, by_badge.reason) == ("line-1", 99, "damaged")
    assert by_badge.key != call.key  # another request: the first was answered


def test_another_act_takes_the_place_of_one_that_waits_for_a_second_person() -> None:
    asking, effects = walked(attended(), REPRICE)
    waits = refused(asking, asked(effects)[0], "second_person_needed")

    visit, _ = walked(waits, acts.StaffQuantity("line-1", 0, "damaged"))

    assert visit.staff_wants is None


def test_the_colleague_stays_when_what_a_second_person_was_waited_for_is_given_up() -> None:
    asking, effects = walked(attended(), REPRICE)
    waits = refused(asking, asked(effects)[0], "second_person_needed")

    visit, _ = walked(waits, acts.Back())

    assert (visit.state, visit.staff_wants, visit.attendant) == (State.STAFF, None, an_attendant())


def test_the_badge_is_asked_for_again_when_the_attendance_is_over() -> None:
    asking, effects = walked(attended(), REPRICE)

    visit = refused(asking, asked(effects)[0], "attendance_over")

    assert (visit.state, visit.attendant) == (State.STAFF, None)
    assert "staff_sign_in" in possible(visit)


def test_the_basket_is_read_again_when_an_act_is_refused_for_another_reason() -> None:
    asking, effects = walked(attended(), REPRICE)

    _, more = step(asking, events.Refused(asked(effects)[0], "line_not_found", {}), NOON)

    assert [type(call) for call in asked(more)] == [calls.FetchBasket]


def test_an_act_is_given_up_and_may_be_repeated_when_the_store_is_away() -> None:
    asking, effects = walked(attended(), REPRICE)

    visit, _ = walked(asking, events.Unreached(asked(effects)[0], kept=False, waiting=0))

    assert visit.notice is not None
    assert visit.notice.code == "offline"
    assert "staff_price" in possible(visit)


def test_an_approval_is_gone_when_a_colleague_has_stepped_up_and_back() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(step_up=False))

    back, _ = walked(visit, acts.Attend(), acts.Back())

    assert (back.state, back.auth) == (State.SHOPPING, None)


def test_the_store_ends_the_attendance_when_the_colleague_steps_back() -> None:
    visit, effects = walked(attended(), acts.Back())

    (call,) = asked(effects)
    assert (visit.state, visit.attendant) == (State.SHOPPING, None)
    assert isinstance(call, calls.EndAttendance)
    assert call.attendance_id == "attendance-1"


def test_the_kiosk_is_the_shoppers_again_when_nobody_touches_what_a_colleague_left_open() -> None:
    visit = attended()

    left, effects = walked(visit, events.Ticked(), now=after(visit.rules.idle_seconds))

    assert (left.state, left.attendant, left.touched_at) == (
        State.SHOPPING,
        None,
        after(visit.rules.idle_seconds),
    )
    assert [type(call) for call in asked(effects)] == [calls.EndAttendance]
    assert left.notice is not None
    assert left.notice.code == "staff_left"


def test_basket_and_attendance_end_when_a_colleague_ends_the_visit() -> None:
    visit, effects = walked(attended(), acts.CancelVisit())

    assert (visit.state, visit.basket_id) == (State.WELCOME, None)
    assert [type(call) for call in asked(effects)] == [calls.AbandonBasket, calls.EndAttendance]


def test_the_call_to_the_desk_ends_when_a_colleague_changes_the_basket_there() -> None:
    visit, effects = walked(at(State.DESK, desk_id="call-1"), acts.Attend())

    assert visit.state is State.STAFF
    assert [type(call) for call in asked(effects)] == [calls.CancelIntervention]


def test_a_new_process_shows_the_shoppers_basket_and_no_colleague_when_it_was_killed() -> None:
    record = record_of(attended())

    assert record is not None
    assert record.screen == State.SHOPPING.value


def test_no_goods_are_added_when_a_pack_lies_before_the_camera_of_a_colleague() -> None:
    visit = attended()

    assert walked(visit, events.CodeRead(MILK, "ean13")) == (visit, [])


def test_a_paused_kiosk_closes_when_the_shopper_has_gone() -> None:
    busy, _ = walked(shopping(), TOLD)
    assert busy.state is State.SHOPPING

    gone, _ = walked(busy, acts.CancelVisit())

    assert gone.state is State.PAUSED
    assert "open_search" not in possible(gone)


def test_a_paused_kiosk_stays_so_whatever_the_clock_says() -> None:
    paused, _ = walked(welcomed(), TOLD)

    later, effects = walked(paused, events.Ticked(), now=after(3600))

    assert (later.state, effects) == (State.PAUSED, [])


def test_a_kiosk_opens_again_when_it_is_told_from_afar_or_by_who_stands_there() -> None:
    paused, _ = walked(welcomed(), TOLD)
    opened = replace(TOLD, paused=False, pause_reason=None)

    assert walked(paused, opened)[0].state is State.WELCOME
    there = replace(paused, state=State.STAFF, attendant=an_attendant())
    asking, effects = walked(there, acts.StaffOpen())
    told, _ = walked(asking, events.Answered(asked(effects)[0], opened))
    assert walked(told, acts.Back())[0].state is State.WELCOME


def test_a_kiosk_that_starts_stays_closed_when_it_was_paused_before() -> None:
    starting = replace(welcomed(), state=State.OUT_OF_ORDER, store=None)
    facts = replace(a_store(), paused=True, pause_reason="repair")

    visit, _ = walked(starting, events.Answered(calls.FetchStore(), facts))

    assert visit.state is State.PAUSED


def test_another_kiosks_pause_changes_nothing_here() -> None:
    visit = welcomed()

    assert walked(visit, replace(TOLD, kiosk_id="kiosk-2")) == (visit, [])


def test_the_message_is_kept_for_the_next_shopper_when_a_visit_ends() -> None:
    told, _ = walked(shopping(), replace(TOLD, paused=False, pause_reason=None, message="Back in ten minutes"))

    gone, _ = walked(told, acts.CancelVisit())

    assert gone.store is not None
    assert gone.store.message == "Back in ten minutes"


def test_a_colleague_may_see_to_a_payment_that_turns_out_to_have_happened() -> None:
    visit, effects = walked(attended(), events.PaymentCaptured(str(shopping().basket_id), "pay-1"))

    assert visit.state is State.CHECKING
    assert calls.EndAttendance in {type(call) for call in asked(effects)}
    assert visit.can(Turn.CAPTURED)

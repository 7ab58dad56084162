"""The visit, step by step: each test is one moment of the journey."""

from dataclasses import replace

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginCapture, BeginLook, DropFaces, Effect, ForgetReferences, SearchAlike
from kiosk.visit.outcome import ActNotPossibleError, approval_of
from kiosk.visit.possible import possible
from kiosk.visit.record import LastSeen, VisitRecord
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import Alike, Candidate, Outlook, Problem, Purses
from kiosk.visit.visit import Look, Rules, Visit, record_of, sure
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_consent,
    a_coupon_on_it,
    a_hit,
    a_line,
    a_payment,
    a_store,
    a_visit,
    after,
    an_authentication,
    an_enrolment,
    an_erasure,
    an_evidence,
    asked,
    at,
    shopping,
    walked,
    welcomed,
)


def answered(call: calls.Call, answer: events.Answer) -> events.Answered:
    return events.Answered(call, answer)


# --- opening ---------------------------------------------------------------------------------------------------------


def test_the_kiosk_opens_when_the_store_says_who_it_is() -> None:
    visit, effects = walked(a_visit(), events.Started(None))

    visit, _ = walked(visit, answered(asked(effects)[0], a_store()))

    assert visit.state is State.WELCOME
    assert visit.store == a_store()


def test_the_same_basket_returns_when_the_process_restarts() -> None:
    visit, effects = walked(a_visit(), events.Started(VisitRecord("basket-9", None, "zh")))

    visit, effects = walked(visit, answered(asked(effects)[0], a_store()))
    visit, _ = walked(visit, answered(asked(effects)[0], events.BasketNow(a_basket("basket-9"))))

    assert (visit.state, visit.basket_id, visit.locale) == (State.SHOPPING, "basket-9", "zh")
    assert visit.basket == a_basket("basket-9")


def test_the_record_stays_on_disk_when_the_store_is_out_of_reach_at_the_start() -> None:
    record = VisitRecord("basket-9", "pay-9", "fr")

    visit, effects = walked(a_visit(), events.Started(record))
    visit, _ = walked(visit, events.Unreached(asked(effects)[0], kept=False, waiting=0))

    assert visit.state is State.OUT_OF_ORDER
    assert record_of(visit) == record


def test_the_receipt_shows_when_the_process_restarts_given_the_payment_went_through() -> None:
    visit, effects = walked(a_visit(), events.Started(VisitRecord("basket-9", "pay-9", "fr")))
    visit, effects = walked(visit, answered(asked(effects)[0], a_store()))
    assert visit.state is State.CHECKING

    visit, _ = walked(visit, answered(calls.FetchPayment("pay-9"), a_payment("pay-9", "basket-9")))

    assert visit.state is State.RECEIPT


def test_the_review_shows_when_the_process_restarts_given_no_payment_happened() -> None:
    visit, _ = walked(a_visit(), events.Started(VisitRecord("basket-9", "pay-9", "fr")))
    visit, effects = walked(visit, answered(calls.FetchStore(), a_store()))

    visit, effects = walked(visit, events.Refused(calls.FetchPayment("pay-9"), "payment_not_found", {}))
    visit, effects = walked(visit, events.Refused(asked(effects)[0], "payment_not_found", {}))

    assert visit.state is State.REVIEW
    assert visit.payment_id is None
    assert asked(effects)[-1] == calls.QuoteBasket("basket-9")


# --- shopping --------------------------------------------------------------------------------------------------------


def test_a_basket_opens_before_its_line_when_the_first_code_is_read() -> None:
    visit, effects = walked(welcomed(), events.CodeRead(MILK, "ean13"))

    opening, line = asked(effects)
    assert isinstance(opening, calls.CreateBasket)
    assert isinstance(line, calls.AddLine)
    assert (line.basket_id, line.code) == (opening.basket_id, MILK)
    assert record_of(visit) == VisitRecord(opening.basket_id, None, "fr")


def test_the_line_flashes_when_the_store_has_priced_it() -> None:
    visit, effects = walked(welcomed(), events.CodeRead(MILK, "ean13"))
    _, line = asked(effects)

    visit, _ = walked(visit, answered(line, events.BasketNow(a_basket(str(visit.basket_id)), "line-1")))

    assert visit.last_scan is not None
    assert (visit.last_scan.outcome, visit.last_scan.line_id) == ("added", "line-1")


def test_a_code_counts_once_when_it_is_read_twice_within_a_second() -> None:
    visit, first = step(shopping(), events.CodeRead(MILK, "ean13"), NOON)

    visit, again = step(visit, events.CodeRead(MILK, "ean13"), after(1.0))
    _, later = step(visit, events.CodeRead(MILK, "ean13"), after(5.0))

    assert len(asked(first)) == 1
    assert asked(again) == []
    assert len(asked(later)) == 1


def test_two_of_one_product_are_mentioned_when_it_is_read_again_at_once() -> None:
    first, two = a_line(line_id="line-1"), a_line(line_id="line-1", quantity=2)
    visit, effects = step(shopping(), events.CodeRead(MILK, "ean13"), NOON)
    once = events.BasketNow(a_basket(version=8, lines=(first,)), "line-1")
    visit, _ = step(visit, answered(asked(effects)[-1], once), NOON)
    assert visit.notice is None

    visit, effects = step(visit, events.CodeRead(MILK, "ean13"), after(3.0))
    again = events.BasketNow(a_basket(version=9, lines=(two,)), "line-1")
    visit, _ = step(visit, answered(asked(effects)[-1], again), after(3.2))

    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts["name"]) == ("two_of_it", two.name)


def test_a_notice_and_a_colleague_come_when_a_code_is_unknown() -> None:
    visit, effects = walked(shopping(), acts.Scan("4006381333931"))

    visit, effects = walked(visit, events.Refused(asked(effects)[0], "product_not_found", {}))

    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts["code"]) == ("unknown_code", "4006381333931")
    assert visit.basket == a_basket()
    assert [call.type for call in asked(effects) if isinstance(call, calls.OpenIntervention)] == ["unknown_item"]


def test_a_hint_comes_when_nobody_can_read_the_code_in_view() -> None:
    visit, effects = walked(shopping(), events.CodeUnreadable())

    assert visit.notice is not None
    assert visit.notice.code == "code_unreadable"
    assert effects == []


def test_no_hint_about_codes_comes_when_somebody_chooses_how_to_pay() -> None:
    visit, _ = walked(at(State.METHOD), events.CodeUnreadable())

    assert visit.notice is None


def test_staff_are_told_of_a_dirty_lens_once_when_five_codes_in_a_row_stay_unread() -> None:
    visit, effects = walked(shopping(), *[events.CodeUnreadable()] * 7)

    assert [call.type for call in asked(effects) if isinstance(call, calls.OpenIntervention)] == ["lens_dirty"]

    visit, effects = walked(visit, events.CodeRead("3017620422003", "ean13"), *[events.CodeUnreadable()] * 4)

    assert not [call for call in asked(effects) if isinstance(call, calls.OpenIntervention)]


def test_a_colleague_is_called_once_until_it_moves_again_when_a_camera_stands_still() -> None:
    frozen, dark, on = (events.CameraChanged("face", state) for state in ("frozen", "dark", "on"))
    visit, effects = walked(at(State.LOOKING), frozen, dark, frozen)

    (call,) = [call for call in asked(effects) if isinstance(call, calls.OpenIntervention)]
    assert (call.type, call.detail) == ("camera_frozen", {"camera": "face"})
    assert visit.notice is not None
    assert visit.notice.code == "face_camera_frozen"

    _, effects = walked(visit, on, frozen)

    assert [call.type for call in asked(effects) if isinstance(call, calls.OpenIntervention)] == ["camera_frozen"]


def test_one_call_comes_for_both_roles_when_one_camera_serves_both_and_stands_still() -> None:
    both = [events.CameraChanged(role, "frozen") for role in ("scan", "face")]

    visit, effects = walked(shopping(), *both)

    assert len([call for call in asked(effects) if isinstance(call, calls.OpenIntervention)]) == 1
    assert visit.notice is not None
    assert visit.notice.code == "camera_frozen"


def test_unread_codes_are_counted_on_when_another_shopper_comes() -> None:
    visit, _ = walked(shopping(), *[events.CodeUnreadable()] * 4, acts.CancelVisit())

    _, effects = walked(visit, events.CodeUnreadable())

    assert [call.type for call in asked(effects) if isinstance(call, calls.OpenIntervention)] == ["lens_dirty"]


def test_the_face_is_blocked_and_offered_no_more_when_the_name_shown_is_another_s() -> None:
    visit = at(State.CONFIRMING, auth=replace(an_authentication(), factors=("face",)))

    visit, effects = walked(visit, acts.NotMe())

    (call,) = asked(effects)
    assert isinstance(call, calls.StopFace)
    assert call.authentication_id == an_authentication().authentication_id
    assert (visit.state, visit.notice and visit.notice.code) == (State.METHOD, "not_me_blocked")
    assert screen_of(visit, 1)["panel"]["face"] is False


def test_nothing_is_blocked_when_the_name_came_of_a_mistyped_number() -> None:
    visit = at(State.CONFIRMING, auth=replace(an_authentication(), factors=("phone", "pin")))

    visit, effects = walked(visit, acts.NotMe())

    assert asked(effects) == []
    assert visit.state is State.METHOD


def test_the_face_is_blocked_and_a_colleague_comes_when_the_receipt_names_another() -> None:
    visit, _ = paid_by_face()
    assert "not_me" in possible(visit)

    visit, effects = walked(visit, acts.NotMe())

    stop, help_ = asked(effects)
    assert isinstance(stop, calls.StopFace)
    assert isinstance(help_, calls.OpenIntervention)
    assert (help_.type, help_.detail["total_minor"]) == ("wrong_person", sure(visit.payment).amount_minor)
    assert (visit.state, visit.notice and visit.notice.code) == (State.RECEIPT, "not_me_paid")
    assert "not_me" not in possible(visit)


def paid_by_face(*factors: str) -> tuple[Visit, VisitRecord]:
    """Return the receipt, and what was on disk since the payment left."""
    auth = replace(an_authentication(), factors=factors or ("face",))
    visit, effects = walked(at(State.CONFIRMING, auth=auth), acts.Confirm())
    (pay,) = asked(effects)
    assert isinstance(pay, calls.Pay)
    record = sure(record_of(visit))
    visit, _ = walked(visit, answered(pay, a_payment(pay.key, "basket-1")))
    return visit, record


@pytest.mark.parametrize("is_late", [False, True])
def test_the_receipt_still_takes_not_me_when_the_kiosk_was_killed_since_the_payment_left(*, is_late: bool) -> None:
    receipt, paying = paid_by_face()
    record = sure(record_of(receipt)) if is_late else paying
    payment_id = str(record.payment_id)

    visit, _ = walked(
        a_visit(),
        events.Started(record, LastSeen(a_store(), a_basket(state="paying"))),
        answered(calls.FetchPayment(payment_id), a_payment(payment_id, "basket-1")),
    )
    _, effects = walked(visit, acts.NotMe())

    assert visit.state is State.RECEIPT
    assert [call.authentication_id for call in asked(effects) if isinstance(call, calls.StopFace)] == [
        an_authentication().authentication_id
    ]


def test_no_face_is_blocked_when_another_way_has_paid_after_a_payment_by_face_came_to_nothing() -> None:
    _, record = paid_by_face()
    started = events.Started(record, LastSeen(a_store(), a_basket(state="paying")))
    checking, _ = walked(a_visit(), started)
    elsewhere, _ = walked(checking, answered(calls.FetchBasketPayment("basket-1"), a_payment("pay-9", "basket-1")))
    refused = events.Refused(calls.FetchBasketPayment("basket-1"), "payment_not_found", {})

    gone, _ = walked(checking, refused)

    assert (elsewhere.state, "not_me" in possible(elsewhere)) == (State.RECEIPT, False)
    assert (gone.payment_id, gone.paid_with) == (None, None)


def test_no_receipt_can_be_disowned_when_a_pin_has_paid() -> None:
    visit, record = paid_by_face("phone", "pin")

    assert "not_me" not in possible(visit)
    assert record.paid_with is None


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        (events.FaceStranger("look-1"), [calls.TellRefusals]),
        (events.LivenessFailed("look-1"), [calls.TellRefusals, calls.OpenIntervention]),
    ],
)
def test_the_owner_of_the_digits_is_told_when_the_last_look_failed(
    failed: events.Event, told: list[type[calls.Call]]
) -> None:
    visit = at(State.LOOKING, look=Look("look-1"), digits="5678", face_failures=1)

    visit, effects = walked(visit, failed)

    assert visit.state is State.METHOD
    assert [type(call) for call in asked(effects)] == told


def test_a_coupon_is_laid_on_the_basket_when_its_qr_is_shown_while_shopping() -> None:
    visit, effects = walked(shopping(), events.CodeRead("SESAME:C:ABCD-EFGH", "qr"))
    (call,) = asked(effects)
    assert isinstance(call, calls.ApplyCoupon)
    assert call.code == "ABCD-EFGH"

    basket = a_basket(version=2, digest="d2", coupons=(a_coupon_on_it(),))
    visit, _ = walked(visit, answered(call, events.BasketNow(basket)))

    assert visit.last_scan is not None
    assert visit.last_scan.outcome == "coupon"


def test_the_reason_shows_when_a_coupon_does_not_apply() -> None:
    visit, effects = walked(shopping(), acts.UseCoupon("ABCD-EFGH"))

    basket = a_basket(version=2, digest="d2", coupons=(a_coupon_on_it(applied=False),))
    visit, _ = walked(visit, answered(asked(effects)[0], events.BasketNow(basket)))

    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts["reason"]) == ("coupon_refused", "coupon_expired")


def test_a_coupon_is_used_instead_of_another_when_the_shopper_asks_so() -> None:
    _, effects = walked(shopping(), acts.UseCoupon("ABCD-EFGH", instead=True))

    (call,) = asked(effects)
    assert isinstance(call, calls.ApplyCoupon)
    assert (call.code, call.instead) == ("ABCD-EFGH", True)


def test_it_is_said_what_coupons_save_when_the_wallet_brings_some() -> None:
    visit, effects = walked(shopping(a_basket()), events.CodeRead("SESAME:W:12345678", "qr"))

    basket = a_basket(version=2, digest="d2", coupons=(a_coupon_on_it(), a_coupon_on_it("OFF", applied=False)))
    visit, _ = walked(visit, answered(asked(effects)[0], events.BasketNow(basket)))

    assert visit.notice is not None
    assert (visit.notice.code, dict(visit.notice.facts)) == ("member_coupons", {"count": 1, "saved_minor": 200})


def test_a_share_link_is_left_to_the_phone_when_it_is_scanned() -> None:
    visit, effects = walked(shopping(), events.CodeRead("https://shop.example/c/abcd1234", "qr"))

    assert visit.notice is not None
    assert visit.notice.code == "share_link_seen"
    assert not effects


def test_nothing_happens_when_an_advert_qr_is_in_view() -> None:
    visit, effects = walked(shopping(), events.CodeRead("https://brand.example/win", "qr"))

    assert visit.notice is None
    assert not effects


def test_a_product_found_by_words_is_added_when_it_is_picked() -> None:
    visit, effects = walked(welcomed(), acts.OpenSearch(), acts.SearchFor("pain"))
    *_, search = asked(effects)
    visit, _ = walked(visit, answered(search, events.Products((a_hit(),))))
    assert visit.hits == (a_hit(),)

    visit, effects = walked(visit, acts.Pick("s-2"))

    assert visit.state is State.SHOPPING
    assert [type(call) for call in asked(effects)] == [calls.AddSku]  # the basket was opened with the search


def test_a_product_without_a_bar_code_is_added_when_its_picture_is_pressed() -> None:
    banana = replace(a_hit(), sku="plu-4011", name="Bananes", category="fruit", is_weighed=True)
    bread = replace(a_hit(), sku="baguette", name="Baguette", category="bread")
    visit, effects = walked(welcomed(), acts.OpenSearch())
    visit, _ = walked(visit, answered(asked(effects)[-1], events.Products((banana, bread))), acts.OpenCategory("bread"))
    panel = screen_of(visit, 1)["panel"]
    assert panel["categories"] == ["bread", "fruit"]
    assert [hit["sku"] for hit in panel["results"]] == ["baguette"]

    visit, effects = walked(visit, acts.Pick("baguette"))

    assert visit.state is State.SHOPPING
    assert [getattr(call, "sku", "") for call in asked(effects)] == ["baguette"]
    assert visit.category == ""


def test_words_are_searched_as_ever_when_the_pictures_do_not_come() -> None:
    visit, effects = walked(welcomed(), acts.OpenSearch())
    refused = events.Refused(asked(effects)[-1], "unexpected", {})

    visit, _ = walked(visit, refused, acts.OpenCategory("fruit"), acts.SearchFor("pain"))

    assert visit.notice is None
    assert (visit.query, visit.category, screen_of(visit, 1)["panel"]["categories"]) == ("pain", "", [])


def test_an_older_basket_is_ignored_when_answers_overtake_each_other() -> None:
    visit = shopping(a_basket(version=5, digest="d5"))

    visit, _ = walked(visit, answered(calls.FetchBasket("basket-1"), events.BasketNow(a_basket(version=4))))

    assert visit.basket is not None
    assert visit.basket.version == 5


def test_scanning_goes_on_when_an_age_check_waits() -> None:
    waiting = a_basket(
        version=2,
        digest="d2",
        age_check="waiting",
        problems=(Problem("age_check_required", "critical", "line-1", "18"),),
    )
    visit, _ = walked(shopping(), answered(calls.FetchBasket("basket-1"), events.BasketNow(waiting)))
    assert visit.notice is not None
    assert visit.notice.code == "age_check_wait"

    visit, effects = walked(visit, events.CodeRead(MILK, "ean13"))

    assert isinstance(asked(effects)[0], calls.AddLine)


def test_payment_is_not_possible_when_an_age_check_waits() -> None:
    waiting = a_basket(
        state="quoted", age_check="waiting", problems=(Problem("age_check_required", "critical", "line-1", "18"),)
    )

    visit = replace(at(State.REVIEW), basket=waiting)

    assert not {"confirm", "choose_method"} & set(possible(visit))


def test_the_notice_says_so_when_a_colleague_approves_the_age() -> None:
    visit = shopping(a_basket(age_check="waiting"))
    visit, effects = walked(visit, events.InterventionResolved("i-1", "age_check", "basket-1", "approved"))

    approved = a_basket(version=2, digest="d2", age_check="approved")
    visit, _ = walked(visit, answered(asked(effects)[0], events.BasketNow(approved)))

    assert visit.notice is not None
    assert visit.notice.code == "age_check_approved"


def test_the_approval_of_the_age_is_told_in_the_review_when_the_basket_changed_by_it() -> None:
    visit = replace(at(State.REVIEW), basket=a_basket(state="quoted", age_check="waiting"))

    approved = a_basket(version=2, digest="d2", age_check="approved")
    visit, effects = walked(visit, answered(calls.FetchBasket("basket-1"), events.BasketNow(approved)))

    assert visit.notice is not None
    assert visit.notice.code == "age_check_approved"
    assert asked(effects) == [calls.QuoteBasket("basket-1")]


# --- paying ----------------------------------------------------------------------------------------------------------


def test_the_face_camera_stays_shut_when_digits_are_not_given_yet() -> None:
    visit, _ = walked(shopping(), acts.Review())
    visit, _ = walked(visit, answered(calls.QuoteBasket("basket-1"), events.BasketNow(a_basket(state="quoted"))))

    visit, effects = walked(visit, acts.Confirm(), acts.ChooseMethod("face"))

    assert visit.state is State.DIGITS
    assert not effects


def test_the_receipt_shows_when_a_recognised_shopper_confirms() -> None:
    visit, effects = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    (fetch,) = asked(effects)
    found = events.Candidates((Candidate("ref-1", "sface", "AAAA"),))
    visit, effects = walked(visit, answered(fetch, found))
    (begin,) = effects
    assert isinstance(begin, BeginLook)

    visit, effects = walked(visit, events.FaceRecognised(begin.look_id, "ref-1", an_evidence()))
    call = asked(effects)[0]
    assert isinstance(call, calls.AuthenticateFace)
    assert (call.approval.digest, call.approval.amount_minor) == ("d1", 718)
    assert DropFaces() in effects
    visit, _ = walked(visit, answered(call, an_authentication(call.key)))
    assert visit.state is State.CONFIRMING
    visit, effects = walked(visit, acts.Confirm())
    (pay,) = asked(effects)
    assert isinstance(pay, calls.Pay)
    assert record_of(visit) == VisitRecord("basket-1", pay.key, "fr", paid_with=pay.authentication_id)
    visit, _ = walked(visit, answered(pay, a_payment(pay.key, "basket-1")))

    assert visit.state is State.RECEIPT
    assert visit.auth is None


def test_no_third_look_is_offered_when_two_looks_failed() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    visit, effects = walked(visit, events.FaceStranger(visit.look.look_id))
    assert visit.state is State.LOOKING
    assert DropFaces() in effects

    visit, _ = walked(visit, acts.LookAgain())
    assert visit.look is not None
    visit, _ = walked(visit, events.FaceStranger(visit.look.look_id))

    assert visit.state is State.METHOD
    assert visit.notice is not None
    assert visit.notice.code == "face_tries_over"  # not "try once more", which the page no longer offers
    visit, effects = walked(visit, acts.ChooseMethod("face"))
    assert visit.state is State.METHOD
    assert not effects


def test_nobody_is_named_when_two_accounts_are_too_close() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None

    visit, effects = walked(visit, events.FaceAmbiguous(visit.look.look_id))

    assert visit.state is State.CODE
    assert not asked(effects)
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("face_ambiguous", {})


def test_a_late_result_is_ignored_when_the_shopper_has_left_the_look() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    look_id = visit.look.look_id
    visit, effects = walked(visit, acts.Back())
    assert DropFaces() in effects

    visit, effects = walked(visit, events.FaceRecognised(look_id, "ref-1", an_evidence()))

    assert visit.state is State.METHOD
    assert not effects


def test_the_look_ends_when_its_time_is_over() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))

    visit, effects = step(visit, events.Ticked(), after(30))

    assert visit.face_failures == 1
    assert DropFaces() in effects
    assert visit.notice is not None
    assert visit.notice.code == "look_timeout"


@pytest.mark.parametrize("state", [State.METHOD, State.DIGITS, State.LOOKING, State.CODE, State.CONFIRMING])
def test_an_approval_is_void_when_the_basket_changes(state: State) -> None:
    visit = at(state, auth=an_authentication(), look=Look("l"))

    changed = a_basket(version=2, digest="d2", lines=(a_line(quantity=1, due_minor=399),))
    visit, effects = walked(visit, answered(calls.FetchBasket("basket-1"), events.BasketNow(changed)))

    assert (visit.state, visit.auth) == (State.REVIEW, None)
    assert calls.QuoteBasket("basket-1") in asked(effects)
    assert visit.notice is not None
    assert visit.notice.code == "basket_changed"


def test_nothing_is_voided_when_the_same_content_is_read_again() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication())

    same = events.BasketNow(a_basket(state="quoted", version=2))
    visit, effects = walked(visit, answered(calls.FetchBasket("basket-1"), same))

    assert visit.state is State.CONFIRMING
    assert not effects


def test_the_pin_is_asked_for_when_the_face_alone_does_not_do() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(step_up=True))
    assert "confirm" not in possible(visit)

    visit, effects = walked(visit, acts.GivePin("2580"))
    (call,) = asked(effects)
    visit, _ = walked(visit, answered(call, an_authentication(factors=("face", "pin"), step_up=True)))

    assert "confirm" in possible(visit)


def test_the_shortfall_shows_when_the_balance_does_not_do() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())

    visit, _ = walked(visit, events.Refused(asked(effects)[0], "insufficient_funds", {"shortfall_minor": 620}))

    assert visit.state is State.REVIEW
    assert visit.notice is not None
    assert visit.notice.facts == {"shortfall_minor": 620}


def test_the_approval_ends_when_its_time_is_over() -> None:
    visit = at(State.CONFIRMING, auth=an_authentication(expires_at=after(60)))

    visit, _ = step(visit, events.Ticked(), after(61))

    assert (visit.state, visit.auth) == (State.REVIEW, None)


def test_the_screen_says_do_not_pay_again_when_the_network_is_lost_while_paying() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())
    (pay,) = asked(effects)

    visit, effects = walked(visit, events.Unreached(pay, kept=True, waiting=1), events.Ticked())

    assert visit.state is State.PAYING
    assert not visit.online
    assert not effects


def test_the_code_panel_opens_prefilled_when_a_wallet_code_is_shown_in_the_review() -> None:
    visit, _ = walked(at(State.REVIEW), events.CodeRead("SESAME:W:12345678", "qr"))

    assert (visit.state, visit.wallet_code) == (State.CODE, "12345678")


def test_the_phone_number_is_sent_in_full_form_when_a_shopper_identifies() -> None:
    visit, effects = walked(at(State.CODE), acts.Identify(pin="2580", phone="06 12 34 56 78"))

    (call,) = asked(effects)
    assert isinstance(call, calls.AuthenticatePin)
    assert call.phone == "+33612345678"
    assert "2580" not in repr(call)
    assert "2580" not in repr(visit)


def test_the_shopper_stays_when_the_pin_is_wrong() -> None:
    visit, effects = walked(at(State.CODE), acts.Identify(pin="2580", phone="0612345678"))

    visit, _ = walked(visit, events.Refused(asked(effects)[0], "pin_wrong", {"attempts_left": 3}))

    assert visit.state is State.CODE
    assert visit.notice is not None
    assert visit.notice.facts == {"attempts_left": 3}
    assert "identify" in possible(visit)


def test_the_receipt_shows_when_a_colleague_takes_the_payment_at_the_desk() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)
    assert isinstance(call.detail["emoji"], list)

    visit, effects = walked(visit, events.PaymentCaptured("basket-1", "pay-7"))
    visit, _ = walked(visit, answered(asked(effects)[0], a_payment("pay-7", "basket-1", subject=None)))

    assert visit.state is State.RECEIPT


def test_the_review_returns_when_the_desk_refuses() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)

    visit, _ = walked(visit, events.InterventionResolved(call.key, "payment_at_desk", "basket-1", "refused"))

    assert visit.state is State.REVIEW
    assert visit.notice is not None
    assert visit.notice.code == "desk_refused"


@pytest.mark.parametrize(
    ("event", "left_for"),
    [
        (acts.Back(), State.METHOD),
        (acts.CancelVisit(), State.WELCOME),
        (answered(calls.FetchBasket("basket-1"), events.BasketNow(a_basket(version=9, digest="other"))), State.REVIEW),
    ],
)
def test_the_call_to_the_desk_is_taken_back_when_the_desk_is_left(event: events.Event, left_for: State) -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))
    (call,) = asked(effects)
    assert isinstance(call, calls.OpenIntervention)

    visit, effects = walked(visit, event)

    assert visit.state is left_for
    (taken_back,) = [each for each in asked(effects) if isinstance(each, calls.CancelIntervention)]
    assert taken_back.intervention_id == call.key
    assert taken_back.key != call.key


def test_the_call_to_the_desk_stays_when_the_money_was_taken() -> None:
    visit, effects = walked(at(State.METHOD), acts.ChooseMethod("desk"))

    visit, effects = walked(visit, answered(calls.FetchBasketPayment("basket-1"), a_payment("pay-7", "basket-1")))

    assert visit.state is State.RECEIPT
    assert not any(isinstance(each, calls.CancelIntervention) for each in asked(effects))


def test_the_outcome_is_asked_for_when_a_payment_was_answered_badly() -> None:
    visit, effects = walked(at(State.CONFIRMING, auth=an_authentication()), acts.Confirm())
    (pay,) = asked(effects)

    visit, effects = walked(visit, events.Refused(pay, "not_as_agreed", {}))

    assert visit.state is State.CHECKING
    assert visit.payment_id == getattr(pay, "key", None)
    assert visit.notice is not None
    assert visit.notice.code == "unexpected"
    assert asked(effects) == [calls.FetchPayment(str(visit.payment_id))]


# --- joining and forgetting ------------------------------------------------------------------------------------------


def test_nobody_is_led_to_the_consent_when_its_text_comes_after_they_went_on() -> None:
    visit, effects = walked(shopping(), acts.StartEnrolment(), acts.Review())
    (text, _quote) = asked(effects)

    late, _ = walked(visit, answered(text, a_consent()))
    again, _ = walked(late, acts.Back(), acts.StartEnrolment(), answered(text, a_consent()))

    assert late.state is State.REVIEW
    assert again.state is State.ENROL_CONSENT


def test_the_consent_comes_in_the_new_language_when_it_is_chosen_while_the_text_is_on_its_way() -> None:
    visit, effects = walked(welcomed(), acts.StartEnrolment(), acts.ChooseLocale("zh"))

    assert asked(effects) == [calls.FetchConsent(visit.rules.locale), calls.FetchConsent("zh")]
    for locale in (visit.rules.locale, "zh"):
        visit, _ = walked(visit, answered(calls.FetchConsent(locale), a_consent(locale)))

    assert visit.state is State.ENROL_CONSENT
    assert visit.joining is not None
    assert visit.joining.consent == a_consent("zh")


def test_nothing_is_kept_when_a_box_stays_unticked() -> None:
    visit, effects = walked(welcomed(), acts.StartEnrolment())
    visit, _ = walked(visit, answered(asked(effects)[0], a_consent()))

    young, _ = walked(visit, acts.GiveConsent(given=True, over_15=False))
    unsure, _ = walked(visit, acts.GiveConsent(given=False, over_15=True))

    assert young.notice is not None
    assert unsure.notice is not None
    assert (young.state, young.notice.code) == (State.ENROL_CONSENT, "too_young")
    assert (unsure.state, unsure.notice.code) == (State.ENROL_CONSENT, "consent_missing")


@pytest.mark.parametrize(
    ("details", "field", "notice"),
    [
        (acts.GiveDetails("", "0612345678", "2580", "2580"), "name", "name_missing"),
        (acts.GiveDetails("Lina Durand", "12", "2580", "2580"), "phone", "phone_malformed"),
        (acts.GiveDetails("Lina Durand", "0612345678", "1234", "1234"), "pin", "pin_weak"),
        (acts.GiveDetails("Lina Durand", "0612345678", "2580", "2581"), "pin_again", "pin_mismatch"),
    ],
)
def test_the_field_is_named_when_a_detail_is_wrong(details: acts.GiveDetails, field: str, notice: str) -> None:
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    visit, _ = walked(visit, acts.GiveConsent(given=True, over_15=True), details)

    assert visit.state is State.ENROL_DETAILS
    assert visit.joining is not None
    assert visit.joining.problem_field == field
    assert visit.notice is not None
    assert visit.notice.code == notice


def test_the_consent_receipt_shows_when_three_captures_are_sealed() -> None:
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    details = acts.GiveDetails("Lina Durand", "0612345678", "2580", "2580")
    visit, effects = walked(visit, acts.GiveConsent(given=True, over_15=True), details)
    (begin,) = effects
    assert isinstance(begin, BeginCapture)

    visit, effects = walked(visit, events.FaceSealed(begin.look_id, "sface", "c2VhbGVk", 3))
    assert asked(effects) == [calls.FetchReferences("")]
    assert DropFaces() not in effects  # the captured face is still to be compared with those on file
    visit, effects = searched(visit)
    call = asked(effects)[-1]
    assert isinstance(call, calls.Enrol)
    assert (call.reference_id, call.mode) == (begin.reference_id, "gallery")
    assert DropFaces() in effects
    visit, _ = walked(visit, answered(call, an_enrolment()))

    assert visit.state is State.ENROL_DONE
    assert visit.joining is None


@pytest.mark.parametrize(
    ("state", "locale"), [(State.ENROL_DONE, "zh"), (State.WITHDRAWN, "zh"), (State.RECEIPT, "fr")]
)
def test_the_language_stays_only_when_the_same_person_goes_on(state: State, locale: str) -> None:
    visit, _ = walked(a_visit(state=state, locale="zh"), acts.NewVisit())

    assert (visit.state, visit.locale) == (State.WELCOME, locale)


def searched(visit: Visit, *alike: Alike) -> tuple[Visit, list[Effect]]:
    """Let the only page of those on file be compared."""
    assert visit.joining is not None
    assert visit.joining.sealed is not None
    look_id = visit.joining.sealed.look_id
    page = answered(calls.FetchReferences(visit.joining.asked_after), events.References((CANDIDATE,), None))
    return walked(visit, page, events.AlikeFound(look_id, alike))


CANDIDATE = Candidate("ref-7", "sface", "AA")


def captured(*, own_key: bool = False) -> Visit:
    """Return a visit whose last capture was just sealed."""
    visit, _ = walked(welcomed(), acts.StartEnrolment(), answered(calls.FetchConsent("fr"), a_consent()))
    details = acts.GiveDetails("Lina Durand", "0612345678", "2580", "2580", own_key)
    visit, _ = walked(visit, acts.GiveConsent(given=True, over_15=True), details)
    assert visit.look is not None
    card = CARD if own_key else None
    visit, _ = walked(visit, events.FaceSealed(visit.look.look_id, "sface", "c2VhbGVk", 3, card))
    return visit


CARD = "SESAME:K:" + "A" * 52


def test_every_page_is_compared_when_many_are_on_file() -> None:
    visit = captured()
    first, second = Alike("ref-2", 0.45, pin_always=False), Alike("ref-7", 0.6, pin_always=True)
    assert visit.joining is not None
    look_id = visit.joining.sealed.look_id if visit.joining.sealed else ""

    visit, effects = walked(visit, answered(calls.FetchReferences(""), events.References((CANDIDATE,), "ref-7")))
    assert effects == [SearchAlike(look_id, (CANDIDATE,))]
    visit, effects = walked(visit, events.AlikeFound(look_id, (first,)))
    assert asked(effects) == [calls.FetchReferences("ref-7")]
    visit, effects = searched(visit, second)

    call = asked(effects)[-1]
    assert isinstance(call, calls.Enrol)
    assert call.look_alikes == (second, first)


def test_the_search_goes_on_when_the_network_is_back_and_the_button_is_pressed() -> None:
    visit = captured()
    visit, effects = walked(visit, events.Unreached(calls.FetchReferences(""), kept=False, waiting=0))
    assert DropFaces() not in effects

    visit, effects = walked(visit, acts.Capture())
    assert asked(effects) == [calls.FetchReferences("")]
    _, effects = searched(visit)

    assert isinstance(asked(effects)[-1], calls.Enrol)


def test_nothing_of_the_face_stays_when_the_shopper_leaves_during_the_search() -> None:
    visit, effects = walked(captured(own_key=True), acts.Back())

    assert DropFaces() in effects
    assert visit.card is None


def enrolled_now(*, own_key: bool = False) -> Visit:
    visit, effects = searched(captured(own_key=own_key))
    visit, _ = walked(visit, answered(asked(effects)[-1], an_enrolment()))
    return visit


@pytest.mark.parametrize("own_key", [False, True])
def test_the_one_who_joined_is_looked_for_when_they_test_it(*, own_key: bool) -> None:
    visit = enrolled_now(own_key=own_key)
    own = visit.own_reference
    assert own is not None

    visit, effects = walked(visit, acts.TestFace())
    assert visit.state is State.ENROL_TEST
    assert asked(effects) == [calls.FetchCandidates(None, "5678")]
    visit, effects = walked(visit, answered(asked(effects)[0], events.Candidates((CANDIDATE,))))
    (begin,) = effects
    assert isinstance(begin, BeginLook)
    assert begin.card == (CARD if own_key else None)
    visit, effects = walked(visit, events.FaceRecognised(begin.look_id, own, an_evidence()))

    assert (visit.state, visit.tested) == (State.ENROL_DONE, "recognised")
    assert asked(effects) == []  # nobody pays
    assert "test_face" not in possible(visit)
    assert (visit.card is not None) == own_key


@pytest.mark.parametrize("end", ["other", "stranger", "ambiguous", "not alive", "late", "refused", "unreached", "lost"])
def test_the_test_says_not_when_nobody_or_somebody_else_was_found(end: str) -> None:
    visit, effects = walked(enrolled_now(), acts.TestFace())
    (call,) = asked(effects)
    assert visit.look is not None
    look_id = visit.look.look_id
    told: dict[str, events.Event] = {
        "other": events.FaceRecognised(look_id, "somebody", an_evidence()),
        "stranger": events.FaceStranger(look_id),
        "ambiguous": events.FaceAmbiguous(look_id),
        "not alive": events.LivenessFailed(look_id),
        "late": events.Ticked(),
        "refused": events.Refused(call, "too_many_requests", {}),
        "unreached": events.Unreached(call, kept=False, waiting=0),
        "lost": events.FaceOutOfOrder(),
    }

    visit, _ = walked(visit, told[end], now=after(13))

    assert visit.state is State.ENROL_DONE
    assert visit.tested == ("not" if end != "lost" else "")
    assert visit.face_failures == 0  # a test is no try to pay


def test_the_screen_flashes_when_somebody_looks_and_a_turn_is_asked_when_they_prefer_it() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None
    assert visit.look.challenge == "flash"

    visit, effects = walked(visit, acts.ChooseChallenge("turn"))
    assert visit.look is not None
    assert visit.look.challenge.startswith("turn_")
    assert asked(effects) == [calls.FetchCandidates("basket-1", "5678")]
    again, _ = walked(at(State.DIGITS), acts.ChooseChallenge("turn"), acts.GiveDigits("5678"))

    assert again.look is not None
    assert again.look.challenge.startswith("turn_")


def test_there_is_time_for_the_turn_when_it_takes_the_place_of_the_flashes() -> None:
    visit, _ = walked(at(State.DIGITS), acts.GiveDigits("5678"))
    assert visit.look is not None

    visit, _ = walked(visit, events.ChallengeChanged(visit.look.look_id, "turn_left"), now=after(10))
    visit, _ = walked(visit, events.Ticked(), now=after(13))

    assert visit.state is State.LOOKING
    assert visit.look is not None
    assert (visit.look.running, visit.look.challenge) == (True, "turn_left")


@pytest.mark.parametrize("state", [State.METHOD, State.REVIEW, State.DIGITS])
def test_the_card_opens_the_look_when_it_is_shown_before_paying(state: State) -> None:
    visit, effects = walked(at(state), events.CodeRead(CARD, "qr"))
    assert (visit.state, visit.card, effects) == (State.DIGITS, CARD, [])
    visit, effects = walked(visit, acts.GiveDigits("5678"))

    _, effects = walked(visit, answered(asked(effects)[0], events.Candidates((CANDIDATE,))))

    (begin,) = effects
    assert isinstance(begin, BeginLook)
    assert begin.card == CARD
    assert CARD not in repr(begin)


@pytest.mark.parametrize("typed", [False, True])
def test_the_card_goes_nowhere_when_it_is_shown_while_shopping(*, typed: bool) -> None:
    shown: events.Event = acts.Scan(CARD.lower()) if typed else events.CodeRead(CARD, "qr")

    visit, effects = walked(shopping(), shown)

    assert effects == []
    assert visit.last_code is None
    assert visit.card is None
    assert visit.notice is not None
    assert visit.notice.code == "face_card_later"


def test_the_number_is_asked_again_when_it_is_known_already() -> None:
    visit, effects = searched(captured())

    visit, _ = walked(visit, events.Refused(asked(effects)[-1], "phone_known", {}))

    assert visit.state is State.ENROL_DETAILS
    assert visit.joining is not None
    assert visit.joining.problem_field == "phone"


def test_the_erasure_receipt_shows_when_a_face_is_forgotten() -> None:
    visit, effects = walked(welcomed(), acts.StartWithdrawal(), acts.ConfirmWithdrawal("0612345678", "2580"))
    (call,) = asked(effects)
    assert isinstance(call, calls.Erase)

    visit, _ = walked(visit, answered(call, an_erasure(call.key)))

    assert visit.state is State.WITHDRAWN


def test_opened_references_are_forgotten_before_it_is_acknowledged_when_a_face_is_erased() -> None:
    _, effects = walked(at(State.LOOKING, look=Look("l")), events.FaceErased("e-1", ("ref-1",)))

    assert effects[0] == ForgetReferences(("ref-1",))
    (call,) = asked(effects)
    assert isinstance(call, calls.AcknowledgeErasure)


# --- time and network ------------------------------------------------------------------------------------------------


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


# --- a basket ahead of the first code --------------------------------------------------------------------------------


def test_the_basket_is_open_already_when_the_first_code_is_read() -> None:
    visit, effects = walked(welcomed(), events.Approached(), events.Approached())
    (opening,) = asked(effects)
    assert isinstance(opening, calls.CreateBasket)
    assert record_of(visit) is None  # nobody shops yet: after a crash the kiosk greets

    visit, effects = walked(visit, events.CodeRead(MILK, "ean13"))

    (line,) = asked(effects)
    assert isinstance(line, calls.AddLine)
    assert line.basket_id == visit.basket_id == opening.basket_id
    assert visit.spare is None


def test_the_spare_basket_serves_the_next_shopper_when_nobody_used_it() -> None:
    visit, effects = walked(welcomed(), acts.OpenSearch(), acts.Back())
    opening, _ = asked(effects)

    visit, effects = walked(visit, events.Approached(), events.CodeRead(MILK, "ean13"))

    assert visit.basket_id == getattr(opening, "basket_id", "")
    assert [type(call) for call in asked(effects)] == [calls.AddLine]


def test_the_spare_basket_is_put_away_when_nobody_comes() -> None:
    visit, effects = walked(welcomed(), events.Approached())
    (opening,) = asked(effects)
    assert isinstance(opening, calls.CreateBasket)

    visit, effects = walked(visit, events.Ticked(), now=after(301))

    (gone,) = asked(effects)
    assert isinstance(gone, calls.AbandonBasket)
    assert gone.basket_id == opening.basket_id
    assert visit.spare is None


@pytest.mark.parametrize("why", ["refused", "stale"])
def test_the_first_code_opens_a_basket_of_its_own_when_the_spare_one_is_no_use(why: str) -> None:
    visit, effects = walked(welcomed(), events.Approached())
    (opening,) = asked(effects)
    if why == "refused":
        visit, _ = walked(visit, events.Refused(opening, "unexpected", {}))
        assert visit.notice is None

    visit, effects = walked(visit, events.CodeRead(MILK, "ean13"), now=after(301))

    assert [type(call) for call in asked(effects)] == [calls.CreateBasket, calls.AddLine]
    assert visit.basket_id != getattr(opening, "basket_id", "")


def test_no_basket_is_opened_ahead_when_the_network_is_away_or_somebody_shops() -> None:
    assert asked(walked(welcomed(online=False), events.Approached())[1]) == []
    assert asked(walked(shopping(), events.Approached())[1]) == []


# --- without a network, and with a payment that does not end ---------------------------------------------------------


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
    visit, effects = walked(at(State.CODE), acts.Identify("2580", phone="0612345678"))
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


# --- a second code on a pack -----------------------------------------------------------------------------------------

STICKER = f"010{MILK}3922099"


def test_the_sticker_betters_the_line_when_it_is_read_after_its_pack() -> None:
    visit, effects = walked(shopping(), events.CodeRead(STICKER, "databar", same_pack=True))
    (call,) = asked(effects)
    line = a_line(line_id="l-1", code=MILK, label_price_minor=99)

    visit, _ = walked(visit, answered(call, events.BasketNow(a_basket(version=9, lines=(line,)), "l-1")))

    assert isinstance(call, calls.AddLine)
    assert (call.code, call.same_pack) == (STICKER, True)
    assert visit.notice is not None
    assert (visit.notice.code, visit.notice.facts) == ("sticker_counts", {"name": line.name, "price_minor": 99})
    assert visit.last_scan is not None
    assert (visit.last_scan.outcome, visit.last_scan.line_id) == ("added", "l-1")


@pytest.mark.parametrize(
    ("text", "symbology"),
    [(f"https://brand.example/01/0{MILK}", "qr"), (MILK, "ean13"), ("2112345012506", "ean13"), ("HELLO", "qr")],
)
def test_nothing_is_asked_when_a_second_code_of_a_pack_says_no_more_of_it(text: str, symbology: str) -> None:
    visit = shopping()

    after_it, effects = walked(visit, events.CodeRead(text, symbology, same_pack=True))

    assert asked(effects) == []
    assert (after_it.last_code, after_it.notice, after_it.basket) == (visit.last_code, visit.notice, visit.basket)


def test_the_pack_is_taken_out_again_when_its_second_code_says_that_it_is_too_old() -> None:
    line = a_line(line_id="l-1", sku="milk", code=MILK, quantity=2)
    visit = replace(shopping(), basket=a_basket(lines=(line,)))
    visit, effects = walked(visit, events.CodeRead(f"010{MILK}17200101", "]d2", same_pack=True))
    (call,) = asked(effects)
    facts: dict[str, str | int] = {"sku": "milk", "detail": "its use-by date was 2020-01-01"}

    visit, effects = walked(visit, events.Refused(call, "sale_stop", facts))

    (less,) = asked(effects)
    assert isinstance(less, calls.ChangeQuantity)
    assert (less.line_id, less.quantity) == ("l-1", 1)
    assert visit.notice is not None
    assert visit.notice.code == "sale_stop"


def test_the_next_pack_stays_when_it_was_read_before_the_one_before_it_is_taken_out_again() -> None:
    visit = replace(shopping(), basket=a_basket(lines=(a_line(line_id="l-1", sku="milk", code=MILK, quantity=1),)))
    visit, effects = walked(visit, events.CodeRead(f"010{MILK}17200101", "]d2", same_pack=True))
    (too_old,) = asked(effects)
    visit, effects = walked(replace(visit, last_code=None), acts.Scan(MILK))
    (scan,) = asked(effects)
    assert isinstance(scan, calls.AddLine)
    visit, _ = walked(visit, events.Refused(too_old, "sale_stop", {"sku": "milk"}))

    _, effects = walked(visit, events.Foreseen(scan, "l-1", ()))

    (again,) = asked(effects)  # the store hears of the quantity after the scan, which would be gone with the line
    assert isinstance(again, calls.AddLine)
    assert (again.code, again.key == scan.key) == (MILK, False)


def test_nothing_is_taken_out_when_a_refused_pack_put_nothing_in() -> None:
    visit, effects = walked(shopping(), events.CodeRead(f"010{MILK}17200101", "]d2", same_pack=True))
    (call,) = asked(effects)

    _, effects = walked(replace(visit, basket=None), events.Refused(call, "recalled", {"sku": "milk"}))

    assert asked(effects) == []


def test_the_issue_goes_to_the_store_when_bars_beside_a_code_were_read() -> None:
    _, effects = walked(shopping(), events.CodeRead("977123456700307", "]E3"))

    (call,) = asked(effects)
    assert isinstance(call, calls.AddLine)
    assert (call.code, call.symbology, call.same_pack) == ("977123456700307", "]E3", False)

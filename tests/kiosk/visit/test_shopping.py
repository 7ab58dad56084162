"""A visit while goods are laid in: codes, hints, coupons, ages, and second codes of a pack."""

from dataclasses import replace

import pytest

from kiosk.ui.screens import screen_of
from kiosk.visit import acts, calls, events
from kiosk.visit.possible import possible
from kiosk.visit.record import LastSeen, VisitRecord
from kiosk.visit.states import State
from kiosk.visit.step import step
from kiosk.visit.values import Problem
from kiosk.visit.visit import Look, Visit, record_of, sure
from tests.kiosk.builders import (
    MILK,
    NOON,
    a_basket,
    a_coupon_on_it,
    a_hit,
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


def test_it_is_said_to_scan_again_when_a_digit_is_wrong() -> None:
    visit, effects = walked(shopping(), acts.Scan("3017620422004"))

    visit, effects = walked(visit, events.Refused(asked(effects)[0], "malformed_code", {}))

    assert visit.notice is not None
    assert visit.last_scan is not None
    assert (visit.notice.code, visit.last_scan.outcome, effects) == ("code_misread", "misread", [])


def test_an_unknown_code_is_no_coupon_when_it_begins_as_gs1_coupons_do() -> None:
    visit, effects = walked(shopping(), acts.Scan("9912345678909"))

    visit, effects = walked(visit, events.Refused(asked(effects)[0], "coupon_not_found", {}))

    assert visit.notice is not None
    assert visit.last_scan is not None
    assert (visit.notice.code, visit.notice.facts["code"]) == ("unknown_code", "9912345678909")
    assert (visit.last_scan.outcome, effects) == ("unknown", [])


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

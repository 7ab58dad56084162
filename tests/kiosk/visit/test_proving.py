"""A newcomer shows by a code that the number is theirs, before a face is looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kiosk.visit import acts, calls, events
from kiosk.visit.effects import BeginCapture, Effect
from kiosk.visit.states import State
from kiosk.visit.values import PhoneCode
from kiosk.visit.visit import Joining, Visit
from tests.kiosk.builders import NOON, a_consent, a_store, asked, walked, welcomed

DETAILS = acts.GiveDetails("Lina Durand", "0612345678", "2718", "2718")
NUMBER = "+33612345678"


def detailed(details: acts.GiveDetails = DETAILS, *, phone_codes: str = "required") -> tuple[Visit, list[Effect]]:
    """Return a visit whose shopper has said who they are, in a store that wants numbers proven."""
    visit = replace(welcomed(), store=replace(a_store(), phone_codes=phone_codes))
    visit, _ = walked(visit, acts.StartEnrolment(), events.Answered(calls.FetchConsent("fr"), a_consent()))
    return walked(visit, acts.GiveConsent(given=True, over_15=True), details)


def the_call(effects: list[Effect]) -> calls.AskPhoneCode:
    (call,) = asked(effects)
    assert isinstance(call, calls.AskPhoneCode)
    return call


def a_code(call: calls.AskPhoneCode) -> PhoneCode:
    return PhoneCode(call.key, "*** 5678", NOON + timedelta(minutes=10))


def sent() -> Visit:
    """Return a visit that waits for the digits."""
    visit, effects = detailed()
    visit, _ = walked(visit, events.Answered(the_call(effects), a_code(the_call(effects))))
    return visit


def joining_of(visit: Visit) -> Joining:
    assert visit.joining is not None
    return visit.joining


def said(visit: Visit) -> str:
    assert visit.notice is not None
    return visit.notice.code


def proven() -> tuple[Visit, list[Effect]]:
    visit, effects = walked(sent(), acts.GivePhoneCode("482913"))
    (call,) = asked(effects)
    return walked(visit, events.Answered(call, events.Accepted()))


def test_the_camera_stays_dark_when_the_number_is_not_proven_yet() -> None:
    visit, effects = detailed()

    assert visit.state is State.ENROL_CODE
    assert (the_call(effects).phone, the_call(effects).locale) == (NUMBER, "fr")
    assert "482913" not in repr(calls.ProvePhoneCode("c-1", "482913"))
    assert NUMBER not in repr(the_call(effects))


def test_no_code_is_asked_for_when_the_store_wants_none() -> None:
    visit, effects = detailed(phone_codes="offered")

    assert visit.state is State.ENROL_CAPTURE
    assert isinstance(effects[0], BeginCapture)


def test_the_camera_opens_and_the_proof_goes_along_when_the_code_was_right() -> None:
    visit, effects = proven()

    (begin,) = effects
    assert isinstance(begin, BeginCapture)
    assert visit.state is State.ENROL_CAPTURE
    visit, _ = walked(visit, events.FaceSealed(begin.look_id, "sface", "c2VhbGVk", 3))
    page = events.Answered(calls.FetchReferences(""), events.References((), None))
    _, effects = walked(visit, page, events.AlikeFound(begin.look_id, ()))
    call = asked(effects)[-1]
    assert isinstance(call, calls.Enrol)
    assert call.phone_code_id == joining_of(visit).proven


@pytest.mark.parametrize(
    ("code", "facts", "notice"),
    [
        ("phone_code_wrong", {"attempts_left": 4}, "phone_code_wrong"),
        ("phone_code_over", {}, "phone_code_over"),
        ("too_many_requests", {}, "unexpected"),
    ],
)
def test_the_shopper_may_try_again_when_the_code_was_not_right(code: str, facts: dict[str, int], notice: str) -> None:
    visit, effects = walked(sent(), acts.GivePhoneCode("111111"))
    (call,) = asked(effects)

    visit, effects = walked(visit, events.Refused(call, code, dict(facts)))

    assert (visit.state, said(visit), asked(effects)) == (State.ENROL_CODE, notice, [])
    assert (joining_of(visit).code is None) is (code == "phone_code_over")  # only another one can be right then


def test_another_code_is_asked_for_and_the_first_holds_meanwhile_when_none_came() -> None:
    first = joining_of(sent()).code
    visit, effects = walked(sent(), acts.ResendCode())
    call = the_call(effects)
    assert first is not None
    assert call.key != first.phone_code_id

    refused = events.Refused(call, "too_many_requests", {"retry_after_seconds": 29})
    visit, _ = walked(visit, refused)

    assert (said(visit), joining_of(visit).code) == ("phone_code_wait", first)
    assert visit.notice is not None
    assert visit.notice.facts == {"minutes": 1}


@pytest.mark.parametrize("code", ["message_not_sent", "messages_spent", "internal"])
def test_the_shopper_reads_that_nothing_went_out_when_the_messenger_is_away(code: str) -> None:
    visit, effects = detailed()

    visit, _ = walked(visit, events.Refused(the_call(effects), code, {}))
    _, effects = walked(visit, acts.ResendCode())

    assert (visit.state, said(visit)) == (State.ENROL_CODE, "phone_code_not_sent")
    assert the_call(effects).phone == NUMBER


def test_the_number_is_asked_for_again_when_the_store_cannot_read_it() -> None:
    visit, effects = detailed()

    visit, _ = walked(visit, events.Refused(the_call(effects), "malformed_phone", {}))

    assert (visit.state, said(visit)) == (State.ENROL_DETAILS, "phone_malformed")
    assert (joining_of(visit).problem_field, joining_of(visit).name) == ("phone", "Lina Durand")


def test_the_shopper_reads_that_the_network_is_away_when_a_code_cannot_be_asked_for_or_tried() -> None:
    first, effects = detailed()
    first, _ = walked(first, events.Unreached(the_call(effects), kept=False, waiting=0))
    second, effects = walked(sent(), acts.GivePhoneCode("482913"))
    second, _ = walked(second, events.Unreached(asked(effects)[0], kept=False, waiting=0))

    assert [said(first), said(second)] == ["phone_code_offline"] * 2
    _, again = walked(first, acts.ResendCode())
    assert the_call(again).phone == NUMBER
    _, again = walked(second, acts.GivePhoneCode("482913"))
    assert asked(again) == asked(effects)  # the code before still holds: the same question is asked again


def test_no_second_message_goes_out_when_the_shopper_only_looked_back_at_the_fields() -> None:
    visit, effects = walked(sent(), acts.Back(), DETAILS)

    assert (visit.state, asked(effects)) == (State.ENROL_CODE, [])


def test_another_number_is_proven_anew_when_it_was_changed_after_the_proof() -> None:
    visit, _ = proven()
    same, effects = walked(visit, acts.Back(), DETAILS)
    assert (same.state, len(asked(effects))) == (State.ENROL_CAPTURE, 0)

    other, effects = walked(visit, acts.Back(), replace(DETAILS, phone="0687654321"))

    assert (other.state, the_call(effects).phone) == (State.ENROL_CODE, "+33687654321")
    assert joining_of(other).proven is None


def test_an_answer_moves_nothing_when_it_is_of_a_code_that_nobody_waits_for() -> None:
    visit, effects = detailed()
    old = the_call(effects)
    visit, _ = walked(visit, events.Refused(old, "message_not_sent", {}), acts.ResendCode())

    late, _ = walked(visit, events.Answered(old, a_code(old)))
    gone, _ = walked(welcomed(), events.Answered(calls.ProvePhoneCode(old.key, "482913"), events.Accepted()))
    refused, _ = walked(welcomed(), events.Refused(old, "message_not_sent", {}))
    wrong, _ = walked(welcomed(), events.Refused(calls.ProvePhoneCode("c", "482913"), "phone_code_wrong", {}))
    away, _ = walked(welcomed(), events.Unreached(old, kept=False, waiting=0))

    assert joining_of(late).code is None
    assert {one.state for one in (gone, refused, wrong, away)} == {State.WELCOME}


def test_the_code_is_asked_for_after_the_pictures_when_the_kiosk_was_not_told_before() -> None:
    visit, effects = detailed(phone_codes="offered")
    (begin,) = effects
    assert isinstance(begin, BeginCapture)
    visit, _ = walked(visit, events.FaceSealed(begin.look_id, "sface", "c2VhbGVk", 3))
    page = events.Answered(calls.FetchReferences(""), events.References((), None))
    visit, effects = walked(visit, page, events.AlikeFound(begin.look_id, ()))
    enrol = asked(effects)[-1]

    visit, effects = walked(visit, events.Refused(enrol, "phone_unproven", {}))

    assert (visit.state, said(visit)) == (State.ENROL_CODE, "phone_unproven")
    assert the_call(effects).phone == NUMBER
    assert joining_of(visit).sealed is None
